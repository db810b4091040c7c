"""Class names: those of the model, and those of the data where its order is another."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from ovtui.core.files.reading import read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.recipes.model_facts import class_names
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.hub.model_config import read_object

_FILE = "labels.json"
THE_MODELS = "model"
"""In place of an order: the data's numbers are the model's."""
_NAMED = 3
"""Names that a message holds of each list."""


class Labels(NamedTuple):
    """Names by the model's class index, and by the data's number where that is not the same."""

    model: list[str] | None
    data: list[str] | None = None
    taken: str = ""
    """How labels of the data became classes of the model, as a person is told."""


def agree(
    chosen: list[str] | None,
    model: list[str] | None,
    data: list[str] | None,
    order: list[str] | str | None = None,
    *,
    sorted_only: bool = False,
) -> Labels:
    """Decides which names count.

    Args:
        chosen: the recipe's `data.labels`: names in the model's order, over all else.
        model: what the model calls its classes.
        data: what the data set calls them, by its own number.
        order: the recipe's `data.label_order`: in place of `data`; `"model"` where the data's
            numbers are the model's, whatever their names.
        sorted_only: the data's order is only that of their names, as folders are listed.

    Raises:
        SourceError: which class of the model a class of the data is cannot be known.
    """
    names = chosen or model
    if order == THE_MODELS:
        return Labels(names or data, None, f"numbers as the model counts{_counted(names or data)}")
    if order:
        if names is None:
            raise SourceError(
                "data.label_order: the model does not name its classes; "
                "list them in the model's order as data.labels"
            )
        return _by_name(names, list(order), "data.label_order")
    if names is None:
        if data and sorted_only:
            _check_sorted(data)
        taken = f"in the data's order{_counted(data)}" if data else "numbers as the model counts"
        return Labels(data, None, taken)
    if data and list(map(_plain, data)) == list(map(_plain, names)):
        return Labels(names, None, "by name")  # also where two are alike: ImageNet has two cranes
    if data and _spelled(names, data) is not None:
        return _by_name(names, data, "data")
    if chosen or data is None or all(map(str.isdecimal, data)):
        counts = "data.labels" if chosen else "the model"
        return Labels(names, None, f"numbers as {counts} counts{_counted(names)}")
    raise SourceError(
        f"the data's classes ({_some(data)}) are not the model's ({_some(names)}): list the data's "
        "in their order, by the model's names, as data.label_order; or give "
        f'data.label_order = "{THE_MODELS}" where their numbers are the model\'s'
    )


def in_order(names: Collection[str]) -> list[str]:
    """Returns names of folders as classes are counted: numbers by their value, all else as text."""
    numbers = all(map(str.isdecimal, names)) and len(set(map(int, names))) == len(names)
    return sorted(names, key=int if numbers else None)


def position_of(label: str, names: Sequence[str]) -> int | None:
    """Returns where a label stands among names, whatever its case; None where it is none, or
    several.
    """
    exact, alike = _places(tuple(names))
    positions = exact.get(label) or alike.get(_plain(label)) or []
    return positions[0] if len(positions) == 1 else None


def model_labels(folder: Path | None) -> list[str] | None:
    """Returns class names of a Hugging Face model; None where it has only numbers.

    Args:
        folder: with `config.json`; None for a model of another kind.
    """
    if folder is None:
        return None
    try:
        return class_names(read_object(folder / "config.json")) or None
    except SourceError:
        return None  # a damaged configuration is told of when the model is loaded


def keep_labels(folder: Path, labels: list[str] | None) -> None:
    """Leaves the names of classes in a run folder: who asks its models needs them.

    Args:
        folder: of the run.
        labels: in the model's order; None of a model without names.
    """
    write_atomically(folder / _FILE, json.dumps(labels).encode())


def kept_labels(folder: Path) -> list[str] | None:
    """Returns the names that a run left; None where it has none, or was made before they were
    kept.
    """
    try:
        return read_json(folder / _FILE, list[str])
    except (OSError, ValueError):
        return None


def _by_name(names: list[str], data: list[str], where: str) -> Labels:
    """The data's names in the model's spelling."""
    spelled = _spelled(names, data)
    if spelled is None:
        unknown = next((name for name in data if position_of(name, names) is None), data[-1])
        raise SourceError(
            f"{where}: {unknown!r} is no class of the model, {nearest(unknown, names)}"
        )
    if spelled == names[: len(spelled)]:
        return Labels(names, None, "by name")
    moved = [(number, name) for number, name in enumerate(spelled) if names.index(name) != number]
    pairs = ", ".join(f"{number} {name} is {names.index(name)}" for number, name in moved[:_NAMED])
    more = ", …" if len(moved) > _NAMED else ""
    return Labels(names, spelled, f"by name, in another order than the data's: {pairs}{more}")


def _spelled(names: Sequence[str], data: Sequence[str]) -> list[str] | None:
    """The data's names as the model spells them; None where one is missing, or two are alike."""
    places = [position_of(name, names) for name in data]
    spelled = [names[place] for place in places if place is not None]
    return spelled if len(spelled) == len(set(spelled)) == len(data) else None


def _check_sorted(names: Sequence[str]) -> None:
    """Refuse names whose numbers count otherwise than their letters: `c 10` before `c 2`."""
    by_number = sorted(names, key=_natural)
    if not all(map(str.isdecimal, names)) and by_number != sorted(names):
        raise SourceError(
            f"whether the model counts the folders as {_some(sorted(names))} or as "
            f"{_some(by_number)} is not known: list its classes in order as data.labels"
        )


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


@functools.lru_cache(maxsize=4)
def _places(names: tuple[str, ...]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Where each name stands, as it is spelled and whatever its case."""
    exact: dict[str, list[int]] = {}
    alike: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        exact.setdefault(name, []).append(index)
        alike.setdefault(_plain(name), []).append(index)
    return exact, alike


def _plain(name: str) -> str:
    """A name without what spellings differ in: case, and `_` or `-` for a space."""
    return re.sub(r"[\s_-]+", " ", name.strip().casefold())


def _counted(names: Sequence[str] | None) -> str:
    if not names:
        return ""
    counted = ", ".join(f"{number} is {name}" for number, name in enumerate(names[:_NAMED]))
    return f": {counted}{', …' if len(names) > _NAMED else ''}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
