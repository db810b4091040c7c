"""What a metric is made of, as bars: average precision by size, and the classes that lose most."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ovtui.core.reports.numbers import change, metric
from ovtui.core.reports.object_wording import worst_classes
from ovtui.core.results.variant import Accuracy
from ovtui.tui import charts
from ovtui.tui.charts import Bar
from ovtui.tui.pages.compared import Compared
from ovtui.tui.text import STRONG, line

_BY_SIZE = "AP "
"""How the parts of mAP begin that are of small, medium and large objects."""
_CLASSES = 5
"""Of a variant that are shown, those that lose most."""


def metric_parts(group: Sequence[Compared], width: int) -> list[Text]:
    """Returns bars of a metric's parts, variant beside variant, and of what classes lose.

    Args:
        group: variants that have the metric.
        width: in cells.
    """
    return [*_parts(group, width), *_losing(group, width)]


def _parts(group: Sequence[Compared], width: int) -> list[Text]:
    values = [item.variant.accuracy.parts if item.variant.accuracy else {} for item in group]
    names = list(dict.fromkeys(name for parts in values for name in parts))
    by_size = [name for name in names if name.startswith(_BY_SIZE)]
    rows = [
        Bar(f"{item.letter} {name}", parts[name], metric(parts[name]), style=item.style)
        for name in by_size or names
        for item, parts in zip(group, values, strict=True)
        if name in parts
    ]
    if not rows:
        return []
    title = "AP by size of the objects" if by_size else "Beside it"
    return [line((title, STRONG)), *charts.bars(rows, width), line()]


def _losing(group: Sequence[Compared], width: int) -> list[Text]:
    """Of each variant the classes that lose most, by how much."""
    rows = []
    for item in group:
        before, after = _baseline(item), item.variant.accuracy
        if before is None or after is None:
            continue
        losing = [it for it in worst_classes(before, after) if it[2] < it[1]]
        rows += [
            Bar(
                f"{item.letter} {name}",
                one - two,
                change(two - one),
                f"{metric(one)} → {metric(two)}",
                style=item.style,
            )
            for name, one, two in losing[:_CLASSES]
        ]
    if not rows:
        return []
    return [line(("Classes that lose most", STRONG)), *charts.bars(rows, width), line()]


def _baseline(item: Compared) -> Accuracy | None:
    """The accuracy of what a variant is compared with; None where there is none."""
    name = item.comparison.baseline if item.comparison else None
    return next((it.accuracy for it in item.result.variants if it.name == name), None)
