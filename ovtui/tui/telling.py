"""Tells the world around the dashboard what runs do: title, bell, notice, a person's command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovtui.core.text.cells import shorten
from ovtui.core.text.errors import reason
from ovtui.core.text.foreign import plain

if TYPE_CHECKING:
    from ovtui.core.home.settings import Settings
    from ovtui.core.results.result import Result
    from ovtui.tui.run_index import RunFacts, RunIndex

_LONGEST = 80
KEEP_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""The terminal's own title is put on its stack, and taken from there again (xterm, 22 and 23)."""
_PLACEHOLDER = re.compile(r"\{(run|recipe|state|verdict)\}")


@dataclass(frozen=True, slots=True)
class End:
    """A run that has ended."""

    run: str
    recipe: str
    state: str
    verdict: str


class Teller:
    """Tells the terminal what runs do, as the settings want it."""

    def __init__(self, settings: Settings, send: Callable[[str], None]) -> None:
        """Makes a teller.

        Args:
            settings: of the user.
            send: gives the terminal a sequence.
        """
        self._settings, self._send = settings, send
        self._title = ""

    def work(self, index: RunIndex, now: float) -> None:
        """Has the terminal's title say what is running; sent only where it changed."""
        if not self._settings.title:
            return
        working = [facts for facts in index.alive if facts.state != "waiting"]
        shares = [(facts.name, index.share(facts.id, now)) for facts in working]
        wanted = title(shares, len(index.alive) - len(working))
        if wanted != self._title:
            self._send(wanted if self._title else KEEP_TITLE + wanted)
            self._title = wanted

    def leave(self) -> None:
        """Gives the terminal its own title back."""
        if self._title:
            self._send(RESTORE_TITLE)

    def ended(self, ends: Sequence[End]) -> str:
        """Tells that runs have ended, and starts the person's command for each.

        Returns:
            Why a command could not be started; empty where none failed.
        """
        self._send(notices(ends, self._settings))
        problem = ""
        for end in ends:
            if words := command(end, self._settings):
                try:
                    start(words)
                except OSError as error:
                    problem = f"on_end: {words[0]}: {reason(error)}"
        return problem


def end_of(facts: RunFacts, result: Result | None) -> End:
    """Returns how a run ended, in words; `result` where it has one."""
    from ovtui.core.results.choice import headline

    best = headline(result) if result else None
    verdict = best.verdict if best and best.verdict else ""
    return End(facts.id, facts.name, str(facts.state or "damaged"), verdict)


def title(working: Sequence[tuple[str, float | None]], waiting: int) -> str:
    """Returns the sequence that sets the terminal's title.

    Args:
        working: names of runs, and how far each is, from 0 to 1, where that is known.
        waiting: how many wait.
    """
    parts = [f"{name} {100 * share:.0f}%" if share is not None else name for name, share in working]
    parts += [f"{waiting} waiting"] if waiting else []
    words = f"ovtui: {', '.join(parts)}" if parts else "ovtui"
    return f"\x1b]2;{_safe(words)}\x07"


def notices(ended: Sequence[End], settings: Settings) -> str:
    """Returns what the terminal is sent when runs have ended; empty where nothing is wanted."""
    words = "; ".join(f"{end.recipe}: {end.verdict or end.state}" for end in ended)
    bell = "\a" if "bell" in settings.notify else ""
    desktop = f"\x1b]9;{_safe(f'ovtui: {words}')}\x07" if "desktop" in settings.notify else ""
    return bell + desktop


def command(end: End, settings: Settings) -> list[str]:
    """Returns the person's command with its placeholders replaced; empty where there is none."""
    return [
        _PLACEHOLDER.sub(lambda match: str(getattr(end, match[1])), part)
        for part in settings.on_end
    ]


def start(words: Sequence[str]) -> None:
    """Starts a command that nobody waits for, away from the terminal.

    Raises:
        OSError: there is no such program, or it may not be started.
    """
    import subprocess  # 4 ms that only a command costs

    subprocess.Popen(
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _safe(text: str) -> str:
    """Names of runs are foreign: nothing in them may end the sequence and begin another."""
    return shorten(plain(text), _LONGEST)
