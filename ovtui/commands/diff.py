"""`ovtui diff`: what differs between two runs, besides and in their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import list_width, print_json, say
from ovtui.core.reports.difference import Difference, differences
from ovtui.core.reports.table import Column, draw
from ovtui.core.runs.run_folder import find
from ovtui.core.text.foreign import plain


def main(arguments: Sequence[str]) -> int:
    """Prints what differs; returns 0 also where nothing does, as for every list."""
    parser = Parser("diff", "What differs between two runs, besides and in their numbers.")
    for name in ("one", "other"):
        parser.add_argument(name, metavar="run", help="id, unique prefix, last, or a folder")
    parser.add_json()
    options = parser.parse(arguments)
    runs = find(options.one), find(options.other)
    one, other = ((run.request(), run.result()) for run in runs)
    different = differences(one, other)
    if options.json:
        print_json(different)
    elif different:
        print(to_text(different, (runs[0].id, runs[1].id), list_width()))
    else:
        say("nothing differs: neither what was asked for, nor what was found")
    return 0


def to_text(different: Sequence[Difference], ids: tuple[str, str], width: int) -> str:
    """Returns the differences as a table of `width` cells.

    Args:
        different: what differs, in order.
        ids: of the two runs, for the heading.
        width: cells of a line.
    """
    columns = [Column("what", fixed=True), Column(ids[0]), Column(ids[1]), Column("change")]
    rows = [
        [
            plain(f"{difference.group} {difference.key}"),
            plain(difference.one),
            plain(difference.other),
            difference.change,
        ]
        for difference in different
    ]
    return draw(columns, rows, width)
