"""Answers as long as the model gives them: who is asked what, and what is told of the times."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ovtui.core.reports.report import to_csv
from ovtui.core.reports.summary import summary
from ovtui.core.results.speeds import RealLengths
from ovtui.core.results.variant import Variant
from ovtui.core.statistics.blocks import ratio_interval
from ovtui.engine.measuring import benchmark
from ovtui.engine.measuring.messages import (
    Block,
    Command,
    LatencyBlock,
    Loaded,
    RandomInputs,
    Real,
    RealAnswer,
)
from ovtui.engine.measuring.process import Subject
from ovtui.engine.run.speed_comparison import compare_speed
from tests.support.pipeline_result import pipeline_result

LOADED: dict[str, Any] = {
    "read_ms": 1.0,
    "compile_ms": 1.0,
    "first_inference_ms": 1.0,
    "peak_rss_bytes": 1,
    "inference_precision": "f32",
    "execution_devices": ["CPU"],
    "optimal_requests": 1,
    "requests": 1,
    "batch": 1,
}


class Process:
    """Stands for one that measures; sample `n` takes it `(n + 1) * pace` ms and `n + 2` tokens."""

    def __init__(self, name: str, pace: float, samples: int, asked: list[tuple[str, int]]) -> None:
        self.subject = Subject(name, Path(), "CPU", {}, RandomInputs())
        self._pace, self._samples, self._asked = pace, samples, asked

    def load(self, mode: str, properties: Any) -> Loaded:
        return Loaded(**LOADED, real=self._samples)

    def ask(self, reply: Any, command: Command) -> Any:
        if isinstance(command, Block):
            return LatencyBlock([7.0])
        assert reply is RealAnswer and isinstance(command, Real)
        number = command.sample
        self._asked.append((self.subject.name, number))
        return RealAnswer((number + 1) * self._pace, number + 2)


def session(*paces: float, samples: int = 5, seconds: float = 60.0) -> tuple[Any, list[Any]]:
    """What is measured of variants `a`, `b` and so on, and what they were asked."""
    asked: list[tuple[str, int]] = []
    processes: Any = [
        Process(chr(ord("a") + number), pace, samples, asked) for number, pace in enumerate(paces)
    ]
    found = benchmark._Session(processes, lambda *_: None, 0)
    found.run("latency", 0.1, 2)
    found.run_real(seconds)
    return [found.measured(it.subject, 0.0).real_lengths for it in processes], asked


def test_all_answer_the_same_samples_in_turn() -> None:
    (one, other), asked = session(1.0, 2.0)
    assert asked[:6] == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert one.samples_ms == [1, 2, 3, 4, 5] and other.samples_ms == [2, 4, 6, 8, 10]
    assert (one.count, one.p50_ms, one.mean_ms, one.p90_ms, one.tokens) == (5, 3, 3, 5, 4)


def test_it_ends_for_all_when_the_slowest_has_had_its_time() -> None:
    (one, other), _ = session(1.0, 400.0, samples=50, seconds=3.0)
    assert one.count == other.count == 4, "0.4 + 0.8 + 1.2 s are less than 3"


@pytest.mark.parametrize(("samples", "count"), [(2, 2), (1000, benchmark.MOST_REAL)])
def test_as_many_as_the_evaluation_has_and_no_more_than_a_hundred(samples: int, count: int) -> None:
    assert session(1e-6, samples=samples)[0][0].count == count


def test_models_that_say_nothing_of_their_own_length_are_not_asked() -> None:
    found, asked = session(1.0, samples=0)
    assert found == [None] and asked == []


def variant(name: str, times: list[float]) -> Variant:
    real = RealLengths(p50_ms=1, mean_ms=1, p90_ms=1, count=3, tokens=2, samples_ms=times)
    return Variant(name=name, baseline=name == "fp32", path="", real_lengths=real)


def test_the_speed_up_is_that_of_the_same_samples() -> None:
    times = [30.0, 10.0, 20.0], [10.0, 10.0, 10.0]
    found = compare_speed(variant("fp32", times[0]), variant("int8", times[1]))
    assert found.real_lengths_speedup == pytest.approx(6 ** (1 / 3))  # of 3, 1 and 2
    assert found.real_lengths_speedup_ci95 == ratio_interval(*times).interval
    without = Variant(name="pytorch", baseline=False, path="")
    assert compare_speed(variant("fp32", times[0]), without).real_lengths_speedup is None


def test_reports_tell_both_lengths() -> None:
    result = pipeline_result()
    assert "real answers" not in summary(result, 80), "a result of before has none"
    real = RealLengths(p50_ms=31.5, mean_ms=40, p90_ms=90, count=16, tokens=5.25)
    changed = replace(result.variants[1], real_lengths=real)
    compared = replace(
        result.comparisons[0], real_lengths_speedup=1.5, real_lengths_speedup_ci95=(1.4, 1.6)
    )
    result = replace(result, variants=[result.variants[0], changed], comparisons=[compared])
    text = " ".join(summary(result, 80).split())
    assert (
        "p50 31.5 ms, mean 40.0 ms, p90 90.0 ms for 16 evaluation samples, 5.2 tokens on average "
        "(the table's: 13 tokens each)" in text
    )
    assert "f32 → i8: 1.50× faster (95 % CI 1.40–1.60) on the same samples" in text
    *_, cells = csv.DictReader(to_csv(result).splitlines())
    assert cells["real_lengths_p50_ms"] == "31.5" and cells["real_lengths_speedup"] == "1.5"
