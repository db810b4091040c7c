"""Processes of the engine die with it, however early: before they have imported anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ovtui.engine.processes.child import command_of
from tests.support.engines import still_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the end of input tells")
# As an import that never gives Python a turn.
SLOW = "import ctypes\nprint('here', flush=True)\nctypes.PyDLL(None).sleep(60)\n"
PARENT = """
import os, subprocess, sys
from ovtui.engine.processes.child import command_of
child = subprocess.Popen(command_of("slow"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os._exit(0)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "slow.py").write_text(SLOW)
    places = [str(tmp_path), str(Path(__file__).parents[2])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(places)}


def test_one_that_still_imports_dies_with_the_engine(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT], env=environment, capture_output=True, check=True
    )
    try:
        child = psutil.Process(int(done.stdout))
    except psutil.NoSuchProcess:
        return
    assert not still_alive([child])


def test_one_whose_engine_is_gone_when_it_begins_does_not_go_on(
    environment: dict[str, str],
) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    done = subprocess.run(
        command_of("slow"), stdin=reader, env=environment, capture_output=True, timeout=50
    )
    os.close(reader)
    assert (done.returncode, done.stdout) == (1, b"")


def test_its_arguments_are_those_of_a_module_that_is_run(tmp_path: Path) -> None:
    (tmp_path / "said.py").write_text("import sys\nprint(sys.argv, __name__)\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(
        command_of("said", "a", "b c"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as child:
        assert child.stdout is not None
        told = child.stdout.read()
    assert told.strip().endswith("'a', 'b c'] __main__")
