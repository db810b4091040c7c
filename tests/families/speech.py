"""Families that hear: with a decoder that writes, or a letter for each moment (CTC)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import transformers

from tests.families.family import Family, lively
from tests.families.texts import SEQ2SEQ, TEXT, WIDTH, write_words

TASK = "automatic-speech-recognition"
RATE = 16000
_LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ABCDEFGHIJKL"]
_LISTENER = {"feature_size": 1, "sampling_rate": RATE, "padding_value": 0.0}
_CONVOLUTIONS = {
    "conv_dim": [16, 16, 16], "conv_stride": [5, 4, 4], "conv_kernel": [10, 8, 4],
    "num_feat_extract_layers": 3, "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}  # fmt: skip


def whisper(folder: Path) -> None:
    """A folder that names no class of a processor, as older ones do not."""
    config = transformers.WhisperConfig(
        **{**SEQ2SEQ, "max_source_positions": 50, "max_target_positions": 32, "num_mel_bins": 8}
    )
    model = lively(transformers.WhisperForConditionalGeneration(config))
    # Padding is the end, as in Whisper's own: an answer of another padding alone is an error.
    model.generation_config.update(decoder_start_token_id=2, eos_token_id=3, pad_token_id=3)
    model.save_pretrained(folder)
    transformers.WhisperFeatureExtractor(feature_size=8, chunk_length=1).save_pretrained(folder)
    write_words(folder)


def moonshine(folder: Path) -> None:
    """One with a processor's class in its files."""
    config = transformers.MoonshineConfig(
        vocab_size=TEXT["vocab_size"], hidden_size=WIDTH, intermediate_size=32,
        encoder_num_hidden_layers=2, decoder_num_hidden_layers=2, encoder_num_attention_heads=2,
        decoder_num_attention_heads=2, max_position_embeddings=64, bos_token_id=2, eos_token_id=3,
        pad_token_id=0, decoder_start_token_id=2,
    )  # fmt: skip
    lively(transformers.MoonshineForConditionalGeneration(config)).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=False, return_attention_mask=True, **_LISTENER
    ).save_pretrained(folder)
    write_words(folder)
    for name in ("tokenizer_config.json", "preprocessor_config.json"):
        table = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(table | {"processor_class": "Wav2Vec2Processor"}))


def speech_to_text(folder: Path) -> None:
    """Features are computed by what transformers has without torchaudio."""
    config = transformers.Speech2TextConfig(
        **{**SEQ2SEQ, "input_feat_per_channel": 8, "num_conv_layers": 2, "conv_channels": 16}
    )
    lively(transformers.Speech2TextForConditionalGeneration(config)).save_pretrained(folder)
    transformers.Speech2TextFeatureExtractor(
        feature_size=8, num_mel_bins=8, sampling_rate=RATE
    ).save_pretrained(folder)
    write_words(folder)


def speecht5(folder: Path) -> None:
    """Its processor takes sound as `audio` alone."""
    config = transformers.SpeechT5Config(
        vocab_size=TEXT["vocab_size"], hidden_size=WIDTH, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, bos_token_id=2, eos_token_id=3, pad_token_id=0,
        decoder_start_token_id=2, max_text_positions=64, **_CONVOLUTIONS,
    )  # fmt: skip
    lively(transformers.SpeechT5ForSpeechToText(config)).save_pretrained(folder)
    transformers.SpeechT5FeatureExtractor(**_LISTENER).save_pretrained(folder)
    write_words(folder)


def ctc(name: str, **further: Any) -> Any:
    """What writes a folder of a CTC model with letters for tokens."""

    def write(folder: Path) -> None:
        config = getattr(transformers, f"{name}Config")(
            vocab_size=len(_LETTERS), hidden_size=WIDTH, num_hidden_layers=2,
            num_attention_heads=2, intermediate_size=32, pad_token_id=0, bos_token_id=1,
            eos_token_id=2, **_CONVOLUTIONS | further,
        )  # fmt: skip
        lively(getattr(transformers, f"{name}ForCTC")(config)).save_pretrained(folder)
        (folder / "vocab.json").write_text(json.dumps({it: k for k, it in enumerate(_LETTERS)}))
        tokenizer = transformers.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
        transformers.Wav2Vec2Processor(
            transformers.Wav2Vec2FeatureExtractor(do_normalize=True, **_LISTENER), tokenizer
        ).save_pretrained(folder)

    return write


HEARERS = (
    Family("Whisper", TASK, whisper),
    Family("Moonshine", TASK, moonshine),
    Family("Speech2Text", TASK, speech_to_text),
    Family("SpeechT5", TASK, speecht5),
    Family("wav2vec 2.0 (CTC)", TASK, ctc("Wav2Vec2"), components={"model": ""}),
    Family("HuBERT (CTC)", TASK, ctc("Hubert"), components={"model": ""}),
    Family("WavLM (CTC)", TASK, ctc("WavLM"), components={"model": ""}),
)
