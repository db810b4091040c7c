"""No component of a demo is larger than the file that NNCF and `ov.save_model` write of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.compression import CompressWeights, Quantize
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import PIPELINES, WHOLE_MODEL
from ovtui.core.runs.run_folder import Run
from ovtui.engine.conversion.collect import collect
from ovtui.engine.conversion.convert import convert
from ovtui.engine.data.examples import wait_for_examples
from ovtui.engine.data.spool import Spool
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Collection, PipelineFiles, Recording
from ovtui.engine.tasks import open_model, task_class
from tests.support.beside_nncf import sizes

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
SAMPLES = 2
"""Sizes depend on no value of them."""
SAME = ("blip-captioning-digits.toml", "vision_model")
"""Is that of `blip-vqa-digits.toml`, weight by weight."""


def _recipe(name: str) -> Recipe:
    uses = ("calibration", "evaluation")
    return recipes.load(DEMO / name, [f"data.{use}.samples={SAMPLES}" for use in uses])


COMPONENTS = [
    (path.name, component)
    for path in sorted(DEMO.glob("*.toml"))
    for component in _recipe(path.name).component_names
    if (path.name, component) != SAME
]


class Twin(NamedTuple):
    """A demo's model, converted."""

    conversion: Path
    stateful: list[str]
    samples: dict[str, Spool]
    """Calibration inputs by component."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Twin]:
    """A recipe's model: each is converted once."""
    return functools.cache(lambda name: _convert(_recipe(name), tmp_path_factory.mktemp("twin")))


def _convert(recipe: Recipe, folder: Path) -> Twin:
    places = {name: folder / name for name in ("evaluation", "calibration", "model", "recorded")}
    for place in places.values():
        place.mkdir()
    evaluation, calibration, model, recorded = places.values()
    journal = Journal(Run(folder), "convert")
    collect(Collection(recipe, str(DEMO), use="evaluation", references=False), evaluation, journal)
    collect(
        Collection(recipe, str(DEMO), use="calibration", references=False), calibration, journal
    )
    if recipe.task not in PIPELINES:
        examples = wait_for_examples([evaluation])
        convert(
            open_model(placed(recipe, DEMO)),
            examples._replace(dynamic=task_class(recipe.task).dynamic),
            "CPU",
            model,
            journal,
            fp16=True,
        )
        return Twin(model, [], {WHOLE_MODEL: Spool(calibration, "inputs")})
    from ovtui.engine.conversion.convert_pipeline import convert_pipeline
    from ovtui.engine.pipelines.recording import record

    files = PipelineFiles(recipe=recipe, base=str(DEMO), conversion="", models={})
    converted = convert_pipeline(
        files,
        lambda: wait_for_examples([evaluation]),
        "CPU",
        model,
        journal,
        Cache(folder / "cache"),
    )
    asked = Recording(
        recipe=recipe,
        base=str(DEMO),
        conversion=str(model),
        calibration=str(calibration),
        device="CPU",
        wanted=dict.fromkeys(recipe.component_names, SAMPLES),
    )
    record(asked, recorded, journal)
    samples = {name: Spool(recorded / name, "inputs") for name in recipe.component_names}
    return Twin(model, converted.stateful, samples)


def _quantization(recipe: Recipe, component: str) -> Quantize:
    """As the recipe quantizes a component, or would."""
    usual = Quantize(model_type="transformer" if recipe.task_info.transformer else None)
    methods = [variant.components.get(component) for variant in recipe.variants]
    method = next((method for method in methods if isinstance(method, Quantize)), usual)
    # A file lists what was left in floating point, 1 kB of a detector's; NNCF is told of none.
    return msgspec.structs.replace(method, keep_heads=False, keep_decoder=False)


@pytest.mark.parametrize("kind", ["quantize", "compress_weights"])
@pytest.mark.parametrize(("name", "component"), COMPONENTS)
def test_files_are_no_larger_than_nncfs(
    name: str, component: str, kind: str, twin: Callable[[str], Twin], tmp_path: Path
) -> None:
    found = twin(name)
    method = (
        _quantization(_recipe(name), component)
        if kind == "quantize"
        else CompressWeights(mode="int8_asym")
    )
    ours, plain = sizes(
        graph_of(found.conversion, component),
        method,
        found.samples[component],
        tmp_path,
        stateful=component in found.stateful,
    )
    assert ours <= plain
