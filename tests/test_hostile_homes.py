"""One foreign or damaged run folder costs its own row: no list, no command and no view more."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ovtui import cli
from ovtui.core.recipes.catalog import models
from ovtui.core.results import evaluated_rows, outcomes, result
from ovtui.core.runs import events, run_folder
from ovtui.core.runs.lineage import lineage
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.tui.run_index import RunIndex
from tests.support.sample_result import hostile_result, sample_result

FILES = ("run.json", "result.json", "events.jsonl", "log.txt", "lock", "outcomes.json")
DEEP = b"[" * 50_000


class Hangs(BaseException):
    """No error that anything catches."""


@pytest.fixture(autouse=True)
def never_hangs() -> Iterator[None]:
    """Whoever waits at a FIFO is woken by an error."""

    def wake(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, wake)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def finished(found: result.Result | None = None) -> Run:
    """A run that is done, with all files that a reader looks at."""
    run = run_folder.create(Request(name="tiny", created="", device="CPU", base="/"))
    found = found or sample_result()
    run.append(events.Started(time=0, stages=["convert"]))
    run.append(events.Finished(time=1))
    run.result_path.write_bytes(result.encode(found))
    run.log_path.write_text("last words\n")
    run.lock_path.write_text("1\n")
    evaluated_rows.write(run.folder, found.samples)
    outcomes.write(
        run.folder,
        outcomes.Outcomes(
            metric="accuracy",
            reduction="mean",
            higher_is_better=True,
            dataset="d",
            split="test",
            samples=[0, 1],
            variants={it.name: [[1.0], [0.0]] for it in found.variants},
        ),
    )
    return run


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def nowhere(path: Path) -> None:
    path.symlink_to(path.name)  # a link to itself


def deep(path: Path) -> None:
    path.write_bytes(DEEP + b"\n")


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 10)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def other_types(path: Path) -> None:
    path.write_bytes(b'{"schema": 1e400, "name": 1, "variants": [null]}\n')


DAMAGES = (fifo, endless, folder, nowhere, deep, noise, huge, other_types)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_costs_its_own_row(
    home: Path, capsys: pytest.CaptureFixture[str], name: str, damage: Callable[[Path], None]
) -> None:
    good, bad = finished(), finished()
    (bad.folder / name).unlink()
    damage(bad.folder / name)
    assert cli.main(["runs", "--json"]) == 0
    listed = {row["run"]: row for row in json.loads(capsys.readouterr().out)}
    assert listed[good.id]["state"] == "done"
    lineage(models(), [], home / "runs")
    for words in (["show", bad.id], ["report", bad.id], ["compare", good.id, bad.id]):
        assert cli.main(words) in (0, 2), capsys.readouterr().err
        told = capsys.readouterr()
        assert told.err.count("\n") <= 1 and "Traceback" not in told.err
    assert cli.main(["watch", bad.id]) in (0, 1, 2)
    index = RunIndex()
    index.look()
    assert index.facts(good.id).state is run_folder.State.DONE
    for look in (index.facts, index.progress, index.result_or_none):
        look(bad.id)
    bad.log_text()
    assert cli.main(["show", good.id, "--json"]) == 0


@pytest.mark.parametrize("damage", [fifo, endless, folder, deep, noise, huge])
def test_damaged_predictions_are_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None]
) -> None:
    run = finished()
    (run.folder / "predictions.jsonl").unlink()
    damage(run.folder / "predictions.jsonl")
    assert cli.main(["show", run.id, "--sample", "999"]) == 2
    assert "cannot be read" in (told := capsys.readouterr().err) and told.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [
        b"x = " + b"[" * 10_000,
        b"x = " + b"9" * 5000,
        b".".join([b"a"] * 20_000) + b" = 1",
        b"\xff\xfe = 1",
        b"x = 1\n" * 10**6,
    ],
    ids=["brackets", "digits", "dots", "bytes", "long"],
)
def test_one_bad_recipe_breaks_no_other(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    place = tmp_path / "config" / "recipes"
    place.mkdir(parents=True)
    (place / "bad.toml").write_bytes(content)
    os.mkfifo(place / "fifo.toml")
    assert cli.main(["recipes", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["bad"]["problem"] and listed["fifo"]["problem"]
    assert listed["whisper-digits"]["problem"] is None
    assert cli.main(["run", str(place / "bad.toml")]) == 2
    told = capsys.readouterr().err
    assert any(why in told for why in ("not valid TOML", "no UTF-8", "larger than"))
    (tmp_path / "config" / "config.toml").write_bytes(content)
    assert cli.main(["models"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "setting",
    [
        "measure.seconds=1" + "0" * 400,
        "max_drop=1" + "0" * 400,
        "title=" + "9" * 5000,
        "model.arguments.x=" + "[" * 10_000,
    ],
)
def test_settings_beyond_all_bounds(
    tiny: Path, home: Path, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    assert cli.main(["run", str(tiny), "--set", setting, "--set", "task=none"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["variants"][2]["execution"].update(shapes={"x": None}),
        lambda document: document["variants"][2].update(size_bytes=10**400),
        lambda document: document["stages"].append(
            {"name": "x", "seconds": 1, "cached": False, "peak_rss_bytes": 10**40}
        ),
    ],
)
def test_odd_values_in_a_result(
    home: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Any], None]
) -> None:
    run = finished()
    document = json.loads(run.result_path.read_bytes())
    change(document)
    run.result_path.write_text(json.dumps(document))
    for words in (["show"], ["report", run.id, "--format", "html"], ["compare", run.id]):
        assert cli.main(words) in (0, 2)
        assert capsys.readouterr().err.count("\n") <= 1


def test_an_event_of_a_newer_version_is_watched(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = finished()
    measured = '{"event":"measured","time":1,"variant":"a\\u001b[1m","what":"latency","value":{}}\n'
    run.events_path.write_text(measured + '{"event":"finished","time":1}\n')
    assert cli.main(["watch", run.id]) == 0
    assert "\x1b" not in capsys.readouterr().err


def test_fewer_outcomes_than_samples_are_not_paired(home: Path) -> None:
    run = finished()
    path = run.folder / "outcomes.json"
    document = json.loads(path.read_text())
    document["variants"]["int8"].pop()
    path.write_text(json.dumps(document))
    assert outcomes.read(run.folder) is None


def test_json_says_what_a_terminal_would_obey_in_escapes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = finished(hostile_result())
    for words in (["show", run.id, "--json"], ["report", run.id, "--format", "json"]):
        assert cli.main(words) == 0
        out = capsys.readouterr().out
        assert not {"\x1b", "\u202e", "\x7f", "\u2028"} & set(out)
        assert "\u202egnp.exe" in json.dumps(json.loads(out), ensure_ascii=False)


def test_names_that_are_no_utf_8_are_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished()
    shutil.copytree(run.folder, os.fsdecode(os.fsencode(run.folder) + b"\xff"))
    assert cli.main(["runs", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert cli.main(["runs"]) == 0


def test_a_closed_standard_output_is_no_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finished()
    monkeypatch.setattr("sys.stdout", None)
    assert cli.main(["runs"]) == 0
    assert cli.main(["report", "--format", "csv"]) == 0
