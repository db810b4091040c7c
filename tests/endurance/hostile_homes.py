"""Homes with damaged and foreign run folders: every command reads all others."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
from pathlib import Path

from ovtui import cli
from ovtui.core.reports import report
from ovtui.tui.run_index import RunIndex
from tests.endurance.tally import Tally
from tests.test_hostile_homes import DAMAGES, FILES, finished

_SECONDS = 60


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Damage one to three files of a run `count` times, each in one of many ways."""
    tally = Tally("homes")
    good, bad = finished(), finished()
    whole = folder / "whole"
    shutil.copytree(bad.folder, whole)
    names = [*FILES, "predictions.jsonl", ".seal"]
    while tally.tried < count:
        shutil.rmtree(bad.folder)
        shutil.copytree(whole, bad.folder)
        done = []
        for name in chance.sample(names, chance.randint(1, 3)):
            path = bad.folder / name
            how = chance.choice([*DAMAGES, lambda path: _flip(path, whole / path.name, chance)])
            path.unlink()
            how(path)
            done.append(f"{name}: {getattr(how, '__name__', 'bytes')}")
        with tally.trying(done[0].partition(":")[0], "; ".join(done), _SECONDS):
            _read_everything(good.id, bad.id, tally)
    return tally


def _flip(path: Path, whole: Path, chance: random.Random) -> None:
    """A few bytes are others, in what is otherwise right."""
    data = bytearray(whole.read_bytes())
    for _ in range(chance.randint(1, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)


def _read_everything(good: str, bad: str, tally: Tally) -> None:
    listed = {row["run"]: row for row in json.loads(_said("runs", "--json"))}
    if listed[good]["state"] != "done":
        tally.lose("another run's row was lost")
    for words in (["show", bad], ["show", bad, "--json"], ["compare", good, bad]):
        _said(*words)
    for form in ("md", "html", "csv", "json"):
        _said("report", bad, "--format", form)
    _said("show", bad, "--sample", "0")
    _said("watch", bad)
    index = RunIndex()
    index.look()
    index.progress(bad)
    if (found := index.result_or_none(bad)) is not None:
        report.to_html(found)


def _said(*words: str) -> str:
    """What a command prints; an error of more than a line is an error of ours."""
    out, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = cli.main(list(words))
        out.flush()
    if status not in (0, 1, 2):
        raise AssertionError(f"{words}: status {status}")
    said = out.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]
    if "\x1b" in said or "\x1b" in errors.getvalue():
        raise AssertionError(f"{words}: an escape passed")
    return said
