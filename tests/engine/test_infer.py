"""Samples through a compiled model: one at a time when few, else with every stream busy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ovtui.core.runs import Run
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.evaluation.infer import infer
from ovtui.engine.progress import Journal
from tests.engine.test_benchmark import save

CORES = os.cpu_count() or 1


def _inferred(folder: Path, count: int, batchable: bool) -> tuple[Any, list[np.ndarray]]:
    pictures = np.random.default_rng(0).standard_normal((count, 1, 3, 8, 8)).astype(np.float32)
    with SpoolWriter(folder, "inputs") as writer:
        for picture in pictures:
            writer.append({"image": picture})
    compiled = infer(
        save(folder, [-1, 3, 8, 8]),
        Spool(folder, "inputs"),
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32"},
        batchable,
        folder,
        Journal(Run(folder), "x").step("x", count),
    )
    return compiled, [sample["0"] for sample in Spool(folder, "outputs")]


@pytest.mark.parametrize("batchable", [True, False])
def test_few_samples_leave_a_model_that_takes_one_at_a_time(
    tmp_path: Path, batchable: bool
) -> None:
    compiled, outputs = _inferred(tmp_path, CORES, batchable)
    assert "LATENCY" in str(compiled.get_property("PERFORMANCE_HINT")).upper()
    assert compiled.get_property("PERF_COUNT")
    picture = Spool(tmp_path, "inputs")[0]["image"]
    assert np.allclose(compiled([picture])[0], outputs[0], atol=1e-6)
    assert len(outputs) == CORES


def test_many_samples_leave_none_and_give_the_same(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    for folder in (few, many):
        folder.mkdir()
    _, some = _inferred(few, CORES, True)
    compiled, outputs = _inferred(many, 5 * CORES + 1, True)
    assert compiled is None
    assert len(outputs) == 5 * CORES + 1
    assert not np.array_equal(outputs[0], outputs[1])
    again = _inferred(many, 5 * CORES + 1, False)[1]
    assert all(np.allclose(one, two, atol=1e-5) for one, two in zip(outputs, again, strict=True))
    assert some[0].shape == outputs[0].shape
