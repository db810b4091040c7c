"""Runs that are deleted while they live, and what killed ones leave."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from ovtui.commands.follow import ending
from ovtui.core.files.locks import FileLock
from ovtui.core.machine.machine import _limit_files
from ovtui.core.runs import events, launch, run_folder
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import SourceError
from ovtui.engine.hub.model_config import check_config
from ovtui.engine.run.stage_process import explain
from ovtui.engine.store.temporary_files import remove_leftovers


def make() -> Run:
    return run_folder.create(Request(name="tiny", created="", device="CPU", base="/"))


def test_no_process_stays_when_its_run_s_folder_is_deleted(home: Path, tmp_path: Path) -> None:
    """The engine waits for its turn meanwhile: it would write nothing for hours."""
    with FileLock(tmp_path / "locks" / "ovtui-engine.lock"):
        run = make()
        engine = launch.start(run)
        deadline = time.monotonic() + 90
        while run.last_event() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        shutil.rmtree(run.folder)
        assert engine.wait(timeout=90) != 0


def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_are_not(home: Path) -> None:
    dead, alive = make(), make()
    dead.append(events.Cancelled(time=0))
    for run in (dead, alive):
        for name in (".reserve", ".result.json.0123"):
            (run.folder / name).touch()
    (home / ".probe-1").touch()
    os.utime(home / ".probe-1", (0, 0))
    (home / ".probe-2").touch()
    unnamed, new = home / "runs" / ".20260101-000000-x-ab01", home / "runs" / ".new"
    for folder in (unnamed, new):
        folder.mkdir()
        (folder / "run.json").touch()
    os.utime(unnamed, (0, 0))
    with FileLock(alive.lock_path):
        remove_leftovers()
    assert sorted(path.name for path in dead.folder.iterdir()) == [
        ".seal",
        "events.jsonl",
        "run.json",
    ]
    assert (alive.folder / ".reserve").exists()
    assert not (home / ".probe-1").exists() and (home / ".probe-2").exists()
    assert not unnamed.exists() and new.exists()


def test_who_died_is_not_told_to_do_what_cannot_work(home: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.touch()
    run = run_folder.create(
        Request(name="tiny", created="", device="CPU", base="/", recipe_path=str(recipe))
    )
    run.lock_path.write_text("1\n")
    assert "run it again" in ending(run)
    copy = Run(Path(shutil.copytree(run.folder, tmp_path / "copy")))
    assert "run it again" not in ending(copy), "its outputs are in another cache"
    recipe.unlink()
    assert "run it again" not in ending(run)
    shutil.rmtree(run.folder)
    assert ending(run).endswith("the machine went down")


@pytest.mark.parametrize(
    "words", ["can't alloc", "std::bad_alloc", "DefaultCPUAllocator: can't allocate memory"]
)
def test_words_for_too_little_memory(words: str) -> None:
    assert explain(RuntimeError(words))[0].kind == "memory"


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('{"num_hidden_layers": 1000000}', "num_hidden_layers = 1000000"),
        ('{"vision_config": {"encoder_layers": 5000}}', "encoder_layers = 5000"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "expected a JSON object"),
        ("{", "damaged JSON"),
    ],
)
def test_a_configuration_that_no_machine_builds(tmp_path: Path, config: str, told: str) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(SourceError, match=told):
        check_config(tmp_path)


def test_ordinary_configurations_pass(tmp_path: Path) -> None:
    check_config(tmp_path)
    (tmp_path / "config.json").write_text('{"num_hidden_layers": 96, "tie_layers": true}')
    check_config(tmp_path)


def test_limits_of_memory_are_those_of_every_group_above(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("0::/user/run\n")
    root = tmp_path / "fs"
    found = _limit_files(root, str(tmp_path))
    assert {root / "user" / "run" / "memory.max", root / "user" / "memory.max"} <= set(found)
