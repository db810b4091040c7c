"""Whether a recipe fits a model, and if not why, from what is known without loading anything."""

from __future__ import annotations

from ovtui.core.recipes.catalog import RecipeEntry
from ovtui.core.recipes.metrics import is_reference
from ovtui.core.recipes.model_facts import ModelFacts, shape_in_words
from ovtui.core.recipes.proposal import gives_masks, picture_input, takes_picture
from ovtui.core.recipes.task import ARRAYS, DETECTION, PICTURES, SEGMENTATION, TASKS

_OF_ANY_GRAPH = (DETECTION, SEGMENTATION, PICTURES, ARRAYS)


def why_not(model: ModelFacts, recipe: RecipeEntry) -> str:
    """Says why a recipe cannot be tried on a model; empty where it can, as far as is known.

    Args:
        model: what its files tell.
        recipe: as the catalogue lists it.
    """
    if recipe.problem:
        return recipe.problem
    if model.format == "huggingface":
        return _of_architecture(model, recipe.task)
    if recipe.task not in _OF_ANY_GRAPH:
        return f"{recipe.task} needs a Hugging Face folder, with tokenizer or processor"
    if model.format == "function" or not model.inputs:
        return ""
    if recipe.task == DETECTION:
        wrong = takes_picture(model) is None
        return f"wants a picture in; the model takes {_given(model)}" if wrong else ""
    if recipe.task == SEGMENTATION:
        wrong = takes_picture(model) is None or not gives_masks(model)
        return f"wants a picture in and masks out; the model takes {_given(model)}" if wrong else ""
    return _of_pictures(model, recipe) if recipe.task == PICTURES else _of_arrays(model, recipe)


def _of_architecture(model: ModelFacts, task: str) -> str:
    if not model.task:
        return f"nothing tells what a {model.architecture or 'model without architecture'} is for"
    if task == model.task or _is_same_model(task, model.task) or _is_same_model(model.task, task):
        return ""
    return f"is for {task}, the model for {model.task}"


def _is_same_model(asked: str, silent: str) -> bool:
    """Whether a model may do two tasks: BLIP's decoder was first trained to describe pictures."""
    return asked in TASKS and TASKS[asked].without_question == silent


def _of_pictures(model: ModelFacts, recipe: RecipeEntry) -> str:
    if picture_input(model) is None:
        return f"wants a picture in and scores out; the model takes {_given(model)}"
    shape = model.outputs[0].shape
    scores = shape[1] if shape else -1
    if recipe.classes is not None and scores not in (-1, recipe.classes):
        return f"names {recipe.classes} classes, the model has {scores} scores"
    return ""


def _given(model: ModelFacts) -> str:
    return ", ".join(f"{it.name} {shape_in_words(it)}" for it in model.inputs)


def _of_arrays(model: ModelFacts, recipe: RecipeEntry) -> str:
    given = {name for name in recipe.columns if not is_reference(name)}
    missing = [port.name for port in model.inputs if port.name not in given]
    return f"has no column for the input {', '.join(missing)}" if missing else ""
