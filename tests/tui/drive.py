"""Drives the dashboard without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget

from ovtui.tui.app import Dashboard
from ovtui.tui.textual_internals import shown

SMALL, LARGE, LEAST, WIDE = (80, 24), (120, 40), (60, 16), (160, 45)
Script = Callable[["Hand"], Awaitable[None]]


class Hand:
    """Presses keys and reads the screen."""

    def __init__(self, app: Dashboard, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until all is drawn."""
        for key in keys:
            await self.pilot.press(key)
        await self.settle()

    async def settle(self) -> None:
        """Wait for workers and drawing."""
        await self.app.workers.wait_for_complete()
        for _ in range(2):
            await self.pilot.pause()

    async def tick(self) -> None:
        """Let the dashboard look at the run folders now."""
        self.app.look()
        await self.settle()

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return [strip.text.rstrip() for strip in shown(self.app.screen)]

    @property
    def screen(self) -> str:
        """What the terminal shows, as one text."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """What the terminal shows, wherever its lines break."""
        return " ".join(self.screen.split())

    def within(self, widget: Widget) -> str:
        """What a widget shows, wherever its lines break, and not what goes on beside it."""
        region = widget.region
        lines = self.lines[region.y : region.bottom]
        return " ".join(" ".join(line[region.x : region.right] for line in lines).split())

    def shows(self, widget: Widget) -> bool:
        """Whether a widget is on the screen."""
        return bool(widget.region)


def drive(script: Script, size: tuple[int, int] = SMALL, **options: Any) -> Dashboard:
    """Run a script against a dashboard of this size."""

    async def run() -> Dashboard:
        app = Dashboard(**options)
        async with app.run_test(size=size, notifications=True) as pilot:
            hand = Hand(app, pilot)
            await hand.settle()
            await hand.tick()
            await script(hand)
        return app

    return asyncio.run(run())
