"""Graphs that calculate in bfloat16 or float64, calculated in float32 instead."""

from __future__ import annotations

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovtui.core.text.errors import SourceError
from ovtui.engine.models.model_files import every_operation
from ovtui.engine.models.openvino_errors import telling_line

_OTHERS = {"bf16": "bfloat16", "f64": "float64"}
"""NumPy has no bfloat16: NNCF and a request would read its bits as float16. The CPU plugin has no
FakeQuantize of float64."""


def calculates_in(model: ov.Model) -> list[str]:
    """Returns the types, of bfloat16 and float64, that a graph calculates its outputs in.

    Weights that are stored so and converted before they are used do not count, nor does what is
    calculated of shapes.
    """
    others: set[str] = set()
    of_data: set[str] = set()
    for operation in every_operation(model):
        kind, name = operation.get_type_name(), operation.get_friendly_name()
        if kind == "ShapeOf":
            continue
        sources = {value.get_node().get_friendly_name() for value in operation.input_values()}
        if kind in {"Parameter", "ReadValue"} or sources & of_data:
            of_data.add(name)
            types = (port.get_element_type().get_type_name() for port in operation.outputs())
            others |= {_OTHERS[type_name] for type_name in types if type_name in _OTHERS}
    return sorted(others)


def in_float32(model: ov.Model) -> None:
    """Makes a graph calculate in float32, in place, its inputs and outputs too.

    Raises:
        SourceError: it has operations whose type cannot be changed.
    """
    for operation in every_operation(model):
        match operation.get_type_name():
            case "Parameter" if _is_other(operation):
                operation.set_element_type(ov.Type.f32)
            case "Constant" if _is_other(operation):
                _widen(operation)
            case _:
                for name, value in operation.get_attributes().items():
                    if isinstance(value, str) and value in _OTHERS:
                        operation.set_attribute(name, "f32")
    try:
        model.validate_nodes_and_infer_types()
    except RuntimeError as error:
        raise SourceError(
            f"this model cannot be calculated in float32: {telling_line(error)}; "
            "export it in float32"
        ) from error
    if left := calculates_in(model):
        raise SourceError(
            f"this model has operations in {' and '.join(left)} that cannot be calculated in "
            "float32; export it in float32"
        )


def _is_other(operation: ov.Node) -> bool:
    return operation.get_element_type().get_type_name() in _OTHERS


def _widen(constant: ov.Node) -> None:
    values = constant.get_data(dtype=np.float32)
    wide = ops.constant(values, dtype=np.float32, name=constant.get_friendly_name())
    wide.output(0).get_tensor().set_names(constant.output(0).get_names())
    for reader in constant.output(0).get_target_inputs():
        reader.replace_source_output(wide.output(0))
