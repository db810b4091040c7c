"""What a person asks the models of a run, as a row of the task's data and a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.text.errors import UserError, nearest
from ovtui.engine.data.given_arrays import given_arrays
from ovtui.engine.data.selection import Row
from ovtui.engine.tasks import task_class

_OPTIONS = {
    "image": "--image",
    "audio": "--audio",
    "question": "--question",
    "text": "--text",
    "text_pair": "a second --text",
    "sentence1": "--text",
    "sentence2": "a second --text",
}
"""How a person gives a column of a task."""
ANSWERS, CAPTIONS = "visual-question-answering", "image-to-text"
_ZERO_SHOT, _SPEECH = "zero-shot-image-classification", "automatic-speech-recognition"
DETECTED = "auto"
"""A language that is heard from the recording."""


class Asked(NamedTuple):
    """A question as the engine works on it."""

    recipe: Recipe
    """The run's, with what the question says otherwise."""
    row: Row


def asked(recipe: Recipe, question: Question) -> Asked:
    """Returns a question to the models of a recipe.

    Without words, a question about a picture is one for a caption: another task of the same parts.

    Raises:
        UserError: the task wants something else.
    """
    words = (question.question or "").strip()
    question = structs.replace(question, question=words or None)
    if recipe.task == ANSWERS and question.question is None:
        recipe = structs.replace(recipe, task=CAPTIONS)
        if not question.image or question.texts or question.audio:
            raise UserError(f"{ANSWERS}: expected --image and --question, or --image for a caption")
    row = row_of(recipe, question)
    return Asked(_as_heard(_with_labels(recipe, question), question), row)


def row_of(recipe: Recipe, question: Question) -> Row:
    """Returns what a person gives, as a row of the task's data.

    Raises:
        UserError: the task wants something else.
    """
    if recipe.task == "tensors":
        return _arrays_of(recipe, question)
    if question.inputs:
        raise UserError(f"--input: a model of the task {recipe.task} takes no arrays")
    kind = task_class(recipe.task)
    needed = [name for name in kind.columns if name in kind.calibration_columns]
    takes = [*needed, *(name for name in kind.optional_columns if name in _OPTIONS)]
    texts = iter(question.texts)
    row: Row = {}
    for name in takes:
        given = next(texts, None) if "--text" in _OPTIONS[name] else getattr(question, name)
        if given is not None:
            row[name] = given
    left = [name for name in ("image", "audio", "question") if getattr(question, name)]
    if not set(needed) <= set(row) or not set(left) <= set(row) or next(texts, None) is not None:
        wanted = " and ".join(_OPTIONS[name] for name in needed)
        further = [f"{_OPTIONS[name]} if there is one" for name in takes if name not in needed]
        raise UserError(f"{recipe.task}: expected {', '.join([wanted, *further])}")
    return row


def _arrays_of(recipe: Recipe, question: Question) -> Row:
    """What a person gives a model on arrays."""
    others = question.texts or question.image or question.audio or question.question
    if others or not question.inputs:
        raise UserError(
            "tensors: expected --input NAME=FILE.npy for each input of the model, or all as "
            "--input FILE.npz; each as a row of the data has it"
        )
    known = {*recipe.data.columns, *(recipe.data.evaluation.columns or {})}
    for name in question.inputs:
        if name and name not in known:
            raise UserError(f"--input {name}: the model has no such input, {nearest(name, known)}")
    return dict(given_arrays(question.inputs))


def _with_labels(recipe: Recipe, question: Question) -> Recipe:
    """The recipe with the candidates that a person names."""
    labels, prompt = question.labels, question.prompt
    if not labels and prompt is None:
        return recipe
    option = "--labels" if labels else "--prompt"
    if recipe.task != _ZERO_SHOT:
        raise UserError(
            f"{option}: is for {_ZERO_SHOT}; a model of the task {recipe.task} has no candidates"
        )
    if labels:
        _check_labels(labels)
    if prompt is not None and "{label}" not in prompt:
        raise UserError(f"--prompt {prompt!r}: expected {{label}} where the label goes")
    data = structs.replace(
        recipe.data,
        labels=labels or recipe.data.labels,
        prompt=recipe.data.prompt if prompt is None else prompt,
    )
    return structs.replace(recipe, data=data)


def _check_labels(labels: Sequence[str]) -> None:
    for label in labels:
        if not label.strip():
            raise UserError("--labels: one of them is empty")
        if labels.count(label) > 1:
            raise UserError(f"--labels: {label!r} is there twice")
    if len(labels) < 2:
        raise UserError(
            f"--labels {labels[0]!r}: expected two or more, each a word of its own or "
            "separated by commas: one label alone always has 100 %"
        )


def _as_heard(recipe: Recipe, question: Question) -> Recipe:
    """The recipe with the language and the task that a person names for a recording."""
    language, translate = question.language, question.translate
    if language is None and translate is None:
        return recipe
    if recipe.task != _SPEECH:
        option = "--translate" if language is None else "--language"
        raise UserError(
            f"{option}: is for {_SPEECH}; a model of the task {recipe.task} hears nothing"
        )
    generation = recipe.generation
    if language is not None:
        said = None if language.strip().lower() == DETECTED else language.strip()
        if said == "":
            raise UserError(f"--language: is empty; expected a name, a code, or {DETECTED!r}")
        generation = structs.replace(generation, language=said)
    if translate is not None:
        generation = structs.replace(generation, translate=translate)
    return structs.replace(recipe, generation=generation)


def in_options(message: str, question: Question) -> str:
    """Returns what is wrong with a recipe, in the words of who has changed it by options."""
    if question.labels:
        message = message.replace("data.labels", "--labels")
    if question.language is not None or question.translate is not None:
        message = message.replace("generation.", "--")
    return message
