"""One engine works at a time on a machine; the others wait their turn, the oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovtui.core import config, events
from ovtui.core.locks import machine_lock
from ovtui.core.runs import Run
from ovtui.engine.progress import Journal


@contextmanager
def turn(run: Run, journal: Journal) -> Iterator[None]:
    """Wait for the machine, then hold it."""
    ticket = config.home() / "queue" / run.id
    ticket.touch()
    told = -1

    def may_try() -> bool:
        nonlocal told
        ahead = _ahead(run, ticket.parent)
        if ahead != told:
            told = ahead
            journal.write(events.Queued(time=time.time(), ahead=ahead))
        return ahead == 0

    try:
        with machine_lock("ovtui-engine.lock", may_try=may_try):
            ticket.unlink(missing_ok=True)
            yield
    finally:
        ticket.unlink(missing_ok=True)


def _ahead(run: Run, folder: Path) -> int:
    """Runs that asked earlier and still wait; a ticket that nobody holds any more is removed."""
    ahead = 0
    for name in sorted(ticket.name for ticket in folder.iterdir()):
        if name >= run.id:
            break
        other = Run(run.folder.parent / name)
        if other.state().alive:
            ahead += 1
        else:
            (folder / name).unlink(missing_ok=True)
    return ahead
