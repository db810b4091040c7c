"""What can be tried on any recipe: the standard variants, and a look at ignored scopes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ovtui.cli import main
from ovtui.core.recipes import recipe
from ovtui.core.recipes.compression import CompressWeights, Quantize

pytestmark = pytest.mark.usefixtures("forked_engines")

SCOPE = 'variants.int8.components.model.ignored_scope={ patterns = ["conv.*"], names = ["linaer"] }'


@pytest.mark.usefixtures("home")
def test_ignored_scopes_are_previewed(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["recipes", "--ignored", str(tiny), "--set", SCOPE])
    shown = capsys.readouterr().out
    assert status == 1  # a rule that matches nothing would end the run
    assert "pattern conv.*: 2 operations" in shown
    assert "conv0" in shown and "conv1" in shown
    assert "name linaer: 0 operations did you mean 'linear'" in shown

    assert main(["recipes", "--ignored", str(tiny), "--set", SCOPE, "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["variant"] == "int8"
    assert [len(rule["matches"]) for rule in found["rules"]] == [0, 2]


@pytest.mark.usefixtures("home")
def test_no_scope_is_told(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes", "--ignored", str(tiny)]) == 0
    assert "no variant has an ignored scope" in capsys.readouterr().err


def test_standard_variants_take_the_place_of_a_recipes_own(tiny: Path) -> None:
    found = recipe.load(tiny, ["variants.int8.components.model.preset=mixed"], standard=True)
    methods: dict[str, Any] = {v.name: v.components["model"] for v in found.variants}
    assert list(methods) == [
        "int8",
        "int8 accurate bias correction",
        "int8 weights",
        "int4 weights",
    ]
    assert isinstance(methods["int8"], Quantize) and methods["int8"].preset == "mixed"
    assert methods["int8 accurate bias correction"].fast_bias_correction is False
    assert isinstance(methods["int4 weights"], CompressWeights) and methods["int4 weights"].awq


def test_transformers_also_try_smoothquant() -> None:
    demo = Path(__file__).parents[1] / "recipes" / "demo" / "clip-digits.toml"
    names = [variant.name for variant in recipe.load(demo, standard=True).variants]
    assert "int8 α=0.5" in names and "int8 α=0.15" in names
    assert "int8 all" not in names


def test_a_detector_is_also_tried_with_nothing_in_floating_point() -> None:
    demo = Path(__file__).parents[1] / "recipes" / "demo" / "detector-digits.toml"
    (method,) = [
        variant.components["model"]
        for variant in recipe.load(demo, standard=True).variants
        if variant.name == "int8 all"
    ]
    assert isinstance(method, Quantize)
    assert method.keep_heads is False and method.keep_decoder is False
