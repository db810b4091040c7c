"""Metrics of texts: what each answer contributes, beside the texts that would be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ovtui.core.statistics.reductions import CHRF_ORDERS, REDUCTIONS, Outcome
from ovtui.core.text.errors import SourceError
from ovtui.engine.comparison.normalisation import basic
from ovtui.engine.evaluation.vqa_accuracy import vqa_accuracy
from ovtui.engine.tasks.answers import PerRow

Outcomes = Callable[[PerRow, PerRow], list[Outcome]]
"""One outcome a sample, from predictions and references."""


def of_texts(name: str, one: Callable[[str, list[str]], Outcome]) -> Outcomes:
    """Returns the outcomes of a metric that compares a text with one or several right ones."""

    def outcomes(predictions: PerRow, references: PerRow) -> list[Outcome]:
        counted = []
        for got, wanted in zip(predictions, references, strict=True):
            several = [wanted] if isinstance(wanted, str) else list(wanted)
            if not isinstance(got, str) or not several:
                raise SourceError(f"metric {name}: compares texts, found {got!r:.40}")
            counted.append(one(got, several))
        return counted

    return outcomes


def word_errors(text: str, references: Sequence[str]) -> Outcome:
    """Counts words to substitute, delete or insert, and words said; against the nearest
    reference.
    """
    import jiwer

    return _errors(jiwer.process_words, text, references)


def basic_word_errors(text: str, references: Sequence[str]) -> Outcome:
    """Counts as `word_errors`, of texts in Whisper's basic normalisation."""
    same = basic()
    return word_errors(same(text), [same(reference) for reference in references])


def character_errors(text: str, references: Sequence[str]) -> Outcome:
    """Counts characters to substitute, delete or insert, and characters said."""
    import jiwer

    return _errors(jiwer.process_characters, text, references)


def _errors(compare: Callable[[str, str], Any], text: str, references: Sequence[str]) -> Outcome:
    counted = []
    for reference in references:
        compared = compare(reference, text)
        wrong = compared.substitutions + compared.deletions
        counted.append((float(wrong + compared.insertions), float(wrong + compared.hits)))
    return min(counted, key=lambda pair: pair[0] / (pair[1] or 1.0))


def exact_match(text: str, references: Sequence[str]) -> Outcome:
    """Returns whether a reference says the same."""
    return (float(text in references),)


def right_answer(text: str, references: Sequence[str]) -> Outcome:
    """Returns how right an answer about a picture is."""
    return (vqa_accuracy(text, references),)


def chrf(text: str, references: Sequence[str]) -> Outcome:
    """Counts character n-grams: matches, those of the text, those of the reference, for n from 1 to
    6.

    Of several references the one that the text is nearest to, as in sacreBLEU (Post 2018).
    """
    value = REDUCTIONS["chrf"].value
    counted = _n_grams(text)
    rows = [_matches(counted, _n_grams(reference)) for reference in references]
    return max(rows, key=lambda row: value(1, row))


def _n_grams(text: str) -> list[Counter[str]]:
    letters = "".join(text.split())
    return [
        Counter(letters[at : at + size] for at in range(len(letters) - size + 1))
        for size in range(1, CHRF_ORDERS + 1)
    ]


def _matches(text: list[Counter[str]], reference: list[Counter[str]]) -> tuple[float, ...]:
    return tuple(
        float(count)
        for got, want in zip(text, reference, strict=True)
        for count in ((got & want).total(), got.total(), want.total())
    )
