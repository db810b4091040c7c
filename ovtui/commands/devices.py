"""`ovtui devices`: what models can run on."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import list_width, print_json
from ovtui.core.machine.devices import read
from ovtui.core.reports.table import Column, draw
from ovtui.core.text.units import human_bytes


def main(arguments: Sequence[str]) -> int:
    """Lists OpenVINO's devices."""
    parser = Parser("devices", "List OpenVINO's devices.")
    parser.add_json()
    options = parser.parse(arguments)
    devices = read()
    if options.json:
        print_json(devices)
        return 0
    rows = [
        [
            device.name,
            device.full_name,
            device.default_precision,
            ", ".join(device.capabilities),
            human_bytes(device.memory_bytes) if device.memory_bytes else "",
            ", ".join(device.isa),
        ]
        for device in devices
    ]
    print(draw(_COLUMNS, rows, list_width()))
    return 0


_COLUMNS = [
    Column("device", fixed=True),
    Column("name"),
    Column("default precision", fixed=True),
    Column("capabilities"),
    Column("memory", numeric=True, fixed=True),
    Column("isa"),
]
