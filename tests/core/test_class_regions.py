"""Small maps of classes: packed, scaled, compared, and outlined."""

from __future__ import annotations

import zlib

import pytest

from ovtui.core.reports.html_overlay import overlay
from ovtui.core.results.class_regions import (
    NONE,
    Region,
    SmallMap,
    differing,
    mean_iou,
    outline,
)
from ovtui.core.results.objects import DetectedObject
from ovtui.core.results.prediction import DetectionPrediction, MaskPrediction
from ovtui.core.results.result import Sample

SKY, ROAD = Region(label="sky", share=0.75), Region(label="road", share=0.25)


def mask(*rows: str, regions: tuple[Region, ...] = (SKY, ROAD)) -> MaskPrediction:
    """A mask of rows in which `0` and `1` are regions, and a dot is of none."""
    pixels = bytes(NONE if it == "." else int(it) for row in rows for it in row)
    return MaskPrediction(regions=[*regions], map=SmallMap.of(len(rows[0]), len(rows), pixels))


def test_a_map_is_unpacked_and_a_damaged_one_is_nothing() -> None:
    there = mask("0001", "0001").map
    assert there.regions == b"\0\0\0\1" * 2 and there.scaled(2, 4) == b"\0\1" * 4
    short = SmallMap(width=4, height=3, packed=there.packed)
    bomb = SmallMap(width=2, height=2, packed=zlib.compress(bytes(2**24)))
    huge = SmallMap(width=2**20, height=2**20, packed=b"")
    text = SmallMap(width=2, height=2, packed=b"text")
    assert not any(it.regions or it.scaled(3, 3) for it in (short, bomb, huge, text))


def test_maps_are_compared_by_the_names_of_their_classes() -> None:
    one, same = mask("0001"), mask("1110", regions=(ROAD, SKY))
    other = mask("00.1")
    pairs = [(it.regions, it.map.regions) for it in (one, same, other, mask("0011"))]
    assert mean_iou(pairs[0], pairs[1]) == 1 and mean_iou(pairs[0], pairs[2]) == 1
    assert mean_iou(pairs[0], pairs[3]) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert mean_iou(pairs[0], ([], b"")) is None
    assert differing(pairs[0], pairs[1]) == bytes(4)
    assert differing(pairs[0], pairs[3]) == b"\0\0\xff\0" and differing(pairs[0], ([], b"")) == b""
    assert not one.differs(same) and one.differs(mask("1110"))
    assert one.answer == "sky 75.0%, road 25.0%" and mask(".", regions=()).answer == "nothing"


def test_an_outline_is_where_regions_end() -> None:
    pixels = mask("0001", "0011").map.regions
    # Below the third pixel, and right of the sixth, is another region; a row's end is no edge.
    assert [it == 255 for it in outline(pixels, 4)] == [False, False, True, False] + [
        False, True, False, False,
    ]  # fmt: skip
    assert not any(outline(bytes(12), 4))


def test_a_page_has_masks_and_boxes_over_the_picture() -> None:
    said = {"fp32": mask("0001"), "int8": mask("0011")}
    sample = Sample(id="1", input={}, reference=mask("0001"), predictions={**said})
    drawing, whose = overlay(sample, ["fp32", "int8"])
    assert drawing.count("<path") == 3 and 'viewBox="0 0 4 1"' in drawing
    assert "M2 0h1v1H2z" in drawing and "right answer" in whose
    there = DetectionPrediction(objects=[DetectedObject(label="<b>", box=(1, 2, 5, 8))])
    boxes = Sample(
        id="1", input={"size": [9, 9]}, reference=None, predictions={"fp32": there, "w": there}
    )
    drawing, whose = overlay(boxes, ["fp32", "w"])
    assert drawing.count('<rect x="1.0" y="2.0" width="4.0" height="6.0"') == 2
    assert "<b>" not in drawing and whose.count("<span") == 2
    nothing = Sample(id="1", input={}, reference="frog", predictions={"fp32": there})
    assert overlay(nothing, ["fp32"]) == ("", "")
