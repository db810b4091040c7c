"""Samples on disk: what is written comes back, one at a time."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter, digest

SAMPLES: list[Arrays] = [
    {"image": np.arange(12, dtype=np.float32).reshape(1, 3, 4), "mask": np.ones((1, 4), np.int64)},
    {"image": np.zeros((1, 3, 2), np.float32), "mask": np.empty((1, 0), np.int64)},
    {"scalar": np.array(7, np.uint8), "flag": np.array([True, False])},
]


def write(folder: Path, samples: list[Arrays]) -> Spool:
    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
        assert writer.count == len(samples)
    return Spool(folder, "inputs")


def same(one: Arrays, other: Arrays) -> bool:
    return list(one) == list(other) and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name])
        for name in one
    )


def test_samples_come_back_as_they_were(tmp_path: Path) -> None:
    spool = write(tmp_path, SAMPLES)
    assert len(spool) == 3
    for _ in range(2):  # as often as one likes
        assert all(same(*pair) for pair in zip(spool, SAMPLES, strict=True))
    assert same(spool[2], SAMPLES[2]) and same(spool[0], SAMPLES[0])


def test_memory_that_is_not_in_one_piece_is_written_in_order(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4).transpose(2, 0, 1)[::-1]
    assert np.array_equal(write(tmp_path, [{"x": array}])[0]["x"], array)


def test_uniform_tells_whether_samples_can_be_stacked(tmp_path: Path) -> None:
    assert not write(tmp_path, SAMPLES).uniform
    assert write(tmp_path, [SAMPLES[0], SAMPLES[0]]).uniform


def test_nothing_written_is_an_empty_spool(tmp_path: Path) -> None:
    spool = write(tmp_path, [])
    assert len(spool) == 0 and list(spool) == [] and spool.uniform
    with pytest.raises(IndexError):
        spool[0]


def test_a_sample_that_was_read_may_be_changed(tmp_path: Path) -> None:
    spool = write(tmp_path, SAMPLES)
    spool[0]["image"][:] = -1
    assert same(spool[0], SAMPLES[0])


def test_reading_holds_one_sample_at_a_time(tmp_path: Path) -> None:
    sample: Arrays = {"image": np.ones((1, 3, 256, 256), np.float32)}
    spool = write(tmp_path, [sample] * 128)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in spool) == 128
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 16 * sample["image"].nbytes


def test_a_digest_depends_on_names_types_shapes_and_values() -> None:
    base: Arrays = {"x": np.zeros((2, 3), np.float32)}
    others: list[Arrays] = [
        {"y": np.zeros((2, 3), np.float32)},
        {"x": np.zeros((3, 2), np.float32)},
        {"x": np.zeros((2, 3), np.int32)},
        {"x": np.full((2, 3), 1e-9, np.float32)},
    ]
    assert len({digest(arrays) for arrays in [base, *others]}) == 5
    assert digest(base) == digest({"x": np.zeros((2, 3), np.float32)})
    both: Arrays = {"a": np.ones(1), "b": np.zeros(1)}
    assert digest(both) == digest(dict(reversed(both.items())))
