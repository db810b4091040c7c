"""What a variant's components are executed with, and what else was tried."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

Value = bool | int | float | str

NOT_FASTER = "not clearly faster"
NOT_AGAIN = "not clearly faster when measured once more"
NO_TIME = "no time left"
"""Why a candidate is not taken, beside what it says itself."""
BATCH = "batch"
"""Samples in a request: no property of a device, who calls decides it."""
BESIDE = ".execution.json"
"""Ends the name of the file beside a model's `.xml`."""
BUSY = ".throughput.json"
"""Ends the name of the one for most samples a second."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """Properties that a component was tried with."""

    properties: dict[str, Value]
    ms: float | None = None
    """Median of the same calls that `default_ms` is of; None where it was not timed."""
    speedup: float | None = None
    """Over the best that was known then, in turns with it."""
    refused: str = ""
    """Why it was not taken; empty of one that was, even if a better one was found later."""


class ComponentExecution(msgspec.Struct, frozen=True, kw_only=True):
    """What was found to be best for one component, on the artefact itself."""

    default: dict[str, Value]
    """What the device chooses by itself, of the properties that were tried."""
    chosen: dict[str, Value]
    """Empty where the default stays."""
    default_ms: float | None
    """Median of a round: the component's calls for a few samples; None where none was timed."""
    chosen_ms: float | None
    speedup: float = 1.0
    """Of what was chosen over the default, in turns, measured once more after the search."""
    speedup_ci95: tuple[float, float] | None = None
    candidates: list[Tried] = []


class ChosenExecution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `result.json` tells of it under `execution`, each by component."""

    default: dict[str, dict[str, Value]] = {}
    default_ms: dict[str, float] = {}
    candidates: dict[str, list[Tried]] = {}
    chosen: dict[str, dict[str, Value]] = {}
    """Of components that are not executed as the device would by itself."""
    chosen_ms: dict[str, float] = {}
    chosen_speedup: dict[str, float] = {}
    """Over the default."""
    chosen_speedup_ci95: dict[str, tuple[float, float]] = {}
    files: dict[str, str] = {}
    """Beside the models, with what `Core.compile_model` takes to execute them so."""
    throughput: ComponentExecution | None = None
    """What was found for most samples a second, of one graph; times are those of one sample."""
    throughput_file: str = ""
    """The like of `files` for it."""


def execution_fields(
    components: Mapping[str, ComponentExecution],
    files: Mapping[str, str],
    throughput: ComponentExecution | None = None,
    throughput_file: str = "",
) -> dict[str, object]:
    """Returns what was found of a variant's components as fields of its `execution`.

    Args:
        components: by name.
        files: those that hold the properties, by component.
        throughput: what was found for most samples a second; None where that was not looked for.
        throughput_file: holds the properties for it; empty where there is none.
    """
    chosen = {name: it for name, it in components.items() if it.chosen}
    fields: dict[str, object] = msgspec.to_builtins(
        ChosenExecution(
            default={name: it.default for name, it in components.items()},
            default_ms={name: it.default_ms for name, it in components.items() if it.default_ms},
            candidates={name: it.candidates for name, it in components.items()},
            chosen={name: it.chosen for name, it in chosen.items()},
            chosen_ms={name: it.chosen_ms for name, it in chosen.items() if it.chosen_ms},
            chosen_speedup={name: it.speedup for name, it in chosen.items()},
            chosen_speedup_ci95={
                name: it.speedup_ci95 for name, it in chosen.items() if it.speedup_ci95
            },
            files=dict(files),
            throughput=throughput,
            throughput_file=throughput_file,
        )
    )
    return fields


def chosen_execution(execution: Mapping[str, object]) -> ChosenExecution:
    """Reads what a variant's `execution` tells; nothing where it was written by something else."""
    try:
        return msgspec.convert(execution, ChosenExecution)
    except msgspec.ValidationError:
        return ChosenExecution()


def throughput_beside(model: Path) -> Path:
    """Returns the like of `execution_beside` for most samples a second."""
    return model.with_suffix(BUSY)


def execution_beside(model: Path) -> Path:
    """Returns the file that says what a model's `.xml` is executed with, by device.

    It is what benchmark_app takes as `-load_config`, and `Core.compile_model` once it is read.
    """
    return model.with_suffix(BESIDE)
