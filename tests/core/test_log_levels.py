"""Levels of a log's lines, as the libraries print them."""

from __future__ import annotations

import pytest

from ovtui.core.runs.log_levels import levels


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("INFO:nncf:Statistics collection", "other"),
        ("WARNING:nncf:Dataset contains only 6 elements", "warning"),
        ("/x/sdpa.py:153: TracerWarning: Converting a tensor to a Python number", "warning"),
        ("[transformers] warned of nothing", "other"),
        ("ERROR: no such device", "error"),
        ("RuntimeError: Exception from src/core.cpp:99:", "error"),
        ("openvino.Error: bad", "error"),
        ("errors are rare", "other"),
    ],
)
def test_one_line(line: str, level: str) -> None:
    assert levels([line]) == [level]


def test_all_of_a_traceback_is_an_error() -> None:
    lines = [
        "INFO:nncf:done",
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in <module>',
        "    f()",
        "ValueError: no",
        "INFO:nncf:on",
    ]
    assert levels(lines) == ["other", "error", "error", "error", "error", "other"]
