"""The end of a run as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.core.reports.comparison_wording import Finding
from ovtui.core.reports.component_table import component_rows, component_table
from ovtui.core.reports.sweep_wording import HeatMap, heat_maps
from ovtui.core.reports.table import draw
from ovtui.core.reports.variant_table import variant_columns, variant_rows
from ovtui.core.reports.verdict_wording import VERDICT_MARKS
from ovtui.core.reports.wording import overview, sections
from ovtui.core.results.result import Result
from ovtui.core.text.cells import cell_width, pad, wrap
from ovtui.core.text.foreign import plain

_COLOURS = {"pass": "\x1b[32m", "fail": "\x1b[31m", "not enough samples": "\x1b[33m"}
_UNLIMITED = 10_000
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


def summary(result: Result, width: int, colour: bool = False) -> str:
    """Returns what a run found out, in at most `width` cells a line, without a final line break.

    Args:
        result: of a run.
        width: cells of the terminal; 60 and more look well.
        colour: whether headings and verdicts carry ANSI colours beside their words.
    """
    blocks = [_lines(overview(result), width)]
    if result.variants:
        blocks.append(table_of_variants(result, width))
    if parts := component_rows(result):
        blocks.append(component_table(parts, width))
    blocks += [_heat_map(each, width, colour) for each in heat_maps(result)]
    for _, heading, findings, verdict in sections(result):
        if findings:
            lines = _lines(findings, width, indent="  ")
            if colour and verdict:
                mark = VERDICT_MARKS[verdict]
                lines = [line.replace(mark, f"{_COLOURS[verdict]}{mark}{_RESET}") for line in lines]
            blocks.append(_heading(heading, width, colour) + lines)
    if result.warnings:
        lines = [line for text in result.warnings for line in _hanging("  ! ", text, width)]
        blocks.append(_heading("warnings", width, colour) + lines)
    return "\n\n".join("\n".join(block) for block in blocks)


def table_of_variants(result: Result, width: int) -> list[str]:
    """Returns the variants as lines; how the baseline is stored is beside its name where there is
    room.
    """
    columns = variant_columns(result)
    whole = draw(columns, variant_rows(result), _UNLIMITED).split("\n")
    if max(map(cell_width, whole)) <= width:
        return whole
    return draw(columns, variant_rows(result, brief=True), width).split("\n")


def _heat_map(heat_map: HeatMap, width: int, colour: bool) -> list[str]:
    rows = [[name, *(cell.shaded for cell in cells)] for name, cells in heat_map.rows]
    drawn = draw(heat_map.columns, rows, width - 2).split("\n")
    notes = [line for note in heat_map.notes for line in _hanging("  ", note, width)]
    return _heading(heat_map.title, width, colour) + [f"  {line}" for line in drawn] + notes


def _heading(text: str, width: int, colour: bool) -> list[str]:
    lines = wrap(plain(text), width)
    return [f"{_BOLD}{line}{_RESET}" for line in lines] if colour else lines


def _lines(findings: Sequence[Finding], width: int, indent: str = "") -> list[str]:
    widest = max(cell_width(finding.label) for finding in findings)
    return [
        line
        for label, text in findings
        for line in _hanging(f"{indent}{pad(label, widest)}  ", text, width)
    ]


def _hanging(lead: str, text: str, width: int) -> list[str]:
    """The text beside a lead, its further lines under its first."""
    margin = cell_width(lead)
    lines = wrap(plain(text), width - margin)
    return [(lead if index == 0 else " " * margin) + line for index, line in enumerate(lines)]
