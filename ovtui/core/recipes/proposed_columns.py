"""Which column of a data set is which of a task's: by what it holds, then by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.recipes.data_facts import DataColumn, Kind
from ovtui.core.recipes.metrics import REFERENCE
from ovtui.core.recipes.model_facts import ModelFacts, Port
from ovtui.core.recipes.recipe import Column
from ovtui.core.recipes.task import TASKS
from ovtui.core.recipes.task_info import TaskColumn


class Taken(NamedTuple):
    """A column of the data for one of the task's, and why."""

    column: Column
    reason: str
    uncertain: bool = False


_KINDS: dict[Kind, str] = {
    "picture": "pictures",
    "audio": "recordings",
    "text": "texts",
    "name": "a few names",
    "class": "a few whole numbers",
    "number": "numbers",
    "array": "arrays",
    "texts": "lists of texts",
    "objects": "boxes with their classes",
    "other": "something else",
}
_ANSWERS_OF_TENSORS = (REFERENCE, "label", "labels", "target", "y", "output", "expected", "class")


def columns_of_task(task: str, there: Sequence[DataColumn]) -> dict[str, Taken]:
    """Returns the data's column for each of a task's that has one."""
    wanted = TASKS[task].columns
    columns: dict[str, Taken] = {}
    for item in wanted:
        if column := _by_name(item, _left(there, columns)):
            columns[item.name] = Taken(column.name, _in_words(column))
    for item in wanted:
        fitting = _by_kind(item, _left(there, columns))
        if fitting and item.name not in columns and not item.optional:
            columns[item.name] = Taken(fitting[0].name, _in_words(fitting[0]), uncertain=True)
    return columns


def columns_of_tensors(model: ModelFacts, there: Sequence[DataColumn]) -> dict[str, Taken]:
    """Returns the data's column, or columns of numbers, for each input of a graph, and right
    answers.

    An input that no column is found for is not in what is returned.
    """
    columns: dict[str, Taken] = {}
    answer = _answer(model, there)
    for port in model.inputs:
        left = [column for column in _left(there, columns) if column != answer]
        if taken := _for_input(port, left, only=len(model.inputs) == 1):
            columns[port.name] = taken
    if answer is not None and answer in _left(there, columns):
        guess = answer.name.lower() not in _ANSWERS_OF_TENSORS
        reason = "right answers: the column that is no input" if guess else "right answers"
        columns[REFERENCE] = Taken(answer.name, reason, uncertain=guess)
    return columns


def _answer(model: ModelFacts, there: Sequence[DataColumn]) -> DataColumn | None:
    """The column of right answers: by its name, else the last number that no input needs."""
    inputs = {port.name for port in model.inputs}
    usable = [it for it in there if it.kind in ("class", "number", "array", "picture")]
    for name in _ANSWERS_OF_TENSORS:
        for column in usable:
            if column.name.lower() == name and column.name not in inputs:
                return column
    left = [it for it in usable if it.name not in inputs]
    numbers = [it for it in left if it.kind in ("class", "number")]
    if len(model.inputs) == 1 and len(left) - len(numbers) == 1 and len(numbers) == 1:
        return numbers[0]  # beside an array
    widths = [_width(port) for port in model.inputs]
    if len(numbers) == len(left) and len(numbers) - 1 == sum(width or 0 for width in widths):
        return numbers[-1]
    return None


def _for_input(port: Port, left: Sequence[DataColumn], *, only: bool) -> Taken | None:
    """What an input is fed from."""
    same = [column for column in left if column.name.lower() == port.name.lower()]
    if same and _fits(port, same[0]):
        return Taken(same[0].name, f"of the input's name; {same[0].example}")
    arrays = [
        column for column in left if column.kind in ("array", "picture") and _fits(port, column)
    ]
    if arrays:
        others = ", ".join(array.name for array in arrays[1:])
        why = f"{arrays[0].example} fits" + (f"; so does {others}" if others else "")
        return Taken(arrays[0].name, why, uncertain=bool(others))
    numbers = [column.name for column in left if column.kind in ("class", "number")]
    width = _width(port)
    if only and width is not None and numbers and width in (-1, len(numbers)):
        return Taken(numbers, f"{len(numbers)} columns of numbers, in the file's order", True)
    return None


def _width(port: Port) -> int | None:
    """How many numbers a row of an input [samples, numbers] has; None for another rank."""
    return port.shape[1] if port.shape is not None and len(port.shape) == 2 else None


def _fits(port: Port, column: DataColumn) -> bool:
    """Whether rows have an input's shape, without or with its batch axis."""
    if port.shape is None:
        return True
    return any(
        len(shape) == len(column.shape)
        and all(want in (-1, size) for want, size in zip(shape, column.shape, strict=True))
        for shape in (port.shape[1:], port.shape)
    )


def _by_name(item: TaskColumn, left: Sequence[DataColumn]) -> DataColumn | None:
    for name in (item.name, *item.called):
        for column in left:
            if column.name.lower() == name and column.kind in item.kinds:
                return column
    return None


def _by_kind(item: TaskColumn, left: Sequence[DataColumn]) -> list[DataColumn]:
    """Returns columns that hold what is wanted, the likeliest first."""
    fitting = [column for column in left if column.kind in item.kinds]
    return sorted(fitting, key=lambda column: item.kinds.index(column.kind))


def _in_words(column: DataColumn) -> str:
    return f"{_KINDS[column.kind]}, as {column.example!r}"


def _left(there: Sequence[DataColumn], columns: dict[str, Taken]) -> list[DataColumn]:
    """Columns that are not taken yet."""
    taken = {
        part
        for column in columns.values()
        for part in ([column.column] if isinstance(column.column, str) else column.column)
    }
    return [column for column in there if column.name not in taken]
