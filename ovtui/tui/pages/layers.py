"""Operations of variants beside the baseline's, as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from ovtui.core.reports.layer_table import Layers, layer_table, layers
from ovtui.core.reports.slow_wording import slow_sentence
from ovtui.core.reports.table import draw
from ovtui.core.results.operation_rows import Grouping
from ovtui.core.results.operations import Operations
from ovtui.tui.pages.compared import Compared
from ovtui.tui.text import FAINT, STRONG, WARN, line, wrapped


def page(
    items: Sequence[Compared],
    kept: Mapping[str, Operations | None],
    by: Grouping,
    key: str,
    width: int,
) -> list[Text]:
    """Returns a table of operations for each variant, with the reason where it is hardly faster.

    Args:
        items: the variants that are compared.
        kept: the operations of their runs, by the run's id; None where it kept none.
        by: what operations are added up by.
        key: that goes on to the next way to add them up.
        width: cells of a line.
    """
    lines: list[Text] = []
    for item in items:
        operations = kept[item.result.run]
        known = layers(item.result, operations) if operations else []
        for shown in known:
            if shown.variant == item.variant.name:
                lines += [*_of_variant(item, shown, by, width), line()]
    if not lines:
        words = "No run here keeps operations of two variants; a new run does, with measure.latency"
        return wrapped(words, width, FAINT)
    others = " and ".join(f"by {other}" for other in Grouping if other is not by)
    return [*wrapped(f"{key}: {others}", width, FAINT), line(), *lines[:-1]]


def _of_variant(item: Compared, shown: Layers, by: Grouping, width: int) -> list[Text]:
    lines = [line((f"{item.name} beside {shown.baseline}, by {by}", STRONG))]
    if item.comparison and item.comparison.slow_reason:
        reason = slow_sentence(item.comparison.slow_reason)
        lines += wrapped(reason, width, WARN, lead="why not faster  ")
    table = draw(*layer_table(shown, by, width), width)
    lines += [line(row) for row in table.split("\n")]
    return [*lines, *wrapped(shown.note, width, FAINT)]
