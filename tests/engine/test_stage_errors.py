"""Errors in a person's words: what ran out is named, whatever was being done then."""

from __future__ import annotations

import errno
import os

import pytest

from ovtui.core.text.errors import SourceError, causes
from ovtui.engine.hub.offline import hub_errors, work_offline
from ovtui.engine.run.stage_process import explain


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "expected"),
    [
        (SourceError("x: wrong"), "input", "x: wrong"),
        (OSError(errno.ENOSPC, "", "/a/b"), "disk", "the disk is full (/a/b)"),
        (RuntimeError("write: No space left on device"), "disk", "the disk is full"),
        (OSError(errno.EFBIG, "", "/a/b"), "disk", "may not grow any more (/a/b)"),
        (_caused(SourceError("x"), OSError(errno.ENOSPC, "")), "disk", "the disk is full"),
        (_caused(SourceError("x"), MemoryError()), "memory", "not enough memory"),
        (RuntimeError("std::bad_alloc"), "memory", "not enough memory"),
        (ImportError("a.so: failed to map segment from shared object"), "memory", "not enough"),
        (KeyError("a\nb"), "error", "KeyError"),
        (RuntimeError("first\n\n last "), "error", "RuntimeError: last"),
    ],
)
def test_errors_in_words(error: Exception, kind: str, expected: str) -> None:
    problem, status = explain(error)
    assert problem.kind == kind
    assert expected in problem.message
    assert "\n" not in problem.message
    assert status != 0


def test_a_circle_of_causes_is_followed_once() -> None:
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__cause__, second.__cause__ = second, first
    assert list(causes(first)) == [first, second]
    itself = _caused(error := OSError(errno.ENOSPC, "", "/a"), error)
    assert explain(itself)[0].message.startswith("the disk is full (/a)")


def test_what_was_handled_counts_where_it_is_asked_for() -> None:
    error, handled = RuntimeError("told"), RuntimeError("handled")
    error.__context__ = handled
    assert list(causes(error)) == [error]
    assert list(causes(error, contexts=True)) == [error, handled]


def _named(name: str) -> Exception:
    return type(name, (Exception,), {})("why\nand more")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_named("LocalEntryNotFoundError"), "cannot be reached; fetch it where there is"),
        (_named("OfflineModeIsEnabled"), "hf download a/b"),
        (_named("ConnectTimeout"), "cannot be reached"),
        (_named("GatedRepoError"), "hf auth login"),
        (_named("RepositoryNotFoundError"), "the hub has no such model"),
        (_named("Strange"), "cannot be loaded: why"),
    ],
)
def test_errors_of_the_hub(error: Exception, expected: str) -> None:
    with pytest.raises(SourceError) as caught, hub_errors("a/b", "model"):
        raise error
    assert str(caught.value).startswith("a/b: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_reason_underneath_is_told() -> None:
    error = _caused(_named("DatasetGenerationError"), ValueError("row 3:\n no such column"))
    with pytest.raises(SourceError) as caught, hub_errors("a/b", "data set"):
        raise error
    assert str(caught.value) == "a/b: this data set cannot be loaded: row 3: no such column"


def test_a_card_that_counts_other_rows() -> None:
    error = type("NonMatchingSplitsSizesError", (ValueError,), {})("[{'expected': SplitInfo(...")
    with pytest.raises(SourceError) as caught, hub_errors("a/b", "data set"):
        raise error
    assert "the card of this data set counts other rows than its files hold" in str(caught.value)


def test_the_libraries_of_the_hub_are_told_to_stay_offline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from huggingface_hub import constants

    switches = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")
    for name in switches:
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    work_offline()
    assert [os.environ[name] for name in switches] == ["1"] * 3
    assert constants.HF_HUB_OFFLINE
