"""Which output of a classifier is read, and how."""

from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.model_facts import Port
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.ports import inputs_of, outputs_of
from ovtui.engine.data.labels import Labels
from ovtui.engine.run.class_scores import find_scores
from ovtui.engine.tasks import open_task


def _port(name: str, *shape: int, kind: str = "f32", made_by: str = "Add") -> Port:
    return Port(names=[name] if name else [], kind=kind, shape=[-1, *shape], made_by=made_by)


LABEL, PROBABILITIES = _port("label", kind="i64"), _port("probabilities", 4)
FEATURES, LOGITS = _port("f", 3), _port("logits", 4)
SIGMOID, SCORE = _port("y", 1, made_by="Sigmoid"), _port("y", 1)


@pytest.mark.parametrize(
    ("outputs", "classes", "read"),
    [
        ([LABEL, PROBABILITIES], 4, 1),
        ([PROBABILITIES, LABEL], 4, 0),
        ([LABEL, PROBABILITIES], None, 1),
        ([FEATURES, LOGITS], 4, 1),
        ([FEATURES, LOGITS], None, 1),
        ([PROBABILITIES, LOGITS], 4, 1),
        ([_port("", 3), _port("", 4)], 4, 1),
        ([FEATURES, SIGMOID], 2, 1),
        ([_port("x", 9, 9)], 4, 0),
    ],
)
def test_the_output_with_the_scores(outputs: list[Port], classes: int | None, read: int) -> None:
    assert find_scores(outputs, None, classes).index == read


def test_the_recipe_names_it() -> None:
    for name in ("f", "0"):
        assert find_scores([FEATURES, LOGITS], name, 4).index == 0
    with pytest.raises(SourceError, match=r"no output 'x'; it has f \(f32 \[\?, 3\]\), logits"):
        find_scores([FEATURES, LOGITS], "x", 4)


@pytest.mark.parametrize(
    ("outputs", "classes", "told"),
    [
        ([_port("a", 4), _port("b", 4)], 4, "several of the model's outputs can hold 4 scores: a"),
        ([_port("a", 4), _port("b", 5)], None, "several .* hold a score for each class"),
        (
            [LABEL, FEATURES],
            4,
            "none of the model's outputs can hold 4 scores: label .*model.scores",
        ),
        ([SCORE], 2, "one score, not one for each class, and no sigmoid"),
    ],
)
def test_what_cannot_be_told_is_refused(
    outputs: list[Port], classes: int | None, told: str
) -> None:
    with pytest.raises(SourceError, match=told):
        find_scores(outputs, None, classes)


def test_a_graph_tells_of_its_sigmoid_and_of_its_table() -> None:
    ids = ops.parameter([-1, 3], np.int64)
    ids.output(0).get_tensor().set_names({"ids"})
    table = ops.constant(np.ones((20, 1), np.float32))
    found = ops.gather(table, ops.convert(ids, "i32"), ops.constant(0))
    score = ops.squeeze(ops.sigmoid(ops.reduce_mean(found, ops.constant([1]))), ops.constant([1]))
    model = ov.Model([score], [ids])
    (port,) = inputs_of(model)
    assert (port.names, port.kind, port.shape, port.table) == (["ids"], "i64", [-1, 3], 20)
    (port,) = outputs_of(model)
    assert (port.made_by, port.shape, port.table) == ("Sigmoid", [-1], None)
    assert find_scores([port], None, None).reads == "probability"


def test_answers_of_each_kind(tiny: object) -> None:
    recipe = recipes.load(tiny)  # type: ignore[arg-type]

    def answers(output: Port, values: np.ndarray) -> list[int]:
        read = find_scores([FEATURES, output], output.names[0], None)
        task = open_task(recipe, Labels(None), None, None, read)
        return [task.answer(it) for it in task.predict([np.ones((len(values), 3)), values])]

    assert answers(LOGITS, np.array([[0.0, 1, 5, 2], [9, 1, 5, 2]])) == [2, 0]
    assert answers(SIGMOID, np.array([[0.3], [0.51]])) == [0, 1]
    assert answers(LABEL, np.array([3, 1])) == [3, 1]
