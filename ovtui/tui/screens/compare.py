"""Compare: variants of the marked runs, with charts, plots and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from ovtui.core import outcomes
from ovtui.core.reports import pairing
from ovtui.core.reports.numbers import metric
from ovtui.core.result import Result
from ovtui.core.text import human_bytes, three_digits
from ovtui.tui import keys
from ovtui.tui.pages import comparison
from ovtui.tui.pages.compared import Compared, compared
from ovtui.tui.run_index import Look
from ovtui.tui.screens.place import Place
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import FAINT, MARKED, UNMARKED, cell, line
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("variant", 14, 28),
    Column("metric", 7, 8, right=True),
    Column("p50 ms", 7, 8, right=True),
    Column("size", 8, 9, right=True),
    Column("verdict", 10, 20),
    Column("recipe", 10, 24),
    Column("run", 20, 44),
)


class Compare(Place):
    """The numbered place of comparison."""

    PLACE = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("compare")]

    def panes(self) -> Sequence[Pane]:
        """List, charts, plots, verdicts."""
        self._items: dict[str, Compared] = {}
        self._judged: list[pairing.Judged] = []
        empty = ["Nothing to compare yet.", "", "In Runs (4), space marks runs that are done."]
        self._rows = Rows(_COLUMNS, self._cells, empty=empty, id="variants")
        self._bars, self._plots, self._verdicts = Page(), Page(), Page()
        return [
            Pane("Variants", self._rows),
            Pane("Charts", self._bars),
            Pane("Plots", self._plots),
            Pane("Verdicts", self._verdicts),
        ]

    def take_up(self) -> None:
        """The marked runs; without marks the current one, or the newest that is done."""
        results = self._results()
        self._items = {item.key: item for item in compared(results)}
        index = self.dashboard.index
        self._judged = [
            pairing.Judged(result.run, found)
            for result in results
            if len(results) > 1 and (found := outcomes.read(index.run(result.run).folder))
        ]
        self.redraw_rows()
        self._rows.redraw()
        self._draw()

    def look(self, look: Look) -> None:
        """A marked run may have ended."""
        if look.changed and any(id in self.dashboard.marks for id in look.changed):
            self.take_up()

    def _results(self) -> list[Result]:
        index = self.dashboard.index
        marked = [r for id in self.dashboard.marks if (r := index.result_or_none(id)) is not None]
        if marked:
            return marked
        wanted = [id for id in (self.dashboard.current, *index.done()) if id is not None]
        found = (index.result_or_none(id) for id in wanted)
        return [first] if (first := next((r for r in found if r is not None), None)) else []

    def redraw_rows(self) -> None:
        """The variants that pass the filter."""
        self._rows.show(
            [key for key, item in self._items.items() if self.fits(item.name, item.result.recipe)]
        )

    def _draw(self) -> None:
        chosen = [i for key, i in self._items.items() if key not in self.dashboard.left_out]
        unicode = not self.dashboard.ascii_only
        self._bars.show(lambda width: comparison.bars_page(chosen, width))
        self._plots.show(lambda width: comparison.plots_page(chosen, width, unicode=unicode))
        self._verdicts.show(lambda width: comparison.verdicts_page(chosen, self._judged, width))

    def _cells(self, key: str) -> Sequence[Text]:
        item = self._items[key]
        variant, against = item.variant, item.comparison
        verdict = line(("baseline", FAINT)) if variant.baseline else cell("")
        if against and against.verdict:
            verdict = VERDICTS[against.verdict].text
        mark = UNMARKED if key in self.dashboard.left_out else MARKED
        return [
            line(f"{mark} ", item.name),
            cell(metric(variant.accuracy.value) if variant.accuracy else "–"),
            cell(three_digits(variant.latency.p50_ms) if variant.latency else "–"),
            cell(human_bytes(variant.size_bytes) if variant.size_bytes else "–"),
            verdict,
            cell(item.result.recipe),
            cell(item.result.run),
        ]

    def action_mark(self) -> None:
        """Leave the variant out of the charts, or put it back."""
        if (key := self._rows.key) is None:
            return
        self.dashboard.left_out ^= {key}
        self._rows.redraw_row(key)
        self._rows.action_move(1)
        self._draw()

    def action_clear(self) -> None:
        """Forget all marks."""
        self.dashboard.marks.clear()
        self.dashboard.left_out = set()
        self.tell_title()
        self.take_up()
