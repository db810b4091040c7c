"""Runs of classifiers whose output or classes are not the plain ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui import cli
from ovtui.core.recipes.recipe import load
from ovtui.core.runs import run_folder
from ovtui.core.runs.events import Failed, StageStarted

pytestmark = pytest.mark.usefixtures("forked_engines")


def _give_label_first(path: Path) -> None:
    """Have a model give the class's index, and then the probabilities, as scikit-learn's do."""
    core = ov.Core()
    model = core.read_model(path)
    probabilities = ops.softmax(model.outputs[0].get_node().input_value(0), 1)
    best = ops.topk(probabilities, ops.constant(1), 1, "max", "value", index_element_type="i64")
    label = ops.squeeze(best.output(1), ops.constant([1]))
    for value, name in ((label.output(0), "label"), (probabilities.output(0), "probabilities")):
        value.get_tensor().set_names({name})
    other = ov.Model([label, probabilities], model.get_parameters())
    ov.save_model(other, path.with_name("label_first.xml"), compress_to_fp16=False)


def _bare(folder: Path, indices: list[int]) -> float:
    """The accuracy by bare OpenVINO, one fresh request for each row."""
    model = ov.Core().compile_model(folder / "label_first.xml", "CPU")
    data = np.load(folder / "data.npz")
    inputs = [data["image"][index][None].transpose(0, 3, 1, 2) / 255 for index in indices]
    answers = [int(model(it.astype(np.float32))[0].item()) for it in inputs]
    return float(np.mean(np.array(answers) == data["label"][indices]))


def test_a_classifier_that_gives_the_label_first(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _give_label_first(tiny.parent / "model.xml")
    assert load(tiny).data.evaluation.split == "all[16:]"
    words = ["--set", "model.source=label_first.xml", "--set", "data.evaluation.samples=16"]
    assert cli.main(["run", str(tiny), "--json", *words]) == 0
    result = json.loads(capsys.readouterr().out)
    classes = result["classes"]
    assert (classes["output"], classes["count"], classes["reads"]) == ("probabilities", 4, "scores")
    (fp32,) = (variant for variant in result["variants"] if variant["name"] == "fp32")
    assert fp32["accuracy"]["value"] == _bare(tiny.parent, list(range(16, 32)))
    assert cli.main(["show", "last"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "4 by the scores in output probabilities; labels numbers as data.labels counts" in shown


def test_names_for_more_classes_than_there_are_scores(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--set", 'data.labels=["a", "b", "c", "d", "e"]']
    assert cli.main(["run", str(tiny), *words]) == 1
    capsys.readouterr()
    run = next(run_folder.every())
    outcome = run.outcome()
    assert isinstance(outcome, Failed)
    assert "5 classes are named, the model's output 'logits' has 4" in outcome.message
    begun = [event.stage for event in run.tail().events if isinstance(event, StageStarted)]
    assert begun and not any("compress" in stage for stage in begun)
