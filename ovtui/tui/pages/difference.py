"""What differs between two runs, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from ovtui.core.reports.difference import Difference
from ovtui.tui.text import FAINT, STRONG, line, wrapped


def page(differences: Sequence[Difference], ids: tuple[str, str], width: int) -> list[Text]:
    """Returns the differences group by group: what it is in the one, then in the other.

    Args:
        differences: what differs.
        ids: of the two runs.
        width: in cells.
    """
    lines = [*wrapped(ids[0], width, STRONG, lead="− "), *wrapped(ids[1], width, STRONG, lead="+ ")]
    if not differences:
        return [*lines, line(), line(("nothing differs", FAINT))]
    for group, items in groupby(differences, key=lambda it: it.group):
        lines += [line(), line((group.capitalize(), STRONG))]
        for item in items:
            change = f"  {item.change}" if item.change else ""
            lines += wrapped(f"{item.key}{change}", width - 2, FAINT, lead="  ")
            lines += wrapped(item.one, width - 4, lead="  − ")
            lines += wrapped(item.other, width - 4, lead="  + ")
    return lines
