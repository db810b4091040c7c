"""The task `tensors`: every output is judged, and metrics get what they need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes import recipe
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.text.errors import SourceError
from ovtui.engine.comparison.nearness import cosine, nearness
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.outputs import Output, outputs_of
from ovtui.engine.evaluation.judge import Judge, Judgement
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.tasks.tensors import Tensors
from tests.support.tensor_recipe import CHANCE, METRICS, RECIPE, model_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recipe with functions beside it, and the model that it names."""
    model_of(tmp_path)
    np.savez(tmp_path / "data.npz", x=CHANCE.normal(size=(16, 4)), y=CHANCE.normal(size=(16, 2, 4)))
    (tmp_path / "metrics.py").write_text(METRICS)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path


def loaded(folder: Path, *settings: str) -> Recipe:
    return recipe.load(folder / "recipe.toml", list(settings))


def task_of(folder: Path, *settings: str) -> Tensors:
    task = Tensors(loaded(folder, *settings), Labels(None), None, None)
    task.look_at(folder / "model.xml", {"x": np.zeros((1, 4))})
    return task


def predictions(count: int = 6) -> list[dict[str, np.ndarray]]:
    return [
        {"boxes": CHANCE.normal(size=(2, 4)), "scores": np.arange(3.0) + CHANCE.normal()}
        for _ in range(count)
    ]


def judged(
    folder: Path,
    found: Sequence[Any],
    wanted: Sequence[Any],
    *settings: str,
    references: Any = None,
) -> Judgement:
    metric = metrics_of(placed(loaded(folder, *settings), folder))[0]
    right = references or [None] * len(wanted)
    return Judge(task_of(folder, *settings), metric, wanted, right).judge(found)


def detections(count: int) -> list[dict[str, np.ndarray]]:
    """As a detector gives them: four rows of pixels, and six of scores, most of them small."""
    found = []
    for _ in range(count):
        boxes, scores = CHANCE.uniform(0, 320, (4, 50)), CHANCE.uniform(0, 0.01, (6, 50))
        scores[CHANCE.integers(3), CHANCE.integers(50)] = 0.9
        found.append({"y": np.concatenate([boxes, scores]).astype(np.float32)})
    return found


def test_scores_count_beside_boxes_in_pixels() -> None:
    wanted = detections(8)
    mixed = [{"y": np.concatenate([it["y"][:4], it["y"][4:][::-1]])} for it in wanted]
    for got, want in zip(mixed, wanted, strict=True):
        assert cosine(got["y"], want["y"]) > 0.9999
    assert nearness(wanted, wanted) == pytest.approx([1] * 8)
    assert max(nearness(mixed, wanted)) < 0.5
    turned = [[{"y": it["y"].T} for it in side] for side in (mixed, wanted)]
    assert nearness(*turned) == pytest.approx(nearness(mixed, wanted))


def test_one_bad_output_of_two_counts() -> None:
    wanted = predictions()
    found = [{**it, "scores": it["scores"] * 0} for it in wanted]
    assert nearness(found, wanted) == [0] * 6
    assert nearness([{"boxes": it["boxes"]} for it in wanted], wanted) == [0] * 6
    shorter = [{**it, "boxes": it["boxes"][:1]} for it in wanted]
    assert nearness(shorter, wanted) == [0] * 6


def test_a_single_value_has_a_size() -> None:
    wanted = [{"p": np.array([value])} for value in (0.1, 0.5, 0.9)]
    assert min(nearness(wanted, wanted)) == pytest.approx(1)
    assert max(nearness([{"p": it["p"] + 1} for it in wanted], wanted)) < 0.97
    assert min(nearness([{"p": it["p"] * 1.01} for it in wanted], wanted)) > 0.9999


def test_probabilities_are_of_one_scale_and_whole_numbers_are_equal_or_not() -> None:
    rare = [np.array([0.9, 0.09, 0.01 * CHANCE.random()]) for _ in range(40)]
    noisy = [{"p": it + [0, 0, 0.002]} for it in rare]
    assert min(nearness(noisy, [{"p": it} for it in rare])) > 0.999
    ids = [{"ids": np.array([3, 7, 7, 1])}]
    assert nearness([{"ids": np.array([3, 7, 8, 1])}], ids) == [0.75]


def test_outputs_lose_the_batch_axis_only(folder: Path) -> None:
    sample = {"x": np.zeros((1, 4), np.float32)}
    assert outputs_of(folder / "model.xml", sample) == [
        Output("boxes", batched=True),
        Output("scores", batched=True),
    ]
    task = task_of(folder)
    found = task.prediction([[np.ones((1, 2, 4)), np.ones((1, 3))]])
    assert {name: array.shape for name, array in found.items()} == {"boxes": (2, 4), "scores": (3,)}
    assert task.prediction([[np.ones((5, 2, 4)), np.ones((1, 3))]])["boxes"].shape == (5, 2, 4)


def test_rows_are_taken_as_they_are_where_only_that_fits() -> None:
    shapes = {"frame": [1, 8], "state": [2, 1, 3], "rate": [], "fours": [4, 3]}
    ports = [ops.parameter(shape, ov.Type.f32, name=name) for name, shape in shapes.items()]
    for port, name in zip(ports, shapes, strict=True):
        port.output(0).get_tensor().set_names({name})
    row = {"frame": [8], "state": [2, 1, 3], "rate": [], "fours": [4, 3]}
    sample = {name: np.ones((1, *shape)) for name, shape in row.items()}
    found = bind([port.output(0) for port in ports], sample)
    assert [list(array.shape) for array in found] == list(shapes.values())
    sample["fours"] = np.ones((1, 3))
    with pytest.raises(SourceError, match="batches of 4 only: give rows of 4"):
        bind([port.output(0) for port in ports], sample)


def test_references_are_told_from_inputs(folder: Path) -> None:
    selection, task = open_samples(placed(loaded(folder), folder), "evaluation", references=True)
    _, row = next(iter(selection))
    assert list(task.inputs(row)) == ["x"]
    assert task.restored(task.reference(row)).shape == (2, 4)
    several = ("data.columns={ x = 'x', 'reference.boxes' = 'y', 'reference.seen' = 'x' }",)
    selection, task = open_samples(
        placed(loaded(folder, *several), folder), "evaluation", references=True
    )
    _, row = next(iter(selection))
    restored = task.restored(task.reference(row))
    assert {name: it.shape for name, it in restored.items()} == {"boxes": (2, 4), "seen": (4,)}
    assert list(task.inputs(row)) == ["x"]


def test_an_input_may_be_called_reference(folder: Path) -> None:
    model = ov.Core().read_model(folder / "model.xml")
    model.input(0).get_tensor().set_names({"reference"})
    ov.save_model(model, folder / "other.xml")
    settings = ("model.source=other.xml", "data.columns={ reference = 'x' }")
    selection, task = open_samples(
        placed(loaded(folder, *settings), folder), "evaluation", references=True
    )
    assert list(task.inputs(next(iter(selection))[1])) == ["reference"]


def test_a_metric_is_given_shaped_outputs_and_references(folder: Path) -> None:
    wanted = predictions()
    references = [it["boxes"].tolist() for it in wanted]
    found = judged(folder, wanted, wanted, "metric=metrics.py:near", references=references)
    assert (found.value, found.undefined) == (0, "")
    off = [{**it, "boxes": it["boxes"] + 2} for it in wanted]
    assert judged(
        folder, off, off, "metric=metrics.py:near", references=references
    ).value == pytest.approx(-2)


@pytest.mark.parametrize("name", ["beside", "named"])
def test_a_metric_is_given_the_baseline(folder: Path, name: str) -> None:
    wanted = predictions()
    off = [{**it, "boxes": it["boxes"] + 3} for it in wanted]
    found = judged(folder, off, wanted, f"metric=metrics.py:{name}", "data.columns={ x = 'x' }")
    assert found.value == pytest.approx(-3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("arrays", "each a number; that of sample 0 is an array [2, 4]"),
        ("mean", "expected one score per sample (6), found float 0.5"),
        ("infinite", "each finite; that of sample 0 is nan"),
        ("near", "it raised AssertionError"),
    ],
)
def test_what_is_no_score_is_refused(folder: Path, name: str, expected: str) -> None:
    with pytest.raises(SourceError) as caught:
        judged(
            folder, predictions(), predictions(), f"metric=metrics.py:{name}", references=[[1]] * 6
        )
    assert expected in str(caught.value)


def test_right_answers_that_are_missing_are_asked_for(folder: Path) -> None:
    with pytest.raises(SourceError, match="reference = "):
        judged(folder, predictions(), predictions(), "metric=metrics.py:near")


def test_a_metric_that_does_not_look_says_nothing(folder: Path) -> None:
    wanted, found = predictions(), predictions()
    right = {"references": [1] * 6}
    dead = judged(folder, found, wanted, "metric=metrics.py:dead", **right)
    assert dead.undefined == "it gives 1 for every sample, whatever the outputs are"
    zero = judged(folder, found, wanted, "metric=metrics.py:zero", **right)
    assert zero.undefined == "it gives 0 for every sample, whatever the outputs are"
    assert not judged(folder, found, wanted, "metric=metrics.py:right", **right).undefined


def test_top_1_of_the_only_list_of_scores(folder: Path) -> None:
    wanted = predictions()
    found = judged(folder, wanted, wanted, "metric=accuracy", references=[2, 2, 2, 0, 0, 0])
    assert found.value == 0.5
    none = judged(folder, wanted, wanted, "metric=accuracy", references=[0] * 6)
    assert none.undefined.endswith("none could get worse")
    other = [{**it, "scores": it["scores"][::-1]} for it in wanted]
    assert judged(folder, other, wanted, "metric=agreement").value == 0
    task = task_of(folder, "metric=agreement")
    assert task.same(wanted, other) == [False] * 6
    assert task.describe(wanted[0]).answer == "2"
    two = [{"a": np.ones(3), "b": np.ones(4)}]
    with pytest.raises(SourceError, match=r"one output of \[classes\].*a \[3\], b \[4\]"):
        judged(folder, two, two, "metric=accuracy", references=[1])
    named = ("metric=accuracy", "model.scores=b")
    assert judged(folder, two, two, *named, references=[0]).value == 1


def test_errors_are_to_the_right_answers_or_to_the_baseline(folder: Path) -> None:
    wanted = [{"y": np.array([1.0, 2.0])}, {"y": np.array([3.0, 5.0])}]
    off = [{"y": it["y"] + [0, 2]} for it in wanted]
    right = [[1.0, 1.0], [3.0, 4.0]]
    assert judged(folder, off, wanted, "metric=mae", references=right).value == 1.5
    assert judged(folder, off, wanted, "metric=mse", references=right).value == 4.5
    alone = ("metric=mae", "data.columns={ x = 'x' }")
    assert metrics_of(placed(loaded(folder, *alone), folder))[0].name == "mae to the baseline"
    assert judged(folder, off, wanted, *alone).value == 1
    with pytest.raises(SourceError, match=r"the output is \[2\], its reference \[3\]"):
        judged(folder, off, wanted, "metric=mae", references=[[1, 2, 3]] * 2)


def test_every_output_is_shown(folder: Path) -> None:
    task, (one, other) = task_of(folder), predictions(2)
    shown = task.describe_beside(other, one).outputs
    assert list(shown) == ["boxes", "scores"]
    assert shown["boxes"].shape == [2, 4]
    assert len(shown["boxes"].values) == 8
    expected = np.abs(one["boxes"] - other["boxes"]).max()
    assert shown["boxes"].max_abs_difference == pytest.approx(expected)
