"""What a person may ask the models of a task, as a form: its fields, the question, the command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes.task import TASKS
from ovtui.core.recipes.task_info import TaskInfo

_TEXTS = {
    column.name: None
    for task in TASKS.values()
    for column in task.inputs
    if column.option.endswith("--text")
}
"""Columns that a person gives as texts, in the order in which a model takes them."""


def fields(info: TaskInfo) -> Iterator[tuple[str, bool]]:
    """Yields what may be given, and whether it must be.

    A question about a picture may be left out where the model can say what is in it.
    """
    if info.arrays:
        yield "arrays", True
    for column in info.inputs:
        if column.option:
            silent = column.name == "question" and bool(info.without_question)
            yield column.name, not (column.optional or silent)
    if info.candidates:
        yield from (("labels", False), ("prompt", False))
    if info.spoken:
        yield from (("language", False), ("translate", False))


def question(run: str, values: Mapping[str, str]) -> Question:
    """Returns the values of a form as a question; `run` is the folder of the run."""
    pair = [values[name] for name in _TEXTS if name in values]
    return Question(
        run=run,
        image=values.get("image"),
        audio=values.get("audio"),
        question=values.get("question"),
        texts=pair,
        inputs={"": values["arrays"]} if "arrays" in values else {},
        labels=[it.strip() for it in values.get("labels", "").split(",") if it.strip()],
        prompt=values.get("prompt"),
        language=values.get("language"),
        translate=_is_yes(values["translate"]) if "translate" in values else None,
        timed="audio" in values,
    )


def words(values: Mapping[str, str]) -> list[str]:
    """Returns the options of `ovtui predict` that ask the same."""
    options: list[str] = []
    for name, value in values.items():
        if name in _TEXTS:
            options += ["--text", value]
        elif name == "arrays":
            options += ["--input", value]
        elif name == "labels":
            options += ["--labels", value]
        elif name == "translate":
            options.append("--translate" if _is_yes(value) else "--no-translate")
        else:
            options += [f"--{name}", value]
    return options


def _is_yes(text: str) -> bool:
    return text.casefold() in ("y", "yes", "true", "1", "on")
