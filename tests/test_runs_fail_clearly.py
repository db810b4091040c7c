"""Runs of the real engine that cannot end well: one line, status 1, the traceback in the log."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ovtui import cli
from ovtui.core.runs import run_folder
from ovtui.core.runs.events import Failed
from tests.support.tiny import cut

pytestmark = pytest.mark.usefixtures("forked_engines")


def _fails(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Failed:
    """What a run told when it failed; checks that it told it in one line."""
    status = cli.main([str(word) for word in words])
    captured = capsys.readouterr()
    assert status == 1
    assert captured.out == ""
    assert "Traceback" not in captured.err
    run = next(run_folder.every())
    outcome = run.outcome()
    assert isinstance(outcome, Failed)
    assert "\n" not in outcome.message
    last = captured.err.splitlines()[-1]
    assert last.startswith(f"ovtui: {run.id} failed: {outcome.message}")
    assert str(run.log_path) in last
    assert not run.result_path.exists()
    cache = run_folder.directories.home() / "cache"
    assert not list(cache.glob(".*-*.*"))
    return outcome


def test_a_run_says_what_it_left_out_and_what_overlaps(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.parent / "table.csv").write_text(
        "image,label\n" + "".join(f"{n}.png,{n % 4}\n" for n in range(6)) + "gone\x1b[31m.png,1\n"
    )
    _write_pictures(tiny.parent, 6)
    settings = [
        "data.source=table.csv",
        "data.calibration.split=all",
        "data.evaluation.split=all",
        "data.allow_overlap=true",
        "metric=code.py:right",
        "variants.int8.components.model.ignored_scope.names=['linear']",
    ]
    words = [word for setting in settings for word in ("--set", setting)]
    assert cli.main(["run", str(tiny), "--json", *words]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["calibration"]["overlaps_evaluation"]
    assert result["calibration"]["skipped"] == result["evaluation"]["skipped"] == 1
    assert result["variants"][0]["accuracy"]["metric"] == "right"
    told = "\n".join(result["warnings"])
    assert "overlaps evaluation by 6 samples" in told
    assert "1 samples were skipped" in told
    assert cli.main(["show", "last"]) == 0
    shown = capsys.readouterr().out
    assert "OVERLAPS" in shown
    assert "1 skipped left out" in shown
    assert "\x1b" not in shown + captured.err


def _write_pictures(folder: Path, count: int) -> None:
    import numpy as np
    from PIL import Image

    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


@pytest.mark.parametrize(
    ("setting", "kind", "stage", "expected"),
    [
        ("data.calibration.split=all[10:]", "input", None, "set data.allow_overlap = true"),
        ("data.calibration.split=all[50:]", "input", "calibration data", "holds no samples"),
        ("data.source=code.py:killed", "killed", "data", "killed"),
        ("variants.int8.components.model.ignored_scope.names=x", "input", None, "a list"),
        ("metric=code.py:not_a_number", "input", "metrics tried", "each finite; that of sample 0"),
    ],
)
def test_what_is_found_out_on_the_way(
    home: Path,
    tiny: Path,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    kind: str,
    stage: str | None,
    expected: str,
) -> None:
    if expected == "a list":
        setting = "variants.int8.components.model.ignored_scope.names=['nosuch']"
        stage, expected = "compress int8", "the name 'nosuch' matches no operation"
    failed = _fails(capsys, "run", tiny, "--set", setting)
    assert expected in failed.message
    assert failed.kind == kind
    assert (stage or "") in (failed.stage or "")


def test_a_truncated_model(home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tiny.parent / "model.xml"
    cut(model.with_suffix(".bin"))
    failed = _fails(capsys, "run", tiny)
    assert failed.stage == "convert"
    assert "model.bin: cut short" in failed.message
    failed = _fails(capsys, "bench", model, "--seconds", "0.1")
    assert "model.bin: cut short" in failed.message


def test_files_that_may_not_grow(home: Path, tiny: Path) -> None:
    """A limit on file sizes: what a run's last words need is held before its engine starts."""
    # By a program: Python would have to go on in the child of a process that has threads.
    limited = ["prlimit", "--fsize=3500", sys.executable, "-m", "ovtui.cli", "run", str(tiny)]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "a file may not grow any more; raise the limit" in done.stderr.splitlines()[-1]
    assert not list(run_folder.every())


def test_nothing_is_lost_when_it_is_run_again(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that failed in its second half goes on from there."""
    _fails(capsys, "run", tiny, "--set", "metric=code.py:fails_late")
    assert cli.main(["run", str(tiny), "--json"]) == 0
    stages = json.loads(capsys.readouterr().out)["stages"]
    cached = {stage["name"] for stage in stages if stage["cached"]}
    assert {"convert", "compress int8"} <= cached
    shutil.rmtree(home)
