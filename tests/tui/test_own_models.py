"""From an empty home to a verdict on a model and data of one's own, with keys only, counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import openvino as ov
import pytest

from ovtui.core.asking import new_recipe as asking
from ovtui.core.results import result
from ovtui.core.results.prediction import ClassPrediction
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.engine.ask.look import look
from tests.support import own_models
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, SMALL, Hand, drive

_MOST_KEYS = 25
_TRIED = asking.Tried(prediction=ClassPrediction(label="a", score=0.75))


def _ir_regressor(folder: Path) -> tuple[Path, Path]:
    onnx, data = own_models.onnx_regressor(folder)
    ov.save_model(ov.convert_model(onnx), folder / "prices.xml")
    onnx.unlink()
    return folder / "prices.xml", data


WALKS: dict[str, tuple[Callable[[Path], tuple[Path, Path]], list[str], str, str]] = {
    "an IR and a CSV": (_ir_regressor, [*"csv", "enter"], "tensors", "mae"),
    "an ONNX and a CSV": (own_models.onnx_regressor, [*"csv", "enter"], "tensors", "mae"),
    "texts, Hugging Face, and a CSV": (
        own_models.hf_text_classifier, [*"csv", "enter"], "text-classification", "accuracy",
    ),
    "pictures by class, Hugging Face": (
        own_models.hf_image_classifier, [*"pictures", "enter", "enter"],
        "image-classification", "accuracy",
    ),
}  # fmt: skip
"""Model and data, what is pressed in the list of files, the task and metric that are proposed."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine looks in this process; that it tries and runs such models is tested elsewhere."""

    def answer(name: str, wanted: Any, kind: type) -> Any:
        return look(wanted) if name == "look" else _TRIED

    monkeypatch.setattr(asking, "ask_engine", answer)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("walk", WALKS)
def test_from_an_empty_home_to_a_verdict(
    walk: str, size: tuple[int, int], tmp_path: Path, quiet: list[Run], engine: None
) -> None:
    make, pick, task, metric = WALKS[walk]
    own = tmp_path / "own"
    own.mkdir()
    model, _ = make(own)
    pressed: list[str] = []

    async def script(hand: Hand) -> None:
        async def press(*keys: str) -> None:
            pressed.extend(keys)
            await hand.press(*keys)

        await press("1", "A")
        await hand.press(*str(own))  # a path: no keys that are counted
        await press("enter")
        assert "1 found in" in hand.words
        assert model.name in next(text for text in hand.lines if text.startswith("›"))
        await press("n", "ctrl+o", *pick)
        assert f'‹ "{task}" ›' in hand.words and f'"{metric}"' in hand.words
        assert "works on one sample" in hand.words
        await press("r")
        assert "$ ovtui run" in hand.words and "✗" not in hand.screen
        await press("r")
        (run,) = quiet
        assert run.request().name in hand.words
        _finish(run)
        await hand.tick()
        await press("5")
        assert "✓ pass" in hand.words and run.request().name in hand.words

    drive(script, size)
    assert len(pressed) <= _MOST_KEYS, pressed


def _finish(run: Run) -> None:
    """Write what an engine leaves of a run that is done."""
    found = msgspec.structs.replace(sample_result(), run=run.id, recipe=run.request().name)
    run.lock_path.write_text("1\n")
    run.append(events.Started(time=1.0, stages=[]))
    run.result_path.write_bytes(result.encode(found))
    run.append(events.Finished(time=2.0))
