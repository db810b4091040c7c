"""Names say what they hold, in the words of the field: the glossary is in ARCHITECTURE.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import ovtui

ROOT = Path(ovtui.__file__).parent
SAY_NOTHING = {"told", "found", "letting_go", "standing", "tmp", "helper", "util", "utils"}
"""Each named something else in every place."""


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yields the line and name of what a module binds: variables, arguments, functions, classes."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name


def test_no_name_could_stand_for_anything() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted(ROOT.rglob("*.py"))
        for line, name in _names(ast.parse(path.read_text(encoding="utf-8")))
        if name.strip("_").lower() in SAY_NOTHING
    ]
    assert not wrong, "\n".join(wrong)
