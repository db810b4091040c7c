"""What a run works on."""

from __future__ import annotations

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.runs.run_folder import Request
from ovtui.core.text.errors import UserError


class Job(PlacedRecipe, frozen=True, kw_only=True):
    """A recipe where it lies, at the commits that its run takes, for a device."""

    name: str
    """The recipe's name."""
    device: str


def job_of(request: Request) -> Job:
    """Returns what a request asks an engine to do.

    Raises:
        UserError: it names no recipe.
    """
    if request.recipe is None:
        raise UserError("the request names no recipe")
    return Job(request.recipe, request.base, name=request.name, device=request.device)
