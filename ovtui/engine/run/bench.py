"""A run of `ovtui bench`: any IR or ONNX files measured side by side."""

from __future__ import annotations

import time
from pathlib import Path

from ovtui.core.machine.machine import all_versions, machine
from ovtui.core.recipes.ir_xml import storage_of
from ovtui.core.results import result, variant
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Bench, Request
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import UserError
from ovtui.engine.measuring.benchmark import MODES, Processes, Schedule, Subject
from ovtui.engine.measuring.given_shapes import shapes_of_files
from ovtui.engine.measuring.measurement import measure_subjects
from ovtui.engine.measuring.messages import RandomInputs
from ovtui.engine.run.assemble import component_files, measured_fields, warnings_of
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.slow_variants import keep_operations, with_slow_reasons
from ovtui.engine.run.speed_comparison import compare_speed
from ovtui.engine.store.progress import Journal


def work(run: Run, request: Request, bench: Bench, journal: Journal, log: int) -> result.Result:
    """Measures model files; the first is what the others are compared with.

    Args:
        run: whose folder.
        request: for the device.
        bench: the files, their shapes and properties, and for how many seconds.
        journal: where events go.
        log: descriptor for what processes print.

    Returns:
        A result without accuracy.

    Raises:
        UserError: a file cannot be measured.
    """
    journal.write(events.Started(time=time.time(), stages=[StageKind.MEASURE.name_of()]))
    names = unique_names(bench.models)
    shapes = shapes_of_files(bench.shapes, dict(zip(names, map(Path, bench.models), strict=True)))
    subjects = [
        Subject(
            name=name,
            model=Path(model),
            device=request.device,
            properties=bench.properties,
            inputs=RandomInputs(shapes[name]),
        )
        for name, model in zip(names, bench.models, strict=True)
    ]
    schedule = Schedule(
        seconds=bench.seconds,
        blocks=bench.blocks,
        modes=[mode for mode in MODES if mode in bench.hints],
        sweep=bench.sweep,
    )
    with Runner(run, journal, log) as runner:
        measured = runner.here(
            StageKind.MEASURE,
            lambda stage: measure_subjects(subjects, schedule, Processes(log=log), stage),
        )
    variants = []
    for number, subject in enumerate(subjects):
        files = component_files("model", "none", subject.model, [])
        variants.append(
            variant.Variant(
                name=subject.name,
                baseline=number == 0,
                path=str(subject.model),
                storage=storage_of(subject.model),
                components=[files],
                size_bytes=files.xml_bytes + files.bin_bytes,
                **measured_fields(measured[subject.name]),
            )
        )
    measurement = result.Result(
        run=run.id,
        recipe=request.name,
        task="benchmark",
        outcome="done",
        machine=machine(),
        versions=all_versions(),
        device=request.device,
        stages=runner.times,
        variants=variants,
        comparisons=[compare_speed(variants[0], variant) for variant in variants[1:]],
        warnings=warnings_of(run),
    )
    profiles = {name: it.profiles for name, it in measured.items() if it.profiles}
    return with_slow_reasons(measurement, keep_operations(run, profiles, request.device))


def unique_names(models: list[str]) -> list[str]:
    """Returns short names for files: as much of the end of each path as tells them apart."""
    if len(set(models)) < len(models):
        raise UserError("the same file is named twice")
    for parts in range(1, max(len(Path(model).parts) for model in models) + 1):
        names = ["/".join(Path(model).parts[-parts:]) for model in models]
        if len(set(names)) == len(names):
            return names
    return models
