"""Boxes of objects over a picture, in the colour and with the letter of their variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.color import Color
from rich.text import Text

from ovtui.core.results.objects import DetectedObject, changes
from ovtui.core.results.prediction import DetectionPrediction
from ovtui.core.results.result import Result, Sample
from ovtui.tui.charts import colour, letter
from ovtui.tui.text import FAINT, line

RIGHT = (128, 128, 128)
"""The right answer's: no variant's colour."""
_PLAIN = (255, 255, 255)
"""Of the variant whose letter is in the terminal's own colour."""
LEAST_FOR_LETTERS = 200
"""Pixels of the shorter side from which a letter can be read."""
_MOST = 300
"""Boxes of one variant that are drawn, the surest."""


class Frames(NamedTuple):
    """The boxes of a variant, or the right answer's."""

    letter: str
    name: str
    style: str
    """The colour as a style; empty for the terminal's own."""
    objects: Sequence[DetectedObject]

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as it is drawn."""
        return rgb_of(self.style) if self.letter else RIGHT


class Rectangle(NamedTuple):
    """A frame as it is drawn, in pixels of the picture as it is shown."""

    place: tuple[int, int, int, int]
    """Left, top, right and bottom."""
    rgb: tuple[int, int, int]
    letter: str
    """Of its variant; empty where it could not be read."""
    letter_at: tuple[int, int]
    """Left and top of the letter."""


class Overlay(NamedTuple):
    """What is drawn over a sample's picture."""

    size: tuple[float, float]
    """Width and height in pixels of the picture as it came, which boxes are counted in."""
    frames: list[Frames]

    def rectangles(self, width: int, height: int) -> Iterator[Rectangle]:
        """Yields every frame; those of later variants lie within earlier ones: all are seen.

        In a small picture an object that an earlier variant has too is not framed again: three
        frames would leave nothing of it.

        Args:
            width: pixels of the picture as it is shown.
            height: the same.
        """
        across, down = width / self.size[0], height / self.size[1]
        lettered = min(width, height) >= LEAST_FOR_LETTERS
        framed: list[DetectedObject] = []
        for number, frames in enumerate(self.frames):
            inset = 2 * number if lettered else min(number, 1)
            objects = list(frames.objects[:_MOST])
            if frames.letter and not lettered:
                objects = changes(objects, framed).gained
                framed += objects
            for it in objects:
                left, right = (_inside(x * across, width) for x in it.box[::2])
                top, bottom = (_inside(y * down, height) for y in it.box[1::2])
                if right - left > 2 * inset and bottom - top > 2 * inset:
                    left, top, right, bottom = (
                        left + inset, top + inset, right - inset, bottom - inset,
                    )  # fmt: skip
                place = left, top, max(left, right), max(top, bottom)
                name = frames.letter if lettered else ""
                yield Rectangle(place, frames.rgb, name, (left + 2, top + 1 + 5 * inset))

    def legend(self) -> Text:
        """Returns which colour is whose."""
        parts = [
            (f"{frames.letter or 'grey'} {frames.name}  ", frames.style or "")
            for frames in self.frames
        ]
        return line(("boxes  ", FAINT), *parts)


def overlay(sample: Sample, result: Result) -> Overlay | None:
    """Returns the boxes of a sample; None where there are none, or the picture's size is not known.

    Args:
        sample: with every variant's answer.
        result: of its run, whose variants have letters.
    """
    size = sample.input.get("size")
    if not (isinstance(size, list) and len(size) == 2 and all(_is_side(it) for it in size)):
        return None
    frames = []
    if isinstance(sample.reference, DetectionPrediction):
        frames.append(Frames("", "right answer", FAINT, sample.reference.objects))
    for place, variant in enumerate(result.variants):
        said = sample.predictions.get(variant.name)
        if isinstance(said, DetectionPrediction):
            frames.append(Frames(letter(place), variant.name, colour(place), said.objects))
    return Overlay((size[0], size[1]), frames) if frames else None


def rgb_of(style: str) -> tuple[int, int, int]:
    """Returns a variant's colour as it is drawn; white for the terminal's own."""
    return Color.parse(style).get_truecolor() if style else _PLAIN


def _is_side(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _inside(place: float, length: int) -> int:
    """A pixel of the picture: of boxes beyond it, the edge."""
    return round(min(max(place, 0.0), length - 1.0))
