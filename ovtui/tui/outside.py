"""What reaches beyond the dashboard: clipboard, files, pager, editor, terminal graphics."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.app import App

from ovtui.core.files.writing import writable, write_atomically
from ovtui.core.home import directories
from ovtui.core.results.result import Sample
from ovtui.core.text.errors import UserError, last_line

if TYPE_CHECKING:
    from ovtui.core.home.settings import Command, Graphics
    from ovtui.tui.boxes import Overlay
    from ovtui.tui.masks import MaskOverlay
    from ovtui.tui.run_index import RunFacts

_MOST_COPIED = 8 * 1024
_PLACEHOLDER = re.compile(r"\{(run|folder|recipe|model|device)\}")


async def with_input(folder: Path, id: str) -> tuple[Sample, str]:
    """Returns a sample of a run with its picture or recording, as `ovtui show` reads it, and its
    words.

    Raises:
        UserError: there is no such sample.
    """
    command = ["-m", "ovtui.cli", "show", str(folder), f"--sample={id}", "--json"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        answer, words = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    last = last_line(words)
    try:
        return msgspec.json.decode(answer, type=Sample), last
    except msgspec.DecodeError:
        raise UserError(last or f"sample {id} cannot be read") from None


def copy(app: App[None], text: str) -> Path:
    """Copies by OSC 52, and keeps a file, for terminals that do not allow that.

    Raises:
        UserError: the file cannot be written.
    """
    path = directories.home() / "clipboard.txt"
    with writable(path):
        write_atomically(path, text.encode())
    app.copy_to_clipboard(text[:_MOST_COPIED])
    return path


def screenshot(app: App[None]) -> Path:
    """Keeps what is shown as SVG in the home folder: a server has no folder of downloads.

    Raises:
        UserError: the file cannot be written.
    """
    name = f"screenshot-{datetime.now():%Y%m%d-%H%M%S}.svg"
    path = directories.writable_home() / "screenshots" / name
    with writable(path):
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, app.export_screenshot().encode())
    return path


def export(name: str, table: Sequence[Sequence[str]]) -> Path:
    """Writes a table as CSV to the home folder.

    Raises:
        UserError: the file cannot be written.
    """
    text = io.StringIO()
    csv.writer(text).writerows(table)
    path = directories.writable_home() / "exports" / f"{name}-{datetime.now():%Y%m%d-%H%M%S}.csv"
    with writable(path):
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, text.getvalue().encode())
    return path


def run_own(app: App[None], command: Command, facts: RunFacts | None) -> None:
    """Runs a person's own command, with its placeholders replaced by facts of a run.

    Args:
        app: gives its terminal away meanwhile.
        command: as the settings have it.
        facts: of the run that is shown; None where there is none.

    Raises:
        UserError: the command names a run and there is none, or there is no such program.
    """
    given = {} if facts is None else {
        "run": facts.id,
        "folder": str(directories.home() / "runs" / facts.id),
        "recipe": facts.name,
        "model": facts.model,
        "device": facts.device,
    }  # fmt: skip
    named = {name for part in command.run for name in _PLACEHOLDER.findall(part)}
    if missing := named - set(given):
        raise UserError(f"{command.key}: {{{min(missing)}}} needs a run, and there is none")
    words = [_PLACEHOLDER.sub(lambda match: given[match[1]], part) for part in command.run]
    if not words or shutil.which(words[0]) is None:
        raise UserError(f"{command.key}: {words[0] if words else 'run'}: no such program")
    with app.suspend():
        subprocess.run(words, check=False)


def page(app: App[None], text: str) -> None:
    """Shows a text in the person's pager.

    Raises:
        UserError: there is no such program.
    """
    command = shlex.split(os.environ.get("PAGER") or "less")
    if shutil.which(command[0]) is None:
        raise UserError(f"{command[0]}: no such pager; set PAGER")
    with app.suspend():
        subprocess.run(command, input=text.encode(), check=False)


def edit(app: App[None], path: Path) -> None:
    """Opens a file in the person's editor.

    Raises:
        UserError: there is no such program.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    if shutil.which(command[0]) is None:
        raise UserError(f"{command[0]}: no such editor; set EDITOR. The file is {path}")
    with app.suspend():
        subprocess.run([*command, str(path)], check=False)


def draw(
    app: App[None], path: Path, how: Graphics, over: Overlay | MaskOverlay | None = None
) -> None:
    """Shows a picture as graphics of the terminal, until enter is pressed.

    Args:
        app: gives its terminal away meanwhile.
        path: of the picture.
        how: the terminal's protocol.
        over: what is drawn over it.

    Raises:
        UserError: it is no picture, or a damaged one.
    """
    from ovtui.tui.picture import drawn

    picture = drawn(path, how, over)
    with app.suspend():
        sys.stdout.write(f"\x1b[2J\x1b[H{picture}\r\nback with enter ")
        sys.stdout.flush()
        sys.stdin.readline()
