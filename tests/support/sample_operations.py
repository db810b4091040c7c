"""The operations of two variants, as a run keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ovtui.core.results.operations import GraphProfile, Memory, Operation, Operations
from ovtui.core.results.result import Result
from tests.support.sample_result import HOSTILE


def operation(
    kind: str, precision: str, microseconds: float, fused: Sequence[str], **facts: object
) -> Operation:
    """Returns an operation; `facts` are further fields."""
    name = fused[0] if fused else kind
    return Operation(
        name=name,
        kind=kind,
        precision=precision,
        microseconds=microseconds,
        fused=list(fused),
        **facts,  # type: ignore[arg-type]
    )


def graph(
    operations: Sequence[Operation], outside_ms: float = 0.0, component: str = "model"
) -> GraphProfile:
    """Returns the profile of a graph with so many ms in no operation."""
    taken = sum(it.microseconds for it in operations) / 1000
    return GraphProfile(
        component=component,
        milliseconds=taken + outside_ms,
        operations=list(operations),
        capabilities=["FP32", "INT8"],
    )


def with_latency(result: Result, p50_ms: float, min_ms: float | None = None) -> Result:
    """Returns a result all of whose variants have a median latency, and a shortest one."""
    shortest = p50_ms if min_ms is None else min_ms
    variants = [
        replace(it, latency=replace(it.latency, p50_ms=p50_ms, min_ms=shortest))
        if it.latency
        else it
        for it in result.variants
    ]
    return replace(result, variants=variants)


def _layer(
    number: int, precision: str, taken: float, attention: list[Operation]
) -> list[Operation]:
    module = f"__module.layers.{number}"
    at = 4 * number
    linear = f"{module}.up/aten::linear/MatMul"
    fused = (
        [f"{linear}/DequantizationMultiply"]
        if precision == "i8"
        else [linear, f"Multiply_{number}"]
    )
    quantize = operation(
        "Subgraph", "f32", 20, [f"{linear}/fq_input_0"], takes="f32", gives="i8"
    )  # fmt: skip
    converts = [quantize] if precision == "i8" else []
    return [*converts, operation("FullyConnected", precision, taken, fused, reads=[at])] + attention


def _attention(number: int, *, fused: bool) -> list[Operation]:
    parts = [f"__module.layers.{number}.attention/aten::{it}/{it}" for it in ("matmul", "softmax")]
    if fused:
        return [operation("Subgraph", "f32", 300, parts)]
    return [
        operation("MatMul", "f32", 250, parts[:1]),
        operation("Softmax", "f32", 150, parts[1:]),
    ]


def sample_operations() -> Operations:
    """Returns the operations of `fp32`, `bf16` and `int8`: two layers, of which INT8 takes the
    attention apart.
    """
    plain = [it for n in (0, 1) for it in _layer(n, "f32", 1000, _attention(n, fused=True))]
    int8 = [it for n in (0, 1) for it in _layer(n, "i8", 400, _attention(n, fused=False))]
    variants = {
        "fp32": [graph(plain, 0.1)],
        "bf16": [graph(plain, 0.1)],
        "int8": [graph(int8, 0.1)],
    }
    return Operations(variants=variants, memory=Memory(bytes_per_second=2e10, cache_bytes=2**25))


def hostile_operations() -> Operations:
    """Returns operations whose names would do harm where they are not made safe."""
    names = [f"{text}/layer/{text}" for text in HOSTILE]
    operations = [
        operation(text, text, 10, [name], takes=text, gives="i8", reads=[-1, 10**9])
        for text, name in zip(HOSTILE, names, strict=True)
    ]
    graphs = [graph(operations, 0.1, HOSTILE[1])]
    return Operations(variants={name: graphs for name in [*HOSTILE, "fp32", "int8"]})
