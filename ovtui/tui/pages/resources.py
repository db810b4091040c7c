"""What a run takes of the machine as curves over its time: memory, cores, the rate of its step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from ovtui.core.runs.run_progress import RunProgress, StageState
from ovtui.core.text.cells import shorten
from ovtui.core.text.units import human_bytes, human_rate, human_seconds
from ovtui.tui.curves import curve
from ovtui.tui.text import FAINT, LIVE, line

_NAMES = 8
_NUMBERS = 26
_WIDEST, _NARROWEST = 60, 12
_TICK = "╵"

Timed = tuple[float, float]
"""Seconds since the epoch, and a value."""


def curves(progress: RunProgress, width: int, now: float) -> list[Text]:
    """Draws memory, cores and the newest rate over the time of a run, and where its stages began.

    A column of dots stands for 1, 2, 4 … seconds: so many that the run fits. Thus what was drawn
    stays where it is until the run is twice as long, and little of a line is sent again.

    Args:
        progress: of the run.
        width: cells of a line.
        now: seconds since the epoch; of a run that is over: when that was.

    Returns:
        No lines where nothing was written yet, or there is no room for a curve.
    """
    room = min(_WIDEST, width - _NAMES - _NUMBERS)
    if progress.began is None or len(progress.taken) < 2 or room < _NARROWEST:
        return []
    began, step = progress.began, 1.0
    while (now - began) / step >= 2 * room:
        step *= 2

    def drawn(
        name: str, values: Sequence[Timed], numbers: str, *, holds: bool, top: float = 0.0
    ) -> Text:
        columns = by_column(values, began, step, now, holds=holds)
        highest = max(top, max(value for _, value in values))
        (dots,) = curve(columns, room, style=LIVE, bounds=(0.0, highest))
        return line((name.ljust(_NAMES), FAINT), dots, f"  {numbers}")

    memory = [(usage.time, float(usage.memory_bytes)) for usage in progress.taken]
    label = f"{human_bytes(memory[-1][1])}, peak {human_bytes(progress.memory_peak)}"
    lines = [drawn("memory", memory, label, holds=True)]
    cores = [(usage.time, usage.cores) for usage in progress.taken if usage.cores is not None]
    if cores:
        label = f"{cores[-1][1]:.1f} busy, most {max(core for _, core in cores):.1f}"
        lines.append(drawn("cores", cores, label, holds=True, top=1.0))
    for stage in progress.running:
        if len(stage.rates) > 1 and stage.step is not None:
            label = human_rate(stage.rates[-1][1], stage.step.unit)
            lines.append(drawn("rate", stage.rates, label, holds=False))
            break
    lines.append(line(" " * _NAMES, (_stages(progress, step, room), FAINT)))
    whole = f"{human_seconds(2 * room * step)} wide"
    return [*lines[:-1], line(lines[-1], (f"  {whole}", FAINT))]


def by_column(
    values: Iterable[Timed], began: float, step: float, now: float, *, holds: bool
) -> list[float | None]:
    """Returns the largest value of each column of dots.

    Args:
        values: in the order of time.
        began: when the first column begins.
        step: seconds of a column.
        now: when the last one ends.
        holds: a value is true until the next one: it is written only when it changes.
    """
    columns: list[float | None] = [None] * (int(max(0.0, now - began) / step) + 1)
    for time, value in values:
        at = int(max(0.0, time - began) / step)
        if at < len(columns):
            columns[at] = max(value, columns[at] or 0.0)
    if holds:
        for at in range(1, len(columns)):
            columns[at] = columns[at - 1] if columns[at] is None else columns[at]
    return columns


def _stages(progress: RunProgress, step: float, room: int) -> str:
    """A tick where each stage began, with as much of its name as the next one leaves room for."""
    assert progress.began is not None
    worked = [it for it in progress.stages if it.began and it.state is not StageState.CACHED]
    places: dict[int, str] = {}
    for stage in worked:
        places[int((stage.began or 0.0) - progress.began) // int(2 * step)] = stage.name
    cells = [" "] * room
    ends: Sequence[int] = [*sorted(places), room]
    for at, end in zip(ends, ends[1:], strict=False):
        if at >= room:
            continue
        cells[at] = _TICK
        name = shorten(places[at], end - at - 2) if end - at > 3 else ""
        cells[at + 1 : at + 1 + len(name)] = name
    return "".join(cells[:room])
