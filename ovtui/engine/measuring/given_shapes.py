"""Which of the shapes that a person gave are of which file's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ovtui.core.text.errors import UserError


def shapes_of_files(
    given: Mapping[str, list[int]], files: Mapping[str, Path]
) -> dict[str, dict[str, list[int]]]:
    """Returns the shapes of each file's own inputs; a shape without a name is of every file.

    Of a single file nothing is left out: who measures it tells what it lacks, with its shapes.

    Args:
        given: by the input's name, `""` for the only one.
        files: IR or ONNX models by their short names.

    Raises:
        UserError: no file has an input of a name, or one cannot be read.
    """
    if len(files) == 1 or not any(given):
        return {name: dict(given) for name in files}
    known = {name: _names(path) for name, path in files.items()}
    for wanted in filter(None, given):
        if not any(wanted in names for names in known.values()):
            held = "; ".join(f"{name} has {', '.join(sorted(it))}" for name, it in known.items())
            raise UserError(f"--shape: no file has an input named {wanted!r}: {held}")
    return {
        name: {wanted: shape for wanted, shape in given.items() if not wanted or wanted in names}
        for name, names in known.items()
    }


def _names(path: Path) -> set[str]:
    """All names of a file's inputs."""
    import openvino as ov  # 60 MB that only these shapes need

    from ovtui.engine.models.model_files import read_model

    return {name for port in read_model(ov.Core(), path).inputs for name in port.names}
