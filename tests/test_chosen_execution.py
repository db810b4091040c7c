"""What was chosen for a component by measuring, in all that a run does and leaves afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openvino as ov
import pytest

from ovtui import cli
from ovtui.core.asking.ask_models import Question
from ovtui.core.results.execution import ComponentExecution, Tried
from ovtui.core.runs.run_folder import Run
from ovtui.engine.ask import ask_models
from ovtui.engine.ask.asking import Models
from ovtui.engine.pipelines import generate
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.stage_output import Chosen, leave_info, read_info
from tests.support.tiny_seq2seq import write_seq2seq_folder

pytestmark = pytest.mark.usefixtures("forked_engines")

KEYS = "KV_CACHE_PRECISION"
SPEED = "measure={ latency = true, throughput = false, seconds = 0.1, blocks = 2, tokens = 4 }"


@pytest.fixture
def recipe(tmp_path: Path, home: Path) -> Path:
    (tmp_path / "recipe").mkdir()
    return write_seq2seq_folder(tmp_path / "recipe")


def run(capsys: pytest.CaptureFixture[str], recipe: Path, *settings: str) -> Any:
    words = [word for setting in (SPEED, *settings) for word in ("--set", setting)]
    status = cli.main(["run", str(recipe), "--json", *words])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    return json.loads(captured.out)


def decide(home: Path, value: str) -> None:
    """Leaves in the cache that this was best for the decoder: no test knows what a race tells."""
    cache = Cache(home / "cache")
    (place,) = (home / "cache").glob("choose-*")
    found = read_info(place, Chosen).components["decoder"]
    assert found.default == {KEYS: "u8"} and len(found.candidates) == 2
    decided = ComponentExecution(
        default=found.default,
        chosen={KEYS: value},
        default_ms=4.0,
        chosen_ms=2.0,
        speedup=2.0,
        speedup_ci95=(1.9, 2.1),
        candidates=[Tried(properties={KEYS: value}, ms=2.0, speedup=2.0)],
    )
    key = place.name.removeprefix("choose-")
    cache.remove("choose", key)
    made = cache.begin(Run(home / "runs" / "x"), "choose", key)
    leave_info(made, Chosen(components={"decoder": decided}, allowed_seconds=1.0))
    cache.commit(made, "choose", key)


def test_what_was_chosen_is_executed_told_and_delivered(
    recipe: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(capsys, recipe)
    assert "int8 execution" in [stage["name"] for stage in first["stages"]]
    assert first["variants"][0]["execution"].keys().isdisjoint({"chosen", "candidates"})
    assert first["variants"][1]["execution"]["default"] == {"decoder": {KEYS: "u8"}}

    decide(home, "f32")
    second = run(capsys, recipe)
    int8 = second["variants"][1]
    assert {"name": "int8 execution", "cached": True}.items() <= second["stages"][-3].items()
    assert int8["execution"]["chosen"] == {"decoder": {KEYS: "f32"}}
    assert int8["execution"]["default_ms"] == {"decoder": 4.0}
    assert int8["execution"]["requested"] == {}
    assert second["variants"][0]["execution"]["requested"][KEYS] == "f32"
    changed = [it["agreement"]["outputs"] for it in (first["variants"][1], int8)]
    assert changed[0] != changed[1], "u8 for keys and values gives other logits than f32"
    digests = [
        [part["digest"] for part in of["variants"][1]["components"]] for of in (first, second)
    ]
    assert digests[0] == digests[1]

    folder = home / "runs" / second["run"]
    assert cli.main(["show", second["run"]]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "decoder: KV_CACHE_PRECISION f32: 2.00× faster (95 % CI 1.90–2.10) than the device's "
        "default (KV_CACHE_PRECISION u8), 2.00 ms instead of 4.00 ms"
    ) in shown
    line = shown[shown.index("how = json.load(") :].partition('how["CPU"])')
    monkeypatch.chdir(folder / int8["path"])
    names: dict[str, Any] = {"core": ov.Core(), "json": json}
    exec("".join(line[:2]), names)
    assert names["model"].get_property(KEYS) == ov.Type.f32
    bare = ov.Core().compile_model("openvino_decoder_model.xml", "CPU")
    assert bare.get_property(KEYS) == ov.Type.f32, "the file itself tells it"

    made: list[dict[str, ov.CompiledModel]] = []
    compile_components = generate.compile_components

    def seen(*arguments: Any, **fixed: Any) -> dict[str, ov.CompiledModel]:
        made.append(compile_components(*arguments, **fixed))
        return made[-1]

    monkeypatch.setattr(generate, "compile_components", seen)
    monkeypatch.setattr(ask_models, "work_offline", lambda: None)
    question = Question(run=str(folder), texts=["one two"], variants=["int8"])
    answers = ask_models.ask_models(question, Models(kept=False), lambda reply: None)
    assert "int8" in answers.predictions, answers.error
    assert made[-1]["decoder"].get_property(KEYS) == ov.Type.f32
    assert made[-1]["encoder"].get_property(KEYS) == ov.Type.u8
