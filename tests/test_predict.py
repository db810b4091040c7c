"""`ovtui predict`: what the models of a run say, of graphs and of pipelines."""

from __future__ import annotations

import asyncio
import functools
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from ovtui import cli
from ovtui.commands.written import _in_short
from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.asking.session import Answered, AskingSession, Reply, Writes
from ovtui.core.text.errors import UserError

pytestmark = pytest.mark.usefixtures("forked_engines")

DEMO = Path(__file__).parents[1] / "recipes" / "demo"
UNMEASURED = ("measure.latency=false", "measure.throughput=false")
WHISPER = (
    "data.calibration.samples=2",
    "data.evaluation.samples=2",
    'variants=[{name = "int8 weights", components = {'
    'encoder = {method = "compress_weights"}, decoder = {method = "compress_weights"}}}]',
)


class Asked:
    """Exit status and what was printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out, self.err = "", ""

    def __call__(self, *words: str) -> int:
        status = cli.main(["predict", *words])
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(capsys)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory for this module's runs."""
    folder = tmp_path_factory.mktemp("predict")
    (folder / "locks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVTUI_LOCKS", str(folder / "locks"))
        patch.setenv("OVTUI_HOME", str(folder / "home"))
        patch.setenv("OVTUI_CONFIG", str(folder / "config"))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield folder


def finished(machine: Path, recipe: Path, *settings: str) -> str:
    """The id of a run of this recipe, done and not measured."""
    words = [word for setting in (*UNMEASURED, *settings) for word in ("--set", setting)]
    assert cli.main(["run", str(recipe), *words]) == 0
    return max(path.name for path in (machine / "home" / "runs").iterdir())


@pytest.fixture(scope="module")
def pictures(machine: Path, tiny_files: Path) -> str:
    """A run of the tiny image classifier, whose labels would colour a terminal."""
    shutil.copytree(tiny_files, machine / "tiny")
    labels = ", ".join(rf'"\u001b[31m{name}"' for name in "abcd")
    return finished(machine, machine / "tiny" / "tiny.toml", f"data.labels=[{labels}]")


@pytest.fixture(scope="module")
def speech(machine: Path) -> str:
    return finished(machine, DEMO / "whisper-digits.toml", *WHISPER)


def picture(path: Path) -> str:
    """A file with a picture as the tiny classifier takes it."""
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return str(path)


def test_a_picture(pictures: str, ask: Asked, tmp_path: Path) -> None:
    file = picture(tmp_path / "a.png")
    assert ask(pictures, "--image", file) == 0
    lines = [line.split("  ") for line in ask.out.splitlines()[::2]]
    assert [name for name, _ in lines] == ["fp32", "int8"]
    assert all(said.startswith(r"\x1b[31m") for _, said in lines), "shown, not obeyed"
    assert all("answered in" in line for line in ask.out.splitlines()[1::2])
    assert ask(pictures, "--image", file, "--variant", "int8", "--json") == 0
    said = json.loads(ask.out)["predictions"]
    assert list(said) == ["int8"]
    assert said["int8"]["label"][-1] in "abcd"


def test_speech_and_its_subtitles(speech: str, ask: Asked) -> None:
    recording = str(DEMO / "spoken-digits" / "test-000.flac")
    words = "six zero four eight seven"
    assert ask(speech, "--audio", recording, "--json") == 0
    document = json.loads(ask.out)
    assert document["predictions"]["int8 weights"]["text"] == words
    assert document["input"] == {"recording": "test-000.flac"}
    (segment,) = document["predictions"]["fp32"]["segments"]
    assert segment == {"start": 0.0, "end": 1.985, "text": words}, "as long as the recording"
    assert list(document["times"]) == ["fp32", "int8 weights"]
    for times in document["times"].values():
        assert all(times[name] > 0 for name in ("load_ms", "first_ms", "answer_ms"))
    assert ask(speech, "--audio", recording, "--variant", "fp32", "--format", "srt") == 0
    assert ask.out == f"1\n00:00:00,000 --> 00:00:01,985\n{words}\n\n"


def test_the_language_of_a_recording(speech: str, ask: Asked) -> None:
    recording = str(DEMO / "spoken-digits" / "test-000.flac")
    given = (speech, "--audio", recording, "--variant", "fp32")
    assert ask(*given, "--language", "german") == 0
    assert ask.out.startswith("fp32  sechs null vier acht sieben\n")
    assert ask(*given, "--language", "klingon") == 2
    assert ask.err == "ovtui: --language: the model knows no 'klingon', valid are de, en\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--image", "{file}", "--labels", "a", "b"), "--labels: is for zero-shot"),
        (("--image", "https://a.b/c.png"), "is an address; download the file first"),
        (("--image", "/"), "/: is no file"),
        ((), "image-classification: expected --image"),
        (("--text", "a"), "image-classification: expected --image"),
        (("--image", "gone.png"), "gone.png: no such file"),
        (("--image", "{file}", "--variant", "int9"), "no variant 'int9' with files, did you mean"),
        (("--image", "{file}", "--question", "why?"), "expected --image"),
        (("--image", "{file}", "--format", "vtt"), "writes what one variant says; name it"),
        (("--image", "{file}", "--format", "vtt", "--variant", "int8"), "gives no times"),
        (("--image", "{broken}"), "not a picture, or a damaged one"),
        (("--image", "{file}", "--format", "txt"), "invalid choice: 'txt'"),
    ],
)
def test_what_is_wrong_is_one_line(
    pictures: str, ask: Asked, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    names: dict[str, Any] = {
        "file": picture(tmp_path / "a.png"),
        "broken": tmp_path / "broken.png",
    }
    assert ask(pictures, *(word.format(**names) for word in words)) == 2
    assert told in ask.err and ask.err.count("\n") == 1


def test_what_takes_long_is_told_first_and_can_be_stopped(speech: str, tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    soundfile.write(file, np.zeros(90 * 16000), 16000)
    command = [sys.executable, "-m", "ovtui.cli", "predict", speech, "--audio", str(file)]
    # Who starts the tests in the background has them ignore the signal, and what they start, too.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("recording of 2 min: it is read, then heard")
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().endswith("stopped: nothing was answered to its end\n")
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("writes", "told"),
    [
        (Writes(variant="fp32", text=""), "fp32: loads, then answers …"),
        (Writes(variant="fp32", text="short"), "fp32: short"),
        (Writes(variant="fp32", text="a" * 30, pieces=3), "fp32, 3 pieces done: …aaaaaaaaa"),
        (Writes(variant="fp32", text="日本" * 20), "fp32: …日本日本日本日本日本日本"),
    ],
)
def test_the_end_of_what_is_written_is_shown(writes: Writes, told: str) -> None:
    assert _in_short(writes, 31) == told


def test_a_run_that_is_not_done(machine: Path, pictures: str, ask: Asked, tmp_path: Path) -> None:
    unfinished = tmp_path / "run"
    shutil.copytree(machine / "home" / "runs" / pictures, unfinished)
    (unfinished / "result.json").unlink()
    assert ask(str(unfinished), "--image", picture(tmp_path / "a.png")) == 2
    assert "only a finished run of a recipe has models to ask" in ask.err


def test_a_copied_run_whose_recipe_is_gone(
    machine: Path, pictures: str, ask: Asked, tmp_path: Path
) -> None:
    shutil.copytree(machine / "home" / "runs" / pictures, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base": str(tmp_path)}))
    file = picture(tmp_path / "a.png")
    assert ask(str(tmp_path / "run"), "--image", file, "--variant", "int8") == 0, ask.err
    assert ask.out.startswith("int8  ")


def _session(machine: Path, *questions: Question) -> list[list[Reply]]:
    """What each question is replied to, asked of one session one after another."""

    async def asked_in_turn() -> list[list[Reply]]:
        session = AskingSession()
        try:
            return [[reply async for reply in session.ask(it)] for it in questions]
        finally:
            await session.close()
            assert not session.is_open

    return asyncio.run(asked_in_turn())


def _last(replies: list[Reply]) -> ModelAnswers:
    assert isinstance(replies[-1], Answered)
    return replies[-1].answers


def test_a_session_keeps_its_models(machine: Path, pictures: str, tmp_path: Path) -> None:
    run = str(machine / "home" / "runs" / pictures)
    file = picture(tmp_path / "a.png")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    right = Question(run=run, image=file)
    first, wrong, again, gone = map(
        _last,
        _session(
            machine, right, Question(run=run, image=str(broken)), right,
            Question(run=str(tmp_path / "nowhere"), image=file),
        ),
    )  # fmt: skip
    assert list(first.predictions) == ["fp32", "int8"]
    assert "not a picture, or a damaged one" in (wrong.error or "")
    assert again.predictions == first.predictions
    # Nothing was read or compiled for it: 100 times less is what it takes at most.
    assert all(again.times[it].load_ms < first.times[it].load_ms / 2 for it in first.times)
    assert gone.error


def test_a_session_goes_on_without_models_that_are_gone(
    machine: Path, pictures: str, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(machine / "home" / "runs" / pictures, folder)
    question = Question(run=str(folder), image=picture(tmp_path / "a.png"))

    async def script() -> list[ModelAnswers]:
        session = AskingSession()
        answers = []
        for removed in ("nothing", "models/int8", "models", "."):
            shutil.rmtree(folder / removed, ignore_errors=True)
            answers.append(_last([reply async for reply in session.ask(question)]))
        await session.close()
        (tmp_path / "run").mkdir()
        answers.append(_last([reply async for reply in session.ask(question)]))
        await session.close()
        return answers

    first, loaded, loaded_too, gone, new = asyncio.run(script())
    assert loaded.predictions == loaded_too.predictions == first.predictions
    assert "run.json" in (gone.error or "") and new.error == gone.error


def test_a_model_that_is_gone_is_told(machine: Path, pictures: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(machine / "home" / "runs" / pictures, folder)
    shutil.rmtree(folder / "models" / "int8")
    question = Question(run=str(folder), image=picture(tmp_path / "a.png"))
    (replies,) = _session(machine, question)
    assert (_last(replies).error or "").endswith("int8: the model is gone; run the recipe again")


def test_odd_recordings_are_told(machine: Path, speech: str, tmp_path: Path) -> None:
    run = str(machine / "home" / "runs" / speech)
    (tmp_path / "noise.wav").write_bytes(b"nothing that is heard")
    for name, samples in (("silence", 16000), ("nothing", 0)):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(samples), 16000)
    names = ("silence", "nothing", "noise", "gone")
    silent, *wrong = map(
        _last,
        _session(machine, *(Question(run=run, audio=str(tmp_path / f"{it}.wav")) for it in names)),
    )
    assert silent.notes == ["the recording is silent: words that are said of it are made up"]
    assert list(silent.predictions) == ["fp32", "int8 weights"]
    told = ["without samples", "not WAV, FLAC, Ogg or MP3", "no such file"]
    assert all(part in (answers.error or "") for part, answers in zip(told, wrong, strict=True))


def test_a_session_tells_a_text_while_it_is_written(machine: Path, speech: str) -> None:
    run = machine / "home" / "runs" / speech
    (recording, *_) = sorted((run / "samples").glob("*.flac"))
    (replies,) = _session(machine, Question(run=str(run), audio=str(recording)))
    found = _last(replies)
    for variant, prediction in found.predictions.items():
        written = [it.text for it in replies if isinstance(it, Writes) and it.variant == variant]
        assert written[0] == ""  # it begins
        assert written[-1].split() == prediction.answer.split()
        assert [len(it) for it in written] == sorted(len(it) for it in written)


def test_a_session_that_dies_says_so_and_begins_anew(
    machine: Path, pictures: str, tmp_path: Path
) -> None:
    question = Question(
        run=str(machine / "home" / "runs" / pictures), image=picture(tmp_path / "a.png")
    )

    async def script() -> ModelAnswers:
        session = AskingSession()
        try:
            async for reply in session.ask(question):
                if isinstance(reply, Writes):
                    await session.close()  # as a killed process ends
        except UserError as error:
            assert "ended; see" in str(error)
        else:
            pytest.fail("nothing was said")
        replies = [reply async for reply in session.ask(question)]
        await session.close()
        return _last(replies)

    assert list(asyncio.run(script()).predictions) == ["fp32", "int8"]
