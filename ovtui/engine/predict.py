"""`python -m ovtui.engine.predict`: what the models of a finished run say of an input.

A `Question` comes as JSON on standard input, `Predictions` go to standard output. A pipeline needs
what its components were converted from; where the cache has lost it, the model is converted again.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ovtui.core import config
from ovtui.core.errors import SourceError, UserError, nearest
from ovtui.core.predict import Predictions, Question
from ovtui.core.recipe import Recipe
from ovtui.core.result import Result, Variant
from ovtui.core.runs import Request, Run
from ovtui.core.seal import is_own
from ovtui.core.source import model_source
from ovtui.core.task import PIPELINES, WHOLE_MODEL
from ovtui.core.trust import code_of, is_on_hub
from ovtui.engine import stages
from ovtui.engine.cache import Cache
from ovtui.engine.collect import open_samples
from ovtui.engine.data.given_arrays import given_arrays
from ovtui.engine.data.labels import Labels, kept_labels, model_labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.inference import infer_alone
from ovtui.engine.layout import stem_of
from ovtui.engine.model_files import read_model
from ovtui.engine.offline import work_offline
from ovtui.engine.pinned import at_commits
from ovtui.engine.processes.process import StageFailed
from ovtui.engine.progress import Journal
from ovtui.engine.runner import Runner
from ovtui.engine.sources import model_folder
from ovtui.engine.tasks import Task, open_task, task_class

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
_NAMES_FILES = ("DIR", "PATH", "FILE")
"""In OpenVINO's properties, as in `CACHE_DIR`."""


def predict(question: Question) -> Predictions:
    """The answers of all variants that are asked for.

    Raises:
        UserError: something of the question, or of what the run leaves, is wrong.
        StageFailed: the model of a pipeline cannot be converted again.
    """
    run = Run(Path(question.run))
    request, result = run.request(), run.result()
    if request.recipe is None or result is None:
        raise UserError(f"{run.id}: only a finished run of a recipe has models to ask")
    variants = _chosen(result, question.variants)
    row = row_of(request.recipe, question)
    # Everything was fetched for the run; an answer waits for no network.
    recipe = at_commits(request.recipe, result.sources)
    request = msgspec.structs.replace(request, recipe=recipe)
    work_offline()
    trusted = question.trust or is_own(run.folder)
    if not trusted:
        recipe = own_files_only(recipe, run.inside(variants[0].path))
    task = _task(run, request, recipe, run.inside(variants[0].path), trusted=trusted)
    task.classes = result.classes
    opened = _pipelines if recipe.task in PIPELINES else _graphs
    ask = opened(run, request, recipe, result, task, trusted)
    try:
        said = {it.name: ask(it, row, question.timed) for it in variants}
    except Unusable as error:
        raise UserError(str(error)) from error
    if question.output:
        _write_outputs(said, recipe, Path(question.output))
    baseline = next((said[it.name] for it in variants if it.baseline), None)
    found = {
        name: task.describe(it)
        if baseline is None or it is baseline
        else task.describe_beside(it, baseline)
        for name, it in said.items()
    }
    return Predictions(input=task.words(row), predictions=found)


def _write_outputs(said: Mapping[str, Any], recipe: Recipe, path: Path) -> None:
    """Keep what each variant says: `VARIANT/OUTPUT` for each array.

    Raises:
        UserError: the answers are no arrays, or the file cannot be written.
    """
    if recipe.task != "tensors":
        raise UserError(f"--output: writes arrays, and {recipe.task} has other answers; try --json")
    arrays = {f"{it}/{name}": array for it in said for name, array in said[it].items()}
    try:
        np.savez(path, **arrays)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error


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


def row_of(recipe: Recipe, question: Question) -> Row:
    """What a person gives, as a row of the task's data.

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


def own_files_only(recipe: Recipe, artefact: Path) -> Recipe:
    """A recipe whose task needs no more than what lies beside an artefact, and runs no code."""
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
    base, labels = Path(request.base), recipe.data.labels or kept_labels(run.folder)
    try:
        folder = model_folder(model_source(recipe.model.source, base), recipe.model.revision)
    except SourceError:
        folder = artefact if (artefact / "config.json").is_file() else None
    if recipe.task in PIPELINES or recipe.task == "tensors" or labels:
        return open_task(recipe, Labels(labels), folder, None)
    try:
        if trusted:
            labels = open_samples(recipe, "evaluation", base, references=True)[1].labels
    except SourceError:
        pass
    return open_task(recipe, Labels(labels or model_labels(folder)), folder, None)


Ask = Callable[[Variant, Row, bool], Any]
"""The prediction of a variant for a row, with times or without."""


def _graphs(
    run: Run, request: Request, recipe: Recipe, result: Result, task: Task, trusted: bool
) -> Ask:
    """Asks models that are one graph."""
    import openvino as ov

    core = ov.Core()

    def ask(variant: Variant, row: Row, timed: bool) -> Any:  # noqa: ARG001
        stems = (stem_of(WHOLE_MODEL, companions=it) for it in (True, False))
        known = (run.inside(f"{variant.path}/{stem}.xml") for stem in stems)
        path = next((path for path in known if path.is_file()), None)
        if path is None:
            folder = run.folder / variant.path
            raise SourceError(f"{folder}: the model is gone; run the recipe again")
        properties = _properties(variant, trusted=trusted)
        model = core.compile_model(read_model(core, path), result.device, properties)
        calls = task.calls(row)
        task.look_at(path, calls[0])
        return task.prediction([infer_alone(model, inputs) for inputs in calls])

    return ask


def _pipelines(
    run: Run, request: Request, recipe: Recipe, result: Result, task: Task, trusted: bool
) -> Ask:
    """Asks pipelines of components."""
    from ovtui.engine.generate import open_pipeline
    from ovtui.engine.specification import Pipeline as Files
    from ovtui.engine.tasks.generation import Generation

    assert isinstance(task, Generation)
    conversion = _conversion(run, request, trusted=trusted)

    def ask(variant: Variant, row: Row, timed: bool) -> Any:
        companions = run.inside(f"{variant.path}/config.json").is_file()
        models = {
            name: str(run.inside(f"{variant.path}/{stem_of(name, companions=companions)}.xml"))
            for name in recipe.component_names
        }
        files = Files(recipe=recipe, base=request.base, conversion=str(conversion), models=models)
        properties = _properties(variant, trusted=trusted)
        pipeline = open_pipeline(files, result.device, properties)
        outputs = pipeline.generate(task.inputs(row), **(task.with_times if timed else {}))
        return task.prediction([list(outputs.values())])

    return ask


def _conversion(run: Run, request: Request, *, trusted: bool) -> Path:
    """The folder of what the pipeline was taken apart into.

    Raises:
        UserError: the run was made elsewhere, and code or files here would have to be believed.
    """
    recipe = request.recipe
    assert recipe is not None
    convert = stages.conversion(request, recipe)
    if found := Cache(config.home() / "cache").find(convert.kind, convert.key):
        return found
    if not trusted:
        _refuse_foreign(run, recipe)
    with tempfile.TemporaryDirectory() as folder:
        asking = Run(Path(folder))
        with Runner(asking, Journal(asking), 2) as runner:
            collect = stages.collection(request, recipe, "evaluation", references=False)
            return runner.together([convert, collect])[0]


def _refuse_foreign(run: Run, recipe: Recipe) -> None:
    """Refuse what only its own maker may have done without a question."""
    wants = [f"run {code}" for code in code_of(recipe)]
    source, data = recipe.model.source, recipe.data.evaluation.source or recipe.data.source
    wants += [f"read {it}" for it in (source, data) if not is_on_hub(it) and it not in str(wants)]
    if wants:
        raise UserError(
            f"{run.id}: was made elsewhere, and to ask its models this machine would have to "
            f"{', '.join(wants)}; look at it, then allow it with --trust"
        )


def _properties(variant: Variant, *, trusted: bool) -> dict[str, Any]:
    """What a variant was executed with; a foreign run names no files to be written."""
    requested = variant.execution.get("requested", {})
    if not trusted:
        requested = {
            key: value
            for key, value in requested.items()
            if not any(word in key for word in _NAMES_FILES)
        }
    return {"PERFORMANCE_HINT": "LATENCY", **requested}


def main() -> int:
    """Answer one question."""
    given, answer = sys.stdin.buffer.read(), os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    try:
        found = predict(msgspec.json.decode(given, type=Question))
    except (UserError, StageFailed) as error:
        found = Predictions(error=str(error))
    with os.fdopen(answer, "wb") as out:
        out.write(msgspec.json.encode(found))
    return 1 if found.error else 0


if __name__ == "__main__":
    sys.exit(main())
