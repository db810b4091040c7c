"""What the models of a finished run say of an input.

A pipeline needs what its components were converted from; where the cache has lost it, the model is
converted again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.asking.session import Tell
from ovtui.core.files.writing import writable
from ovtui.core.home.seal import is_own
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.source import PICTURES, RECORDINGS
from ovtui.core.results.prediction import Prediction
from ovtui.core.results.result import Result
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import SourceError, UserError, nearest
from ovtui.engine.ask.asking import Asking, Models, Said, ask
from ovtui.engine.ask.expected import tell_expected
from ovtui.engine.ask.question import asked, in_options
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.data.given_file import check_given
from ovtui.engine.data.labels import Labels, kept_labels, model_labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.offline import work_offline
from ovtui.engine.models.sources import folder_of_model
from ovtui.engine.run.pinned import at_commits
from ovtui.engine.tasks import Task, open_task

_FILES = {"image": PICTURES, "audio": RECORDINGS}
_CAPTION = "no question: the answers are captions"


def ask_models(question: Question, models: Models, tell: Tell) -> ModelAnswers:
    """Returns the answers of all variants that are asked for.

    Args:
        question: an input, and who is asked.
        models: loads them, or has them from an earlier question.
        tell: is told of what will take long, and of a text while it is written.

    Raises:
        UserError: something of the question, or of what the run leaves, is wrong.
        StageFailed: the model of a pipeline cannot be converted again.
    """
    run = Run(Path(question.run))
    request, result = run.request(), run.result()
    if request.recipe is None or result is None:
        raise UserError(f"{run.id}: only a finished run of a recipe has models to ask")
    variants = _chosen(result, question.variants)
    # Everything was fetched for the run; an answer waits for no network.
    own = at_commits(request.recipe, result.sources)
    request = msgspec.structs.replace(request, recipe=own)
    recipe, row = asked(own, question)
    work_offline()
    _look_at_files(row, tell)
    trusted = question.trust or is_own(run.folder)
    if not trusted:
        recipe = own_files_only(recipe, run.inside(variants[0].path))
    task = _task(run, request, recipe, run.inside(variants[0].path), trusted=trusted)
    task.classes = result.classes
    if question.labels:
        task.shown_classes = len(question.labels)
    try:
        row, calls = _prepared(task, row, question, tell)
        asking = Asking(
            run, request, recipe, result.device, calls, task, question.timed, trusted=trusted
        )
        said = ask(asking, variants, models, tell)
    except (Unusable, SourceError) as error:
        raise UserError(in_options(str(error), question)) from error
    if question.output:
        _write_outputs(said, recipe, Path(question.output))
    return ModelAnswers(
        input=_words(task, row, question),
        predictions=_described(task, row, said, variants),
        times={name: answer.times for name, answer in said.items()},
        notes=[*([_CAPTION] if recipe.task != own.task else []), *task.doubts(row)],
    )


def _look_at_files(row: Row, tell: Tell) -> None:
    """Tell what will take long before anything is loaded, which takes seconds itself.

    Raises:
        UserError: a file is none that can be read.
    """
    try:
        for name, endings in _FILES.items():
            if name in row:
                check_given(row[name], name, endings)
    except Unusable as error:
        raise UserError(str(error)) from error
    tell_expected(row, None, tell)


def _prepared(task: Task, row: Row, question: Question, tell: Tell) -> tuple[Row, list[Arrays]]:
    """The row, of a recording with the sound of its file, and what the model is given of it.

    Raises:
        Unusable: it cannot be read.
        SourceError: the model cannot do what is asked.
    """
    if question.language is not None or question.translate is not None:
        task.check_language()
    tell_expected(row, task, tell)
    row = task.from_person(row)
    if isinstance(row.get("audio"), dict):  # its length is only known now
        tell_expected(row, task, tell)
    return row, task.calls(row)


def _words(task: Task, row: Row, question: Question) -> Row:
    """What was asked, as text."""
    candidates = {"labels": question.labels, "prompt": task.data.prompt} if question.labels else {}
    return {**task.words(row), **candidates}


def _described(
    task: Task, row: Row, said: Mapping[str, Said], variants: Sequence[Variant]
) -> dict[str, Prediction]:
    """Returns each variant's prediction as shown, beside the baseline's where that is asked."""
    predictions = {name: task.within(row, answer.prediction) for name, answer in said.items()}
    baseline = next((variant.name for variant in variants if variant.baseline), None)
    return {
        name: task.describe(prediction)
        if baseline is None or name == baseline
        else task.describe_beside(prediction, predictions[baseline])
        for name, prediction in predictions.items()
    }


def _write_outputs(said: Mapping[str, Said], recipe: Recipe, path: Path) -> None:
    """Keeps what each variant says: `VARIANT/OUTPUT` for each array.

    Raises:
        UserError: the answers are no arrays, or the file cannot be written.
    """
    if not recipe.task_info.arrays:
        raise UserError(f"--output: writes arrays, and {recipe.task} has other answers; try --json")
    arrays = {
        f"{variant}/{name}": array
        for variant, answer in said.items()
        for name, array in answer.prediction.items()
    }
    with writable(path):
        np.savez(path, **arrays)


def own_files_only(recipe: Recipe, artefact: Path) -> Recipe:
    """Returns a recipe whose task needs no more than what lies beside an artefact, and runs no
    code.
    """
    model = recipe.model
    if (artefact / "config.json").is_file():
        model = msgspec.structs.replace(model, source=str(artefact), revision=None)
    return msgspec.structs.replace(recipe, model=model, trust=False)


def _chosen(result: Result, names: Sequence[str]) -> list[Variant]:
    known = {variant.name: variant for variant in result.variants if variant.path}
    for name in names:
        if name not in known:
            raise UserError(f"{result.run}: no variant {name!r} with files, {nearest(name, known)}")
    if not known:
        raise UserError(f"{result.run}: has no models")
    return [known[name] for name in dict.fromkeys(names or known)]


def _task(run: Run, request: Request, recipe: Recipe, artefact: Path, *, trusted: bool) -> Task:
    """The task as the run had it; where model or data are gone, as its own files tell.

    The data is only opened of a run made here that kept no labels: a function may make it.
    """
    asked = placed(recipe, Path(request.base))
    labels = recipe.data.labels or kept_labels(run.folder)
    try:
        folder = folder_of_model(asked)
    except SourceError:
        folder = artefact if (artefact / "config.json").is_file() else None
    if labels or recipe.task_info.arrays or "classes" not in recipe.task_info.compares:
        return open_task(recipe, Labels(labels), folder, None, place=asked.place)
    try:
        if trusted:
            labels = open_samples(asked, "evaluation", references=True)[1].labels
    except SourceError:
        pass
    labels = labels or model_labels(folder)
    return open_task(recipe, Labels(labels), folder, None, place=asked.place)
