"""What the engine uses of libraries without their promise: all is on a list, and as it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress

import ovtui.engine
from ovtui.core.runs.events import Warned
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.connections import Deadline, Handler, look_at_library
from ovtui.engine.libraries import library_use
from ovtui.engine.libraries.internals import INTERNALS, RICH_BARS
from ovtui.engine.libraries.library_use import LibraryUse, Target, missing
from ovtui.engine.libraries.rich_progress import rich_progress
from ovtui.engine.store.progress import Journal

ENGINE = Path(ovtui.engine.__file__).parent
INSIDE = (
    "nncf.",
    "transformers.models.",
    "transformers.generation.utils.",
    "openvino.frontend.",
    "huggingface_hub.constants.",
)
"""Modules within packages, of which the package itself does not export the names."""
PUBLIC = {"os._exit", "_asdict", "_replace", "_fields"}
"""Documented in Python's library, in spite of their names."""
DOCUMENTED = {"hub/python_function.py: sys.modules"}
"""Python's own recipe for importing a file."""


@pytest.mark.parametrize("use", INTERNALS, ids=lambda use: use.name)
def test_each_target_is_as_it_was_when_the_use_was_written(use: LibraryUse) -> None:
    assert missing(use) is None
    assert use.why and use.how and use.targets and use.checked_with
    for file in use.files:
        assert any(is_listed(name, use) for name in used(ENGINE / file)), f"not used in {file}"


@pytest.mark.parametrize("part", ["core", "commands"])
def test_core_and_commands_use_none(part: str) -> None:
    files = [*(ENGINE.parent / part).rglob("*.py"), ENGINE.parent / "cli.py"]
    assert [(path.name, name) for path in files for name in used(path)] == []


def test_every_use_is_on_the_list() -> None:
    files = {path.relative_to(ENGINE).as_posix(): path for path in ENGINE.rglob("*.py")}
    found = {
        f"{file}: {name}"
        for file, path in files.items()
        if "/nncf_patches/" not in file
        for name in used(path)
        if not any(file in use.files and is_listed(name, use) for use in INTERNALS)
    }
    assert found == DOCUMENTED


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import torch\ntorch.x._inner()", "_inner"),
        ("from datasets import _hidden", "datasets._hidden"),
        ("from openvino._deep import thing", "openvino._deep.thing"),
        ("from nncf.common.graph import NNCFGraph", "nncf.common.graph.NNCFGraph"),
        ("import sys\nsys.modules['x'] = None", "sys.modules"),
        ("getattr(module, '_inner', None)", "_inner"),
        ("from rich.text import Text\nsetattr(Text, name, 1)", "rich.text.Text"),
        ("from transformers import Model\nModel.forward = 1", "transformers.Model.forward"),
    ],
)
def test_a_use_is_noticed(tmp_path: Path, code: str, name: str) -> None:
    (tmp_path / "x.py").write_text(code)
    assert name in set(used(tmp_path / "x.py"))


def test_a_target_that_was_renamed_is_named_with_the_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(Progress, "track")
    assert missing(RICH_BARS) == "rich 15.0.0 has no rich.progress.Progress.track"
    other = LibraryUse(
        name="x",
        targets=(Target("http.client.HTTPConnection._another"),),
        why="",
        how="",
        needed=True,
        checked_with="",
    )
    told = missing(other)
    assert told and told.startswith("Python 3.") and told.endswith("._another")


def test_hosts_are_not_connected_to_where_they_cannot_be_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "Python 9.0 has no http.client.HTTPConnection._create_connection"
    monkeypatch.setattr(library_use, "missing", lambda use: told)
    look_at_library.cache_clear()
    with pytest.raises(SourceError) as caught:
        Handler(Deadline(1), private=False)
    assert str(caught.value) == (
        f"{told}, which ovtui relies on for connections to public hosts alone; install Python 3.11"
    )


def test_bars_of_another_rich_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Progress.update
    monkeypatch.delattr(Progress, "track")
    with rich_progress(Journal(Run(tmp_path), "compress")):
        assert Progress.update is original
    (warned,) = (it.message for it in Run(tmp_path).tail(0).events if isinstance(it, Warned))
    assert warned.startswith("NNCF's steps are not told: rich ")


def is_listed(name: str, use: LibraryUse) -> bool:
    """Whether a use has a target of this name, or one within what is named."""
    last = name.rpartition(".")[2]
    return any(
        it.name.startswith(f"{name}.") or it.name.rpartition(".")[2] == last for it in use.targets
    )


def used(path: Path) -> Iterator[str]:
    """What a module uses of libraries without their promise, as far as its text tells.

    That is a private name of another object, a module within a package of `INSIDE`, the table of
    loaded modules, and whatever is set in a class or module that was imported.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = set(_own(tree))
    imported = dict(_imported(tree))
    for name in imported.values():
        parts = name.split(".")
        within = name.startswith(INSIDE) and len(parts) > 2
        if within or any(part.startswith("_") for part in parts):
            yield name
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=attr) if attr in OURS:
                pass
            case ast.Attribute(attr=attr) if attr[0] == "_" and attr[:2] != "__":
                if attr not in own and not {attr, ast.unparse(node)} & PUBLIC:
                    yield attr
            case ast.Attribute(value=ast.Name(id="sys"), attr="modules" | "meta_path"):
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(attr)), *_]):
                if attr[0] == "_" and attr[:2] != "__" and attr not in own:
                    yield attr
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=of), name, _]):
                if of in imported and of != "sys":
                    end = f".{name.value}" if isinstance(name, ast.Constant) else ""
                    yield f"{imported[of]}{end}"
            case ast.Attribute(value=ast.Name(id=of), attr=attr, ctx=ast.Store()):
                if of in imported and of != "sys":
                    yield f"{imported[of]}.{attr}"


def _own(tree: ast.AST) -> Iterator[str]:
    """Names that a module gives to something itself."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names of others' modules, and of what is in them, by the names that they have here."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.asname or alias.name.partition(".")[0], alias.name
            case ast.ImportFrom(module=str(module), names=names, level=0):
                if module.partition(".")[0] not in ("ovtui", "__future__"):
                    for alias in names:
                        yield alias.asname or alias.name, f"{module}.{alias.name}"


OURS = {name for path in ENGINE.rglob("*.py") for name in _own(ast.parse(path.read_text()))}
"""A class of one module may read what its base class sets in another."""
