"""What a person asks of a picture: labels of their own, and a caption of a model that answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from msgspec.structs import replace
from PIL import Image

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe, load
from ovtui.core.results import result as results
from ovtui.core.results.variant import Variant
from ovtui.core.runs import run_folder
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.engine.ask import ask_models
from ovtui.engine.ask.asking import Models, to_nobody
from ovtui.engine.conversion.convert import convert
from ovtui.engine.conversion.convert_pipeline import convert_pipeline
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.run import stage_keys
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import EXACT, baseline_of, graph_of, stem_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import PipelineFiles, job_of
from ovtui.engine.tasks import Task, open_model, task_class
from tests.support.sample_result import sample_result

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
LABELS = ["seven", "a wolf, grey", "cat"]
PROMPT = "the digit {label}"


def _asked(question: Question) -> ask_models.ModelAnswers:
    return ask_models.ask_models(question, Models(kept=False), to_nobody)


@pytest.fixture(autouse=True)
def offline(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own; what keeps a process from the hub stays out of this one."""
    monkeypatch.setattr(ask_models, "work_offline", lambda: None)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def finished(recipe: Recipe, graphs: dict[str, Path]) -> Run:
    """A run of a recipe that has a baseline alone, of these graphs by component."""
    request = Request(name="r", created="", device="CPU", base=str(DEMO), recipe=recipe)
    run = run_folder.create(request)
    (run.folder / "models" / "fp32").mkdir(parents=True)
    for component, graph in graphs.items():
        stem = run.folder / "models" / "fp32" / stem_of(component, companions=False)
        for suffix in (".xml", ".bin"):
            shutil.copy(graph.with_suffix(suffix), stem.with_suffix(suffix))
    execution = {"requested": EXACT}
    baseline = Variant(name="fp32", baseline=True, path="models/fp32", execution=execution)
    found = sample_result(run=run.id, recipe="r", task=recipe.task, samples=[])
    found = replace(found, variants=[baseline], comparisons=[])
    run.result_path.write_bytes(results.encode(found))
    return run


def opened(recipe: Recipe, model: str) -> Task:
    return task_class(recipe.task)(recipe, Labels(recipe.data.labels), DEMO / model, None)


def test_all_probabilities_are_those_of_the_original(tmp_path: Path, picture: Path) -> None:
    recipe = load(DEMO / "clip-digits.toml")
    task, out = opened(recipe, "clip-digits"), tmp_path / "out"
    samples = [task.inputs({"image": str(picture)})] * 2
    out.mkdir()
    journal = Journal(Run(tmp_path), "convert")
    convert(
        open_model(placed(recipe, DEMO)),
        Examples(samples, dynamic=task.dynamic),
        "CPU",
        out,
        journal,
        fp16=False,
    )
    run = finished(recipe, {"model": graph_of(out, "model")})
    question = Question(run=str(run.folder), image=str(picture), labels=LABELS, prompt=PROMPT)
    found = _asked(question)

    tools = transformers.AutoProcessor.from_pretrained(DEMO / "clip-digits")
    model = transformers.CLIPModel.from_pretrained(DEMO / "clip-digits", dtype=torch.float32)
    texts = [PROMPT.replace("{label}", label) for label in LABELS]
    given = tools(images=Image.open(picture), text=texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        (scores,) = model.eval()(**given).logits_per_image.softmax(dim=1)
    expected = dict(zip(LABELS, scores.tolist(), strict=True))
    top = found.predictions["fp32"].top
    assert {it.label: it.score for it in top} == pytest.approx(expected, abs=1e-4)
    assert [it.score for it in top] == sorted((it.score for it in top), reverse=True)
    assert found.input == {"labels": LABELS, "prompt": PROMPT}
    times = found.times["fp32"]
    assert times.load_ms > 0 and times.first_ms > 0 and times.answer_ms > 0


def test_a_caption_is_that_of_the_original_captioner(tmp_path: Path, picture: Path) -> None:
    recipe = load(DEMO / "blip-vqa-digits.toml", ["baseline.storage=fp32"])
    task = opened(recipe, "blip-digits")
    rows = [
        {"image": str(picture), "question": it}
        for it in ("how many digits are in the picture?", "which digit?")
    ]
    processed = [it for it in map(task.processed, rows) if it is not None]
    examples = Examples([task.inputs(row) for row in rows], processed)
    run = finished(recipe, {})
    stage = stage_keys.conversion(job_of(run.request()))
    cache = Cache(run.folder.parents[1] / "cache")
    out = cache.begin(run, stage.kind, stage.key)
    files = PipelineFiles(recipe=recipe, base=str(DEMO), conversion="", models={})
    journal = Journal(Run(tmp_path), "convert")
    made = convert_pipeline(files, lambda: examples, "CPU", out, journal, cache)
    shutil.rmtree(run.folder)
    run = finished(recipe, {name: baseline_of(out, name) for name in made.digests})
    cache.commit(out, stage.kind, stage.key)

    def said(question: str | None) -> ask_models.ModelAnswers:
        return _asked(Question(run=str(run.folder), image=str(picture), question=question))

    tools = transformers.BlipProcessor.from_pretrained(DEMO / "blip-digits")
    captions = transformers.BlipForConditionalGeneration.from_pretrained(DEMO / "blip-digits")
    answers = transformers.BlipForQuestionAnswering.from_pretrained(DEMO / "blip-digits")
    with torch.inference_mode():
        caption = captions.eval().generate(**tools(Image.open(picture), return_tensors="pt"))
        asked = tools(Image.open(picture), rows[0]["question"], return_tensors="pt")
        answer = answers.eval().generate(**asked)
    found = said(None)
    assert found.notes == ["no question: the answers are captions"] and found.input == {}
    assert found.predictions["fp32"].answer == tools.decode(caption[0], skip_special_tokens=True)
    found = said(rows[0]["question"])
    assert found.notes == []
    assert found.predictions["fp32"].answer == tools.decode(answer[0], skip_special_tokens=True)
