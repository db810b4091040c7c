"""The runs of a recipe over time, in a pane of Recipes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ovtui.core.results.result import Result
from ovtui.core.runs.run_request import Request
from ovtui.tui.pages.history import Past, page
from tests.support.run_folders import write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import Hand, drive


def past(hour: int, p50: float, versions: dict[str, str] | None = None) -> Past:
    result = sample_result()
    variants = [
        msgspec.structs.replace(it, latency=msgspec.structs.replace(it.latency, p50_ms=p50))
        if it.latency
        else it
        for it in result.variants
    ]
    created = f"2026-01-31T{hour:02d}:15:00+00:00"
    request = Request(
        name="digits", created=created, device="CPU", base="/", versions=versions or {}
    )
    return Past(request, msgspec.structs.replace(result, variants=variants))


def shown(runs: list[Past], width: int = 100) -> list[str]:
    lines = [line.plain for line in page("digits", runs, width)]
    assert all(len(line) <= width for line in lines)
    return lines


def test_each_variant_has_a_row_for_each_run_and_a_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    runs = [past(12, 4.0, {"nncf": "3.4"}), past(11, 8.0, {"nncf": "3.3"}), past(10, 2.0)]
    lines = shown(runs)
    assert lines[0] == "digits: 3 runs, the newest first"
    first = lines.index(next(line for line in lines if line.startswith("A ")))
    assert "2.00 to 8.00" in lines[first + 2]
    drawn = lines[first + 2].split()[2]
    # From the oldest to the newest: the lowest, the highest, and between.
    assert drawn[0] == "⣀" and drawn[len(drawn) // 2] == "⣿" and drawn[-1] not in "⣀⣿"
    rows = [line for line in lines[first:] if line.startswith("01-31")]
    assert [row.split()[1] for row in rows[:3]] == ["12:15", "11:15", "10:15"]
    assert "4.00" in rows[0] and "8.00" in rows[1] and "2.00" in rows[2]
    tail = lines[lines.index("Not as in the run before") + 1 :]
    assert tail[0].split() == ["01-31", "12:15", "nncf:", "3.3", "→", "3.4"]
    assert tail[1].split() == ["01-31", "11:15", "nncf:", "–", "→", "3.3"]


def test_intervals_are_shown_whole_or_not_at_all() -> None:
    runs = [past(12, 4.0), past(11, 8.0)]
    ends = [line for line in shown(runs, 100) if " (" in line and "01-31" in line]
    assert ends and all(line.count("(") == line.count(")") for line in ends)
    narrow = [line.plain for line in page("digits", runs, 60)]
    assert not any("(" in line for line in narrow if line.startswith("01-31"))
    assert max(len(line) for line in narrow if line.startswith("01-31")) <= 60


def test_one_run_has_no_curve_and_nothing_before_it() -> None:
    lines = shown([past(12, 4.0)])
    assert lines[0] == "digits: one run, the newest first"
    assert not any("⣀" in line or "before" in line for line in lines)


def test_a_variant_that_a_run_had_not_and_runs_that_are_alike() -> None:
    newest, older = past(12, 4.0), past(11, 4.0)
    result: Result = older.result
    fewer = msgspec.structs.replace(result, variants=result.variants[:1], comparisons=[])
    lines = shown([newest, newest, Past(older.request, fewer)])
    assert any(line.split()[2:] == ["–"] for line in lines if line.startswith("01-31"))
    assert any(line.endswith("as the one before") for line in lines)


def test_the_pane(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("2", "slash", *"mobilenetv2-d", "enter", "tab", "tab")
        assert "mobilenetv2-digits has no run that is done; r starts one." in hand.screen
        name = "mobilenetv2-digits"
        write_run(home, f"20260131-101500-{name}-ab01", name=name, found=sample_result())
        hand.app.look()
        await hand.pilot.pause(0.3)
        assert f"{name}: one run, the newest first" in hand.screen

    drive(script)
