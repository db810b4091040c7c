"""What a graph takes and gives, as facts that data are held against before anything long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ovtui.core.recipes.model_facts import Port

if TYPE_CHECKING:
    import openvino as ov

_PASSING = {"Convert", "Reshape", "Squeeze", "Unsqueeze"}
"""Operations that hand on the values of their first input."""


def inputs_of(model: ov.Model) -> list[Port]:
    """Returns the inputs of an `ov.Model`, with the size of the table that an input's ids
    look up.
    """
    return [_port(port, table=min(_tables(port), default=None)) for port in model.inputs]


def outputs_of(model: ov.Model) -> list[Port]:
    """Returns the outputs of an `ov.Model`, with the operation that calculates them."""
    return [_port(port, made_by=_made_by(port)) for port in model.outputs]


def _port(port: ov.Output, **facts: Any) -> Port:
    shape = port.get_partial_shape()
    return Port(
        names=sorted(port.get_names()),
        kind=port.get_element_type().to_string(),
        shape=None
        if shape.rank.is_dynamic
        else [-1 if size.is_dynamic else size.get_length() for size in shape],
        **facts,
    )


def _tables(port: ov.Output) -> Iterator[int]:
    """Rows of the tables that look up an output's values as they are, as embeddings do."""
    for target in port.get_target_inputs():
        node, place = target.get_node(), target.get_index()
        kind = node.get_type_name()
        if kind == "Gather" and place == 1:
            axis, table = node.input_value(2).get_node(), node.input_value(0).get_partial_shape()
            if axis.get_type_name() == "Constant" and table.rank.is_static:
                rows = table[int(axis.get_data().item())]
                if rows.is_static:
                    yield rows.get_length()
        elif kind in _PASSING and place == 0:
            yield from _tables(node.output(0))


def _made_by(port: ov.Output) -> str:
    """The type of the operation that an output's values come from."""
    node = port.get_node().input_value(0).get_node()
    while node.get_type_name() in _PASSING:
        node = node.input_value(0).get_node()
    return str(node.get_type_name())
