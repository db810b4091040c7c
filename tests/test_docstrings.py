"""Every public function says what it does in a sentence that begins with a verb.

What other modules use says more: what its parameters are where their names do not tell, and which
errors it raises by itself.
"""

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
MOST_UNEXPLAINED = 2
"""Parameters that a sentence tells by itself; of more there is a list, `Args:`."""
MEASURED = re.compile(r"\b(int|float|Path|ndarray|Arrays|Tensor)\b")
"""Types that tell neither unit nor shape, nor of what a path is."""
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


class Used(NamedTuple):
    """A public function that another module imports, or a method."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    docstring: str

    @property
    def parameters(self) -> dict[str, str]:
        """Their annotations."""
        given = self.node.args
        several = [it for it in (given.vararg, given.kwarg) if it]
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]
        return {it.arg: ast.unparse(it.annotation) if it.annotation else "" for it in named}

    @property
    def explained(self) -> set[str]:
        """What `Args:` lists."""
        _, _, rest = self.docstring.partition("Args:\n")
        section = re.split(r"\n(?=\S)", rest)[0]
        names = re.findall(r"^    (\*{0,2}\w+(?:, \w+)*):", section, re.MULTILINE)
        return {name.lstrip("*") for entry in names for name in entry.split(", ")}

    @property
    def raised(self) -> set[str]:
        """The classes of errors that it raises in its own body."""
        made = {
            ast.unparse(it.exc.func).rpartition(".")[2]
            for it in _own_nodes(self.node)
            if isinstance(it, ast.Raise) and isinstance(it.exc, ast.Call)
        }
        return {name for name in made if name[0].isupper()}


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


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yields what a function holds, without functions inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, FUNCTION | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own_nodes(child)


@functools.cache
def _used() -> list[Used]:
    """Returns the functions that other modules import, or call as attributes of their module."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}
    modules = {_module_of(path): path for path in trees}
    used: set[tuple[Path, str]] = set()
    for path, tree in trees.items():
        known = {}
        for it in ast.walk(tree):
            if isinstance(it, ast.ImportFrom) and it.module:
                for alias in it.names:
                    if (module := f"{it.module}.{alias.name}") in modules:
                        known[alias.asname or alias.name] = modules[module]
                    elif it.module in modules and modules[it.module] != path:
                        used.add((modules[it.module], alias.name))
        attributes = (it for it in ast.walk(tree) if isinstance(it, ast.Attribute))
        used |= {
            (known[it.value.id], it.attr)
            for it in attributes
            if isinstance(it.value, ast.Name) and it.value.id in known
        }
    return [
        Used(f"{path.relative_to(ROOT)}:{it.lineno} {it.name}", it, ast.get_docstring(it) or "")
        for path, tree in sorted(trees.items())
        for it in tree.body
        if isinstance(it, FUNCTION) and it.name[0] != "_" and (path, it.name) in used
    ]


def _told_methods() -> Iterator[Used]:
    """Yields public methods of public classes that have docstrings of their own."""
    for path in sorted(ROOT.rglob("*.py")):
        for owner in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(owner, ast.ClassDef) or owner.name[0] == "_":
                continue
            for it in owner.body:
                if isinstance(it, FUNCTION) and it.name[0] != "_" and ast.get_docstring(it):
                    name = f"{path.relative_to(ROOT)}:{it.lineno} {owner.name}.{it.name}"
                    yield Used(name, it, ast.get_docstring(it) or "")


def _module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def test_functions_of_other_modules_are_found() -> None:
    names = {it.name.rpartition(" ")[2] for it in _used()}
    assert {"compare_outcomes", "recipe_request", "baseline_of"} <= names and len(names) > 400


def test_many_parameters_are_explained() -> None:
    unexplained = [
        it.name
        for it in _used()
        if len(it.parameters) > MOST_UNEXPLAINED and "Args:" not in it.docstring
    ]
    assert not unexplained


def test_units_and_shapes_are_told() -> None:
    """Of two numbers, arrays or paths a sentence alone seldom says which is which."""
    untold = []
    for it in _used():
        measured = [name for name, kind in it.parameters.items() if MEASURED.search(kind)]
        named = all(f"`{name}`" in it.docstring for name in measured)
        if len(measured) > 1 and not named and "Args:" not in it.docstring:
            untold.append(it.name)
    assert not untold


def test_what_none_means_is_told() -> None:
    """Of a parameter by its name, or by the word; of what is returned by the word."""
    untold = []
    for it in _used():
        optional = [name for name, kind in it.parameters.items() if kind.endswith("| None")]
        named = all(f"`{name}`" in it.docstring for name in optional) or "None" in it.docstring
        if not named and "Args:" not in it.docstring:
            untold.append(it.name)
        returned = ast.unparse(it.node.returns) if it.node.returns else ""
        if returned.endswith("| None") and "None" not in it.docstring:
            untold.append(it.name)
    assert not untold


def test_no_argument_is_explained_that_is_gone() -> None:
    wrong = {it.name: gone for it in _used() if (gone := it.explained - set(it.parameters))}
    assert not wrong


def test_errors_are_told() -> None:
    untold = {
        it.name: missing
        for it in (*_used(), *_told_methods())
        if (missing := [error for error in it.raised if error not in it.docstring])
    }
    assert not untold
