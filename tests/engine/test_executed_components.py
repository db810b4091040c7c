"""What each component of a variant is executed with, as the plugin has it."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.recipes.recipe import load
from ovtui.engine.pipelines.pipeline import compile_components
from ovtui.engine.run.variants import Artefact
from ovtui.engine.store.stage_work import PipelineFiles
from tests.support import plain_graph
from tests.support.own_models import DEMO

GROUP, KEYS = "DYNAMIC_QUANTIZATION_GROUP_SIZE", "KV_CACHE_PRECISION"


def test_a_component_is_compiled_with_its_own_properties_before_those_of_all(
    tmp_path: Path,
) -> None:
    path = str(plain_graph.save(tmp_path, [1, 3, 8, 8]))
    files = PipelineFiles(
        recipe=load(DEMO / "whisper-digits.toml"),
        base=str(DEMO),
        conversion="",
        models={"encoder": path, "decoder": path},
        chosen={"decoder": {GROUP: 128, KEYS: "f32"}},
    )
    compiled = compile_components(files, "CPU", {GROUP: 64}, PERFORMANCE_HINT="LATENCY")
    said = {name: model.get_property(GROUP) for name, model in compiled.items()}
    assert said == {"encoder": 64, "decoder": 128}
    assert compiled["decoder"].get_property(KEYS).to_string() == "f32"
    assert compiled["encoder"].get_property(KEYS).to_string() == "u8"


def test_what_was_chosen_for_a_component_comes_before_what_the_variant_is_executed_with() -> None:
    artefact = Artefact(
        name="int8",
        folder=Path(),
        files={},
        methods={},
        properties={"NUM_STREAMS": 1, GROUP: 32},
        key="",
        chosen={"decoder": {GROUP: 0}},
    )
    assert artefact.properties_of("decoder") == {"NUM_STREAMS": 1, GROUP: 0}
    assert artefact.properties_of("encoder") == {"NUM_STREAMS": 1, GROUP: 32}
