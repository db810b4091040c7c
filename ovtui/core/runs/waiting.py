"""Words for who waits for another run: whose it is, since when, and how to go on."""

from __future__ import annotations

from datetime import datetime

from ovtui.core.machine.holders import Holder
from ovtui.core.runs.events import Queued
from ovtui.core.text.foreign import plain


def waiting(queued: Queued, now: datetime | None = None, *, advice: bool = True) -> str:
    """Returns what a run waits for, in one line.

    Args:
        queued: the event.
        now: where times are told from; the present when absent.
        advice: say how to go on.
    """
    count = queued.ahead
    words = f"waiting for {count} run{'s' if count > 1 else ''}"
    holder = Holder(queued.user, queued.run, queued.since, not queued.user, queued.lock)
    return f"{words}: {text}" if (text := _turn_in_words(holder, now, advice)) else words


def waiting_to_measure(holder: Holder, now: datetime | None = None) -> str:
    """Returns why a measurement does not begin, in one line.

    Args:
        holder: who measures.
        now: where times are told from; the present when absent.
    """
    words = "waiting: another measurement is running on this machine"
    return f"{words}: {text}" if (text := _turn_in_words(holder, now, advice=True)) else words


def works_beside(holder: Holder) -> str:
    """Returns what a run says that has waited long enough for another user."""
    whose = f"{holder.user}'s run" if holder.user else "another user's run"
    return plain(f"{whose} {holder.run}".rstrip() + " works at the same time: speeds may suffer")


def _turn_in_words(holder: Holder, now: datetime | None, advice: bool) -> str:
    """Whose turn it is, and what can be done; nothing where the machine does not tell."""
    if not holder.run and not holder.user:
        return ""
    whose = "" if holder.own else f"{holder.user}'s "
    held = f" (holds {holder.lock})" if holder.lock and advice and not holder.own else ""
    since = f", since {_clock(holder.since, now)}" if holder.since is not None else ""
    end = f"end it with: ovtui cancel {holder.run}"
    how = end if holder.own else "take turns with your own runs alone: OVTUI_LOCKS=FOLDER"
    return plain(f"{whose}{holder.run or 'run'}{held}{since}" + (f"; {how}" if advice else ""))


def _clock(seconds: float, now: datetime | None) -> str:
    """The time of day, with the date where that is another."""
    then, now = datetime.fromtimestamp(seconds), now or datetime.now()
    return then.strftime("%H:%M" if then.date() == now.date() else "%Y-%m-%d %H:%M")
