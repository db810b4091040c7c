"""Samples that are answered with NaN: left out where the baseline is, wrong where a variant is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from ovtui.core.results.variant import SelfCheck
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Rows, RowWriter
from ovtui.engine.data.spool import SpoolWriter
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.agreement import without_numbers
from ovtui.engine.evaluation.judged import groups_of, judged, left_out, warn_of_answers
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.evaluation.outputs import Seen
from ovtui.engine.store.layout import CHECK
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.tasks.text_classification import TextClassification

NAN = float("nan")


def seen(folder: Path, logits: list[list[float]], *, equal: bool = True) -> Seen:
    folder.mkdir(parents=True)
    with SpoolWriter(folder, "outputs") as writer:
        for row in logits:
            writer.append({"0": np.float32([row])})
    check = SelfCheck(way="one by one", checked=2, equal=equal, outputs=["logits"])
    (folder / CHECK).write_bytes(msgspec.json.encode(check))
    return Seen(folder, None)


def collected(count: int) -> Collected:
    return Collected(
        dataset="rows.csv", split="all", labels=None, data_labels=None, folder=None,
        indices=list(range(10, 10 + count)), digests=[], duplicates=0, skipped=0, skipped_first=[],
    )  # fmt: skip


def warned(journal: Journal) -> list[str]:
    return [getattr(event, "message", "") for event in journal.run.tail().events]


def test_what_the_baseline_does_not_answer_is_left_out_for_all(tmp_path: Path) -> None:
    variants = {
        "fp32": seen(tmp_path / "fp32", [[1, 2], [NAN, 0], [3, 1]]),
        "int8": seen(tmp_path / "int8", [[1, 2], [5, 6], [1, 3]]),
    }
    journal = Journal(Run(tmp_path), "evaluate")
    ignored = left_out(variants, collected(3), journal)
    assert list(ignored) == [1]
    assert warned(journal) == [
        "1 of 3 evaluation samples are left out, since fp32 answers them with NaN or infinity "
        "(the first: rows.csv, row 11: output 'logits')"
    ]
    with RowWriter(tmp_path) as writer:
        for number in range(3):
            writer.append({"text": str(number)})
    data = judged(collected(3), ignored, [1, 0, 0], Rows(tmp_path))
    assert data.indices == [10, 12] and data.references == [1, 0]
    assert data.row(1) == {"text": "2"}
    assert len(groups_of(variants["int8"], collected(3), ignored)) == 2


def test_a_baseline_that_answers_nothing_ends_the_run(tmp_path: Path) -> None:
    variants = {"fp32": seen(tmp_path / "fp32", [[NAN, 0], [0, NAN]])}
    with pytest.raises(SourceError, match="fp32 answers every sample with NaN or infinity"):
        left_out(variants, collected(2), Journal(Run(tmp_path), "evaluate"))


@pytest.mark.parametrize(("metric", "value"), [("accuracy", 1 / 3), ("f1", 0.0)])
def test_an_answer_that_is_no_number_is_wrong(tmp_path: Path, metric: str, value: float) -> None:
    """Zeros in the place of NaN would say class 0, which may be the right one."""
    given = seen(tmp_path / "int8", [[NAN, NAN], [NAN, 3], [2, 1]])
    outputs = groups_of(given, collected(3), ())
    none = without_numbers(outputs, given.names)
    task: Any = TextClassification.__new__(TextClassification)
    task.classes = None
    answers = score.answers(task, outputs, lambda position: {}, none)
    said = [task.answer(prediction) for prediction in answers.predictions]
    assert said == [-1, -1, 0]
    assert open_metric(metric, Path()).value(said, [0, 1, 0]) == pytest.approx(value)


def test_what_is_wrong_with_answers_is_told(tmp_path: Path) -> None:
    journal = Journal(Run(tmp_path), "evaluate")
    given = seen(tmp_path / "int8", [[NAN, 0], [1, 0]], equal=False)
    data = judged(collected(2), (), None, Rows.__new__(Rows))
    warn_of_answers("int8", given, {0: "logits"}, data, journal)
    nothing, differ = warned(journal)
    assert "1 of 2 samples are answered with NaN or infinity (the first: row 10" in nothing
    assert "no verdict can rest on its answers" in differ
