"""A pipeline's answers are those of fresh requests, or it is asked with fresh requests alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch

from ovtui.core.results.variant import SelfCheck
from ovtui.core.runs.run_folder import Run
from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import Compiled, swap
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.pipelines.generate import generate
from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.store.progress import Journal
from tests.support.tiny_pipelines import F32, TOKENS, whisper

PATHS = {"encoder": "model.encoder", "decoder": ""}


class Transcription:
    """What a task does of a pipeline: generate."""

    def generate(self, model: Any, inputs: dict[str, torch.Tensor], **limits: Any) -> Any:
        return model.generate(**inputs, max_new_tokens=TOKENS)

    def scores(self, logits: Any) -> torch.Tensor:
        return logits[0, -1]


class FirstMemory(Compiled):
    """Goes on with the first sequence's states, as the CPU plugin does in bf16 with shared memory.

    No processor here executes bf16.
    """

    first: Arrays | None = None

    def renew(self) -> None:
        super().renew()
        self.first = None

    def _infer(self, feed: Arrays, *arguments: Any) -> Arrays:
        states = "encoder_hidden_states"
        self.first = self.first or {states: feed[states].copy()}
        return super()._infer({**feed, **self.first}, *arguments)


@pytest.fixture
def pipeline() -> Pipeline:
    """A tiny Whisper of random weights with both components compiled."""
    torch.manual_seed(0)
    model = whisper().eval()
    for name, weights in model.named_parameters():
        if "encoder_attn" in name:  # so that what is heard decides
            weights.data.mul_(20)
    modules = {path: model.get_submodule(path) for path in PATHS.values()}
    task: Any = Transcription()
    with observed(modules) as calls:
        for seed in range(2):
            task.generate(model, {"input_features": sound(seed)})
    made = Pipeline(model, task, PATHS, threads=1)
    for path, module in modules.items():
        signature = signature_of(path, calls[path])
        graph = convert_component(module, signature)
        graph = make_stateful(graph) if signature.component.own else graph
        compiled = ov.Core().compile_model(graph, "CPU", F32)
        made.compiled.append(swap(model, signature.component, compiled))
    return made


def sound(seed: int) -> torch.Tensor:
    features = np.random.default_rng(seed).normal(0, 3, (1, 8, 40)).astype(np.float32)
    return torch.from_numpy(features)


def answered(pipeline: Pipeline, folder: Path) -> tuple[SelfCheck | None, list[Arrays]]:
    with SpoolWriter(folder, "inputs") as writer:
        for seed in range(6):
            writer.append({"input_features": sound(seed).numpy()})
    check = generate(
        pipeline, Spool(folder, "inputs"), folder, Journal(Run(folder), "evaluate"), "x"
    )
    return check, list(Spool(folder, "outputs"))


def test_requests_that_are_used_again_answer_as_fresh_ones(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    check, answers = answered(pipeline, tmp_path)
    assert check is not None and check.equal and check.way == "one by one"
    assert check.checked == 2 and check.outputs == ["tokens", "logits"]
    assert not np.allclose(answers[0]["logits"], answers[1]["logits"])


def test_answers_from_the_first_memory_are_noticed_and_given_anew(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    right = [pipeline.generate({"input_features": sound(seed).numpy()}) for seed in range(6)]
    pipeline.compiled[1].__class__ = FirstMemory
    wrong = [pipeline.generate({"input_features": sound(seed).numpy()}) for seed in range(6)]
    assert not np.allclose(wrong[3]["logits"], right[3]["logits"], atol=1e-3)
    check, answers = answered(pipeline, tmp_path)
    assert check is not None and check.equal
    assert check.way == "a fresh request each" and check.refused == ["one by one"]
    for answer, wanted in zip(answers, right, strict=True):
        assert np.array_equal(answer["tokens"], wanted["tokens"])
        assert np.allclose(answer["logits"], wanted["logits"], atol=1e-3)
