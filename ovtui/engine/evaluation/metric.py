"""What a metric is: one outcome a sample, and how outcomes add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ovtui.core.recipes.task_info import Compares
from ovtui.core.results.compare import reduce_outcomes
from ovtui.core.statistics.reductions import Outcome
from ovtui.engine.evaluation.custom_metric import Judge
from ovtui.engine.evaluation.text_metrics import Outcomes
from ovtui.engine.tasks.answers import PerRow


class Joint(NamedTuple):
    """A metric of all samples together, such as average precision."""

    value: float
    outcomes: list[Outcome]
    """What each sample tells by itself, one each."""
    resample: Callable[[], list[float]]
    """The metric of each resample: of the same ones, whatever the predictions are."""
    parts: dict[str, float]
    """What is told beside the value, by its name."""
    classes: dict[int, float]
    """The metric of each class alone, as the model counts."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How predictions are judged: one outcome a sample, and how outcomes add up."""

    name: str
    reduction: str
    """How outcomes add up, as in `ovtui.core.results.compare.reduce_outcomes`."""
    higher_is_better: bool
    outcomes: Outcomes
    """From predictions and references, one each per sample."""
    needs_references: bool = True
    whole: Callable[[PerRow, PerRow], float] | None = None
    """The metric as the `evaluate` object computes it from all samples at once."""
    compares: Compares = "answers"
    """The part of predictions that it compares."""
    normalised: bool = False
    """It compares texts as the task normalises them."""
    beside_baseline: Judge | None = None
    """In place of `outcomes`, of a metric that is given the baseline's predictions as well."""
    custom: bool = False
    """A person's own: nothing is known of its scale."""
    joint: Callable[[PerRow, PerRow], Joint] | None = None
    """In place of `outcomes`, of a metric that no sum over samples gives."""
    by_task: bool = False
    """The task says whether two predictions are the same."""

    def value(self, predictions: PerRow, references: PerRow) -> float:
        """Returns the metric of all samples."""
        if self.joint is not None:
            return self.joint(predictions, references).value
        return self.total(predictions, references, self.outcomes(predictions, references))

    def total(
        self,
        predictions: PerRow,
        references: PerRow,
        outcomes: Sequence[Outcome],
    ) -> float:
        """Returns the metric of all samples, whose outcomes are known.

        Args:
            predictions: one a sample.
            references: one a sample.
            outcomes: one a sample.
        """
        if self.whole is not None:
            return self.whole(predictions, references)
        return reduce_outcomes(self.reduction, outcomes)
