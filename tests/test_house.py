"""How the code is cut: few parameters, no tiny files, and a question that is asked in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

OVTUI = Path(__file__).parents[1] / "ovtui"
MOST = 6
"""Parameters of a function, `self` aside; more of them travel in a structure with a name."""
GIVEN_BY_A_LIBRARY = {
    "engine/compression/nncf_patches/accuracy_control.py: _search",  # stands where NNCF's own does
}
ASKING = {
    "core/recipes/task.py": "says which tasks have one",
    "core/recipes/recipe_check.py": "says what a recipe of one, or of the other, may not say",
    "core/recipes/proposal.py": "says how many samples are proposed for one, or for the other",
    "engine/run/subjects.py": "says what a run is about",
}
"""Who asks whether a model is a pipeline."""

LEAST = 30
"""Lines of a file; what is shorter stands with its neighbours."""
MAY_BE_SHORT = ("commands/", "engine/tasks/", "engine/libraries/evaluate_library.py")
"""One file a verb, one a task, and one that is imported by its name."""


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(OVTUI.rglob("*.py")):
        yield path.relative_to(OVTUI).as_posix(), ast.parse(path.read_text())


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    names = [it.arg for it in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def test_no_function_takes_more_than_six_parameters() -> None:
    functions = [
        (f"{name}: {node.name}", _parameters(node))
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {name: taken for name, taken in functions if len(taken) > MOST}
    assert set(long) == GIVEN_BY_A_LIBRARY, long


def test_no_file_is_too_short_to_be_looked_for() -> None:
    short = {
        name
        for name in (path.relative_to(OVTUI).as_posix() for path in OVTUI.rglob("*.py"))
        if not name.endswith("__init__.py") and not name.startswith(MAY_BE_SHORT)
        if len((OVTUI / name).read_text().splitlines()) < LEAST
    }
    assert not short


def test_a_recipe_and_its_folder_are_one_parameter() -> None:
    beside = [
        f"{name}: {node.name}"
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and {"recipe", "base"} <= set(_parameters(node))
    ]
    assert not beside


def test_who_asks_whether_a_model_is_a_pipeline() -> None:
    asking = {
        name
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id == "PIPELINES"
    }
    assert asking == set(ASKING)
