"""A decoder's step in f32 and in INT8: which operations run for a token, and how long they take.

A Whisper of random weights with the frames and the width of whisper-base, and two layers.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from ovtui.core.machine.machine import machine
from ovtui.core.recipes.compression import Quantize
from ovtui.core.runs.run_folder import Run
from ovtui.engine.components.graph import Signature, convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.store.layout import EXACT
from ovtui.engine.store.progress import Journal
from tests.benchmarks.product import report

LEAST_RATIO = 1.5
"""Of f32 over INT8, on a processor that multiplies 8 bits (VNNI)."""
FRAMES, WIDTH, HEADS, LAYERS = 1500, 512, 8, 2
TOKENS, PAIRS, SAMPLES = 16, 7, 4


def main(arguments: Sequence[str] = ()) -> int:
    """Print operations of a step by kind, and the ratio of its times; 0 when that holds."""
    with tempfile.TemporaryDirectory() as folder:
        steps = [_Step(path) for path in _decoders(Path(folder))]
        for label, step in zip(("f32", "INT8"), steps, strict=True):
            kinds = ", ".join(f"{count} {kind}" for kind, count in step.operations().most_common())
            print(f"a decoder's step in {label}: {kinds}")
        ratios = []
        for _ in range(PAIRS):
            before, after = (step.milliseconds() for step in steps)
            ratios.append(before / after)
    name = "a decoder's step, f32 / INT8"
    if any("vnni" in extension for extension in machine().isa):
        return report(name, ratios, LEAST_RATIO, at_most=False)
    print(f"{name}: {statistics.median(ratios):.2f} (no limit: this processor has no VNNI)")
    return 0


class _Step:
    """A compiled decoder that goes on with a sequence, token by token."""

    def __init__(self, path: Path) -> None:
        core = ov.Core()
        self._compiled = core.compile_model(path, "CPU", EXACT)
        self._counting = core.compile_model(path, "CPU", EXACT | {"PERF_COUNT": True})

    def operations(self) -> Counter[str]:
        """Those that ran for the second token of a sequence."""
        request = self._counting.create_infer_request()
        request.infer(_first())
        request.infer(_next())
        return Counter(
            it.node_type for it in request.profiling_info if it.status == it.Status.EXECUTED
        )

    def milliseconds(self) -> float:
        """Of a token after the first."""
        request = self._compiled.create_infer_request()
        request.infer(_first())
        began = time.perf_counter()
        for _ in range(TOKENS):
            request.infer(_next())
        return (time.perf_counter() - began) / TOKENS * 1000


def _next() -> Arrays:
    return {"input_ids": np.array([[9]]), "beam_idx": np.zeros(1, np.int32)}


def _first() -> Arrays:
    return _next() | {"encoder_hidden_states": _states(0)}


def _states(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(0, 1, (1, FRAMES, WIDTH))
    return drawn.astype(np.float32)


def _decoders(folder: Path) -> tuple[Path, Path]:
    """The decoder's IR in f32, and that in INT8, both with a state."""
    graph, signature = _traced()
    source, f32, int8 = (folder / f"{name}.xml" for name in ("graph", "f32", "int8"))
    ov.save_model(graph, source, compress_to_fp16=False)
    ov.save_model(make_stateful(graph), f32, compress_to_fp16=False)
    with SpoolWriter(folder, "inputs") as writer:
        for seed in range(SAMPLES):
            ids = np.random.default_rng(seed).integers(3, 900, (1, TOKENS))
            past = np.zeros((1, HEADS, 0, WIDTH // HEADS), np.float32)
            feed = dict.fromkeys(signature.inputs, past)
            writer.append(feed | {"input_ids": ids, "encoder_hidden_states": _states(seed)})
    compress(
        source,
        int8,
        Quantize(model_type="transformer"),
        Samples(Spool(folder, "inputs")),
        Storage(fp16=False, stateful=True),
        Journal(Run(folder), "compress"),
    )
    return f32, int8


def _traced() -> tuple[ov.Model, Signature]:
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=1000, encoder_layers=1, decoder_layers=LAYERS, d_model=WIDTH,
        encoder_attention_heads=HEADS, decoder_attention_heads=HEADS, encoder_ffn_dim=64,
        decoder_ffn_dim=4 * WIDTH, max_source_positions=FRAMES, decoder_start_token_id=1,
        eos_token_id=999, pad_token_id=999, bos_token_id=999, suppress_tokens=[],
        begin_suppress_tokens=[],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config).eval()
    sound = torch.zeros(1, 80, 2 * FRAMES)
    with observed({"": model}) as calls, torch.no_grad():
        model.generate(sound, max_new_tokens=3)
    signature = signature_of("", calls[""])
    return convert_component(model, signature), signature
