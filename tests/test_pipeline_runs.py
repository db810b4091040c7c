"""Recipes on pipelines from the command line to the result, with tiny models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openvino as ov
import pytest

from ovtui import cli
from tests.tiny_seq2seq import write_seq2seq, write_seq2seq_folder


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seq2seq")
    write_seq2seq_folder(folder)
    return folder


@pytest.fixture
def recipe(files: Path, tmp_path: Path, home: Path) -> Path:
    shutil.copytree(files, tmp_path / "recipe")
    return tmp_path / "recipe" / "tiny.toml"


def run(capsys: pytest.CaptureFixture[str], recipe: Path, *settings: str) -> tuple[int, Any, str]:
    """Exit status, result and standard error of a run."""
    words = [word for setting in settings for word in ("--set", setting)]
    status = cli.main(["run", str(recipe), "--json", *words])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if status == 0 else None, captured.err


def test_a_pipeline_by_recipe_alone(
    recipe: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, result, errors = run(
        capsys,
        recipe,
        "baseline.pytorch=true",
        "measure={ seconds = 0.1, blocks = 2, tokens = 4 }",
    )
    assert status == 0, errors
    fp32, pytorch, int8 = result["variants"]
    assert [item["name"] for item in result["variants"]] == ["fp32", "pytorch", "int8"]
    assert pytorch["agreement"]["value"] == 1
    assert pytorch["agreement"]["cosine"] == pytest.approx(1, abs=1e-4)
    assert pytorch["latency"]["tokens"] == 4 and pytorch["components"] == []
    for variant, method in ((fp32, "none"), (int8, "quantize")):
        parts = variant["components"]
        assert [(part["name"], part["method"]) for part in parts] == [
            ("encoder", method),
            ("decoder", method),
        ]
        assert variant["size_bytes"] == sum(it["xml_bytes"] + it["bin_bytes"] for it in parts)
        timed = variant["latency"]["components"]
        assert timed["encoder"]["calls"] == 1 and "first_p50_ms" not in timed["encoder"]
        assert timed["decoder"]["calls"] == 4 and timed["decoder"]["first_p50_ms"] > 0
        assert variant["end_to_end"]["p50_ms"] >= variant["latency"]["min_ms"]
        assert variant["executed_precision"]
    assert fp32["executed_precision"]["f32"] > 0.5
    assert 0.9 < int8["agreement"]["cosine"] <= 1
    assert result["samples"][0]["predictions"]["fp32"]["text"] is not None

    run_folder = next((home / "runs").iterdir())
    model = ov.Core().read_model(run_folder / int8["path"] / "openvino_decoder_model.xml")
    names = {name for port in model.inputs for name in port.get_names()}
    assert names == {"input_ids", "encoder_hidden_states", "encoder_attention_mask", "beam_idx"}
    assert any(op.get_type_name() == "FakeQuantize" for op in model.get_ops())
    states = ov.Core().compile_model(model, "CPU").create_infer_request().query_state()
    assert len(states) == 8, "keys and values of two layers, of the text and of the answer"


def test_what_was_done_is_not_done_again(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = run(capsys, recipe)[1], run(capsys, recipe)[1]
    assert [stage["name"] for stage in first["stages"]] == [
        "convert",
        "evaluation data",
        "calibration data",
        "component inputs",
        "compress int8 encoder",
        "compress int8 decoder",
        "evaluate",
    ]
    done = {stage["name"]: stage["cached"] for stage in second["stages"]}
    assert not done.pop("evaluate") and all(done.values())

    # The same weights elsewhere: converted anew, and what they become is there.
    shutil.copytree(recipe.parent / "model", recipe.parent / "copy")
    third = run(capsys, recipe, "model.source=copy")[1]
    done = {stage["name"]: stage["cached"] for stage in third["stages"]}
    assert not done["convert"] and not done["component inputs"]
    assert done["compress int8 encoder"] and done["compress int8 decoder"]


def test_a_component_can_be_left_as_it_is(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = recipe.read_text()
    recipe.write_text(text[: text.index("components.decoder")])
    status, result, errors = run(capsys, recipe)
    assert status == 0, errors
    fp32, int8 = result["variants"]
    assert [part["method"] for part in int8["components"]] == ["quantize", "none"]
    assert int8["components"][1]["bin_bytes"] == fp32["components"][1]["bin_bytes"]
    names = [stage["name"] for stage in result["stages"]]
    assert "component inputs" in names and "compress int8 decoder" not in names


@pytest.mark.parametrize("family", ["Bart", "Marian"])
def test_other_families_need_no_code(
    family: str, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(recipe.parent / "model")
    write_seq2seq(recipe.parent / "model", family)
    status, result, errors = run(capsys, recipe, "baseline.pytorch=true")
    assert status == 0, errors
    pytorch = result["variants"][1]
    assert pytorch["agreement"]["value"] == 1


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ('components={ encoder = "encoder", decoder = "deocder" }', "has no module 'deocder'"),
        ('components={ encoder = "encoder" }', "variants[int8].components.decoder"),
        (
            "components={ encoder = 'encoder', decoder = '', table = 'decoder.embed_tokens' }",
            "components.table: is called within another one",
        ),
        (
            "variants.int8.components.encoder={ max_drop = 0.1, "
            'method = "quantize_with_accuracy_control" }',
            "accuracy control judges a whole model",
        ),
    ],
)
def test_wrong_components_are_told_in_one_line(
    setting: str, expected: str, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, errors = run(capsys, recipe, setting)
    assert status == 1
    last = errors.strip().splitlines()[-1]
    assert expected in last and "Traceback" not in errors
