"""Group sizes that do not fit the weights are refused before anything is compressed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes.compression import CompressWeights, Method, Quantize
from ovtui.core.recipes.method_parameters import AdvancedCompression
from ovtui.core.text.errors import RecipeError
from ovtui.engine.compression.group_size import check_group_size

ADJUST = AdvancedCompression(group_size_fallback_mode="adjust")


@pytest.fixture(scope="module", params=[True, False], ids=["fp16", "fp32"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Linear layers of 96 and 64 inputs, the second one stored the other way around; then a head of
    10 inputs.
    """
    path = tmp_path_factory.mktemp("graph") / "model.xml"
    given = ops.parameter([-1, 96], np.float32, name="x")

    def layer(before: ov.Node, shape: tuple[int, int], name: str, *, transposed: bool) -> ov.Node:
        weight = ops.constant(np.random.default_rng(0).random(shape, dtype=np.float32))
        made = ops.matmul(before, weight, False, transposed)
        made.set_friendly_name(name)
        return made

    first = layer(given, (64, 96), "first", transposed=True)
    second = layer(ops.relu(first), (64, 10), "second", transposed=False)
    head = layer(ops.relu(second), (5, 10), "head", transposed=True)
    ov.save_model(ov.Model([head], [given]), path, compress_to_fp16=request.param)
    return path


@pytest.mark.parametrize(
    "method",
    [
        Quantize(),
        CompressWeights(),
        CompressWeights(mode="int8_sym"),
        CompressWeights(mode="int4_sym", group_size=32),
        CompressWeights(mode="int4_sym", group_size=-1),
        CompressWeights(mode="int4_asym", group_size=128, advanced_parameters=ADJUST),
        CompressWeights(mode="int4_asym", group_size=128, ratio=0.5),
    ],
)
def test_what_fits_is_taken(method: Method, model: Path) -> None:
    check_group_size("here", method, model)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            CompressWeights(mode="int4_sym", group_size=64),
            "here.group_size: 64 does not divide the 96 inputs of first (1 of 2 linear layers); "
            "take 32 or 16 or 8, or set advanced_parameters.group_size_fallback_mode",
        ),
        (CompressWeights(mode="int4_asym"), "128 does not divide the 96 inputs of first (2 of 2"),
        (CompressWeights(mode="nf4", group_size=-3), "expected 1 or more, or -1, found -3"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(
    method: Method, expected: str, model: Path
) -> None:
    with pytest.raises(RecipeError) as caught:
        check_group_size("here", method, model)
    assert expected in str(caught.value)
