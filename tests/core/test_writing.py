"""Files written whole, and what is no regular file as it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ovtui import cli
from ovtui.core.files.writing import write_atomically


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    file, link = tmp_path / "report.md", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_atomically(link, b"new")
    assert link.is_symlink() and file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "report.md"]


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_bytes()))
    reader.start()
    write_atomically(fifo, b"words")
    reader.join(10)
    assert heard == [b"words"] and fifo.is_fifo()


def test_a_device_stays_a_device() -> None:
    write_atomically(Path("/dev/null"), b"words")
    assert Path("/dev/null").is_char_device()


def test_a_guessed_name_beside_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    guessed = iter(["guessed", "other"])
    monkeypatch.setattr("secrets.token_hex", lambda count: next(guessed))
    (tmp_path / ".a.md.guessed").symlink_to(precious)
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "a.md", b"words")
    write_atomically(tmp_path / "a.md", b"words")
    assert precious.read_text() == "precious" and (tmp_path / "a.md").read_text() == "words"


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder", b"words")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_name_of_255_characters(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("a" * 255), b"words")
    assert (tmp_path / ("a" * 255)).read_bytes() == b"words"


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_report_needs_a_file(home: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert cli.main(["report", "last", "-o", name]) == 2
    assert "name a file" in capsys.readouterr().err
