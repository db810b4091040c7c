"""Recipes of awkward models: 16 rows to calibrate, the rest to evaluate, f32 where it is not i8."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

CALIBRATION = 16
"""Rows at the head of the data that calibrate; evaluation takes the others."""


def write_recipe(
    folder: Path,
    model: str,
    data: str,
    *,
    task: str = "tensors",
    columns: Mapping[str, str] | None = None,
    labels: Sequence[str] = (),
    splits: tuple[str, str] = (f"all[:{CALIBRATION}]", f"all[{CALIBRATION}:]"),
    head: str = "",
    more: str = "",
) -> Path:
    """Write a recipe with one INT8 variant; its path.

    Args:
        folder: where model and data are as well.
        model: `model.source`.
        data: `data.source`.
        task: of the recipe.
        columns: `data.columns`.
        labels: `data.labels`.
        splits: of calibration and of evaluation.
        head: further lines at the top.
        more: further tables.
    """
    named = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in (columns or {}).items())
    lines = [
        "schema = 1",
        'title = "awkward"',
        f'task = "{task}"',
        head,
        "baseline = { storage = 'fp32', default_precision = false }",
        "measure = { latency = false, throughput = false }",
        "[model]",
        f"source = {json.dumps(model)}",
        "[data]",
        f"source = {json.dumps(data)}",
        f"columns = {{ {named} }}" if columns else "",
        f"labels = {json.dumps(list(labels))}" if labels else "",
        f"[data.calibration]\nsplit = {json.dumps(splits[0])}",
        f"[data.evaluation]\nsplit = {json.dumps(splits[1])}",
        more,
        "[[variants]]",
        'name = "int8"',
        'components.model = { method = "quantize" }',
        "execution = { INFERENCE_PRECISION_HINT = 'f32' }",
    ]
    path = folder / "awkward.toml"
    path.write_text("\n".join(line for line in lines if line) + "\n")
    return path


def write_rows(folder: Path, **arrays: np.ndarray) -> None:
    """The data, an array for each column, rows along the first axis."""
    np.savez(folder / "data.npz", **arrays)  # type: ignore[arg-type]


def weights(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Random float32 whose products stay of one size; the first axis is the outputs'."""
    scale = np.sqrt(max(1, int(np.prod(shape[1:]))))
    return (generator.standard_normal(shape) / scale).astype(np.float32)
