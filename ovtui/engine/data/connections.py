"""HTTP connections that end in time, and that lead into no private network unless they may."""

from __future__ import annotations

import functools
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from typing import IO, Any

from ovtui.engine.libraries.internals import PUBLIC_HOSTS
from ovtui.engine.libraries.library_use import require


class NotAllowed(Exception):
    """An address of this machine or of its network, which nobody has asked for."""


class Deadline:
    """Ends connections when their time is over, whatever the server sends until then.

    The time limits of a socket are for each silence: a server that sends one byte a second never
    comes to it.

    Args:
        seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds until the end; 0 after it."""
        return max(0.0, self._until - time.monotonic())

    def watch(self, connected: socket.socket) -> None:
        """Shuts this connection down at the end; a layer of TLS above it does not matter."""
        twin = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._watched.append(twin)
        if not self.left:
            self._end()

    def _end(self) -> None:
        with self._lock:
            for twin in self._watched:
                _shut_down(twin)

    def __enter__(self) -> Deadline:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for twin in self._watched:
                twin.close()
            self._watched.clear()


def _shut_down(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended


@functools.cache
def look_at_library() -> None:
    """Refuses a Python whose connections do not ask us: every host would be allowed.

    Raises:
        SourceError: it is one.
    """
    require(PUBLIC_HOSTS)


class Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens `http` and `https` for `urllib`.

    Args:
        deadline: when everything has to be over.
        private: addresses of this machine and its network are allowed.
    """

    def __init__(self, deadline: Deadline, *, private: bool) -> None:
        super().__init__()
        look_at_library()
        self._deadline = deadline
        self._private = private

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Returns the answer to a request."""
        return self.do_open(self._connection(http.client.HTTPConnection, request), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Returns the answer to a request; the certificate is verified."""
        kind = functools.partial(http.client.HTTPSConnection, context=_context())
        return self.do_open(self._connection(kind, request), request)

    def _connection(self, kind: Any, request: urllib.request.Request) -> Any:
        """What makes a connection of this kind for a request."""
        target = urllib.parse.urlsplit(request.full_url).hostname or ""
        # A proxy resolves names itself; it may well be on this machine.
        proxied = request.has_proxy() or getattr(request, "_tunnel_host", None) is not None

        def make(host: str, **given: Any) -> http.client.HTTPConnection:
            made: http.client.HTTPConnection = kind(host, **given)
            made._create_connection = functools.partial(self._connect, target, proxied)  # type: ignore[attr-defined]
            return made

        return make

    def _connect(
        self, target: str, proxied: bool, address: tuple[str, int], timeout: Any = None, *_: Any
    ) -> socket.socket:
        host, port = address
        if proxied:
            if not self._private and is_private(target):
                raise NotAllowed
            allowed: list[Any] = [address]
        else:
            # What was looked at is what is connected to: the next answer may be another.
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            allowed = [
                it[4][:2] for it in addresses if self._private or not is_private(str(it[4][0]))
            ]
            if not allowed:
                raise NotAllowed
        last: OSError | None = None
        for place in allowed:
            if not self._deadline.left:
                break
            try:
                connected = socket.create_connection(place, self._deadline.left)
            except OSError as error:
                last = error
                continue
            self._deadline.watch(connected)
            return connected
        raise last or TimeoutError


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects without what lies beside them, which may have no end."""

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> Any:
        """Returns the answer from where this one leads to."""
        fp.close()
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def is_private(host: str) -> bool:
    """Returns whether a host is, by its literal address or name, this machine or a network of its
    own.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".").lower().endswith("localhost")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast


@functools.cache
def _context() -> ssl.SSLContext:
    """Certificates of the system; reading them takes 20 ms."""
    return ssl.create_default_context()
