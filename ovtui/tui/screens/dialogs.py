"""Small screens on top: a question, a notice, the help."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from ovtui.core.text.cells import pad
from ovtui.tui import keys
from ovtui.tui.text import BAD, FAINT, STRONG, line, wrapped
from ovtui.tui.widgets.page import Page

_PAIRS = (
    ("list.down", "list.up"),
    ("list.page_down", "list.page_up"),
    ("list.first", "list.last"),
    ("pane.next", "pane.previous"),
    ("samples.next_run", "samples.previous_run"),
    ("start.next", "start.previous"),
)
"""Keys that stand in one row of the help: 24 lines have no more."""
_WORDS = {
    "baseline": "the uncompressed model that variants are compared with, as it is stored",
    "variant": "the model with one method for each component",
    "component": "a part of a model with a graph of its own; `model` where it is one graph",
    "method": "quantize (INT8), compress_weights, quantize_with_accuracy_control, or none",
    "p50, p90, p99": "milliseconds that 50, 90 and 99 % of single requests took at most",
    "throughput": "inferences a second with many requests at once",
    "end to end": "from a row of the data to an answer, with preparing and decoding",
    "real lengths": "answers that end where the model ends them; the table's have equal lengths",
    "calls, first": "calls of a component for one answer; the first one of a sequence apart",
    "block": "a stretch of a measurement; variants take turns, block by block",
    "95 % CI": "an interval that holds the true value in 95 of 100 such measurements",
    "paired change": "how the metric changed on the same samples; verdicts rest on its interval",
    "max_drop": "the loss that the recipe allows",
    "PASS, FAIL": "the whole interval of the change is within, or beyond, max_drop",
    "not enough samples": "the interval crosses max_drop; how many more would settle it is told",
    "agreement": "how often a variant says what the baseline says, and how near its outputs are",
    "executed precision": "what the device calculates in, read from the compiled model",
    "Pareto front": "variants that no other beats in both speed and metric",
    "chosen": "the variant that is recommended: within max_drop, then the fastest",
    "calibration": "samples that ranges of activations are found from",
    "ignored scope": "operations that stay in floating point",
    "cached": "the outcome of a stage that was done before, with the same inputs and versions",
}
"""What the words on the screens mean."""


class Question(ModalScreen[bool]):
    """Asks before something that cannot be taken back; only `y` does it."""

    def __init__(self, question: str) -> None:
        super().__init__(classes="dialog")
        self._question = question

    def compose(self) -> ComposeResult:
        """Yields the question and its two answers."""
        yield Page(self._lines)

    def _lines(self, width: int) -> list[Text]:
        answers = line(("y", STRONG), " yes    ", ("any other key", STRONG), " no")
        return [*wrapped(self._question, width, STRONG), line(), answers]

    def on_key(self, event: events.Key) -> None:
        """Takes the answer."""
        event.stop()
        event.prevent_default()
        self.dismiss(event.character == "y")


class Notice(ModalScreen[None]):
    """Tells what went wrong, until it was read."""

    def __init__(self, words: str) -> None:
        super().__init__(classes="dialog")
        self._words = words

    def compose(self) -> ComposeResult:
        """Yields the words."""
        yield Page(self._lines)

    def _lines(self, width: int) -> list[Text]:
        rows = wrapped(self._words, width - 2, BAD, lead="✗ ")
        return [*rows, line(), line(("esc or enter closes this", FAINT))]

    def on_key(self, event: events.Key) -> None:
        """Closes by these two keys, which do nothing more to what is below."""
        if event.key in ("escape", "enter"):
            event.stop()
            event.prevent_default()
            self.dismiss()


class Commands(ModalScreen[None]):
    """Shows the commands that do what was done by keys; `y` copies them."""

    def __init__(self, commands: Sequence[str], copy: Callable[[str], None]) -> None:
        super().__init__(classes="dialog help")
        self._commands, self._copy = commands, copy

    def compose(self) -> ComposeResult:
        """Yields the commands."""
        yield Page(self._lines)

    def _lines(self, width: int) -> list[Text]:
        rows = [row for command in self._commands for row in wrapped(command, width, lead="$ ")]
        nothing = [line(("nothing was started, ended, compared or deleted yet", FAINT))]
        head = line(("Commands of what was done here", STRONG))
        return [head, line(), *(rows or nothing), line(), line(("y copies, esc closes", FAINT))]

    def on_key(self, event: events.Key) -> None:
        """Copies, or closes."""
        if event.key in ("escape", "q", "H", "enter", "y"):
            event.stop()
            event.prevent_default()
            self.dismiss()
            if event.key == "y":
                self._copy("\n".join(self._commands))


class Help(ModalScreen[None]):
    """The keys of this place, then those of every place."""

    def __init__(
        self, sections: Sequence[str], keymap: Mapping[str, str], without: Collection[str] = ()
    ) -> None:
        """A table of keys.

        Args:
            sections: of the one table, in order.
            keymap: other keys by the ids of the table.
            without: ids of keys that do nothing here.
        """
        super().__init__(classes="dialog help")
        self._sections, self._keymap, self._without = sections, keymap, without
        self._explains = False

    def compose(self) -> ComposeResult:
        """Yields the table."""
        yield Page(self._lines)

    def _lines(self, width: int) -> list[Text]:
        blocks = [self._block(section) for section in self._sections]
        lines: list[Text] = []
        if width < 64 or len(blocks) < 3:
            for block in blocks:
                lines += [*block, line()]
        else:
            left, right = blocks[:2], blocks[2:]
            lines = _beside(_joined(left), _joined(right), (width - 2) // 2)
        return [*lines, line(("esc closes this, w explains the words", FAINT))]

    def _words(self, width: int) -> list[Text]:
        """What the words on the screens mean."""
        lines = [line(("Words", STRONG)), line()]
        for word, meaning in _WORDS.items():
            lines += wrapped(meaning, width, lead=f"{word:<20}")
        return [*lines, line(), line(("esc closes this, w goes back to the keys", FAINT))]

    def _block(self, section: str) -> list[Text]:
        rows = [line((section.capitalize(), STRONG))]
        places = [key for key in keys.TABLE[section] if key.id.startswith("place.")]
        if places:
            first, last = (keys.shown(key, self._keymap)[0] for key in (places[0], places[-1]))
            rows.append(line((pad(f"{first} to {last}", 12), STRONG), " go to a place"))
        able = [key for key in keys.TABLE[section] if key not in places and self._is_on(key)]
        by_id = {key.id: key for key in able}
        seconds = {second for first, second in _PAIRS if first in by_id}
        for key in able:
            if key.id in seconds:
                continue
            names, what = keys.shown(key, self._keymap), key.what
            if (second := by_id.get(dict(_PAIRS).get(key.id, ""))) is not None:
                names = [names[0], keys.shown(second, self._keymap)[0]]
                what = f"{what}, {second.what.removeprefix('a page ')}"
            rows.append(line((pad(" ".join(names), 12), STRONG), f" {what}"))
        return rows

    def _is_on(self, key: keys.Key) -> bool:
        return key.id not in self._without and keys.is_on(key, self._keymap)

    def on_key(self, event: events.Key) -> None:
        """Closes by the usual keys, turns to the words and back; the others scroll."""
        if event.key == "w":
            event.stop()
            event.prevent_default()
            self._explains = not self._explains
            page = self.query_one(Page)
            page.show(self._words if self._explains else self._lines, from_top=True)
        if event.key in ("escape", "question_mark", "q", "enter"):
            event.stop()
            event.prevent_default()
            self.dismiss()


def _joined(blocks: Sequence[list[Text]]) -> list[Text]:
    return [row for block in blocks for row in [*block, line()]]


def _beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    lines = []
    for index in range(max(len(left), len(right))):
        one = left[index].copy() if index < len(left) else line()
        other = right[index].copy() if index < len(right) else line()
        one.truncate(width, overflow="ellipsis")
        other.truncate(width, overflow="ellipsis")
        lines.append(line(one, " " * (width + 2 - one.cell_len), other))
    return lines
