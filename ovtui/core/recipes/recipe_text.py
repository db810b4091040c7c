"""A recipe as TOML that a person reads: each value with the reason above it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ovtui.core.files.reading import Damaged, TomlTable, parse_toml
from ovtui.core.text.foreign import plain

_WIDTH = 98
_BARE = re.compile(r"[\w-]+", re.ASCII)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a new recipe."""

    key: str
    """Dotted, as in `data.evaluation.split`."""
    value: Any
    reason: str = ""
    uncertain: bool = False
    """A guess, which a person should look at."""


def written(decisions: Sequence[Decision], heading: str) -> str:
    """Returns the TOML of a recipe.

    Args:
        decisions: its values; `variants` holds a list of tables.
        heading: comment at its beginning.
    """
    lines = [*_comment(heading), "schema = 1"]
    section = ""
    for decision in _by_section(decisions):
        place, _, name = decision.key.rpartition(".")
        if decision.key == "variants":
            lines += ["", *_comment(decision.reason), *_variants(decision.value)]
            continue
        if place != section:
            lines += ["", f"[{place}]"]
            section = place
        marked = f"? {decision.reason}" if decision.uncertain else decision.reason
        lines += [*_comment(marked), f"{name} = {toml_value(decision.value)}"]
    return "\n".join([*lines, ""])


def toml_value(value: Any) -> str:
    """Returns a value in one line, as TOML spells it."""
    match value:
        case Mapping():
            inside = ", ".join(f"{_key(name)} = {toml_value(it)}" for name, it in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def value_of(text: str) -> Any:
    """Returns a TOML value, or the text itself where it is none: strings need no quotes."""
    try:
        return parse_toml(f"value = {text}", "a value")["value"]
    except Damaged:
        return text


def _by_section(decisions: Iterable[Decision]) -> list[Decision]:
    """Plain keys first, then each section's together, and variants last, as TOML wants them."""
    listed = list(decisions)
    sections = list(dict.fromkeys(entry.key.rpartition(".")[0] for entry in listed))
    sections.sort(key=lambda section: section != "")
    return sorted(
        listed, key=lambda it: (it.key == "variants", sections.index(it.key.rpartition(".")[0]))
    )


def _variants(variants: Iterable[TomlTable]) -> Iterable[str]:
    for variant in variants:
        yield "[[variants]]"
        yield f"name = {toml_value(variant['name'])}"
        for component, method in variant["components"].items():
            yield f"components.{_key(component)} = {toml_value(method)}"
        yield ""


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(plain(text), _WIDTH)]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_value(name)
