"""Returns whether a recipe can run now without a network: what it names is here, or in a cache."""

from __future__ import annotations

from ovtui.core.home import library_caches
from ovtui.core.recipes import source
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.text.errors import UserError


def absent(asked: PlacedRecipe) -> list[str]:
    """Returns what has to be fetched or is missing; nothing where the recipe can run offline."""
    data = asked.recipe.data
    subsets = (data.calibration, data.evaluation, data.validation)
    named = dict.fromkeys(subset.source or data.source for subset in subsets if subset)
    missing = [_model(asked), *(_data(text, asked) for text in named)]
    return [words for words in missing if words]


def _model(asked: PlacedRecipe) -> str:
    try:
        match asked.model_source():
            case source.HubId(name=name) if not _in_hub("models", name):
                return "the model must be downloaded from the Hub"
            case source.TorchHub(repository=repository, local=False) if not _in_torch(repository):
                return "the model must be downloaded by torch.hub"
    except UserError as error:
        return str(error)
    return ""


def _data(text: str, asked: PlacedRecipe) -> str:
    try:
        match asked.data_source(text):
            case source.HubId(name=name) if not (_in_hub("datasets", name) or _prepared(name)):
                return "the data must be downloaded from the Hub"
    except UserError as error:
        return str(error)
    return ""


def _in_hub(kind: str, name: str) -> bool:
    folder = library_caches.of_repository(kind, name) / "snapshots"
    return folder.is_dir() and any(folder.iterdir())


def _prepared(name: str) -> bool:
    """The data set was made into Arrow files before."""
    return (library_caches.datasets_cache() / name.replace("/", "___")).is_dir()


def _in_torch(repository: str) -> bool:
    return any(library_caches.torch_hub_cache().glob(f"{repository.replace('/', '_')}_*"))
