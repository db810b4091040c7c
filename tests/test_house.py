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


OPEN = {
    "components/observe.py: arguments_of": "arguments of a person's model",
    "tasks/generation.py: settings": "arguments of transformers' `generate`",
    "tasks/speech_recognition.py: settings": "arguments of transformers' `generate`",
    "tasks/whisper.py: settings": "arguments of transformers' `generate`",
    "tasks/whisper.py: generate": "arguments of transformers' `generate`",
    "pipelines/decoding.py: inputs": "arguments of transformers' `generate`",
    "ask/streaming.py: told_while_written": "arguments of transformers' `generate`",
    "hub/weights.py: weights_of": "a recipe's `model.arguments`, for the model's own class",
    "compression/nncf_parameters.py: nncf_parameters": "arguments of NNCF's functions",
    "store/fingerprint.py: of_model": "is hashed, and never read",
    "store/fingerprint.py: of_module": "is hashed, and never read",
    "run/assemble.py: measured_fields": "arguments of `Variant`",
}
"""Public names of the engine whose keys, or whose values' types, are not ours to say."""
MOST_ANYS = 395
"""Uses of `Any` in all modules; there were 890. What is left is a person's data, or a library's."""


def _is_untyped_table(annotation: ast.expr | None) -> bool:
    text = "" if annotation is None else ast.unparse(annotation)
    return "dict[str, Any]" in text or "Mapping[str, Any]" in text


def _untyped(module: ast.Module) -> Iterator[str]:
    """Public functions and fields that take or give dicts of anything."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            given = node.args
            taken = [it.annotation for it in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            if not node.name.startswith("_") and any(
                map(_is_untyped_table, [*taken, node.returns])
            ):
                yield node.name
        if isinstance(node, ast.ClassDef):
            fields = [it for it in node.body if isinstance(it, ast.AnnAssign)]
            yield from (ast.unparse(it.target) for it in fields if _is_untyped_table(it.annotation))


def test_what_passes_between_modules_of_the_engine_has_keys_with_types() -> None:
    found = {
        f"{name.removeprefix('engine/')}: {untyped}"
        for name, module in _modules()
        if name.startswith("engine/")
        for untyped in _untyped(module)
    }
    assert found == set(OPEN), found ^ set(OPEN)


def test_any_stands_only_for_what_may_be_anything() -> None:
    uses = [
        f"{name}:{node.lineno}"
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id == "Any"
    ]
    assert len(uses) <= MOST_ANYS, len(uses)
