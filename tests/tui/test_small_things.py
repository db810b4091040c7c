"""What is small and was seen: dialogs, pictures of the screen, themes, toasts, changed recipes."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest
from textual.widget import Widget

from ovtui.core.home import directories
from ovtui.core.home.settings import Command, Settings
from ovtui.core.recipes import catalog
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from ovtui.tui import theme
from tests.support.run_folders import started, write_done, write_run
from tests.tui.drive import LEAST, SMALL, Hand, drive

LONG = "20260131-101600-a-recipe-with-a-name-as-long-as-they-come-cd01"


@pytest.mark.parametrize("size", [SMALL, LEAST, (100, 30)])
@pytest.mark.parametrize("id", [LONG, "20260131-101600-digits-cd01", f"{LONG[:-5]}{'-x' * 9}-cd01"])
def test_the_answers_to_a_question_are_seen(home: Path, size: tuple[int, int], id: str) -> None:
    """Also where the question takes several lines; and no column for a scrollbar is left empty."""
    write_run(home, id, told=started())

    async def script(hand: Hand) -> None:
        await hand.press("D")
        assert "y yes    any other key no" in hand.screen
        page = hand.app.screen.query_one("Page")
        assert id in hand.within(page).replace(" ", "")
        assert not page.vertical_scrollbar.display and page.max_scroll_y == 0

    drive(script, size)


def test_a_screenshot_goes_into_the_home_folder(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("colon", *"screenshot")
        await hand.pilot.pause(0.5)
        await hand.press("enter")
        await hand.pilot.pause(0.3)
        (picture,) = (home / "screenshots").iterdir()
        assert "digits" in picture.read_text() and "<svg" in picture.read_text()
        toast = hand.app.screen.query_one("Toast", Widget)
        assert str(toast.render()) == f"written: {picture}"

    drive(script)


def test_a_screenshot_that_cannot_be_kept_says_why(home: Path) -> None:
    (home / "screenshots").write_text("no folder")

    async def script(hand: Hand) -> None:
        hand.app.take_screenshot()
        await hand.settle()
        assert "cannot be written: File exists" in hand.words

    drive(script)


def test_a_toast_takes_the_place_of_the_one_before(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        for _ in range(3):
            await hand.press("y")
        await hand.press("4", "x")
        (toast,) = hand.app.screen.query("Toast")
        assert "ended already" in hand.words and toast.region.y < 5
        await hand.press("question_mark")
        assert not hand.app.screen.query("Toast")

    drive(script)


def test_a_theme_chosen_in_the_palette_is_there_next_time(home: Path) -> None:
    known = ["ovtui", "nord", "gruvbox", "ansi-dark", "ansi-light"]

    async def choose(hand: Hand) -> None:
        hand.app.theme = "nord"
        await hand.settle()

    assert theme.chosen("", "256", known) == "ovtui"
    drive(choose)
    assert theme.chosen("", "256", known) == "nord"
    assert theme.chosen("gruvbox", "256", known) == "gruvbox"
    assert theme.chosen("", "standard", known) == "ansi-dark"  # 16 colours cannot be nord's
    theme.remember("ansi-light")
    assert theme.chosen("", "standard", known) == "ansi-light"
    theme.remember("of a newer Textual")
    assert theme.chosen("", "truecolor", known) == "ovtui"


def test_a_recipe_that_is_changed_meanwhile_is_read_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OVTUI_CONFIG", str(tmp_path / "config"))
    own = directories.config_dir() / "recipes"

    async def script(hand: Hand) -> None:
        await hand.press("2")
        assert "my-net" not in hand.screen
        own.mkdir(parents=True)
        (own / "my-net.toml").write_text("schema = 1\n")
        await hand.tick()
        assert "my-net" in hand.screen and "BROKEN" in hand.screen
        (own / "my-net.toml").unlink()
        await hand.tick()
        assert "my-net" not in hand.screen

    drive(script)


def test_folders_of_models_that_are_links_are_listed_and_circles_end(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OVTUI_CONFIG", str(tmp_path / "config"))
    models, elsewhere = tmp_path / "models", tmp_path / "elsewhere"
    models.mkdir()
    elsewhere.mkdir()
    (elsewhere / "net.onnx").write_bytes(b"onnx")
    (elsewhere / "back").symlink_to(models)
    (models / "linked").symlink_to(elsewhere)
    directories.config_dir().mkdir()
    directories.settings_path().write_text(f'models = ["{models}"]\n')
    names = [entry.name for entry in catalog.models() if entry.format == "onnx"]
    assert names == ["models/linked/net.onnx"]


def test_the_palette_has_no_question_marks_in_ascii(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("colon")
        assert hand.screen.isascii() and "??" not in hand.screen

    drive(script, ascii_only=True)


def test_what_is_cut_ends_in_an_ellipsis(home: Path) -> None:
    """Half a number is another number."""
    table = "│" + " 0.123456789 │" * 20
    write_run(home, LONG, log=f"{table}\n")

    async def script(hand: Hand) -> None:
        await hand.press("tab", "tab")
        assert next(text for text in hand.lines if "0.1234" in text).endswith("…")

    drive(script)


def test_own_themes_are_taken_and_wrong_ones_refused(home: Path) -> None:
    folder = directories.config_dir() / "themes"
    folder.mkdir(parents=True)
    colours = 'primary = "#112233"\nforeground = "#ffffff"\nbackground = "#000000"\n'
    (folder / "mine.toml").write_text(colours)
    app = drive(_nothing, theme_name="mine")
    assert app.theme == "mine" and app.current_theme.primary == "#112233"
    (folder / "wrong.toml").write_text(colours.replace("#112233", "blue"))
    with pytest.raises(UserError, match="wrong.toml: primary: expected a colour"):
        drive(_nothing)
    (folder / "wrong.toml").write_text(f"{colours}primry = 1\n")
    with pytest.raises(UserError, match="primry"):
        drive(_nothing)


async def _nothing(hand: Hand) -> None:
    """Presses nothing."""


def test_own_commands_are_told_the_run_under_the_cursor(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = write_done(home)
    told = tmp_path / "told"
    code = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    own = Command(
        key="f5", run=[sys.executable, "-c", code, str(told), "{run}", "{recipe}", "{folder}"]
    )
    gone = Command(key="f6", run=["no-such-program-here"])

    async def script(hand: Hand) -> None:
        monkeypatch.setattr(type(hand.app), "suspend", lambda app: contextlib.nullcontext())
        await hand.press("f5")
        await hand.press("f6")
        assert "no-such-program-here: no such program" in hand.words

    drive(script, settings=Settings(commands=[own, gone]))
    assert told.read_text() == f"{run.id} digits {run.folder}"


def test_a_file_is_measured_from_the_list_of_models(home: Path, quiet: list[Run]) -> None:
    run = write_done(home)
    folder = run.folder / "models" / "int8"
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("<net/>")
    (folder / "model.bin").write_bytes(b"")

    async def script(hand: Hand) -> None:
        await hand.press("1", "slash", *"int8", "enter", "b")

    drive(script)
    (started_run,) = quiet
    request = started_run.request()
    assert request.bench is not None and request.bench.models == [str(folder / "model.xml")]


@pytest.mark.parametrize("size", [SMALL, LEAST])
@pytest.mark.parametrize("way", [["2", "r", "enter"], ["7", "j", "enter"], ["4", "slash"]])
def test_a_toast_hides_nothing_that_is_typed(
    home: Path, way: list[str], size: tuple[int, int]
) -> None:
    """In a form, a picker of files and a filter, however long the words are."""
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press(*way)
        (field,) = (it for it in hand.app.screen.query("Input") if hand.shows(it))
        hand.app.tell("written: /a/folder/with-a-long-name" * 20)
        await hand.settle()
        toast = hand.app.screen.query_one("Toast", Widget)
        assert toast.region.height == 3 and "…" in hand.within(toast)
        assert not toast.region.overlaps(field.region)
        if way[0] == "2":
            assert "start " in hand.lines[0]

    drive(script, size)
