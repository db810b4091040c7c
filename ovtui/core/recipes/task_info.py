"""What there is to know of a task, and of the columns that it reads, before a model is there."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ovtui.core.recipes.data_facts import Kind

Compares = Literal[
    "answers",
    "classes",
    "numbers",
    "texts",
    "outputs",
    "arrays",
    "objects",
    "masks",
    "likelihoods",
]
"""Of a prediction: what is right or wrong, a class, one number, a text, what the model gave as
vectors, or as arrays of numbers, objects with their boxes, the class of each pixel, or how likely
it finds each token."""


class TaskColumn(NamedTuple):
    """A column of the data that a task reads; `data.columns` of a recipe says what it is called."""

    name: str
    kinds: tuple[Kind, ...]
    """What a data set's column for it may hold, the likeliest first."""
    called: tuple[str, ...] = ()
    """What data sets call it, the likeliest first."""
    option: str = ""
    """How a person gives it to `ovtui predict`; empty where it is not asked for."""
    optional: bool = False
    """It is used where the data has it: what a column holds is no reason to take it for this."""


class TaskInfo(NamedTuple):
    """A kind of model: what takes it from rows to answers is in its own file of `engine.tasks`."""

    handler: str
    """That file and its class, as in `text_classification:TextClassification`."""
    auto_class: str
    """The class of transformers that loads its models."""
    metric: str
    """What judges where the recipe names no metric."""
    compares: tuple[Compares, ...]
    """What of its predictions a metric may compare."""
    inputs: tuple[TaskColumn, ...] = ()
    """What its models are given, and a person may ask them."""
    answer: TaskColumn | None = None
    """The right answers, which evaluation needs for metrics that compare with these."""
    calibration: tuple[TaskColumn, ...] = ()
    """What calibration is given besides."""
    components: tuple[str, ...] = ()
    """Of models that write token by token, where the recipe names no others."""
    transformer: bool = False
    """Quantized as a transformer where the recipe does not say."""
    classes: bool = False
    """Its answer is one of the classes that the model has scores for."""
    candidates: bool = False
    """Its answer is one of the labels that it is given as words: a person may name others."""
    spoken: bool = False
    """It hears a language, which a person may name."""
    arrays: bool = False
    """Its inputs and outputs are arrays of numbers, whose names are the model's own."""
    architectures: tuple[str, ...] = ()
    """Classes of transformers whose models are for it."""
    endings: tuple[str, ...] = ()
    """What the names of such classes end in."""
    ctc_class: str = ""
    """The class of transformers for those of its models that name a letter for each moment."""
    without_question: str = ""
    """The task that the same models do where a person asks no question."""

    @property
    def names_classes(self) -> bool:
        """Its answers are of classes that the model counts, and may name."""
        return self.classes or not {"objects", "masks"}.isdisjoint(self.compares)

    @property
    def columns(self) -> tuple[TaskColumn, ...]:
        """All columns that it knows; none where they are the model's own inputs."""
        answer = () if self.answer is None else (self.answer,)
        return (*self.inputs, *self.calibration, *answer)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns that it knows."""
        return tuple(column.name for column in self.columns)

    @property
    def optional(self) -> tuple[str, ...]:
        """Names of the columns that are used where the data has them."""
        return tuple(column.name for column in self.columns if column.optional)

    @property
    def files(self) -> bool:
        """Its rows are pictures or recordings, of which words do not tell all."""
        return not {"image", "audio"}.isdisjoint(self.column_names)

    @property
    def picture(self) -> bool:
        """Its model is one graph that takes a picture."""
        return "image" in self.column_names and not self.components

    @property
    def text(self) -> bool:
        """Its model is one graph that takes texts."""
        return not (self.components or self.files or self.arrays)

    def needed(self, use: str, *, references: bool) -> tuple[str, ...]:
        """Returns the names of the columns without which a row is of no use.

        Args:
            use: `calibration`, `evaluation` or `validation`.
            references: the right answers are needed as well.
        """
        given = (*self.inputs, *self.calibration) if use == "calibration" else self.inputs
        answer = (self.answer,) if self.answer and references else ()
        return tuple(column.name for column in (*given, *answer) if not column.optional)
