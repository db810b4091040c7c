"""What a token costs outside of the components, by our loop and by transformers' own, and a
decoder's step in f32 and INT8.

A Whisper of random weights with the real vocabulary, two narrow layers, and lists of tokens that
Whisper never says: what is around the components takes as long as with the real ones.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import openvino as ov
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.utils import logging

from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import swap
from ovtui.engine.pipelines.decoding import take_over
from tests.benchmarks import decoder_step
from tests.benchmarks.product import report

MOST_MS = 0.8
VOCABULARY, SUPPRESSED = 51_865, 88
SHORT, LONG = 16, 128
"""Tokens of two answers, whose difference is free of what an answer costs once."""
PAIRS = 9


class _Inside:
    """The seconds that a component infers."""

    def __init__(self) -> None:
        self.milliseconds = 0.0

    def before(self, feed: Any, begins: bool) -> None:
        """Takes a call."""

    def after(self, begins: bool, milliseconds: float) -> None:
        self.milliseconds += milliseconds


def main(arguments: Sequence[str]) -> int:
    """Print both costs of a token, in turns, and a decoder's step; 0 when ours hold."""
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    theirs, ours = _model(own_loop=True), _model(own_loop=False)
    with torch.inference_mode():
        expected, answer = _answer(theirs, LONG), _answer(ours, LONG)
        assert torch.equal(expected, answer)
        costs = [(_token(theirs), _token(ours)) for _ in range(PAIRS)]
    before = statistics.median(cost for cost, _ in costs)
    print(f"a token outside of the components by transformers' own loop: {before:.2f} ms")
    status = report(
        "a token outside of the components, ms", [cost for _, cost in costs], MOST_MS, at_most=True
    )
    return max(status, decoder_step.main())


def _token(model: tuple[Any, list[_Inside]]) -> float:
    """Milliseconds of a further token that no component needs."""
    return (_outside(model, LONG) - _outside(model, SHORT)) / (LONG - SHORT)


def _outside(model: tuple[Any, list[_Inside]], tokens: int) -> float:
    for inside in model[1]:
        inside.milliseconds = 0.0
    began = time.perf_counter()
    _answer(model, tokens)
    taken = (time.perf_counter() - began) * 1000
    return taken - sum(inside.milliseconds for inside in model[1])


def _answer(model: tuple[Any, list[_Inside]], tokens: int) -> torch.Tensor:
    answer: torch.Tensor = model[0].generate(
        _sound(0), max_new_tokens=tokens, min_new_tokens=tokens
    )
    return answer


def _sound(seed: int) -> torch.Tensor:
    features = np.random.default_rng(seed).normal(0, 1, (1, 80, 3000))
    return torch.from_numpy(features.astype(np.float32))


def _model(own_loop: bool) -> tuple[Any, list[_Inside]]:
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=VOCABULARY, encoder_layers=1, decoder_layers=2, d_model=64,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, decoder_start_token_id=50_258, eos_token_id=50_257,
        pad_token_id=50_257, bos_token_id=50_257, suppress_tokens=list(range(1, SUPPRESSED)),
        begin_suppress_tokens=[220, 50_257],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config).eval()
    modules = {path: model.get_submodule(path) for path in ("model.encoder", "")}
    with observed(modules) as calls, torch.no_grad():
        for seed in range(2):
            model.generate(_sound(seed), max_new_tokens=4)
    watches = []
    for path, module in modules.items():
        signature = signature_of(path, calls[path])
        graph = convert_component(module, signature)
        graph = make_stateful(graph) if signature.component.own else graph
        compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        watches.append(_Inside())
        answer = swap(model, signature.component, compiled, watches[-1])
        if not own_loop:
            take_over(module, answer)
    return model, watches
