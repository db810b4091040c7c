"""Samples on a result's page, with the pictures of the run folder within the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from ovtui.core.reports.html_overlay import overlay
from ovtui.core.reports.html_parts import safe, table_of
from ovtui.core.reports.table import ABSENT, Column
from ovtui.core.results.prediction import Prediction
from ovtui.core.results.result import Result, Sample
from ovtui.core.results.sample_changes import right_answer
from ovtui.core.text.cells import shorten

ReadPicture = Callable[[str], bytes | None]
"""Gives the bytes of a picture of the run folder; None where it cannot be had."""

_FIRST = 6
"""Samples that are seen at once; the others unfold."""
_MOST_CELLS = 300
_KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".gif": "gif"}


def samples(result: Result, read_picture: ReadPicture) -> str:
    """Returns the samples that the run kept, those first whose prediction changed."""
    if not result.samples:
        return ""
    names = [
        variant.name
        for variant in result.variants
        if any(variant.name in sample.predictions for sample in result.samples)
    ]
    ordered = sorted(result.samples, key=lambda sample: not sample.changed)
    rows = [_row(sample, names, read_picture) for sample in ordered]
    titles = ["sample", "input", "reference", *names, "changed"]
    columns = [Column(title) for title in titles]
    more = ""
    if len(rows) > _FIRST:
        rest = table_of(columns, rows[_FIRST:])
        more = f"<details><summary>{len(rows) - _FIRST} more</summary>{rest}</details>"
    first = table_of(columns, rows[:_FIRST])
    return f'<h2>Samples</h2><div class="samples">{first}{more}</div>'


def _row(sample: Sample, names: Sequence[str], read_picture: ReadPicture) -> list[str]:
    drawing, whose = overlay(sample, names)
    shown = [_input(key, value, read_picture, drawing) for key, value in sample.input.items()]
    shown += [whose] * bool(whose)
    reference = "" if sample.reference is None else right_answer(sample.reference)
    return [
        safe(sample.id),
        "<br>".join(shown) or ABSENT,
        _text(reference) if reference else ABSENT,
        *(_said(sample.predictions.get(name)) for name in names),
        "changed" if sample.changed else "same",
    ]


def _input(key: str, value: Any, read_picture: ReadPicture, drawing: str) -> str:
    """A value of the input: a picture as such with what is drawn over it, other values as text."""
    kind = _KINDS.get(PurePath(value).suffix.lower()) if isinstance(value, str) else None
    data = read_picture(value) if key == "image" and kind else None
    if data is None:
        return _text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    coded = base64.b64encode(data).decode()
    picture = f'<img alt="{safe(value)}" src="data:image/{kind};base64,{coded}">'
    return f'<div class="picture">{picture}{drawing}</div>'


def _said(prediction: Prediction | None) -> str:
    return ABSENT if prediction is None else _text(prediction.in_words)


def _text(text: str) -> str:
    return safe(shorten(text, _MOST_CELLS))
