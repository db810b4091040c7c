"""Variants that compression broke: told as soon as they are made, with what to try instead."""

from __future__ import annotations

from collections.abc import Iterator

from ovtui.core.recipes.compression import (
    CompressWeights,
    Method,
    Quantize,
    QuantizeWithAccuracyControl,
    method_name,
)
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.variant import FirstAgreement
from ovtui.engine.run.variants import Artefact
from ovtui.engine.store.progress import Journal


def warn_of_collapse(
    variant: Artefact, baseline: str, agreement: FirstAgreement, journal: Journal
) -> None:
    """Warns of a variant that keeps less than half of what the baseline says, and how to go on.

    Args:
        variant: with the method of each component.
        baseline: its name.
        agreement: on the first samples.
        journal: where the warning goes.
    """
    if not agreement.collapsed:
        return
    kept = (
        f"{variant.name}: on the first {agreement.samples} samples it keeps "
        f"{agreement.value:.0%} of what {baseline} says"
    )
    if agreement.broken_by_device:
        journal.warn(
            f"{kept}, and {agreement.in_floating_point:.0%} where the same file is executed in "
            "floating point: the device's kernels for few bits broke it, not compression. To try: "
            "another version of OpenVINO or another processor; ignored_scope for the operations at "
            f'fault; method = "{method_name(CompressWeights())}" (weights alone)'
        )
        return
    advice = dict.fromkeys(
        f"{'' if name == WHOLE_MODEL else f'components.{name}: '}{setting}"
        for name, method in variant.methods.items()
        for setting in _settings(method)
    )
    journal.warn(
        f"{kept}: compression broke it, whatever its size and speed are. "
        f"To try: {'; '.join(advice)}"
    )


def _settings(method: Method) -> Iterator[str]:
    """What most often mends a broken model, the likeliest first."""
    match method:
        case Quantize() | QuantizeWithAccuracyControl():
            yield from _of_quantization(method)
        case CompressWeights():
            few = method.mode is not None and not method.mode.startswith("int8")
            if few:
                yield 'mode = "int8_asym"'
                yield "ratio = 0.8 (the rest of the weights in 8 bits)"
                yield "group_size = 64"
            else:
                yield "ignored_scope for the layers that lose most"


def _of_quantization(method: Quantize | QuantizeWithAccuracyControl) -> Iterator[str]:
    for key in ("keep_heads", "keep_decoder", "keep_attention"):
        if getattr(method, key) is False:
            yield f"without {key} = false"
    if method.model_type is None:
        yield 'model_type = "transformer" (attention in floating point, SmoothQuant)'
    else:
        short = isinstance(method, Quantize)
        field = "advanced_parameters" if short else "advanced_quantization_parameters"
        yield f"{field}.smooth_quant_alpha = -1 (no SmoothQuant)"
    yield "ignored_scope for the layers before the outputs"
    yield f'method = "{method_name(CompressWeights())}" (weights alone)'
