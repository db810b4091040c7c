"""The options of a recipe that matter at a start, and the `--set` words that choose them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import msgspec
from msgspec import inspect as types

from ovtui.core.files.strict import type_info
from ovtui.core.recipes.assignment import step
from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.option_words import words_of
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.recipe_text import toml_value

_OF_RECIPE = {
    "data.source": "data",
    "data.columns": "columns",
    "data.calibration.split": "calibration rows",
    "data.evaluation.split": "evaluation rows",
    "data.calibration.samples": "calibration samples",
    "data.evaluation.samples": "evaluation samples",
    "max_drop": "allowed drop",
    "measure.seconds": "seconds to measure",
    "measure.latency": "measure latency",
    "measure.throughput": "measure throughput",
}


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a recipe that can be chosen at a start."""

    key: str
    """As `--set` names it."""
    group: str
    """The variant and component that it belongs to; empty for what belongs to the run."""
    title: str
    value: str
    """As TOML spells it; empty where the recipe leaves it out."""
    absent: str
    """What holds where the recipe leaves it out."""
    meaning: str
    """What it does, in one line."""
    choices: tuple[str, ...] = ()
    """TOML spellings of the only values there are; empty for free text."""
    listed: bool = False
    """It takes a list of strings."""


def options_of(recipe: Recipe) -> list[Option]:
    """Returns what can be chosen, with the recipe's values."""
    choices = [_option(recipe, key, "", title, key) for key, title in _OF_RECIPE.items()]
    for variant in recipe.variants:
        for name, method in variant.components.items():
            choices += _of_component(variant.name, name, method)
    return choices


def as_toml(option: Option, text: str) -> str:
    """Returns a typed text as the value of `--set`: `MatMul, Add` becomes a list where one is
    expected.
    """
    if option.listed and not text.strip().startswith("["):
        parts = [part.strip().strip("\"'") for part in text.split(",") if part.strip()]
        return f"[{', '.join(map(_toml, parts))}]"
    return text.strip()


def only(names: Sequence[str]) -> str:
    """Returns the value of `variants` that runs only these variants."""
    return _toml(list(names))


def assignments(changes: Mapping[str, str]) -> list[str]:
    """Returns changed values as `KEY=VALUE`, whole methods before what is set inside them."""
    ordered = sorted(changes.items(), key=lambda change: change[0].count("."))
    return [f"{key}={value}" for key, value in ordered]


def _of_component(variant: str, component: str, method: Method) -> Iterator[Option]:
    key = f"variants.{step(variant)}.components.{step(component)}"
    group = variant if component == "model" else f"{variant}, {component}"
    choices = {kind: _inline(kind) for kind in get_args(Method)}
    value = choices[type(method)]
    yield Option(
        key=key,
        group=group,
        title="method",
        value=value,
        **words_of("method")._asdict(),
        choices=tuple(choices.values()),
    )
    for path, title in method.shown.items():
        yield _option(method, path, group, title, f"{key}.{path}")


def _inline(kind: type[Method]) -> str:
    """Return a method as an inline table of TOML, with what it cannot do without."""
    given = {"method": kind.__struct_config__.tag, **kind.chosen_with}
    return "{ " + ", ".join(f"{name} = {_toml(value)}" for name, value in given.items()) + " }"


def _option(owner: msgspec.Struct, path: str, group: str, title: str, key: str) -> Option:
    value: Any = owner
    kind: types.Type = type_info(type(owner))
    for part in path.split("."):
        value = None if value is None else getattr(value, part)
        kind = _field(kind, part)
    members = kind.types if isinstance(kind, types.UnionType) else (kind,)
    method = owner.__struct_config__.tag
    return Option(
        key=key,
        group=group,
        title=title,
        value="" if value is None or value == {} else _toml(value),
        **words_of(f"{method}.{path}" if method else path)._asdict(),
        choices=tuple(choice for member in members for choice in _choices(member)),
        listed=any(isinstance(member, types.ListType) for member in members),
    )


def _field(kind: types.Type, name: str) -> types.Type:
    members = kind.types if isinstance(kind, types.UnionType) else (kind,)
    fields = (f for m in members if isinstance(m, types.StructType) for f in m.fields)
    return next(field.type for field in fields if field.name == name)


def _choices(kind: types.Type) -> tuple[str, ...]:
    match kind:
        case types.LiteralType(values=values):
            return tuple(map(_toml, values))
        case types.BoolType():
            return ("true", "false")
    return ()


def _toml(value: Any) -> str:
    """A value as TOML spells it; but for tables that is how JSON does."""
    if isinstance(value, dict):
        return toml_value(value)
    return msgspec.json.encode(value).decode()
