"""From a recipe's name and the command line's words to a request that an engine can work on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ovtui.core.files.writing import why_not_written
from ovtui.core.machine import devices
from ovtui.core.machine.machine import all_versions, machine
from ovtui.core.recipes import recipe, recipe_check, source
from ovtui.core.recipes.catalog import find_recipe
from ovtui.core.recipes.placed_recipe import PlacedRecipe, placed
from ovtui.core.runs import launch, run_folder, run_request
from ovtui.core.text.errors import UserError


def recipe_request(
    name: str,
    *,
    model: str | None,
    device: str,
    overrides: Sequence[str],
    standard: bool = False,
    argv: Sequence[str] | None = None,
) -> run_request.Request:
    """Returns a request to run a recipe.

    Args:
        name: of a recipe on the search path, or the path of one.
        model: in place of the recipe's model; relative to the working directory.
        device: an OpenVINO device.
        overrides: `KEY=VALUE` settings.
        standard: try the standard variants in place of the recipe's own.
        argv: the command line that does the same; this process's own when left out.

    Raises:
        UserError: the recipe, a file that it names, or the device is wrong.
    """
    path = find_recipe(name)
    settings = settings_of(model, overrides)
    asked = checked_recipe(path, settings, standard=standard)
    devices.check(device)
    return run_request.Request(
        name=path.stem,
        created=now(),
        device=device,
        base=asked.base,
        recipe=asked.recipe,
        recipe_path=str(path),
        overrides=settings,
        argv=list(sys.argv[1:] if argv is None else argv),
        versions=all_versions(),
        machine=machine(),
    )


def settings_of(model: str | None, overrides: Sequence[str]) -> list[str]:
    """Returns the settings of a run: first the model's whole table, then what is set inside it.

    Args:
        model: in place of the recipe's; relative to the working directory.
        overrides: `KEY=VALUE` settings.

    Raises:
        UserError: there is no such model.
    """
    return [*(_model_settings(model) if model is not None else []), *overrides]


def checked_recipe(path: Path, settings: Sequence[str], *, standard: bool = False) -> PlacedRecipe:
    """Returns a recipe as it is run, checked as far as that takes no time.

    Args:
        path: of its file.
        settings: `KEY=VALUE`.
        standard: try the standard variants in place of the recipe's own.

    Raises:
        UserError: the recipe, or a file that it names, is wrong.
    """
    asked = placed(recipe.load(path, list(settings), standard=standard), path.parent)
    _check_sources(asked, path)
    _check_feasible(asked, path)
    return asked


def bench_request(
    bench: run_request.Bench, *, device: str, argv: Sequence[str] = ()
) -> run_request.Request:
    """Returns a request to measure model files side by side.

    Args:
        bench: the files, and how they are measured.
        device: name that OpenVINO knows.
        argv: the command line that does the same, kept with the run.

    Raises:
        UserError: there is no such device.
    """
    devices.check(device)
    return run_request.Request(
        name="bench",
        created=now(),
        device=device,
        base=str(Path.cwd()),
        bench=bench,
        argv=list(argv),
        versions=all_versions(),
        machine=machine(),
    )


def again(run: run_folder.Run) -> run_request.Request:
    """Returns the request of a run as a new one: of now, on this machine.

    Raises:
        UserError: its `run.json` cannot be read.
    """
    return msgspec.structs.replace(
        run.request(), created=now(), versions=all_versions(), machine=machine()
    )


def start(request: run_request.Request) -> run_folder.Run:
    """Makes the run's folder and starts its engine.

    Raises:
        UserError: one of them cannot be; nothing is left of the run.
    """
    run = run_folder.create(request)
    try:
        launch.start(run)
    except OSError as error:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise UserError(f"the engine cannot be started: {why_not_written(error)}") from error
    return run


def now() -> str:
    """Returns the time, with its zone."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def _model_settings(text: str) -> list[str]:
    """`--model SRC` as settings, with its local path made absolute."""
    text = source.absolute(source.model_source(text, Path.cwd()), text)
    return [f"model={{ source = '''{text}''' }}"]


def _check_sources(asked: PlacedRecipe, path: Path) -> None:
    """Refuses a recipe that names a file or folder that is not there, before anything starts."""
    data = asked.recipe.data
    with _naming(path, "model.source"):
        origin = asked.model_source()
    _check_model_keys(asked, origin, path)
    with _naming(path, "data.source"):
        asked.data_source(data.source)
    for name in ("calibration", "evaluation", "validation"):
        subset = getattr(data, name)
        if subset is None:
            continue
        with _naming(path, f"data.{name}.split"):
            source.parse_split(subset.split)
        if subset.source:
            with _naming(path, f"data.{name}.source"):
                asked.data_source(subset.source)


def _check_feasible(asked: PlacedRecipe, path: Path) -> None:
    """Refuses what the recipe alone tells to be impossible."""
    try:
        recipe_check.check(asked)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _check_model_keys(asked: PlacedRecipe, origin: source.ModelSource, path: Path) -> None:
    """Refuses a key of `[model]` that this kind of source would silently ignore."""
    model = asked.recipe.model
    if isinstance(origin, source.File) and (model.arguments or model.weights):
        key = "arguments" if model.arguments else "weights"
        raise UserError(f"{path}: model.{key}: {model.source} is a whole model, remove this key")
    if model.weights:
        with _naming(path, "model.weights"):
            if isinstance(origin, source.Folder | source.HubId):
                raise UserError(f"{model.source} has its own weights, remove this key")
            source.weights(model.weights, asked.place)


@contextmanager
def _naming(path: Path, key: str) -> Iterator[None]:
    """Name the recipe's file and key in what is wrong."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {key}: {error}") from error
