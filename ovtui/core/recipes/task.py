"""The tasks that recipes name: a row for each, with all that is known before a model is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ovtui.core.recipes.data_facts import Kind
from ovtui.core.recipes.task_info import Compares, TaskColumn, TaskInfo

WHOLE_MODEL = "model"
"""The component's name where the whole model is one."""
PICTURES, SENTENCES, ARRAYS = "image-classification", "sentence-similarity", "tensors"
DETECTION, SEGMENTATION = "object-detection", "semantic-segmentation"
"""What models are for whose files name no class of transformers with a head: graphs that take a
picture and score classes, tokenizers with a body, and all other graphs."""
LANGUAGE = "text-generation"
"""What is judged by how likely it finds a text, token by token."""

_TEXT: tuple[Kind, ...] = ("text", "name")
_TEXTS: tuple[Kind, ...] = ("texts", "text", "name")
_ONE, _OTHER = "--text", "a second --text"
_PICTURES = ("img", "picture", "photo", "path", "file", "file_name")
_MASKS = (
    "annotation",
    "label",
    "labels",
    "segmentation",
    "segmentation_mask",
    "semantic_segmentation",
    "masks",
    "target",
)
_IMAGE = TaskColumn("image", ("picture",), _PICTURES, "--image")
_CLASSES = ("labels", "class", "category", "target", "sentiment", "y")
_LABEL = TaskColumn("label", ("name", "class"), _CLASSES)
_CLASS: tuple[Compares, ...] = ("answers", "classes")
_WRITTEN: tuple[Compares, ...] = ("answers", "texts")

TASKS: dict[str, TaskInfo] = {
    PICTURES: TaskInfo(
        handler="image_classification:ImageClassification",
        auto_class="AutoModelForImageClassification",
        metric="accuracy",
        compares=_CLASS,
        inputs=(_IMAGE,),
        answer=_LABEL,
        classes=True,
        endings=("ForImageClassification", "ForImageClassificationWithTeacher"),
    ),
    DETECTION: TaskInfo(
        handler="object_detection:ObjectDetection",
        auto_class="AutoModelForObjectDetection",
        metric="map",
        compares=("answers", "objects"),
        inputs=(_IMAGE,),
        answer=TaskColumn("objects", ("objects",), ("annotations", "annotation", "labels")),
        transformer=True,
        endings=("ForObjectDetection",),
    ),
    SEGMENTATION: TaskInfo(
        handler="semantic_segmentation:SemanticSegmentation",
        auto_class="AutoModelForSemanticSegmentation",
        metric="miou",
        compares=("answers", "masks"),
        inputs=(_IMAGE,),
        answer=TaskColumn("mask", ("picture",), _MASKS),
        transformer=True,
        endings=("ForSemanticSegmentation",),
    ),
    "zero-shot-image-classification": TaskInfo(
        handler="zero_shot_image_classification:ZeroShotImageClassification",
        auto_class="AutoModelForZeroShotImageClassification",
        metric="accuracy",
        compares=_CLASS,
        inputs=(_IMAGE,),
        answer=_LABEL,
        calibration=(TaskColumn("caption", ("text",), ("captions", "text", "sentence")),),
        transformer=True,
        candidates=True,
        architectures=(
            "AlignModel",
            "AltCLIPModel",
            "ChineseCLIPModel",
            "CLIPModel",
            "MetaClip2Model",
            "SiglipModel",
            "Siglip2Model",
        ),
    ),
    "text-classification": TaskInfo(
        handler="text_classification:TextClassification",
        auto_class="AutoModelForSequenceClassification",
        metric="accuracy",
        compares=_CLASS,
        inputs=(
            TaskColumn(
                "text",
                _TEXT,
                ("sentence", "sentence1", "premise", "review", "content", "question1"),
                _ONE,
            ),
            TaskColumn(
                "text_pair",
                _TEXT,
                ("sentence2", "hypothesis", "question2", "text2", "text_b", "answer"),
                _OTHER,
                optional=True,
            ),
        ),
        answer=_LABEL,
        transformer=True,
        classes=True,
        endings=("ForSequenceClassification",),
    ),
    SENTENCES: TaskInfo(
        handler="sentence_similarity:SentenceSimilarity",
        auto_class="AutoModel",
        metric="spearman",
        compares=("answers", "numbers", "outputs"),
        inputs=(
            TaskColumn(
                "sentence1", _TEXT, ("text1", "text_a", "question1", "text", "anchor"), _ONE
            ),
            TaskColumn(
                "sentence2",
                _TEXT,
                ("text2", "text_b", "question2", "text_pair", "positive"),
                _OTHER,
            ),
        ),
        answer=TaskColumn(
            "score", ("number", "class"), ("similarity", "similarity_score", "label")
        ),
        transformer=True,
    ),
    "visual-question-answering": TaskInfo(
        handler="visual_question_answering:VisualQuestionAnswering",
        auto_class="AutoModelForVisualQuestionAnswering",
        metric="vqa-accuracy",
        compares=_WRITTEN,
        inputs=(_IMAGE, TaskColumn("question", _TEXT, ("query", "text"), "--question")),
        answer=TaskColumn(
            "answers", _TEXTS, ("multiple_choice_answer", "answer", "answers_original", "label")
        ),
        components=("vision_model", "text_encoder", "text_decoder"),
        transformer=True,
        architectures=("BlipForQuestionAnswering",),
        without_question="image-to-text",
    ),
    "image-to-text": TaskInfo(
        handler="image_to_text:ImageToText",
        auto_class="AutoModelForImageTextToText",
        metric="chrf",
        compares=_WRITTEN,
        inputs=(_IMAGE,),
        answer=TaskColumn("captions", _TEXTS, ("caption", "text", "sentences_raw", "sentence")),
        components=("vision_model", "text_decoder"),
        transformer=True,
        architectures=(
            "BlipForConditionalGeneration",
            "GitForCausalLM",
            "Pix2StructForConditionalGeneration",
            "VisionEncoderDecoderModel",
        ),
    ),
    "automatic-speech-recognition": TaskInfo(
        handler="speech_recognition:SpeechRecognition",
        auto_class="AutoModelForSpeechSeq2Seq",
        metric="wer",
        compares=_WRITTEN,
        inputs=(
            TaskColumn(
                "audio",
                ("audio", "array"),
                ("speech", "path", "file", "file_name", "array"),
                "--audio",
            ),
            TaskColumn("sampling_rate", ("class", "number"), ("rate",), optional=True),
        ),
        answer=TaskColumn(
            "text", _TEXT, ("transcription", "transcript", "sentence", "normalized_text")
        ),
        components=("encoder", "decoder"),
        transformer=True,
        spoken=True,
        architectures=(
            "MoonshineForConditionalGeneration",
            "Speech2TextForConditionalGeneration",
            "SpeechEncoderDecoderModel",
            "WhisperForConditionalGeneration",
        ),
        endings=("ForCTC", "ForSpeechToText"),
        ctc_class="AutoModelForCTC",
    ),
    "text2text-generation": TaskInfo(
        handler="text_to_text:TextToText",
        auto_class="AutoModelForSeq2SeqLM",
        metric="chrf",
        compares=_WRITTEN,
        inputs=(
            TaskColumn(
                "text",
                _TEXT,
                ("source", "document", "article", "input", "question", "src", "sentence"),
                _ONE,
            ),
        ),
        answer=TaskColumn(
            "target",
            _TEXTS,
            ("summary", "translation", "highlights", "output", "answer", "tgt", "label"),
        ),
        components=("encoder", "decoder"),
        transformer=True,
        architectures=(
            "BartForConditionalGeneration",
            "BigBirdPegasusForConditionalGeneration",
            "BlenderbotForConditionalGeneration",
            "BlenderbotSmallForConditionalGeneration",
            "EncoderDecoderModel",
            "FSMTForConditionalGeneration",
            "LEDForConditionalGeneration",
            "LongT5ForConditionalGeneration",
            "M2M100ForConditionalGeneration",
            "MBartForConditionalGeneration",
            "MT5ForConditionalGeneration",
            "MarianMTModel",
            "MvpForConditionalGeneration",
            "PegasusForConditionalGeneration",
            "PegasusXForConditionalGeneration",
            "ProphetNetForConditionalGeneration",
            "SwitchTransformersForConditionalGeneration",
            "T5ForConditionalGeneration",
            "UMT5ForConditionalGeneration",
        ),
        endings=("ForTextToText",),
    ),
    LANGUAGE: TaskInfo(
        handler="text_generation:TextGeneration",
        auto_class="AutoModelForCausalLM",
        metric="perplexity",
        compares=("answers", "texts", "likelihoods"),
        inputs=(
            TaskColumn(
                "text",
                _TEXT,
                ("prompt", "instruction", "question", "content", "document", "sentence"),
                _ONE,
            ),
        ),
        answer=TaskColumn(
            "target", _TEXTS, ("completion", "response", "output", "answer"), optional=True
        ),
        components=(WHOLE_MODEL,),
        transformer=True,
        endings=("ForCausalLM", "LMHeadModel"),
    ),
    ARRAYS: TaskInfo(
        handler="tensors:Tensors",
        auto_class="AutoModel",
        metric="cosine",
        compares=("answers", "classes", "numbers", "outputs", "arrays"),
        arrays=True,
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
OF_FILES = frozenset(name for name, task in TASKS.items() if task.files)
