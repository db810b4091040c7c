"""All variants of several runs side by side, and why their numbers may not be comparable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from ovtui.core.reports.component_table import ComponentRow, component_rows, component_table
from ovtui.core.reports.numbers import interval, metric
from ovtui.core.reports.table import Column, draw
from ovtui.core.reports.variant_table import aligned, byte_unit
from ovtui.core.reports.verdict_wording import faster_in_latency
from ovtui.core.results.result import Result, Verdict
from ovtui.core.results.speeds import Span
from ovtui.core.results.variant import Variant
from ovtui.core.text.cells import wrap
from ovtui.core.text.foreign import plain


class VariantRow(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of one run, with the machine that it was measured on."""

    run: str
    recipe: str
    host: str
    cpu: str
    device: str
    variant: str
    baseline: bool
    runs_in: str
    """The precisions that it runs in; empty where they are not recorded."""
    size_bytes: int
    latency_p50_ms: float | None
    latency_ci95_ms: tuple[float, float] | None
    throughput_per_second: float | None
    end_to_end: Span | None = None
    """From a row of data to its answer; of texts with what their lengths are and take."""
    metric: str
    higher_is_better: bool | None
    accuracy: float | None
    accuracy_ci95: tuple[float, float] | None
    accuracy_count: int | None
    speedup: float | None = None
    """In latency, over its own run's baseline."""
    precisions: str = ""
    """The two that it compares."""
    same_precision_speedup: float | None = None
    """Over the uncompressed model of its run at the same precision."""
    same_precision: str = ""
    faster: str = ""
    """Both in words."""
    verdict: Verdict | None
    no_verdict: str = ""
    """Why there is none, where one was asked for."""
    components: list[ComponentRow] = []
    """Of a pipeline, against its own run's baseline; the last one is the total."""

    @property
    def judged(self) -> str:
        """The verdict, or `no verdict` where the metric gives none; empty where none was asked."""
        return self.verdict or ("no verdict" if self.no_verdict else "")


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """Variants of several runs; `warnings` name what makes their numbers differ besides them."""

    rows: list[VariantRow]
    warnings: list[str]


def comparison_table(results: Sequence[Result]) -> SideBySide:
    """Returns every variant of every run, in the order given, with warnings on what differs.

    Args:
        results: of runs, on one machine or several.

    Raises:
        ValueError: no results.
    """
    if not results:
        raise ValueError("no runs to compare")
    rows = [_row(result, variant) for result in results for variant in result.variants]
    return SideBySide(rows=rows, warnings=_warnings(results))


def to_text(table: SideBySide, width: int) -> str:
    """Runs by number, their variants as a table, and the warnings, in `width` cells a line."""
    runs = list(dict.fromkeys((row.run, row.recipe, row.device, row.host) for row in table.rows))
    numbers = {(run[0], run[3]): str(number) for number, run in enumerate(runs, start=1)}
    lines = []
    for run, recipe, device, host in runs:
        lines += _hanging(f"{numbers[run, host]}  ", f"{run}: {recipe}, {device} of {host}", width)
    lines += ["", draw(_columns(table), _cells(table, numbers), width)]
    parts = [
        msgspec.structs.replace(part, variant=f"{numbers[row.run, row.host]} {part.variant}")
        for row in table.rows
        for part in row.components
    ]
    speeds = [(f"{numbers[row.run, row.host]} {row.variant}", row.faster) for row in table.rows]
    if any(faster for _, faster in speeds):
        lines.append("")
    for name, faster in speeds:
        if faster:
            lines += _hanging("", f"{name}: {faster}", width)
    if parts:
        lines += ["", *component_table(parts, width)]
    if table.warnings:
        lines.append("")
    for warning in table.warnings:
        lines += _hanging("! ", warning, width)
    return "\n".join(lines)


def _hanging(lead: str, text: str, width: int) -> list[str]:
    first, *rest = wrap(plain(text), width - len(lead))
    return [lead + first, *(" " * len(lead) + line for line in rest)]


def _columns(table: SideBySide) -> list[Column]:
    unit = byte_unit([row.size_bytes for row in table.rows])[1]
    return [
        Column("variant"),
        Column("runs in", fixed=True),
        Column("size", unit, numeric=True),
        Column("latency", "p50 ms", numeric=True),
        Column("throughput", "per s", numeric=True),
        Column("metric"),
        Column("value", numeric=True),
        Column("95 %", "interval", numeric=True),
        Column("verdict", fixed=True),
    ]


def _cells(table: SideBySide, numbers: Mapping[tuple[str, str], str]) -> list[list[str | None]]:
    divisor, _ = byte_unit([row.size_bytes for row in table.rows])
    measured = zip(
        aligned([row.size_bytes / divisor if row.size_bytes else None for row in table.rows]),
        aligned([row.latency_p50_ms for row in table.rows]),
        aligned([row.throughput_per_second for row in table.rows]),
        strict=True,
    )
    return [
        [
            f"{numbers[row.run, row.host]} {row.variant}",
            row.runs_in or None,
            *values,
            row.metric or None,
            None if row.accuracy is None else metric(row.accuracy),
            interval(row.accuracy_ci95) if row.accuracy_ci95 else None,
            "baseline" if row.baseline else row.judged or None,
        ]
        for row, values in zip(table.rows, measured, strict=True)
    ]


def _row(result: Result, variant: Variant) -> VariantRow:
    latency, accuracy = variant.latency, variant.accuracy
    compared = {comparison.variant: comparison for comparison in result.comparisons}
    comparison = compared.get(variant.name)
    return VariantRow(
        run=result.run,
        recipe=result.recipe,
        host=result.machine.host,
        cpu=result.machine.cpu,
        device=result.device,
        variant=variant.name,
        baseline=variant.baseline,
        runs_in=variant.runs_in,
        size_bytes=variant.size_bytes,
        latency_p50_ms=latency.p50_ms if latency else None,
        latency_ci95_ms=latency.ci95_p50_ms if latency else None,
        throughput_per_second=variant.throughput.per_second if variant.throughput else None,
        end_to_end=variant.end_to_end,
        metric=accuracy.metric if accuracy else "",
        higher_is_better=accuracy.higher_is_better if accuracy else None,
        accuracy=accuracy.value if accuracy else None,
        accuracy_ci95=accuracy.ci95 if accuracy and accuracy.varies else None,
        accuracy_count=accuracy.count if accuracy else None,
        speedup=comparison.speedup if comparison else None,
        precisions=comparison.precisions if comparison else "",
        same_precision_speedup=comparison.same_precision_speedup if comparison else None,
        same_precision=comparison.same_precision if comparison else "",
        faster=faster_in_latency(comparison) if comparison else "",
        verdict=comparison.verdict if comparison else None,
        no_verdict=comparison.no_verdict if comparison else "",
        components=[part for part in component_rows(result) if part.variant == variant.name],
    )


def _warnings(results: Sequence[Result]) -> list[str]:
    """One line for each thing that should be the same and is not."""
    speed = "so latency and throughput are not comparable"
    accuracy = "so accuracy is not comparable"
    checks: list[tuple[str, str, Callable[[Result], str]]] = [
        ("machines", speed, _machine),
        ("devices", speed, lambda result: result.device),
        ("versions", "so differences may come from the libraries", _versions(results)),
        ("tasks", accuracy, lambda result: result.task),
        ("evaluation data", accuracy, _evaluation),
        ("metrics", accuracy, _metrics),
    ]
    warnings = []
    for what, consequence, describe in checks:
        runs: dict[str, list[str]] = {}
        for result in results:
            runs.setdefault(describe(result), []).append(result.run)
        if len(runs) > 1:
            listed = "; ".join(f"{value} ({', '.join(of)})" for value, of in runs.items())
            warnings.append(f"{what} differ, {consequence}: {listed}")
    return warnings


def _machine(result: Result) -> str:
    machine = result.machine
    return f"{machine.host}, {machine.cpu}, {machine.cores} cores"


def _versions(results: Sequence[Result]) -> Callable[[Result], str]:
    """Describes a result by the versions that are not the same in all."""
    names = dict.fromkeys(name for result in results for name in result.versions)
    differing = [
        name for name in names if len({result.versions.get(name) for result in results}) > 1
    ]
    return lambda result: ", ".join(
        f"{name} {result.versions.get(name, 'absent')}" for name in differing
    )


def _evaluation(result: Result) -> str:
    data = result.evaluation
    return f"{data.samples} of {data.dataset} {data.split}" if data else "not recorded"


def _metrics(result: Result) -> str:
    names = dict.fromkeys(v.accuracy.metric for v in result.variants if v.accuracy)
    return ", ".join(names) or "none"
