"""The charts of a result's page, each with its exact numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.core.reports.html_parts import figure
from ovtui.core.reports.numbers import change, metric, varying
from ovtui.core.reports.svg import Bar, Whisker, bar_chart, interval_chart
from ovtui.core.reports.svg_scatter import Dot, scatter_chart
from ovtui.core.reports.variant_table import aligned, byte_unit, metric_title
from ovtui.core.reports.verdict_wording import NO_VERDICT, VERDICT_MARKS
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Accuracy, Variant


def charts(result: Result) -> list[str]:
    """Returns size, speed, accuracy with its change, and the trade of accuracy against latency."""
    variants = result.variants
    divisor, unit = byte_unit([variant.size_bytes for variant in variants])
    sizes = [v.size_bytes / divisor if v.size_bytes else None for v in variants]
    latencies = [v.latency.p50_ms if v.latency else None for v in variants]
    rates = [v.throughput.per_second if v.throughput else None for v in variants]
    return [
        _bars(f"Size, {unit}", "less is better", variants, sizes),
        _bars("Latency p50, ms", "less is better", variants, latencies),
        _bars("Throughput, per second", "more is better", variants, rates),
        _accuracy_bars(result),
        _changes(result),
        _trade(result),
    ]


def _bars(
    title: str, note: str, variants: Sequence[Variant], values: Sequence[float | None]
) -> str:
    labels = aligned(values)
    if not any(labels):
        return ""
    bars = [
        Bar(variant.name, value, label or "not measured")
        for variant, value, label in zip(variants, values, labels, strict=True)
    ]
    return figure(title, note, bar_chart(title, bars))


def _accuracy_bars(result: Result) -> str:
    bars = [
        Bar(v.name, v.accuracy.value, _with_interval(v.accuracy))
        if v.accuracy
        else Bar(v.name, None, "not measured")
        for v in result.variants
    ]
    if all(bar.value is None for bar in bars):
        return ""
    name, lower = metric_title(result)
    note = f"{'less' if lower else 'more'} is better; in brackets each one's own 95 % CI"
    return figure(name, note, bar_chart(name, bars))


def _with_interval(accuracy: Accuracy) -> str:
    ends = varying(accuracy)
    return f"{metric(accuracy.value)} ({ends})" if ends else metric(accuracy.value)


def _changes(result: Result) -> str:
    """The paired changes, which the verdicts rest on: two intervals that overlap may differ."""
    rows = [
        Whisker(
            comparison.variant,
            comparison.accuracy_delta,
            comparison.accuracy_delta_ci95,
            _judged(comparison),
        )
        for comparison in result.comparisons
        if comparison.accuracy_delta is not None and comparison.accuracy_delta_ci95 is not None
    ]
    if not rows:
        return ""
    name, lower = metric_title(result)
    limits = sorted(
        {
            comparison.max_drop
            for comparison in result.comparisons
            if comparison.max_drop is not None
        }
    )
    title = f"Change of {name}, sample by sample"
    note = "paired 95 % CI" + ("; beyond the red line: more than max_drop" if limits else "")
    sign = 1 if lower else -1
    return figure(title, note, interval_chart(title, rows, [sign * limit for limit in limits]))


def _judged(comparison: Comparison) -> str:
    text = change(comparison.accuracy_delta or 0.0)
    mark = NO_VERDICT if comparison.no_verdict else VERDICT_MARKS.get(comparison.verdict or "", "")
    return f"{text} {mark.lower()}".rstrip()


def _trade(result: Result) -> str:
    dots = [
        Dot(v.name, v.latency.p50_ms, v.accuracy.value, _trade_label(v), v.accuracy.ci95)
        for v in result.variants
        if v.latency and v.accuracy
    ]
    if len(dots) < 2:
        return ""
    name, lower = metric_title(result)
    chart = scatter_chart(dots, "latency p50, ms", name, higher_is_better=not lower)
    note = (
        "up and left is better; filled and joined: the Pareto front; bars: each one's own 95 % CI"
    )
    return figure(f"{name} against latency", note, chart, "wide")


def _trade_label(variant: Variant) -> str:
    if variant.latency is None or variant.accuracy is None:
        return ""
    return f"{aligned([variant.latency.p50_ms])[0]} ms, {metric(variant.accuracy.value)}"
