"""Compare: variants of the marked runs, with charts, plots and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from ovtui.core.reports import pairing
from ovtui.core.reports.numbers import metric
from ovtui.core.results import outcomes
from ovtui.core.results.choice import taken
from ovtui.core.results.operation_rows import Grouping
from ovtui.core.results.result import Result
from ovtui.core.runs.run_ids import short_id
from ovtui.core.text.errors import UserError
from ovtui.core.text.units import human_bytes, three_digits
from ovtui.tui import keys
from ovtui.tui.pages import comparison
from ovtui.tui.pages import run as run_page
from ovtui.tui.pages.compared import Compared, compared, headings
from ovtui.tui.run_index import Look
from ovtui.tui.screens.place import Place
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import FAINT, MARKED, UNMARKED, WARN, cell, line, model_name, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page, Source
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("variant", 13, grows=True),
    Column("metric", 7, right=True),
    Column("p50 ms", 7, right=True),
    Column("size", 8, right=True),
    Column("verdict", 14),
    Column("model", 8, middle=True),
    Column("device", 6),
    Column("run", 20, middle=True),
)
_HOW_TO_MARK = "In Runs ({place.runs}), {runs.mark} marks runs that are done."
_NONE_CHOSEN = "every variant is left out; {compare.mark} puts one back"


class Compare(Place):
    """The numbered place of comparison."""

    PLACE = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("compare")]

    def panes(self) -> Sequence[Pane]:
        """Returns list, charts, plots, verdicts, and what differs in recipes and operations."""
        self._items: dict[str, Compared] = {}
        self._judged: list[pairing.Judged] = []
        self._shown: list[str] = []
        self._without: list[str] = []
        self._rows = Rows(_COLUMNS, self._cells, id="variants")
        self._bars, self._plots, self._verdicts, self._difference = Page(), Page(), Page(), Page()
        self._layers = Page()
        self._grouping = Grouping.KIND
        return [
            Pane("Variants", self._rows),
            Pane("Charts", self._bars),
            Pane("Plots", self._plots),
            Pane("Verdicts", self._verdicts),
            Pane("Diff", self._difference),
            Pane("Layers", self._layers),
        ]

    def take_up(self) -> None:
        """Shows the marked runs; without marks the current one, or the newest that is done."""
        index = self.dashboard.index
        session = self.dashboard.session
        self._shown = list(session.marks) or session.shown(index)
        results, without = index.results_of(self._shown)
        self._without = [run_page.without_result(facts) for facts in without]
        models = {id: index.facts(id).model for id in self._shown}
        self._items = {item.key: item for item in compared(results, models)}
        self._judged = [
            pairing.Judged(result.run, kept)
            for result in results
            if len(results) > 1 and (kept := outcomes.read(index.run(result.run).folder))
        ]
        self._rows.empty = [
            *(self._without or ["Nothing to compare yet."]),
            "",
            self.dashboard.said(_HOW_TO_MARK),
        ]
        self.subject = _subject(results)
        self.redraw_rows()
        self._rows.redraw()
        self._draw()

    def look(self, look: Look) -> None:
        """Renews what is shown: a run may have ended, and the first result may have come."""
        if look.changed.intersection(self._shown) or (look.listed and not self._shown):
            self.take_up()

    def redraw_rows(self) -> None:
        """Shows the variants that pass the filter."""
        self.show_rows({key: (item.name, item.result.recipe) for key, item in self._items.items()})

    def _draw(self) -> None:
        chosen = [i for key, i in self._items.items() if key not in self.dashboard.session.left_out]
        self._show(self._bars, chosen, lambda width: comparison.bars_page(chosen, width))
        self._show(self._plots, chosen, lambda width: comparison.plots_page(chosen, width))
        self._difference.show(self._differences)
        self._show(
            self._verdicts,
            chosen,
            lambda width: comparison.verdicts_page(chosen, self._judged, width),
        )

        self._show(self._layers, chosen, lambda width: self._operations(chosen, width))

    def _operations(self, items: Sequence[Compared], width: int) -> list[Text]:
        """The operations of variants beside the baseline's; read when they are looked at."""
        from ovtui.core.results import operations
        from ovtui.tui.pages import layers

        index = self.dashboard.index
        kept = {
            id: operations.read(index.run(id).folder)
            for id in dict.fromkeys(item.result.run for item in items)
        }
        key = keys.name("compare.layers", self.dashboard.keymap)
        return layers.page(items, kept, self._grouping, key, width)

    def _differences(self, width: int) -> list[Text]:
        """What differs between the first two runs that are compared."""
        from ovtui.core.reports.difference import differences
        from ovtui.tui.pages import difference

        if len(self._shown) < 2:
            how = self.dashboard.said(_HOW_TO_MARK)
            return wrapped(f"Two runs can be told apart here. {how}", width, FAINT)
        index = self.dashboard.index
        one, other = self._shown[:2]
        try:
            asked = [(index.run(id).request(), index.result_or_none(id)) for id in (one, other)]
        except UserError as error:
            return wrapped(str(error), width, WARN, lead="! ")
        return difference.page(differences(asked[0], asked[1]), (one, other), width)

    def _show(self, page: Page, items: Sequence[Compared], body: Source) -> None:
        """A page that says first what it is of, and which runs have nothing to show."""

        def lines(width: int) -> list[Text]:
            head = headings(items, width)
            for words in self._without:
                head += wrapped(words, width, WARN, lead="! ")
            if not self._items:
                return head
            nothing = wrapped(self.dashboard.said(_NONE_CHOSEN), width, FAINT)
            return [*head, line(), *(body(width) if items else nothing)]

        page.show(lines)

    def _cells(self, key: str) -> Sequence[Text]:
        item = self._items[key]
        variant, against = item.variant, item.comparison
        verdict = line(("baseline", FAINT)) if variant.baseline else cell("")
        if against and against.verdict:
            verdict = VERDICTS[against.verdict].text
        if against and against is taken(item.result):
            verdict = line(verdict, ", chosen")
        mark = UNMARKED if key in self.dashboard.session.left_out else MARKED
        return [
            line(f"{mark} ", (item.name, item.style)),
            cell(metric(variant.accuracy.value) if variant.accuracy else "–"),
            cell(three_digits(variant.latency.p50_ms) if variant.latency else "–"),
            cell(human_bytes(variant.size_bytes) if variant.size_bytes else "–"),
            verdict,
            cell(model_name(item.model)),
            cell(item.result.device),
            cell(item.result.run),
        ]

    def action_mark(self) -> None:
        """Leaves the variant out of the charts, or puts it back."""
        if (key := self._rows.key) is None:
            return
        self.dashboard.session.left_out ^= {key}
        self._rows.redraw_row(key)
        self._rows.action_move(1)
        self._draw()

    def action_layers(self) -> None:
        """Shows operations; once they are shown, added up by the next of kind, module and each."""
        pane = next(at for at, it in enumerate(self._panes) if it.body is self._layers)
        if self.front.body is self._layers:
            groupings = list(Grouping)
            self._grouping = groupings[(groupings.index(self._grouping) + 1) % len(groupings)]
            self._layers.redraw()
        self.bring_front(pane)

    def action_clear(self) -> None:
        """Forgets all marks."""
        self.dashboard.session.marks.clear()
        self.dashboard.session.left_out = set()
        self.tell_title()
        self.take_up()


def _subject(results: Sequence[Result]) -> str:
    """What the list is of, beside its title."""
    if len(results) != 1:
        return f"{len(results)} runs" if results else ""
    return f"{results[0].recipe} {short_id(results[0].run)}"
