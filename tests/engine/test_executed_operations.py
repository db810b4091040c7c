"""What compiled models tell of their operations, and the reasons that real graphs give.

A timing is no test: each operation of a real graph is given the time that its reason needs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import openvino.opset13 as ops
import pytest
from msgspec import structs

from ovtui.core.results.operation_pairs import pairs
from ovtui.core.results.operations import GraphProfile, Memory, Operation
from ovtui.core.results.slow_reason import SlowReason
from ovtui.core.results.why_slow import slow_reason
from ovtui.engine.measuring import memory_speed
from ovtui.engine.models import executed_operations
from ovtui.engine.models.executed_operations import Taken, microseconds_of, profile_of
from ovtui.engine.models.executed_precision import executed_times

LATENCY = {"PERFORMANCE_HINT": "LATENCY", "PERF_COUNT": True, "INFERENCE_PRECISION_HINT": "f32"}
Node = ov.Node


def levels(value: Node, least: float, count: int, name: str) -> Node:
    """The value in so many levels from the least to 1."""
    made = ops.fake_quantize(value, *map(np.float32, (least, 1, least, 1)), count)
    made.set_friendly_name(f"{name}/fq")
    return made


def linear(value: Node, size: int, int8: bool, name: str) -> Node:
    """A fully connected layer of so many outputs, in INT8 where that is asked for."""
    width = value.get_output_partial_shape(0)[-1].get_length()
    weights = ops.constant(np.linspace(-1, 1, width * size, dtype=np.float32).reshape(size, width))
    taken = levels(weights, -1, 255, f"{name}/weights") if int8 else weights
    given = levels(value, 0, 256, f"{name}/input") if int8 else value
    made = ops.matmul(given, taken, False, True)
    made.set_friendly_name(name)
    return made


def compiled(result: Node, given: Node) -> ov.CompiledModel:
    return ov.Core().compile_model(ov.Model([result], [given], "tiny"), "CPU", LATENCY)


def profiled(model: ov.CompiledModel, times: int = 2) -> GraphProfile:
    """The profile of a model that has inferred so many times, after a first one."""
    request = model.create_infer_request()
    sample = np.random.default_rng(0).random(model.input(0).shape, dtype=np.float32)
    request.infer([sample])
    first_us, later = microseconds_of(model), []
    for _ in range(times):
        request.infer([sample])
        later.append(request.latency)
    taken = Taken(later, before=1, before_us=first_us)
    profile = profile_of(model, "model", taken)
    assert profile is not None
    return profile


def mixed(int8: bool) -> ov.CompiledModel:
    """A quantized layer between two operations that have no INT8."""
    given = ops.parameter([1, 32, 64], np.float32, name="x")
    wave = ops.sin(given)
    wave.set_friendly_name("layers.0.act/Sin")
    before = ops.softmax(wave, 2)
    before.set_friendly_name("layers.0.act/Softmax")
    layer = linear(before, 64, int8, "layers.0.up/MatMul")
    after = ops.softmax(layer, 2)
    after.set_friendly_name("layers.0.mix/Softmax")
    return compiled(after, given)


def with_times(profile: GraphProfile, microseconds: Callable[[Operation], float]) -> GraphProfile:
    """The same graph, whose operations take what is given, and all of an inference."""
    timed = [structs.replace(it, microseconds=microseconds(it)) for it in profile.operations]
    taken = sum(it.microseconds for it in timed) / 1000
    return structs.replace(profile, operations=timed, milliseconds=taken)


def reason(
    before: Callable[[Operation], float],
    after: Callable[[Operation], float],
    memory: Memory | None = None,
    outside_ms: float = 0.0,
) -> SlowReason:
    baseline = with_times(profiled(mixed(False)), before)
    variant = with_times(profiled(mixed(True)), after)
    variant = structs.replace(variant, milliseconds=variant.milliseconds + outside_ms)
    found = slow_reason([baseline], [variant], memory, ["avx2"])
    assert found is not None
    return found


def is_layer(operation: Operation) -> bool:
    return operation.kind == "FullyConnected"


def converts(operation: Operation) -> bool:
    return any("/fq" in name for name in operation.fused) and not is_layer(operation)


def test_a_compiled_model_tells_of_its_operations() -> None:
    profile = profiled(mixed(True))
    layer = next(it for it in profile.operations if is_layer(it))
    assert layer.precision == "i8" and layer.takes == "i8" and layer.gives == "f32"
    assert all(name.startswith("layers.0.up/MatMul") for name in layer.fused)
    assert layer.activation_bytes == 32 * 64 * 1 + 32 * 64 * 4
    assert layer.weight_bytes >= 64 * 64
    (source,) = layer.reads
    assert profile.operations[source].gives == "i8" and converts(profile.operations[source])
    assert "FP32" in profile.capabilities and profile.left_out == 0


def test_the_times_are_those_of_openvino() -> None:
    model = mixed(False)
    request = model.create_infer_request()
    request.infer([np.ones((1, 32, 64), np.float32)])
    bare = [it for it in request.get_profiling_info() if it.status == it.Status.EXECUTED]
    profile = profile_of(model, "model", Taken([request.latency]))
    assert profile is not None
    whole = sum(it.real_time.total_seconds() for it in bare) * 1000
    assert profile.operations_ms == pytest.approx(whole)
    assert profile.operations_ms * 1000 == pytest.approx(sum(executed_times(model).values()))
    assert {it.name for it in profile.operations} <= {it.node_name for it in bare}


def test_inferences_before_those_that_are_meant_do_not_count() -> None:
    profile = profiled(mixed(False))
    operations = [structs.replace(it, microseconds=30) for it in profile.operations]
    taken = Taken([1.0, 1.0, 1.0, 1.0], before=1, before_us=[110] * len(operations))
    later = executed_operations._without_earlier(operations, taken)
    assert {it.microseconds for it in later} == {10}  # (5 * 30 - 110) / 4
    other = Taken([1.0], before=1, before_us=[110])
    assert executed_operations._without_earlier(operations, other) == operations


def test_only_the_longest_operations_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executed_operations, "MOST", 2)
    profile = profiled(mixed(False))
    assert len(profile.operations) == 2 and profile.left_out >= 1
    assert all(0 <= place < 2 for it in profile.operations for place in it.reads)


def test_a_conversion_belongs_to_the_layer_that_it_is_for() -> None:
    matched = pairs([profiled(mixed(False))], [profiled(mixed(True))])
    layer = next(pair for pair in matched if any(map(is_layer, pair.variant)))
    assert [it.gives for it in layer.conversions] == ["i8"]
    assert layer.module == "layers.0.up" and len(layer.baseline) == 1


def test_a_device_without_int8() -> None:
    baseline, variant = profiled(mixed(False)), profiled(mixed(True))
    without = structs.replace(variant, capabilities=["FP32", "BF16"])
    found = slow_reason([baseline], [without], None, ["avx2"])
    assert found is not None and found.why == "no int8"


def test_a_model_that_is_too_small() -> None:
    found = reason(lambda it: 1, lambda it: 1, outside_ms=0.1)
    assert found.why == "fixed cost"
    assert found.milliseconds == pytest.approx(0.095), "less what the device drops of operations"
    assert found.share > 0.9


def test_operations_that_stayed_in_floating_point() -> None:
    found = reason(lambda it: 100, lambda it: 10 if is_layer(it) or converts(it) else 100)
    assert found.why == "floating point"
    assert list(found.operations) == ["Softmax", "Math"]


def test_conversions_between_precisions() -> None:
    found = reason(lambda it: 100, lambda it: 1000 if converts(it) else 10)
    assert found.why == "conversions" and found.count == 1 and found.share > 0.9


def test_operations_that_wait_for_memory() -> None:
    memory = Memory(bytes_per_second=1e9, cache_bytes=1000)
    at_memory_speed = 2 * 32 * 64 * 4 / 0.8e9 * 1e6
    found = reason(
        lambda it: 50, lambda it: 0 if is_layer(it) or converts(it) else at_memory_speed, memory
    )
    assert found.why == "memory" and found.memory_bytes_per_second == 1e9
    assert found.bytes_per_second == pytest.approx(0.8e9)
    assert list(found.operations) == ["Softmax", "Math"]


def test_int8_kernels_that_are_no_faster() -> None:
    found = reason(lambda it: 100, lambda it: 300 if is_layer(it) else 10)
    assert found.why == "int8 kernels" and list(found.operations) == ["FullyConnected"]
    assert found.baseline_ms == pytest.approx(0.1) and found.milliseconds == pytest.approx(0.3)
    assert found.no_dot_product


def test_memory_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVTUI_HOME", str(tmp_path))
    monkeypatch.setattr(memory_speed, "last_cache", lambda: 2**20)
    first = memory_speed.memory_speed()
    assert first is not None and first.bytes_per_second > 1e7 and first.cache_bytes == 2**20
    monkeypatch.setattr(memory_speed, "measured", lambda: pytest.fail("it is kept"))
    assert memory_speed.memory_speed() == first
    (tmp_path / memory_speed.FILE).write_text("{")
    monkeypatch.setattr(memory_speed, "measured", lambda: None)
    assert memory_speed.memory_speed() is None
