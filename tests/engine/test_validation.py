"""What accuracy control judges by, where the metric compares with the original model's answers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import openvino as ov
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.compression import QuantizeWithAccuracyControl
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.validation import Labelled, validator
from ovtui.engine.conversion.collect import collect
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Collection, Compression
from tests.support.tensor_recipe import RECIPE, model_of


@pytest.mark.parametrize(("metric", "same", "off"), [("cosine", 1, 0), ("mae", 0, None)])
def test_a_metric_beside_the_original(
    tmp_path: Path, metric: str, same: float, off: float | None
) -> None:
    model = model_of(tmp_path)
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).normal(size=(16, 4)))
    (tmp_path / "recipe.toml").write_text(RECIPE)
    name = "model" if metric == "cosine" else "one"
    if metric == "mae":
        ov.save_model(ov.Model([model.outputs[1]], model.get_parameters()), tmp_path / "one.xml")
    settings = [f"metric={metric}", "data.columns={ x = 'x' }"]
    recipe = recipes.load(tmp_path / "recipe.toml", settings)
    samples, journal = tmp_path / "samples", Journal(Run(tmp_path))
    samples.mkdir()
    found = collect(
        Collection(recipe, str(tmp_path), use="evaluation", references=True), samples, journal
    )
    (samples / "info.json").write_bytes(msgspec.json.encode(found))
    work = Compression(
        recipe=recipe,
        base=str(tmp_path),
        source=str(tmp_path / f"{name}.xml"),
        method=QuantizeWithAccuracyControl(max_drop=0.01),
        fp16=False,
        calibration=None,
        validation=str(samples),
    )
    labelled = Labelled(samples)
    validate = validator(work, labelled, journal)
    original = ov.Core().compile_model(tmp_path / f"{name}.xml", "CPU")
    # NNCF asks for one sample first, then for all, later for some.
    for items in ([labelled[3]], list(labelled), [labelled[1], labelled[5]]):
        value, scores = validate(original, items)
        assert value == pytest.approx(same, abs=1e-6) and len(scores) == len(items)
    if off is not None:
        zeros = ov.Core().read_model(tmp_path / f"{name}.xml")
        other = ov.Core().compile_model(_without_weights(zeros), "CPU")
        assert validate(other, list(labelled))[0] == pytest.approx(off, abs=1e-6)


def _without_weights(model: ov.Model) -> ov.Model:
    """The model with its matrix of zeros: the output `scores` is gone, `boxes` stays."""
    for node in model.get_ops():
        if node.get_type_name() == "MatMul":
            shape = list(node.input_value(1).get_shape())
            zero = ov.opset13.constant(np.zeros(shape, np.float32))
            node.input(1).replace_source_output(zero.output(0))
    return model
