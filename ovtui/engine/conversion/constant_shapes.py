"""Constants that are read for their shape alone: the shape is kept, and not the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from openvino import opset13 as ops

from ovtui.engine.models.model_files import every_operation

if TYPE_CHECKING:
    import openvino as ov


def fold_shapes(model: ov.Model) -> int:
    """Replaces, in place, each shape of a constant by its numbers, and returns how many there were.

    BART takes the length of its positions from the table of embeddings. Compression stores the
    table in 8 bits for whoever looks rows up, and all of it in float32 beside it for its shape.

    The shape of an input stays an operation: the input may be given another one.
    """
    folded = 0
    for operation in every_operation(model):
        if operation.get_type_name() == "ShapeOf" and _is_constant(operation.input_value(0)):
            _replace(operation, np.array(list(operation.input_value(0).get_shape())))
            folded += 1
    return folded


def _is_constant(value: ov.Output) -> bool:
    node = value.get_node()
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return bool(node.get_type_name() == "Constant")


def _replace(operation: ov.Node, shape: np.ndarray) -> None:
    output = operation.output(0)
    numbers = shape.astype(output.get_element_type().to_dtype())
    constant = ops.constant(numbers, name=operation.get_friendly_name())
    constant.output(0).get_tensor().set_names(output.get_names())
    for reader in output.get_target_inputs():
        reader.replace_source_output(constant.output(0))
