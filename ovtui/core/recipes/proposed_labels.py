"""How the data's labels are classes of the model: by name where both have some, else by number."""

from __future__ import annotations

from collections.abc import Iterator

from ovtui.core.recipes.data_facts import DataColumn
from ovtui.core.recipes.model_facts import ModelFacts
from ovtui.core.recipes.recipe_text import Decision

_SHOWN = 4


def proposed_labels(model: ModelFacts, label: DataColumn | None) -> Iterator[Decision]:
    """Yields `data.labels` in the model's order, and how the data count where that is otherwise.

    Args:
        model: with the names of its classes, where it has any.
        label: the data's column of right answers; None where there is none.
    """
    if label is None:
        if model.labels:
            yield _labels(model.labels, "the model's own names")
        return
    named = label.kind == "name" or label.listed
    if model.labels and named:
        yield from _beside_the_models(model.labels, label)
    elif named:
        yield _without_the_models(model, label)
    elif model.labels:
        yield _labels(model.labels, "the model's own names; the data have numbers")
    if label.kind == "class" and not label.listed:
        yield from _first_number(model, label)


def _beside_the_models(names: list[str], label: DataColumn) -> Iterator[Decision]:
    """Both have names."""
    known = set(map(_alike, names))
    unknown = [value for value in label.values if _alike(value) not in known]
    if not unknown:
        yield _labels(names, f"the model's own names, which {label.name!r} has as well")
    elif label.listed or len(unknown) < len(label.values):
        why = (
            f"the model's names; {label.name!r} also has {_some(unknown)}, which is none of them: "
            "give data.label_order, the data's names in their order as the model calls them"
        )
        yield _labels(names, why, uncertain=True)
    else:
        why = (
            f"{label.name!r} has other names than the model ({_some(names)}): these are sorted; "
            "put them in the model's order"
        )
        yield _labels(label.values, why, uncertain=True)


def _without_the_models(model: ModelFacts, label: DataColumn) -> Decision:
    """Only the data have names."""
    count = _scores(model)
    why = "the data's order" if label.listed else "sorted: the model does not name its classes"
    if count is not None and count != len(label.values):
        why = f"the model has {count} scores, {label.name!r} has {len(label.values)} names; {why}"
    return _labels(label.values, f"{why}; put them in the model's order", uncertain=True)


def _first_number(model: ModelFacts, label: DataColumn) -> Iterator[Decision]:
    """`data.first_label`, where numbers count from 1."""
    count = len(model.labels) or _scores(model)
    if label.lowest is not None and label.lowest > 0 and count == label.highest:
        why = f"{label.name!r} counts from {label.lowest:g} to {label.highest:g}"
        yield Decision(key="data.first_label", value=1, reason=why)


def _scores(model: ModelFacts) -> int | None:
    """How many scores the only output has."""
    shape = model.outputs[0].shape if len(model.outputs) == 1 else None
    return shape[1] if shape is not None and len(shape) == 2 and shape[1] > 1 else None


def _labels(names: list[str], reason: str, *, uncertain: bool = False) -> Decision:
    return Decision(key="data.labels", value=names, reason=reason, uncertain=uncertain)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _alike(name: str) -> str:
    """A name without what spellings differ in, as labels are matched."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
