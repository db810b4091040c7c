"""A person's own copy of a recipe that comes with ovtui: an update replaces the original."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ovtui.core.files.reading import readable
from ovtui.core.files.writing import writable, write_atomically
from ovtui.core.home import directories
from ovtui.core.text.errors import UserError

_STRING = re.compile(r'"([^"\\\n]+)"')


def copy_of(recipe: Path) -> Path:
    """Returns where the copy of a recipe belongs: a recipe there goes before all others of its
    name.
    """
    return directories.config_dir() / "recipes" / recipe.name


def copy(recipe: Path) -> Path:
    """Copies a recipe into the person's folder, with its comments.

    Files beside the original stay there and are named in full: `digits.py:digits` becomes
    `/…/recipes/demo/digits.py:digits`.

    Args:
        recipe: file that comes with ovtui.

    Returns:
        The copy's file.

    Raises:
        UserError: there is one already, or it cannot be written; or there is no such recipe.
    """
    path = copy_of(recipe)
    if path.exists():
        raise UserError(f"{path}: is there already; it is not overwritten")
    with readable(recipe):
        text = recipe.read_text(encoding="utf-8")
    lines = [_named_in_full(line, recipe.parent) for line in text.splitlines()]
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, "\n".join([f"# A copy of {recipe}.", *lines, ""]).encode())
    return path


def _named_in_full(line: str, folder: Path) -> str:
    """A line in which strings that begin with a file of the folder name it in full."""

    def full(match: re.Match[str]) -> str:
        name, colon, function = match[1].partition(":")
        if not (folder / name).exists():
            return match[0]
        return json.dumps(f"{folder / name}{colon}{function}", ensure_ascii=False)

    key = line.partition("=")[0].strip()
    return line if key in ("title", "name") or key.startswith("#") else _STRING.sub(full, line)
