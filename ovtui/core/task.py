"""The tasks that recipes name, and the components that their models are made of."""

from __future__ import annotations

from typing import Literal

Task = Literal[
    "image-classification",
    "zero-shot-image-classification",
    "text-classification",
    "sentence-similarity",
    "visual-question-answering",
    "image-to-text",
    "automatic-speech-recognition",
    "text2text-generation",
    "tensors",
]

WHOLE_MODEL = "model"
"""The component's name where the whole model is one."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "visual-question-answering": ("vision_model", "text_encoder", "text_decoder"),
    "image-to-text": ("vision_model", "text_decoder"),
    "automatic-speech-recognition": ("encoder", "decoder"),
    "text2text-generation": ("encoder", "decoder"),
}
"""Tasks whose models generate text, and their components where the recipe names no others."""

OF_PICTURES = frozenset({"image-classification", "zero-shot-image-classification"})
"""Tasks whose model is one graph that takes a picture."""

OF_FILES = OF_PICTURES | {
    "visual-question-answering",
    "image-to-text",
    "automatic-speech-recognition",
}
"""Tasks whose rows are pictures or recordings, of which words do not tell all."""

CLASSIFIERS = frozenset({"image-classification", "text-classification"})
"""Tasks whose answers are one of the classes that the model has scores for."""

TRANSFORMERS = frozenset(
    {"zero-shot-image-classification", "text-classification", "sentence-similarity", *PIPELINES}
)
"""Tasks whose models are quantized as transformers where the recipe does not say."""
