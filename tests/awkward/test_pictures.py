"""Pictures as a person sees them, and inputs that carry their own preprocessing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino.preprocess import PrePostProcessor
from PIL import Image

from tests.awkward.colours import (
    COLOURS,
    as_the_model_takes_them,
    coloured,
    scores_of_colours,
)
from tests.awkward.graphs import save, taken
from tests.awkward.judged import assert_classes_are_bare
from tests.awkward.product import OneProcess, Ran, Refused
from tests.awkward.recipes import CALIBRATION, write_recipe, write_rows

ROWS = 48


def right_or_refused(product: OneProcess, recipe: Path, *words: str) -> Ran | None:
    """The run; None where it was refused in a line that holds one of the words."""
    try:
        return product.run(recipe)
    except Refused as refused:
        assert refused.kind == "input", refused
        assert any(word in str(refused) for word in words), refused
        return None


@pytest.mark.parametrize(
    "table",
    [
        "",
        '[data.preprocessing]\nlayout = "nhwc"',
        '[data.preprocessing]\nlayout = "nhwc"\nscale = 1.0',
        '[data.preprocessing]\nlayout = "nhwc"\nmean = [0.485, 0.456, 0.406]',
    ],
)
def test_bytes_go_into_a_model_that_prepares_them_itself(
    product: OneProcess, tmp_path: Path, table: str
) -> None:
    """Input u8 NHWC, division by 255 inside: values between 0 and 1, or below 0, are a mistake."""
    x = taken("image", [1, 3, 8, 8])
    save(tmp_path / "model.xml", [x], {"logits": scores_of_colours(x)})
    steps = PrePostProcessor(ov.Core().read_model(tmp_path / "model.xml"))
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    ov.save_model(steps.build(), tmp_path / "inside.xml", compress_to_fp16=False)
    pictures, labels = coloured(ROWS)
    write_rows(tmp_path, image=pictures, label=labels)
    recipe = write_recipe(
        tmp_path,
        "inside.xml",
        "data.npz",
        task="image-classification",
        labels=COLOURS,
        more=table,
    )
    ran = right_or_refused(product, recipe, "u8", "uint8", "layout")
    if ran is None:
        assert "scale = 1" not in table
        return
    rows = [{"image": picture[None]} for picture in pictures[CALIBRATION:]]
    assert_classes_are_bare(ran, rows, labels[CALIBRATION:], COLOURS)
    assert ran.variant("fp32")["accuracy"]["value"] == 1


def grey16(picture: np.ndarray) -> Image.Image:
    """A picture of 16 bits, brightness alone."""
    bright = picture.astype(np.float32).mean(-1) * 257
    return Image.fromarray(bright.astype(np.uint16))


def floats(picture: np.ndarray) -> Image.Image:
    """A picture of floats from 0 to 255, brightness alone."""
    return Image.fromarray(picture.astype(np.float32).mean(-1))


@pytest.mark.parametrize(("kind", "suffix"), [(grey16, "png"), (grey16, "tiff"), (floats, "tiff")])
def test_files_of_many_shades_are_grey(
    product: OneProcess,
    tmp_path: Path,
    kind: Callable[[np.ndarray], Image.Image],
    suffix: str,
) -> None:
    """Dark, or bright: what 8 bits show of them."""
    x = taken("pixel_values", [-1, 3, 8, 8])
    save(tmp_path / "model.xml", [x], {"logits": scores_of_colours(x)})
    generator = np.random.default_rng(0)
    level = generator.integers(20, 230, ROWS)
    pictures = np.repeat(level[:, None, None, None], 8, 1).repeat(8, 2).repeat(3, 3)
    pictures = pictures.astype(np.uint8)
    lines = ["image,label"]
    for number, picture in enumerate(pictures):
        kind(picture).save(tmp_path / f"{number}.{suffix}")
        lines.append(f"{number}.{suffix},0")
    (tmp_path / "data.csv").write_text("\n".join(lines))
    recipe = write_recipe(
        tmp_path, "model.xml", "data.csv", task="image-classification", labels=COLOURS
    )
    ran = right_or_refused(product, recipe, "16", "float")
    if ran is not None:
        rows = as_the_model_takes_them(pictures[CALIBRATION:])
        assert_classes_are_bare(ran, rows, [0] * len(rows), COLOURS)


@pytest.mark.parametrize(
    "cells",
    [
        lambda pictures: pictures.astype(np.float32),
        lambda pictures: pictures.astype(np.float64),
        lambda pictures: pictures.astype(np.float32) / 255,
        lambda pictures: pictures.astype(np.uint16) * 256 + 37,
        lambda pictures: pictures.astype(np.int64),
    ],
    ids=["float 0…255", "double 0…255", "float 0…1", "uint16", "int64"],
)
def test_arrays_of_any_type(
    product: OneProcess, tmp_path: Path, cells: Callable[[np.ndarray], np.ndarray]
) -> None:
    x = taken("pixel_values", [-1, 3, 8, 8])
    save(tmp_path / "model.xml", [x], {"logits": scores_of_colours(x)})
    pictures, labels = coloured(ROWS)
    write_rows(tmp_path, image=cells(pictures), label=labels)
    recipe = write_recipe(
        tmp_path, "model.xml", "data.npz", task="image-classification", labels=COLOURS
    )
    ran = right_or_refused(product, recipe, "float", "uint16", "255")
    if ran is not None:
        rows = as_the_model_takes_them(pictures[CALIBRATION:])
        assert_classes_are_bare(ran, rows, labels[CALIBRATION:], COLOURS)
        assert ran.variant("fp32")["accuracy"]["value"] == 1


def test_a_camera_that_was_held_upright(product: OneProcess, tmp_path: Path) -> None:
    """The left half is red, the right half blue; the file is turned and says so in its EXIF."""
    generator = np.random.default_rng(0)
    x = taken("pixel_values", [1, 3, 16, 16])
    left = ov.opset13.slice(x, [0], [8], [1], [3])
    save(tmp_path / "model.xml", [x], {"logits": scores_of_colours(left)})
    sides, lines = generator.integers(0, 2, ROWS), ["image,label"]
    exif: Any = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    seen = []
    for number, side in enumerate(sides):
        picture = np.zeros((16, 16, 3), np.uint8)
        picture[:, :8, 2 * side], picture[:, 8:, 2 - 2 * side] = 200, 200
        data = io.BytesIO()
        turned = Image.fromarray(np.rot90(picture, 1))
        turned.save(data, "JPEG", quality=100, subsampling=0, exif=exif)
        (tmp_path / f"{number}.jpg").write_bytes(data.getvalue())
        lines.append(f"{number}.jpg,{2 * side}")
        seen.append(picture)
    (tmp_path / "data.csv").write_text("\n".join(lines))
    recipe = write_recipe(
        tmp_path, "model.xml", "data.csv", task="image-classification", labels=COLOURS
    )
    ran = product.run(recipe)
    rows = as_the_model_takes_them(np.stack(seen[CALIBRATION:]))
    assert_classes_are_bare(ran, rows, (2 * sides[CALIBRATION:]).tolist(), COLOURS)
    assert ran.variant("fp32")["accuracy"]["value"] == 1


def test_pixels_that_no_byte_holds_are_refused(product: OneProcess, tmp_path: Path) -> None:
    """A `tensors` recipe whose rows reach 1020 into a u8 input, which would wrap."""
    x = taken("x", [1, 16], ov.Type.u8)
    y = ov.opset13.convert(x, "f32")
    save(tmp_path / "model.xml", [x], {"y": y})
    rows = np.random.default_rng(0).integers(0, 256, (ROWS, 16)).astype(np.int32)
    rows[20] *= 4
    write_rows(tmp_path, x=rows)
    refused = product.refusal(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    assert refused.kind == "input"
    assert "row 20" in str(refused) and "255" in str(refused)
