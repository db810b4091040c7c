"""Train the demo's Whisper on spoken digits: about 12 minutes on one CPU core, needs espeak-ng.

`python train_whisper_digits.py` writes whisper-digits/ (float16; loaded as float32) and prints what
that does with the test split's 120 clips, the language detected: word error rate 4.95 %
(transcribe) and 2.48 % (translate), language right 96.7 %. The shipped weights were trained in one
process per course.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
import torch
from speak_digits import SAMPLING_RATE, WORDS, shipped, utterances
from speech_windows import HOP, POSITIONS, Windows
from spoken_digits import spoken_digits
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers
from torch import nn
from torch.nn import functional
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizer,
)
from transformers.models.whisper.tokenization_whisper import LANGUAGES

FOLDER = Path(__file__).with_name("whisper-digits")
SEED = 0
THREADS = 1  # more do not pay at this size
UTTERANCES = 2000
WEIGHT_DECAY = 0.02

# Four seconds are enough to learn the words; recordings and their timestamps follow.
SHORT, LONGER, LONG = (80,), (80, 80, 160, 300), (80, 160, 300, POSITIONS)


@dataclass(frozen=True)
class Course:
    """One warm-up and decay of the learning rate."""

    steps: int
    max_learning_rate: float
    lengths: tuple[tuple[int, ...], ...]  # a window's positions, drawn from one after the other
    guided: bool  # whether the decoder is shown where each word is


COURSES = (
    Course(1300, 2e-3, (*[SHORT] * 7, *[LONGER] * 7, *[LONG] * 6), guided=False),
    Course(500, 1.5e-3, (SHORT, (80, 80, 160, 300, POSITIONS)), guided=True),
    Course(1200, 2e-3, (SHORT, SHORT, (80, 80, 160, 300, POSITIONS)), guided=True),
)

LONGEST_TEXT = 160  # tokens


def processor() -> WhisperProcessor:
    """Return Whisper's processor with a byte-pair vocabulary of the twenty words."""
    words = [f" {word}" for language in WORDS.values() for word in language]
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    pairs.train_from_iterator(
        words, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    learnt = json.loads(pairs.to_str())["model"]
    tokenizer = WhisperTokenizer(
        vocab=learnt["vocab"], merges=[tuple(merge) for merge in learnt["merges"]]
    )
    languages = [f"<|{language}|>" for language in LANGUAGES]
    rest = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    special = ["<|startoftranscript|>", *languages, *(f"<|{name}|>" for name in rest)]
    tokenizer.add_special_tokens({"extra_special_tokens": special})
    precision = 30 / POSITIONS
    tokenizer.add_tokens(
        [
            AddedToken(f"<|{position * precision:.2f}|>", normalized=False)
            for position in range(POSITIONS + 1)
        ]
    )
    extractor = WhisperFeatureExtractor(hop_length=HOP, n_fft=512)
    return WhisperProcessor(extractor, tokenizer)


def new_model(tokenizer: WhisperTokenizer) -> WhisperForConditionalGeneration:
    """Return the untrained network, 0.4 M parameters, with the tokenizer's ids in its settings."""
    names = ["endoftext", "startoftranscript", "startofprev", "notimestamps"]
    names += ["transcribe", "translate", *WORDS]
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in names}
    end = ids["endoftext"]
    shared = {
        "decoder_start_token_id": ids["startoftranscript"],
        "pad_token_id": end,
        "bos_token_id": end,
        "eos_token_id": end,
    }
    config = WhisperConfig(
        vocab_size=len(tokenizer),
        d_model=64,
        encoder_layers=3,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=256,
        decoder_ffn_dim=256,
        max_source_positions=POSITIONS,
        max_target_positions=LONGEST_TEXT,
        begin_suppress_tokens=None,
        **shared,
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config = GenerationConfig(
        max_length=LONGEST_TEXT,
        is_multilingual=True,
        lang_to_id={f"<|{language}|>": ids[language] for language in WORDS},
        task="transcribe",
        task_to_id={task: ids[task] for task in ("transcribe", "translate")},
        no_timestamps_token_id=ids["notimestamps"],
        prev_sot_token_id=ids["startofprev"],
        max_initial_timestamp_index=POSITIONS // 30,  # one second, as in Whisper
        return_timestamps=False,
        begin_suppress_tokens=[tokenizer.convert_tokens_to_ids("Ġ"), end],
        suppress_tokens=[],
        alignment_heads=[[1, head] for head in range(4)],
        **shared,
    )
    return model


def astray(attention: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Return how far cross-attention, [N, heads, T, P], is from places, [N, T, 2]: cross entropy.

    Guided attention (Tachibana et al., 2017, arXiv 1710.08969), here of half of the heads.
    """
    centre, width = places[..., :1], places[..., 1:]
    distance = (torch.arange(attention.shape[-1]) - centre) / width.clamp(min=1)
    target = torch.softmax(-0.5 * distance**2, dim=-1)[:, None]
    heads = attention[:, : attention.shape[1] // 2]
    entropy = -(target * (heads + 1e-6).log()).sum(-1).mean(1)
    known = width[..., 0] > 0
    return entropy[known].mean() if known.any() else entropy.sum() * 0


def encode(encoder: nn.Module, features: torch.Tensor) -> torch.Tensor:
    """Run the encoder on a window that is shorter than 30 s: float [N, 80, 2P] to [N, P, width]."""
    states = functional.gelu(encoder.conv1(features))
    states = functional.gelu(encoder.conv2(states)).permute(0, 2, 1)
    states = states + encoder.embed_positions.weight[: states.shape[1]]
    states = functional.dropout(states, 0.05, encoder.training)
    for layer in encoder.layers:
        states = layer(states, None)
    return encoder.layer_norm(states)


def train(model: WhisperForConditionalGeneration, windows: Windows, course: Course) -> None:
    """Train in place; a second head on the encoder, not kept, learns the order of words."""
    order = nn.Linear(model.config.d_model, 1 + 10 * len(WORDS))
    parameters = [p for p in [*model.parameters(), *order.parameters()] if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1]},
            {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
        ],
        weight_decay=WEIGHT_DECAY,
        betas=(0.9, 0.98),
        fused=True,
    )
    steps = course.steps
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, course.max_learning_rate, total_steps=steps, pct_start=0.1
    )
    if course.guided:
        model.set_attn_implementation("eager")  # the only one that tells its weights
    start = time.perf_counter()
    model.train()
    sums = np.zeros(2)
    for step in range(steps):
        lengths = course.lengths[step * len(course.lengths) // steps]
        batch = windows.batch(windows.random.choice(lengths))
        features, inputs, labels, classes, places = batch
        states = encode(model.model.encoder, features)
        decoded = model.model.decoder(
            inputs,
            encoder_hidden_states=states,
            use_cache=False,
            output_attentions=course.guided,
        )
        logits = model.proj_out(decoded.last_hidden_state)
        loss = functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten(), label_smoothing=0.02
        )
        spoken = functional.log_softmax(order(states), -1).transpose(0, 1)
        order_loss = functional.ctc_loss(
            spoken,
            torch.tensor([word for row in classes for word in row]),
            torch.full((len(classes),), states.shape[1]),
            torch.tensor([len(row) for row in classes]),
            zero_infinity=True,
        )
        total = loss + 0.5 * order_loss
        if course.guided:
            total = total + 0.3 * sum(astray(layer, places) for layer in decoded.cross_attentions)
        optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        sums += loss.item(), order_loss.item()
        if (step + 1) % 50 == 0:
            losses = "  ".join(f"{value / 50:.4f}" for value in sums)
            print(
                f"step {step + 1}/{steps}  loss {losses}  {time.perf_counter() - start:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            sums[:] = 0
    model.eval().set_attn_implementation("sdpa")


@torch.inference_mode()
def evaluate(
    model: WhisperForConditionalGeneration, tools: WhisperProcessor, split: str
) -> dict[str, float]:
    """Return word error rates of both tasks, and how often the language is heard right."""
    rows = spoken_digits(split)
    sounds = [row["audio"] for row in rows]
    features = tools(sounds, sampling_rate=SAMPLING_RATE, return_tensors="pt").input_features
    found = {}
    for task, column in (("transcribe", "text"), ("translate", "translation")):
        texts = []
        for batch in features.split(20):
            tokens = model.generate(batch, task=task)
            texts += tools.batch_decode(tokens, skip_special_tokens=True)
        found[task] = jiwer.wer([row[column] for row in rows], texts)
    heard = torch.cat([model.detect_language(batch) for batch in features.split(20)]).tolist()
    right = [model.generation_config.lang_to_id[f"<|{row['language']}|>"] for row in rows]
    found["language"] = sum(a == b for a, b in zip(heard, right, strict=True)) / len(rows)
    return found


def name_tokens_as_before() -> None:
    """Call the special tokens as transformers 4 does, which optimum-intel needs; 5 reads both."""
    path = FOLDER / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["additional_special_tokens"] = settings.pop("extra_special_tokens")
    text = json.dumps(dict(sorted(settings.items())), indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    """Train, save the model as float16 beside this file, and print what the saved folder does."""
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    held_out = frozenset(u.digits for u in shipped()["test"])
    spoken = utterances("train", UTTERANCES, random.Random(SEED + 1), held_out)
    tools = processor()
    model = new_model(tools.tokenizer)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", file=sys.stderr)
    for number, course in enumerate(COURSES):
        train(model, Windows(tools, spoken, SEED + number), course)
        model.half().float()  # each course ends with what is stored
        torch.manual_seed(SEED + 1 + number)
    model.half().save_pretrained(FOLDER)
    tools.save_pretrained(FOLDER)
    tools.feature_extractor.save_pretrained(FOLDER)  # where openvino-genai looks for it
    name_tokens_as_before()

    model = WhisperForConditionalGeneration.from_pretrained(FOLDER, dtype=torch.float32).eval()
    print(evaluate(model, WhisperProcessor.from_pretrained(FOLDER), "test"))


if __name__ == "__main__":
    main()
