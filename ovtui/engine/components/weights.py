"""Which weights a pipeline still needs in PyTorch when its components are compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch


class Used(NamedTuple):
    """Which modules a pipeline called, and where."""

    outside: set[torch.nn.Module]
    """While it was within no component."""
    nested: set[torch.nn.Module]
    """Components, while it was within another."""


@contextmanager
def used_outside(pipeline: torch.nn.Module, components: Mapping[str, str]) -> Iterator[Used]:
    """Learns what the pipeline calls outside of its components, known when it has worked.

    Args:
        pipeline: the live model.
        components: their paths by name.
    """
    inside = {pipeline.get_submodule(path) for path in components.values()}
    used = Used(set(), set())
    depth = 0

    def before(module: torch.nn.Module, *_: Any) -> None:
        nonlocal depth
        if module in inside:
            if depth:
                used.nested.add(module)
            depth += 1
        elif not depth:
            used.outside.add(module)

    def after(module: torch.nn.Module, *_: Any) -> None:
        nonlocal depth
        depth -= module in inside

    with ExitStack() as stack:
        for module in pipeline.modules():
            stack.callback(module.register_forward_pre_hook(before).remove)
            stack.callback(module.register_forward_hook(after).remove)
        yield used


def free_weights(
    pipeline: torch.nn.Module, components: Mapping[str, str], used: set[torch.nn.Module]
) -> dict[str, torch.Tensor]:
    """Frees the weights of components that are to be replaced, and returns what stays, by its
    dotted name.

    Args:
        pipeline: the live model.
        components: their paths by name.
        used: modules that keep their own weights.
    """
    kept = {id(parameter) for module in used for parameter in module.parameters(recurse=False)}
    for path in components.values():
        for parameter in pipeline.get_submodule(path).parameters():
            if id(parameter) not in kept:
                parameter.data = torch.empty(0, dtype=parameter.dtype)
    parameters = pipeline.named_parameters(remove_duplicate=False)
    stays = {name: tensor.data for name, tensor in parameters if tensor.numel()}
    return stays | dict(pipeline.named_buffers(remove_duplicate=False))


def skeleton(pipeline: torch.nn.Module, stays: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """Returns a pipeline that was built without weights, given those that stayed.

    Args:
        pipeline: built on the device `meta`.
        stays: as `free_weights` tells them.
    """
    persistent = pipeline.state_dict().keys()
    for path, module in pipeline.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            weight = stays.get(f"{path}.{name}" if path else name)
            empty = torch.empty(0, dtype=parameter.dtype)
            value = empty if weight is None else weight
            module.register_parameter(name, torch.nn.Parameter(value, requires_grad=False))
        for name, _ in module.named_buffers(recurse=False):
            key = f"{path}.{name}" if path else name
            if (weight := stays.get(key)) is not None:
                module.register_buffer(name, weight, persistent=key in persistent)
    return pipeline
