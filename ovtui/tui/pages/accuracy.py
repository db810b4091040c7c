"""Accuracy of variants as lines: one chart for each metric, its change, and the trade for speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from ovtui.core.recipes.metrics import BUILT_IN
from ovtui.core.reports.numbers import change, metric, varying
from ovtui.core.reports.verdict_wording import NO_VERDICT
from ovtui.core.results.variant import Accuracy
from ovtui.core.text.cells import cell_width, pad, shorten_apart
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import human_bytes, three_digits
from ovtui.tui import charts
from ovtui.tui.charts import Bar, share_bar
from ovtui.tui.pages.compared import Compared
from ovtui.tui.pages.metric_parts import metric_parts
from ovtui.tui.scatter import Dot, on_front, scatter
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import BAD, FAINT, STRONG, line, wrapped

_SIZE_CELLS = 8


_TITLES = {
    "agreement-map": "Agreement mAP",
    "agreement-miou": "Agreement mIoU",
    "cer": "CER",
    "chrf": "chrF",
    "kl-divergence": "KL divergence",
    "mae": "MAE",
    "map": "mAP",
    "miou": "mIoU",
    "mse": "MSE",
    "vqa-accuracy": "VQA accuracy",
    "wer": "WER",
    "wer-basic": "WER, basic",
}
"""Metrics that the field does not write with a capital letter at their beginning alone."""


def changes(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns for each metric its values, how they changed sample by sample, and its parts."""
    return [
        row
        for group in _by_metric(items)
        for row in (*_values(group, width), *_changes(group, width), *metric_parts(group, width))
    ]


def _by_metric(items: Sequence[Compared]) -> list[list[Compared]]:
    """The variants that have a metric, those with the same one of the same task together."""
    groups: dict[tuple[str, str, bool], list[Compared]] = {}
    for item in items:
        if accuracy := item.variant.accuracy:
            key = (item.result.task, accuracy.metric, accuracy.higher_is_better)
            groups.setdefault(key, []).append(item)
    return list(groups.values())


def _metric_name(group: Sequence[Compared]) -> str:
    """The metric of a group, as a title has it."""
    accuracy = group[0].variant.accuracy
    name = accuracy.metric if accuracy else ""
    return _TITLES.get(name, name[:1].upper() + name[1:])


def _better(group: Sequence[Compared]) -> str:
    accuracy = group[0].variant.accuracy
    return "" if accuracy is None or accuracy.higher_is_better else ", lower is better"


def _values(group: Sequence[Compared], width: int) -> list[Text]:
    """The metric of each variant with an interval of its own, which no verdict rests on."""
    rows = []
    for item in group:
        accuracy = item.variant.accuracy
        assert accuracy is not None
        note = f"95 % CI {varying(accuracy)}" if accuracy.varies else ""
        rows.append(Bar(item.name, accuracy.value, metric(accuracy.value), note, style=item.style))
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
        word = f"{sign.glyph} {sign.word}" if sign else ""
        if against.no_verdict:
            word = NO_VERDICT.lower()
        delta = against.accuracy_delta
        ends = against.accuracy_delta_ci95
        rows.append(Bar(item.name, delta, change(delta), word, ends, style=item.style))
    if not rows:
        return []
    limits = _limits(group)
    allowed = ", ".join(change(limit) for limit in limits)
    word = f"┊ 0 and max_drop {allowed}" if limits else "┊ 0"
    lines_at = [(0.0, FAINT), *((limit, BAD) for limit in limits)]
    title = f"Change of {_metric_name(group).lower()}, paired 95 % CI, {word}"
    return [*wrapped(title, width, STRONG), *charts.whiskers(rows, width, lines_at), line()]


def _limits(group: Sequence[Compared]) -> list[float]:
    """The worst changes that the runs of a group allow."""
    allowed = {item.result.max_drop for item in group if item.result.max_drop is not None}
    return [limit if _better(group) else -limit for limit in sorted(allowed)]


def against_latency(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns for each metric a scatter with its Pareto front: no front joins two metrics."""
    timed = [item for item in items if item.variant.latency]
    return [row for group in _by_metric(timed) for row in _scatter(group, width)]


def _scatter(group: Sequence[Compared], width: int) -> list[Text]:
    """One metric against latency, with the exact numbers and sizes below."""
    dots, higher = [_dot(item, group) for item in group], not _better(group)
    front, limit = on_front(dots, higher), _limit(group)
    title = f"{_metric_name(group)} against latency in ms; up and left is better"
    lines = wrapped(title, width, STRONG)
    lines += scatter(dots, min(width, 100), 15, higher_is_better=higher, limit=limit)
    legend = ["· the Pareto front"] if len(front) > 1 else []
    legend += ["│ 95 % of the paired change"] if any(dot.y_ends for dot in dots) else []
    legend += ["─ 95 % of p50"] if any(dot.x_ends for dot in dots) else []
    legend += ["┈ max_drop"] if limit is not None else []
    lines += wrapped(", ".join(legend), width, FAINT)
    largest = max(item.variant.size_bytes for item in group) or 1
    names = shorten_apart([plain(item.name) for item in group], max(10, width // 4))
    widest = max(map(cell_width, names))
    margin = " " * (widest + _SIZE_CELLS + 4)
    for index, (item, dot, name) in enumerate(zip(group, dots, names, strict=True)):
        size = share_bar(item.variant.size_bytes / largest, _SIZE_CELLS, item.style)
        on = ", on the Pareto front" if index in front else ""
        text = f"{human_bytes(item.variant.size_bytes)}, {dot.label}{on}"
        first, *rest = wrapped(text, max(8, width - len(margin)))
        lines.append(line((pad(name, widest), item.style), "  ", size, "  ", first))
        lines += [line(margin, row) for row in rest]
    return [*lines, line()]


def _dot(item: Compared, group: Sequence[Compared]) -> Dot:
    """A variant's place, with the interval of its median and of its paired change.

    The change is drawn around the value, from the baseline's: where it crosses the limit, the
    verdict is open. An interval of the value alone would be wider and decide nothing.
    """
    latency, accuracy, against = item.variant.latency, item.variant.accuracy, item.comparison
    assert latency is not None and accuracy is not None
    ends = None
    if against and against.accuracy_delta is not None and against.accuracy_delta_ci95:
        before = accuracy.value - against.accuracy_delta
        low, high = against.accuracy_delta_ci95
        least, most = _possible(accuracy)
        ends = (max(least, before + low), min(most, before + high))
    return Dot(
        letter=item.letter,
        x=latency.p50_ms,
        y=accuracy.value,
        label=f"{three_digits(latency.p50_ms)} ms, {metric(accuracy.value)}",
        x_ends=latency.ci95_p50_ms,
        y_ends=ends,
        style=item.style,
    )


def _possible(accuracy: Accuracy) -> tuple[float, float]:
    """The values that a metric can have: an approximate interval may reach beyond them."""
    known = BUILT_IN.get(accuracy.metric)
    if known is None:
        return -math.inf, math.inf
    # Of an error rate, more words can be wrong than were said.
    return known.lowest, known.highest if accuracy.higher_is_better else math.inf


def _limit(group: Sequence[Compared]) -> float | None:
    """The worst value that is allowed; None where runs or baselines have different ones."""
    worst = set()
    for item in group:
        against, allowed, accuracy = item.comparison, item.result.max_drop, item.variant.accuracy
        if against is None or against.verdict is None or allowed is None or accuracy is None:
            continue
        before = accuracy.value - (against.accuracy_delta or 0.0)
        worst.add(round(before + allowed if _better(group) else before - allowed, 9))
    return worst.pop() if len(worst) == 1 else None
