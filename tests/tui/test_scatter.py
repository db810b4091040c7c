"""The scatter: each dot is seen, ticks are even and can be, the front ends at its letters."""

from __future__ import annotations

import re

import pytest

from ovtui.tui.scatter import Dot, on_front, scatter

DOTS = [Dot("A", 2.0, 0.93, ""), Dot("B", 1.0, 0.92, ""), Dot("D", 3.0, 0.90, "")]
CASES = {
    "spread": [(2.0, 0.93), (1.0, 0.92), (3.0, 0.90)],
    "one": [(17.4, 0.9944)],
    "at both bounds": [(0.001, 1.0), (0.3, 0.0)],
    "all the same": [(1.0, 1.0)] * 6,
    "near the upper bound": [(10.4, 0.9963), (17.4, 0.9944), (17.3, 0.9944)],
    "far apart": [(0.00876, 0.5), (5600.0, 0.51)],
    "perplexities": [(3.0, 14.2), (2.0, 15.7), (2.1, 15.6)],
    "nothing": [(0.5, 0.0)],
    "a correlation": [(1.0, -0.3), (2.0, 0.8)],
}


def _drawn(points: list[tuple[float, float]], size: tuple[int, int], higher: bool) -> list[str]:
    dots = [Dot("ABCDEFGH"[at], x, y, "") for at, (x, y) in enumerate(points)]
    return [row.plain for row in scatter(dots, *size, higher_is_better=higher)]


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("size", [(20, 8), (58, 13), (76, 13)])
@pytest.mark.parametrize("case", CASES)
def test_each_dot_is_seen_and_ticks_are_even(
    case: str, size: tuple[int, int], higher: bool
) -> None:
    points = CASES[case]
    rows = _drawn(points, size, higher)
    assert len(rows) <= size[1] and all(len(row) <= size[0] for row in rows)
    assert sorted(re.findall("[A-H]", "".join(rows))) == list("ABCDEFGH"[: len(points)])
    at = [index for index, row in enumerate(rows) if "┤" in row]
    assert len({after - before for before, after in zip(at, at[1:], strict=False)}) == 1
    y_numbers = [float(rows[index].split()[0]) for index in at]
    x_numbers = [float(number) for number in rows[-1].split()]
    assert x_numbers[0] >= 0 and x_numbers == sorted(x_numbers)
    assert y_numbers == sorted(y_numbers, reverse=higher)
    values = [y for _, y in points]
    if max(values) <= 1:
        assert max(y_numbers) <= 1
    if min(values) >= 0:
        assert min(y_numbers) >= 0
    assert min(y_numbers) <= min(values) and max(y_numbers) >= max(values)


def test_a_dot_stands_at_its_numbers() -> None:
    rows = _drawn([(10.0, 0.90), (20.0, 0.95)], (58, 13), True)
    letter = next(row for row in rows if "A" in row)
    assert letter.startswith(("0.90 ┤", "0.900 ┤")) and rows[-2][letter.index("A")] == "┬"
    under = rows[-1][letter.index("A") - 1 :].split()[0]
    assert float(under) == 10


def test_the_front_leads_from_letter_to_letter() -> None:
    rows = _drawn([(1.0, 0.5), (3.0, 1.0)], (58, 13), True)
    ends = [(row.index(it), at) for it in "AB" for at, row in enumerate(rows) if it in row]
    dotted = sorted(
        (x, at) for at, row in enumerate(rows) for x, sign in enumerate(row) if sign == "·"
    )
    for (x, y), (letter_x, letter_y) in zip([dotted[0], dotted[-1]], ends, strict=True):
        assert abs(x - letter_x) <= 1 and abs(y - letter_y) <= 1


def test_up_is_better() -> None:
    for higher, order in ((True, "ABD"), (False, "DBA")):
        rows = scatter(DOTS, 60, 12, higher_is_better=higher)
        found = [sign for row in rows for sign in row.plain if sign in "ABD"]
        assert "".join(found) == order


def test_front_turns_round_where_lower_is_better() -> None:
    assert on_front(DOTS, higher_is_better=True) == [1, 0]
    assert on_front(DOTS, higher_is_better=False) == [1, 2]
