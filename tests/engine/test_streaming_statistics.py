from __future__ import annotations

import numpy as np
import pytest
from nncf.common.tensor_statistics.collectors import MeanAggregator
from nncf.tensor import Tensor

from ovtui.engine.compression.nncf_patches.streaming_statistics import streaming_means

RNG = np.random.default_rng(0)
SAMPLES = [RNG.standard_normal((1, 4, 5), dtype=np.float32) for _ in range(7)]
RAGGED = [RNG.standard_normal((1, length, 5), dtype=np.float32) for length in (2, 7, 3)]


def mean(samples: list[np.ndarray], axes: tuple[int, ...]) -> np.ndarray:
    """What NNCF's aggregator makes of the samples."""
    aggregator = MeanAggregator(aggregation_axes=axes)
    for sample in samples:
        aggregator.register_reduced_input(Tensor(sample))
    return np.asarray(aggregator.aggregate().data)


@pytest.mark.parametrize(
    ("samples", "axes"),
    [(SAMPLES, (0,)), (SAMPLES, (0, 1)), (SAMPLES, (0, 2)), (SAMPLES, (0, 1, 2)), (RAGGED, (0, 2))],
)
def test_running_sums_give_the_same_mean(samples: list[np.ndarray], axes: tuple[int, ...]) -> None:
    kept = mean(samples, axes)
    with streaming_means():
        streamed = mean(samples, axes)
    assert streamed.shape == kept.shape and streamed.dtype == kept.dtype
    np.testing.assert_allclose(streamed, kept, rtol=1e-5, atol=1e-6)


def test_no_sample_is_kept() -> None:
    aggregator = MeanAggregator()
    with streaming_means():
        for sample in SAMPLES:
            aggregator.register_reduced_input(Tensor(sample))
        assert len(aggregator._container) == 1


def test_left_as_it_was() -> None:
    before = MeanAggregator._aggregate_impl
    with streaming_means():
        assert MeanAggregator._aggregate_impl is not before
    assert MeanAggregator._aggregate_impl is before
