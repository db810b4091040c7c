"""A method says itself what it needs, and how the start form offers it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import ovtui
from ovtui.core.recipes.compression import Method, method_name
from ovtui.core.recipes.options import options_of
from ovtui.core.recipes.recipe import Recipe, load
from ovtui.core.text.errors import RecipeError

PACKAGE = Path(ovtui.__file__).parent
DEMO = PACKAGE.parent / "recipes" / "demo" / "mobilenetv2-digits.toml"
SPELLS = {"core/recipes/compression.py", "core/recipes/standard_variants.py"}
"""The table of methods, and the variants that are worth trying."""
METHODS: tuple[type[Method], ...] = get_args(Method)


def with_method(name: str) -> Recipe:
    """The demo with a method as the start form puts it into another's place."""
    choices = next(it for it in options_of(load(DEMO)) if it.title == "method").choices
    (choice,) = [it for it in choices if f'"{name}"' in it]
    return load(DEMO, [f"variants=[{{name = 'x', components = {{model = {choice}}}}}]"])


@pytest.mark.parametrize("kind", METHODS)
def test_the_start_form_offers_what_a_method_has(kind: type[Method]) -> None:
    name = str(kind.__struct_config__.tag)
    recipe = with_method(name)
    (method,) = recipe.variants[0].components.values()
    assert isinstance(method, kind) and method_name(method) == name and method.label
    titles = [it.title for it in options_of(recipe) if it.group]
    assert titles == ["method", *kind.shown.values()]


def test_modes_are_offered_and_told_in_the_order_of_nncf() -> None:
    of_weights, of_both = (
        next(it for it in options_of(with_method(name)) if it.title == "mode")
        for name in ("compress_weights", "quantize")
    )
    assert of_weights.choices[:4] == ('"int8_sym"', '"int8_asym"', '"int4_sym"', '"int4_asym"')
    assert of_both.choices == ('"fp8_e4m3"', '"fp8_e5m2"')
    assert of_both.absent == "int8" and of_both.meaning != of_weights.meaning
    wrong = (
        'variants=[{name = "x", components = {model = {method = "compress_weights", mode = 3}}}]'
    )
    with pytest.raises(RecipeError, match="valid are int8_sym, int8_asym, int4_sym, int4_asym"):
        load(DEMO, [wrong])


def test_a_methods_name_is_spelt_where_it_is_defined() -> None:
    names = "|".join(str(kind.__struct_config__.tag) for kind in METHODS)
    spelt = re.compile(rf"\"({names})\"".replace("none|", ""))
    files = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if spelt.search(path.read_text())
    }
    assert files <= SPELLS
