"""Models that must not be given several rows at once, or that OpenVINO computes otherwise then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 48


def test_a_branch_is_taken_for_each_row(product: OneProcess, tmp_path: Path) -> None:
    """The condition of an If is a bool input: a batch would take the branch of its first row."""
    generator = np.random.default_rng(0)
    x, flag = taken("x", [1, 16]), taken("flag", [1], ov.Type.boolean)
    branches = []
    for _ in range(2):
        inner = ops.parameter([1, 16], ov.Type.f32)
        body = ov.Model([ops.result(linear(inner, weights(generator, 8, 16)))], [inner])
        branches.append((inner, body))
    chosen = ops.if_op(flag.output(0))
    (then, if_true), (otherwise, if_false) = branches
    chosen.set_then_body(if_true)
    chosen.set_else_body(if_false)
    chosen.set_input(x.output(0), then, otherwise)
    value = chosen.set_output(if_true.results[0], if_false.results[0])
    y = linear(ops.relu(value), weights(generator, 4, 8))
    save(tmp_path / "model.xml", [x, flag], {"y": y})
    rows = generator.standard_normal((ROWS, 16)).astype(np.float32)
    flags = generator.integers(0, 2, ROWS).astype(bool)
    write_rows(tmp_path, x=rows, flag=flags)
    columns = {"x": "x", "flag": "flag"}
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns=columns))
    assert_tensors_are_bare(
        ran,
        [{"x": rows[at][None], "flag": flags[at : at + 1]} for at in range(CALIBRATION, ROWS)],
    )
    flags[:CALIBRATION] = True
    write_rows(tmp_path, x=rows, flag=flags)
    refused = product.refusal(tmp_path / "awkward.toml")
    assert "has a branch that no calibration sample takes" in str(refused)


NETWORKS = '''
import torch
from torch import nn


class Attention(nn.Module):
    """Attends over the first axis of its input, as with `batch_first` forgotten."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.table, self.mix, self.head = nn.Embedding(50, 16), nn.Linear(16, 16), nn.Linear(16, 6)

    def forward(self, ids):
        x = self.mix(self.table(ids)).transpose(0, 1)
        x = torch.softmax(x @ x.transpose(1, 2), -1) @ x
        return self.head(x.mean(0))


class Centred(nn.Module):
    """Adds the mean of all rows, whose one value reads the same backwards."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Linear(1, 16), nn.Linear(16, 6)

    def forward(self, x):
        x = torch.tanh(self.first(x))
        return self.second(x + x.mean(0, keepdim=True))


class SequenceFirst(nn.Module):
    """From [rows, 4, 8] to [4, rows, 2]: the first axis of the output counts no rows."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 2)

    def forward(self, x):
        return self.second(torch.relu(self.first(x))).transpose(0, 1)


def no_bias():
    """Whose INT8 form the CPU plugin answers with zeros in static batches of 4 and more."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(32, 64, bias=False), nn.ReLU(), nn.Linear(64, 8, bias=False))
'''


@pytest.mark.parametrize(
    ("network", "name", "shape"),
    [
        ("Attention", "ids", (10,)),
        ("Centred", "x", (1,)),
        ("SequenceFirst", "x", (4, 8)),
        ("no_bias", "x", (32,)),
    ],
)
def test_rows_are_not_mixed(
    product: OneProcess, tmp_path: Path, network: str, name: str, shape: tuple[int, ...]
) -> None:
    generator = np.random.default_rng(0)
    (tmp_path / "networks.py").write_text(NETWORKS)
    if name == "ids":
        rows = generator.integers(0, 50, (ROWS, *shape))
    else:
        rows = generator.standard_normal((ROWS, *shape)).astype(np.float32)
    write_rows(tmp_path, **{name: rows})
    source = f"networks.py:{network}"
    ran = product.run(write_recipe(tmp_path, source, "data.npz", columns={name: name}))
    # PyTorch's own names of a Sequential's input are not the columns'.
    (port,) = ov.Core().read_model(ran.file("fp32")).inputs
    assert_tensors_are_bare(ran, each_row(**{port.any_name: rows[CALIBRATION:]}))


@pytest.mark.parametrize("rows_of", ["onnx", "ir"])
def test_zeros_of_static_batches_are_no_answers(
    product: OneProcess, tmp_path: Path, rows_of: str
) -> None:
    """Two products without a bias and a ReLU between, of any number of rows."""
    generator = np.random.default_rng(0)
    first, second = weights(generator, 64, 32), weights(generator, 8, 64)
    if rows_of == "ir":
        x = taken("x", [-1, 32])
        save(tmp_path / "model.xml", [x], {"y": linear(ops.relu(linear(x, first)), second)})
    else:
        _save_onnx(tmp_path / "model.onnx", first, second)
    rows = generator.standard_normal((64, 32)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    source = "model.xml" if rows_of == "ir" else "model.onnx"
    ran = product.run(write_recipe(tmp_path, source, "data.npz", columns={"x": "x"}))
    assert ran.variant("int8")["agreement"]["cosine"] > 0.9
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:]))


def _save_onnx(path: Path, first: np.ndarray, second: np.ndarray) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "first"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("MatMul", ["b", "second"], ["y"]),
        ],
        "awkward",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 8])],
        [
            numpy_helper.from_array(it.T.copy(), n)
            for it, n in ((first, "first"), (second, "second"))
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, path)


def test_a_fixed_batch_takes_rows_of_its_size(product: OneProcess, tmp_path: Path) -> None:
    """A model of [4, 16] is given rows of [4, 16]; single rows are refused with the reason."""
    generator = np.random.default_rng(0)
    x = taken("x", [4, 16])
    y = linear(ops.relu(linear(x, weights(generator, 16, 16))), weights(generator, 2, 16))
    save(tmp_path / "model.xml", [x], {"y": y})
    fours = generator.standard_normal((40, 4, 16)).astype(np.float32)
    write_rows(tmp_path, x=fours)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    assert_tensors_are_bare(product.run(recipe), [{"x": four} for four in fours[CALIBRATION:]])

    write_rows(tmp_path, x=fours[:, 0])
    refused = product.refusal(recipe)
    assert refused.kind == "input" and "batch" in str(refused) and "4" in str(refused)
    assert "preprocessing" not in str(refused)
