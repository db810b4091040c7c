"""A sample's arrays as a model takes them: by name, with the values that they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.element_types import converted
from ovtui.engine.data.inputs import bind, matched
from ovtui.engine.measuring.inputs import stored_samples, tensor_of

X = np.arange(3, dtype=np.float32)[None]


def _ports(*names: str, kind: Any = ov.Type.f32) -> list[Any]:
    parameters = [ops.parameter([1, 3], kind, name=name) for name in names]
    for parameter, name in zip(parameters, names, strict=True):
        parameter.output(0).get_tensor().set_names({name})
    return ov.Model([ops.relu(it) for it in parameters], parameters).inputs


def test_arrays_go_by_name() -> None:
    found = bind(_ports("a", "b"), {"b": X + 1, "unused": X, "a": X})
    assert [array[0, 0] for array in found] == [0, 1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["b", "aa"], r"input a; they give b, aa: did you mean 'a'\?"),
        (["left", "right"], "input a, b; they give left, right"),
        (["a"], "input b; they give a "),
        ([], "they give none"),
    ],
)
def test_of_several_inputs_none_goes_by_order(given: list[str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        bind(_ports("a", "b"), dict.fromkeys(given, X))


def test_one_array_is_for_one_input_and_names_that_nobody_has_go_by_order() -> None:
    assert np.array_equal(bind(_ports("a"), {"pixel_values": X})[0], X)
    assert matched([set(), set()], ["x", "y"]) == ["x", "y"]


def test_advice_about_pictures_is_for_pictures() -> None:
    for name, told in (("pixel_values", True), ("x", False)):
        with pytest.raises(SourceError) as caught:
            bind(_ports("x"), {name: X[:, :2]})
        assert ("[data.preprocessing]" in str(caught.value)) is told
        with pytest.raises(SourceError, match="gives 0.5") as caught:
            bind(_ports("x", kind=ov.Type.u8), {name: X / 2})
        assert ("scale = 1" in str(caught.value)) is told


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        ([1.0, 2.0], "i64", np.int64),
        ([0, 255], "u8", np.uint8),
        ([1.0, 0.0], "boolean", bool),
        ([True, False], "f32", np.float32),
        ([0.1, 1e30], "f32", np.float32),
        ([1, 2], "i32", np.int32),
    ],
)
def test_values_that_a_type_holds(values: list[float], kind: str, wanted: Any) -> None:
    found = converted(np.array(values), kind, "x")
    assert found.dtype == wanted
    np.testing.assert_allclose(found.astype(float), values)


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        ([3.0, 3.7], "i64", "gives 3.7"),
        ([0.25], "u8", r"from 0 to 255 \(u8\), the data gives 0.25"),
        ([1020], "u8", "gives 1020"),
        ([-1], "u8", "gives -1"),
        ([0.5], "boolean", "gives 0.5"),
        ([np.nan], "i32", "gives nan"),
        ([np.inf], "i32", "gives inf"),
        ([1e6], "f16", r"takes f16, the data gives 1e\+06"),
        ([1e39], "bf16", r"gives 1e\+39"),
        (["3"], "i64", "values of type <U1"),
        ([1], "string", "values of type int64"),
        ([1], "u4", "of type u4: not supported"),
    ],
)
def test_values_that_would_change_are_refused(values: list[Any], kind: str, told: str) -> None:
    with pytest.raises(SourceError, match=f"input 'x'.*{told}"):
        converted(np.array(values), kind, "x")


def test_bf16_is_given_its_own_bits() -> None:
    """Values of `float16` in their place would be other numbers: 1.0 is read as 0.0078."""
    (port,) = _ports("x", kind=ov.Type.bf16)
    model = ov.Model([ops.convert(port.node, "f32")], [port.node])
    compiled = ov.Core().compile_model(model, "CPU")
    values = np.array([[1.0, -2.5, 3.14159]], np.float32)
    given = bind(compiled.inputs, {"x": values})
    nearest = [[1.0, -2.5, 3.140625]]
    assert compiled(given)[0].tolist() == nearest
    request = compiled.create_infer_request()
    request.start_async({0: given[0]}, share_inputs=False)
    request.wait()
    assert request.output_tensors[0].data.tolist() == nearest
    request.set_input_tensor(tensor_of(compiled.inputs[0], given[0]))
    request.infer()
    assert request.output_tensors[0].data.tolist() == nearest


def test_no_axis_is_added_to_a_scalar() -> None:
    assert converted(np.array(3), "i64", "x").shape == ()
    assert converted(np.array(3), "f32", "x").shape == ()


def test_what_is_measured_goes_by_the_same_rule(tmp_path: Path) -> None:
    a, b = ops.parameter([1, 3], ov.Type.i64), ops.parameter([1, 3], ov.Type.f32)
    for parameter, name in ((a, "a"), (b, "b")):
        parameter.output(0).get_tensor().set_names({name})
    model = ov.Model([a, b], [a, b])
    np.savez(tmp_path / "s.npz", b=X[None], a=X[None])
    ((first, second),) = stored_samples(model, tmp_path / "s.npz")
    assert first.dtype == np.int64 and second.dtype == np.float32
    for arrays, told in (({"a": X, "bb": X}, "input b"), ({"a": X + 0.5, "b": X}, "gives 0.5")):
        np.savez(tmp_path / "s.npz", **{name: it[None] for name, it in arrays.items()})  # type: ignore[arg-type]
        with pytest.raises(Exception, match=told):
            stored_samples(model, tmp_path / "s.npz")


def test_a_batch_that_may_have_some_sizes_is_told_as_it_is() -> None:
    x = ops.parameter(ov.PartialShape([ov.Dimension(2, 4), 3]), ov.Type.f32, name="x")
    x.output(0).get_tensor().set_names({"x"})
    ports = ov.Model([ops.relu(x)], [x]).inputs
    with pytest.raises(SourceError, match="batches of 2 to 4 only: give rows of 2"):
        bind(ports, {"x": X})
