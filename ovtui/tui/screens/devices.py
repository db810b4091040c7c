"""Devices: shown from the cache at once, read by a short-lived process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType

from ovtui.core.machine import devices
from ovtui.core.text.errors import last_line
from ovtui.core.text.units import human_bytes
from ovtui.tui import keys
from ovtui.tui.screens.place import Place
from ovtui.tui.text import FAINT, STRONG, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("device", 8),
    Column("name", 16, grows=True),
    Column("default", 7),
    Column("memory", 9, right=True),
    Column("ISA", 16),
)


class Devices(Place):
    """The numbered place of devices."""

    PLACE = "devices"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("devices")]

    def panes(self) -> Sequence[Pane]:
        """Returns list and device."""
        self._devices: dict[str, devices.Device] = {}
        self._rows = Rows(_COLUMNS, self._cells, empty=["Asking OpenVINO …"], id="devices")
        self._page = Page()
        self._was_read = False
        return [Pane("Devices", self._rows), Pane("Device", self._page)]

    def take_up(self) -> None:
        """Shows what was read last, and reads once in a session."""
        self._show()
        if not self._was_read:
            self._was_read = True
            self.action_read()

    def redraw_rows(self) -> None:
        """Shows the devices that pass the filter."""
        self.show_rows({d.name: (d.name, d.full_name) for d in self._devices.values()})

    def _show(self) -> None:
        self._devices = {device.name: device for device in devices.cached()}
        self.redraw_rows()
        self._rows.redraw()
        self._page.redraw()

    @on(Rows.Highlighted)
    def _show_highlighted(self, event: Rows.Highlighted) -> None:
        if event.key is not None:
            self._page.show(partial(self._lines, event.key), from_top=True)

    def _lines(self, name: str, width: int) -> list[Text]:
        return _lines_of(self._devices[name], width) if name in self._devices else []

    def _cells(self, name: str) -> Sequence[Text]:
        device = self._devices[name]
        return [
            cell(device.name),
            cell(device.full_name),
            cell(device.default_precision),
            cell(human_bytes(device.memory_bytes) if device.memory_bytes else ""),
            cell(", ".join(device.isa)),
        ]

    def action_read(self) -> None:
        """Asks OpenVINO in a process of its own."""
        self._read()

    @work(exclusive=True, group="devices")
    async def _read(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "ovtui.cli", "devices", "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, words = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            self.dashboard.refuse(last_line(words) or "OpenVINO's devices cannot be read")
        self._show()


def _lines_of(device: devices.Device, width: int) -> list[Text]:
    """Returns everything about a device."""
    lines = [line((device.name, STRONG)), *wrapped(device.full_name, width, FAINT), line()]
    facts = {
        "capabilities": ", ".join(device.capabilities),
        "default": device.default_precision,
        "memory": human_bytes(device.memory_bytes) if device.memory_bytes else "",
        "ISA": ", ".join(device.isa),
    }
    for label, text in facts.items():
        if text:
            lines += wrapped(text, width, lead=f"  {label:<14}")
    return lines
