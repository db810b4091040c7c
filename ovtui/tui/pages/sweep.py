"""A sweep over streams, samples in a request and threads, as heat maps."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ovtui.core.reports.sweep_wording import HeatMap, heat_maps
from ovtui.core.text.cells import cell_width
from ovtui.tui.pages.compared import Compared
from ovtui.tui.text import FAINT, STRONG, cell, line, table, wrapped

_MARGIN = 2


def sweeps(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns the heat maps of the variants that were swept; no lines where none was."""
    lines: list[Text] = []
    for item in items:
        for heat_map in heat_maps(item.result, item.variant.name):
            title = f"{item.letter} {heat_map.title}"
            lines += [*wrapped(title, width, STRONG), *_drawn(heat_map, item.style, width)]
            for note in heat_map.notes:
                lines += wrapped(note, width, FAINT)
            lines.append(line())
    return lines


def _drawn(heat_map: HeatMap, style: str, width: int) -> list[Text]:
    """As many columns beside each other as there is room for, the others below them."""
    texts = [[it.shaded for it in cells] for _, cells in heat_map.rows]
    titles = [column.title for column in heat_map.columns[1:]]
    widest = max(map(cell_width, [*titles, *(text for row in texts for text in row)]))
    names = [name for name, _ in heat_map.rows]
    beside = max(1, (width - max(map(cell_width, names))) // (widest + _MARGIN))
    lines: list[Text] = []
    for first in range(0, len(titles), beside):
        shown = slice(first, first + beside)
        rows = [[cell(""), *(cell(title, FAINT) for title in titles[shown])]]
        for name, row in zip(names, texts, strict=True):
            rows.append([cell(name, FAINT), *(cell(text, style) for text in row[shown])])
        lines += table(rows, [False, *[True] * len(titles[shown])], _MARGIN)
    return lines
