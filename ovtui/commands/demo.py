"""`ovtui demo`: the offline demo recipes, from nothing to a finished comparison."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.follow import CANCELLED, DONE, follow
from ovtui.commands.output import print_json, say
from ovtui.core.recipes.catalog import recipes
from ovtui.core.runs.request import recipe_request, start
from ovtui.core.text.errors import UserError, nearest

_FIRST = "mobilenetv2-digits"


def main(arguments: Sequence[str]) -> int:
    """Runs one demo recipe, or all of them."""
    demos = [entry.name for entry in recipes() if entry.origin == "demo"]
    parser = Parser("demo", "Run a demo recipe; no network is needed.")
    parser.add_argument(
        "name", nargs="?", default=_FIRST, help=f"all, or one of: {', '.join(demos)}"
    )
    parser.add_device()
    parser.add_json("print result.json at the end; a list of them for all")
    options = parser.parse(arguments)
    names = demos if options.name == "all" else [options.name]
    if options.name != "all" and options.name not in demos:
        raise UserError(f"no demo {options.name!r}, {nearest(options.name, demos)}")
    together = options.json and options.name == "all"
    status, results = DONE, []
    for name in names:
        run = start(recipe_request(name, model=None, device=options.device, overrides=[]))
        say(f"run {run.id}")
        ended = follow(run, as_json=options.json, cancel_on_interrupt=True, quiet=together)
        status = max(status, ended)
        if ended == CANCELLED:
            break
        if together:
            results.append(run.result())
    if together:
        print_json(results)  # one document
    return status
