"""From a picture to a model's input, and from boxes there back to the picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from ovtui.core.recipes.recipe import Preprocessing
from ovtui.engine.data.pictures import by_shortest_edge

_INTERPOLATION = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


class Placement(NamedTuple):
    """Where a picture lies in a model's input, in whole pixels of it."""

    left: int
    top: int
    """Negative where its edges were cut off."""
    width: int
    height: int

    def back(self, boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Returns boxes in pixels of the picture, none of them beyond its edges.

        Args:
            boxes: float [N, 4] of left, top, right and bottom in pixels of the model's input.
            size: width and height of the picture.
        """
        scale = np.array([size[0] / self.width, size[1] / self.height] * 2)
        moved = (boxes - np.array([self.left, self.top] * 2)) * scale
        return np.clip(moved, 0, np.array([*size, *size], dtype=float))


def preprocess(picture: Image.Image, how: Preprocessing) -> np.ndarray:
    """Returns a picture as the model's input: float32 [1, C, H, W], or [1, H, W, C]."""
    picture = picture.convert("L" if how.colour == "grey" else "RGB")
    place = placement(picture.size, how)
    if (place.width, place.height) != picture.size:
        size = place.width, place.height
        picture = picture.resize(size, _INTERPOLATION[how.interpolation])
    window = _window(how, picture.size)
    if window != picture.size:
        padding = 0 if how.fit == "stretch" else round(how.padding)
        picture = _within(picture, place, window, padding)
    pixels = np.asarray(picture, dtype=np.float32)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if how.colour == "bgr":
        pixels = pixels[..., ::-1]
    mean, std = (np.asarray(values, dtype=np.float32) for values in (how.mean, how.std))
    pixels = (pixels / np.float32(how.scale) - mean) / std
    if how.layout == "nchw":
        pixels = pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(pixels[None], dtype=np.float32)


def placement(size: tuple[int, int], how: Preprocessing) -> Placement:
    """Returns where a picture comes to lie in the model's input.

    Args:
        size: width and height of the picture.
        how: it is scaled, and then cut or padded.

    Raises:
        Unusable: it is a strip, which scaled by its shortest edge would be huge.
    """
    scaled = _scaled(size, how)
    window = _window(how, scaled)
    if how.fit == "top-left":
        return Placement(0, 0, *scaled)
    if how.fit == "letterbox":
        left, top = ((whole - part) // 2 for whole, part in zip(window, scaled, strict=True))
    else:  # of an odd rest, the larger half stays at the right and below
        left, top = (-((part - whole) // 2) for whole, part in zip(window, scaled, strict=True))
    return Placement(left, top, *scaled)


def _scaled(size: tuple[int, int], how: Preprocessing) -> tuple[int, int]:
    """Width and height for [height, width] or [shortest edge]."""
    if how.resize is None:
        return size
    if len(how.resize) == 1:
        return by_shortest_edge(size, how.resize[0])
    height, width = how.resize
    if how.fit == "stretch":
        return width, height
    scale = min(width / size[0], height / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _window(how: Preprocessing, scaled: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the model's input."""
    if how.crop is not None:
        return how.crop[1], how.crop[0]
    if how.fit != "stretch" and how.resize is not None:
        return how.resize[-1], how.resize[0]
    return scaled


def _within(
    picture: Image.Image, place: Placement, window: tuple[int, int], padding: int
) -> Image.Image:
    """A picture cut to a window, with equal pixels around it where it is smaller."""
    canvas = Image.new(picture.mode, window, padding if picture.mode == "L" else (padding,) * 3)
    canvas.paste(picture, (place.left, place.top))
    return canvas
