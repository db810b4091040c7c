"""Asks the variants of a finished run, one after another, and takes the time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import json, structs

from ovtui.core.asking.ask_models import Times
from ovtui.core.asking.session import Expects, Tell, Writes
from ovtui.core.home import directories
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import BUCKET, Property, Recipe
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.recipes.trust import code_of, is_on_hub
from ovtui.core.results.execution import chosen_execution
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import SourceError, UserError
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.inference import infer_alone
from ovtui.engine.models.model_files import read_model
from ovtui.engine.models.padding import infer_padded
from ovtui.engine.run import stage_keys
from ovtui.engine.run.graph_model import GraphModel
from ovtui.engine.run.pipeline_model import PipelineModel
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import stem_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import job_of
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.text import padding_of

_NAMES_FILES = ("DIR", "PATH", "FILE")
"""In OpenVINO's properties, as in `CACHE_DIR`."""
_SECONDS = 2.0
"""Answers that are given sooner are given twice: a first one also makes kernels."""


class Asking(NamedTuple):
    """A question to the models of a run."""

    run: Run
    request: Request
    """As the run has it, at the commits that it took."""
    recipe: Recipe
    """Of the question, where that says something else than the run's."""
    device: str
    calls: list[Arrays]
    """The input as the model takes it."""
    task: Task
    timed: bool
    """With the times of what is said."""
    trusted: bool
    """What the run names may be run and read."""


Loaded = Callable[[Asking, Tell], Any]
"""A variant's model: each call gives the prediction for another input of the same kind."""


class Said(NamedTuple):
    """What a variant said, and how long that took."""

    prediction: Any
    times: Times


class Models:
    """Loads the variants of runs; keeps them for the next question, or lets go of each at once."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._loaded: dict[bytes, Loaded] = {}

    def clear(self) -> None:
        """Lets go of all models."""
        self._loaded.clear()

    def load(self, asking: Asking, variant: Variant) -> Loaded:
        """Returns a variant's model, which may be there already.

        Raises:
            UserError: it is gone, does not run, or may not be made again.
            StageFailed: the model of a pipeline cannot be converted again.
        """
        key = _key(asking, variant)
        if key in self._loaded:
            return self._loaded[key]
        loaded = _WAYS[type(kind_of(asking.recipe))].load(asking, variant)
        if self._kept:
            self._loaded[key] = loaded
        return loaded


def _key(asking: Asking, variant: Variant) -> bytes:
    """Returns what a loaded model depends on."""
    parts = [str(asking.run.folder), variant.name, str(asking.trusted), asking.device]
    parts += _WAYS[type(kind_of(asking.recipe))].depends(asking)
    return "\0".join(parts).encode()


def ask(asking: Asking, variants: Iterable[Variant], models: Models, tell: Tell) -> dict[str, Said]:
    """Returns the answers of variants by name, one after another.

    Whether answers are given twice is decided by the first variant's, for all of them: times of
    first answers and of others are none to compare.

    Args:
        asking: the question.
        variants: who is asked.
        models: loads them, or has them.
        tell: is told of a text while it is written.

    Raises:
        UserError: a model is gone, does not run, or may not be made again.
        StageFailed: the model of a pipeline cannot be converted again.
    """
    answers: dict[str, Said] = {}
    twice: bool | None = None
    for variant in variants:
        tell(Writes(variant=variant.name, text=""))
        answer, loaded = _timed(partial(models.load, asking, variant))
        prediction, first = _timed(partial(answer, asking, tell))
        twice = first < _SECONDS * 1000 if twice is None else twice
        again = _timed(partial(answer, asking, to_nobody))[1] if twice else first
        times = Times(load_ms=loaded, first_ms=first, answer_ms=again)
        answers[variant.name] = Said(prediction, times)
    return answers


def to_nobody(said: Expects | Writes) -> None:
    """Tells nobody."""


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What is done, and the milliseconds that it took."""
    began = time.perf_counter()
    done = work()
    return done, (time.perf_counter() - began) * 1000


def _graph(asking: Asking, variant: Variant) -> Loaded:
    """Loads a model that is one graph."""
    import openvino as ov

    core, run = ov.Core(), asking.run
    stems = (stem_of(WHOLE_MODEL, companions=it) for it in (True, False))
    known = (run.inside(f"{variant.path}/{stem}.xml") for stem in stems)
    path = next((path for path in known if path.is_file()), None)
    if path is None:
        folder = run.folder / variant.path
        raise SourceError(f"{folder}: the model is gone; run the recipe again")
    properties = _properties(variant, trusted=asking.trusted)
    properties |= _chosen(variant, WHOLE_MODEL, trusted=asking.trusted)
    model = core.compile_model(read_model(core, path), asking.device, properties)

    def answer(asking: Asking, tell: Tell) -> Any:
        asking.task.look_at(path, asking.calls[0])
        padding = padding_of(asking.task, variant.execution.get(BUCKET))
        infer = partial(infer_alone, model)
        calls = [infer_padded(infer, it, model.outputs, padding) for it in asking.calls]
        return asking.task.prediction(calls)

    return answer


def _pipeline(asking: Asking, variant: Variant) -> Loaded:
    """Loads a pipeline of components."""
    from ovtui.engine.ask.captions import captioning
    from ovtui.engine.ask.streaming import told_while_written
    from ovtui.engine.pipelines.generate import open_pipeline
    from ovtui.engine.store.stage_work import PipelineFiles
    from ovtui.engine.tasks.generation import Generation

    run, request, task = asking.run, asking.request, asking.task
    assert isinstance(task, Generation) and request.recipe is not None
    recipe = structs.replace(asking.recipe, task=request.recipe.task)
    conversion = conversion_of(run, request, trusted=asking.trusted)
    companions = run.inside(f"{variant.path}/config.json").is_file()
    models = {
        name: str(run.inside(f"{variant.path}/{stem_of(name, companions=companions)}.xml"))
        for name in recipe.component_names
    }
    files = PipelineFiles(
        recipe,
        request.base,
        conversion=str(conversion),
        models=models,
        chosen={name: _chosen(variant, name, trusted=asking.trusted) for name in models},
    )
    pipeline = open_pipeline(files, asking.device, _properties(variant, trusted=asking.trusted))
    if recipe.task != asking.recipe.task:
        pipeline = captioning(pipeline, task)
    pipeline.remember(0)  # or a second answer would take no time
    pipeline.task.settings(pipeline.model)  # reads what the loop is told by

    def answer(asking: Asking, tell: Tell) -> Any:
        assert isinstance(asking.task, Generation)
        limits = dict(asking.task.with_times) if asking.timed else {}
        limits |= told_while_written(pipeline, asking.task, variant.name, tell)
        outputs = pipeline.generate(asking.calls[0], **limits)
        return asking.task.prediction([list(outputs.values())])

    return answer


class _Way(NamedTuple):
    """How a kind of model is loaded, and what else of the question that depends on."""

    load: Callable[[Asking, Variant], Loaded]
    depends: Callable[[Asking], list[str]]


_WAYS: dict[type, _Way] = {
    GraphModel: _Way(_graph, lambda asking: []),
    # Its loop is told what the recipe says of it.
    PipelineModel: _Way(
        _pipeline, lambda asking: [json.encode(asking.recipe).decode(), str(asking.timed)]
    ),
}


def conversion_of(run: Run, request: Request, *, trusted: bool) -> Path:
    """Returns the folder of what the pipeline was taken apart into.

    Args:
        run: that is asked.
        request: its own.
        trusted: the code that its recipe names may run.

    Raises:
        UserError: the run was made elsewhere, and code or files here would have to be believed.
        StageFailed: the model cannot be converted again.
    """
    job = job_of(request)
    convert = stage_keys.conversion(job)
    if converted := Cache(directories.home() / "cache").look(convert.kind, convert.key):
        return converted
    if not trusted:
        refuse_foreign(run, job, "to ask its models")
    with tempfile.TemporaryDirectory() as folder:
        asking = Run(Path(folder))
        with Runner(asking, Journal(asking), 2) as runner:
            collect = stage_keys.collection(job, "evaluation", references=False)
            return runner.together([convert, collect])[0]


def refuse_foreign(run: Run, asked: PlacedRecipe, purpose: str) -> None:
    """Refuses what only its own maker may have done without a question.

    Args:
        run: that is asked.
        asked: its recipe.
        purpose: what the code is to run for, as in `to ask its models`.

    Raises:
        UserError: the run names code, or files of this machine.
    """
    recipe = asked.recipe
    wants = [f"run {code}" for code in code_of(recipe)]
    source, data = recipe.model.source, recipe.data.evaluation.source or recipe.data.source
    local = [it for it in (source, data) if not is_on_hub(it, asked.place)]
    wants += [f"read {it}" for it in local if it not in str(wants)]
    if wants:
        raise UserError(
            f"{run.id}: was made elsewhere, and {purpose} this machine would have to "
            f"{', '.join(wants)}; look at it, then allow it with --trust"
        )


def _properties(variant: Variant, *, trusted: bool) -> dict[str, Property]:
    """What all components of a variant were executed with."""
    requested = _allowed(variant.execution.get("requested", {}), trusted=trusted)
    return {"PERFORMANCE_HINT": "LATENCY", **requested}


def _chosen(variant: Variant, component: str, *, trusted: bool) -> dict[str, Property]:
    """What a component alone was executed with."""
    chosen = chosen_execution(variant.execution).chosen
    return _allowed(chosen.get(component, {}), trusted=trusted)


def _allowed(properties: Mapping[str, Property], *, trusted: bool) -> dict[str, Property]:
    """Properties without those that name a file to be written, which no foreign run decides."""
    return {
        key: value
        for key, value in properties.items()
        if trusted or not any(word in key for word in _NAMES_FILES)
    }
