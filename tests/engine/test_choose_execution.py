"""What components may be executed with, which of it is taken, and how files tell it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes.recipe import Property, load
from ovtui.core.results.execution import NO_TIME, NOT_AGAIN, NOT_FASTER
from ovtui.core.runs.run_folder import Run
from ovtui.core.statistics.blocks import Ratio
from ovtui.engine.measuring import choose_execution as choosing
from ovtui.engine.measuring import search
from ovtui.engine.measuring.candidates import Traits, candidates, default_of, traits_of
from ovtui.engine.measuring.component_calls import calls_of_graph
from ovtui.engine.measuring.component_trial import ComponentTrial
from ovtui.engine.measuring.race import OutOfTime, Race, race
from ovtui.engine.measuring.replay import Replay
from ovtui.engine.run.executions import write_runtime_options
from ovtui.engine.store import fingerprint
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Choosing

PRECISION, KEYS, GROUP = (
    "INFERENCE_PRECISION_HINT",
    "KV_CACHE_PRECISION",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE",
)
DEFAULT: dict[str, Property] = {PRECISION: "f32", KEYS: "u8", GROUP: 32}
PLAIN, DECODER = Traits(False, False), Traits(True, True)
WITH_BF16 = ["FP32", "BF16", "INT8", "EXPORT_IMPORT"]


@pytest.mark.parametrize(
    ("capabilities", "default", "traits", "given", "expected"),
    [
        (["FP32", "INT8"], {}, PLAIN, [], {}),
        (WITH_BF16, {PRECISION: "bf16"}, PLAIN, [], {PRECISION: ["f32"]}),
        (WITH_BF16, {PRECISION: "f32"}, PLAIN, [], {PRECISION: ["bf16"]}),
        ([*WITH_BF16, "FP16"], {PRECISION: "bf16"}, PLAIN, [], {PRECISION: ["f32", "f16"]}),
        (WITH_BF16, {PRECISION: "bf16"}, PLAIN, [PRECISION], {}),
        (["FP32"], {}, DECODER, [], {KEYS: ["f32", "f16"], GROUP: [0, 64, 128]}),
        (["FP32"], {GROUP: 0}, Traits(True, False), [], {GROUP: [32, 64, 128]}),
        (["FP32"], {}, DECODER, [GROUP], {KEYS: ["f32", "f16"]}),
    ],
)
def test_only_what_the_device_executes_and_the_graph_has_is_tried(
    capabilities: list[str],
    default: dict[str, Property],
    traits: Traits,
    given: list[str],
    expected: dict[str, list[Property]],
) -> None:
    assert candidates(capabilities, DEFAULT | default, traits, given) == expected


def test_a_device_without_a_property_is_not_given_it() -> None:
    assert candidates(["FP32"], {PRECISION: "f32"}, DECODER, []) == {}


def written(folder: Path, bits: type = np.int8, name: str = "model") -> Path:
    """A linear layer and a running sum of what it was given, with weights of these bits."""
    generator = np.random.default_rng(0)
    x = ops.parameter([1, 8], np.float32, name="x")
    x.output(0).set_names({"x"})
    weights: Any = generator.integers(-100, 100, (8, 8)).astype(bits)
    weights = ops.convert(weights, "f32") if bits is np.int8 else ops.constant(weights)
    layer = ops.matmul(x, ops.multiply(weights, np.float32(0.01)), False, True)
    information = ov.op.util.VariableInfo()
    information.data_shape, information.data_type = ov.PartialShape([1, 8]), ov.Type.f32
    information.variable_id = "sum"
    variable = ov.op.util.Variable(information)
    total = ops.add(ops.read_value(ops.constant(np.zeros((1, 8), np.float32)), variable), layer)
    model = ov.Model([total.output(0)], [ops.assign(total, variable)], [x], "m")
    (folder / "baseline").mkdir(exist_ok=True)
    for place in (folder / f"{name}.xml", folder / "baseline" / f"{name}.xml"):
        ov.save_model(model, place, compress_to_fp16=False)
    return folder / f"{name}.xml"


def work_on(tiny: Path, model: Path, **given: Any) -> Choosing:
    samples = np.random.default_rng(1).standard_normal((3, 1, 8)).astype(np.float32)
    np.savez(model.parent / "measured.npz", x=samples)
    folder = str(model.parent)
    fields: dict[str, Any] = {"properties": {}, "seconds": 60.0} | given
    return Choosing(
        recipe=load(tiny),
        base=str(tiny.parent),
        device="CPU",
        models={"model": str(model)},
        conversion=folder,
        evaluation=folder,
        **fields,
    )


def test_traits_are_those_of_the_graph(tmp_path: Path) -> None:
    core = ov.Core()
    assert traits_of(core.read_model(written(tmp_path))) == DECODER
    floating = traits_of(core.read_model(written(tmp_path, np.float32, "floating")))
    assert floating == Traits(False, True)


def test_a_sequence_is_inferred_again_from_its_beginning(tmp_path: Path) -> None:
    compiled = ov.Core().compile_model(written(tmp_path), "CPU")
    calls = [{"x": np.full((1, 8), float(number), np.float32)} for number in (1, 2, 2)]
    replay = Replay(compiled, [calls, calls[:1]])
    assert replay.milliseconds(2) > 0
    first, second, third, alone = (outputs[0] for outputs in replay.outputs)
    np.testing.assert_allclose(first, alone, rtol=1e-5)
    np.testing.assert_allclose(second, 3 * first, rtol=1e-4)
    np.testing.assert_allclose(third, 5 * first, rtol=1e-4)
    assert replay.difference(Replay(compiled, [calls, calls[:1]])) == 0


def test_a_race_pairs_the_rounds_of_both(tmp_path: Path) -> None:
    compiled = ov.Core().compile_model(written(tmp_path), "CPU")
    one, other = (Replay(compiled, [[{"x": np.ones((1, 8), np.float32)}]]) for _ in range(2))
    raced = race(one, other, time.monotonic() + 60)
    assert raced.one_ms > 0 and raced.other_ms > 0 and raced.ratio.interval is not None


def test_no_call_and_no_round_begins_when_the_time_is_over(tmp_path: Path) -> None:
    compiled = ov.Core().compile_model(written(tmp_path), "CPU")
    calls = [{"x": np.ones((1, 8), np.float32)}]
    with pytest.raises(OutOfTime):
        Replay(compiled, [calls], until=time.monotonic() - 1)
    one, other = (Replay(compiled, [calls]) for _ in range(2))
    with pytest.raises(OutOfTime):
        race(one, other, time.monotonic() - 1)


def test_a_candidate_that_takes_all_the_time_ends_with_it(
    tiny: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(one: Replay, other: Replay, until: float) -> Race:
        raise OutOfTime

    monkeypatch.setattr(search, "race", late)
    found = chosen(work_on(tiny, written(tmp_path)), tmp_path)
    assert found.chosen == {} and {it.refused for it in found.candidates} == {NO_TIME}


def raced(ratios: dict[str, float], again: float = 2.0) -> Any:
    """In place of a race, whose times no test can know: ratios by what is told of a candidate.

    Args:
        ratios: by a value of a property; 1 where none is given.
        again: the ratio of a candidate that has raced before.
    """
    seen = []

    def race(one: Replay, other: Replay, until: float) -> Race:
        told = default_of(other.compiled)
        values = [str(told[KEYS]), str(told[GROUP])]
        value = next((ratios[it] for it in reversed(values) if it in ratios), 1.0)
        value = again if other in seen else value
        seen.append(other)
        return Race(2.0, 2.0 / value, Ratio(value, (value - 0.1, value + 0.1)))

    return race


def chosen(work: Choosing, folder: Path) -> Any:
    return choosing.choose_execution(work, calls_of_graph, Journal(Run(folder), "x")).components[
        "model"
    ]


def test_what_is_clearly_faster_is_taken_property_after_property(
    tiny: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_on(tiny, written(tmp_path))
    monkeypatch.setattr(search, "race", raced({"f32": 1.2, "64": 1.3, "0": 1.0, "128": 1.0}))
    found = chosen(work, tmp_path)
    assert found.chosen == {KEYS: "f32", GROUP: 64} and found.speedup == 2.0
    assert found.default == {KEYS: "u8", GROUP: 32}
    assert (found.default_ms, found.chosen_ms) == (2.0, 1.0)
    tried = [(it.properties, it.refused) for it in found.candidates]
    assert tried == [
        ({KEYS: "f32"}, ""),
        ({KEYS: "f16"}, NOT_FASTER),
        ({KEYS: "f32", GROUP: 0}, NOT_FASTER),
        ({KEYS: "f32", GROUP: 64}, ""),
        ({KEYS: "f32", GROUP: 128}, NOT_FASTER),
    ]


def test_what_wins_once_and_not_again_is_not_taken(
    tiny: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "race", raced({"f32": 1.2}, again=1.05))
    found = chosen(work_on(tiny, written(tmp_path)), tmp_path)
    assert found.chosen == {} and found.chosen_ms == found.default_ms
    assert found.candidates[0].refused == NOT_AGAIN


def test_without_time_the_default_stays_and_says_so(tiny: Path, tmp_path: Path, home: Path) -> None:
    found = chosen(work_on(tiny, written(tmp_path), seconds=0.0), tmp_path)
    assert found.chosen == {} and {it.refused for it in found.candidates} == {NO_TIME}
    assert found.default_ms is None, "nothing was timed"


def test_what_the_recipe_says_is_not_tried(tiny: Path, tmp_path: Path, home: Path) -> None:
    work = work_on(tiny, written(tmp_path), properties={KEYS: "f16", GROUP: 0}, seconds=0.0)
    assert (
        choosing.choose_execution(work, calls_of_graph, Journal(Run(tmp_path), "x")).components
        == {}
    )


def test_answers_farther_from_the_baseline_are_a_doubt_and_nearer_ones_are_none(
    tiny: Path, tmp_path: Path, home: Path
) -> None:
    work = work_on(tiny, written(tmp_path))
    trial = ComponentTrial(work, "model", lambda: calls_of_graph(work, "model"))
    same = trial.way({GROUP: 64})
    assert trial.doubt(same) == ""
    usual = [outputs[0] for outputs in trial.default.outputs]
    same.outputs = [[output * 1.2] for output in usual]
    assert trial.doubt(same).startswith("farther from the baseline: 0.2 ")
    trial.default.outputs = [[output * 1.5] for output in usual]
    assert trial.doubt(same) == ""


def test_an_ir_tells_its_properties_to_whoever_compiles_it(tmp_path: Path) -> None:
    model = written(tmp_path)
    before, weights = fingerprint.of_calculation(model), model.with_suffix(".bin").read_bytes()
    write_runtime_options(model, {KEYS: "u8", GROUP: 64})
    write_runtime_options(model, {KEYS: "f16"})
    assert fingerprint.of_calculation(model) == before, "equal variants stay equal"
    assert model.with_suffix(".bin").read_bytes() == weights
    compiled = ov.Core().compile_model(model, "CPU")
    assert compiled.get_property(KEYS) == ov.Type.f16 and compiled.get_property(GROUP) == 64
    told = ov.Core().compile_model(model, "CPU", {GROUP: 0})
    assert told.get_property(GROUP) == 0, "who says otherwise decides"
