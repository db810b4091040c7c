"""Argument parsing that every command shares: one clear line for a wrong word."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from ovtui.core.text.errors import UserError, nearest


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, with the nearest option that exists."""

    def __init__(self, verb: str, description: str) -> None:
        super().__init__(prog=f"ovtui {verb}".strip(), description=description, allow_abbrev=False)
        self._verb = verb

    def error(self, message: str) -> NoReturn:
        """Complains in one line.

        Raises:
            UserError: always, with the words and a similar option.
        """
        match = re.match(r"unrecognized arguments: (-\S+)", message)
        if match:
            options = re.findall(r"(?<![\w-])--?\w[\w-]*", self.format_help())
            word = match[1].partition("=")[0]
            message = f"unknown option {word}, {nearest(word, options)}"
        lead = f"{self._verb}: " if self._verb else ""
        raise UserError(f"{lead}{message} (see: {self.prog} --help)")

    def add_json(self, what: str = "print one JSON document") -> None:
        """Adds `--json`."""
        self.add_argument("--json", action="store_true", help=what)

    def add_device(self) -> None:
        """Adds `--device`."""
        self.add_argument("--device", default="CPU", help="OpenVINO device (default: CPU)")

    def add_overrides(self, what: str) -> None:
        """Adds `--set`, as often as a person gives it."""
        self.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help=what
        )

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Returns the arguments, parsed."""
        return self.parse_args(list(arguments))


def positive(text: str) -> float:
    """Returns a number above zero.

    Raises:
        ArgumentTypeError: it is none; argparse says so in a line.
    """
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return value


def count(text: str) -> int:
    """Returns a whole number above zero.

    Raises:
        ArgumentTypeError: it is none; argparse says so in a line.
    """
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def counts(text: str) -> list[int]:
    """Returns whole numbers above zero, as in `1,2,4`.

    Raises:
        ArgumentTypeError: one is none; argparse says so in a line.
    """
    return [count(part.strip()) for part in text.split(",")]


def property_pair(text: str) -> tuple[str, bool | int | float | str]:
    """Returns `KEY=VALUE` as an OpenVINO property.

    Raises:
        ArgumentTypeError: it is not `KEY=VALUE`; argparse says so in a line.
    """
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    for kind in (int, float):
        try:
            return key, kind(value)
        except ValueError:
            continue
    if value.lower() in ("true", "false"):
        return key, value.lower() == "true"
    return key, value


def shape_pair(text: str) -> tuple[str, list[int]]:
    """Returns `NAME=1,3,224,224`, or `1,3,224,224` for the only input.

    Raises:
        ArgumentTypeError: it is none, or a dimension is below 1; argparse says so in a line.
    """
    name, equals, dimensions = text.rpartition("=")
    try:
        shape = [int(part) for part in dimensions.strip("[]").split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=1,3,224,224") from None
    if any(size < 1 for size in shape):
        raise argparse.ArgumentTypeError(f"{text!r}: dimensions are at least 1")
    return name if equals else "", shape
