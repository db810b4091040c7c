"""Masks over a picture: outlines, and what each variant changed, in its colour."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ovtui.core.results.class_regions import Region, SmallMap
from ovtui.core.results.prediction import MaskPrediction
from ovtui.core.results.result import Result, Sample
from ovtui.tui.boxes import RIGHT
from ovtui.tui.masks import mask_overlay
from ovtui.tui.picture import drawn, frame, thumbnail
from tests.support.sample_result import sample_result


def _mask(*rows: tuple[int, int]) -> MaskPrediction:
    """A map of 80x80 pixels, some of whose rows are road."""
    pixels = bytes(any(a <= y < b for a, b in rows) for y in range(80) for _ in range(80))
    regions = [Region(label="sky", share=0.5), Region(label="road", share=0.5)]
    return MaskPrediction(regions=regions, map=SmallMap.of(80, 80, pixels))


def _sample() -> Sample:
    said = {"fp32": _mask((60, 80)), "int8": _mask((40, 80))}
    return Sample(id="1", input={}, reference=_mask((70, 80)), predictions=said)


def _result() -> Result:
    return sample_result(samples=[_sample()])


def test_each_mask_is_drawn_in_its_variants_colour() -> None:
    over = mask_overlay(_sample(), _result())
    assert over is not None
    picture = Image.new("RGB", (400, 400))
    frame(picture, over)
    right, baseline, variant = (layer.rgb for layer in over.layers)
    assert right == RIGHT and len({right, baseline, variant}) == 3
    column = [picture.getpixel((390, y)) for y in range(400)]
    assert [y for y, it in enumerate(column) if it == variant] == [*range(200, 300)]
    assert column[349] == right, "an outline"
    assert over.legend().plain.split() == [
        "masks", "grey", "right", "answer:", "outline", "A", "fp32:", "outline",
        over.layers[2].letter, "int8:", "what", "it", "changed",
    ]  # fmt: skip


def test_letters_stand_where_they_can_be_read() -> None:
    over = mask_overlay(_sample(), _result())
    assert over is not None
    assert not any(stain.letter for stain in over.stains(80, 40))
    assert [stain.letter for stain in over.stains(400, 400)][1:] == [
        layer.letter for layer in over.layers[1:]
    ]


def test_what_has_no_masks_and_damaged_ones_draw_nothing() -> None:
    none = Sample(id="1", input={}, reference=None, predictions={})
    assert mask_overlay(none, _result()) is None
    broken = MaskPrediction(regions=[], map=SmallMap(width=9, height=9, packed=b"?"))
    over = mask_overlay(
        Sample(id="1", input={}, reference=broken, predictions={"fp32": broken}), _result()
    )
    assert over is not None and not list(over.stains(40, 40))


def test_pictures_have_them_as_blocks_and_as_graphics(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (80, 80)).save(path)
    over = mask_overlay(_sample(), _result())
    assert drawn(path, "kitty", over) != drawn(path, "kitty")
    assert drawn(path, "sixel", over) != drawn(path, "sixel")
    styles = [str(span.style) for row in thumbnail(path, 40, 16, over) for span in row.spans]
    assert len(set(styles)) == 3, "an outline, what changed, and the rest"
