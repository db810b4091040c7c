"""Captions from a pipeline that answers questions: the same parts, called as a captioner's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

from ovtui.core.text.errors import SourceError
from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.tasks.generation import Generation

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def captioning(pipeline: Pipeline, task: Generation) -> Pipeline:
    """Returns a pipeline that says what is in a picture, of the parts of one that answers.

    BLIP is trained on both with one vision model and one text decoder (Li et al. 2022, section 3):
    what differs is what the decoder is shown, the picture or the question about it.

    Args:
        pipeline: that answers.
        task: prepares a picture alone.

    Raises:
        SourceError: a model of this family gives no captions.
    """
    model = _captioner(pipeline.model)
    parts = dict(model.named_modules())
    paths = {name: path for name, path in pipeline.paths.items() if path in parts}
    captioner = Pipeline(model, task, paths, threads=1)
    captioner.compiled = pipeline.compiled
    return captioner


def _captioner(model: PreTrainedModel) -> Any:
    """A model's parts as those of its family's class for captions."""
    kind = MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING.get(type(model.config), None)
    name = type(model).__name__
    if kind is None:
        raise SourceError(f"{name} gives no captions: ask it something with --question")
    if isinstance(model, kind):
        return model  # with or without words, as BLIP-2
    with torch.device("meta"):
        captioner = kind(model.config)
    parts = dict(captioner.named_children())
    lacks = [
        path for path, part in parts.items() if type(getattr(model, path, None)) is not type(part)
    ]
    lacks += [path for path, _ in captioner.named_parameters(recurse=False)]
    if lacks:
        raise SourceError(
            f"{name} gives no captions, it has no {lacks[0]} of {kind.__name__}: ask it something "
            "with --question"
        )
    for path in parts:
        setattr(captioner, path, getattr(model, path))
    return captioner
