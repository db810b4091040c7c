"""The folders in which libraries keep what they fetch, as the libraries themselves name them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovtui.core.home import library_caches

VARIABLES = (
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_DATASETS_CACHE",
    "TORCH_HOME",
    "XDG_CACHE_HOME",
)


def _named(code: str, given: dict[str, str]) -> list[str]:
    kept = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=kept | given
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"XDG_CACHE_HOME": "/caches"},
        {"HF_HOME": "~/faces", "XDG_CACHE_HOME": "/caches"},
        {"HF_HOME": "$HOME/faces", "HUGGINGFACE_HUB_CACHE": "/older"},
        {"HF_HUB_CACHE": "~/hub", "HUGGINGFACE_HUB_CACHE": "/older"},
    ],
)
def test_the_hub_s_cache_is_where_its_library_looks(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    code = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
    assert [str(library_caches.hub_cache())] == _named(code, given)


@pytest.mark.parametrize(
    "given",
    [
        {"XDG_CACHE_HOME": "/caches"},
        {"HF_DATASETS_CACHE": "/sets", "TORCH_HOME": "~/torch"},
    ],
)
def test_data_sets_and_torch_hub_s_repositories_too(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    code = (
        "import torch.hub, datasets.config; "
        "print(datasets.config.HF_DATASETS_CACHE, torch.hub.get_dir())"
    )
    expected = [str(library_caches.datasets_cache()), str(library_caches.torch_hub_cache())]
    assert expected == _named(code, given)
