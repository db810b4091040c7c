"""The run folder: appended to by several processes, listed, found, and copied elsewhere."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import msgspec
import pytest

from ovtui.core.files.locks import FileLock
from ovtui.core.results import result
from ovtui.core.runs import events, launch, request, run_folder, run_ids
from ovtui.core.runs.run_folder import Run, State
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError
from tests.support.sample_result import sample_result

NOW = 1_800_000_000.0
APPENDER = """
import sys
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from pathlib import Path
run = Run(Path(sys.argv[1]))
for number in range(300):
    run.append(events.Warned(time=number, message=sys.argv[2] * 50))
"""


def make(name: str = "tiny") -> Run:
    return run_folder.create(
        Request(name=name, created="2027-01-15T09:00:00+01:00", device="CPU", base="/")
    )


def warned(message: str) -> events.Warned:
    return events.Warned(time=NOW, message=message)


def test_processes_that_append_at_the_same_time_do_not_mix_their_lines(home: Path) -> None:
    run = make()
    words = [sys.executable, "-c", APPENDER, str(run.folder)]
    for process in [subprocess.Popen([*words, letter]) for letter in "abcd"]:
        assert process.wait() == 0
    told = [event.message for event in run.tail().events if isinstance(event, events.Warned)]
    assert sorted(told) == sorted([letter * 50 for letter in "abcd"] * 300)


def test_tail_leaves_an_unfinished_line_for_the_next_call(home: Path) -> None:
    run = make()
    line = events.encode(warned("whole"))
    run.events_path.write_bytes(line + line[:20])
    first = run.tail()
    assert first.events == [warned("whole")]
    assert run.tail(first.offset).events == []
    with run.events_path.open("ab") as file:
        file.write(line[20:])
    assert run.tail(first.offset).events == [warned("whole")]


def test_a_damaged_line_is_passed_over_and_does_not_take_the_next_one_with_it(home: Path) -> None:
    run = make()
    run.events_path.write_bytes(b'{"event":"warn\xff\n\n{"event":"from the future","time":1}\n{"ev')
    run.append(warned("after"))
    assert run.tail().events == [warned("after")]
    assert run.last_event() == warned("after")


def test_the_outcome_is_found_at_the_end_of_a_long_file(home: Path) -> None:
    run = make()
    run.events_path.write_bytes(events.encode(warned("x" * 200)) * 5000)
    run.append(events.Failed(time=NOW, kind="error", message="why"))
    assert run.outcome() == events.Failed(time=NOW, kind="error", message="why")
    assert run.state() is State.FAILED


def test_state_follows_from_lock_and_events(home: Path) -> None:
    run = make()
    assert run.state() is State.STARTING
    with FileLock(run.lock_path):
        assert run.state() is State.STARTING
        run.append(events.Queued(time=NOW, ahead=1))
        assert run.state() is State.WAITING
        run.append(events.Started(time=NOW, stages=["convert"]))
        assert run.state() is State.RUNNING
    assert run.state() is State.DIED
    run.append(events.Cancelled(time=NOW))
    assert run.state() is State.CANCELLED
    run.append(events.Finished(time=NOW))
    assert run.state() is State.DONE


def test_an_engine_that_is_taking_its_lock_is_starting(home: Path) -> None:
    run = make()
    run.lock_path.touch()
    assert run.state() is State.STARTING, "made, and not held yet"
    run.lock_path.write_text("1\n")
    assert run.state() is State.DIED


def test_a_slow_engine_is_seen_to_live_until_it_ends(home: Path) -> None:
    """A stopped process stands for a loaded host: nothing of the engine's own has run yet."""
    run = make()
    long_ago = time.time() - 3600
    engine = launch.start(run)
    engine.send_signal(signal.SIGSTOP)
    os.utime(run.folder / "run.json", (long_ago, long_ago))
    assert run.state() is State.STARTING
    assert int(run.lock_path.read_text()) == engine.pid
    with pytest.raises(UserError, match="cancel it first"):
        run_folder.remove(run)
    engine.kill()
    engine.wait()
    assert run.state() is State.DIED


@pytest.mark.parametrize("what", ["write_bytes", "pwrite"])
def test_a_disk_without_room_for_the_last_words_starts_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((Path, what) if what == "write_bytes" else (os, what)), full)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("an engine"))
    asked = Request(name="tiny", created="", device="CPU", base="/")
    with pytest.raises(UserError, match="the disk is full; make room") as raised:
        request.start(asked)
    assert "\n" not in str(raised.value)
    assert not list(run_folder.every())


def test_a_run_dated_in_the_future_is_no_engine_that_is_about_to_come(home: Path) -> None:
    run = make()
    later = time.time() + 3600
    os.utime(run.folder / "run.json", (later, later))
    assert run.state() is State.DIED
    run_folder.remove(run)


def test_runs_keep_their_order_when_clock_or_zone_change(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    first = make("tokyo")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    second = make("utc")

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(hours=3)

    monkeypatch.setattr(run_ids, "datetime", Earlier)
    third = make("set back")
    assert [run.id for run in run_folder.every()] == [run.id for run in (third, second, first)]
    assert run_folder.find("last") == third


def test_a_run_of_a_wrong_clock_is_not_the_last_one(home: Path) -> None:
    wrong = make("future")
    wrong.folder.rename(home / "runs" / "20990101-000000-future-0000")
    run = make("now")
    assert run.id < "2099"
    assert run_folder.find("last") == run and len(list(run_folder.every())) == 2


def test_a_run_whose_engine_never_came_has_died(home: Path) -> None:
    run = make()
    long_ago = time.time() - 60
    os.utime(run.folder / "run.json", (long_ago, long_ago))
    assert run.state() is State.DIED
    assert Run(home / "runs" / "deleted").state() is State.DIED


def test_ids_of_one_second_differ_and_keep_their_order(home: Path) -> None:
    made = [make(name) for name in ["z", "a", "m"] * 20]
    assert len({run.id for run in made}) == 60
    assert [run.id for run in run_folder.every()] == [run.id for run in reversed(made)]
    assert run_folder.find("last") == made[-1]


@pytest.mark.parametrize("name", ["../../etc", "", "a b/ü\n", ".hidden", "x" * 300])
def test_any_name_makes_a_folder_below_runs(home: Path, name: str) -> None:
    assert make(name).folder.parent == home / "runs"


@pytest.mark.parametrize("name", ["digits", "a b/ü\n", ".hidden", "", "x-1-" * 20])
def test_an_id_says_what_it_is_named_after(home: Path, name: str) -> None:
    id = make(name).id
    assert run_ids.is_named_after(id, name) and not run_ids.is_named_after(id, "other")
    assert id.endswith(f"-{run_ids.short_id(id)}") and len(run_ids.short_id(id)) == 4


def test_find_by_id_prefix_short_id_last_and_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = make("one"), make("two")
    short = run_ids.short_id(run.id)
    prefix = run.id[: len("20250101-000000-one")]
    for text in (run.id, prefix, short, str(run.folder), f"{run.folder}/"):
        assert run_folder.find(text).folder == run.folder
    monkeypatch.chdir(home / "runs")
    assert run_folder.find(f"./{run.id}").folder == run.folder
    with pytest.raises(UserError, match="fits 2 runs"):
        run_folder.find(run.id[:8])
    with pytest.raises(UserError, match="no run 'nothing'"):
        run_folder.find("nothing")
    with pytest.raises(UserError, match="not a run folder"):
        run_folder.find(str(home))
    other.lock_path.write_text("1\n")  # it was worked on once
    run_folder.remove(other)
    assert [found.id for found in run_folder.every()] == [run.id]


def test_last_without_any_run_says_how_to_make_one(home: Path) -> None:
    with pytest.raises(UserError, match="ovtui demo"):
        run_folder.find("last")


def test_a_run_that_is_worked_on_or_lies_elsewhere_is_not_removed(
    home: Path, tmp_path: Path
) -> None:
    run = make()
    with FileLock(run.lock_path), pytest.raises(UserError, match="cancel it first"):
        run_folder.remove(run)
    copied = Run(shutil.copytree(run.folder, tmp_path / "copy"))
    (copied.folder / "lock").write_text("1\n")
    with pytest.raises(UserError, match="so it is not removed"):
        run_folder.remove(copied)


def test_a_copied_folder_can_be_read_without_the_original(home: Path, tmp_path: Path) -> None:
    run = make()
    run.append(events.Finished(time=NOW))
    run.result_path.write_bytes(result.encode(sample_result()))
    copy = Path(shutil.move(run.folder, tmp_path / "from elsewhere"))
    found = run_folder.find(str(copy))
    assert found.state() is State.DONE
    assert found.result() == sample_result()
    (copy / "run.json").unlink()
    assert run_folder.find(str(copy)).result() == sample_result()


def test_a_run_of_a_newer_version_is_listed_all_the_same(home: Path) -> None:
    run = make("future")
    path = run.folder / "run.json"
    request = json.loads(path.read_text()) | {
        "schema": 9,
        "novelty": [1],
        "recipe": {"schema": 9, "unknown": True},
    }
    path.write_text(json.dumps(request))
    assert run.heading().name == "future"
    with pytest.raises(UserError, match="cannot be read"):
        run.request()


def test_damaged_files_are_named(home: Path) -> None:
    run = make()
    (run.folder / "run.json").write_bytes(b"\xff{")
    run.result_path.write_text("{}")
    for read in (run.request, run.heading, run.result):
        with pytest.raises(UserError, match=str(run.folder)):
            read()


def test_the_log_s_tail_shows_what_a_redrawn_line_ended_with(home: Path) -> None:
    run = make()
    assert run.log_tail() == []
    run.log_path.write_bytes(b"old\n" * 5000 + b"10 %\r50 %\r99 %\n\nlast \xff\n")
    assert run.log_tail(2) == ["99 %", "last �"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    run_folder.write_atomically(tmp_path / "file", b"one")
    run_folder.write_atomically(tmp_path / "file", b"two")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"two")]
    with pytest.raises(OSError):
        run_folder.write_atomically(tmp_path / "none" / "file", b"")


def test_a_run_is_listed_once_it_can_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks between `mkdir` and `run.json` sees no run, rather than a damaged one."""
    seen: list[list[str]] = []
    write, seal = run_folder.write_atomically, run_folder.seal

    def look() -> None:
        names = (entry.name for entry in (home / "runs").iterdir())
        seen.append([run.id for run in run_folder.every()] + [it for it in names if it[0] != "."])

    monkeypatch.setattr(run_folder, "write_atomically", lambda *it: (look(), write(*it)))
    monkeypatch.setattr(run_folder, "seal", lambda folder: (look(), seal(folder), look()))
    run = make()
    assert seen == [[], [], []]
    assert [found.id for found in run_folder.every()] == [run.id]
    assert [entry.name for entry in (home / "runs").iterdir()] == [run.id]


def test_a_request_survives_its_file(home: Path) -> None:
    request = Request(name="n", created="c", device="CPU", base="/b", argv=["run", "n"])
    assert run_folder.create(request).request() == request
    assert msgspec.json.decode(msgspec.json.encode(request), type=Request) == request
