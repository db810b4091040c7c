"""Texts of several lengths in batches: in the data's order again, and as each is answered alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.results.variant import SelfCheck
from ovtui.core.runs.run_folder import Run
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.evaluation.infer import Written, infer
from ovtui.engine.evaluation.like_length import like_length
from ovtui.engine.models.padding import MASK, Padding
from ovtui.engine.store.progress import Journal
from tests.support.bare_openvino import answers

F32 = {"INFERENCE_PRECISION_HINT": "f32"}
HIDDEN = 32
"""As long as some texts are with their padding: an axis that counts no tokens."""


def pad_right(inputs: Arrays, tokens: int) -> Arrays:
    return {name: np.pad(it, ((0, 0), (0, tokens - it.shape[1]))) for name, it in inputs.items()}


def pad_left(inputs: Arrays, tokens: int) -> Arrays:
    return {name: np.pad(it, ((0, 0), (tokens - it.shape[1], 0))) for name, it in inputs.items()}


def texts(count: int, longest: int = 40) -> list[Arrays]:
    generator = np.random.default_rng(0)
    found = []
    for tokens in generator.integers(3, longest, count):
        ids = generator.integers(1, 50, (1, tokens))
        found.append({"input_ids": ids, MASK: np.ones_like(ids)})
    return found


def attention(folder: Path, *, masked: bool = True, name: str = "text") -> Path:
    """Tokens that attend to each other, of every token and of the mean of all.

    Args:
        folder: where it goes.
        masked: what is padding is attended to by none.
        name: of the file.
    """
    generator = np.random.default_rng(1)
    table = ops.constant(generator.standard_normal((50, HIDDEN)).astype(np.float32))
    ids, mask = (ops.parameter([-1, -1], ov.Type.i64) for _ in range(2))
    for parameter, called in ((ids, "input_ids"), (mask, MASK)):
        parameter.output(0).set_names({called})
    hidden = ops.gather(table, ids, ops.constant(0))
    seen = ops.convert(mask, "f32") if masked else ops.convert(ops.equal(ids, ids), "f32")
    hidden = ops.multiply(hidden, ops.unsqueeze(seen, ops.constant(2)))
    products = ops.matmul(hidden, hidden, False, True)
    one, many = (ops.constant(np.float32(it)) for it in (1, 1e4))
    hiding = ops.multiply(ops.subtract(seen, one), many)
    weights = ops.softmax(ops.add(products, ops.unsqueeze(hiding, ops.constant(1))), -1)
    tokens = ops.matmul(weights, hidden, False, False)
    total = ops.reduce_sum(ops.multiply(tokens, ops.unsqueeze(seen, ops.constant(2))), [1])
    mean = ops.divide(total, ops.reduce_sum(seen, [1], True))
    square = ops.constant(generator.standard_normal((HIDDEN, HIDDEN)).astype(np.float32))
    model = ov.Model([tokens, ops.matmul(mean, square, False, False)], [ids, mask], name)
    path = folder / f"{name}.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def inferred(
    path: Path, samples: list[Arrays], folder: Path, padding: Padding, **properties: Any
) -> tuple[SelfCheck, list[list[np.ndarray]]]:
    """How samples were inferred, and the outputs of each."""
    folder.mkdir(exist_ok=True)
    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    new_step = partial(Journal(Run(folder), "evaluate").step, "x", len(samples))
    model = Written(path, "CPU", properties, padding)
    check, _ = infer(model, Spool(folder, "inputs"), folder, new_step)
    return check, [list(sample.values()) for sample in Spool(folder, "outputs")]


def assert_equal(given: list[list[np.ndarray]], wanted: list[list[np.ndarray]]) -> None:
    for ours, theirs in zip(given, wanted, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("multiple", [1, 8])
def test_every_text_is_in_one_batch_with_those_of_its_multiple(multiple: int) -> None:
    lengths = np.random.default_rng(0).integers(1, 600, 500).tolist()
    batches = like_length(lengths, 8, multiple)
    assert sorted(at for batch in batches for at in batch) == list(range(500))
    for batch in batches:
        tokens = {-(-lengths[at] // multiple) * multiple for at in batch}
        assert len(tokens) == 1
        assert len(batch) == 1 or len(batch) * max(tokens) <= 1024
    assert max(map(len, batches)) <= 8


@pytest.mark.parametrize("pad", [pad_right, pad_left])
def test_texts_are_padded_together_and_answered_as_alone(tmp_path: Path, pad: Any) -> None:
    path, samples = attention(tmp_path), texts(600)
    check, outputs = inferred(path, samples, tmp_path / "run", Padding(pad), **F32)
    assert check.way == "batches of 8 of like length" and check.equal and not check.refused
    assert_equal(outputs, answers(path, samples, **F32))


def test_a_model_that_attends_to_padding_is_given_its_texts_one_by_one(tmp_path: Path) -> None:
    path, samples = attention(tmp_path, masked=False), texts(30)
    check, outputs = inferred(path, samples, tmp_path / "run", Padding(pad_right), **F32)
    assert check.way == "one by one" and check.equal
    assert check.refused == ["batches of 8 of like length"]
    assert_equal(outputs, answers(path, samples, **F32))


def test_in_few_bits_texts_of_equal_length_are_together_unpadded(tmp_path: Path) -> None:
    samples = texts(60, longest=9)
    model = ov.Core().read_model(attention(tmp_path))
    quantized = nncf.quantize(model, nncf.Dataset(samples[:20]))
    ov.save_model(quantized, tmp_path / "int8.xml")
    padding = Padding(lambda inputs, tokens: pytest.fail("padded"))
    check, outputs = inferred(tmp_path / "int8.xml", samples, tmp_path / "run", padding)
    assert check.way == "batches of 8 of equal length" and check.equal
    wanted = answers(tmp_path / "int8.xml", samples)
    assert [[it.shape for it in each] for each in outputs] == [
        [it.shape for it in each] for each in wanted
    ]


def test_a_bucket_pads_every_text_to_its_own_multiple(tmp_path: Path) -> None:
    path, samples, asked = attention(tmp_path), texts(40), set()

    def pad(inputs: Arrays, tokens: int) -> Arrays:
        asked.add((tokens, inputs[MASK].shape[1]))
        return pad_right(inputs, tokens)

    check, outputs = inferred(path, samples, tmp_path / "run", Padding(pad, bucket=16), **F32)
    assert check.equal and check.way == "batches of 8 of equal length"
    assert asked and all(tokens % 16 == 0 and 0 <= tokens - own < 16 for tokens, own in asked)
    assert_equal(outputs, answers(path, samples, **F32))


@pytest.mark.parametrize("bucket", [None, 16])
def test_few_texts_are_taken_one_by_one(tmp_path: Path, bucket: int | None) -> None:
    path, samples = attention(tmp_path), texts(2)
    padding = Padding(pad_right, bucket)
    check, outputs = inferred(path, samples, tmp_path / "run", padding, **F32)
    assert check.way == "one by one" and check.equal
    assert_equal(outputs, answers(path, samples, **F32))
