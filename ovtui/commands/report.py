"""`ovtui report`: a run as a file to keep or send."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core.files.reading import read_regular
from ovtui.core.files.writing import write_atomically
from ovtui.core.reports import report
from ovtui.core.results import result
from ovtui.core.runs.run_folder import Run, find
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import safe_json

_MOST_BYTES = 2**20
"""Of one picture: a page of twelve stays one that can be sent."""


def main(arguments: Sequence[str]) -> int:
    """Writes a report."""
    parser = Parser("report", "Write a finished run as a file.")
    parser.add_argument(
        "run", nargs="?", default="last", help="id, unique prefix, last, or a folder"
    )
    parser.add_argument(
        "--format", choices=["md", "html", "csv", "json"], help="default: the file's ending, or md"
    )
    parser.add_argument(
        "-o", "--output", type=_file, metavar="FILE", help="default: standard output"
    )
    options = parser.parse(arguments)
    run = find(options.run)
    outcome = run.result()
    if outcome is None:
        raise UserError(f"{run.id} is {run.state()}, it has no result to report")
    ending = options.output.suffix.lstrip(".") if options.output else ""
    chosen = options.format or (ending if ending in ("html", "csv", "json") else "md")
    data = _render(run, outcome, chosen)
    if options.output is None:
        sys.stdout.buffer.write(data)
        return 0
    write_atomically(options.output, data)
    say(f"wrote {options.output}")
    return 0


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not text or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder or nothing; name a file")
    return path


def _render(run: Run, outcome: result.Result, form: str) -> bytes:
    match form:
        case "html":
            return report.to_html(outcome, lambda name: _picture(run, name)).encode()
        case "csv":
            return report.to_csv(outcome).encode()
        case "json":
            return safe_json(result.encode(outcome).decode()).encode() + b"\n"
        case _:
            return report.to_markdown(outcome).encode()


def _picture(run: Run, name: str) -> bytes | None:
    """The bytes of a picture in the run folder; None where it is too large, or not there."""
    try:
        return read_regular(run.inside(name), _MOST_BYTES)
    except (OSError, UserError):
        return None
