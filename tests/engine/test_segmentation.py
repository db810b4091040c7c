"""Segmentation: layouts recognised, masks brought to their pictures, wrong data told in a line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from PIL import Image

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.results.prediction import MaskPrediction
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.from_pytorch import trace_module
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.models.inference import infer_alone
from ovtui.engine.models.sources import folder_of_model
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks import open_model, open_task
from ovtui.engine.tasks.class_maps import NO_CLASS
from ovtui.engine.tasks.detection_layouts import Shown
from ovtui.engine.tasks.mask_layouts import recognise_masks
from ovtui.engine.tasks.semantic_segmentation import SemanticSegmentation
from tests.support.square_pictures import rows_of
from tests.support.tiny_segmenters import NAMES, RECIPE, ROWS, write_colours, write_segmenter


def task_of(path: Path, *settings: str, folder: Path | None = None) -> SemanticSegmentation:
    recipe = recipes.load(path, list(settings))
    place = placed(recipe, path.parent).place
    task = open_task(recipe, Labels(recipe.data.labels), folder, None, place=place)
    assert isinstance(task, SemanticSegmentation)
    return task


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("scores", "4 scores for each pixel [classes, H, W]"),
        ("scores last", "4 scores for each pixel [H, W, classes]"),
        ("classes", "a class for each pixel [H, W]"),
        ("classes of one channel", "a class for each pixel [H, W]"),
    ],
)
def test_each_layout_finds_the_squares_of_a_letterboxed_picture(
    tmp_path: Path, layout: str, words: str
) -> None:
    path = write_colours(tmp_path, layout)
    task, model = task_of(path), tmp_path / "model.xml"
    compiled = ov.Core().compile_model(model, "CPU")
    for row in rows_of(ROWS)[:4]:
        inputs = task.inputs(row)
        task.look_at(model, inputs)
        said = task.within(row, task.prediction([infer_alone(compiled, inputs)]))
        assert task.reading.startswith(words) and task.reading.endswith("255 do not count")
        assert (said.width, said.height) == (128, 96)
        wrong = np.asarray(said) != row["mask"]
        assert wrong.mean() < 0.05 if layout.startswith("scores") else not wrong.any()
        described = task.describe(said)
        assert isinstance(described, MaskPrediction) and described.regions[0].label == "ground"
        assert not described.differs(task.name_reference(task.reference(row)))


def test_one_score_for_each_pixel_is_of_two_classes() -> None:
    sure = np.array([[[[0.2, 0.7]]]], np.float32)
    of_probability = recognise_masks([Shown("y", (1, 1, -1, -1), "Sigmoid")], 2)
    of_logits = recognise_masks([Shown("y", (1, -1, -1, 1), "Convolution")], 2)
    assert "above 0.5" in of_probability.words and "above 0" in of_logits.words
    assert of_probability.read([sure]).argmax(0).tolist() == [[0, 1]]
    assert of_logits.read([sure.transpose(0, 2, 3, 1) - 0.5]).argmax(0).tolist() == [[0, 1]]


def test_an_auxiliary_output_is_not_read_and_what_is_no_map_is_told() -> None:
    two = [Shown("aux", (1, 4, 8, 8), "Add"), Shown("out", (1, 4, 64, 64), "Add")]
    assert recognise_masks(two, 4).read([np.zeros((1, 4, 8, 8)), np.ones((1, 4, 64, 64))]).all()
    assert recognise_masks([Shown("y", (-1, 9, -1, -1), "Add")], None).words.startswith("9 scores")
    assert "[H, W, classes]" in recognise_masks([Shown("y", (1, 64, 64, 9), "Add")], None).words
    for shape in ((1, 9), (1, 5, 64, 64), ()):
        with pytest.raises(SourceError, match="no layout of a segmentation model .* 4 classes are"):
            recognise_masks([Shown("y", shape, "Add")], 4)


@pytest.mark.parametrize("kind", ["Segformer", "UperNet", "Beit", "DPT", "MobileNetV2"])
def test_a_graph_says_what_the_model_and_its_processor_say(kind: str, tmp_path: Path) -> None:
    write_segmenter(tmp_path / "model", kind)
    text = RECIPE.replace("model.xml", "model").replace("preprocessing =", "prompt = '{label}' #")
    (tmp_path / "recipe.toml").write_text(text)
    asked = placed(recipes.load(tmp_path / "recipe.toml"), tmp_path)
    task: Any = open_task(asked.recipe, Labels(NAMES), folder_of_model(asked), None)
    pictures = [row["image"] for row in rows_of(ROWS)[:2]]
    samples = [task.inputs({"image": picture}) for picture in pictures]
    processed = [task.processed({"image": picture}) for picture in pictures]
    module: Any = open_model(asked)
    journal = Journal(Run(tmp_path), "convert")
    graph, traced = trace_module(module, Examples(samples[:1], processed[:1], {}), journal)
    assert traced.outputs == ["logits"]
    ov.save_model(graph, tmp_path / "graph.xml", compress_to_fp16=False)
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for picture, sample, given in zip(pictures, samples, processed, strict=True):
        task.look_at(tmp_path / "graph.xml", sample)
        with torch.no_grad():
            said = module.untouched(pixel_values=torch.tensor(given["pixel_values"]))
        (logits,) = infer_alone(compiled, sample)
        assert np.abs(logits - said.logits.numpy()).max() < 1e-3 * np.abs(logits).max()
        logits = logits - logits.mean(axis=(2, 3), keepdims=True)  # all classes are somewhere
        (wanted,) = task._processor.post_process_semantic_segmentation(
            SimpleNamespace(logits=torch.tensor(logits)), target_sizes=[(96, 128)]
        )
        ours = task.within({"image": picture}, task.prediction([[logits]]))
        assert len(np.unique(wanted)) > 1 and np.mean(np.asarray(ours) == wanted.numpy()) > 0.999


def test_numbers_of_masks_are_classes_of_the_model(tmp_path: Path) -> None:
    path = write_colours(tmp_path)
    picture = np.zeros((2, 3, 3), np.uint8)
    row = {"image": picture, "mask": np.array([[0, 1, 3], [255, 2, 0]])}

    def classes(*settings: str, mask: Any = None, folder: Path | None = None) -> Any:
        given = row if mask is None else row | {"mask": np.asarray(mask)}
        return np.asarray(task_of(path, *settings, folder=folder).reference(given)).tolist()

    none = NO_CLASS
    assert classes() == [[0, 1, 3], [none, 2, 0]]
    assert classes("data.first_label=1") == [[none, 0, 2], [none, 1, none]]
    assert classes("data.ignore_index=3", mask=[[0, 1, 3], [2, 2, 0]]) == [[0, 1, none], [2, 2, 0]]
    two = 'data.labels=["ground", "cell"]'
    assert classes(two, mask=[[0, 255, 1], [0, 0, 0]]) == [[0, 1, 1], [0, 0, 0]]
    assert classes(two, "data.ignore_index=255", mask=[[0, 255, 1]] * 2) == [[0, none, 1]] * 2
    folder = write_segmenter(tmp_path / "model", "Segformer")
    how = (folder / "preprocessor_config.json").read_text()
    (folder / "preprocessor_config.json").write_text(how[:-1] + ', "do_reduce_labels": true}')
    assert classes(folder=folder) == classes("data.first_label=1")
    for mask, words in (
        ([[9, 0, 0], [0, 0, 0]], "label 9: unknown, the labels are 0 to 3"),
        ([[-1, 0, 0], [0, 0, 0]], "holds -1 to 0"),
        ([[0, 0], [0, 0]], "is 2x2 pixels, its picture 3x2"),
    ):
        with pytest.raises(Unusable, match=words):
            classes(mask=mask)


def test_masks_are_the_same_where_classes_share_half_and_changes_are_counted(
    tmp_path: Path,
) -> None:
    task = task_of(write_colours(tmp_path))
    whole, part, empty = (task.reference({"image": np.zeros((8, 8), np.uint8), "mask": mask})
        for mask in (np.eye(8), np.eye(8) * (np.arange(8) < 7), np.zeros((8, 8))))  # fmt: skip
    assert task.agrees(whole, part) and not task.agrees(whole, empty)
    assert task.changes([whole, whole], [part, whole], [True, True]) == [1 / 64, 0]
    said = task.describe_beside(part, whole)
    assert said.changed == round(1 / 64, 6) and "1.6% of the pixels changed" in str(
        said.beside(task.describe(whole))
    )
    nothing = task.describe(task.nothing(whole))
    assert nothing.answer == "nothing" and nothing.differs(task.describe(whole))
    colour = Image.fromarray(np.zeros((8, 8), np.uint8))
    assert task.inputs({"image": colour})["pixel_values"].shape == (1, 3, 64, 64)
