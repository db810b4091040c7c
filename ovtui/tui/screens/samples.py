"""Samples: what each variant predicts, side by side, changed ones first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType

from ovtui.core.recipes.task import OF_FILES
from ovtui.core.results import evaluated_rows
from ovtui.core.results.result import Result, Sample
from ovtui.core.results.sample_changes import Kind, baseline_name, chosen, right_answer
from ovtui.core.runs.run_ids import short_id
from ovtui.core.text.errors import UserError
from ovtui.tui import keys, outside
from ovtui.tui.boxes import Overlay, overlay
from ovtui.tui.charts import colour, letter
from ovtui.tui.masks import MaskOverlay, mask_overlay
from ovtui.tui.pages import run as run_page
from ovtui.tui.pages import sample as sample_page
from ovtui.tui.picture import thumbnail
from ovtui.tui.run_index import Look
from ovtui.tui.screens.place import Place
from ovtui.tui.text import FAINT, STRONG, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("sample", 8),
    Column("what changed", 12),
    Column("reference", 9),
    Column("baseline", 9),
    Column("variants", 12, grows=True),
)

_MOST_ROWS = 10_000
"""Of an evaluation that are listed: 0.3 s to read, 40 MB."""


class Samples(Place):
    """The numbered place of samples."""

    PLACE = "samples"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("samples")]

    def panes(self) -> Sequence[Pane]:
        """Returns list and sample."""
        self._ids: list[str] = []
        self._result: Result | None = None
        self._nothing: Sequence[str] = ()
        self._all: list[Sample] = []
        self._samples: dict[str, Sample] = {}
        self._kind = Kind.ALL
        self._picture = False
        self._rows = Rows(_COLUMNS, self._cells, id="samples")
        self._page = Page()
        return [Pane("Samples", self._rows), Pane("Sample", self._page)]

    def take_up(self) -> None:
        """Shows the run that another place chose; where it has no samples, that is said."""
        self._ids = self.dashboard.session.shown(self.dashboard.index)
        results, without = self.dashboard.index.results_of(self._ids)
        self._show(
            results[0] if results else None, [run_page.without_result(facts) for facts in without]
        )

    def look(self, look: Look) -> None:
        """Takes up the result where it has come."""
        if self._result is None and (look.listed or look.changed.intersection(self._ids)):
            self.take_up()

    def _show(self, result: Result | None, without: Sequence[str]) -> None:
        self._result, self.subject = result, ""
        self._all = list(result.samples) if result else []
        if result is not None and not result.samples:
            without = [f"{result.recipe} kept no samples ({result.run})"]
        no_run = self.dashboard.said("No finished run yet. Press {place.runs}.")
        older = self.dashboard.said("{samples.next_run}: an older run")
        self._nothing = [*without, "", older] if without else [no_run]
        has_any = result is not None and bool(result.samples)
        next_kind = self.dashboard.said("{samples.kind}: the next kind")
        none = ["No samples of this kind.", "", f"{next_kind}; {older}"]
        self._rows.empty = none if has_any else self._nothing
        self._choose()
        self._rows.redraw()
        self._page.show(self._lines)

    def _choose(self) -> None:
        """The samples of the chosen kind: found once, since ten thousand take 0.1 s."""
        baseline = baseline_name(self._result) if self._result else ""
        self._samples = {it.id: it for it in chosen(self._all, self._kind, baseline)}
        self.show_keys()
        self.redraw_rows()

    def redraw_rows(self) -> None:
        """Shows the samples of the chosen kind that pass the filter."""
        if self._result is not None:
            run = f"{self._result.recipe} {short_id(self._result.run)}"
            self.subject = f"{run}  {self._shown()}"
        self.show_rows({key: _words(sample) for key, sample in self._samples.items()})

    @on(Rows.Highlighted)
    def _show_highlighted(self, event: Rows.Highlighted) -> None:
        self._page.show(self._lines, from_top=True)

    def _lines(self, width: int) -> list[Text]:
        head = self._head(width)
        sample = self._samples.get(self._rows.key or "")
        if self._result is None or sample is None:
            return head
        image = sample.input.get("image")
        picture: list[Text] = []
        if self._picture and isinstance(image, str):
            picture = [*self._thumbnail(image, width, _over(sample, self._result)), line()]
        shows = self.dashboard.said("{samples.picture} shows it")
        lines = [*head, line(), *sample_page.page(sample, self._result, width, picture, shows)]
        if self._is_elsewhere(sample):
            reads = self.dashboard.said("{samples.picture} reads what was given from the data")
            lines += [line(), *wrapped(reads, width, FAINT)]
        return lines

    def _head(self, width: int) -> list[Text]:
        if self._result is None:
            return [row for text in self._nothing for row in wrapped(text, width, FAINT)]
        result, model = self._result, self.dashboard.index.facts(self._result.run).model
        words = "  ".join(filter(None, [result.run, result.device, model]))
        return [line((result.recipe, STRONG), f"  {self._shown()}"), *wrapped(words, width, FAINT)]

    def _shown(self) -> str:
        """Which of the samples are listed."""
        what = "evaluated rows" if self._lists_every else "samples"
        return f"{len(self._samples)} of {len(self._all)} {what}: {self._kind}"

    @property
    def _lists_every(self) -> bool:
        """Whether rows are listed that the run did not keep to look at."""
        return self._result is not None and len(self._all) > len(self._result.samples)

    def _thumbnail(self, image: str, width: int, over: Overlay | MaskOverlay | None) -> list[Text]:
        path = self._path(image)
        if path is None:
            return [line(("the picture is not in the run's folder", FAINT))]
        # So that what was asked and the answers stand beside it on a screen of 24 lines.
        lines = thumbnail(path, width, max(8, self.app.size.height - 14), over)
        return lines if over is None else [*lines, over.legend()]

    def _path(self, image: str) -> Path | None:
        """Of a picture in the run's folder; None for one that is elsewhere."""
        assert self._result is not None
        folder = self.dashboard.index.run(self._result.run).folder
        path = (folder / image).resolve()
        return path if path.is_relative_to(Path(folder).resolve()) else None

    def _cells(self, key: str) -> Sequence[Text]:
        assert self._result is not None
        sample, baseline = self._samples[key], baseline_name(self._result)
        others = {
            name: prediction.answer
            for name, prediction in sample.predictions.items()
            if name != baseline
        }
        same = len(set(others.values())) == 1
        words = next(iter(others.values())) if same else None
        places = sample_page.places_of(self._result)
        each = (
            line((f"{letter(places.get(name, 0))} ", colour(places.get(name, 0))), f"{said}  ")
            for name, said in others.items()
        )
        answers = cell(words) if words else line(*each)
        return [
            cell(sample.id),
            sample_page.remark(sample, baseline),
            cell("–" if sample.reference is None else right_answer(sample.reference)),
            cell(sample.answer(baseline)),
            answers,
        ]

    def action_next_kind(self) -> None:
        """Goes on to the next kind: all, changed, worse, better, wrong."""
        kinds = list(Kind)
        self._kind = kinds[(kinds.index(self._kind) + 1) % len(kinds)]
        self._choose()
        self._page.redraw()

    def action_every(self) -> None:
        """Shows all rows that were evaluated, or those that the run kept to look at."""
        if self._result is None:
            return
        if self._lists_every:
            self._all = list(self._result.samples)
        else:
            kept = {sample.id: sample for sample in self._result.samples}
            folder = self.dashboard.index.run(self._result.run).folder
            try:
                rows = list(islice(evaluated_rows.every(folder), _MOST_ROWS))
            except UserError as error:
                self.dashboard.tell(str(error))
                return
            self._all = [kept.get(row.id, row) for row in rows]
            if len(rows) == _MOST_ROWS:
                self.dashboard.tell(f"the first {_MOST_ROWS} rows; ovtui show tells of any")
        self._choose()
        self._page.redraw()

    @work(exclusive=True, group="sample")
    async def _fetch(self, result: Result, sample: Sample) -> None:
        """Have a row's picture or recording read, and show it."""
        self.dashboard.tell("reading the row from its data …")
        try:
            folder = self.dashboard.index.run(result.run).folder
            fetched, words = await outside.with_input(folder, sample.id)
        except UserError as error:
            self.dashboard.refuse(str(error))
            return
        if result is not self._result:
            return  # another run is shown by now
        if not _has_file(fetched):
            self.dashboard.refuse(words or "this sample has no picture")
            return
        self._all = [fetched if it.id == fetched.id else it for it in self._all]
        self._choose()
        self._page.redraw()
        if self._rows.key == fetched.id:
            self._picture = False  # what was shown is of the row before
            self._show_file(fetched)

    def action_picture(self) -> None:
        """Shows the picture, or not; one that the run did not keep is read from the data."""
        sample = self._samples.get(self._rows.key or "")
        if sample is None or self._result is None:
            return
        if _has_file(sample):
            self._show_file(sample)
        elif self._is_elsewhere(sample):
            self._fetch(self._result, sample)
        else:
            self.dashboard.tell("this sample has no picture")

    def _is_elsewhere(self, sample: Sample) -> bool:
        """Whether a row has a picture or recording, which the run did not keep."""
        if self._result is None or self._result.task not in OF_FILES or _has_file(sample):
            return False
        return all(kept.id != sample.id for kept in self._result.samples)

    def _show_file(self, sample: Sample) -> None:
        """A picture, or where a recording lies."""
        image = sample.input.get("image")
        if image is None:
            path = self._path(str(sample.input["audio"]))
            self.dashboard.tell(f"the recording is {path or 'not in the folder of the run'}")
            return
        how = self.dashboard.graphics
        if how != "half-block" and isinstance(image, str) and (path := self._path(image)):
            try:
                assert self._result is not None
                outside.draw(self.dashboard, path, how, _over(sample, self._result))
            except UserError as error:
                self.dashboard.refuse(str(error))
            return
        self._picture = not self._picture
        if self._picture and self.front.body is self._rows:
            self.bring_front(1)
        self._page.redraw()
        self._page.scroll_home(animate=False)

    def action_other_run(self, step: int) -> None:
        """Shows the samples of the next older or newer run that has a result."""
        index = self.dashboard.index
        done = [id for id in index.done() if (r := index.result_or_none(id)) and r.samples]
        if not done:
            self.dashboard.tell("no run has samples yet")
            return
        shown, ids = next(iter(self._ids), ""), list(index.ids)
        if shown in done:
            at = done.index(shown) + step
        else:  # between those that are newer and those that are older
            newer = sum(ids.index(id) < ids.index(shown) for id in done) if shown in ids else 0
            at = newer if step > 0 else newer - 1
        self.dashboard.session.current = done[at % len(done)]
        self.take_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Takes the key for a picture away where no sample has one."""
        if action != "picture" or self._result is None:
            return True
        return any(
            _has_file(sample) or self._is_elsewhere(sample) for sample in self._samples.values()
        )


def _has_file(sample: Sample) -> bool:
    """Whether its picture or recording is there to be shown."""
    return "image" in sample.input or "audio" in sample.input


def _over(sample: Sample, result: Result) -> Overlay | MaskOverlay | None:
    """What is drawn over its picture."""
    return overlay(sample, result) or mask_overlay(sample, result)


def _words(sample: Sample) -> list[str]:
    return [sample.id, right_answer(sample.reference), *map(sample.answer, sample.predictions)]
