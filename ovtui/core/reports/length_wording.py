"""What texts of their own length take beside those that speed is measured on, and why."""

from __future__ import annotations

from ovtui.core.results.speeds import TextLengths
from ovtui.core.results.variant import Variant
from ovtui.core.text.units import three_digits

_NOTABLE = 1.1
"""Times that differ by less are told no reason for: medians of half a second differ by as much."""


def beside_padded(variant: Variant) -> str:
    """Returns, after the time from end to end: of which lengths, and beside which latency.

    Args:
        variant: with its latency on texts of one length, as `measure.tokens` pads them.

    Returns:
        Words that begin with a comma; of lengths none where these are not known or all equal.
    """
    lengths = variant.end_to_end.lengths if variant.end_to_end else None
    bucket = variant.execution.get("bucket")
    padded = f", padded to multiples of {bucket}" * bool(bucket)
    if lengths is None:
        return padded
    own = f", texts of {lengths.tokens:.0f} tokens on average{padded}"
    parts = [own]
    tokens = _measured_tokens(variant)
    if tokens and variant.latency:
        latency = three_digits(variant.latency.p50_ms)
        parts.append(f"; latency {latency} ms is on {tokens} padded tokens")
        share = variant.latency.p50_ms * lengths.tokens / tokens
        if variant.end_to_end and variant.end_to_end.p50_ms > _NOTABLE * share:
            why = _reason(lengths, share)
            parts.append(f", whose share by tokens is {three_digits(share)} ms: {why}")
    return "".join(parts)


def _reason(lengths: TextLengths, share_ms: float) -> str:
    """Why texts take longer than their share of the tokens, which new lengths alone may explain."""
    new, repeated = three_digits(lengths.new_ms), three_digits(lengths.repeated_ms)
    seen = f"{lengths.distinct} lengths, a new one {new} ms, one seen before {repeated} ms"
    reasons = []
    if lengths.repeated_ms > _NOTABLE * share_ms:
        reasons.append("rows are prepared and inferences have a fixed cost")
    if lengths.new_ms > _NOTABLE * lengths.repeated_ms:
        reasons.append("every new length is prepared for")
    return f"{', and '.join(reasons) or 'lengths differ'} ({seen})"


def _measured_tokens(variant: Variant) -> int | None:
    """The one length of the texts that latency was measured on; None where they differ."""
    shapes = variant.execution.get("shapes")
    shape = shapes.get("attention_mask") if isinstance(shapes, dict) else None
    return shape[1] if isinstance(shape, list) and len(shape) == 2 else None
