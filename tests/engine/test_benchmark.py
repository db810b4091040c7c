"""Measuring with real workers and tiny models; no test judges a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import psutil
import pytest
from openvino import opset13 as ops

from ovtui.core.text.errors import UserError
from ovtui.engine.measuring import benchmark, load, worker
from ovtui.engine.measuring.benchmark import (
    Measured,
    MeasurementError,
    Processes,
    Schedule,
    Subject,
    WorkerDied,
    measure,
)
from ovtui.engine.measuring.channel import Failure, answer
from ovtui.engine.measuring.given_shapes import shapes_of_files
from ovtui.engine.measuring.inputs import random_sample
from ovtui.engine.measuring.load import CpuTimes, load_of_others
from ovtui.engine.measuring.messages import Failed, RandomInputs, StoredInputs
from ovtui.engine.models.executed_precision import shares, times_of
from tests.support.plain_graph import save

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("model"), [1, 3, 8, 8])


RANDOM = RandomInputs()


def subject(model: Path, name: str = "a", inputs: StoredInputs | RandomInputs = RANDOM) -> Subject:
    return Subject(name, model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}, inputs)


def quick(*subjects: Subject, **options: object) -> dict[str, Measured]:
    settings: dict = {"seconds": 0.02, "blocks": 2, "profile": False, "modes": ["latency"]}
    tell, log = options.pop("on_progress", None), options.pop("log", None)
    schedule = Schedule(**(settings | options))
    return measure(subjects, schedule, Processes(log=log and log.fileno()), tell)


def gone_within(pids: list[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def workers() -> list[int]:
    return [child.pid for child in psutil.Process().children() if "-P" in child.cmdline()]


def test_measures_both_modes_of_two_subjects_in_turn(tiny: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    result = measure(
        [subject(tiny, "a"), subject(tiny, "b")],
        Schedule(seconds=0.06, blocks=3),
        on_progress=lambda *step: seen.append(step),
    )
    assert list(result) == ["a", "b"]
    names = "".join(name for name, _, _ in seen)
    one_mode = "ab" + "ab" + "ba" + "ab"
    assert names == one_mode + one_mode + "ab"
    assert [done for _, done, _ in seen] == list(range(1, 19))
    assert {total for _, _, total in seen} == {18}
    measured = result["a"]
    assert measured.latency is not None and measured.throughput is not None
    assert len(measured.latency.blocks_p50_ms) == 3
    assert measured.latency.count >= 3 * benchmark.MIN_COUNT
    assert measured.latency.min_ms <= measured.latency.p50_ms <= measured.latency.p90_ms
    low, high = measured.latency.ci95_p50_ms
    assert low <= high
    assert len(measured.throughput.blocks_per_second) == 3
    assert measured.throughput.requests >= 1 and measured.throughput.batch == 1
    assert measured.execution["inference_precision"] == "f32"
    assert measured.execution["requested"] == {"INFERENCE_PRECISION_HINT": "f32"}
    assert measured.execution["devices"] == ["CPU"]
    assert set(measured.execution["requests"]) == {"latency", "throughput"}
    assert set(measured.executed_precision) == {"f32"}
    assert sum(measured.executed_precision.values()) == pytest.approx(1)
    assert measured.peak_rss_bytes > 10 * 2**20 and measured.compile_ms > 0
    assert not workers()


def test_a_slow_model_still_gets_the_least_count(tiny: Path) -> None:
    latency = quick(subject(tiny), seconds=0.0, blocks=4)["a"].latency
    assert latency is not None and latency.count == 4 * benchmark.MIN_COUNT


def test_stored_samples_stacked_and_ragged(tiny: Path, tmp_path: Path) -> None:
    stacked, ragged = tmp_path / "stacked.npz", tmp_path / "ragged.npz"
    np.savez(stacked, image=np.ones((5, 2, 3, 8, 8), np.float32))
    arrays = [np.ones((1, 3, 4 + k, 6), np.float32) for k in range(3)]
    np.savez(ragged, **{f"image#{k}": array for k, array in enumerate(arrays)})
    free = save(tmp_path, [-1, 3, -1, -1], "free")
    modes = ["latency", "throughput"]
    batched = quick(subject(free, inputs=StoredInputs(str(stacked))), modes=modes)["a"]
    assert batched.throughput is not None and batched.throughput.batch == 2
    varying = quick(subject(free, inputs=StoredInputs(str(ragged))), modes=modes)["a"]
    assert varying.throughput is not None


def test_arrays_without_the_models_names_go_by_order(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, pixels=np.ones((2, 1, 3, 8, 8), np.float64))
    assert quick(subject(tiny, inputs=StoredInputs(str(path))))["a"].latency is not None


def test_a_stateful_model_forgets_between_inferences(tmp_path: Path) -> None:
    value = ops.parameter([1, 4], np.float32, name="step")
    value.output(0).set_names({"step"})
    variable = ov.op.util.VariableInfo()
    variable.data_shape, variable.data_type = ov.PartialShape([1, -1]), ov.Type.f32
    variable.variable_id = "past"
    state = ov.op.util.Variable(variable)
    past = ops.read_value(ops.constant(np.zeros((1, 0), np.float32)), state)
    grown = ops.concat([past, value], 1)
    results, sinks = [ops.result(ops.relu(grown))], [ops.assign(grown, state)]
    model = ov.Model(results, sinks, [value], "stateful")
    path = tmp_path / "stateful.xml"
    ov.save_model(model, path)
    compiled = ov.Core().compile_model(path, "CPU")
    feed = worker.Feed(compiled, [[np.ones((1, 4), np.float32)]])
    request = compiled.create_infer_request()
    for _ in range(2):
        feed.next(request)
        request.infer()
        assert list(request.get_output_tensor().shape) == [1, 4]
    assert quick(subject(path), modes=["latency", "throughput"])["a"].latency is not None


INFO = [
    ("brgconv_avx2_f32", "f16", "30"),  # an FP16 IR: only the weights are f16
    ("jit_avx2_I8", "u8", "50"),
    ("brgemm_avx2_f32", "u4", "20"),
    ("unknown_f32", "f32", "not_executed"),
    ("undefined", "bf16", "100"),
]


def test_the_executed_precision_is_the_kernels() -> None:
    operations = []
    for kind, declared, microseconds in INFO:
        operation = ops.constant(0)
        operation.rt_info["primitiveType"] = kind
        operation.rt_info["runtimePrecision"] = declared
        operation.rt_info["execTimeMcs"] = microseconds
        operations.append(operation)
    found = shares(times_of(operations))
    assert found == {"bf16": 0.5, "i8": 0.25, "f32": 0.15, "f32/w4": 0.1}
    assert shares(times_of([])) == {}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (RandomInputs(), "dynamic shape [?,3,?,?]; say which, as in --shape image=1,3,224,224"),
        (RandomInputs({"x": [1]}), "no input is named 'x'; the model has: image"),
        (RandomInputs({"image": [1, 4, 8, 8]}), "[1, 4, 8, 8] does not fit"),
        (StoredInputs("/nowhere.npz"), "/nowhere.npz: cannot be read"),
    ],
)
def test_inputs_that_do_not_fit(
    tmp_path: Path, inputs: StoredInputs | RandomInputs, message: str
) -> None:
    with pytest.raises(MeasurementError) as caught:
        quick(subject(save(tmp_path, [-1, 3, -1, -1]), inputs=inputs))
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.kind == "inputs"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "'ids' has the dynamic shape [?,1..64]; say which, as in --shape ids=1,64"),
        ({}, "--shape ids=1,64 --shape sound=1,128,80"),
        ({"ids": [1, 8]}, "as in --shape ids=1,8 --shape sound=1,128,80"),
        ({"": [1, 32]}, "1,32: of which input?; the model has: ids, sound, flag; say it as in"),
        ({"": [1, 32]}, "--shape ids=1,32 --shape sound=1,128,80"),
    ],
)
def test_an_example_to_copy_for_every_open_input(given: dict, message: str) -> None:
    shapes = {"ids": "[?,1..64]", "sound": "[?,?,80]", "flag": "[1]"}
    ports = [ops.parameter(ov.PartialShape(it), np.float32, name=key) for key, it in shapes.items()]
    for port, name in zip(ports, shapes, strict=True):
        port.output(0).get_tensor().set_names({name})
    model = ov.Model([ops.result(ops.relu(port)) for port in ports], ports, "three")
    with pytest.raises(Failure) as caught:
        random_sample(model, given, 0)
    assert message in str(caught.value)


def test_no_example_for_a_model_whose_shapes_are_fixed() -> None:
    x = ops.parameter([1, 3], np.float32, name="x")
    x.output(0).get_tensor().set_names({"x"})
    with pytest.raises(Failure, match="the model has: x; all its shapes are fixed, it needs none"):
        random_sample(ov.Model([ops.relu(x)], [x]), {"img": [1, 3]}, 0)


def test_a_shape_that_was_given_and_a_free_batch(tmp_path: Path) -> None:
    free = save(tmp_path, [-1, 3, -1, -1])
    for name in ("image", ""):
        given = RandomInputs({name: [1, 3, 6, 6]})
        assert quick(subject(free, inputs=given))["a"].latency is not None
    assert quick(subject(save(tmp_path, [-1, 3, 4, 4], "batch")))["a"].latency is not None


def test_a_named_shape_is_of_the_files_that_have_such_an_input(tmp_path: Path) -> None:
    files = {}
    for name in ("sound", "picture"):
        port = ops.parameter(ov.PartialShape([-1, -1]), np.float32, name=name)
        port.output(0).get_tensor().set_names({name})
        files[name] = tmp_path / f"{name}.xml"
        ov.save_model(ov.Model([ops.relu(port)], [port], name), files[name])
    given = {"sound": [1, 8], "picture": [1, 4]}
    assert shapes_of_files(given, files) == {
        "sound": {"sound": [1, 8]},
        "picture": {"picture": [1, 4]},
    }
    assert shapes_of_files({"": [1, 8]}, files) == {name: {"": [1, 8]} for name in files}
    with pytest.raises(UserError, match="named 'text': sound has sound; picture has picture"):
        shapes_of_files({"text": [1, 8]}, files)
    alone = {"sound": files["sound"]}
    assert shapes_of_files({"text": [1, 8]}, alone) == {"sound": {"text": [1, 8]}}


def missing(model: Path) -> None:
    model.unlink()


def cut_xml(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-400])


def cut_bin(model: Path) -> None:
    weights = model.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:10])


def no_bin(model: Path) -> None:
    model.with_suffix(".bin").unlink()


@pytest.mark.parametrize("spoil", [missing, cut_xml, cut_bin, no_bin])
def test_a_model_that_cannot_be_read(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    model = save(tmp_path, [1, 3, 8, 8])
    spoil(model)
    with pytest.raises(MeasurementError) as caught:
        quick(subject(model, "int8"))
    told = str(caught.value)
    assert told.startswith(f"int8: {model.with_suffix('')}.") and "\n" not in told
    assert caught.value.kind == "model"


def test_a_device_or_property_that_does_not_exist(tiny: Path) -> None:
    with pytest.raises(MeasurementError, match=r"no device 'NOPE'.*CPU") as caught:
        quick(Subject("a", tiny, "NOPE", {}, RANDOM))
    assert caught.value.kind == "device"
    with pytest.raises(MeasurementError, match="NO_SUCH_PROPERTY") as caught:
        quick(Subject("a", tiny, "CPU", {"NO_SUCH_PROPERTY": 1}, RANDOM))
    assert caught.value.kind == "compile" and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "line", [b'{"do":"dance"}', b'{"do":"block"}', b"[]", b'{"do":"real","sample":0}']
)
def test_a_command_that_a_worker_does_not_know(line: bytes) -> None:
    reply = answer(worker.GraphWorker(), line)
    assert isinstance(reply, Failed) and reply.kind == "internal"


def test_no_worker_is_left_when_one_subject_fails(tiny: Path) -> None:
    with pytest.raises(MeasurementError):
        quick(subject(tiny, "a"), subject(tiny.with_name("none.xml"), "b"))
    assert not workers()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_no_worker_is_left_after_an_interrupt(tiny: Path, error: type[BaseException]) -> None:
    def stop(name: str, done: int, total: int) -> None:
        assert workers()
        raise error

    with pytest.raises(error):
        quick(subject(tiny), on_progress=stop)
    assert not workers()


def test_a_worker_that_is_killed_in_a_block(tiny: Path) -> None:
    def kill_soon(name: str, done: int, total: int) -> None:
        if done == 1:
            (pid,) = workers()
            threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()

    with pytest.raises(WorkerDied) as caught:
        quick(subject(tiny, "int8"), seconds=120, on_progress=kill_soon)
    assert caught.value.returncode == -signal.SIGKILL
    assert str(caught.value).startswith("int8: the measuring process was killed")
    assert "\n" not in str(caught.value) and not workers()


COORDINATOR = """
import sys
from pathlib import Path
import psutil
from ovtui.engine.measuring.blocks import latency_of
from ovtui.engine.measuring.benchmark import Schedule, Subject, measure
from ovtui.engine.measuring.messages import RandomInputs

def tell(name, done, total):
    if done == 2:  # both are loaded; the next step is a block of a minute
        print(*(child.pid for child in psutil.Process().children()), flush=True)

subjects = [Subject(name, Path(sys.argv[1]), "CPU", {}, RandomInputs()) for name in "ab"]
measure(subjects, Schedule(seconds=60, blocks=1), on_progress=tell)
"""


def test_workers_end_with_a_killed_coordinator(tiny: Path) -> None:
    command = [sys.executable, "-c", COORDINATOR, str(tiny)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as coordinator:
        try:
            assert coordinator.stdout is not None
            pids = [int(pid) for pid in coordinator.stdout.readline().split()]
            assert len(pids) == 2 and all(alive(pid) for pid in pids)
            time.sleep(0.5)
        finally:
            coordinator.kill()
    assert gone_within(pids, 2)


def test_what_a_worker_prints_goes_to_the_log(tiny: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_text("no model")  # the ONNX frontend complains to stderr
    with (tmp_path / "log").open("w+b") as log:
        with pytest.raises(MeasurementError):
            quick(subject(broken), log=log)
        assert b"Error parsing" in (tmp_path / "log").read_bytes()


def test_the_coordinator_imports_no_heavy_library() -> None:
    code = (
        "import sys, ovtui.engine.measuring.benchmark; "
        "print([m for m in ('openvino', 'numpy', 'torch', 'nncf') if m in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert finished.stdout.strip() == "[]"


def test_load_of_others_leaves_out_our_own() -> None:
    cores = psutil.cpu_count() or 1
    before = CpuTimes(total=100.0, busy=50.0, own=5.0)
    after = CpuTimes(total=110.0, busy=57.0, own=9.0)
    assert load_of_others(before, after) == pytest.approx(0.3 * cores)
    assert load_of_others(before, before) == 0
    assert load.load_warning(0.0) is None
    assert load.load_warning(0.9 * load.BUSY_SHARE * cores) is None
    told = load.load_warning(0.5 * cores)
    assert told == f"other processes used {0.5 * cores:.1f} of {cores} cores while measuring"
