"""One engine works at a time on a machine; the others wait their turn, the oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ovtui.core.machine.holders import Holder
from ovtui.core.machine.turns import lock_folder, machine_lock
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.tickets import Ticket
from ovtui.core.runs.waiting import works_beside
from ovtui.engine.store.progress import Journal

_LOCK = "ovtui-engine.lock"


@contextmanager
def turn(run: Run, journal: Journal) -> Iterator[None]:
    """Waits until no other run works on this machine, and holds it for this one.

    Args:
        run: whose turn it is to be; those that wait are served in the order of their tickets.
        journal: told how many are ahead, whenever that changes.

    Raises:
        UserError: a lock file cannot be used.
    """
    last_queued: tuple[int, str] = (0, "")

    def tell(holder: Holder) -> None:
        """Those that wait, and the one that works: as a rule there is one while others wait."""
        nonlocal last_queued
        position = ticket.ahead() + 1
        if (position, holder.run) != last_queued:
            last_queued = position, holder.run
            journal.write(
                events.Queued(
                    time=time.time(),
                    ahead=position,
                    user="" if holder.own else holder.user,
                    run=holder.run,
                    since=holder.since,
                    lock="" if holder.own else holder.lock,
                )
            )

    with (
        Ticket(lock_folder(), run.folder) as ticket,
        machine_lock(_LOCK, may_try=lambda: not ticket.ahead(), on_wait=tell) as beside,
    ):
        ticket.release()
        if beside is not None:
            journal.warn(works_beside(beside))
        yield
