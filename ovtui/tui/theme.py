"""The dashboard's own colours; every pair of text and background has a contrast above 4.5."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from rich.color import Color as AnsiColor
from rich.color import parse_rgb_hex
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from ovtui.core.files.reading import read_regular
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories
from ovtui.core.text.errors import UserError

_FILE = "theme"
OVTUI = Theme(
    name="ovtui",
    primary="#7aa2f7",
    secondary="#9ece6a",
    accent="#7dcfff",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#d5d9e6",
    background="#14161c",
    surface="#1a1d25",
    panel="#282b34",
    dark=True,
)
OVTUI_LIGHT = Theme(
    name="ovtui-light",
    primary="#2456b3",
    secondary="#33691e",
    accent="#006080",
    warning="#7a4f00",
    error="#b00020",
    success="#33691e",
    foreground="#1c1f26",
    background="#fafafa",
    surface="#f2f3f5",
    panel="#dfe3ea",
    dark=False,
)


_VARIANTS = {
    OVTUI.name: ("#00ff87", "#afaf00", "#8787ff", "#d787d7", "#00af87"),
    OVTUI_LIGHT.name: ("#005f00", "#5f0000", "#000087", "#5f005f", "#005faf"),
}
"""Green, yellow, blue, magenta and cyan of variants. They are from the 256 of most terminals, and
as far apart as they can be, also to eyes that lack a kind of cone: at least 23 in CIELAB on dark,
14 on light (`tests/tui/test_variant_colours.py`)."""


def terminal_colours(theme: Theme) -> TerminalTheme:
    """Returns what the names of ANSI colours are in a theme: normal of states, bright of variants.

    Textual's own red is Monokai's #f4005f, which without colours is a dark grey on a dark one.
    """
    front, back = _parts(theme.foreground), _parts(theme.background)
    coloured = (theme.error, theme.success, theme.warning, theme.primary, theme.secondary)
    normal = [front, *map(_parts, coloured), _parts(theme.accent), front]
    green, yellow, blue, magenta, cyan = map(_parts, _VARIANTS[theme.name])
    bright = [front, _parts(theme.error), green, yellow, blue, magenta, cyan, front]
    return TerminalTheme(back, front, normal, bright)


class NormalColours(LineFilter):
    """Takes the normal colour for each bright one: on white paper a bright yellow is not seen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments without bright colours."""
        return [_normal(segment) for segment in segments]


def _normal(segment: Segment) -> Segment:
    text, style, control = segment
    number = style.color.number if style and style.color else None
    if number not in _NORMAL or style is None:
        return segment
    return Segment(text, style + Style(color=_NORMAL[number]), control)


_NORMAL = {number: AnsiColor.from_ansi(number - 8) for number in range(8, 16)}


def _parts(colour: str | None) -> tuple[int, int, int]:
    return tuple(parse_rgb_hex((colour or "#000000")[1:]))  # type: ignore[return-value]


def chosen(wanted: str, colour_system: str | None, known: Collection[str]) -> str:
    """Returns the theme to start with.

    Args:
        wanted: what was asked for; it goes before all else.
        colour_system: of the terminal; where that has 16 colours, its own ones are taken.
        known: all themes: one that was chosen in the palette may be gone since.
    """
    if wanted:
        return wanted
    kept = _remembered()
    if colour_system == "standard":
        return kept if kept.startswith("ansi-") and kept in known else "ansi-dark"
    return kept if kept in known else OVTUI.name


def remember(name: str) -> None:
    """Keeps a theme for next time; where the home cannot be written to, it is as before."""
    with contextlib.suppress(OSError, UserError):
        write_atomically(directories.writable_home() / _FILE, f"{name}\n".encode())


def _remembered() -> str:
    """The theme that was chosen last in the palette; empty where there is none."""
    try:
        return read_regular(directories.home() / _FILE, 256).decode("utf-8", "replace").strip()
    except OSError:
        return ""
