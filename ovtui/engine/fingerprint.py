"""What a stage's output depends on: files, functions, hub revisions and library versions."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import inspect
import os
from pathlib import Path
from typing import Any

from ovtui import __version__
from ovtui.core.machine import machine
from ovtui.core.recipe import Model
from ovtui.core.source import (
    File,
    Folder,
    HubId,
    PythonFunction,
    TorchHub,
    data_source,
    model_source,
    resolve,
)


def of_model(model: Model, base: Path) -> dict[str, Any]:
    """Everything that decides which model is loaded."""
    weights = of_files([resolve(model.weights, base)]) if model.weights else None
    return {
        "source": of_source(model_source(model.source, base), model.revision),
        "arguments": model.arguments,
        "weights": weights,
    }


def of_data(text: str, base: Path, revision: str | None) -> Any:
    """Everything that decides which rows a data source has."""
    return of_source(data_source(text, base), revision)


def of_source(source: Any, revision: str | None) -> Any:
    """A source as plain data that changes when its content does."""
    match source:
        case HubId():
            return {"hub": source.name, "revision": revision or _cached_commit(source.name)}
        case Folder():
            return of_files(sorted(path for path in source.path.rglob("*") if path.is_file()))
        case TorchHub(local=True):
            folder = Path(source.repository)
            return {"entry": source.entry, "files": of_files(sorted(folder.rglob("*.py")))}
        case TorchHub():
            return {"torch.hub": source.repository, "entry": source.entry, "revision": revision}
        case PythonFunction():
            # A function may import what lies beside it.
            code = [(path.name, _digest(path)) for path in sorted(source.path.parent.glob("*.py"))]
            return {"function": source.function, "file": source.path.name, "code": code}
        case File(kind="openvino"):
            return of_files([source.path, source.path.with_suffix(".bin")])
        case File():
            return of_files([source.path])
    raise TypeError(type(source))


def of_module(module: Any) -> dict[str, Any]:
    """Everything that decides what a live `torch.nn.Module` calculates."""
    import torch

    weights = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        weights.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        weights.update(tensor.detach().contiguous().flatten().view(torch.uint8).numpy().data)
    code = set()
    for kind in {type(part) for part in module.modules()}:
        with contextlib.suppress(OSError, TypeError):  # made while this process runs
            code.add(_digest(Path(inspect.getfile(kind))))
    settings = getattr(getattr(module, "config", None), "to_json_string", str)
    return {
        "class": f"{type(module).__module__}.{type(module).__qualname__}",
        "structure": repr(module),
        "settings": settings(),
        "code": sorted(code),
        "weights": weights.hexdigest(),
    }


def of_files(paths: list[Path]) -> list[tuple[str, int, int]]:
    """Path, bytes and time of change of each file."""
    found = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return found


def versions(*packages: str) -> dict[str, str]:
    """Versions of installed packages, without importing them."""
    found = {"ovtui": __version__}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def of_machine() -> list[str]:
    """What decides which kernels run: results of one processor are not another's."""
    return [machine().cpu, *machine().isa]


def of_graph(path: Path) -> str:
    """Equal for equal IRs, wherever they lie and whatever they were made from."""
    return "-".join(_digest(path.with_suffix(suffix)) for suffix in (".xml", ".bin"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cached_commit(name: str) -> str | None:
    """The commit that the hub cache holds as `main`, for a model or a data set."""
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    for kind in ("models", "datasets"):
        reference = cache / f"{kind}--{name.replace('/', '--')}" / "refs" / "main"
        if reference.is_file():
            return reference.read_text().strip()
    return None
