"""Files that a person gives a model by hand: what is none is told, what is long is told first."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from msgspec import structs
from PIL import Image

from ovtui.core.asking.session import Expects, Writes
from ovtui.core.recipes.recipe import load
from ovtui.core.recipes.source import PICTURES
from ovtui.engine.ask.expected import tell_expected
from ovtui.engine.data.given_file import check_given
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.pictures import read_picture
from ovtui.engine.data.rows import Unusable
from ovtui.engine.tasks import Task, open_task
from tests.support.tiny_seq2seq import write_seq2seq_folder
from tests.support.tiny_text import write_bert

DEMO = Path(__file__).parents[2] / "recipes" / "demo"


def _expected(row: dict[str, Any], task: Task | None = None) -> list[str]:
    told: list[Expects | Writes] = []
    tell_expected(row, task, told.append)
    return [it.words for it in told if isinstance(it, Expects)]


def test_what_is_no_file_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.png", b"")
    told = {
        "pictures": "is a folder; expected one file for image, such as .png, .jpg, .jpeg",
        "all.zip": "is an archive; unpack it: expected one file for image",
        "empty.png": "is empty, 0 bytes; expected one file",
        "gone.png": "no such file; expected one file",
        "pipe.png": "not a regular file; expected one file",
    }
    for name, words in told.items():
        with pytest.raises(Unusable) as raised:
            check_given(str(tmp_path / name), "image", PICTURES)
        assert str(raised.value).startswith(f"{tmp_path / name}: {words}")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("ovtui.engine.data.given_file.open_regular", closed)  # root may read all
    (tmp_path / "a.png").write_bytes(b"something")
    with pytest.raises(Unusable, match=r"a\.png: may not be read; its permissions"):
        check_given(str(tmp_path / "a.png"), "image", PICTURES)


def test_an_hour_of_sound_is_told_before_it_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "hour.flac"
    soundfile.write(path, np.zeros(3600 * 1000), 1000)
    assert _expected({"audio": str(path)})[0].startswith("recording of 60 min: it is read, then")
    recipe = load(DEMO / "whisper-digits.toml")
    task = open_task(recipe, Labels(None), DEMO / "whisper-digits", None)
    assert _expected({"audio": str(path)}, task) == [
        "recording of 60 min: at least 120 pieces of 30 s, by one variant after another"
    ]
    sound = {"array": np.zeros(16000 * 90, np.float32), "sampling_rate": 16000}
    assert "recording of 2 min: at least 3 pieces" in _expected({"audio": sound}, task)[0]
    soundfile.write(path, np.zeros(59 * 1000), 1000)
    assert _expected({"audio": str(path)}, task) == []
    path.write_bytes(b"a film")
    assert _expected({"audio": str(path)}) == ["hour.flac: its sound is taken out by ffmpeg first"]


def test_a_huge_picture_is_told_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    Image.new("1", (5000, 2500)).save(path)
    assert _expected({"image": str(path)})[0].startswith("picture of 5000×2500 pixels: read whole")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5_000_000)
    with pytest.raises(Unusable, match="more than 10 million pixels; make it smaller first"):
        read_picture(str(path), None)
    Image.new("1", (50, 25)).save(path)
    assert _expected({"image": str(path)}) == []
    path.write_bytes(b"no picture")
    assert _expected({"image": str(path)}) == []


def test_a_text_that_is_cut_is_told_with_its_length(tmp_path: Path) -> None:
    recipe = load(write_seq2seq_folder(tmp_path))
    shorter = structs.replace(recipe.data, tokens=structs.replace(recipe.data.tokens, max_length=8))
    writer = open_task(
        structs.replace(recipe, data=shorter), Labels(None), tmp_path / "model", None
    )
    assert writer.doubts({"text": "the cat"}) == []
    (told,) = writer.doubts({"text": "the " * 50})
    assert "cut at 8: the models read no more of it" in told

    write_bert(tmp_path / "bert", "BertForSequenceClassification")
    of_pairs = structs.replace(recipe, task="text-classification", data=shorter)
    classifier = open_task(of_pairs, Labels(["a", "b"]), tmp_path / "bert", None)
    (told,) = classifier.doubts({"text": "the " * 5, "text_pair": "cat " * 5})
    assert told == "text and text_pair: 13 tokens, cut at 8: the models read no more of it"
    of_sentences = structs.replace(recipe, task="sentence-similarity", data=shorter)
    nearness = open_task(of_sentences, Labels(None), tmp_path / "bert", None)
    (told,) = nearness.doubts({"sentence1": "the " * 30, "sentence2": "cat"})
    assert told.startswith("sentence1: 32 tokens, cut at 8")
