"""Which of a model's classes a label of the data is."""

from __future__ import annotations

import re

import numpy as np

from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.labels import position_of
from ovtui.engine.tasks import Task

_NUMBER = re.compile(r"(?:LABEL_)?(\d+)")
"""A class without a name, as it is or as transformers calls it."""


def class_of(task: Task, label: object) -> int:
    """Returns the model's index of a class that the data give by number or by name.

    Args:
        task: knows the names on both sides, and the data's first number.
        label: a number or a name.

    Raises:
        SourceError: no class, or several, are called so.
    """
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, bool):
        position = position_of(str(label), task.labels or [])
        return int(label) if position is None else position
    if isinstance(label, float) and label.is_integer():
        label = int(label)  # a CSV column with gaps holds floats
    if isinstance(label, str):
        return _named(task, label)
    if not isinstance(label, int):
        raise SourceError(f"label {label}: expected a class index or a name")
    return _numbered(task, label)


def _numbered(task: Task, label: int) -> int:
    """The model's index of a class that the data gives as a number."""
    first = task.data.first_label
    index, names = label - first, task.data_labels or task.labels
    if index < 0 or (names and index >= len(names)):
        last = f" to {first + len(names) - 1}" if names else " or more"
        known = f"the labels are {first}{last}" if names else f"expected {first}{last}"
        advice = ""
        if names and not first and index == len(names):
            advice = "; where they count from 1, give data.first_label = 1"
        raise SourceError(f"label {label}: unknown, {known}{advice}")
    return _named(task, task.data_labels[index]) if task.data_labels else index


def _named(task: Task, label: str) -> int:
    """The model's index of a class that the data gives as text."""
    position = position_of(label, task.labels or [])
    if position is not None:
        return position
    if number := _NUMBER.fullmatch(label.strip()):
        return _numbered(task, int(number[1]))
    if not task.labels:
        raise SourceError(f"label {label!r}: is a name; list the classes in order as data.labels")
    if label in task.labels:
        raise SourceError(f"label {label!r}: several classes are called so; give numbers")
    raise SourceError(f"label {label!r}: unknown, {nearest(label, task.labels)}")
