"""The defaults that the start form tells, beside NNCF's own."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import nncf
import pytest
from nncf.quantization.advanced_parameters import (
    AdvancedQuantizationParameters,
    AdvancedSmoothQuantParameters,
)

from ovtui.core.recipes import recipe
from ovtui.core.recipes.option_words import WORDS
from ovtui.core.recipes.options import options_of

QUANTIZE = inspect.signature(nncf.quantize).parameters
COMPRESS = inspect.signature(nncf.compress_weights).parameters


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("fast_bias_correction", QUANTIZE["fast_bias_correction"].default),
        ("disable_bias_correction", AdvancedQuantizationParameters().disable_bias_correction),
        ("mode", COMPRESS["mode"].default.value),
    ],
)
def test_defaults_are_nncfs(name: str, default: Any) -> None:
    assert WORDS[name].absent == str(default).lower()


def test_what_nncf_decides_by_itself_it_still_does() -> None:
    for name in ("mode", "preset", "model_type"):
        assert QUANTIZE[name].default is None
    for name in ("ratio", "group_size", "awq", "scale_estimation", "gptq", "dataset"):
        assert COMPRESS[name].default is None
    assert "`mixed` preset is used for `transformer`" in str(nncf.quantize.__doc__)
    alpha = next(it for it in fields(AdvancedSmoothQuantParameters) if it.name == "matmul")
    assert WORDS["smooth_quant_alpha"].absent.startswith(str(alpha.default))


def test_every_option_has_words() -> None:
    folder = Path(__file__).parents[2] / "recipes"
    for path in (*folder.glob("*.toml"), *folder.glob("demo/*.toml")):
        for option in options_of(recipe.load(path)):
            assert option.meaning, option.key
            assert option.value or option.absent, option.key
