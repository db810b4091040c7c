"""Themes of a person's own: files with colours."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from textual.theme import Theme

from ovtui.core.files import strict
from ovtui.core.files.reading import read_toml, readable
from ovtui.core.text.errors import UserError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class OwnTheme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme of a person's own, as a file says it: colours as `#rrggbb`."""

    primary: str
    foreground: str
    background: str
    secondary: str | None = None
    accent: str | None = None
    warning: str | None = None
    error: str | None = None
    success: str | None = None
    surface: str | None = None
    panel: str | None = None
    dark: bool = True


def own_themes(folder: Path) -> list[Theme]:
    """Returns the themes in `NAME.toml` files of a folder.

    Raises:
        UserError: a file cannot be read, or says something else than colours.
    """
    return [_read(path) for path in sorted(folder.glob("*.toml"))]


def _read(path: Path) -> Theme:
    with readable(path):
        table = read_toml(path)
    own = strict.convert(table, OwnTheme, str(path))
    colours = {key: value for key, value in msgspec.to_builtins(own).items() if value is not None}
    for key, value in colours.items():
        if key != "dark" and not _COLOUR.fullmatch(value):
            raise UserError(f"{path}: {key}: expected a colour as in '#7aa2f7', found {value!r}")
    return Theme(name=path.stem, **colours)
