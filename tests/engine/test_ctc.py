"""CTC models: converted from recordings of one length, they hear those of others."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from torch.nn.functional import one_hot
from transformers.modeling_outputs import CausalLMOutput

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.data.labels import Labels
from ovtui.engine.models.sources import load_model
from ovtui.engine.store.layout import F32
from ovtui.engine.tasks.ctc import letters
from ovtui.engine.tasks.speech_recognition import SpeechRecognition
from tests.families.speech import RATE, TASK, ctc
from tests.families.trial import RECIPE


def recording(samples: int, seed: int) -> dict[str, Any]:
    """A row of noise."""
    sound = np.random.default_rng(seed).normal(0, 0.2, samples).astype(np.float32)
    return {"audio": sound, "sampling_rate": RATE}


@pytest.mark.parametrize("name", ["Wav2Vec2", "WavLM"])
def test_recordings_of_one_length_leave_the_length_free(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    ctc(name)(tmp_path / "model")
    (tmp_path / "rows.py").write_text("")
    text = RECIPE.format(
        task=TASK, components='components = { model = "" }', labels="[]", first="model"
    )
    (tmp_path / "tiny.toml").write_text(text.replace("labels = []\n", ""))
    recipe = recipes.load(tmp_path / "tiny.toml")
    task = SpeechRecognition(recipe, Labels(None), tmp_path / "model", None)
    model = load_model(placed(recipe, tmp_path)).eval()
    with observed({"model": model}) as calls, torch.no_grad():
        for seed in (1, 2):
            inputs = task.inputs(recording(8000, seed))
            task.generate(model, {key: torch.from_numpy(it) for key, it in inputs.items()})
    signature = signature_of("", calls["model"], task.lengths)
    assert [str(shape) for shape in signature.shapes] == ["[?,?]"]
    compiled = ov.Core().compile_model(convert_component(model, signature), "CPU", F32)
    for samples in (3000, 8000, 20000):
        inputs = task.inputs(recording(samples, 3))
        with torch.no_grad():
            want = model(torch.from_numpy(inputs["input_values"])).logits.numpy()
        np.testing.assert_allclose(compiled(inputs)[0], want, atol=1e-3 * np.abs(want).max())


class _Counts(torch.nn.Module):
    """A model whose letter for a moment is the number of the second that it hears, with edges."""

    stride, beyond = 320, 80

    def forward(self, input_values: torch.Tensor) -> CausalLMOutput:
        heard.append(input_values.shape[1])
        count = (input_values.shape[1] - self.beyond) // self.stride
        at = torch.arange(count) * self.stride
        return CausalLMOutput(logits=one_hot(input_values[:, at].long(), 200).float())


heard: list[int] = []


@pytest.mark.parametrize("seconds", [10, 60, 61, 90.01, 130])
def test_a_long_recording_is_heard_in_stretches_that_fit_together(seconds: float) -> None:
    """So that memory is that of 40 s, however long it is; no moment is lost or heard twice."""
    heard.clear()
    samples = torch.arange(int(seconds * RATE))[None] / RATE
    found = letters(_Counts(), {"input_values": samples}, RATE)  # type: ignore[arg-type]
    assert torch.equal(found, _Counts()(samples).logits.argmax(-1))
    assert max(heard[:-1]) <= (60 if seconds <= 60 else 40) * RATE


def test_stretches_are_told_as_they_are_heard() -> None:
    told: list[torch.Tensor] = []
    streamer = SimpleNamespace(put=told.append, end=lambda: None)
    samples = torch.zeros(1, 61 * RATE)
    found = letters(_Counts(), {"input_values": samples}, RATE, streamer)  # type: ignore[arg-type]
    assert len(told) == 3 and torch.equal(torch.cat(told, dim=1), found)
