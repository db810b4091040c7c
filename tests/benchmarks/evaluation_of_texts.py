"""Evaluation of pairs of texts in batches of like length beside one by one, on the same texts.

One by one is our own way for texts that may not be padded: requests that are used again, every
stream busy. Texts have lengths as MRPC's pairs, 19 to 97 tokens; the model is a random BERT. Of
BERT-base in f32 arithmetic is nearly all, and the ratio near 1 on a processor without VNNI or bf16:
`--layers 12 --hidden 768` shows it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.evaluation.like_length import MOST as MOST_TEXTS
from ovtui.engine.evaluation.like_length import MULTIPLE, like_length
from ovtui.engine.models.padding import next_multiple
from tests.benchmarks.evaluation import Took
from tests.benchmarks.product import report

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MEAN, DEVIATION, LEAST, MOST = 50.5, 15.0, 19, 97
"""Tokens of MRPC's 1725 test pairs."""


def main(arguments: Sequence[str]) -> int:
    """Alternates both on as many texts as MRPC's validation split has."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=408)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=128)
    options = parser.parse_args(arguments)
    of_wall, of_cpu = [], []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_texts(folder, options.samples)
        write_bert(folder, options.layers, options.hidden)
        for pair in range(options.pairs):
            alone, found = _inferred(folder, together=False)
            ours, outputs = _inferred(folder, together=True)
            for one, other in zip(found, outputs, strict=True):
                np.testing.assert_allclose(one["0"], other["0"], atol=1e-4)
            of_wall.append(alone.wall / ours.wall)
            of_cpu.append(alone.cpu / ours.cpu)
            print(f"pair {pair + 1}: one by one {alone}, like lengths {ours}", flush=True)
        _print_bound(folder, options.samples, alone.cpu)
    print(f"in wall time: {sorted(of_wall)[len(of_wall) // 2]:.3f}")
    return report("texts one by one over batches, processor time", of_cpu, 1.5, at_most=False)


def pad(inputs: Arrays, tokens: int) -> Arrays:
    """Returns a text's inputs with so many tokens."""
    return {name: np.pad(it, ((0, 0), (0, tokens - it.shape[1]))) for name, it in inputs.items()}


def _print_bound(folder: Path, samples: int, alone: float) -> None:
    """Says what padding adds, and how much faster all could be at the rate of a large batch."""
    lengths = [text["input_ids"].shape[1] for text in Spool(folder, "inputs")]
    own, multiple = sum(lengths), MULTIPLE
    batches = like_length(lengths, MOST_TEXTS, multiple)
    most = sum(len(it) * next_multiple(lengths[it[0]], multiple) for it in batches)
    print(
        f"{samples} inferences of {own} tokens one by one; {len(batches)} of {most} in batches of "
        f"like length, which pad {most / own - 1:.1%}"
    )
    bound = alone / (own * _least_seconds_of_a_token(folder))
    print(f"bound by arithmetic, all tokens at the rate of one large batch: at most {bound:.2f}")


def _least_seconds_of_a_token(folder: Path) -> float:
    """Processor time of a token of 8 texts of 64, that the model has seen before."""
    import openvino as ov

    how = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.Core().compile_model(folder / "bert.xml", "CPU", how)
    batch = {name: np.ones((8, 64), np.int64) for name in INPUTS}
    compiled(batch)
    taken = []
    for _ in range(5):
        began = time.process_time()
        compiled(batch)
        taken.append(time.process_time() - began)
    return min(taken) / (8 * 64)


def _inferred(folder: Path, *, together: bool) -> tuple[Took, Spool]:
    """The time of an inference of all texts, compilation included, and the outputs."""
    from ovtui.core.runs.run_folder import Run
    from ovtui.engine.evaluation.infer import Written, infer
    from ovtui.engine.models.padding import Padding
    from ovtui.engine.store.progress import Journal

    samples, out = Spool(folder, "inputs"), folder / f"together-{together}"
    out.mkdir(exist_ok=True)
    properties = {"INFERENCE_PRECISION_HINT": "f32"}
    padding = Padding(pad) if together else None
    new_step = partial(Journal(Run(out), "evaluate").step, "fp32", len(samples))
    began = time.perf_counter(), time.process_time()
    written = Written(folder / "bert.xml", "CPU", properties, padding)
    check = infer(written, samples, out, new_step).check
    took = Took(time.perf_counter() - began[0], time.process_time() - began[1])
    assert check.equal and check.way.startswith("batches" if together else "one by one"), check
    return took, Spool(out, "outputs")


def write_texts(folder: Path, count: int) -> None:
    """Writes so many texts of MRPC's lengths, as samples are kept."""
    generator = np.random.default_rng(0)
    lengths = generator.normal(MEAN, DEVIATION, count).round().clip(LEAST, MOST).astype(int)
    with SpoolWriter(folder, "inputs") as writer:
        for tokens in lengths:
            ids = generator.integers(1000, 30000, (1, tokens))
            values = (ids, np.ones_like(ids), np.zeros_like(ids))
            writer.append(dict(zip(INPUTS, values, strict=True)))


def write_bert(folder: Path, layers: int, hidden: int) -> None:
    """Writes a random BERT that takes any number of texts of any length."""
    import openvino as ov
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    heads = hidden // 64
    config = BertConfig(
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
    )
    example = {name: torch.ones(2, 8, dtype=torch.int64) for name in INPUTS}
    model = ov.convert_model(
        BertForSequenceClassification(config).eval(),
        example_input=example,
        input=[(name, [-1, -1], ov.Type.i64) for name in INPUTS],
    )
    for port, name in zip(model.inputs, INPUTS, strict=True):
        port.get_tensor().set_names({name})
    ov.save_model(model, folder / "bert.xml", compress_to_fp16=False)
