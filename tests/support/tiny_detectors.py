"""Detectors made here: random ones of transformers, and a graph that sees coloured squares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset15 as ops

from tests.support.square_pictures import recipe_of, write

NAMES = ["cat", "dog", "ship"]
"""Classes; the graph tells them by red, green and blue."""
SIDE, CELL = 64, 8
"""Pixels of the graph's input, and of the cells that it looks at."""

ROWS = '''
"""Pictures with coloured squares, which lie where a detector of cells of 8 pixels sees them."""
import numpy as np

NAMES = ["cat", "dog", "ship"]


def rows(split):
    generator = np.random.default_rng({"train": 1, "test": 2}[split])
    return [picture(generator, number) for number in range(16)]


def picture(generator, number):
    """A picture of 128x96 pixels, twice the size of its place in an input of 64x64 pixels."""
    pixels = generator.integers(90, 110, (96, 128, 3), dtype=np.uint8)
    boxes, labels = [], []
    for place in generator.choice(48, number % 4, replace=False):
        x, y, label = 16 * (place % 8), 16 * (place // 8), int(generator.integers(3))
        pixels[y : y + 16, x : x + 16] = 0
        pixels[y : y + 16, x : x + 16, label] = generator.integers(150, 255)
        boxes.append([int(x), int(y), 16, 16])
        labels.append(NAMES[label])
    return {"image": pixels, "objects": {"bbox": boxes, "category": labels}}
'''

RECIPE = recipe_of("squares", "object-detection", NAMES)


def cells_graph(layout: str = "anchor-free") -> ov.Model:
    """Returns a detector of coloured squares in cells: takes [1, 3, 64, 64] from 0 to 1.

    Args:
        layout: `anchor-free` gives [1, 7, 64], `end-to-end` [1, 64, 6], `detection-output`
            [1, 1, 64, 7], `logits` boxes as shares and logits, `both` the first two of these.
    """
    count = SIDE // CELL
    picture = ops.parameter([1, 3, SIDE, SIDE], ov.Type.f32, name="images")
    filters = np.zeros((3, 3, CELL, CELL), np.float32)
    for label in range(3):  # its own colour, and neither of the others
        filters[label, :, :] = [[[40.0 if it == label else -40.0]] for it in range(3)]
    seen = ops.convolution(picture, filters / CELL**2, [CELL, CELL], [0, 0], [0, 0], [1, 1])
    logits = ops.add(seen, np.full((1, 3, 1, 1), -10, np.float32))
    logits = ops.reshape(logits, np.array([1, 3, count**2]), special_zero=False)
    y, x = np.divmod(np.arange(count**2), count)
    half = np.full(count**2, CELL / 2)
    places = np.stack([x * CELL + half, y * CELL + half, 2 * half, 2 * half]).astype(np.float32)
    edges = np.concatenate([places[:2] - CELL / 2, places[:2] + CELL / 2])
    if layout == "anchor-free":
        outputs = [ops.concat([places[None], ops.sigmoid(logits)], 1)]
    elif layout == "logits":
        rows = ops.transpose(logits, np.array([0, 2, 1]))
        outputs = [
            ops.multiply(ops.add(places.T[None] / SIDE, _nothing(rows)), np.float32(1)),
            rows,
        ]
    else:
        scores = ops.sigmoid(logits)
        best = ops.reduce_max(scores, np.array([1]), keep_dims=True)
        label = ops.convert(ops.topk(scores, 1, 1, "max", "value").output(1), "f32")
        scale = 1 if layout == "end-to-end" else SIDE
        parts = [(edges[None] / scale).astype(np.float32), best, label]
        if layout != "end-to-end":
            parts = [np.zeros((1, 1, count**2), np.float32), label, best, parts[0]]
        rows = ops.transpose(ops.concat(parts, 1), np.array([0, 2, 1]))
        end_to_end = layout == "end-to-end"
        outputs = [rows if end_to_end else ops.unsqueeze(rows, np.array(1))]
    return ov.Model(outputs, [picture], "cells")


def _nothing(like: Any) -> Any:
    """Zeros that depend on the picture: a constant is no output of a model."""
    return ops.multiply(ops.reduce_sum(like, np.array([1, 2]), keep_dims=True), np.float32(0))


def write_squares(folder: Path, layout: str = "anchor-free", recipe: str = RECIPE) -> Path:
    """Writes model, rows and recipe; returns the recipe's path."""
    return write(folder, cells_graph(layout), ROWS, recipe)


def write_detector(folder: Path, kind: str) -> Path:
    """Writes a small random detector of transformers with its image processor.

    Args:
        folder: for its files.
        kind: `Detr`, `ConditionalDetr`, `Yolos`, `RTDetr`, `RTDetrV2` or `DFine`.
    """
    import torch
    import transformers

    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = getattr(transformers, f"{kind}Config")(
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
        **_SIZES[kind](transformers),
    )
    model = getattr(transformers, f"{kind}ForObjectDetection")(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # answers that differ from picture to picture
            parameter.add_(torch.randn_like(parameter) * 0.05)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(_PROCESSORS[kind]))
    return folder


_ATTENTION = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
_FIXED = {
    "image_processor_type": "RTDetrImageProcessor",
    "size": {"height": 64, "width": 64},
    "do_normalize": False,
}
_PROCESSORS: dict[str, dict[str, Any]] = {
    "Detr": {
        "image_processor_type": "DetrImageProcessor",
        "size": {"shortest_edge": 48, "longest_edge": 96},
    },
    "ConditionalDetr": {
        "image_processor_type": "ConditionalDetrImageProcessor",
        "size": {"shortest_edge": 48, "longest_edge": 96},
    },
    "Yolos": {"image_processor_type": "YolosImageProcessor", "size": {"height": 64, "width": 64}},
    "RTDetr": _FIXED,
    "RTDetrV2": _FIXED,
    "DFine": _FIXED,
}


def _of_detr(transformers: Any) -> dict[str, Any]:
    backbone = transformers.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage4"],
    )
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "num_queries": 12}
    return {
        "backbone_config": backbone,
        "backbone": None,
        "use_timm_backbone": False,
        "use_pretrained_backbone": False,
        "encoder_ffn_dim": 16,
        "decoder_ffn_dim": 16,
        **sizes,
        **_ATTENTION,
    }


def _of_yolos(transformers: Any) -> dict[str, Any]:
    return {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": [64, 64],
        "num_detection_tokens": 10,
    }


def _of_rt_detr(transformers: Any) -> dict[str, Any]:
    backbone = transformers.RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    sizes = {"d_model": 16, "encoder_hidden_dim": 16, "num_queries": 84, "decoder_layers": 2}
    return {
        "backbone_config": backbone,
        "use_pretrained_backbone": False,
        "encoder_in_channels": [8, 16, 16],
        "decoder_in_channels": [16, 16, 16],
        "encoder_ffn_dim": 16,
        "decoder_ffn_dim": 16,
        "decoder_n_points": 2,
        "hidden_expansion": 0.5,
        **sizes,
        **_ATTENTION,
    }


def _of_d_fine(transformers: Any) -> dict[str, Any]:
    backbone = transformers.HGNetV2Config(
        stem_channels=[3, 8, 8],
        embedding_size=8,
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        stage_in_channels=[8, 8, 8, 16],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[8, 8, 16, 16],
        stage_num_blocks=[1, 1, 1, 1],
        stage_downsample=[False, True, True, True],
        stage_light_block=[False, False, True, True],
        stage_kernel_size=[3, 3, 5, 5],
        stage_numb_of_layers=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
    )
    own = {"backbone_config": backbone, "decoder_n_points": [2, 2, 2]}
    return {**_of_rt_detr(transformers), **own}


_SIZES = {
    "Detr": _of_detr,
    "ConditionalDetr": _of_detr,
    "Yolos": _of_yolos,
    "RTDetr": _of_rt_detr,
    "RTDetrV2": _of_rt_detr,
    "DFine": _of_d_fine,
}
