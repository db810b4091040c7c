"""A recipe pinned to the commits of the hub that its run takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.results.result import HubSource, StageTime
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.hub.offline import uses_hub, work_offline
from ovtui.engine.run.runner import Runner
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Fetched, read_info
from ovtui.engine.store.stage_work import STAGES, Fetching, Job


class Pinned(NamedTuple):
    """A job whose repositories are on this machine, where they come from, what it took."""

    job: Job
    sources: list[HubSource]
    times: list[StageTime]


def stage_names(asked: PlacedRecipe) -> list[str]:
    """Returns the stage that fetches, for a recipe that needs it."""
    return [StageKind.DOWNLOAD.name_of()] if uses_hub(asked) else []


def fetch(run: Run, job: Job, journal: Journal, log: int) -> Pinned:
    """Fetches what the recipe needs of the hub; everything after it works offline.

    Args:
        run: whose folder.
        job: whose recipe may name repositories of the hub.
        journal: where events go.
        log: descriptor for what processes print.

    Raises:
        StageFailed: something cannot be had.
    """
    if not stage_names(job):
        return Pinned(job, [], [])
    work = Fetching(job.recipe, job.base)
    # Without a server to fork: it reads the model's configuration, which is yet to come.
    with Runner(run, journal, log) as runner:
        fetched = read_info(runner.alone(work, run.folder / STAGES / work.kind), Fetched)
    # Trusted code may come from further repositories, a metric's among them.
    if fetched.offline or not job.recipe.trust:
        work_offline()
    pinned = structs.replace(job, recipe=at_commits(job.recipe, fetched.sources))
    return Pinned(pinned, fetched.sources, runner.times)


def at_commits(recipe: Recipe, sources: Sequence[HubSource]) -> Recipe:
    """Returns the recipe with the commits of these sources as its revisions."""
    commits = {source.used_for: source.commit for source in sources}
    data = recipe.data
    for use in ("calibration", "evaluation", "validation"):
        subset = getattr(data, use)
        if subset is not None and use in commits:
            pinned = structs.replace(subset, revision=commits[use])
            data = structs.replace(data, **{use: pinned})
    model = recipe.model
    if "model" in commits:
        model = structs.replace(model, revision=commits["model"])
    return structs.replace(recipe, data=data, model=model)
