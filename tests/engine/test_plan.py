"""What a recipe asks of a run, told from the recipe alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from ovtui.core.recipes import recipe
from ovtui.core.recipes.metrics import BUILT_IN
from ovtui.engine.evaluation.built_in_metrics import built_in
from ovtui.engine.run import plan

LIBRARY = ["ovtui.engine.evaluation.evaluate_library"]


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
