"""What differs between two runs: recipe, versions, machine, data, results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ovtui.core.reports.numbers import change, metric, size, speed
from ovtui.core.results.result import Result
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_request import Request
from ovtui.core.text.units import human_bytes, three_digits

_ABSENT = "–"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not the same."""

    group: str
    """`recipe`, `versions`, `machine`, `data` or `results`."""
    key: str
    one: str
    other: str
    change: str = ""
    """Of numbers, from the one to the other."""


def differences(
    one: tuple[Request, Result | None], other: tuple[Request, Result | None]
) -> list[Difference]:
    """Returns what differs between two runs, group by group.

    Args:
        one: what was asked for, and what was found out where it is done.
        other: likewise.
    """
    (request, result), (other_request, other_result) = one, other
    pairs: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
        ("recipe", _flat(request.recipe), _flat(other_request.recipe)),
        ("recipe", {"device": request.device}, {"device": other_request.device}),
        ("versions", request.versions, other_request.versions),
        ("machine", _flat(request.machine), _flat(other_request.machine)),
    ]
    if result and other_result:
        pairs.append(("data", _data(result), _data(other_result)))
    differing = [
        Difference(group=group, key=key, one=_shown(a.get(key)), other=_shown(b.get(key)))
        for group, a, b in pairs
        for key in dict.fromkeys([*a, *b])
        if a.get(key) != b.get(key)
    ]
    return differing + (list(_results(result, other_result)) if result and other_result else [])


def _flat(value: object, lead: str = "") -> dict[str, object]:
    """Plain data by dotted keys; lists of tables by the names in them, others as they are."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, list) and value and all(isinstance(it, dict) for it in value):
        value = {str(it.get("name", number)): it for number, it in enumerate(value)}
    if not isinstance(value, dict):
        return {lead: value} if value is not None else {}
    flat: dict[str, object] = {}
    for key, item in value.items():
        flat |= _flat(item, f"{lead}.{key}" if lead else str(key))
    return flat


def _data(result: Result) -> dict[str, object]:
    return _flat({"calibration": result.calibration, "evaluation": result.evaluation}, "") | {
        f"source {source.repository}": source.revision for source in result.sources
    }


def _results(one: Result, other: Result) -> Iterator[Difference]:
    """The numbers of variants that both have, and the variants that one has alone."""
    ours = {variant.name: variant for variant in one.variants}
    theirs = {variant.name: variant for variant in other.variants}
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in ours or name not in theirs:
            shown = [name if name in known else _ABSENT for known in (ours, theirs)]
            yield Difference(group="results", key=name, one=shown[0], other=shown[1])
            continue
        yield from _numbers(name, ours[name], theirs[name])
    verdicts = [
        {comparison.variant: comparison.verdict for comparison in result.comparisons}
        for result in (one, other)
    ]
    for name in verdicts[0]:
        if name in verdicts[1] and verdicts[0][name] != verdicts[1][name]:
            shown = [verdict[name] or "no verdict" for verdict in verdicts]
            yield Difference(group="results", key=f"{name}: verdict", one=shown[0], other=shown[1])


def _numbers(name: str, one: Variant, other: Variant) -> Iterator[Difference]:
    if one.size_bytes != other.size_bytes:
        yield Difference(
            group="results",
            key=f"{name}: size",
            one=human_bytes(one.size_bytes),
            other=human_bytes(other.size_bytes),
            change=size(one.size_bytes / other.size_bytes) if other.size_bytes else "",
        )
    if one.latency and other.latency and one.latency.p50_ms != other.latency.p50_ms:
        yield Difference(
            group="results",
            key=f"{name}: p50 ms",
            one=three_digits(one.latency.p50_ms),
            other=three_digits(other.latency.p50_ms),
            change=speed(one.latency.p50_ms / other.latency.p50_ms),
        )
    a, b = one.accuracy, other.accuracy
    if a and b and a.metric == b.metric and a.value != b.value:
        yield Difference(
            group="results",
            key=f"{name}: {a.metric}",
            one=metric(a.value),
            other=metric(b.value),
            change=change(b.value - a.value),
        )


def _shown(value: object) -> str:
    if value is None:
        return _ABSENT
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
