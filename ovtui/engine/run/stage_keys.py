"""The stages of a run: what each is told, and the key of all that it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from ovtui.core.home import directories
from ovtui.core.machine.machine import versions
from ovtui.core.recipes.compression import Method, method_name, parameters
from ovtui.core.recipes.metrics import is_function
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Subset
from ovtui.core.recipes.references import Use
from ovtui.core.recipes.source import Folder, HubId
from ovtui.core.results.result import Classes
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.run.inferences import inference_of
from ovtui.engine.run.variants import Artefact, Output, Prepared
from ovtui.engine.store import fingerprint
from ovtui.engine.store.cache import content_key
from ovtui.engine.store.layout import baseline_of, graph_of
from ovtui.engine.store.stage_work import (
    Choosing,
    Collection,
    Compression,
    Conversion,
    FirstAnswers,
    Job,
    Recording,
    Trial,
    Work,
)

_COLLECTION_LAYOUT = 9
_CONVERSION_LAYOUT = 4
_COMPRESSION_LAYOUT = 3
_AGREEMENT_LAYOUT = 2
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


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a variant, and what it is made from."""

    stage: str
    """The name of the stage that makes it."""
    component: str
    method: Method
    source: Output
    """The conversion."""
    calibration: Output | None
    validation: Output | None
    stateful: bool = False
    """It keeps what it was called with before."""
    classes: Classes | None = None
    """How a classifier's output is read."""


def conversion(job: Job) -> Stage:
    """Makes a stage of the conversion.

    The model is traced with the first evaluation sample, as soon as that is collected.
    """
    recipe = job.recipe
    rows = _rows(job, recipe.data.evaluation)
    depends = content_key(
        layout=_CONVERSION_LAYOUT,
        model=fingerprint.of_model(job),
        sample=[rows["source"], rows["config"], rows["columns"]],
        # Of a network of one's own, axes that differ from row to row are left free.
        axes=[recipe.model.dynamic, recipe.data.evaluation] if recipe.task_info.arrays else None,
        preprocessing=recipe.data.preprocessing,
        tokens=recipe.data.tokens,
        task=recipe.task,
        components=recipe.components,
        generation=recipe.generation,
        trust=recipe.trust,
        storage=recipe.baseline.storage,
        device=job.device,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "torch", "transformers"),
    )
    work = Conversion(recipe, job.base, device=job.device, sample_folders=[])
    after = StageKind.COLLECT.name_of("evaluation")
    return Stage(work.kind.name_of(), depends, work, after)


def collection(asked: PlacedRecipe, use: Use, *, references: bool) -> Stage:
    """Makes a stage of the samples of one use.

    Args:
        asked: whose data.
        use: what for.
        references: the right answers are collected with them.
    """
    recipe, data = asked.recipe, asked.recipe.data
    match use:
        case "calibration":
            subset = recipe.calibration
        case "evaluation":
            subset = data.evaluation
        case "validation":
            subset = data.validation or recipe.calibration
    own_processor = isinstance(asked.model_source(), Folder | HubId)
    depends = content_key(
        layout=_COLLECTION_LAYOUT,
        use=use,
        rows=_rows(asked, subset),
        subset=subset,
        labels=[data.labels, data.label_order, data.first_label],
        prompt=data.prompt,
        preprocessing=data.preprocessing,
        private_hosts=data.private_hosts,
        tokens=[data.tokens, recipe.measure.tokens if use == "evaluation" else None],
        processor=fingerprint.of_model(asked) if own_processor else None,
        task=recipe.task,
        references=references,
        versions=versions("datasets", "numpy", "pillow", "transformers"),
    )
    work = Collection(recipe, asked.base, use=use, references=references)
    return Stage(work.kind.name_of(use), depends, work, process="data")


def recording(job: Job, source: Output, calibration: Output, wanted: dict[str, int]) -> Stage:
    """Makes a stage of what a pipeline's components are called with.

    Args:
        job: how the pipeline generates, and where.
        source: of the conversion.
        calibration: of the collection.
        wanted: samples by component.
    """
    depends = content_key(
        source=source.key,
        calibration=calibration.key,
        wanted=wanted,
        generation=job.recipe.generation,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "transformers"),
    )
    work = Recording(
        job.recipe,
        job.base,
        conversion=str(source.folder),
        calibration=str(calibration.folder),
        device=job.device,
        wanted=wanted,
    )
    return Stage(work.kind.name_of(), depends, work)


def trial(asked: PlacedRecipe, prepared: Prepared, model: Path | None) -> Stage:
    """Makes a stage of the recipe's metrics on the baseline's first answers.

    Args:
        asked: whose metrics.
        prepared: with the samples.
        model: the baseline's IR; None of a pipeline.
    """
    recipe = asked.recipe
    own = [name for name in [*recipe.metric_names, recipe.model.decode or ""] if is_function(name)]
    depends = content_key(
        source=prepared.conversion.key,
        evaluation=prepared.evaluation.key,
        metrics=recipe.metric_names,
        classes=prepared.classes,
        code=[fingerprint.of_data(name, asked, None) for name in own],
        columns=recipe.data.columns,
        versions=versions("openvino", "evaluate"),
    )
    work = Trial(
        recipe,
        asked.base,
        model=str(model) if model else None,
        evaluation=str(prepared.evaluation.folder),
        classes=prepared.classes,
    )
    return Stage(work.kind.name_of(), depends, work)


def compression(job: Job, part: Part) -> Stage:
    """Makes a stage of one component of a variant.

    Args:
        job: for the device, and how weights are stored.
        part: the component, its method, and the samples that this takes.
    """
    recipe, classes = job.recipe, part.classes
    reads = [classes.index, classes.reads] if classes else None
    depends = content_key(
        layout=_COMPRESSION_LAYOUT,
        source=part.source.key,
        component=part.component,
        method=method_name(part.method),
        parameters=parameters(part.method),
        storage=recipe.baseline.storage,
        calibration=part.calibration.key if part.calibration else None,
        validation=[part.validation.key, recipe.metric, reads] if part.validation else None,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "nncf"),
    )
    work = Compression(
        recipe,
        job.base,
        source=str(graph_of(part.source.folder, part.component)),
        method=part.method,
        fp16=recipe.baseline.storage == "fp16",
        calibration=str(part.calibration.folder) if part.calibration else None,
        validation=str(part.validation.folder) if part.validation else None,
        stateful=part.stateful,
        classes=classes,
        baseline=str(baseline_of(part.source.folder, part.component)),
    )
    return Stage(part.stage, depends, work)


def agreement(job: Job, baseline: Artefact, variant: Artefact, prepared: Prepared) -> Stage:
    """Makes a stage of how alike a variant and the baseline answer the first samples.

    Args:
        job: for the device, and how a pipeline generates.
        baseline: the uncompressed model's files.
        variant: the compressed ones.
        prepared: with the samples.
    """
    recipe, own = job.recipe, job.recipe.model.decode
    first, other = (inference_of(job, it, prepared) for it in (baseline, variant))
    first = structs.replace(first, key=content_key(first_answers=[_AGREEMENT_LAYOUT, first.key]))
    depends = content_key(
        baseline=first.key,
        variant=other.key,
        classes=prepared.classes,
        decode=fingerprint.of_data(own, job, None) if own else None,
        metrics=recipe.metric_names,  # of a network of one's own they say what an answer is
        versions=versions("openvino", "transformers"),
    )
    work = FirstAnswers(
        recipe,
        job.base,
        device=job.device,
        conversion=str(prepared.conversion.folder),
        evaluation=str(prepared.evaluation.folder),
        cache=str(directories.home() / "cache"),
        baseline=first,
        variant=other,
        classes=prepared.classes,
    )
    return Stage(work.kind.name_of(variant.name), depends, work)


class Asked(NamedTuple):
    """What is asked of the choice of a variant's execution."""

    seconds: float
    """That it may take."""
    throughput: bool
    """Whether it is to be executed with all of its requests at work, too."""


def choosing(job: Job, artefact: Artefact, prepared: Prepared, asked: Asked) -> Stage:
    """Makes a stage of what a variant is executed with.

    Variants whose files calculate the same have the same stage, and are executed alike.

    Args:
        job: for the device, and how a pipeline generates.
        artefact: the variant's files, and what the recipe has it executed with.
        prepared: with the baseline, and the samples that it is timed on.
        asked: of the choice; with other seconds the outcome would not be another one.
    """
    recipe = job.recipe
    depends = content_key(
        files={name: fingerprint.of_calculation(path) for name, path in artefact.files.items()},
        properties=artefact.properties,
        source=prepared.conversion.key,
        evaluation=prepared.evaluation.key,
        generation=[recipe.generation, recipe.measure.tokens],
        throughput=asked.throughput,
        bucket=artefact.bucket,
        device=job.device,
        machine=fingerprint.of_machine(),
        versions=versions("openvino", "transformers"),
    )
    work = Choosing(
        recipe,
        job.base,
        device=job.device,
        models={name: str(path) for name, path in artefact.files.items()},
        properties=artefact.properties,
        conversion=str(prepared.conversion.folder),
        evaluation=str(prepared.evaluation.folder),
        seconds=asked.seconds,
        throughput=asked.throughput,
        bucket=artefact.bucket,
    )
    return Stage(work.kind.name_of(artefact.name), depends, work, process="execution")


def _rows(asked: PlacedRecipe, subset: Subset) -> dict[str, object]:
    """Collects everything that decides which rows a subset has."""
    data = asked.recipe.data
    revision = subset.revision or (None if subset.source else data.revision)
    return {
        "source": fingerprint.of_data(subset.source or data.source, asked, revision),
        "config": subset.config or data.config,
        "columns": data.columns | (subset.columns or {}),
        "encoding": data.encoding,
        "split": subset.split,
    }
