"""Average pools whose window is wider than the picture, in a form that OpenVINO converts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def whole_means(module: torch.nn.Module) -> Iterator[None]:
    """Makes such pools of a module take the mean of the whole picture, which is what they give.

    transformers pools EfficientNet's last map, 7×7 of 224×224 pixels, by a window of 1280×1280.
    PyTorch cuts a window at the edge; OpenVINO refuses it.

    Args:
        module: its pools have a forward of their own within the block, and their class's after it.
    """
    pools = [it for it in module.modules() if type(it) is torch.nn.AvgPool2d and _cut_at_edges(it)]
    for pool in pools:
        pool.forward = _Mean(pool)
    try:
        yield
    finally:
        for pool in pools:
            del pool.forward


class _Mean:
    """The forward of a pool."""

    def __init__(self, pool: torch.nn.AvgPool2d) -> None:
        self.pool = pool

    def __call__(self, maps: torch.Tensor) -> torch.Tensor:
        size = self.pool.kernel_size
        height, width = size if isinstance(size, tuple) else (size, size)
        if height < maps.shape[-2] or width < maps.shape[-1]:
            return torch.nn.AvgPool2d.forward(self.pool, maps)
        return maps.mean((-2, -1), keepdim=True)


def _cut_at_edges(pool: torch.nn.AvgPool2d) -> bool:
    """Whether its windows end where the picture does, and count no pixel beyond."""
    return pool.ceil_mode and pool.padding in (0, (0, 0)) and pool.divisor_override is None
