"""A model of any source as an OpenVINO IR with FP32 weights, checked against the original."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovtui.core.errors import SourceError
from ovtui.core.task import WHOLE_MODEL
from ovtui.engine.conversion.constant_shapes import fold_shapes
from ovtui.engine.conversion.float32 import calculates_in, in_float32
from ovtui.engine.conversion.numbers import check_weights, without_numbers
from ovtui.engine.conversion.ports import inputs_of, outputs_of
from ovtui.engine.data.spool import Arrays
from ovtui.engine.inference import infer_alone
from ovtui.engine.layout import F32, baseline_of, graph_of
from ovtui.engine.model_files import read_model, save_model, telling_line
from ovtui.engine.progress import Journal
from ovtui.engine.pytorch import call, in_order, takes_names, tensors_of
from ovtui.engine.specification import Converted

# Conversion keeps float32 arithmetic: differences beyond this are another graph, not rounding.
TOLERANCE = 1e-2


def convert(
    original: Any,
    sample: Arrays,
    device: str,
    folder: Path,
    journal: Journal,
    *,
    fp16: bool,
    dynamic: Mapping[str, Sequence[int]] | None = None,
) -> Converted:
    """Write the FP32 graph and the baseline into the folder, as `layout` has it.

    Args:
        original: a `torch.nn.Module`, or the path of an IR or ONNX file.
        sample: one sample's inputs, with a batch axis of one.
        device: where it will run, for its default precision.
        folder: an empty folder.
        journal: where progress and warnings go.
        fp16: store the baseline's weights as FP16.
        dynamic: axes of inputs that stay free, by the input's name; an IR or ONNX file keeps its
            own.

    Raises:
        SourceError: the file cannot be read, or OpenVINO cannot convert the model.
    """
    core = ov.Core()
    step = journal.step("trace and convert" if not isinstance(original, Path) else "read", 3)
    if isinstance(original, Path):
        model, expected = _read(core, original), None
        samples = [sample]
    else:
        samples = lengths(sample, dynamic or {})
        model, expected = _trace(original, samples, dynamic or {})
    if others := calculates_in(model):
        in_float32(model)
        journal.warn(
            f"the model calculates in {' and '.join(others)}; every variant, the baseline too, "
            "calculates in float32, and so are its inputs and outputs"
        )
    fold_shapes(model)
    step.advance()
    save_model(model, graph_of(folder, WHOLE_MODEL), fp16=False)
    save_model(model, baseline_of(folder, WHOLE_MODEL), fp16=fp16)
    del original, model  # the weights are in the file now, and mapped from there
    gc.collect()  # a module and its trace hold each other: 350 MB of BERT-base
    model = core.read_model(graph_of(folder, WHOLE_MODEL))
    step.advance()
    compiled = core.compile_model(model, "CPU", F32)
    check_weights(model)
    outputs = [_infer(compiled, sample) for sample in samples]
    difference = _check(outputs, expected, journal)
    chosen = chosen_device(core, model, device)
    converted = Converted(
        device=chosen,
        default_precision=default_precision(core, chosen),
        parameters=count_parameters(model),
        difference=difference,
        inputs=inputs_of(model),
        outputs=outputs_of(model),
        without_numbers=without_numbers(model, outputs),
    )
    step.advance()
    return converted


def _read(core: Any, path: Path) -> Any:
    model = read_model(core, path)
    for index, port in enumerate(model.inputs):
        if not port.get_names():
            port.get_tensor().set_names({f"input_{index}"})
    return model


def lengths(sample: Arrays, dynamic: Mapping[str, Sequence[int]]) -> list[Arrays]:
    """The sample, and its first half along the dynamic axes: a trace may hold the first's shape."""
    shorter = {}
    for name, array in sample.items():
        for axis in dynamic.get(name, ()):
            array = np.take(array, range((array.shape[axis] + 1) // 2), axis)
        shorter[name] = np.ascontiguousarray(array)
    same = all(shorter[name].shape == array.shape for name, array in sample.items())
    return [sample] if same else [sample, shorter]


def _trace(
    module: Any, samples: Sequence[Arrays], dynamic: Mapping[str, Sequence[int]]
) -> tuple[Any, list[list[np.ndarray]]]:
    """The module as an OpenVINO model, and its own outputs for the samples."""
    import torch

    from ovtui.engine.components.trace import trace

    torch.set_num_threads(1)  # as `trace` does
    samples = [in_order(module, item) for item in samples]
    sample = samples[0]
    tensors = tensors_of(sample)
    example: Any = tensors if takes_names(module, list(sample)) else tuple(tensors.values())
    module = module.eval()
    with torch.no_grad():
        try:
            outputs = [call(module, tensors_of(item)) for item in samples]
        except Exception as error:
            given = ", ".join(f"{name} {list(array.shape)}" for name, array in sample.items())
            raise SourceError(
                f"the PyTorch model does not run on a sample ({given}): "
                f"{type(error).__name__}: {telling_line(error)}"
            ) from error
        shapes = [_shape(array, dynamic.get(name, ())) for name, array in sample.items()]
        named = list(zip(sample, shapes, strict=True)) if isinstance(example, dict) else shapes
        try:
            model = trace(module, example, named)
        except Exception as error:
            raise SourceError(
                f"OpenVINO cannot convert this model: {telling_line(error)}"
            ) from error
    for port, name in zip(model.inputs, sample, strict=False):
        port.get_tensor().set_names({name})  # and none of the trace's own
    for port, name in zip(model.outputs, outputs[0], strict=False):
        if not name.isdigit():
            port.get_tensor().add_names({name})
    return model, [list(named.values()) for named in outputs]


def _shape(array: np.ndarray, dynamic: Sequence[int]) -> Any:
    return ov.PartialShape(
        [-1 if axis in dynamic else size for axis, size in enumerate(array.shape)]
    )


def _check(
    outputs: Sequence[Sequence[np.ndarray]],
    expected: Sequence[Sequence[np.ndarray]] | None,
    journal: Journal,
) -> float | None:
    """Largest relative difference to the original's outputs for the samples; None without any."""
    if expected is None:
        return None
    difference = max(
        difference_of(got, want)
        for gots, wants in zip(outputs, expected, strict=True)
        for got, want in zip(gots, wants, strict=False)
        if want.size
    )
    warn_of_difference(difference, journal)
    return difference


def warn_of_difference(difference: float, journal: Journal) -> None:
    """Say so where another graph than the original's was converted, not just rounding."""
    if difference > TOLERANCE:
        journal.warn(
            f"the converted model's outputs differ from the original's by {difference:.1%} "
            "of their largest value on a sample"
        )


def difference_of(got: np.ndarray, want: np.ndarray) -> float:
    """Largest difference of two arrays, relative to the largest value wanted."""
    if got.shape != want.shape:
        return float("inf")
    return float(np.abs(got.astype(np.float64) - want).max() / max(1e-9, np.abs(want).max()))


def _infer(compiled: Any, sample: Arrays) -> list[np.ndarray]:
    try:
        return infer_alone(compiled, sample)
    except SourceError as error:
        raise SourceError(f"the first sample of the evaluation data: {error}") from error


def chosen_device(core: Any, model: Any, device: str) -> str:
    """The device itself; for AUTO the one that it picks for this model.

    AUTO takes no precision hint, and may answer from the CPU while another device still compiles:
    neither would leave a number that says what it measured.
    """
    if not device.startswith("AUTO"):
        return device
    compiled = _compile(core, model, device, {"ENABLE_STARTUP_FALLBACK": False})
    return str(compiled.get_property("EXECUTION_DEVICES")[0])


def default_precision(core: Any, device: str) -> str:
    """The precision that the device chooses for a model in floating point: any will do."""
    one = ops.parameter([1], ov.Type.f32)
    smallest = ov.Model([ops.relu(one)], [one])
    hint = _compile(core, smallest, device, {}).get_property("INFERENCE_PRECISION_HINT")
    return precision_name(hint)


def _compile(core: Any, model: Any, device: str, properties: dict[str, Any]) -> Any:
    try:
        return core.compile_model(model, device, properties)
    except RuntimeError as error:
        raise SourceError(
            f"device {device!r} cannot run this model: {telling_line(error)}"
        ) from error


def precision_name(hint: Any) -> str:
    """`f32`, `bf16` or `f16` of a compiled model's property."""
    return str(hint.to_string()) if hasattr(hint, "to_string") else str(hint)


def count_parameters(model: Any) -> int:
    return sum(
        int(np.prod(list(op.shape)))
        for op in model.get_ops()
        if op.get_type_name() == "Constant" and op.get_element_type().is_real()
    )
