"""What is said of a variant's outputs: how near they are to the baseline's, and how they came."""

from __future__ import annotations

from ovtui.core.reports.numbers import percent
from ovtui.core.results.variant import Agreement, FirstAgreement, OutputNearness, SelfCheck

_MOST = 12
"""Outputs that are told one by one."""


def agreement(nearness: Agreement) -> str:
    """Returns how near all outputs together are to the baseline's."""
    parts = []
    if nearness.value is not None:
        same = f" ({nearness.same})" if nearness.same else ""
        parts.append(f"{percent(nearness.value)} same prediction as {nearness.with_}{same}")
    parts += _near(nearness)
    if nearness.max_abs_difference == 0 and nearness.value != 1:
        parts.append("what decides the prediction is not among the outputs compared")
    if nearness.not_finite:
        parts.append(f"{nearness.not_finite} samples answered with NaN or infinity")
    return "; ".join(parts)


def collapsed(first: FirstAgreement) -> str:
    """Returns how little a broken variant keeps, and whether the device did it."""
    text = (
        f"keeps {percent(first.value)} of what the baseline says, on the first {first.samples} "
        "samples"
    )
    if first.in_floating_point is None:
        return text
    culprit = "the device's kernels" if first.broken_by_device else "compression"
    return (
        f"{text}; executed in floating point, {percent(first.in_floating_point)}: {culprit} did it"
    )


def outputs(nearness: Agreement) -> list[str]:
    """Returns how near each output is, where there are several."""
    if len(nearness.outputs) < 2:
        return []
    shown = [
        f"{output.name}: {'; '.join([*_near(output), *_shape(output)])}"
        for output in nearness.outputs[:_MOST]
    ]
    left = len(nearness.outputs) - _MOST
    return [*shown, f"and {left} more in result.json"] if left > 0 else shown


def evaluated(check: SelfCheck) -> str:
    """Returns how samples were inferred, and whether a fresh request of the file gives the same."""
    way = "in " + check.way if check.way.startswith("batches") else check.way
    if not check.equal:
        return f"{way}; two fresh requests answer differently: a fault of ours or the runtime's"
    same = f"{way}; {check.checked} samples equal to fresh requests of the file alone"
    refused = f"; not {' or '.join(check.refused)}, which gave other outputs"
    return same + refused * bool(check.refused)


def _near(nearness: Agreement | OutputNearness) -> list[str]:
    parts = []
    if nearness.cosine is not None:
        lowest = f" (lowest {nearness.min_cosine:.4f})" if nearness.min_cosine is not None else ""
        parts.append(f"cosine {nearness.cosine:.4f}{lowest}")
    if nearness.max_abs_difference is not None:
        scale = nearness.largest if isinstance(nearness, OutputNearness) else None
        parts.append(f"largest difference {nearness.max_abs_difference:.3g}")
        if scale:
            parts[-1] += f", {percent(nearness.max_abs_difference / scale)} of its largest value"
    return parts


def _shape(nearness: OutputNearness) -> list[str]:
    return [f"another shape in {nearness.other_shape} samples"] * bool(nearness.other_shape)
