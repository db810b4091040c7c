"""Asks the variants of a finished run, one after another, and takes the time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import structs

from ovtui.core.asking.ask_models import Times
from ovtui.core.home import directories
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import PIPELINES, WHOLE_MODEL
from ovtui.core.recipes.trust import code_of, is_on_hub
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_folder import Request, Run
from ovtui.core.text.errors import SourceError, UserError
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.inference import infer_alone
from ovtui.engine.models.model_files import read_model
from ovtui.engine.run import stage_keys
from ovtui.engine.run.runner import Runner
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import stem_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.image_to_text import ImageToText

_NAMES_FILES = ("DIR", "PATH", "FILE")
"""In OpenVINO's properties, as in `CACHE_DIR`."""
_SECONDS = 2.0
"""Answers that are given sooner are given twice: a first one also makes kernels."""

Answer = Callable[[], Any]
"""The prediction of a variant that is loaded; each call answers anew."""
Open = Callable[[Variant], Answer]
"""Loads a variant."""


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


class Said(NamedTuple):
    """What a variant said, and how long that took."""

    prediction: Any
    times: Times


def ask(asking: Asking, variants: Iterable[Variant]) -> dict[str, Said]:
    """Returns the answers of variants by name, each loaded and let go of before the next.

    Whether answers are given twice is decided by the first variant's, for all of them: times of
    first answers and of others are none to compare.

    Raises:
        UserError: a model is gone, does not run, or may not be made again.
        StageFailed: the model of a pipeline cannot be converted again.
    """
    load = _pipelines(asking) if asking.recipe.task in PIPELINES else _graphs(asking)
    found: dict[str, Said] = {}
    twice: bool | None = None
    for variant in variants:
        answer, loaded = _timed(partial(load, variant))
        prediction, first = _timed(answer)
        twice = first < _SECONDS * 1000 if twice is None else twice
        again = _timed(answer)[1] if twice else first
        times = Times(load_ms=loaded, first_ms=first, answer_ms=again)
        found[variant.name] = Said(prediction, times)
    return found


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What is done, and the milliseconds that it took."""
    began = time.perf_counter()
    done = work()
    return done, (time.perf_counter() - began) * 1000


def _graphs(asking: Asking) -> Open:
    """Loads models that are one graph."""
    import openvino as ov

    core, run, task = ov.Core(), asking.run, asking.task

    def load(variant: Variant) -> Answer:
        stems = (stem_of(WHOLE_MODEL, companions=it) for it in (True, False))
        known = (run.inside(f"{variant.path}/{stem}.xml") for stem in stems)
        path = next((path for path in known if path.is_file()), None)
        if path is None:
            folder = run.folder / variant.path
            raise SourceError(f"{folder}: the model is gone; run the recipe again")
        properties = _properties(variant, trusted=asking.trusted)
        model = core.compile_model(read_model(core, path), asking.device, properties)
        task.look_at(path, asking.calls[0])
        return lambda: task.prediction([infer_alone(model, inputs) for inputs in asking.calls])

    return load


def _pipelines(asking: Asking) -> Open:
    """Loads pipelines of components."""
    from ovtui.engine.ask.captions import captioning
    from ovtui.engine.pipelines.generate import open_pipeline
    from ovtui.engine.store.stage_work import Pipeline as Files
    from ovtui.engine.tasks.generation import Generation

    run, request, task = asking.run, asking.request, asking.task
    assert isinstance(task, Generation) and request.recipe is not None
    recipe = structs.replace(asking.recipe, task=request.recipe.task)
    conversion = conversion_of(run, request, trusted=asking.trusted)
    limits = task.with_times if asking.timed else {}

    def load(variant: Variant) -> Answer:
        companions = run.inside(f"{variant.path}/config.json").is_file()
        models = {
            name: str(run.inside(f"{variant.path}/{stem_of(name, companions=companions)}.xml"))
            for name in recipe.component_names
        }
        files = Files(recipe=recipe, base=request.base, conversion=str(conversion), models=models)
        properties = _properties(variant, trusted=asking.trusted)
        pipeline = open_pipeline(files, asking.device, properties)
        if isinstance(task, ImageToText) and recipe.task != asking.recipe.task:
            pipeline = captioning(pipeline, task)
        pipeline.remember(0)  # or a second answer would take no time
        pipeline.task.settings(pipeline.model)  # reads what the loop is told by

        def answer() -> Any:
            outputs = pipeline.generate(asking.calls[0], **limits)
            return task.prediction([list(outputs.values())])

        return answer

    return load


def conversion_of(run: Run, request: Request, *, trusted: bool) -> Path:
    """Returns the folder of what the pipeline was taken apart into.

    Raises:
        UserError: the run was made elsewhere, and code or files here would have to be believed.
        StageFailed: the model cannot be converted again.
    """
    recipe = request.recipe
    assert recipe is not None
    convert = stage_keys.conversion(request, recipe)
    if found := Cache(directories.home() / "cache").look(convert.kind, convert.key):
        return found
    if not trusted:
        refuse_foreign(run, recipe, Path(request.base), "to ask its models")
    with tempfile.TemporaryDirectory() as folder:
        asking = Run(Path(folder))
        with Runner(asking, Journal(asking), 2) as runner:
            collect = stage_keys.collection(request, recipe, "evaluation", references=False)
            return runner.together([convert, collect])[0]


def refuse_foreign(run: Run, recipe: Recipe, base: Path, purpose: str) -> None:
    """Refuses what only its own maker may have done without a question.

    Raises:
        UserError: the run names code, or files of this machine.
    """
    wants = [f"run {code}" for code in code_of(recipe)]
    source, data = recipe.model.source, recipe.data.evaluation.source or recipe.data.source
    local = [it for it in (source, data) if not is_on_hub(it, base)]
    wants += [f"read {it}" for it in local if it not in str(wants)]
    if wants:
        raise UserError(
            f"{run.id}: was made elsewhere, and {purpose} this machine would have to "
            f"{', '.join(wants)}; look at it, then allow it with --trust"
        )


def _properties(variant: Variant, *, trusted: bool) -> Mapping[str, Any]:
    """What a variant was executed with; a foreign run names no files to be written."""
    requested = variant.execution.get("requested", {})
    if not trusted:
        requested = {
            key: value
            for key, value in requested.items()
            if not any(word in key for word in _NAMES_FILES)
        }
    return {"PERFORMANCE_HINT": "LATENCY", **requested}
