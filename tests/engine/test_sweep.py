"""Throughput over streams, samples in a request, and threads."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import openvino as ov

from ovtui.core.machine.machine import cores
from ovtui.core.recipes import recipe
from ovtui.core.results.sweep import Setting, Sweep
from ovtui.engine.measuring.benchmark import Measured, Schedule, Subject, measure
from ovtui.engine.measuring.messages import Ready, StoredInputs
from ovtui.engine.measuring.process import MeasureProcess
from ovtui.engine.measuring.sweep import run_sweep, settings_of
from tests.support.plain_graph import save


def _subject(folder: Path, name: str, shapes: list[tuple[int, ...]]) -> Subject:
    path = folder / f"{name}.npz"
    np.savez(path, **{f"image#{n}": np.ones(s, np.float32) for n, s in enumerate(shapes)})
    return Subject(name, save(folder, [-1, 3, -1, -1], name), "CPU", {}, StoredInputs(str(path)))


def _swept(measured: Measured) -> Sweep:
    assert measured.sweep is not None
    return measured.sweep


def _only(sweep: recipe.Sweep) -> Schedule:
    return Schedule(seconds=0.02, blocks=2, modes=(), sweep=sweep, profile=False)


def test_every_setting_is_measured_of_every_variant(tmp_path: Path) -> None:
    subjects = [_subject(tmp_path, name, [(1, 3, 8, 8)] * 4) for name in ("one", "two")]
    asked = recipe.Sweep(streams=[1, 2], batches=[1, 4], threads=[1], seconds=0.04, latency_ms=1e6)
    seen: list[tuple[int, int]] = []
    measured = measure(
        subjects,
        Schedule(seconds=0.02, blocks=2, modes=("latency",), sweep=asked, profile=False),
        on_progress=lambda name, done, total: seen.append((done, total)),
    )
    assert seen[-1][0] == seen[-1][1], "progress ends where it said it would"
    for found in measured.values():
        swept = _swept(found)
        assert [point.setting for point in swept.points] == settings_of(asked)
        assert not swept.refused
        for point in swept.points:
            assert 0 < point.p50_ms <= point.p90_ms
            assert 1 <= point.requests <= point.setting.streams
            low, high = min(point.blocks_per_second), max(point.blocks_per_second)
            assert low <= point.samples_per_second <= high
        assert swept.best in swept.points


def test_a_setting_reaches_the_device(tmp_path: Path) -> None:
    """OpenVINO alone, told the same, has as many requests in parallel."""
    subject = _subject(tmp_path, "net", [(1, 3, 8, 8)])
    asked = recipe.Sweep(streams=[3], threads=[3], seconds=0.02)
    (point,) = _swept(measure([subject], _only(asked))["net"]).points
    properties = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": 3, "INFERENCE_NUM_THREADS": 3}
    compiled = ov.Core().compile_model(subject.model, "CPU", properties)
    assert point.requests == compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")


def test_what_cannot_be_executed_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    ragged = _subject(tmp_path, "ragged", [(1, 3, 8, 8), (1, 3, 9, 9)])
    asked = recipe.Sweep(streams=[1], batches=[1, 2], seconds=0.02)
    swept = _swept(measure([ragged], _only(asked))["ragged"])
    assert [point.setting for point in swept.points] == [Setting(streams=1, batch=1)]
    (refused,) = swept.refused
    assert refused.setting == Setting(streams=1, batch=2)
    assert "no common shape" in refused.why and not refused.why.startswith("ragged")


def test_a_process_that_ends_of_a_setting_is_started_anew(tmp_path: Path) -> None:
    """As one that is killed since a batch takes more memory than there is."""
    subject = _subject(tmp_path, "net", [(1, 3, 8, 8)])
    started: list[MeasureProcess] = []

    def start(of: Subject) -> MeasureProcess:
        started.append(MeasureProcess(of, log=None))
        started[-1].receive(Ready)
        return started[-1]

    def kill_the_first(process: MeasureProcess) -> None:
        if len(started) == 1 and not process.is_gone:
            os.kill(process.pid, signal.SIGKILL)

    asked = recipe.Sweep(streams=[1, 2], seconds=0.02)
    try:
        swept = run_sweep(asked, [start(subject)], start, kill_the_first)["net"]
    finally:
        for process in started:
            process.kill()
    assert [point.setting.streams for point in swept.points] == [2]
    (refused,) = swept.refused
    assert refused.setting.streams == 1 and "killed" in refused.why


def test_a_batch_beyond_all_memory_is_refused_before_it_takes_any(tmp_path: Path) -> None:
    subject = _subject(tmp_path, "net", [(1, 3, 8, 8)])
    asked = recipe.Sweep(streams=[1], batches=[1, 2**40], seconds=0.02)
    swept = _swept(measure([subject], _only(asked))["net"])
    assert [point.setting.batch for point in swept.points] == [1]
    (refused,) = swept.refused
    assert "memory" in refused.why


def test_streams_are_powers_of_two_up_to_the_cores_when_left_out() -> None:
    streams = [setting.streams for setting in settings_of(recipe.Sweep())]
    assert streams[0] == 1 and streams[-1] == cores() and streams == sorted(set(streams))
