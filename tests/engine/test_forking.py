"""Processes that a server is forked for: pipes, arguments, ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ovtui.core.recipes import recipe
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.store.stage_work import PipelineFiles

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each is spawned"),
    pytest.mark.usefixtures("forked_engines"),
]
DEMO = Path(__file__).parents[2] / "recipes" / "demo"
# Of the standard library: `main` reads Python and prints its tokens.
READER = "tokenize"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ForkServer]:
    described = tmp_path / "pipeline.json"
    whisper = recipe.load(DEMO / "whisper-digits.toml")
    pipeline = PipelineFiles(recipe=whisper, base=str(DEMO), conversion="", models={})
    described.write_bytes(msgspec.json.encode(pipeline))
    with (tmp_path / "log.txt").open("wb") as log:
        server = ForkServer(described, log.fileno(), os.environ)
        yield server
        server.close()


def test_a_server_that_was_killed_is_known_to_be_gone(server: ForkServer) -> None:
    assert not server.is_gone
    os.kill(server._process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while not server.is_gone:
        assert time.monotonic() < deadline


def test_what_is_forked_runs_as_if_it_was_spawned(server: ForkServer, tmp_path: Path) -> None:
    given = tmp_path / "given.py"
    given.write_text("answer = 42\n")
    first, second = server.fork(READER, ["--exact", str(given)]), server.fork(READER)
    second.stdin.write(b"question\n")
    second.stdin.close()
    assert first.stdout is not None and second.stdout is not None
    printed = first.stdout.read()
    assert b"EQUAL" in printed and b"'42'" in printed
    assert b"'question'" in second.stdout.read()
    ended = first.ended(wait=True)
    assert ended is not None and ended.code == 0 and ended.peak_rss_bytes > 2**20
    assert first.pid != second.pid

    broken = server.fork("ovtui.core.text.errors", log=None)
    assert broken.stderr is not None
    assert b"has no attribute 'main'" in broken.stderr.read()
    end = broken.ended(wait=True)
    assert end is not None and end.code == 1

    log = tmp_path / "printed.txt"
    with log.open("wb") as file:
        assert server.fork(READER, [str(given)], log=file.fileno()).ended(wait=True)
    assert b"'answer'" in log.read_bytes()


def test_what_is_forked_can_be_killed_and_goes_with_the_server(server: ForkServer) -> None:
    left = server.fork(READER, group=True)
    for _ in range(20):  # also one that has not yet come to lead its group
        killed = server.fork(READER, group=True)
        assert killed.ended() is None
        killed.kill()
        killed.kill()
        end = killed.ended()
        assert end is not None and end.code == -signal.SIGKILL
    assert left.ended() is None and os.getpgid(left.pid) == left.pid

    pid = left.pid
    server.close()
    end = left.ended()
    assert end is not None and end.code == -signal.SIGKILL
    left.kill()
    deadline = time.monotonic() + 5
    while _lives(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
