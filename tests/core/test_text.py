from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovtui.core.text.cells import cell_width, shorten, shorten_apart, wrap
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import (
    human_bytes,
    human_count,
    human_rate,
    human_seconds,
    quantity,
    three_digits,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("model[int8].xml [/]", "model[int8].xml [/]"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("\u2066x\u2069\u200f\ufeff", "\\u2066x\\u2069\\u200f\\ufeff"),
        ("one\ntwo\r\tthree\u2028", "one\\ntwo\\r\\tthree\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("日本語 é 👩‍🔬", "日本語 é 👩‍🔬"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown
    plain(text).encode()


def test_widths() -> None:
    assert cell_width("日本") == 4
    assert cell_width("e\u0301") == 1
    assert shorten("日本語モデル", 5) == "日本…"
    assert shorten("abc", 3) == "abc"
    assert shorten("abc", 1) == "…"
    assert shorten("abc", 0) == ""
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("日本語モデル", 5) == ["日本", "語モ", "デル"]
    assert wrap("", 5) == [""]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (4_456_448, "4.25 MiB"),
        (1024**2 - 1, "1.00 MiB"),
        (300 * 2**30, "300 GiB"),
        (5000 * 2**40, "5000 TiB"),
        (-2048, "-2.00 KiB"),
    ],
)
def test_human_bytes(count: int, shown: str) -> None:
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.00 ms"),
        (0.25, "250 ms"),
        (0.9999, "1.00 s"),
        (12.34, "12.3 s"),
        (59.99, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_human_seconds(seconds: float, shown: str) -> None:
    assert human_seconds(seconds) == shown


@pytest.mark.parametrize("width", [6, 8, 12, 20])
def test_names_that_differ_stay_different_when_they_are_shortened(width: int) -> None:
    names = [
        "int8",
        "int8 accurate bias correction",
        "int8 accurate bias correction, mixed",
        "int8 weights",
        "int8 α=0.5",
        "int8 α=0.15",
        "int8",
    ]
    short = shorten_apart(names, width)
    assert all(cell_width(name) <= width for name in short)
    assert short[0] == short[-1] == "int8"
    assert len(set(short)) == len(set(names))


def test_names_that_only_differ_in_the_middle_are_numbered() -> None:
    names = [f"{'a' * 30}{middle}{'b' * 30}" for middle in "xyz"]
    short = shorten_apart(names, 8)
    assert len(set(short)) == 3 and all(cell_width(name) <= 8 for name in short)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.00979, "0.00979"), (0.00931, "0.00931"), (0.0996, "0.10"), (0.05, "0.0500"), (0, "0.00"),
     (0.98, "0.98"), (9.994, "9.99"), (17.44, "17.4"), (99.96, "100"), (4321.0, "4321")],
)  # fmt: skip
def test_three_digits_tell_small_numbers_apart(value: float, words: str) -> None:
    assert three_digits(value) == words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5 MiB", 1.5 * 2**20),
        ("512 B", 512),
        ("2gb", 2e9),
        ("250 ms", 250),
        ("1.20 s", 1200),
        ("2 min 05 s", 125_000),
        ("1 h 02 min", 62 * 60_000),
        ("12 %", 0.12),
        ("1.98×", 1.98),
        ("-1e-3", -0.001),
        ("3 apples", None),
        ("3 of 5", None),
        ("pear", None),
        ("", None),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: float | None) -> None:
    assert quantity(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize("text", ["3 of 5", "3 (of 5)", "3.0 apples"])
def test_a_number_before_other_words(text: str) -> None:
    assert quantity(text, whole=False) == 3


@given(st.floats(0, 1e6))
def test_what_is_written_is_read(seconds: float) -> None:
    assert quantity(human_seconds(seconds)) == pytest.approx(seconds * 1000, rel=0.02, abs=31_000)
    assert quantity(human_bytes(seconds)) == pytest.approx(seconds, rel=0.01, abs=1)


def test_large_counts_and_rates_have_no_powers_of_ten() -> None:
    assert human_rate(1980.4) == "1980/s" and human_rate(999.7) == "1000/s"
    assert human_rate(0.0137) == "0.0137/s" and human_rate(123.4) == "123/s"
    assert human_count(1_000_000) == "1000000" and human_count(2.5) == "2.5"
