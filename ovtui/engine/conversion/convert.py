"""A model of any source as an OpenVINO IR with FP32 weights, checked against the original."""

from __future__ import annotations

import gc
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.constant_shapes import fold_shapes
from ovtui.engine.conversion.float32 import calculates_in, in_float32
from ovtui.engine.conversion.numbers import check_weights, without_numbers
from ovtui.engine.conversion.ports import inputs_of, outputs_of
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.inference import difference_of_numbers, infer_alone
from ovtui.engine.models.model_files import read_model, save_model
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.layout import F32, baseline_of, graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted

if TYPE_CHECKING:
    import torch

if TYPE_CHECKING:  # it needs PyTorch, which files do not: 3 s
    from ovtui.engine.conversion.from_pytorch import Answer, Traced

# Conversion keeps float32 arithmetic: differences beyond this are another graph, not rounding.
TOLERANCE = 1e-2


def convert(
    original: torch.nn.Module | Path,
    examples: Examples,
    device: str,
    folder: Path,
    journal: Journal,
    *,
    fp16: bool,
) -> Converted:
    """Writes the FP32 graph and the baseline into the folder, as `layout` has it.

    Args:
        original: a `torch.nn.Module`, or the path of an IR or ONNX file, which keeps its own free
            axes.
        examples: the first samples, and what varies among them. The original is called with what
            its own processor gives, as transformers calls it, and its answers are compared with
            the graph's.
        device: where it will run, for its default precision.
        folder: an empty folder.
        journal: where progress and warnings go.
        fp16: store the baseline's weights as FP16.

    Raises:
        SourceError: the file cannot be read, or OpenVINO cannot convert the model.
    """
    core = ov.Core()
    step = journal.step("trace and convert" if not isinstance(original, Path) else "read", 3)
    if isinstance(original, Path):
        model, traced = _read(core, original), None
    else:
        from ovtui.engine.conversion.from_pytorch import trace_module

        model, traced = trace_module(original, examples, journal)
    if others := calculates_in(model):
        in_float32(model)
    fold_shapes(model)
    step.advance()
    save_model(model, graph_of(folder, WHOLE_MODEL), fp16=False)
    save_model(model, baseline_of(folder, WHOLE_MODEL), fp16=fp16)
    del original, model  # the weights are in the file now, and mapped from there
    gc.collect()  # a module and its trace hold each other: 350 MB of BERT-base
    model = core.read_model(graph_of(folder, WHOLE_MODEL))
    step.advance()
    compiled = _compile(core, model, "CPU", F32)
    check_weights(model)
    outputs = (
        [_infer(compiled, examples.prepared[0])]
        if traced is None
        else _infer_all(compiled, traced.answers)
    )
    difference = None if traced is None else _check(outputs, traced, journal)
    chosen = chosen_device(core, model, device)
    converted = Converted(
        device=chosen,
        default_precision=default_precision(core, chosen),
        parameters=count_parameters(model),
        difference=difference,
        inputs=inputs_of(model),
        outputs=outputs_of(model),
        without_numbers=without_numbers(model, outputs),
        calculated_in=others,
    )
    step.advance()
    return converted


def _read(core: ov.Core, path: Path) -> ov.Model:
    model = read_model(core, path)
    for index, port in enumerate(model.inputs):
        if not port.get_names():
            port.get_tensor().set_names({f"input_{index}"})
    return model


def _infer_all(compiled: ov.CompiledModel, answers: Sequence[Answer]) -> list[list[np.ndarray]]:
    """The graph's outputs for the samples that the original answered.

    Raises:
        SourceError: the graph does not run on one of them.
    """
    outputs = [_infer(compiled, answers[0].sample)]
    for sample, _ in answers[1:]:
        try:
            outputs.append(infer_alone(compiled, sample))
        except (RuntimeError, SourceError) as error:
            raise fails_on(sample, error) from error
    return outputs


def fails_on(sample: Arrays, error: Exception, what: str = "model") -> SourceError:
    """Returns what to raise where a graph does not run on a sample that the original answers.

    Args:
        sample: that the original answers.
        error: of the graph.
        what: that was converted.
    """
    given = ", ".join(f"{name} {list(array.shape)}" for name, array in sample.items())
    return SourceError(
        f"the converted {what} fails on {given}, which the PyTorch model takes; its graph holds "
        f"the shape that it was traced with: {telling_line(error)}"
    )


def _check(outputs: Sequence[Sequence[np.ndarray]], traced: Traced, journal: Journal) -> float:
    """Largest relative difference of the graph's outputs to the original's answers."""
    difference = 0.0
    for inferred, (_, wants) in zip(outputs, traced.answers, strict=True):
        graph_outputs = dict(zip(traced.outputs, inferred, strict=False))
        both = [
            (graph_outputs[name], want)
            for name, want in wants.items()
            if name in graph_outputs and want.size
        ]
        farthest = max([0.0, *(difference_of_numbers(*it) for it in both)])
        if farthest > TOLERANCE:
            farthest = min(farthest, _in_another_order(both))
        difference = max(difference, farthest)
    warn_of_difference(difference, journal)
    return difference


def _in_another_order(both: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The same difference of outputs [1, N, …] whose N rows may have changed places together.

    Detectors of the RT-DETR family take the N best places of a picture in the order of their
    scores, which rounding alone tells apart where two are nearly equal.

    Returns:
        Infinity where outputs are not so many rows each.
    """
    rows = {side.shape[:2] for pair in both for side in pair if side.ndim == 3}
    if len(rows) != 1 or not all(side.ndim == 3 and len(side) == 1 for it in both for side in it):
        return math.inf
    graph, original = (np.concatenate([it[side][0] for it in both], axis=-1) for side in (0, 1))
    apart = np.abs(graph[:, None] - original[None]).max(axis=-1)
    farthest = max(apart.min(axis=0).max(), apart.min(axis=1).max())
    return float(farthest / (np.abs(original).max() or 1.0))


def warn_of_difference(difference: float, journal: Journal) -> None:
    """Warns where another graph than the original's was converted, not just rounding.

    Args:
        difference: relative to the largest value; infinite where shapes differ, or one of the two
            is no number.
        journal: where the warning goes.
    """
    if difference > TOLERANCE:
        how = f"by {difference:.1%} of their largest value"
        if difference == math.inf:
            how = "in shape, or in what is NaN or infinite,"
        journal.warn(
            f"the converted model's outputs differ from the original's {how} on a sample: "
            "conversion made another model of it, and what follows is about that one"
        )


def _infer(compiled: ov.CompiledModel, sample: Arrays) -> list[np.ndarray]:
    try:
        return infer_alone(compiled, sample)
    except SourceError as error:
        raise SourceError(f"the first sample of the evaluation data: {error}") from error


def chosen_device(core: ov.Core, model: ov.Model, device: str) -> str:
    """Returns the device itself; for AUTO the one that it picks for this model.

    AUTO takes no precision hint, and may answer from the CPU while another device still compiles:
    neither would leave a number that says what it measured.

    Args:
        core: an `ov.Core`.
        model: an `ov.Model`.
        device: as a recipe names it.
    """
    if not device.startswith("AUTO"):
        return device
    compiled = _compile(core, model, device, {"ENABLE_STARTUP_FALLBACK": False})
    return str(compiled.get_property("EXECUTION_DEVICES")[0])


def default_precision(core: ov.Core, device: str) -> str:
    """Returns the precision that a device chooses for floating point, as in `f32` or `bf16`.

    It is the same for every model: the smallest one is asked.

    Args:
        core: an `ov.Core`.
        device: name that OpenVINO knows; not AUTO.
    """
    one = ops.parameter([1], ov.Type.f32)
    smallest = ov.Model([ops.relu(one)], [one])
    hint = _compile(core, smallest, device, {}).get_property("INFERENCE_PRECISION_HINT")
    return precision_name(hint)


def _compile(
    core: ov.Core, model: ov.Model, device: str, properties: Mapping[str, Property]
) -> ov.CompiledModel:
    try:
        return core.compile_model(model, device, properties)
    except RuntimeError as error:
        raise SourceError(
            f"device {device!r} cannot run this model: {telling_line(error)}"
        ) from error


def precision_name(hint: ov.Type | str) -> str:
    """Returns `f32`, `bf16` or `f16` of a compiled model's property."""
    return str(hint.to_string()) if hasattr(hint, "to_string") else str(hint)


def count_parameters(model: ov.Model) -> int:
    """Counts the numbers in the floating-point constants of a graph."""
    return sum(
        int(np.prod(list(op.shape)))
        for op in model.get_ops()
        if op.get_type_name() == "Constant" and op.get_element_type().is_real()
    )
