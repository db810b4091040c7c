"""The command line as scripts see it: data and words apart, one JSON document, exit statuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ovtui import cli
from ovtui.core.files.locks import FileLock
from ovtui.core.results import result
from ovtui.core.runs import events, run_folder, run_request
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError
from tests.support.sample_result import sample_result

OVTUI = [sys.executable, "-m", "ovtui.cli"]
ESCAPE = "\x1b"


def make(*told: events.Event, name: str = "tiny") -> Run:
    """A run with these events, whose engine is gone."""
    run = run_folder.create(Request(name=name, created="2027-01-15", device="CPU", base="/"))
    run.lock_path.write_text("1\n")
    for event in told:
        run.append(event)
    return run


def finished() -> Run:
    run = make(events.Finished(time=0))
    run.result_path.write_bytes(result.encode(sample_result(run=run.id)))
    return run


def failed() -> Run:
    run = make(events.Failed(time=0, kind="error", message="convert: \x1b[31mno", stage="convert"))
    run.log_path.write_text("first\nlast words\n")
    return run


class Told:
    """Exit status and what was printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.status, self.out, self.err = -1, "", ""

    def __call__(self, *words: str) -> Told:
        self.status = cli.main(words)
        self.out, self.err = self._capsys.readouterr()
        return self

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def ovtui(capsys: pytest.CaptureFixture[str], home: Path) -> Told:
    return Told(capsys)


def test_a_list_in_a_pipe_has_whole_names(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_folder.create(run_request.Request(name="n" * 80, created="", device="CPU", base="/"))
    monkeypatch.delenv("COLUMNS", raising=False)
    assert cli.main(["runs"]) == 0
    assert run.id in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["runs"]) == 0
    assert run.id not in capsys.readouterr().out


def test_the_list_of_runs_says_why_one_failed(ovtui: Told) -> None:
    run = run_folder.create(run_request.Request(name="n", created="", device="CPU", base="/"))
    assert "reason" not in ovtui("runs").out
    run.append(events.Failed(time=0, kind="error", message="data.source: no such \x1bfile"))
    told = ovtui("runs")
    assert "failed" in told.out and "data.source: no such \\x1bfile" in told.out
    assert ovtui("runs", "--json").document[0]["reason"].startswith("data.source: no such")


@pytest.mark.parametrize("verb", ["recipes", "models", "runs"])
def test_lists_are_one_json_document_and_no_word(ovtui: Told, verb: str) -> None:
    told = ovtui(verb, "--json")
    assert told.status == 0 and told.err == ""
    assert isinstance(told.document, list)


def test_an_empty_list_is_words_and_no_data(ovtui: Told) -> None:
    told = ovtui("runs")
    assert (told.status, told.out) == (0, "")
    assert told.err == "no runs yet; start one with: ovtui demo\n"


def test_devices_and_doctor_tell_of_this_machine(ovtui: Told) -> None:
    assert [device["name"] for device in ovtui("devices", "--json").document][:1] == ["CPU"]
    assert {"terminal", "versions", "machine", "folders"} <= set(ovtui("doctor", "--json").document)
    assert "CPU" in ovtui("devices").out and "openvino" in ovtui("doctor").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "needs a terminal"),
        (["rnu"], "unknown command 'rnu', did you mean 'run'?"),
        (["run"], "run: the following arguments are required: recipe"),
        (["run", "no-such-recipe"], "no recipe 'no-such-recipe', "),
        (["run", "none.toml"], "none.toml: no such recipe file"),
        (
            ["run", "mobilenetv2-digits", "--sett", "x=1"],
            "run: unknown option --sett, did you mean ",
        ),
        (["run", "mobilenetv2-digits", "--set", "x=1"], "x: unknown key"),
        (["run", "mobilenetv2-digits", "--model", "none.xml"], "none.xml: no such file"),
        (["run", "mobilenetv2-digits", "--device", "GPU.9"], "device 'GPU.9': not on this machine"),
        (["demo", "mobile"], "no demo 'mobile', "),
        (["bench", "none.xml"], "none.xml: no such file"),
        (["bench", __file__], "expected an OpenVINO IR (.xml) or ONNX (.onnx) file"),
        (["bench", "m.xml", "--seconds", "0"], "'0' is not a number above zero"),
        (["bench", "m.xml", "--streams", "1,0"], "'0' is not a whole number above zero"),
        (["bench", "m.xml", "--batches", "8,"], "'' is not a whole number above zero"),
        (["bench", "m.xml", "--latency-limit", "-5"], "'-5' is not a number above zero"),
        (["bench", "m.xml", "--shape", "x=1,a"], "is not NAME=1,3,224,224"),
        (["show", "last"], "there are no runs yet"),
        (["watch", "nothing"], "no run 'nothing'; see: ovtui runs"),
        (["cancel", "nothing"], "no run 'nothing'; see: ovtui runs"),
        (["rm", "nothing"], "no run 'nothing'; see: ovtui runs"),
        (["compare", "nothing"], "no run 'nothing'; see: ovtui runs"),
        (["report", "/none"], "/none: not a run folder"),
        (["runs", "-n", "x"], "'x' is not a whole number above zero"),
        (["runs", "-n", "-1"], "-1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line_and_status_2(ovtui: Told, words: list[str], told: str) -> None:
    got = ovtui(*words)
    assert (got.status, got.out) == (2, "")
    assert got.err.startswith("ovtui: ") and told in got.err
    assert got.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["", *cli.VERBS])
def test_every_command_has_help(ovtui: Told, verb: str) -> None:
    told = ovtui(*[verb] * bool(verb), "--help")
    assert told.status == 0 and told.out.startswith(f"usage: ovtui {verb}")


def test_a_finished_run_is_shown_compared_and_reported(ovtui: Told, tmp_path: Path) -> None:
    run = finished()
    for words in (["show", "--json"], ["watch", "--json"], ["report", "--format", "json"]):
        told = ovtui(*words)
        assert told.status == 0 and told.document["run"] == run.id
    assert "int8" in ovtui("show").out and ovtui("show").err == ""
    assert "int8" in ovtui("compare", "last", run.id[:20], str(run.folder)).out
    assert ovtui("compare", run.id, "--json").status == 0 and ovtui.document
    assert ovtui("runs", "--json").document[0]["state"] == "done"
    for ending, start in (("md", "#"), ("html", "<!doctype html>"), ("csv", "run,")):
        told = ovtui("report", "-o", str(tmp_path / f"report.{ending}"))
        assert (told.status, told.out) == (0, "")
        assert (tmp_path / f"report.{ending}").read_text().lower().startswith(start)


def test_a_copied_run_is_shown_compared_and_reported(ovtui: Told, tmp_path: Path) -> None:
    copy = str(finished().folder.rename(tmp_path / "copy"))
    for words in (["show", copy], ["compare", copy], ["report", copy], ["watch", copy]):
        assert ovtui(*words).status == 0
        assert "int8" in ovtui.out


def test_a_failed_run_has_status_1_and_one_line(ovtui: Told) -> None:
    run = failed()
    told = ovtui("watch", "--json")
    assert (told.status, told.out) == (1, "")
    assert told.err.startswith(f"ovtui: {run.id} failed: convert: \\x1b[31mno (log: ")
    assert "last words" in ovtui("show").out and ESCAPE not in ovtui.out
    assert ovtui("show", "--json").document["outcome"] == "failed"
    for verb in ("compare", "report"):
        assert ovtui(verb, "last").status == 2 and "it has no result" in ovtui.err


def test_a_run_that_died_has_status_1_and_its_log_is_shown(ovtui: Told) -> None:
    run = make(events.Started(time=0, stages=["convert"]))
    run.log_path.write_text("last words\n")
    assert ovtui("watch").status == 1 and "died: its engine was killed" in ovtui.err
    assert "died" in ovtui("show").out and "last words" in ovtui.out
    assert ovtui("show", "--json").document["outcome"] == "died"
    assert ovtui("cancel", run.id).status == 2 and "nothing to cancel" in ovtui.err


def test_a_cancelled_run_has_status_130(ovtui: Told) -> None:
    make(events.Cancelled(time=0))
    assert ovtui("watch").status == 130 and ovtui.out == ""


def test_rm_deletes_runs_and_refuses_one_that_is_worked_on(ovtui: Told) -> None:
    run, other = finished(), finished()
    with FileLock(run.lock_path):
        run.events_path.unlink()
        assert ovtui("rm", run.id).status == 2 and "cancel it first" in ovtui.err
    assert ovtui("rm", other.id).status == 0 and not other.folder.exists()


def test_plain_lines_tell_every_fact_once(ovtui: Told) -> None:
    make(
        events.Queued(time=0, ahead=2),
        events.Started(time=0, stages=["convert"]),
        events.StageStarted(time=0, stage="convert"),
        events.Progressed(time=0, stage="convert", step="trace", done=1, total=3),
        events.Warned(time=0, message="[bold]odd\x1b[0m"),
        events.StageFinished(time=0, stage="convert", seconds=1.5, peak_rss_bytes=2**20),
        events.StageStarted(time=0, stage="evaluate"),
        events.StageFinished(time=0, stage="evaluate", seconds=0, cached=True),
        events.Cancelled(time=0),
    )
    assert ovtui("watch").err.splitlines()[:-1] == [
        "waiting for 2 runs",
        "convert …",
        "warning: [bold]odd\\x1b[0m",
        "convert: 1.50 s, peak 1.00 MiB",
        "evaluate …",
        "evaluate: cached",
    ]


def test_runs_of_a_newer_version_are_listed(ovtui: Told) -> None:
    run = finished()
    path = run.folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"recipe": {"schema": 7}, "new": 1}))
    run.result_path.write_text(json.dumps({"schema": 99}))
    damaged = make()
    (damaged.folder / "run.json").write_text("{")
    states = {row["run"]: row["state"] for row in ovtui("runs", "--json").document}
    assert states == {run.id: "done", damaged.id: "damaged"}


def test_thousands_of_runs_are_listed(ovtui: Told, home: Path) -> None:
    template = (finished().folder / "run.json").read_bytes()
    line = events.encode(events.Finished(time=0))
    for number in range(3000):
        folder = home / "runs" / f"20260101-000000-tiny-{number:04x}"
        folder.mkdir()
        (folder / "run.json").write_bytes(template)
        (folder / "events.jsonl").write_bytes(line)
    assert len(ovtui("runs", "-n", "4000", "--json").document) == 3001


@pytest.mark.parametrize(
    "words", [["recipes"], ["--help"], ["run", "--help"], ["recipes", "--schema"]]
)
def test_a_reader_that_goes_away_is_no_error(home: Path, words: list[str]) -> None:
    process = subprocess.Popen([*OVTUI, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 0)


def in_a_terminal(words: list[str], **environment: str) -> str:
    """What a command writes to standard error when that is a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    variables = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
    variables |= {"TERM": "xterm-256color", "COLUMNS": "80"} | environment
    process = subprocess.Popen(
        [*OVTUI, *words], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=variables
    )
    process.communicate()
    os.close(theirs)
    found = b""
    try:
        while chunk := os.read(ours, 65536):
            found += chunk
    except OSError:  # the terminal's end
        pass
    os.close(ours)
    return found.decode()


@pytest.mark.parametrize(
    ("environment", "plain"),
    [({}, False), ({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, True), ({"CI": "1"}, True)],
    ids=str,
)
def test_a_terminal_gets_bars_unless_it_asks_for_plain_lines(
    home: Path, environment: dict[str, str], plain: bool
) -> None:
    make(
        events.StageStarted(time=0, stage="convert"),
        events.StageFinished(time=0, stage="convert", seconds=1.5),
        events.Cancelled(time=0),
    )
    told = in_a_terminal(["watch"], **environment)
    assert (ESCAPE not in told) is plain
    assert ("━" not in told) is plain
    assert "1.50 s" in told


def test_an_error_of_the_system_is_one_line(
    ovtui: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OVTUI_HOME", str(tmp_path / "file" / "home"))
    told = ovtui("run", "mobilenetv2-digits", "--detach")
    assert told.status == 2 and "set OVTUI_HOME to a folder that you may write to" in told.err
    assert told.err.count("\n") == 1


def test_user_errors_are_made_safe_to_print(ovtui: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> list[object]:
        raise UserError("a\x1b[2Jb\nc")

    monkeypatch.setattr("ovtui.commands.recipes.main", fail)
    assert ovtui("recipes").err == "ovtui: a\\x1b[2Jb\\nc\n"
