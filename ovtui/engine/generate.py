"""All samples through a pipeline, which generates an answer for each."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovtui.core.errors import SourceError
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
from ovtui.engine.spool import Spool, SpoolWriter


def generate(
    files: Files,
    samples: Spool,
    device: str,
    properties: Mapping[str, Any],
    folder: Path,
    step: Step,
) -> None:
    """Write the pipeline's tokens and first logits for every sample as the spool `outputs`.

    Args:
        files: the pipeline; without IRs it is run by PyTorch.
        samples: inputs with a batch axis of one.
        device: OpenVINO device.
        properties: what the variant is executed with.
        folder: where the spool goes.
        step: counts the samples that are done.

    Raises:
        SourceError: the device cannot run a component.
    """
    pipeline = open_pipeline(files, device, properties)
    with SpoolWriter(folder, "outputs") as writer:
        for sample in samples:
            writer.append(pipeline.generate(sample))
            step.advance()
    step.finish()
    del pipeline
    gc.collect()  # a model and its hooks hold each other: 1.8 GB of BLIP until the next is there


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
    return from_components(files, compiled, remember=REMEMBERED)
