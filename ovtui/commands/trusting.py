"""Says what `--trust` lets a run from elsewhere do here."""

from __future__ import annotations

from ovtui.commands.output import say
from ovtui.core.home.seal import is_own
from ovtui.core.recipes.trust import code_of
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.foreign import plain


def tell_trusted(run: Run) -> None:
    """Names the code that a run made elsewhere may run; nothing of one made here."""
    recipe = run.request().recipe
    if recipe is None or is_own(run.folder):
        return
    base, named = run.request().base, "; ".join(code_of(recipe)) or "no code at all"
    say(plain(f"{run.id} was made elsewhere; --trust lets it run, from {base}: {named}"))
