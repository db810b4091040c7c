"""What is nobody else's business: secrets of the environment, and the home itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.home import directories
from ovtui.core.runs import run_folder
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError

SECRET = 'hf_"quoted"0123456789'


def request(*overrides: str) -> Request:
    return Request(name="n", created="", device="CPU", base="/", overrides=list(overrides))


def test_the_environment_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    run = run_folder.create(request("model.arguments.x=1"))
    kept = b"".join(path.read_bytes() for path in run.folder.rglob("*") if path.is_file())
    assert b"0123456789" not in kept


@pytest.mark.parametrize("name", ["HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "my_password"])
def test_a_secret_among_the_settings_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    with pytest.raises(UserError, match=f"the value of {name}") as caught:
        run_folder.create(request(f"model.arguments.token={SECRET}"))
    assert SECRET not in str(caught.value)
    assert list((home / "runs").iterdir()) == []


def test_a_switch_is_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    run = run_folder.create(request("measure.latency=false"))
    assert "measure.latency=false" in run.request().overrides


def test_a_home_is_its_owner_s(home: Path) -> None:
    directories.writable_home()
    for folder in (home, home / "runs", home / "cache"):
        assert folder.stat().st_mode & 0o777 == 0o700
