"""The variants that are compared, named by letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_ids import short_id
from ovtui.tui import charts
from ovtui.tui.text import STRONG, wrapped


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant in the comparison, with the letter that names it in plots."""

    key: str
    letter: str
    result: Result
    variant: Variant
    many_runs: bool
    model: str = ""
    """As the recipe of its run names it."""
    style: str = ""
    """The colour that goes with the letter."""

    @property
    def name(self) -> str:
        """The variant, with its run's short id where there are several runs."""
        run = f" {short_id(self.result.run)}" if self.many_runs else ""
        return f"{self.letter} {self.variant.name}{run}"

    @property
    def comparison(self) -> Comparison | None:
        """The variant against its run's baseline."""
        own = (c for c in self.result.comparisons if c.variant == self.variant.name)
        return next(own, None)


def compared(results: Sequence[Result], models: Mapping[str, str] | None = None) -> list[Compared]:
    """Returns all variants of some runs; `models` has the model of each run by its id."""
    pairs = [(result, variant) for result in results for variant in result.variants]
    return [
        Compared(
            f"{r.run}/{v.name}",
            charts.letter(index),
            r,
            v,
            len(results) > 1,
            (models or {}).get(r.run, ""),
            charts.colour(index),
        )
        for index, (r, v) in enumerate(pairs)
    ]


def headings(items: Sequence[Compared], width: int) -> list[Text]:
    """Returns runs, device and model of what is compared, a line for each run with its letters."""
    lines = []
    for run, group in groupby(items, key=lambda item: item.result.run):
        those = list(group)
        letters = "–".join(dict.fromkeys([those[0].letter, those[-1].letter]))
        heading = "  ".join(filter(None, [run, those[0].result.device, those[0].model]))
        lines += wrapped(heading, width, STRONG, lead=f"{letters}  ")
    return lines
