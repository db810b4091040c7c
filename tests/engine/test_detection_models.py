"""Detectors of transformers: converted, and read as their own processors read them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import openvino as ov
import pytest
import torch
from PIL import Image

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.compression import Quantize
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.kept import reading_quantized
from ovtui.engine.compression.query_decoders import query_decoder
from ovtui.engine.conversion.from_pytorch import trace_module
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.models.inference import infer_alone
from ovtui.engine.models.sources import folder_of_model
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks import open_model, open_task, task_class
from tests.support.tiny_detectors import NAMES, RECIPE, write_detector

KEPT_SHAPE = ("Detr", "ConditionalDetr")


def pictures() -> list[Image.Image]:
    generator = np.random.default_rng(0)
    sizes = ((64, 96), (96, 64))
    return [Image.fromarray(generator.integers(0, 256, (*it, 3), dtype=np.uint8)) for it in sizes]


def theirs(kind: str, processor: Any, outputs: dict[str, torch.Tensor], size: Any) -> Any:
    """What the processor makes of outputs, the surest first."""
    how = {"top_k": 300} if kind == "ConditionalDetr" else {}
    (found,) = processor.post_process_object_detection(
        SimpleNamespace(**outputs), threshold=0.0, target_sizes=[size[::-1]], **how
    )
    order = torch.argsort(-found["scores"], stable=True)
    return {name: found[name][order].numpy() for name in ("boxes", "scores", "labels")}


class Converted(NamedTuple):
    """A detector in PyTorch and as a graph, with two pictures of other shapes."""

    kind: str
    task: Any
    module: Any
    samples: list[Arrays]
    processed: list[Arrays]
    file: Path


@pytest.fixture(
    scope="module", params=["Detr", "ConditionalDetr", "Yolos", "RTDetr", "RTDetrV2", "DFine"]
)
def converted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Converted:
    kind, place = request.param, tmp_path_factory.mktemp(request.param)
    folder = write_detector(place / "model", kind)
    text = RECIPE.replace("model.xml", "model").replace("preprocessing =", "prompt = '{label}' #")
    (place / "recipe.toml").write_text(text)
    asked = placed(recipes.load(place / "recipe.toml"), place)
    task: Any = open_task(asked.recipe, Labels(NAMES), folder_of_model(asked), None)
    free = task_class(asked.recipe.task).free_axes(asked, folder)
    assert bool(free) == (kind in KEPT_SHAPE)
    samples = [task.inputs({"image": picture}) for picture in pictures()]
    shapes = {sample["pixel_values"].shape for sample in samples}
    assert len(shapes) == (2 if free else 1)
    module: Any = open_model(asked)
    journal = Journal(Run(place), "convert")
    processed = [task.processed({"image": picture}) for picture in pictures()]
    graph, traced = trace_module(module, Examples(samples[:1], processed[:1], free), journal)
    assert traced.outputs == ["logits", "pred_boxes"]
    ov.save_model(graph, place / "graph.xml", compress_to_fp16=False)
    return Converted(kind, task, module, samples, processed, place / "graph.xml")


def test_a_graph_finds_what_the_model_and_its_processor_find(converted: Converted) -> None:
    kind, task, module, samples, processed, file = converted
    compiled = ov.Core().compile_model(file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for picture, sample, given in zip(pictures(), samples, processed, strict=True):
        task.look_at(file, sample)
        with torch.no_grad():
            said = module.untouched(**{name: torch.tensor(it) for name, it in given.items()})
        found = infer_alone(compiled, sample)
        wants = [said.logits.numpy(), said.pred_boxes.numpy()]
        assert _farthest(np.concatenate(found, -1)[0], np.concatenate(wants, -1)[0]) < 1e-4
        outputs = {"logits": torch.tensor(found[0]), "pred_boxes": torch.tensor(found[1])}
        wanted = theirs(kind, task._processor, outputs, picture.size)
        ours = task.within({"image": picture}, task.prediction([found]))
        both = [
            np.column_stack([scores, labels, np.clip(boxes, 0, [*picture.size] * 2)])
            for scores, labels, boxes in (
                (wanted["scores"], wanted["labels"], wanted["boxes"]),
                (ours["scores"], ours["classes"], ours["boxes"]),
            )
        ]
        assert len(both[0]) >= 10 and _farthest(*both) < 1e-3


def test_the_decoder_of_queries_is_found(converted: Converted) -> None:
    model = ov.Core().read_model(converted.file)
    kept = set(query_decoder(model))
    assert bool(kept) == (converted.kind != "Yolos"), "whose tokens attend to each other"
    if not kept:
        return
    by_name = {node.get_friendly_name(): node for node in model.get_ordered_ops()}
    kinds = Counter(by_name[name].get_type_name() for name in kept)
    assert kinds["MatMul"] >= 6 and "Convolution" not in kinds
    assert {"GridSample", "ScaledDotProductAttention"} & kinds.keys()
    for result in model.get_results():
        last = result.input_value(0).get_node().get_friendly_name()
        assert last in kept, "its boxes and scores"
    left = [it for it in by_name.values() if it.get_type_name() == "Convolution"]
    assert len(left) > 4, "the backbone is quantized"


@pytest.mark.parametrize("keep", [None, False])
def test_nothing_of_the_decoder_is_quantized(
    converted: Converted, keep: Any, tmp_path: Path
) -> None:
    model_type: Any = {"Detr": None, "RTDetr": "transformer"}.get(converted.kind, "")
    if model_type == "":
        return  # their graphs are like these two
    with SpoolWriter(tmp_path, "inputs") as writer:
        for sample in converted.samples:
            writer.append(sample)
    (tmp_path / "run").mkdir()
    journal = Journal(Run(tmp_path / "run"), "compress")
    samples = Samples(calibration=Spool(tmp_path, "inputs"))
    method = Quantize(model_type=model_type, keep_decoder=keep)
    target = tmp_path / "int8.xml"
    told = compress(converted.file, target, method, samples, Storage(fp16=False), journal)
    kept = query_decoder(ov.Core().read_model(converted.file))
    still = reading_quantized(ov.Core().read_model(target), kept)
    assert bool(still) == (keep is False) and told.kept_decoder == ([] if still else kept)
    assert not told.warnings


def _farthest(rows: np.ndarray, others: np.ndarray) -> float:
    """How far the row is off that is farthest from all others: RT-DETR's queries come in the order
    of scores that rounding alone tells apart here.
    """
    return float(np.abs(rows[:, None] - others[None]).max(axis=-1).min(axis=1).max())
