"""Networks and metrics that a person wrote, `file.py:function`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.awkward.product import OneProcess
from tests.awkward.recipes import write_recipe, write_rows

CODE = """
import torch


def network(kind="float32"):
    torch.manual_seed(0)
    layers = (torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    return torch.nn.Sequential(*layers).to(getattr(torch, kind))


def scripted(kind):
    return torch.jit.script(network(kind))


def compiled(kind):
    return torch.compile(network(kind))


class Net(torch.nn.Module):
    def __init__(self, how):
        super().__init__()
        torch.manual_seed(0)
        self.how, self.linear = how, torch.nn.Linear(8, 2)

    def forward(self, input):
        if self.how == "in place":
            input += 1.0
        said = self.linear(input)
        if self.how == "branch" and input[0, 0] < 0:
            return -said
        if self.how == "none":
            return said, None, {"inner": [said * 2]}
        return said.bfloat16() if self.how == "bfloat16" else said


def net(kind):
    return Net(kind)


def in_training():
    torch.manual_seed(0)
    layers = (torch.nn.Conv1d(1, 4, 3), torch.nn.BatchNorm1d(4), torch.nn.Flatten())
    return torch.nn.Sequential(*layers, torch.nn.Dropout(), torch.nn.Linear(24, 2))


def mae(y_true, y_pred):
    assert isinstance(y_true[0], float) and y_pred[0].shape == (1,)
    return -abs(torch.tensor([float(it[0]) for it in y_pred]) - torch.tensor(y_true))


def by_order(one, other):
    return [[-abs(float(a[0]) - b)] for a, b in zip(one, other)]


def columns(predictions, references):
    return -abs(torch.tensor([[float(a[0]) - b] for a, b in zip(predictions, references)]))


def by_name_only(*, references, predictions):
    return [-abs(a[0] - b) for a, b in zip(predictions, references)]
"""


def _write(folder: Path, metric: str = "", kind: str = "float32") -> Path:
    (folder / "own.py").write_text(CODE)
    generator = np.random.default_rng(0)
    write_rows(folder, x=generator.normal(size=(24, 8)), y=generator.normal(size=24))
    path = write_recipe(
        folder,
        "own.py:network",
        "data.npz",
        columns={"input": "x", "reference": "y"},
        head=f'metric = "{metric}"' if metric else "",
    )
    path.write_text(path.read_text() + f'[model.arguments]\nkind = "{kind}"\n')
    return path


def test_a_run_that_finds_its_stages_done_is_told_what_they_warned_of(
    product: OneProcess, tmp_path: Path
) -> None:
    first = product.run(_write(tmp_path))
    again = product.run(_write(tmp_path))
    assert all(it["cached"] for it in again.result["stages"] if it["name"] == "convert")
    assert "input 'input': float64 in the data, given as float32" in again.told
    assert again.told == first.told


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_weights_of_half_precision_are_those_in_float32(
    product: OneProcess, tmp_path: Path, kind: str
) -> None:
    import torch

    ran = product.run(_write(tmp_path, kind=kind))
    torch.manual_seed(0)
    layers = (torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    network = torch.nn.Sequential(*layers).to(getattr(torch, kind)).float()
    row = torch.from_numpy(np.load(tmp_path / "data.npz")["x"][16:17]).float()
    (said,) = ran.rows[0]["predictions"]["fp32"]["values"]
    assert said == pytest.approx(network(row).item(), abs=1e-5)


@pytest.mark.parametrize("metric", ["mae", "columns", "by_name_only"])
def test_a_metric_is_given_what_its_parameters_are_called(
    product: OneProcess, tmp_path: Path, metric: str
) -> None:
    ran = product.run(_write(tmp_path, f"own.py:{metric}"))
    answers = np.array([row["predictions"]["fp32"]["values"][0] for row in ran.rows])
    truth = np.load(tmp_path / "data.npz")["y"][16:]
    assert ran.variant("fp32")["accuracy"]["value"] == pytest.approx(
        -np.abs(answers - truth).mean(), abs=1e-5
    )


@pytest.mark.parametrize("made", ["scripted", "compiled"])
def test_torchscript_and_compiled_networks_are_taken(
    product: OneProcess, tmp_path: Path, made: str
) -> None:
    path = _write(tmp_path)
    plain = product.run(path).rows[0]["predictions"]["fp32"]["values"]
    path.write_text(path.read_text().replace(":network", f":{made}"))
    assert product.run(path).rows[0]["predictions"]["fp32"]["values"] == pytest.approx(plain)


@pytest.mark.parametrize("how", ["in place", "none", "bfloat16"])
def test_whatever_a_network_does_with_what_it_is_given(
    product: OneProcess, tmp_path: Path, how: str
) -> None:
    import torch

    path = _write(tmp_path, kind=how)
    path.write_text(path.read_text().replace(":network", ":net"))
    ran = product.run(path)
    assert "conversion made another model" not in ran.told
    torch.manual_seed(0)
    row = torch.from_numpy(np.load(tmp_path / "data.npz")["x"][16]).float()
    wanted = torch.nn.Linear(8, 2)(row + float(how == "in place")).tolist()
    said = ran.rows[0]["predictions"]["fp32"]["outputs"]
    tolerance = 0.01 if how == "bfloat16" else 1e-4
    assert next(iter(said.values()))["values"] == pytest.approx(wanted, abs=tolerance)
    if how == "none":
        assert said["2.inner.0"]["values"] == pytest.approx([2 * it for it in wanted], abs=1e-4)


def test_a_branch_that_the_first_row_does_not_take_is_noticed(
    product: OneProcess, tmp_path: Path
) -> None:
    path = _write(tmp_path, kind="branch")
    path.write_text(path.read_text().replace(":network", ":net"))
    assert "conversion made another model" in product.run(path).told


def test_a_list_of_lists_is_no_score(product: OneProcess, tmp_path: Path) -> None:
    refused = product.refusal(_write(tmp_path, "own.py:by_order"))
    assert refused.stage == "metrics tried"
    assert "each a number; that of sample 0 is list" in str(refused)


def test_a_network_that_is_in_training_learns_nothing_here(
    product: OneProcess, tmp_path: Path
) -> None:
    """Its normalization has a mean of 0 and a variance of 1, whatever samples it was shown."""
    import torch

    path = _write(tmp_path)
    text = path.read_text().split("[model.arguments]")[0].replace(":network", ":in_training")
    path.write_text(text)
    rows = np.random.default_rng(0).normal(5, 3, size=(24, 1, 8))
    write_rows(tmp_path, x=rows, y=np.zeros(24))
    ran = product.run(path)
    code: dict[str, Any] = {}
    exec((tmp_path / "own.py").read_text(), code)
    wanted = code["in_training"]().eval()(torch.from_numpy(rows[16:17]).float())[0]
    assert ran.rows[0]["predictions"]["fp32"]["values"] == pytest.approx(wanted.tolist(), abs=1e-4)
