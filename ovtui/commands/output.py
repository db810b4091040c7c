"""Standard output carries data, standard error carries words."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from ovtui.core.text.foreign import plain, safe_json

if TYPE_CHECKING:
    from ovtui.core.results.result import Result
    from ovtui.core.runs.run_folder import Run


_WIDEST = 120
_IN_A_PIPE = 400


def say(words: str) -> None:
    """Prints a line for the person; foreign text in it is made safe."""
    print(plain(words), file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """Prints one JSON document."""
    try:
        encoded = msgspec.json.encode(document)
    except UnicodeEncodeError:  # a name of a file that is no UTF-8
        encoded = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(document)))
    print(safe_json(msgspec.json.format(encoded, indent=1).decode()))


def _without_surrogates(value: Any) -> Any:
    """Plain data whose texts show lone surrogates as escapes."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_without_surrogates(item) for item in value]
        case dict():
            return {key: _without_surrogates(item) for key, item in value.items()}
    return value


def print_result(result: Result) -> None:
    """Prints what a run found out, as text."""
    from ovtui.core.reports.summary import summary  # lists do not need it

    print(summary(result, width(), colour=in_colour()))


def width() -> int:
    """Returns the cells of a line of output."""
    return min(_WIDEST, shutil.get_terminal_size((80, 24)).columns)


def list_width() -> int:
    """Returns the cells of a line of a list: a pipe has room for whole names, which a script may
    want.
    """
    return width() if sys.stdout.isatty() or "COLUMNS" in os.environ else _IN_A_PIPE


def in_lines() -> bool:
    """Returns whether progress is told line by line: standard error is no terminal that draws."""
    plain_wanted = os.environ.get("TERM") == "dumb" or any(
        os.environ.get(name) for name in ("CI", "NO_COLOR")
    )
    return plain_wanted or not sys.stderr.isatty()


def in_colour() -> bool:
    """Returns whether standard output is a terminal that may have colours."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def tell_trusted(run: Run) -> None:
    """Names the code that a run made elsewhere may run; nothing of one made here."""
    from ovtui.core.home.seal import is_own
    from ovtui.core.recipes.trust import code_of

    recipe = run.request().recipe
    if recipe is None or is_own(run.folder):
        return
    base, named = run.request().base, "; ".join(code_of(recipe)) or "no code at all"
    say(plain(f"{run.id} was made elsewhere; --trust lets it run, from {base}: {named}"))
