"""What the dashboard remembers until next time: place, rows under the cursor, filters, marks."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories
from ovtui.core.text.errors import UserError

_FILE = "dashboard.json"
_MOST_BYTES = 2**20
MOST_QUESTIONS = 20
_MOST_PATHS = 8


class Remembered(msgspec.Struct, kw_only=True):
    """What was shown, by place."""

    place: str = ""
    cursors: dict[str, str] = {}
    """The key of the row under the cursor."""
    filters: dict[str, str] = {}
    marks: list[str] = []
    """Runs that are marked for comparison."""
    questions: list[dict[str, str]] = []
    """What the models of runs were asked last, the newest at the end; values by their names."""
    data: list[str] = []
    """Files and folders that recipes were written for last, the newest first."""
    models: list[str] = []
    """Folders with models that were added last, the newest first."""
    folder: str = ""
    """Where a file was chosen last."""
    newest: str = ""
    """The newest run then: where one came since, it is what is looked for."""
    left_out: list[str] = []
    """Variants that charts leave out."""

    def took_data(self, path: str) -> None:
        """Keeps data among the last ones, once."""
        self.data = _newest_first(path, self.data)

    def added_models(self, folder: str) -> None:
        """Keeps a folder with models among the last ones, once."""
        self.models = _newest_first(folder, self.models)


def _newest_first(path: str, before: Sequence[str]) -> list[str]:
    return [path, *(other for other in before if other != path)][:_MOST_PATHS]


def remembered() -> Remembered:
    """Returns what was kept last time; nothing where it is missing or damaged, or runs are gone."""
    try:
        kept = read_json(directories.home() / _FILE, Remembered, _MOST_BYTES)
    except (OSError, Damaged):
        return Remembered()
    runs = directories.home() / "runs"
    kept.marks = [run for run in kept.marks if Path(run).name == run and (runs / run).is_dir()]
    return kept


def remember(what: Remembered) -> None:
    """Keeps it for next time; where the home cannot be written to, nothing is kept."""
    with contextlib.suppress(OSError, UserError):
        write_atomically(directories.writable_home() / _FILE, msgspec.json.encode(what))
