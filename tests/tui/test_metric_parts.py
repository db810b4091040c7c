"""What a metric is made of in Compare: AP by size as bars, and the classes that lose most."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.results.result import Result
from ovtui.tui.pages.compared import compared
from ovtui.tui.pages.metric_parts import metric_parts
from tests.support.sample_result import HOSTILE, sample_result


def _result(parts: dict[str, float], classes: dict[str, float]) -> Result:
    """The usual result, whose last variant has half of the parts and classes of the others."""
    data: dict[str, Any] = msgspec.to_builtins(sample_result())
    for number, variant in enumerate(data["variants"]):
        share = 0.5 if number == 2 else 1.0
        variant["accuracy"] |= {
            "parts": {name: share * value for name, value in parts.items()},
            "classes": {name: share * value for name, value in classes.items()},
        }
    return msgspec.convert(data, Result)


def _lines(result: Result, width: int = 80) -> list[str]:
    return [row.plain for row in metric_parts(compared([result]), width)]


def test_average_precision_stands_by_size_variant_beside_variant() -> None:
    lines = _lines(_result({"AP50": 0.9, "AP small": 0.5, "AP large": 0.8, "AR100": 0.7}, {}))
    assert lines[0] == "AP by size of the objects" and not lines[-1]
    assert [" ".join(row.split()[:3]) for row in lines[1:-1]] == [
        "A AP small", "B AP small", "C AP small", "A AP large", "B AP large", "C AP large",
    ]  # fmt: skip
    assert "0.2500" in lines[3] and "0.5000" in lines[1]


def test_classes_that_lose_most_stand_first() -> None:
    classes = {f"class {at}": at / 10 for at in range(10)}
    lines = _lines(_result({"pixel accuracy": 0.9}, classes))
    assert lines[0] == "Beside it" and "Classes that lose most" in lines
    losing = lines[lines.index("Classes that lose most") + 1 : -1]
    assert len(losing) == 5 and losing[0].startswith("C class 9")
    assert "-0.4500" in losing[0] and "0.9000 → 0.4500" in losing[0]


def test_a_metric_without_parts_has_no_lines() -> None:
    assert not _lines(sample_result())


@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_are_text_and_fit(name: str, width: int) -> None:
    for row in metric_parts(compared([_result({name: 0.5}, {name: 0.5})]), width):
        assert row.cell_len <= width and "\x1b" not in row.plain
