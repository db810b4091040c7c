"""Colours of variants are told apart by everyone, and are legible."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from textual.color import Color
from textual.theme import Theme

from ovtui.tui import theme
from ovtui.tui.text import VARIANTS

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", 2009, severity 1.0; on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.95047, 1.0, 1.08883])
_NUMBERS = {"bright_green": 10, "bright_yellow": 11, "bright_blue": 12, "bright_magenta": 13,
            "bright_cyan": 14}  # fmt: skip


def _linear(colour: tuple[int, int, int]) -> np.ndarray:
    parts = np.array(colour) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _lab(colour: tuple[int, int, int], eyes: np.ndarray) -> np.ndarray:
    """CIELAB under D65: https://www.w3.org/TR/css-color-4/#lab-colors."""
    ratios = (_XYZ @ np.clip(eyes @ _linear(colour), 0, 1)) / _WHITE
    x, y, z = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _colours(chosen: Theme) -> list[tuple[int, int, int]]:
    palette = theme.terminal_colours(chosen)
    front = palette.foreground_color
    return [palette.ansi_colors[_NUMBERS[it]] if it else front for it in VARIANTS]


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize(("chosen", "least"), [(theme.OVTUI, 23), (theme.OVTUI_LIGHT, 14)],
                         ids=["dark", "light"])  # fmt: skip
def test_everyone_tells_variants_apart(chosen: Theme, least: float, eyes: str) -> None:
    labs = [_lab(colour, EYES[eyes]) for colour in _colours(chosen)]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(labs, 2)) >= least


@pytest.mark.parametrize("chosen", [theme.OVTUI, theme.OVTUI_LIGHT], ids=["dark", "light"])
def test_each_is_legible_on_every_background(chosen: Theme) -> None:
    luminance = np.array([0.2126, 0.7152, 0.0722])
    for back in (chosen.background, chosen.surface, chosen.panel):
        assert back is not None
        behind = float(luminance @ _linear(Color.parse(back).rgb))
        for colour in _colours(chosen):
            light, dark = sorted((float(luminance @ _linear(colour)), behind), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5
