"""A run as the bytes of a file to keep or send, in each format."""

from __future__ import annotations

from typing import Literal

from ovtui.core.files.reading import read_regular
from ovtui.core.reports import report
from ovtui.core.results import operations, result
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import safe_json

Form = Literal["md", "html", "csv", "json"]
_MOST_BYTES = 2**20
"""Of one picture: a page of twelve stays one that can be sent."""


def rendered(run: Run, outcome: result.Result, form: Form) -> bytes:
    """Returns a finished run in a format; a page has the pictures of the run's folder in it.

    Args:
        run: with the pictures of its samples.
        outcome: its result.
        form: as the file's ending names it.
    """
    match form:
        case "html":
            kept = operations.read(run.folder)
            return report.to_html(outcome, lambda name: _picture(run, name), kept).encode()
        case "csv":
            return report.to_csv(outcome).encode()
        case "json":
            return safe_json(result.encode(outcome).decode()).encode() + b"\n"
        case "md":
            return report.to_markdown(outcome, operations.read(run.folder)).encode()


def _picture(run: Run, name: str) -> bytes | None:
    """The bytes of a picture in the run folder; None where it is too large, or not there."""
    try:
        return read_regular(run.inside(name), _MOST_BYTES)
    except (OSError, UserError):
        return None
