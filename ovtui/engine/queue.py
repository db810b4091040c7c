"""One engine works at a time on a machine; the others wait their turn, the oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovtui.core import config, events
from ovtui.core.holders import Holder
from ovtui.core.run_order import age_order
from ovtui.core.runs import Run
from ovtui.core.turns import machine_lock
from ovtui.core.waiting import works_beside
from ovtui.engine.progress import Journal

_LOCK = "ovtui-engine.lock"


@contextmanager
def turn(run: Run, journal: Journal) -> Iterator[None]:
    """Wait for the machine, then hold it."""
    ticket = config.writable_home() / "queue" / run.id
    ticket.touch()
    told: tuple[int, str] = (0, "")

    def ahead() -> list[Run]:
        return _waiting_before(run, ticket.parent)

    def tell(holder: Holder) -> None:
        """Those that wait, and the one that works: as a rule there is one while others wait."""
        nonlocal told
        position = len(ahead()) + 1
        if (position, holder.run) != told:
            told = position, holder.run
            journal.write(
                events.Queued(
                    time=time.time(),
                    ahead=position,
                    user="" if holder.own else holder.user,
                    run=holder.run,
                    since=holder.since,
                )
            )

    try:
        with machine_lock(_LOCK, may_try=lambda: not ahead(), on_wait=tell) as beside:
            ticket.unlink(missing_ok=True)
            if beside is not None:
                journal.warn(works_beside(beside))
            yield
    finally:
        ticket.unlink(missing_ok=True)


def _waiting_before(run: Run, folder: Path) -> list[Run]:
    """Runs that asked earlier and still wait; a ticket that nobody holds any more is removed."""
    mine = age_order(run.folder)
    found = []
    for ticket in folder.iterdir():
        other = Run(run.folder.parent / ticket.name)
        if age_order(other.folder) >= mine:
            continue
        if other.state().alive:
            found.append(other)
        else:
            ticket.unlink(missing_ok=True)
    return found
