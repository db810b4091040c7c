"""Errors that are told to a person in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_MOST_CHARACTERS = 300
"""Of an error's words: four lines of a terminal; some libraries list all that they know."""


class UserError(Exception):
    """Something that the person can mend: what was wrong, where, what was expected, what to do."""


class RecipeError(UserError):
    """A recipe that cannot be used; the message names the file and the key."""


class SourceError(UserError):
    """A model, data set or file that cannot be read or is not allowed."""


def causes(error: BaseException | None, *, contexts: bool = False) -> Iterator[BaseException]:
    """Yields an error and what it was raised from, each once: `raise error from error` is a circle.

    Args:
        error: where to begin.
        contexts: also yield what was being handled when one of them was raised.
    """
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [current.__context__ if contexts else None, current.__cause__]


def reason(error: BaseException) -> str:
    """Says in one line why something failed, where the sentence around it names the place.

    Returns:
        What the system says of a file (`strerror`), else the error's own words; its kind where it
        has none. At most 300 characters, line breaks as spaces.
    """
    system = error.strerror if isinstance(error, OSError) else None
    return _one_line(str(system or error)) or type(error).__name__


def error_in_words(error: BaseException) -> str:
    """Says an error that nobody foresaw in one line: its kind, and all that it says."""
    words = _one_line(str(error))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _one_line(words: str) -> str:
    return " ".join(words.split())[:_MOST_CHARACTERS]


def last_line(words: bytes) -> str:
    """Returns the last line that a program wrote to standard error; empty where it wrote none."""
    return words.decode("utf-8", "replace").strip().rpartition("\n")[2].strip()


def nearest(word: str, valid: Iterable[str], *, in_order: bool = False) -> str:
    """Returns a clause that names the valid word nearest to a misspelt one, or lists the valid
    ones.

    Args:
        word: misspelt.
        valid: words.
        in_order: lists them as they are given, and not by name.
    """
    import difflib  # 5 ms that only a mistake costs

    known = list(dict.fromkeys(valid if in_order else sorted(valid)))
    match = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if match:
        return f"did you mean '{match[0]}'?"
    if len(known) > 24:
        return f"valid are {', '.join(known[:24])} and {len(known) - 24} more"
    return f"valid are {', '.join(known)}" if known else "nothing is valid here"
