"""Boxes over a sample's picture: whose they are, where they lie, and what is never drawn."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PIL import Image

from ovtui.core.results.objects import DetectedObject
from ovtui.core.results.prediction import DetectionPrediction
from ovtui.core.results.result import Result, Sample
from ovtui.tui.boxes import Frames, Overlay, overlay
from ovtui.tui.picture import drawn, frame, thumbnail
from tests.support.sample_result import sample_result

WHITE, GREY = (255, 255, 255), (128, 128, 128)


def _objects(*boxes: tuple[float, float, float, float]) -> DetectionPrediction:
    return DetectionPrediction(objects=[DetectedObject(label="a", box=box) for box in boxes])


def _result(sample: Sample) -> Result:
    return msgspec.structs.replace(sample_result(), samples=[sample])


def _sample(**changes: object) -> Sample:
    first = Sample(
        id="1",
        input={"image": "samples/1.png", "size": [80, 40]},
        reference=_objects((0, 0, 79, 39)),
        predictions={"fp32": _objects((20, 10, 60, 30)), "int8": _objects()},
    )
    return msgspec.structs.replace(first, **changes)


def test_a_box_lies_where_it_is_in_the_picture_that_came() -> None:
    over = overlay(_sample(), _result(_sample()))
    assert over is not None
    assert [(it.letter, it.name) for it in over.frames] == [
        ("", "right answer"), ("A", "fp32"), ("C", "int8"),
    ]  # fmt: skip
    picture = Image.new("RGB", (40, 20))  # half as large as it came
    frame(picture, over)
    assert picture.getpixel((0, 10)) == GREY
    assert [x for x in range(40) if picture.getpixel((x, 10)) == WHITE] == [11, 29]
    assert [y for y in range(20) if picture.getpixel((20, y)) == WHITE] == [6, 14]
    assert over.legend().plain.split() == [
        "boxes", "grey", "right", "answer", "A", "fp32", "C", "int8",
    ]  # fmt: skip


def test_variants_have_colours_of_their_own_and_one_does_not_hide_the_other() -> None:
    same = _objects((20, 10, 60, 30))
    sample = _sample(reference=None, predictions={"fp32": same, "int8": same})
    over = overlay(sample, _result(sample))
    assert over is not None
    colours = [frames.rgb for frames in over.frames]
    picture, small = Image.new("RGB", (480, 240)), Image.new("RGB", (80, 40))
    frame(picture, over)
    found = {picture.getpixel((x, 120)) for x in range(480)}
    assert len(set(colours)) == 2 and set(colours) <= found
    frame(small, over)  # has no room for two
    assert {small.getpixel((x, 20)) for x in range(80)} == {(0, 0, 0), colours[0]}


def test_letters_stand_in_boxes_where_they_can_be_read() -> None:
    frames = [Frames("B", "int8", "bright_cyan", _objects((10, 10, 200, 200)).objects)]
    small, large = Image.new("RGB", (100, 100)), Image.new("RGB", (400, 400))
    for picture in (small, large):
        frame(picture, Overlay((400, 400), frames))
    assert not any(any(small.crop((4, 4, 40, 40)).tobytes()) for _ in range(1))
    assert any(large.crop((12, 11, 24, 30)).tobytes()), "a letter"


@pytest.mark.parametrize(
    "box", [(-50, -50, -10, -10), (70, 30, 1e12, 1e300), (30, 30, 10, 10), (5, 5, 5, 5)]
)
def test_boxes_beyond_the_picture_end_at_its_edge(box: tuple[float, float, float, float]) -> None:
    frames = [Frames("A", "fp32", "", _objects(box).objects)] * 4
    frame(Image.new("RGB", (40, 32)), Overlay((80, 40), frames))


@pytest.mark.parametrize("size", [None, "80x40", [80], [0, 40], [-1, 2], ["a", "b"], [1, None]])
def test_without_the_size_that_boxes_are_counted_in_none_is_drawn(size: object) -> None:
    sample = _sample(input={"image": "samples/1.png", "size": size})
    assert overlay(sample, _result(sample)) is None


def test_pictures_have_them_as_blocks_and_as_graphics(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (80, 40)).save(path)
    over = overlay(_sample(), _result(_sample()))
    blocks = thumbnail(path, 40, 10, over)
    assert any("#ffffff" in str(span.style) for row in blocks for span in row.spans)
    assert drawn(path, "kitty", over) != drawn(path, "kitty")
    assert drawn(path, "sixel", over) != drawn(path, "sixel")
