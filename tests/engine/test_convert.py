"""Model files and PyTorch modules as IR: what works, and what is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino as ov
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from openvino import opset13 as ops

from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.convert import convert
from ovtui.engine.conversion.float32 import calculates_in
from ovtui.engine.data.examples import Examples
from ovtui.engine.models.model_files import read_model, save_model
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted
from tests.support.tiny import cut

SAMPLE = {"pixel_values": np.random.default_rng(0).random((1, 3, 16, 16), dtype=np.float32)}


def _convert(original: Any, folder: Path) -> Converted:
    out = folder / "out"
    out.mkdir()
    return convert(
        original, Examples([SAMPLE]), "CPU", out, Journal(Run(folder), "convert"), fp16=True
    )


class Net(torch.nn.Module):
    """A convolution and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3)
        self.linear = torch.nn.Linear(8, 4)

    def forward(self, pixel_values: Any) -> Any:
        return self.linear(self.conv(pixel_values).relu().mean((2, 3)))


class Recurring(torch.nn.Module):
    """Embeds a sequence of any length, looks at the positions' order, and takes the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(16, 8)
        self.linear = torch.nn.Linear(8, 4)

    def forward(self, tokens: Any, mask: Any) -> Any:
        place = torch.arange(tokens.shape[1])
        weights = (mask * (place + 1)).unsqueeze(-1)
        return self.linear((self.table(tokens) * weights).sum(1) / weights.sum(1))


class Baked(Recurring):
    """Holds on to the length of the first sample."""

    def forward(self, tokens: Any, mask: Any) -> Any:
        length = int(tokens.shape[1])
        return super().forward(tokens, mask) * length


class Unsupported(Net):
    """With an operation that OpenVINO has no rule for."""

    def forward(self, pixel_values: Any) -> Any:
        return torch.linalg.svdvals(self.conv(pixel_values).mean(1))


class Raising(Net):
    """Does not run at all."""

    def forward(self, pixel_values: Any) -> Any:
        raise ValueError("not with me")


def _onnx(path: Path, operator: str, domain: str = "") -> None:
    weights = np.random.default_rng(0).standard_normal((768, 4)).astype(np.float32)
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["scores"]),
        helper.make_node(operator, ["scores"], ["y"], domain=domain),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(weights, "w")],
    )
    versions = [helper.make_opsetid("", 17)]
    if domain:
        versions.append(helper.make_opsetid(domain, 1))
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=8), path)


def test_a_module_agrees_with_its_ir(tmp_path: Path) -> None:
    converted = _convert(Net(), tmp_path)
    assert converted.difference is not None
    assert converted.difference < 1e-5
    assert converted.parameters >= 8 * 27 + 8 + 32 + 4
    model = ov.Core().read_model(tmp_path / "out" / "model" / "model.xml")
    assert model.input(0).get_any_name() == "pixel_values"


def test_an_ir_and_an_onnx_file_are_read(tiny: Path, tmp_path: Path) -> None:
    assert _convert(tiny.parent / "model.xml", tmp_path).parameters
    _onnx(tmp_path / "model.onnx", "Relu")
    (tmp_path / "other").mkdir()
    assert _convert(tmp_path / "model.onnx", tmp_path / "other").difference is None


@pytest.mark.parametrize(
    ("module", "expected"),
    [(Unsupported, "aten::linalg_svdvals"), (Raising, "ValueError: not with me")],
)
def test_modules_that_cannot_be_converted(
    tmp_path: Path, module: type[torch.nn.Module], expected: str
) -> None:
    with pytest.raises(SourceError) as caught:
        _convert(module(), tmp_path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("operator", "domain", "expected"),
    [("Frobnicate", "", "Frobnicate"), ("Frobnicate", "my.domain", "my.domain.Frobnicate")],
)
def test_onnx_operators_that_openvino_lacks_are_named(
    tmp_path: Path, operator: str, domain: str, expected: str
) -> None:
    path = tmp_path / "model.onnx"
    _onnx(path, operator, domain)
    with pytest.raises(SourceError, match=f"no conversion rule for {expected}"):
        read_model(ov.Core(), path)


def _cut_xml(folder: Path) -> None:
    cut(folder / "model.xml")


def _cut_bin(folder: Path) -> None:
    cut(folder / "model.bin")


def _almost_whole_bin(folder: Path) -> None:
    cut(folder / "model.bin", 0.999)


def _empty_bin(folder: Path) -> None:
    cut(folder / "model.bin", 0)


def _no_bin(folder: Path) -> None:
    (folder / "model.bin").unlink()


def _svg(folder: Path) -> None:
    (folder / "model.xml").write_text("<svg><g/></svg>")


def _noise(folder: Path) -> None:
    (folder / "model.xml").write_bytes(os.urandom(1000))


def _unknown_operation(folder: Path) -> None:
    path = folder / "model.xml"
    path.write_text(path.read_text().replace('type="Convolution"', 'type="Convolutoin"'))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_cut_xml, "model.xml: damaged or cut short"),
        (_cut_bin, "model.bin: cut short"),
        (_almost_whole_bin, "model.bin: cut short"),
        (_empty_bin, "model.bin: cut short: 0 bytes"),
        (_no_bin, "model.bin: no such file"),
        (_svg, "no OpenVINO IR: it starts with <svg>"),
        (_noise, "model.xml: damaged or cut short"),
        (_unknown_operation, "Convolutoin"),
    ],
)
def test_damaged_irs(tiny: Path, damage: Callable[[Path], None], expected: str) -> None:
    damage(tiny.parent)
    with pytest.raises(SourceError) as caught:
        read_model(ov.Core(), tiny.parent / "model.xml")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 0.5])
def test_damaged_onnx_files(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "model.onnx"
    _onnx(path, "Relu")
    cut(path, keep)
    with pytest.raises(SourceError, match=r"model\.onnx: damaged, cut short or no ONNX file"):
        read_model(ov.Core(), path)


def test_inputs_that_do_not_fit_name_both_shapes(tiny: Path, tmp_path: Path) -> None:
    journal = Journal(Run(tmp_path), "convert")
    sample = {"pixel_values": np.zeros((1, 3, 20, 20), np.float32)}
    with pytest.raises(SourceError, match=r"takes \[1,3,16,16\], the data gives \[1, 3, 20, 20\]"):
        convert(tiny.parent / "model.xml", Examples([sample]), "CPU", tmp_path, journal, fp16=True)


def _tokens(length: int) -> dict[str, Any]:
    ids = np.random.default_rng(length).integers(0, 16, (1, length))
    return {"tokens": ids, "mask": np.ones((1, length), np.int64)}


def _convert_tokens(module: Any, folder: Path) -> Converted:
    out = folder / "out"
    out.mkdir()
    return convert(
        module.eval(),
        Examples([_tokens(7)], dynamic={"tokens": (0, 1), "mask": (0, 1), "absent": (1,)}),
        "CPU",
        out,
        Journal(Run(folder), "convert"),
        fp16=True,
    )


def test_dynamic_axes_stay_free(tmp_path: Path) -> None:
    module = Recurring()
    converted = _convert_tokens(module, tmp_path)
    assert converted.difference is not None
    assert converted.difference < 1e-5
    model = ov.Core().read_model(tmp_path / "out" / "model" / "model.xml")
    assert [str(port.partial_shape) for port in model.inputs] == ["[?,?]", "[?,?]"]
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for length in (3, 12):
        sample = _tokens(length)
        want = module(*map(torch.from_numpy, sample.values())).detach().numpy()
        assert np.allclose(compiled(sample)[0], want, atol=1e-5)


def test_a_length_that_a_trace_holds_is_noticed(tmp_path: Path) -> None:
    converted = _convert_tokens(Baked(), tmp_path)
    assert converted.difference is not None
    assert converted.difference > 0.1
    events = (tmp_path / "events.jsonl").read_text()
    assert "differ from the original's" in events


@pytest.mark.parametrize("kind", ["bf16", "f64"])
def test_graphs_in_other_types_calculate_in_float32(kind: str, tmp_path: Path) -> None:
    weights = np.random.default_rng(0).standard_normal((8, 16)).astype(np.float32)
    types = {"bf16": ov.Type.bf16, "f64": ov.Type.f64}
    x = ops.parameter([1, 16], types[kind])
    x.output(0).get_tensor().set_names({"x"})
    layer = ops.matmul(x, ops.constant(weights, dtype=types[kind]), False, True)
    path = tmp_path / "other.xml"
    ov.save_model(ov.Model([ops.relu(layer)], [x], "m"), path, compress_to_fp16=False)
    (tmp_path / "out").mkdir()
    sample = {"x": np.linspace(-1, 1, 16, dtype=np.float32)[None]}
    journal = Journal(Run(tmp_path), "convert")
    converted = convert(path, Examples([sample]), "CPU", tmp_path / "out", journal, fp16=False)
    assert converted.calculated_in == [{"bf16": "bfloat16", "f64": "float64"}[kind]]
    model = ov.Core().read_model(graph_of(tmp_path / "out", "model"))
    assert {port.get_element_type() for port in (*model.inputs, *model.outputs)} == {ov.Type.f32}
    got = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(sample)[0]
    rounding = 2.0**-8 if kind == "bf16" else 1e-6  # bfloat16 keeps 8 bits of a weight
    most = rounding * np.abs(weights) @ np.abs(sample["x"][0])
    assert np.all(np.abs(got - np.maximum(0, sample["x"] @ weights.T)) <= most + 1e-6)


def test_weights_stored_in_other_types_and_sizes_are_no_calculation() -> None:
    x = ops.parameter([-1, 4], np.float32)
    weights = ops.convert(ops.constant(np.ones((4, 4)), dtype=ov.Type.bf16), np.float32)
    rows = ops.convert(ops.gather(ops.shape_of(x), ops.constant(0), ops.constant(0)), np.float64)
    half = ops.convert(ops.divide(rows, ops.constant(2.0)), np.float32)
    model = ov.Model([ops.multiply(ops.matmul(x, weights, False, False), half)], [x], "m")
    assert calculates_in(model) == []


def test_control_characters_in_names_are_read_as_openvino_reads_them(tmp_path: Path) -> None:
    x = ops.parameter([1, 4], np.float32)
    named = ops.relu(x)
    named.set_friendly_name("tab\tline\n\x01 \x1b[31m <&> \ufffe")
    path = tmp_path / "model.xml"
    save_model(ov.Model([named], [x], "m"), path, fp16=False)
    names = [op.get_friendly_name() for op in read_model(ov.Core(), path).get_ops()]
    assert named.get_friendly_name() in names


def test_the_reason_of_a_failed_trace_is_told_without_advice() -> None:
    text = (
        "Couldn't get TorchScript module by tracing.\nException:\nFound a DynamicCache\n"
        "Please check correctness of provided 'example_input'. Sometimes models can be converted.\n"
        " You can also provide TorchScript module that you obtained yourself."
    )
    assert telling_line(RuntimeError(text)) == "Found a DynamicCache"


def test_a_graph_that_cannot_be_compiled_is_refused_in_one_line(tmp_path: Path) -> None:
    x = ops.parameter(ov.PartialShape.dynamic(), np.float32, name="pixel_values")
    x.output(0).get_tensor().set_names({"pixel_values"})
    ov.save_model(ov.Model([ops.relu(x)], [x]), tmp_path / "model.xml")
    with pytest.raises(SourceError, match="device 'CPU' cannot run this model: .*dynamic rank"):
        _convert(tmp_path / "model.xml", tmp_path)


def test_ids_beyond_a_table_are_told(tmp_path: Path) -> None:
    sample = {"tokens": np.array([[3, 16]]), "mask": np.ones((1, 2), np.int64)}
    with pytest.raises(SourceError, match=r"tokens holds 16, its table 'table' has rows 0 to 15"):
        convert(Recurring(), Examples([sample]), "CPU", tmp_path, Journal(Run(tmp_path)), fp16=True)
