"""How states are told: a glyph, a word, and a colour that says nothing more."""

from __future__ import annotations

from typing import NamedTuple

from rich.text import Text

from ovtui.core.runs.run_folder import State
from ovtui.core.runs.run_progress import StageState
from ovtui.tui.text import BAD, FAINT, GOOD, LIVE, WARN, line


class Sign(NamedTuple):
    """How a state is told: a glyph, a word, and a colour that says nothing more."""

    glyph: str
    word: str
    style: str

    @property
    def text(self) -> Text:
        """Glyph and word."""
        return line((f"{self.glyph} {self.word}", self.style))


STATES = {
    State.STARTING: Sign("◦", "starting", LIVE),
    State.WAITING: Sign("◦", "waiting", LIVE),
    State.RUNNING: Sign("▶", "running", LIVE),
    State.DONE: Sign("✓", "done", GOOD),
    State.FAILED: Sign("✗", "FAILED", BAD),
    State.CANCELLED: Sign("■", "cancelled", WARN),
    State.DIED: Sign("✗", "DIED", BAD),
}
DAMAGED = Sign("✗", "DAMAGED", BAD)
STAGES = {
    StageState.AHEAD: Sign("·", "", FAINT),
    StageState.RUNNING: Sign("▶", "", LIVE),
    StageState.DONE: Sign("✓", "", GOOD),
    StageState.CACHED: Sign("✓", "", GOOD),
    StageState.STOPPED: Sign("✗", "", BAD),
}
VERDICTS: dict[str, Sign] = {
    "pass": Sign("✓", "pass", GOOD),
    "fail": Sign("✗", "FAIL", BAD),
    "not enough samples": Sign("◦", "not enough samples", WARN),
}
