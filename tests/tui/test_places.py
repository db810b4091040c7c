"""Places, panes and sizes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.cells import cell_len

from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Heading
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.app import Dashboard
from ovtui.tui.screens.place import Place
from ovtui.tui.widgets.pane import Pane
from tests.support.run_folders import alive, half_way, started, write_done, write_run
from tests.support.sample_result import HOSTILE, hostile_result
from tests.tui.drive import LARGE, LEAST, SMALL, WIDE, Hand, drive


def _place(hand: Hand) -> Place:
    assert hand.app.place is not None
    return hand.app.place


def _seen(hand: Hand) -> list[str]:
    return [pane.title for pane in _place(hand).query(Pane) if hand.shows(pane)]


@pytest.mark.parametrize("size", [SMALL, LARGE, LEAST, (240, 70)])
def test_number_keys_open_every_place(home: Path, size: tuple[int, int]) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        for number, mode in enumerate(keys.PLACES):
            await hand.press(str(number))
            assert hand.app.current_mode == mode
            assert f"{number} {mode.capitalize()}" in hand.lines[1]
            assert hand.lines[-1].endswith("? help")
            assert all(cell_len(text) <= size[0] for text in hand.lines)

    drive(script, size)


def test_starts_at_the_overview_without_runs_and_at_runs_with_some(home: Path) -> None:
    async def overview(hand: Hand) -> None:
        assert hand.app.current_mode == "overview"
        assert "d runs the demo, mobilenetv2-digits" in hand.screen
        await hand.press("d")
        assert "ovtui run mobilenetv2-digits" in hand.screen

    drive(overview)
    (home / "dashboard.json").unlink()
    write_done(home)

    async def runs(hand: Hand) -> None:
        assert hand.app.current_mode == "runs"
        assert "✓ done" in hand.screen

    drive(runs)


def test_one_pane_where_it_is_narrow_more_where_it_is_wide(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        expected = {80: ["Runs"], 120: ["Runs", "Run"], 160: ["Runs", "Run", "Log"]}
        assert _seen(hand) == expected[hand.app.size.width]

    for size in (SMALL, LARGE, WIDE):
        drive(script, size)


def test_panes_by_tab_and_back_by_escape(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("enter")
        assert _seen(hand) == ["Run"]
        assert "0.9361" in hand.screen
        await hand.press("tab")
        assert _seen(hand) == ["Log"]
        assert "INFO:nncf:done" in hand.screen
        await hand.press("shift+tab", "escape")
        assert _seen(hand) == ["Runs"]

    drive(script, SMALL)


def test_zoom_shows_one_pane_and_escape_all_again(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("l", "z")
        assert _seen(hand) == ["Run"]
        await hand.press("escape")
        assert _seen(hand) == ["Runs", "Run"]

    drive(script, LARGE)


def test_resizing_keeps_pane_and_row(home: Path) -> None:
    for number in range(5):
        write_done(home, number)

    async def script(hand: Hand) -> None:
        await hand.press("j", "j")
        before = hand.app.session.current
        for size in (LARGE, LEAST, WIDE, SMALL):
            await hand.pilot.resize_terminal(*size)
            await hand.settle()
            assert hand.app.session.current == before
            assert "digits" in hand.screen

    drive(script, SMALL)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_hostile_names_are_shown_literally(home: Path, size: tuple[int, int]) -> None:
    write_run(
        home, "20260131-101500-[b]x[-ab12", name="[/]", told=started(), found=hostile_result(),
        log="\x1b[31m" + "\n".join(HOSTILE),
    )  # fmt: skip

    async def script(hand: Hand) -> None:
        assert "[/]" in hand.screen
        for key in ["1", "enter", "4", "enter", "tab", "5", "tab", "tab", "tab", "6", "i"]:
            await hand.press(key)
            assert "\x1b" not in hand.screen and "\u202e" not in hand.screen
        await hand.press("4", "D")
        assert "[b]x[" in hand.screen
        await hand.press("n")
        assert hand.app.is_running

    drive(script, size)


def test_ascii_only(home: Path) -> None:
    write_done(home)
    run = write_run(home, "20260131-111600-live-cd04", name="live", told=half_way())
    pressed = "0 tab 4 enter tab j 5 tab tab tab tab 6 7 tab question_mark w"

    async def script(hand: Hand) -> None:
        for key in pressed.split():
            await hand.press(key)
            assert hand.screen.isascii(), [text for text in hand.lines if not text.isascii()]
            # What has no spelling is a question mark; the last line has one of its own.
            unspelled = [
                text for text in hand.lines[:-1] if "?" in text and "this help" not in text
            ]
            assert not unspelled, (key, unspelled)

    with alive(run):
        drive(script, SMALL, ascii_only=True)


def test_states_have_words_without_colour(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    write_done(home)
    write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        assert "✓ done" in hand.screen and "✗ DIED" in hand.screen

    drive(script)


def test_sixteen_colours(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        for key in "123456":
            await hand.press(key)
        assert hand.app.theme == "ansi-dark"

    drive(script, theme_name="ansi-dark")


def test_many_runs_are_listed_without_reading_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2000):
        (home / "runs" / f"20250101-{number:06d}-old-{number:04x}").mkdir(parents=True)
    write_done(home)
    read: set[str] = set()
    heading = Run.heading

    def counted(run: Run) -> Heading:
        read.add(run.id)
        return heading(run)

    monkeypatch.setattr(Run, "heading", counted)

    async def script(hand: Hand) -> None:
        assert len(hand.app.index.ids) == 2001
        assert 0 < len(read) < 200
        await hand.press("G")
        assert "DAMAGED" in hand.screen

    drive(script)


def test_a_tick_while_the_screens_are_taken_down_does_nothing(home: Path) -> None:
    ticking: list[asyncio.Task[None]] = []

    async def tick_on(app: Dashboard) -> None:
        while True:
            app.look()
            await asyncio.sleep(0)

    async def script(hand: Hand) -> None:
        ticking.append(asyncio.create_task(tick_on(hand.app)))

    drive(script)
    assert ticking[0].cancelled(), "it went on until there was no loop any more"


def test_palette_starts_recipes(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("colon", *"start mobilenetv2-digits")
        await hand.pilot.pause(0.5)
        await hand.press("enter")
        assert "handwritten digits" in hand.screen

    drive(script)


def test_pager_shows_the_whole_log(home: Path) -> None:
    log = "\n".join(f"line {number}" for number in range(5000)) + "\n\x1b[31mred\n"
    write_run(home, "20260131-101500-digits-ab01", log=log)

    async def script(hand: Hand) -> None:
        await hand.press("h")
        assert hand.app.place is not None
        text = hand.app.place.pager_text()
        assert text.startswith("line 0\nline 1\n") and "\\x1b[31mred" in text

    drive(script)


def test_cells_of_models_stand_under_their_titles(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("1")
        titles = next(text for text in hand.lines if "precision" in text)
        row = next(text for text in hand.lines if "mobilenetv2.py" in text)
        assert row[titles.index("task") :].startswith("image-")
        await hand.press("z")

    drive(script, (240, 40))


def test_an_unknown_theme_is_told_with_the_nearest() -> None:
    with pytest.raises(UserError, match="theme 'nrod': unknown, did you mean 'nord'"):
        Dashboard(theme_name="nrod")


def test_panes_that_are_passed_quickly_do_not_come_back(home: Path) -> None:
    """What tells of the focus of a pane that was passed comes when another one has it."""
    write_done(home)

    async def script(hand: Hand) -> None:
        place = hand.app.place
        assert place is not None
        for _ in range(2):
            place.action_next_pane()
        await hand.settle()
        assert place.front.title == "Log"
        assert place.focused is place.front.body

    drive(script)
