"""Tables of what a run has several of: components against the baseline's, and stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ovtui.core.reports import numbers
from ovtui.core.reports.table import Column, Row, draw
from ovtui.core.reports.variant_table import aligned, byte_unit
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Component, Variant
from ovtui.core.text.cells import shorten_apart
from ovtui.core.text.units import human_bytes, human_seconds

TOTAL = "total"
_MOST_CELLS = 12


class ComponentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One component of a variant; ratios are baseline over variant."""

    variant: str
    component: str
    """`total` for all of them."""
    method: str = ""
    xml_bytes: int = 0
    bin_bytes: int = 0
    size_bytes: int = 0
    compression: float | None = None
    p50_ms: float | None = None
    """Median of a call; of the total: of an answer."""
    first_p50_ms: float | None = None
    """Median of the call that begins a sequence, where later ones go on with it."""
    calls: float | None = None
    """Calls for one answer."""
    speedup: float | None = None
    """None where the precisions that it would compare are not recorded."""


def component_rows(result: Result) -> list[ComponentRow]:
    """Returns the components of each variant, then its total; none where the whole model is one."""
    if all(len(variant.components) < 2 for variant in result.variants):
        return []
    variants = {variant.name: variant for variant in result.variants}
    comparisons = {comparison.variant: comparison for comparison in result.comparisons}
    rows: list[ComponentRow] = []
    for variant in result.variants:
        comparison = comparisons.get(variant.name)
        baseline = variants.get(comparison.baseline) if comparison else None
        rows += _rows(variant, baseline, comparison)
    return rows


def _rows(
    variant: Variant, baseline: Variant | None, comparison: Comparison | None
) -> list[ComponentRow]:
    named = bool(comparison and comparison.precisions)
    sizes = {component.name: component for component in variant.components}
    before = {c.name: c for c in baseline.components} if baseline else {}
    times, times_before = _times(variant), _times(baseline)
    names = list(dict.fromkeys([*sizes, *times]))
    if not names:
        return []
    rows = [
        _row(
            variant.name,
            name,
            sizes.get(name),
            before.get(name),
            times.get(name, {}),
            times_before.get(name, {}) if named else {},
        )
        for name in names
    ]
    total = ComponentRow(
        variant=variant.name,
        component=TOTAL,
        xml_bytes=sum(component.xml_bytes for component in variant.components),
        bin_bytes=sum(component.bin_bytes for component in variant.components),
        size_bytes=variant.size_bytes,
        compression=comparison.compression if comparison else None,
        p50_ms=variant.latency.p50_ms if variant.latency else None,
        speedup=comparison.speedup if comparison and named else None,
    )
    return [*rows, total]


def _row(
    variant: str,
    name: str,
    part: Component | None,
    before: Component | None,
    times: Mapping[str, float],
    times_before: Mapping[str, float],
) -> ComponentRow:
    return ComponentRow(
        variant=variant,
        component=name,
        method=part.method if part else "",
        xml_bytes=part.xml_bytes if part else 0,
        bin_bytes=part.bin_bytes if part else 0,
        size_bytes=_bytes(part),
        compression=_over(_bytes(before), _bytes(part)),
        p50_ms=times.get("p50_ms"),
        first_p50_ms=times.get("first_p50_ms"),
        calls=times.get("calls"),
        speedup=_over(times_before.get("p50_ms"), times.get("p50_ms")),
    )


def _times(variant: Variant | None) -> Mapping[str, Mapping[str, float]]:
    return variant.latency.components if variant and variant.latency else {}


def _bytes(part: Component | None) -> int:
    return part.xml_bytes + part.bin_bytes if part else 0


def _over(baseline: float | None, variant: float | None) -> float | None:
    return baseline / variant if baseline and variant else None


def component_columns(rows: Sequence[ComponentRow], *, brief: bool = False) -> list[Column]:
    """Returns the columns for `component_cells`; a terminal of 80 cells has room for the brief
    ones.
    """
    unit = byte_unit([row.size_bytes for row in rows])[1]
    columns = [
        Column("component", fixed=True),
        Column("method"),
        Column("size", unit, numeric=True),
        Column("smaller", numeric=True),
        Column("calls", numeric=True),
        Column("p50", "ms", numeric=True),
        Column("faster", numeric=True),
    ]
    more = [
        Column(".xml", "bytes", numeric=True),
        Column(".bin", "bytes", numeric=True),
        Column("first call", "p50 ms", numeric=True),
    ]
    return columns if brief else columns + more


def component_cells(rows: Sequence[ComponentRow], *, brief: bool = False) -> list[Row]:
    """Returns a row per component and total; None where something was not measured."""
    divisor, _ = byte_unit([row.size_bytes for row in rows])
    sizes = aligned([row.size_bytes / divisor if row.size_bytes else None for row in rows])
    times = aligned([row.p50_ms for row in rows])
    firsts = aligned([row.first_p50_ms for row in rows])
    variants = list(dict.fromkeys(row.variant for row in rows))
    brief_names = dict(zip(variants, shorten_apart(variants, _MOST_CELLS), strict=True))
    cells: list[Row] = []
    for row, size, time, first in zip(rows, sizes, times, firsts, strict=True):
        variant = brief_names[row.variant] if brief else row.variant
        more = [str(row.xml_bytes or "") or None, str(row.bin_bytes or "") or None, first]
        cells.append(
            [
                f"{variant} {row.component}",
                row.method or None,
                size,
                numbers.gain(row.compression, numbers.size) if row.compression else None,
                f"{row.calls:.3g}" if row.calls else None,
                time,
                numbers.gain(row.speedup, numbers.speed) if row.speedup else None,
                *([] if brief else more),
            ]
        )
    return cells


def component_table(rows: Sequence[ComponentRow], width: int) -> list[str]:
    """Returns the components as lines for a terminal of `width` cells."""
    columns, cells = component_columns(rows, brief=True), component_cells(rows, brief=True)
    return draw(columns, cells, width).split("\n")


def stage_columns() -> list[Column]:
    """Returns the columns of `stage_rows`."""
    return [Column("stage"), Column("time", numeric=True), Column("peak memory", numeric=True)]


def stage_rows(result: Result) -> list[Row]:
    """Returns name, time and peak memory of each stage, in the order in which they were started."""
    return [
        [
            stage.name,
            "cached" if stage.cached else human_seconds(stage.seconds),
            human_bytes(stage.peak_rss_bytes) if stage.peak_rss_bytes else None,
        ]
        for stage in result.stages
    ]
