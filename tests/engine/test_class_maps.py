"""Maps of classes: interpolated as PyTorch does it, packed, and placed where the picture lies."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional

from ovtui.engine.data.masks import read_mask
from ovtui.engine.data.rows import Unusable
from ovtui.engine.tasks.class_maps import NO_CLASS, ClassMap, Window, areas, likeliest, nearest


@pytest.mark.parametrize("size", [(32, 24), (45, 71), (8, 6), (5, 3), (64, 48)])
@pytest.mark.parametrize("spread", [1.0, 40.0])
def test_scores_are_interpolated_as_transformers_does_it(
    size: tuple[int, int], spread: float
) -> None:
    generator = np.random.default_rng(0)
    smooth = generator.normal(0, 1, (30, 3, 4)).repeat(8, 1).repeat(8, 2)
    scores = (spread * smooth + generator.normal(0, 1, (30, 24, 32))).astype(np.float32)
    wanted = functional.interpolate(torch.tensor(scores)[None], size[::-1], mode="bilinear")[0]
    said = np.asarray(likeliest(scores, size))
    sure = (wanted.topk(2, 0).values.diff(dim=0)[0].abs() > 1e-4 * spread).numpy()
    assert sure.mean() > 0.99 and (said == wanted.argmax(0).numpy())[sure].all()


def test_a_picture_within_the_scores_is_read_where_it_lies() -> None:
    classes = np.zeros((8, 8), dtype=int)
    classes[2:6, 4:] = 1
    scores = np.stack([1 - classes, classes]).astype(np.float32)
    window = Window(0, 2, 8, 4)  # a picture twice as wide as high, with padding above and below
    for said in (likeliest(scores, (16, 8), window), nearest(classes, (16, 8), window)):
        assert (np.asarray(said)[:, :7] == 0).all() and (np.asarray(said)[:, 9:] == 1).all()
    same = np.asarray(nearest(classes, (8, 8)))
    assert (same == classes).all() and (np.asarray(likeliest(scores, (8, 8))) == classes).all()


def test_a_map_is_plain_data_and_an_array() -> None:
    classes = np.random.default_rng(0).integers(0, 60000, (7, 5))
    packed = ClassMap.of(classes)
    plain = msgspec.json.decode(msgspec.json.encode(packed))
    again = msgspec.convert(plain, ClassMap)
    assert again == packed and (np.asarray(again) == classes).all()
    assert np.asarray(packed, dtype=np.float32).dtype == np.float32
    still = ClassMap.of(np.zeros((480, 640)))
    assert len(still.packed) < 5000, "a hundredth of its bytes"


def test_pixels_without_a_right_answer_count_in_nothing() -> None:
    right = ClassMap.of(np.array([[0, 0, 1, NO_CLASS]]))
    said = ClassMap.of(np.array([[0, 2, NO_CLASS, 2]]))
    both = areas(said, right)
    assert [it.tolist() for it in both] == [[1, 0, 0], [1, 0, 1], [2, 1, 0]]
    assert both.union.tolist() == [2, 1, 1]


def test_masks_are_numbers_however_they_are_stored(tmp_path: object) -> None:
    from PIL import Image

    numbers = np.array([[0, 1, 2], [150, 255, 3]], dtype=np.uint8)
    palette = Image.fromarray(numbers, "L").convert("P")
    palette.putdata(numbers.ravel().tolist())
    palette.putpalette([it * 7 % 256 for it in range(768)])
    deep = Image.fromarray(numbers.astype(np.uint16) * 100)
    grey = Image.fromarray(numbers).convert("RGB")
    for cell in (palette, grey, numbers, numbers[None], numbers[..., None], numbers.tolist()):
        assert (read_mask(cell, None) == numbers).all()
    assert (read_mask(deep, None) == numbers.astype(int) * 100).all()
    assert (read_mask(numbers.astype(float), None) == numbers).all()
    with pytest.raises(Unusable, match="colours are not read as classes"):
        read_mask(np.dstack([numbers, numbers + 1, numbers]), None)
    with pytest.raises(Unusable, match="whole numbers"):
        read_mask(numbers + 0.5, None)
    with pytest.raises(Unusable, match="found \\[3\\]"):
        read_mask(numbers[0], None)
    with pytest.raises(Unusable, match="unequal length"):
        read_mask([[1, 2], [3]], None)
