"""Errors in one line: one rule for what a person reads of somebody else's error."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from ovtui.core.files.reading import Damaged, readable
from ovtui.core.files.writing import MAKE_ROOM, writable
from ovtui.core.text.errors import UserError, error_in_words, nearest, reason


@pytest.mark.parametrize(
    ("error", "why", "words"),
    [
        (ValueError("two\n  lines"), "two lines", "ValueError: two lines"),
        (TimeoutError(), "TimeoutError", "TimeoutError"),
        (OSError("no number"), "no number", "OSError: no number"),
        (
            FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "x"),
            "No such file or directory",
            "FileNotFoundError: [Errno 2] No such file or directory: 'x'",
        ),
        (KeyError("x" * 900), "'" + "x" * 299, "KeyError: '" + "x" * 299),
    ],
)
def test_an_error_is_one_line(error: Exception, why: str, words: str) -> None:
    assert reason(error) == why
    assert error_in_words(error) == words


def test_a_file_is_named_that_cannot_be_read_or_written() -> None:
    path = Path("/home/x.json")
    with pytest.raises(UserError, match="^/home/x.json: cannot be read: no$"), readable(path):
        raise PermissionError(errno.EACCES, "no", str(path))
    with pytest.raises(UserError, match="^it is damaged$"), readable(path):
        raise Damaged("it is damaged")
    full = f"/home/x.json: cannot be written: the disk is full; {MAKE_ROOM}"
    with pytest.raises(UserError, match=f"^{re.escape(full)}$"), writable(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_valid_words_are_listed_once() -> None:
    assert nearest("-x", ["--json", "-h", "-h"]) == "valid are --json, -h"
