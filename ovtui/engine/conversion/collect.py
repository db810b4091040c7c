"""Samples of a recipe's data as model inputs on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ovtui.core.machine.machine import cores
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe, Subset
from ovtui.core.recipes.references import Use
from ovtui.core.recipes.source import File
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.download import CONNECTIONS, is_url, with_picture
from ovtui.engine.data.examples import numbered, save_examples
from ovtui.engine.data.extents import Extents
from ovtui.engine.data.labels import Labels, agree, model_labels
from ovtui.engine.data.pictures import find_white, in_bytes
from ovtui.engine.data.rows import RowWriter, Unusable, is_missing
from ovtui.engine.data.selection import Row, Selection, select, take
from ovtui.engine.data.spool import Arrays, SpoolWriter, digest
from ovtui.engine.models.exported_info import exported_info
from ovtui.engine.models.sources import folder_of_model
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, write_references
from ovtui.engine.store.stage_work import Collection
from ovtui.engine.tasks import Task, open_task
from ovtui.engine.tasks.tensors import with_answers

_CHUNK = 64
_SPARE = 4
"""Rows that may be tried for each one that cannot be fetched: old lists of URLs lose half."""
_VALIDATION_SAMPLES = 1000
_NAMED = 5
_MEASURED = 16
"""Real samples that speed is measured on, in turn."""


def open_samples(asked: PlacedRecipe, use: Use, *, references: bool) -> tuple[Selection, Task]:
    """Opens the rows of a use, and the task that turns them into inputs.

    Args:
        asked: recipe and its folder.
        use: of the rows.
        references: read right answers too.

    Raises:
        SourceError: data or model cannot be read.
    """
    recipe = asked.recipe
    known = recipe.task_info
    needed = known.needed(use, references=references)
    check_columns(recipe, subset_of(recipe, use))
    if known.arrays:
        recipe = with_answers(asked, needed=references)
    selection = select(recipe.data, subset_of(recipe, use), needed, asked.place, known.optional)
    if use == "validation" and recipe.data.validation is None:
        selection = _after_calibration(selection, recipe)
    folder = folder_of_model(asked)
    model = _labels_of_model(asked, folder) if known.names_classes else None
    labels = _labels(recipe, model, selection, references=references)
    place = selection.table.folder
    return selection, open_task(recipe, labels, folder, place, place=asked.place)


def _labels_of_model(asked: PlacedRecipe, folder: Path | None) -> list[str] | None:
    """What a model calls its classes; of an IR, as whoever exported it wrote them.

    What is wrong with a file is told by its conversion, which goes on at the same time.
    """
    source = asked.model_source()
    if isinstance(source, File) and source.path.suffix == ".xml":
        with suppress(SourceError):
            return exported_info(source.path).labels
    return model_labels(folder)


def _labels(
    recipe: Recipe, model: list[str] | None, selection: Selection, *, references: bool
) -> Labels:
    """Class names, and how the data's labels become classes where answers are judged by them."""
    data, table, known = recipe.data, selection.table, recipe.task_info
    names = table.labels.get(selection.column(known.answer.name)) if known.answer else None
    if not references:
        return Labels(data.labels or model or names)
    try:
        return agree(data.labels, model, names, data.label_order, sorted_only=table.sorted_labels)
    except SourceError as error:
        raise SourceError(f"{selection.dataset}: {error}") from error


def check_columns(recipe: Recipe, subset: Subset) -> None:
    """Refuses a name that the task does not know: the column beside it would go unnoticed.

    Args:
        recipe: whose `data.columns` are checked.
        subset: with columns of its own, which are checked too.

    Raises:
        SourceError: there is such a name.
    """
    known = recipe.task_info.column_names
    for name in recipe.data.columns | (subset.columns or {}):
        if known and name not in known:
            raise SourceError(
                f"data.columns.{name}: a task '{recipe.task}' has no such column, "
                f"{nearest(name, known)}"
            )


def collect(work: Collection, folder: Path, journal: Journal) -> Collected:
    """Writes the spool `inputs` (and `references.json`) into the folder.

    Args:
        work: whose data, and what for; equal calibration samples are kept once.
        folder: an empty folder.
        journal: where progress goes.

    Raises:
        SourceError: the data cannot be read, or no usable sample is left.
    """
    use, references = work.use, work.references
    selection, task = open_samples(work, use, references=references)
    if selection.table.note:
        journal.warn(selection.table.note)
    indices: list[int] = []
    sizes: list[int] = []
    digests: list[str] = []
    answers: list[Any] = []
    skipped: list[str] = []
    seen: set[str] = set()
    measured: list[Arrays] = []
    examples: list[Arrays] = []
    extents = Extents()
    needed = task.recipe.task_info.needed(use, references=references)
    processed: list[Arrays | None] = []
    has_warned = False
    duplicates = 0
    step = journal.step("samples", len(selection))
    with SpoolWriter(folder, "inputs") as writer, RowWriter(folder) as rows:
        for index, row, calls in _prepared(selection, task, needed):
            if len(indices) == len(selection):
                break  # the rest were spare
            step.advance()
            try:
                if isinstance(calls, Unusable):
                    raise calls
                answer = _reference(task, row, index, selection) if references else None
                extents.add(index, calls)
            except Unusable as error:
                skipped.append(f"row {index}: {error}")
                continue
            mark = digest(*calls).hex()
            if use == "calibration" and mark in seen:
                duplicates += 1
                continue
            seen.add(mark)
            if references:
                answers.append(answer)
            if not has_warned and task.shows_more(examples, calls[0]):
                examples.append(calls[0])
                processed.append(task.processed(row))
                if has_warned := task.enough(examples):
                    save_examples(examples, folder, list(filter(None, processed)))
            for arrays in calls:
                writer.append(arrays)
            sizes.append(len(calls))
            if use != "calibration":
                rows.append(row)
            indices.append(index)
            digests.append(mark)
            if use == "evaluation" and len(measured) < _MEASURED:
                measured.append(_to_measure(task, task.measured(calls[0]), work.recipe))
    step.finish()
    if not indices:
        why = skipped[0] if skipped else "empty"
        if _from_web(selection):
            why += f" ({len(skipped)} tried; check the network, or take pictures from local files)"
        raise SourceError(f"{selection.dataset}: no usable sample for {use}: {why}")
    if not has_warned:
        save_examples(examples, folder, list(filter(None, processed)))
    if references:
        write_references(folder, answers)
    if measured:
        np.savez(folder / "measured.npz", **numbered(measured))  # type: ignore[arg-type]
    return Collected(
        dataset=selection.dataset,
        split=selection.split,
        labels=task.labels,
        data_labels=task.data_labels,
        labels_taken=task.labels_taken,
        highest_class=_highest_class(selection, task) if references else None,
        folder=str(task.folder) if task.folder else None,
        indices=indices,
        digests=digests,
        duplicates=duplicates,
        skipped=len(skipped),
        skipped_first=skipped[:_NAMED],
        calls=sizes if max(sizes) > 1 else [],
        extents=extents.by_input,
    )


def _to_measure(task: Task, sample: Arrays, recipe: Recipe) -> Arrays:
    """A sample as speed is measured on it."""
    length = recipe.measure.tokens
    return sample if length is None else task.at_length(sample, length)


def subset_of(recipe: Recipe, use: Use) -> Subset:
    """Returns what the recipe says of a use's samples.

    Args:
        recipe: whose data.
        use: for validation without a subset of its own, all of calibration's split is returned:
            what calibration takes of it is left out later.
    """
    data = recipe.data
    match use:
        case "calibration":
            return recipe.calibration
        case "evaluation":
            return data.evaluation
        case "validation":
            return data.validation or msgspec.structs.replace(recipe.calibration, samples=None)


def _after_calibration(everything: Selection, recipe: Recipe) -> Selection:
    """Samples of calibration's split that calibration does not see."""
    rest = np.setdiff1d(everything.indices, take(everything.indices, recipe.calibration))
    if not len(rest):
        raise SourceError(
            f"{everything.dataset}: calibration takes every sample of {everything.split!r}, "
            "none is left for accuracy control; give [data.validation], or fewer "
            "data.calibration.samples"
        )
    chosen = np.random.default_rng(0).permutation(rest)[:_VALIDATION_SAMPLES]
    return Selection(
        everything.dataset, everything.split, everything.table, chosen, everything.columns
    )


def _prepared(
    selection: Selection, task: Task, needed: Sequence[str]
) -> Iterator[tuple[int, Row, list[Arrays] | Unusable]]:
    """Rows with their calls' inputs, in order; pictures are decoded on every core.

    Rows whose pictures are on the web are followed by spare ones.

    Args:
        selection: the rows.
        task: what they are for.
        needed: columns without which a row cannot be used.
    """
    web = _from_web(selection)
    white = _white(selection) if "image" in task.recipe.task_info.column_names and not web else None
    spare = selection.spare[: _SPARE * len(selection)] if web else ()

    def prepare(item: tuple[int, Row]) -> tuple[int, Row, list[Arrays] | Unusable]:
        index, row = item
        try:
            _check_cells(row, needed)
            row = with_picture(row, private=task.data.private_hosts) if web else row
            if white is not None:
                row = row | {"image": in_bytes(row["image"], selection.table.folder, white)}
            return index, row, task.calls(row)
        except Unusable as error:
            return index, row, error

    rows = chain(selection, ((int(index), selection.row(int(index))) for index in spare))
    with ThreadPoolExecutor(CONNECTIONS if web else cores()) as pool:
        while chunk := list(islice(rows, _CHUNK)):
            yield from pool.map(prepare, chunk)


def row_of(selection: Selection, task: Task, index: int) -> tuple[Row, list[Arrays]]:
    """Returns one row as a run has it, and its calls' inputs.

    Args:
        selection: the rows.
        task: makes inputs of a row.
        index: of the row in its split.

    Raises:
        SourceError: the data have no such row any more.
        Unusable: it cannot be used.
    """
    table = selection.table
    known = range(len(table)) if table.taken is None else table.taken.tolist()
    if index not in known:
        raise SourceError(f"{selection.dataset}: there is no row {index} any more")
    one = replace(selection, indices=np.array([index]), spare=selection.spare[:0])
    needed = task.recipe.task_info.needed("evaluation", references=False)
    ((_, row, calls),) = _prepared(one, task, needed)
    if isinstance(calls, Unusable):
        raise calls
    return row, calls


def _from_web(selection: Selection) -> bool:
    """Returns whether pictures are fetched, as the first row tells."""
    return is_url(selection.row(int(selection.indices[0])).get("image"))


def _highest_class(selection: Selection, task: Task) -> int | None:
    """The largest class number of the whole split: a few rows may lack it."""
    if not task.recipe.task_info.classes or task.data_labels:
        return None
    highest = selection.table.highest(selection.column("label"))
    return None if highest is None else highest - task.data.first_label


def _white(selection: Selection) -> int | None:
    """Which number is white in pictures of the whole table, so that its parts are read alike."""
    try:
        return find_white(selection.table, selection.column("image"), selection.table.folder)
    except SourceError as error:
        raise SourceError(f"{selection.dataset}: {error}") from error


def _check_cells(row: Row, names: Sequence[str]) -> None:
    """Refuses a row that lacks what is needed of it.

    Raises:
        Unusable: a cell is empty.
    """
    for name in names:
        if is_missing(row[name]):
            raise Unusable(f"{name}: is {'empty' if isinstance(row[name], str) else 'missing'}")


def _reference(task: Task, row: Row, index: int, selection: Selection) -> Any:
    try:
        return task.reference(row)
    except SourceError as error:
        raise SourceError(f"{selection.dataset}: row {index}: {error}") from error
