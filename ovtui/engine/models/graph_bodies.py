"""The graphs within a graph: bodies of an If, a Loop or a TensorIterator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def bodies(operation: Any) -> list[Any]:
    """Returns the models that an operation holds; none of most."""
    match operation.get_type_name():
        case "If":
            return [operation.get_then_body(), operation.get_else_body()]
        case "Loop" | "TensorIterator":
            return [operation.get_function()]
        case _:
            return []


def every_operation(model: Any) -> Iterator[Any]:
    """Yields all operations of a model in an order in which they can be calculated, bodies
    included.
    """
    for operation in model.get_ordered_ops():
        for body in bodies(operation):
            yield from every_operation(body)
        yield operation
