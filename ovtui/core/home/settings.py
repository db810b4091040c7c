"""The user's settings: `config.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from ovtui.core.files.reading import read_toml, readable
from ovtui.core.home.directories import settings_path

Graphics = Literal["half-block", "sixel", "kitty"]
Notice = Literal["bell", "desktop"]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command of one's own on a key of the dashboard; no shell reads it."""

    key: str
    """As Textual names it, as in `ctrl+b` or `f5`."""
    run: list[str]
    """Program and arguments; `{run}`, `{folder}`, `{recipe}`, `{model}` and `{device}` in them are
    those of the run under the cursor."""
    title: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The user's `config.toml`; a missing file is all defaults."""

    models: list[str] = []
    """Folders that are searched for models."""
    cache_gib: float = 20.0
    """Converted models and calibration data beyond this are removed, the oldest first."""
    theme: str = ""
    """The dashboard's colours: a theme of Textual, or `ovtui`."""
    images: Graphics = "half-block"
    """How the dashboard shows pictures; the latter two in terminals that can, outside of tmux."""
    notify: list[Notice] = []
    """How the dashboard tells that a run has ended, beside a line: by the terminal's bell, by a
    notice of the desktop (OSC 9, which some terminals show)."""
    on_end: list[str] = []
    """A command and its arguments that the dashboard starts when a run has ended, with `{run}`,
    `{recipe}`, `{state}` and `{verdict}` in them replaced; no shell reads it."""
    title: bool = True
    """Whether the terminal's title tells what is running."""
    commands: list[Command] = []
    """Commands of one's own, which have the terminal until they end."""
    keys: dict[str, str] = {}
    """Other keys for the dashboard's, by the id that the README names."""


def user_settings() -> Settings:
    """Returns the user's settings.

    Raises:
        RecipeError: a key or value of `config.toml` is wrong.
        UserError: the file cannot be read.
    """
    return read(settings_path())


def read(path: Path) -> Settings:
    """Reads the settings in a file; all defaults where there is none.

    Raises:
        RecipeError: a key or value is wrong.
        UserError: the file cannot be read.
    """
    with readable(path):
        try:
            table = read_toml(path)
        except (FileNotFoundError, NotADirectoryError):
            return Settings()
    from ovtui.core.files import strict  # 5 ms that only a file costs

    return strict.convert(table, Settings, str(path))
