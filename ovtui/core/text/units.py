"""Numbers with their units, for people: bytes, seconds, rates."""

from __future__ import annotations

import math


def human_bytes(count: float) -> str:
    """Returns bytes in three significant digits and binary units, as in `4.25 MiB`."""
    if count < 0:
        return "-" + human_bytes(-count)
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 999.5 or unit == "TiB":
            break
    return f"{three_digits(count)} {unit}"


def human_count(count: float, unit: str = "") -> str:
    """Returns a count of what is counted: bytes in their own units, everything else as a number."""
    return human_bytes(count) if unit == "bytes" else f"{count:g}"


def human_rate(rate: float, unit: str = "") -> str:
    """Returns a rate a second, as in `4.25 MiB/s` or `7 samples/s`."""
    return f"{human_bytes(rate) if unit == 'bytes' else f'{rate:.3g}'}/s"


def human_seconds(seconds: float) -> str:
    """Returns a duration, as in `250 ms`, `12.3 s`, `2 min 05 s` or `1 h 02 min`."""
    if seconds < 0:
        return "-" + human_seconds(-seconds)
    if seconds < 0.9995:
        return f"{three_digits(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{three_digits(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def three_digits(value: float) -> str:
    """Returns a number with three significant digits, of those from 0.1 to 1 two; whole ones are
    kept.
    """
    if 0 < abs(value) < 0.0995:
        return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
    for digits, below in ((2, 9.995), (1, 99.95)):
        if abs(value) < below:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def at_tick(value: float, decimals: int) -> str:
    """Returns the number beside a tick of an axis.

    Args:
        value: at the tick.
        decimals: that ticks of this axis need to differ.

    Returns:
        With so many decimals; from ten characters on as in `1e+12`, so that it leaves a plot room.
    """
    text = f"{value:.{decimals}f}"
    return text if len(text) < 10 else f"{value:.3g}"
