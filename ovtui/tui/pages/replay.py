"""The time line of a run that is over: stages as bars, what it took as curves, and a moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from ovtui.core.runs import events
from ovtui.core.runs.timeline import Moment, Stretch, Timeline
from ovtui.core.text.cells import pad, shorten
from ovtui.core.text.units import human_bytes, human_count, human_rate, human_seconds
from ovtui.tui.curves import curve
from ovtui.tui.pages.resources import Timed, by_column
from ovtui.tui.text import BAD, FAINT, GOOD, LIVE, STRONG, WARN, line, wrapped

STEPS = 100
"""Places of the cursor, whatever the width: each is a hundredth of the run."""
_NAMES = 20
_BAR, _NOW = "▇", "▲"


class Cursor(NamedTuple):
    """The time that a place of the cursor stands for, in seconds since the epoch."""

    time: float
    until: float


def cursor(line_of: Timeline, place: int) -> Cursor:
    """Returns the time of a place, from 0 to `STEPS`."""
    step = line_of.seconds / STEPS
    time = line_of.ended if place == STEPS else line_of.began + place * step
    return Cursor(time, time + step)


def stage_begins(line_of: Timeline) -> list[int]:
    """Returns the places where stages that were worked on begin, in order."""
    places = range(STEPS + 1)
    worked = [it for it in line_of.stretches if not it.cached]
    return sorted(
        {next((p for p in places if cursor(line_of, p).until > it.began), STEPS) for it in worked}
    )


def page(line_of: Timeline, place: int, width: int) -> list[Text]:
    """Draws a time line with its cursor, and below it the numbers of the cursor's moment.

    Args:
        line_of: the run's.
        place: of the cursor, from 0 to `STEPS`.
        width: cells of a line.
    """
    room = max(10, width - _NAMES)
    now = cursor(line_of, place)
    at = min(room - 1, place * room // STEPS)
    mark = line(" " * (_NAMES + at), (_NOW, STRONG))
    return [
        *(_stage(it, line_of, room) for it in line_of.stretches),
        *_curves(line_of, room),
        _moments(line_of, room),
        mark,
        line(),
        *_numbers(line_of, now, width),
    ]


def _cell(line_of: Timeline, time: float, room: int) -> int:
    return max(0, min(room - 1, int((time - line_of.began) / line_of.seconds * room)))


def _stage(stretch: Stretch, line_of: Timeline, room: int) -> Text:
    first, last = (_cell(line_of, time, room) for time in (stretch.began, stretch.ended))
    name = pad(shorten(stretch.stage, _NAMES - 2), _NAMES)
    if stretch.cached:
        return line((name, FAINT), " " * first, ("cached"[: room - first], FAINT))
    return line((name, FAINT), " " * first, (_BAR * max(1, last - first), LIVE))


def _curves(line_of: Timeline, room: int) -> list[Text]:
    step = line_of.seconds / (2 * room)
    memory = [(it.time, float(it.memory_bytes)) for it in line_of.taken]
    cores = [(it.time, it.cores) for it in line_of.taken if it.cores is not None]
    largest = line_of.largest_rates
    # A step's rate is in units of its own: one scale for all would flatten most of them.
    rates = [
        (it.time, it.rate / largest[it.stage, it.step])
        for it in line_of.steps
        if it.rate and (it.stage, it.step) in largest
    ]

    def drawn(name: str, values: Sequence[Timed], *, holds: bool) -> Text:
        dots = by_column(values, line_of.began, step, line_of.ended, holds=holds)
        (curved,) = curve(dots[: 2 * room], room, style=LIVE)
        return line((pad(shorten(name, _NAMES - 2), _NAMES), FAINT), curved)

    lines = []
    if memory:
        most = human_bytes(max(value for _, value in memory))
        lines.append(drawn(f"memory ≤ {most}", memory, holds=True))
    if cores:
        lines.append(drawn(f"cores ≤ {max(it for _, it in cores):.1f}", cores, holds=True))
    if rates:
        lines.append(drawn("rate of each step", rates, holds=False))
    return lines


def _moments(line_of: Timeline, room: int) -> Text:
    """A sign in each cell in which something happened; of several, the last one's."""
    signs = {_cell(line_of, it.time, room): _sign(it) for it in line_of.moments}
    name = pad("happened", _NAMES)
    return line((name, FAINT), *(signs.get(at, (" ", "")) for at in range(room)))


def _sign(moment: Moment) -> tuple[str, str]:
    match moment:
        case events.Warned():
            return "!", WARN
        case events.Measured():
            return "●", LIVE
        case events.Finished():
            return "✓", GOOD
        case events.Cancelled():
            return "■", WARN
    return "✗", BAD


def _numbers(line_of: Timeline, now: Cursor, width: int) -> list[Text]:
    """The exact numbers at the cursor's time, and what happened until its next place."""
    passed, whole = (_seconds(it - line_of.began) for it in (now.time, line_of.ended))
    lines = [line((f"{passed} of {whole}", STRONG))]
    for it in line_of.working(now.time, now.until):
        spent, all_of_it = _seconds(now.time - it.began), _seconds(it.ended - it.began)
        lines += wrapped(f"{it.stage}  {spent} of {all_of_it}", width, lead="stage   ")
    if (taken := line_of.taken_at(now.time)) is not None:
        cores = "" if taken.cores is None else f"  {taken.cores:.1f} cores busy"
        lines.append(line(f"memory  {human_bytes(taken.memory_bytes)}{cores}"))
    if (step := line_of.step_at(now.time)) is not None:
        total = "" if step.total is None else f" of {human_count(step.total, step.unit)}"
        rate = "" if step.rate is None else f"  {_rate(step, line_of)}"
        words = f"{step.step}  {human_count(step.done, step.unit)}{total}{rate}"
        lines += wrapped(words, width, lead="step    ")
    for moment in line_of.moments:
        if now.time <= moment.time < now.until:
            sign, style = _sign(moment)
            when = _seconds(moment.time - line_of.began)
            lines += wrapped(f"{when}  {_words(moment)}", width, style, lead=f"{sign} ")
    return lines


def _rate(step: events.Progressed, line_of: Timeline) -> str:
    """The rate of a step and the largest that it had, which is the top of its curve."""
    assert step.rate is not None
    most = line_of.largest_rates.get((step.stage, step.step), step.rate)
    return f"{human_rate(step.rate, step.unit)}, at most {human_rate(most, step.unit)}"


def _seconds(passed: float) -> str:
    return human_seconds(passed) if passed > 0 else "0 s"


def _words(moment: Moment) -> str:
    match moment:
        case events.Warned(message=message):
            return message
        case events.Failed(kind=kind, message=message):
            return f"{kind}: {message}"
        case events.Measured(variant=variant, what=what, value=value):
            known = ((key, it) for key, it in value.items() if type(it) in (int, float))
            numbers = (f"{key} {it:.4g}" for key, it in known)
            return f"{variant} {what}  {'  '.join(numbers)}"
        case events.Cancelled():
            return "cancelled"
    return "done"
