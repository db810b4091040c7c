"""Files by generation: every reader gives an answer or one clear error, in time."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.endurance.tally import Tally

_SECONDS = 20
_BATCH = 10_000
"""Files that one process is given: a library that crashes ends it, and no more."""
_ROW = 32
"""Files of one example: Hypothesis itself takes as long as several of them."""
_MOST_BYTES = 8 * 2**30
"""Of memory and addresses: a file of a few bytes that asks for more is a bomb."""


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Give the readers `count` files between them."""
    tally = Tally("inputs")
    while tally.tried < count:
        place = folder / str(tally.tried)
        place.mkdir()
        asked = min(_BATCH, count - tally.tried)
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawned) as pool:
            try:
                tally += pool.submit(_batch, place, asked, chance.randrange(2**32)).result()
            except BrokenProcessPool:
                tally.tried += asked
                found = [path for path in place.rglob("*") if path.is_file()]
                last = max(found, key=lambda path: path.stat().st_mtime_ns)
                tally.lose(f"the process died of {last.name}: {last.read_bytes()[:200]!r}")
    return tally


def _batch(folder: Path, count: int, number: int) -> Tally:
    """A part of the files, in a process of its own, which imports what it needs."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from tests.endurance.changes import CHANGE, Change
    from tests.endurance.readers import EXPECTED, Reader, readers

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries print what they make of each
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    tally, path, known = Tally("inputs"), folder / "file", readers(folder)
    bad = st.tuples(st.sampled_from(known), st.lists(CHANGE, min_size=1, max_size=3))

    @seed(number)
    @settings(
        max_examples=-(-count // _ROW),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(bad, min_size=_ROW, max_size=_ROW))
    def give(row: list[tuple[Reader, list[Change]]]) -> None:
        for reader, changes in row:
            written = reader.whole
            for change in changes:
                written = change(written)
            path.write_bytes(written)
            with tally.trying(reader.name, repr(written[:300]), _SECONDS):
                try:
                    reader.read(path)
                except EXPECTED:
                    continue

    give()
    return tally
