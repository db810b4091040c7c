"""The facts that an engine writes to `events.jsonl`, one JSON object a line."""

from __future__ import annotations

from typing import Any

import msgspec


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True):
    """A fact; `time` is seconds since the epoch."""

    time: float


class Queued(_Event, frozen=True, kw_only=True, tag="queued"):
    """The engine waits for `ahead` other runs of this machine."""

    ahead: int
    user: str = ""
    """Whose run works now, where it is another user's."""
    run: str = ""
    """The run that works now, where the machine tells it."""
    since: float | None = None
    lock: str = ""
    """The file that another user holds."""


class Started(_Event, frozen=True, kw_only=True, tag="started"):
    """The engine works now; `stages` is its plan, in order."""

    stages: list[str]


class StageStarted(_Event, frozen=True, kw_only=True, tag="stage started"):
    stage: str


class Progressed(_Event, frozen=True, kw_only=True, tag="progress"):
    """`done` of `total` (None: unknown) of a step; `rate` a second, `eta` in seconds."""

    stage: str
    step: str
    done: float
    total: float | None = None
    rate: float | None = None
    eta: float | None = None
    unit: str = ""
    """What is counted: `bytes`, or whatever the step's name says."""


class StageFinished(_Event, frozen=True, kw_only=True, tag="stage finished"):
    stage: str
    seconds: float
    cached: bool = False
    peak_rss_bytes: int = 0


class MemoryUsed(_Event, frozen=True, kw_only=True, tag="memory"):
    """Memory of the engine and its processes, now and at most in this stage; shared pages once."""

    now: int
    peak: int
    cores: float | None = None
    """How many cores they kept busy since the look before."""


class Measured(_Event, frozen=True, kw_only=True, tag="measured"):
    """First results, as soon as they are known; fields as in `result.json`'s variants."""

    variant: str
    what: str
    value: dict[str, Any]


class Warned(_Event, frozen=True, kw_only=True, tag="warning"):
    message: str


class Finished(_Event, frozen=True, kw_only=True, tag="finished"):
    """The run is done and `result.json` is there."""


class Failed(_Event, frozen=True, kw_only=True, tag="failed"):
    """The run ended early; `message` is one line for a person, the traceback is in `log.txt`."""

    kind: str
    message: str
    stage: str | None = None


class Cancelled(_Event, frozen=True, kw_only=True, tag="cancelled"):
    """A person ended the run."""


Outcome = Finished | Failed | Cancelled
Event = (
    Queued
    | Started
    | StageStarted
    | Progressed
    | StageFinished
    | MemoryUsed
    | Measured
    | Warned
    | Finished
    | Failed
    | Cancelled
)

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Returns an event as one line, with its newline."""
    return msgspec.json.encode(event) + b"\n"


def decode(line: bytes) -> Event | None:
    """Returns the event of a line; None for one that is damaged or from a newer version."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
