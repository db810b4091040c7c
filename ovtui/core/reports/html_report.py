"""A result as one HTML file that needs nothing else: no scripts, no fonts, no other files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ovtui.core.reports.comparison_wording import Finding
from ovtui.core.reports.component_table import (
    component_cells,
    component_columns,
    component_rows,
    stage_columns,
    stage_rows,
)
from ovtui.core.reports.html_charts import charts
from ovtui.core.reports.html_parts import CSS, safe, table, table_of
from ovtui.core.reports.html_samples import ReadPicture, samples
from ovtui.core.reports.layer_table import Layers, layer_table, layers
from ovtui.core.reports.sweep_wording import HeatCell, HeatMap, heat_maps
from ovtui.core.reports.variant_table import (
    detail_columns,
    detail_rows,
    variant_columns,
    variant_rows,
)
from ovtui.core.reports.verdict_wording import VERDICT_MARKS, in_one_sentence
from ovtui.core.reports.wording import Section, overview, sections
from ovtui.core.results.operation_rows import Grouping
from ovtui.core.results.operations import Operations
from ovtui.core.results.result import Result

_STRONGEST_TINT = 0.4
"""Of the accent's colour behind a number, so that it can be read on light and dark pages."""


def to_html(
    result: Result,
    read_picture: ReadPicture = lambda name: None,
    operations: Operations | None = None,
) -> str:
    """Returns the result as one self-contained page for light and dark; foreign text is escaped.

    It opens with what a reader wants first: title, the result in one sentence, samples.

    Args:
        result: of a run.
        read_picture: reads the pictures of samples, which then are within the page.
        operations: of its variants, where they are known.
    """
    title = safe(result.title or result.recipe)
    sentence = safe(in_one_sentence(result))
    body = [f"<h1>{title}</h1>", f'<p class="result">{sentence}</p>' * bool(sentence)]
    body += [samples(result, read_picture), "<h2>Run</h2>" * bool(result.samples)]
    body += [_list(overview(result)), _warnings(result.warnings)]
    if result.variants:
        body += ["<h2>Variants</h2>", table(variant_columns(result), variant_rows(result))]
        if parts := component_rows(result):
            shown = table(component_columns(parts), component_cells(parts))
            body += ["<h2>Components</h2>", shown]
        body += [f'<div class="charts">{"".join(charts(result))}</div>']
    body += map(_heat_map, heat_maps(result))
    body += [_section(section) for section in sections(result) if section.findings]
    body += [_layers(shown) for shown in layers(result, operations)] if operations else []
    if result.variants:
        body += ["<h2>Details</h2>", table(detail_columns(), detail_rows(result))]
    body += [_stages(result)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{title}</title><style>{CSS}</style></head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body></html>\n"
    )


def _list(findings: Iterable[Finding]) -> str:
    items = (f"<dt>{safe(label)}</dt><dd>{safe(text)}</dd>" for label, text in findings)
    return f"<dl>{''.join(items)}</dl>"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{safe(text)}</li>" for text in warnings)
    return f'<div class="warnings"><strong>Warnings</strong><ul>{items}</ul></div>'


def _section(section: Section) -> str:
    badge = ""
    if section.verdict:
        kind = section.verdict.replace(" ", "-")
        badge = f'<span class="verdict {kind}">{VERDICT_MARKS[section.verdict]}</span>'
    return f"<section><h2>{safe(section.heading)}{badge}</h2>{_list(section.findings)}</section>"


def _heat_map(heat_map: HeatMap) -> str:
    """A table whose cells are the darker the higher the rate, with the rate in each."""
    rows = [[safe(name), *map(_heated, cells)] for name, cells in heat_map.rows]
    notes = "".join(f"<li>{safe(note)}</li>" for note in heat_map.notes)
    shown = table_of(heat_map.columns, rows)
    return f"<h2>{safe(heat_map.title)}</h2>{shown}<ul>{notes}</ul>"


def _heated(cell: HeatCell) -> str:
    tint = f"{(cell.share or 0.0) * _STRONGEST_TINT:.0%}"
    return f'<span class="heat" style="--tint:{tint}">{safe(cell.text)}</span>'


def _layers(shown: Layers) -> str:
    title = f"Operations of {safe(shown.variant)} beside {safe(shown.baseline)}"
    tables = "".join(
        f"<details><summary>by {by}</summary>{table(*layer_table(shown, by))}</details>"
        for by in Grouping
    )
    return f"<h2>{title}</h2><p>{safe(shown.note)}</p>{tables}"


def _stages(result: Result) -> str:
    if not result.stages:
        return ""
    return "<h2>Stages</h2>" + table(stage_columns(), stage_rows(result))
