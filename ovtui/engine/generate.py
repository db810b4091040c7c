"""All samples through a pipeline, which generates an answer for each."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openvino as ov

from ovtui.core.errors import SourceError
from ovtui.engine.components.swap import Watch
from ovtui.engine.executed_precision import counting, executed_times, shares
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
from ovtui.engine.spool import Arrays, Spool, SpoolWriter


class _Calls:
    """How often a component was inferred."""

    def __init__(self) -> None:
        self.count = 0

    def before(self, feed: Arrays, begins: bool) -> None:
        """Answers that are remembered are none of its inferences."""

    def after(self, begins: bool, milliseconds: float) -> None:
        self.count += 1


def generate(
    files: Files,
    samples: Spool,
    device: str,
    properties: Mapping[str, Any],
    folder: Path,
    step: Step,
) -> dict[str, float]:
    """Write the pipeline's tokens and first logits for every sample as the spool `outputs`.

    Args:
        files: the pipeline; without IRs it is run by PyTorch.
        samples: inputs with a batch axis of one.
        device: OpenVINO device.
        properties: what the variant is executed with.
        folder: where the spool goes.
        step: counts the samples that are done.

    Returns:
        Share of the kernels' time by precision, of all components together; nothing of PyTorch's,
        nor of a device that does not tell.

    Raises:
        SourceError: the device cannot run a component.
    """
    calls = {name: _Calls() for name in files.models}
    compiled = _compiled(files, device, properties, **counting(ov.Core(), device))
    pipeline = _opened(files, compiled, calls)
    with SpoolWriter(folder, "outputs") as writer:
        for sample in samples:
            writer.append(pipeline.generate(sample))
            step.advance()
    step.finish()
    times: Counter[str] = Counter()
    for name, model in compiled.items():
        for precision, taken in executed_times(model).items():
            times[precision] += taken * calls[name].count
    del pipeline, compiled
    gc.collect()  # a model and its hooks hold each other: 1.8 GB of BLIP until the next is there
    return shares(times)


def open_pipeline(files: Files, device: str, properties: Mapping[str, Any]) -> Pipeline:
    """A pipeline that answers one sample after another as fast as it can.

    Raises:
        SourceError: the device cannot run a component.
    """
    return _opened(files, _compiled(files, device, properties), {})


def _opened(files: Files, compiled: Mapping[str, Any], watches: Mapping[str, Watch]) -> Pipeline:
    if not files.models:
        return from_source(files)
    return from_components(files, compiled, watches, remember=REMEMBERED)


def _compiled(
    files: Files, device: str, properties: Mapping[str, Any], **fixed: Any
) -> dict[str, Any]:
    try:
        fixed["PERFORMANCE_HINT"] = "LATENCY"
        return compile_components(files, device, properties, **fixed)
    except RuntimeError as error:
        why = telling_line(error)
        raise SourceError(f"{device}: cannot compile a component: {why}") from error
