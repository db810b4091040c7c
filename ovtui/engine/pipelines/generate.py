"""Samples through a pipeline, which generates an answer for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import structs

from ovtui.core.recipes.recipe import Property
from ovtui.core.results.variant import SelfCheck
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.models.inference import CHECKED, FRESH, ONE_BY_ONE, difference, differing
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.pipelines.pipeline import (
    REMEMBERED,
    Pipeline,
    compile_components,
    from_components,
    from_source,
)
from ovtui.engine.store.progress import Journal, Step
from ovtui.engine.store.stage_work import PipelineFiles

_LEAST, _ONE_IN = 2, 50
"""Samples that are asked again: an answer takes as long as hundreds of a single graph's."""
_FIRST_TOKENS = 16
"""What a broken model says is another thing by then."""
_ROUNDING = 1e-3
"""Of the largest logit, which is kept in 16 bits; requests calculate the same in the same order."""


def generate(
    pipeline: Pipeline, samples: Spool, folder: Path, journal: Journal, name: str
) -> SelfCheck | None:
    """Writes the pipeline's tokens and first logits for every sample as the spool `outputs`.

    A few samples are asked again, each with requests that have seen nothing. Where these answer
    otherwise, all are asked so.

    Args:
        pipeline: its components remember their answers meanwhile.
        samples: inputs with a batch axis of one.
        folder: where the spool goes.
        journal: counts the samples that are done.
        name: of the variant.

    Returns:
        How the samples were asked; None where PyTorch answers, which has no requests.
    """
    pipeline.remember(REMEMBERED)
    _write(map(pipeline.generate, samples), folder, journal.step(name, len(samples)))
    pipeline.remember(0)
    if not pipeline.compiled:
        return None
    count = max(_LEAST, min(CHECKED, len(samples) // _ONE_IN))
    # Not the first: what it was given in may be what every later one is answered from.
    places = [place for place in differing(samples, count + 1) if place] or [0]
    alone = [_afresh(pipeline, samples[place]) for place in places]
    check = _check(ONE_BY_ONE, folder, places, alone)
    if check.equal:
        return check
    answers = (_afresh(pipeline, sample) for sample in samples)
    _write(answers, folder, journal.step(name, len(samples)))
    return structs.replace(_check(FRESH, folder, places, alone), refused=[ONE_BY_ONE])


def _write(answers: Iterable[Arrays], folder: Path, step: Step) -> None:
    with SpoolWriter(folder, "outputs") as writer:
        for answer in answers:
            writer.append(answer)
            step.advance()
    step.finish()


def _afresh(pipeline: Pipeline, sample: Arrays) -> Arrays:
    """An answer of requests that have seen nothing."""
    pipeline.renew()
    return pipeline.generate(sample)


def _check(way: str, folder: Path, places: Sequence[int], alone: Sequence[Arrays]) -> SelfCheck:
    """Whether what was written for a few samples is what fresh requests answer."""
    written = Spool(folder, "outputs")
    differ = max(
        _difference(written[place], answer) for place, answer in zip(places, alone, strict=True)
    )
    return SelfCheck(
        way=way,
        checked=len(places),
        equal=differ <= _ROUNDING,
        difference=differ if math.isfinite(differ) else None,
        outputs=list(alone[0]),
    )


def _difference(got: Arrays, want: Arrays) -> float:
    """Largest difference of the logits, relative to the largest; infinite for other tokens."""
    if not np.array_equal(got["tokens"], want["tokens"]):
        return math.inf
    return difference(got.get("logits"), want["logits"]) if "logits" in want else 0.0


def open_pipeline(
    files: PipelineFiles, device: str, properties: Mapping[str, Property]
) -> Pipeline:
    """Returns a pipeline that answers one sample after another as fast as it can.

    Args:
        files: of a pipeline's variant, or its source.
        device: name that OpenVINO knows.
        properties: that components are compiled with.

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


def first_words(pipeline: Pipeline, samples: Spool) -> Iterator[Arrays]:
    """Yields the beginning of the pipeline's answer to each sample, as `generate` keeps answers.

    Args:
        pipeline: of a variant.
        samples: inputs with a batch axis of one.
    """
    asked = pipeline.task.recipe.generation.max_new_tokens
    most = min(asked or _FIRST_TOKENS, _FIRST_TOKENS)
    for sample in samples:
        yield pipeline.generate(sample, max_new_tokens=most)
