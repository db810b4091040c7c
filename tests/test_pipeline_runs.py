"""Recipes on pipelines from the command line to the result, with tiny models."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openvino as ov
import pytest

from ovtui import cli
from ovtui.core.results import operations
from tests.support.tiny_seq2seq import write_seq2seq, write_seq2seq_folder

pytestmark = pytest.mark.usefixtures("forked_engines")


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
        real = variant["real_lengths"]
        assert real["count"] == len(real["samples_ms"]) >= 3
        assert real["p50_ms"] > 0 and 1 <= real["tokens"] <= 6, "five and the one that begins"
        assert variant["end_to_end"]["p50_ms"] >= variant["latency"]["min_ms"]
        assert variant["executed_precision"]
    assert "f32" in fp32["executed_precision"] and "bf16" not in fp32["executed_precision"]
    assert 0.9 < int8["agreement"]["cosine"] <= 1
    assert result["samples"][0]["predictions"]["fp32"]["text"] is not None

    run_folder = next((home / "runs").iterdir())
    kept = operations.read(run_folder)
    assert kept is not None and set(kept.variants) == {"fp32", "int8"}
    for encoder, decoder in kept.variants.values():
        assert (encoder.component, encoder.calls) == ("encoder", 1.0) and decoder.calls > 1
        assert decoder.operations_ms > 0 and decoder.milliseconds > 0
    assert any(it.precision == "i8" for it in kept.variants["int8"][0].operations)
    model = ov.Core().read_model(run_folder / int8["path"] / "openvino_decoder_model.xml")
    names = {name for port in model.inputs for name in port.get_names()}
    assert names == {"input_ids", "encoder_hidden_states", "encoder_attention_mask", "beam_idx"}
    assert any(op.get_type_name() == "FakeQuantize" for op in model.get_ops())
    states = ov.Core().compile_model(model, "CPU").create_infer_request().query_state()
    assert len(states) == 8, "keys and values of two layers, of the text and of the answer"


def graphs_of_latest(home: Path) -> dict[str, tuple[int, int]]:
    """The file, by number and time, that each component's baseline is in the newest conversion."""
    newest = max((home / "cache").glob("convert-*"), key=lambda path: path.stat().st_mtime)
    found = {path.name: path.stat() for path in newest.glob("baseline/*.bin")}
    return {name: (it.st_ino, it.st_mtime_ns) for name, it in found.items()}


def test_another_recipe_of_a_model_shares_its_graphs(
    recipe: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, recipe, "generation.max_new_tokens=5")
    first = graphs_of_latest(home)
    _, result, _ = run(capsys, recipe, "generation.max_new_tokens=4")
    converted = {stage["name"]: stage for stage in result["stages"]}["convert"]
    assert not converted["cached"]
    assert len(first) == 2 and graphs_of_latest(home) == first


def negated(graph: Path) -> bytes:
    """A graph's weights with its largest matrix negated."""
    layers = ElementTree.parse(graph).getroot().iterfind("./layers//data[@element_type='f16']")
    largest = max(layers, key=lambda data: int(data.get("size", 0)))
    offset, size = (int(largest.get(name, 0)) for name in ("offset", "size"))
    weights = bytearray(graph.with_suffix(".bin").read_bytes())
    matrix = np.frombuffer(weights, np.float16, size // 2, offset)
    weights[offset : offset + size] = (-matrix).tobytes()
    return bytes(weights)


def nothing(graph: Path) -> bytes:
    """Weights that are all zero: indices too, so that the graph cannot be compiled."""
    return bytes(graph.with_suffix(".bin").stat().st_size)


@pytest.mark.parametrize("weights_of", [negated, nothing])
def test_a_graph_that_does_not_fit_is_traced_anew(
    recipe: Path, home: Path, capsys: pytest.CaptureFixture[str], weights_of: Any
) -> None:
    run(capsys, recipe, "generation.max_new_tokens=5")
    first = graphs_of_latest(home)
    (graph,) = (home / "cache").glob("component-*/baseline/encoder.xml")
    weights = weights_of(graph)
    graph.with_suffix(".bin").unlink()  # others have linked it
    graph.with_suffix(".bin").write_bytes(weights)
    sums = json.loads((graph.parents[1] / "entry.json").read_text())
    sums["baseline/encoder.bin"] = hashlib.sha256(weights).hexdigest()
    (graph.parents[1] / "entry.json").write_text(json.dumps(sums))  # as if it had been traced so
    status, result, errors = run(capsys, recipe, "generation.max_new_tokens=4")
    assert status == 0, errors
    assert not [text for text in result["warnings"] if "differ" in text]
    assert not set(graphs_of_latest(home).items()) & set(first.items())
    assert result["variants"][1]["agreement"]["cosine"] > 0.9


def test_what_was_done_is_not_done_again(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = run(capsys, recipe)[1], run(capsys, recipe)[1]
    assert [stage["name"] for stage in first["stages"]] == [
        "convert",
        "evaluation data",
        "calibration data",
        "component inputs",
        "compress int8 encoder",
        "compress int8 decoder",
        "int8 agreement",
        "evaluate",
    ]
    done = {stage["name"]: stage["cached"] for stage in second["stages"]}
    assert not done.pop("evaluate") and all(done.values())

    # The same weights elsewhere: content decides, so all of it is there.
    shutil.copytree(recipe.parent / "model", recipe.parent / "copy")
    third = run(capsys, recipe, "model.source=copy")[1]
    done = {stage["name"]: stage["cached"] for stage in third["stages"]}
    assert not done.pop("evaluate") and all(done.values())


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
            "quantize_with_accuracy_control takes a whole model",
        ),
    ],
)
def test_wrong_components_are_told_in_one_line(
    setting: str, expected: str, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, errors = run(capsys, recipe, setting)
    assert status in (1, 2)  # some are told before a run
    last = errors.strip().splitlines()[-1]
    assert expected in last and "Traceback" not in errors
