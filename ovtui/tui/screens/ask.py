"""Ask: an input of one's own, and what all variants of a finished run say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.binding import BindingType
from textual.widgets import Input

from ovtui.core.asking import question_form
from ovtui.core.asking.ask_models import Question
from ovtui.core.asking.session import Answered, AskingSession, Expects, Waits, Writes
from ovtui.core.recipes.source import ARRAYS, PICTURES, RECORDINGS
from ovtui.core.recipes.task import TASKS
from ovtui.core.recipes.task_info import TaskInfo
from ovtui.core.results.result import Result, Sample
from ovtui.core.results.sample_changes import baseline_name
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.pages import asked as asked_page
from ovtui.tui.pages.asked import Asked
from ovtui.tui.remembered import MOST_QUESTIONS
from ovtui.tui.run_index import Look
from ovtui.tui.screens.choice import Choice
from ovtui.tui.screens.pick_file import PickFile
from ovtui.tui.screens.place import Place
from ovtui.tui.text import FAINT, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("what", 12, sorts=False),
    Column("value", 20, sorts=False, grows=True),
)
_RUN, _ASK = "run", "ask"
_ENDINGS = {
    "image": PICTURES,
    "audio": RECORDINGS,
    "arrays": (ARRAYS, ".npy"),
}
"""Files that are looked for; each kind is also the name of what it is given as."""
_OPTIONAL = "(may be empty)"
_MOST_SAMPLES = 50


class Ask(Place):
    """The numbered place of questions to models."""

    PLACE = "ask"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("ask")]

    def panes(self) -> Sequence[Pane]:
        """Returns the question and the answers."""
        self._result: Result | None = None
        self._values: dict[str, str] = {}
        self._asked: Asked | None = None
        self._session = AskingSession()
        self._samples: dict[str, Sample] = {}
        self._earlier: dict[str, dict[str, str]] = {}
        self._edited = ""
        self._next: tuple[Question, dict[str, str]] | None = None
        self._is_answering = False
        self._no_run = ["No finished run yet.", "", self.dashboard.said(keys.HOW_TO_START)]
        self._rows = Rows(_COLUMNS, self._cells, empty=self._no_run, id="question")
        self._page = Page()
        self._field = Input(id="typed", compact=True)
        self._field.cursor_blink = self._field.display = False
        return [Pane("Question", self._rows), Pane("Answers", self._page)]

    def take_up(self) -> None:
        """Takes the run that another place chose, or the newest that has models."""
        index = self.dashboard.index
        runs = (*self.dashboard.session.shown(index), *index.done())
        chosen = [id for id in runs if self._has_models(id)]
        before = self._result.run if self._result else None
        self._result = index.result_or_none(chosen[0]) if chosen else None
        if self._result is not None and self._result.run != before:
            self._values, self._asked, self._next = {}, None, None
        self.subject = "" if self._result is None else self._result.recipe
        self.redraw_rows()
        self._rows.redraw()
        self._page.show(self._lines)

    def look(self, look: Look) -> None:
        """Takes the first run that is done."""
        if self._result is None and (look.listed or look.changed):
            self.take_up()

    def on_screen_suspend(self) -> None:
        """Lets go of the models where the place is left, for no dialog: memory is for runs."""
        if self.dashboard.place is not self:
            self._stop(f"stopped when this place was left{self._again}")

    @work(exclusive=True, group="ask")
    async def _close(self) -> None:
        await self._session.close()

    def _has_models(self, id: str) -> bool:
        result = self.dashboard.index.result_or_none(id)
        return result is not None and any(variant.path for variant in result.variants)

    @property
    def _info(self) -> TaskInfo | None:
        return TASKS.get(self._result.task) if self._result else None

    def _fields(self) -> list[tuple[str, bool]]:
        """What may be given, and whether it must be."""
        return list(question_form.fields(self._info)) if self._info else []

    def redraw_rows(self) -> None:
        """Fills the form: run, inputs, then earlier questions and samples that fill them."""
        if self._result is None:
            self.show_rows({})
            return
        fields = {f"field {name}": (name, self._values.get(name, "")) for name, _ in self._fields()}
        remembered = self.dashboard.remembered.questions
        names = {name for name, _ in self._fields()}
        self._earlier = {
            f"earlier {number}": question
            for number, question in enumerate(reversed(remembered))
            if set(question) <= names
        }
        kept = [sample for sample in self._result.samples if self._inputs_of(sample)]
        self._samples = {f"sample {it.id}": it for it in kept[:_MOST_SAMPLES]}
        earlier = {key: tuple(it.values()) for key, it in self._earlier.items()}
        samples = {
            key: tuple(self._inputs_of(sample).values()) for key, sample in self._samples.items()
        }
        self.show_rows({_RUN: (_RUN,), **fields, _ASK: (_ASK,), **earlier, **samples})

    def _cells(self, key: str) -> Sequence[Text]:
        assert self._result is not None
        if key == _RUN:
            return [cell("run"), cell(self._result.run)]
        if key == _ASK:
            return [
                cell("ask"),
                line((self.dashboard.said("{list.open} asks all variants"), FAINT)),
            ]
        if key in self._earlier:
            return [line(("earlier", FAINT)), cell(_in_short(self._earlier[key]))]
        if key in self._samples:
            inputs = self._inputs_of(self._samples[key])
            return [line((key, FAINT)), cell(_in_short(inputs))]
        name = key.removeprefix("field ")
        needed = dict(self._fields()).get(name, False)
        value = self._values.get(name)
        how = "{list.open} chooses a file" if name in _ENDINGS else "{list.open} types it"
        empty = line((self.dashboard.said(how), FAINT))
        short = _in_short({name: value}) if value else ""
        shown = cell(short) if value else line(empty, ("" if needed else f" {_OPTIONAL}", FAINT))
        return [cell(name), shown]

    def _inputs_of(self, sample: Sample) -> dict[str, str]:
        """A sample's inputs as they are asked for; none where its files are elsewhere."""
        assert self._result is not None
        run = self.dashboard.index.run(self._result.run)
        names = {name for name, _ in self._fields()}
        inputs = {}
        for name, value in sample.input.items():
            if name not in names or not isinstance(value, str):
                continue
            if name in _ENDINGS:
                try:
                    path = run.inside(value)
                except UserError:
                    return {}
                if not path.is_file():
                    return {}
                value = str(path)
            inputs[name] = value
        needed = {name for name, must in self._fields() if must}
        return inputs if needed <= set(inputs) else {}

    def open_row(self, key: str) -> None:
        """Chooses, types, or asks."""
        if key == _RUN:
            self._choose_run()
        elif key == _ASK:
            self.action_ask()
        elif key in self._earlier:
            self._values = dict(self._earlier[key])
            self.action_ask()
        elif key in self._samples:
            self._values = self._inputs_of(self._samples[key])
            self.action_ask()
        elif (name := key.removeprefix("field ")) in _ENDINGS:
            self._pick(name)
        else:
            self._type(name)

    def _choose_run(self) -> None:
        index = self.dashboard.index
        done = [id for id in index.done() if self._has_models(id)]
        names = [(id, f"{index.facts(id).name}  {id}") for id in done]

        def chosen(id: str | None) -> None:
            if id is not None:
                self.dashboard.session.current = id
                self.take_up()

        self.app.push_screen(Choice("run", names), chosen)

    def _pick(self, name: str) -> None:
        known = Path(self._values.get(name) or self.dashboard.remembered.folder or Path.cwd())
        begin = known if known.is_dir() else known.parent

        def picked(path: str | None) -> None:
            if path is not None:
                self.dashboard.remembered.folder = str(Path(path).parent)
                self._take(name, path)

        self.app.push_screen(PickFile(name, begin, _ENDINGS[name]), picked)

    def on_mount(self) -> None:
        """Adds the field for values, hidden: one that is made when it is needed misses keys."""
        self.mount(self._field, before=self.key_line)

    def _type(self, name: str) -> None:
        """Shows the field over the last line."""
        self._edited = name
        self._field.value = self._values.get(name, "")
        self._field.placeholder = _HINTS.get(name, name)
        self._field.display = True
        self.set_focus(self._field)

    def _stop_typing(self) -> None:
        self._field.display = False
        self.bring_front(0)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes what was typed, and asks where nothing is missing."""
        if event.input is self._field:
            event.prevent_default()  # it is no filter, which the place has a field for
            self._stop_typing()
            self._take(self._edited, event.value.strip())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the list while its filter is typed; a value is no filter."""
        if event.input is self._field:
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Leaves a value as it was at escape."""
        if event.key == "escape" and self._field.has_focus:
            event.stop()
            event.prevent_default()
            self._stop_typing()

    def _take(self, name: str, value: str) -> None:
        self._values.pop(name, None)
        if value:
            self._values[name] = value
        self._rows.redraw()
        if not self._missing:
            self.action_ask()
        elif not value:
            self.dashboard.tell(f"{name} is empty: nothing is asked")

    @property
    def _missing(self) -> list[str]:
        """The inputs that must be given and are not."""
        return [name for name, must in self._fields() if must and name not in self._values]

    def action_unset(self) -> None:
        """Empties what is under the cursor."""
        key = self._rows.key or ""
        if self._values.pop(key.removeprefix("field "), None) is not None:
            self._rows.redraw_row(key)

    def action_ask(self) -> None:
        """Asks all variants."""
        missing = self._missing
        if self._result is None or missing:
            self.dashboard.tell(f"{missing[0]} is missing" if missing else "there is no run to ask")
            return
        run = self.dashboard.index.run(self._result.run)
        self._remember()
        self.dashboard.session.did("predict", self._result.run, *question_form.words(self._values))
        self._next = question_form.question(str(run.folder), self._values), dict(self._values)
        if self._is_answering:  # its models are loaded: it is over sooner than they are again
            stops = self.dashboard.said("{ask.stop} stops the one that is answered")
            self.dashboard.tell(f"asked next; {stops}")
        else:
            self._answer()

    def action_stop(self) -> None:
        """Stops what is being answered, and lets go of the models."""
        self._stop(f"stopped{self._again}")

    @property
    def _again(self) -> str:
        return self.dashboard.said("; {ask.ask} asks again")

    def _stop(self, words: str) -> None:
        self._next = None
        if self._is_answering and self._asked is not None:
            self._show(replace(self._asked, problem=words))
        self._close()

    def _remember(self) -> None:
        """Keeps the question among the last ones, once."""
        kept = self.dashboard.remembered.questions
        if self._values in kept:
            kept.remove(self._values)
        kept.append(dict(self._values))
        del kept[:-MOST_QUESTIONS]

    @work(exclusive=True, group="ask")
    async def _answer(self) -> None:
        """Answers what was asked last, until nothing is left to be answered."""
        self._is_answering = True
        try:
            while self._next is not None:
                (question, values), self._next = self._next, None
                await self._show_answers(question, values)
        finally:
            self._is_answering = False

    async def _show_answers(self, question: Question, values: Mapping[str, str]) -> None:
        """Shows what comes of a question as it comes."""
        assert self._result is not None
        baseline = baseline_name(self._result)
        names = [variant.name for variant in self._result.variants if variant.path]
        asked = Asked(values, sorted(names, key=lambda name: name != baseline))
        self._show(asked, from_top=True)
        try:
            async for reply in self._session.ask(question):
                match reply:
                    case Expects(words=words):
                        asked = replace(asked, expects=words)
                    case Writes(variant=variant, text=text, pieces=pieces):
                        asked = replace(
                            asked,
                            writes={**asked.writes, variant: text},
                            pieces={**asked.pieces, variant: pieces},
                        )
                    case Waits(words=words):
                        asked = replace(asked, waits=words)
                    case Answered(answers=answers):
                        problem = answers.error or ""
                        shown_answers = None if problem else answers
                        asked = replace(asked, answers=shown_answers, problem=problem)
                self._show(asked)
        except UserError as error:
            self._show(replace(asked, problem=str(error)))

    def _show(self, asked: Asked, *, from_top: bool = False) -> None:
        self._asked = asked
        self._page.show(self._lines, from_top=from_top)

    def _lines(self, width: int) -> list[Text]:
        if self._result is None:
            return [line((row, FAINT)) for row in self._no_run]
        result, facts = self._result, self.dashboard.index.facts(self._result.run)
        heading = "  ".join(filter(None, [result.run, result.device, facts.model]))
        head = [*wrapped(heading, width, FAINT), line()]
        if self._asked is None:
            return [*head, *wrapped(_HOW, width, FAINT)]
        stops = self.dashboard.said("{ask.stop} stops it")
        return [*head, *asked_page.page(self._asked, baseline_name(result), width, stops)]


_HOW = (
    "Give an input on the left, or choose a sample. All variants answer, one after another; "
    "they stay loaded until this place is left."
)
_HINTS = {
    "labels": "candidates between commas, as in cat, dog, a wolf",
    "prompt": "the words around a label, as in a photo of a {label}",
    "language": "what is spoken, as in de or german; auto detects it",
    "translate": "yes writes it down in English",
}


def _in_short(values: Mapping[str, str]) -> str:
    """Inputs in a line; of files the names alone: the answers' page has their places."""
    return "  ".join(
        Path(value).name if name in _ENDINGS else value for name, value in values.items()
    )
