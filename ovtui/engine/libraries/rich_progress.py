"""Bars of rich, which NNCF draws for each of its algorithms, as events of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from operator import length_hint
from typing import Any, TypeVar

from ovtui.engine.libraries.internals import RICH_BARS
from ovtui.engine.libraries.library_use import missing
from ovtui.engine.store.progress import Journal, Step

T = TypeVar("T")


@contextlib.contextmanager
def rich_progress(journal: Journal) -> Iterator[None]:
    """Writes what `rich.progress` bars show as events, and draws nothing.

    NNCF's `track_progress` is such a bar: one for each of its algorithms, some without a total.
    With a rich that it was not written for, nothing is told of its steps but that.
    """
    if why := missing(RICH_BARS):
        journal.warn(f"NNCF's steps are not told: {why}")
        yield
        return
    from rich.progress import Progress

    steps: dict[Any, Step] = {}
    names = ("start", "stop", "add_task", "update", "advance", "track", "remove_task")
    originals = {name: getattr(Progress, name) for name in names}

    def draw_nothing(self: Progress) -> None:
        """No drawing: a log file is no terminal."""

    def add_task(self: Progress, description: str, *args: Any, **kwargs: Any) -> Any:
        task = originals["add_task"](self, description, *args, **kwargs)
        if not self.disable:
            steps[self, task] = journal.step(str(description), self.tasks[-1].total)
        return task

    def follow(name: str) -> Any:
        def method(self: Progress, task_id: Any, *args: Any, **kwargs: Any) -> Any:
            outcome = originals[name](self, task_id, *args, **kwargs)
            if step := steps.get((self, task_id)):
                task = next(task for task in self.tasks if task.id == task_id)
                step.expect(task.total)
                step.set(task.completed)
            return outcome

        return method

    def remove_task(self: Progress, task_id: Any) -> None:
        if step := steps.pop((self, task_id), None):
            step.finish()
        originals["remove_task"](self, task_id)

    replacements = {
        "start": draw_nothing,
        "stop": draw_nothing,
        "add_task": add_task,
        "update": follow("update"),
        "advance": follow("advance"),
        "track": _track,
        "remove_task": remove_task,
    }
    for name, method in replacements.items():
        setattr(Progress, name, method)
    try:
        yield
    finally:
        for name, method in originals.items():
            setattr(Progress, name, method)


def _track(
    self: Any,
    sequence: Iterable[T],
    total: float | None = None,
    completed: int = 0,
    task_id: Any = None,
    description: str = "",
    update_period: float = 0.1,
) -> Iterator[T]:
    """As `Progress.track`, which counts in a thread that ends where nothing is drawn."""
    total = total or float(length_hint(sequence)) or None
    if task_id is None:
        task_id = self.add_task(description, total=total, completed=completed)
    else:
        self.update(task_id, total=total, completed=completed)
    for item in sequence:
        yield item
        self.advance(task_id, 1)
