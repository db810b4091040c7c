"""Which of several compressed variants is taken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.choice import choice, choose
from ovtui.core.result import Comparison, Component, Result, Variant
from tests.core.sample_result import sample_result


def of(*verdicts: tuple[str, Any, float | None]) -> Result:
    """A result with compressed variants of these names, verdicts and speed-ups."""
    part = Component(name="model", method="quantize", xml_bytes=1, bin_bytes=1)
    base = Variant(name="fp32", baseline=True, path="models/fp32")
    variants = [
        Variant(name=name, baseline=False, path=f"models/{name}", components=[part])
        for name, _, _ in verdicts
    ]
    comparisons = [
        Comparison(variant=name, baseline="fp32", verdict=verdict, speedup=speed, compression=2.0)
        for name, verdict, speed in verdicts
    ]
    return msgspec.structs.replace(
        sample_result(), variants=[base, *variants], comparisons=comparisons
    )


def test_the_fastest_that_passes_is_taken() -> None:
    result = of(("int8", "fail", 3.0), ("weights", "pass", 1.5), ("int4", "pass", 1.2))
    assert choice(result) == (
        "weights: within max_drop, speed-up 1.50×, 2.00× smaller (int8: more than max_drop)"
    )


def test_the_smallest_where_no_speed_was_measured() -> None:
    result = of(("a", "pass", None), ("b", "fail", None))
    assert choose(result).variant == "a"  # type: ignore[union-attr]
    assert choice(result) == "a: within max_drop, 2.00× smaller (b: more than max_drop)"


def test_nothing_is_said_of_what_was_not_measured() -> None:
    result = of(("a", "pass", None), ("b", "pass", None))
    bare = [msgspec.structs.replace(item, compression=None) for item in result.comparisons]
    assert choice(msgspec.structs.replace(result, comparisons=bare)) == "a: within max_drop"


@pytest.mark.parametrize("verdict", ["fail", "not enough samples"])
def test_none_is_taken_where_none_passes(verdict: str) -> None:
    result = of(("int8", verdict, 3.0), ("int4", verdict, 3.5))
    assert choose(result) is None
    assert choice(result).startswith("none is known to keep within max_drop (int8, int4: ")


def test_one_variant_is_no_choice() -> None:
    assert choice(of(("int8", "pass", 2.0))) == ""
