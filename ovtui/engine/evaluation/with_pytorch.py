"""Outputs of the original PyTorch model, for each sample."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from ovtui.core.machine.machine import cores
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.store.progress import Step
from ovtui.engine.tasks import open_model, task_class

_CHUNK = 32


def infer_with_pytorch(asked: PlacedRecipe, samples: Spool, folder: Path, step: Step) -> None:
    """Writes the outputs of the recipe's PyTorch model for every sample as the spool `outputs`.

    Args:
        asked: recipe and its folder.
        samples: inputs.
        folder: where the spool is written.
        step: of progress.

    Raises:
        SourceError: the model cannot be loaded.
    """
    import torch

    from ovtui.engine.models.module_inputs import taken_by
    from ovtui.engine.models.pytorch import call, tensors_of

    evaluated = task_class(asked.recipe.task).evaluated
    module = open_model(asked)
    assert isinstance(module, torch.nn.Module)
    module.eval()
    # A thread for each sample: those of one operation wait for each other at each of its ends,
    # which on a busy machine took most of the time (2 instead of 30 sentences per second).
    torch.set_num_threads(1)
    taken = taken_by(module, samples[0]) if asked.recipe.task_info.arrays else None

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
