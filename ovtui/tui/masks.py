"""Masks over a picture: where classes end, and what each variant changed, in its colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.text import Text

from ovtui.core.results.class_regions import differing, outline
from ovtui.core.results.prediction import MaskPrediction
from ovtui.core.results.result import Result, Sample
from ovtui.tui.boxes import LEAST_FOR_LETTERS, RIGHT, rgb_of
from ovtui.tui.charts import colour, letter
from ovtui.tui.text import FAINT, line


class Layer(NamedTuple):
    """The mask of a variant, or the right answer's."""

    letter: str
    name: str
    style: str
    """The colour as a style; empty for the terminal's own."""
    mask: MaskPrediction

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as it is drawn."""
        return rgb_of(self.style) if self.letter else RIGHT


class Stain(NamedTuple):
    """Pixels of the picture as it is shown that take a colour."""

    pixels: bytes
    """One byte for each, row by row: 255 where the colour is."""
    rgb: tuple[int, int, int]
    letter: str
    """Of its variant; empty where it could not be read."""
    letter_at: tuple[int, int]
    """Left and top of the letter."""


class MaskOverlay(NamedTuple):
    """What is drawn over a sample's picture: outlines of a first mask, and what others change."""

    layers: list[Layer]
    """The right answer's, the baseline's, and the variants'."""

    def stains(self, width: int, height: int) -> Iterator[Stain]:
        """Yields outlines of the right answer and the baseline, then what each variant changed.

        Args:
            width: pixels of the picture as it is shown.
            height: the same.
        """
        lettered = min(width, height) >= LEAST_FOR_LETTERS
        baseline: tuple[Layer, bytes] | None = None
        for layer in self.layers:
            regions = layer.mask.map.scaled(width, height)
            if not regions:
                continue
            if baseline is None or not layer.letter:
                pixels = outline(regions, width)
            else:
                first, before = baseline
                pixels = differing((first.mask.regions, before), (layer.mask.regions, regions))
            if layer.letter and baseline is None:
                baseline = layer, regions
            places = [at for at, pixel in enumerate(pixels) if pixel] if lettered else []
            y, x = divmod(places[len(places) // 2], width) if places else (0, 0)
            yield Stain(pixels, layer.rgb, layer.letter if places else "", (x + 2, y))

    def legend(self) -> Text:
        """Returns which colour is whose, and what it shows."""
        parts = []
        variants = [layer for layer in self.layers if layer.letter]
        for layer in self.layers:
            shows = "outline" if layer not in variants[1:] else "what it changed"
            parts.append((f"{layer.letter or 'grey'} {layer.name}: {shows}  ", layer.style or ""))
        return line(("masks  ", FAINT), *parts)


def mask_overlay(sample: Sample, result: Result) -> MaskOverlay | None:
    """Returns the masks of a sample; None where there are none.

    Args:
        sample: with every variant's answer.
        result: of its run, whose variants have letters.
    """
    layers = []
    if isinstance(sample.reference, MaskPrediction):
        layers.append(Layer("", "right answer", FAINT, sample.reference))
    for place, variant in enumerate(result.variants):
        said = sample.predictions.get(variant.name)
        if isinstance(said, MaskPrediction):
            layers.append(Layer(letter(place), variant.name, colour(place), said))
    return MaskOverlay(layers) if layers else None
