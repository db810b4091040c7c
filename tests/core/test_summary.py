from __future__ import annotations

import re

import msgspec
import pytest

from ovtui.core.reports.summary import summary
from ovtui.core.results.variant import Accuracy
from ovtui.core.text.cells import cell_width
from tests.support.sample_result import hostile_result, sample_result

replace = msgspec.structs.replace


@pytest.mark.parametrize("width", [60, 80, 120])
def test_fits(width: int) -> None:
    for result in (sample_result(), hostile_result()):
        text = summary(result, width)
        assert all(cell_width(line) <= width for line in text.split("\n"))
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)


def test_order() -> None:
    text = summary(sample_result(), 80)
    parts = "size latency throughput change compression speed-up changed verdict"
    places = [text.index(part) for part in parts.split()]
    assert places == sorted(places)
    assert text.index("executed in", places[-1]) < text.index("agreement") < text.index("warnings")


def test_verdict_is_told_in_words() -> None:
    text, coloured = summary(sample_result(), 80), summary(sample_result(), 80, colour=True)
    assert "PASS: the whole interval" in text
    assert "NOT ENOUGH SAMPLES: about 12345 would settle it" in text
    assert "\x1b" not in text
    assert "\x1b[32mPASS\x1b[0m" in coloured
    assert re.sub("\x1b\\[\\d+m", "", coloured) == text


def test_no_speedup_without_precisions() -> None:
    result = sample_result()
    assert "f32 → i8: 2.46× faster in latency" in summary(result, 120)
    unnamed = [replace(comparison, precisions="") for comparison in result.comparisons]
    text = summary(replace(result, comparisons=unnamed), 120)
    assert "2.46×" not in text
    assert "speed-up         not shown" in text


def test_compression_names_the_storage_type() -> None:
    result = sample_result()
    assert "1.93× smaller than fp32 stored as fp16\n" in summary(result, 120)
    both = [replace(comparison, bin_compression=1.98) for comparison in result.comparisons]
    text = summary(replace(result, comparisons=both), 120)
    assert "1.93× smaller than fp32 stored as fp16, the .bin alone 1.98× smaller" in text
    unnamed = [replace(comparison, compression_against="") for comparison in result.comparisons]
    assert "stored as fp16" in summary(replace(result, comparisons=unnamed), 120)
    bare = [replace(variant, storage="") for variant in result.variants]
    text = summary(replace(result, comparisons=unnamed, variants=bare), 120)
    assert "1.93×" not in text


def test_drop_of_a_metric_where_lower_is_better() -> None:
    result = sample_result()
    rate = Accuracy(metric="wer", higher_is_better=False, value=0.1, ci95=(0.09, 0.11), count=9)
    text = summary(
        replace(result, variants=[replace(v, accuracy=rate) for v in result.variants]), 120
    )
    assert "wer -0.0010 (95 % CI -0.0040 to +0.0020), lower is better; max_drop" in text
    assert "lower=better" in text


def test_overlap_is_said() -> None:
    result = sample_result()
    assert result.calibration is not None
    overlapping = replace(result.calibration, overlaps_evaluation=True)
    assert "OVERLAPS" in summary(replace(result, calibration=overlapping), 80)


def test_nothing_measured() -> None:
    result = sample_result(variants=[], comparisons=[], stages=[], samples=[], warnings=[])
    assert summary(result, 80)
    bare = [
        replace(v, accuracy=None, latency=None, throughput=None, agreement=None, size_bytes=0)
        for v in sample_result().variants
    ]
    assert "–" in summary(replace(sample_result(), variants=bare), 80)


def test_what_was_kept_for_its_state_is_told_with_what_changes_that() -> None:
    result = sample_result()
    *others, last = result.variants
    names = [f"attention {number}" for number in range(24)]
    components = [replace(part, kept=names) for part in last.components[:1]]
    text = summary(replace(result, variants=[*others, replace(last, components=components)]), 400)
    assert "24 operations in floating point" in text
    assert "keep_attention = false" in text
    assert "attention 0, " in text
    assert "attention 23" not in text
