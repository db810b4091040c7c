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
from typing import TYPE_CHECKING, Any

from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.libraries.library_use import Target

if TYPE_CHECKING:
    import openvino as ov

_KEPT = "statistics"


@contextlib.contextmanager
def one_pass(folder: Path) -> Iterator[None]:
    """Lets NNCF, while open, infer each calibration sample once where it would twice.

    The ranges are the same but for rounding. What each sample gave is kept on disk (600 KB of
    BERT-base), so that memory does not grow with their number. Anything other than SmoothQuant and
    quantization, or with a statistic that does not follow, is done as NNCF does it.

    Args:
        folder: in which a temporary folder is made.
    """
    import nncf
    from nncf.quantization.algorithms.pipeline import Pipeline

    original = Pipeline.run_from_step

    def replaced(
        self: Any,
        model: ov.Model,
        dataset: Any,
        graph: Any = None,
        start: int = 0,
        given: Any = None,
    ) -> Any:
        if start or given or not _smooths_first(self, model):
            return original(self, model, dataset, graph, start, given)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".statistics-") as kept:
            return _run(
                self, model, dataset, graph or nncf.build_graph(model), Path(kept), original
            )

    Pipeline.run_from_step = replaced
    try:
        yield
    finally:
        Pipeline.run_from_step = original


def _smooths_first(pipeline: Any, model: ov.Model) -> bool:
    from nncf.common.utils.backend import get_backend
    from nncf.quantization.algorithms.smooth_quant.algorithm import SmoothQuant

    steps = pipeline._remove_unsupported_algorithms(get_backend(model))
    return len(steps) == 2 and [type(algorithm) for algorithm in steps[0]] == [SmoothQuant]


def _run(
    pipeline: Any, model: ov.Model, dataset: Any, graph: Any, folder: Path, original: Any
) -> Any:
    """Both steps of a pipeline."""
    import nncf

    from ovtui.engine.compression.nncf_patches.statistics_ahead import (
        Calculating,
        Keeping,
        NotKept,
        extremes_by_channel,
        of_activations,
        reduced_in_place,
    )

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
    graph = nncf.build_graph(smoothed)
    calculating = Calculating(dataset, Spool(folder, _KEPT), means)
    points = pipeline.get_statistic_points_for_step(1, smoothed, graph)
    calculating.register_statistic_points(points)
    try:
        calculating.collect_statistics(smoothed, graph)
    except NotKept:
        return original(pipeline, smoothed, dataset, graph, 1)
    return pipeline.run_step(1, calculating.statistic_points, smoothed, graph)


_PIPELINE = "nncf.quantization.algorithms.pipeline.Pipeline"
_AGGREGATOR = "nncf.openvino.statistics.aggregator.OVStatisticsAggregator"
_COLLECTORS = "nncf.common.tensor_statistics.collectors"
_KINDS = (
    "AbsMaxReducer",
    "MaxAggregator",
    "MaxReducer",
    "MeanAggregator",
    "MeanPerChReducer",
    "MinAggregator",
    "MinReducer",
    "ShapeReducer",
    "TensorCollector",
)
_REDUCER = "axes, axes_mode, inplace"
PATCH = Patch(
    name="statistics in one pass",
    targets=(
        Target(
            f"{_PIPELINE}.run_from_step",
            "self, model, dataset, graph, start_step_index, step_index_to_statistics",
        ),
        Target(f"{_PIPELINE}.run_step", "self, step_index, step_statistics, model, graph"),
        Target(f"{_PIPELINE}.get_statistic_points_for_step", "self, step_index, model, graph"),
        Target(f"{_PIPELINE}._remove_unsupported_algorithms", "self, backend"),
        Target(_AGGREGATOR, "dataset"),
        Target(f"{_AGGREGATOR}.collect_statistics", "self, model, graph"),
        Target(f"{_AGGREGATOR}.register_statistic_points", "self, statistic_points"),
        Target(f"{_AGGREGATOR}._register_statistics", "self, outputs, statistic_points"),
        Target(f"{_AGGREGATOR}._get_merged_statistic_points", "statistic_points, model, graph"),
        Target(f"{_AGGREGATOR}._translate_to_post_layer_operation", "self, statistic_point"),
        Target(f"{_AGGREGATOR}._process_outputs", "outputs"),
        Target("nncf.openvino.statistics.collectors.OVMinReducer", _REDUCER),
        Target("nncf.openvino.statistics.collectors.OVMaxReducer", _REDUCER),
        Target(f"{_AGGREGATOR}._name_to_node_mapping"),
        *(Target(f"{_COLLECTORS}.{name}") for name in _KINDS),
        Target(f"{_COLLECTORS}.TensorReducerBase._axes"),
        Target(f"{_COLLECTORS}.TensorReducerBase._axes_mode"),
        Target(f"{_COLLECTORS}.MeanPerChReducer._channel_axis"),
        Target("nncf.common.tensor_statistics.statistic_point.StatisticPoint"),
        Target("nncf.common.tensor_statistics.statistic_point.StatisticPointsContainer"),
        Target("nncf.common.graph.transformations.commands.TargetType.POST_LAYER_OPERATION"),
        Target("nncf.common.utils.backend.get_backend", "model"),
        Target("nncf.quantization.algorithms.smooth_quant.algorithm.SmoothQuant"),
        Target("nncf.tensor.Tensor"),
        Target(f"{_COLLECTORS}.TensorReducerBase._reduce_out_of_place", "self, x"),
        Target(f"{_COLLECTORS}.determine_reduction_axes", "ndim, axes, axes_mode"),
        Target(
            "nncf.openvino.graph.node_utils.get_reducer_output_node_names",
            "node_type, target_node_name, port_id, fn_output_port_id, inplace",
        ),
    ),
    why="with SmoothQuant NNCF infers each sample twice: 69.9 s of CLIP ViT-B/16, 57.1 s so, 28.5 "
    "and 23.2 s of BERT-base",
    how="a method keeps of each sample what the second pass follows from, and is NNCF's own where "
    "something does not follow",
    needed=False,
    apply=lambda work: one_pass(work.folder),
)
