"""The directories that ovtui reads and writes; `OVTUI_HOME` and `OVTUI_CONFIG` move them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from ovtui.core.text.errors import UserError, reason


def home() -> Path:
    """Returns the folder of runs and cache: `OVTUI_HOME`, or the platform's user data directory."""
    chosen = os.environ.get("OVTUI_HOME")
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path("ovtui")


def writable_home() -> Path:
    """Returns the home folder, made where it is missing.

    Raises:
        UserError: it cannot be written to.
    """
    folder = home()
    try:
        # Rows, texts and recordings of evaluations are in it: nobody else's business.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("runs", "cache"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"{folder}: cannot write there ({reason(error)}); "
            "set OVTUI_HOME to a folder that you may write to"
        ) from error
    return folder


def config_dir() -> Path:
    """Returns the folder of the user's settings and recipes: `OVTUI_CONFIG`, or the platform's."""
    chosen = os.environ.get("OVTUI_CONFIG")
    return Path(chosen).expanduser() if chosen else platformdirs.user_config_path("ovtui")


def builtin_recipes() -> Path:
    """Returns the folder of the recipes that come with ovtui: inside the wheel, or beside a
    checkout.
    """
    package = Path(__file__).resolve().parents[2]
    inside = package / "recipes"
    return inside if inside.is_dir() else package.parent / "recipes"


def settings_path() -> Path:
    """Returns the user's `config.toml`, which may be missing."""
    return config_dir() / "config.toml"
