"""Variants of one or many runs as lines: charts with exact numbers, plots, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

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
from ovtui.tui.curves import curve
from ovtui.tui.pages import accuracy
from ovtui.tui.pages.compared import Compared
from ovtui.tui.pages.sweep import sweeps
from ovtui.tui.ridges import Ridge, ridges
from ovtui.tui.signs import VERDICTS
from ovtui.tui.stacks import Stack, stacks
from ovtui.tui.text import FAINT, STRONG, line, wrapped


def bars_page(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns size, latency, throughput and accuracy, each as bars with exact numbers."""
    divisor, unit = byte_unit([item.variant.size_bytes for item in items])
    lines = [
        *_chart(
            f"Size, {unit}",
            items,
            width,
            lambda v: v.size_bytes / divisor if v.size_bytes else None,
            lambda c: size(c.compression) if c.compression else "",
        ),
        *_chart(
            "Latency, median ms",
            items,
            width,
            lambda v: v.latency.p50_ms if v.latency else None,
            faster_in_latency,
        ),
        *_chart(
            "Throughput, per second",
            items,
            width,
            lambda v: v.throughput.per_second if v.throughput else None,
            faster_in_throughput,
        ),
        *accuracy.changes(items, width),
        *_part_sizes(items, width),
        *_part_times(items, width),
        *_executed(items, width),
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
        remark = note(item.comparison) if item.comparison else ""
        brief = remark.partition(" (")[0]
        rows.append(Bar(item.name, number, label or "–", remark, brief=brief, style=item.style))
    return [line((title, STRONG)), *charts.bars(rows, width), line()]


def _part_sizes(items: Sequence[Compared], width: int) -> list[Text]:
    """Bytes of each component, where the models have several."""
    parts = _parts(items)
    divisor, unit = byte_unit([part.size_bytes for _, part in parts])
    labels = aligned([part.size_bytes / divisor for _, part in parts])
    rows = [
        Bar(_part_name(*pair), pair[1].size_bytes / divisor, label, _method(pair[1]))
        for pair, label in zip(parts, labels, strict=True)
        if label is not None and pair[1].size_bytes
    ]
    if not rows:
        return []
    whole = [
        Stack(
            item.name,
            {part.component: part.size_bytes for other, part in parts if other is item},
            label or "",
            item.style,
        )
        for item, label in zip(
            items, aligned([it.variant.size_bytes / divisor for it in items]), strict=True
        )
    ]
    return [
        line((f"Size by component, {unit}", STRONG)),
        *stacks(whole, width),
        *charts.bars(rows, width),
        line(),
    ]


def _part_name(item: Compared, part: ComponentRow) -> str:
    return f"{item.letter} {part.component}"


def _method(part: ComponentRow) -> str:
    smaller = size(part.compression) if part.compression else ""
    return ", ".join(filter(None, (smaller, part.method)))


def _part_times(items: Sequence[Compared], width: int) -> list[Text]:
    """Median latency of a call of each component, where the models have several."""
    parts = [pair for pair in _parts(items) if pair[1].p50_ms]
    labels = aligned([part.p50_ms for _, part in parts])
    rows = [
        Bar(_part_name(*pair), pair[1].p50_ms, label or "–", _calls(pair[1]), style=pair[0].style)
        for pair, label in zip(parts, labels, strict=True)
    ]
    if not rows:
        return []
    title = "Latency of a call of each component, median ms"
    return [
        *_shares_of_answers(parts, width),
        line((title, STRONG)),
        *charts.bars(rows, width),
        line(),
    ]


def _shares_of_answers(parts: Sequence[tuple[Compared, ComponentRow]], width: int) -> list[Text]:
    """Where the time of an answer goes: calls of each component, and all that is around them."""
    rows = []
    for item in dict.fromkeys(item.key for item, _ in parts):
        of_item = [pair for pair in parts if pair[0].key == item]
        shown, latency = of_item[0][0], of_item[0][0].variant.latency
        spent = {part.component: _milliseconds(part) for _, part in of_item}
        if latency is None or not all(spent.values()):
            continue
        around = max(0.0, latency.p50_ms - sum(spent.values()))
        label = f"{three_digits(latency.p50_ms)} ms"
        rows.append(Stack(shown.name, spent | {"around them": around}, label, shown.style))
    if not rows:
        return []
    title = "Time of an answer by component, median ms times calls"
    return [*wrapped(title, width, STRONG), *stacks(rows, width), line()]


def _milliseconds(part: ComponentRow) -> float:
    """What the calls of a component take of an answer, in ms; 0 where their number is not known."""
    calls, first = part.calls or 0.0, part.first_p50_ms
    if first is not None and calls >= 1:
        return first + (calls - 1) * (part.p50_ms or 0.0)
    return calls * (part.p50_ms or 0.0)


def _executed(items: Sequence[Compared], width: int) -> list[Text]:
    """The precisions that each variant's time is spent in."""
    rows = [
        Stack(
            item.name,
            dict(sorted(shares.items())),
            "  ".join(f"{name} {share:.0%}" for name, share in _largest_first(shares)),
            item.style,
        )
        for item in items
        if (shares := item.variant.executed_precision)
    ]
    if not rows:
        return []
    return [line(("Executed precision, share of time", STRONG)), *stacks(rows, width), line()]


def _largest_first(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    """Shares that are told beside a bar: those of at least a hundredth."""
    largest = sorted(shares.items(), key=lambda it: -it[1])
    return [(name, share) for name, share in largest if share >= 0.01]


def _calls(part: ComponentRow) -> str:
    faster = speed(part.speedup) if part.speedup else ""
    calls = f"{part.calls:.3g} calls" if part.calls and part.calls != 1 else ""
    first = f"first {three_digits(part.first_p50_ms)}" if part.first_p50_ms else ""
    return ", ".join(filter(None, (faster, calls, first)))


def _parts(items: Sequence[Compared]) -> list[tuple[Compared, ComponentRow]]:
    """Components by name, the variants of one side by side."""
    stacked = [
        (item, part)
        for item in items
        for part in component_rows(item.result)
        if part.variant == item.variant.name and part.component != TOTAL
    ]
    names = list(dict.fromkeys(part.component for _, part in stacked))
    return sorted(stacked, key=lambda pair: names.index(pair[1].component))


def plots_page(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns a scatter with its Pareto front for each metric, how latency is spread, sweeps."""
    lines = accuracy.against_latency(items, width)
    lines += _latencies(items, width)
    lines += _blocks(items, width)
    lines += sweeps(items, width)
    return lines[:-1] or [line(("neither latency nor accuracy was measured", FAINT))]


def _latencies(items: Sequence[Compared], width: int) -> list[Text]:
    """How the latency of single requests is spread, with its percentiles."""
    measured = [(it, latency) for it in items if (latency := it.variant.latency)]
    rows = [Ridge(item.name, latency, item.style) for item, latency in measured]
    lines: list[Text] = []
    if drawn := ridges(rows, min(width, 100)):
        title = "Latency of single requests, ms on a logarithmic axis, ╵ p50 p90 p99"
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
    measured = [
        (item, latency.blocks_p50_ms)
        for item in items
        if (latency := item.variant.latency) and len(latency.blocks_p50_ms) > 1
    ]
    if not measured:
        return []
    title = "Latency block by block, in the order measured, over the variant's own median"
    ratios = [ratio for _, blocks in measured for ratio in _ratios(blocks)]
    bounds = min(ratios), max(ratios)
    names, labels, _, room = charts.columns(
        [Bar(item.name, None, _ends(blocks)) for item, blocks in measured], width
    )
    lines = wrapped(f"{title}: {bounds[0]:.2f} to {bounds[1]:.2f}", width, STRONG)
    for (item, blocks), name, label in zip(measured, names, labels, strict=True):
        stretched = [
            ratio for ratio in _ratios(blocks) for _ in range(max(1, 2 * room // len(blocks)))
        ]
        (drawn,) = curve(stretched, room, style=item.style, bounds=bounds)
        lines.append(line((name, item.style), " ", drawn, " ", label))
    return [*lines, line()]


def _ratios(blocks: Sequence[float]) -> list[float]:
    middle = median(blocks)
    return [block / middle for block in blocks]


def _ends(blocks: Sequence[float]) -> str:
    return f"{three_digits(min(blocks))}–{three_digits(max(blocks))} ms"


def verdicts_page(
    items: Sequence[Compared], judged: Sequence[pairing.Judged], width: int
) -> list[Text]:
    """Returns verdict, flips and executed precision of each variant, then pairs across runs.

    Args:
        items: variants with their results.
        judged: outcomes of runs, for the pairs.
        width: cells of a line.
    """
    lines: list[Text] = []
    results = list({item.result.run: item.result for item in items}.values())
    for warning in comparison_table(results).warnings if len(results) > 1 else []:
        lines += wrapped(warning, width, lead="! ")
    for result in results:
        if chosen := choice(result):
            run = f"{result.run}: " if len(results) > 1 else ""
            lines += wrapped(f"{run}{chosen}", width, lead="choice  ")
    for item in items:
        section = next((s for s in sections(item.result) if s.variant == item.variant.name), None)
        lines += [line()] if lines else []
        lines.append(line((item.name, STRONG), (f"  runs in {item.variant.runs_in}", FAINT)))
        against = item.comparison
        verdict_style = VERDICTS[against.verdict].style if against and against.verdict else ""
        for finding in section.findings if section else []:
            style = verdict_style if finding.label == "verdict" else ""
            lines += wrapped(finding.text, width, style, lead=f"  {finding.label:<16}")
        if not section and (shares := shares_of(item.variant)):
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
