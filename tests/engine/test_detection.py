"""Detectors: layouts recognised, boxes brought back to pictures, wrong data told in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from PIL import Image

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Preprocessing
from ovtui.core.recipes.recipe_check import check
from ovtui.core.text.errors import RecipeError, SourceError
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.conversion.convert import _in_another_order
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.pictures import read_picture, size_of
from ovtui.engine.data.preprocessing import placement, preprocess
from ovtui.engine.data.rows import Unusable
from ovtui.engine.models.inference import infer_alone
from ovtui.engine.tasks import open_task
from ovtui.engine.tasks.boxes import Boxes, corners, overlaps, suppressed
from ovtui.engine.tasks.detection_layouts import Shown, recognise
from ovtui.engine.tasks.object_detection import ObjectDetection
from tests.support.square_pictures import rows_of
from tests.support.tiny_detectors import ROWS, cells_graph, write_squares


def task_of(path: Path, *settings: str) -> ObjectDetection:
    recipe = recipes.load(path, list(settings))
    names = recipe.data.labels
    task = open_task(recipe, Labels(names), None, None, place=placed(recipe, path.parent).place)
    assert isinstance(task, ObjectDetection)
    return task


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("anchor-free", "anchor-free [4 + classes, N]: box in pixels, 3 scores; NMS"),
        ("end-to-end", "end-to-end [N, 6]"),
        ("detection-output", "DetectionOutput"),
        ("logits", "3 logits of each class (sigmoid) and a box for each query"),
    ],
)
def test_each_layout_finds_the_squares_of_a_letterboxed_picture(
    tmp_path: Path, layout: str, words: str
) -> None:
    path = write_squares(tmp_path, layout)
    task, model = task_of(path), tmp_path / "model.xml"
    compiled = ov.Core().compile_model(model, "CPU")
    for number, row in enumerate(rows_of(ROWS)[:4]):
        inputs = task.inputs(row)
        task.look_at(model, inputs)
        found = task.within(row, task.prediction([infer_alone(compiled, inputs)]))
        assert task.reading.startswith(words)
        truth = task.name_reference(task.reference(row))
        assert len(truth.objects) == number and not task.describe(found).differs(truth)


def test_outputs_that_are_no_layout_say_what_is_known() -> None:
    with pytest.raises(SourceError, match=r"y \[1, 10\]\) are no layout .* model.decode"):
        recognise([Shown("y", (1, 10), "MatMul")], 3)
    logits = [Shown("boxes", (1, 9, 4), "Sigmoid"), Shown("scores", (1, 9, 7), "Add")]
    with pytest.raises(SourceError, match="has 7 scores for each box, and 3 classes are named"):
        recognise(logits, 3)
    with pytest.raises(SourceError, match="name the model's classes as data.labels"):
        recognise(logits, None)
    assert "of no object (softmax)" in recognise(logits, 6).words
    sure = [logits[0], Shown("scores", (1, 9, 7), "Softmax")]
    assert "probabilities" in recognise(sure, 3).words
    assert recognise([Shown("y", (1, -1, 7), "Concat")], 3).words.startswith("anchor-free [N,")


def test_ones_own_function_reads_outputs(tmp_path: Path) -> None:
    path = write_squares(tmp_path)
    (tmp_path / "own.py").write_text(
        "import numpy as np\n"
        "def decode(outputs, size):\n"
        "    (values,) = outputs.values()\n"
        "    assert values.shape == (1, 7, 64) and size == (64, 64)\n"
        "    return [[0, 16, 8, 24]], [0.9], [2]\n"
        "def short(outputs, size):\n    return [[0, 0, 8, 8]], [0.9, 0.1], [2]\n"
        "def wrong(outputs, size):\n    return 7\n"
    )
    row = rows_of(ROWS)[0]

    def read(name: str) -> Any:
        task = task_of(path, f"model.decode=own.py:{name}")
        task.look_at(tmp_path / "model.xml", task.inputs(row))
        return task, task.within(row, task.prediction([[np.zeros((1, 7, 64), np.float32)]]))

    task, found = read("decode")
    assert found == {"boxes": [[0, 16, 16, 32]], "classes": [2], "scores": [0.9]}
    assert task.describe(found).in_words == "1× ship (90%)"
    with pytest.raises(SourceError, match=r"expected boxes \[N, 4\] .* found shapes"):
        read("short")
    with pytest.raises(SourceError, match="own.py:wrong: expected boxes .* found 7"):
        read("wrong")


def test_suppression_is_that_of_a_loop_over_all_pairs() -> None:
    generator = np.random.default_rng(0)
    corner = generator.uniform(0, 60, (80, 2))
    boxes = np.concatenate([corner, corner + generator.uniform(5, 40, (80, 2))], axis=1)
    found = Boxes(boxes, generator.random(80), generator.integers(0, 3, 80))
    kept: list[int] = []
    for at in sorted(range(80), key=lambda it: -found.scores[it]):
        rivals = [it for it in kept if found.classes[it] == found.classes[at]]
        if not any(_iou(boxes[at], boxes[it]) > 0.3 for it in rivals):
            kept.append(at)
    assert np.array_equal(suppressed(found, 0.3).boxes, boxes[kept]) and 10 < len(kept) < 70
    none = suppressed(Boxes(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int)), 0.5)
    assert none.boxes.shape == (0, 4)
    assert overlaps(np.zeros(4), np.zeros((2, 4))).tolist() == [0, 0]
    assert corners(np.array([[5.0, 6.0, 4.0, 2.0]])).tolist() == [[3, 5, 7, 7]]


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(it[2] - it[0]) * (it[3] - it[1]) for it in (one, other)]
    return float(width * height / (sum(areas) - width * height))


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ({"bbox": [[1, 2, 3]], "category": ["cat"]}, r"box 0 is \[1, 2, 3\], expected \[x, y"),
        ({"bbox": [[1, 2, -3, 4]], "category": ["cat"]}, "expected a width and height above 0"),
        ({"bbox": [[1, 2, float("nan"), 4]], "category": [0]}, "expected a width and height"),
        ({"bbox": [[200, 2, 3, 4]], "category": ["cat"]}, "outside of its picture of 128x96"),
        ({"bbox": [[1, 2, 3, 4]], "category": []}, "1 boxes, and 0 categories"),
    ],
)
def test_a_wrong_box_leaves_its_row_out(tmp_path: Path, objects: Any, told: str) -> None:
    task = task_of(write_squares(tmp_path))
    with pytest.raises(Unusable, match=told):
        task.reference({**rows_of(ROWS)[1], "objects": objects})


def test_labels_and_columns_that_fit_nothing_are_refused(tmp_path: Path) -> None:
    task, row = task_of(write_squares(tmp_path)), rows_of(ROWS)[1]
    unknown = {"bbox": [[1, 2, 3, 4]], "category": ["zebra"]}
    with pytest.raises(SourceError, match="label 'zebra': unknown"):
        task.reference({**row, "objects": unknown})
    with pytest.raises(SourceError, match="label 3: unknown, the labels are 0 to 2"):
        task.reference({**row, "objects": {**unknown, "category": [3]}})
    with pytest.raises(SourceError, match="expected {bbox, category}, found"):
        task.reference({**row, "objects": [1, 2]})
    empty = task.reference({**row, "objects": {"bbox": [], "category": []}})
    assert empty == {"boxes": [], "classes": [], "areas": [], "crowds": []}
    whole = {"bbox": [[1, 2, 3, 4]], "category": [2], "area": [5], "iscrowd": [1]}
    assert task.reference({**row, "objects": whole}) == {
        "boxes": [[1, 2, 4, 6]],
        "classes": [2],
        "areas": [5],
        "crowds": [True],
    }


@pytest.mark.parametrize("fit", ["stretch", "letterbox", "top-left"])
@pytest.mark.parametrize("size", [(100, 50), (33, 71), (64, 64)])
def test_a_box_in_the_input_is_where_its_pixels_are(fit: Any, size: tuple[int, int]) -> None:
    how = Preprocessing(resize=[64, 96], fit=fit, scale=1.0, interpolation="nearest")
    picture = Image.new("RGB", size, (10, 20, 30))
    white = (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2)
    picture.paste((255, 255, 255), white)
    pixels = preprocess(picture, how)[0]
    assert pixels.shape == (3, 64, 96)
    y, x = np.nonzero(pixels[0] == 255)
    seen = np.array([[x.min(), y.min(), x.max() + 1, y.max() + 1]], dtype=float)
    back = placement(size, how).back(seen, size)
    assert np.abs(back - np.array(white)).max() <= 1.5 * max(size[0] / 64, size[1] / 64, 1)
    padded = (pixels == 114).all(axis=0).any()
    assert padded == (fit != "stretch")


def test_the_size_of_a_picture_is_in_its_header(tmp_path: Path) -> None:
    lying = Image.new("RGB", (20, 10))
    exif = lying.getexif()
    exif[0x0112] = 6
    lying.save(tmp_path / "turned.jpg", exif=exif)
    assert size_of("turned.jpg", tmp_path) == read_picture("turned.jpg", tmp_path).size == (10, 20)
    assert size_of(np.zeros((10, 20, 3), np.uint8), None) == (20, 10)
    assert size_of({"bytes": (tmp_path / "turned.jpg").read_bytes()}, None) == (10, 20)
    with pytest.raises(Unusable):
        size_of(b"no picture", None)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("data.preprocessing.resize=[64]", "data.preprocessing.fit: 'letterbox' needs the size"),
        ("data.preprocessing.crop=[8, 8]", "data.preprocessing.fit: 'letterbox' needs the size"),
        ("model.decode=nothing", "model.decode: expected file.py:function"),
        ("metric=accuracy", "metric: 'accuracy' does not judge what a model of the task 'object-"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused(tmp_path: Path, setting: str, expected: str) -> None:
    path = write_squares(tmp_path)
    with pytest.raises(RecipeError, match=expected):
        check(placed(recipes.load(path, [setting]), tmp_path))


def test_rows_of_outputs_may_have_changed_places_together() -> None:
    generator = np.random.default_rng(0)
    logits, boxes = generator.random((1, 9, 3)), generator.random((1, 9, 4))
    order = generator.permutation(9)
    both = [(logits[:, order], logits), (boxes[:, order], boxes)]
    assert _in_another_order(both) == 0
    assert _in_another_order([both[0], (boxes, boxes)]) > 0.1
    assert _in_another_order([(logits[0], logits[0])]) == float("inf")


def test_objects_in_another_order_are_compared_with_their_own(tmp_path: Path) -> None:
    task = task_of(write_squares(tmp_path, "logits"))
    task.look_at(tmp_path / "model.xml", task.inputs(rows_of(ROWS)[1]))
    generator = np.random.default_rng(0)
    one = {"0": generator.random((1, 64, 4)), "1": generator.normal(0, 9, (1, 64, 3))}
    order = generator.permutation(64)
    noise = generator.normal(0, 0.01, (1, 64, 3))
    other = {"0": one["0"][:, order], "1": (one["1"] + noise)[:, order]}
    back = task.in_order(one, other)
    assert np.array_equal(back["0"], one["0"]) and np.abs(back["1"] - one["1"]).max() < 0.1
    unlike = {name: array[:, :9] for name, array in other.items()}
    assert task.in_order(one, unlike) is unlike, "no other order of the same"
    fixed = task_of(write_squares(tmp_path / "fixed"))
    fixed.look_at(tmp_path / "fixed" / "model.xml", fixed.inputs(rows_of(ROWS)[1]))
    assert fixed.in_order(one, other) is other, "each place of a picture has its own"


def test_an_exported_file_says_how_it_is_used(tmp_path: Path) -> None:
    path = write_squares(tmp_path)
    model = cells_graph()
    told = {
        "labels": "red green blue",
        "resize_type": "fit_to_window_letterbox",
        "pad_value": "114",
        "scale_values": "[255.0]",
        "reverse_input_channels": "YES",
        "confidence_threshold": "0.25",
        "iou_threshold": "0.6",
    }
    for name, value in told.items():
        model.set_rt_info(value, ["model_info", name])
    ov.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    path.write_text(path.read_text().replace("preprocessing =", "prompt = '{label}' #"))
    unnamed = path.read_text().replace('labels = ["cat", "dog", "ship"]', "label_order = 'model'")
    path.write_text(unnamed)
    asked = placed(recipes.load(path), tmp_path)
    assert open_samples(asked, "evaluation", references=True)[1].labels == ["red", "green", "blue"]
    task, row = task_of(path), rows_of(ROWS)[3]
    given = Preprocessing(resize=[64, 64], fit="letterbox")
    ours = preprocess(read_picture(row["image"], None), given)
    assert np.abs(task.inputs(row)["pixel_values"] - ours).max() < 1e-6
    task.look_at(tmp_path / "model.xml", task.inputs(row))
    assert task.sureness == 0.25 and "NMS of our own at 0.6" in task.reading
