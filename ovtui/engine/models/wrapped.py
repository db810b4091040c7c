"""A model of transformers whose call a task changes: other arguments, or fewer outputs.

What is converted is the wrapped model. What it says is compared with the model itself as well,
asked as transformers' own examples ask it, so that a wrapping that loses something is noticed.
"""

from __future__ import annotations

import torch


class Wrapped(torch.nn.Module):
    """Holds a model; who derives from it says in `forward` how it is called.

    It stands apart from the tasks, which are imported where PyTorch is not: they name it within
    `Task.graph` alone.

    Args:
        model: of transformers.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model
        """What `forward` calls; its parameters are those of the conversion."""

    @property
    def untouched(self) -> torch.nn.Module:
        """The model itself, for who compares with it."""
        return self.model
