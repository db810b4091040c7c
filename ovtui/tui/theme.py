"""The dashboard's own colours; every pair of text and background has a contrast above 4.5."""

from __future__ import annotations

from textual.theme import Theme

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
    panel="#262a35",
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


def chosen(wanted: str, colour_system: str | None) -> str:
    """The theme to start with: what was asked for; the terminal's own colours where it has 16."""
    if wanted:
        return wanted
    return "ansi-dark" if colour_system == "standard" else OVTUI.name
