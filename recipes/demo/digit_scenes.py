"""Pictures of handwritten digits scattered over a coloured ground, with boxes and masks: no
download.
"""

from __future__ import annotations

import random

import numpy as np
import torch
from digit_pictures import SPLITS, scans
from PIL import Image

SIZE = 128
PICTURES = 400
MOST_DIGITS = 6
SMALLEST, LARGEST = 16, 44
INK = 64
"""A grey value from which a pixel belongs to a digit, of 255."""


def digit_scenes(split: str) -> list[dict]:
    """Return 400 pictures of one split, the same ones every time.

    Args:
        split: "train" (1257 of scikit-learn's scanned digits) or "test" (the other 540).

    Returns:
        Rows {"image": RGB, uint8 [128, 128, 3], "objects": {"bbox": [[x, y, width, height], …] in
        pixels, "category": [digit, …]}, "mask": uint8 [128, 128], 0 the ground, 1 to 10 the digits
        in their order}.

    Raises:
        ValueError: If there is no such split.
    """
    pixels, labels = scans(split)
    rng = random.Random(SPLITS.index(split))
    return [scene(pixels, labels, rng) for _ in range(PICTURES)]


def scene(
    pixels: np.ndarray, labels: np.ndarray, rng: random.Random, most: int = MOST_DIGITS
) -> dict:
    """Scatter digits, which do not touch, over a noisy ground.

    Args:
        pixels: Scans, float [N, 8, 8] from 0 to 16.
        labels: What they show, int [N].
        rng: The source of randomness.
        most: Digits at most; what would touch another is left out.

    Returns:
        A row as `digit_scenes` has it.
    """
    noise = np.random.default_rng(rng.getrandbits(32))
    ground = np.array([rng.uniform(10, 90) for _ in range(3)])
    canvas = ground + noise.normal(0, 12, (SIZE, SIZE, 3))
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    boxes: list[list[float]] = []
    digits: list[int] = []
    for _ in range(rng.randint(1, most)):
        chosen, size = rng.randrange(len(labels)), rng.randint(SMALLEST, LARGEST)
        ink = _enlarged(pixels[chosen], size)
        box = [rng.randint(0, SIZE - ink.shape[1]), rng.randint(0, SIZE - ink.shape[0])]
        box += [ink.shape[1], ink.shape[0]]
        if any(_touch(box, other) for other in boxes):
            continue
        left, top, width, height = box
        colour = np.array([rng.uniform(140, 255) for _ in range(3)])
        share = (ink / 255)[..., None]
        place = canvas[top : top + height, left : left + width]
        place[:] = (1 - share) * place + share * colour
        mask[top : top + height, left : left + width][ink >= INK] = labels[chosen] + 1
        boxes.append([float(edge) for edge in box])
        digits.append(int(labels[chosen]))
    image = canvas.clip(0, 255).astype(np.uint8)
    return {"image": image, "objects": {"bbox": boxes, "category": digits}, "mask": mask}


def pictures(rows: list[dict]) -> torch.Tensor:
    """Return rows' pictures, float32 [N, 3, 128, 128] from 0 to 1."""
    stacked = torch.from_numpy(np.stack([row["image"] for row in rows]))
    return stacked.permute(0, 3, 1, 2).float() / 255


def average_precision(
    rows: list[dict], found: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]
) -> dict[str, float]:
    """Return mAP with its name by COCO's rules, 0 to 1: at 0.5 of the union, and over 0.5 to 0.95.

    Args:
        rows: Pictures with their objects.
        found: Boxes as left, top, right and bottom, scores, and digits of each row.
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    objects = [
        {"id": 0, "image_id": number, "category_id": digit, "bbox": box, "iscrowd": 0}
        | {"area": box[2] * box[3]}
        for number, row in enumerate(rows)
        for box, digit in zip(row["objects"]["bbox"], row["objects"]["category"], strict=True)
    ]
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": number} for number in range(len(rows))],
        "categories": [{"id": digit} for digit in range(10)],
        "annotations": [it | {"id": number} for number, it in enumerate(objects, 1)],
    }
    truth.createIndex()
    answers = [
        {"image_id": number, "category_id": int(digit), "score": float(score)}
        | {"bbox": [*box[:2], box[2] - box[0], box[3] - box[1]]}
        for number, (boxes, scores, digits) in enumerate(found)
        for box, score, digit in zip(boxes.tolist(), scores, digits, strict=True)
    ]
    judge = COCOeval(truth, truth.loadRes(answers), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return {"50": float(judge.stats[1]), "": float(judge.stats[0])}


def _enlarged(scan: np.ndarray, size: int) -> np.ndarray:
    """Return a scan, float [8, 8] from 0 to 16, as tall as `size`, cut to its ink: uint8 [H, W]."""
    digit = Image.fromarray(np.round(scan * (255 / 16)).astype(np.uint8))
    grey = np.asarray(digit.resize((size, size), Image.Resampling.BICUBIC))
    rows, columns = np.nonzero((grey >= INK).any(1))[0], np.nonzero((grey >= INK).any(0))[0]
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _touch(one: list[float], other: list[float]) -> bool:
    """Tell whether two boxes [left, top, width, height] share a pixel."""
    apart = [
        one[axis] + one[axis + 2] <= other[axis] or other[axis] + other[axis + 2] <= one[axis]
        for axis in (0, 1)
    ]
    return not any(apart)
