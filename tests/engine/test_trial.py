"""Metrics tried on the first samples: what does not fit is told before anything is compressed."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.references import needs_references
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.collect import collect
from ovtui.engine.evaluation.trial import try_metrics
from ovtui.engine.run import plan
from ovtui.engine.store.layout import baseline_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import read_references
from ovtui.engine.store.stage_work import Collection, Trial
from tests.support.tensor_recipe import METRICS, RECIPE, model_of

FUNCTIONS = """
def right(predictions, references):
    assert len(predictions) == 2
    return [float(got == want) for got, want in zip(predictions, references)]


def vectors(predictions, references):
    return [[0.5, 0.5] for _ in predictions]
"""


def _try(tiny: Path, folder: Path, *settings: str, references: bool = True) -> list[str]:
    recipe = recipes.load(tiny, list(settings))
    evaluation, model = folder / "evaluation", baseline_of(folder / "conversion", "model")
    evaluation.mkdir()
    model.parent.mkdir(parents=True)
    for suffix in (".xml", ".bin"):
        shutil.copy(tiny.with_name(f"model{suffix}"), model.with_suffix(suffix))
    journal = Journal(Run(folder))
    found = collect(
        Collection(recipe, str(tiny.parent), use="evaluation", references=references),
        evaluation,
        journal,
    )
    (evaluation / "info.json").write_bytes(msgspec.json.encode(found))
    work = Trial(
        recipe=recipe,
        base=str(tiny.parent),
        model=str(model),
        evaluation=str(evaluation),
    )
    return try_metrics(work).metrics


def test_metrics_are_tried_on_two_samples(tiny: Path, tmp_path: Path) -> None:
    tiny.with_name("own.py").write_text(FUNCTIONS)
    settings = ("metric=own.py:right", 'also=["accuracy"]')
    assert _try(tiny, tmp_path, *settings) == ["right", "accuracy"]


def test_what_is_no_score_is_told(tiny: Path, tmp_path: Path) -> None:
    tiny.with_name("own.py").write_text(FUNCTIONS)
    with pytest.raises(SourceError, match="own.py:vectors: expected one score per sample"):
        _try(tiny, tmp_path, "metric=own.py:vectors")


def test_only_what_may_not_fit_is_tried(tiny: Path) -> None:
    assert StageKind.TRY.name_of() not in plan.stage_names(recipes.load(tiny, ["metric=f1"]))
    names = plan.stage_names(recipes.load(tiny, ["metric=own.py:right"]))
    assert names.index(StageKind.TRY.name_of()) < names.index("compress int8")
    assert plan.tries_metrics(recipes.load(tiny, ['also=["own.py:right"]']))


def test_a_metric_beside_the_baseline_needs_no_right_answers(tmp_path: Path) -> None:
    model_of(tmp_path)
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).normal(size=(16, 4)))
    (tmp_path / "metrics.py").write_text(METRICS)
    (tmp_path / "tiny.toml").write_text(RECIPE)
    settings = ("metric=metrics.py:beside", "data.columns={ x = 'x' }")
    loaded = recipes.load(tmp_path / "tiny.toml", list(settings))
    assert not needs_references(loaded, "evaluation")
    (tmp_path / "out").mkdir()
    assert _try(tmp_path / "tiny.toml", tmp_path / "out", *settings, references=False) == ["beside"]
    assert read_references(tmp_path / "out" / "evaluation") is None
    with pytest.raises(SourceError, match="metric near: compares with right answers"):
        (tmp_path / "again").mkdir()
        near = ("metric=metrics.py:near", settings[1])
        _try(tmp_path / "tiny.toml", tmp_path / "again", *near, references=False)
