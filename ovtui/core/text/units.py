"""Numbers with their units, written for people and read again: bytes, seconds, rates."""

from __future__ import annotations

import math
import re

_UNITS = {
    "": 1.0, "%": 0.01, "x": 1.0, "×": 1.0,
    "ms": 1.0, "s": 1e3, "min": 6e4, "h": 3.6e6,
    "b": 1.0, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40,
    "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}  # fmt: skip
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\s*(?P<unit>%|×|[a-z]+)(?!\w))?(?!\w)",
    re.IGNORECASE,
)
_TWO_UNITS = re.compile(r"(?P<more>\d+) (?P<large>h|min) (?P<less>\d\d) (?P<small>min|s)(?!\w)")


def quantity(text: str, *, whole: bool = True) -> float | None:
    """Reads a number with its unit, as the functions below write it and as a person may.

    Args:
        text: as in `1.5 MiB`, `250 ms`, `2 min 05 s`, `12 %` or `1e-3`.
        whole: there is nothing after it; else `3 of 5` is 3.

    Returns:
        Bytes, milliseconds, shares of one, or the number; None of a text that is none.
    """
    if match := _TWO_UNITS.match(text):
        value = sum(
            int(match[number]) * _UNITS[match[unit]]
            for number, unit in (("more", "large"), ("less", "small"))
        )
    elif match := _QUANTITY.match(text):
        unit = (match["unit"] or "").casefold()
        if unit not in _UNITS and whole:
            return None
        value = float(match["number"]) * _UNITS.get(unit, 1.0)
    if match is None or (whole and match.end() < len(text)):
        return None
    return value


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
    if unit == "bytes":
        return human_bytes(count)
    return f"{count:.0f}" if count == round(count) else f"{count:g}"


def human_rate(rate: float, unit: str = "") -> str:
    """Returns a rate a second, as in `4.25 MiB/s` or `7 samples/s`."""
    if unit == "bytes":
        return f"{human_bytes(rate)}/s"
    return f"{rate:.0f}/s" if rate >= 999.5 else f"{rate:.3g}/s"


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
