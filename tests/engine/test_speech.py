"""Speech: recordings of every form, and Whisper's windows, languages and times."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import datasets
import msgspec
import numpy as np
import openvino as ov
import pyarrow.parquet
import pytest
import soundfile
import torch
import transformers

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.results.prediction import TextPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.ask.ask_models import _prepared
from ovtui.engine.ask.asking import to_nobody
from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import swap
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.data.audio import read_audio
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Rows, RowWriter, Unusable
from ovtui.engine.tasks.speech_recognition import SpeechRecognition
from ovtui.engine.tasks.whisper import Whisper

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
RATE = 16000
TONE = (0.5 * np.sin(np.arange(RATE) * 0.05)).astype(np.float32)
F32 = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


def recipe(*overrides: str) -> Recipe:
    """The demo's."""
    return recipes.load(DEMO / "whisper-digits.toml", list(overrides))


def opened(*overrides: str, folder: Path = DEMO / "whisper-digits") -> SpeechRecognition:
    """The demo's task."""
    return SpeechRecognition(recipe(*overrides), Labels(None), folder, None)


@pytest.fixture(scope="module")
def model() -> Any:
    """The demo's Whisper."""
    torch.set_num_threads(1)
    return transformers.AutoModelForSpeechSeq2Seq.from_pretrained(
        DEMO / "whisper-digits", dtype=torch.float32
    ).eval()


@pytest.fixture(scope="module")
def spoken() -> list[dict[str, Any]]:
    """The demo's recordings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DEMO))
        module: ModuleType = importlib.import_module("spoken_digits")
        rows: list[dict[str, Any]] = module.spoken_digits("test")
        return rows


def said(task: SpeechRecognition, model: Any, row: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """What the model says of a row."""
    inputs = {name: torch.from_numpy(array) for name, array in task.inputs(row).items()}
    with torch.inference_mode():
        tokens = task.generate(model, inputs, **limits)
    assert tokens.dtype == torch.int64 and tokens.shape[0] == 1
    return task.predict([tokens.numpy()])[0]


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_files(tmp_path: Path, suffix: str) -> None:
    stereo = np.stack([TONE, np.zeros_like(TONE)], axis=1)
    soundfile.write(tmp_path / f"a.{suffix}", stereo, RATE)
    from_path = read_audio(f"a.{suffix}", tmp_path, None, RATE)
    assert from_path.dtype == np.float32 and from_path.shape == TONE.shape
    np.testing.assert_allclose(from_path, TONE / 2, atol=0.02)
    data = (tmp_path / f"a.{suffix}").read_bytes()
    for cell in (data, {"bytes": data, "path": None}, {"bytes": None, "path": f"a.{suffix}"}):
        np.testing.assert_array_equal(read_audio(cell, tmp_path, None, RATE), from_path)


@pytest.mark.parametrize(
    "cell",
    [
        TONE,
        TONE.tolist(),
        np.stack([TONE, TONE]),
        np.stack([TONE, TONE], axis=1),
        (TONE * 32768).astype(np.int16),
        ((TONE + 1) * 128).astype(np.uint8),
        {"array": TONE, "sampling_rate": RATE, "path": "gone.wav"},
    ],
)
def test_arrays(cell: Any) -> None:
    np.testing.assert_allclose(read_audio(cell, None, None, RATE), TONE, atol=1 / 128)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_other_rates(rate: int) -> None:
    times = np.arange(rate) / rate
    sound = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    found = read_audio(sound, None, rate, RATE)
    assert found.shape == (RATE,) and found.dtype == np.float32
    middle = slice(1000, -1000)  # the filter fades in and out
    expected = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    np.testing.assert_allclose(found[middle], expected[middle], atol=0.01)


@pytest.mark.parametrize("cell", [b"no sound", "gone.wav", [], np.array([0.0, np.nan])])
def test_unusable_recordings(cell: Any, tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        read_audio(cell, tmp_path, None, RATE)


@pytest.mark.parametrize("rate", [2**31 - 1, -16000, 0, 16000.5, "fast", float("inf")])
def test_rates_that_no_recording_has(rate: Any) -> None:
    with pytest.raises(Unusable, match="sampling rate .*: expected 100 to 768000"):
        read_audio({"array": TONE, "sampling_rate": rate}, None, None, RATE)


def test_a_small_file_of_a_huge_rate_or_length(tmp_path: Path, monkeypatch: Any) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, RATE)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[24:28] = (2**31 - 1).to_bytes(4, "little")
    with pytest.raises(Unusable, match="sampling rate 2147483647"):
        read_audio(bytes(data), None, None, RATE)
    monkeypatch.setattr("ovtui.engine.data.audio._MOST_SAMPLES", len(TONE) - 1)
    with pytest.raises(Unusable, match="hours; cut it into recordings of at most"):
        read_audio("a.wav", tmp_path, None, RATE)
    with pytest.raises(Unusable, match="hours; cut it"):
        read_audio(TONE, None, RATE - 1, RATE)


@pytest.mark.parametrize("cell", [None, 3, ["a"], np.zeros((2, 2, 2)), {"other": 1}])
def test_what_is_no_recording(cell: Any) -> None:
    with pytest.raises(SourceError, match="audio: expected"):
        read_audio(cell, None, None, RATE)


def test_rows_keep_recordings(tmp_path: Path) -> None:
    with RowWriter(tmp_path) as writer:
        writer.append({"audio": TONE, "sampling_rate": RATE})
        writer.append({"audio": {"array": TONE[:100], "sampling_rate": 8000}})
    rows = Rows(tmp_path)
    np.testing.assert_array_equal(read_audio(rows[0]["audio"], None, RATE, RATE), TONE)
    assert read_audio(rows[1]["audio"], None, None, RATE).shape == (200,)


def test_a_table_with_audio_is_not_decoded_by_datasets(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", TONE, RATE)
    data = (tmp_path / "a.flac").read_bytes()
    features = datasets.Features({"audio": datasets.Audio(), "text": datasets.Value("string")})
    cells = [{"bytes": data, "path": None}, {"bytes": None, "path": str(tmp_path / "a.flac")}]
    table = pyarrow.table({"audio": cells, "text": ["a", "b"]}, schema=features.arrow_schema)
    pyarrow.parquet.write_table(table, tmp_path / "table.parquet")
    asked = recipe(
        f"data.source={tmp_path / 'table.parquet'}",
        "data.calibration.split=all[:1]",
        "data.evaluation.split=all[1:]",
    )
    for use in ("calibration", "evaluation"):
        selection, task = open_samples(placed(asked, DEMO), use, references=use == "evaluation")
        ((_, row),) = selection
        assert task.inputs(row)["input_features"].shape == (1, 80, 1200)


def test_words_and_errors(model: Any, spoken: list[dict[str, Any]]) -> None:
    task = opened()
    assert task.paths(model) == {"encoder": "model.encoder", "decoder": ""}
    wrong = 0
    for row in spoken[:8]:
        features = task.inputs(row)["input_features"]
        expected = model.generate(torch.from_numpy(features))
        found = said(task, model, row)
        assert found["tokens"] == expected[0].tolist()
        assert task.describe(found) == TextPrediction(text=found["text"])
        wrong += task.answer(found) != task.reference(row)
    assert wrong <= 2


def test_translation(model: Any, spoken: list[dict[str, Any]]) -> None:
    task = opened("generation.translate=true", "data.columns={text = 'translation'}")
    german = [row for row in spoken if row["language"] == "de"][:6]
    right = [said(task, model, row)["text"] == row["translation"] for row in german]
    assert sum(right) >= 5
    assert task.normalised("twenty two") == "22", "a translation is English"


def test_a_language_that_is_given_is_not_listened_for(
    model: Any, spoken: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = opened("generation.language=German")
    monkeypatch.setattr(model, "detect_language", None)
    english = next(row for row in spoken if row["language"] == "en")
    assert said(given, model, english)["text"] != english["text"]
    with pytest.raises(SourceError, match="generation.language: the model knows no 'dee', did you"):
        opened("generation.language=dee").settings(model)


def test_times_of_a_short_recording(model: Any, spoken: list[dict[str, Any]]) -> None:
    found = said(opened(), model, spoken[0], return_timestamps=True)
    (segment,) = found["segments"]
    assert segment == {"start": 0.0, "end": 2.0, "text": spoken[0]["text"]}  # of 1.985 s
    assert msgspec.to_builtins(opened().describe(found))["segments"] == [segment]


def test_a_recording_longer_than_the_window(model: Any, spoken: list[dict[str, Any]]) -> None:
    task = opened()
    pause = np.zeros(RATE // 2, np.float32)
    english = [row["audio"] for row in spoken if row["language"] == "en"][:26]
    long = {"audio": np.concatenate([part for sound in english for part in (sound, pause)])}
    inputs = task.inputs(long)
    assert inputs["input_features"].shape[-1] > 1200
    found = said(task, model, long)
    segments = found["segments"]
    assert segments[0]["text"] == spoken[0]["text"]
    assert all(one["end"] > one["start"] for one in segments)
    assert segments[-1]["end"] > 31, "beyond the vocabulary's times"
    reference = model.generate(
        torch.from_numpy(inputs["input_features"]), return_timestamps=True, return_segments=True,
        time_precision=0.05, time_precision_features=0.025,
    )["segments"][0]  # fmt: skip
    assert [one["end"] for one in segments] == pytest.approx([float(it["end"]) for it in reference])


def test_settings_that_transformers_would_drop(tmp_path: Path, model: Any) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEMO / "whisper-digits", folder)
    path = folder / "generation_config.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | {"_from_model_config": True}))
    cut = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(folder, dtype=torch.float32).eval()
    assert not hasattr(cut.generation_config, "lang_to_id")
    row = {"audio": TONE}
    task = opened(folder=folder)
    assert said(task, cut, row)["tokens"] == said(opened(), model, row)["tokens"]
    assert "generation_config" not in opened().settings(model)


def test_a_model_that_knows_english_alone(tmp_path: Path, model: Any) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEMO / "whisper-digits", folder)
    path = folder / "generation_config.json"
    table = json.loads(path.read_text()) | {"is_multilingual": False}
    path.write_text(json.dumps({k: v for k, v in table.items() if not k.endswith("_to_id")}))
    (folder / "normalizer.json").write_text('{"colour": "color"}')
    task = opened("generation.language=en", folder=folder)
    assert "language" not in task.settings(model) and "task" not in task.settings(model)
    assert opened(folder=folder).normalised("Twenty colours' colour") == "20 colours color"
    with pytest.raises(SourceError, match="cannot translate"):
        opened("generation.translate=true", folder=folder).settings(model)


def test_swapped_components_hear_the_language(model: Any, spoken: list[dict[str, Any]]) -> None:
    task = opened()
    rows = spoken[:4]
    expected = [said(task, model, row)["tokens"] for row in rows]
    copy = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(
        DEMO / "whisper-digits", dtype=torch.float32
    ).eval()
    paths = task.paths(copy)
    modules = {name: copy.get_submodule(path) for name, path in paths.items()}
    with observed(modules) as calls:
        for row in rows[:2]:
            said(task, copy, row)
    assert len(calls["encoder"]) == 2, "the language is told by states that are then used"
    for name, path in paths.items():
        signature = signature_of(path, calls[name])
        graph, component = convert_component(modules[name], signature), signature.component
        graph = make_stateful(graph) if component.own else graph
        swap(copy, component, ov.Core().compile_model(graph, "CPU", F32))
    assert [said(task, copy, row)["tokens"] for row in rows] == expected
    assert "segments" in said(task, copy, rows[0], return_timestamps=True)


def test_what_is_shown(tmp_path: Path) -> None:
    task = opened()
    shown = task.show({"audio": TONE[:8000]}, tmp_path, "7")
    assert shown == {"audio": f"{tmp_path.name}/7.flac", "seconds": 0.5}
    assert soundfile.info(tmp_path / "7.flac").frames == 8000
    assert task.words({"audio": "talks/one.wav"}) == {"recording": "one.wav"}


def test_the_step_of_time_is_the_models_own() -> None:
    processor = transformers.AutoProcessor.from_pretrained(DEMO / "whisper-digits")
    whisper = Whisper(DEMO / "whisper-digits", processor.feature_extractor)
    (segment,) = whisper.segments(np.array([429, 312, 429 + 700]))
    assert (segment.start, segment.end, segment.tokens.tolist()) == (0, 35.0, [312])


def test_segments_end_with_the_recording() -> None:
    row = {"audio": np.zeros(2 * RATE + 800, np.float32)}  # 2.05 s
    segments = [
        {"start": 0.0, "end": 1.5, "text": "a"},
        {"start": 1.5, "end": 4.0, "text": "b"},
        {"start": 2.05, "end": 3.0, "text": "c"},
        {"start": 30.0, "end": 51.0, "text": "d"},
    ]
    found = opened().within(row, {"text": "a b c d", "tokens": [], "segments": segments})
    assert found["segments"] == [segments[0], {"start": 1.5, "end": 2.05, "text": "b"}]
    assert found["text"] == "a b c d", "what the model says"
    without = {"text": "a", "tokens": []}
    assert opened().within({"audio": "gone.wav"}, without) == without


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("generation.language=xx", "generation.language: the model knows no 'xx'"),
        ("generation.language=german", ""),
        ("generation.translate=true", ""),
    ],
)
def test_languages_are_known_before_anything_is_loaded(setting: str, told: str) -> None:
    task = opened(setting)
    if told:
        with pytest.raises(SourceError, match=told):
            task.check_language()
    else:
        task.check_language()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("generation.language=de", "'de' cannot be told to this model"),
        ("generation.translate=true", "generation.translate: this model cannot"),
    ],
)
def test_a_model_that_is_no_whisper_is_told_nothing(
    tmp_path: Path, setting: str, told: str
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "wav2vec2"}')
    with pytest.raises(SourceError, match=told):
        opened(setting, folder=tmp_path).check_language()
    task = opened("generation.language=en", folder=tmp_path)
    task.check_language()
    assert not task.ends_by_itself, "it names a letter for each moment"


def test_a_language_of_the_recipe_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(task: SpeechRecognition) -> None:
        raise SourceError("no such language")

    monkeypatch.setattr(SpeechRecognition, "check_language", refuses)
    row = {"audio": str(DEMO / "spoken-digits" / "test-000.flac")}
    assert (
        _prepared(opened(), row, Question(run=""), to_nobody)[1][0]["input_features"].shape[0] == 1
    )
    for given in ({"language": "de"}, {"translate": False}):
        with pytest.raises(SourceError, match="no such language"):
            _prepared(opened(), row, Question(run="", **given), to_nobody)


def test_a_long_recording_of_many_channels_is_read_in_blocks(
    tmp_path: Path, monkeypatch: Any
) -> None:
    channels = np.random.default_rng(0).uniform(-1, 1, (1000, 6)).astype(np.float32)
    soundfile.write(tmp_path / "six.wav", channels, RATE, subtype="FLOAT")
    monkeypatch.setattr("ovtui.engine.data.audio._BLOCK", 300)
    monkeypatch.setattr("ovtui.engine.data.audio._MOST_SAMPLES", 1000)  # of one channel
    found = read_audio("six.wav", tmp_path, None, RATE)
    np.testing.assert_array_equal(found, channels.mean(axis=1))
