"""`python -m tests.screenshot`: the pictures in the README, of a demo run that is made for them."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".assets"
SIZE = (112, 30)
HOST = "server"
PICTURE = ("5", "enter")
"""The keys that lead to the picture."""
TOUR = (
    ("0",), ("2",), ("4",), ("enter",), ("5", "enter"), ("tab",), ("tab",), ("6", "enter"), ("7",),
)  # fmt: skip
"""The keys before each frame of the animated picture."""
SECONDS = 2.5
"""Of a frame."""
_FONT_FILES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONT = "font-family: Fira Code, ui-monospace, DejaVu Sans Mono, monospace;"


def main() -> int:
    """Run the demo, unless `OVTUI_HOME` has a run that is done; then write the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("OVTUI_HOME", folder)
        from ovtui.tui.run_index import RunIndex

        index = RunIndex()
        index.look()
        if not index.done():
            subprocess.run([sys.executable, "-m", "ovtui.cli", "demo"], check=True)
        FOLDER.mkdir(exist_ok=True)
        (picture,) = asyncio.run(_drawn([PICTURE]))
        _write("dashboard.svg", picture)
        _write("tour.svg", animated(asyncio.run(_drawn(TOUR)), SECONDS))
    return 0


def _write(name: str, picture: str) -> None:
    (FOLDER / name).write_text(picture, encoding="utf-8")
    print(FOLDER / name)


async def _drawn(ways: Sequence[Sequence[str]]) -> list[str]:
    """What the screen shows after each of several sequences of keys, one after the other."""
    from ovtui.tui.app import Dashboard

    app = Dashboard(theme_name="ovtui")
    app.host = HOST
    found = []
    async with app.run_test(size=SIZE) as pilot:
        for way in ways:
            for key in way:
                await pilot.pause()
                await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
            found.append(_local(app.export_screenshot(title="ovtui")))
    return found


def _local(picture: str) -> str:
    """A picture that fetches no fonts from elsewhere: those that are there do."""
    picture = _FONT_FILES.sub("", picture)
    return picture.replace("font-family: Fira Code, monospace;", _FONT)


def animated(frames: Sequence[str], seconds: float) -> str:
    """One SVG that shows several, one after the other, and begins again.

    Args:
        frames: SVG documents of one size, whose names differ.
        seconds: that each is shown.
    """
    size = re.search(r'viewBox="([^"]+)"', frames[0])
    assert size is not None
    whole, share = seconds * len(frames), 100 / len(frames)
    return "\n".join(
        [
            f'<svg viewBox="{size[1]}" xmlns="http://www.w3.org/2000/svg">',
            f"<style>@keyframes shown {{ 0% {{ visibility: visible }} {share:.3f}% "
            "{ visibility: hidden } 100% { visibility: hidden } } "
            f".frame {{ visibility: hidden; animation: shown {whole}s step-end infinite }}"
            "</style>",
            *_delayed(frames, seconds),
            "</svg>\n",
        ]
    )


def _delayed(frames: Sequence[str], seconds: float) -> Iterator[str]:
    for number, frame in enumerate(frames):
        yield f'<g class="frame" style="animation-delay: {number * seconds}s">{frame}</g>'


if __name__ == "__main__":
    sys.exit(main())
