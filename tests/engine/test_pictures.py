"""Pictures stored in every way: read as a person sees them, or refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ovtui.core.recipes.recipe import Preprocessing
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.levels import as_bytes
from ovtui.engine.data.pictures import by_shortest_edge, find_white, in_bytes, read_picture
from ovtui.engine.data.preprocessing import preprocess
from ovtui.engine.data.rows import Unusable
from tests.support.collected_images import SPLITS, collected
from tests.support.tiny import CLASSES

GREY = np.linspace(0, 255, 64, dtype=np.uint8).reshape(8, 8)
COLOUR = np.stack([GREY, GREY.T, 255 - GREY], axis=-1)


def _file(picture: Image.Image, kind: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def _seen(cell: Any) -> np.ndarray:
    return np.asarray(read_picture(cell, None).convert("RGB"))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_files_of_16_bits(kind: str) -> None:
    deep = _file(Image.fromarray(GREY.astype(np.uint16) * 257), kind)
    assert Image.open(io.BytesIO(deep)).mode.startswith("I;16")
    assert np.array_equal(_seen(deep), np.stack([GREY] * 3, axis=-1))


@pytest.mark.parametrize("white", [1, 255])
def test_files_of_floats(white: int) -> None:
    floats = _file(Image.fromarray((GREY / 255 * white).astype(np.float32)), "TIFF")
    assert np.array_equal(_seen(floats)[..., 0], GREY)


def test_files_are_turned_as_the_camera_was_held() -> None:
    upright = Image.fromarray(COLOUR)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    assert np.array_equal(_seen(_file(turned, "PNG", exif=exif)), COLOUR)


@pytest.mark.parametrize(
    "array",
    [
        COLOUR,
        COLOUR.transpose(2, 0, 1),
        COLOUR.astype(np.int64),
        COLOUR.astype(np.uint16),
        COLOUR.astype(np.uint16) * 257,
        COLOUR.astype(np.float64),
        (COLOUR / 255).astype(np.float32),
        (COLOUR / 255).astype(np.float16),
        COLOUR.tolist(),
    ],
)
def test_arrays_of_every_range(array: Any) -> None:
    assert np.abs(_seen(array).astype(int) - COLOUR).max() <= 1


def test_booleans_are_black_and_white() -> None:
    assert np.array_equal(_seen(GREY > 99)[..., 0], np.where(GREY > 99, 255, 0))


@pytest.mark.parametrize(
    "array",
    [COLOUR / 127.5 - 1, COLOUR / 16, COLOUR.astype(np.uint16) * 16, COLOUR.astype(np.int32) * 4],
)
def test_a_range_that_tells_nothing_is_refused(array: np.ndarray) -> None:
    with pytest.raises(SourceError, match="image: the pixels are numbers from .* to bytes"):
        read_picture(array, None)


@pytest.mark.parametrize(
    "cell", [[[1, 2], [3]], [["a"]], np.array([["a"]]), np.full((4, 4), np.nan), COLOUR[None, None]]
)
def test_what_is_no_picture_costs_its_row(cell: Any) -> None:
    with pytest.raises(Unusable):
        read_picture(cell, None)


def test_white_is_the_data_sets_not_the_rows() -> None:
    dark, bright = np.ones((4, 4)), np.full((4, 4), 250.0)
    white = find_white([{"image": dark}, {"image": bright}], "image", None)
    assert white == 255
    assert in_bytes(dark, None, white).max() == 1  # alone it would be white
    others = [{"image": cell} for cell in (COLOUR, b"", "nowhere.png")]
    assert find_white(others, "image", None) is None
    with pytest.raises(Unusable, match="numbers from 0 to 300, in a data set of those from 0 to 1"):
        as_bytes(np.array([0, 300]), 1)


def test_a_data_set_of_floats(tiny: Path) -> None:
    pictures = np.random.default_rng(0).random((32, 16, 16, 3)).astype(np.float32) * 255
    pictures[20] = 1
    pictures[21, 0, 0, 0] = np.nan
    pictures[22] = 900
    np.savez(tiny.parent / "data.npz", image=pictures, label=np.arange(32) % 4)
    with pytest.raises(SourceError, match="pixels are numbers from 0.* to 900"):
        collected(tiny, "data.evaluation.samples=100")
    pictures[22] = 9
    np.savez(tiny.parent / "data.npz", image=pictures, label=np.arange(32) % 4)
    found = collected(tiny, "data.evaluation.samples=100")
    assert found.skipped == 1 and "row 21: image: holds NaN" in found.skipped_first[0]
    assert found.extents["pixel_values"].most > 0.99


def test_a_strip_is_not_scaled_to_a_huge_picture(tiny: Path) -> None:
    with pytest.raises(Unusable, match="1x150000 pixels would be scaled to 224x33600000"):
        preprocess(Image.new("RGB", (1, 150_000)), Preprocessing(resize=[224]))
    assert by_shortest_edge((100, 200), 50) == (50, 100)
    for label in CLASSES:
        place = tiny.parent / "pictures" / "test" / label
        place.mkdir(parents=True)
        Image.fromarray(COLOUR).save(place / "0.png")
    Image.new("RGB", (100_000, 1)).save(place / "1.png")
    found = collected(tiny, *SPLITS, "data.preprocessing={ resize = [224] }")
    assert (len(found.indices), found.skipped) == (4, 1)
