"""`ovtui models`: what there is to compress and to measure."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import list_width, print_json, say
from ovtui.core.recipes.catalog import models
from ovtui.core.reports.table import Column, draw
from ovtui.core.text.units import human_bytes


def main(arguments: Sequence[str]) -> int:
    """Lists models on this machine."""
    parser = Parser(
        "models", "List models in your folders (models = [...] in config.toml), hub cache and runs."
    )
    parser.add_json()
    options = parser.parse(arguments)
    entries = models()
    if options.json:
        print_json(entries)
    elif entries:
        rows = [
            [item.name, item.format, human_bytes(item.size_bytes), item.origin] for item in entries
        ]
        print(draw(_COLUMNS, rows, list_width()))
    else:
        say("no models yet; make one with: ovtui demo")
    return 0


_COLUMNS = [
    Column("model"),
    Column("format", fixed=True),
    Column("size", numeric=True, fixed=True),
    Column("from"),
]
