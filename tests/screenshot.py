"""`python -m tests.screenshot`: the picture in the README, of a demo run that is made for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURE = Path(__file__).resolve().parent.parent / ".assets" / "dashboard.svg"
SIZE = (112, 30)
KEYS = ("5", "enter")
HOST = "server"


def main() -> int:
    """Run the demo, unless `OVTUI_HOME` has a run that is done; then write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("OVTUI_HOME", folder)
        from ovtui.tui.run_index import RunIndex

        index = RunIndex()
        index.look()
        if not index.done():
            subprocess.run([sys.executable, "-m", "ovtui.cli", "demo"], check=True)
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(asyncio.run(_drawn()), encoding="utf-8")
    print(PICTURE)
    return 0


async def _drawn() -> str:
    from ovtui.tui.app import Dashboard

    app = Dashboard(theme_name="ovtui")
    app.host = HOST
    async with app.run_test(size=SIZE) as pilot:
        for key in KEYS:
            await pilot.pause()
            await pilot.press(key)
        await app.workers.wait_for_complete()
        await pilot.pause()
        return app.export_screenshot(title="ovtui")


if __name__ == "__main__":
    sys.exit(main())
