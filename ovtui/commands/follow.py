"""A run's progress on standard error: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovtui.commands.fail_on import gate
from ovtui.commands.output import in_lines, print_json, print_result, say
from ovtui.core.home import directories
from ovtui.core.runs import events
from ovtui.core.runs.launch import cancel
from ovtui.core.runs.run_folder import Run, State
from ovtui.core.runs.waiting import waiting
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import human_bytes, human_count, human_rate, human_seconds

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from rich.table import Column

DONE, FAILED, CANCELLED = 0, 1, 130
_TICK_SECONDS = 0.2
_PLAIN_SECONDS = 10.0
_NARROW = 60


def follow(
    run: Run,
    *,
    as_json: bool,
    cancel_on_interrupt: bool,
    quiet: bool = False,
    fail_on: Collection[str] = (),
) -> int:
    """Shows a run until it ends, then its result; returns the exit status.

    Args:
        run: any run, also one that ended long ago.
        as_json: print `result.json` in place of the summary.
        cancel_on_interrupt: Ctrl-C ends the run; otherwise it only ends the watching.
        quiet: print no result.
        fail_on: verdicts that make the exit status 1.
    """
    try:
        with _view() as view:
            for event in _events(run):
                view.show(event)
    except KeyboardInterrupt:
        if cancel_on_interrupt:
            say("cancelling …")
            cancel(run)
            return conclude(run, as_json=as_json, quiet=quiet, fail_on=fail_on)
        say(f"{run.id} goes on; watch it again with: ovtui watch {run.id}")
        return CANCELLED
    return conclude(run, as_json=as_json, quiet=quiet, fail_on=fail_on)


def conclude(run: Run, *, as_json: bool, quiet: bool = False, fail_on: Collection[str] = ()) -> int:
    """Prints how a run ended; returns the exit status.

    Args:
        run: that has ended.
        as_json: print the result as a document.
        quiet: print no words.
        fail_on: verdicts of which the exit status is 1.
    """
    state = run.state()
    if state is State.DONE and (result := run.result()):
        if as_json and not quiet:
            print_json(result)
        elif not quiet:
            print_result(result)
        return gate(result.verdicts, fail_on)
    say(f"ovtui: {ending(run)}")
    return CANCELLED if state is State.CANCELLED else FAILED


def ending(run: Run) -> str:
    """Returns how a run ended, or what it does, in one line."""
    match run.outcome():
        case events.Finished():
            return f"{run.id}: done, but its result.json is missing"
        case events.Failed(message=message):
            return f"{run.id} failed: {plain(message)} (log: {run.log_path})"
        case events.Cancelled():
            return f"{run.id} was cancelled"
    if run.state() is State.DIED:
        again = "; run it again to go on from the last finished stage" if _can_go_on(run) else ""
        log = f" (log: {run.log_path})" if run.log_path.is_file() else ""
        why = "its engine was killed from outside or the machine went down"
        return f"{run.id} died: {why}{again}{log}"
    return f"{run.id} is {run.state()}"


def _can_go_on(run: Run) -> bool:
    """Whether the same command would find what this run finished: its home and its recipe."""
    if run.folder.parent != directories.home() / "runs":
        return False
    try:
        path = run.heading().recipe_path
    except UserError:
        return False
    return path is not None and Path(path).is_file()


def _events(run: Run) -> Iterator[events.Event]:
    """The events of a run until it has ended."""
    offset = 0
    while True:
        alive = run.state().alive
        tail = run.tail(offset)
        more, offset = tail.offset > offset, tail.offset
        yield from tail.events
        if not alive and not more:
            return
        if not more:
            time.sleep(_TICK_SECONDS)


class _View(ABC):
    @abstractmethod
    def show(self, event: events.Event) -> None:
        """Show what happened."""


@contextmanager
def _view() -> Iterator[_View]:
    if in_lines():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True, highlight=False, markup=False)
    bar = 8 if console.width < _NARROW else 20
    columns = [
        TextColumn("{task.description}", markup=False, table_column=_cut()),
        BarColumn(bar_width=bar, table_column=_cut(bar)),
        TextColumn("{task.fields[words]}", markup=False, table_column=_cut()),
    ]
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        yield _Bars(progress)


def _cut(width: int | None = None) -> Column:
    """A column whose cells end in an ellipsis where the terminal is too narrow."""
    from rich.table import Column

    return Column(no_wrap=True, overflow="ellipsis", min_width=width)


class _Lines(_View):
    """One line for each fact, and for a long step one every ten seconds."""

    def __init__(self) -> None:
        self._told_at = 0.0

    def show(self, event: events.Event) -> None:
        match event:
            case events.StageStarted(stage=stage):
                say(f"{plain(stage)} …")
                self._told_at = time.monotonic()
            case events.Progressed() if self._is_due(event):
                say(f"  {_step(event)}  {_numbers(event)}")
                self._told_at = time.monotonic()
            case _:
                if words := _words(event):
                    say(words)

    def _is_due(self, event: events.Progressed) -> bool:
        """Whether a step is told; of a download also its beginning, which says its size."""
        begins = event.unit == "bytes" and not event.done
        return begins or time.monotonic() - self._told_at > _PLAIN_SECONDS


class _Bars(_View):
    """One bar for each stage, with the step it is at."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def show(self, event: events.Event) -> None:
        match event:
            case events.StageStarted(stage=stage):
                self._bar(stage)
            case events.Progressed(stage=stage):
                self._progress.update(
                    self._bar(stage),
                    completed=event.done,
                    total=event.total,
                    words=f"{_numbers(event)}  {plain(event.step)}",
                )
            case events.StageFinished(stage=stage):
                self._progress.update(self._bar(stage), completed=1, total=1, words=_took(event))
            case _:
                if words := _words(event):
                    self._progress.console.print(words, soft_wrap=True)

    def _bar(self, stage: str) -> Any:
        if stage not in self._bars:
            name = plain(stage)
            self._bars[stage] = self._progress.add_task(name, total=None, words="")
        return self._bars[stage]


def _words(event: events.Event) -> str | None:
    """A fact in one line; None for one that has no line of its own."""
    match event:
        case events.Queued(ahead=ahead) if ahead:
            return waiting(event)
        case events.StageFinished(stage=stage):
            return f"{plain(stage)}: {_took(event)}"
        case events.Warned(message=message):
            return f"warning: {plain(message)}"
        case events.Measured(variant=variant, what=what, value=value):
            return f"{plain(variant)}: {_headline(what, value)}"
    return None


def _headline(what: str, value: dict[str, Any]) -> str:
    match what, value:
        case "latency", {"p50_ms": float() | int() as median}:
            return f"latency {median:.3f} ms"
        case "throughput", {"per_second": float() | int() as rate}:
            return f"throughput {rate:.1f} per second"
        case "accuracy", {"metric": str(metric), "value": float() | int() as found}:
            return f"{plain(metric)} {found:.4f}"
    return plain(what)


def _step(event: events.Progressed) -> str:
    return f"{plain(event.stage)}: {plain(event.step)}"


def _numbers(event: events.Progressed) -> str:
    total = f"/{human_count(event.total, event.unit)}" if event.total else ""
    rate = f"  {human_rate(event.rate, event.unit)}" if event.rate else ""
    eta = f"  ~{human_seconds(event.eta)} left" if event.eta else ""
    return f"{human_count(event.done, event.unit)}{total}{rate}{eta}"


def _took(event: events.StageFinished) -> str:
    if event.cached:
        return "cached"
    peak = f", peak {human_bytes(event.peak_rss_bytes)}" if event.peak_rss_bytes else ""
    return f"{human_seconds(event.seconds)}{peak}"
