from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovtui.core.errors import UserError
from ovtui.core.locks import (
    MEASUREMENT_LOCK,
    AlreadyLocked,
    FileLock,
    is_locked,
    machine_lock,
    measurement_lock,
)

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
from ovtui.core.locks import FileLock, measurement_lock

where = Path(sys.argv[2])
if sys.argv[1] == "file":
    lock = FileLock(where)
    print("held", flush=True)
    time.sleep(60)
with measurement_lock(directory=where):
    print("held", flush=True)
    time.sleep(60)
"""


def held_elsewhere(kind: str, where: Path) -> subprocess.Popen[str]:
    """Another process that holds a lock when this returns."""
    command = [sys.executable, "-c", HOLDER, kind, str(where)]
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
    waited: list[float] = []
    with held_elsewhere("measurement", tmp_path) as holder:

        def tell(seconds: float) -> None:
            waited.append(seconds)
            holder.kill()

        with measurement_lock(tell, directory=tmp_path):
            assert waited
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
