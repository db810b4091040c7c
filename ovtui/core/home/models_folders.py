"""Adds a folder to those that are searched for models; the rest of `config.toml` stays as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ovtui.core.files.reading import Damaged, TomlTable, parse_toml, readable
from ovtui.core.files.writing import writable, write_atomically
from ovtui.core.home.directories import settings_path
from ovtui.core.text.errors import UserError

_LIST = re.compile(r"^models\s*=\s*\[.*?\]", re.MULTILINE | re.DOTALL)


def add_models_folder(text: str) -> Path:
    """Adds a folder to `models` in the user's settings.

    Args:
        text: of a folder, or of a model's file in it, as a person types it.

    Returns:
        The folder.

    Raises:
        UserError: it is no folder, or the settings cannot be read, changed or written.
    """
    folder = Path(text).expanduser().absolute()
    if folder.is_file():
        folder = folder.parent
    if not folder.is_dir():
        raise UserError(f"{text}: is no folder")
    path = settings_path()
    with readable(path):
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
    table = _table(before, path)
    known = [str(it) for it in table.get("models", [])]
    if str(folder) in (str(Path(it).expanduser().absolute()) for it in known):
        return folder
    wanted = [*known, str(folder)]
    after = _with(before, wanted)
    if not _says(after, table | {"models": wanted}):
        raise UserError(f'{path}: write it in by hand: models = ["{folder}"]')
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, after.encode())
    return folder


def _with(text: str, folders: list[str]) -> str:
    """The settings with another list, which stands before all tables where there was none."""
    listed = f"models = {json.dumps(folders, ensure_ascii=False)}"
    if _LIST.search(text):
        return _LIST.sub(lambda _: listed, text, count=1)
    return f"{listed}\n{text}"


def _says(text: str, wanted: TomlTable) -> bool:
    """Whether changed settings hold this; a list with brackets in its names was cut wrongly."""
    try:
        return parse_toml(text, "") == wanted
    except Damaged:
        return False


def _table(text: str, path: Path) -> TomlTable:
    try:
        return parse_toml(text, str(path))
    except Damaged as error:
        raise UserError(str(error)) from error
