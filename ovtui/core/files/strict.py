"""Checks plain data against typed structures, and says what is wrong in a person's words."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect as types

from ovtui.core.text.errors import RecipeError, nearest

T = TypeVar("T")


def convert(value: Any, structure: type[T], where: str) -> T:
    """Returns plain data as a typed structure.

    Args:
        value: tables, lists and scalars as TOML or JSON gives them.
        structure: the `msgspec.Struct` to build.
        where: the file, for messages.

    Raises:
        RecipeError: names file, key, what was expected and the nearest valid name.
    """
    _check(value, type_info(structure), where, "")  # type: ignore[arg-type]
    try:
        return msgspec.convert(value, structure)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{where}: {error}") from error


@cache
def type_info(structure: type) -> types.Type:
    """Returns what msgspec knows of a structure; finding it out takes most of a recipe's
    reading.
    """
    known = types.type_info(structure)
    _order_words(known, set())
    return known


def _order_words(kind: types.Type, seen: set[type]) -> None:
    """Put the words that a field may have in the order in which it lists them; msgspec sorts
    them.
    """
    if not isinstance(kind, types.StructType) or kind.cls in seen:
        return
    seen.add(kind.cls)
    fields = {field.name: list(_parts(field.type)) for field in kind.fields}
    literals = {
        name: [part for part in parts if isinstance(part, types.LiteralType)]
        for name, parts in fields.items()
    }
    hints = get_type_hints(kind.cls) if any(literals.values()) else {}
    for name, in_field in literals.items():
        given = {frozenset(words): words for words in _words(hints.get(name))}
        for literal in in_field:
            literal.values = given[frozenset(literal.values)]
    for part in chain.from_iterable(fields.values()):
        _order_words(part, seen)


def _parts(kind: types.Type) -> Iterator[types.Type]:
    """Yield a type, and those that it is made of."""
    yield kind
    match kind:
        case types.UnionType(types=inner) | types.TupleType(item_types=inner):
            parts: tuple[types.Type, ...] = inner
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item):
            parts = (item,)
        case types.DictType(key_type=key, value_type=value):
            parts = (key, value)
        case _:
            parts = ()
    for part in parts:
        yield from _parts(part)


def _words(hint: object) -> Iterator[tuple[bool | str | int | None, ...]]:
    """Yield the words of each literal in an annotation, in their order."""
    if get_origin(hint) is Literal:
        yield get_args(hint)
    else:
        for part in get_args(hint):
            yield from _words(part)


def _check(value: Any, kind: types.Type, where: str, key: str) -> None:
    match kind:
        case types.StructType():
            _check_table(value, kind, where, key)
        case types.UnionType():
            _check_union(value, kind, where, key)
        case types.ListType() | types.VarTupleType():
            _require(isinstance(value, list), value, describe(kind), where, key)
            _check_length(value, kind, where, key)
            for index, item in enumerate(value):
                _check(item, kind.item_type, where, f"{key}[{_label(item, index)}]")
        case types.TupleType():
            size = len(kind.item_types)
            expected = f"a list of {size} values"
            _require(isinstance(value, list) and len(value) == size, value, expected, where, key)
            for index, (item, item_type) in enumerate(zip(value, kind.item_types, strict=True)):
                _check(item, item_type, where, f"{key}[{index}]")
        case types.DictType():
            _require(isinstance(value, dict), value, "a table", where, key)
            for name, item in value.items():
                _check(name, kind.key_type, where, key)
                _check(item, kind.value_type, where, _join(key, name))
        case types.LiteralType():
            _check_literal(value, kind, where, key)
        case types.AnyType():
            pass
        case _:
            _check_scalar(value, kind, where, key)


def _check_table(value: Any, kind: types.StructType, where: str, key: str) -> None:
    _require(isinstance(value, dict), value, "a table", where, key)
    fields = {field.encode_name: field for field in kind.fields}
    allowed = set(fields) | ({kind.tag_field} if kind.tag_field else set())
    for name, item in value.items():
        if name not in allowed:
            path = _join(key, name)
            raise RecipeError(f"{where}: {path}: unknown key, {nearest(name, allowed)}")
        if name in fields:
            _check(item, fields[name].type, where, _join(key, name))
    for name, field in fields.items():
        if field.required and name not in value:
            raise RecipeError(
                f"{where}: {_join(key, name)}: missing, expected {describe(field.type)}"
            )


def _check_union(value: Any, kind: types.UnionType, where: str, key: str) -> None:
    members = [member for member in kind.types if not isinstance(member, types.NoneType)]
    tables = [member for member in members if isinstance(member, types.StructType)]
    if value is None and len(members) < len(kind.types):
        return
    if isinstance(value, dict) and tables and tables[0].tag_field:
        _check_tagged(value, tables, where, key)
        return
    fitting = [member for member in members if _fits(value, member)]
    if fitting:
        _check(value, fitting[0], where, key)
    elif len(members) == 1:
        _check(value, members[0], where, key)
    else:
        _require(False, value, " or ".join(map(describe, members)), where, key)


def _check_tagged(
    value: dict[str, Any], tables: list[types.StructType], where: str, key: str
) -> None:
    field = tables[0].tag_field or ""
    tags = {str(table.tag): table for table in tables}
    path = _join(key, field)
    if field not in value:
        raise RecipeError(f"{where}: {path}: missing, expected one of {', '.join(sorted(tags))}")
    tag = value[field] if isinstance(value[field], str) else None
    if tag not in tags:
        raise RecipeError(
            f"{where}: {path}: unknown value {value[field]!r:.200}, "
            f"{nearest(str(value[field])[:200], tags)}"
        )
    _check_table(value, tags[tag], where, key)


def _check_length(
    value: list[Any], kind: types.ListType | types.VarTupleType, where: str, key: str
) -> None:
    least, most = kind.min_length or 0, kind.max_length
    if len(value) < least:
        _require(False, value, f"at least {least} of {describe(kind.item_type)}", where, key)
    if most is not None and len(value) > most:
        _require(False, value, f"at most {most} of {describe(kind.item_type)}", where, key)


def _check_literal(value: Any, kind: types.LiteralType, where: str, key: str) -> None:
    if value in kind.values and not isinstance(value, bool):
        return
    known = nearest(str(value), map(str, kind.values), in_order=True)
    raise RecipeError(f"{where}: {key}: unknown value {value!r}, {known}")


def _check_scalar(value: Any, kind: types.Type, where: str, key: str) -> None:
    _require(_fits(value, kind), value, describe(kind), where, key)
    if isinstance(kind, types.StrType) and kind.pattern is not None:
        expected = f"text that matches {kind.pattern}"
        _require(re.search(kind.pattern, value) is not None, value, expected, where, key)
    if isinstance(kind, types.FloatType):
        _require(math.isfinite(value), value, "a finite number", where, key)
    if isinstance(kind, types.IntType | types.FloatType):
        if kind.ge is not None:
            _require(value >= kind.ge, value, f"at least {kind.ge}", where, key)
        if kind.gt is not None:
            _require(value > kind.gt, value, f"more than {kind.gt}", where, key)
        if kind.le is not None:
            _require(value <= kind.le, value, f"at most {kind.le}", where, key)


def _fits(value: Any, kind: types.Type) -> bool:
    match kind:
        case types.BoolType():
            return isinstance(value, bool)
        case types.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case types.FloatType():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and (isinstance(value, float) or abs(value) <= sys.float_info.max)
        case types.StrType():
            return isinstance(value, str)
        case types.ListType() | types.VarTupleType() | types.TupleType():
            return isinstance(value, list)
        case types.DictType() | types.StructType():
            return isinstance(value, dict)
        case types.LiteralType():
            return value in kind.values
        case _:
            return True


def describe(kind: types.Type) -> str:
    """Returns what a key expects, in words."""
    match kind:
        case types.BoolType():
            return "true or false"
        case types.IntType():
            return "a whole number"
        case types.FloatType():
            return "a number"
        case types.StrType():
            return "a string"
        case types.ListType() | types.VarTupleType():
            return f"a list (of {describe(kind.item_type)})"
        case types.TupleType():
            return f"a list of {len(kind.item_types)} values"
        case types.LiteralType():
            return "one of " + ", ".join(map(str, kind.values))
        case types.UnionType():
            members = [item for item in kind.types if not isinstance(item, types.NoneType)]
            return " or ".join(describe(item) for item in members)
        case types.DictType() | types.StructType():
            return "a table"
        case _:
            return "a value"


def _require(condition: bool, value: Any, expected: str, where: str, key: str) -> None:
    if not condition:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        raise RecipeError(f"{where}: {key or 'the file'}: expected {expected}, found {shown}")


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _label(item: Any, index: int) -> str:
    """A list's table is named by its own `name`, as `--set` names it."""
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else str(index)
