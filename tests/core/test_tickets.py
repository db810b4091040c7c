"""Who asked first has the machine first, whichever home the runs are in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ovtui.core.files.locks import FileLock
from ovtui.core.runs.tickets import Ticket


def _run(home: Path, id: str, made: float = 1.0) -> Path:
    folder = home / "runs" / id
    folder.mkdir(parents=True)
    (folder / "run.json").touch()
    os.utime(folder / "run.json", (made, made))
    return folder


def test_the_older_run_of_another_home_goes_first(tmp_path: Path) -> None:
    older = _run(tmp_path / "one", "20260131-101500-digits-ab12")
    same_second = _run(tmp_path / "one", "20260131-101504-zebra-ab12", made=1.0)
    younger = _run(tmp_path / "two", "20260131-101504-aardvark-cd34", made=2.0)
    with Ticket(tmp_path, younger) as third, Ticket(tmp_path, same_second) as second:
        assert (third.ahead(), second.ahead()) == (1, 0)
        with Ticket(tmp_path, older) as first:
            assert (third.ahead(), second.ahead(), first.ahead()) == (2, 1, 0)
            first.release()
            assert (third.ahead(), second.ahead()) == (1, 0)
    assert not list(tmp_path.glob("ovtui-ticket-*"))


def test_the_ticket_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    older = _run(tmp_path / "one", "20260131-101500-digits-ab12")
    younger = _run(tmp_path / "two", "20260131-101504-digits-cd34")
    code = "import os, sys; from pathlib import Path; from ovtui.core.runs.tickets import Ticket\n"
    code += "ticket = Ticket(Path(sys.argv[1]), Path(sys.argv[2])); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(older)], check=False)
    (left,) = tmp_path.glob("ovtui-ticket-*")
    with Ticket(tmp_path, younger) as ticket:
        assert ticket.ahead() == 0 and not left.exists()
        assert len(list(tmp_path.glob("ovtui-ticket-*"))) == 1


def test_a_look_at_a_ticket_does_not_hinder_who_takes_it(tmp_path: Path) -> None:
    run = _run(tmp_path / "one", "20260131-101500-digits-ab12")
    with Ticket(tmp_path, run):
        (path,) = tmp_path.glob("ovtui-ticket-*")
    path.touch()  # left by one that was killed
    with Ticket(tmp_path, run):
        assert path.exists()
        try:
            FileLock(path)
        except Exception as error:
            assert "locked by another" in str(error)
        else:
            raise AssertionError("nobody holds the ticket")
