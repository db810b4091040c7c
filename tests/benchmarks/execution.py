"""What runs in which kernel in f32 and in INT8, and what texts of their own length take in INT8.

A random BERT on texts of MRPC's lengths, each new to the model or not, beside the same texts padded
to 128 tokens, and to multiples of 16 as `execution.bucket = 16` has it. The smaller the model, the
more a new length costs beside its tokens.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov

from ovtui.core.machine.machine import machine
from ovtui.core.recipes.compression import Quantize
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.data.spool import Arrays, Spool
from ovtui.engine.models.executed_operations import operations_of
from ovtui.engine.models.padding import next_multiple
from ovtui.engine.store.layout import EXACT
from ovtui.engine.store.progress import Journal
from tests.benchmarks.evaluation_of_texts import pad, write_bert, write_texts
from tests.benchmarks.product import report

MOST_RATIO = 0.75
PADDED, BUCKET = 128, 16


def main(arguments: Sequence[str]) -> int:
    """Print kernels of both, and times of texts in turns; 0 when own lengths are fast enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=256)
    options = parser.parse_args(arguments)
    if not any("vnni" in extension for extension in machine().isa):
        print("this processor has no VNNI: INT8 kernels gain little over f32, whatever the ratio")
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_texts(folder, options.samples)
        write_bert(folder, options.layers, options.hidden)
        texts = list(Spool(folder, "inputs"))
        for name, path in (("f32", folder / "bert.xml"), ("INT8", _int8(folder))):
            print(f"{name}: {_kernels(path, texts[0])}")
        own, bucketed = [], []
        for _ in range(options.pairs):
            padded = _seconds(path, texts, PADDED)
            own.append(_seconds(path, texts, 1) / padded)
            bucketed.append(_seconds(path, texts, BUCKET) / padded)
    tokens = [text["input_ids"].shape[1] for text in texts]
    counted = [sum(next_multiple(it, multiple) for it in tokens) for multiple in (1, BUCKET)]
    shares = [count / (PADDED * len(tokens)) for count in counted]
    print(f"tokens over those of {PADDED} each: {shares[0]:.2f}, of multiples {shares[1]:.2f}")
    print(f"multiples of {BUCKET} over {PADDED} tokens: {sorted(bucketed)[len(bucketed) // 2]:.3f}")
    return report("own lengths over 128 tokens, INT8", own, MOST_RATIO, at_most=True)


def _int8(folder: Path) -> Path:
    path = folder / "int8.xml"
    compress(
        folder / "bert.xml",
        path,
        Quantize(model_type="transformer", subset_size=20),
        Samples(Spool(folder, "inputs", 20)),
        Storage(fp16=False),
        Journal(Run(folder), "compress"),
    )
    return path


def _kernels(path: Path, text: Arrays) -> str:
    """The kinds of operations that calculate, each with its kernel and precision, most first."""
    compiled = ov.Core().compile_model(path, "CPU", EXACT | {"PERF_COUNT": True})
    compiled(text)
    operations = operations_of(compiled.get_runtime_model().get_ordered_ops())
    taken = Counter[str]()
    for it in operations:
        taken[f"{it.kind} {it.kernel or it.precision}"] += 1
    return ", ".join(f"{count} {kind}" for kind, count in taken.most_common())


def _seconds(path: Path, texts: Sequence[Arrays], multiple: int) -> float:
    """Of all texts one after another, by a model that has seen none of their lengths."""
    inputs = [pad(it, next_multiple(it["input_ids"].shape[1], multiple)) for it in texts]
    how = {**EXACT, "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(path, "CPU", how).create_infer_request()
    request.infer({name: np.ones((1, 8), np.int64) for name in inputs[0]})
    began = time.perf_counter()
    for text in inputs:
        request.infer(text)
    return time.perf_counter() - began
