"""A result as a file to keep or send: Markdown, HTML and CSV (JSON is `result.encode`)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

from ovtui.core.reports.component_table import (
    TOTAL,
    ComponentRow,
    component_cells,
    component_columns,
    component_rows,
    stage_columns,
    stage_rows,
)
from ovtui.core.reports.html_report import to_html
from ovtui.core.reports.layer_table import layer_table, layers
from ovtui.core.reports.method_wording import methods
from ovtui.core.reports.slow_wording import slow_sentence
from ovtui.core.reports.sweep_wording import heat_maps
from ovtui.core.reports.table import ABSENT, Column, Row
from ovtui.core.reports.variant_table import (
    detail_columns,
    detail_rows,
    variant_columns,
    variant_rows,
)
from ovtui.core.reports.verdict_wording import in_one_sentence
from ovtui.core.reports.wording import overview, sections, shares_of
from ovtui.core.results.choice import taken
from ovtui.core.results.operation_rows import Grouping
from ovtui.core.results.operations import Operations
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Variant
from ovtui.core.text.foreign import plain

__all__ = ["to_csv", "to_html", "to_markdown"]

_MARKUP = re.compile(r"[\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_FORMULA = ("=", "+", "-", "@", "\N{MINUS SIGN}")


def to_markdown(result: Result, operations: Operations | None = None) -> str:
    """Returns the result as Markdown (GitHub's flavour); foreign text is escaped.

    Args:
        result: of a run.
        operations: of its variants, where they are known.
    """
    lines = [f"# {_mark(result.title or result.recipe)}", ""]
    if sentence := in_one_sentence(result):
        lines += [_mark(sentence), ""]
    lines += [f"- {finding.label}: {_mark(finding.text)}" for finding in overview(result)]
    if result.warnings:
        lines += ["", "## Warnings", "", *(f"- {_mark(text)}" for text in result.warnings)]
    if result.variants:
        lines += ["", "## Variants", ""]
        lines += _markdown_table(variant_columns(result), variant_rows(result))
    if parts := component_rows(result):
        lines += ["", "## Components", ""]
        lines += _markdown_table(component_columns(parts), component_cells(parts))
    for heat_map in heat_maps(result):
        rows = [[name, *(cell.text for cell in cells)] for name, cells in heat_map.rows]
        lines += ["", f"## {_mark(heat_map.title)}", "", *_markdown_table(heat_map.columns, rows)]
        lines += ["", *(f"- {_mark(note)}" for note in heat_map.notes)]
    for _, heading, findings, _ in sections(result):
        if findings:
            lines += ["", f"## {_mark(heading)}", ""]
            lines += [f"- {finding.label}: {_mark(finding.text)}" for finding in findings]
    for shown in layers(result, operations) if operations else ():
        lines += ["", f"## Operations of {_mark(shown.variant)} beside {_mark(shown.baseline)}", ""]
        lines += [_mark(shown.note)]
        for by in Grouping:
            lines += ["", f"### By {by}", ""]
            lines += _markdown_table(*layer_table(shown, by))
    if result.variants:
        lines += ["", "## Details", "", *_markdown_table(detail_columns(), detail_rows(result))]
    if result.stages:
        lines += ["", "## Stages", "", *_markdown_table(stage_columns(), stage_rows(result))]
    return "\n".join(lines) + "\n"


def _markdown_table(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    titles = [f"{column.title} {column.unit}".strip() for column in columns]
    lines = [
        "| " + " | ".join(map(_mark, titles)) + " |",
        "|" + "|".join(" ---: " if column.numeric else " --- " for column in columns) + "|",
    ]
    return lines + [
        "| " + " | ".join(ABSENT if cell is None else _mark(cell) for cell in row) + " |"
        for row in rows
    ]


def _mark(text: str) -> str:
    return _MARKUP.sub(lambda match: "\\" + match.group(), plain(text))


def to_csv(result: Result) -> str:
    """Returns the result as CSV: a row per variant, numbers in full.

    Text that a spreadsheet would take for a formula has an apostrophe before it (OWASP, CSV
    injection).
    """
    comparisons = {comparison.variant: comparison for comparison in result.comparisons}
    parts = component_rows(result)
    chosen = taken(result)
    rows = [
        _origin(result)
        | _measured(variant)
        | {"chosen": chosen is not None and chosen.variant == variant.name}
        | _compared(comparisons.get(variant.name))
        | _components(parts, variant.name)
        for variant in result.variants
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(map(_cell, rows[0]))
    writer.writerows([map(_cell, row.values()) for row in rows])
    return text.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "'" + plain(value) if _first_seen(value).startswith(_FORMULA) else plain(value)


def _first_seen(text: str) -> str:
    """The first character that a spreadsheet goes by: not a blank, not one without width.

    Full-width forms as in `＝1+1` count as what they stand for.
    """
    for character in text:
        if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf"):
            return unicodedata.normalize("NFKC", character)
    return ""


def _origin(result: Result) -> dict[str, object]:
    return {
        "run": result.run,
        "recipe": result.recipe,
        "title": result.title,
        "task": result.task,
        "outcome": result.outcome,
        "host": result.machine.host,
        "cpu": result.machine.cpu,
        "device": result.device,
        "openvino": result.versions.get("openvino"),
        "nncf": result.versions.get("nncf"),
    }


def _measured(variant: Variant) -> dict[str, object]:
    row: dict[str, object] = {"variant": variant.name, "baseline": variant.baseline}
    row |= {"storage": variant.storage, "size_bytes": variant.size_bytes}
    row |= {"inference_precision": variant.execution.get("inference_precision")}
    row |= {"executed_precision": shares_of(variant)}
    row |= _fields("latency_", variant.latency, "p50_ms mean_ms min_ms p90_ms p99_ms count")
    row |= _ends("latency_p50_ms", variant.latency, "ci95_p50_ms")
    row |= _fields("end_to_end_", variant.end_to_end, "p50_ms mean_ms p90_ms count")
    row |= _fields("real_lengths_", variant.real_lengths, "p50_ms mean_ms p90_ms count tokens")
    row |= _fields("throughput_", variant.throughput, "per_second requests batch")
    row |= _fields("", variant, "compile_ms first_inference_ms peak_rss_bytes")
    row |= _fields("accuracy_", variant.accuracy, "metric higher_is_better value count")
    row |= _ends("accuracy", variant.accuracy, "ci95")
    row["method"] = "; ".join(methods(variant))
    row["same_files_as"] = variant.same_files_as
    row["also"] = "; ".join(f"{item.metric} {item.value}" for item in variant.also)
    return row | _fields(
        "agreement_", variant.agreement, "with_ value cosine min_cosine max_abs_difference"
    )


def _compared(comparison: Comparison | None) -> dict[str, object]:
    row: dict[str, object] = {"compared_with": comparison.baseline if comparison else None}
    row |= _fields("", comparison, "precisions compression compression_against bin_compression")
    # No speed-up without the precisions that it compares.
    named = comparison if comparison and comparison.precisions else None
    for name in ("speedup", "throughput_speedup", "real_lengths_speedup"):
        row |= _fields("", named, name) | _ends(name, named, f"{name}_ci95")
    same = "same_precision same_precision_baseline same_precision_speedup"
    row |= _fields("", comparison, f"{same} same_precision_throughput_speedup")
    row |= _fields("", comparison, "pytorch_precisions pytorch_speedup")
    reason = comparison.slow_reason if comparison else None
    row["why_not_faster"] = slow_sentence(reason) if reason else None
    row |= _fields("", comparison, "accuracy_delta")
    row |= _ends("accuracy_delta", comparison, "accuracy_delta_ci95")
    flips = (comparison.flips if comparison else None) or {}
    row |= {"flips_worse": flips.get("worse"), "flips_better": flips.get("better")}
    return row | _fields("", comparison, "p_value test max_drop verdict samples_needed no_verdict")


def _components(parts: Sequence[ComponentRow], variant: str) -> dict[str, object]:
    """Of a pipeline: the columns of each component, the same ones for every variant."""
    own = {part.component: part for part in parts if part.variant == variant}
    row: dict[str, object] = {}
    for name in dict.fromkeys(part.component for part in parts if part.component != TOTAL):
        measured = "method xml_bytes bin_bytes compression p50_ms first_p50_ms calls speedup"
        row |= _fields(f"{name}_", own.get(name), measured)
    return row


def _fields(prefix: str, of: object, names: str) -> dict[str, object]:
    return {prefix + name.rstrip("_"): getattr(of, name, None) for name in names.split()}


def _ends(name: str, of: object, field: str) -> dict[str, object]:
    low, high = getattr(of, field, None) or (None, None)
    return {f"{name}_ci95_low": low, f"{name}_ci95_high": high}
