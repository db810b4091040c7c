"""Lists give their columns what these need, as far as there is room."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.asking.session import Answered, AskingSession, Reply
from ovtui.core.files.locks import FileLock
from ovtui.core.home import directories
from ovtui.core.machine.devices import Device
from ovtui.core.results.prediction import TextPrediction
from ovtui.core.results.result import Result
from ovtui.core.runs import events
from ovtui.tui.keys import PLACES
from ovtui.tui.widgets.columns import Column, needs, row, whole, widths
from ovtui.tui.widgets.rows import Rows
from tests.support.run_folders import started, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, SMALL, Hand, drive

NAME = "a-recipe-with-a-long-name-of-48-cells-in-all-abc"
MODEL = "an-organisation/" + "a-model-with-44-cells-in-its-name".ljust(44, "x")
DEMO = Path(__file__).parents[2] / "recipes" / "demo"
DEMO_MODEL = "mobilenetv2.py:mobilenetv2"
TITLE = "a recipe whose title goes on for more than the eighty cells that a small terminal has"
COLUMNS = (Column("name", 8), Column("news", 10, grows=True), Column("model", 8, middle=True))


def test_what_one_column_leaves_goes_to_those_that_lack_room() -> None:
    cells = ["x" * 20, "short", "an/" + "m" * 30]
    needed = needs(COLUMNS, [cells])
    assert needed == [20, 5, 33] and whole(needed) == 64
    assert [size for _, size in widths(COLUMNS, needed, 64)] == needed
    assert [size for _, size in widths(COLUMNS, needed, 68)] == [20, 9, 33]
    sizes = [size for _, size in widths(COLUMNS, needed, 48)]
    assert sizes == [18, 5, 19]  # 21 cells are lacked with the least; each of two gets as many
    cut = row(widths(COLUMNS, needed, 48), cells).plain
    assert len(cut) == 48 and "an/mm" in cut and "…mmm" in cut


def test_a_column_that_grows_is_whole_before_the_others() -> None:
    needed = [20, 30, 33]
    assert [size for _, size in widths(COLUMNS, needed, 52)] == [8, 30, 8]
    assert [size for _, size in widths(COLUMNS, needed, 62)] == [13, 30, 13]


def test_an_extra_column_is_there_where_all_are_whole() -> None:
    columns = (*COLUMNS, Column("device", 3, extra=True))
    needed = [20, 30, 33, 6]
    assert [size for _, size in widths(columns, needed, 97)] == needed
    assert [column.title for column, _ in widths(columns, needed, 96)] == ["name", "news", "model"]


def test_last_columns_are_left_out_where_the_least_has_no_room() -> None:
    needed = [20, 30, 30]
    assert [column.title for column, _ in widths(COLUMNS, needed, 31)] == ["name", "news"]
    assert [column.title for column, _ in widths(COLUMNS, [3, 4, 5], 18)] == [
        "name",
        "news",
        "model",
    ]


def _long(home: Path) -> None:
    """Writes runs with long names, models, samples and reasons, a recipe, a model, a device."""
    run = "20260131-101500-" + NAME + "-ab00"
    write_run(home, run, name=NAME, told=started(), found=_result(), model=MODEL)
    folder = home / "models" / "a-folder-with-a-long-name" / "of-a-model-that-is-quite-long"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"nothing")
    device = Device(name="GPU.1", full_name="a device " + 12 * "with a long name ", isa=["xmx"])
    (home / "devices.json").write_bytes(msgspec.json.encode([device]))
    recipes = directories.config_dir() / "recipes"
    recipes.mkdir(parents=True)
    text = (DEMO / "mobilenetv2-digits.toml").read_text(encoding="utf-8")
    titled = re.sub("(?m)^title = .*$", f'title = "{TITLE}"', text, count=1)
    (recipes / f"{NAME}.toml").write_text(titled, encoding="utf-8")


def _result() -> Result:
    return msgspec.structs.replace(sample_result(), recipe=NAME)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_cut_at_200_cells_that_has_room(home: Path, place: str) -> None:
    _long(home)

    async def script(hand: Hand) -> None:
        await hand.press(str(list(PLACES).index(place)))
        await hand.settle()
        rows = hand.app.screen.query_one(Rows)
        assert rows.keys
        _assert_no_room_is_wasted([strip.text for strip in rows.render_lines(rows.size.region)])

    drive(script, (200, 60))


def _assert_no_room_is_wasted(lines: Sequence[str]) -> None:
    """Checks that where a line is cut no cells beside each other are free in all lines."""
    shown = [text for text in lines if text.strip()]
    if any("…" in text for text in shown):
        free = [not "".join(cells).strip(" ›") for cells in zip(*shown, strict=True)]
        widest = max(len(list(run)) for is_free, run in groupby(free) if is_free)
        assert widest <= 3, "\n".join(shown)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_long_title_is_whole_in_the_pane_of_its_recipe(home: Path, size: tuple[int, int]) -> None:
    _long(home)

    async def script(hand: Hand) -> None:
        await hand.press("2", "enter")
        assert hand.app.place is not None
        assert TITLE in hand.within(hand.app.place.front.body)
        await hand.press("r")
        assert TITLE in hand.within(hand.app.screen.query_one("#heading"))

    drive(script, size)


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60)])
def test_long_answers_are_whole(
    home: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    id = "20260131-101500-words-ab01"
    write_run(home, id, name="words", found=sample_result(run=id, task="text2text-generation"))
    said = {name: f"{name} says " + 12 * "one word after another " for name in ("fp32", "int8")}
    answers = ModelAnswers(
        predictions={name: TextPrediction(text=text.strip()) for name, text in said.items()},
        notes=["a note " + 12 * "that is long "],
    )

    async def ask(session: AskingSession, question: Question) -> AsyncIterator[Reply]:
        yield Answered(answers=answers)

    monkeypatch.setattr(AskingSession, "ask", ask)

    async def script(hand: Hand) -> None:
        await hand.press("7", "j", "enter", *"hello", "enter", "tab")
        assert hand.app.place is not None
        page = hand.app.place.front.body
        words = page.text.split()
        for text in (*said.values(), *answers.notes):
            assert all(words.count(word) >= text.split().count(word) for word in text.split())
        assert "…" not in page.text
        assert all(cell_len(text) <= page.size.width for text in page.text.splitlines())

    drive(script, size)


@pytest.mark.parametrize("place", ["overview", "runs", "recipes"])
def test_result_model_and_date_are_whole_at_120_cells(home: Path, place: str) -> None:
    found = sample_result()
    passed = [msgspec.structs.replace(it, verdict="pass") for it in found.comparisons]
    write_run(
        home,
        "20260131-101500-mobilenetv2-digits-ab00",
        name="mobilenetv2-digits",
        told=started(),
        found=msgspec.structs.replace(found, comparisons=passed),
        model=DEMO_MODEL,
    )
    titles = {"recipes": ("last result", "model", "when")}
    of_runs = ("state", "progress / result", "model", "started")

    async def script(hand: Hand) -> None:
        await hand.press(str(list(PLACES).index(place)))
        rows = hand.app.screen.query_one(Rows)
        lines = [strip.text for strip in rows.render_lines(rows.size.region)]
        assert all(title in lines[0] for title in titles.get(place, of_runs))
        (shown,) = (text for text in lines if "mobilenetv2-digits" in text)
        whole = ["mobilenetv2-digits", "2.46× faster  1.93× smaller  int8", DEMO_MODEL]
        assert all(text in shown for text in whole), shown
        assert "31 Jan" in shown or "2026" in shown

    drive(script, LARGE)


def test_models_have_their_task_size_precision_and_format_at_120_cells(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("1")
        titles = hand.lines[3].split()
        assert titles[:5] == ["model", "task", "size", "precision", "format"]
        assert "zero-shot-image-classification" in hand.screen and "huggingface" in hand.screen

    drive(script, LARGE)


def test_a_column_gets_narrower_when_a_run_has_ended(home: Path) -> None:
    """The names were cut on, beside cells that the longer progress had left."""
    name, stage = "a-name-of-30-cells-as-it-counts", "compress int8 with accurate bias correction"
    now = time.time()
    told = [events.Started(time=now, stages=[stage]), events.StageStarted(time=now, stage=stage)]
    run = write_run(home, f"20260131-101500-{name}-ab00", name=name, told=told)

    lock = FileLock(run.lock_path)  # as its engine holds it

    async def script(hand: Hand) -> None:
        assert name not in hand.screen and "compress int8 with" in hand.screen
        run.append(events.Failed(time=now, kind="error", message="no room"))
        lock.release()
        await hand.tick()
        assert name in hand.screen and "no room" in hand.screen

    drive(script, SMALL)


def test_no_number_is_cut() -> None:
    """Half of it says another one."""
    parts = "✓ pass  +0.0019  1.80× faster  1.71× smaller"
    column = Column("news", 10)
    shown = [row([(column, width)], [parts]).plain.strip() for width in (44, 40, 34, 24, 12)]
    assert shown == [
        parts,
        "✓ pass  +0.0019  1.80× faster  1.71× sm…",
        "✓ pass  +0.0019  1.80× faster  …",
        "✓ pass  +0.0019  1.80× …",
        "✓ pass  …",
    ]
    assert row([(column, 10)], ["sequence-classification-2"]).plain.strip() == "sequence-…"
