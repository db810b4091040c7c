"""Names of OpenVINO's devices, and what a person is told of one that is not there."""

from __future__ import annotations

import pytest

from ovtui.core.machine import devices
from ovtui.core.machine.devices import Device, family
from ovtui.core.text.errors import UserError, last_line


@pytest.mark.parametrize(
    ("name", "kind"),
    [("CPU", "CPU"), ("GPU.1", "GPU"), ("AUTO:GPU,CPU", "AUTO"), ("BATCH:GPU.0(4)", "BATCH")],
)
def test_a_device_is_of_a_kind(name: str, kind: str) -> None:
    assert family(name) == kind


@pytest.fixture(autouse=True)
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Device(name=name, full_name=name) for name in ("CPU", "GPU.0", "AUTO")]
    monkeypatch.setattr(devices, "cached", list)
    monkeypatch.setattr(devices, "read", lambda: found)


@pytest.mark.parametrize("name", ["CPU", "GPU.0", "AUTO", "AUTO:GPU,CPU", "BATCH:GPU.0(4)"])
def test_devices_of_devices_are_openvino_s_to_judge(name: str) -> None:
    devices.check(name)


@pytest.mark.parametrize("name", ["GPU", "BATCH", "CPUX", ""])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="not on this machine"):
        devices.check(name)


def test_the_last_line_of_a_program() -> None:
    assert last_line(b"Traceback\n  File\nValueError: no\n\n") == "ValueError: no"
    assert last_line(b"\xff\n") == "\N{REPLACEMENT CHARACTER}" and last_line(b"") == ""
