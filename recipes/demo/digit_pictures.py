"""Pictures of one or two handwritten digits with questions and captions, without a download."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIZE = 48
TEST_SCANS = 540
PICTURES = 300
SPLITS = ("train", "test")

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen")
NUMBERS = (*DIGITS, *TEENS, "eighteen")


def digit_questions(split: str) -> list[dict]:
    """Return questions about 300 pictures of one split, the same ones every time.

    Args:
        split: "train" (1257 of scikit-learn's scanned digits) or "test" (the other 540).

    Returns:
        Rows {"image_id": int, "image": RGB, uint8 [48, 48, 3], "question": text, "answers":
        [text]}, 1320 of them; those of one picture follow each other.

    Raises:
        ValueError: If there is no such split.
    """
    return [
        {"image_id": number, "image": image, "question": question, "answers": [answer]}
        for number, (image, digits) in enumerate(_pictures(split))
        for question, answer in questions(digits)
    ]


def digit_captions(split: str) -> list[dict]:
    """Return the captions of the same pictures as `digit_questions`.

    Args:
        split: "train" or "test".

    Returns:
        Rows {"image_id": int, "image": RGB, uint8 [48, 48, 3], "captions": [text]}.

    Raises:
        ValueError: If there is no such split.
    """
    return [
        {"image_id": number, "image": image, "captions": [caption(digits)]}
        for number, (image, digits) in enumerate(_pictures(split))
    ]


def questions(digits: tuple[int, ...]) -> list[tuple[str, str]]:
    """Return questions about a picture of one or two digits, from left to right, with answers."""
    count = ("how many digits are in the picture?", NUMBERS[len(digits)])
    if len(digits) == 1:
        return [count, ("which digit is in the picture?", NUMBERS[digits[0]])]
    left, right = digits
    return [
        count,
        ("which digit is on the left?", NUMBERS[left]),
        ("which digit is on the right?", NUMBERS[right]),
        ("is the right digit larger than the left one?", "yes" if right > left else "no"),
        ("what is the sum of the digits?", NUMBERS[left + right]),
    ]


def caption(digits: tuple[int, ...]) -> str:
    """Return a description such as "a three and an eight"."""
    return " and ".join(f"{'an' if digit == 8 else 'a'} {NUMBERS[digit]}" for digit in digits)


def scans(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return one split's scans, float64 [N, 8, 8] from 0 to 16, and what they show, int64 [N].

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; valid splits: {', '.join(SPLITS)}")
    pixels, labels = load_digits(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_SCANS, stratify=labels, random_state=0
    )
    chosen = train if split == "train" else test
    return pixels[chosen].reshape(-1, 8, 8), labels[chosen]


def draw(pixels: list[np.ndarray], rng: random.Random, tilt: float = 0.0) -> np.ndarray:
    """Draw one scan in the middle or two beside each other, a few pixels higher, lower or aside.

    Args:
        pixels: One or two scans, float [8, 8] from 0 to 16.
        rng: The source of randomness.
        tilt: Each scan is rotated and scaled by up to this: radians, and share of its size.

    Returns:
        Grey values, uint8 [48, 48].
    """
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    for column, scan in enumerate(pixels):
        digit = Image.fromarray(np.round(scan * (255 / 16)).astype(np.uint8))
        digit = digit.resize((24, 24), Image.Resampling.BICUBIC)
        if tilt:
            angle, scale = rng.uniform(-tilt, tilt), 1 + rng.uniform(-tilt, tilt)
            cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
            edge = 11.5 * (1 - cos - sin), 11.5 * (1 - cos + sin)
            matrix = (cos, sin, edge[0], -sin, cos, edge[1])
            digit = digit.transform(
                digit.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
            )
        left = 12 if len(pixels) == 1 else 24 * column
        left, top = min(max(left + rng.randint(-1, 1), 0), 24), 12 + rng.randint(-2, 2)
        place = canvas[top : top + 24, left : left + 24]
        np.maximum(place, np.asarray(digit), out=place)
    return canvas


def _pictures(split: str) -> list[tuple[np.ndarray, tuple[int, ...]]]:
    """Return a split's pictures, uint8 [48, 48, 3], and their digits; every fifth shows one."""
    pixels, labels = scans(split)
    rng = random.Random(SPLITS.index(split))
    pictures = []
    for number in range(PICTURES):
        chosen = rng.sample(range(len(labels)), 1 if number % 5 == 4 else 2)
        grey = draw([pixels[i] for i in chosen], rng)
        digits = tuple(int(labels[i]) for i in chosen)
        pictures.append((np.repeat(grey[..., None], 3, axis=2), digits))
    return pictures
