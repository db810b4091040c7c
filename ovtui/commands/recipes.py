"""`ovtui recipes`: the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import print_json, width
from ovtui.core.catalog import RecipeEntry, recipes
from ovtui.core.table import Column, draw


def main(arguments: Sequence[str]) -> int:
    """List recipes, or print their JSON Schema."""
    parser = Parser("recipes", "List recipes: built in, demo, and yours.")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of a recipe")
    parser.add_json()
    options = parser.parse(arguments)
    if options.schema:
        from ovtui.core.recipe import json_schema

        print_json(json_schema())
        return 0
    found = recipes()
    if options.json:
        print_json(found)
    else:
        print(draw(_COLUMNS, [_cells(entry) for entry in found], width()))
    return 0


_COLUMNS = [
    Column("recipe", fixed=True),
    Column("from", fixed=True),
    Column("task"),
    Column("model"),
    Column("variants"),
]


def _cells(entry: RecipeEntry) -> list[str]:
    if entry.problem:
        return [entry.name, entry.origin, entry.problem, "", ""]
    return [entry.name, entry.origin, entry.task, entry.model, ", ".join(entry.variants)]
