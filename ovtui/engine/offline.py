"""One clear line when the hub cannot be reached or does not have what was asked for."""

from __future__ import annotations

import contextlib
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from ovtui.core.errors import SourceError, causes
from ovtui.core.recipe import Recipe
from ovtui.core.source import HubId, data_source, model_source

PATIENCE_SECONDS = 4.0
_SWITCHES = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")

_ADVICE = {"model": "fetch it where there is a connection (hf download {name})"}
_UNREACHABLE = {
    "ConnectionError",
    "ConnectError",
    "ConnectTimeout",
    "ReadTimeout",
    "Timeout",
    "OfflineModeIsEnabled",
    "LocalEntryNotFoundError",
    "URLError",
    "MaxRetryError",
    "ProxyError",
    "gaierror",
}
_NO_ANSWER = ("offline mode", "couldn't connect", "Couldn't find a module script")
_ABSENT = {
    "RepositoryNotFoundError",
    "DatasetNotFoundError",
    "RevisionNotFoundError",
    "EntryNotFoundError",
}


def uses_hub(recipe: Recipe, base: Path) -> bool:
    """Whether a recipe's model or data come from the Hugging Face hub."""
    data = recipe.data
    subsets = (data.calibration, data.evaluation, data.validation)
    named = {subset.source or data.source for subset in subsets if subset is not None}
    sources = [model_source(recipe.model.source, base), *(data_source(it, base) for it in named)]
    return any(isinstance(source, HubId) for source in sources)


def work_offline_where_needed() -> None:
    """Tell the hub's libraries, here and in stages, when they need not try: `datasets` takes 25 s.

    To be called before any of them is imported. What the local cache holds is used.
    """
    asked = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    if asked or not _reachable(os.environ.get("HF_ENDPOINT") or "https://huggingface.co"):
        os.environ.update(dict.fromkeys(_SWITCHES, "1"))


def _reachable(address: str) -> bool:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, method="HEAD"), timeout=PATIENCE_SECONDS
        ):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def limited_patience() -> Iterator[None]:
    """Have sockets that set no limit of their own (as torch.hub's) give up after a while."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def hub_errors(name: str, what: str) -> Iterator[None]:
    """Turn a hub library's errors into a `SourceError` of one line.

    Args:
        name: the id that was asked for.
        what: `model`, `data set`, `metric` or `torch.hub repository`.
    """
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        chain = causes(error, contexts=True)
        # Names of types: importing the modules that have them costs 1 s.
        kinds = {kind.__name__ for cause in chain for kind in type(cause).__mro__}
        text = str(error)
        if "GatedRepoError" in kinds:
            raise SourceError(
                f"{name}: this {what} is gated; accept its terms on the hub and log in "
                "(hf auth login), then try again"
            ) from error
        unreachable = kinds & _UNREACHABLE or any(word in text for word in _NO_ANSWER)
        if unreachable or "cached" in text.lower():
            raise SourceError(
                f"{name}: this {what} is not on this machine and "
                f"{'GitHub' if 'torch' in what else 'the hub'} cannot be reached; "
                f"{_ADVICE.get(what, 'run this once with a connection').format(name=name)}, "
                "or name a local file or folder instead"
            ) from error
        if kinds & _ABSENT:
            raise SourceError(f"{name}: the hub has no such {what} (or revision)") from error
        first = (text or type(error).__name__).splitlines()[0]
        raise SourceError(f"{name}: this {what} cannot be loaded: {first}") from error
