"""Which of a model's outputs says the class, and how its values are read."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ovtui.core.recipes.model_facts import Port, shape_in_words
from ovtui.core.results.result import Classes
from ovtui.core.text.errors import SourceError

_NAMES = [re.compile(name, re.IGNORECASE) for name in ("logit", "prob|softmax", "score|class")]
"""What outputs with a score for each class are called, the likeliest first."""
_BOUNDED = {"Sigmoid", "HardSigmoid"}
"""Operations whose value is a probability by itself."""


def find_scores(
    outputs: Sequence[Port], named: str | None, classes: int | None, least: int = 1
) -> Classes:
    """Returns the output that is read, and how.

    Args:
        outputs: of the model.
        named: the recipe's `model.scores`: one of its names, or its position.
        classes: how many there are, where names tell.
        least: how many there are at least.

    Raises:
        SourceError: no output can hold the classes, or several could.
    """
    if named is not None:
        chosen = _named(outputs, named)
    elif len(outputs) == 1:
        chosen = 0
    else:
        chosen = _likeliest(outputs, classes, least)
    port = outputs[chosen]
    count, output = values_of(port), port.name or str(chosen)
    if count != 1:
        return Classes(count=count, output=output, index=chosen)
    if _is_bounded(port):
        return Classes(count=2, output=output, index=chosen, reads="probability")
    if not port.kind.startswith(("f", "bf")):
        return Classes(count=None, output=output, index=chosen, reads="class")
    raise SourceError(
        "the model gives one score, not one for each class, and no sigmoid at its end makes it a "
        "probability: where the classes are divided cannot be known"
    )


def values_of(port: Port) -> int | None:
    """Returns how many values an output has for a sample; None where that is free."""
    sizes = (port.shape or [-1, -1])[1:]
    return None if -1 in sizes else math.prod(sizes)


def _named(outputs: Sequence[Port], name: str) -> int:
    for index, port in enumerate(outputs):
        if name in port.names or name == str(index):
            return index
    raise SourceError(
        f"model.scores: the model has no output {name!r}; it has {_outputs_in_words(outputs)}"
    )


def _likeliest(outputs: Sequence[Port], classes: int | None, least: int) -> int:
    counts = [values_of(port) for port in outputs]
    fitting = [
        index
        for index, count in enumerate(counts)
        if count is None or (count == classes if classes else count >= max(2, least))
    ]
    if not fitting and max(classes or least, 2) == 2:
        fitting = [i for i, port in enumerate(outputs) if counts[i] == 1 and _is_bounded(port)]
    if len(fitting) > 1:
        for pattern in _NAMES:
            called = [i for i in fitting if any(map(pattern.search, outputs[i].names))]
            if len(called) == 1:
                return called[0]
    if len(fitting) == 1:
        return fitting[0]
    wanted = f"{classes} scores" if classes else "a score for each class"
    fitting_outputs = "several of the model's outputs" if fitting else "none of the model's outputs"
    raise SourceError(
        f"{fitting_outputs} can hold {wanted}: {_outputs_in_words(outputs)}; "
        "name the right one as model.scores"
    )


def _is_bounded(port: Port) -> bool:
    return port.made_by in _BOUNDED


def _outputs_in_words(outputs: Sequence[Port]) -> str:
    return ", ".join(
        f"{port.name or index} ({shape_in_words(port)})" for index, port in enumerate(outputs)
    )
