from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.errors import UserError
from ovtui.core.locks import machine_lock


def test_a_folder_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVTUI_LOCKS", str(tmp_path / "nowhere"))
    with (
        pytest.raises(UserError, match=r"nowhere: no such folder .* OVTUI_LOCKS"),
        machine_lock("queue.lock"),
    ):
        pass
