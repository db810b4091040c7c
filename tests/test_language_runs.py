"""A recipe on a language model from the command line to the result, and in openvino-genai."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import torch
import transformers

from ovtui import cli
from ovtui.core.runs.run_folder import Run
from tests.support.tiny_llm import write_llm_folder

pytestmark = pytest.mark.usefixtures("forked_engines")

GENAI = """
import json, sys, openvino_genai
exact = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}  # by default it is u8
pipeline = openvino_genai.LLMPipeline(sys.argv[1], "CPU", **exact)
how = {"max_new_tokens": 6, "do_sample": False, "apply_chat_template": False}
print(json.dumps([pipeline.generate(text, **how) for text in sys.argv[2:]]))
"""
TEXTS = ["anna gave ben the old book and", "seven plus two is"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("language")
    recipe = write_llm_folder(place)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "LOCKS", "CONFIG"):
            (place / name).mkdir()
            patch.setenv(f"OVTUI_{name}", str(place / name))
        assert cli.main(["run", str(recipe), "--set", "baseline.pytorch=true"]) == 0
    return Run(next((place / "HOME" / "runs").iterdir()))


@pytest.fixture(scope="module")
def result(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / "result.json").read_text())
    return found


def test_variants_are_judged_token_by_token(result: dict[str, Any]) -> None:
    fp32, pytorch, int8 = result["variants"]
    assert [it["accuracy"]["metric"] for it in result["variants"]] == ["perplexity"] * 3
    assert not fp32["accuracy"]["higher_is_better"]
    assert pytorch["accuracy"]["value"] == pytest.approx(fp32["accuracy"]["value"], rel=2e-3)
    assert pytorch["agreement"]["value"] == 1
    near, far = (it["divergence"] for it in result["comparisons"])
    assert near["same_top"] == 1 and near["mean"] < 1e-4 < far["mean"] < 0.1
    assert far["median"] <= far["p99"] <= far["p999"] <= far["largest"]
    divergence, same, _ = int8["also"]
    assert divergence["value"] == pytest.approx(far["mean"], rel=1e-6)
    assert same["value"] == pytest.approx(far["same_top"])
    assert same["ci95"][0] < same["value"] <= same["ci95"][1]


def test_a_collapse_is_looked_for_in_tokens_not_in_what_is_written(result: dict[str, Any]) -> None:
    first = result["variants"][-1]["first_agreement"]
    assert first["samples"] == 6, "all that there are"
    assert first["value"] == pytest.approx(result["comparisons"][-1]["divergence"]["same_top"])
    assert first["in_floating_point"] is None, "which is asked of a broken one alone"


def test_what_is_done_is_not_done_again(run: Run, result: dict[str, Any]) -> None:
    kept = list((run.folder.parents[1] / "cache").glob("likelihoods-*"))
    assert len(kept) == len(result["variants"])


def test_openvino_genai_goes_on_with_a_text_as_transformers_does(run: Run) -> None:
    folder = run.folder / "models" / "fp32"
    done = subprocess.run(
        [sys.executable, "-c", GENAI, str(folder), *TEXTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    place = run.folder.parents[2] / "model"
    model = transformers.AutoModelForCausalLM.from_pretrained(place, dtype="float32").eval()
    wanted = []
    for text in TEXTS:
        ids = torch.tensor([tokenizer(text)["input_ids"]])
        tokens = model.generate(ids, max_new_tokens=6, do_sample=False)
        wanted.append(tokenizer.decode(tokens[0, ids.shape[1] :], skip_special_tokens=True))
    assert json.loads(done.stdout.splitlines()[-1]) == wanted
