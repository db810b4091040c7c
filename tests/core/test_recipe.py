"""Recipes are read strictly: every mistake has one line with file, key and what was expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ovtui.core.home import directories
from ovtui.core.recipes.compression import CompressWeights, Quantize
from ovtui.core.recipes.recipe import Recipe, json_schema, load
from ovtui.core.text.errors import RecipeError, UserError
from tests.support.held import RECIPE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "r.toml"
    path.write_text(RECIPE)
    return path


def complaint(path: Path, text: str | None = None, overrides: list[str] | None = None) -> str:
    """What a person is told, without the file's name."""
    if text is not None:
        path.write_text(text)
    with pytest.raises(UserError) as caught:
        load(path, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(str(path)).removeprefix(" with --set").removeprefix(": ")


def test_a_recipe_is_read_with_its_defaults(path: Path) -> None:
    recipe = load(path)
    assert isinstance(recipe, Recipe)
    assert (recipe.title, recipe.max_drop, recipe.baseline.storage) == ("Held", 0.01, "fp16")
    assert recipe.variants[0].components == {"model": Quantize()}


@pytest.mark.parametrize("found", sorted(directories.builtin_recipes().rglob("*.toml")), ids=str)
def test_every_recipe_that_comes_along_is_valid(found: Path) -> None:
    assert load(found).variants, found


def test_recipes_come_along() -> None:
    assert len(list(directories.builtin_recipes().rglob("*.toml"))) > 10


@pytest.mark.parametrize(
    ("line", "other", "told"),
    [
        ("schema = 1", "schema = 2", "schema: unknown value 2, valid are 1"),
        ("schema = 1", "", "schema: missing, expected one of 1"),
        ('title = "Held"', "title = 3", "title: expected a string, found 3"),
        ('title = "Held"', 'tittle = "Held"', "tittle: unknown key, did you mean 'title'?"),
        (
            'task = "image-classification"',
            'task = "image-clasification"',
            "task: unknown value 'image-clasification', did you mean 'image-classification'?",
        ),
        ("samples = 4", "samples = -1", "samples: expected at least 0, found -1"),
        ("samples = 4", "samples = 1.5", "samples: expected a whole number, found 1.5"),
        ("samples = 4", "samples = true", "samples: expected a whole number, found True"),
        ("samples = 4", "trust = 1", "trust: expected true or false, found 1"),
        ("seconds = 0.1", "seconds = 0", "measure.seconds: expected more than 0, found 0"),
        ("seconds = 0.1", "secnds = 1", "measure.secnds: unknown key, did you mean 'seconds'?"),
        ("blocks = 2", "blocks = 1", "measure.blocks: expected at least 2, found 1"),
        (
            "mean = [0.5, 0.5, 0.5]",
            'mean = ["a"]',
            "data.preprocessing.mean[0]: expected a number, found 'a'",
        ),
        (
            "mean = [0.5, 0.5, 0.5]",
            "resize = [1, 2, 3]",
            "data.preprocessing.resize: expected at most 2 of a whole number, found [1, 2, 3]",
        ),
        (
            'labels = ["a", "b", "c", "d"]',
            'labels = "abcd"',
            "data.labels: expected a list (of a string), found 'abcd'",
        ),
        (
            '{ method = "quantize" }',
            '{ method = "quantise" }',
            "variants[int8].components.model.method: unknown value 'quantise', "
            "did you mean 'quantize'?",
        ),
        (
            '{ method = "quantize" }',
            "{ method = [] }",
            "variants[int8].components.model.method: unknown value [], valid are ",
        ),
        (
            '{ method = "quantize" }',
            '{ preset = "mixed" }',
            "variants[int8].components.model.method: missing, expected one of ",
        ),
        (
            '{ method = "quantize" }',
            '{ method = "quantize", presett = "mixed" }',
            "variants[int8].components.model.presett: unknown key, did you mean 'preset'?",
        ),
        (
            '{ method = "quantize" }',
            '{ method = "quantize", preset = "fast" }',
            "variants[int8].components.model.preset: unknown value 'fast', valid are ",
        ),
        ('name = "int8"', 'name = "fp32"', "variants: 'fp32' is the name of a baseline"),
        ('name = "int8"', 'name = "a/b"', ""),
        ('name = "int8"', 'name = ""', ""),
        (
            'components.model = { method = "quantize" }',
            "components = {}",
            "variants[int8].components: expected at least one component",
        ),
        ("[model]", "[model", "not valid TOML: "),
        ("[[variants]]", "[variants]", "variants: expected a list (of a table), found {"),
    ],
)
def test_a_mistake_is_told_in_one_line(path: Path, line: str, other: str, told: str) -> None:
    assert line in RECIPE
    assert complaint(path, RECIPE.replace(line, other)).startswith(told)


def test_no_variant_and_two_of_one_name_are_refused(path: Path) -> None:
    start = RECIPE.index("[[variants]]")
    assert complaint(path, "variants = []\n" + RECIPE[:start]) == (
        "variants: expected at least 1 of a table, found []"
    )
    twice = RECIPE + RECIPE[start:]
    assert complaint(path, twice) == "variants: 'int8' is there twice, names must differ"


def test_a_file_that_cannot_be_read_is_named(path: Path, tmp_path: Path) -> None:
    assert "cannot be read" in complaint(tmp_path / "none.toml")
    path.write_bytes(b"title = '\xff'")
    assert "cannot be read" in complaint(path)


def test_long_values_are_cut_short(path: Path) -> None:
    told = complaint(path, RECIPE.replace("samples = 4", f'samples = "{"x" * 500}"'))
    assert len(told) < 120


@pytest.mark.parametrize(
    ("override", "get", "value"),
    [
        ("title=No quotes needed", lambda r: r.title, "No quotes needed"),
        ('title="true"', lambda r: r.title, "true"),
        ("trust=true", lambda r: r.trust, True),
        (" measure.seconds = 2 ", lambda r: r.measure.seconds, 2),
        ("data.calibration.samples=9", lambda r: r.data.calibration.samples, 9),
        ("baseline.storage=fp32", lambda r: r.baseline.storage, "fp32"),
        ("model.arguments.seed=3", lambda r: r.model.arguments, {"seed": 3}),
        ("data.labels=['x', 'y']", lambda r: r.data.labels, ["x", "y"]),
        ("variants.int8.name=w8", lambda r: r.variants[0].name, "w8"),
        (
            "variants.int8.components.model.preset=mixed",
            lambda r: r.variants[0].components["model"].preset,
            "mixed",
        ),
        ("model.source=a=b", lambda r: r.model.source, "a=b"),
    ],
)
def test_any_key_can_be_set(path: Path, override: str, get: Any, value: object) -> None:
    assert get(load(path, [override])) == value


def test_a_variant_is_added_or_replaced(path: Path) -> None:
    added = 'variants."int4 v1.5"={ components.model = { method = "compress_weights" } }'
    inside = 'variants."int4 v1.5".components.model.mode=int4_sym'
    own, mine = load(path, [added, inside]).variants
    assert (own.name, mine.name) == ("int8", "int4 v1.5")
    assert mine.components == {"model": CompressWeights(mode="int4_sym")}
    assert load(path, ["variants=[]", added]).variants[0].name == "int4 v1.5"
    (replaced,) = load(path, [added.replace('"int4 v1.5"', "int8")]).variants
    assert (replaced.name, replaced.components) == ("int8", {"model": CompressWeights()})


def test_later_settings_win(path: Path) -> None:
    assert load(path, ["samples=1", "samples=2"]).samples == 2


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("samples", "--set samples: expected KEY=VALUE, as in data.calibration.samples=300"),
        ("=3", "--set =3: expected KEY=VALUE"),
        ("a..b=3", "--set a..b=3: expected KEY=VALUE"),
        ("sampels=3", "sampels: unknown key, did you mean 'samples'?"),
        ("measure.second=3", "measure.second: unknown key, did you mean 'seconds'?"),
        ("measure.seconds=fast", "measure.seconds: expected a number, found 'fast'"),
        ("title.x=1", "--set title.x=1: title holds a value, not a table"),
        ("variants=3", "variants: expected a list (of a table), found 3"),
        ("variants.int8=3", "--set variants.int8=3: variants is a list, name a key inside it"),
        (
            "variants.int9.name=x",
            "--set variants.int9.name=x: no 'int9' in variants, did you mean 'int8'?; "
            'variants.NAME={ components.model = { method = "quantize" } } adds one',
        ),
        ("variants.mine={}", "variants[mine].components: missing"),
        (
            "variants.int8.components.model.presett=mixed",
            "variants[int8].components.model.presett: unknown key, did you mean 'preset'?",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_told_in_one_line(path: Path, override: str, told: str) -> None:
    assert complaint(path, overrides=[override]).startswith(told)


def test_the_schema_for_editors_knows_every_key() -> None:
    schema = json_schema()
    found = set(re.findall(r"'(\w+)': \{", str(schema)))
    assert {"variants", "calibration", "preprocessing", "max_drop", "preset"} <= found


@pytest.mark.parametrize("name", ["../x", "/tmp/x", ".", "a/b", "x\n", ""])
def test_a_component_s_name_leads_nowhere(path: Path, name: str) -> None:
    """Folders are called by it."""
    with pytest.raises(RecipeError) as caught:
        load(path, ["task=automatic-speech-recognition", f"components={{ {name!r} = 'encoder' }}"])
    assert "components" in str(caught.value) and "\n" not in str(caught.value)
