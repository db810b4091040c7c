"""What a recipe alone tells to be impossible, and what it may leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.recipes import recipe
from ovtui.core.recipes.metrics import BUILT_IN, fits
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe_check import check
from ovtui.core.recipes.task import TASKS
from ovtui.core.text.errors import RecipeError

SHORT = """
schema = 1
task = "tensors"
[model]
source = "model.onnx"
[data]
source = "data.npz"
columns = { x = "x" }
[data.evaluation]
split = "all"
[[variants]]
name = "weights"
components.model = { method = "compress_weights" }
"""

CONTROL = '{ method = "quantize_with_accuracy_control", max_drop = 0.01 }'


@pytest.fixture
def short(tmp_path: Path) -> Path:
    for name in ("model.onnx", "data.npz", "own.py"):
        (tmp_path / name).touch()
    (tmp_path / "short.toml").write_text(SHORT)
    return tmp_path / "short.toml"


def test_title_and_calibration_may_be_missing(short: Path) -> None:
    loaded = recipe.load(short)
    assert loaded.title == "short"
    assert loaded.data.calibration is None
    check(placed(loaded, short.parent))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            ["variants.weights.components.model={ method = 'quantize' }"],
            r"data.calibration: missing; variants\[weights\].components.model needs samples",
        ),
        (["metric=accuracy"], "metric: 'accuracy' compares with right answers"),
        (["also=['cosin']"], "also: 'cosin' is not built in .did you mean 'cosine'"),
        (["also=['spearman']"], "also: 'spearman' compares with right answers"),
        (["max_drop=2.5"], "max_drop: expected at most 2, found 2.5: cosine is between -1 and 1"),
        (["data.columns={}"], "data.columns: a 'tensors' recipe names the column"),
        (
            ["data.calibration={ split = 'all' }", f"variants.weights.components.model={CONTROL}"],
            "data.calibration.samples: missing, so that calibration takes all of 'all'",
        ),
        (
            [
                "data.calibration={ split = 'all', samples = 8 }",
                f"variants.weights.components.model={CONTROL.replace('0.01', '3')}",
            ],
            r"components.model.max_drop: expected at most 2, found 3",
        ),
        (["metric=glue"], "allow it with trust = true"),
    ],
)
def test_what_the_recipe_tells_is_refused(short: Path, settings: list[str], expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        check(placed(recipe.load(short, settings), short.parent))


@pytest.mark.parametrize(
    "settings",
    [
        ["metric=mae", "max_drop=100"],  # on no scale that is known
        ["metric=own.py:score", "max_drop=40"],
        ["metric=squad", "trust=true"],  # of the hub
        ["metric=accuracy", "data.columns={ x = 'x', reference = 'y' }"],
        ["metric=agreement", "max_drop=1"],
    ],
)
def test_what_it_does_not_tell_is_let_pass(short: Path, settings: list[str]) -> None:
    short.with_name("own.py").touch()
    check(placed(recipe.load(short, settings), short.parent))


def test_every_task_has_a_metric_that_fits() -> None:
    assert all(info.metric in BUILT_IN and fits(info.metric, task) for task, info in TASKS.items())


@pytest.mark.parametrize("bucket", ["0", "-8", "true", "1.5", '"16"'])
def test_a_bucket_is_a_number_of_tokens(short: Path, bucket: str) -> None:
    loaded = recipe.load(short, [f"variants.weights.execution.bucket={bucket}"])
    with pytest.raises(RecipeError, match=r"weights\]\.execution\.bucket: expected a number"):
        check(placed(loaded, short.parent))


def test_only_texts_have_a_bucket(short: Path) -> None:
    loaded = recipe.load(short, ["variants.weights.execution.bucket=16"])
    with pytest.raises(RecipeError, match=r"bucket: pads texts .* task 'tensors' takes none"):
        check(placed(loaded, short.parent))
    assert {name for name, task in TASKS.items() if task.text} >= {
        "text-classification",
        "sentence-similarity",
    }
    assert not any(TASKS[name].text for name in ("tensors", "automatic-speech-recognition"))


def test_openvino_is_not_told_of_the_bucket(short: Path) -> None:
    settings = ["bucket=16", 'INFERENCE_PRECISION_HINT="f32"']
    loaded = recipe.load(short, [f"variants.weights.execution.{it}" for it in settings])
    (variant,) = loaded.variants
    assert variant.bucket == 16 and variant.properties == {"INFERENCE_PRECISION_HINT": "f32"}
