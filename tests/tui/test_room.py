"""Lists give their columns what these need, as far as there is room."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from ovtui.core.results.result import Result
from ovtui.tui.keys import PLACES
from ovtui.tui.widgets.columns import Column, needs, row, whole, widths
from ovtui.tui.widgets.rows import Rows
from tests.support.run_folders import started, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, Hand, drive

NAME = "a-recipe-with-a-long-name-of-48-cells-in-all-abc"
MODEL = "an-organisation/" + "a-model-with-44-cells-in-its-name".ljust(44, "x")
COLUMNS = (Column("name", 8), Column("news", 10, grows=True), Column("model", 8, middle=True))


def test_what_one_column_leaves_goes_to_those_that_lack_room() -> None:
    cells = ["x" * 20, "short", "an/" + "m" * 30]
    needed = needs(COLUMNS, [cells])
    assert needed == [20, 5, 33] and whole(needed) == 66
    assert [size for _, size in widths(COLUMNS, needed, 66)] == needed
    assert [size for _, size in widths(COLUMNS, needed, 70)] == [20, 9, 33]
    sizes = [size for _, size in widths(COLUMNS, needed, 50)]
    assert sizes == [18, 5, 19]  # 21 cells are lacked with the least; each of two gets as many
    cut = row(widths(COLUMNS, needed, 50), cells).plain
    assert len(cut) == 50 and "an/mm" in cut and "…mmm" in cut


def test_last_columns_are_left_out_where_the_least_has_no_room() -> None:
    needed = [20, 30, 30]
    assert [column.title for column, _ in widths(COLUMNS, needed, 33)] == ["name", "news"]
    assert [column.title for column, _ in widths(COLUMNS, [3, 4, 5], 21)] == [
        "name",
        "news",
        "model",
    ]


def _long(home: Path) -> None:
    """Writes runs with long names, models, samples and reasons, and a recipe and a model of one."""
    run = "20260131-101500-" + NAME + "-ab00"
    write_run(home, run, name=NAME, told=started(), found=_result(), model=MODEL)
    folder = home / "models" / "a-folder-with-a-long-name" / "of-a-model-that-is-quite-long"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"nothing")


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
        shown = [strip.text for strip in rows.render_lines(rows.size.region)][: len(rows.keys) + 1]
        if any("…" in text for text in shown):
            free = [not "".join(cells).strip(" ›") for cells in zip(*shown, strict=True)]
            widest = max(len(list(run)) for is_free, run in groupby(free) if is_free)
            assert widest <= 3, "\n".join(shown)

    drive(script, (200, 60))


@pytest.mark.parametrize("place", ["overview", "runs"])
def test_a_run_tells_state_result_model_and_date_at_120_cells(home: Path, place: str) -> None:
    write_run(
        home,
        "20260131-101500-mobilenetv2-digits-ab00",
        name="mobilenetv2-digits",
        told=started(),
        found=sample_result(),
        model="mobilenetv2.py",
    )

    async def script(hand: Hand) -> None:
        await hand.press(str(list(PLACES).index(place)))
        rows = hand.app.screen.query_one(Rows)
        titles, shown = (strip.text for strip in rows.render_lines(rows.size.region)[:2])
        assert all(title in titles for title in ("state", "progress / result", "model", "started"))
        assert "mobilenetv2-digits" in shown and "mobilenetv2.py" in shown
        assert "31 Jan" in shown or "2026" in shown

    drive(script, LARGE)
