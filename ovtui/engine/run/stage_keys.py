"""The stages of a run: what each is told, and the key of all that it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovtui.core.machine.machine import versions
from ovtui.core.recipes.compression import Method, method_name, parameters
from ovtui.core.recipes.metrics import is_function
from ovtui.core.recipes.recipe import Recipe, Subset
from ovtui.core.recipes.references import Use
from ovtui.core.recipes.source import Folder, HubId, model_source
from ovtui.core.recipes.task import PIPELINES
from ovtui.core.results.result import Classes
from ovtui.core.runs.run_folder import Request
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.store import fingerprint
from ovtui.engine.store.cache import content_key
from ovtui.engine.store.layout import baseline_of, graph_of
from ovtui.engine.store.stage_work import (
    Collection,
    Compression,
    Conversion,
    Recording,
    Trial,
    Work,
)

_COLLECTION_LAYOUT = 8
_CONVERSION_LAYOUT = 3
_COMPRESSION_LAYOUT = 2
"""Of the files that a stage leaves; another number keeps older ones from being found."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to do, or to find in the cache by its key."""

    name: str
    key: str
    work: Work
    after: str | None = None
    """A stage done at the same time, from whose folder this one takes its first sample."""
    process: str | None = None
    """Stages with the same one here follow each other in one process."""

    @property
    def kind(self) -> StageKind:
        """Its folder in the cache begins with that."""
        return self.work.kind


def conversion(request: Request, recipe: Recipe) -> Stage:
    """Returns the stage from model to IR; traced with the first evaluation sample, as soon as that
    is collected.
    """
    base = Path(request.base)
    rows = _rows(recipe, recipe.data.evaluation, base)
    depends = content_key(
        layout=_CONVERSION_LAYOUT,
        model=fingerprint.of_model(recipe.model, base),
        sample=[rows["source"], rows["config"], rows["columns"]],
        # Of a network of one's own, axes that differ from row to row are left free.
        axes=[recipe.model.dynamic, recipe.data.evaluation] if recipe.task == "tensors" else None,
        preprocessing=recipe.data.preprocessing,
        tokens=recipe.data.tokens,
        task=recipe.task,
        components=recipe.components,
        generation=recipe.generation if recipe.task in PIPELINES else None,
        trust=recipe.trust,
        storage=recipe.baseline.storage,
        device=request.device,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "torch", "transformers"),
    )
    work = Conversion(recipe=recipe, base=request.base, device=request.device, sample_folders=[])
    after = StageKind.COLLECT.name_of("evaluation")
    return Stage(work.kind.name_of(), depends, work, after)


def collection(request: Request, recipe: Recipe, use: Use, *, references: bool) -> Stage:
    """Returns the stage that collects samples of one use as model inputs."""
    base, data = Path(request.base), recipe.data
    match use:
        case "calibration":
            subset = recipe.calibration
        case "evaluation":
            subset = data.evaluation
        case "validation":
            subset = data.validation or recipe.calibration
    own_processor = isinstance(model_source(recipe.model.source, base), Folder | HubId)
    depends = content_key(
        layout=_COLLECTION_LAYOUT,
        use=use,
        rows=_rows(recipe, subset, base),
        subset=subset,
        labels=[data.labels, data.label_order, data.first_label],
        prompt=data.prompt,
        preprocessing=data.preprocessing,
        private_hosts=data.private_hosts,
        tokens=[data.tokens, recipe.measure.tokens if use == "evaluation" else None],
        processor=fingerprint.of_model(recipe.model, base) if own_processor else None,
        task=recipe.task,
        references=references,
        versions=versions("datasets", "numpy", "pillow", "transformers"),
    )
    work = Collection(recipe=recipe, base=request.base, use=use, references=references)
    return Stage(work.kind.name_of(use), depends, work, process="data")


def recording(
    request: Request,
    recipe: Recipe,
    source: tuple[Path, str],
    calibration: tuple[Path, str],
    wanted: dict[str, int],
) -> Stage:
    """Returns the stage that records what a pipeline's components are called with; inputs come as
    folder and key.

    Args:
        request: whose device.
        recipe: how the pipeline generates.
        source: of the conversion.
        calibration: of the collection.
        wanted: samples by component.
    """
    depends = content_key(
        source=source[1],
        calibration=calibration[1],
        wanted=wanted,
        generation=recipe.generation,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "transformers"),
    )
    work = Recording(
        recipe=recipe,
        base=request.base,
        conversion=str(source[0]),
        calibration=str(calibration[0]),
        device=request.device,
        wanted=wanted,
    )
    return Stage(work.kind.name_of(), depends, work)


def trial(
    request: Request,
    recipe: Recipe,
    source: tuple[Path, str],
    evaluation: tuple[Path, str],
    classes: Classes | None,
) -> Stage:
    """Returns the stage that tries the metrics on the baseline's first answers; inputs come as
    folder and key.
    """
    base = Path(request.base)
    own = [name for name in recipe.metric_names if is_function(name)]
    depends = content_key(
        source=source[1],
        evaluation=evaluation[1],
        metrics=recipe.metric_names,
        classes=classes,
        code=[fingerprint.of_data(name, base, None) for name in own],
        columns=recipe.data.columns,
        versions=versions("openvino", "evaluate"),
    )
    work = Trial(
        recipe=recipe,
        base=request.base,
        conversion=str(source[0]),
        evaluation=str(evaluation[0]),
        classes=classes,
    )
    return Stage(work.kind.name_of(), depends, work)


def compression(
    request: Request,
    recipe: Recipe,
    name: str,
    component: str,
    method: Method,
    source: tuple[Path, str],
    calibration: tuple[Path, str] | None,
    validation: tuple[Path, str] | None,
    *,
    stateful: bool = False,
    classes: Classes | None = None,
) -> Stage:
    """Returns the stage of one variant's component, of this name; inputs come as folder and key."""
    reads = [classes.index, classes.reads] if classes else None
    depends = content_key(
        layout=_COMPRESSION_LAYOUT,
        source=source[1],
        component=component,
        method=method_name(method),
        parameters=parameters(method),
        storage=recipe.baseline.storage,
        calibration=calibration[1] if calibration else None,
        validation=[validation[1], recipe.metric, reads] if validation else None,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "nncf"),
    )
    work = Compression(
        recipe=recipe,
        base=request.base,
        source=str(graph_of(source[0], component)),
        method=method,
        fp16=recipe.baseline.storage == "fp16",
        calibration=str(calibration[0]) if calibration else None,
        validation=str(validation[0]) if validation else None,
        stateful=stateful,
        classes=classes,
        baseline=str(baseline_of(source[0], component)),
    )
    return Stage(name, depends, work)


def _rows(recipe: Recipe, subset: Subset, base: Path) -> Any:
    """Everything that decides which rows a subset has."""
    data = recipe.data
    revision = subset.revision or (None if subset.source else data.revision)
    return {
        "source": fingerprint.of_data(subset.source or data.source, base, revision),
        "config": subset.config or data.config,
        "columns": data.columns | (subset.columns or {}),
        "encoding": data.encoding,
        "split": subset.split,
    }
