"""Statistics for SmoothQuant and for the quantization after it, from one pass over the samples.

NNCF infers every calibration sample twice: SmoothQuant's statistics are of the model as it is,
those of quantizers and of bias correction are of the smoothed one. But smoothing changes no tensor
other than the smoothed activations, and these by a factor for each channel: what the second pass
would find follows from what the first one saw.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nncf.common.factory import build_graph
from nncf.common.utils.backend import get_backend
from nncf.quantization.algorithms.pipeline import Pipeline
from nncf.quantization.algorithms.smooth_quant.algorithm import SmoothQuant

from ovtui.engine.compression.statistics_ahead import (
    Calculating,
    Keeping,
    NotKept,
    extremes_by_channel,
    of_activations,
    reduced_in_place,
)
from ovtui.engine.data.spool import Spool, SpoolWriter

_KEPT = "statistics"


@contextlib.contextmanager
def one_pass(folder: Path) -> Iterator[None]:
    """While open, NNCF infers each calibration sample once where it would twice.

    The ranges are the same but for rounding. What each sample gave is kept on disk (600 KB of
    BERT-base), so that memory does not grow with their number. Anything other than SmoothQuant and
    quantization, or with a statistic that does not follow, is done as NNCF does it.

    Args:
        folder: in which a temporary folder is made.
    """
    original = Pipeline.run_from_step

    def replaced(
        self: Any, model: Any, dataset: Any, graph: Any = None, start: int = 0, given: Any = None
    ) -> Any:
        if start or given or not _smooths_first(self, model):
            return original(self, model, dataset, graph, start, given)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".statistics-") as kept:
            return _run(self, model, dataset, graph or build_graph(model), Path(kept), original)

    Pipeline.run_from_step = replaced
    try:
        yield
    finally:
        Pipeline.run_from_step = original


def _smooths_first(pipeline: Any, model: Any) -> bool:
    steps = pipeline._remove_unsupported_algorithms(get_backend(model))
    return len(steps) == 2 and [type(algorithm) for algorithm in steps[0]] == [SmoothQuant]


def _run(pipeline: Any, model: Any, dataset: Any, graph: Any, folder: Path, original: Any) -> Any:
    """Both steps of a pipeline."""
    later = pipeline.get_statistic_points_for_step(1, model, graph)
    if not reduced_in_place(later):
        return original(pipeline, model, dataset, graph)
    wanted = pipeline.get_statistic_points_for_step(0, model, graph)
    with SpoolWriter(folder, _KEPT) as writer:
        ahead = extremes_by_channel(wanted), of_activations(later, model)
        keeping = Keeping(dataset, wanted, ahead, writer)
        keeping.collect_statistics(model, graph)
    means = keeping.means
    smoothed = pipeline.run_step(0, wanted, model, graph)
    graph = build_graph(smoothed)
    calculating = Calculating(dataset, Spool(folder, _KEPT), means)
    points = pipeline.get_statistic_points_for_step(1, smoothed, graph)
    calculating.register_statistic_points(points)
    try:
        calculating.collect_statistics(smoothed, graph)
    except NotKept:
        return original(pipeline, smoothed, dataset, graph, 1)
    return pipeline.run_step(1, calculating.statistic_points, smoothed, graph)
