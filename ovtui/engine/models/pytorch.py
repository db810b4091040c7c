"""A PyTorch model, given a sample's inputs and asked for its outputs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.element_types import array_of
from ovtui.engine.data.spool import Arrays

if TYPE_CHECKING:
    import torch


class Given(NamedTuple):
    """How a sample's inputs go to a module."""

    names: list[str]
    """Of the inputs, in the order of `forward`'s parameters."""
    by_name: bool
    """Whether they go by name; else they are the arguments in this order."""
    left_out: list[str]
    """Inputs that `forward` has no parameter for."""
    loose: list[str]
    """Inputs that only `forward`'s `**kwargs` take."""


def given_to(module: torch.nn.Module, names: Sequence[str]) -> Given:
    """Decides how inputs go to a module: by name, wherever `forward` has names.

    A name that `forward` lacks is left out, never taken for another by its place. Inputs go by
    their order only where no name could be matched: a single input to a module that wants one, and
    inputs of a `forward` whose parameters have no names (`*args`).

    Args:
        module: a `torch.nn.Module`.
        names: of the inputs, in the sample's order.

    Raises:
        SourceError: a parameter that has no default would be left without a value.
    """
    parameters = _parameters(module)
    known = [
        parameter.name
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    required = [
        parameter.name
        for parameter in parameters
        if parameter.name in known and parameter.default is parameter.empty
    ]
    any_name = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    named = [name for name in known if name in names]
    others = [name for name in names if name not in named]
    if set(required) <= set(named):
        if any_name:
            return Given([*named, *others], True, [], others)
        if named:
            return Given(named, True, others, [])
    unnamed = any(
        parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY)
        for parameter in parameters
    )
    if not named and ((len(names) == 1 and len(required) <= 1) or unnamed):
        return Given(list(names), False, [], [])
    raise SourceError(
        f"the PyTorch model's forward takes {', '.join(known) or 'nothing'}; the data gives "
        f"{', '.join(names) or 'nothing'}: inputs are matched by name "
        "(data.columns of a task 'tensors' names them)"
    )


def tensors_of(sample: Arrays) -> dict[str, torch.Tensor]:
    """Returns a sample's inputs as tensors of their own: a module may write into what it is
    given.
    """
    import torch

    return {name: torch.tensor(array) for name, array in sample.items()}


def call(module: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> Arrays:
    """Returns the module's outputs in order, by their names, or their numbers where they have none.

    Args:
        module: a `torch.nn.Module`.
        tensors: inputs by name; those that it does not take are left out.

    Raises:
        SourceError: an input that it needs is missing, or an output is no tensor.
    """
    given = given_to(module, list(tensors))
    chosen = {name: tensors[name] for name in given.names}
    outputs = module(**chosen) if given.by_name else module(*chosen.values())
    return arrays_of(outputs)


def call_with_all(module: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> Arrays:
    """Returns the outputs of a model that is called as transformers' examples do:
    `model(**inputs)`.

    Apart from `call`, so that what is wrong there shows. What stands for a model of transformers
    has it as its attribute `untouched`.

    Args:
        module: what is converted.
        tensors: everything that the model's processor gives.
    """
    model = getattr(module, "untouched", module)
    parameters = _parameters(model)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        tensors = {
            parameter.name: tensors[parameter.name]
            for parameter in parameters
            if parameter.name in tensors
        }
    return arrays_of(model(**tensors))


def beyond_a_table(module: torch.nn.Module, samples: Sequence[Arrays]) -> str:
    """Says what PyTorch calls "index out of range in self": an id beyond every table of ids.

    Args:
        module: a `torch.nn.Module`.
        samples: its inputs; arrays of whole numbers may be ids.

    Returns:
        Words for the person; empty where every id is in the largest table.
    """
    import torch

    tables = {
        name: named_module.num_embeddings
        for name, named_module in module.named_modules()
        if isinstance(named_module, torch.nn.Embedding)
    }
    ids = {
        name: max(int(sample[name].max(initial=0)) for sample in samples)
        for name, array in samples[0].items()
        if array.dtype.kind in "iu"
    }
    if not tables or not ids:
        return ""
    table, size = max(tables.items(), key=lambda it: it[1])
    name, highest = max(ids.items(), key=lambda it: it[1])
    if highest < size:
        return ""
    return (
        f"{name} holds {highest}, its table {table!r} has rows 0 to {size - 1}; "
        "the tokenizer or the data are another model's"
    )


def names_of_forward(module: torch.nn.Module) -> list[str]:
    """Returns names of the parameters that a module's forward takes in this order."""
    return [
        parameter.name
        for parameter in _parameters(module)
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]


def arrays_of(outputs: Any) -> Arrays:
    """Returns whatever a module returns, as arrays by their names, or their numbers where they have
    none.

    Raises:
        SourceError: something is no tensor.
    """
    named = dict(named_tensors(outputs, ""))
    return {name: array_of(tensor) for name, tensor in named.items()}


def _parameters(module: torch.nn.Module) -> list[inspect.Parameter]:
    """Parameters of a module's forward, compiled by TorchScript or not."""
    schema = getattr(module.forward, "schema", None)
    if schema is None:
        return list(inspect.signature(module.forward).parameters.values())
    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    return [
        inspect.Parameter(
            argument.name,
            kind,
            default=argument.default_value if argument.has_default_value() else empty,
        )
        for argument in schema.arguments[1:]
    ]


def named_tensors(outputs: Any, name: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yields names and tensors of whatever a module returns, in order.

    Args:
        outputs: a tensor, or mappings, lists and tuples of them within each other.
        name: that stands before the names of those inside; may be empty.

    Raises:
        SourceError: there is something else among them.
    """
    import torch

    if isinstance(outputs, torch.Tensor):
        yield name or "0", outputs
        return
    if not isinstance(outputs, Mapping | list | tuple):
        kind = type(outputs).__name__
        raise SourceError(
            f"output {name or 0} of the PyTorch model is a {kind}, no tensor"
            + ("; use_cache = false in its config.json has none" if "Cache" in kind else "")
        )
    items = outputs.items() if isinstance(outputs, Mapping) else enumerate(outputs)
    for key, value in items:
        if value is not None:
            yield from named_tensors(value, f"{name}.{key}" if name else str(key))
