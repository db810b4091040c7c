"""One line of words that can be clicked: places, panes, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from ovtui.tui.text import FAINT, STRONG, line


class Word(NamedTuple):
    """A word, what a click on it picks, and whether it is the current one."""

    id: str
    text: str
    current: bool = False


class WordStrip(Widget):
    """Words side by side; the last ones are left out where they do not fit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "WordStrip { width: 1fr; height: 1; }"

    class Picked(Message):
        """A word was clicked."""

        def __init__(self, strip: WordStrip, word: str) -> None:
            super().__init__()
            self.strip, self.word = strip, word

        @property
        def control(self) -> WordStrip:
            return self.strip

    def __init__(self, *, gap: str = "  ", id: str | None = None) -> None:
        super().__init__(id=id)
        self._gap = gap
        self._words: list[Word] = []

    @property
    def words(self) -> Sequence[Word]:
        return self._words

    def show(self, words: Sequence[Word]) -> None:
        """Takes other words."""
        if list(words) != self._words:
            self._words = list(words)
            self.refresh()

    def fitting(self, width: int) -> list[Word]:
        """Returns the words that fit."""
        words: list[Word] = []
        used = 1
        for word in self._words:
            used += len(word.text) + (len(self._gap) if words else 0)
            if used > width:
                break
            words.append(word)
        return words

    def render(self) -> Text:
        """Returns the line."""
        made = line(" ")
        for index, word in enumerate(self.fitting(self.size.width)):
            if index:
                made.append(self._gap, FAINT)
            made.append_text(self.word_text(word))
        return made

    def word_text(self, word: Word) -> Text:
        """Returns how a word looks."""
        return line((word.text, f"{STRONG} reverse" if word.current else ""))

    def on_click(self, event: events.Click) -> None:
        """Finds the word under the pointer."""
        x = 1
        for word in self.fitting(self.size.width):
            if x <= event.x < x + len(word.text):
                self.post_message(self.Picked(self, word.id))
            x += len(word.text) + len(self._gap)


class PlaceStrip(WordStrip):
    """The numbered places; where not all fit, those that are not shown have their numbers alone."""

    def fitting(self, width: int) -> list[Word]:
        """Returns all words, or the others' numbers beside the current one."""
        words = super().fitting(width)
        if len(words) == len(self.words):
            return words
        return [
            word if word.current else Word(word.id, word.text.partition(" ")[0])
            for word in self.words
        ]


class KeyLine(WordStrip):
    """The keys that matter here; help is always among them."""

    def fitting(self, width: int) -> list[Word]:
        """Returns the words that fit, the last one (help) before all others."""
        if not self._words:
            return []
        *others, last = self._words
        words: list[Word] = []
        used = 1 + len(last.text)
        for word in others:
            used += len(word.text) + len(self._gap)
            if used > width:
                break
            words.append(word)
        return [*words, last]

    def word_text(self, word: Word) -> Text:
        """Returns a word whose key is strong, and whose description is not."""
        key, _, what = word.text.partition(" ")
        return line((key, STRONG), " ", what)
