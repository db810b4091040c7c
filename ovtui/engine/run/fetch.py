"""Everything that a recipe needs of the Hugging Face hub, fetched before the run begins.

All is checked first, from cards and lists of files: splits, columns, weights. Then it is
downloaded, and every later stage works offline, on the commits that were found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe, Subset
from ovtui.core.recipes.references import Use, needs_references
from ovtui.core.recipes.source import HubId, parse_split
from ovtui.core.results.result import HubSource
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.conversion.collect import check_columns, subset_of
from ovtui.engine.data.selection import columns_of
from ovtui.engine.hub import repository as hub
from ovtui.engine.hub.dataset import DataSet, open_dataset, prepared_before
from ovtui.engine.hub.offline import hub_errors, is_unreachable, work_offline
from ovtui.engine.hub.repository import Kind, Repository, ask_hub, is_offline, open_repository
from ovtui.engine.hub.stream import Stream, can_stream
from ovtui.engine.hub.weights import weights_of
from ovtui.engine.models.sources import small_files
from ovtui.engine.run import plan
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Fetched


class Wanted(NamedTuple):
    """Files of a repository, and what they are for."""

    used_for: str
    revision: str | None
    repository: Repository
    files: list[str]
    stream: Stream | None = None
    """Of these files some rows are read, and the files stay where they are."""


def fetch(asked: PlacedRecipe, journal: Journal) -> Fetched:
    """Brings model and data into the local cache.

    Args:
        asked: whose.
        journal: where progress and warnings go.

    Raises:
        SourceError: there is no such repository, split or column, or something cannot be had.
    """
    repositories = list(_named(asked))
    if not is_offline():
        _go_offline_where_needed(repositories, journal)
    wanted = [*_model(asked), *_data(asked)]
    for item in wanted:
        with hub_errors(item.repository.name, _WORDS[item.repository.kind]):
            if item.stream:
                item.stream.take(journal)
            else:
                item.repository.fetch(item.files, journal)
    return Fetched(sources=[_source_of(item) for item in wanted], offline=is_offline())


_WORDS: dict[Kind, str] = {"model": "model", "dataset": "data set"}


def _named(asked: PlacedRecipe) -> Iterator[tuple[Kind, str, str | None]]:
    """Kind, name and revision of the repositories that the recipe names."""
    recipe, source = asked.recipe, asked.model_source()
    if isinstance(source, HubId):
        yield "model", source.name, recipe.model.revision
    for use in plan.uses(recipe):
        if data := _data_of(asked, use):
            yield "dataset", data.name, _revision(recipe, use)


def _go_offline_where_needed(
    repositories: list[tuple[Kind, str, str | None]], journal: Journal
) -> None:
    """Ask the hub once, patiently; where it does not answer, nobody asks again."""
    kind, name, revision = repositories[0]
    try:
        ask_hub(kind, name, revision)
    except Exception as error:
        if not is_unreachable(error) and not hub.passing(error):  # it is down, or too busy
            with hub_errors(name, _WORDS[kind]):
                raise
        work_offline()
        journal.warn(f"the hub cannot be reached ({reason(error)}): what its cache holds is used")


def _model(asked: PlacedRecipe) -> Iterator[Wanted]:
    recipe, source = asked.recipe, asked.model_source()
    if isinstance(source, HubId):
        with hub_errors(source.name, "model"):
            repository = open_repository(
                "model", source.name, recipe.model.revision, small_files(recipe)
            )
            weights = weights_of(source.name, repository.files, recipe.model.arguments)
        yield Wanted("model", recipe.model.revision, repository, weights.files)


def _data(asked: PlacedRecipe) -> Iterator[Wanted]:
    recipe = asked.recipe
    for use in plan.uses(recipe):
        source = _data_of(asked, use)
        if source is None:
            continue
        subset, revision = subset_of(recipe, use), _revision(recipe, use)
        named = subset.config if subset.source else (subset.config or recipe.data.config)
        split = parse_split(subset.split)[0]
        try:
            with hub_errors(source.name, "data set"):
                data = open_dataset(source.name, named, revision)
                _check(recipe, use, data, split)
                files = data.files(split)
                stream = _stream(data, named, subset)
                if is_offline() and not stream:
                    data.repository.fetch(files)
        except SourceError:
            if is_offline() and prepared_before(source.name, named, split):
                continue  # where a client left it that keeps no files
            raise
        yield Wanted(use, revision, data.repository, files, stream)


def _stream(data: DataSet, named: str | None, subset: Subset) -> Stream | None:
    """How to read some rows, where their files are too large to fetch and not here yet."""
    if not can_stream(data, subset):
        return None
    stream = Stream(data, named, subset)
    missing = sum(data.repository.missing(stream.files).values())
    if missing and stream.is_here():
        return stream
    return stream if missing >= hub.LARGE_BYTES and not is_offline() else None


def _check(recipe: Recipe, use: Use, data: DataSet, split: str) -> None:
    """Refuses a split or a column that is not there, before anything is downloaded."""
    known, subset = recipe.task_info, subset_of(recipe, use)
    check_columns(recipe, subset)
    there = data.columns(split)  # refuses a split that is not there
    if there is None:
        return
    columns_of(
        data.repository.name,
        there,
        recipe.data.columns | (subset.columns or {}),
        known.needed(use, references=needs_references(recipe, use)),
        known.optional,
    )


def _data_of(asked: PlacedRecipe, use: Use) -> HubId | None:
    """The data set of the hub that a use takes its rows from."""
    recipe = asked.recipe
    source = asked.data_source(subset_of(recipe, use).source or recipe.data.source)
    return source if isinstance(source, HubId) else None


def _revision(recipe: Recipe, use: Use) -> str | None:
    subset = subset_of(recipe, use)
    return subset.revision if subset.source else (subset.revision or recipe.data.revision)


def _source_of(item: Wanted) -> HubSource:
    return HubSource(
        used_for=item.used_for,
        repository=item.repository.name,
        commit=item.repository.commit,
        revision=item.revision,
        files=item.files,
        size_bytes=sum(item.repository.files[file] for file in item.files),
        rows_streamed=item.stream.subset.samples if item.stream else None,
    )
