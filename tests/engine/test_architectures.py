"""What the rows of tasks say of transformers' architectures, beside these themselves."""

from __future__ import annotations

from itertools import chain

from transformers.models.auto import modeling_auto

from ovtui.core.recipes.model_facts import task_of
from ovtui.core.recipes.task import TASKS

MAPPINGS = {
    "image-classification": "IMAGE_CLASSIFICATION",
    "text-classification": "SEQUENCE_CLASSIFICATION",
    "zero-shot-image-classification": "ZERO_SHOT_IMAGE_CLASSIFICATION",
    "visual-question-answering": "VISUAL_QUESTION_ANSWERING",
    "image-to-text": "IMAGE_TEXT_TO_TEXT",
    "automatic-speech-recognition": "SPEECH_SEQ_2_SEQ",
    "text2text-generation": "SEQ_TO_SEQ_CAUSAL_LM",
}


def _classes(mapping: str) -> set[str]:
    found = getattr(modeling_auto, f"MODEL_FOR_{mapping}_MAPPING_NAMES").values()
    return set(chain.from_iterable([it] if isinstance(it, str) else it for it in found))


def test_architectures_are_transformers_own() -> None:
    for task, known in TASKS.items():
        assert not known.architectures or set(known.architectures) <= _classes(MAPPINGS[task])


def test_classifiers_and_ctc_are_known_by_their_ending() -> None:
    for task in ("image-classification", "text-classification"):
        known = {name for name in _classes(MAPPINGS[task]) if "Perceiver" not in name}
        assert {task_of(name) for name in known} == {task}
    assert {task_of(name) for name in _classes("CTC")} == {"automatic-speech-recognition"}
    assert task_of("BertForQuestionAnswering") == ""
