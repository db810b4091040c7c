"""What a measuring process is told and what it replies: one of these structs on each line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ovtui.core.recipes.recipe import Property
from ovtui.core.results.operations import GraphProfile
from ovtui.core.results.variant import SelfCheck

Mode = Literal["latency", "throughput"]
MODES: tuple[Mode, ...] = ("latency", "throughput")
"""In the order in which they are measured."""
TOKENS = 20
"""Of an answer of a pipeline, where the recipe does not say."""
Concern = Literal["device", "model", "inputs", "compile", "inference", "internal"]
"""What of a measurement failed; `internal` is a command that no coordinator gives."""


class StoredInputs(msgspec.Struct, frozen=True, tag="stored"):
    """Samples of an `.npz`: per input an array stacked over samples, or `<input>#<k>` for each
    sample.
    """

    path: str
    bucket: int | None = None
    """The multiple of tokens that texts are padded to; None where they are not."""


class RandomInputs(msgspec.Struct, frozen=True, tag="random"):
    """Random values for a bare model file, of given shapes where the model leaves them open."""

    shapes: Mapping[str, list[int]] = {}
    """By the input's name, `""` for the only one."""
    seed: int = 0


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=str.lower):
    """Tells a worker what to do."""


class Load(_Command, frozen=True):
    """Read, compile and infer once; the reply is `Loaded`."""

    model: str
    device: str
    properties: Mapping[str, Property]
    hint: Mode
    inputs: StoredInputs | RandomInputs
    batch: int = 1
    """Samples together."""


class Answer(_Command, frozen=True):
    """Answer the evaluation's samples, as a pipeline does; the reply is `Answered`."""

    samples: str
    """Folder with the spool `inputs`."""
    out: str
    """Folder for the answers."""
    run: str
    stage: str
    variant: str


class Block(_Command, frozen=True):
    """Measure one block; the reply is that of the mode that is loaded."""

    seconds: float
    min_count: int
    """Inferences at least."""
    timed: bool = False
    """Of throughput: also how long each request took."""


class Real(_Command, frozen=True):
    """Answer one sample at the length that the model gives it; the reply is `RealAnswer`."""

    sample: int


class Unload(_Command, frozen=True):
    """Let go of what is loaded; the reply is `Unloaded`."""


class Profile(_Command, frozen=True):
    """Find the time of each operation; the reply is `Profiled`."""


Command = Load | Answer | Block | Real | Unload | Profile


class _Reply(msgspec.Struct, frozen=True, tag_field="reply", tag=str.lower):
    """Says what came of a command."""


class Ready(_Reply, frozen=True):
    """First line of a worker, with its process id."""

    pid: int


class Failed(_Reply, frozen=True):
    """Reply to a command that could not be done, in one line for a person."""

    error: str
    kind: Concern


class Loaded(_Reply, frozen=True):
    """Reply to `load`: milliseconds, bytes, and what the plugin made of the request."""

    read_ms: float
    compile_ms: float
    first_inference_ms: float
    peak_rss_bytes: int
    inference_precision: str
    execution_devices: list[str]
    optimal_requests: int = 1
    requests: int = 1
    batch: int = 1
    shapes: Mapping[str, list[int | None]] = {}
    """Of the inputs over all samples; None for a size that varies."""
    framework: str = ""
    """What runs the model, where that is not OpenVINO."""
    tokens: int | None = None
    """Length of a pipeline's answers."""
    real: int = 0
    """Evaluation samples that it can answer at the length that the model gives them."""
    threads: int | None = None


class Answered(_Reply, frozen=True):
    """Reply to `answer`."""

    executed_precision: dict[str, float]
    """Share of the kernels' time; nothing of PyTorch's."""
    profiles: list[GraphProfile]
    """By component."""
    peak_rss_bytes: int
    self_check: SelfCheck | None = None


class LatencyBlock(_Reply, frozen=True):
    """Reply to `block` in latency mode, in the order measured."""

    latencies_ms: list[float]
    end_to_end_ms: list[float] = []
    """With preparing the sample and reading the answer, of a pipeline."""
    components_ms: dict[str, list[float]] = {}
    """Of each call of a pipeline's components."""
    first_calls_ms: dict[str, list[float]] = {}
    """Of those that begin a sequence, where later ones go on with it."""


class RealAnswer(_Reply, frozen=True):
    """Reply to `real`: one answer that ended where the model ends it."""

    milliseconds: float
    tokens: int


class ThroughputBlock(_Reply, frozen=True):
    """Reply to `block` in throughput mode."""

    count: int
    seconds: float
    latencies_ms: list[float] = []
    """Of each request, where that was asked for."""


class Unloaded(_Reply, frozen=True):
    """Reply to `unload`."""


class Profiled(_Reply, frozen=True):
    """Reply to `profile`: share of time by precision, and the operations; nothing where that is not
    told.
    """

    executed_precision: dict[str, float] = {}
    profiles: list[GraphProfile] = []


Reply = (
    Ready
    | Failed
    | Loaded
    | Answered
    | LatencyBlock
    | RealAnswer
    | ThroughputBlock
    | Unloaded
    | Profiled
)
