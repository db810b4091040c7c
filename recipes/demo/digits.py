"""Real handwritten digits that need no download."""

from __future__ import annotations

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIZE = 32
TEST_SAMPLES = 540
SPLITS = ("train", "test")


def digits(split: str) -> list[dict]:
    """Return one split of scikit-learn's 1797 scanned digits, enlarged from 8x8 to 32x32.

    Args:
        split: "train" (1257 samples) or "test" (540 samples, stratified; always the same ones).

    Returns:
        Rows {"image": RGB, uint8 [32, 32, 3], "label": int from 0 to 9}.

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; valid splits: {', '.join(SPLITS)}")
    scans, labels = load_digits(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_SAMPLES, stratify=labels, random_state=0
    )
    indices = train if split == "train" else test
    return [{"image": _rgb(scans[i].reshape(8, 8)), "label": int(labels[i])} for i in indices]


def _rgb(scan: np.ndarray) -> np.ndarray:
    """Turn a scan, float [8, 8] from 0 to 16, into an image, uint8 [32, 32, 3]."""
    grey = Image.fromarray(np.round(scan * (255 / 16)).astype(np.uint8))
    enlarged = np.asarray(grey.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    return np.repeat(enlarged[..., None], 3, axis=2)
