"""A traced module: what it is called is the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import torch
from openvino import opset13 as ops

from ovtui.engine.components.trace import number_anew, trace
from ovtui.engine.store.fingerprint import of_graph


class Layers(torch.nn.Module):
    """Biases, which OpenVINO names by a count of its own."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Linear(8, 2))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.layers(values).reshape(-1)


def graph(folder: Path, name: str) -> str:
    model = trace(Layers(), (torch.ones(1, 4),), [ov.PartialShape([-1, 4])])
    path = folder / f"{name}.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    return of_graph(path)


def test_a_second_trace_is_the_same_file(tmp_path: Path) -> None:
    first = graph(tmp_path, "first")
    trace(torch.nn.Linear(3, 3), (torch.ones(1, 3),), [ov.PartialShape([1, 3])])
    assert graph(tmp_path, "second") == first


def test_names_that_were_given_stay_and_are_not_taken_again() -> None:
    value = ops.parameter([1], np.float32, name="value")
    given = ops.constant(np.float32([1.0]), name="Add_1")
    numbered = ops.add(value, given)
    named = ops.relu(numbered, name="mine")
    model = ov.Model([ops.result(named)], [value], "Model77")
    number_anew(model)
    names = {op.get_friendly_name(): op.get_type_name() for op in model.get_ops()}
    assert model.get_friendly_name() == "model"
    assert names["Add_1"] == "Constant" and names["mine"] == "Relu" and "value" in names
    assert names["Add_2"] == "Add"
