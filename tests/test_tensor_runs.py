"""A network of one's own through the whole product: lengths, two outputs, a metric, asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ovtui import cli

pytestmark = pytest.mark.usefixtures("forked_engines")

CODE = '''
import numpy as np
import torch


class Net(torch.nn.Module):
    """Ids of any number, and a weight, to scores and a box in pixels."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.table = torch.nn.Embedding(16, 8)
        self.scores = torch.nn.Linear(8, 5)
        self.box = torch.nn.Linear(8, 4)

    def forward(self, ids, weight):
        mean = (self.table(ids) * weight[:, None, None]).mean(1)
        return {"scores": self.scores(mean), "box": self.box(mean) * 100}


def net():
    return Net()


def rows(split):
    chance = np.random.default_rng({"train": 1, "test": 2}[split])
    return [
        {
            "words": chance.integers(0, 16, 4 + number % 3).tolist(),
            "weight": float(chance.random()),
            "truth": chance.normal(size=4).tolist(),
        }
        for number in range(12)
    ]


def near(outputs, references, baseline):
    assert all(it.shape == (4,) for it in references)
    return [-np.abs(a["box"] - b["box"]).mean() / 100 for a, b in zip(outputs, baseline)]
'''

RECIPE = """
schema = 1
task = "tensors"
metric = "own.py:near"
also = ["cosine"]
max_drop = 0.5
samples = 2
[model]
source = "own.py:net"
[data]
source = "own.py:rows"
columns = { ids = "words", weight = "weight", reference = "truth" }
[data.evaluation]
split = "test"
[data.calibration]
split = "train"
[measure]
seconds = 0.2
blocks = 2
[baseline]
pytorch = true
[[variants]]
name = "int8"
components.model = { method = "quantize" }
"""


def test_a_network_of_ones_own(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(CODE)
    (tmp_path / "lengths.toml").write_text(RECIPE)
    assert cli.main(["run", str(tmp_path / "lengths.toml"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert "input 'weight': float64 in the data, given as float32" in result["warnings"]
    fp32, pytorch, int8 = result["variants"]
    assert fp32["accuracy"] == fp32["accuracy"] | {"metric": "near", "value": 0, "undefined": ""}
    assert pytorch["agreement"]["value"] == 1
    assert -0.5 < int8["accuracy"]["value"] < 0
    assert int8["also"][0]["metric"] == "cosine" and int8["latency"]["p50_ms"] > 0
    assert result["comparisons"][1]["verdict"] == "pass"

    assert cli.main(["show", "last", "--sample", "0"]) == 0
    shown = capsys.readouterr().out
    assert "scores [5]: " in shown and "box [4]: " in shown and "cosine" in shown

    np.savez(tmp_path / "row.npz", ids=np.arange(9), weight=np.float64(0.5))
    asked = ["predict", "last", "--input", str(tmp_path / "row.npz"), "--json"]
    assert cli.main([*asked, "-o", str(tmp_path / "out.npz")]) == 0
    outputs = json.loads(capsys.readouterr().out)["predictions"]["int8"]["outputs"]
    assert outputs["box"]["shape"] == [4] and "max_abs_difference" in outputs["box"]
    with np.load(tmp_path / "out.npz") as kept:
        assert kept["fp32/scores"].shape == (5,)
    assert cli.main(["predict", "last", "--text", "x"]) == 2
    assert "expected --input NAME=FILE.npy" in capsys.readouterr().err
