"""Variants of one or many runs as lines: charts with exact numbers, plots, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text

from ovtui.core.reports import pairing
from ovtui.core.reports.component_table import TOTAL, ComponentRow, component_rows
from ovtui.core.reports.numbers import size, speed
from ovtui.core.reports.side_by_side import comparison_table
from ovtui.core.reports.variant_table import aligned, byte_unit
from ovtui.core.reports.verdict_wording import choice, faster_in_latency, faster_in_throughput
from ovtui.core.reports.wording import sections, shares_of
from ovtui.core.results.result import Comparison
from ovtui.core.results.variant import Variant
from ovtui.core.text.units import three_digits
from ovtui.tui import charts
from ovtui.tui.charts import Bar
from ovtui.tui.pages import accuracy
from ovtui.tui.pages.compared import Compared
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import FAINT, STRONG, line, wrapped


def bars_page(items: Sequence[Compared], width: int) -> list[Text]:
    """Size, latency, throughput and accuracy, each as bars with exact numbers."""
    if not items:
        return [line(("every variant is left out; space puts one back", FAINT))]
    divisor, unit = byte_unit([item.variant.size_bytes for item in items])
    lines = [
        *_chart(
            f"Size, {unit}",
            items,
            width,
            lambda v: v.size_bytes / divisor if v.size_bytes else None,
            lambda c: size(c.compression) if c.compression else "",
        ),
        *_part_sizes(items, width),
        *_chart(
            "Latency, median ms",
            items,
            width,
            lambda v: v.latency.p50_ms if v.latency else None,
            faster_in_latency,
        ),
        *_part_times(items, width),
        *_chart(
            "Throughput, per second",
            items,
            width,
            lambda v: v.throughput.per_second if v.throughput else None,
            faster_in_throughput,
        ),
        *accuracy.changes(items, width),
    ]
    return lines[:-1]


def _chart(
    title: str,
    items: Sequence[Compared],
    width: int,
    value: Callable[[Variant], float | None],
    note: Callable[[Comparison], str],
) -> list[Text]:
    values = [value(item.variant) for item in items]
    if not any(values):
        return []
    rows = []
    for item, number, label in zip(items, values, aligned(values), strict=True):
        told = note(item.comparison) if item.comparison else ""
        rows.append(Bar(item.name, number, label or "–", told, brief=told.partition(" (")[0]))
    return [line((title, STRONG)), *charts.bars(rows, width), line()]


def _part_sizes(items: Sequence[Compared], width: int) -> list[Text]:
    """Bytes of each component, where the models have several."""
    parts = _parts(items)
    divisor, unit = byte_unit([part.size_bytes for _, part in parts])
    labels = aligned([part.size_bytes / divisor for _, part in parts])
    rows = [
        Bar(name, part.size_bytes / divisor, label, _method(part))
        for (name, part), label in zip(parts, labels, strict=True)
        if label is not None and part.size_bytes
    ]
    if not rows:
        return []
    return [line((f"Size of components, {unit}", STRONG)), *charts.bars(rows, width), line()]


def _method(part: ComponentRow) -> str:
    smaller = size(part.compression) if part.compression else ""
    return ", ".join(filter(None, (smaller, part.method)))


def _part_times(items: Sequence[Compared], width: int) -> list[Text]:
    """Median latency of a call of each component, where the models have several."""
    parts = [(name, part) for name, part in _parts(items) if part.p50_ms]
    labels = aligned([part.p50_ms for _, part in parts])
    rows = [
        Bar(name, part.p50_ms, label or "–", _calls(part))
        for (name, part), label in zip(parts, labels, strict=True)
    ]
    if not rows:
        return []
    title = "Latency of a call of each component, median ms"
    return [line((title, STRONG)), *charts.bars(rows, width), line()]


def _calls(part: ComponentRow) -> str:
    faster = speed(part.speedup) if part.speedup else ""
    calls = f"{part.calls:.3g} calls" if part.calls and part.calls != 1 else ""
    first = f"first {three_digits(part.first_p50_ms)}" if part.first_p50_ms else ""
    return ", ".join(filter(None, (faster, calls, first)))


def _parts(items: Sequence[Compared]) -> list[tuple[str, ComponentRow]]:
    """Components by name, the variants of one side by side."""
    found = [
        (f"{item.letter} {part.component}", part)
        for item in items
        for part in component_rows(item.result)
        if part.variant == item.variant.name and part.component != TOTAL
    ]
    names = list(dict.fromkeys(part.component for _, part in found))
    return sorted(found, key=lambda pair: names.index(pair[1].component))


def plots_page(items: Sequence[Compared], width: int) -> list[Text]:
    """A scatter with its Pareto front for each metric, and how latency is spread."""
    lines = accuracy.against_latency(items, width)
    lines += _latencies(items, width)
    lines += _blocks(items, width)
    return lines[:-1] or [line(("neither latency nor accuracy was measured", FAINT))]


def _latencies(items: Sequence[Compared], width: int) -> list[Text]:
    """How the latency of single requests is spread, with its percentiles."""
    measured = [(item, item.variant.latency) for item in items if item.variant.latency]
    spread = [(item, latency.histogram) for item, latency in measured if latency.histogram]
    lines: list[Text] = []
    if spread:
        rows = [Bar(item.name, None, "") for item, _ in spread]
        drawn = charts.spreads(rows, [found for _, found in spread], min(width, 76))
        title = "Latency of single requests, ms on a logarithmic axis"
        lines += [*wrapped(title, width, STRONG), *drawn]
    for item, latency in measured:
        low_high = map(three_digits, latency.ci95_p50_ms or ())
        ends = f" ({'–'.join(low_high)})" if latency.ci95_p50_ms else ""
        text = f"p50 {three_digits(latency.p50_ms)}{ends}, "
        text += f"p90 {three_digits(latency.p90_ms)}, p99 {three_digits(latency.p99_ms)}"
        lines += wrapped(f"{text}, {latency.count} requests", width, lead=f"{item.name}  ")
    return [*lines, line()] if lines else []


def _blocks(items: Sequence[Compared], width: int) -> list[Text]:
    """The median of each block: how far the machine drifted meanwhile."""
    found = [
        (item, latency.blocks_p50_ms)
        for item in items
        if (latency := item.variant.latency) and len(latency.blocks_p50_ms) > 1
    ]
    if not found:
        return []
    names = [item.letter for item, _ in found]
    marks = charts.marks(names, [blocks for _, blocks in found], min(width, 76))
    return [line(("Latency of each block, median ms", STRONG)), *marks, line()]


def verdicts_page(
    items: Sequence[Compared], judged: Sequence[pairing.Judged], width: int
) -> list[Text]:
    """Verdict, flips and executed precision of each variant, then pairs across runs."""
    lines: list[Text] = []
    results = list({item.result.run: item.result for item in items}.values())
    for warning in comparison_table(results).warnings if len(results) > 1 else []:
        lines += wrapped(warning, width, lead="! ")
    for result in results:
        if chosen := choice(result):
            run = f"{result.run}: " if len(results) > 1 else ""
            lines += wrapped(f"{run}{chosen}", width, lead="choice  ")
    for item in items:
        found = next((s for s in sections(item.result) if s.variant == item.variant.name), None)
        lines += [line()] if lines else []
        lines.append(line((item.name, STRONG), (f"  runs in {item.variant.runs_in}", FAINT)))
        against = item.comparison
        told = VERDICTS[against.verdict].style if against and against.verdict else ""
        for finding in found.findings if found else []:
            style = told if finding.label == "verdict" else ""
            lines += wrapped(finding.text, width, style, lead=f"  {finding.label:<16}")
        if not found and (shares := shares_of(item.variant)):
            lines += wrapped(shares, width, lead=f"  {'executed in':<16}")
    if len(results) > 1:
        lines += _pairs(judged, width)
    return lines


def _pairs(judged: Sequence[pairing.Judged], width: int) -> list[Text]:
    pairs = pairing.pairs(judged)
    if not pairs:
        return []
    title = f"Sample by sample, against {pairs[0].against} of {pairs[0].against_run}"
    text = pairing.to_text(pairs, width)
    return [line(), *wrapped(title, width, STRONG), *(line(row) for row in text.split("\n"))]
