"""One clear line when the hub cannot be reached or does not have what was asked for."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.source import HubId
from ovtui.core.text.errors import SourceError, causes, reason

PATIENCE_SECONDS = 15.0
_SWITCHES = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")

_ADVICE = {
    "model": "fetch it where there is a connection (hf download {name})",
    "data set": "fetch it where there is a connection (hf download {name} --repo-type dataset)",
}
_UNREACHABLE = {
    "ConnectionError",
    "ConnectError",
    "ConnectTimeout",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Timeout",
    "OfflineModeIsEnabled",
    "LocalEntryNotFoundError",
    "URLError",
    "MaxRetryError",
    "ProxyError",
    "gaierror",
}
_NO_ANSWER = ("offline mode", "couldn't connect", "Couldn't find a module script")
_STALE_CARD = {"NonMatchingSplitsSizesError", "ExpectedMoreSplitsError", "UnexpectedSplitsError"}
_ABSENT = {
    "RepositoryNotFoundError",
    "DatasetNotFoundError",
    "RevisionNotFoundError",
    "EntryNotFoundError",
}


def uses_hub(asked: PlacedRecipe) -> bool:
    """Returns whether a recipe's model or data come from the Hugging Face hub."""
    data = asked.recipe.data
    subsets = (data.calibration, data.evaluation, data.validation)
    named = {subset.source or data.source for subset in subsets if subset is not None}
    sources = [asked.model_source(), *map(asked.data_source, named)]
    return any(isinstance(source, HubId) for source in sources)


def work_offline() -> None:
    """Makes the hub's libraries, here and in processes to come, use their caches alone."""
    os.environ.update(dict.fromkeys(_SWITCHES, "1"))
    if constants := sys.modules.get("huggingface_hub.constants"):
        # It was read from the environment when it was imported.
        setattr(constants, "HF_HUB_OFFLINE", True)  # noqa: B010


@contextlib.contextmanager
def limited_patience() -> Iterator[None]:
    """Makes sockets that set no limit of their own (as torch.hub's) give up after a while."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def hub_errors(name: str, what: str) -> Iterator[None]:
    """Turns a hub library's errors into a `SourceError` of one line.

    Args:
        name: the id that was asked for.
        what: `model`, `data set`, `metric` or `torch.hub repository`.
    """
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(f"{name}: {_words(error, name, what)}") from error


def _words(error: Exception, name: str, what: str) -> str:
    kinds = _kinds(error)
    if "GatedRepoError" in kinds:
        return (
            f"this {what} is gated; accept its terms on the hub and log in (hf auth login), "
            "then try again"
        )
    if is_unreachable(error):
        return (
            f"this {what} is not on this machine and "
            f"{'GitHub' if 'torch' in what else 'the hub'} cannot be reached; "
            f"{_ADVICE.get(what, 'run this once with a connection').format(name=name)}, "
            f"or name a local file or folder instead ({_reason(error)})"
        )
    if kinds & _ABSENT:
        return f"the hub has no such {what} (or revision)"
    if kinds & _STALE_CARD:
        return f"the card of this {what} counts other rows than its files hold; tell its owner"
    return f"this {what} cannot be loaded: {_reason(error)}"


def _reason(error: Exception) -> str:
    """What went wrong underneath, in a line that is not too long."""
    *_, cause = causes(error)
    return reason(cause)


def is_unreachable(error: Exception) -> bool:
    """Returns whether a hub library gave up since nobody answered, or was told not to ask."""
    text = str(error)
    return (
        bool(_kinds(error) & _UNREACHABLE)
        or any(word in text for word in _NO_ANSWER)
        or "cached" in text.lower()
    )


def _kinds(error: Exception) -> set[str]:
    """Names of the types of an error and its causes: importing their modules costs 1 s."""
    chain = causes(error, contexts=True)
    return {kind.__name__ for cause in chain for kind in type(cause).__mro__}
