"""What became of objects, sizes and classes of a detector, in lines that every report shares."""

from __future__ import annotations

from collections.abc import Iterator

from ovtui.core.reports.numbers import change, metric
from ovtui.core.results.object_changes import ObjectChanges, ObjectCounts
from ovtui.core.results.variant import Accuracy

_CLASSES = 5
"""Classes that are named, those that lose most."""


def parts(accuracy: Accuracy) -> str:
    """Returns what is told beside a metric: `AP50 0.6100, AP75 0.4200`."""
    return ", ".join(f"{name} {metric(value)}" for name, value in accuracy.parts.items())


def part_changes(before: Accuracy, after: Accuracy) -> str:
    """Returns the same with its change: `AP50 0.6100 (-0.0100)`."""
    return ", ".join(
        f"{name} {metric(value)} ({change(value - before.parts[name])})"
        for name, value in after.parts.items()
        if name in before.parts
    )


def worst_classes(before: Accuracy, after: Accuracy) -> list[tuple[str, float, float]]:
    """Returns classes with both values of the metric, the one that loses most first.

    Args:
        before: the baseline's.
        after: the variant's.
    """
    both = [
        (name, value, after.classes[name])
        for name, value in before.classes.items()
        if name in after.classes
    ]
    return sorted(both, key=lambda it: it[2] - it[1])


def class_changes(before: Accuracy, after: Accuracy) -> str:
    """Returns the classes that lose most: `cat 0.9100 → 0.7200, …`; empty where none loses."""
    losing = [it for it in worst_classes(before, after) if it[2] < it[1]]
    named = [f"{name} {metric(one)} → {metric(two)}" for name, one, two in losing[:_CLASSES]]
    more = f", and {len(losing) - _CLASSES} more" if len(losing) > _CLASSES else ""
    return ", ".join(named) + more


def objects(changes: ObjectChanges) -> str:
    """Returns what is lost and gained: of all objects, of sizes, and how sure the model is."""
    text = f"{_counted(changes.objects)} of {changes.objects.there}"
    if sizes := ", ".join(_of_sizes(changes)):
        text += f" ({sizes})"
    if changes.score_shift is not None:
        text += f"; scores of {changes.paired} same ones {change(changes.score_shift)} on average"
    return text


def _of_sizes(changes: ObjectChanges) -> Iterator[str]:
    for size, counts in changes.sizes.items():
        if counts.lost or counts.gained:
            yield f"{size}: {_counted(counts)} of {counts.there}"


def _counted(counts: ObjectCounts) -> str:
    return f"{counts.lost} lost, {counts.gained} gained"
