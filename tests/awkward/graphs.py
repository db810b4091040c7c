"""Small OpenVINO graphs, made from operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops


def taken(name: str, shape: Sequence[int], dtype: Any = ov.Type.f32) -> Any:
    """An input of this name."""
    node = ops.parameter(list(shape), dtype, name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def linear(value: Any, weights: np.ndarray) -> Any:
    """Value [n, k] times weights [outputs, k], without a bias."""
    return ops.matmul(value, ops.constant(weights), False, True)


def save(
    path: Path, inputs: Sequence[Any], outputs: Mapping[str, Any], sinks: Sequence[Any] = ()
) -> None:
    """Write an IR as it is: inputs, outputs by name, and assignments of states."""
    results = []
    for name, value in outputs.items():
        value.output(0).get_tensor().set_names({name})
        results.append(ops.result(value))
    model = ov.Model(results, list(sinks), list(inputs), "awkward")
    ov.save_model(model, path, compress_to_fp16=False)
