"""Comparison of variants, and what they predict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from ovtui.core.home.settings import Settings
from ovtui.core.results.result import Result
from ovtui.core.runs import events
from ovtui.tui import outside
from ovtui.tui.pages import comparison
from ovtui.tui.pages.compared import compared
from tests.support.pipeline_result import pipeline_result
from tests.support.run_folders import NOW, alive, half_way, started, write_done, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, SMALL, Hand, drive


def _sample(id: str, reference: str, fp32: str, int8: str, **input: str) -> dict[str, Any]:
    return {
        "id": id,
        "input": input or {"text": "a digit"},
        "reference": reference,
        "predictions": {
            name: {"label": label, "score": 0.75, "top": [{"label": label, "score": 0.75}]}
            for name, label in (("fp32", fp32), ("int8", int8))
        },
        "changed": fp32 != int8,
    }


def _judged(variant: str, verdict: str) -> dict[str, Any]:
    """A comparison of the usual result under another name."""
    found: dict[str, Any] = msgspec.to_builtins(sample_result().comparisons[1])
    return found | {"variant": variant, "verdict": verdict}


def _with_samples() -> Result:
    return sample_result(
        samples=[
            _sample("same", "4", "4", "4"),
            _sample("fell", "4", "4", "9", image="samples/0.png"),
            _sample("rose", "7", "1", "7"),
            _sample("bad", "2", "3", "3"),
        ]
    )


def test_marked_runs_are_compared(home: Path) -> None:
    write_done(home, 0)
    write_done(home, 1)
    write_done(home, 2)

    async def script(hand: Hand) -> None:
        await hand.press("space", "space")
        assert "2 marked" in hand.lines[0] and hand.screen.count("● digits") == 2
        await hand.press("c")
        assert "A fp32 ab02" in hand.screen and "F int8 ab01" in hand.screen
        await hand.press("u")
        assert "idle" in hand.lines[0] and "D fp32" not in hand.screen

    drive(script)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_pane_of_compare_names_run_device_and_model(
    home: Path, size: tuple[int, int]
) -> None:
    run = write_done(home, model="nets/tiny.onnx")

    async def script(hand: Hand) -> None:
        await hand.press("5")
        assert "digits ab00" in hand.lines[2]
        for _ in ("Charts", "Plots", "Verdicts"):
            await hand.press("tab")
            assert f"A–C {run.id} CPU nets/tiny.onnx" in hand.words.replace("│ ", "")

    drive(script, size)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (started(), "bert has no result: DIED"),
        (
            [*started(), events.Failed(time=NOW, kind="error", message="no such file")],
            "bert has no result: FAILED (20260131-111600-bert-cd01): no such file",
        ),
    ],
)
def test_a_run_without_result_is_not_passed_over_for_another(
    home: Path, told: list[events.Event], words: str
) -> None:
    write_done(home)
    write_run(home, "20260131-111600-bert-cd01", name="bert", told=told)

    async def script(hand: Hand) -> None:
        assert hand.app.session.current == "20260131-111600-bert-cd01"
        await hand.press("c")
        assert words in hand.words and "fp32" not in hand.screen
        for _ in range(3):
            await hand.press("tab")
            assert words in hand.words and "fp32" not in hand.screen
        await hand.press("4", "s")
        assert words in hand.words and "hand-written" not in hand.screen
        await hand.press("enter")
        assert words in hand.words
        await hand.press("escape", "n")
        assert "digits ab00" in hand.screen and "17" in hand.lines[4]

    drive(script)


def test_lists_name_the_chosen_variant(home: Path) -> None:
    """In Runs and Recipes its numbers stand for the run, in Compare it is called so."""
    id = "20260131-101500-mobilenetv2-digits-ab01"
    found = sample_result(
        chosen="int8", comparisons=[_judged("int8", "pass"), _judged("bf16", "pass")]
    )
    write_run(home, id, name="mobilenetv2-digits", told=started(), found=found)

    async def script(hand: Hand) -> None:
        assert "✓ pass  -0.0010" in hand.screen
        await hand.press("2")
        assert "✓ pass  -0.0010" in hand.screen
        await hand.press("5")
        (chosen,) = (text for text in hand.lines if "chosen" in text)
        assert "C int8" in chosen and "✓ pass, chosen" in chosen

    drive(script)


def test_a_marked_run_without_result_is_told_beside_those_that_have_one(home: Path) -> None:
    write_done(home)
    live = write_run(home, "20260131-111600-bert-cd01", name="bert", told=half_way())

    async def script(hand: Hand) -> None:
        await hand.press("space", "space", "c", "enter")
        told = "bert has no result yet: it is running"
        assert told in hand.words and "A fp32" in hand.screen
        write_done(home, 1).result_path.rename(live.result_path)
        live.append(events.Finished(time=NOW))
        await hand.tick()
        assert told not in hand.words and "D fp32" in hand.screen

    with alive(live):
        drive(script, LARGE)


def test_a_sample_without_picture_says_so_and_has_no_key_for_it(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("6")
        assert "picture" not in hand.lines[-1]
        write_run(home, "20260131-101600-digits-cd01", told=started(), found=_with_samples())
        await hand.tick()
        await hand.press("N")
        assert "i picture" in hand.lines[-1]
        await hand.press("G", "i")
        assert "this sample has no picture" in hand.screen

    drive(script)


def test_charts_have_exact_numbers_and_variants_can_be_left_out(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        await hand.press("5")
        assert "0.980  2.46× faster" in hand.screen
        assert "0.9351" in hand.screen and "┊ 0 and max_drop -0.0100" in hand.words
        assert "not enough samples" in hand.screen
        await hand.press("j", "j", "space")
        assert "○ C int8" in hand.screen and "0.980  2.46" not in hand.screen
        await hand.press("tab", "tab")
        assert "Accuracy against latency" in hand.screen and "Pareto" in hand.screen
        await hand.press("tab")
        assert "17 to worse, 7 to better" in hand.screen and "runs in" in hand.screen

    drive(script, LARGE)


def test_samples_are_sorted_and_filtered(home: Path) -> None:
    write_run(home, "20260131-101600-digits-cd01", told=started(), found=_with_samples())

    def listed(hand: Hand) -> list[str]:
        return [
            w for row in hand.lines for w in row.split() if w in ("same", "fell", "rose", "bad")
        ]

    async def script(hand: Hand) -> None:
        await hand.press("6")
        rows = [text.split()[0].lstrip("›") or text.split()[1] for text in hand.lines[4:8]]
        assert rows[:2] == ["fell", "rose"] or "fell" in hand.lines[4]
        assert "✗ WORSE" in hand.lines[4] and "✓ better" in hand.lines[5]
        for kind, names in {
            "changed": {"fell", "rose"},
            "worse": {"fell"},
            "better": {"rose"},
            "wrong": {"fell", "rose", "bad"},
        }.items():
            await hand.press("o")
            assert set(listed(hand)) - {"same"} == names, kind

    drive(script)


def test_a_sample_shows_predictions_side_by_side_and_its_picture(home: Path) -> None:
    run = write_run(home, "20260131-101600-digits-cd01", told=started(), found=_with_samples())
    (run.folder / "samples").mkdir()
    Image.new("RGB", (32, 32), "red").save(run.folder / "samples" / "0.png")

    async def script(hand: Hand) -> None:
        await hand.press("6", "enter")
        title = next(text for text in hand.lines if "fp32" in text)
        assert "baseline" in title and "✓ right" in title
        assert "int8" in title and "✗ wrong" in title and "≠ baseline" in title
        assert "0.7500" in hand.screen and "▀" not in hand.screen
        await hand.press("i")
        assert "▀▀▀▀" in hand.screen
        await hand.press("i")
        assert "▀" not in hand.screen

    drive(script, SMALL)


def test_a_picture_is_drawn_by_the_terminal_where_that_is_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(home, "20260131-101600-digits-cd01", told=started(), found=_with_samples())
    drawn: list[tuple[Path, str]] = []
    monkeypatch.setattr(outside, "draw", lambda app, path, how, over: drawn.append((path, how)))

    async def script(hand: Hand) -> None:
        await hand.press("6", "i")
        assert "▀" not in hand.screen

    drive(script, settings=Settings(images="kitty"))
    ((path, how),) = drawn
    assert (path.parent.name, path.name, how) == ("samples", "0.png", "kitty")


def test_a_picture_outside_of_the_run_is_not_opened(home: Path) -> None:
    Image.new("RGB", (8, 8)).save(home.parent / "outside.png")
    found = sample_result(samples=[_sample("x", "1", "1", "2", image="../../../outside.png")])
    write_run(home, "20260131-101600-digits-cd01", told=started(), found=found)

    async def script(hand: Hand) -> None:
        await hand.press("6", "i")
        assert "not in the run's folder" in hand.screen

    drive(script)


def test_texts_have_their_differences_marked(home: Path) -> None:
    words = {"fp32": {"text": "a dog on grass"}, "int8": {"text": "a cat on grass"}}
    sample = {
        "id": "t",
        "input": {"text": "?"},
        "reference": None,
        "predictions": words,
        "changed": True,
    }
    found = sample_result(samples=[sample])
    write_run(home, "20260131-101600-digits-cd01", told=started(), found=found)

    async def script(hand: Hand) -> None:
        await hand.press("6", "enter")
        assert "a [-dog-] [+cat+] on grass" in hand.screen

    drive(script)


def test_metrics_that_differ_have_charts_of_their_own() -> None:
    """No axis and no Pareto front holds an accuracy beside a word error rate."""
    items = compared([sample_result(), pipeline_result()])
    bars = [row.plain for row in comparison.bars_page(items, 100)]
    titles = [row for row in bars if row.startswith(("Accuracy", "WER", "Change of"))]
    assert [title.partition(",")[0] for title in titles] == [
        "Accuracy",
        "Change of accuracy",
        "WER",
        "Change of wer",
    ]
    plots = [row.plain for row in comparison.plots_page(items, 100)]
    starts = [at for at, row in enumerate(plots) if " against latency in ms" in row]
    assert [plots[at].split()[0] for at in starts] == ["Accuracy", "WER"]
    front = [row.split()[0] for row in plots[starts[1] :] if "on the Pareto front" in row]
    assert set(front) <= {"D", "E"}


def test_what_differs_between_two_marked_runs_is_told(home: Path) -> None:
    ids = ["20260131-101500-digits-ab01", "20260131-101600-digits-ab02"]
    for number, id in enumerate(ids):
        write_run(home, id, name="digits", found=sample_result(run=id, max_drop=0.01 + number))

    async def script(hand: Hand) -> None:
        await hand.press("space", "space", "5", "shift+tab", "shift+tab", "z")
        assert "›Diff" in hand.screen and "nothing differs" in hand.screen
        await hand.press("z", "h")
        assert "›Verdicts" in hand.screen

    drive(script, LARGE)
