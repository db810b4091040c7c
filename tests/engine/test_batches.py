"""Throughput at larger batches, in the samples that it counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.core.results.speeds import Latency, Throughput
from ovtui.core.results.variant import Variant
from ovtui.engine.measuring.benchmark import MeasurementError, Schedule, Subject, measure
from ovtui.engine.measuring.messages import StoredInputs
from ovtui.engine.run.assemble import measured_fields
from ovtui.engine.run.speed_comparison import compare_speed
from tests.support.plain_graph import save


def _subject(folder: Path, name: str, shapes: list[tuple[int, ...]]) -> Subject:
    path = folder / f"{name}.npz"
    np.savez(path, **{f"image#{n}": np.ones(s, np.float32) for n, s in enumerate(shapes)})
    model = save(folder, [1, 3, 8, 8] if len(set(shapes)) == 1 else [-1, 3, -1, -1], name)
    return Subject(name, model, "CPU", {}, StoredInputs(str(path)))


def test_batches_are_measured_beside_single_samples(tmp_path: Path) -> None:
    subjects = [_subject(tmp_path, name, [(1, 3, 8, 8)] * 6) for name in ("one", "two")]
    measured = measure(subjects, Schedule(seconds=0.04, blocks=2, batches=[4, 8], profile=False))
    variants = []
    for name, found in measured.items():
        assert isinstance(found.latency, Latency) and isinstance(found.throughput, Throughput)
        assert found.throughput.batch == 1
        assert [entry.batch for entry in found.batched] == [4, 8]
        for entry in found.batched:
            assert len(entry.blocks_per_second) == 2
            low, high = sorted(entry.blocks_per_second)
            assert low <= entry.samples_per_second <= high
        variants.append(Variant(name=name, baseline=False, path="", **measured_fields(found)))
    comparison = compare_speed(*variants)
    assert [entry.batch for entry in comparison.batched] == [4, 8]
    assert all(entry.speedup > 0 for entry in comparison.batched)


def test_samples_of_several_shapes_make_no_batch(tmp_path: Path) -> None:
    subject = _subject(tmp_path, "ragged", [(1, 3, 8, 8), (1, 3, 9, 9)])
    with pytest.raises(MeasurementError, match="no common shape"):
        measure(
            [subject],
            Schedule(seconds=0.04, blocks=2, modes=("throughput",), batches=[2], profile=False),
        )
