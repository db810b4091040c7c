"""What a compression leaves in floating point, stored smaller where that costs nothing."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovtui.engine.models.model_files import every_operation

_LEAST_BYTES = 2048
"""A smaller constant saves less than the `.xml` grows by: a Convert takes about 800 bytes."""
_LEAST_TABLE_BYTES = 64 * 1024
_MOST_ERROR = 2.0**-10
"""Relative; float16 keeps that from 6e-5 upwards. Smaller scales of weights stay as they are."""
_LARGEST = np.finfo(np.float16).max
_STORED = "_compressed"
"""What OpenVINO appends to the name of a constant that it stores as float16."""
_SUMS = {"Add", "Subtract"}
_PARTS = {"Slice", "StridedSlice", "Reshape", "Unsqueeze", "Squeeze", "Transpose"}
"""Operations that change no value."""


def compress_tables(model: ov.Model, ignored: nncf.IgnoredScope | None) -> ov.Model:
    """Returns the model with what is left of its embedding tables in 8 bits, asymmetric, by row.

    Only tables: rows are unpacked as they are looked up. The CPU plugin would also quantize the
    activations beside a matrix that is compressed (`DYNAMIC_QUANTIZATION_GROUP_SIZE`).

    Args:
        model: as NNCF left it; changed in place.
        ignored: an `nncf.IgnoredScope` of operations to leave alone, or None.
    """
    if not any(map(_is_float_table, model.get_ops())):
        return model
    given = ignored or nncf.IgnoredScope()
    others = {op.get_type_name() for op in model.get_ops()} - {"Gather", "Constant"}
    scope = nncf.IgnoredScope(
        names=given.names,
        patterns=given.patterns,
        types=sorted({*given.types, *others}),
        subgraphs=given.subgraphs,
        validate=False,
    )
    return nncf.compress_weights(
        model, mode=nncf.CompressWeightsMode.INT8_ASYM, ignored_scope=scope
    )


def halve_constants(model: ov.Model, as_stored: Collection[str] = ()) -> None:
    """Stores float32 constants as float16, in place: those of the baseline, and what is exact.

    A constant that the compression made, such as the scales of weights, is halved where that
    changes no value by more than 0.1 %; what is only added may change by 0.1 % of its largest
    value.

    `openvino.save_model` leaves all of them as they are once a model holds compressed weights.

    Args:
        model: as NNCF left it.
        as_stored: names of the constants that the baseline stores as float16.
    """
    for op in every_operation(model):
        if op.get_type_name() != "Constant" or op.get_element_type() != ov.Type.f32:
            continue
        if op.get_byte_size() < _LEAST_BYTES:
            continue
        values = op.data
        with np.errstate(over="ignore"):
            halved = values.astype(np.float16)
        if op.get_friendly_name() in as_stored:
            halved = np.clip(halved, -_LARGEST, _LARGEST)  # OpenVINO stores the baseline's so
        elif not _is_exact(op, values, halved):
            continue
        constant = ops.constant(halved, name=op.get_friendly_name())
        wide = ops.convert(constant, np.float32)
        for user in op.output(0).get_target_inputs():
            user.replace_source_output(wide.output(0))


def stored_in_half(baseline: Path) -> set[str]:
    """Names, in the FP32 graph, of the constants that the baseline's IR stores as float16."""
    return {
        op.get_friendly_name().removesuffix(_STORED)
        for op in every_operation(ov.Core().read_model(baseline))
        if op.get_type_name() == "Constant" and op.get_element_type() == ov.Type.f16
    }


def _is_exact(op: ov.Node, values: np.ndarray, halved: np.ndarray) -> bool:
    """Whether float16 keeps a constant's values well enough for what it is used for."""
    sizes = np.abs(values)
    if _is_only_added(op):
        sizes = sizes.max()
    return bool(np.all(np.abs(halved.astype(np.float32) - values) <= _MOST_ERROR * sizes))


def _is_only_added(op: ov.Node) -> bool:
    """Whether values, or some of them, are added to others, as the positions in a picture are."""
    users = [user.get_node() for user in op.output(0).get_target_inputs()]
    return all(
        user.get_type_name() in _SUMS or (user.get_type_name() in _PARTS and _is_only_added(user))
        for user in users
    )


def _is_float_table(op: ov.Node) -> bool:
    """Whether an operation looks rows up in a large constant of floats."""
    if op.get_type_name() != "Gather":
        return False
    table = op.input_value(0).get_node()
    if table.get_type_name() == "Convert":
        table = table.input_value(0).get_node()
    return (
        table.get_type_name() == "Constant"
        and table.get_element_type().is_real()
        and len(table.shape) == 2
        and table.get_byte_size() >= _LEAST_TABLE_BYTES
    )
