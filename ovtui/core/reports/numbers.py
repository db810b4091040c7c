"""Numbers of a result as text: metrics and their changes, ratios, shares, intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ovtui.core.results.variant import Accuracy

Ends = Sequence[float]


def metric(value: float) -> str:
    """Returns a metric's value: four decimals tell one sample of ten thousand."""
    return f"{value:.4f}"


def change(delta: float) -> str:
    """Returns a change of a metric with its sign; one digit of a change that four decimals do not
    show.
    """
    if metric(abs(delta)) != metric(0):
        return f"{delta:+.4f}"
    return f"{delta:+.0e}" if delta else metric(0)


def change_interval(ends: Ends) -> str:
    """Returns the interval of a change, as in `95 % CI -0.0079 to +0.0079`."""
    low, high = (f"{end:+.4f}" if metric(abs(end)) != metric(0) else metric(0) for end in ends)
    return f"95 % CI {low} to {high}"


def interval(ends: Ends, digits: int = 4) -> str:
    """Returns a confidence interval's two ends; a dash between them where it is no minus."""
    low, high = (f"{end:.{digits}f}" for end in ends)
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def varying(accuracy: Accuracy | None) -> str | None:
    """Returns the interval of a metric; None where there is none, or the value cannot vary."""
    return interval(accuracy.ci95) if accuracy and accuracy.varies else None


def ratio(value: float) -> str:
    """Returns a ratio with two decimals, as in `1.45×`."""
    return f"{value:.2f}×"


def size(compression: float) -> str:
    """Returns the bytes of the baseline over those of a variant, as in `1.69× smaller`."""
    return _either_way(compression, "smaller", "larger", "same size")


def speed(speedup: float) -> str:
    """Returns the time of the baseline over that of a variant, as in `1.45× faster`."""
    return _either_way(speedup, "faster", "slower", "same speed")


def gain(value: float, in_words: Callable[[float], str]) -> str:
    """Returns a ratio for a column whose title says `smaller` or `faster`.

    Args:
        value: baseline over variant; above 1 it is a gain.
        in_words: says the ratio where it is none, as in `1.22× larger`.
    """
    shown = ratio(value)
    return shown if value > 1 and shown != ratio(1) else in_words(value)


def speed_with_interval(speedup: float, ends: Ends | None, of: str = "") -> str:
    """Returns a speed-up with its interval, which is told the same way round: `1.19× slower (…
    1.1–1.3)`.

    Args:
        speedup: time of the baseline over that of the variant.
        ends: of its 95 % interval, where it has one.
        of: what was measured, as in ` in latency`.
    """
    text = speed(speedup) + of
    if ends is None:
        return text
    low, high = ends if speedup >= 1 else (1 / ends[1], 1 / ends[0])
    interval_text = f"{low:.2f}–{high:.2f}" if low >= 1 else f"{speed(ends[0])} to {speed(ends[1])}"
    return f"{text} (95 % CI {interval_text})"


def percent(share: float) -> str:
    """Returns a share in percent; only what is whole is called 0 % or 100 %."""
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    shown = f"{100 * share:.1f}"
    return f"{shown.removesuffix('.0')} %"


def _either_way(value: float, above: str, below: str, equal: str) -> str:
    if ratio(value) == ratio(1):
        return equal
    return f"{ratio(value)} {above}" if value > 1 else f"{ratio(1 / value)} {below}"
