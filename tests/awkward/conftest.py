"""What every awkward model is run by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.awkward.product import OneProcess


@pytest.fixture
def product(home: Path, monkeypatch: pytest.MonkeyPatch) -> OneProcess:
    """The product, in a home of this test's own."""
    return OneProcess(home, monkeypatch)
