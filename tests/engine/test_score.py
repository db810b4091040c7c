"""Outputs that are the baseline's number by number, and what follows for nearness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.engine.data.spool import Groups, Spool, SpoolWriter
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.tasks.tensors import Tensors


def groups(folder: Path, *rows: dict[str, np.ndarray]) -> Groups:
    folder.mkdir()
    with SpoolWriter(folder, "outputs") as writer:
        for row in rows:
            writer.append(row)
    return Groups(Spool(folder, "outputs"), [1] * len(rows))


def test_one_number_of_a_second_output_makes_a_difference(tmp_path: Path) -> None:
    first, second = np.ones((1, 3), np.float32), np.zeros((1, 2), np.float32)
    baseline = groups(tmp_path / "a", {"0": first, "1": second}, {"0": first, "1": second})
    same = groups(tmp_path / "b", {"0": first, "1": second}, {"0": first, "1": second})
    other = groups(tmp_path / "c", {"0": first, "1": second}, {"0": first, "1": second + 1e-7})
    longer = groups(tmp_path / "d", {"0": first, "1": second}, {"0": first, "1": second[:, :1]})
    assert score.identical(baseline, same)
    assert not score.identical(baseline, other)
    assert not score.identical(baseline, longer)


@pytest.mark.parametrize(("same", "varies"), [(True, False), (False, True)])
def test_nearness_of_a_model_to_itself_cannot_vary(same: bool, varies: bool) -> None:
    vectors = [{"y": np.arange(1, 4, dtype=np.float32) * number} for number in range(1, 6)]
    given = score.Answers(vectors, ())
    judge = Judge(Tensors.__new__(Tensors), open_metric("cosine", Path()), vectors, [])
    found, outcomes, _ = score.score(judge, given, same_outputs=same)
    assert found.value == pytest.approx(1) and len(outcomes) == 5
    assert found.varies is varies
    assert found.ci95[1] <= 1
