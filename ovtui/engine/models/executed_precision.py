"""The precision that a compiled model calculates in: as it was told, and as its kernels did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import openvino as ov

from ovtui.core.recipes.recipe import Property

PRECISIONS = {"float32": "f32", "fp32": "f32", "float16": "f16", "fp16": "f16", "bfloat16": "bf16"}
EXECUTED_SUFFIX = re.compile(r"_(f64|f32|f16|bf16|fp32|fp16|i8|u8|i4|u4|i16|i32|u32|i64)$")
WITHOUT_WEIGHTS = {"Subgraph", "Eltwise", "Reorder", "Convert", "Select"}
"""Layers whose 8-bit values are masks."""
WEIGHT_BITS = {"i8": 8, "u8": 8, "i4": 4, "u4": 4, "nf4": 4, "f4e2m1": 4, "f8e4m3": 8, "f8e5m2": 8}


def supported(
    core: ov.Core, device: str, properties: Mapping[str, Property]
) -> Mapping[str, Property]:
    """Returns those of the properties that a device has; all where it does not tell.

    Args:
        core: an `ov.Core`.
        device: name that OpenVINO knows.
        properties: by name.
    """
    try:
        known = set(core.get_property(device, "SUPPORTED_PROPERTIES"))
    except RuntimeError:
        return properties
    return {key: value for key, value in properties.items() if not known or key in known}


def counting(core: ov.Core, device: str) -> Mapping[str, Property]:
    """Returns the property that has a device count the time of each operation, where it can.

    It costs nothing that shows: MobileNetV2's 2.3 ms took 0.995 times as long (0.97 to 1.02).
    """
    return supported(core, device, {"PERF_COUNT": True})


def inference_precision(compiled: ov.CompiledModel) -> str:
    """Returns what a compiled model calculates in where it is free to choose; `f32` without one."""
    try:
        value = "f32" if compiled is None else compiled.get_property("INFERENCE_PRECISION_HINT")
    except RuntimeError:
        value = None
    return short_name(value.to_string() if isinstance(value, ov.Type) else str(value or ""))


def executed_times(compiled: ov.CompiledModel) -> Counter[str]:
    """Returns the mean microseconds of an inference by precision; nothing of a device that does not
    tell.

    Args:
        compiled: was compiled with `counting`, and has inferred.
    """
    try:
        return times_of(compiled.get_runtime_model().get_ops())
    except RuntimeError:
        return Counter()


def shares(times: Counter[str]) -> dict[str, float]:
    """Returns the share of the time by precision, the largest first."""
    total = sum(times.values())
    return {name: time / total for name, time in times.most_common() if time}


def times_of(operations: Iterable[ov.Node]) -> Counter[str]:
    """Returns the mean microseconds of an inference by precision, from the operations of a runtime
    graph.

    Args:
        operations: of the runtime graph of a model that was compiled with `counting`.
    """
    times: Counter[str] = Counter()
    for operation in operations:
        info = {key: value.astype(str) for key, value in operation.rt_info.items()}
        if info.get("execTimeMcs", "").isdigit():  # else "not_executed"
            times[executed_in(info)] += int(info["execTimeMcs"])
    return times


def executed_in(info: Mapping[str, str]) -> str:
    """Returns the precision that an operation of a runtime graph calculates in.

    `runtimePrecision` is not enough: on CPU it is that of the weights (`f16` for every f32
    convolution of an FP16 IR), while `primitiveType` ends in what the kernel computes in.
    Compressed weights under floating-point kernels read `f32/w8`, `f32/w4`.

    Args:
        info: its `rt_info` as texts.
    """
    declared = info.get("runtimePrecision", "undefined").lower()
    suffix = EXECUTED_SUFFIX.search(info.get("primitiveType", "").lower())
    name = short_name(suffix[1] if suffix else declared)
    weighted = info.get("layerType") not in WITHOUT_WEIGHTS
    if weighted and name in ("f32", "f16", "bf16") and declared in WEIGHT_BITS:
        name = f"{name}/w{WEIGHT_BITS[declared]}"
    return name


def short_name(precision: str) -> str:
    """Returns `f32`, `bf16`, `i8` … for the names that plugins use; u8 activations are INT8
    execution.
    """
    name = precision.lower()
    return PRECISIONS.get(name, "i8" if name == "u8" else name)
