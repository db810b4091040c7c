"""NNCF's accuracy control, with a time limit, the best model so far, and what was reverted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from operator import length_hint
from typing import TYPE_CHECKING, Any

from ovtui.core.recipes.compression import QuantizeWithAccuracyControl
from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target

if TYPE_CHECKING:
    import openvino as ov

_REVERT = "revert_operations_to_floating_point_precision"
Validate = Callable[[Any, Iterable[Any]], tuple[float, list[float] | None]]


class _TimeIsUp(BaseException):
    """Ends NNCF's search from within; no `except Exception` on the way stops it."""


class _Checked:
    """An iterable with the length of another."""

    def __init__(self, items: Iterable[Any], check: Callable[[], None]) -> None:
        self._items = items
        self._check = check

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self._check()
            yield item

    def __length_hint__(self) -> int:
        return length_hint(self._items)


class Restoring:
    """While this context is open, NNCF's search for what to revert can be watched and ended.

    NNCF itself returns the model of its last step, better or not, lists what it reverted in its
    log only, and knows no limit of time. Its metric is one that should be high.
    """

    def __init__(self, warn: Callable[[str], None], max_seconds: float | None) -> None:
        self.names: list[str] = []
        """Operations that the resulting model has in floating point again."""
        self._warn = warn
        self._max_seconds = max_seconds
        self._until = float("inf")
        self._searching = False
        self._reverted: dict[int, list[str]] = {}
        """By the id of a model that NNCF still holds."""
        self._apply: Any = None
        self._print_report: Any = None
        self._revert: Any = None

    def __enter__(self) -> Restoring:
        from nncf.quantization.algorithms.accuracy_control import algorithm

        restorer = algorithm.QuantizationAccuracyRestorer
        self._apply, self._print_report = restorer._apply, restorer._print_report
        self._revert = getattr(algorithm, _REVERT)
        if self._max_seconds is not None:
            self._until = time.monotonic() + self._max_seconds
        restoring = self

        def search(own: Any, *arguments: Any, **named: Any) -> Any:
            return restoring._search(own, *arguments, **named)

        restorer._apply, restorer._print_report = search, staticmethod(self._tell)
        setattr(algorithm, _REVERT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        from nncf.quantization.algorithms.accuracy_control import algorithm

        restorer = algorithm.QuantizationAccuracyRestorer
        restorer._apply = self._apply
        restorer._print_report = staticmethod(self._print_report)
        setattr(algorithm, _REVERT, self._revert)

    def check(self) -> None:
        """Ends the search when its time is up; called for every sample that is looked at."""
        if self._searching and time.monotonic() > self._until:
            raise _TimeIsUp

    def checked(self, items: Iterable[Any]) -> Iterable[Any]:
        """Yields the samples, and looks at the time before each."""
        return _Checked(items, self.check)

    def _search(
        self,
        restorer: Any,
        initial_model: ov.Model,
        initial_results: Any,
        quantized_model: ov.Model,
        quantized_results: Any,
        dataset: Any,
        size: int,
        evaluator: Any,
        *rest: Any,
    ) -> Any:
        """`QuantizationAccuracyRestorer._apply`, which returns the best model that it has seen.

        It takes what NNCF gives that.
        """
        best: tuple[float, Any, list[str]] = (quantized_results.metric_value, quantized_model, [])
        validate = evaluator.validate

        def watched(model: ov.Model, *arguments: Any) -> Any:
            nonlocal best
            score = validate(model, *arguments)
            if score[0] > best[0]:
                best = (score[0], model, self._reverted.get(id(model), []))
            return score

        evaluator.validate = watched
        self._searching = True
        try:
            self.check()
            self._apply(
                restorer,
                initial_model,
                initial_results,
                quantized_model,
                quantized_results,
                dataset,
                size,
                evaluator,
                *rest,
            )
        except _TimeIsUp:
            drop = initial_results.metric_value - best[0]
            self._warn(
                f"accuracy control: max_seconds = {self._max_seconds:g} were over; the best model "
                f"until then is kept: {len(best[2])} operations reverted, drop {drop:.4g}"
            )
        finally:
            self._searching = False
            evaluator.validate = validate
        _, model, self.names = best
        return model

    def _note(self, operations: Any, quantizers: Any, model: ov.Model, *rest: Any) -> Any:
        """Take down which operations a model has in floating point again."""
        self.check()
        changed = self._revert(operations, quantizers, model, *rest)
        names = [node.node_name for node in operations]
        self._reverted[id(changed)] = [*self._reverted.get(id(model), []), *names]
        return changed

    def _tell(self, report: Any, most: int) -> None:
        self._print_report(report, most)
        if report.removed_all:
            self._warn(
                "accuracy control put every quantized operation back to floating point: "
                "its max_drop leaves nothing to quantize"
            )
        elif not report.reached_required_drop:
            self._warn("accuracy control ended without reaching its max_drop")


_ALGORITHM = "nncf.quantization.algorithms.accuracy_control.algorithm"
_RESTORER = f"{_ALGORITHM}.QuantizationAccuracyRestorer"
PATCH = Patch(
    name="accuracy control that can be watched and ended",
    targets=(
        Target(
            f"{_RESTORER}._apply",
            "self, initial_model, initial_metric_results, quantized_model, "
            "quantized_metric_results, validation_dataset, validation_dataset_size, evaluator, "
            "accuracy_drop, algo_backend",
        ),
        Target(f"{_RESTORER}._print_report", "report, max_num_iterations"),
        Target(
            f"{_ALGORITHM}.{_REVERT}",
            "operations, quantizers, quantized_model, quantized_model_graph, restore_mode, "
            "op_with_weights_metatypes, is_node_with_weight_fn, get_weight_tensor_port_ids_fn",
        ),
    ),
    why="NNCF returns the model of its last step, better or not, lists what it reverted in its log "
    "alone, and knows no limit of time",
    how="the search is NNCF's own, watched by what it calls",
    needed=True,
    methods=(QuantizeWithAccuracyControl,),
    apply=lambda work: work.restoring,
)
