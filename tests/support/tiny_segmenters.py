"""Segmentation models made here: random ones of transformers, and a graph that sees colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset15 as ops

from tests.support.square_pictures import recipe_of, write

NAMES = ["ground", "red", "green", "blue"]
SIDE, CELL = 64, 4
"""Pixels of the graph's input, and of the cells that it scores."""

ROWS = '''
"""Grey pictures with coloured squares, and masks: 0 the ground, 1 to 3 the colours."""
import numpy as np


def rows(split):
    generator = np.random.default_rng({"train": 1, "test": 2}[split])
    return [picture(generator, number) for number in range(16)]


def picture(generator, number):
    """A picture of 128x96 pixels, twice the size of its place in an input of 64x64 pixels."""
    pixels = generator.integers(90, 110, (96, 128, 3), dtype=np.uint8)
    mask = np.zeros((96, 128), dtype=np.uint8)
    for place in generator.choice(12, number % 4, replace=False):
        x, y, label = 32 * (place % 4), 32 * (place // 4), int(generator.integers(3))
        pixels[y : y + 32, x : x + 32] = 0
        pixels[y : y + 32, x : x + 32, label] = generator.integers(150, 255)
        mask[y : y + 32, x : x + 32] = label + 1
    return {"image": pixels, "mask": mask}
'''

RECIPE = recipe_of("colours", "semantic-segmentation", NAMES)


def colours_graph(layout: str = "scores") -> ov.Model:
    """Returns what tells the colour of cells: takes [1, 3, 64, 64] from 0 to 1.

    Args:
        layout: `scores` gives [1, 4, 16, 16], `scores last` [1, 16, 16, 4], `classes`
            [1, 16, 16], `classes of one channel` [1, 1, 16, 16].
    """
    picture = ops.parameter([1, 3, SIDE, SIDE], ov.Type.f32, name="images")
    filters = np.zeros((4, 3, CELL, CELL), np.float32)
    for label in range(3):  # its own colour, and neither of the others
        filters[label + 1] = [[[20.0 if it == label else -20.0]] for it in range(3)]
    seen = ops.convolution(picture, filters / CELL**2, [CELL, CELL], [0, 0], [0, 0], [1, 1])
    limits = np.array([0, -6, -6, -6], np.float32).reshape(1, 4, 1, 1)
    scores = ops.add(seen, limits)
    if layout == "scores last":
        scores = ops.transpose(scores, np.array([0, 2, 3, 1]))
    elif layout != "scores":
        scores = ops.topk(scores, 1, 1, "max", "value").output(1)
        if layout == "classes":
            scores = ops.squeeze(scores, np.array([1]))
    return ov.Model([scores], [picture], "colours")


def write_colours(folder: Path, layout: str = "scores", recipe: str = RECIPE) -> Path:
    """Writes model, rows and recipe; returns the recipe's path."""
    return write(folder, colours_graph(layout), ROWS, recipe)


def write_segmenter(folder: Path, kind: str) -> Path:
    """Writes a small random segmentation model of transformers with its image processor.

    Args:
        folder: for its files.
        kind: `Segformer`, `UperNet`, `Beit`, `MobileNetV2` or `DPT`.
    """
    import torch
    import transformers

    torch.manual_seed(0)
    torch.set_num_threads(1)
    sizes, processor = _KINDS[kind]
    config = getattr(transformers, f"{kind}Config")(
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
        **sizes(transformers),
    )
    model = getattr(transformers, f"{kind}ForSemanticSegmentation")(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # answers that differ from pixel to pixel
            parameter.add_(torch.randn_like(parameter) * 0.05)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {"image_processor_type": processor, "size": {"height": 64, "width": 64}}
            | ({"crop_size": {"height": 64, "width": 64}} if kind == "MobileNetV2" else {})
        )
    )
    return folder


def _of_segformer(transformers: Any) -> dict[str, Any]:
    return {
        "depths": [1, 1, 1, 1],
        "hidden_sizes": [8, 8, 16, 16],
        "num_attention_heads": [1, 1, 2, 2],
        "decoder_hidden_size": 16,
    }


def _of_upernet(transformers: Any) -> dict[str, Any]:
    backbone = transformers.ConvNextConfig(
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    return {
        "backbone_config": backbone,
        "hidden_size": 16,
        "use_auxiliary_head": False,
        "pool_scales": [1, 2],
    }


_VIT = {
    "hidden_size": 16,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "image_size": 64,
    "patch_size": 16,
}


def _of_beit(transformers: Any) -> dict[str, Any]:
    pyramid = {"out_indices": [1, 2, 3, 4], "pool_scales": [1, 2], "use_auxiliary_head": False}
    return {**_VIT, **pyramid, "use_mask_token": False}


def _of_dpt(transformers: Any) -> dict[str, Any]:
    return {
        **_VIT,
        "backbone_out_indices": [0, 1, 2, 3],
        "neck_hidden_sizes": [8, 8, 8, 8],
        "fusion_hidden_size": 8,
        "use_auxiliary_head": False,
    }


def _of_mobilenet(transformers: Any) -> dict[str, Any]:
    return {"depth_multiplier": 0.25, "image_size": 64, "finegrained_output": False}


_KINDS: dict[str, tuple[Any, str]] = {
    "Segformer": (_of_segformer, "SegformerImageProcessor"),
    "UperNet": (_of_upernet, "SegformerImageProcessor"),
    "Beit": (_of_beit, "BeitImageProcessor"),
    "DPT": (_of_dpt, "DPTImageProcessor"),
    "MobileNetV2": (_of_mobilenet, "MobileNetV2ImageProcessor"),
}
