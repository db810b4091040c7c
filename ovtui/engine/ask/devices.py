"""`python -m ovtui.engine.ask.devices`: OpenVINO's devices as JSON."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import msgspec
import openvino as ov

from ovtui.core.machine.devices import Device
from ovtui.core.machine.machine import machine, memory_bytes


def read_devices() -> list[Device]:
    """Returns the available devices, and AUTO."""
    core = ov.Core()
    devices = [_device(core, name) for name in core.available_devices]
    return [
        *devices,
        Device(name="AUTO", full_name="the best of the devices above, chosen by OpenVINO"),
    ]


def _device(core: ov.Core, name: str) -> Device:
    on_host = name == "CPU"
    capabilities = [str(item) for item in _property(core, name, "OPTIMIZATION_CAPABILITIES") or []]
    memory = _property(core, name, "GPU_DEVICE_TOTAL_MEM_SIZE")
    hint = _property(core, name, "INFERENCE_PRECISION_HINT")
    return Device(
        name=name,
        full_name=str(_property(core, name, "FULL_DEVICE_NAME") or name).strip(),
        capabilities=capabilities,
        default_precision=hint.to_string() if hasattr(hint, "to_string") else str(hint or ""),
        memory_bytes=memory_bytes() if on_host else int(memory or 0),
        isa=machine().isa if on_host else [],
    )


def _property(core: ov.Core, device: str, name: str) -> Any:
    with contextlib.suppress(RuntimeError):
        return core.get_property(device, name)
    return None


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(read_devices()))
