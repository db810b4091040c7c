"""What stays in floating point without being named, since its place in the graph tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import openvino as ov

from ovtui.core.recipes.compression import Method, Quantize, QuantizeWithAccuracyControl
from ovtui.core.recipes.method_parameters import IgnoredScope
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.detection_heads import detection_heads
from ovtui.engine.compression.query_decoders import query_decoder
from ovtui.engine.compression.state_attention import QUANTIZER, quantized_states, state_attention


class Kept(NamedTuple):
    """Names of operations that a method leaves alone, by the reason."""

    attention: Sequence[str] = ()
    """They attend to a state."""
    heads: Sequence[str] = ()
    """A detector's last convolutions are before them."""
    decoder: Sequence[str] = ()
    """They calculate with the queries of a detector."""


def keep(model: ov.Model, method: Method, *, stateful: bool) -> tuple[Method, Kept]:
    """Returns a method that leaves these operations alone, and which these are.

    Args:
        model: the graph in floating point.
        method: as the recipe has it, which may ask for them to be quantized.
        stateful: the graph's cache becomes its state.
    """
    if not isinstance(method, Quantize | QuantizeWithAccuracyControl):
        return method, Kept()
    kept = Kept(
        attention=[] if method.keep_attention is False else _attention(model, stateful),
        heads=[] if method.keep_heads is False else detection_heads(model),
        decoder=[] if method.keep_decoder is False else query_decoder(model),
    )
    names = [name for some in kept for name in some]
    if not names:
        return method, kept
    scope = method.ignored_scope or IgnoredScope()
    names = list(dict.fromkeys([*(scope.names or []), *names]))
    scope = msgspec.structs.replace(scope, names=names)
    return msgspec.structs.replace(method, ignored_scope=scope), kept


def still_quantized(model: ov.Model, kept: Kept) -> list[str]:
    """Returns what a person is told where operations are quantized all the same.

    Args:
        model: the quantized graph, whose cache is its state.
        kept: what was to be left alone.
    """
    doubts = []
    if kept.attention and (names := quantized_states(model)):
        doubts.append(f"quantized at every token, since they are a state: {', '.join(names)}")
    if names := reading_quantized(model, kept.heads):
        doubts.append(f"quantized behind the last convolutions: {', '.join(names)}")
    if names := reading_quantized(model, kept.decoder):
        doubts.append(f"quantized in the decoder of queries: {', '.join(names)}")
    return doubts


def reading_quantized(model: ov.Model, names: Sequence[str]) -> list[str]:
    """Returns those operations of a graph whose weights or inputs are quantized.

    Args:
        model: the quantized graph.
        names: of operations of the graph before.
    """
    wanted = set(names)
    return [
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if node.get_friendly_name() in wanted
        and any(
            it.get_source_output().get_node().get_type_name() == QUANTIZER for it in node.inputs()
        )
    ]


def _attention(model: ov.Model, stateful: bool) -> list[str]:
    own = {operation.get_friendly_name() for operation in model.get_ops()}
    with_states = make_stateful(model) if stateful else model
    return [name for name in state_attention(with_states) if name in own]
