"""The demo's BLIP and Whisper load offline as the full-size models do, and work."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import jiwer
import pytest
import torch

DEMO = Path(__file__).parents[1] / "recipes" / "demo"
LIMIT = 3_000_000  # bytes, of weights and of shipped data


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's folder, importable, and no network."""
    monkeypatch.syspath_prepend(str(DEMO))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return DEMO


def module(name: str) -> ModuleType:
    """Import one of the demo's modules."""
    return importlib.import_module(name)


@pytest.mark.parametrize(
    "folder", ["blip-digits", "llama-sums", "segformer-digits", "whisper-digits"]
)
def test_weights_are_small(folder: str) -> None:
    assert (DEMO / folder / "model.safetensors").stat().st_size <= LIMIT


def test_recordings_are_small() -> None:
    files = list((DEMO / "spoken-digits").iterdir())
    assert len(files) > 100
    assert sum(file.stat().st_size for file in files) <= LIMIT


def test_scans_are_of_one_split_only(demo: Path) -> None:
    pictures = module("digit_pictures")
    train, test = pictures.scans("train")[0], pictures.scans("test")[0]
    assert not {scan.tobytes() for scan in train} & {scan.tobytes() for scan in test}


def test_segformer_tells_digits_apart_where_their_masks_are(demo: Path) -> None:
    rows = module("digit_scenes").digit_scenes("test")[:60]
    for row in rows:
        inside = row["mask"] * 0
        for (left, top, width, height), digit in zip(*row["objects"].values(), strict=True):
            place = slice(int(top), int(top + height)), slice(int(left), int(left + width))
            inside[place] = row["mask"][place]
            assert set(row["mask"][place].ravel()) == {0, digit + 1}
        assert (inside == row["mask"]).all()
    assert module("train_segformer_digits").mean_iou(demo / "segformer-digits", rows) >= 0.6


def test_questions_and_captions_are_of_the_same_pictures(demo: Path) -> None:
    pictures = module("digit_pictures")
    rows = pictures.digit_questions("test")
    captions = pictures.digit_captions("test")
    assert len(rows) >= 500
    for row in rows:
        assert row["image"].tobytes() == captions[row["image_id"]]["image"].tobytes()
    with pytest.raises(ValueError, match="unknown split 'dev'; valid splits: train, test"):
        pictures.digit_questions("dev")


def test_blip_answers_and_describes(demo: Path) -> None:
    from transformers import (
        BlipForConditionalGeneration,
        BlipForQuestionAnswering,
        BlipProcessor,
    )

    pictures = module("digit_pictures")
    tools = BlipProcessor.from_pretrained(demo / "blip-digits")
    model = BlipForQuestionAnswering.from_pretrained(demo / "blip-digits", dtype=torch.float32)
    rows = pictures.digit_questions("test")[:600]
    right = 0
    for question in {row["question"] for row in rows}:
        asked = [row for row in rows if row["question"] == question]
        images = [row["image"] for row in asked]
        inputs = tools(images, [question] * len(asked), return_tensors="pt")
        tokens = model.eval().generate(**inputs, max_new_tokens=10)
        answers = tools.batch_decode(tokens, skip_special_tokens=True)
        right += sum(answer in row["answers"] for answer, row in zip(answers, asked, strict=True))
    assert right >= 0.95 * len(rows)

    captioner = BlipForConditionalGeneration.from_pretrained(
        demo / "blip-digits", dtype=torch.float32
    )
    decoder = model.text_decoder.state_dict()
    for name, value in captioner.text_decoder.state_dict().items():
        assert torch.equal(value, decoder[name])  # one decoder for both
    rows = pictures.digit_captions("test")[:150]
    inputs = tools([row["image"] for row in rows], return_tensors="pt")
    texts = tools.batch_decode(
        captioner.eval().generate(**inputs, max_new_tokens=10), skip_special_tokens=True
    )
    right = sum(text in row["captions"] for text, row in zip(texts, rows, strict=True))
    assert right >= 0.93 * len(rows)


def test_recordings_have_both_languages_in_both_splits(demo: Path) -> None:
    recordings = module("spoken_digits")
    train, test = recordings.spoken_digits("train"), recordings.spoken_digits("test")
    for rows in (train, test):
        assert {row["language"] for row in rows} == {"en", "de"}
        assert {row["sampling_rate"] for row in rows} == {16000}
    long = {row["translation"] for row in test if len(row["text"].split()) > 2}
    assert not long & {row["translation"] for row in train}
    with pytest.raises(ValueError, match="unknown split 'dev'; valid splits: train, test"):
        recordings.spoken_digits("dev")


def test_whisper_transcribes_translates_and_hears_the_language(demo: Path) -> None:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    rows = module("spoken_digits").spoken_digits("test")
    tools = WhisperProcessor.from_pretrained(demo / "whisper-digits")
    model = WhisperForConditionalGeneration.from_pretrained(
        demo / "whisper-digits", dtype=torch.float32
    ).eval()
    features = tools(
        [row["audio"] for row in rows], sampling_rate=16000, return_tensors="pt"
    ).input_features
    for task, column in (("transcribe", "text"), ("translate", "translation")):
        tokens = model.generate(features, task=task)
        texts = tools.batch_decode(tokens, skip_special_tokens=True)
        assert jiwer.wer([row[column] for row in rows], texts) <= 0.05
    heard = model.detect_language(features).tolist()
    languages = model.generation_config.lang_to_id
    spoken = [languages[f"<|{row['language']}|>"] for row in rows]
    assert sum(a == b for a, b in zip(heard, spoken, strict=True)) >= 0.95 * len(rows)


def test_texts_are_of_one_split_only(demo: Path) -> None:
    sums = module("sums_in_words")
    train, test = sums.texts("train"), sums.texts("test")
    assert (len(train), len(test)) == (200, 300)
    assert not {row["text"] for row in train} & {row["text"] for row in test}
    assert test == sums.texts("test")
    assert [sums.number(it) for it in (0, 19, 20, 48)] == [
        "zero",
        "nineteen",
        "twenty",
        "forty-eight",
    ]
    with pytest.raises(ValueError, match="unknown split 'dev'; valid splits: train, test"):
        sums.texts("dev")


def test_llama_goes_on_with_sums(demo: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(demo / "llama-sums")
    model = AutoModelForCausalLM.from_pretrained(demo / "llama-sums", dtype=torch.float32).eval()
    rows = module("sums_in_words").texts("test")[:60]
    right = 0
    for row in rows:
        ids = torch.tensor([tokenizer(row["text"])["input_ids"]])
        tokens = model.generate(ids, max_new_tokens=8)
        text = tokenizer.decode(tokens[0, ids.shape[1] :], skip_special_tokens=True)
        right += text == row["target"]
    assert right >= 0.75 * len(rows)
