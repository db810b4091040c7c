"""Any model on stored arrays: judged by how near all of its outputs stay to the baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from msgspec import structs

from ovtui.core.recipes.metrics import BUILT_IN, REFERENCE, is_reference
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Column, Recipe
from ovtui.core.recipes.source import File, model_format
from ovtui.core.recipes.task_info import Compares
from ovtui.core.results.prediction import ArraysPrediction, Number, OutputSummary
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.comparison.nearness import cosine, nearness
from ovtui.engine.data.inputs import names_of
from ovtui.engine.data.outputs import Output, outputs_of
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.model_files import read_model
from ovtui.engine.models.module_inputs import varying_axes
from ovtui.engine.tasks import Task

ANSWER = "the right answer"
"""A row's key for it, as no model calls an input; of several, each is this, a dot and its name."""

_SHOWN = 8
_CHECKED = 8
"""Rows that a graph is compared with the original on: a trace holds the branch of the first alone,
and of two branches that rows take as often, 8 rows miss one in 1 of 128 cases."""
_SAME = 0.999
"""Outputs at least so near are the same prediction: a cosine of 0.999 is an angle of 2.6°."""


class Tensors(Task):
    """Rows whose columns are the model's inputs; `data.columns` maps input names to columns.

    A prediction is the model's outputs by name, each without the batch axis of one.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._outputs: list[Output] = []
        named = {self.recipe.metric, *self.recipe.also}
        self._classifies = any(
            name == "agreement" or (name in BUILT_IN and BUILT_IN[name].compares == "classes")
            for name in named
        )

    def look_at(self, model: Path, sample: Arrays) -> None:
        self._outputs = outputs_of(model, sample)

    def shows_more(self, examples: Sequence[Arrays], sample: Arrays) -> bool:
        if len(examples) < _CHECKED:
            return True
        known = varying_axes(examples)
        return varying_axes([*examples, sample]) != known

    def enough(self, examples: Sequence[Arrays]) -> bool:
        """Returns True for one row of a file, which knows its own axes; all rows may show what
        varies.
        """
        model = self.recipe.model
        if model_format(model.source):
            return True
        return bool(model.dynamic) and len(examples) >= _CHECKED

    def inputs(self, row: Row) -> Arrays:
        arrays = {
            name: _numbers(name, value)[None] for name, value in row.items() if not _is_answer(name)
        }
        if not arrays:
            raise SourceError(
                f"data.columns: a '{self.recipe.task}' recipe names the column of every model "
                'input, as in columns = { input = "x" }'
            )
        return arrays

    def reference(self, row: Row) -> Any:
        answers = {key.removeprefix(ANSWER): _plain(row[key]) for key in row if _is_answer(key)}
        several = {key.removeprefix("."): value for key, value in answers.items() if key}
        return several or answers.get("")

    def restored(self, reference: Any) -> Any:
        if isinstance(reference, dict):
            return {name: self.restored(value) for name, value in reference.items()}
        return np.asarray(reference) if isinstance(reference, list) else reference

    def predict(self, outputs: Sequence[np.ndarray]) -> list[Arrays]:
        return [
            self.prediction([[output[row : row + 1] for output in outputs]])
            for row in range(len(outputs[0]))
        ]

    def prediction(self, calls: Sequence[Sequence[np.ndarray]]) -> Arrays:
        known = self._outputs or [Output(str(number)) for number in range(len(calls[0]))]
        return {
            output.name: array[0] if output.batched and len(array) == 1 else array
            for output, array in zip(known, calls[0], strict=False)
        }

    def answer(self, prediction: Arrays) -> np.ndarray | Arrays:
        """Returns the only output, or all of them by name."""
        return next(iter(prediction.values())) if len(prediction) == 1 else prediction

    def part(self, prediction: Arrays, what: Compares) -> Any:
        match what:
            case "outputs":
                return prediction
            case "classes":
                return self.top(prediction)
            case "numbers":
                return _only_number(prediction)
            case "arrays":
                return _only(prediction, "arrays", list(prediction.values()))
        return self.answer(prediction)

    def top(self, prediction: Arrays) -> int:
        """Returns the class with the highest score, of the only output that is a list of them.

        Raises:
            SourceError: there is none, or more than one and `model.scores` names none.
        """
        named = self.recipe.model.scores
        lists = [
            array
            for number, (name, array) in enumerate(prediction.items())
            if array.ndim == 1 and array.size > 1 and named in (None, name, str(number))
        ]
        scores = [array for array in lists if array.dtype.kind == "f"]
        return int(np.argmax(_only(prediction, "classes", scores)))

    def same(self, one: Sequence[Arrays], other: Sequence[Arrays]) -> list[bool]:
        if self._classifies:
            return [self.top(got) == self.top(want) for got, want in zip(one, other, strict=True)]
        return [near >= _SAME for near in nearness(other, one)]

    def likeness(self, one: Sequence[Arrays], other: Sequence[Arrays]) -> Sequence[float | None]:
        """Returns how near the farthest part of the outputs is; of a classifier, 1 or 0."""
        if self._classifies:
            return super().likeness(one, other)
        return [max(0.0, near) for near in nearness(other, one)]

    @property
    def sameness(self) -> str:
        return (
            "the highest score is of the same class"
            if self._classifies
            else f"no part of the outputs has a cosine below {_SAME}"
        )

    def describe(self, prediction: Arrays) -> ArraysPrediction:
        return self._described(prediction, {})

    def describe_beside(self, prediction: Arrays, baseline: Arrays) -> ArraysPrediction:
        return self._described(prediction, baseline)

    def _described(self, prediction: Arrays, baseline: Arrays) -> ArraysPrediction:
        outputs = {name: _summary(array, baseline.get(name)) for name, array in prediction.items()}
        label = str(self.top(prediction)) if self._classifies else None
        first = next(iter(outputs.values()))
        return ArraysPrediction(label=label, values=first.values, outputs=outputs)

    def words(self, row: Row) -> Row:
        return {name: _in_words(value) for name, value in row.items() if not _is_answer(name)}

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return self.words(row)

    def name_reference(self, reference: Any) -> Any:
        if isinstance(reference, dict):
            return {name: self.name_reference(value) for name, value in reference.items()}
        return _in_words(reference) if isinstance(reference, list) else reference


def _is_answer(key: str) -> bool:
    return key == ANSWER or key.startswith(f"{ANSWER}.")


def _numbers(name: str, value: Any) -> np.ndarray:
    """A cell as an array of numbers, of any shape."""
    if value is None:
        raise Unusable(f"{name}: is missing")
    try:
        array = np.asarray(value)
    except ValueError as error:  # lists of unequal length
        raise Unusable(f"{name}: is no array: {reason(error)}") from error
    if array.dtype.kind not in "fiub":
        raise Unusable(f"{name}: expected numbers, found {value!r:.40}")
    return array


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _only(prediction: Arrays, what: str, fitting: Sequence[np.ndarray]) -> np.ndarray:
    """The one output that fits.

    Raises:
        SourceError: there is none, or more than one.
    """
    if len(fitting) == 1:
        return fitting[0]
    wanted = {"classes": "[classes]", "numbers": "one number"}.get(what, "any shape")
    advice = "name it as model.scores, take cosine" if what == "classes" else "take cosine"
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in prediction.items())
    raise SourceError(
        f"metric: judges one output of {wanted}; the model gives {shapes}; "
        f"{advice}, or give file.py:function"
    )


def _only_number(prediction: Arrays) -> float:
    numbers = [array for array in prediction.values() if array.size == 1]
    return float(_only(prediction, "numbers", numbers).item())


def _summary(array: np.ndarray, baseline: np.ndarray | None) -> OutputSummary:
    """Returns shape, range and first values of an output, and how near it is to the baseline's."""
    values: list[Number] = [
        round(float(value), 6) if array.dtype.kind == "f" else int(value)
        for value in array.ravel()[:_SHOWN]
    ]
    summary = OutputSummary(shape=list(array.shape), values=values)
    if array.size:
        ends = float(array.min()), float(array.max())
        summary = structs.replace(summary, lowest=ends[0], highest=ends[1])
    if baseline is None or baseline.shape != array.shape or not array.size:
        return summary
    one, other = array.astype(np.float64), baseline.astype(np.float64)
    return structs.replace(
        summary,
        cosine=round(cosine(one, other), 6) if array.size > 1 else None,
        max_abs_difference=float(np.abs(one - other).max()),
    )


def _in_words(value: Any) -> str:
    """Type, shape and range of an array, or the number that it is."""
    try:
        array = np.asarray(value)
    except ValueError:
        return f"{value!r:.60}"
    if array.dtype.kind not in "fiub" or not array.ndim:
        return f"{value!s:.60}"
    ends = f", {array.min():.4g} to {array.max():.4g}" if array.size else ""
    return f"{array.dtype}{list(array.shape)}{ends}"


def with_answers(asked: PlacedRecipe, *, needed: bool) -> Recipe:
    """Returns the recipe with `data.columns` as rows have it.

    Right answers are never taken for inputs. An input that an IR or ONNX file calls `reference` is
    one, and no right answer.

    Args:
        asked: a recipe of the task `tensors`.
        needed: right answers are wanted; else their columns are left out.

    Raises:
        SourceError: the model cannot be read.
    """
    recipe, data = asked.recipe, asked.recipe.data
    subsets = {name: getattr(data, name) for name in ("calibration", "evaluation", "validation")}
    named = [
        data.columns,
        *(subset.columns for subset in subsets.values() if subset and subset.columns),
    ]
    keys = {key for columns in named for key in columns if is_reference(key)}
    keys -= _inputs_of(asked) if keys else set()

    def renamed(columns: dict[str, Column]) -> dict[str, Column]:
        return {
            ANSWER + key.removeprefix(REFERENCE) if key in keys else key: column
            for key, column in columns.items()
            if needed or key not in keys
        }

    changed = {
        name: structs.replace(subset, columns=renamed(subset.columns))
        for name, subset in subsets.items()
        if subset and subset.columns
    }
    data = structs.replace(data, columns=renamed(data.columns), **changed)
    return structs.replace(recipe, data=data)


def _inputs_of(asked: PlacedRecipe) -> set[str]:
    """What an IR or ONNX file calls its inputs; a PyTorch model is not loaded for that."""
    source = asked.model_source()
    if not isinstance(source, File):
        return set()
    model = read_model(ov.Core(), source.path)
    return {name for port in model.inputs for name in names_of(port)}
