"""Verdicts, changes and sizes in words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.reports import numbers
from ovtui.core.reports.summary import summary
from ovtui.core.reports.verdict_wording import verdict
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Agreement, StorageEffect
from tests.support.sample_result import sample_result

replace = msgspec.structs.replace


def of_int8(**changes: Any) -> Result:
    """The sample result with another comparison of `int8`."""
    result = sample_result()
    first, last = result.comparisons
    return replace(result, comparisons=[first, replace(last, **changes)])


def words(result: Result) -> str:
    return " ".join(summary(result, 200).split())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"verdict": "pass"}, "PASS: the whole interval of the change is within max_drop"),
        (
            {"verdict": "pass", "same_outputs": True},
            "PASS: every output is that of fp32, number by number, on all samples",
        ),
        (
            {"verdict": "not enough samples", "samples_needed": 372, "flips": {"worse": 1}},
            "NOT ENOUGH SAMPLES: about 372 would settle it",
        ),
        (
            {"verdict": "not enough samples", "samples_needed": 372, "flips": {"worse": 0}},
            "NOT ENOUGH SAMPLES: no sample changed, but among so few one that does could be "
            "missing; about 372 would settle it",
        ),
        ({"no_verdict": "it gives 0 for every sample"}, "NO VERDICT: it gives 0 for every sample"),
    ],
)
def test_a_verdict_has_its_reason(fields: dict[str, Any], told: str) -> None:
    assert verdict(Comparison(variant="int8", baseline="fp32", **fields)) == told


@pytest.mark.parametrize(
    ("delta", "told"),
    [(0.0, "0.0000"), (0.0019, "+0.0019"), (-0.01, "-0.0100"), (-2e-5, "-2e-05")],
)
def test_a_change_has_its_sign(delta: float, told: str) -> None:
    assert numbers.change(delta) == told


@pytest.mark.parametrize(
    ("ratio", "size", "speed"),
    [
        (1.002, "same size", "same speed"),
        (1.69, "1.69× smaller", "1.69× faster"),
        (0.82, "1.22× larger", "1.22× slower"),
    ],
)
def test_a_ratio_is_told_the_way_it_goes(ratio: float, size: str, speed: str) -> None:
    assert (numbers.size(ratio), numbers.speed(ratio)) == (size, speed)


def test_an_interval_goes_the_way_of_its_ratio() -> None:
    assert numbers.speed_with_interval(0.84, (0.8, 0.88)) == "1.19× slower (95 % CI 1.14–1.25)"
    told = numbers.speed_with_interval(1.02, (0.9, 1.1), " in latency")
    assert told == "1.02× faster in latency (95 % CI 1.11× slower to 1.10× faster)"


def test_a_larger_variant_is_called_larger() -> None:
    text = words(of_int8(compression=0.67, bin_compression=0.5))
    assert "1.49× larger than fp32 stored as fp16, the .bin alone 2.00× larger" in text


def test_a_result_that_contradicts_itself_says_what_may_be_meant() -> None:
    result = sample_result()
    odd = Agreement(with_="fp32", value=0.0, cosine=1.0, max_abs_difference=0.0)
    variants = [*result.variants[:2], replace(result.variants[2], agreement=odd)]
    text = words(replace(result, variants=variants))
    assert "0 % same prediction as fp32" in text
    assert "what decides the prediction is not among the outputs compared" in text


def test_the_baseline_says_what_its_storage_does() -> None:
    effect = StorageEffect(
        samples=761,
        metric="accuracy",
        value=0.9343,
        delta=0.0013,
        changed=1,
        max_abs_difference=0.0061,
    )
    result = sample_result()
    baseline = replace(result.variants[0], storage_effect=effect)
    text = words(replace(result, variants=[baseline, *result.variants[1:]]))
    assert "fp32 (baseline, stored as fp16)" in text
    assert (
        "fp16, which changes accuracy by +0.0013 from 0.9343, and 1 of 761 predictions; "
        "outputs differ by 0.0061 at most" in text
    )
    baseline = replace(baseline, storage_effect=replace(effect, beside_pytorch=True))
    text = words(replace(result, variants=[baseline, *result.variants[1:]]))
    assert "from 0.9343 of PyTorch, and 1 of 761 predictions" in text
