"""`ovtui new`: a recipe for a model and data of one's own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ovtui.commands.arguments import Parser
from ovtui.commands.output import print_json, say
from ovtui.core.asking.new_recipe import NewRecipe, Tried, new_recipe, save, try_recipe
from ovtui.core.recipes.recipe_text import toml_value
from ovtui.core.recipes.task import TASKS
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain


def main(arguments: Sequence[str]) -> int:
    """Proposes a recipe, writes it, and tries it on one sample."""
    options = _parser().parse(arguments)
    new = new_recipe(options.model, options.data, options.task or "", options.output)
    save(new, replace=options.force or _may_replace(new.path))
    tried = None if options.no_check else _tried(new.path)
    if options.json:
        print_json(_document(new, tried))
    else:
        print(_decisions(new))
        if tried is not None:
            print(_one_sample(tried))
        say(f"run it: ovtui run {_named(new.path)}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "new",
        "Propose a recipe for your model and data, write it, and try it on one sample.",
    )
    parser.add_argument("model", help="hub id, folder, .xml, .onnx, file.py:function")
    parser.add_argument(
        "--data",
        metavar="PATH",
        help="CSV, TSV, JSON, Parquet or NPZ file, folder (pictures by label, files by split), hub "
        "id of a data set, file.py:function",
    )
    parser.add_argument("--task", choices=list(TASKS), help="what the model is for, if you know")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=_recipe_file,
        help="the recipe's file (default: in your recipes)",
    )
    parser.add_argument("--force", action="store_true", help="replace a recipe that is there")
    parser.add_argument("--no-check", action="store_true", help="do not try it on one sample")
    parser.add_json()
    return parser


def _recipe_file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.suffix != ".toml":
        raise UserError(f"-o {text}: expected a file that ends in .toml")
    return path


def _may_replace(path: Path) -> bool:
    """Ask whether a recipe may be replaced, where there is one and somebody to ask."""
    if not path.exists() or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(plain(f"{path}: is there already; replace it? [y/N] "), end="", file=sys.stderr)
    return input().strip().lower() == "y"


def _tried(path: Path) -> Tried:
    """What the baseline says of one sample.

    Raises:
        UserError: the recipe does not work yet; it stays where it was written.
    """
    say("trying it on one sample …")
    try:
        return try_recipe(path)
    except UserError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise UserError(f"{path}: written, but it does not work yet: {reason}") from error


def _decisions(new: NewRecipe) -> str:
    """What was decided, guesses last."""
    lines = [plain(f"{new.path}")]
    width = max(len(it.key) for it in new.decisions)
    for decision in sorted(new.decisions, key=lambda it: it.uncertain):
        value = decision.value
        if decision.key == "variants":
            value = [variant["name"] for variant in value]
        mark = "?" if decision.uncertain else " "
        lines.append(plain(f"{mark} {decision.key:<{width}}  {toml_value(value)}"))
        if decision.reason:
            lines.append(plain(f"  {'':<{width}}  {decision.reason}"))
    guesses = sum(it.uncertain for it in new.decisions)
    if guesses:
        lines.append(f"? marks what is uncertain: look at {'it' if guesses == 1 else 'them'}")
    return "\n".join(lines)


def _one_sample(tried: Tried) -> str:
    """What the baseline says of one sample, beside what is right."""
    given = ", ".join(f"{name} {what}" for name, what in tried.inputs.items())
    lines = [f"one sample  {given}"]
    if tried.shown:
        lines.append("       row  " + "; ".join(f"{k}: {v}" for k, v in tried.shown.items()))
    if tried.prediction is not None:
        lines.append(f"prediction  {tried.prediction.in_words}")
    if tried.reference is not None:
        lines.append(f"     right  {tried.reference}")
    lines += [f"         !  {warning}" for warning in tried.warnings]
    return "\n".join(map(plain, lines))


def _named(path: Path) -> str:
    """What `ovtui run` takes: a recipe's name where that finds it."""
    from ovtui.core.recipes.catalog import is_on_path

    return path.stem if is_on_path(path) else str(path)


def _document(new: NewRecipe, tried: Tried | None) -> dict[str, object]:
    return {"recipe": str(new.path), "decisions": new.decisions, "tried": tried}
