"""A PyTorch model, given a sample's inputs and asked for its outputs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from ovtui.core.machine import cores
from ovtui.core.recipe import Recipe
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.progress import Step

_CHUNK = 32


def takes_names(module: Any, names: Sequence[str]) -> bool:
    """Whether the module's forward has parameters of these names."""
    return set(names) <= set(inspect.signature(module.forward).parameters)


def in_order(module: Any, sample: Arrays) -> Arrays:
    """A sample in the order of the module's parameters, where it has all of their names.

    OpenVINO's tracing takes named inputs of another order for each other, without a word.
    """
    if not takes_names(module, list(sample)):
        return sample
    return {
        name: sample[name]
        for name in inspect.signature(module.forward).parameters
        if name in sample
    }


def tensors_of(sample: Arrays) -> dict[str, Any]:
    """A sample's inputs as tensors."""
    import torch

    return {name: torch.from_numpy(array) for name, array in sample.items()}


def call(module: Any, tensors: dict[str, Any]) -> Arrays:
    """The module's outputs in order, by their names, or their numbers where they have none.

    Inputs are given by name where it knows the names.
    """
    by_name = takes_names(module, list(tensors))
    outputs = module(**tensors) if by_name else module(*tensors.values())
    named = dict(_tensors(outputs, ""))
    return {name: tensor.detach().numpy() for name, tensor in named.items()}


def infer_with_pytorch(
    recipe: Recipe, base: Path, samples: Spool, folder: Path, step: Step
) -> None:
    """Write the outputs of the recipe's PyTorch model for every sample as the spool `outputs`.

    Raises:
        SourceError: the model cannot be loaded.
    """
    import torch

    from ovtui.engine.module_inputs import taken_by
    from ovtui.engine.sources import load_model
    from ovtui.engine.tasks import task_class

    evaluated = task_class(recipe.task).evaluated
    module = load_model(recipe, base).eval()
    # A thread for each sample: those of one operation wait for each other at each of its ends,
    # which on a busy machine took most of the time (2 instead of 30 sentences per second).
    torch.set_num_threads(1)
    taken = taken_by(module, samples[0]) if recipe.task == "tensors" else None

    def outputs_of(sample: Arrays) -> Arrays:
        with torch.inference_mode():
            return call(module, tensors_of(taken.of(sample) if taken else sample))

    rest = iter(samples)
    with SpoolWriter(folder, "outputs") as writer, ThreadPoolExecutor(cores()) as pool:
        while chunk := list(islice(rest, _CHUNK)):
            for outputs in pool.map(outputs_of, chunk):
                kept = range(len(outputs)) if evaluated is None else evaluated
                named = list(outputs.items())
                writer.append(dict(named[index] for index in kept))
                step.advance()
    step.finish()


def _tensors(outputs: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Names and tensors of whatever a module returns, in order."""
    import torch

    if isinstance(outputs, torch.Tensor):
        yield name or "0", outputs
        return
    items = outputs.items() if hasattr(outputs, "items") else enumerate(outputs)
    for key, value in items:
        if value is not None:
            yield from _tensors(value, f"{name}.{key}" if name else str(key))
