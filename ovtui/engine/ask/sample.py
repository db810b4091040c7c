"""`python -m ovtui.engine.ask.sample`: writes the picture or recording of an evaluated row.

What is `Wanted` comes as JSON on standard input, what is `Shown` goes to standard output. The row
is taken from the cache, or read from the data again and compared with what the run was given.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from ovtui.core.asking.sample_input import Shown, Wanted
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories
from ovtui.core.home.seal import is_own
from ovtui.core.recipes.placed_recipe import PlacedRecipe, placed
from ovtui.core.recipes.references import needs_references
from ovtui.core.results import outcomes
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError, UserError, reason
from ovtui.engine.ask.answer import answer_one
from ovtui.engine.ask.asking import refuse_foreign
from ovtui.engine.conversion.collect import open_samples, row_of
from ovtui.engine.data.rows import Rows, Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import digest
from ovtui.engine.hub.offline import work_offline
from ovtui.engine.run import stage_keys
from ovtui.engine.run.pinned import at_commits
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.stage_output import Collected, read_info
from ovtui.engine.tasks import Task, reopen_task

_UNKNOWN = "this run kept no marks of its rows: whether the data are still the same is not known"


class ReadRow(NamedTuple):
    """A row that can be shown."""

    task: Task
    row: Row
    mark: str
    """Of what the model is given of it."""
    cached: bool
    """It lay in the cache under the name of what the data are now: no other row can."""


def show(wanted: Wanted) -> Shown:
    """Writes a row's picture or recording into the run's folder.

    Raises:
        UserError: there is no such row, or it is not to be had any more.
    """
    run = Run(Path(wanted.run))
    request, result = run.request(), run.result()
    if request.recipe is None or result is None:
        raise UserError(f"{run.id}: only a finished run of a recipe has samples")
    recipe = at_commits(request.recipe, result.sources)
    asked = placed(recipe, Path(request.base))
    if not (wanted.trust or is_own(run.folder)):
        refuse_foreign(run, asked, "to show this row")
        asked = structs.replace(asked, recipe=structs.replace(recipe, trust=False))
    work_offline()
    try:
        row = _from_cache(asked, wanted.index) or _from_data(asked, wanted.index)
        known = _mark_of(run, wanted.index)
        if known and known != row.mark:
            raise UserError(
                f"row {wanted.index} is another one than was evaluated: the data, or the libraries "
                "that prepare them, have changed since"
            )
        certain = bool(known) or row.cached
        note = "" if certain else _UNKNOWN
        shown = Shown(input=_written(row, run, str(wanted.index)), note=note)
        if certain:
            path = run.inside(f"samples/{wanted.index}.json")
            write_atomically(path, msgspec.json.encode(shown))
    except Unusable as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"{error.filename or run.folder}: {reason(error)}") from error
    return shown


def _from_cache(asked: PlacedRecipe, index: int) -> ReadRow | None:
    """The row as the evaluation had it; None where the cache has lost it, or the data are gone."""
    references = needs_references(asked.recipe, "evaluation")
    try:
        stage = stage_keys.collection(asked, "evaluation", references=references)
    except (OSError, SourceError):
        return None
    folder = Cache(directories.home() / "cache").find(stage.kind, stage.key)
    if folder is None:
        return None
    collected = read_info(folder, Collected)
    if index not in collected.indices:
        return None
    position = collected.indices.index(index)
    task = reopen_task(asked, collected)
    return ReadRow(task, Rows(folder)[position], collected.digests[position], cached=True)


def _from_data(asked: PlacedRecipe, index: int) -> ReadRow:
    """The row from where the run had it.

    Raises:
        SourceError: the data are gone, or too few.
        Unusable: the row cannot be read any more.
    """
    selection, task = open_samples(asked, "evaluation", references=False)
    row, calls = row_of(selection, task, index)
    return ReadRow(task, row, digest(*calls).hex(), cached=False)


def _mark_of(run: Run, index: int) -> str:
    """What the run kept of a row that it evaluated; empty where it kept nothing."""
    kept = outcomes.read(run.folder)
    if kept is None or not kept.digests:
        return ""
    if index not in kept.samples:
        raise UserError(f"row {index}: was not evaluated")
    return kept.digests[kept.samples.index(index)]


def _written(row: ReadRow, run: Run, name: str) -> dict[str, object]:
    """The input as it is shown, its files in the run's folder.

    They are written beside and moved: in a folder made elsewhere, a name may be a link.
    """
    samples = run.inside("samples")
    samples.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=samples, prefix=".") as folder:
        place = Path(folder) / samples.name
        place.mkdir()
        shown = row.task.show(row.row, place, name)
        for path in place.iterdir():
            path.replace(samples / path.name)
    return shown


if __name__ == "__main__":
    sys.exit(answer_one(Wanted, Shown, show))
