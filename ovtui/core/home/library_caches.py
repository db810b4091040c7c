"""Where other libraries keep what they fetch, found without importing them.

As their own modules say: `huggingface_hub.constants`, `datasets.config` and `torch.hub`.
"""

from __future__ import annotations

import os
from pathlib import Path


def hub_cache() -> Path:
    """Names the folder of what was fetched from the Hugging Face hub."""
    older = os.environ.get("HUGGINGFACE_HUB_CACHE")
    return _folder("HF_HUB_CACHE", older or _hugging_face() / "hub")


def of_repository(kind: str, name: str) -> Path:
    """Names the folder of one repository in the hub's cache, which may be missing.

    Args:
        kind: `models` or `datasets`.
        name: as in `owner/name`.
    """
    return hub_cache() / f"{kind}--{name.replace('/', '--')}"


def datasets_cache() -> Path:
    """Names the folder of data sets that `datasets` has made into Arrow files."""
    return _folder("HF_DATASETS_CACHE", _hugging_face() / "datasets")


def torch_hub_cache() -> Path:
    """Names the folder of what `torch.hub` has fetched."""
    return _folder("TORCH_HOME", _caches() / "torch") / "hub"


def _hugging_face() -> Path:
    return _folder("HF_HOME", _caches() / "huggingface")


def _caches() -> Path:
    return _folder("XDG_CACHE_HOME", "~/.cache")


def _folder(variable: str, default: str | Path) -> Path:
    return Path(os.path.expandvars(os.environ.get(variable) or default)).expanduser()
