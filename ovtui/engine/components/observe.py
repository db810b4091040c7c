"""Components watched while their pipeline works: what each is called with, and what it returns."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import Cache, EncoderDecoderCache

from ovtui.engine.components.structure import Constant, Node, flatten


@dataclass(slots=True)
class Call:
    """One call of a component."""

    arguments: Node
    inputs: dict[str, torch.Tensor]
    past: int | None
    """Tokens in the cache before the call; None without one."""
    result: Node = field(default_factory=lambda: Constant(None))
    outputs: dict[str, torch.Tensor] = field(default_factory=dict)
    """Results that are not just an input handed through."""
    handed_through: dict[str, str] = field(default_factory=dict)
    """Result by name: the input that it is."""
    own: list[tuple[int, int]] = field(default_factory=list)
    """Heads and their width in each layer's cache of self-attention."""
    cross: int = 0
    """Layers with a cache of cross-attention."""


def arguments_of(signature: inspect.Signature, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Returns a call's arguments by name.

    Args:
        signature: of the module's forward.
        args: by position.
        kwargs: by name.
    """
    named = dict(signature.bind(*args, **kwargs).arguments)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= named.pop(parameter.name, {})
    return named


@contextmanager
def observed(components: Mapping[str, torch.nn.Module]) -> Iterator[dict[str, list[Call]]]:
    """Records every call of the components while the pipeline works, with copies of its tensors."""
    calls: dict[str, list[Call]] = {name: [] for name in components}
    with ExitStack() as stack:
        for name, module in components.items():
            for handle in _watch(module, calls[name]):
                stack.callback(handle.remove)
        yield calls


def _watch(module: torch.nn.Module, calls: list[Call]) -> tuple[Any, Any]:
    def before(module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        node, tensors, cache = flatten(
            arguments_of(inspect.signature(module.forward), args, kwargs)
        )
        past = None if cache is None else int(cache.get_seq_length())
        calls.append(Call(node, {name: tensor.clone() for name, tensor in tensors.items()}, past))

    def after(module: torch.nn.Module, args: Any, kwargs: Any, result: Any) -> None:
        call = calls[-1]
        _, given, _ = flatten(arguments_of(inspect.signature(module.forward), args, kwargs))
        call.result, tensors, cache = flatten(result)
        for name, tensor in tensors.items():
            source = next((key for key, value in given.items() if value is tensor), None)
            if source is None:
                call.outputs[name] = tensor.clone()
            else:
                call.handed_through[name] = source
        if cache is not None:
            call.own, call.cross = _layers(cache)

    return (
        module.register_forward_pre_hook(before, with_kwargs=True),
        module.register_forward_hook(after, with_kwargs=True),
    )


def _layers(cache: Cache) -> tuple[list[tuple[int, int]], int]:
    cross = 0
    if isinstance(cache, EncoderDecoderCache):
        cross = len(cache.cross_attention_cache.layers)
        cache = cache.self_attention_cache
    return [(int(layer.keys.shape[1]), int(layer.keys.shape[3])) for layer in cache.layers], cross
