"""`ovtui status`: what goes on, in a line for a tmux bar, or as JSON for a script."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

import msgspec

from ovtui.commands.arguments import Parser
from ovtui.commands.output import print_json
from ovtui.core.results.choice import headline
from ovtui.core.results.result import Result
from ovtui.core.runs.course import course, took
from ovtui.core.runs.run_folder import Run, State, every
from ovtui.core.runs.run_progress import RunProgress, advance
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import human_seconds

_LOOKED_AT = 50
"""Of the newest runs: a bar asks every few seconds."""
_EARLIER = 5


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is alive."""

    run: str
    recipe: str
    state: str
    stage: str = ""
    share: float | None = None
    """Of the whole run, as earlier runs of the recipe tell."""
    seconds_left: float | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The newest run that has ended."""

    run: str
    recipe: str
    state: str
    verdict: str | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All that goes on in a home."""

    running: list[Working]
    waiting: list[Working]
    last: Ended | None


def main(arguments: Sequence[str]) -> int:
    """Prints one line, or with `--json` one document."""
    parser = Parser("status", "What goes on, in one line: for a tmux bar, or a script.")
    parser.add_json()
    options = parser.parse(arguments)
    now = status(time.time())
    print_json(now) if options.json else print(plain(in_a_line(now)))
    return 0


def status(now: float) -> Status:
    """Returns what goes on among the newest 50 runs; `now` is seconds since the epoch."""
    runs = [(run, run.state()) for run in islice(every(), _LOOKED_AT)]
    alive = [
        _working(run, state, [it for it, _ in runs], now) for run, state in runs if state.alive
    ]
    over = next(((run, state) for run, state in runs if not state.alive), None)
    return Status(
        running=[facts for facts in alive if facts.state != State.WAITING],
        waiting=[facts for facts in alive if facts.state == State.WAITING],
        last=_ended(*over) if over else None,
    )


def in_a_line(now: Status) -> str:
    """Says a status in one line, as in `digits 59 % ~12 s left, 1 waiting`, or what ended last."""
    parts = []
    for it in now.running:
        words = [it.recipe, it.stage if it.share is None else f"{100 * it.share:.0f} %"]
        if it.seconds_left is not None:
            words.append(f"~{human_seconds(round(it.seconds_left))} left")
        parts.append(" ".join(filter(None, words)))
    if now.waiting:
        parts.append(f"{len(now.waiting)} waiting")
    if not parts:
        last = now.last
        ended = f", last: {last.recipe} {last.verdict or last.state}" if last else ""
        parts.append(f"idle{ended}")
    return ", ".join(parts)


def _working(run: Run, state: State, newest: Sequence[Run], now: float) -> Working:
    progress = advance(RunProgress(), run.tail(0).events)
    name = _name(run)
    known = course(progress, took(_earlier(name, newest)), now) if progress.stages else None
    return Working(
        run=run.id,
        recipe=name,
        state=str(state),
        stage=progress.running[-1].name if progress.running else "",
        share=known.share if known else None,
        seconds_left=known.left if known else None,
    )


def _earlier(name: str, newest: Sequence[Run]) -> list[Result]:
    """Results of the same recipe, which tell how long its stages take."""
    same = (run for run in newest if _name(run) == name)
    earlier = (result for run in same if (result := _result(run)) is not None)
    return list(islice(earlier, _EARLIER))


def _ended(run: Run, state: State) -> Ended:
    result = _result(run)
    best = headline(result) if result else None
    verdict = best.verdict if best else None
    return Ended(run=run.id, recipe=_name(run), state=str(state), verdict=verdict)


def _name(run: Run) -> str:
    try:
        return run.heading().name
    except UserError:
        return run.id


def _result(run: Run) -> Result | None:
    try:
        return run.result()
    except UserError:
        return None
