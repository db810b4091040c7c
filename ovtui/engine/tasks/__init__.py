"""One file per task: from a row to the model's inputs, and from its outputs to an outcome."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.source import Folder, HubId
from ovtui.core.recipes.task import TASKS
from ovtui.core.recipes.task_info import Compares
from ovtui.core.results.prediction import Prediction
from ovtui.core.results.result import Classes
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.sources import folder_of_model, load_model
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.tasks.answers import PerRow
from ovtui.engine.tasks.boxes import SURE

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class Task(ABC):
    """What a kind of model takes, gives and is judged by."""

    dynamic: ClassVar[Mapping[str, tuple[int, ...]]] = {}
    """Axes of the model's inputs that conversion leaves free, where that is no matter of the model:
    see `free_axes`."""
    shared: ClassVar[frozenset[str]] = frozenset()
    """Inputs that every evaluation sample has in common: a batch is given them once."""
    evaluated: ClassVar[tuple[int, ...] | None] = None
    """Outputs that evaluation reads, with an axis for the samples; all of them when None."""
    compared: ClassVar[tuple[str, ...] | None] = None
    """Outputs whose nearness to the baseline's is told; all of them when None."""
    shown_classes = 5
    """How many of the likeliest classes a prediction tells, where there are some."""

    def __init__(
        self, recipe: Recipe, labels: Labels, model_folder: Path | None, folder: Path | None
    ) -> None:
        self.data = recipe.data
        self.recipe = recipe
        self.labels = labels.model
        """Class names by the model's index."""
        self.data_labels = labels.data
        """Class names by the data's number, where that is another."""
        self.labels_taken = labels.taken
        """How labels of the data become classes of the model, in words."""
        self.classes: Classes | None = None
        """How a classifier's output is read; as scores in the first one where nothing is known."""
        self.model_folder = model_folder
        """Folder of a Hugging Face model, with its own preprocessing."""
        self.folder = folder
        """Folder that paths in the rows start from."""
        self.place = Path()
        """Folder that the recipe's own paths start from."""

    @staticmethod
    def graph(model: PreTrainedModel) -> torch.nn.Module:
        """Returns what of a loaded Hugging Face model is used: a `torch.nn.Module` of named
        inputs.
        """
        return model

    @classmethod
    def free_axes(cls, asked: PlacedRecipe, folder: Path | None) -> Mapping[str, Sequence[int]]:
        """Returns the axes of the model's inputs that conversion leaves free, by the input's name.

        Args:
            asked: recipe and its folder.
            folder: of a Hugging Face model, with its own preprocessing.
        """
        return cls.dynamic

    def measured(self, arrays: Arrays) -> Arrays:
        """Returns what speed is measured on, from the inputs of an evaluation sample."""
        return arrays

    @abstractmethod
    def inputs(self, row: Row) -> Arrays:
        """Returns the model's inputs for one row, with a batch axis of one.

        Raises:
            Unusable: this row cannot be used.
            SourceError: no row can, since the recipe names no columns for the inputs.
        """

    def shows_more(self, examples: Sequence[Arrays], sample: Arrays) -> bool:
        """Returns whether a sample shows conversion what these do not."""
        return True

    def processed(self, row: Row) -> Arrays | None:
        """Returns all that the model's own processor gives of a row, as transformers' examples use
        it.

        Apart from `inputs`, so that conversion can tell when those say something else; None where
        the recipe prepares rows by itself. Of several calls, the first's.
        """
        return None

    def enough(self, examples: Sequence[Arrays]) -> bool:
        """Returns whether these samples' inputs show conversion what the model is called with.

        A second one shows what a trace took for constant.
        """
        return len(examples) > 1

    def calls(self, row: Row) -> list[Arrays]:
        """Returns the inputs of each call of the model that one row takes: one, unless a task says
        more.

        Raises:
            Unusable: this row cannot be used.
        """
        return [self.inputs(row)]

    def at_length(self, inputs: Arrays, tokens: int) -> Arrays:
        """Returns a call's inputs as speed is measured on them; only texts have a length to fill.

        Args:
            inputs: with a batch axis of one.
            tokens: to cut or pad to.

        Raises:
            SourceError: the tokenizer cuts texts shorter, or cannot pad.
        """
        return inputs

    def from_person(self, row: Row) -> Row:
        """Returns a row as a person gives it, read as those of the data are.

        Raises:
            Unusable: it cannot be read.
        """
        return row

    def doubts(self, row: Row) -> list[str]:
        """Returns what a person should know of a row that can be read and is hardly what they
        meant.
        """
        return []

    def check_language(self) -> None:  # noqa: B027
        """Refuses a language that the recipe asks for and the model does not know.

        Raises:
            SourceError: it cannot do what the recipe's `generation` asks for.
        """

    @abstractmethod
    def reference(self, row: Row) -> Any:
        """Returns the right answer of a row, as plain data; its form is the task's own.

        Raises:
            SourceError: the row has something else, such as a label that no class has.
        """

    def restored(self, reference: Any) -> Any:
        """Returns a right answer from plain data, as a metric is given it."""
        return reference

    def look_at(self, model: Path, sample: Arrays) -> None:  # noqa: B027
        """Learns what a model file's outputs are, from the file and one row's inputs."""

    @abstractmethod
    def predict(self, outputs: Sequence[np.ndarray]) -> Any:
        """Returns what the model says of all samples, as plain data; its form is the task's own.

        Args:
            outputs: of the model, in its order; the first axis of each is the samples.

        Raises:
            SourceError: the outputs are not what the task's models give.
        """

    def prediction(self, calls: Sequence[Sequence[np.ndarray]]) -> Any:
        """Returns what the model says of one row, as plain data.

        Args:
            calls: for each call of the model that the row takes, its outputs with a batch axis of
                one.
        """
        return self.predict(calls[0])[0]

    def vector(self, prediction: Any) -> np.ndarray:
        """Returns the part of a prediction that the metric `cosine` compares: float [values].

        Raises:
            SourceError: predictions of this task are no vectors.
        """
        raise SourceError("metric: 'cosine' compares vectors, and this task's answers are none")

    def in_order(self, one: Arrays, other: Arrays) -> Arrays:
        """Returns a variant's outputs of a call in the order that the baseline's have.

        Here as they are: only objects may come in another order and be the same.

        Args:
            one: the baseline's, by output.
            other: the variant's.
        """
        return other

    @abstractmethod
    def answer(self, prediction: Any) -> Any:
        """Returns the part of a prediction that is right or wrong: what a metric compares."""

    def as_right(self, answers: PerRow) -> PerRow:
        """Returns what of the baseline's answers counts as right, where nobody knows better."""
        return answers

    @property
    def sureness(self) -> float:
        """Score, 0 to 1, from which an object counts as found."""
        return SURE

    def nothing(self, prediction: Any) -> Any:
        """Returns a prediction that is wrong, from that of zeros in the place of what is no
        number.
        """
        return prediction

    def normalised(self, text: str) -> str:
        """Returns a text as metrics of words compare it; here without case and punctuation."""
        from ovtui.engine.comparison.normalisation import basic

        return basic()(text)

    def part(self, prediction: Any, what: Compares) -> Any:
        """Returns the part of a prediction that a metric compares.

        Raises:
            SourceError: a prediction of this model has none such.
        """
        return self.vector(prediction) if what == "outputs" else self.answer(prediction)

    def agrees(self, one: Any, other: Any) -> bool:
        """Returns whether two answers are the same for a person."""
        return bool(one == other)

    def same(self, one: PerRow, other: PerRow) -> list[bool]:
        """Returns for each sample, whether the baseline's prediction and another are the same.

        Args:
            one: the baseline's predictions.
            other: a variant's.
        """
        return [
            self.agrees(self.answer(mine), self.answer(theirs))
            for mine, theirs in zip(one, other, strict=True)
        ]

    def changes(self, one: PerRow, other: PerRow, same: Sequence[bool]) -> list[float]:
        """Returns how much of each sample's prediction changed, 0 to 1; here all of it, or nothing.

        Args:
            one: the baseline's predictions.
            other: a variant's.
            same: for each sample, whether the two are the same.
        """
        return [float(not it) for it in same]

    def likeness(self, one: PerRow, other: PerRow) -> Sequence[float | None]:
        """Returns for each sample, how much of its prediction another one keeps: 0 to 1.

        Here 1 where they are the same, and 0 where not; a task whose answers have parts counts
        these.

        Args:
            one: the baseline's predictions.
            other: a variant's.

        Returns:
            None of a sample that neither says anything of.
        """
        return [float(it) for it in self.same(one, other)]

    @property
    def reading(self) -> str:
        """How outputs were found to be read, in words; empty where there is one way."""
        return ""

    @property
    def sameness(self) -> str:
        """When two predictions are the same, in words; empty where they are equal then."""
        return ""

    @abstractmethod
    def describe(self, prediction: Any) -> Prediction:
        """Returns a prediction as shown to a person."""

    def describe_beside(self, prediction: Any, baseline: Any) -> Prediction:
        """Returns a prediction as shown to a person beside the baseline's."""
        return self.describe(prediction)

    def within(self, row: Row, prediction: Any) -> Any:
        """Returns a prediction in terms of its row: boxes in the pixels of its picture, no times
        after its recording's end.
        """
        return prediction

    def words(self, row: Row) -> Row:
        """Returns the part of a row's input that is text, as shown to a person."""
        return {}

    @abstractmethod
    def show(self, row: Row, folder: Path, name: str) -> Row:
        """Returns a row's input as shown to a person; files go into the folder and are named
        by it.

        Args:
            row: of the data.
            folder: for files.
            name: that they begin with.
        """

    def class_name(self, label: int) -> str:
        """Returns what a class is called, or its number."""
        known = self.labels or []
        return known[label] if 0 <= label < len(known) else str(label)

    def name_reference(self, reference: Any) -> Any:
        """Returns a reference as shown to a person."""
        return reference


def task_class(name: str) -> type[Task]:
    """Returns the class of the task with this name."""
    file, _, kind = TASKS[name].handler.partition(":")
    task_kind: type[Task] = getattr(importlib.import_module(f"{__name__}.{file}"), kind)
    return task_kind


def open_model(asked: PlacedRecipe) -> torch.nn.Module | Path:
    """Loads a recipe's model as its task uses it: a `torch.nn.Module`, or the path of a file.

    Raises:
        SourceError: it cannot be read, or needs a trust that the recipe does not give.
    """
    model = load_model(asked)
    if isinstance(asked.model_source(), Folder | HubId):
        return task_class(asked.recipe.task).graph(model)
    return model


def open_task(
    recipe: Recipe,
    labels: Labels,
    model_folder: Path | None,
    folder: Path | None,
    classes: Classes | None = None,
    place: Path | None = None,
) -> Task:
    """Returns the task of a recipe, for its data; of a classifier, with how its output is read.

    Args:
        recipe: of the run.
        labels: names that count.
        model_folder: with tokenizer and preprocessing files.
        folder: that paths in rows are relative to.
        classes: how a classifier's output is read.
        place: folder that the recipe's own paths start from.
    """
    task = task_class(recipe.task)(recipe, labels, model_folder, folder)
    task.classes = classes
    task.place = place or Path()
    return task


def reopen_task(asked: PlacedRecipe, collected: Collected, classes: Classes | None = None) -> Task:
    """Opens the task as it was when samples were collected; the data is not opened again.

    Args:
        asked: recipe and its folder.
        collected: samples of this run.
        classes: how a classifier's output is read.
    """
    folder = Path(collected.folder) if collected.folder else None
    labels = Labels(collected.labels, collected.data_labels)
    return open_task(asked.recipe, labels, folder_of_model(asked), folder, classes, asked.place)
