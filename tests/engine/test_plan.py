"""What a recipe asks of a run, told from the recipe alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from ovtui.core.recipes import recipe
from ovtui.core.recipes.metrics import BUILT_IN
from ovtui.core.recipes.references import needs_references
from ovtui.engine.evaluation.built_in_metrics import built_in
from ovtui.engine.run import plan

LIBRARY = ["ovtui.engine.libraries.evaluate_library"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_library_is_imported_ahead_for_the_metrics_that_it_computes(
    tiny: Path, name: str
) -> None:
    judged = structs.replace(recipe.load(tiny), metric=name, also=[])
    assert plan.judging_modules(judged) == (LIBRARY if built_in(name).whole else [])


def test_the_library_is_imported_ahead_for_metrics_of_the_hub_and_not_for_one_s_own(
    tiny: Path,
) -> None:
    loaded = recipe.load(tiny)
    assert plan.judging_modules(structs.replace(loaded, metric="rouge", also=[])) == LIBRARY
    assert not plan.judging_modules(structs.replace(loaded, metric="own.py:score", also=[]))


@pytest.mark.parametrize(
    ("metric", "also", "evaluation", "validation"),
    [
        ("accuracy", [], True, True),
        ("agreement", [], False, False),
        ("agreement", ["cosine"], False, False),
        ("agreement", ["accuracy"], True, False),  # a validation is judged by the first alone
        ("own.py:score", [], True, True),
    ],
)
def test_rows_need_right_answers_where_a_metric_compares_with_them(
    tiny: Path, metric: str, also: list[str], evaluation: bool, validation: bool
) -> None:
    judged = structs.replace(recipe.load(tiny), metric=metric, also=also)
    assert needs_references(judged, "evaluation") is evaluation
    assert needs_references(judged, "validation") is validation
    assert not needs_references(judged, "calibration")


def test_tensors_without_a_column_of_right_answers_are_compared_with_the_baseline(
    tiny: Path,
) -> None:
    bare = structs.replace(recipe.load(tiny), task="tensors", metric="mae", also=[])
    bare = structs.replace(bare, data=structs.replace(bare.data, columns={"x": "x"}))
    named = structs.replace(bare.data, columns={"x": "x", "reference": "y"})
    assert not needs_references(bare, "validation")
    assert needs_references(structs.replace(bare, data=named), "validation")


@pytest.mark.parametrize(
    ("method", "settings", "expected"),
    [
        ("quantize", [], []),
        ("compress_weights", [], ["int8 execution"]),
        ("compress_weights", ["measure.choose_execution=false"], []),
        ("quantize", ["measure.throughput=true"], ["int8 execution"]),
        ("compress_weights", ["measure.latency=false", "measure.throughput=false"], []),
    ],
)
def test_execution_is_chosen_where_speed_is_measured_and_something_may_be_tried(
    tiny: Path, method: str, settings: list[str], expected: list[str]
) -> None:
    variant = f'variants.int8={{ components.model = {{ method = "{method}" }} }}'
    speed = ["measure.latency=true", 'variants=["int8"]']
    loaded = recipe.load(tiny, [variant, *speed, *settings])
    assert plan.choices(loaded) == expected
    assert [it for it in plan.stage_names(loaded) if "execution" in it] == expected
