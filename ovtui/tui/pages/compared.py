"""The variants that are compared, named by letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ovtui.core.result import Comparison, Result, Variant
from ovtui.tui import charts


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant in the comparison, with the letter that names it in plots."""

    key: str
    letter: str
    result: Result
    variant: Variant
    many_runs: bool

    @property
    def name(self) -> str:
        """The variant, with its run's short id where there are several runs."""
        run = f" {self.result.run.rpartition('-')[2]}" if self.many_runs else ""
        return f"{self.letter} {self.variant.name}{run}"

    @property
    def comparison(self) -> Comparison | None:
        """The variant against its run's baseline."""
        found = (c for c in self.result.comparisons if c.variant == self.variant.name)
        return next(found, None)


def compared(results: Sequence[Result]) -> list[Compared]:
    """All variants of some runs."""
    pairs = [(result, variant) for result in results for variant in result.variants]
    return [
        Compared(f"{r.run}/{v.name}", charts.letter(index), r, v, len(results) > 1)
        for index, (r, v) in enumerate(pairs)
    ]
