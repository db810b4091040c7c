"""What is let go of is read again; what is held in fewer bits is what the model gets anyway."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.engine.compression.nncf_patches.weight_pages import pages_released
from ovtui.engine.processes.memory import Mapped, release, trim_heap


@pytest.fixture
def ir(tmp_path: Path) -> Path:
    values = ops.parameter([1, 64], np.float32)
    weights = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    product = ops.matmul(values, ops.constant(weights), False, True)
    ov.save_model(ov.Model([product], [values]), tmp_path / "model.xml")
    return tmp_path / "model.xml"


def test_weights_that_were_let_go_of_are_read_again(ir: Path) -> None:
    weights = ir.with_suffix(".bin")
    model = ov.Core().read_model(ir)
    (constant,) = (op for op in model.get_ops() if op.get_type_name() == "Constant")
    before = constant.data.copy()
    mapped = Mapped(weights)
    assert bool(mapped._places) == (sys.platform == "linux")
    mapped.release()
    assert (constant.data == before).all()
    assert weights.read_bytes()[: before.nbytes] == before.tobytes()


def test_what_is_mapped_nowhere_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "it.bin").write_bytes(b"0" * 8192)
    assert not Mapped(tmp_path / "it.bin")._places
    release(tmp_path / "it.bin")
    release(tmp_path / "none.bin")
    trim_heap()


def test_scaled_weights_are_held_in_32_bits(ir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nncf.quantization.algorithms.smooth_quant.openvino_backend import OVSmoothQuantAlgoBackend

    given: list[Any] = []
    command = staticmethod(lambda node, graph, value: given.append(value))
    monkeypatch.setattr(OVSmoothQuantAlgoBackend, "weight_update_command", command)
    with pages_released(ir.with_suffix(".bin")):
        for kind in (np.float64, np.float32, np.float16):
            OVSmoothQuantAlgoBackend.weight_update_command(None, None, np.ones(3, kind))
    OVSmoothQuantAlgoBackend.weight_update_command(None, None, np.ones(3))
    assert [value.dtype for value in given] == [np.float32, np.float32, np.float16, np.float64]
