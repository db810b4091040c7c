"""Memory given back: pages of a mapped weights file that were read, heap that was freed."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_MADV_DONTNEED = 4


@contextlib.contextmanager
def letting_go(weights: Path) -> Iterator[None]:
    """While open, no page of an IR's weights stays resident when NNCF begins something large.

    NNCF keeps the model that it was given beside those that it makes of it, and reads each weight
    for SmoothQuant: 418 MB of BERT-base, which its peak then includes. What is needed again is read
    again. Of the scaled weights, which it holds in 64 bits until the model has them all (680 MB),
    the 32 are held that the model gets.

    Args:
        weights: the `.bin` file, as mapped by `read_model`.
    """
    from nncf.openvino.engine import OVNativeEngine
    from nncf.openvino.graph.model_transformer import OVModelTransformer
    from nncf.quantization.algorithms.smooth_quant.openvino_backend import OVSmoothQuantAlgoBackend

    scaled = OVSmoothQuantAlgoBackend.weight_update_command

    def update(node: Any, graph: Any, value: Any) -> Any:
        release(weights)
        return scaled(node, graph, value.astype("float32") if value.itemsize > 4 else value)

    with (
        _before(OVModelTransformer, "transform", weights),
        _before(OVNativeEngine, "__init__", weights),
    ):
        OVSmoothQuantAlgoBackend.weight_update_command = staticmethod(update)
        try:
            yield
        finally:
            OVSmoothQuantAlgoBackend.weight_update_command = staticmethod(scaled)


@contextlib.contextmanager
def _before(kind: Any, name: str, weights: Path) -> Iterator[None]:
    """Let go of the pages before each call of a method."""
    original: Callable[..., Any] = getattr(kind, name)

    def replaced(*arguments: Any, **named: Any) -> Any:
        release(weights)
        return original(*arguments, **named)

    setattr(kind, name, replaced)
    try:
        yield
    finally:
        setattr(kind, name, original)


class Mapped:
    """A file as this process maps it read-only, wherever it does; nothing where no system tells.

    Whoever keeps one keeps the model that maps the file as well: another mapping may later have
    its addresses, and letting go of that would lose data.
    """

    def __init__(self, path: Path) -> None:
        self._places: list[tuple[int, int]] = []
        target = str(path.resolve())
        with contextlib.suppress(OSError):  # no Linux
            for line in Path("/proc/self/maps").read_text().splitlines():
                place, rights, *_, name = line.split(maxsplit=5)
                if name == target and "w" not in rights:
                    start, end = (int(address, 16) for address in place.split("-"))
                    self._places.append((start, end - start))

    def release(self) -> None:
        """Let go of its resident pages.

        Their content stays: the next access reads it from the file, or from the system's cache.
        """
        with contextlib.suppress(OSError, AttributeError):  # another C library
            advise = ctypes.CDLL(None).madvise
            for start, size in self._places:
                advise(ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_DONTNEED)


def release(path: Path) -> None:
    """Let go of the resident pages of a file that this process maps read-only."""
    Mapped(path).release()


def trim_heap() -> None:
    """Give back what the C library keeps of freed memory: 7 MB of BERT-base, once compiled."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
