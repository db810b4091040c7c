"""A PyTorch module traced into an OpenVINO model, the same whatever was traced before it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import openvino as ov
import torch

from ovtui.engine.components.wide_pools import whole_means


def trace(module: torch.nn.Module, example: Any, shapes: Sequence[ov.PartialShape]) -> ov.Model:
    """Returns the module as an `ov.Model`.

    Args:
        module: what to trace, by a call with the example.
        example: its arguments: a tuple of tensors, or tensors by name.
        shapes: of the model's inputs, as `ov.convert_model` takes them.
    """
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    # Data is collected on the other cores meanwhile: threads that wait for each other at the end of
    # every operation then took 3.0 s for what one does in 1.0 s (MobileNetV2).
    torch.set_num_threads(1)
    with torch.no_grad(), whole_means(module), _queries_of_any_number():
        # Torch checks its own trace by running the model twice more, which is most of a small
        # model's conversion; what the IR gives is compared with the original by who asks for it.
        traced = TorchScriptPythonDecoder(
            module, example_input=example, trace_kwargs={"check_trace": False}
        )
        model = ov.convert_model(traced, example_input=example, input=shapes)
    number_anew(model)
    return model


@contextmanager
def _queries_of_any_number() -> Iterator[None]:
    """Has transformers attend as it does to more than one token, also where the example has one.

    Where heads share keys and values it packs the queries of a single token by heads, and that
    reshape fits no other number of tokens: the CPU plugin refused it when the model was run.
    torch.compile, whose models take any number, is what it asks about.
    """
    attention = sys.modules.get("transformers.integrations.sdpa_attention")
    if attention is None:
        yield
        return
    names = vars(attention)
    usual = names["is_torchdynamo_compiling"]
    names["is_torchdynamo_compiling"] = lambda: True
    try:
        yield
    finally:
        names["is_torchdynamo_compiling"] = usual


def number_anew(model: ov.Model) -> None:
    """Renames, in place, what OpenVINO named by its type and a count of all nodes of the process.

    A bias is `Constant_50415` in one process and `Constant_76262` in the next. Counted within the
    model, such names are the same each time: an ignored scope that has one stays right, and equal
    graphs are equal files.
    """
    model.set_friendly_name("model")
    operations = model.get_ordered_ops()
    numbered = [op for op in operations if _is_numbered(op)]
    others = {op.get_friendly_name() for op in operations if not _is_numbered(op)}
    counts: Counter[str] = Counter()
    for op in numbered:
        kind = op.get_type_name()
        counts[kind] += 1
        while f"{kind}_{counts[kind]}" in others:
            counts[kind] += 1
        op.set_friendly_name(f"{kind}_{counts[kind]}")


def _is_numbered(operation: ov.Node) -> bool:
    name = operation.get_friendly_name()
    return re.fullmatch(re.escape(operation.get_type_name()) + r"_\d+", name) is not None
