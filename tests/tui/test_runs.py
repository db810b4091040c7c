"""Runs: followed live, cancelled, tried again, deleted, reported."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from ovtui.core.home.settings import Settings
from ovtui.core.runs import events, launch
from ovtui.core.runs.run_folder import Run
from ovtui.tui.run_index import RunIndex
from tests.support.run_folders import NOW, STAGES, alive, half_way, started, write_done, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, SMALL, Hand, drive

LIVE = "20260131-101600-digits-cd01"


def test_a_living_run_is_followed(home: Path) -> None:
    run = write_run(home, LIVE, told=half_way())

    async def script(hand: Hand) -> None:
        assert "1 running" in hand.lines[0]
        assert "2/5 compress int8 " in hand.screen
        await hand.press("enter")
        assert "✓ convert" in hand.screen and "cached" in hand.screen
        assert "150/300  50 %  7/s" in hand.screen and "    statistics  ~21 s left" in hand.screen
        assert "memory now 128 MiB, peak 512 MiB" in hand.screen
        assert "A fp32 ▇" in hand.screen and "0.9361  95 % CI 0.9300–0.9400" in hand.screen
        now = time.time()
        run.append(
            events.Progressed(time=now, stage="compress int8", step="s", done=300, total=300)
        )
        await hand.tick()
        assert "300/300  100 %" in hand.screen

    with alive(run):
        drive(script, SMALL)


def test_the_whole_of_a_run_is_told_where_an_earlier_one_tells_its_times(home: Path) -> None:
    stages = [
        {"name": name, "seconds": 19.0, "cached": False, "peak_rss_bytes": 0} for name in STAGES
    ]
    write_run(home, "20260131-101500-digits-ab01", found=sample_result(stages=stages))
    run = write_run(home, LIVE, told=half_way())

    async def script(hand: Hand) -> None:
        told = re.search(r"(\d+) %  ~(\d+) s left", hand.screen)
        assert told and 40 <= int(told[1]) < 60 and 20 < int(told[2]) <= 57
        await hand.press("enter")
        assert re.search(r"all stages +▇+·+ [45]\d %  ~\d+ s left", hand.screen)
        now = time.time()  # the next step counts from nothing again
        run.append(events.Progressed(time=now, stage="compress int8", step="s", done=1, total=300))
        await hand.press("escape")
        await hand.tick()
        after = re.search(r"(\d+) %  ~", hand.screen)
        assert after and int(after[1]) >= int(told[1])

    with alive(run):
        drive(script, LARGE)


def test_what_stages_take_is_known_once_a_first_run_has_ended(home: Path) -> None:
    run = write_run(home, LIVE, told=half_way())
    with alive(run):
        index = RunIndex()
        index.look()
        assert not index.took(LIVE)
        write_done(home)
        index.look()
        assert index.took(LIVE) == {"convert": 1.2}


def test_who_waits_says_for_whom(home: Path) -> None:
    """In a list shortly; in its pane since when too, and the key where that run is listed."""
    done = write_done(home)
    since = NOW - 600
    waits = events.Queued(time=NOW, ahead=1, run=done.id, since=since)
    run = write_run(home, LIVE, told=[waits])

    async def script(hand: Hand) -> None:
        assert "1 waiting" in hand.lines[0] and "waiting for 1 run" in hand.screen
        await hand.press("enter")
        assert f"waiting for 1 run: {done.id}, since" in hand.words
        assert (
            "it is in this list: cancel it there" in hand.words and "ovtui cancel" not in hand.words
        )
        run.append(events.Queued(time=NOW, ahead=1, run="of-another-home", since=since, user="eve"))
        await hand.tick()
        assert "waiting for 1 run: eve's of-another-home, since" in hand.words
        assert "OVTUI_LOCKS=FOLDER" in hand.words

    with alive(run):
        drive(script, SMALL)


def test_a_log_keeps_the_indentation_of_tracebacks(home: Path) -> None:
    write_run(home, LIVE, log='  File "net.py", line 3\n\treturn x\n' + "    " + "word " * 30)

    async def script(hand: Hand) -> None:
        await hand.press("tab", "tab")
        assert '   File "net.py"' in hand.screen and "     return x" in hand.screen
        assert [text[:6] for text in hand.lines if "word" in text] == ["     w"] * 2

    drive(script)


def test_a_started_run_is_under_the_cursor_of_the_list(home: Path, quiet: list[Run]) -> None:
    write_run(home, LIVE, told=started())

    async def script(hand: Hand) -> None:
        await hand.press("tab", "tab", "t")
        assert hand.lines[2].startswith("  ›Runs") or "›Runs" in hand.lines[2]
        assert hand.app.session.current == quiet[0].id

    drive(script)


def test_the_log_follows_its_end_until_it_is_scrolled(home: Path) -> None:
    log = "".join(f"line {number}\n" for number in range(100))
    run = write_run(home, LIVE, told=half_way(), log=log)

    async def script(hand: Hand) -> None:
        async def add(words: str) -> None:
            with run.log_path.open("a") as file:
                file.write(f"{words}\n")
            await hand.tick()

        await hand.press("tab", "tab")
        assert "line 99" in hand.screen
        await add("one more")
        assert "one more" in hand.screen
        await hand.press("k", "k")
        await add("and another")
        assert "another" not in hand.screen
        await hand.press("G", "shift+tab")
        await add("while it is hidden")
        await hand.press("tab")
        assert "while it is hidden" in hand.screen

    with alive(run):
        drive(script, SMALL)


def test_names_of_stages_are_never_shortened_to_the_same(home: Path) -> None:
    stages = ["compress int8 weight-only encoder", "compress int8 weight-only decoder"]
    run = write_run(home, LIVE, told=[events.Started(time=NOW, stages=stages)])

    async def script(hand: Hand) -> None:
        await hand.press("enter")
        first, second = (text for text in hand.lines if "compress" in text)
        assert first != second

    with alive(run):
        drive(script, SMALL)


def test_silence_is_told(home: Path) -> None:
    run = write_run(home, LIVE, told=half_way(at=time.time() - 45))

    async def script(hand: Hand) -> None:
        await hand.press("enter")
        assert "no news for 4" in hand.screen and "its engine is alive" in hand.screen

    with alive(run):
        drive(script, SMALL)


def test_end_of_a_run_is_noticed_and_printed_later(home: Path) -> None:
    run = write_run(home, LIVE, told=half_way())
    lock = alive(run)
    lock.__enter__()

    async def script(hand: Hand) -> None:
        run.append(events.Failed(time=time.time(), kind="error", message="no [memory] left"))
        lock.__exit__(None, None, None)
        await hand.press("2")
        await hand.tick()
        assert "digits: ✗ FAILED" in hand.screen and hand.lines[0].startswith(" ovtui")
        await hand.press("4")
        assert "✗ FAILED" in hand.screen
        await hand.press("enter")
        assert "✗ no [memory] left" in hand.screen

    app = drive(script, SMALL)
    assert [it.id for it in app.session.to_print(app.index)] == [LIVE]


def test_a_new_run_appears_and_the_cursor_stays(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        before = hand.app.session.current
        write_run(home, LIVE, name="fresh", told=started())
        await hand.tick()
        assert "fresh" in hand.screen
        assert hand.app.session.current == before

    drive(script)


def test_cancel_asks_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write_run(home, LIVE, told=half_way())
    cancelled: list[Run] = []
    monkeypatch.setattr(launch, "cancel", cancelled.append)

    async def script(hand: Hand) -> None:
        await hand.press("x")
        assert f"Cancel {LIVE}?" in hand.screen.replace("\n", "")
        await hand.press("enter")
        assert not cancelled
        await hand.press("x", "y")
        assert cancelled == [run]

    with alive(run):
        drive(script, LARGE)


def test_delete_asks_first_and_names_the_key_that_ends_a_living_run(home: Path) -> None:
    done = write_done(home)
    live = write_run(home, LIVE, told=half_way())

    async def script(hand: Hand) -> None:
        await hand.press("D")
        assert live.folder.exists() and "digits is running: X cancels it" in hand.words
        assert "Delete" not in hand.screen
        await hand.press("j", "D", "n")
        assert done.folder.exists()
        await hand.press("D", "y")
        assert not done.folder.exists()
        assert "✓ done" not in hand.screen

    with alive(live):
        drive(script, settings=Settings(keys={"runs.cancel": "X"}))


def test_marked_runs_are_deleted_together_and_brought_back(home: Path) -> None:
    runs = [write_done(home, number) for number in range(3)]
    kept = runs[2].folder

    async def script(hand: Hand) -> None:
        await hand.press("j", "space", "space", "D")
        assert "Delete 2 marked runs" in hand.words
        await hand.press("y")
        assert [run.folder.exists() for run in runs] == [False, False, True]
        await hand.press("U")
        assert all(run.folder.exists() for run in runs)
        await hand.press("U")
        assert "nothing was deleted" in hand.screen
        await hand.press("D", "y")

    drive(script)
    assert not kept.exists() and not list((home / "trash").iterdir())


def test_a_range_of_runs_is_marked(home: Path) -> None:
    runs = [write_done(home, number) for number in range(4)]

    async def script(hand: Hand) -> None:
        await hand.press("j", "V", "j", "j", "V")
        assert set(hand.app.session.marks) == {run.id for run in runs[:3]}
        assert "3 marked" in hand.screen

    drive(script)


def test_what_a_dashboard_left_that_has_ended_is_emptied(home: Path) -> None:
    """It was killed before it could; a living one's is its own."""
    for owner in ("999999999", str(os.getppid())):
        (home / "trash" / owner / "20260131-101500-digits-ab00").mkdir(parents=True)

    async def script(hand: Hand) -> None:
        pass

    drive(script)
    assert [it.name for it in (home / "trash").iterdir()] == [str(os.getppid())]


def test_lists_tell_why_a_run_has_no_result(home: Path) -> None:
    failed = events.Failed(time=NOW, kind="error", message="model.source: no such file")
    write_run(home, "20260131-101600-bert-cd01", name="bert", told=[*started(), failed])
    write_run(home, "20260131-101500-clip-cd02", name="clip", told=started())

    async def script(hand: Hand) -> None:
        failed, died = (text for text in hand.lines if "✗" in text)
        assert "bert" in failed and "✗ FAILED  model.source: no such file" in failed
        assert "clip" in died and "✗ DIED    killed from outside" in died

    drive(script)


def test_again_starts_the_same_request(home: Path, quiet: list[Run]) -> None:
    write_run(home, LIVE, name="digits", told=started())

    async def script(hand: Hand) -> None:
        await hand.press("t")
        assert [run.request().name for run in quiet] == ["digits"]
        assert hand.app.session.current == quiet[0].id
        assert "starting" in hand.screen

    drive(script)


def test_report_is_written_into_the_folder(home: Path) -> None:
    run = write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("w")
        assert (run.folder / "report.md").read_text().startswith("# digits")

    drive(script)


def test_a_folder_that_is_being_copied_is_read_again(home: Path) -> None:
    """What it lacks is told until it is there, also where it came without its events first."""
    whole = write_done(home)
    whole.folder.rename(home / "elsewhere")
    folder = home / "runs" / LIVE

    async def script(hand: Hand) -> None:
        await hand.press("4")
        folder.mkdir(parents=True)
        await hand.tick()
        assert "✗ DAMAGED" in hand.screen
        shutil.copy2(home / "elsewhere" / "run.json", folder)
        os.utime(folder / "run.json", (NOW - 1e6, NOW - 1e6))
        await hand.tick()
        assert "✗ DIED" in hand.screen
        shutil.copytree(home / "elsewhere", folder, dirs_exist_ok=True)
        await hand.tick()
        assert "✓ done" in hand.screen and "idle" in hand.lines[0]

    drive(script)


def test_damaged_folders_are_shown_as_such(home: Path) -> None:
    (home / "runs" / LIVE).mkdir(parents=True)
    broken = write_done(home)
    broken.result_path.write_text("{")

    async def script(hand: Hand) -> None:
        assert "✗ DAMAGED" in hand.screen
        await hand.press("j", "enter")
        assert "not a result of ovtui (Input data was truncated)" in hand.words

    drive(script)


def test_the_log_is_searched_and_shows_its_errors(home: Path) -> None:
    log = "".join(f"INFO:nncf:step {number}\n" for number in range(400))
    log = f"WARNING:nncf:few samples\nERROR: [bold]no[/] device\n{log}"
    write_run(home, LIVE, told=started(), log=log)

    async def script(hand: Hand) -> None:
        await hand.press("tab", "tab")
        assert "step 399" in hand.screen and "device" not in hand.screen
        await hand.press("e")
        assert "errors of the log" in hand.screen and "ERROR: [bold]no[/] device" in hand.screen
        assert "step" not in hand.screen
        await hand.press("L", "slash", *"step 7", "enter")
        assert "/step 7" in hand.screen and "step 70" in hand.screen
        assert "step 80" not in hand.screen
        await hand.press("slash", "escape", "L")
        assert "warnings of the log" in hand.screen and "few samples" in hand.screen

    drive(script)
