"""The pane of operations in Compare."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ovtui.core.results import operations
from ovtui.core.results.slow_reason import SlowReason
from ovtui.tui.widgets.page import Page
from tests.support.run_folders import started, write_done, write_run
from tests.support.sample_operations import hostile_operations, sample_operations
from tests.support.sample_result import HOSTILE, hostile_result, sample_result
from tests.tui.drive import LARGE, LEAST, SMALL, Hand, drive

REASON = SlowReason(why="fixed cost", share=0.61, milliseconds=0.05)


def _write(home: Path) -> None:
    result = sample_result()
    told = [msgspec.structs.replace(it, slow_reason=REASON) for it in result.comparisons]
    slow = msgspec.structs.replace(result, comparisons=told)
    run = write_run(home, "20260131-101500-digits-ab12", told=started(), found=slow)
    operations.write(run.folder, sample_operations())


@pytest.mark.parametrize("size", [LEAST, SMALL, LARGE, (240, 70)])
@pytest.mark.parametrize("plain", [False, True], ids=["colours", "ascii"])
def test_a_key_adds_operations_up_by_kind_module_and_each(
    home: Path, size: tuple[int, int], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(home)
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")

    async def script(hand: Hand) -> None:
        await hand.press("5", "o")
        pane = hand.app.screen.query(Page).last()
        assert hand.shows(pane) and "by module and by operation" in hand.within(pane)
        assert "B bf16 beside fp32, by kind" in hand.within(pane)
        assert "too small beside the fixed cost" in hand.within(pane)
        assert "FullyConnected" in pane.text and "layers.*" not in pane.text
        await hand.press("o")
        assert "C int8 beside fp32, by module" in pane.text and "layers.*.up" in pane.text
        await hand.press("z")
        assert "Subgraph → MatMul+Softmax" in pane.text or size[0] < 120
        await hand.press("o", "G")
        assert "by operation" in pane.text
        assert pane.virtual_size.width <= pane.size.width
        if plain:
            assert hand.screen.isascii()

    drive(script, size, ascii_only=plain)


def test_a_run_without_operations_says_so(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("5", "o")
        assert "keeps operations of two variants" in hand.words

    drive(script)


def test_names_of_operations_are_shown_literally(home: Path) -> None:
    run = write_run(home, "20260131-101500-digits-ab12", told=started(), found=hostile_result())
    operations.write(run.folder, hostile_operations())

    async def script(hand: Hand) -> None:
        await hand.press("5", "o", "o", "o")
        assert HOSTILE[0] in hand.screen
        assert "\x1b" not in hand.screen and "\u202e" not in hand.screen

    drive(script, LARGE)
