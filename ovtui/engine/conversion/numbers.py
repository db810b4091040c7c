"""Weights and outputs that are numbers: what is NaN from the start is told before compression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ovtui.core.text.errors import SourceError

if TYPE_CHECKING:
    import openvino as ov

_TYPES = {"f16", "f32", "f64"}
"""Those that numpy has, too."""
_MULTIPLIED = {"MatMul", "Convolution", "GroupConvolution", "ConvolutionBackpropData"}
"""Operations whose weights cannot be infinite; a mask that is added may be."""


def check_weights(model: ov.Model) -> None:
    """Refuses a graph that has NaN among its weights, or infinity where these are multiplied.

    It may answer nevertheless: a ReLU makes 0 of NaN. Quantized, it is another model.

    Raises:
        SourceError: names the first such constant.
    """
    for operation in model.get_ops():
        if operation.get_type_name() != "Constant":
            continue
        if operation.get_element_type().to_string() not in _TYPES:
            continue
        values = np.asarray(operation.data)
        wrong = np.isnan(values)
        if _is_multiplied(operation):
            wrong |= np.isinf(values)
        if count := int(np.count_nonzero(wrong)):
            raise SourceError(
                f"the model's weights are damaged: {operation.get_friendly_name()!r} holds NaN or "
                f"infinity in {count} of {values.size} values; load or export the model again"
            )


def without_numbers(model: ov.Model, outputs: Sequence[Sequence[np.ndarray]]) -> str:
    """Returns the name of an output that is NaN or infinite in part; empty where there is none.

    Args:
        model: the FP32 graph, an `ov.Model`.
        outputs: for each of the first samples, its arrays in the order of the model's outputs;
            those that are not floats are not looked at.
    """
    for number, port in enumerate(model.outputs):
        given = [output[number] for output in outputs if output[number].dtype.kind == "f"]
        if given and not all(np.isfinite(array).all() for array in given):
            return next(iter(sorted(port.get_names())), str(number))
    return ""


def _is_multiplied(constant: ov.Node) -> bool:
    """Whether an operation multiplies by the constant, as it is or converted."""
    kinds = set()
    for reader in constant.output(0).get_target_inputs():
        node = reader.get_node()
        if node.get_type_name() == "Convert":
            kinds |= {it.get_node().get_type_name() for it in node.output(0).get_target_inputs()}
        kinds.add(node.get_type_name())
    return bool(kinds & _MULTIPLIED)
