"""Recipes on texts from the command line to the result, with tiny models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openvino as ov
import pytest

from ovtui import cli

pytestmark = pytest.mark.usefixtures("forked_engines")


def run(capsys: pytest.CaptureFixture[str], recipe: Path, *settings: str) -> Any:
    """The result of a run."""
    words = [word for setting in settings for word in ("--set", setting)]
    status = cli.main(["run", str(recipe), "--json", *words])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    return json.loads(captured.out)


def test_text_pairs_beside_pytorch(
    home: Path, tiny_text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(
        capsys,
        tiny_text,
        "metric=f1",
        'also=["accuracy"]',
        "baseline.pytorch=true",
        "measure={ seconds = 0.1, blocks = 2, tokens = 16 }",
        "variants.int8.execution.bucket=8",
    )
    fp32, pytorch, int8 = result["variants"]
    assert [item["name"] for item in result["variants"]] == ["fp32", "pytorch", "int8"]
    assert fp32["accuracy"]["metric"] == "f1" and fp32["also"][0]["metric"] == "accuracy"
    assert pytorch["accuracy"]["value"] == fp32["accuracy"]["value"]
    assert pytorch["agreement"]["cosine"] == pytest.approx(1, abs=1e-4)
    assert pytorch["size_bytes"] == 0 and pytorch["path"] == "" and pytorch["components"] == []
    assert pytorch["execution"]["framework"].startswith("torch ")
    assert pytorch["execution"]["threads"] >= 1
    assert pytorch["latency"]["p50_ms"] > 0 and pytorch["throughput"]["per_second"] > 0
    assert all(item["end_to_end"]["p50_ms"] > 0 for item in (fp32, int8))
    assert pytorch["end_to_end"] is None
    effect = fp32["storage_effect"]
    assert effect["beside_pytorch"] and effect["samples"] == 24
    assert effect["max_abs_difference"] == pytest.approx(pytorch["agreement"]["max_abs_difference"])
    assert int8["execution"]["bucket"] == 8 and int8["execution"]["requested"] == {}
    busy = int8["execution"]["throughput"]
    assert busy["default"].keys() == {"NUM_STREAMS", "batch"} and len(busy["candidates"]) >= 2
    assert "throughput" not in fp32["execution"]
    assert "bucket" not in fp32["execution"]
    for variant in (fp32, int8):
        assert sum(variant["executed_precision"].values()) == pytest.approx(1)
    assert pytorch["executed_precision"] == {}
    for variant in result["variants"]:
        assert variant["execution"]["shapes"]["input_ids"] == [1, 16]
    assert int8["parameters"]["model"]["model_type"] == "transformer"
    beside, compared = result["comparisons"]
    assert beside["variant"] == "pytorch" and beside["verdict"] is None
    assert beside["precisions"].endswith("→ f32")
    assert compared["pytorch_speedup"] > 0
    assert compared["pytorch_precisions"].startswith("f32 → ")
    assert compared["also"][0]["metric"] == "accuracy"

    folder = next((home / "runs").iterdir())
    model = ov.Core().read_model(folder / int8["path"] / "openvino_model.xml")
    assert model.input("input_ids").partial_shape.to_string() == "[?,?]"
    assert "logits" in model.output(0).get_names()

    for index in range(12, 36):
        assert cli.main(["show", "--sample", str(index), "--json"]) == 0
        sample = json.loads(capsys.readouterr().out)
        assert set(sample["predictions"]) == {"fp32", "pytorch", "int8"}
        assert sample["input"]["text_pair"] and sample["reference"] in ("same", "different")
    assert cli.main(["show", "--sample", "3"]) == 2
    assert "sample 3: was not evaluated; the 24 rows are 12, 13" in capsys.readouterr().err
    assert cli.main(["show"]) == 0
    shown = capsys.readouterr().out
    assert "multiples of 8" in " ".join(shown.split())
    assert fp32["end_to_end"]["lengths"]["distinct"] > 1
    assert cli.main(["predict", "last", "--variant", "int8", "--text", "the dog", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["predictions"]["int8"]["label"]
    assert "over PyTorch" in shown and "input_ids [1, 16]" in shown and "also" in shown


def test_similarity_is_judged_with_and_without_scores(
    home: Path, tiny_similarity: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    controlled = (
        'variants.int8.components.model={ method = "quantize_with_accuracy_control", '
        "max_drop = 0.5 }"
    )
    result = run(capsys, tiny_similarity, 'also=["pearson", "cosine"]', controlled)
    fp32, int8 = result["variants"]
    assert fp32["accuracy"]["metric"] == "spearman" and -1 <= fp32["accuracy"]["value"] <= 1
    assert [item["metric"] for item in fp32["also"]] == ["pearson", "cosine"]
    assert fp32["also"][1]["value"] == pytest.approx(1)
    assert 0.9 < int8["also"][1]["value"] < 1.0001

    texts = (tiny_similarity.parent / "data.csv").read_text().splitlines()
    bare = [line.rpartition(",")[0] for line in texts]
    (tiny_similarity.parent / "data.csv").write_text("\n".join(bare) + "\n")
    result = run(capsys, tiny_similarity, "metric=cosine", controlled)
    assert result["variants"][1]["accuracy"]["metric"] == "cosine"
    assert result["samples"][0]["reference"] is None


def test_pytorch_beside_a_file_is_refused(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", str(tiny), "--set", "baseline.pytorch=true"]) == 2
    assert "model.xml is no PyTorch model" in capsys.readouterr().err
