"""`ovtui status`, `diff` and `completion`, and lists of runs with a filter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ovtui import cli
from ovtui.commands.completion import words
from ovtui.commands.status import in_a_line, status
from tests.support.run_folders import NOW, alive, half_way, write_done, write_run
from tests.support.sample_result import sample_result

OLDER, NEWER = "20260131-101500-digits-ab12", "20260131-101600-digits-cd34"


def _out(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert cli.main(argv) == 0
    return capsys.readouterr().out


def test_an_idle_home_says_what_ended_last(home: Path) -> None:
    assert in_a_line(status(NOW)) == "idle"
    write_done(home)
    assert in_a_line(status(NOW)) == "idle, last: digits not enough samples"


def test_a_living_run_says_how_far_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_done(home)
    run = write_run(home, "20260131-111600-digits-cd01", name="digits", told=half_way())
    with alive(run):
        (working,) = status(NOW + 42).running
        assert working.recipe == "digits" and working.stage == "compress int8"
        assert working.share is not None and 0 < working.share < 1
        found = json.loads(_out(capsys, "status", "--json"))
        assert found["running"][0]["run"] == run.id and found["waiting"] == []
        assert _out(capsys, "status").startswith("digits ")


def test_runs_are_filtered(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(home, OLDER, name="digits", found=sample_result(run=OLDER))
    write_run(home, NEWER, name="other")
    found = json.loads(_out(capsys, "runs", "--filter", "drop>0", "--json"))
    assert [it["run"] for it in found] == [OLDER]
    assert OLDER not in _out(capsys, "runs", "--filter", "!state:done")
    assert cli.main(["runs", "--filter", "drp>0"]) == 2
    assert "did you mean 'drop'?" in capsys.readouterr().err


def test_what_differs_is_told_group_by_group(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = msgspec.to_builtins(sample_result(run=OLDER))
    other = json.loads(json.dumps(first)) | {"run": NEWER}
    other["variants"][2]["latency"]["p50_ms"] /= 2
    write_run(home, OLDER, name="digits", found=sample_result(run=OLDER))
    write_run(home, NEWER, name="digits", found=msgspec.convert(other, type(sample_result())))
    found = json.loads(_out(capsys, "diff", OLDER, NEWER, "--json"))
    assert [(it["group"], it["key"], it["change"]) for it in found] == [
        ("results", "int8: p50 ms", "2.00× faster")
    ]
    assert "2.00× faster" in _out(capsys, "diff", OLDER, NEWER)
    assert _out(capsys, "diff", OLDER, OLDER) == ""


def test_commands_recipes_options_and_runs_are_completed(home: Path) -> None:
    write_run(home, OLDER, name="digits")
    assert words(["ru"]) == ["run", "runs"]
    assert "mobilenetv2-digits" in words(["run", "mobile"])
    assert words(["run", "x", "--dev"]) == ["--device"]
    assert words(["show", ""]) == ["last", OLDER]
    assert words(["nosuch", ""]) == [] and words([]) == words([""])


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(_out(capsys, "completion", "bash"))
    asked = f"""source {script}
        COMP_WORDS=(ovtui show la); COMP_CWORD=2; _ovtui; echo "${{COMPREPLY[@]}}" """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # with `ovtui`
    done = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.stdout.strip() == "last"
