"""Statistics of a smoothed model, calculated from what was seen of the model before smoothing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from nncf.common.graph.transformations.commands import TargetType
from nncf.common.tensor_statistics.collectors import (
    AbsMaxReducer,
    MaxAggregator,
    MaxReducer,
    MeanAggregator,
    MeanPerChReducer,
    MinAggregator,
    MinReducer,
    ShapeReducer,
    TensorCollector,
    TensorReducerBase,
    determine_reduction_axes,
)
from nncf.common.tensor_statistics.statistic_point import StatisticPoint, StatisticPointsContainer
from nncf.openvino.graph.node_utils import get_reducer_output_node_names
from nncf.openvino.statistics.aggregator import OVStatisticsAggregator
from nncf.openvino.statistics.collectors import OVMaxReducer, OVMinReducer
from nncf.tensor import Tensor

from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter

if TYPE_CHECKING:
    import openvino as ov

_SMOOTHED = "/nncf_smooth_quant"

Way = Callable[[Arrays], np.ndarray]
"""From what was kept of a sample to one of its statistics."""


class NotKept(Exception):
    """A statistic that does not follow from what the first pass saw."""


def reduced_in_place(points: StatisticPointsContainer) -> bool:
    """Returns whether no tensor is asked for as a whole: kept for each sample they would fill the
    disk.
    """
    return all(reducer.inplace for _, reducer in _reducers(points))


def extremes_by_channel(points: StatisticPointsContainer) -> StatisticPointsContainer:
    """Returns each channel's least and largest value, wherever its largest absolute one is asked
    for.
    """
    container = StatisticPointsContainer()
    for point, reducer in _reducers(points):
        if isinstance(reducer, AbsMaxReducer):
            asked = TensorCollector()
            axes = reducer._axes, reducer._axes_mode, True
            asked.register_statistic_branch("min", OVMinReducer(*axes), MinAggregator())
            asked.register_statistic_branch("max", OVMaxReducer(*axes), MaxAggregator())
            container.add_statistic_point(StatisticPoint(point.target_point, asked, "extremes"))
    return container


def of_activations(points: StatisticPointsContainer, model: ov.Model) -> StatisticPointsContainer:
    """Returns the statistics that are not of weights, which smoothing changes."""
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    depends = _depending_on_inputs(model)
    container = StatisticPointsContainer()
    for point in (point for several in points.values() for point in several):
        target: Any = point.target_point
        source = nodes[target.target_node_name]
        if target.type != TargetType.POST_LAYER_OPERATION:
            source = source.input_value(target.port_id).get_node()
        if source.get_friendly_name() in depends:
            container.add_statistic_point(point)
    return container


def _reducers(
    points: StatisticPointsContainer,
) -> Iterator[tuple[StatisticPoint, TensorReducerBase]]:
    for _, point, collector in points.get_tensor_collectors():
        for reducer in collector.reducers:
            yield point, reducer


def _averaged(point: StatisticPoint, reducer: TensorReducerBase, samples: int) -> bool:
    """Whether of a statistic only its mean over all samples is asked for."""
    return all(
        isinstance(aggregator, MeanAggregator) and (aggregator.num_samples or samples) >= samples
        for collectors in point.algorithm_to_tensor_collectors.values()
        for collector in collectors
        for (of, _, _), aggregator in collector.aggregators.items()
        if of == hash(reducer)
    )


def _name(reducer: TensorReducerBase, node: str, port: int) -> str:
    """Of the output that NNCF adds for a statistic of a tensor."""
    names = get_reducer_output_node_names(
        reducer.name, node, port, reducer.output_port_id, reducer.inplace
    )
    return str(names[0])


class Keeping(OVStatisticsAggregator):
    """Collects some statistics as NNCF does, and keeps of the others what each sample gave.

    Means are only summed up: a factor may be applied to their mean just as well, and they would
    be most of what is kept.

    Args:
        dataset: the calibration samples, as NNCF takes them.
        now: what is collected.
        ahead: what is kept.
        writer: takes a sample's values by the names of the outputs that give them.
    """

    def __init__(
        self,
        dataset: Any,
        now: StatisticPointsContainer,
        ahead: Sequence[StatisticPointsContainer],
        writer: SpoolWriter,
    ) -> None:
        super().__init__(dataset)
        for points in (now, *ahead):
            self.register_statistic_points(points)
        self._now = now
        self._ahead = ahead
        self._writer = writer
        self._sums: dict[str, Any] = {}

    @property
    def means(self) -> Arrays:
        """Of every statistic that is a mean, over the samples."""
        count = self._writer.count
        return {name: (total / count).astype(np.float32) for name, total in self._sums.items()}

    def collect_statistics(self, model: ov.Model, graph: Any) -> None:
        """Collects what is wanted now; the rest is kept."""
        self._now = self._get_merged_statistic_points(self._now, model, graph)
        super().collect_statistics(model, graph)

    def _register_statistics(self, outputs: Any, statistic_points: Any) -> None:
        super()._register_statistics(outputs, self._now)
        kept: Arrays = {}
        for name, reducer in self._asked.items():
            value = outputs[name].data
            if isinstance(reducer, MeanPerChReducer):
                self._sums[name] = self._sums.get(name, 0.0) + value.astype(np.float64)
            else:
                kept[name] = value
        self._writer.append(kept)

    @functools.cached_property
    def _asked(self) -> dict[str, TensorReducerBase]:
        """What is to be kept, by the names of the outputs that give it."""
        asked = {}
        for point, reducer in (pair for points in self._ahead for pair in _reducers(points)):
            node, port, _ = self._translate_to_post_layer_operation(point)
            asked[_name(reducer, node, port)] = reducer
        return asked


class Calculating(OVStatisticsAggregator):
    """Finds by calculation, for each sample, what NNCF would find by inference.

    Args:
        dataset: the calibration samples, as NNCF takes them.
        kept: what `Keeping` has written.
        means: what it has summed up.
    """

    def __init__(self, dataset: Any, kept: Spool, means: Arrays) -> None:
        super().__init__(dataset)
        self._kept = kept
        self._means = means
        self._names = {*kept[0], *means}

    def collect_statistics(self, model: ov.Model, graph: Any) -> None:
        """Collects the statistics of a smoothed model.

        Raises:
            NotKept: one does not follow; then none is collected.
        """
        self._name_to_node_mapping = {node.get_friendly_name(): node for node in model.get_ops()}
        depends = _depending_on_inputs(model)
        ways: dict[str, Way] = {}
        for point, reducer in _reducers(self.statistic_points):
            node, port, _ = self._translate_to_post_layer_operation(point)
            is_mean = isinstance(reducer, MeanPerChReducer)
            if is_mean and not _averaged(point, reducer, len(self._kept)):
                raise NotKept(node)
            of_weights = node not in depends
            way = self._of_weights(reducer, node) if of_weights else self._way(reducer, node, port)
            ways[_name(reducer, node, port)] = way
        merged = self._get_merged_statistic_points(self.statistic_points, model, graph)
        for sample in self._kept:
            outputs = {name: way(sample) for name, way in ways.items()}
            self._register_statistics(self._process_outputs(outputs), merged)

    def _of_weights(self, reducer: TensorReducerBase, name: str) -> Way:
        node = self._name_to_node_mapping[name]
        if node.get_type_name() != "Constant":
            raise NotKept(name)
        (reduced,) = reducer._reduce_out_of_place([Tensor(node.data)])
        return lambda sample: reduced.data

    def _way(self, reducer: TensorReducerBase, node: str, port: int) -> Way:
        if node.endswith(_SMOOTHED):
            return self._smoothed(reducer, self._name_to_node_mapping[node])
        return self._as_kept(self._was_kept(reducer, node, port))

    def _as_kept(self, name: str) -> Way:
        """Of each sample its own; of a mean, which all samples share, that."""
        if name in self._means:
            return lambda sample: self._means[name]
        return lambda sample: sample[name]

    def _was_kept(self, reducer: TensorReducerBase, node: str, port: int) -> str:
        name = _name(reducer, node, port)
        if name not in self._names:
            raise NotKept(name)
        return name

    def _smoothed(self, reducer: TensorReducerBase, node: ov.Node) -> Way:
        """A statistic of an activation that each channel's factor, above 0, was applied to."""
        source, factors = node.input_value(0), node.input_value(1).get_node().data
        tensor = source.get_node().get_friendly_name(), source.get_index()
        rank = factors.ndim
        channels = [axis for axis in range(rank) if factors.shape[axis] > 1]
        if isinstance(reducer, ShapeReducer):
            return self._as_kept(self._was_kept(reducer, *tensor))
        if isinstance(reducer, MeanPerChReducer):
            same = self._was_kept(reducer, *tensor)
            # Of a matrix it is the mean over the first axis, whichever is asked for.
            axis = 1 if rank == 2 else range(rank)[reducer._channel_axis]
            if channels != [axis]:
                raise NotKept(same)
            scaled = self._means[same] * factors.reshape(-1)
            return lambda sample: scaled
        others = tuple(axis for axis in range(rank) if axis not in channels)
        if len(channels) != 1 or not isinstance(reducer, MinReducer | MaxReducer | AbsMaxReducer):
            raise NotKept(node.get_friendly_name())
        axes = determine_reduction_axes(rank, reducer._axes, reducer._axes_mode)
        if not set(others) <= {axis % rank for axis in axes}:
            raise NotKept(node.get_friendly_name())
        least = self._was_kept(OVMinReducer(others, inplace=True), *tensor)
        largest = self._was_kept(OVMaxReducer(others, inplace=True), *tensor)

        def extreme(sample: Arrays) -> np.ndarray:
            low, high = sample[least] * factors, sample[largest] * factors
            if isinstance(reducer, MinReducer):
                return np.asarray(low.min(axis=axes, keepdims=True))
            if isinstance(reducer, MaxReducer):
                return np.asarray(high.max(axis=axes, keepdims=True))
            return np.asarray(np.maximum(-low, high).max(axis=axes, keepdims=True))

        return extreme


def _depending_on_inputs(model: ov.Model) -> set[str]:
    """Names of the operations that are not of weights alone."""
    names: set[str] = set()
    for node in model.get_ordered_ops():
        sources = (value.get_node().get_friendly_name() for value in node.input_values())
        if node.get_type_name() in {"Parameter", "ReadValue"} or any(
            source in names for source in sources
        ):
            names.add(node.get_friendly_name())
    return names
