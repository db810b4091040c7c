"""IR and ONNX files, read or refused, and IRs written; the operations of a model that was read."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import openvino as ov

from ovtui.core.recipes.ir_xml import ir_root, weights_beside
from ovtui.core.recipes.source import model_format
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.models.openvino_errors import telling_line

# More than a graph without its weights takes.
_SPARE_BYTES = 2**20


def read_model(core: ov.Core, path: Path) -> ov.Model:
    """Returns an IR or ONNX file as an OpenVINO model.

    Raises:
        SourceError: it is damaged, cut short, none of these, or has operations OpenVINO lacks.
    """
    if model_format(path) == "openvino":
        _check_ir(path)
    try:
        return core.read_model(path)
    except Exception as error:
        why = telling_line(error)
        if why.startswith("Unable to read the model"):
            raise SourceError(
                f"{path}: damaged, cut short or no {_format(path)} file; export or copy it again"
            ) from error
        raise SourceError(f"{path}: OpenVINO cannot read this model: {why}") from error


def save_model(model: ov.Model, path: Path, *, fp16: bool) -> None:
    """Writes an IR, and makes sure that all of it is there.

    Args:
        model: an `ov.Model`.
        path: the `.xml`; the `.bin` lies beside it.
        fp16: store constants in floating point with 16 bits.

    Raises:
        OSError: it does not fit on the disk, or cannot be written for another reason.
    """
    try:
        ov.save_model(model, path, compress_to_fp16=fp16)
        _check_ir(path)
    except (RuntimeError, SourceError) as error:
        # OpenVINO's streams say no more than "iostream error".
        needed = _weights_bytes(model) + _SPARE_BYTES
        number = errno.EIO
        if shutil.disk_usage(path.parent).free < needed:
            number = errno.ENOSPC
        elif 0 <= resource.getrlimit(resource.RLIMIT_FSIZE)[0] < needed:
            number = errno.EFBIG
        raise OSError(number, os.strerror(number), str(path)) from error


def _weights_bytes(model: ov.Model) -> int:
    constants = (op for op in model.get_ops() if op.get_type_name() == "Constant")
    return sum(int(op.get_byte_size()) for op in constants)


def _check_ir(path: Path) -> None:
    """Refuse an IR that is cut short: reading it does not notice everything, or says it badly."""
    try:
        net = ir_root(path)
    except ElementTree.ParseError as error:
        raise SourceError(
            f"{path}: damaged or cut short, not whole XML ({error}); export or copy it again"
        ) from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {reason(error)}") from error
    if net.tag != "net":
        raise SourceError(
            f"{path}: is XML, but no OpenVINO IR: it starts with <{net.tag[:60]}>, not <net>"
        )
    constants = net.iterfind("./layers//data[@offset][@size]")
    try:
        needed = max(int(data.get("offset", 0)) + int(data.get("size", 0)) for data in constants)
    except ValueError:  # no constant, or none that reading could not judge better
        return
    weights = weights_beside(path)
    if needed and not weights.is_file():
        raise SourceError(f"{weights}: no such file; an IR is two files, copy the .bin beside it")
    length = weights.stat().st_size if needed else 0
    if length < needed:
        raise SourceError(
            f"{weights}: cut short: {length} bytes, {path.name} needs {needed}; copy it again"
        )


def _format(path: Path) -> str:
    return "OpenVINO IR" if model_format(path) == "openvino" else "ONNX"


def bodies(operation: ov.Node) -> list[ov.Model]:
    """Returns the models that an operation holds; none of most."""
    match operation.get_type_name():
        case "If":
            return [operation.get_then_body(), operation.get_else_body()]
        case "Loop" | "TensorIterator":
            return [operation.get_function()]
        case _:
            return []


def every_operation(model: ov.Model) -> Iterator[ov.Node]:
    """Yields all operations of a model in an order in which they can be calculated, bodies
    included.
    """
    for operation in model.get_ordered_ops():
        for body in bodies(operation):
            yield from every_operation(body)
        yield operation
