"""What the core says of transformers' architectures and tasks' columns, beside these themselves."""

from __future__ import annotations

from itertools import chain

from transformers.models.auto import modeling_auto

from ovtui.core.recipes.model_facts import ARCHITECTURES, task_of
from ovtui.core.recipes.proposed_columns import TASK_COLUMNS
from ovtui.core.recipes.task import TASKS
from ovtui.engine.tasks import task_class

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
    for name, task in ARCHITECTURES.items():
        assert name in _classes(MAPPINGS[task]), name


def test_classifiers_and_ctc_are_known_by_their_ending() -> None:
    for task in ("image-classification", "text-classification"):
        known = {name for name in _classes(MAPPINGS[task]) if "Perceiver" not in name}
        assert {task_of(name) for name in known} == {task}
    assert {task_of(name) for name in _classes("CTC")} == {"automatic-speech-recognition"}
    assert task_of("BertForQuestionAnswering") == ""


def test_columns_are_those_of_the_tasks() -> None:
    for task in TASKS:
        if task == "tensors":
            continue
        kind = task_class(task)
        names = {item.name: item.by_name_alone for item in TASK_COLUMNS[task]}
        assert set(names) == {*kind.columns, *kind.calibration_columns, *kind.optional_columns}
        assert {name for name in names if names[name]} == set(kind.optional_columns)
