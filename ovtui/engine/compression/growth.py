"""Why a compressed model takes more bytes than the one that it was made from."""

from __future__ import annotations

from pathlib import Path

import openvino as ov

from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.text.units import human_bytes
from ovtui.engine.models.model_files import every_operation

_NAMED = 3
_UNPACKING = {"Convert", "Subtract", "Multiply", "Reshape"}
"""Operations between a compressed weight and the operation that it belongs to."""


def growth(written: Path, baseline: Path) -> str | None:
    """Returns the cause in words where an IR is larger than the baseline's; None where it is not.

    Args:
        written: the `.xml` of the compressed model.
        baseline: that of the uncompressed one, in the same storage.
    """
    now, before = _bytes(written), _bytes(baseline)
    if sum(now) <= sum(before):
        return None
    total = f"larger than the baseline: {human_bytes(sum(now))} against {human_bytes(sum(before))}"
    grown = human_bytes(now[0] - before[0])
    if now[1] <= before[1]:
        saved = human_bytes(before[1] - now[1])
        return (
            f"{total}; its weights are {saved} smaller, but what is added to compute with them "
            f"makes the graph (.xml) {grown} larger: this model is too small to gain"
        )
    model = ov.Core().read_model(written)
    constants = [it for it in every_operation(model) if it.get_type_name() == "Constant"]
    constants.sort(key=lambda constant: -constant.get_byte_size())
    largest = "; ".join(_constant_in_words(constant, constants) for constant in constants[:_NAMED])
    return f"{total}; its largest constants: {largest}"


def _bytes(path: Path) -> tuple[int, int]:
    """Of the graph and of the weights."""
    weights = weights_beside(path)
    return path.stat().st_size, weights.stat().st_size if weights.exists() else 0


def _constant_in_words(constant: ov.Node, others: list[ov.Node]) -> str:
    """A constant's type, shape, size and readers, and whether its values are there again."""
    kind, shape = _kind(constant), list(constant.shape)
    twice = {_kind(it) for it in others if list(it.shape) == shape} - {kind}
    again = f", beside {', '.join(sorted(twice))} of the same shape" if twice else ""
    readers = ", ".join(sorted(_readers(constant)))
    return f"{kind} {shape} {human_bytes(constant.get_byte_size())} of {readers}{again}"


def _kind(constant: ov.Node) -> str:
    return str(constant.get_element_type().get_type_name())


def _readers(node: ov.Node) -> set[str]:
    """Types of the operations that a constant belongs to."""
    readers: set[str] = set()
    for output in node.outputs():
        for reader in output.get_target_inputs():
            kind = reader.get_node().get_type_name()
            readers |= _readers(reader.get_node()) if kind in _UNPACKING else {kind}
    return readers
