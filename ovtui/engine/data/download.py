"""Pictures behind URLs: fetched with limits, so that one bad row costs seconds and not the run."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from ovtui.core.text.errors import reason
from ovtui.core.text.units import human_bytes
from ovtui.engine.data.connections import Deadline, Handler, NotAllowed, Redirects
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row

TIMEOUT_SECONDS = 10.0
"""For a whole picture: names, connections, redirects, headers and body, and a second attempt."""
MOST_BYTES = 20 * 2**20
CONNECTIONS = 16
"""Downloads at once: they wait for others' machines, not for this one's cores."""
_CHUNK = 64 * 1024
_AGENT = "ovtui (calibration data)"
_LASTING = {400, 401, 403, 404, 405, 410, 451}
"""Answers that a second attempt would not change."""


def is_url(cell: Any) -> bool:
    """Returns whether a cell names a picture on the web."""
    return isinstance(cell, str) and cell.lower().startswith(("http://", "https://"))


def with_picture(row: Row, *, private: bool = False) -> Row:
    """Returns the row with the bytes behind the URL in its `image`; any other row as it is.

    Args:
        row: of the data set.
        private: addresses of this machine and its network are allowed.

    Raises:
        Unusable: they could not be fetched.
    """
    cell = row.get("image")
    return row | {"image": fetch(str(cell), private=private)} if is_url(cell) else row


def fetch(
    url: str, *, timeout: float = TIMEOUT_SECONDS, most: int = MOST_BYTES, private: bool = False
) -> bytes:
    """Returns what is behind an `http` or `https` URL; certificates are verified.

    Args:
        url: where.
        timeout: seconds for all of it: redirects, headers, body, and a second attempt.
        most: bytes that are accepted.
        private: addresses of this machine and its network are allowed, also after a redirect.

    Raises:
        Unusable: not there, not allowed, too slow or too large; what may pass is tried twice.
    """
    with Deadline(timeout) as deadline:
        for is_last in (False, True):
            try:
                return _attempt(url, deadline, most, private=private)
            except NotAllowed:
                raise Unusable(
                    f"{url}: leads to this machine or its network; "
                    "allow that with data.private_hosts = true"
                ) from None
            except urllib.error.HTTPError as error:
                error.close()
                if is_last or error.code < 400 or error.code in _LASTING:
                    raise Unusable(f"{url}: HTTP {error.code} {error.reason}") from error
            except _OPENING as error:
                if not deadline.left:
                    raise Unusable(f"{url}: not complete after {timeout:g} s") from error
                if is_last:
                    raise Unusable(f"{url}: {_why(error)}") from error
            except ValueError as error:  # no valid URL
                raise Unusable(f"{url}: {error}") from error
    raise AssertionError("the last attempt returns or raises")


_OPENING = (OSError, http.client.HTTPException)


def _attempt(url: str, deadline: Deadline, most: int, *, private: bool) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": _AGENT})
    opener = _opener(Handler(deadline, private=private))
    with opener.open(request, timeout=max(deadline.left, 0.001)) as answer:
        read: Callable[[int], bytes] = answer.read1
        chunks, size = [], 0
        while chunk := read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > most:
                raise Unusable(f"{url}: larger than {human_bytes(most)}")
        if not deadline.left:  # what came last may be the end, or the connection's
            raise TimeoutError
        expected = answer.headers.get("Content-Length", "")
        if expected.isdigit() and size < int(expected):
            raise http.client.IncompleteRead(b"", int(expected) - size)
        return b"".join(chunks)


def _opener(handler: Handler) -> urllib.request.OpenerDirector:
    """Only `http` and `https`, also after a redirect; the system's proxies and certificates."""
    opener = urllib.request.OpenerDirector()
    for each in (
        urllib.request.ProxyHandler(),
        handler,
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        Redirects(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(each)
    return opener


def _why(error: BaseException) -> str:
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection ended early"
    return reason(error)
