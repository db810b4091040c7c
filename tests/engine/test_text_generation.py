"""Language models of several families as stateful graphs that say what transformers says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino as ov
import pytest
import torch
import transformers

from ovtui.core.recipes import recipe as recipes
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.convert_pipeline import convert_pipeline
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Unusable
from ovtui.engine.evaluation.teacher_forced import PIECE, read_with_openvino
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import EXACT, baseline_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import PipelineFiles
from ovtui.engine.tasks.text_generation import TextGeneration
from tests.support.tiny_llm import FAMILIES, WORDS, write_llm_folder

TEXTS = ("anna gave ben the old book and", "in the morning carla sent it " * 8)
"""The second one is longer than what conversion is shown of it."""


class Converted(NamedTuple):
    """A family's model in both forms."""

    folder: Path
    model: transformers.PreTrainedModel
    graph: Path
    warnings: list[str]


def task_of(folder: Path, *overrides: str) -> TextGeneration:
    recipe = recipes.load(folder / "tiny.toml", list(overrides))
    return TextGeneration(recipe, Labels(None), folder / "model", None)


@pytest.fixture(scope="module", params=FAMILIES)
def converted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Converted:
    folder = tmp_path_factory.mktemp(request.param)
    recipe = write_llm_folder(folder, request.param)
    task, out, run = task_of(folder), folder / "out", Run(folder / "run")
    out.mkdir()
    run.folder.mkdir()
    rows = [task.inputs({"text": text}) for text in TEXTS]
    exact = recipes.load(recipe, ["baseline.storage=fp32"])
    files = PipelineFiles(exact, str(folder), conversion="", models={})
    journal = Journal(run, "convert")
    examples = Examples(rows, rows, {})
    convert_pipeline(files, lambda: examples, "CPU", out, journal, Cache(folder / "cache"))
    warnings = [event.message for event in run.tail().events if hasattr(event, "message")]
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype="float32")
    return Converted(folder, model.eval(), baseline_of(out, "model"), warnings)


def test_ports_are_called_as_other_runtimes_know_them(converted: Converted) -> None:
    assert not converted.warnings
    graph = ov.Core().read_model(converted.graph)
    assert {port.any_name for port in graph.inputs} == {
        "input_ids", "attention_mask", "position_ids", "beam_idx"
    }  # fmt: skip
    (logits,) = graph.outputs
    assert logits.any_name == "logits" and str(logits.partial_shape) == f"[?,?,{WORDS}]"
    states = ov.Core().compile_model(graph, "CPU").create_infer_request().query_state()
    assert len(states) == 4, "keys and values of two layers"


def test_logits_are_those_of_transformers_in_whatever_pieces(converted: Converted) -> None:
    ids = torch.from_numpy(np.random.default_rng(0).integers(1, WORDS, (2, 12)))
    mask = torch.ones_like(ids)
    mask[1, :4] = 0  # the second text is shorter, and padded on its left
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    with torch.no_grad():
        want = converted.model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    request = ov.Core().compile_model(converted.graph, "CPU", EXACT).create_infer_request()
    for ends in ([12], [7, 12], [5, 8, 9, 10, 11, 12]):
        request.reset_state()
        start, got = 0, []
        for end in ends:
            feed = {
                "input_ids": ids[:, start:end].numpy(),
                "attention_mask": mask[:, :end].numpy(),
                "position_ids": positions[:, start:end].numpy(),
                "beam_idx": np.arange(2, dtype=np.int32),
            }
            got.append(request.infer(feed)["logits"].copy())
            start = end
        given = np.concatenate(got, axis=1)[mask.bool().numpy()]
        assert np.abs(given - want[mask.bool()].numpy()).max() < 1e-3 * float(want.abs().max())


def test_a_text_is_read_in_pieces(converted: Converted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovtui.engine.evaluation.teacher_forced.PIECE", 5)
    assert PIECE > 5
    ids = np.random.default_rng(1).integers(1, WORDS, (1, 13))
    read = read_with_openvino(converted.graph, "CPU", EXACT)
    for _ in range(2):  # the second text begins anew
        pieces = [piece.copy() for piece in read(ids)]
        assert [len(piece) for piece in pieces] == [5, 5, 3]
        with torch.no_grad():
            want = converted.model(input_ids=torch.from_numpy(ids)).logits[0].numpy()
        assert np.allclose(np.concatenate(pieces), want, atol=1e-3 * np.abs(want).max())


def test_what_is_no_language_model_is_told(tmp_path: Path) -> None:
    from openvino import opset13 as ops

    given = ops.parameter([1, 3], np.float32, name="x")
    ov.save_model(ov.Model([ops.relu(given)], [given]), tmp_path / "model.xml")
    with pytest.raises(SourceError, match="expected a language model that keeps its keys"):
        read_with_openvino(tmp_path / "model.xml", "CPU", {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("task")
    write_llm_folder(place)
    return place


def test_a_prompt_leaves_room_for_its_answer(folder: Path) -> None:
    long = {"text": "anna " * 200}
    assert task_of(folder).inputs(long)["input_ids"].shape == (1, 64 - 5)
    assert task_of(folder, "data.tokens.max_length=20").inputs(long)["input_ids"].shape == (1, 15)
    assert task_of(folder).scored(long).shape == (1, 64)
    with pytest.raises(SourceError, match="max_length: 65, but the model takes at most 64 tokens"):
        task_of(folder, "data.tokens.max_length=65").inputs(long)
    with pytest.raises(Unusable, match="text: is empty"):
        task_of(folder).inputs({"text": " "})


def test_a_continuation_is_scored_with_its_text(folder: Path) -> None:
    task = task_of(folder)
    both = task.scored({"text": "seven plus two is", "target": " nine."})
    assert both.tolist() == task.scored({"text": "seven plus two is nine."}).tolist()
    assert task.reference({"text": "", "target": " nine."}) == [" nine."]
    assert task.name_reference(task.reference({"text": "seven"})) is None


def test_a_folder_without_a_tokenizer_is_told(folder: Path, tmp_path: Path) -> None:
    recipe = recipes.load(folder / "tiny.toml")
    with pytest.raises(SourceError, match="holds no tokenizer"):
        TextGeneration(recipe, Labels(None), tmp_path, None).inputs({"text": "a"})
