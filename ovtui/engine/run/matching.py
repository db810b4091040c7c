"""What data hold against what a model takes and gives: refused, or told, before anything long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import structs

from ovtui.core.recipes.model_facts import Port
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.results.result import Classes
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.whole_numbers import OWN_SCALE, in_words, limits_of
from ovtui.engine.run.class_scores import find_scores
from ovtui.engine.store.stage_output import Collected, Extent


def check_values(inputs: Sequence[Port], collected: Collected, *, pictures: bool) -> Iterator[str]:
    """Refuses values that an input cannot take.

    Args:
        inputs: of the model; none where its components have each their own.
        collected: samples of one use.
        pictures: they come from pictures, by [data.preprocessing].

    Yields:
        Warnings of values that are legal, and seldom meant.

    Raises:
        SourceError: names the input, the row and the value.
    """
    for port in inputs:
        extent = _extent(port, inputs, collected)
        if extent is None:
            continue
        try:
            _check_type(port, extent, pictures=pictures)
            if port.table is not None:
                _check_table(port, extent, port.table)
        except SourceError as error:
            raise SourceError(f"{collected.dataset}: {error}") from error
        if port.table is not None and extent.least < 0:
            yield (
                f"row {extent.least_row}: input {_name_of(port)!r} is {extent.least:g}: the model "
                "counts negative numbers from the end of its table"
            )


def _check_type(port: Port, extent: Extent, *, pictures: bool) -> None:
    """Refuse a value that the input's element type cannot hold."""
    if (misfit := _misfit(extent, port.kind)) is None:
        return
    row, value = misfit
    advice = f"; {OWN_SCALE}" if pictures else ""
    raise SourceError(
        f"row {row}: input {_name_of(port)!r} of the model takes {in_words(port.kind)}, "
        f"the data gives {value:g}{advice}"
    )


def _check_table(port: Port, extent: Extent, size: int) -> None:
    """Refuse an id for which there is no row: the CPU plugin takes zeros in its place."""
    for row, value in ((extent.most_row, extent.most), (extent.least_row, extent.least)):
        if not -size <= value < size:
            raise SourceError(
                f"row {row}: {value:g} is beyond the table of {size} that input "
                f"{_name_of(port)!r} of the model looks up"
            )


def _name_of(port: Port) -> str:
    """What a person calls an input."""
    return port.name or "input"


def classes_of(
    recipe: Recipe, outputs: Sequence[Port], collected: Collected, answers: Sequence[Any] | None
) -> Classes | None:
    """Decides how a classifier's output is read, and returns the data's labels; None of other
    tasks.

    Args:
        recipe: whose `model.scores` and names count.
        outputs: of the model.
        collected: the evaluation data.
        answers: the right ones, where something is judged by them.

    Raises:
        SourceError: classes and outputs differ in number, or the output cannot be told.
    """
    if not recipe.task_info.classes or not outputs:
        return None
    names = collected.labels
    highest = max(answers, default=0) if answers else 0
    classes = find_scores(outputs, recipe.model.scores, len(names) if names else None, highest + 1)
    if classes.count is not None and answers is not None:
        _check_count(classes, classes.count, collected, answers)
    mapping = collected.labels_taken
    if recipe.data.first_label:
        mapping += f"; the first is number {recipe.data.first_label}"
    return structs.replace(classes, mapping=mapping, labels=names)


def _check_count(
    classes: Classes, count: int, collected: Collected, answers: Sequence[int]
) -> None:
    """Refuse names or labels that are not as many as the scores."""
    has = f"the model's output {classes.output!r} has {count}"
    if collected.labels and len(collected.labels) != count:
        raise SourceError(
            f"{collected.dataset}: {len(collected.labels)} classes are named, {has}: "
            "list all of them in the model's order as data.labels"
        )
    beyond = [
        f"row {row}: class {answer}"
        for row, answer in zip(collected.indices, answers, strict=True)
        if answer >= count
    ]
    if collected.highest_class is not None and collected.highest_class >= count:
        beyond.append(f"class {collected.highest_class}")
    if beyond:
        raise SourceError(
            f"{collected.dataset}: {beyond[0]} is beyond what {has}, 0 to {count - 1}; "
            "where labels count from 1, give data.first_label = 1"
        )


def _extent(port: Port, inputs: Sequence[Port], collected: Collected) -> Extent | None:
    """The values that an input is given, as `data.inputs` binds them."""
    extents = collected.extents
    if len(inputs) == len(extents) == 1:
        return next(iter(extents.values()))
    return next((extents[name] for name in port.names if name in extents), None)


def _misfit(extent: Extent, kind: str) -> tuple[int | None, float] | None:
    """Row and value that an element type cannot hold."""
    limits = limits_of(kind)
    if limits is None:
        return None
    if extent.fraction is not None:
        return extent.fraction_row, extent.fraction
    if extent.least < limits[0]:
        return extent.least_row, extent.least
    if extent.most > limits[1]:
        return extent.most_row, extent.most
    return None
