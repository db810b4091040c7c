"""A component as an OpenVINO graph that takes and gives flat tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import openvino as ov
import torch
from transformers import DynamicCache, DynamicLayer, EncoderDecoderCache

from ovtui.core.text.errors import SourceError
from ovtui.engine.components.fused_attention import fuse_attention
from ovtui.engine.components.observe import Call
from ovtui.engine.components.structure import Node, flatten, rebuild
from ovtui.engine.components.trace import trace
from ovtui.engine.models.openvino_errors import telling_line


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """How a component's graph is called in place of its module; stored beside the graph."""

    path: str
    """Of the module in the pipeline; empty for the model itself."""
    inputs: dict[str, str]
    """The graph's input for each argument that is a tensor."""
    result: Node
    outputs: list[str]
    handed_through: dict[str, str]
    own: list[tuple[int, int]]
    """Heads and their width in each layer's cache; empty where there is none."""


def past_names(layers: int) -> list[str]:
    """Returns inputs that hold the keys and values of earlier tokens, as optimum-intel names
    them.
    """
    return [f"past_key_values.{i}.decoder.{kind}" for i in range(layers) for kind in _KINDS]


def present_names(layers: int, part: str) -> list[str]:
    """Returns outputs that hold keys and values: of self-attention (`decoder`) or of
    cross-attention (`encoder`).
    """
    return [f"present.{i}.{part}.{kind}" for i in range(layers) for kind in _KINDS]


_KINDS = ("key", "value")
_ENCODER_DECODER = {
    "decoder_input_ids": "input_ids",
    "encoder_outputs.last_hidden_state": "encoder_hidden_states",
    "encoder_outputs.0": "encoder_hidden_states",
    "attention_mask": "encoder_attention_mask",
}
"""What optimum-intel and openvino-genai call the inputs of an encoder-decoder's decoder."""


def port_names(arguments: Iterable[str]) -> dict[str, str]:
    """Returns the graph's input for each argument that is a tensor: as it is, or as runtimes know
    it.
    """
    arguments = list(arguments)
    renamed = _ENCODER_DECODER if "decoder_input_ids" in arguments else {}
    return {argument: renamed.get(argument, argument) for argument in arguments}


class Signature(NamedTuple):
    """What a component's graph takes and gives, before there is one."""

    component: Component
    call: Call
    """Traced."""
    inputs: list[str]
    shapes: list[ov.PartialShape]
    outputs: list[str]


def signature_of(
    path: str, calls: Sequence[Call], free: Mapping[str, Sequence[int]] | None = None
) -> Signature:
    """Returns the graph that a component's calls ask for.

    Axes are free over the batch, where calls differ, and along tokens: axis 1 of every integer
    input, and of floating-point inputs that are as long as one of those. Keys and values of earlier
    tokens are inputs `past_key_values.*` and outputs `present.*`, float32 [batch, heads, tokens,
    width].

    Args:
        path: of the component's module in the pipeline.
        calls: at least one.
        free: further axes that stay free, by the argument's name, though no call differs in them.
    """
    further = free or {}
    # One that has a past: a trace of the first call would hold that there is none. And the one with
    # the most tokens: grouped-query attention of transformers packs heads where there is one alone,
    # and a trace of that fails for two.
    call = max((call for call in calls if call.past), key=_tokens, default=calls[0])
    ports = port_names(call.inputs)
    component = Component(
        path=path,
        inputs=ports,
        result=call.result,
        outputs=list(call.outputs),
        handed_through=call.handed_through,
        own=call.own,
    )
    return Signature(
        component=component,
        call=call,
        inputs=[*ports.values(), *past_names(len(call.own))],
        shapes=[
            *(_shape(name, call, calls, further.get(name, ())) for name in call.inputs),
            *(ov.PartialShape([-1, heads, -1, width]) for heads, width in call.own for _ in _KINDS),
        ],
        outputs=[
            *call.outputs,
            *present_names(len(call.own), "decoder"),
            *present_names(call.cross, "encoder"),
        ],
    )


def convert_component(module: torch.nn.Module, signature: Signature) -> ov.Model:
    """Returns the module as an `ov.Model` with the signature's names of inputs and outputs.

    Args:
        module: in PyTorch, with its weights.
        signature: of the calls that were recorded: their inputs, outputs and free axes.

    Raises:
        SourceError: OpenVINO cannot convert it.
    """
    call = signature.call
    example = (*call.inputs.values(), *_example_past(call))
    try:
        model = trace(_Flat(module, call), example, signature.shapes)
    except Exception as error:
        raise SourceError(
            f"component {signature.component.path or 'model'}: OpenVINO cannot convert it: "
            f"{telling_line(error)}"
        ) from error
    if signature.component.own:
        fuse_attention(model)
    for port, name in zip(model.inputs, signature.inputs, strict=True):
        port.get_tensor().set_names({name})
        port.get_node().set_friendly_name(name)  # what openvino-genai's paged attention looks for
    for port, name in zip(model.outputs, signature.outputs, strict=True):
        port.get_tensor().set_names({name})
    return model


def _tokens(call: Call) -> int:
    sizes = (it.shape[1] for name, it in call.inputs.items() if name.endswith("input_ids"))
    return next(sizes, 0)


def _shape(name: str, call: Call, calls: Sequence[Call], further: Sequence[int]) -> ov.PartialShape:
    shape = list(call.inputs[name].shape)
    tokens = {
        tensor.shape[1]
        for tensor in call.inputs.values()
        if tensor.ndim > 1 and not tensor.is_floating_point()
    }
    seen = [tuple(other.inputs[name].shape) for other in calls if name in other.inputs]
    free = {axis for axis in range(len(shape)) if len({one[axis] for one in seen}) > 1}
    free.update(further)
    if not call.inputs[name].is_floating_point() or (len(shape) > 2 and shape[1] in tokens):
        free.add(1)
    free.add(0)  # beams, and runtimes that let go of an input by giving one with no rows
    return ov.PartialShape([-1 if axis in free else size for axis, size in enumerate(shape)])


def _example_past(call: Call) -> list[torch.Tensor]:
    batch = next(iter(call.inputs.values())).shape[0]
    return [
        torch.zeros(batch, heads, call.past or 0, width)
        for heads, width in call.own
        for _ in _KINDS
    ]


class _Flat(torch.nn.Module):
    """The module with tensors alone as arguments and results."""

    def __init__(self, module: torch.nn.Module, call: Call) -> None:
        super().__init__()
        self.module = module
        self.call = call

    def forward(self, *flat: torch.Tensor) -> tuple[torch.Tensor, ...]:
        call = self.call
        tensors = dict(zip(call.inputs, flat, strict=False))
        past = flat[len(call.inputs) :]
        own, cross = DynamicCache(), DynamicCache()
        own.layers.extend(_filled(*pair) for pair in zip(past[::2], past[1::2], strict=True))
        cross.layers.extend(_Fresh() for _ in range(call.cross))
        cache = EncoderDecoderCache(own, cross) if call.cross else own
        result = self.module(**rebuild(call.arguments, tensors, cache if call.own else None))
        _, returned, _ = flatten(result)
        kept = [*own.layers, *cross.layers]
        return (
            *(returned[name] for name in call.outputs),
            *(tensor for layer in kept for tensor in (layer.keys, layer.values)),
        )


def _filled(keys: torch.Tensor, values: torch.Tensor) -> DynamicLayer:
    layer = DynamicLayer()
    layer.lazy_initialization(keys, values)
    layer.keys, layer.values, layer.is_initialized = keys, values, True
    return layer


class _Fresh(DynamicLayer):
    """Keys and values of cross-attention: projected from the encoder's states at this call.

    The usual layer would concatenate them to an empty tensor of one axis, which has no counterpart
    in OpenVINO.
    """

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self.keys, self.values = key_states, value_states
        return key_states, value_states
