"""What compressed variants are executed with: chosen by measuring, and told beside their files."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from ovtui.core.files.writing import write_atomically
from ovtui.core.recipes.ir_xml import ir_root
from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.execution import execution_beside, throughput_beside
from ovtui.engine.run import plan, stage_keys
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.stage_keys import Asked, Stage
from ovtui.engine.run.variants import Artefact, Prepared
from ovtui.engine.store.stage_output import Chosen, read_info
from ovtui.engine.store.stage_work import Job

_SHARE = 0.1
"""Of a run's time that choosing may take."""
_READ_FROM_FILES = ("KV_CACHE_PRECISION", "DYNAMIC_QUANTIZATION_GROUP_SIZE")
"""What the CPU plugin takes from a file's `runtime_options` (OpenVINO 2026.4.1): not
INFERENCE_PRECISION_HINT, NUM_STREAMS or EXECUTION_MODE_HINT."""


def choose_executions(
    job: Job,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    runner: Runner,
    began: float,
) -> list[Artefact]:
    """Returns the artefacts with what each component is executed with.

    Baselines stay as they are. What a recipe has a variant executed with stays, too.

    Args:
        job: whose variants.
        artefacts: of baselines and variants.
        prepared: with the samples that they are timed on.
        runner: does the stages, or finds them in the cache.
        began: when the run did, by `time.monotonic`: this takes a tenth of its time at most.

    Raises:
        StageFailed: a variant cannot be executed.
    """
    recipe, converted = job.recipe, prepared.converted
    if not plan.chooses_execution(recipe):
        return list(artefacts)
    throughput = plan.chooses_throughput(recipe)
    anything = bool(converted.stateful) or converted.default_precision != "f32" or throughput
    compressed = {it.name for it in recipe.variants}
    asked = [
        it
        for it in artefacts
        if it.name in compressed and (anything or plan.compresses_weights(it.methods))
    ]
    if not asked:
        return list(artefacts)
    measured = recipe.measure.seconds * len(plan.modes(recipe)) * len(artefacts)
    seconds = _SHARE * (time.monotonic() - began + measured) / len(asked)
    how = Asked(seconds, throughput)
    stages = {it.name: stage_keys.choosing(job, it, prepared, how) for it in asked}
    first: dict[str, Stage] = {}
    for stage in stages.values():
        first.setdefault(stage.key, stage)
    folders = dict(zip(first, runner.together(list(first.values())), strict=True))
    runner.together([it for it in stages.values() if it not in first.values()])  # known by now
    chosen = {name: read_info(folders[it.key], Chosen) for name, it in stages.items()}
    return [
        executed_as(it, chosen[it.name], job.device) if it.name in chosen else it
        for it in artefacts
    ]


def executed_as(artefact: Artefact, execution: Chosen, device: str) -> Artefact:
    """Returns the artefact with what was found; its files tell it to whoever loads them.

    Args:
        artefact: whose files are in the run's folder.
        execution: what was found.
        device: that it was found on.
    """
    chosen = {name: it.chosen for name, it in execution.components.items() if it.chosen}
    executed = replace(
        artefact, chosen=chosen, tried=execution.components, throughput=execution.throughput
    )
    tell_execution(executed, device)
    for name, path in artefact.files.items():
        options = {
            key: value for key, value in chosen.get(name, {}).items() if key in _READ_FROM_FILES
        }
        if options:
            write_runtime_options(path, options)
    return executed


def tell_execution(artefact: Artefact, device: str) -> None:
    """Writes beside the models what they are executed with, where that is no default.

    Args:
        artefact: whose files are in the run's folder.
        device: that the properties are of.
    """
    for name, path in artefact.files.items():
        properties = artefact.properties_of(name)
        if properties or artefact.bucket:
            _write(execution_beside(path), device, properties, artefact.bucket)
    if busy := artefact.busy_properties:
        properties = {"PERFORMANCE_HINT": "THROUGHPUT", **artefact.properties_of(WHOLE_MODEL)}
        path = throughput_beside(artefact.model)
        _write(path, device, properties | busy, artefact.bucket)


def _write(path: Path, device: str, properties: Mapping[str, Property], bucket: int | None) -> None:
    """What is no property stands apart: benchmark_app reads that of the devices it runs."""
    document: dict[str, object] = {device: properties}
    if bucket:
        document["texts"] = {"bucket": bucket}
    write_atomically(path, f"{json.dumps(document, indent=2)}\n".encode())


def write_runtime_options(path: Path, options: Mapping[str, Property]) -> None:
    """Writes into an IR which properties it is compiled with where nobody gives others.

    Args:
        path: the `.xml`; its weights are not touched.
        options: of those that a plugin takes from a file.
    """
    root = ir_root(path)
    place = root
    for tag in ("rt_info", "runtime_options"):
        place = _child(place, tag)
    for key, value in options.items():
        _child(place, key).set("value", str(value))
    write_atomically(path, ElementTree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _child(place: ElementTree.Element, tag: str) -> ElementTree.Element:
    """The element of that name within another, made where there is none."""
    child = place.find(tag)
    return ElementTree.SubElement(place, tag) if child is None else child
