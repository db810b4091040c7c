"""Fixtures that tests of recipes and runs share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.preloaded import Server, forked_by

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test asks a hub but its own


@pytest.fixture(scope="session")
def imports() -> Iterator[Server]:
    """A process that has imported what engines import, once it is asked."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def forked_engines(imports: Server) -> Iterator[None]:
    """Has the engines of a module's runs forked with their imports done.

    For tests of what a run finds; those of processes have new interpreters.
    """
    if sys.platform != "linux":  # elsewhere no process is adopted
        yield
        return
    with forked_by(imports):
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory, settings and machine locks of this test's own."""
    folder = tmp_path / "home"
    (tmp_path / "locks").mkdir()
    monkeypatch.setenv("OVTUI_LOCKS", str(tmp_path / "locks"))
    monkeypatch.setenv("OVTUI_HOME", str(folder))
    monkeypatch.setenv("OVTUI_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest-xdist says 80
    return folder


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny recipe with model, data and code, made once; not to be changed."""
    from tests.support.tiny import write_recipe_folder

    folder = tmp_path_factory.mktemp("tiny")
    write_recipe_folder(folder)
    return folder


@pytest.fixture
def tiny(tiny_files: Path, tmp_path: Path) -> Path:
    """The tiny recipe in a folder of this test's own: the path of `tiny.toml`."""
    folder = tmp_path / "recipe"
    shutil.copytree(tiny_files, folder)
    return folder / "tiny.toml"


@pytest.fixture(scope="session")
def tiny_text_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny text recipes with models and data, by task; not to be changed."""
    from tests.support.tiny_text import write_text_folder

    folder = tmp_path_factory.mktemp("text")
    for task in ("text-classification", "sentence-similarity"):
        write_text_folder(folder / task, task)
    return folder


@pytest.fixture
def tiny_text(tiny_text_files: Path, tmp_path: Path) -> Path:
    """The tiny text classification in a folder of this test's own: the path of `tiny.toml`."""
    shutil.copytree(tiny_text_files / "text-classification", tmp_path / "text")
    return tmp_path / "text" / "tiny.toml"


@pytest.fixture
def tiny_similarity(tiny_text_files: Path, tmp_path: Path) -> Path:
    """The tiny sentence similarity in a folder of this test's own: the path of `tiny.toml`."""
    shutil.copytree(tiny_text_files / "sentence-similarity", tmp_path / "similarity")
    return tmp_path / "similarity" / "tiny.toml"
