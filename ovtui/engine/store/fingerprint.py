"""What a stage's output depends on: files, functions, hub revisions and library versions."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import mmap
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ovtui.core.home import directories
from ovtui.core.home.library_caches import of_repository
from ovtui.core.machine.machine import machine
from ovtui.core.recipes.ir_xml import ir_root, weights_beside
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.source import (
    DataSource,
    File,
    Folder,
    HubId,
    ModelSource,
    PythonFunction,
    TorchHub,
    model_format,
    resolve,
)
from ovtui.engine.store import digests

if TYPE_CHECKING:
    import torch

_MOST_FILES = 2000
"""That are read for their content: so many small pictures take 0.2 s."""
_LOCATION = re.compile(rb"\x0a\x08location\x12(.)", re.DOTALL)
"""In an ONNX file, before the name of a file with weights: a `StringStringEntryProto` as protobuf
writes it, key, then the length of the value."""
_WORDS = (".toml", ".md", ".html", ".log", ".pyc")


def of_model(asked: PlacedRecipe) -> dict[str, Any]:
    """Collects everything that decides which model is loaded."""
    model = asked.recipe.model
    weights = of_files([resolve(model.weights, asked.place)]) if model.weights else None
    return {
        "source": of_source(asked.model_source(), model.revision),
        "class": model.class_,
        "arguments": model.arguments,
        "weights": weights,
    }


def of_data(text: str, asked: PlacedRecipe, revision: str | None) -> Any:
    """Collects everything that decides which rows a data source has, and where their files are.

    Args:
        text: a source, as a recipe names it.
        asked: recipe and its folder.
        revision: branch, tag or commit.
    """
    source = asked.data_source(text)
    place = None if isinstance(source, HubId) else str(source.path)
    return [place, of_source(source, revision)]


def of_source(source: ModelSource | DataSource, revision: str | None) -> Any:
    """Returns a source as plain data that changes when its content does."""
    match source:
        case HubId():
            return {"hub": source.name, "revision": revision or _cached_commit(source.name)}
        case Folder():
            return _beside(source.path)
        case TorchHub(local=True):
            return {"entry": source.entry, "files": _beside(Path(source.repository))}
        case TorchHub():
            return {"torch.hub": source.repository, "entry": source.entry, "revision": revision}
        case PythonFunction():
            # A function may import and read what lies beside it.
            beside = _beside(source.path.parent)
            return {"function": source.function, "file": source.path.name, "beside": beside}
        case File(kind="openvino"):
            return of_files([source.path, weights_beside(source.path)])
        case File(kind="onnx"):
            return of_files([source.path, *_external_data(source.path)])
        case File():
            return of_files([source.path])
    raise TypeError(type(source))


def of_module(module: torch.nn.Module) -> dict[str, Any]:
    """Returns everything that decides what a live `torch.nn.Module` calculates."""
    import torch

    weights = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        weights.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        weights.update(tensor.detach().contiguous().flatten().view(torch.uint8).numpy().data)
    code = set()
    for kind in {type(part) for part in module.modules()}:
        with contextlib.suppress(OSError, TypeError):  # made while this process runs
            code.add(digests.of_content(Path(inspect.getfile(kind))))
    settings = getattr(getattr(module, "config", None), "to_json_string", str)
    return {
        "class": f"{type(module).__module__}.{type(module).__qualname__}",
        "structure": repr(module),
        "settings": settings(),
        "code": sorted(code),
        "weights": weights.hexdigest(),
    }


def of_files(paths: Iterable[Path], start: Path | None = None) -> list[tuple[str, str]]:
    """Returns name and content of each file that can be read.

    Args:
        paths: of the files.
        start: folder that the names start from; their last part alone when left out.
    """
    contents = []
    for path in paths:
        with contextlib.suppress(OSError):
            name = path.relative_to(start).as_posix() if start else path.name
            contents.append((name, digests.of_file(path)))
    return contents


def _beside(folder: Path) -> Any:
    """The files below a folder, by content; by size and times where they are very many.

    Hidden files, compiled code, recipes and words for people decide nothing. Nor does what ovtui
    itself writes, should its home be there.
    """
    files = []
    for place, folders, names in os.walk(folder):
        path = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "." and name != "__pycache__" and path / name != directories.home()
        )
        files += [path / name for name in sorted(names) if _decides(path / name)]
    if len(files) > _MOST_FILES:
        return _by_times(files, folder)
    return of_files(files, folder)


def _external_data(path: Path) -> list[Path]:
    """Files beside an ONNX file that hold its weights."""
    names = set()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for match in _LOCATION.finditer(data):
            names.add(data[match.end() : match.end() + match[1][0]].decode("utf-8", "replace"))
    return [path.parent / name for name in sorted(names) if Path(name).name == name]


def _decides(path: Path) -> bool:
    """Returns whether a function or a model may depend on a file; an empty one is but a mark."""
    if path.name.startswith(".") or path.suffix in _WORDS:
        return False
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _by_times(files: list[Path], start: Path) -> list[tuple[str, int, int, int]]:
    """Name, bytes and times of files; ctime changes where a copy is given an old time."""
    times = []
    for path in files:
        with contextlib.suppress(OSError):
            it = path.stat()
            name = path.relative_to(start).as_posix()
            times.append((name, it.st_size, it.st_mtime_ns, it.st_ctime_ns))
    return times


def of_machine() -> list[str]:
    """Returns what decides which kernels run: results of one processor are not another's."""
    return [machine().cpu, *machine().isa]


def of_graph(path: Path) -> str:
    """Returns a digest that is equal for equal IRs, wherever they lie and whatever they were made
    from.
    """
    return "-".join(digests.of_content(path.with_suffix(suffix)) for suffix in (".xml", ".bin"))


def of_calculation(path: Path) -> str:
    """Returns a digest that is equal for model files that calculate the same, whatever an IR tells
    of how it was made.

    Names of layers do not count: OpenVINO makes some by counting all those of a process.
    """
    if model_format(path) != "openvino":
        return digests.of_content(path)
    net = ir_root(path)
    for element in list(net.iter()):
        for information in element.findall("rt_info"):
            element.remove(information)
        if element.tag in {"net", "layer"}:
            element.attrib.pop("name", None)
    digest = hashlib.sha256(ElementTree.tostring(net))
    weights = weights_beside(path)
    digest.update(digests.of_content(weights).encode() if weights.exists() else b"")
    return digest.hexdigest()


def _cached_commit(name: str) -> str | None:
    """The commit that the hub cache holds as `main`, for a model or a data set."""
    for kind in ("models", "datasets"):
        reference = of_repository(kind, name) / "refs" / "main"
        if reference.is_file():
            return reference.read_text().strip()
    return None
