"""Where a model or data set comes from: the strings that recipes and `--model` use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from ovtui.core.text.errors import SourceError

TableFormat = Literal["parquet", "csv", "json"]
TABLES: dict[str, TableFormat] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".json": "json",
}
"""Readers of tables by the endings of files; of a folder that holds several, the first is read."""
ARRAYS = ".npz"
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
RECORDINGS = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".opus", ".mp4", ".mkv")
"""Films have sound as well, which ffmpeg takes out of them."""
ModelFormat = Literal["openvino", "onnx"]
MODELS: dict[str, ModelFormat] = {".xml": "openvino", ".onnx": "onnx"}
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar")

_SLICE = re.compile(
    r"(?P<split>[^\[\]]+?)"
    r"(\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?(:(?P<step>[1-9]\d*))?\])?"
)
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class HubId:
    """A repository of the Hugging Face hub."""

    name: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A local folder: a model in Hugging Face layout, or data files."""

    path: Path


@dataclass(frozen=True, slots=True)
class TorchHub:
    """An entry point of a `torch.hub` repository, remote (`owner/name`) or a local folder."""

    repository: str
    entry: str
    local: bool


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function in a file."""

    path: Path
    function: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model, of a table, or of arrays."""

    path: Path
    kind: ModelFormat | TableFormat | Literal["npz"]


def model_format(path: str | Path) -> ModelFormat | None:
    """Tells whether a file is named as an `openvino` or `onnx` model; None where as neither."""
    return MODELS.get(Path(path).suffix.lower())


ModelSource = HubId | Folder | TorchHub | PythonFunction | File
_CONVERTED = (".tflite", ".pb", ".pdmodel")
"""Model files of other frameworks that OpenVINO converts."""
_KINDS = {
    "model": "an .xml (IR) or .onnx file, a Hugging Face folder, or file.py:function",
    "data set": ".csv, .tsv, .json, .jsonl, .parquet or .npz, a folder, or file.py:function",
}

DataSource = HubId | Folder | PythonFunction | File


def _refuse_elsewhere(text: str) -> None:
    """Refuse what is not read where it is: an address on the web, or an archive."""
    place = re.match(r"https?://(?P<host>[^/]+)/(?P<path>[^?#]*)", text)
    if place and place["host"] in ("huggingface.co", "hf.co"):
        name = "/".join(place["path"].removeprefix("datasets/").split("/")[:2])
        raise SourceError(f"{text}: name it by its id, as in {name}")
    if text.lower().endswith(ARCHIVES):
        fetched = "download it, " if place else ""
        raise SourceError(f"{text}: an archive is not read; {fetched}unpack it and name the folder")
    if place:
        raise SourceError(
            f"{text}: an address is not read; download it and name the file or folder"
        )


def model_source(text: str, base: Path) -> ModelSource:
    """Returns where a model comes from.

    Args:
        text: a Hugging Face id or folder, `torch.hub:REPOSITORY:ENTRY`, `file.py:function`, `*.xml`
            (OpenVINO IR) or `*.onnx`.
        base: folder that relative paths start from.

    Raises:
        SourceError: a named file or folder does not exist, or the string is none of these.
    """
    if text.startswith("torch.hub:"):
        return _torch_hub(text, base)
    _refuse_elsewhere(text)
    if function := _python_function(text, base):
        return function
    path = _path(text, base)
    suffix = path.suffix.lower()
    if suffix in MODELS:
        return File(_existing(path, text), MODELS[suffix])
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise SourceError(
                f"{text}: a model folder needs a config.json (Hugging Face layout); "
                "for an IR or ONNX file name the .xml or .onnx itself"
            )
        return Folder(path)
    if suffix in PICKLES:
        raise SourceError(
            f"{text}: weights alone are no model; name a function that builds it "
            "(file.py:function) and give the file as model.weights"
        )
    if suffix in _CONVERTED and path.exists():
        raise SourceError(f"{text}: `ovc {text}` of OpenVINO makes an IR of it; name its .xml")
    return _hub_id(text, path, "model")


def data_source(text: str, base: Path) -> DataSource:
    """Returns where a data set comes from.

    Args:
        text: a hub id, a folder (images by label, with boxes, or data files), a `.csv`, `.json`,
            `.jsonl`, `.parquet` or `.npz` file, or `file.py:function`.
        base: folder that relative paths start from.

    Raises:
        SourceError: a named file or folder does not exist, or the string is none of these.
    """
    _refuse_elsewhere(text)
    if function := _python_function(text, base):
        return function
    path = _path(text, base)
    suffix = path.suffix.lower()
    if suffix in TABLES or suffix == ARRAYS:
        return File(_existing(path, text), TABLES.get(suffix, "npz"))
    if path.is_dir():
        return Folder(path)
    if suffix in PICKLES:
        raise SourceError(f"{text}: pickled data is not read; export it as .npz or .parquet")
    return _hub_id(text, path, "data set")


def absolute(source: ModelSource | DataSource, text: str) -> str:
    """Returns a source as it is named from any folder.

    Args:
        source: what the text names.
        text: as a person gives it.
    """
    match source:
        case Folder(path=path) | File(path=path):
            return str(path)
        case PythonFunction(path=path, function=function):
            return f"{path}:{function}"
        case TorchHub(repository=repository, entry=entry, local=True):
            return f"torch.hub:{repository}:{entry}"
    return text


def weights(text: str, base: Path) -> Path:
    """Returns the file of `model.weights`.

    Args:
        text: as the recipe names it.
        base: where relative paths start.

    Raises:
        SourceError: it does not exist, or is of no known kind.
    """
    path = _existing(_path(text, base), text)
    if path.suffix.lower() not in (".safetensors", *PICKLES):
        raise SourceError(f"{text}: expected a .safetensors file, or a .pt of tensors")
    return path


class Slice(NamedTuple):
    """A split, or the part of it that a slice leaves."""

    split: str
    start: str | None
    stop: str | None
    step: int | None


def parse_split(text: str) -> Slice:
    """Returns a split and the bounds of its slice, as in `test[:10%]` or `all[1::2]`.

    Raises:
        SourceError: it is neither a name nor such a slice.
    """
    match = _SLICE.fullmatch(text)
    if match is None:
        raise SourceError(f"expected a split, or a slice as in test[:500]; found {text!r}")
    step = match["step"] and int(match["step"])
    return Slice(match["split"], match["start"], match["stop"], step or None)


def resolve(text: str, base: Path) -> Path:
    """Returns a path of a recipe as an absolute one.

    Args:
        text: as the recipe names it; `~` is the home directory.
        base: where relative paths start.
    """
    return _path(text, base)


def _path(text: str, base: Path) -> Path:
    path = Path(text).expanduser()
    return path if path.is_absolute() else (base / path).resolve()


def _existing(path: Path, text: str) -> Path:
    if not path.is_file():
        raise SourceError(f"{text}: no such file ({path})")
    return path


def _python_function(text: str, base: Path) -> PythonFunction | None:
    file, colon, function = text.rpartition(":")
    if not colon or not file.endswith(".py"):
        if text.endswith(".py"):
            raise SourceError(f"{text}: name the function as well, as in {text}:build")
        return None
    if not function.isidentifier():
        raise SourceError(f"{text}: {function!r} is not the name of a function")
    return PythonFunction(_existing(_path(file, base), file), function)


def _torch_hub(text: str, base: Path) -> TorchHub:
    repository, colon, entry = text.removeprefix("torch.hub:").rpartition(":")
    if not colon or not repository or not entry:
        raise SourceError(f"{text}: expected torch.hub:REPOSITORY:ENTRY")
    path = _path(repository, base)
    if path.is_dir():
        if not (path / "hubconf.py").is_file():
            raise SourceError(f"{text}: {path} has no hubconf.py, so it is no torch.hub repository")
        return TorchHub(str(path), entry, local=True)
    if repository.startswith(("/", ".", "~")):
        raise SourceError(f"{text}: no such folder ({path})")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise SourceError(f"{text}: expected OWNER/NAME or a local folder, found {repository!r}")
    return TorchHub(repository, entry, local=False)


def _hub_id(text: str, path: Path, what: str) -> HubId:
    name = text.removeprefix("hf:")
    if name == text and (path.exists() or text.startswith(("/", ".", "~")) or text.count("/") > 1):
        if not path.exists():
            place = "" if str(path) == text else f" ({path})"
            raise SourceError(f"{text}: no such file or folder{place}")
        raise SourceError(f"{text}: is not a file that can be used here: expected {_KINDS[what]}")
    if not _HUB_ID.fullmatch(name):
        raise SourceError(f"{text}: neither an existing path nor a hub id for a {what}")
    return HubId(name)
