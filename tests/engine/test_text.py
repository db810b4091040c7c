"""Tasks on texts: what becomes of a row, and what is refused in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.collect import collect, open_samples
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.store.stage_work import Collection
from ovtui.engine.tasks import Task, open_model
from tests.support.tiny_text import configure, write_bert


def opened(path: Path, *overrides: str) -> Task:
    """The task of a recipe, as a stage opens it."""
    recipe = recipes.load(path, list(overrides))
    return open_samples(placed(recipe, path.parent), "evaluation", references=True)[1]


def collected(path: Path, folder: Path, *overrides: str) -> Collected:
    """The evaluation samples of a recipe, as a stage leaves them."""
    recipe = recipes.load(path, list(overrides))
    folder.mkdir()
    journal = Journal(Run(folder), "evaluation data")
    return collect(
        Collection(recipe, str(path.parent), use="evaluation", references=True), folder, journal
    )


def test_a_pair_has_its_own_length_and_two_segments(tiny_text: Path) -> None:
    task = opened(tiny_text)
    inputs = task.inputs({"text": "the dog", "text_pair": "a big cat"})
    assert inputs["input_ids"].shape == (1, 8) and inputs["input_ids"].dtype == np.int64
    assert inputs["token_type_ids"].tolist() == [[0, 0, 0, 0, 1, 1, 1, 1]]
    assert inputs["attention_mask"].all()
    assert task.inputs({"text": "the dog"})["input_ids"].shape == (1, 4)


def test_long_texts_are_cut_at_the_recipes_limit_or_the_models(tiny_text: Path) -> None:
    row = {"text": "dog " * 30, "text_pair": "cat " * 30}
    assert opened(tiny_text).inputs(row)["input_ids"].shape == (1, 16)
    whole = opened(tiny_text, "data.tokens={}", "measure={ tokens = 24 }")
    assert whole.inputs(row)["input_ids"].shape == (1, 24)


def test_only_measured_inputs_are_padded(tiny_text: Path) -> None:
    task = opened(tiny_text)
    inputs = task.inputs({"text": "the dog"})
    padded = task.at_length(inputs, 7)
    assert padded["attention_mask"].tolist() == [[1, 1, 1, 1, 0, 0, 0]]
    assert padded["input_ids"][0, :4].tolist() == inputs["input_ids"][0].tolist()
    assert task.at_length(inputs, 3)["input_ids"].shape == (1, 3)


def test_what_is_collected(tiny_text: Path, tmp_path: Path) -> None:
    info = collected(tiny_text, tmp_path / "out")
    spool = Spool(tmp_path / "out", "inputs")
    assert len(info.indices) == len(spool) == 24 and info.calls == []
    assert len({sample["input_ids"].shape for sample in spool}) > 3, "lengths of their own"
    measured = np.load(tmp_path / "out" / "measured.npz")
    assert {measured[name].shape for name in measured.files} == {(1, 16)}


def test_label_maps_agree_whatever_the_case(tiny_text: Path) -> None:
    configure(tiny_text.parent / "model", "config.json", id2label={"0": "SAME", "1": "DIFFERENT"})
    (tiny_text.parent / "rows.py").write_text(
        "def rows(split):\n"
        "    return [{'text': 'the dog', 'label': 'same'}, {'text': 'a cat', 'label': 'SAME'}]\n"
    )
    task = opened(tiny_text, 'data.source="rows.py:rows"', 'data.evaluation.split="all"')
    assert task.reference({"label": "SAME"}) == 0
    with pytest.raises(SourceError, match="label 'sane': unknown, valid are DIFFERENT, SAME"):
        task.reference({"label": "sane"})
    with pytest.raises(SourceError, match="label 2: unknown, the labels are 0 to 1"):
        task.reference({"label": 2})


@pytest.mark.parametrize("text", [None, float("nan"), "", "  \n"])
def test_a_row_without_text_is_skipped(tiny_text: Path, text: object) -> None:
    with pytest.raises(Unusable, match="text: is (missing|empty)"):
        opened(tiny_text).inputs({"text": text, "text_pair": "a cat"})


def test_a_column_of_numbers_is_no_text(tiny_text: Path) -> None:
    with pytest.raises(SourceError, match="text: expected a text, found int 3"):
        opened(tiny_text).inputs({"text": 3})


def test_nothing_but_empty_texts(tiny_text: Path, tmp_path: Path) -> None:
    (tiny_text.parent / "data.csv").write_text("text,label\n" + "  ,0\n" * 20)
    with pytest.raises(SourceError, match="no usable sample for evaluation: row 12: text: is"):
        collected(tiny_text, tmp_path / "out")


def test_a_missing_column_is_named(tiny_text: Path) -> None:
    with pytest.raises(SourceError, match="no column 'texts' for 'text', did you mean 'text'"):
        opened(tiny_text, 'data.columns={ text = "texts" }')


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("data.tokens.max_length=25", "max_length: 25, but the model takes at most 24 tokens"),
        ("measure.tokens=17", "measure.tokens: 17, but texts are cut at 16 tokens"),
    ],
)
def test_lengths_beyond_the_models(
    tiny_text: Path, tmp_path: Path, override: str, expected: str
) -> None:
    with pytest.raises(SourceError, match=expected):
        collected(tiny_text, tmp_path / "out", override)


def test_a_folder_without_tokenizer(tiny_text: Path) -> None:
    for path in (tiny_text.parent / "model").glob("tokenizer*"):
        path.unlink()
    with pytest.raises(SourceError, match=r"model: holds no tokenizer \(expected tokenizer.json"):
        opened(tiny_text).inputs({"text": "the dog"})


def test_a_damaged_tokenizer(tiny_text: Path) -> None:
    (tiny_text.parent / "model" / "tokenizer.json").write_text("{}")
    with pytest.raises(SourceError, match="its tokenizer cannot be loaded") as caught:
        opened(tiny_text).inputs({"text": "the dog"})
    assert "\n" not in str(caught.value)


def test_a_tokenizer_with_code_of_its_own_is_not_run(tiny_text: Path) -> None:
    model = tiny_text.parent / "model"
    ran = tiny_text.parent / "ran"
    (model / "own.py").write_text(f"open({str(ran)!r}, 'w')\nclass Own: pass\n")
    configure(
        model,
        "tokenizer_config.json",
        auto_map={"AutoTokenizer": ["own.Own", None]},
        tokenizer_class="Own",
    )
    try:
        opened(tiny_text).inputs({"text": "the dog"})
    except SourceError as error:
        assert "\n" not in str(error)
    assert not ran.exists()


def test_a_model_of_another_kind_has_no_tokenizer(tiny_text: Path, tiny: Path) -> None:
    shutil.copy(tiny.parent / "model.xml", tiny_text.parent)
    shutil.copy(tiny.parent / "model.bin", tiny_text.parent)
    with pytest.raises(SourceError, match="texts need the model's tokenizer"):
        opened(tiny_text, 'model.source="model.xml"').inputs({"text": "the dog"})


def test_one_score_is_no_classification(tiny_text: Path) -> None:
    with pytest.raises(SourceError, match="gives one score, not one for each class"):
        opened(tiny_text).predict([np.zeros((1, 1))])


def test_each_sentence_is_a_call(tiny_similarity: Path, tmp_path: Path) -> None:
    info = collected(tiny_similarity, tmp_path / "out")
    assert info.calls == [2] * 24
    spool = Spool(tmp_path / "out", "inputs")
    groups = Groups(spool, info.sizes)
    assert len(spool) == 48 and len(groups) == 24
    second = groups[1]
    assert np.array_equal(second[1]["input_ids"], spool[3]["input_ids"])
    assert [len(group) for group in groups] == info.calls


def test_similarity_is_the_cosine_of_pooled_tokens(tiny_similarity: Path) -> None:
    task = opened(tiny_similarity)
    one = np.array([[[1.0, 0.0], [1.0, 2.0]]])
    other = np.array([[[3.0, 3.0]]])
    found = task.prediction([[one], [other]])
    assert task.answer(found) == pytest.approx(1.0), "means (1, 1) and (3, 3)"
    assert task.vector(found).tolist() == [1, 1, 3, 3]
    assert task.agrees(0.80, 0.83) and not task.agrees(0.8, 0.9)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_mean_tokens": True}, [1, 1]),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, [1, 0]),
        ({"pooling_mode": "cls"}, [1, 0]),
    ],
)
def test_pooling_is_what_the_model_says(
    tiny_similarity: Path, pooling: dict[str, object], expected: list[int]
) -> None:
    _write_pooling(tiny_similarity.parent / "model", pooling)
    (found,) = opened(tiny_similarity).predict([np.array([[[1.0, 0.0], [1.0, 2.0]]])])
    assert found.tolist() == expected


def test_pooling_of_another_kind_is_refused(tiny_similarity: Path) -> None:
    _write_pooling(tiny_similarity.parent / "model", {"pooling_mode_max_tokens": True})
    with pytest.raises(SourceError, match="pooling by pooling_mode_max_tokens is not supported"):
        opened(tiny_similarity).predict([np.zeros((1, 2, 2))])


def _write_pooling(model: Path, table: dict[str, object]) -> None:
    (model / "1_Pooling").mkdir()
    (model / "1_Pooling" / "config.json").write_text(json.dumps(table))
    modules = [{"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]
    (model / "modules.json").write_text(json.dumps(modules))


@pytest.mark.parametrize("score", [None, "high", float("nan")])
def test_a_score_is_a_number(tiny_similarity: Path, score: object) -> None:
    with pytest.raises(SourceError, match="score .*expected a (finite )?number"):
        opened(tiny_similarity).reference({"score": score})


def test_text_models_are_quantized_as_transformers(tiny_text: Path, tiny: Path) -> None:
    def model_type(path: Path, *overrides: str) -> str | None:
        return recipes.load(path, list(overrides)).variants[0].components["model"].model_type

    assert model_type(tiny_text) == "transformer"
    assert model_type(tiny) is None


def test_a_model_that_lacks_its_head_is_refused(tmp_path: Path, tiny_text: Path) -> None:

    write_bert(tmp_path / "headless", "BertModel")
    recipe = recipes.load(tiny_text, [f"model.source={tmp_path / 'headless'}"])
    with pytest.raises(SourceError, match="no weights for classifier.bias"):
        open_model(placed(recipe, tiny_text.parent))
