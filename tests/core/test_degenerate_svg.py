"""SVG charts of too little, of equal, of missing and of extreme numbers: each as it is to look.

A kept file opens in a browser as the chart itself, one element a line.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from ovtui.core.files.reading import Damaged
from ovtui.core.reports.svg import Bar, Whisker, bar_chart, interval_chart
from ovtui.core.reports.svg_scatter import Dot, scatter_chart
from ovtui.core.results import result
from tests.support.kept import compare
from tests.support.sample_result import sample_result

FOLDER = Path(__file__).parent / "snapshots"
A, B = "fp32", "int8"
DRAWN = {
    "bars-none": bar_chart("Size, MiB", []),
    "bars-zero": bar_chart("Size, MiB", [Bar(A, 0.0, "0"), Bar(B, 0.0, "0")]),
    "bars-not-measured": bar_chart("Size, MiB", [Bar(A, None, "–"), Bar(B, 2.0, "2.00")]),
    "bars-worse": bar_chart("Accuracy", [Bar(A, -0.5, "-0.5"), Bar(B, 0.25, "0.25")]),
    "bars-extreme": bar_chart("Accuracy", [Bar(A, 1e300, "1e+300"), Bar(B, 1e-300, "1e-300")]),
    "intervals-none": interval_chart("Change", [], []),
    "intervals-zero": interval_chart("Change", [Whisker(A, 0.0, (0.0, 0.0), "0")], []),
    "intervals-worse": interval_chart(
        "Change", [Whisker(B, -0.5, (-0.5, -0.5), "-0.5000")], [-0.01]
    ),
    "scatter-none": scatter_chart([], "ms", "accuracy"),
    "scatter-one": scatter_chart([Dot(A, 2.0, 0.5, "2.00 ms")], "ms", "accuracy"),
    "scatter-zero": scatter_chart([Dot(A, 0.0, 0.0, "0")], "ms", "accuracy"),
    "scatter-equal": scatter_chart(
        [Dot(A, 2.0, 1.0, "", (1.0, 1.0)), Dot(B, 2.0, 1.0, "", (1.0, 1.0))], "ms", "accuracy"
    ),
    "scatter-worse": scatter_chart(
        [Dot(A, 2.0, -0.5, ""), Dot(B, 1.0, 0.25, "")], "ms", "correlation"
    ),
    "scatter-extreme": scatter_chart(
        [Dot(A, 1e300, 1e300, ""), Dot(B, 1e-300, 1e-300, "")], "ms", "score"
    ),
    "scatter-nearly-equal": scatter_chart(
        [Dot(A, 2.0, 1e6 + 1, ""), Dot(B, 1.0, 1e6, "")],
        "ms",
        "perplexity",
        higher_is_better=False,
    ),
}


@pytest.mark.parametrize("case", DRAWN)
def test_degenerate_numbers_have_their_picture(case: str) -> None:
    ElementTree.fromstring(DRAWN[case])
    compare(DRAWN[case].replace("><", ">\n<") + "\n", FOLDER / f"{case}.svg")


@pytest.mark.parametrize("case", DRAWN)
def test_all_of_a_degenerate_chart_is_within_its_frame(case: str) -> None:
    tree = ElementTree.fromstring(DRAWN[case])
    width, height = (float(tree.get(side, "")) for side in ("width", "height"))
    for across, down in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
        for element in tree.iter():
            assert 0 <= float(element.get(across, 0)) <= width
            assert 0 <= float(element.get(down, 0)) <= height
    assert re.search("nan|inf", DRAWN[case]) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "null"])
def test_what_is_no_number_reaches_no_chart(number: str, tmp_path: Path) -> None:
    """Charts draw what `result.json` says, whose reader refuses these."""
    path = tmp_path / "result.json"
    kept = result.encode(sample_result())
    said = re.sub(rb'"p50_ms": ?[\d.]+', f'"p50_ms":{number}'.encode(), kept, count=1)
    path.write_bytes(kept)
    assert result.read(path).variants and said != kept
    path.write_bytes(said)
    with pytest.raises(Damaged):
        result.read(path)
