"""Every word is legible: in both themes, in 256 colours, and without colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.segment import Segment

from ovtui.core.runs import events
from ovtui.tui.textual_internals import shown
from tests.support.run_folders import NOW, alive, half_way, started, write_done, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, Hand, drive

LEAST_CONTRAST = 4.5
"""WCAG 2.1, 1.4.3, for text: https://www.w3.org/TR/WCAG21/#contrast-minimum."""


def _contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: ColorTriplet) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    parts = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4
             for it in colour.normalized]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _shown(colour: Color, system: ColorSystem) -> ColorTriplet:
    return colour.downgrade(system).get_truecolor()


def _words(hand: Hand) -> Iterator[tuple[Segment, str]]:
    for strip in shown(hand.app.screen):
        for segment in strip:
            letters = "".join(it for it in segment.text if it.isalnum() or it in "✓✗▶■◦≠!")
            if letters and segment.style:
                yield segment, letters


def _faint(hand: Hand, system: ColorSystem) -> set[tuple[str, float]]:
    """The words with too little contrast."""
    found, words = set(), list(_words(hand))
    assert len(words) > 10, "what is looked at is on the screen"
    for segment, letters in words:
        style = segment.style
        assert style is not None and style.color is not None and style.bgcolor is not None
        contrast = _contrast(_shown(style.color, system), _shown(style.bgcolor, system))
        if contrast < LEAST_CONTRAST:
            found.add((letters, round(contrast, 2)))
    return found


@pytest.mark.parametrize("without_colours", [False, True], ids=["colours", "NO_COLOR"])
@pytest.mark.parametrize("theme", ["ovtui", "ovtui-light"])
def test_every_word_is_legible(
    home: Path, theme: str, without_colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if without_colours:
        monkeypatch.setenv("NO_COLOR", "1")
    write_done(home)
    write_run(home, "20260131-101501-worse-ab03", found=sample_result(
        comparisons=[{**_comparison(), "verdict": "fail"}]))  # fmt: skip
    failed = events.Failed(time=NOW, kind="error", message="no such file")
    write_run(home, "20260131-101600-bert-cd01", name="bert", told=[*started(), failed])
    gone = [*started(), events.Cancelled(time=NOW)]
    write_run(home, "20260131-101500-clip-cd02", name="clip", told=gone)
    (home / "runs" / "20260131-111600-bad-cd03").mkdir()
    live = write_run(home, "20260131-111700-live-cd04", name="live", told=half_way())

    async def script(hand: Hand) -> None:
        for key in ["0", "4", "5", "tab", "tab", "tab", "tab", "6", "7", "2", "1"]:
            await hand.press(key)
            for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
                assert not _faint(hand, system), f"{system} after {key}"
            if key == "4":
                await hand.press("G")

    with alive(live):
        drive(script, LARGE, theme_name=theme)


def _comparison() -> dict[str, object]:
    import msgspec

    found: dict[str, object] = msgspec.to_builtins(sample_result().comparisons[1])
    return found
