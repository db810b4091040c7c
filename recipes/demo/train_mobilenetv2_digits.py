"""Train the demo's MobileNetV2 on the digits: 9 minutes on 2 CPU cores here."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from digits import digits
from mobilenetv2 import mobilenetv2
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

WEIGHTS = Path(__file__).with_name("mobilenetv2-digits.safetensors")
SEED = 0
THREADS = 2
EPOCHS = 25
BATCH_SIZE = 32
MAX_LEARNING_RATE = 3e-3
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.05
MEAN = 0.5
STD = 0.5


def load(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a split's images, float32 [N, 3, 32, 32] from 0 to 1, and labels, int64 [N]."""
    rows = digits(split)
    images = torch.from_numpy(np.stack([row["image"] for row in rows]))
    labels = torch.tensor([row["label"] for row in rows])
    return images.permute(0, 3, 1, 2).float() / 255, labels


def normalise(images: torch.Tensor) -> torch.Tensor:
    """Map images, float32 [N, 3, 32, 32], from 0..1 to -1..1."""
    return (images - MEAN) / STD


def augment(images: torch.Tensor) -> torch.Tensor:
    """Randomly rotate, scale, shift and add noise to images, float32 [N, 3, 32, 32] from 0 to 1."""
    count = len(images)
    angle = torch.empty(count).uniform_(-math.pi / 12, math.pi / 12)
    scale = torch.empty(count).uniform_(0.85, 1.15)
    shift = torch.empty(count, 2, 1).uniform_(-0.1, 0.1)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(count, 2, 2)
    grid = functional.affine_grid(torch.cat([rotation, shift], dim=2), list(images.shape), False)
    # Outside the scan, grid_sample returns zero, which is the background.
    moved = functional.grid_sample(images, grid, align_corners=False)
    return (moved + 0.1 * torch.randn_like(moved)).clamp(0, 1)


def train(images: torch.Tensor, labels: torch.Tensor, epochs: int) -> nn.Module:
    """Train a new network on images, float32 [N, 3, 32, 32] from 0 to 1, with labels, int64 [N]."""
    model = mobilenetv2().to(memory_format=torch.channels_last)  # faster on CPU
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    # Decaying the batch norms' scales would kill channels, which quantizes badly.
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
            inputs = normalise(augment(images[batch])).to(memory_format=torch.channels_last)
            logits = model(inputs)
            loss = functional.cross_entropy(logits, labels[batch], label_smoothing=LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
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
def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of images, float32 [N, 3, 32, 32] from 0 to 1, that the model gets right."""
    logits = torch.cat([model(batch) for batch in normalise(images).split(BATCH_SIZE)])
    return (logits.argmax(1) == labels).double().mean().item()


def main() -> None:
    """Train, save the weights as float16 beside this file, and print their test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    epochs = parser.parse_args().epochs

    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(THREADS)  # the order of summation, and so the result, depends on it
    model = train(*load("train"), epochs)

    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    test = load("test")
    model.load_state_dict(weights)
    metadata = {"accuracy": round(accuracy(model, *test), 4), "seed": SEED, "epochs": epochs}
    save_file(weights, WEIGHTS, {key: str(value) for key, value in metadata.items()})

    reloaded = mobilenetv2().eval()
    reloaded.load_state_dict(load_file(WEIGHTS))
    print(f"FP32 test accuracy: {accuracy(reloaded, *test):.2%}")


if __name__ == "__main__":
    main()
