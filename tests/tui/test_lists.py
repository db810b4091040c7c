"""What a list offers: filter, order, letters, a file of it, the palette beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from textual import events

from ovtui.tui.widgets import order
from ovtui.tui.widgets.rows import Rows
from tests.support.run_folders import started, write_done, write_run
from tests.tui.drive import Hand, drive


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
        assert hand.app.current_mode == "runs" and hand.app.session.current == other.id
        await hand.press("colon", *"open model minilm")
        await hand.pilot.pause(0.3)
        await hand.press("enter")
        assert hand.app.current_mode == "models"
        assert any(text.startswith("› sentence-tra") for text in hand.lines)

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


def test_enter_that_is_typed_before_the_filter_is_there_keeps_it(home: Path) -> None:
    """It opened the run under the cursor, and the list stayed as it was."""
    write_done(home)
    write_run(home, "20260131-101600-resnet-cd01", name="resnet", told=started())

    async def script(hand: Hand) -> None:
        rows = hand.app.screen.query_one(Rows)
        for key, character in [("slash", "/"), *zip("resn", "resn", strict=True), ("enter", None)]:
            rows.post_message(events.Key(key, character))
        await hand.settle()
        assert hand.app.place is not None and hand.app.focused is rows
        assert "/resn  1 of 2 ─" in hand.lines[2] and "digits" not in hand.screen

    drive(script)


def test_jump_to_a_row_by_its_letter(home: Path) -> None:
    for number, name in enumerate(["pear", "apple", "fig"]):
        write_run(home, f"20260131-1015{number:02d}-{name}-ab{number:02d}", name=name)

    async def script(hand: Hand) -> None:
        await hand.press("f")
        assert [text.lstrip()[0] for text in hand.lines[4:7]] == ["a", "s", "d"]
        await hand.press("d")
        assert hand.app.session.current is not None and "pear" in hand.app.session.current
        await hand.press("f", "escape", "k")
        assert "apple" in hand.app.session.current

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
        assert hand.app.session.done == reports

    drive(script)


def test_palette_lists_commands_with_their_keys(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("colon", *"delete")
        await hand.pilot.pause(0.3)
        assert "delete, or the marked" in hand.screen and "key D" in hand.screen

    drive(script)


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
        assert hand.app.session.current is not None and "fig" in hand.app.session.current
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
