"""Real engines on a tiny model: killed, cancelled, waiting for each other, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ovtui.core.files.locks import FileLock
from ovtui.core.machine.turns import machine_lock
from ovtui.core.runs import events, launch, run_folder
from ovtui.core.runs.run_folder import Run, State
from tests.support.engines import CANCELLED_WITHIN, PATIENCE, engine_of, still_alive, wait_for
from tests.support.held import write_recipe

OVTUI = [sys.executable, "-m", "ovtui.cli"]
STAGES = ["waiting", "convert", "calibration data", "evaluation data", "compress int8"]
STAGES += ["evaluate", "measure"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home and one recipe for all tests here: what was finished is found in the cache."""
    folder = tmp_path_factory.mktemp("model")
    write_recipe(folder / "recipe")
    patch = pytest.MonkeyPatch()
    for variable in ("HOME", "CONFIG", "LOCKS"):
        (folder / variable).mkdir()
        patch.setenv(f"OVTUI_{variable}", str(folder / variable))
    yield folder
    patch.undo()


def ovtui(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*OVTUI, *words], capture_output=True, text=True, timeout=PATIENCE)


def start(place: Path, *settings: str) -> Run:
    """A detached run of the tiny recipe."""
    words = ["run", str(place / "recipe" / "held.toml"), "--detach", *settings]
    done = ovtui(*words)
    assert done.returncode == 0, done.stderr
    return run_folder.find(done.stdout.strip())


def wait_for_end(run: Run) -> State:
    wait_for(lambda: not run.state().alive)
    return run.state()


def has_started(run: Run, stage: str) -> bool:
    told = run.tail().events
    if stage == "measure":
        return any(isinstance(event, events.Progressed) and event.stage == stage for event in told)
    return any(isinstance(event, events.StageStarted) and event.stage == stage for event in told)


class Stage:
    """A run brought to a stage and kept there, as far as a test can."""

    def __init__(self, place: Path, stage: str) -> None:
        self.recipe = place / "recipe"
        self.name = stage.removesuffix(" data")
        self.lock = FileLock(place / "LOCKS" / "ovtui-engine.lock") if stage == "waiting" else None
        hold = self.recipe / f"hold-{self.name}"
        if self.name in ("convert", "calibration", "evaluation", "evaluate"):
            hold.touch()
        # A seed that no other test has, where the cache would let a stage be passed by.
        fresh = ["--set", f"model.arguments={{seed={time.monotonic_ns() // 1000}}}"]
        again = fresh if stage in ("convert", "compress int8") else []
        again += ["--set", f"data.calibration.seed={time.monotonic_ns()}"] if hold.exists() else []
        again += ["--set", f"data.evaluation.seed={time.monotonic_ns()}"] if hold.exists() else []
        self.settings = again + (["--set", "measure.seconds=8"] if stage == "measure" else [])
        self.run = start(place, *self.settings)
        if self.lock:
            wait_for(lambda: self.run.state() is State.WAITING and self.run.last_event())
        elif hold.exists():
            wait_for((self.recipe / f"at-{self.name}").exists)
        else:
            wait_for(lambda: has_started(self.run, stage))
        self.engine = engine_of(self.run)
        self.processes = self.engine.children(recursive=True)

    def release(self) -> None:
        """Let the next run pass."""
        for gate in [*self.recipe.glob("hold-*"), *self.recipe.glob("at-*")]:
            gate.unlink()
        if self.lock:
            self.lock.release()


@pytest.fixture
def reached(place: Path) -> Iterator[Callable[[str], Stage]]:
    stages: list[Stage] = []

    def reach(stage: str) -> Stage:
        stages.append(Stage(place, stage))
        return stages[-1]

    yield reach
    for stage in stages:
        stage.release()
        launch.cancel(stage.run)


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_engine_leaves_nothing_behind(
    place: Path, reached: Callable[[str], Stage], stage: str
) -> None:
    here = reached(stage)
    assert here.processes or stage == "waiting"
    here.engine.kill()
    assert not still_alive([here.engine, *here.processes])
    assert here.run.state() is State.DIED
    row = next(row for row in json.loads(ovtui("runs", "--json").stdout))
    assert (row["run"], row["state"]) == (here.run.id, "died")
    shown, watched = ovtui("show", here.run.id), ovtui("watch", here.run.id)
    assert shown.returncode == 0 and "died: its engine was killed" in shown.stdout
    assert watched.returncode == 1 and watched.stdout == ""
    assert "died" in watched.stderr.splitlines()[-1]
    assert ovtui("cancel", here.run.id).returncode == 2


def test_the_same_command_goes_on_where_a_killed_engine_stopped(
    place: Path, tmp_path: Path
) -> None:
    words = ["--set", "title=once more", "--set", "data.evaluation.samples=20"]
    killed = start(place, *words)
    wait_for(lambda: has_started(killed, "evaluate"))
    engine_of(killed).kill()
    leftover = place / "HOME" / "cache" / f".outputs-0123456789.{killed.id}"
    leftover.mkdir(exist_ok=True)
    resumed = start(place, *words)
    assert wait_for_end(resumed) is State.DONE
    assert not leftover.exists()
    found = resumed.result()
    assert found is not None
    cached = {stage.name for stage in found.stages if stage.cached}
    data = {"calibration data", "evaluation data", "metrics tried"}
    assert cached == {"convert", "compress int8", "int8 agreement", "int8 execution"} | data
    told = ovtui("watch", resumed.id).stderr
    assert "compress int8: cached" in told
    with pytest.MonkeyPatch.context() as patch:
        (tmp_path / "elsewhere").mkdir()
        patch.setenv("OVTUI_HOME", str(tmp_path / "elsewhere"))
        undisturbed = start(place, *words)
        assert wait_for_end(undisturbed) is State.DONE
        expected = undisturbed.result()
    assert expected is not None
    assert not any(stage.cached for stage in expected.stages)
    for got, want in zip(found.variants, expected.variants, strict=True):
        assert (got.name, got.size_bytes, got.accuracy) == (
            want.name,
            want.size_bytes,
            want.accuracy,
        )
        assert got.agreement == want.agreement


@pytest.mark.parametrize("stage", ["convert", "compress int8"])
def test_a_killed_stage_fails_the_run_in_one_line(
    reached: Callable[[str], Stage], stage: str
) -> None:
    here = reached(stage)
    doer = next(
        process
        for process in here.processes
        if process.cmdline()[-1].endswith(f"{stage.replace(' ', '-')}.json")
    )
    doer.kill()
    assert wait_for_end(here.run) is State.FAILED
    outcome = here.run.outcome()
    assert isinstance(outcome, events.Failed)
    assert (outcome.kind, outcome.stage) == ("killed", stage)
    assert outcome.message.startswith(f"{stage}: killed from outside (the kernel had memory left)")
    assert "it had used" in outcome.message and "\n" not in outcome.message
    watched = ovtui("watch", here.run.id)
    assert watched.returncode == 1 and outcome.message in watched.stderr.splitlines()[-1]
    assert not still_alive(here.processes)
    cache = Path(os.environ["OVTUI_HOME"]) / "cache"
    assert {path.name for path in cache.glob(".*")} <= {".owners"}


def test_a_killed_measuring_process_fails_the_run(reached: Callable[[str], Stage]) -> None:
    here = reached("measure")
    here.processes[-1].kill()
    assert wait_for_end(here.run) is State.FAILED
    outcome = here.run.outcome()
    assert isinstance(outcome, events.Failed) and outcome.stage == "measure"
    assert "int8: the measuring process was killed from outside" in outcome.message
    assert "it had used" in outcome.message


def test_a_stage_that_dies_of_the_group_s_signal_first_is_a_cancelled_run(
    reached: Callable[[str], Stage],
) -> None:
    here = reached("compress int8")
    here.engine.suspend()
    for process in here.processes:
        process.terminate()
    time.sleep(0.1)
    here.engine.terminate()
    here.engine.resume()
    assert wait_for_end(here.run) is State.CANCELLED


@pytest.mark.parametrize("stage", STAGES)
def test_cancel_ends_a_run_in_every_stage(reached: Callable[[str], Stage], stage: str) -> None:
    here = reached(stage)
    began = time.monotonic()
    assert launch.cancel(here.run) is State.CANCELLED
    assert time.monotonic() - began < CANCELLED_WITHIN
    assert not still_alive([here.engine, *here.processes])


def test_ctrl_c_cancels_a_run_that_is_followed_and_not_one_that_is_watched(
    place: Path, reached: Callable[[str], Stage]
) -> None:
    # Where a shell started these tests in the background, all that they start would ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    here = reached("convert")
    watcher = subprocess.Popen([*OVTUI, "watch", here.run.id], stderr=subprocess.PIPE, text=True)
    assert watcher.stderr is not None
    watcher.stderr.readline()
    watcher.send_signal(signal.SIGINT)
    assert watcher.wait(PATIENCE) == 130
    assert here.run.state() is State.RUNNING
    here.engine.send_signal(signal.SIGHUP)
    assert ovtui("cancel", here.run.id).returncode == 0
    watched = ovtui("watch", here.run.id)
    assert watched.returncode == 130 and watched.stderr.endswith("was cancelled\n")

    words = [*OVTUI, "run", str(place / "recipe" / "held.toml"), *here.settings]
    follower = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert follower.stderr is not None
    run = run_folder.find(follower.stderr.readline().removeprefix("run ").strip())
    wait_for(lambda: has_started(run, "convert"))
    follower.send_signal(signal.SIGINT)
    assert follower.wait(PATIENCE) == 130
    assert run.state() is State.CANCELLED


def test_a_hang_up_of_the_terminal_leaves_the_run_alone(
    place: Path, reached: Callable[[str], Stage]
) -> None:
    reached("waiting")
    # Tests that are run with nohup would hand on that the signal is ignored.
    words = ["env", "--default-signal=HUP", *OVTUI, "run", str(place / "recipe" / "held.toml")]
    follower = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert follower.stderr is not None
    run = run_folder.find(follower.stderr.readline().removeprefix("run ").strip())
    wait_for(lambda: run.state() is State.WAITING)
    os.killpg(follower.pid, signal.SIGHUP)
    assert follower.wait(PATIENCE) == -signal.SIGHUP
    assert run.state() is State.WAITING
    assert launch.cancel(run) is State.CANCELLED


def test_runs_take_turns_in_the_order_in_which_they_were_made(
    place: Path, tmp_path: Path, reached: Callable[[str], Stage]
) -> None:
    first = reached("convert")
    second = start(place, "--set", "title=second")
    third = start(place, "--set", "title=third")
    wait_for(lambda: isinstance(third.last_event(), events.Queued))
    assert [second.state(), third.state()] == [State.WAITING, State.WAITING]
    wait_for(lambda: getattr(second.last_event(), "ahead", None) == 1)
    wait_for(lambda: getattr(third.last_event(), "ahead", None) == 2)
    with pytest.MonkeyPatch.context() as patch:
        (tmp_path / "other").mkdir()
        patch.setenv("OVTUI_HOME", str(tmp_path / "other"))
        elsewhere = start(place)
        # The order holds over all homes.
        wait_for(lambda: getattr(elsewhere.last_event(), "ahead", None) == 3)
        assert launch.cancel(elsewhere) is State.CANCELLED
    engine_of(second).kill()  # one that died while it waited blocks nobody
    wait_for(lambda: getattr(third.last_event(), "ahead", None) == 1)
    first.release()  # the third one passes there, also where no test before has filled the cache
    first.engine.kill()
    wait_for(lambda: first.run.state() is State.DIED)
    assert second.state() is State.DIED
    assert wait_for_end(third) is State.DONE
    assert not list(Path(os.environ["OVTUI_LOCKS"]).glob("ovtui-ticket-*"))


def test_a_bench_waits_and_measures_alone(place: Path) -> None:
    assert wait_for_end(start(place)) is State.DONE
    model = next((place / "HOME" / "cache").glob("convert-*/model/model.xml"))
    words = ["bench", str(model), "--seconds", "0.1", "--hint", "latency", "--json"]
    with machine_lock("ovtui-measurement.lock"):
        bench = subprocess.Popen(
            [*OVTUI, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert bench.stderr is not None
        run = run_folder.find(bench.stderr.readline().removeprefix("run ").strip())
        wait_for(lambda: any(isinstance(event, events.Warned) for event in run.tail().events))
        assert not has_started(run, "measure")
    told, _ = bench.communicate(timeout=PATIENCE)
    assert bench.returncode == 0
    assert json.loads(told)["outcome"] == "done"


def test_every_step_ends_with_all_of_it_done(place: Path) -> None:
    run = start(place, "--set", "data.calibration.seed=7")
    assert wait_for_end(run) is State.DONE
    steps: dict[tuple[str, str], list[events.Progressed]] = {}
    for event in run.tail().events:
        if isinstance(event, events.Progressed):
            steps.setdefault((event.stage, event.step), []).append(event)
    assert {stage for stage, _ in steps} >= {"compress int8", "evaluate", "measure"}
    assert ("compress int8", "Statistics collection") in steps
    for told in steps.values():
        assert told[-1].done == told[-1].total
        seconds = told[-1].time - told[0].time
        assert len(told) <= 3 + 5 * seconds
        assert all(event.eta is None or event.eta >= 0 for event in told)
