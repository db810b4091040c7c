"""Pictures behind URLs, from a server on this machine that behaves as badly as the web."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from ovtui.core.recipes.recipe import load
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.collect import collect
from ovtui.engine.data.download import fetch
from ovtui.engine.data.rows import Unusable
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.store.stage_work import Collection
from tests.support.tiny import write_recipe_folder


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 10, 10)).save(file, "png")
    return file.getvalue()


class Server(ThreadingHTTPServer):
    """Counts requests by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: dict[str, int] = {}
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.server.asked
        asked[self.path] = asked.get(self.path, 0) + 1
        match self.path:
            case "/slow":
                self.server.over.wait(5)
            case "/drip":
                self._head(200, length=1000)
                while not self.server.over.wait(0.02):
                    self.wfile.write(b"x")
            case "/large":
                self._body(b"x" * 5000)
            case "/flaky" if asked[self.path] == 1:
                self._head(503, length=0)
            case "/cut":
                self._head(200, length=100)
                self.wfile.write(b"short")
            case "/file":
                self._head(302, length=0, location="file:///etc/hostname")
            case "/ftp":
                self._head(302, length=0, location="ftp://127.0.0.1/x")
            case "/moved":
                self._head(302, length=0, location="/picture/moved")
            case "/text":
                self._body(b"<html>gone</html>")
            case path if path.startswith(("/picture", "/flaky")):
                self._body(_png())
            case _:
                self._head(404, length=0)

    def _head(self, status: int, *, length: int, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def _body(self, body: bytes) -> None:
        self._head(200, length=len(body))
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.mark.parametrize("path", ["/picture", "/flaky", "/moved"])
def test_a_picture_arrives(server: Server, path: str) -> None:
    assert fetch(server.url + path, private=True) == _png()


@pytest.mark.parametrize(
    ("path", "why", "attempts"),
    [
        ("/missing", "HTTP 404", 1),
        ("/slow", "not complete after", 1),
        ("/drip", "not complete after", 1),
        ("/large", "larger than", 1),
        ("/cut", "ended early", 2),
        ("/file", "not allowed", 1),
        ("/ftp", "unknown url type", 2),
    ],
)
def test_what_does_not_arrive_is_unusable(
    server: Server, path: str, why: str, attempts: int
) -> None:
    with pytest.raises(Unusable, match=why):
        fetch(server.url + path, timeout=1, most=2000, private=True)
    assert server.asked[path] == attempts


def test_nobody_there_and_no_url() -> None:
    with pytest.raises(Unusable, match="refused"):
        fetch("http://127.0.0.1:1/x", timeout=1, private=True)
    with pytest.raises(Unusable):
        fetch("http://[bad", timeout=1)


def test_rows_that_fail_are_replaced_and_counted(server: Server, tmp_path: Path) -> None:
    paths = ["/picture/0", "/missing", "/text", *(f"/picture/{n}" for n in range(1, 8))]
    collected = _collect(tmp_path, server, paths, samples=6)
    assert len(collected.indices) == 6
    assert collected.skipped == 2
    assert "HTTP 404" in collected.skipped_first[0]
    assert "not a picture" in collected.skipped_first[1]


def test_none_that_arrives_is_one_clear_error(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _collect(tmp_path, server, ["/missing", "/nowhere"], samples=2)
    message = str(caught.value)
    assert "no usable sample for evaluation" in message
    assert "2 tried; check the network" in message


def _collect(folder: Path, server: Server, paths: list[str], samples: int) -> Collected:
    path = write_recipe_folder(folder)
    (folder / "urls.csv").write_text(
        "image,label\n" + "".join(f"{server.url}{path},{n % 4}\n" for n, path in enumerate(paths))
    )
    recipe = load(
        path,
        [
            'data.evaluation.source="urls.csv"',
            "data.evaluation.split=all",
            "data.evaluation.shuffle=false",
            "data.private_hosts=true",
            f"data.evaluation.samples={samples}",
        ],
    )
    out = folder / "out"
    out.mkdir()
    return collect(
        Collection(recipe, str(folder), use="evaluation", references=True),
        out,
        Journal(Run(folder), "x"),
    )
