"""Keys of `--set`."""

from __future__ import annotations

import pytest

from ovtui.core.recipes import assignment


@pytest.mark.parametrize(
    ("text", "steps", "value"),
    [
        ("a.b=1", ["a", "b"], "1"),
        ("variants.int8 weights.x = y=z", ["variants", "int8 weights", "x"], "y=z"),
        ('variants."v1.5".x=1', ["variants", "v1.5", "x"], "1"),
        ("variants.'v=1.5'.x=1", ["variants", "v=1.5", "x"], "1"),
        (r'a."b\"c".d=', ["a", 'b"c', "d"], ""),
    ],
)
def test_steps_are_split_as_toml_does(text: str, steps: list[str], value: str) -> None:
    assert assignment.split(text) == (steps, value)


@pytest.mark.parametrize("text", ["samples", "=3", "a..b=3", 'a."b=3', ".a=1", "a.=1"])
def test_other_words_are_none(text: str) -> None:
    assert assignment.split(text) is None


@pytest.mark.parametrize("name", ["int8", "int8 weights", "v1.5", "a=b", 'say "x"', "é", "it's"])
def test_any_name_is_a_step(name: str) -> None:
    assert assignment.split(f"variants.{assignment.step(name)}.x=1") == (
        ["variants", name, "x"],
        "1",
    )
