"""Which of several compressed variants is taken, and which one stands for a run in lists."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.reports.verdict_wording import choice, in_one_sentence
from ovtui.core.results.choice import choose, headline, taken
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.speeds import Latency
from ovtui.core.results.variant import Component, Variant
from tests.support.sample_result import sample_result

replace = msgspec.structs.replace


def of(*verdicts: tuple[str, Any, float | None], **changes: Any) -> Result:
    """A result with compressed variants of these names, verdicts and speed-ups."""
    part = Component(name="model", method="quantize", xml_bytes=1, bin_bytes=1)
    base = Variant(name="fp32", baseline=True, path="models/fp32")
    variants = [
        Variant(name=name, baseline=False, path=f"models/{name}", components=[part])
        for name, _, _ in verdicts
    ]
    comparisons = [
        Comparison(
            variant=name,
            baseline="fp32",
            verdict=verdict,
            speedup=speed,
            precisions="f32 → i8" if speed else "",
            compression=2.0,
        )
        for name, verdict, speed in verdicts
    ]
    return replace(sample_result(), variants=[base, *variants], comparisons=comparisons, **changes)


def with_blocks(result: Result, **blocks: list[float]) -> Result:
    """The result with each variant's medians of blocks, in ms."""
    some = Latency(p50_ms=1, mean_ms=1, min_ms=1, p90_ms=1, p99_ms=1, count=9, ci95_p50_ms=None)
    variants = [
        replace(it, latency=replace(some, blocks_p50_ms=blocks.get(it.name, [3.0, 3.0, 3.0])))
        for it in result.variants
    ]
    return replace(result, variants=variants)


def test_the_fastest_that_passes_is_taken() -> None:
    result = of(("int8", "fail", 3.0), ("weights", "pass", 1.5), ("int4", "pass", 1.2))
    assert choice(result) == (
        "weights: within max_drop, 1.50× faster (f32 → i8), 2.00× smaller"
        " (int8: more than max_drop)"
    )


def test_of_those_that_only_chance_tells_apart_the_smallest_is_taken() -> None:
    result = of(("a", "pass", 1.52), ("b", "pass", 1.5), ("c", "pass", 1.2))
    sizes = [replace(it, compression=2.0 + 0.5 * n) for n, it in enumerate(result.comparisons)]
    result = replace(result, comparisons=sizes)
    noisy = with_blocks(result, a=[2.0, 2.2, 2.1], b=[2.2, 2.0, 2.1], c=[2.7, 2.8, 2.75])
    assert choose(noisy).variant == "b"  # type: ignore[union-attr]
    clear = with_blocks(result, a=[2.0, 2.01, 2.0], b=[2.1, 2.11, 2.1], c=[2.7, 2.8, 2.75])
    assert choose(clear).variant == "a"  # type: ignore[union-attr]


def test_the_smallest_where_no_speed_was_measured() -> None:
    result = of(("a", "pass", None), ("b", "fail", None))
    assert choose(result).variant == "a"  # type: ignore[union-attr]
    assert choice(result) == "a: within max_drop, 2.00× smaller (b: more than max_drop)"


def test_equal_files_are_one() -> None:
    """INT4 weights that all stayed in 8 bits do not win by two bytes of `.xml`."""
    result = of(("int8 weights", "pass", 1.5), ("int4 weights", "pass", 1.6))
    first, second = result.comparisons
    variants = [*result.variants[:2], replace(result.variants[2], same_files_as="int8 weights")]
    smaller = [first, replace(second, compression=2.0000001)]
    result = replace(result, variants=variants, comparisons=smaller)
    assert choose(result) == first
    assert choice(result).endswith("(int4 weights: the same as int8 weights)")


def test_what_is_neither_smaller_nor_faster_is_not_taken() -> None:
    """A speed-up that the uncompressed model has too, at the same precision, is no gain."""
    result = of(("a", "pass", 1.94), ("b", "fail", 1.0))
    first, second = result.comparisons
    beside = {"same_precision_baseline": "bf16", "same_precision": "bf16 → i8"}
    useless = replace(first, compression=0.8, same_precision_speedup=0.95, **beside)
    result = replace(result, comparisons=[useless, second])
    assert choose(result) is None
    assert choice(result) == (
        "none: what keeps within max_drop is neither smaller nor faster"
        " (b: more than max_drop; a: neither smaller nor faster)"
    )
    useful = replace(useless, compression=2.92)
    assert choice(replace(result, comparisons=[useful, second])) == (
        "a: within max_drop, 1.94× faster (f32 → i8; bf16 → i8 1.05× slower), 2.92× smaller"
        " (b: more than max_drop)"
    )


def test_nothing_is_said_of_what_was_not_measured() -> None:
    result = of(("a", "pass", None), ("b", "pass", None))
    bare = [replace(item, compression=None) for item in result.comparisons]
    assert choice(replace(result, comparisons=bare)) == "a: within max_drop"


@pytest.mark.parametrize("verdict", ["fail", "not enough samples"])
def test_none_is_taken_where_none_passes(verdict: str) -> None:
    result = of(("int8", verdict, 3.0), ("int4", verdict, 3.5))
    assert choose(result) is None
    assert choice(result).startswith("none is known to keep within max_drop (int8, int4: ")


def test_one_variant_is_no_choice() -> None:
    assert choice(of(("int8", "pass", 2.0))) == ""


def test_lists_show_what_was_chosen_not_what_came_last() -> None:
    result = of(("int8", "pass", 2.0), ("weights", "fail", 3.0))
    assert headline(result).variant == "int8"  # type: ignore[union-attr]
    recorded = of(("int8", "pass", 2.0), ("b", "pass", 3.0), ("c", "fail", 3.0), chosen="int8")
    assert taken(recorded) == headline(recorded) == recorded.comparisons[0]
    assert choice(recorded).startswith("int8: within max_drop")


def test_where_none_was_chosen_lists_show_what_came_nearest() -> None:
    result = of(("a", "fail", 2.0), ("b", "not enough samples", 1.0), ("c", "fail", 9.0))
    assert headline(result).variant == "b"  # type: ignore[union-attr]
    failed = of(("a", "fail", 2.0), ("b", "fail", 1.0))
    losses = [
        replace(it, accuracy_delta=delta)
        for it, delta in zip(failed.comparisons, (-0.2, -0.1), strict=True)
    ]
    named = [replace(it, accuracy=sample_result().variants[0].accuracy) for it in failed.variants]
    result = replace(failed, comparisons=losses, variants=named)
    assert headline(result).variant == "b"  # type: ignore[union-attr]
    assert headline(replace(failed, comparisons=[])) is None


def test_the_whole_in_one_sentence() -> None:
    assert in_one_sentence(sample_result()) == (
        "int8 is not known to keep accuracy within 0.0100 of fp32 (not enough samples), change"
        " -0.0010 (95 % CI -0.0040 to +0.0020), and is 2.46× faster (f32 → i8) and 1.93× smaller."
    )
    assert in_one_sentence(sample_result(comparisons=[])) == ""
