"""`ovtui report`: a run as a file to keep or send."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core.files.writing import write_atomically
from ovtui.core.reports.run_report import Form, rendered
from ovtui.core.runs.run_folder import find
from ovtui.core.text.errors import UserError

_FORMS: dict[str, Form] = {".html": "html", ".csv": "csv", ".json": "json"}


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
    ending = options.output.suffix if options.output else ""
    chosen: Form = options.format or _FORMS.get(ending, "md")
    data = rendered(run, outcome, chosen)
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
