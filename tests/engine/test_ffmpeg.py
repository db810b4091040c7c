"""Sound through the program ffmpeg: a stand-in for it is all that these tests need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ovtui.engine.data.ffmpeg import with_sound
from ovtui.engine.data.rows import Unusable

RATE = 16000
Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Installs an `ffmpeg` that writes its arguments beside itself and then does what it is told.

    It is the only program that can be found.
    """
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(does: str) -> Path:
        path, words = folder / "ffmpeg", folder / "words"
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {words}\n{does}\n")
        path.chmod(0o755)
        return words

    return install


def video(folder: Path, name: str = "talk.mp4") -> str:
    (folder / name).write_bytes(b"no sound for libsndfile")
    return str(folder / name)


def test_without_ffmpeg_it_is_named(program: Program, tmp_path: Path) -> None:
    with pytest.raises(
        Unusable, match=r"^talk.mp4: .* where ffmpeg is installed \(apt-get"
    ) as told:
        with_sound(video(tmp_path), RATE)
    assert "\n" not in str(told.value)


def test_what_libsndfile_reads_needs_no_ffmpeg(program: Program, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(8), RATE)
    assert with_sound(str(tmp_path / "a.wav"), RATE) == str(tmp_path / "a.wav")


def test_samples_are_taken_as_they_come(program: Program, tmp_path: Path) -> None:
    words = program(r"printf '\000\100\000\300\377'")  # 16384, -16384, and half of a sample
    found = with_sound(path := video(tmp_path), RATE)
    assert found["array"].dtype == np.float32 and found["array"].tolist() == [0.5, -0.5]
    assert found["sampling_rate"] == RATE and found["path"] == path
    given = words.read_text().splitlines()
    assert given[given.index("-ar") + 1] == "16000" and given[given.index("-f") + 1] == "s16le"


@pytest.mark.parametrize("name", ["-y.mp4", "http:__a.b.mp4", "a b;touch c.mp4", "concat:a|b"])
def test_a_name_is_neither_an_option_nor_an_address(
    program: Program, tmp_path: Path, name: str
) -> None:
    words = program(r"printf '\000\100'")
    with_sound(path := video(tmp_path, name), RATE)
    given = words.read_text().splitlines()
    assert given[given.index("-i") + 1] == f"file:{path}"
    assert given[given.index("-protocol_whitelist") + 1] == "file", "a playlist names no address"
    assert "-nostdin" in given


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("echo 'Stream map 0:a:0 matches no streams.' >&2; exit 1", "there is no sound in it"),
        ("exit 0", "ffmpeg cannot read it: it holds no samples"),
        ("echo one >&2; echo 'Invalid data found' >&2; exit 1", "ffmpeg cannot read it: Invalid"),
    ],
)
def test_why_there_is_no_sound_is_one_line(
    program: Program, tmp_path: Path, does: str, told: str
) -> None:
    program(does)
    with pytest.raises(Unusable, match=f"^talk.mp4: {told}") as error:
        with_sound(video(tmp_path), RATE)
    assert "\n" not in str(error.value)


def test_sound_without_an_end_is_refused(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ovtui.engine.data.ffmpeg._MOST_SECONDS", 3600)
    program("while :; do printf '%064d' 0; done")
    with pytest.raises(Unusable, match="more than 1 hours"):
        with_sound(video(tmp_path), 100)
