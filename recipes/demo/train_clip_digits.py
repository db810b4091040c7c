"""Train the demo's CLIP on captioned digits, from nothing: 2 minutes on one CPU core here."""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from captions import NAMES, TEMPLATES
from digits import SIZE, digits
from torch.nn import functional
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    PreTrainedTokenizerBase,
)
from transformers.convert_slow_tokenizer import bytes_to_unicode

FOLDER = Path(__file__).with_name("clip-digits")
SEED = 0
THREADS = 1
EPOCHS = 40
BATCH_SIZE = 64
MAX_LEARNING_RATE = 3e-3
WEIGHT_DECAY = 0.05
MOST_TOKENS = 24
VOCABULARY = 640


def tokenizer() -> PreTrainedTokenizerBase:
    """Return a CLIP tokenizer: byte pairs merged as often as the captions suggest."""
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    special = ["<|startoftext|>", "<|endoftext|>"]
    bare = CLIPTokenizer(vocab={word: i for i, word in enumerate([*words, *special])}, merges=[])
    texts = [template.format(name) for template in TEMPLATES for name in NAMES]
    trained = bare.train_new_from_iterator(texts, VOCABULARY, initial_alphabet=words)
    trained.model_max_length = MOST_TOKENS
    return trained


def untrained(tokens: PreTrainedTokenizerBase) -> CLIPModel:
    """Return a small CLIP: pictures of 32x32 in patches of 8x8, texts of 24 tokens at most."""
    common = {"num_attention_heads": 4, "projection_dim": 64}
    text = common | {
        "hidden_size": 64,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "vocab_size": len(tokens),
        "max_position_embeddings": MOST_TOKENS,
        "bos_token_id": tokens.bos_token_id,
        "eos_token_id": tokens.eos_token_id,
        "pad_token_id": tokens.pad_token_id,
    }
    vision = common | {
        "hidden_size": 96,
        "intermediate_size": 384,
        "num_hidden_layers": 3,
        "image_size": SIZE,
        "patch_size": 8,
    }
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=64))


def processor(tokens: PreTrainedTokenizerBase) -> CLIPProcessor:
    """Return what turns pictures and texts into the model's inputs."""
    size = {"height": SIZE, "width": SIZE}
    half = [0.5, 0.5, 0.5]
    images = CLIPImageProcessorPil(
        size={"shortest_edge": SIZE}, crop_size=size, image_mean=half, image_std=half
    )
    return CLIPProcessor(images, tokens)


def load(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a split's images, float32 [N, 3, 32, 32] from 0 to 1, and labels, int64 [N]."""
    rows = digits(split)
    images = torch.from_numpy(np.stack([row["image"] for row in rows]))
    labels = torch.tensor([row["label"] for row in rows])
    return images.permute(0, 3, 1, 2).float() / 255, labels


def augment(images: torch.Tensor) -> torch.Tensor:
    """Randomly rotate, scale, shift and add noise to images, float32 [N, 3, 32, 32] from 0 to 1."""
    count = len(images)
    angle = torch.empty(count).uniform_(-math.pi / 12, math.pi / 12)
    scale = torch.empty(count).uniform_(0.85, 1.15)
    shift = torch.empty(count, 2, 1).uniform_(-0.1, 0.1)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(count, 2, 2)
    grid = functional.affine_grid(torch.cat([rotation, shift], dim=2), list(images.shape), False)
    moved = functional.grid_sample(images, grid, align_corners=False)
    return (moved + 0.1 * torch.randn_like(moved)).clamp(0, 1)


def texts(tokens: PreTrainedTokenizerBase, templates: list[str]) -> dict[str, torch.Tensor]:
    """Return the tokens of one caption for each digit, int64 [10, tokens]."""
    captions = [template.format(name) for template, name in zip(templates, NAMES, strict=True)]
    return dict(tokens(captions, padding=True, return_tensors="pt"))


def train(tokens: PreTrainedTokenizerBase, epochs: int) -> CLIPModel:
    """Train a model to find each picture's caption among one for each digit."""
    images, labels = load("train")
    model = untrained(tokens)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}], weight_decay=WEIGHT_DECAY
    )
    steps = math.ceil(len(images) / BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, MAX_LEARNING_RATE, total_steps=epochs * steps
    )
    start = time.perf_counter()
    model.train()
    for epoch in range(1, epochs + 1):
        loss_sum, correct = 0.0, 0
        for batch in torch.randperm(len(images)).split(BATCH_SIZE):
            pixels = (augment(images[batch]) - 0.5) / 0.5
            captions = texts(tokens, random.choices(TEMPLATES, k=len(NAMES)))
            logits = model(pixel_values=pixels, **captions).logits_per_image
            loss = functional.cross_entropy(logits, labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            loss_sum += loss.item() * len(batch)
            correct += int((logits.argmax(1) == labels[batch]).sum())
        print(
            f"epoch {epoch}/{epochs}  loss {loss_sum / len(images):.4f}"
            f"  train accuracy {correct / len(images):.2%}  {time.perf_counter() - start:.0f} s",
            file=sys.stderr,
        )
    return model.eval()


@torch.inference_mode()
def accuracy(folder: Path) -> float:
    """Return the share of test pictures whose caption the saved model finds, as a user loads it."""
    model, process = CLIPModel.from_pretrained(folder).eval(), CLIPProcessor.from_pretrained(folder)
    rows = digits("test")
    inputs = process(
        text=[f"a photo of the digit {name}" for name in NAMES],
        images=[row["image"] for row in rows],
        return_tensors="pt",
        padding=True,
    )
    found = model(**inputs).logits_per_image.argmax(1)
    return (found == torch.tensor([row["label"] for row in rows])).double().mean().item()


def main() -> None:
    """Train, save model and processor beside this file, and print their test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    epochs = parser.parse_args().epochs

    torch.manual_seed(SEED)
    random.seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(THREADS)  # the order of summation, and so the result, depends on it
    tokens = tokenizer()
    model = train(tokens, epochs)
    model.save_pretrained(FOLDER)
    processor(tokens).save_pretrained(FOLDER)
    print(f"FP32 test accuracy: {accuracy(FOLDER):.2%}")


if __name__ == "__main__":
    main()
