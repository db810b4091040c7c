"""`python -m tests.families [--quick] [NAME OR TASK …]`: which families work.

Each is tried in a process of its own; `--quick` quantizes none. Prints a line for each, with the
bytes of what was quantized beside those of plain NNCF's file, then two tables in Markdown: what
works, and what does not and why.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

from tests.families.family import Family
from tests.families.listing import named
from tests.families.table import Outcome, table

_IMPORTED = (
    "tests.families.trial",
    "ovtui.engine.conversion.convert_pipeline",
    "ovtui.engine.compression.compress",
    "ovtui.engine.models.sources",
)
_QUICK = "--quick"


def main() -> int:
    """Try the families that are named, or all."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    warnings.simplefilter("ignore")
    for module in _IMPORTED:  # once for all processes: 10 s of each
        importlib.import_module(module)
    outcomes = []
    words = [word for word in sys.argv[1:] if word != _QUICK]
    for family in named(words):
        outcome = _in_a_process(family)
        outcomes.append(outcome)
        sign = "works" if outcome.works else "does not work"
        print(f"{family.task:30} {family.name:18} {sign}: {outcome.told}", flush=True)
    print(f"\n{table(outcomes)}")
    return 0


def _in_a_process(family: Family) -> Outcome:
    """What came of a family; a crash ends nothing else."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_try, args=(family, theirs))
    process.start()
    theirs.close()
    try:
        works, told = ours.recv()
    except EOFError:
        process.join()
        works, told = False, f"its process ended with status {process.exitcode}"
    process.join()
    return Outcome(family, works, told)


def _try(family: Family, channel: Any) -> None:
    from tests.families.trial import try_family

    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w") as log:
        for stream in (1, 2):  # what libraries print is no part of the table
            os.dup2(log.fileno(), stream)
        place = Path(folder, "family")
        place.mkdir()
        try:
            trial = try_family(family, place, quantize=_QUICK not in sys.argv)
            told = f"{trial.difference:.1g} from transformers"
            told += "" if trial.int8 is None else f", int8 cosine {trial.int8:.3f}"
            told += "".join(f", {name} {it.told}" for name, it in trial.sizes.items())
            channel.send((True, told))
        except Exception as error:
            if os.environ.get("FAMILIES_TRACE"):
                channel.send((False, traceback.format_exc()))
            lines = (str(error) or type(error).__name__).splitlines()
            channel.send((False, f"{type(error).__name__}: {lines[0][:300]}"))


if __name__ == "__main__":
    sys.exit(main())
