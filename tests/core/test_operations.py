"""Operations of a variant beside the baseline's: matched, added up, and why it is not faster."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ovtui.core.reports.layer_table import MOST_ROWS, layer_table, layers
from ovtui.core.reports.report import to_csv, to_html, to_markdown
from ovtui.core.reports.slow_wording import slow_sentence
from ovtui.core.reports.summary import summary
from ovtui.core.reports.table import draw
from ovtui.core.results import operations
from ovtui.core.results.operation_pairs import common_module, pairs, repeated
from ovtui.core.results.operation_rows import Grouping, OperationRow, operation_table
from ovtui.core.results.operations import GraphProfile, Memory, Operation, Operations, is_slowed
from ovtui.core.results.result import Result
from ovtui.core.results.slow_reason import SlowReason
from ovtui.core.results.why_slow import slow_reason
from tests.support.sample_operations import (
    graph,
    hostile_operations,
    operation,
    sample_operations,
    with_latency,
)
from tests.support.sample_result import hostile_result, sample_result

SAMPLE = sample_operations()
BEFORE, AFTER = SAMPLE.variants["fp32"], SAMPLE.variants["int8"]


def rows(by: Grouping) -> dict[str, OperationRow]:
    table = operation_table(BEFORE, AFTER, by)
    return {row.name: row for row in [*table.parts, *table.rest]}


def test_what_a_device_fuses_otherwise_is_one_pair() -> None:
    matched = pairs(BEFORE, AFTER)
    attention = next(pair for pair in matched if pair.module == "layers.0.attention")
    assert [it.kind for it in attention.baseline] == ["Subgraph"]
    assert [it.kind for it in attention.variant] == ["MatMul", "Softmax"]
    assert attention.gain == pytest.approx(300 / 400)
    layer = next(pair for pair in matched if pair.module == "layers.1.up")
    assert [it.gives for it in layer.conversions] == ["i8"]
    assert layer.gain == pytest.approx(1000 / 420)


@pytest.mark.parametrize("by", Grouping)
def test_every_way_to_add_up_comes_to_the_same_total(by: Grouping) -> None:
    total = rows(by)["total"]
    assert total.baseline_ms == pytest.approx(2.7) and total.variant_ms == pytest.approx(1.74)
    assert total.calls == (4, 6) and total.conversions == 2


def test_repeated_blocks_are_told_together() -> None:
    by_module = rows(Grouping.MODULE)
    assert by_module["layers.*.up"].blocks == 2
    assert by_module["layers.*.up"].baseline_ms == pytest.approx(2.0)
    assert by_module["layers.*.up"].conversions == 2
    assert by_module["layers.*.attention"].kinds == ("Subgraph", "MatMul+Softmax")


def test_kinds_of_each_side() -> None:
    by_kind = rows(Grouping.KIND)
    assert by_kind["Subgraph"].calls == (2, 0) and by_kind["Softmax"].calls == (0, 2)
    assert by_kind["FullyConnected"].precisions == ("f32", "i8")
    assert by_kind["conversions"].precisions == ("", "f32→i8")
    assert by_kind["outside operations"].variant_ms == pytest.approx(0.1)


def test_calls_of_a_component_count_for_each_of_its_operations() -> None:
    before = [graph([operation("MatMul", "f32", 10, ["a/b"])], component="decoder")]
    after = [msgspec.structs.replace(before[0], calls=20.0)]
    (pair,) = pairs(before, after)
    assert pair.baseline_ms == pytest.approx(0.01) and pair.variant_ms == pytest.approx(0.2)
    assert not pairs([graph([], component="encoder")], after)


@pytest.mark.parametrize(
    ("names", "module"),
    [
        (["__module.layers.0.q/aten::linear/Add"], "layers.0.q"),
        (["/layers.0/q/MatMul", "/layers.0/k/MatMul"], "layers.0"),
        (["Multiply_12308", "__module.stem/aten::relu/Relu"], "stem"),
        (["Constant_1"], ""),
        ([], ""),
    ],
)
def test_modules_are_what_names_have_in_common(names: list[str], module: str) -> None:
    assert common_module(names) == module


def test_numbers_of_modules_are_left_open() -> None:
    assert repeated("layers.11.q") == "layers.*.q"
    assert repeated("block2.conv1") == "block2.conv1"


LINEAR = ["__module.head/aten::linear/MatMul"]
OTHER = ["__module.head/aten::softmax/Softmax"]
MEMORY = Memory(bytes_per_second=1e10, cache_bytes=2**20)


def found(
    after: list[Operation], outside_ms: float = 0.0, isa: tuple[str, ...] = ("avx2",)
) -> SlowReason:
    before = [operation("MatMul", "f32", 100, LINEAR), operation("Softmax", "f32", 100, OTHER)]
    reason = slow_reason([graph(before)], [graph(after, outside_ms)], MEMORY, isa)
    assert reason is not None
    return reason


def test_each_reason_has_its_sentence() -> None:
    fast = operation("MatMul", "i8", 20, LINEAR)
    slow = operation("MatMul", "i8", 300, LINEAR)
    left = operation("Softmax", "f32", 100, OTHER)
    assert slow_sentence(found([fast, left])) == (
        "83.3 % of its time are in operations that stayed in floating point: Softmax 83.3 %"
    )
    assert slow_sentence(found([fast, left], 1.0)) == (
        "the model is too small beside the fixed cost of an inference: 89.1 % of its time, "
        "1.00 ms, are in no operation"
    )
    assert slow_sentence(found([slow, left])) == (
        "75 % of its time are in INT8 kernels that are hardly faster here, or slower, than those "
        "of floating point: 0.10 → 0.30 ms, MatMul 75 %; this processor has no INT8 dot product "
        "(VNNI)"
    )
    assert "VNNI" not in slow_sentence(found([slow, left], isa=("avx512_vnni",)))
    assert "VNNI" not in slow_sentence(found([slow, left], isa=()))
    quantize = operation("Reorder", "f32", 400, [], takes="f32", gives="i8")
    reads = msgspec.structs.replace(fast, reads=[0])
    assert slow_sentence(found([quantize, reads, left])) == (
        "76.9 % of its time, 0.40 ms, are 1 conversions between precisions that the baseline does "
        "without: Reorder 76.9 %"
    )
    waits = msgspec.structs.replace(left, activation_bytes=900_000, microseconds=100)
    assert found([fast, waits]).why == "floating point"  # it is in the cache
    waits = msgspec.structs.replace(left, activation_bytes=2e6, microseconds=250)
    assert slow_sentence(found([fast, waits])) == (
        "92.6 % of its time are in operations that wait for memory: they move 8.00 GB/s where it "
        "does 10.0 GB/s: Softmax 92.6 %"
    )


def test_microseconds_that_are_dropped_of_each_operation_are_no_fixed_cost() -> None:
    many = [operation("Softmax", "f32", 0, OTHER) for _ in range(400)]
    assert found([operation("MatMul", "f32", 60, LINEAR), *many], 0.3).why == "floating point"
    assert found([operation("MatMul", "f32", 60, LINEAR), *many], 0.6).why == "fixed cost"


def test_the_sum_of_operations_stands_beside_what_holds_them() -> None:
    result = with_latency(sample_result(), 3.0)
    (note,) = [it.note for it in layers(result, SAMPLE) if it.variant == "int8"]
    taken = sum(it.operations_ms for it in SAMPLE.variants["int8"])
    assert f"int8: operations {taken:.2f} of p50 3.00 ms ({taken / 3:.0%})" in note
    parts = [graph([operation("MatMul", "f32", 900, LINEAR)], 0.1, name) for name in "ab"]
    kept = Operations(variants={"fp32": parts, "int8": parts})
    (note,) = [it.note for it in layers(result, kept) if it.variant == "int8"]
    assert "int8: operations 1.80 of inferences of 2.00 ms (90%)" in note


def test_weights_come_from_memory_where_they_are_more_than_the_cache_holds() -> None:
    reads = operation("MatMul", "i8", 200, LINEAR, weight_bytes=2e6)
    assert found([reads]).why == "memory"
    assert found([msgspec.structs.replace(reads, weight_bytes=1e6)]).why == "int8 kernels"


def test_a_device_that_has_no_int8() -> None:
    profile = graph([operation("MatMul", "f32", 100, LINEAR)])
    without = msgspec.structs.replace(profile, capabilities=["FP32"])
    reason = slow_reason([profile], [without], None, [])
    assert reason is not None
    assert slow_sentence(reason).startswith("the device has no INT8")
    unknown = msgspec.structs.replace(profile, capabilities=[])
    reason = slow_reason([profile], [unknown], None, [])
    assert reason is not None and reason.why == "floating point"


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert slow_reason([], [], None, []) is None
    fast = [graph([operation("MatMul", "i8", 20, LINEAR)])]
    assert slow_reason([graph([operation("MatMul", "f32", 100, LINEAR)])], fast, None, []) is None


def with_reason(result: Result) -> Result:
    reason = found([operation("MatMul", "i8", 300, LINEAR)])
    told = [msgspec.structs.replace(it, slow_reason=reason) for it in result.comparisons]
    return msgspec.structs.replace(result, comparisons=told)


def test_the_sentence_and_the_tables_stand_in_every_report() -> None:
    result = with_reason(sample_result())
    for text in (summary(result, 400), to_markdown(result), to_html(result), to_csv(result)):
        assert "hardly faster here" in text
    for text in (to_markdown(result, SAMPLE), to_html(result, operations=SAMPLE)):
        plain = text.replace("\\", "")
        assert "Operations of int8 beside fp32" in plain and "layers.*.attention ×2" in plain
        assert "Operations of int8" not in to_markdown(result)


def test_operations_that_took_longer_than_the_latency_were_profiled_beside_other_work() -> None:
    """Seen of MobileNetV2: 3.89 ms of operations, and a latency of 1.64."""
    slow = [graph([operation("Convolution", "i8", 3890, ["a"])])]
    assert is_slowed(slow, 1.64) and not is_slowed(slow, 3.9) and not is_slowed(slow, None)
    assert not is_slowed([*slow, *slow], 0.1), "a pipeline's latency is of other answers"
    result = with_latency(sample_result(), 3.0)
    for variants, told in (({"fp32": BEFORE, "int8": slow}, True), (SAMPLE.variants, False)):
        notes = [it.note for it in layers(result, Operations(variants=variants))]
        assert any("profiled beside other work" in note for note in notes) == told


def test_names_of_operations_are_foreign_text() -> None:
    result, kept = hostile_result(), hostile_operations()
    reason = slow_reason(*2 * [kept.variants["fp32"]], None, [])
    told = [msgspec.structs.replace(it, slow_reason=reason) for it in result.comparisons]
    result = msgspec.structs.replace(result, comparisons=told)
    assert layers(result, kept)
    for text in (to_markdown(result, kept), to_html(result, operations=kept)):
        assert "<script>" not in text and "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize("width", [46, 60, 80, 120])
def test_tables_fit(width: int) -> None:
    for shown in layers(sample_result(), SAMPLE):
        for by in Grouping:
            text = draw(*layer_table(shown, by, width), width)
            assert max(map(len, text.split("\n"))) <= width


def test_operations_of_less_time_are_one_row() -> None:
    many = [operation("MatMul", "f32", 100 - n, [f"layer{n}/MatMul"]) for n in range(50)]
    kept = operations.Operations(variants=dict.fromkeys(("fp32", "int8"), [graph(many)]))
    (shown,) = layers(sample_result(), kept)
    cells = layer_table(shown, Grouping.OPERATION).rows
    assert len(cells) == MOST_ROWS + 2
    assert cells[MOST_ROWS][0] == "20 others" and cells[MOST_ROWS][3] == "20"


def test_a_run_keeps_its_operations(tmp_path: Path) -> None:
    assert operations.read(tmp_path) is None
    operations.write(tmp_path, SAMPLE)
    assert operations.read(tmp_path) == SAMPLE
    for damaged in (b"{", b'{"variants": 3}', b'{"variants": {"a": [{"milliseconds": 1e99}]}}'):
        (tmp_path / operations.FILE).write_bytes(damaged)
        assert operations.read(tmp_path) is None


def test_what_is_not_kept_counts_in_the_total() -> None:
    profile = GraphProfile(
        component="model",
        milliseconds=2.0,
        operations=[operation("MatMul", "f32", 1000, LINEAR)],
        left_out=7,
        left_out_us=500.0,
    )
    table = operation_table([profile], [profile], Grouping.KIND)
    named = {row.name: row for row in table.rest}
    assert named["not kept"].variant_ms == 0.5 and named["outside operations"].variant_ms == 0.5
    assert named["total"].variant_ms == pytest.approx(2.0)
