"""The documents for developers lead where they say, and name rooms and files that are there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "ovtui" / "engine"
DOCUMENTS = ("README.md", "ovtui/ARCHITECTURE.md", ".github/CONTRIBUTING.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    document = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
    assert links
    assert not [link for link in links if not (document.parent / link).exists()]


@pytest.mark.parametrize("name", DOCUMENTS[1:])
def test_files_that_are_named_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    paths = re.findall(r"`(?:ovtui/)?((?:core|engine|tui|tests|\.ci|run|processes)/[\w./]+)`", text)
    assert paths
    places = (ROOT, ROOT / "ovtui", ENGINE)
    assert not [path for path in paths if not any((it / path).exists() for it in places)]


@pytest.mark.parametrize("package", ["core", "engine"])
def test_every_room_has_a_row_and_the_root_is_empty(package: str) -> None:
    folder = ROOT / "ovtui" / package
    rooms = {it.name for it in folder.iterdir() if (it / "__init__.py").is_file()}
    document = (ROOT / DOCUMENTS[1]).read_text()
    section = document.split(f"## Rooms of the {package}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(rows) == sorted(rooms)
    assert {it.name for it in folder.glob("*.py")} <= {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_started(name: str) -> None:
    """They run on request alone: one named what had moved, and nobody saw it."""
    assert callable(importlib.import_module(f"tests.benchmarks.{name}").main)
