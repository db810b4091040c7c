"""What is wrong with a recipe that can be told before anything is read, converted or run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ovtui.core.recipes.compression import Method, method_name
from ovtui.core.recipes.metrics import BUILT_IN, fits, fitting, is_function, widest
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import BUCKET, Recipe, Subset
from ovtui.core.recipes.references import compares_with_baseline
from ovtui.core.recipes.source import File, Folder, HubId, parse_split
from ovtui.core.recipes.task import PIPELINES
from ovtui.core.text.errors import RecipeError, nearest

ONLY_SPLIT = "all"
"""Of data in a single file."""


class _Use(NamedTuple):
    """A method of a variant's component, and where the recipe has it."""

    where: str
    component: str
    method: Method


def check(asked: PlacedRecipe) -> None:
    """Refuses what cannot be done, as far as the recipe alone and the kinds of its files tell.

    Args:
        asked: the recipe where it lies.

    Raises:
        RecipeError: names the key, what was expected and what to do.
        SourceError: a file that the recipe names is not there.
    """
    if asked.recipe.task in PIPELINES:
        _check_pipeline(asked.recipe)
    else:
        _check_graph(asked)
    _check_components(asked.recipe)
    _check_buckets(asked.recipe)
    _check_model(asked)
    _check_data(asked)
    _check_metrics(asked)


def _methods(recipe: Recipe) -> Iterator[_Use]:
    for variant in recipe.variants:
        for name, method in variant.components.items():
            yield _Use(f"variants[{variant.name}].components.{name}", name, method)


def _check_graph(asked: PlacedRecipe) -> None:
    """Refuses what only a pipeline has."""
    if asked.recipe.components:
        raise RecipeError(
            f"components: a task '{asked.recipe.task}' has one model; it is not taken apart"
        )
    if not isinstance(asked.model_source(), Folder | HubId):
        _refuse_class(asked.recipe)


def _check_pipeline(recipe: Recipe) -> None:
    """Refuses what only a model that is one graph has."""
    _refuse_class(recipe)
    for where, _, method in _methods(recipe):
        if method.whole_models:
            raise RecipeError(
                f"{where}: {method_name(method)} takes a whole model, and this is a part of a "
                "pipeline; use quantize, and compare variants"
            )
    for key in ("batches", "sweep"):
        if getattr(recipe.measure, key):
            raise RecipeError(
                f"measure.{key}: a model of the task '{recipe.task}' gives one answer after the "
                "other; leave it out"
            )


def _refuse_class(recipe: Recipe) -> None:
    if recipe.model.class_:
        raise RecipeError(
            "model.class: names the class of a Hugging Face model that is one graph; here it is "
            f"not asked for (task '{recipe.task}', {recipe.model.source})"
        )


def _check_components(recipe: Recipe) -> None:
    known = recipe.component_names
    for where, name, _ in _methods(recipe):
        if name not in known:
            raise RecipeError(
                f"{where}: a task '{recipe.task}' has no such component, {nearest(name, known)}"
            )


def _check_buckets(recipe: Recipe) -> None:
    for variant in recipe.variants:
        if BUCKET not in variant.execution:
            continue
        where, bucket = f"variants[{variant.name}].execution.{BUCKET}", variant.execution[BUCKET]
        if type(bucket) is not int or bucket < 1:
            raise RecipeError(
                f"{where}: expected a number of tokens, 1 or more, as in 16, found {bucket!r}"
            )
        if not recipe.task_info.text:
            raise RecipeError(
                f"{where}: pads texts to a multiple of tokens, and the model of a task "
                f"'{recipe.task}' takes none; leave it out"
            )


def _check_model(asked: PlacedRecipe) -> None:
    recipe, source = asked.recipe, asked.model_source()
    if recipe.baseline.pytorch and isinstance(source, File):
        raise RecipeError(
            f"baseline.pytorch: {recipe.model.source} is no PyTorch model; leave it out"
        )
    if recipe.model.decode is not None:
        if "objects" not in recipe.task_info.compares or not is_function(recipe.model.decode):
            raise RecipeError(
                "model.decode: expected file.py:function, of a task that finds objects; found "
                f"{recipe.model.decode!r} (task '{recipe.task}')"
            )
        asked.data_source(recipe.model.decode)
    if recipe.model.dynamic and (not recipe.task_info.arrays or isinstance(source, File)):
        raise RecipeError(
            "model.dynamic: is of PyTorch models of the task 'tensors'; others know their own axes"
        )


def _check_data(asked: PlacedRecipe) -> None:
    recipe, data = asked.recipe, asked.recipe.data
    for where, _, method in _methods(recipe):
        if method.needs_calibration and data.calibration is None:
            raise RecipeError(
                f"data.calibration: missing; {where} needs samples to calibrate with, as in "
                'calibration = { split = "train", samples = 300 }'
            )
        if method.needs_validation and data.validation is None:
            _check_rows_left(data.calibration, where)
    for name in ("calibration", "evaluation", "validation"):
        subset: Subset | None = getattr(data, name)
        if subset is not None:
            _check_split(f"data.{name}.split", subset, asked)
    for name, column in (data.columns | (data.evaluation.columns or {})).items():
        if not isinstance(column, str) and not recipe.task_info.arrays:
            raise RecipeError(
                f"data.columns.{name}: expected one column, found a list; "
                "inputs of the task 'tensors' alone are made of several"
            )
    how = data.preprocessing
    if how and how.fit != "stretch" and (how.crop or len(how.resize or ()) != 2):
        raise RecipeError(
            f"data.preprocessing.fit: {how.fit!r} needs the size to fit into, as in resize = "
            "[640, 640], and no crop"
        )
    if recipe.task_info.arrays and not (data.columns or data.evaluation.columns):
        raise RecipeError(
            f"data.columns: a '{recipe.task}' recipe names the column of every model input, "
            'as in columns = { input = "x" }'
        )


def _check_rows_left(calibration: Subset | None, where: str) -> None:
    if calibration is not None and calibration.samples is None:
        raise RecipeError(
            f"data.calibration.samples: missing, so that calibration takes all of "
            f"{calibration.split!r} and {where} has none left to judge by; give samples, "
            "or [data.validation]"
        )


def _check_split(key: str, subset: Subset, asked: PlacedRecipe) -> None:
    text = subset.source or asked.recipe.data.source
    name = parse_split(subset.split)[0]
    if isinstance(asked.data_source(text), File) and name != ONLY_SPLIT:
        raise RecipeError(
            f"{key}: {text}: a single file has one split, '{ONLY_SPLIT}', found {name!r} "
            f"(take parts of it as {ONLY_SPLIT}[:300])"
        )


def _check_metrics(asked: PlacedRecipe) -> None:
    """Refuses metrics that cannot be used.

    Raises:
        RecipeError: there is none of a name, or it is a script of the hub, which would be fetched
            and run, and the recipe does not allow that; or it does not fit the task or the data.
        SourceError: a metric's file does not exist.
    """
    recipe = asked.recipe
    keys = ["metric", *("also" for _ in recipe.also)]
    for key, name in zip(keys, recipe.metric_names, strict=True):
        if is_function(name):
            asked.data_source(name)
            continue
        if name not in BUILT_IN:
            if recipe.trust:
                continue
            raise RecipeError(
                f"{key}: {name!r} is not built in ({nearest(name, BUILT_IN)}); a metric of the hub "
                "runs code from there: allow it with trust = true, or give file.py:function"
            )
        if not fits(name, recipe.task):
            raise RecipeError(
                f"{key}: {name!r} does not judge what a model of the task '{recipe.task}' says; "
                f"valid are {', '.join(fitting(recipe.task))}, and file.py:function"
            )
        if _lacks_references(recipe, name):
            raise RecipeError(
                f"{key}: {name!r} compares with right answers; name their column, as in "
                'data.columns = { reference = "y" }'
            )
    _check_scale("max_drop", recipe.max_drop, recipe)
    for where, _, method in _methods(recipe):
        if method.allowed_drop is not None:
            _check_scale(f"{where}.max_drop", method.allowed_drop, recipe)


def _lacks_references(recipe: Recipe, metric: str) -> bool:
    """Returns whether a metric has nothing to compare with; errors are to the baseline then."""
    facts = BUILT_IN[metric]
    wanted = facts.needs_references and facts.compares != "arrays"
    return wanted and compares_with_baseline(recipe, metric)


def _check_scale(key: str, drop: float, recipe: Recipe) -> None:
    """Refuses a drop that no model can have: it would let everything pass."""
    name = recipe.metric_names[0]
    if name not in BUILT_IN or is_function(name) or drop <= widest(name):
        return
    facts = BUILT_IN[name]
    hint = f" ({facts.scale})" if facts.scale else ""
    raise RecipeError(
        f"{key}: expected at most {widest(name):g}, found {drop:g}: {name} is between "
        f"{facts.lowest:g} and {facts.highest:g}{hint}; a point of a hundred is 0.01"
    )
