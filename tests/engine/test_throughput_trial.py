"""How many streams, and samples in a request, are tried for most samples a second."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes.recipe import load
from ovtui.core.results.execution import BATCH, NOT_FASTER, ComponentExecution
from ovtui.core.runs.run_folder import Run
from ovtui.core.statistics.blocks import Ratio
from ovtui.engine.measuring import search
from ovtui.engine.measuring.benchmark import Schedule, Subject, measure
from ovtui.engine.measuring.choose_execution import choose_execution
from ovtui.engine.measuring.component_calls import calls_of_graph
from ovtui.engine.measuring.messages import Load, StoredInputs
from ovtui.engine.measuring.race import Race
from ovtui.engine.measuring.throughput_trial import STREAMS, Flow, ThroughputTrial
from ovtui.engine.measuring.worker import GraphWorker
from ovtui.engine.run.executions import executed_as
from ovtui.engine.run.variants import Artefact
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Chosen
from ovtui.engine.store.stage_work import Choosing


def work_on(tiny: Path, folder: Path, batch: int = -1, **given: Any) -> Choosing:
    """A layer whose batch is free or fixed, with three samples of one."""
    x = ops.parameter([batch, 8], np.float32, name="x")
    x.output(0).set_names({"x"})
    model = ov.Model([ops.relu(x).output(0)], [x], "m")
    ov.save_model(model, folder / "model.xml", compress_to_fp16=False)
    np.savez(folder / "measured.npz", x=np.ones((3, 1, 8), np.float32))
    fields: dict[str, Any] = {"properties": {}, "seconds": 60.0} | given
    return Choosing(
        recipe=load(tiny),
        base=str(tiny.parent),
        device="CPU",
        models={"model": str(folder / "model.xml")},
        conversion=str(folder),
        evaluation=str(folder),
        throughput=True,
        **fields,
    )


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovtui.engine.measuring.sweep.cores", lambda: 4)


def test_streams_and_batches_are_tried_where_they_can_be(tiny: Path, tmp_path: Path) -> None:
    trial = ThroughputTrial(work_on(tiny, tmp_path), {})
    usual = trial.chosen_by_device[STREAMS]
    assert trial.values == {STREAMS: [n for n in (1, 2, 4) if n != usual], BATCH: [4, 16]}
    given = work_on(tiny, tmp_path, properties={STREAMS: 1})
    assert ThroughputTrial(given, {}).values == {BATCH: [4, 16]}


def test_a_candidate_is_executed_as_it_says(tiny: Path, tmp_path: Path) -> None:
    trial = ThroughputTrial(work_on(tiny, tmp_path), {"INFERENCE_NUM_THREADS": 1})
    flow = trial.way({STREAMS: 1, BATCH: 4})
    assert flow.compiled.get_property(STREAMS) == 1
    assert flow.compiled.get_property("INFERENCE_NUM_THREADS") == 1
    assert list(flow.compiled.input(0).shape) == [4, 8]
    assert flow.milliseconds(5) > 0


def told(flow: Flow) -> tuple[int, int]:
    return flow.compiled.get_property(STREAMS), flow.compiled.input(0).partial_shape[0].max_length


def test_what_gives_most_is_found_beside_what_the_device_does(
    tiny: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of times, which no test can know: one stream is best, and four samples together."""

    def race(one: Flow, other: Flow, until: float) -> Race:
        streams, batch = told(other)
        ratio = 1.5 if (streams, batch) in [(1, -1), (1, 4)] else 1.0
        return Race(3.0, 3.0 / ratio, Ratio(ratio, (ratio - 0.1, ratio + 0.1)))

    monkeypatch.setattr(search, "race", race)
    work = work_on(tiny, tmp_path)
    found = choose_execution(work, calls_of_graph, Journal(Run(tmp_path), "x"))
    assert found.components == {}, "of one request at a time there is nothing to try"
    assert found.throughput is not None
    assert found.throughput.chosen == {STREAMS: 1, BATCH: 4}
    assert found.throughput.default[BATCH] == 1
    assert (found.throughput.default_ms, found.throughput.chosen_ms) == (3.0, 2.0)
    refused = [it.refused for it in found.throughput.candidates]
    assert refused.count(NOT_FASTER) == len(refused) - 2


def test_streams_are_taken_where_throughput_is_measured_and_nowhere_else(
    tiny: Path, tmp_path: Path
) -> None:
    work_on(tiny, tmp_path)
    inputs = StoredInputs(str(tmp_path / "measured.npz"))
    subject = Subject("int8", tmp_path / "model.xml", "CPU", {}, inputs)
    subject = replace(subject, busy_properties={STREAMS: 1})
    schedule = Schedule(seconds=0.02, blocks=1, profile=False)
    measured = measure([subject], schedule)["int8"]
    assert measured.execution["requests"] == {"latency": 1, "throughput": 1}
    assert measured.throughput is not None and measured.throughput.batch == 1


def test_texts_are_padded_to_the_bucket_where_speed_is_measured(tmp_path: Path) -> None:
    shape = ov.PartialShape([-1, -1])
    given = [ops.parameter(shape, np.int64, name=name) for name in ("input_ids", "attention_mask")]
    for node in given:
        node.output(0).set_names({node.get_friendly_name()})
    model = ov.Model([ops.multiply(*given).output(0)], given, "m")
    ov.save_model(model, tmp_path / "model.xml")
    texts = {f"{name}#{k}": np.ones((1, n), np.int64) for name in ("input_ids", "attention_mask")
             for k, n in enumerate((3, 9))}  # fmt: skip
    np.savez(tmp_path / "measured.npz", **texts)  # type: ignore[arg-type]
    for bucket, lengths in ((None, [3, 9]), (8, [8, 16])):
        worker = GraphWorker()
        inputs = StoredInputs(str(tmp_path / "measured.npz"), bucket)
        path = str(tmp_path / "model.xml")
        worker.load(Load(model=path, device="CPU", properties={}, hint="latency", inputs=inputs))
        assert [sample[1].shape[1] for sample in worker.samples] == lengths
        assert [int(sample[1].sum()) for sample in worker.samples] == [3, 9], "the rest is masked"


def test_a_file_beside_the_model_tells_its_streams(tiny: Path, tmp_path: Path) -> None:
    work_on(tiny, tmp_path)
    found = ComponentExecution(
        default={STREAMS: 2, BATCH: 1},
        chosen={STREAMS: 1, BATCH: 4},
        default_ms=3.0,
        chosen_ms=2.0,
    )
    chosen = Chosen(components={}, throughput=found, allowed_seconds=1.0)
    files = {"model": tmp_path / "model.xml"}
    plain = Artefact("int8", tmp_path, files, methods={}, properties={}, key="", bucket=16)
    executed = executed_as(plain, chosen, "CPU")
    assert executed.busy_properties == {STREAMS: 1}, "who calls decides on batches"
    told = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert told.keys() == {"model.throughput.json", "model.execution.json"}
    assert all(it["texts"] == {"bucket": 16} for it in told.values())
    how = told["model.throughput.json"]["CPU"]
    compiled = ov.Core().compile_model(files["model"], "CPU", how)
    assert compiled.get_property(STREAMS) == 1
