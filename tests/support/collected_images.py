"""Folders of images, and samples collected as a recipe says."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.references import Use
from ovtui.core.runs.run_folder import Run
from ovtui.engine.conversion.collect import collect
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.store.stage_work import Collection
from tests.support.tiny import CLASSES


def collected(recipe: Path, *settings: str, use: Use = "evaluation") -> Collected:
    loaded = recipes.load(recipe, list(settings))
    out = recipe.parent / "out"
    out.mkdir(exist_ok=True)
    journal = Journal(Run(recipe.parent), "data")
    return collect(
        Collection(loaded, str(recipe.parent), use=use, references=use != "calibration"),
        out,
        journal,
    )


def answers(recipe: Path) -> list[int]:
    answers: list[int] = json.loads((recipe.parent / "out" / "references.json").read_bytes())
    return answers


def _picture(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    _picture(seed).save(buffer, "PNG")
    return buffer.getvalue()


def image_folder(folder: Path, labels: tuple[str, ...] = CLASSES, count: int = 3) -> None:
    for number, label in enumerate(labels):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            _picture(number * 100 + index).save(folder / label / f"{index}.png")


SPLITS = ("data.source=pictures", "data.calibration.split=train", "data.evaluation.split=test")


NO_LABELS = "data.labels=[]"


COLUMNS = ('data.columns={image = "file", label = "class"}', "data.evaluation.split=all")
