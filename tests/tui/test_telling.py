"""What the terminal and a person's own command are told of runs."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ovtui.core.home import settings as settings_file
from ovtui.core.home.settings import Settings
from ovtui.core.runs import events
from ovtui.core.text.errors import UserError
from ovtui.tui import telling
from ovtui.tui.telling import End
from tests.support.run_folders import NOW, alive, half_way, write_run
from tests.tui.drive import Hand, drive

END = End("20260131-101500-digits-ab12", "digits", "done", "pass")
HOSTILE = "x\x1b]0;gone\x07\nrm"


def test_the_title_says_what_is_running() -> None:
    assert telling.title([], 0) == "\x1b]2;ovtui\x07"
    found = telling.title([("digits", 0.591), ("clip", None)], 2)
    assert found == "\x1b]2;ovtui: digits 59%, clip, 2 waiting\x07"


def test_no_name_ends_a_sequence() -> None:
    for sent in (
        telling.title([(HOSTILE, 0.5)], 0),
        telling.notices([replace(END, recipe=HOSTILE)], Settings(notify=["desktop"])),
    ):
        assert sent.count("\x1b") == 1 and sent.count("\x07") == 1 and "\n" not in sent


def test_notices_are_what_was_asked_for() -> None:
    assert telling.notices([END], Settings()) == ""
    assert telling.notices([END], Settings(notify=["bell"])) == "\a"
    both = telling.notices([END], Settings(notify=["bell", "desktop"]))
    assert both == "\a\x1b]9;ovtui: digits: pass\x07"


def test_placeholders_are_words_and_no_shell_reads_them() -> None:
    end = replace(END, recipe="$(touch x); {run}")
    settings = Settings(on_end=["notify", "{recipe} is {state}", "{run}", "{other}"])
    assert telling.command(end, settings) == [
        "notify", "$(touch x); {run} is done", END.run, "{other}"
    ]  # fmt: skip


def test_a_command_is_started_when_a_run_ends(home: Path, tmp_path: Path) -> None:
    run = write_run(home, "20260131-111600-digits-cd01", name="digits", told=half_way())
    told = tmp_path / "told.json"
    code = "import json, sys; open(sys.argv[1], 'w').write(json.dumps(sys.argv[2:]))"
    on_end = [sys.executable, "-c", code, str(told), "{recipe}", "{state}", "{run}"]

    async def script(hand: Hand) -> None:
        await hand.tick()
        run.append(events.Cancelled(time=NOW))
        held.__exit__(None, None, None)
        await hand.tick()

    held = alive(run)
    held.__enter__()
    drive(script, settings=Settings(on_end=on_end))
    until = time.monotonic() + 30
    while not told.exists() or not told.read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert json.loads(told.read_text()) == ["digits", "cancelled", run.id]


@pytest.mark.parametrize("text", ['notify = ["horn"]', "notify = 1", 'on_end = "rm"', "title = 2"])
def test_wrong_settings_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=text.split()[0]):
        settings_file.read(path)
