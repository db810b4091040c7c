"""`ovtui recipes`: the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import list_width, print_json, say
from ovtui.core.recipes.catalog import RecipeEntry, recipes
from ovtui.core.reports.table import Column, draw
from ovtui.core.text.foreign import plain


def main(arguments: Sequence[str]) -> int:
    """Lists recipes, or prints their JSON Schema."""
    parser = Parser("recipes", "List recipes: built in, demo, and yours.")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of a recipe")
    parser.add_argument(
        "--ignored",
        metavar="RECIPE",
        help="which operations of its model a recipe's ignored scopes match",
    )
    parser.add_argument("--model", metavar="SRC", help="with --ignored: another model")
    parser.add_overrides("with --ignored: another value for a key of the recipe")
    parser.add_json()
    options = parser.parse(arguments)
    if options.ignored:
        return _ignored(options.ignored, options.model, options.overrides, as_json=options.json)
    if options.schema:
        from ovtui.core.recipes.recipe import json_schema

        print_json(json_schema())
        return 0
    entries = recipes()
    if options.json:
        print_json(entries)
    else:
        print(draw(_COLUMNS, [_cells(entry) for entry in entries], list_width()))
    return 0


def _ignored(name: str, model: str | None, overrides: list[str], *, as_json: bool) -> int:
    """Print what the ignored scopes match; 1 where a rule matches nothing."""
    from ovtui.core.asking.scope_preview import scope_preview
    from ovtui.core.runs.request import recipe_request

    request = recipe_request(name, model=model, device="CPU", overrides=overrides)
    scopes = scope_preview(request)
    rules = [rule for scope in scopes for rule in scope.rules]
    if as_json:
        print_json(scopes)
    elif not scopes:
        say("no variant has an ignored scope")
    else:
        for scope in scopes:
            print(plain(f"{scope.variant}, {scope.component}"))
            for rule in scope.rules:
                count = len(rule.matches)
                print(plain(f"  {rule.kind} {rule.text}: {count} operations {rule.hint}".rstrip()))
                for match in rule.matches:
                    print(plain(f"    {match}"))
    return 0 if all(rule.matches for rule in rules) else 1


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
