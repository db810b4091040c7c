"""Which files of a Hugging Face repository or folder are its weights."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ovtui.core.text.errors import SourceError


class Weights(NamedTuple):
    """The files of one copy of a model's weights."""

    files: list[str]
    safetensors: bool
    """Otherwise they are a pickle of PyTorch's, read as tensors alone unless trusted."""


def weights_of(name: str, files: Collection[str], arguments: Mapping[str, Any]) -> Weights:
    """Returns the weights among the files: safetensors where there are some, else PyTorch's own
    format.

    What transformers does beyond that, it does not do here: it would look for a pull request that
    a bot opened and nobody merged, and take weights from there without a word.

    Args:
        name: of the model, for what is told.
        files: paths inside the repository or folder.
        arguments: the recipe's `model.arguments`; `subfolder`, `variant` and `gguf_file` choose.

    Raises:
        SourceError: there are none, or a part of them is missing.
    """
    folder = str(arguments.get("subfolder") or "").strip("/")
    if gguf := arguments.get("gguf_file"):
        return Weights([f"{folder}/{gguf}" if folder else str(gguf)], safetensors=True)
    here = {file: path for path in files if (file := _inside(path, folder)) is not None}
    for stem, suffix in (("model", "safetensors"), ("pytorch_model", "bin")):
        if weights := _of_kind(name, here, stem, suffix, arguments.get("variant")):
            return Weights([here[file] for file in weights], safetensors=suffix == "safetensors")
    others = [path for path in sorted(here) if path.endswith((".h5", ".msgpack", ".onnx", ".gguf"))]
    found_words = f"; found {', '.join(others[:4])}" if others else ""
    raise SourceError(
        f"{name}: holds no weights (expected model.safetensors or pytorch_model.bin){found_words}"
    )


def _inside(path: str, folder: str) -> str | None:
    """A path as seen from a folder; None for one that is not directly in it."""
    place, _, file = path.rpartition("/")
    return file if place == folder else None


def _of_kind(
    name: str, files: Collection[str], stem: str, suffix: str, variant: str | None
) -> list[str]:
    """One file, or all of those that the weights were divided into."""
    mark = f".{variant}" if variant else ""
    if (whole := f"{stem}{mark}.{suffix}") in files:
        return [whole]
    part, end = re.escape(f"{stem}{mark}-"), re.escape(f".{suffix}")
    after = re.escape(f"{stem}-"), re.escape(f"{mark}.{suffix}")
    patterns = (rf"{part}\d+-of-(\d+){end}", rf"{after[0]}\d+-of-(\d+){after[1]}")
    for pattern in patterns:
        matches = [match for file in sorted(files) if (match := re.fullmatch(pattern, file))]
        if matches:
            _check_whole(name, [match[0] for match in matches], int(matches[0][1]))
            return [match[0] for match in matches]
    if f"{stem}{mark}.{suffix}.index.json" in files:  # parts with names of their own
        return sorted(file for file in files if file.endswith(f".{suffix}"))
    return []


def _check_whole(name: str, parts: list[str], count: int) -> None:
    if len(parts) < count:
        raise SourceError(
            f"{name}: {len(parts)} of {count} parts of its weights are there "
            f"({', '.join(parts[:3])}); copy or download it again"
        )
