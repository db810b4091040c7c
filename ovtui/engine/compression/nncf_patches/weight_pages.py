"""Pages of a model's weights that are let go of while NNCF works."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target
from ovtui.engine.processes.memory import release

if TYPE_CHECKING:
    import openvino as ov


@contextlib.contextmanager
def pages_released(weights: Path) -> Iterator[None]:
    """Lets, while open, no page of an IR's weights stay resident when NNCF begins something large.

    NNCF keeps the model that it was given beside those that it makes of it, and reads each weight
    for SmoothQuant: 418 MB of BERT-base, which its peak then includes. What is needed again is read
    again. Of the scaled weights, which it holds in 64 bits until the model has them all (680 MB),
    the 32 are held that the model gets.

    Args:
        weights: the `.bin` file, as mapped by `read_model`.
    """
    from nncf.openvino.engine import OVNativeEngine
    from nncf.openvino.graph.model_transformer import OVModelTransformer
    from nncf.quantization.algorithms.smooth_quant.openvino_backend import OVSmoothQuantAlgoBackend

    scaled = OVSmoothQuantAlgoBackend.weight_update_command

    def update(node: ov.Node, graph: Any, value: Any) -> Any:
        release(weights)
        return scaled(node, graph, value.astype("float32") if value.itemsize > 4 else value)

    with (
        _before(OVModelTransformer, "transform", weights),
        _before(OVNativeEngine, "__init__", weights),
    ):
        OVSmoothQuantAlgoBackend.weight_update_command = staticmethod(update)
        try:
            yield
        finally:
            OVSmoothQuantAlgoBackend.weight_update_command = staticmethod(scaled)


@contextlib.contextmanager
def _before(kind: Any, name: str, weights: Path) -> Iterator[None]:
    """Let go of the pages before each call of a method."""
    original: Callable[..., Any] = getattr(kind, name)

    def replaced(*arguments: Any, **named: Any) -> Any:
        release(weights)
        return original(*arguments, **named)

    setattr(kind, name, replaced)
    try:
        yield
    finally:
        setattr(kind, name, original)


PATCH = Patch(
    name="weights let go of",
    targets=(
        Target("nncf.openvino.engine.OVNativeEngine.__init__", "self, model, use_fp32_precision"),
        Target(
            "nncf.openvino.graph.model_transformer.OVModelTransformer.transform",
            "self, transformation_layout",
        ),
        Target(
            "nncf.quantization.algorithms.smooth_quant.openvino_backend.OVSmoothQuantAlgoBackend"
            ".weight_update_command",
            "node_with_weight, nncf_graph, weight_value",
        ),
    ),
    why="NNCF's peak includes a copy of all weights: 418 MB of BERT-base, and 680 MB in 64 bits",
    how="the pages are let go of before an engine is made or a model transformed; scaled weights "
    "are held in 32 bits",
    needed=False,
    apply=lambda work: pages_released(work.weights),
)
