"""The right values, apart from ovtui: bare OpenVINO, a fresh request for each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import openvino as ov

F32 = {"INFERENCE_PRECISION_HINT": "f32"}


def answers(model: Path, rows: Iterable[Mapping[str, np.ndarray]]) -> list[list[np.ndarray]]:
    """All outputs of every row: each alone, in a request that nothing was asked of before.

    Args:
        model: IR or ONNX file, executed in f32.
        rows: an array for each input by name, as the model takes it, batch axis included.
    """
    compiled = ov.Core().compile_model(model, "CPU", F32)
    found = []
    for row in rows:
        request = compiled.create_infer_request()
        request.infer(dict(row))
        found.append([np.array(request.get_tensor(port).data) for port in compiled.outputs])
    return found


def first_outputs(model: Path, rows: Iterable[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
    """As `answers`, the first output alone."""
    return [outputs[0] for outputs in answers(model, rows)]


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Cosine of two arrays taken as vectors; 1 of two zeros, 0 beside one or in other shapes."""
    if one.shape != other.shape:
        return 0.0
    first, second = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    norms = np.linalg.norm(first) * np.linalg.norm(second)
    return float(first @ second / norms) if norms else float(np.array_equal(first, second))
