"""What of a model is quantized: before a compression, and after it."""

from __future__ import annotations

from typing import NamedTuple

import openvino as ov

from ovtui.engine.models.model_files import every_operation

_QUANTIZERS = {"FakeQuantize", "FakeConvert"}
_MOST_BITS = 8


class Survey(NamedTuple):
    """How many parts of a model are quantized; none in one that is in floating point."""

    quantizers: int
    """Operations that round to a grid of 8 bits or fewer."""
    constants: int
    """Of 8 bits or fewer, which are read as floating point: weights and their zero points."""

    def __str__(self) -> str:
        constants = f"constants of {_MOST_BITS} bits or fewer: {self.constants}"
        return f"{self.quantizers} FakeQuantize; {constants}"


NOTHING = Survey(0, 0)


def survey(model: ov.Model) -> Survey:
    """Counts what is quantized, bodies of an If or a Loop included."""
    quantizers = constants = 0
    for operation in every_operation(model):
        kind = operation.get_type_name()
        quantizers += kind in _QUANTIZERS
        constants += kind == "Constant" and _is_packed(operation)
    return Survey(quantizers, constants)


def _is_packed(constant: ov.Node) -> bool:
    kind = constant.get_element_type()
    if kind in (ov.Type.boolean, ov.Type.string) or kind.bitwidth > _MOST_BITS:
        return False
    readers = (reader.get_node() for reader in constant.output(0).get_target_inputs())
    return any(
        reader.get_type_name() == "Convert" and reader.get_output_element_type(0).is_real()
        for reader in readers
    )


def why_unchanged(before: Survey) -> str:
    """Returns what is to be said of a model that a compression left as it was.

    Args:
        before: what of it was quantized before.
    """
    if before == NOTHING:
        return (
            "nothing to compress: NNCF found no weights, or none that the recipe lets it; "
            "the file is the baseline's"
        )
    return (
        f"compressed already ({before}): the file is the baseline's; to quantize it in another "
        "way, start from the model in floating point"
    )
