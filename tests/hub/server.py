"""A stand-in for huggingface.co on the loopback: what `huggingface_hub` asks for, from folders."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_CHUNK = 4096


class Hub:
    """Repositories below a folder, as `models/OWNER/NAME` and `datasets/OWNER/NAME`.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[str] = []
        """Method and path of all that was asked for."""
        self.breaks_after: int | None = None
        """Connections break off after so many bytes of a file."""
        self.busy = 0
        """So many answers more are 503."""
        self.address = ""

    def asked_for(self, word: str) -> list[str]:
        """Files that were downloaded, those whose path has the word."""
        return [it for it in self.requests if it.startswith("GET") and word in it]

    def folder(self, kind: str, name: str) -> Path:
        """The folder of a repository."""
        return self.root / kind / name

    def commit(self, kind: str, name: str) -> str:
        """Changes with the names and sizes of the files."""
        folder = self.folder(kind, name)
        files = [f"{it}{it.stat().st_size}" for it in sorted(folder.rglob("*")) if it.is_file()]
        return hashlib.sha1("".join(files).encode()).hexdigest()


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Answer on a free port of the loopback for as long as the context lasts."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: tests print what they find wrong."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        self.hub.requests.append(f"{self.command} {path}")
        if self.hub.busy:
            self.hub.busy -= 1
            return self._say(503, b"busy")
        parts = path.split("/")
        if parts[0] == "api":
            kind, name, rest = parts[1], "/".join(parts[2:4]), parts[4:]
        else:
            kind = "datasets" if parts[0] == "datasets" else "models"
            parts = parts[1:] if kind == "datasets" else parts
            name, rest = "/".join(parts[:2]), parts[2:]
        folder = self.hub.folder(kind, name)
        if not folder.is_dir():
            return self._refuse("RepoNotFound")
        commit = self.hub.commit(kind, name)
        if (
            rest[1:]
            and rest[0] in ("resolve", "tree", "revision")
            and rest[1]
            not in (
                "main",
                commit,
            )
        ):
            return self._refuse("RevisionNotFound")
        match rest:
            case ["resolve", _, *file]:
                return self._file(folder / "/".join(file), commit)
            case ["tree", *_]:
                return self._json([_entry(folder, it) for it in sorted(folder.rglob("*"))])
            case [] | ["revision", _]:
                return self._json({"id": name, "sha": commit, "siblings": [], "tags": []})
        return self._refuse("EntryNotFound")

    def _file(self, path: Path, commit: str) -> None:
        if not path.is_file():
            return self._refuse("EntryNotFound")
        data = path.read_bytes()
        start, end = 0, len(data)
        if wanted := self.headers.get("Range", "").removeprefix("bytes="):
            first, _, last = wanted.partition("-")
            start = int(first) if first else len(data) - int(last)
            end = min(end, int(last) + 1) if first and last else end
        headers = {
            "X-Repo-Commit": commit,
            "ETag": f'"{hashlib.sha1(data).hexdigest()}"',
            "Content-Range": f"bytes {start}-{end - 1}/{len(data)}",
        }
        self._say(206 if wanted else 200, data[start:end], headers)

    def _json(self, value: Any) -> None:
        self._say(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, code: str) -> None:
        self._say(404, code.encode(), {"X-Error-Code": code, "X-Error-Message": code})

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        limit = self.hub.breaks_after
        if limit is None or "resolve" not in self.path or len(body) <= limit:
            self.wfile.write(body)
            return
        self.wfile.write(body[:limit])
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()


def _entry(folder: Path, path: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    kind = "directory" if path.is_dir() else "file"
    size = 0 if path.is_dir() else path.stat().st_size
    oid = hashlib.sha1(f"{name}{size}".encode()).hexdigest()
    return {"type": kind, "oid": oid, "size": size, "path": name}
