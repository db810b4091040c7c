from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from ovtui.core.reports.svg import Bar, Whisker, bar_chart, interval_chart
from ovtui.core.reports.svg_scatter import Dot, scatter_chart
from tests.support.sample_result import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def test_bars() -> None:
    chart = bar_chart(
        "Size, MiB", [Bar("fp32", 8.0, "8.00"), Bar("int8", 4.0, "4.00"), Bar("x", None, "none")]
    )
    tree = ElementTree.fromstring(chart)
    widths = [float(bar.get("width", "")) for bar in tree.iter(f"{SVG}rect")]
    assert len(widths) == 2 and widths[0] == 2 * widths[1]
    assert [text.text for text in tree.iter(f"{SVG}text")][1::2] == ["8.00", "4.00", "none"]


def test_hostile_names_stay_text() -> None:
    for chart in (
        bar_chart(HOSTILE[1], [Bar(name, 1.0, name) for name in HOSTILE]),
        scatter_chart([Dot(name, 1.0, 0.5, name) for name in HOSTILE], HOSTILE[1], HOSTILE[4]),
    ):
        tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(chart).iter()}
        assert tags <= {"svg", "title", "text", "rect", "line", "circle", "polyline", "g"}


def test_scatter_joins_the_front_and_turns_the_axis() -> None:
    dots = [Dot("a", 1.0, 0.2, ""), Dot("b", 2.0, 0.1, ""), Dot("c", 2.5, 0.3, "")]
    up = ElementTree.fromstring(scatter_chart(dots, "ms", "accuracy"))
    down = ElementTree.fromstring(scatter_chart(dots, "ms", "wer", higher_is_better=False))
    fronts = [next(tree.iter(f"{SVG}polyline")).get("points", "").split(" ") for tree in (up, down)]
    heights = [[float(c.get("cy", "")) for c in tree.iter(f"{SVG}circle")] for tree in (up, down)]
    assert [len(front) for front in fronts] == [2, 2]
    assert heights[0][2] < heights[0][0] < heights[0][1]
    assert heights[1][1] < heights[1][0] < heights[1][2]


@pytest.mark.parametrize("spread", [0.0, 0.02])
def test_labels_of_dots_that_are_close_cover_nothing(spread: float) -> None:
    names = ["fp32", "bf16", "int8", "int8 weights", "int4 weights", "int8 α=0.5"]
    dots = [Dot(name, 2 + spread * n, 0.9 - spread / 9 * n, "") for n, name in enumerate(names)]
    tree = ElementTree.fromstring(scatter_chart([*dots, Dot("far", 4.0, 0.5, "")], "ms", "f1"))
    boxes = [
        (float(text.get("x", "")), float(text.get("y", "")) - 12, 7.5 * len(text.text or ""))
        for text in tree.iter(f"{SVG}text")
        if text.text in names
    ]
    circles = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in tree.iter(f"{SVG}circle")]
    assert len(boxes) == len(names)
    for index, (left, top, width) in enumerate(boxes):
        for x, y in circles:
            assert not (left < x < left + width and top < y < top + 15)
        for other, below, long in boxes[index + 1 :]:
            apart = left + width <= other or other + long <= left
            assert apart or top + 15 <= below or below + 15 <= top


def test_changes_stand_beside_zero_and_the_limit() -> None:
    rows = [
        Whisker("int8", -0.004, (-0.009, 0.001), "-0.0040"),
        Whisker("w", 0.0, (0.0, 0.0), "0"),
    ]
    tree = ElementTree.fromstring(interval_chart("Change", rows, [-0.01]))
    x = {it.text: float(it.get("x", "")) for it in tree.iter(f"{SVG}text") if it.text}
    circle = next(tree.iter(f"{SVG}circle"))
    assert x["-0.0100"] < float(circle.get("cx", "")) < x["0"]
    ElementTree.fromstring(interval_chart("nothing", [rows[1]], []))


def test_no_tick_of_a_scatter_is_a_number_that_no_metric_has() -> None:
    dots = [Dot("a", 0.5, 0.0, ""), Dot("b", 1.0, 1.0, "")]
    numbers = re.findall(r">(-?\d+\.\d+)</text>", scatter_chart(dots, "ms", "accuracy"))
    assert numbers and all(0 <= float(number) <= 1 for number in numbers)
