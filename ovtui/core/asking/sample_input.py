"""The picture or recording of any evaluated row; a run keeps those of a few rows itself."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.asking.ask_engine import Answer, ask_engine
from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.results.result import Sample
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError

_MOST_BYTES = 2**20


class Wanted(msgspec.Struct, kw_only=True):
    """A row of a run whose input is to be shown."""

    run: str
    """The run's folder."""
    index: int
    """Of the row in its split."""
    trust: bool = False
    """Read what the run's recipe names, although the run was made elsewhere."""


class Shown(Answer):
    """A row's input, as a run keeps it with its samples; its files lie in the run's folder."""

    input: dict[str, Any] = {}
    note: str = ""
    """What a person has to know of it."""


def with_input(run: Run, sample: Sample, *, trust: bool = False) -> tuple[Sample, str]:
    """Returns a sample with all of its input, and a note on it or an empty text.

    A row that was not kept is read from where the run had it, and kept from now on.

    Args:
        run: the sample is of.
        sample: as a result keeps it.
        trust: let the code that the recipe names run, also of a run made elsewhere.

    Raises:
        UserError: the data are gone, are others now, or would have to be believed.
    """
    shown = _kept(run, sample) or _asked(run, sample, trust=trust)
    return msgspec.structs.replace(sample, input={**sample.input, **shown.input}), shown.note


def _kept(run: Run, sample: Sample) -> Shown | None:
    """What was shown before."""
    try:
        shown = read_json(run.inside(f"samples/{_number(sample)}.json"), Shown, _MOST_BYTES)
    except (OSError, Damaged):
        return None
    files = [str(shown.input[name]) for name in ("image", "audio") if name in shown.input]
    return shown if all(run.inside(file).is_file() for file in files) else None


def _asked(run: Run, sample: Sample, *, trust: bool) -> Shown:
    wanted = Wanted(run=str(run.folder), index=_number(sample), trust=trust)
    return ask_engine("sample", wanted, Shown)


def _number(sample: Sample) -> int:
    """The row's index; whoever forged a run may have written anything.

    Raises:
        UserError: it is none.
    """
    if not sample.id.isascii() or not sample.id.isdecimal():
        raise UserError(f"sample {sample.id}: is no number of a row")
    return int(sample.id)
