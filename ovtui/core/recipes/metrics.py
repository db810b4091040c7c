"""The built-in metrics: what each compares, its scale, and which tasks it is for."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovtui.core.recipes.task import TASKS, Task
from ovtui.core.recipes.task_info import Compares


class BuiltIn(NamedTuple):
    """What is known of a metric before anything runs."""

    compares: Compares
    lowest: float = 0.0
    highest: float = 1.0
    """Error rates may be above: then more words are wrong than were said."""
    needs_references: bool = True
    """It compares with what the data say is right, not with the baseline."""
    scale: str = ""
    """What a person has to know of its scale who gives a drop beyond it."""


BUILT_IN: dict[str, BuiltIn] = {
    "accuracy": BuiltIn("classes"),
    "agreement": BuiltIn("answers", needs_references=False),
    "agreement-map": BuiltIn("objects", needs_references=False),
    "agreement-miou": BuiltIn("masks", needs_references=False),
    "cer": BuiltIn("texts"),
    "chrf": BuiltIn("texts", scale="sacreBLEU shows a hundred times as much"),
    "cosine": BuiltIn("outputs", lowest=-1, needs_references=False),
    "exact-match": BuiltIn("texts"),
    "f1": BuiltIn("classes"),
    "kl-divergence": BuiltIn("likelihoods", highest=math.inf, needs_references=False),
    "mae": BuiltIn("arrays", highest=math.inf),
    "mse": BuiltIn("arrays", highest=math.inf),
    "map": BuiltIn("objects"),
    "miou": BuiltIn("masks"),
    "pearson": BuiltIn("numbers", lowest=-1),
    "perplexity": BuiltIn("likelihoods", lowest=1, highest=math.inf),
    "pixel-accuracy": BuiltIn("masks"),
    "same-top-token": BuiltIn("likelihoods", needs_references=False),
    "spearman": BuiltIn("numbers", lowest=-1),
    "vqa-accuracy": BuiltIn("texts"),
    "wer": BuiltIn("texts"),
    "wer-basic": BuiltIn("texts"),
}

NO_CLASS = -1
"""The answer of a model whose scores are no numbers: none of the classes."""
REFERENCE = "reference"
"""The key of `data.columns` that names the right answers of a `tensors` recipe; of several, each is
`reference.NAME`."""


def is_function(metric: str) -> bool:
    """Returns whether a metric is a person's own, `file.py:function`."""
    return metric.rpartition(":")[0].endswith(".py")


def is_reference(key: str) -> bool:
    """Returns whether a key of `data.columns` names right answers, the only ones or some of
    several.
    """
    return key == REFERENCE or key.startswith(f"{REFERENCE}.")


def fits(metric: str, task: Task) -> bool:
    """Returns whether a built-in metric can judge what a task's models say."""
    return BUILT_IN[metric].compares in TASKS[task].compares


def fitting(task: Task) -> list[str]:
    """Returns the built-in metrics of a task."""
    return [name for name in BUILT_IN if fits(name, task)]


def widest(metric: str) -> float:
    """Returns the largest drop that a built-in metric can have: its whole scale."""
    return BUILT_IN[metric].highest - BUILT_IN[metric].lowest
