"""`--fail-on`: verdicts that make the exit status 1, for a gate in continuous integration."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core.text.foreign import plain

FAILED = 1
NO_VERDICT = "no verdict"
_VERDICTS = ("fail", "not enough samples", NO_VERDICT)


def add_fail_on(parser: Parser) -> None:
    """Adds `--fail-on`, which may be repeated."""
    parser.add_argument(
        "--fail-on",
        action="append",
        default=[],
        choices=_VERDICTS,
        metavar="VERDICT",
        help="exit with 1 where a variant has this verdict: fail, 'not enough samples' or "
        "'no verdict' (of a metric that is undefined); may be repeated (default: exit with 0 "
        "whatever the verdicts are)",
    )


def gate(verdicts: Iterable[tuple[str, str]], fail_on: Collection[str]) -> int:
    """Returns the exit status; tells each variant that is the reason for it on standard error.

    Args:
        verdicts: names of variants with their verdicts.
        fail_on: verdicts that are not to be had.
    """
    failing = [(name, verdict) for name, verdict in verdicts if verdict in fail_on]
    for name, verdict in failing:
        say(f"ovtui: --fail-on: {plain(name)}: {verdict}")
    return FAILED if failing else 0
