"""Which of several compressed variants to take: the best of those that keep within max_drop."""

from __future__ import annotations

from ovtui.core.result import Comparison, Result


def candidates(result: Result) -> list[Comparison]:
    """The comparisons of variants that were compressed, in the recipe's order."""
    compressed = {
        variant.name
        for variant in result.variants
        if any(component.method != "none" for component in variant.components)
    }
    return [it for it in result.comparisons if it.variant in compressed and it.verdict]


def choose(result: Result) -> Comparison | None:
    """The fastest candidate that passes, or the smallest where no speed was measured."""
    passing = [it for it in candidates(result) if it.verdict == "pass"]
    return max(passing, key=lambda it: (it.speedup or 0.0, it.compression or 0.0), default=None)


def choice(result: Result) -> str:
    """What to take in place of what, in words; empty where there is nothing to choose from."""
    found, taken = candidates(result), choose(result)
    if len(found) < 2:
        return ""
    failed = [it.variant for it in found if it.verdict == "fail"]
    open_ = [it.variant for it in found if it.verdict == "not enough samples"]
    but = [f"{', '.join(failed)}: more than max_drop"] * bool(failed)
    but += [f"{', '.join(open_)}: not settled"] * bool(open_)
    aside = f" ({'; '.join(but)})" if but else ""
    if taken is None:
        return f"none is known to keep within max_drop{aside}"
    gains = ["within max_drop"]
    if taken.speedup is not None:
        gains.append(f"speed-up {taken.speedup:.2f}×")
    if taken.compression is not None:
        gains.append(f"{taken.compression:.2f}× smaller")
    return f"{taken.variant}: {', '.join(gains)}{aside}"
