"""What quantized weights make of a linear layer's mean input, found without compiling a model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import openvino as ov

from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target

_WEIGHTED = {"Parameter", "Constant", "Convert", "FakeQuantize", "MatMul", "Result"}


@contextlib.contextmanager
def shifts_evaluated() -> Iterator[None]:
    """Lets fast bias correction, while open, compile no model for a linear layer.

    NNCF compiles one for each layer and infers it with the mean input in every place. One place
    tells as much, and for a single vector OpenVINO's reference code is done before a model is
    compiled: the 144 layers of CLIP ViT-B/16 take 2.9 s instead of 7.5 s.
    """
    import nncf.tensor.functions as fns
    from nncf.common.tensor_statistics.statistical_functions import mean_per_channel
    from nncf.quantization.algorithms.fast_bias_correction.algorithm import FastBiasCorrection
    from nncf.tensor import Tensor

    original = FastBiasCorrection._get_bias_shift

    def replaced(
        self: Any,
        model: ov.Model,
        input_blob: Mapping[str, np.ndarray],
        output_channel_axis: int,
        output_fp: Sequence[Any],
        output_name: str,
    ) -> Any:
        output = output_for_mean(model, list(input_blob.values()))
        if output is None:
            return original(self, model, input_blob, output_channel_axis, output_fp, output_name)
        return fns.stack(output_fp) - mean_per_channel(Tensor(output), output_channel_axis)

    FastBiasCorrection._get_bias_shift = replaced
    try:
        yield
    finally:
        FastBiasCorrection._get_bias_shift = original


def output_for_mean(model: ov.Model, given: Sequence[np.ndarray]) -> np.ndarray | None:
    """Returns the output of a linear layer for an input that is the same in every place; None of
    others.

    Args:
        model: one layer, its weights quantized or not.
        given: its inputs; a linear layer has one, with its channels on the last axis.

    Returns:
        As the model's output, with the length 1 on every axis but the last.
    """
    kinds = [operation.get_type_name() for operation in model.get_ordered_ops()]
    if set(kinds) - _WEIGHTED or kinds.count("MatMul") != 1 or len(given) != 1:
        return None
    layer = model.get_ordered_ops()[kinds.index("MatMul")]
    weights = layer.input_value(1)
    takes_vectors = layer.input_value(0).get_node().get_type_name() == "Parameter"
    if not takes_vectors or layer.get_attributes()["transpose_a"] or len(weights.get_shape()) != 2:
        return None
    places = given[0].reshape(-1, given[0].shape[-1])
    if (places != places[0]).any():
        return None
    single = model.clone()
    single.reshape([1] * (given[0].ndim - 1) + [places.shape[1]])
    output = ov.Tensor(ov.Type.f32, ov.Shape([]))
    one = np.ascontiguousarray(places[0].reshape(single.inputs[0].shape))
    return output.data if single.evaluate([output], [ov.Tensor(one)]) else None


PATCH = Patch(
    name="bias shifts evaluated",
    targets=(
        Target(
            "nncf.quantization.algorithms.fast_bias_correction.algorithm.FastBiasCorrection"
            "._get_bias_shift",
            "self, model, input_blob, output_channel_axis, output_fp, output_name",
        ),
        Target(
            "nncf.common.tensor_statistics.statistical_functions.mean_per_channel", "x, axis, dtype"
        ),
        Target("nncf.tensor.functions.stack", "x, axis"),
        Target("nncf.tensor.Tensor"),
    ),
    why="NNCF compiles a model for each linear layer: 7.5 s of CLIP ViT-B/16, which are 2.9 s so",
    how="a method evaluates one place by OpenVINO's reference code, and is NNCF's own elsewhere",
    needed=False,
    apply=lambda work: shifts_evaluated(),
)
