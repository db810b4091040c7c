"""A language model's logits for a text that is given, whatever it would have said itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Property
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.inputs import names_of
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.tasks import open_model

PIECE = 128
"""Tokens that are asked for at once: logits of 49 152 words are 25 MB then, however long a text."""
Reader = Callable[[np.ndarray], Iterator[np.ndarray]]
"""From a text's tokens, int64 [1, tokens], to its logits, float32 [up to PIECE, vocabulary], piece
by piece; each is valid until the next one is asked for."""


def read_with_openvino(path: Path, device: str, properties: Mapping[str, Property]) -> Reader:
    """Returns what reads texts with a stateful IR, as optimum-intel and this package write it.

    Args:
        path: of the `.xml`.
        device: OpenVINO device.
        properties: to compile it with.

    Raises:
        SourceError: the device cannot compile it, or it is no such model.
    """
    core = ov.Core()
    try:
        model = core.compile_model(path, device, {"PERFORMANCE_HINT": "LATENCY", **properties})
    except RuntimeError as error:
        raise SourceError(f"{path}: {device} cannot compile it: {telling_line(error)}") from error
    names = {name for port in model.inputs for name in names_of(port)}
    known = {"input_ids", "attention_mask", "position_ids", "beam_idx"}
    request = model.create_infer_request()
    if "input_ids" not in names or not request.query_state():
        raise SourceError(
            f"{path}: expected a language model that keeps its keys and values as a state, as "
            "optimum-intel exports it (input_ids, attention_mask, position_ids, beam_idx)"
        )
    if others := [port for port in model.inputs if not names_of(port) & known]:
        raise SourceError(f"{path}: takes {others[0].any_name!r}, which no text gives")

    def read(ids: np.ndarray) -> Iterator[np.ndarray]:
        request.reset_state()
        for start in range(0, ids.shape[1], PIECE):
            piece = ids[:, start : start + PIECE]
            end = start + piece.shape[1]
            feed = {
                "input_ids": piece,
                "attention_mask": np.ones((1, end), np.int64),
                "position_ids": np.arange(start, end)[None],
                "beam_idx": np.zeros(1, np.int32),
            }
            request.infer({name: feed[name] for name in known & names})
            yield request.get_tensor("logits").data[0]

    return read


def read_with_pytorch(asked: PlacedRecipe) -> Reader:
    """Returns what reads texts with a recipe's own model.

    Raises:
        SourceError: it cannot be loaded.
    """
    model = open_model(asked)
    assert isinstance(model, torch.nn.Module)
    model.eval()

    @torch.inference_mode()
    def read(ids: np.ndarray) -> Iterator[np.ndarray]:
        logits = model(input_ids=torch.from_numpy(ids), use_cache=False).logits[0]
        yield from (piece.float().numpy() for piece in logits.split(PIECE))

    return read
