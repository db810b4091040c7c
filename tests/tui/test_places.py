"""Places, panes and sizes."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events

from ovtui.core.runs.run_folder import Heading, Run
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.app import Dashboard
from ovtui.tui.screens.place import Place
from ovtui.tui.widgets import order
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows
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
        before = hand.app.current
        for size in (LARGE, LEAST, WIDE, SMALL):
            await hand.pilot.resize_terminal(*size)
            await hand.settle()
            assert hand.app.current == before
            assert "digits" in hand.screen

    drive(script, SMALL)


def test_filter_narrows_the_list_and_escape_clears_it(home: Path) -> None:
    write_done(home)
    write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        assert "/" not in hand.lines[2]
        await hand.press("slash", *"resn")
        assert hand.lines[-2].startswith(" /resn")
        assert "digits" not in hand.screen and "resnet" in hand.screen
        await hand.press("enter")
        assert "digits" not in hand.screen
        assert "/resn  1 of 2 ─" in hand.lines[2]
        await hand.press("2", "4")  # it is kept, and told
        assert "digits" not in hand.screen and "/resn  1 of 2 ─" in hand.lines[2]
        await hand.press("escape")
        assert "digits" in hand.screen and "/" not in hand.lines[2]

    drive(script)


def test_a_filter_looks_into_fields(home: Path) -> None:
    write_done(home)
    write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        await hand.press("slash", *"drop>0", "enter")
        assert "digits" in hand.screen and "resnet" not in hand.screen
        assert "1 of 2" in hand.screen
        await hand.press("escape", "slash", *"drp>0", "enter")
        assert "did you mean 'drop'?" in hand.screen

    drive(script)


def test_the_palette_goes_to_runs_and_models(home: Path) -> None:
    write_done(home)
    other = write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        await hand.press("1", "2", "colon", *"open run resnet")
        await hand.pilot.pause(0.3)
        await hand.press("enter")
        assert hand.app.current_mode == "runs" and hand.app.current == other.id
        await hand.press("colon", *"open model minilm")
        await hand.pilot.pause(0.3)
        await hand.press("enter")
        assert hand.app.current_mode == "models"
        assert any(text.startswith("› sentence-transformers/") for text in hand.lines)

    drive(script)


def test_what_is_typed_before_the_filter_is_there_goes_into_it(home: Path) -> None:
    """A slow machine opens the field later than a person types; `r` would start a recipe."""
    write_done(home)

    async def script(hand: Hand) -> None:
        rows = hand.app.screen.query_one(Rows)
        for character in "/dig":
            name = "slash" if character == "/" else character
            rows.post_message(events.Key(name, character))
        await hand.settle()
        assert hand.app.place is not None and hand.app.place.filter_text == "dig"
        assert "/dig" in hand.screen and hand.app.screen is hand.app.place
        await hand.press("enter", "j")
        assert "/dig" in hand.screen

    drive(script)


def test_jump_to_a_row_by_its_letter(home: Path) -> None:
    for number, name in enumerate(["pear", "apple", "fig"]):
        write_run(home, f"20260131-1015{number:02d}-{name}-ab{number:02d}", name=name)

    async def script(hand: Hand) -> None:
        await hand.press("f")
        assert [text.lstrip()[0] for text in hand.lines[4:7]] == ["a", "s", "d"]
        await hand.press("d")
        assert hand.app.current is not None and "pear" in hand.app.current
        await hand.press("f", "escape", "k")
        assert "apple" in hand.app.current

    drive(script)


def test_a_list_is_written_as_it_is_filtered(home: Path) -> None:
    write_done(home)
    write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        await hand.press("slash", *"resn", "enter", "E")

    drive(script)
    (path,) = (home / "exports").glob("runs-*.csv")
    titles, row = csv.reader(path.open(newline=""))
    assert titles[:2] == ["run", "state"] and row[0] == "resnet"


def test_a_dashboard_that_looks_only_changes_nothing(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("D", "t", "w", "x")
        assert "Delete" not in hand.screen and "delete" not in hand.lines[-1]
        await hand.press("2", "r")
        assert "start the run" not in hand.screen and hand.app.place is hand.app.screen
        await hand.press("4", "j", "space", "c")  # looking and comparing go on
        assert hand.app.place is not None and hand.app.place.PLACE == "compare"

    drive(script, readonly=True)
    assert not list((home / "runs").glob("*/report.*"))


def test_commands_of_what_was_done_are_kept(home: Path) -> None:
    run = write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("w", "H")
        assert "Commands of wha" in hand.screen
        reports = [f"ovtui report {run.id} -o {run.folder}/report.{it}" for it in ("md", "html")]
        assert hand.app.done == reports

    drive(script)


def test_palette_lists_commands_with_their_keys(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("colon", *"delete")
        await hand.pilot.pause(0.3)
        assert "delete, or the marked" in hand.screen and "key D" in hand.screen

    drive(script)


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


def test_lists_are_sorted_by_each_column_and_back(home: Path) -> None:
    for number, name in enumerate(["pear", "apple", "fig"]):
        write_run(home, f"20260131-1015{number:02d}-{name}-ab{number:02d}", name=name)

    async def script(hand: Hand) -> None:
        def names() -> list[str]:
            found = [text.split()[0].strip("›") or text.split()[1] for text in hand.lines[4:7]]
            return found

        assert names() == ["fig", "apple", "pear"]
        await hand.press("S")
        assert names() == ["apple", "fig", "pear"] and "run ↓" in hand.screen
        assert hand.app.current is not None and "fig" in hand.app.current
        presses = 1
        while "↓" in hand.lines[3]:
            await hand.press("S")
            presses += 1
        assert presses == 5  # run, state, what it does, model, and back
        assert names() == ["fig", "apple", "pear"]

    drive(script)


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("9 ms", "10 ms"),
        ("250 ms", "1.20 s"),
        ("59.9 s", "2 min 05 s"),
        ("59 min 59 s", "1 h 02 min"),
        ("900 KiB", "1.2 MiB"),
        ("-0.1", "+0.2"),
        ("3", "apple"),
        ("pear", "–"),
    ],
)
def test_cells_are_ordered_by_value(smaller: str, larger: str) -> None:
    assert order.rank(smaller) < order.rank(larger)


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
