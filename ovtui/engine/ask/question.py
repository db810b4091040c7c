"""What a person asks the models of a run, as a row of the task's data and a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import TASKS
from ovtui.core.text.errors import UserError, nearest
from ovtui.engine.data.given_arrays import given_arrays
from ovtui.engine.data.selection import Row

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
    silent = recipe.task_info.without_question
    if silent and question.question is None:
        if not question.image or question.texts or question.audio:
            options = " and ".join(column.option for column in recipe.task_info.inputs)
            raise UserError(f"{recipe.task}: expected {options}, or --image for a caption")
        recipe = structs.replace(recipe, task=silent)
    row = row_of(recipe, question)
    return Asked(_as_heard(_with_labels(recipe, question), question), row)


def row_of(recipe: Recipe, question: Question) -> Row:
    """Returns what a person gives as a row of the task's data.

    Raises:
        UserError: the task wants something else.
    """
    if recipe.task_info.arrays:
        return _arrays_of(recipe, question)
    if question.inputs:
        raise UserError(f"--input: a model of the task {recipe.task} takes no arrays")
    takes = [column for column in recipe.task_info.inputs if column.option]
    needed = {column.name for column in takes if not column.optional}
    texts = iter(question.texts)
    row: Row = {}
    for column in takes:
        of_texts = column.option.endswith("--text")
        given = next(texts, None) if of_texts else getattr(question, column.name)
        if given is not None:
            row[column.name] = given
    named = {name for name in ("image", "audio", "question") if getattr(question, name)}
    if not needed | named <= set(row) or next(texts, None) is not None:
        wanted = " and ".join(column.option for column in takes if not column.optional)
        further = [f"{column.option} if there is one" for column in takes if column.optional]
        raise UserError(f"{recipe.task}: expected {', '.join([wanted, *further])}")
    return row


def _arrays_of(recipe: Recipe, question: Question) -> Row:
    """What a person gives a model on arrays."""
    others = question.texts or question.image or question.audio or question.question
    if others or not question.inputs:
        raise UserError(
            f"{recipe.task}: expected --input NAME=FILE.npy for each input of the model, or all as "
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
    if not recipe.task_info.candidates:
        fitting = ", ".join(name for name, task in TASKS.items() if task.candidates)
        raise UserError(
            f"{option}: is for {fitting}; a model of the task {recipe.task} has no candidates"
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
    if not recipe.task_info.spoken:
        option = "--translate" if language is None else "--language"
        fitting = ", ".join(name for name, task in TASKS.items() if task.spoken)
        raise UserError(
            f"{option}: is for {fitting}; a model of the task {recipe.task} hears nothing"
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
    """Returns what is wrong with a recipe, in the words of who has changed it by options.

    Args:
        message: names keys of the recipe, such as `data.labels`.
        question: with the options that a person gave, such as `--labels`.
    """
    if question.labels:
        message = message.replace("data.labels", "--labels")
    if question.language is not None or question.translate is not None:
        message = message.replace("generation.", "--")
    return message
