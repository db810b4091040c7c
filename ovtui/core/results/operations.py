"""`operations.json`: what each operation of the compiled models took, variant by variant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.files.writing import write_atomically

FILE = "operations.json"
_MOST_BYTES = 64 * 2**20
"""A pipeline of three components and four variants has 5 MB."""
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
"""What can be added up and drawn, whoever wrote the file."""

_SLOWED = 1.25
"""Times the latency: counting takes some time of its own."""


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One operation of a compiled model: often several of the model's file in one kernel."""

    name: str
    """As the device calls it."""
    kind: str
    """As in `FullyConnected`."""
    precision: str
    """What its kernel calculates in, as in `i8`, or `f32/w8` with compressed weights."""
    microseconds: Amount
    """Of an inference, on average."""
    kernel: str = ""
    fused: list[str] = []
    """The operations of the model's file that it does; none where the device has put it in."""
    takes: str = ""
    """Precision of what it is given, constants aside."""
    gives: str = ""
    """Precision of its output."""
    reads: list[int] = []
    """Positions of the operations that it is given something by."""
    weight_bytes: Amount = 0
    """Of its constants; none of a table of which it takes a few rows."""
    activation_bytes: Amount = 0
    """Of what it is given and what it gives; 0 where the model leaves a shape open."""


class GraphProfile(msgspec.Struct, frozen=True, kw_only=True):
    """An inference of one graph, operation by operation; one at a time, with every core."""

    component: str
    milliseconds: Amount
    """Of the shortest inference, as the request tells it: others wait for the cores, too, which is
    no cost of the model."""
    calls: Amount = 1.0
    """Inferences for one sample."""
    operations: list[Operation]
    """In the order of execution: the longest, where there are too many."""
    left_out: int = 0
    """Operations that are not kept."""
    left_out_us: Amount = 0.0
    """What they take of an inference."""
    capabilities: list[str] = []
    """What the device says that it can, as in `INT8`; empty where it does not tell."""

    @property
    def operations_ms(self) -> float:
        """Of an inference: the time of all operations."""
        taken = sum(operation.microseconds for operation in self.operations)
        return (taken + self.left_out_us) / 1000

    @property
    def outside_ms(self) -> float:
        """Of an inference: the time in no operation, which does not shrink with the weights."""
        return max(0.0, self.milliseconds - self.operations_ms)


def is_slowed(profiles: Sequence[GraphProfile], p50_ms: float | None) -> bool:
    """Returns whether operations took longer than the latency that holds them.

    Then other work went on while they were profiled: a device tells averages alone, and one stretch
    without a core is in them. Their shares may hold; their times do not.

    Args:
        profiles: of a variant; of a pipeline latency is measured on answers of another length.
        p50_ms: its latency; None where that was not measured.
    """
    if p50_ms is None or len(profiles) != 1:
        return False
    (profile,) = profiles
    return profile.operations_ms * profile.calls > _SLOWED * p50_ms


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What the memory of a machine does, measured once."""

    bytes_per_second: Amount
    """Read and written together, of copies by every core."""
    cache_bytes: Amount
    """Of the processor's last cache: less than that need not come from memory."""


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """The profiles of a run's variants."""

    variants: dict[str, list[GraphProfile]]
    """By component; of PyTorch there are none."""
    memory: Memory | None = None
    """None where the device has a memory of its own."""


def write(folder: Path, operations: Operations) -> None:
    """Keeps the operations in a run folder."""
    write_atomically(folder / FILE, msgspec.json.encode(operations))


def read(folder: Path) -> Operations | None:
    """Returns the operations of a run folder; None where there are none that can be read."""
    try:
        return read_json(folder / FILE, Operations, _MOST_BYTES)
    except (OSError, Damaged):
        return None
