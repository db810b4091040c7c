"""Accuracy of variants as lines: one chart for each metric, its change, and the trade for speed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ovtui.core.reports.numbers import change, metric, varying
from ovtui.core.reports.verdict_wording import NO_VERDICT
from ovtui.core.text.units import three_digits
from ovtui.tui import charts
from ovtui.tui.charts import Bar
from ovtui.tui.pages.compared import Compared
from ovtui.tui.scatter import Dot, on_front, scatter
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import BAD, FAINT, STRONG, line, wrapped


def changes(items: Sequence[Compared], width: int) -> list[Text]:
    """For each metric its values, and how they changed sample by sample."""
    return [
        row
        for group in _by_metric(items)
        for row in (*_values(group, width), *_changes(group, width))
    ]


def _by_metric(items: Sequence[Compared]) -> list[list[Compared]]:
    """The variants that have a metric, those with the same one of the same task together."""
    groups: dict[tuple[str, str, bool], list[Compared]] = {}
    for item in items:
        if found := item.variant.accuracy:
            key = (item.result.task, found.metric, found.higher_is_better)
            groups.setdefault(key, []).append(item)
    return list(groups.values())


def _metric_name(group: Sequence[Compared]) -> str:
    """The metric of a group, as a title has it."""
    accuracy = group[0].variant.accuracy
    name = accuracy.metric if accuracy else ""
    return name[:1].upper() + name[1:]


def _better(group: Sequence[Compared]) -> str:
    accuracy = group[0].variant.accuracy
    return "" if accuracy is None or accuracy.higher_is_better else ", lower is better"


def _values(group: Sequence[Compared], width: int) -> list[Text]:
    """The metric of each variant with an interval of its own, which no verdict rests on."""
    rows = []
    for item in group:
        found = item.variant.accuracy
        assert found is not None
        note = f"95 % CI {varying(found)}" if found.varies else ""
        rows.append(Bar(item.name, found.value, metric(found.value), note))
    title = f"{_metric_name(group)}{_better(group)}"
    return [line((title, STRONG)), *charts.bars(rows, width), line()]


def _changes(group: Sequence[Compared], width: int) -> list[Text]:
    """The paired change of each variant with its interval, 0, and the change that max_drop allows.

    The verdict rests on this interval: that of a value alone is wider, since it holds how hard the
    samples are, which is the same for both.
    """
    rows = []
    for item in group:
        against = item.comparison
        if against is None or against.accuracy_delta is None:
            continue
        sign = VERDICTS[against.verdict] if against.verdict else None
        told = f"{sign.glyph} {sign.word}" if sign else ""
        if against.no_verdict:
            told = NO_VERDICT.lower()
        delta = against.accuracy_delta
        rows.append(Bar(item.name, delta, change(delta), told, against.accuracy_delta_ci95))
    if not rows:
        return []
    limits = _limits(group)
    allowed = ", ".join(change(limit) for limit in limits)
    told = f"┊ 0 and max_drop {allowed}" if limits else "┊ 0"
    lines_at = [(0.0, FAINT), *((limit, BAD) for limit in limits)]
    title = f"Change of {_metric_name(group).lower()}, paired 95 % CI, {told}"
    return [*wrapped(title, width, STRONG), *charts.whiskers(rows, width, lines_at), line()]


def _limits(group: Sequence[Compared]) -> list[float]:
    """The worst changes that the runs of a group allow."""
    allowed = {item.result.max_drop for item in group if item.result.max_drop is not None}
    return [limit if _better(group) else -limit for limit in sorted(allowed)]


def against_latency(items: Sequence[Compared], width: int) -> list[Text]:
    """For each metric a scatter with its Pareto front: no front joins two metrics."""
    timed = [item for item in items if item.variant.latency]
    return [row for group in _by_metric(timed) for row in _scatter(group, width)]


def _scatter(group: Sequence[Compared], width: int) -> list[Text]:
    """One metric against latency, with the exact numbers below."""
    dots, higher = [_dot(item) for item in group], not _better(group)
    front = on_front(dots, higher)
    title = f"{_metric_name(group)} against latency in ms; up and left is better"
    lines = wrapped(title, width, STRONG)
    lines += scatter(dots, min(width, 76), 13, higher_is_better=higher)
    for index, (item, dot) in enumerate(zip(group, dots, strict=True)):
        on = ", on the Pareto front" if index in front else ""
        lines += wrapped(f"{dot.label}{on}", width, lead=f"{item.name}  ")
    return [*lines, line()]


def _dot(item: Compared) -> Dot:
    latency, accuracy = item.variant.latency, item.variant.accuracy
    assert latency is not None and accuracy is not None
    label = f"{three_digits(latency.p50_ms)} ms, {metric(accuracy.value)}"
    return Dot(item.letter, latency.p50_ms, accuracy.value, label)
