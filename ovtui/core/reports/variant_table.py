"""The variants of a result as table columns and cells; not yet safe to print."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovtui.core.reports.numbers import interval, metric, varying
from ovtui.core.reports.table import Column, Row
from ovtui.core.reports.wording import shares_of
from ovtui.core.results.result import Result
from ovtui.core.results.variant import Variant
from ovtui.core.text.units import human_bytes

_BYTE_UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def variant_columns(result: Result) -> list[Column]:
    """Returns the columns of the short table: size, latency, throughput, accuracy; 60 cells hold
    them.
    """
    unit = byte_unit([variant.size_bytes for variant in result.variants])[1]
    columns = [
        Column("variant"),
        Column("size", unit, numeric=True),
        Column("latency", "p50 ms", numeric=True),
        Column("throughput", "per s", numeric=True),
    ]
    if _judged(result):
        columns.append(Column(*metric_title(result), numeric=True))
        columns.append(Column("95 %", "interval", numeric=True))
    columns += [Column(name, numeric=True) for name in _also(result)]
    return columns


def variant_rows(result: Result, *, brief: bool = False) -> list[Row]:
    """Returns a row per variant for `variant_columns`; None where something was not measured.

    Args:
        result: of a run.
        brief: names alone; otherwise the baseline's says what its weights are stored as.
    """
    variants = result.variants
    divisor, _ = byte_unit([variant.size_bytes for variant in variants])
    sizes = aligned([v.size_bytes / divisor if v.size_bytes else None for v in variants])
    latencies = aligned([v.latency.p50_ms if v.latency else None for v in variants])
    rates = aligned([v.throughput.per_second if v.throughput else None for v in variants])
    rows: list[Row] = []
    for variant, *cells in zip(variants, sizes, latencies, rates, strict=True):
        row: list[str | None] = [variant.name if brief else label(variant), *cells]
        if _judged(result):
            row.append(metric(variant.accuracy.value) if variant.accuracy else None)
            row.append(varying(variant.accuracy))
        values = {item.metric: metric(item.value) for item in variant.also}
        row += [values.get(name) for name in _also(result)]
        rows.append(row)
    return rows


def label(variant: Variant) -> str:
    """Returns a variant's name; of the baseline also how its file is stored: `fp32` is one in
    FP16.
    """
    if variant.baseline and variant.storage and variant.storage != variant.name:
        return f"{variant.name} (stored as {variant.storage})"
    return variant.name


def _judged(result: Result) -> bool:
    """A measurement of bare files has no accuracy to show."""
    return any(variant.accuracy for variant in result.variants)


def _also(result: Result) -> list[str]:
    """Names of further metrics, in the order of the recipe."""
    return list(dict.fromkeys(item.metric for variant in result.variants for item in variant.also))


def detail_columns() -> list[Column]:
    """Returns the columns of the second table, for reports that have room."""
    numeric = [("p50 95 %", "ms"), ("mean", "ms"), ("min", "ms"), ("p90", "ms"), ("p99", "ms")]
    return [
        Column("variant"),
        Column("method"),
        Column("stored"),
        Column("executed"),
        *(Column(title, unit, numeric=True) for title, unit in numeric),
        Column("count", numeric=True),
        Column("compile", "ms", numeric=True),
        Column("first", "ms", numeric=True),
        Column("peak memory", numeric=True),
    ]


def detail_rows(result: Result) -> list[Row]:
    """Returns a row per variant for `detail_columns`."""
    return [_detail_row(variant) for variant in result.variants]


def _detail_row(variant: Variant) -> Row:
    latency = variant.latency
    times: Sequence[str | None] = [None] * 6
    if latency:
        mean, least, p90, p99 = aligned(
            [latency.mean_ms, latency.min_ms, latency.p90_ms, latency.p99_ms]
        )
        decimals = len((mean or "").partition(".")[2])
        ends = interval(latency.ci95_p50_ms, decimals) if latency.ci95_p50_ms else None
        times = [ends, mean, least, p90, p99, f"{latency.count}"]
    return [
        variant.name,
        ", ".join(dict.fromkeys(component.method for component in variant.components)) or None,
        variant.storage or None,
        shares_of(variant) or None,
        *times,
        None if variant.compile_ms is None else f"{variant.compile_ms:.0f}",
        None if variant.first_inference_ms is None else f"{variant.first_inference_ms:.1f}",
        None if variant.peak_rss_bytes is None else human_bytes(variant.peak_rss_bytes),
    ]


def metric_title(result: Result) -> tuple[str, str]:
    """Returns the metric's name where the variants have one, and a word where lower is better."""
    metrics = {
        (variant.accuracy.metric, variant.accuracy.higher_is_better)
        for variant in result.variants
        if variant.accuracy
    }
    if len(metrics) != 1:
        return "accuracy", ""
    name, higher_is_better = metrics.pop()
    return name, "" if higher_is_better else "lower=better"


def aligned(values: Sequence[float | None]) -> list[str | None]:
    """Returns the numbers of a column with equal decimals.

    The smallest has three significant digits, unless these are beyond six decimals.

    Args:
        values: one a row; None, where there is no number, stays None.
    """
    smallest = min((abs(value) for value in values if value), default=1.0)
    decimals = min(6, max(0, 2 - math.floor(math.log10(smallest))))
    return [None if value is None else f"{value:.{decimals}f}" for value in values]


def byte_unit(sizes: Sequence[int]) -> tuple[int, str]:
    """Returns the unit that the largest of some sizes is told in: its bytes and its name."""
    largest = max(sizes, default=0)
    return next((unit for unit in _BYTE_UNITS if largest >= unit[0]), (1, "B"))
