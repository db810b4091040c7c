"""A tiny IR compressed as a recipe's table of a method says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import openvino as ov

from ovtui.core.files import strict
from ovtui.core.recipes.compression import Method
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, Compressed

SAMPLES = 6


class Tiny(NamedTuple):
    """A model, its calibration samples, a folder, and what it writes to."""

    model: Path
    samples: Spool
    folder: Path
    journal: Journal


class _Holder(msgspec.Struct):
    it: Method


def tiny_in(folder: Path, model: Path) -> Tiny:
    """Writes random samples for the model of `tests.support.tiny` into a folder.

    Args:
        folder: where samples go, and what is compressed.
        model: the `.xml`; its input is float32 [1, 3, 16, 16].
    """
    with SpoolWriter(folder, "inputs") as writer:
        for number in range(SAMPLES):
            generator = np.random.default_rng(number)
            writer.append({"pixel_values": generator.random((1, 3, 16, 16), dtype=np.float32)})
    return Tiny(model, Spool(folder, "inputs"), folder, Journal(Run(folder), "x"))


def compressed(tiny: Tiny, table: dict[str, Any], **extra: Any) -> tuple[Any, Compressed]:
    """Compresses the model, and reads what was written.

    Args:
        tiny: model and samples.
        table: the method with its parameters, as a recipe has them.
        extra: validation samples and the function that judges by them.
    """
    method = strict.convert({"it": table}, _Holder, "recipe").it
    target = tiny.folder / "out.xml"
    samples = Samples(tiny.samples, **extra)
    report = compress(tiny.model, target, method, samples, Storage(fp16=False), tiny.journal)
    return ov.Core().read_model(target), report


def write_labels(folder: Path) -> None:
    """Writes the references by which accuracy control judges, all of them 0."""
    (folder / "references.json").write_bytes(msgspec.json.encode([0] * SAMPLES))
    info = Collected(
        dataset="x",
        split="all",
        labels=None,
        data_labels=None,
        folder=None,
        indices=list(range(SAMPLES)),
        digests=[],
        duplicates=0,
        skipped=0,
        skipped_first=[],
    )
    (folder / "info.json").write_bytes(msgspec.json.encode(info))
