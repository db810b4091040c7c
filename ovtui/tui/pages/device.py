"""A device as lines."""

from __future__ import annotations

from rich.text import Text

from ovtui.core.machine.devices import Device
from ovtui.core.text.units import human_bytes
from ovtui.tui.text import FAINT, STRONG, line, wrapped


def page(device: Device, width: int) -> list[Text]:
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
            lines += wrapped(text, width, lead=f"  {label:<12}")
    return lines
