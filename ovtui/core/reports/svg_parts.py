"""What charts are made of: axes, lines and texts as SVG.

Colours come from the page's CSS variables, with values of their own for a chart that stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from ovtui.core.text.foreign import plain
from ovtui.core.text.units import at_tick

ACCENT = "var(--accent,#2563eb)"
TEXT = "var(--text,#1f2328)"
FAINT = "var(--faint,#8b949e)"
LIMIT = "var(--fail,#cf222e)"
NAME_CELLS = 20


class Axis(NamedTuple):
    low: float
    high: float
    start: float
    """Pixel of `low`."""
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(axis: Axis) -> list[tuple[float, str]]:
    """Returns at most seven round numbers of an axis: steps of 1, 2 or 5 times a power of ten."""
    rough = (axis.high - axis.low) / 6
    power = math.floor(math.log10(rough))
    step = next(s * 10.0**power for s in (1, 2, 5, 10) if s * 10.0**power >= rough * 0.999)
    first, last = math.ceil(axis.low / step), math.floor(axis.high / step)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(index * step, at_tick(index * step, decimals)) for index in range(first, last + 1)]


def text(x: float, y: float, text: str, anchor: str = "start", colour: str = TEXT) -> str:
    """Returns a text element at pixels; what it says is escaped.

    Args:
        x: pixels from the left.
        y: pixels from the top, of the baseline.
        text: what it says.
        anchor: `start`, `middle` or `end`: what of it is at x.
        colour: CSS.
    """
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:{colour}">'
        f"{escape(text)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = FAINT) -> str:
    """Returns a line element between two points in pixels.

    Args:
        x1: pixels from the left, of its first end.
        y1: from the top.
        x2: of its second end.
        y2: likewise.
        colour: CSS.
    """
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="stroke:{colour}"/>'
    )


def svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    """Returns a whole chart of its parts, with a title for those who hear it.

    Args:
        title: foreign text.
        width: pixels.
        height: pixels.
        parts: elements.
    """
    name = escape(plain(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="{name}" font-family="system-ui,sans-serif"'
        f' font-size="13"><title>{name}</title>{"".join(parts)}</svg>'
    )
