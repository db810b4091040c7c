"""What one module of the dashboard uses of Textual is as it was; no other uses what is private."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from textual.app import App
from textual.screen import Screen
from textual.widgets import Log, OptionList

from ovtui.tui import textual_internals
from ovtui.tui.textual_internals import ATTRIBUTES, EXPECTED, UpdatesSeen

FOLDER = Path(textual_internals.__file__).parent


@pytest.mark.parametrize(("owner", "name", "parameters"), EXPECTED)
def test_what_is_replaced_or_called_takes_what_it_took(
    owner: Any, name: str, parameters: str
) -> None:
    found = inspect.signature(getattr(owner, name)).parameters
    assert ", ".join(found) == parameters, f"{owner.__name__}.{name} is another in this Textual"


def test_attributes_that_are_read_are_there() -> None:
    owners = (UpdatesSeen(), Screen(), Console(), UpdatesSeen())
    assert all(hasattr(owner, name) for owner, name in zip(owners, ATTRIBUTES, strict=True))


def test_tests_of_the_dashboard_reach_for_nothing_private() -> None:
    """But for how long Pilot waits, for which Textual has no public place (`conftest.py`)."""
    of_others = re.compile(r"\b(?!self\b|cls\b|os\b)\w+\._[a-z]\w*|import _[a-z]\w*")
    found = [
        (path.name, name)
        for path in Path(__file__).parent.glob("*.py")
        for name in of_others.findall(path.read_text())
    ]
    assert found == [("conftest.py", "import" + " _wait")]


def test_no_other_module_uses_what_is_private() -> None:
    """By import, of another object, by `super()`, or of its own base class."""
    bases = {name for base in (App, Screen, OptionList, Log) for name in dir(base)}
    of_others = re.compile(r"(?:textual|rich)\.[\w.]*\b_[a-z]|\b(?!self|cls|os\b)\w+\._[a-z]\w*")
    of_base = re.compile(r"(?:self|super\(\))\.(_[a-z]\w*)")
    found = []
    for path in (it for it in FOLDER.rglob("*.py") if it.name != "textual_internals.py"):
        text = path.read_text()
        own = set(re.findall(r"def (_\w+)|self\.(_\w+)(?:: [^=\n]+)? = ", text))
        known = {name for pair in own for name in pair}
        inherited = {name for name in of_base.findall(text) if name in bases - known}
        found += [(path.name, name) for name in [*of_others.findall(text), *inherited]]
    assert found == []
