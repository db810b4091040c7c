"""Every public function says what it does in a sentence that begins with a verb."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import ovtui

ROOT = Path(ovtui.__file__).parent
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
NO_VERBS = {
    "arguments", "arrays", "as", "axes", "bytes", "cells", "characters", "class", "classes",
    "columns", "components", "cores", "cues", "devices", "embeddings", "files", "floats",
    "images", "indices", "inferences", "inputs", "its", "keys", "labels", "latencies", "less",
    "lines", "logits", "messages", "metrics", "milliseconds", "models", "operations", "outputs",
    "parameters", "patterns", "pixels", "positions", "predictions", "processors", "properties",
    "rows", "samples", "scores", "seconds", "shares", "stages", "steps", "tensors", "texts",
    "this", "tokens", "variants", "values", "versions", "weights", "words",
}  # fmt: skip
"""Words with an s at their end that began docstrings and are no verbs."""
NOUNS = re.compile(r"(Names|Runs|Orders|Numbers|Ends|Marks|Looks) (of|that|and)\b|Numbers\b")
"""These are verbs as well."""


class Function(NamedTuple):
    """A public function or method, with where it is."""

    name: str
    docstring: str


def _is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = {ast.unparse(it).rpartition(".")[2] for it in function.decorator_list}
    return bool(decorators & {"property", "cached_property", "setter"})


def _functions(path: Path) -> Iterator[Function]:
    """Yields public functions, and public methods of public classes.

    A property is an attribute, and its docstring a noun phrase as an attribute's: Google Python
    Style Guide, 3.8.3. A method without a docstring has that of the method it overrides.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [it for it in tree.body if isinstance(it, ast.ClassDef) and it.name[0] != "_"]
    for owner in (tree, *classes):
        bases = []
        if isinstance(owner, ast.ClassDef):
            bases = [_base(base) for base in owner.bases]
        for it in owner.body:
            if not isinstance(it, FUNCTION) or it.name[0] == "_":
                continue
            docstring = ast.get_docstring(it) or ""
            is_told_above = not docstring and any(it.name in _methods(base) for base in bases)
            if not _is_property(it) and not is_told_above:
                yield Function(f"{path.relative_to(ROOT)}:{it.lineno} {it.name}", docstring)


@functools.cache
def _classes() -> dict[str, list[ast.ClassDef]]:
    """Returns all classes by name, of which several rooms may have one."""
    found: dict[str, list[ast.ClassDef]] = {}
    for path in ROOT.rglob("*.py"):
        for it in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(it, ast.ClassDef):
                found.setdefault(it.name, []).append(it)
    return found


def _methods(name: str) -> set[str]:
    """Returns the names of a class's methods that have a docstring, inherited ones too."""
    found: set[str] = set()
    for owner in _classes().get(name, []):
        found |= {
            it.name for it in owner.body if isinstance(it, FUNCTION) and ast.get_docstring(it)
        }
        found = found.union(*(_methods(_base(base)) for base in owner.bases))
    return found


def _base(node: ast.expr) -> str:
    """Returns the name of a base class, without its module and its parameters."""
    return ast.unparse(node).partition("[")[0].rpartition(".")[2]


def _begins_with_verb(docstring: str) -> bool:
    first = re.match(r"([A-Z][a-z]+s)\b", docstring)
    return bool(first) and first[1].lower() not in NO_VERBS and not NOUNS.match(docstring)


FOLDERS = sorted({str(path.parent.relative_to(ROOT)) for path in ROOT.rglob("*.py")})


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_begins_with_a_verb(folder: str) -> None:
    functions = [it for path in sorted((ROOT / folder).glob("*.py")) for it in _functions(path)]
    wrong = [f"{it.name}: {it.docstring.partition(chr(10))[0]!r}" for it in functions
             if not _begins_with_verb(it.docstring)]  # fmt: skip
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("docstring", "is_verb"),
    [
        ("Returns the digest of a file.", True),
        ("Names the folder.", True),
        ("Names of the folders.", False),
        ("Rows of a table.", False),
        ("The digest of a file.", False),
        ("Return the digest.", False),
        ("", False),
    ],
)
def test_a_verb_is_in_the_third_person(docstring: str, is_verb: bool) -> None:
    assert _begins_with_verb(docstring) is is_verb
