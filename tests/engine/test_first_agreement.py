"""How much of an answer a variant keeps, and what is said where that is less than half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ovtui.core.recipes.compression import CompressWeights, Method, Quantize
from ovtui.core.results.variant import FirstAgreement
from ovtui.core.runs.run_folder import Run
from ovtui.engine.comparison.normalisation import shared_words
from ovtui.engine.run.collapse import warn_of_collapse
from ovtui.engine.run.variants import Artefact
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks import task_class
from ovtui.engine.tasks.class_maps import ClassMap


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a cat on a mat", "a cat on a mat", 1.0),
        ("a cat on a mat", "a cat on the mat", 0.8),
        ("seven", "three", 0.0),
        ("seven", "", 0.0),
        ("", "", None),
        ("猫は好き", "犬は好き", 0.75),
    ],
)
def test_words_are_what_texts_share(one: str, other: str, expected: float | None) -> None:
    assert shared_words(one, other) == expected


def objects(*boxes: list[float], score: float = 0.9) -> dict[str, Any]:
    return {"boxes": list(boxes), "classes": [0] * len(boxes), "scores": [score] * len(boxes)}


def test_of_objects_the_share_counts_that_both_find(squares: Any) -> None:
    one, other = [0.0, 0.0, 10.0, 10.0], [40.0, 40.0, 50.0, 50.0]
    before = [objects(one, other), objects(one), objects()]
    after = [objects(other), objects(), objects(one, score=0.2)]
    kept, lost, unsure = squares.likeness(before, after)
    assert kept == pytest.approx(2 / 3) and lost == 0
    assert unsure is None, "neither is"


@pytest.fixture
def squares(tmp_path: Path) -> Any:
    from ovtui.core.recipes import recipe as recipes
    from ovtui.engine.data.labels import Labels
    from tests.support.tiny_detectors import NAMES, write_squares

    recipe = recipes.load(write_squares(tmp_path))
    return task_class(recipe.task)(recipe, Labels(NAMES), None, None)


def test_of_masks_what_they_share_of_their_union_counts(tmp_path: Path) -> None:
    one, other = np.zeros((4, 4), int), np.zeros((4, 4), int)
    one[0], other[:2] = 1, 1
    task = task_class("semantic-segmentation")
    kept, none = task.likeness(
        task.__new__(task), [ClassMap.of(one)] * 2, [ClassMap.of(other), ClassMap.of(1 - one)]
    )
    assert kept == pytest.approx((4 / 8 + 8 / 12) / 2) and none == 0


def told(
    tmp_path: Path, method: Method, value: float, in_floating_point: float | None = None
) -> str:
    artefact = Artefact(
        name="int8", folder=tmp_path, files={}, methods={"model": method}, properties={}, key=""
    )
    run = Run(tmp_path)
    first = FirstAgreement(samples=16, value=value, in_floating_point=in_floating_point)
    warn_of_collapse(artefact, "fp32", first, Journal(run))
    events = tmp_path / "events.jsonl"
    return str(json.loads(events.read_text())["message"]) if events.exists() else ""


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Quantize(), 'To try: model_type = "transformer"'),
        (Quantize(keep_heads=False), "To try: without keep_heads = false; model_type"),
        (
            Quantize(model_type="transformer"),
            "To try: advanced_parameters.smooth_quant_alpha = -1 (no SmoothQuant); ignored_scope",
        ),
        (CompressWeights(mode="int4_sym"), 'To try: mode = "int8_asym"; ratio'),
    ],
)
def test_what_to_try_depends_on_what_was_done(
    method: Method, expected: str, tmp_path: Path
) -> None:
    message = told(tmp_path, method, 0.12)
    assert message.startswith("int8: on the first 16 samples it keeps 12% of what fp32 says")
    assert expected in message


def test_half_of_the_answers_is_no_collapse(tmp_path: Path) -> None:
    assert told(tmp_path, Quantize(), 0.5) == ""


def test_a_device_is_named_that_loses_what_the_file_says(tmp_path: Path) -> None:
    message = told(tmp_path, Quantize(), 0.12, in_floating_point=0.97)
    assert "97% where the same file is executed in floating point" in message
    assert "the device's kernels for few bits broke it, not compression" in message


def test_compression_is_named_where_floating_point_keeps_no_more(tmp_path: Path) -> None:
    assert "compression broke it" in told(tmp_path, Quantize(), 0.12, in_floating_point=0.2)
