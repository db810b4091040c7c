"""Samples through a pipeline, which generates an answer for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovtui.core.errors import SourceError
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.model_files import telling_line
from ovtui.engine.pipeline import (
    REMEMBERED,
    Pipeline,
    compile_components,
    from_components,
    from_source,
)
from ovtui.engine.progress import Step
from ovtui.engine.specification import Pipeline as Files


def generate(pipeline: Pipeline, samples: Spool, folder: Path, step: Step) -> None:
    """Write the pipeline's tokens and first logits for every sample as the spool `outputs`.

    Args:
        pipeline: its components remember their answers meanwhile.
        samples: inputs with a batch axis of one.
        folder: where the spool goes.
        step: counts the samples that are done.
    """
    pipeline.remember(REMEMBERED)
    with SpoolWriter(folder, "outputs") as writer:
        for sample in samples:
            writer.append(pipeline.generate(sample))
            step.advance()
    step.finish()
    pipeline.remember(0)


def open_pipeline(files: Files, device: str, properties: Mapping[str, Any]) -> Pipeline:
    """A pipeline that answers one sample after another as fast as it can.

    Raises:
        SourceError: the device cannot run a component.
    """
    if not files.models:
        return from_source(files)
    try:
        compiled = compile_components(files, device, properties, PERFORMANCE_HINT="LATENCY")
    except RuntimeError as error:
        why = telling_line(error)
        raise SourceError(f"{device}: cannot compile a component: {why}") from error
    pipeline = from_components(files, compiled)
    pipeline.remember(REMEMBERED)
    return pipeline
