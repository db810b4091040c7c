"""Least and largest values of weights, found by numpy where OpenVINO would fold them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from openvino import opset13 as ops

from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target

if TYPE_CHECKING:
    import openvino as ov

_EXTREMES = {"ReduceMax", "ReduceMin"}
_FLOATS = {"f16", "f32", "f64"}


@contextlib.contextmanager
def found_by_numpy() -> Iterator[None]:
    """Lets NNCF, while open, compile no model in which an extreme of a weight is still to be found.

    It asks for the extremes of weights as it does for those of activations: by a reduction within
    the model. OpenVINO's constant folding then takes 12.7 of the 15.4 s in which the second such
    model of CLIP ViT-B/16 is compiled; numpy takes 0.2 s for the same values.
    """
    from nncf.openvino.engine import OVNativeEngine

    original = OVNativeEngine.__init__

    def replaced(self: Any, model: ov.Model, *arguments: Any, **named: Any) -> None:
        fold_extremes(model)
        original(self, model, *arguments, **named)

    OVNativeEngine.__init__ = replaced
    try:
        yield
    finally:
        OVNativeEngine.__init__ = original


def fold_extremes(model: ov.Model) -> int:
    """Replaces each largest or least value of a constant by that value, in place, and returns how
    many there were.
    """
    folded = 0
    for operation in model.get_ordered_ops():
        if operation.get_type_name() in _EXTREMES:
            value = _extreme(operation)
            if value is not None:
                constant = ops.constant(value, name=f"{operation.get_friendly_name()}/found")
                output = operation.output(0)
                constant.output(0).get_tensor().set_names(output.get_names())
                for reader in output.get_target_inputs():
                    reader.replace_source_output(constant.output(0))
                folded += 1
    return folded


def _extreme(operation: ov.Node) -> np.ndarray | None:
    """What a reduction of a constant, or of its absolute values, gives; None of anything else."""
    source, axes = (operation.input_value(index).get_node() for index in (0, 1))
    absolute = source.get_type_name() == "Abs"
    if absolute:
        source = source.input_value(0).get_node()
    constants = source.get_type_name() == axes.get_type_name() == "Constant"
    if not constants or source.get_element_type().get_type_name() not in _FLOATS:
        return None
    over = tuple(int(axis) for axis in np.atleast_1d(axes.data))
    keep = bool(operation.get_attributes()["keep_dims"])
    values = source.data
    if not absolute:
        largest = operation.get_type_name() == "ReduceMax"
        return np.asarray((np.max if largest else np.min)(values, axis=over, keepdims=keep))
    if operation.get_type_name() == "ReduceMin":
        return None  # nobody asks for it
    # No copy of the weights: the largest of both ends.
    ends = values.max(axis=over, keepdims=keep), -values.min(axis=over, keepdims=keep)
    return np.asarray(np.maximum(*ends))


PATCH = Patch(
    name="extremes of weights by numpy",
    targets=(
        Target("nncf.openvino.engine.OVNativeEngine.__init__", "self, model, use_fp32_precision"),
    ),
    why="OpenVINO folds them for 12.7 of the 15.4 s in which a model of CLIP ViT-B/16 is compiled; "
    "numpy takes 0.2 s",
    how="the constructor replaces them in the model first",
    needed=False,
    apply=lambda work: found_by_numpy(),
)
