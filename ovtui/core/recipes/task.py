"""The tasks that recipes name: a row for each, with all that is known before a model is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

WHOLE_MODEL = "model"
"""The component's name where the whole model is one."""

Compares = Literal["answers", "classes", "numbers", "texts", "outputs", "arrays"]
"""Of a prediction: what is right or wrong, a class, one number, a text, what the model gave as
vectors, or as arrays of numbers."""


class TaskInfo(NamedTuple):
    """A kind of model: what takes it from rows to answers is in its own file of `engine.tasks`."""

    handler: str
    """That file and its class, as in `text_classification:TextClassification`."""
    auto_class: str
    """The class of transformers that loads its models."""
    metric: str
    """What judges where the recipe names no metric."""
    compares: tuple[Compares, ...]
    """What of its predictions a metric may compare."""
    components: tuple[str, ...] = ()
    """Of models that write token by token, where the recipe names no others."""
    transformer: bool = False
    """Quantized as a transformer where the recipe does not say."""
    picture: bool = False
    """Its model is one graph that takes a picture."""
    classes: bool = False
    """Its answer is one of the classes that the model has scores for."""
    files: bool = False
    """Its rows are pictures or recordings, of which words do not tell all."""


_CLASSES: tuple[Compares, ...] = ("answers", "classes")
_WRITTEN: tuple[Compares, ...] = ("answers", "texts")

TASKS: dict[str, TaskInfo] = {
    "image-classification": TaskInfo(
        handler="image_classification:ImageClassification",
        auto_class="AutoModelForImageClassification",
        metric="accuracy",
        compares=_CLASSES,
        picture=True,
        classes=True,
        files=True,
    ),
    "zero-shot-image-classification": TaskInfo(
        handler="zero_shot_image_classification:ZeroShotImageClassification",
        auto_class="AutoModelForZeroShotImageClassification",
        metric="accuracy",
        compares=_CLASSES,
        transformer=True,
        picture=True,
        files=True,
    ),
    "text-classification": TaskInfo(
        handler="text_classification:TextClassification",
        auto_class="AutoModelForSequenceClassification",
        metric="accuracy",
        compares=_CLASSES,
        transformer=True,
        classes=True,
    ),
    "sentence-similarity": TaskInfo(
        handler="sentence_similarity:SentenceSimilarity",
        auto_class="AutoModel",
        metric="spearman",
        compares=("answers", "numbers", "outputs"),
        transformer=True,
    ),
    "visual-question-answering": TaskInfo(
        handler="visual_question_answering:VisualQuestionAnswering",
        auto_class="AutoModelForVisualQuestionAnswering",
        metric="vqa-accuracy",
        compares=_WRITTEN,
        components=("vision_model", "text_encoder", "text_decoder"),
        transformer=True,
        files=True,
    ),
    "image-to-text": TaskInfo(
        handler="image_to_text:ImageToText",
        auto_class="AutoModelForImageTextToText",
        metric="chrf",
        compares=_WRITTEN,
        components=("vision_model", "text_decoder"),
        transformer=True,
        files=True,
    ),
    "automatic-speech-recognition": TaskInfo(
        handler="speech_recognition:SpeechRecognition",
        auto_class="AutoModelForSpeechSeq2Seq",
        metric="wer",
        compares=_WRITTEN,
        components=("encoder", "decoder"),
        transformer=True,
        files=True,
    ),
    "text2text-generation": TaskInfo(
        handler="text_to_text:TextToText",
        auto_class="AutoModelForSeq2SeqLM",
        metric="chrf",
        compares=_WRITTEN,
        components=("encoder", "decoder"),
        transformer=True,
    ),
    "tensors": TaskInfo(
        handler="tensors:Tensors",
        auto_class="AutoModel",
        metric="cosine",
        compares=("answers", "classes", "numbers", "outputs", "arrays"),
    ),
}

if TYPE_CHECKING:
    Task = str
else:  # msgspec refuses any other
    Task = Literal[tuple(TASKS)]


def components_of(task: str) -> tuple[str, ...]:
    """Returns what models of a task are made of, where the recipe names no other components."""
    return (TASKS[task].components if task in TASKS else ()) or (WHOLE_MODEL,)


PIPELINES = frozenset(name for name, task in TASKS.items() if task.components)
"""Tasks whose models generate text."""
TRANSFORMERS = frozenset(name for name, task in TASKS.items() if task.transformer)
OF_PICTURES = frozenset(name for name, task in TASKS.items() if task.picture)
OF_FILES = frozenset(name for name, task in TASKS.items() if task.files)
CLASSIFIERS = frozenset(name for name, task in TASKS.items() if task.classes)
