"""Zero-shot image classification: the demo's own model, from texts and pictures to an answer."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe, load
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import RecipeError, SourceError
from ovtui.engine.conversion.convert import convert
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.evaluation.infer import Written, infer
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks import open_model, task_class
from ovtui.engine.tasks.zero_shot_image_classification import ZeroShotImageClassification

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
NAMES = ["zero", "one", "two"]


@pytest.fixture
def recipe() -> Recipe:
    return load(DEMO / "clip-digits.toml")


def _task(recipe: Recipe, folder: Path | None = None) -> ZeroShotImageClassification:
    return ZeroShotImageClassification(recipe, Labels(NAMES), folder or DEMO / "clip-digits", None)


def _picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def test_a_row_is_a_picture_and_a_text_for_each_label(recipe: Recipe) -> None:
    found = _task(recipe).inputs({"image": _picture(0), "label": 1})
    assert found["pixel_values"].shape == (1, 3, 32, 32)
    assert found["input_ids"].shape == found["attention_mask"].shape == (3, 8)
    measured = _task(recipe).measured(found)
    assert measured["input_ids"].shape == (1, 8)


def test_a_caption_is_one_text_and_not_longer_than_the_model(recipe: Recipe) -> None:
    task = _task(recipe)
    assert task.inputs({"image": _picture(0), "caption": "the digit"})["input_ids"].shape == (1, 4)
    with pytest.raises(Unusable, match="a caption of 42 tokens, the model takes 24"):
        task.inputs({"image": _picture(0), "caption": "digit " * 40})
    with pytest.raises(Unusable, match="no caption"):
        task.inputs({"image": _picture(0), "caption": None})


def test_tokens_are_those_of_the_processor(recipe: Recipe) -> None:
    from transformers import AutoProcessor

    process = AutoProcessor.from_pretrained(DEMO / "clip-digits")
    texts = [f"a photo of the digit {name}" for name in NAMES]
    wanted = process(text=texts, images=[_picture(3)], padding=True, return_tensors="np")
    found = _task(recipe).inputs({"image": _picture(3)})
    assert set(found) == set(wanted)
    for name, array in found.items():
        assert np.array_equal(array, wanted[name]), name


@pytest.mark.parametrize("side", ["left", "right"])
def test_texts_are_padded_on_the_tokenizers_side(recipe: Recipe, side: str, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    shutil.copytree(DEMO / "clip-digits", tmp_path / "model")
    path = tmp_path / "model" / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"padding_side": side}))
    texts = ["a photo of the digit one", "a photo of the digit one two"]
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    task = ZeroShotImageClassification(recipe, Labels(["one", "one two"]), tmp_path / "model", None)
    found = task.inputs({"image": _picture(0)})
    for name, array in tokenizer(texts, padding=True, return_tensors="np").items():
        assert np.array_equal(found[name], array), name
    assert found["attention_mask"][0, 0] == (side == "right")


def test_labels_that_are_missing_or_too_long_are_told(recipe: Recipe) -> None:
    nameless = ZeroShotImageClassification(recipe, Labels(None), DEMO / "clip-digits", None)
    with pytest.raises(SourceError, match="candidate labels are missing"):
        nameless.inputs({"image": _picture(0)})
    wordy = ZeroShotImageClassification(recipe, Labels(["seven " * 30]), DEMO / "clip-digits", None)
    with pytest.raises(SourceError, match="the model takes 24"):
        wordy.inputs({"image": _picture(0)})


def test_a_tokenizer_with_fewer_tokens_than_the_model_is_the_limit(
    recipe: Recipe, tmp_path: Path
) -> None:
    """SigLIP pads to its tokenizer's length, and reads its answer off the last position."""
    shutil.copytree(DEMO / "clip-digits", tmp_path / "model")
    path = tmp_path / "model" / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": 10}))
    task = _task(recipe, tmp_path / "model")
    with pytest.raises(Unusable, match="the model takes 10"):
        task.inputs({"image": _picture(0), "caption": "digit " * 12})


def test_a_model_without_a_tokenizer_is_told(recipe: Recipe, tmp_path: Path) -> None:
    for name in ("config.json", "processor_config.json"):
        shutil.copyfile(DEMO / "clip-digits" / name, tmp_path / name)
    with pytest.raises(SourceError, match="holds no tokenizer"):
        _task(recipe, tmp_path).inputs({"image": _picture(0)})


def test_a_prompt_needs_the_label() -> None:
    with pytest.raises(RecipeError, match="prompt"):
        load(DEMO / "clip-digits.toml", ['data.prompt="a photo"'])


def test_one_graph_takes_any_number_of_texts_and_pictures(recipe: Recipe, tmp_path: Path) -> None:
    """Batches share their texts, and get what each picture gets alone."""
    kind: Any = task_class(recipe.task)
    task = _task(recipe)
    out = tmp_path / "converted"
    out.mkdir()
    samples = [task.inputs({"image": _picture(number)}) for number in range(5)]
    converted = convert(
        open_model(placed(recipe, DEMO)),
        Examples(samples[:2], dynamic=kind.dynamic),
        "CPU",
        out,
        Journal(Run(tmp_path), "convert"),
        fp16=True,
    )
    assert converted.difference is not None and converted.difference < 1e-4
    together, alone = (_outputs(tmp_path, out, some) for some in (samples, samples[:1]))
    assert together[0] == "batches of 3" and alone[0] == "one by one"
    for one, other in zip(together[1], alone[1], strict=False):
        assert list(one) == ["0", "3"]
        assert one["0"].shape == (1, 3) and one["3"].shape == (1, 64)
        assert np.allclose(one["0"], other["0"], atol=1e-3)


def _outputs(folder: Path, model: Path, samples: list[Arrays]) -> tuple[str, list[Arrays]]:
    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    check, _ = infer(
        Written(model / "model" / "model.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"}),
        Spool(folder, "inputs"),
        folder,
        partial(Journal(Run(folder), "evaluate").step, "x", len(samples)),
        shared=ZeroShotImageClassification.shared,
        evaluated=ZeroShotImageClassification.evaluated,
    )
    return check.way, list(Spool(folder, "outputs"))


def test_the_demo_is_small_and_in_hugging_face_layout() -> None:
    files = {path.name: path.stat().st_size for path in (DEMO / "clip-digits").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "processor_config.json"} <= set(
        files
    )
    assert sum(files.values()) < 3_000_000
    config = json.loads((DEMO / "clip-digits" / "config.json").read_text())
    assert config["architectures"] == ["CLIPModel"]


def test_as_many_probabilities_are_told_as_are_asked_for(recipe: Recipe) -> None:
    names = [f"label {number}" for number in range(8)]
    task = ZeroShotImageClassification(recipe, Labels(names), DEMO / "clip-digits", None)
    scores = np.arange(8, dtype=np.float32)[None]
    assert len(task.describe(task.predict([scores])[0]).top) == 5
    task.shown_classes = len(names)
    top = task.describe(task.predict([scores])[0]).top
    assert [entry.label for entry in top] == names[::-1]
    expected = np.exp(scores[0, ::-1]) / np.exp(scores).sum()
    assert [entry.score for entry in top] == pytest.approx(expected.tolist(), abs=1e-6)
