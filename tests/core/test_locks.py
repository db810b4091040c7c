from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from ovtui.core.files.locks import AlreadyLocked, FileLock, is_locked
from ovtui.core.machine import turns
from ovtui.core.machine.holders import Holder, holder_of
from ovtui.core.machine.turns import MEASUREMENT_LOCK, machine_lock, measurement_lock
from ovtui.core.runs.events import Queued
from ovtui.core.runs.waiting import waiting, waiting_to_measure
from ovtui.core.text.errors import UserError

ROOT = Path(__file__).parents[2]


def test_a_folder_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVTUI_LOCKS", str(tmp_path / "nowhere"))
    with (
        pytest.raises(UserError, match=r"nowhere: no such folder .* OVTUI_LOCKS"),
        machine_lock("queue.lock"),
    ):
        pass


HOLDER = """
import sys, time
from pathlib import Path
from ovtui.core.files.locks import FileLock
from ovtui.core.machine.turns import measurement_lock

where = Path(sys.argv[2])
if sys.argv[1] == "file":
    lock = FileLock(where)
    print("held", flush=True)
    time.sleep(60)
with measurement_lock(directory=where if sys.argv[1] == "measurement" else None):
    print("held", flush=True)
    time.sleep(60)
"""


def held_elsewhere(kind: str, where: Path) -> subprocess.Popen[str]:
    """Another process that holds a lock when this returns."""
    command = [sys.executable, "-c", HOLDER, kind, str(where), "/home/runs/20270115-090000-tiny"]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    return holder


def test_a_file_lock_is_held_for_its_life(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path) and not path.exists()
    lock = FileLock(path)
    assert is_locked(path) and is_locked(path)
    with pytest.raises(AlreadyLocked, match="locked by another process"):
        FileLock(path)
    lock.release()
    lock.release()
    assert not is_locked(path)
    with FileLock(path):
        assert is_locked(path)
    assert not is_locked(path)


def test_a_file_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held_elsewhere("file", path) as holder:
        assert is_locked(path)
        with pytest.raises(AlreadyLocked):
            FileLock(path)
        holder.kill()
        holder.wait()
    FileLock(path).release()


def test_the_measurement_lock_waits_for_another_process(tmp_path: Path) -> None:
    waited: list[Holder] = []
    with held_elsewhere("measurement", tmp_path) as holder:

        def tell(found: Holder) -> None:
            waited.append(found)
            holder.kill()

        with measurement_lock(tell, directory=tmp_path):
            assert waited[0].run == "20270115-090000-tiny" and waited[0].own
            assert is_locked(tmp_path / MEASUREMENT_LOCK)
    assert not is_locked(tmp_path / MEASUREMENT_LOCK)


def test_the_measurement_lock_is_for_every_user(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        with measurement_lock(directory=tmp_path):
            pass
    finally:
        os.umask(mask)
    assert (tmp_path / MEASUREMENT_LOCK).stat().st_mode & 0o777 == 0o666


def test_the_measurement_lock_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / MEASUREMENT_LOCK).symlink_to(tmp_path / "victim")
    with pytest.raises(UserError, match="cannot be used"), measurement_lock(directory=tmp_path):
        pass
    assert not (tmp_path / "victim").exists()


@pytest.fixture
def common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of /tmp: where users find each other."""
    monkeypatch.delenv("OVTUI_LOCKS", raising=False)
    monkeypatch.setenv("OVTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(turns, "_common", lambda: tmp_path)
    return tmp_path


def test_a_user_s_own_locks_can_be_opened_by_nobody_else(common: Path) -> None:
    with machine_lock("a.lock"):
        folder = common / f"ovtui-{os.geteuid()}"
        assert folder.stat().st_mode & 0o777 == 0o711
        assert (folder / "a.lock").stat().st_mode & 0o777 == 0o600
        holder = holder_of(folder / "a.lock")
        assert holder is not None and holder.own
    assert holder_of(folder / "a.lock") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's name is taken by root alone")
@pytest.mark.parametrize("kind", ["folder", "link", "file"])
def test_a_folder_that_somebody_else_has_taken_stops_nobody(common: Path, kind: str) -> None:
    place = common / f"ovtui-{os.geteuid()}"
    match kind:
        case "folder":
            place.mkdir()
            os.chown(place, 65534, 65534)
        case "link":
            place.symlink_to(common)
        case "file":
            place.touch()
    with machine_lock("a.lock"):
        assert is_locked(common / "home" / "locks" / "a.lock")


def test_another_user_is_waited_for_and_not_for_ever(
    common: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Holder("alice", "20270115-090000-tiny", 0.0)
    monkeypatch.setattr(turns, "_of_others", lambda name: other)
    monkeypatch.setattr(turns, "COURTESY_S", 0.5)
    told: list[Holder] = []
    with machine_lock("a.lock", on_wait=told.append) as beside:
        assert beside == other and set(told) == {other}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_another_user_s_turn_is_seen(common: Path) -> None:
    folder = common / "ovtui-65534"
    folder.mkdir(mode=0o711)
    os.chown(folder, 65534, 65534)
    (folder / "a.lock").touch()
    script = (
        "import fcntl, os, sys, time\n"
        "file = open(sys.argv[1], 'r+')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "os.setuid(65534)\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(folder / "a.lock"), "/x/runs/theirs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        told: list[Holder] = []

        def tell(holder: Holder) -> None:
            told.append(holder)
            process.kill()

        with machine_lock("a.lock", on_wait=tell) as beside:
            assert beside is None
    assert told[0].user == "nobody" and told[0].run == "theirs" and not told[0].own


def test_who_waits_says_for_whom_and_how_to_go_on() -> None:
    now = datetime(2027, 1, 15, 10, 0)
    since = datetime(2027, 1, 15, 9, 5).timestamp()
    own = Queued(time=0, ahead=2, run="r-1", since=since)
    assert waiting(own, now) == (
        "waiting for 2 runs: r-1, since 09:05; end it with: ovtui cancel r-1"
    )
    other = Queued(time=0, ahead=1, user="alice", run="r-1\x1b", since=since)
    told = waiting(other, now)
    assert "alice's r-1\\x1b, since 09:05" in told and "OVTUI_LOCKS=FOLDER" in told
    held = Queued(time=0, ahead=1, user="alice", run="r-1", since=since, lock="/l/a.lock")
    assert "alice's r-1 (holds /l/a.lock), since 09:05" in waiting(held, now)
    assert "/l/a.lock" not in waiting(held, now, advice=False)
    assert waiting(Queued(time=0, ahead=1), now) == "waiting for 1 run"
    assert waiting_to_measure(Holder()).endswith("is running on this machine")
