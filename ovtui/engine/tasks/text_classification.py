"""Text classification: a text, or a pair of texts, in; one score per class out."""

from __future__ import annotations

from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.tasks.classification import Classification
from ovtui.engine.tasks.text import Text, text_of


class TextClassification(Text, Classification):
    """Texts, or pairs of them, with one right class each."""

    shown = together = ("text", "text_pair")

    def inputs(self, row: Row) -> Arrays:
        return self.tokens(*(text_of(row, name) for name in self.shown if name in row))
