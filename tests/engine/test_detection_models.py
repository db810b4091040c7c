"""Detectors of transformers: converted, and read as their own processors read them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from PIL import Image

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.runs.run_folder import Run
from ovtui.engine.conversion.from_pytorch import trace_module
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
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


@pytest.mark.parametrize(
    "kind", ["Detr", "ConditionalDetr", "Yolos", "RTDetr", "RTDetrV2", "DFine"]
)
def test_a_graph_finds_what_the_model_and_its_processor_find(kind: str, tmp_path: Path) -> None:
    folder = write_detector(tmp_path / "model", kind)
    text = RECIPE.replace("model.xml", "model").replace("preprocessing =", "prompt = '{label}' #")
    (tmp_path / "recipe.toml").write_text(text)
    asked = placed(recipes.load(tmp_path / "recipe.toml"), tmp_path)
    task: Any = open_task(asked.recipe, Labels(NAMES), folder_of_model(asked), None)
    free = task_class(asked.recipe.task).free_axes(asked, folder)
    assert bool(free) == (kind in KEPT_SHAPE)
    samples = [task.inputs({"image": picture}) for picture in pictures()]
    shapes = {sample["pixel_values"].shape for sample in samples}
    assert len(shapes) == (2 if free else 1)
    module: Any = open_model(asked)
    journal = Journal(Run(tmp_path), "convert")
    processed = [task.processed({"image": picture}) for picture in pictures()]
    graph, traced = trace_module(module, Examples(samples[:1], processed[:1], free), journal)
    assert traced.outputs == ["logits", "pred_boxes"]
    ov.save_model(graph, tmp_path / "graph.xml", compress_to_fp16=False)
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for picture, sample, given in zip(pictures(), samples, processed, strict=True):
        task.look_at(tmp_path / "graph.xml", sample)
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


def _farthest(rows: np.ndarray, others: np.ndarray) -> float:
    """How far the row is off that is farthest from all others: RT-DETR's queries come in the order
    of scores that rounding alone tells apart here.
    """
    return float(np.abs(rows[:, None] - others[None]).max(axis=-1).min(axis=1).max())
