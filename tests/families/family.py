"""A family of models: what it is called, which task it has, and how a tiny one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Family:
    """One row of the table."""

    name: str
    task: str
    write: Callable[[Path], None]
    """Makes a model's folder, with random weights."""
    components: dict[str, str] = field(default_factory=dict)
    """Of a pipeline, where the task's own do not fit."""


def lively(model: Any, seed: int = 0) -> Any:
    """The model with weights that let its answers depend on its inputs: fresh ones hardly do.

    Args:
        model: changed in place.
        seed: of the random numbers.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim > 1:
                inputs = max(1, parameter[0].numel())
                parameter.copy_(noise * (0.5 if "embed" in name else 1.5 / inputs**0.5))
            else:  # scales and biases of norms and layers
                parameter.copy_(parameter + 0.1 * noise)
    return model.eval()
