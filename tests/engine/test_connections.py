"""Servers that never come to an end, and addresses that nobody asked for."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from ovtui.engine.data import connections
from ovtui.engine.data.connections import is_private
from ovtui.engine.data.download import fetch
from ovtui.engine.data.rows import Unusable

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "nothing": [],
    "status line": itertools.repeat(b"H"),
    "headers": itertools.chain([HEAD, b"X: "], itertools.repeat(b"x")),
    "many headers": itertools.chain([HEAD], itertools.repeat(b"X: y\r\n")),
    "endless 1xx": itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": itertools.chain([HEAD, b"\r\n"], itertools.repeat(b"x")),
    "size of a chunk": itertools.chain([CHUNKED], itertools.repeat(b"0")),
    "extension of a chunk": itertools.chain([CHUNKED, b"1;"], itertools.repeat(b"x")),
    "trailer": itertools.chain([CHUNKED, b"1\r\nx\r\n0\r\nX: "], itertools.repeat(b"y")),
    "body of a redirect": itertools.chain(
        [b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"], itertools.repeat(b"x")
    ),
}


@contextlib.contextmanager
def serving(pieces: Iterable[bytes]) -> Iterator[str]:
    """A server that sends one piece after the other, 50 a second, to whoever connects."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = listening.accept()
                threading.Thread(target=drip, args=(connected,), daemon=True).start()

    def drip(connected: socket.socket) -> None:
        with contextlib.suppress(OSError), connected:
            for piece in itertools.chain(pieces, itertools.repeat(b"")):
                if piece:
                    connected.sendall(piece)
                time.sleep(0.02)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_drips_ends_in_time(name: str) -> None:
    began = time.monotonic()
    with serving(DRIPS[name]) as url, pytest.raises(Unusable):
        fetch(url, timeout=0.5, private=True)
    assert time.monotonic() - began < 5


def test_a_chain_of_redirects_has_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly() -> Iterator[bytes]:
        time.sleep(0.2)
        yield b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"

    class Slowly:
        def __iter__(self) -> Iterator[bytes]:
            return slowly()

    began = time.monotonic()
    with serving(Slowly()) as url, pytest.raises(Unusable):
        fetch(url, timeout=0.5, private=True)
    assert time.monotonic() - began < 5


def test_nothing_stays_open_after_a_deadline() -> None:
    before = threading.active_count()
    with connections.Deadline(0.05) as deadline:
        one, other = socket.socketpair()
        deadline.watch(one)
        assert other.recv(1) == b"", "shut down"
    one.close()
    other.close()
    time.sleep(0.1)
    assert threading.active_count() <= before


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://2130706433/x",
        "http://0/x",
        "http://[::1]/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://10.0.0.1/x",
        "http://169.254.1.1/x",
        "http://192.168.0.1/x",
        "http://224.0.0.1/x",
    ],
)
def test_private_addresses_are_not_fetched_unasked(url: str) -> None:
    with pytest.raises(Unusable, match="data.private_hosts = true"):
        fetch(url, timeout=5)


def test_a_redirect_into_the_own_network_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first server passes for one of the internet, where it leads to does not."""
    with serving([b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\n\r\n"]) as url:
        monkeypatch.setattr(connections, "is_private", lambda host: host != "127.0.0.1")
        with pytest.raises(Unusable, match="data.private_hosts = true"):
            fetch(url, timeout=5)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("example.com", False),
        ("a.localhost", True),
        ("fe80::1%eth0", True),
        ("100.64.0.1", True),
        ("::", True),
    ],
)
def test_what_is_private(host: str, private: bool) -> None:
    assert is_private(host) is private
