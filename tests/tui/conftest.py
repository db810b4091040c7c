"""No test asks OpenVINO for its devices, or starts an engine."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from textual import _wait

from ovtui.core.machine.devices import Device
from ovtui.core.runs import launch
from ovtui.core.runs.run_folder import Run
from ovtui.tui.screens.devices import Devices

KNOWN = [
    Device(name="CPU", full_name="A processor", capabilities=["INT8"], isa=["avx2"]),
    Device(name="AUTO", full_name="the best of the devices"),
]


@pytest.fixture(autouse=True)
def quiet(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """A home of its own with known devices; returns the runs that would have been started."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "devices.json").write_bytes(msgspec.json.encode(KNOWN))
    monkeypatch.setattr(Devices, "action_read", lambda place: None)
    asked: list[Run] = []
    monkeypatch.setattr(launch, "start", asked.append)
    # Pilot waits several times for each key until nothing goes on; 20 ms each are long.
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.006)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.002)
    return asked
