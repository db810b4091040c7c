"""`ovtui run`: start a recipe and follow it."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.fail_on import add_fail_on
from ovtui.commands.follow import follow
from ovtui.commands.output import print_json, say
from ovtui.core.recipes.overrides import A_VARIANT
from ovtui.core.runs.request import recipe_request, start
from ovtui.core.text.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Runs a recipe."""
    parser = Parser("run", "Run a recipe and follow it; Ctrl-C cancels it.")
    parser.add_argument("recipe", help="a recipe's name (see: ovtui recipes), or a .toml file")
    parser.add_argument(
        "--model",
        metavar="SRC",
        help="another model: hub id, folder, .xml, .onnx, file.py:function",
    )
    parser.add_device()
    parser.add_overrides(
        "another value for a key of the recipe, as in data.calibration.samples=100; "
        f"{A_VARIANT} adds a variant"
    )
    parser.add_argument(
        "--variants",
        choices=["own", "standard"],
        default="own",
        help="the recipe's own (default), or the ones worth trying on any model: int8, accurate "
        "bias correction, SmoothQuant alphas, int8 and int4 weights",
    )
    parser.add_argument("--detach", action="store_true", help="print the run's id and come back")
    add_fail_on(parser)
    parser.add_json("print result.json at the end")
    options = parser.parse(arguments)
    if options.detach and options.fail_on:
        raise UserError("run: --fail-on waits for the result, --detach does not; use ovtui show")
    request = recipe_request(
        options.recipe,
        model=options.model,
        device=options.device,
        overrides=options.overrides,
        standard=options.variants == "standard",
    )
    run = start(request)
    if options.detach:
        if options.json:
            print_json({"run": run.id, "folder": str(run.folder)})
        else:
            print(run.id)
        return 0
    say(f"run {run.id}")
    return follow(run, as_json=options.json, cancel_on_interrupt=True, fail_on=options.fail_on)
