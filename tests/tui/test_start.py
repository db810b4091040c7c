"""From recipe or model to a started run, with the command line that does the same."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from ovtui.core.recipes import recipe
from ovtui.core.runs.run_folder import Run
from ovtui.tui.screens.start import Start
from tests.support.own_models import ir_classifier
from tests.support.run_folders import write_done
from tests.tui.drive import LARGE, SMALL, Hand, drive

DEMO = "mobilenetv2-digits"


async def _open(hand: Hand) -> None:
    await hand.press("2", "slash", *DEMO, "enter", "r")
    assert "handwritten digits" in hand.screen


async def _go(hand: Hand, title: str) -> None:
    """Press down until the cursor is on an option."""
    for _ in range(40):
        if any(text.startswith("›") and title in text for text in hand.lines):
            return
        await hand.pilot.press("j")
    raise AssertionError(f"no option {title} in\n{hand.screen}")


def test_options_become_settings(home: Path, quiet: list[Run]) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await _go(hand, "device")
        await hand.press("right")
        await _go(hand, "calibration samples")
        await hand.press("enter", "ctrl+u", *"20", "enter")
        await _go(hand, "  preset")
        await hand.press("right")
        await _go(hand, "  ignored types")
        await hand.press("enter", *"MatMul,Add", "enter")
        assert "● calibration samples" in hand.screen
        await hand.press("r")
        (run,) = quiet
        request = run.request()
        assert request.device == "AUTO"
        assert "data.calibration.samples=20" in request.overrides
        assert request.recipe is not None
        assert request.recipe.data.calibration.samples == 20
        assert request.argv[:2] == ["run", DEMO]
        method = request.recipe.variants[0].components["model"]
        assert getattr(method, "preset") == "performance"  # noqa: B009
        assert getattr(method, "ignored_scope").types == ["MatMul", "Add"]  # noqa: B009
        # The command line does the same.
        settings = [w for w, before in zip(request.argv[1:], request.argv, strict=False)
                    if before == "--set"]  # fmt: skip
        assert recipe.load(Path(request.recipe_path or ""), settings) == request.recipe
        assert hand.app.current_mode == "runs" and hand.app.session.current == run.id

    drive(script, LARGE)


def test_a_form_has_no_order(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        before = hand.screen
        await hand.press("S")
        assert hand.screen == before
        await hand.press("question_mark")
        assert "start the run" in hand.screen and "sort" not in hand.screen
        assert "add a variant like this one" in hand.screen and "…" not in hand.screen

    drive(script)


def test_what_must_be_fetched_is_told_until_another_model_is_given(
    home: Path, tmp_path: Path
) -> None:
    model, _ = ir_classifier(tmp_path)

    async def script(hand: Hand) -> None:
        await hand.press("2", "slash", *"mobilenetv2-cifar10", "enter", "r")
        assert "! the model must be downloaded by torch.hub" in hand.words
        await hand.press("enter", *str(model), "enter")
        assert "torch.hub" not in hand.lines[1] and "the data must be" in hand.lines[1]

    drive(script, LARGE)


def test_all_options_of_an_added_variant_come_into_sight(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("2", "slash", *"bert-mrpc", "enter", "r")
        assert hand.words.count("from the Hub") == 2  # model and data, not cut
        await hand.press("a", *"mine", "enter")
        assert "mine: method" in _here(hand)
        below = hand.screen.partition("mine: method")[2]
        assert "model type" in below and "ignored patterns" in below

    drive(script, SMALL)


def test_a_method_can_be_exchanged_and_put_back(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await _go(hand, "  preset")
        await hand.press("right")
        await hand.press("k", "right")
        assert "compress_weights" in hand.screen
        assert "  mode" in hand.screen and "  preset" not in hand.screen
        await hand.press("u")
        assert "  preset" in hand.screen and "--set" not in hand.screen

    drive(script, LARGE)


def test_what_is_wrong_is_told_and_not_started(home: Path, quiet: list[Run]) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await _go(hand, "calibration samples")
        await hand.press("enter", "ctrl+u", *"many", "enter")
        assert "data.calibration.samples: expected a whole number" in hand.words
        await hand.press("r")
        assert not quiet
        await hand.press("escape", "escape")
        assert hand.app.current_mode == "recipes"

    drive(script, LARGE)


def test_the_command_line_is_shown_and_copied(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        assert f"$ ovtui run {DEMO} --device CPU" in hand.screen
        await hand.press("y")
        assert (home / "clipboard.txt").read_text() == f"ovtui run {DEMO} --device CPU"

    drive(script, SMALL)


def test_a_model_leads_to_its_recipe(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("1")
        assert "mobilenetv2.py:mobilenetv2" in hand.screen
        await hand.press("slash", *"mobilenetv2.py", "enter", "r")
        assert "Which recipe?" in hand.screen or "handwritten" in hand.screen

    drive(script)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("mobilenetv2.py:mobilenetv2", "an earlier run took 1 min 17 s"),
        ("nets/other.onnx", "no earlier run to estimate from"),
    ],
)
def test_an_earlier_run_of_the_same_model_gives_an_estimate(
    home: Path, model: str, words: str
) -> None:
    write_done(home, model=model)
    folder = home / "runs" / "20260131-101500-digits-ab00"
    folder.rename(home / "runs" / f"20260131-101500-{DEMO}-ab00")

    async def script(hand: Hand) -> None:
        await _open(hand)
        assert words in hand.screen

    drive(script)


def test_models_show_what_was_made_from_them(home: Path) -> None:
    run = write_done(home)
    folder = run.folder / "models" / "int8"
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("<net ")
    (folder / "model.bin").write_bytes(bytes(2048))

    async def script(hand: Hand) -> None:
        await hand.press("1", "G")
        assert "└ int8" in hand.screen and "2.00 KiB" in hand.screen
        await hand.press("enter")
        assert "0.98 ms (median)" in hand.screen

    drive(script)


TWO = """
schema = 1
title = "two variants"
task = "tensors"
[model]
source = "net.onnx"
[data]
source = "some.npz"
columns = { x = "x" }
[data.calibration]
split = "all[:9]"
[data.evaluation]
split = "all[9:]"
[[variants]]
name = "int8 v1.5"
components.model = { method = "quantize" }
[[variants]]
name = "weights"
components.model = { method = "compress_weights" }
"""


def _two(home: Path) -> Path:
    """A recipe with two variants, and the files that it names."""
    for name in ("net.onnx", "some.npz"):
        (home / name).touch()
    path = home / "two.toml"
    path.write_text(TWO)
    return path


def test_a_variant_of_ones_own_is_added_and_taken_away(home: Path, quiet: list[Run]) -> None:
    path = _two(home)

    async def script(hand: Hand) -> None:
        hand.app.open_start(str(path))
        await hand.settle()
        await _go(hand, "variant weights")
        assert "a adds a variant" in hand.words
        await hand.press("a")
        assert "name of the new variant" in hand.words
        await hand.press(*"int8 v1.5", "enter")
        assert "'int8 v1.5' is there already" in hand.words
        await hand.press("escape", "ctrl+u", *"int4 v2.0", "enter")
        assert "int4 v2.0: method" in _here(hand) and "compress_weights" in _here(hand)
        await _go(hand, "  mode")
        assert "int8_asym" in _here(hand) and "what weights are stored as" in hand.words
        await hand.press("right", "right")
        await _go(hand, "  group size")
        await hand.press("enter", *"many", "enter")
        assert "group_size: expected a whole number" in hand.words
        await hand.press("enter", "ctrl+u", *"64", "enter")
        assert '--set \'variants."int4 v2.0"={' in hand.words
        await hand.press("r")
        request = quiet[0].request()
        settings = request.argv[request.argv.index("--set") + 1 :: 2]
        assert request.recipe is not None and recipe.load(path, settings) == request.recipe
        mine = request.recipe.variants[-1]
        assert mine.name == "int4 v2.0" and len(request.recipe.variants) == 3
        method = mine.components["model"]
        assert (getattr(method, "mode"), getattr(method, "group_size")) == ("int4_asym", 64)  # noqa: B009
        assert hand.app.session.done[-1] == f"ovtui {shlex.join(request.argv)}"

    drive(script, LARGE)


def test_d_takes_any_variant_away_and_none_left_is_told(home: Path, quiet: list[Run]) -> None:
    path = _two(home)

    async def script(hand: Hand) -> None:
        hand.app.open_start(str(path))
        await hand.settle()
        await hand.press("a", *"mine", "enter")
        await hand.press("right")
        assert "--set 'variants.mine=" in hand.words and "mine: method" in hand.words
        await hand.press("D")
        assert "mine" not in hand.words
        await _go_up(hand, "variant int8 v1.5")
        await hand.press("D", "j", "D")
        assert "✗ variants: expected at least 1" in hand.words
        await hand.press("a", *"mine", "enter")
        assert "✗" not in hand.screen and "variants=[]" in hand.words

    drive(script, LARGE)


def _here(hand: Hand) -> str:
    """The row under the cursor."""
    return next(text for text in hand.lines if text.startswith("›"))


def test_variants_are_chosen_and_names_with_dots_can_be_set(home: Path, quiet: list[Run]) -> None:
    path = _two(home)

    async def script(hand: Hand) -> None:
        hand.app.open_start(str(path))
        await hand.settle()
        await _go(hand, "  preset")
        await hand.press("right")
        assert """--set 'variants."int8 v1.5".components.model.preset=""" in hand.words
        await _go(hand, "  mode")
        for _ in range(60):
            await hand.press("k")
        await _go(hand, "variant weights")
        await hand.press("right")
        assert "leave out" in hand.screen and "weights: method" not in hand.screen
        start = hand.app.screen
        assert isinstance(start, Start)
        settings = start.arguments[start.arguments.index("--set") + 1 :: 2]
        shell = subprocess.run(
            ["sh", "-c", f"printf '%s\\n' {shlex.join(start.arguments)}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert shell.stdout.splitlines() == start.arguments
        (variant,) = recipe.load(path, settings).variants
        assert variant.name == "int8 v1.5"
        assert getattr(variant.components["model"], "preset") is not None  # noqa: B009
        await hand.press("left")
        assert "  mode" in hand.screen and "variants=" not in hand.screen

    drive(script, LARGE)


def test_the_standard_variants_take_the_place_of_the_recipes_own(
    home: Path, quiet: list[Run]
) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await _go(hand, "variants")
        assert "standard: int8, accurate bias correction" in hand.words
        await hand.press("right")
        assert "variant int4 weights" in hand.words and "--variants standard" in hand.words
        await hand.press("r")
        (run,) = quiet
        recipe_of_run = run.request().recipe
        assert recipe_of_run is not None and len(recipe_of_run.variants) == 4
        assert run.request().argv[-2:] == ["--variants", "standard"]

    drive(script, LARGE)


def test_the_form_says_what_an_option_does_and_holds(home: Path, quiet: list[Run]) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await _go(hand, "  fast bias correction")
        assert "layer by layer, slower and more accurate" in hand.words
        assert "‹ true ›" in next(it for it in hand.lines if "fast bias correction" in it)
        assert "NNCF's own" not in hand.screen
        await _go_up(hand, "evaluation rows")
        await hand.press("enter", "ctrl+u", *"test[:50]", "enter", "r")
        assert "data.evaluation.split=test[:50]" in quiet[0].request().overrides

    drive(script, LARGE)


async def _go_up(hand: Hand, title: str) -> None:
    """Press up until the cursor is on an option."""
    await hand.press("g")
    await _go(hand, title)
