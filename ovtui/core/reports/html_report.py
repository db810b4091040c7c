"""A result as one HTML file that needs nothing else: no scripts, no fonts, no pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from ovtui.core.reports.component_table import component_cells, component_columns, component_rows
from ovtui.core.reports.numbers import interval, metric
from ovtui.core.reports.stage_table import stage_rows
from ovtui.core.reports.svg import Bar, Dot, bar_chart, scatter_chart
from ovtui.core.reports.table import ABSENT, Column, Row
from ovtui.core.reports.variant_table import (
    aligned,
    byte_unit,
    detail_columns,
    detail_rows,
    metric_title,
    variant_columns,
    variant_rows,
)
from ovtui.core.reports.verdict_wording import VERDICT_MARKS
from ovtui.core.reports.wording import Finding, Section, overview, sections
from ovtui.core.result import Result, Sample, Variant
from ovtui.core.text import plain, shorten

_MOST_SAMPLES = 50
_MOST_CELLS = 300

_CSS = """
:root{color-scheme:light dark;--page:#fff;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;
--panel:#f6f8fa;--accent:#2563eb;--pass:#1a7f37;--fail:#cf222e;--unsure:#9a6700}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--faint:#9198a1;
--line:#3d444d;--panel:#151b23;--accent:#6ea8fe;--pass:#3fb950;--fail:#ff7b72;--unsure:#d29922}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:72rem;background:var(--page);
color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0 0 1rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:0}
dt{color:var(--faint)}dd{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
th{white-space:nowrap;font-weight:600}th small{display:block;color:var(--faint);
font-weight:400}
.number{text-align:right;white-space:nowrap}
.charts{margin-top:1.2rem;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem}
figure{margin:0;padding:.8rem 1rem;background:var(--panel);border-radius:8px}
figure.wide{grid-column:1/-1}
figcaption{font-weight:600;margin-bottom:.4rem}figcaption small{color:var(--faint);
font-weight:400}
svg{max-width:100%;height:auto;--page:var(--panel)}
section{padding:.2rem 1rem 1rem;margin-top:1rem;background:var(--panel);border-radius:8px}
section h2{margin-top:.8rem}
.verdict{font-size:.8rem;padding:.1rem .6rem;border:1.5px solid;border-radius:99px;
margin-left:.6rem;white-space:nowrap}
.pass{color:var(--pass)}.fail{color:var(--fail)}.not-enough-samples{color:var(--unsure)}
.warnings{border-left:4px solid var(--unsure);padding:.2rem 1rem;margin:1.2rem 0}
""".strip()


def to_html(result: Result) -> str:
    """The result as one self-contained page for light and dark; foreign text is escaped."""
    title = _safe(result.recipe)
    body = [f"<h1>{title}</h1>", _list(overview(result)), _warnings(result.warnings)]
    if result.variants:
        body += ["<h2>Variants</h2>", _table(variant_columns(result), variant_rows(result))]
        if parts := component_rows(result):
            table = _table(component_columns(parts), component_cells(parts))
            body += ["<h2>Components</h2>", table]
        body += [f'<div class="charts">{"".join(_charts(result))}</div>']
    body += [_section(section) for section in sections(result) if section.findings]
    if result.variants:
        body += ["<h2>Details</h2>", _table(detail_columns(), detail_rows(result))]
    body += [_stages(result), _samples(result)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_CSS}</style></head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body></html>\n"
    )


def _safe(text: str) -> str:
    return escape(plain(text))


def _list(findings: Iterable[Finding]) -> str:
    items = (f"<dt>{_safe(label)}</dt><dd>{_safe(text)}</dd>" for label, text in findings)
    return f"<dl>{''.join(items)}</dl>"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{_safe(text)}</li>" for text in warnings)
    return f'<div class="warnings"><strong>Warnings</strong><ul>{items}</ul></div>'


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    classes = [' class="number"' if column.numeric else "" for column in columns]
    head = "".join(
        f"<th{of}>{_safe(column.title)}<small>{_safe(column.unit)}</small></th>"
        for column, of in zip(columns, classes, strict=True)
    )
    lines = []
    for row in rows:
        cells = zip(row, classes, strict=True)
        shown = "".join(
            f"<td{of}>{ABSENT if cell is None else _safe(cell)}</td>" for cell, of in cells
        )
        lines.append(f"<tr>{shown}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _section(section: Section) -> str:
    badge = ""
    if section.verdict:
        kind = section.verdict.replace(" ", "-")
        badge = f'<span class="verdict {kind}">{VERDICT_MARKS[section.verdict]}</span>'
    return f"<section><h2>{_safe(section.heading)}{badge}</h2>{_list(section.findings)}</section>"


def _charts(result: Result) -> list[str]:
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
        _trade(result),
    ]


def _figure(title: str, note: str, chart: str, kind: str = "") -> str:
    caption = f"{_safe(title)} <small>{_safe(note)}</small>"
    return f'<figure class="{kind}"><figcaption>{caption}</figcaption>{chart}</figure>'


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
    return _figure(title, note, bar_chart(title, bars))


def _accuracy_bars(result: Result) -> str:
    bars = [
        Bar(v.name, v.accuracy.value, f"{metric(v.accuracy.value)} ({interval(v.accuracy.ci95)})")
        if v.accuracy
        else Bar(v.name, None, "not measured")
        for v in result.variants
    ]
    if all(bar.value is None for bar in bars):
        return ""
    name, lower = metric_title(result)
    note = f"{'less' if lower else 'more'} is better; 95 % interval"
    return _figure(name, note, bar_chart(name, bars))


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
    note = "up and left is better; filled and joined: the Pareto front; bars: 95 % interval"
    return _figure(f"{name} against latency", note, chart, "wide")


def _trade_label(variant: Variant) -> str:
    if variant.latency is None or variant.accuracy is None:
        return ""
    return f"{aligned([variant.latency.p50_ms])[0]} ms, {metric(variant.accuracy.value)}"


def _stages(result: Result) -> str:
    if not result.stages:
        return ""
    columns = [Column("stage"), Column("time", numeric=True), Column("peak memory", numeric=True)]
    return "<h2>Stages</h2>" + _table(columns, stage_rows(result))


def _samples(result: Result) -> str:
    """Samples as text, those whose prediction changed first; pictures stay in the run folder."""
    if not result.samples:
        return ""
    names = [
        variant.name
        for variant in result.variants
        if any(variant.name in sample.predictions for sample in result.samples)
    ]
    shown = sorted(result.samples, key=lambda sample: not sample.changed)[:_MOST_SAMPLES]
    columns = [Column("sample"), Column("input"), Column("reference"), *map(Column, names)]
    rows = [_sample_row(sample, names) for sample in shown]
    return "<h2>Samples</h2>" + _table([*columns, Column("changed")], rows)


def _sample_row(sample: Sample, names: Sequence[str]) -> Row:
    predictions = [sample.predictions.get(name) for name in names]
    return [
        sample.id,
        ", ".join(map(_value, sample.input.values())),
        _value(sample.reference),
        *(None if prediction is None else _value(prediction) for prediction in predictions),
        "changed" if sample.changed else "same",
    ]


def _value(value: Any) -> str:
    if isinstance(value, dict) and "label" in value:
        score = value.get("score")
        text = str(value["label"]) + (f" {score:.3f}" if isinstance(score, float) else "")
    elif isinstance(value, dict) and "text" in value:
        text = str(value["text"])
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, _MOST_CELLS)
