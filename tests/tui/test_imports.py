"""The dashboard never imports what is heavy, nor the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.run_folders import half_way, write_done, write_run

FORBIDDEN = (
    "openvino", "nncf", "torch", "transformers", "datasets", "evaluate", "pandas",
    "ovtui.engine", "ovtui.commands",
)  # fmt: skip
SCRIPT = f"""
import asyncio, sys
from ovtui.tui.app import Dashboard

async def main():
    app = Dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in "1 enter 2 enter escape r escape 4 enter tab 5 tab tab tab 6 enter i".split():
            await pilot.press(key)
            await pilot.pause()
        await pilot.press("question_mark", "escape", "f", "escape", "slash", "x", "escape")
        await pilot.press("3")
        await pilot.pause()
        assert app.current_mode == "devices", app.current_mode

asyncio.run(main())
heavy = {FORBIDDEN!r}
print(*(m for m in sys.modules if m in heavy or m.startswith(tuple(f"{{h}}." for h in heavy))))
"""


def test_every_screen_without_heavy_modules(home: Path) -> None:
    write_done(home)
    write_run(home, "20260131-101600-digits-cd01", told=half_way())
    (home / "devices.json").write_text('[{"name": "CPU", "full_name": "a processor"}]')
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_without_a_terminal_one_line_and_status_2(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ovtui.cli"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=os.environ, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and "terminal" in done.stderr
