"""Handwritten digits with captions: an image-caption data set that needs no download."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for a caller that knows this file only
from digits import digits

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEMPLATES = (
    "a photo of the digit {}",
    "a photo of a handwritten {}",
    "a scan of the digit {}",
    "the number {} in handwriting",
    "a blurry picture of the number {}",
    "somebody wrote a {}",
    "one digit, a {}, in white on black",
    "this is the digit {}",
)


def captioned(split: str) -> list[dict]:
    """Return one split of scikit-learn's digits, each with a caption in one of several wordings.

    Args:
        split: "train" (1257 samples) or "test" (540 samples, stratified; always the same ones).

    Returns:
        Rows {"image": RGB, uint8 [32, 32, 3], "caption": str, "label": int from 0 to 9}.
    """
    return [
        row | {"caption": TEMPLATES[index % len(TEMPLATES)].format(NAMES[row["label"]])}
        for index, row in enumerate(digits(split))
    ]
