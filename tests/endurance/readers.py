"""What reads files that somebody else may have made, and one of each kind that is whole."""

from __future__ import annotations

import contextlib
import io
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from PIL import Image

from ovtui.core.files.reading import Damaged
from ovtui.core.home import directories
from ovtui.core.home import settings as settings_file
from ovtui.core.machine import devices
from ovtui.core.recipes import assignment, catalog, recipe
from ovtui.core.reports import report
from ovtui.core.reports.summary import summary
from ovtui.core.results import evaluated_rows, outcomes, result
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError
from ovtui.engine.data import labels
from ovtui.engine.data.audio import read_audio
from ovtui.engine.data.csv_files import dialect_of
from ovtui.engine.data.npz_files import from_npz
from ovtui.engine.data.pictures import read_picture
from ovtui.engine.data.rows import Unusable
from ovtui.engine.hub.model_config import check_config
from ovtui.engine.models import sources
from ovtui.engine.models.model_files import read_model
from ovtui.engine.tasks import sentence_similarity, text
from tests.support.sample_result import sample_result
from tests.support.tiny import RECIPE, write_ir

EXPECTED = (UserError, Damaged, OSError, Unusable)
"""The errors that are told in a line."""


class Reader(NamedTuple):
    """What reads a kind of file, and one that is whole."""

    name: str
    whole: bytes
    read: Callable[[Path], Any]


def readers(folder: Path) -> list[Reader]:
    """All of them; their whole files are made in a folder."""
    return [*_of_recipes(), *_of_runs(), *_of_data(folder), *_of_models(folder)]


def _of_recipes() -> list[Reader]:
    toml = RECIPE.encode()
    settings = b'models = ["~/m"]\ncache_gib = 2.0\n[keys]\nquit = "x"\n'
    return [
        Reader("recipe", toml, recipe.load),
        Reader("recipe's row", toml, lambda path: catalog._recipe_entry(path, "yours")),
        Reader("settings", settings, settings_file.read),
        Reader("--set", b"variants.int8.components.model.preset=mixed", _setting),
    ]


def _of_runs() -> list[Reader]:
    found = sample_result()
    kept = outcomes.Outcomes(
        metric="accuracy",
        reduction="mean",
        higher_is_better=True,
        dataset="d",
        split="test",
        samples=[0, 1],
        variants={"fp32": [[1.0], [0.0]]},
    )
    event = events.Measured(time=0, variant="a", what="latency", value={"p50_ms": 1.0})
    lines = events.encode(event) + events.encode(events.Finished(time=1))
    asked = Request(name="tiny", created="", device="CPU", base="/")
    line = msgspec.json.encode(found.samples[0]) + b"\n"
    device = devices.Device(name="CPU", full_name="CPU")
    return [
        Reader("run.json", msgspec.json.encode(asked), _named("run.json", _request)),
        Reader("result.json", result.encode(found), _result),
        Reader("events.jsonl", lines, _named("events.jsonl", _events)),
        Reader("log.txt", b"1 %\r2 %\nlast words\n", _named("log.txt", _log)),
        Reader("outcomes.json", msgspec.json.encode(kept), _named(outcomes.FILE, outcomes.read)),
        Reader("predictions", line, _named(evaluated_rows.FILE, _prediction)),
        Reader("labels.json", b'["a", "b"]', _named("labels.json", labels.kept_labels)),
        Reader("devices.json", msgspec.json.encode([device]), _devices),
    ]


def _of_data(folder: Path) -> list[Reader]:
    rows = b"".join(b'%d,"a; b",0.5\n' % number for number in range(20))
    arrays = {"images": np.zeros((2, 4, 4, 3), np.uint8), "labels": np.arange(2)}
    np.savez(folder / "x.npz", **arrays)
    found = [
        Reader("npz", (folder / "x.npz").read_bytes(), lambda path: from_npz(path, "x.npz", "all")),
        Reader("CSV", b"id,text,score\n" + rows, lambda path: dialect_of(path, "x.csv")),
        Reader("WAV", _wav(), lambda path: read_audio(str(path), None, None, 16_000)),
    ]
    for kind in ("png", "jpeg", "gif", "bmp", "webp", "tiff"):
        found.append(Reader(kind, _picture(kind), lambda path: read_picture(str(path), None)))
    return found


def _of_models(folder: Path) -> list[Reader]:
    import openvino as ov
    import torch
    from safetensors.torch import save

    core, weights = ov.Core(), {"layer.weight": torch.zeros(2, 3), "layer.bias": torch.zeros(2)}
    write_ir(folder / "model.xml")
    pickled = io.BytesIO()
    torch.save(weights, pickled)
    index = b'{"metadata": {}, "weight_map": {"a.weight": "model.safetensors"}}'
    described = b'{"num_hidden_layers": 2, "text": {"n_layer": 1}, "id2label": {"0": "a"}}'
    pooling = b'{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true}'

    def ir(path: Path) -> Any:
        return read_model(core, path.replace(folder / "model.xml"))

    return [
        Reader("config.json", described, _named("config.json", check_config)),
        Reader("its labels", described, _named("config.json", _labels)),
        Reader("1_Pooling/config.json", pooling, _pooling),
        Reader("safetensors", save(weights), _named("x.safetensors", _weights)),
        Reader("pickled weights", pickled.getvalue(), _named("x.pt", _weights)),
        Reader("index of safetensors", index, _named("model.safetensors.index.json", _index)),
        Reader("IR", (folder / "model.xml").read_bytes(), ir),
        Reader("ONNX", _onnx(), _named("x.onnx", lambda place: read_model(core, place / "x.onnx"))),
    ]


def _named(name: str, read: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """A reader of the folder in which a file has this name."""

    def function(path: Path) -> Any:
        place = path.parent / "named"
        place.mkdir(exist_ok=True)
        path.replace(place / name)
        try:
            return read(place)
        finally:
            (place / name).unlink()

    return function


def _setting(path: Path) -> Any:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    assignment.split(text)
    whole = path.with_name("whole.toml")
    whole.write_text(RECIPE)
    return recipe.load(whole, [text])


def _request(place: Path) -> None:
    for read in (Run(place).request, Run(place).heading):
        with contextlib.suppress(UserError):
            read()


def _result(path: Path) -> None:
    try:
        found = result.read(path)
    except ValueError:
        return
    for told in (summary(found, 80), report.to_markdown(found), report.to_csv(found)):
        if "\x1b" in told:
            raise AssertionError("an escape passed")
    report.to_html(found)


def _events(place: Path) -> None:
    run = Run(place)
    for _ in run.tail().events, run.outcome(), run.last_event(), run.state():
        pass


def _log(place: Path) -> None:
    if "\x1b" in Run(place).log_text():
        raise AssertionError("an escape passed")
    Run(place).log_tail()


def _prediction(place: Path) -> None:
    evaluated_rows.find(place, "17")  # the sample that the whole file has


def _devices(path: Path) -> None:
    path.replace(directories.writable_home() / "devices.json")
    devices.cached()


def _labels(place: Path) -> None:
    labels.model_labels(place)
    text.positions_of(place)


def _pooling(path: Path) -> None:
    place = path.parent / "sentences" / "1_Pooling"
    place.mkdir(parents=True, exist_ok=True)
    modules = [{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    (place.parent / "modules.json").write_text(json.dumps(modules))
    path.replace(place / "config.json")
    sentence_similarity.pooling_of(place.parent)


def _weights(place: Path) -> None:
    sources._read_weights(next(place.iterdir()), trust=False)


def _index(place: Path) -> None:
    whole = place.with_name("whole.toml")
    whole.write_text(RECIPE)
    sources._check_index(place, recipe.load(whole))


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 10, 10)).save(file, kind)
    return file.getvalue()


def _wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((1, 2, 16_000, 0, "NONE", ""))
        written.writeframes(bytes(3200))
    return file.getvalue()


def _onnx() -> bytes:
    from onnx import TensorProto, helper

    node = helper.make_node("Relu", ["a"], ["b"])
    a, b = (helper.make_tensor_value_info(it, TensorProto.FLOAT, [1, 4]) for it in "ab")
    graph = helper.make_graph([node], "g", [a], [b])
    return bytes(helper.make_model(graph, ir_version=8).SerializeToString())
