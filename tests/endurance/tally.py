"""What an attack was tried on, and how it ended."""

from __future__ import annotations

import signal
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

_SHOWN, _ALIKE = 20, 60
"""Notes that are printed, and characters of an error by which two are the same."""


class Hangs(BaseException):
    """It takes too long; no error that anything catches."""


@dataclass(slots=True)
class Tally:
    """Counts of one attack."""

    name: str
    tried: int = 0
    held: int = 0
    lost: int = 0
    """It ended in a traceback, or with another result."""
    hung: int = 0
    silent: int = 0
    """Something was wrong, and nothing was said."""
    kinds: Counter[str] = field(default_factory=Counter)
    """What was attacked, and how often."""
    notes: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        """Count what another process has counted."""
        for name in ("tried", "held", "lost", "hung", "silent"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.kinds += other.kinds
        self.notes += other.notes
        return self

    @property
    def failed(self) -> bool:
        """Whether anything but holding was seen."""
        return bool(self.lost or self.hung or self.silent)

    def lose(self, note: str) -> None:
        """Count one that was lost."""
        self.lost += 1
        self.notes.append(note)

    def pass_over(self, note: str) -> None:
        """Count one that went wrong without a word."""
        self.silent += 1
        self.notes.append(note)

    @contextmanager
    def trying(self, kind: str, note: str, seconds: int) -> Iterator[None]:
        """One attempt: what it raises is lost, and hung what has not ended in time."""
        self.tried += 1
        self.kinds[kind] += 1
        before = signal.signal(signal.SIGALRM, _wake)
        signal.alarm(seconds)
        lost = self.lost + self.silent
        try:
            yield
        except Hangs:
            self.hung += 1
            self.notes.append(f"{kind}: hung: {note}")
        except Exception:
            self.lose(f"{kind}: {note}\n{traceback.format_exc(limit=-3)}")
        else:
            self.held += lost == self.lost + self.silent
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    def __str__(self) -> str:
        counts = f"{self.tried:>7} tried  {self.held:>7} held  {self.lost:>4} lost"
        line = f"{self.name:<14} {counts}  {self.hung:>4} hung  {self.silent:>4} silent"
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.kinds.most_common())
        # Of those that end in the same words, one tells it all.
        unlike = {note.strip().rpartition("\n")[2][:_ALIKE]: note for note in self.notes}
        return "\n  ".join([line, kinds, *list(unlike.values())[:_SHOWN]])


def _wake(number: int, frame: FrameType | None) -> None:
    raise Hangs
