"""One clear line when the hub cannot be reached or does not have what was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ovtui.core.errors import SourceError

# Names of exception types, looked for along the chain: importing their modules costs 1 s.
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
_ABSENT = {
    "RepositoryNotFoundError",
    "DatasetNotFoundError",
    "RevisionNotFoundError",
    "EntryNotFoundError",
}


@contextlib.contextmanager
def hub_errors(name: str, what: str) -> Iterator[None]:
    """Turn a hub library's errors into a `SourceError` of one line.

    Args:
        name: the id that was asked for.
        what: `model` or `data set`.
    """
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        kinds = set(_kinds(error))
        text = str(error)
        if "GatedRepoError" in kinds:
            raise SourceError(
                f"{name}: this {what} is gated; accept its terms on the hub and log in "
                "(hf auth login), then try again"
            ) from error
        unreachable = kinds & _UNREACHABLE or "offline mode" in text or "couldn't connect" in text
        if unreachable or "cached" in text.lower():
            raise SourceError(
                f"{name}: this {what} is not on this machine and the hub cannot be reached; "
                f"fetch it once with a connection, or name a local folder instead"
            ) from error
        if kinds & _ABSENT:
            raise SourceError(f"{name}: the hub has no such {what} (or revision)") from error
        first = (text or type(error).__name__).splitlines()[0]
        raise SourceError(f"{name}: this {what} cannot be loaded: {first}") from error


def _kinds(error: BaseException) -> Iterator[str]:
    """Names of the types of an error and of what caused it."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield from (kind.__name__ for kind in type(current).__mro__)
        pending += [current.__cause__, current.__context__]
