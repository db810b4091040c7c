"""Questions, captions and texts: what becomes of a row, against the pipelines of transformers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.text.errors import RecipeError, SourceError
from ovtui.engine.ask.captions import captioning
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.tasks import task_class
from ovtui.engine.tasks.generation import Generation, from_their_median, texts_of
from ovtui.engine.tasks.image_to_text import ImageToText
from tests.support.tiny_pipelines import bart, t5
from tests.support.tiny_text import configure, write_tokenizer

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
PICTURE = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)

TEXT_RECIPE = """
schema = 1
title = "tiny translation"
task = "text2text-generation"
[model]
source = "model"
[data]
source = "data.csv"
calibration = { split = "all[:2]" }
evaluation = { split = "all[2:]" }
[generation]
max_new_tokens = 5
[[variants]]
name = "int8"
components.encoder = { method = "quantize" }
components.decoder = { method = "compress_weights" }
"""


def opened(recipe: Recipe, folder: Path) -> Generation:
    """The task of a recipe."""
    task = task_class(recipe.task)(recipe, Labels(None), folder, None)
    assert isinstance(task, Generation)
    return task


def demo(name: str, *overrides: str) -> Generation:
    """The task of a demo recipe."""
    return opened(recipes.load(DEMO / f"{name}.toml", list(overrides)), DEMO / "blip-digits")


def tensors(task: Generation, row: dict[str, Any]) -> dict[str, Any]:
    """A row's inputs as tensors."""
    return {name: torch.from_numpy(array) for name, array in task.inputs(row).items()}


@pytest.fixture(scope="module", params=["visual-question-answering", "image-to-text"])
def blip(request: pytest.FixtureRequest) -> tuple[Any, str]:
    """The demo's BLIP for a task."""
    auto = {
        "visual-question-answering": transformers.BlipForQuestionAnswering,
        "image-to-text": transformers.BlipForConditionalGeneration,
    }[request.param]
    model = auto.from_pretrained(DEMO / "blip-digits", dtype=torch.float32)
    return model.eval(), request.param


def test_blip(blip: tuple[Any, str]) -> None:
    model, name = blip
    asks = name == "visual-question-answering"
    task = demo("blip-vqa-digits" if asks else "blip-captioning-digits")
    row = {"image": PICTURE, "question": "how many digits are in the picture?"}
    assert list(task.paths(model)) == ["vision_model", *(["text_encoder"] if asks else []),
                                       "text_decoder"]  # fmt: skip
    tools = transformers.BlipProcessor.from_pretrained(DEMO / "blip-digits")
    given = tools(PICTURE, row["question"] if asks else None, return_tensors="pt")
    inputs = tensors(task, row)
    assert set(inputs) == set(given)
    expected = model.generate(**given, max_new_tokens=7)
    tokens = task.generate(model, inputs, max_new_tokens=7)
    assert tokens.tolist() == expected.tolist()
    (prediction,) = task.predict([tokens.numpy(), np.zeros(1)])
    text = tools.decode(tokens[0], skip_special_tokens=True)
    assert prediction == {"text": text, "tokens": tokens[0].tolist()}
    assert task.answer(prediction) == text and task.describe(prediction).answer == text


def test_a_model_that_answers_gives_captions_as_its_captioner_does() -> None:
    answers = transformers.BlipForQuestionAnswering.from_pretrained(DEMO / "blip-digits")
    captions = transformers.BlipForConditionalGeneration.from_pretrained(DEMO / "blip-digits")
    asked, task = demo("blip-vqa-digits"), demo("blip-captioning-digits")
    pipeline = Pipeline(answers, asked, asked.paths(answers), threads=1)
    assert isinstance(task, ImageToText)
    found = captioning(pipeline, task).generate(inputs := task.inputs({"image": PICTURE}))
    given = {name: torch.from_numpy(array) for name, array in inputs.items()}
    expected = task.generate(captions.eval(), given)
    assert len(expected[0]) > 3
    assert found["tokens"].tolist() == expected.tolist()
    # What the captioner's first logits are is seen too, and the pipeline still answers.
    assert found["logits"].shape == (captions.config.text_config.vocab_size,)
    row = {"image": PICTURE, "question": "how many digits are in the picture?"}
    assert pipeline.generate(asked.inputs(row))["tokens"].shape[1] > 1


def test_a_captioner_captions_as_it_is() -> None:
    model = transformers.BlipForConditionalGeneration.from_pretrained(DEMO / "blip-digits")
    task = demo("blip-captioning-digits")
    assert isinstance(task, ImageToText)
    pipeline = Pipeline(model, task, task.paths(model), threads=1)
    assert captioning(pipeline, task).model is model


def test_a_family_without_captions_is_told() -> None:
    class Answers(torch.nn.Module):
        def __init__(self, config: Any) -> None:
            super().__init__()
            self.text_decoder = torch.nn.Linear(1, 1)
            self.config = config

    task = demo("blip-captioning-digits")
    assert isinstance(task, ImageToText)
    for config, told in (
        (transformers.ViltConfig(), "Answers gives no captions: ask it something with --question"),
        (
            transformers.BlipConfig(),
            "Answers gives no captions, it has no vision_model of BlipForConditionalGeneration",
        ),
    ):
        paths = {"text_decoder": "text_decoder"}
        pipeline = Pipeline(Answers(config), task, paths, threads=1)
        with pytest.raises(SourceError, match=told):
            captioning(pipeline, task)


def test_long_questions_are_cut() -> None:
    task = demo("blip-vqa-digits")
    row = {"image": PICTURE, "question": "digit " * 100}
    assert task.inputs(row)["input_ids"].shape == (1, 32), "the tokenizer's limit"
    shorter = demo("blip-vqa-digits", "data.tokens.max_length=8")
    assert shorter.inputs(row)["input_ids"].shape == (1, 8)
    with pytest.raises(Unusable, match="question: is empty"):
        task.inputs({"image": PICTURE, "question": " "})


def test_words_around_a_question() -> None:
    task = demo("blip-vqa-digits", "data.prompt='which digit {question}'")
    plain = demo("blip-vqa-digits")
    row = {"image": PICTURE, "question": "is it?"}
    asked = plain.inputs(row | {"question": "which digit is it?"})["input_ids"]
    assert task.inputs(row)["input_ids"].tolist() == asked.tolist()


def test_answers_of_people() -> None:
    task = demo("blip-vqa-digits")
    answers = [{"answer": "no", "answer_id": 1}, {"answer": "yes"}, {"answer": "yes"}]
    reference = task.reference({"answers": answers})
    assert reference == ["no", "yes", "yes"]
    assert task.name_reference(reference) == ["yes", "no"]
    assert task.reference({"answers": "yes"}) == ["yes"]


@pytest.mark.parametrize("cell", [3, [], [1, 2], [{"said": "yes"}], None])
def test_what_is_no_answer(cell: Any) -> None:
    with pytest.raises(SourceError, match="answers: expected a text, a list of texts, or of dicts"):
        texts_of(cell, "answers", "answer")


def test_what_is_shown(tmp_path: Path) -> None:
    shown = demo("blip-vqa-digits").show({"image": PICTURE, "question": "why?"}, tmp_path, "0")
    assert shown == {"question": "why?", "image": f"{tmp_path.name}/0.png"}
    shown = demo("blip-captioning-digits").show({"image": PICTURE}, tmp_path, "1")
    assert shown == {"image": f"{tmp_path.name}/1.png"}


@pytest.mark.parametrize(("build", "path"), [(t5, "encoder"), (bart, "model.encoder")])
def test_text_to_text(build: Callable[[], Any], path: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = build().eval()
    folder = tmp_path / "model"
    model.save_pretrained(folder)
    write_tokenizer(folder)
    (tmp_path / "tiny.toml").write_text(TEXT_RECIPE)
    prompt = "data.prompt='the big {text}'"
    task = opened(recipes.load(tmp_path / "tiny.toml", [prompt]), folder)
    inputs = tensors(task, {"text": "dog sees"})
    assert inputs["input_ids"].tolist() == [[2, 5, 13, 7, 10, 3]]
    assert task.paths(model) == {"encoder": path, "decoder": ""}
    tokens = task.generate(model, inputs)
    inputs.pop("token_type_ids")  # of BERT's tokenizer, which these models do not take
    assert tokens.tolist() == model.generate(**inputs, max_new_tokens=5).tolist()
    assert task.generate(model, inputs, max_new_tokens=9, min_new_tokens=9).shape[1] == 10
    assert task.reference({"target": "a cat"}) == ["a cat"]
    assert task.normalised("A Cat!") == "a cat"
    assert task.words({"text": "dog"}) == {"text": "dog"}


def test_a_recipe_names_other_components(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TEXT_RECIPE)

    def task(components: str) -> Generation:
        asked = recipes.load(tmp_path / "tiny.toml", [f"components={components}"])
        return opened(asked, tmp_path)

    model = t5()
    assert task('{ encoder = "encoder", decoder = "" }').paths(model)["decoder"] == ""
    with pytest.raises(SourceError, match=r"components.encoder: T5.* has no module 'encodr'"):
        task('{ encoder = "encodr", decoder = "" }').paths(model)
    with pytest.raises(SourceError, match="components: Linear has no encoder; name the parts"):
        opened(recipes.load(tmp_path / "tiny.toml"), tmp_path).paths(torch.nn.Linear(1, 1))


def test_a_prompt_holds_a_place(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="data.prompt"):
        demo("blip-vqa-digits", "data.prompt=question")


def test_a_processor_that_is_missing(tmp_path: Path) -> None:
    task = opened(recipes.load(DEMO / "blip-vqa-digits.toml"), tmp_path)
    with pytest.raises(SourceError, match="its processor cannot be loaded"):
        task.inputs({"image": PICTURE, "question": "?"})


def test_a_tokenizer_without_a_limit(tmp_path: Path) -> None:
    model = t5()
    model.save_pretrained(tmp_path / "model")
    write_tokenizer(tmp_path / "model")
    configure(tmp_path / "model", "tokenizer_config.json", model_max_length=10**30)
    (tmp_path / "tiny.toml").write_text(TEXT_RECIPE)
    task = opened(recipes.load(tmp_path / "tiny.toml"), tmp_path / "model")
    assert task.inputs({"text": "dog " * 40})["input_ids"].shape == (1, 42)


def test_what_is_added_to_all_logits_is_not_seen_in_their_nearness() -> None:
    logits = torch.randn(1, 2, 50, generator=torch.Generator().manual_seed(0))
    logits[0, -1, 7] = -math.inf  # as a token that a model never says
    one, other = (from_their_median(it)[0, -1] for it in (logits, logits + 16))
    assert torch.allclose(one, other, atol=1e-5) and one[7] == -math.inf
    assert torch.equal(one.argsort(), logits[0, -1].argsort())
    assert torch.allclose(one.softmax(-1), logits[0, -1].softmax(-1))
