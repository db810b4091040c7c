"""What is proposed for a model and data, from what is known of both."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec
import pytest

from ovtui.core.recipes.data_facts import DataColumn, DataFacts, Split
from ovtui.core.recipes.model_facts import ModelFacts, Port
from ovtui.core.recipes.proposal import propose
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.recipe_text import Decision, written
from ovtui.core.text.errors import SourceError

BERT = ModelFacts(
    source="bert",
    format="huggingface",
    architecture="BertForSequenceClassification",
    task="text-classification",
    labels=["negative", "positive"],
)
TEXT = DataColumn(name="review", kind="text", example="very good")


def _data(*columns: DataColumn, **splits: int) -> DataFacts:
    rows = [Split(name=name, rows=count) for name, count in (splits or {"all": 90}).items()]
    return DataFacts(source="d.csv", splits=rows, columns=list(columns), evaluated=rows[-1].name)


def _table(decisions: list[Decision]) -> dict[str, Any]:
    """The recipe that is written, which has to be one."""
    table = tomllib.loads(written(decisions, "a heading"))
    msgspec.convert(table, Recipe)
    return table


def _names(*values: str, **how: Any) -> DataColumn:
    return DataColumn(name="label", kind="name", example=values[0], values=list(values), **how)


def _numbers(lowest: int, highest: int) -> DataColumn:
    values = [str(number) for number in range(lowest, highest + 1)]
    return DataColumn(
        name="label", kind="class", values=values, lowest=lowest, highest=highest, example="1"
    )


@pytest.mark.parametrize(
    ("label", "expected", "guess"),
    [
        (_names("Negative", "Positive"), {"labels": BERT.labels}, False),
        (_names("bad", "good"), {"labels": ["bad", "good"]}, True),
        (_names("neutral", "positive"), {"labels": BERT.labels}, True),
        (_numbers(0, 1), {"labels": BERT.labels}, False),
        (_numbers(1, 2), {"labels": BERT.labels, "first_label": 1}, False),
    ],
)
def test_labels_are_in_the_models_order(
    label: DataColumn, expected: dict[str, Any], guess: bool
) -> None:
    found = propose(BERT, _data(TEXT, label))
    data = _table(found)["data"]
    assert {key: data[key] for key in expected} == expected
    assert ("first_label" in data) == ("first_label" in expected)
    assert any(it.uncertain for it in found if it.key == "data.labels") == guess


def test_without_right_answers_the_baselines_stand_for_them() -> None:
    table = _table(propose(BERT, _data(TEXT)))
    assert table["metric"] == "agreement" and table["data"]["columns"] == {"text": "review"}


@pytest.mark.parametrize(
    ("splits", "in_order", "expected"),
    [
        ({"all": 90}, False, ["all[:30]", "all[30:]"]),
        ({"all": 9000}, False, ["all[:300]", "all[300:]"]),
        ({"all": 90}, True, ["all[::2]", "all[1::2]"]),
        ({"train": 90, "test": 50}, False, ["train", "test"]),
        ({"validation": 90, "test": 50}, True, ["validation", "test"]),
        ({"a": 90, "b": 50}, False, ["a", "b"]),
    ],
)
def test_no_row_calibrates_and_is_evaluated(
    splits: dict[str, int], in_order: bool, expected: list[str]
) -> None:
    label = _names("negative", "positive", in_order=in_order)
    data = _table(propose(BERT, _data(TEXT, label, **splits)))["data"]
    assert [data[use]["split"] for use in ("calibration", "evaluation")] == expected


def test_a_graph_without_pictures_takes_arrays() -> None:
    model = ModelFacts(
        source="net.xml",
        format="openvino",
        inputs=[
            Port(names=["ids"], kind="i64", shape=[-1, -1]),
            Port(names=["image"], kind="f32", shape=[-1, 3, 8, 8]),
        ],
        outputs=[Port(names=["y"], kind="f32", shape=[-1, 5])],
    )
    columns = [
        DataColumn(name="x", kind="array", shape=[3, 8, 8]),
        DataColumn(name="ids", kind="array", shape=[7]),
        DataColumn(name="truth", kind="class", lowest=0, highest=4),
    ]
    table = _table(propose(model, _data(*columns)))
    assert table["task"] == "tensors"
    assert table["data"]["columns"] == {"ids": "ids", "image": "x"}
    assert table["metric"] == "cosine"
    with pytest.raises(SourceError, match=r"no column fits the input 'image' \(f32 \[\?, 3"):
        propose(model, _data(*columns[1:]))


def test_a_graph_of_token_ids_needs_its_tokenizer() -> None:
    model = ModelFacts(
        source="net.xml",
        format="openvino",
        inputs=[Port(names=["input_ids"], kind="i64", shape=[-1, -1])],
    )
    with pytest.raises(SourceError, match="takes token ids, the data hold texts"):
        propose(model, _data(TEXT))


def test_an_unknown_architecture_is_asked_about() -> None:
    model = ModelFacts(source="m", format="huggingface", architecture="FooForBar")
    with pytest.raises(SourceError, match="FooForBar tells no task; say it with --task"):
        propose(model, _data(TEXT))
    assert propose(model, _data(TEXT), "text-classification")[0].reason == "as you said"


def test_text_from_outside_stays_a_comment_and_a_string() -> None:
    hostile = 'x"\n[model]\nsource = "evil" # \x1b[31m\x7f'
    reason = "a\nschema = 2 \x1b"
    text = written([Decision(key="data.columns", value={hostile: [hostile]}, reason=reason)], "h")
    assert tomllib.loads(text) == {"schema": 1, "data": {"columns": {hostile: [hostile]}}}
    assert "\x1b" not in text


def test_a_graph_that_takes_pictures_and_data_with_boxes_are_detection() -> None:
    model = ModelFacts(
        source="m.onnx",
        format="onnx",
        inputs=[Port(names=["images"], shape=[1, 3, 96, 128], kind="f32")],
        outputs=[Port(names=["output0"], shape=[1, 6, 252], kind="f32")],
    )
    data = _data(
        DataColumn(name="image", kind="picture", example="a.jpg"),
        DataColumn(name="objects", kind="objects", values=["cat", "dog"], listed=True),
        train=400,
        val=90,
    )
    decisions = propose(model, data)
    table = _table(decisions)
    assert (table["task"], table["metric"]) == ("object-detection", "map")
    assert table["data"]["columns"] == {"image": "image", "objects": "objects"}
    assert table["data"]["labels"] == ["cat", "dog"]
    how = {"resize": [96, 128], "fit": "letterbox", "scale": 255.0}
    assert table["data"]["preprocessing"] == how
    assert table["data"]["calibration"] == {"split": "train", "samples": 300}
    guessed = {it.key for it in decisions if it.uncertain}
    assert {"data.preprocessing.fit", "data.preprocessing.scale", "data.labels"} <= guessed


def test_a_graph_that_gives_masks_and_data_with_masks_are_segmentation() -> None:
    model = ModelFacts(
        source="m.onnx",
        format="onnx",
        inputs=[Port(names=["images"], shape=[1, 3, 96, 128], kind="f32")],
        outputs=[Port(names=["out"], shape=[1, 4, 96, 128], kind="f32")],
    )
    picture = DataColumn(name="image", kind="picture", example="a.jpg")
    masks = DataColumn(name="annotation", kind="picture", example="a.png")
    table = _table(propose(model, _data(picture, masks, train=400, val=90)))
    assert (table["task"], table["metric"]) == ("semantic-segmentation", "miou")
    assert table["data"]["columns"] == {"image": "image", "mask": "annotation"}
    assert table["data"]["preprocessing"] == {"resize": [96, 128], "scale": 255.0}
    folder = ModelFacts(
        source="segformer",
        format="huggingface",
        architecture="SegformerForSemanticSegmentation",
        task="semantic-segmentation",
        labels=["wall", "sky"],
        has_processor=True,
    )
    table = _table(propose(folder, _data(picture, masks, train=400, val=90)))
    assert table["data"]["labels"] == ["wall", "sky"] and "preprocessing" not in table["data"]
    table = _table(propose(folder, _data(picture, train=400, val=90)))
    assert table["metric"] == "agreement-miou"


def test_a_language_model_is_judged_by_the_texts_themselves() -> None:
    llama = ModelFacts(
        source="llama",
        format="huggingface",
        architecture="LlamaForCausalLM",
        task="text-generation",
    )
    table = _table(propose(llama, _data(TEXT)))
    assert table["metric"] == "perplexity"
    assert table["also"] == ["kl-divergence", "same-top-token"]
    methods = [variant["components"]["model"] for variant in table["variants"]]
    assert {it["method"] for it in methods} == {"compress_weights"} and len(methods) == 7
