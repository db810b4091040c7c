"""What follows a detector's last convolutions stays in floating point; all else is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from torch import nn

from ovtui.core.recipes.compression import Quantize
from ovtui.core.recipes.method_parameters import IgnoredScope
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.detection_heads import detection_heads
from ovtui.engine.compression.kept import keep, reading_quantized
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Compressed

SIZE, BINS, CLASSES = 32, 4, 3


class Distances(nn.Module):
    """From logits of bins to distances, by a convolution of constants, as exports have it."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.Conv2d(BINS, 1, 1, bias=False)
        self.mean.weight.data = torch.arange(BINS).float().view(1, BINS, 1, 1)

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        count, _, cells = logits.shape
        shares = logits.view(count, 4, BINS, cells).transpose(2, 1).softmax(1)
        return self.mean(shares).view(count, 4, cells)


class Detector(nn.Module):
    """Two maps, a head for boxes and one for classes on each, joined to one output."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(nn.Conv2d(3, 8, 3, 4, 1), nn.SiLU())
        self.coarse = nn.Sequential(nn.Conv2d(8, 8, 3, 2, 1), nn.SiLU())
        self.edges = nn.ModuleList(nn.Conv2d(8, 4 * BINS, 1) for _ in range(2))
        self.scores = nn.ModuleList(nn.Conv2d(8, CLASSES, 1) for _ in range(2))
        self.distances = Distances()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        fine = self.fine(images)
        maps = (fine, self.coarse(fine))
        edges = torch.cat(
            [head(it).flatten(2) for head, it in zip(self.edges, maps, strict=True)], 2
        )
        scores = torch.cat(
            [head(it).flatten(2) for head, it in zip(self.scores, maps, strict=True)], 2
        )
        return torch.cat([self.distances(edges) * 640.0, scores.sigmoid()], 1)


class Classifier(nn.Module):
    """Convolutions joined before a matrix of weights."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(3, 4, 3, 2) for _ in range(2))
        self.last = nn.Linear(8, CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        joined = torch.cat([part(images) for part in self.parts], 1)
        return self.last(joined.mean((2, 3))).softmax(1)


class Segmenter(nn.Module):
    """One last convolution, whose map is made larger."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(3, 4, 3, 2) for _ in range(2))
        self.last = nn.Conv2d(8, CLASSES, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        joined = torch.cat([part(images) for part in self.parts], 1)
        return nn.functional.interpolate(self.last(joined), scale_factor=2.0)


def converted(module: nn.Module) -> ov.Model:
    torch.manual_seed(0)
    example = torch.rand(1, 3, SIZE, SIZE)
    return ov.convert_model(module.eval(), example_input=example, input=[1, 3, SIZE, SIZE])


@pytest.fixture(scope="module")
def detector() -> ov.Model:
    torch.manual_seed(0)
    return converted(Detector())


def quantized(model: ov.Model, folder: Path, **parameters: Any) -> tuple[Compressed, ov.Model]:
    source, target = folder / "model.xml", folder / "int8.xml"
    ov.save_model(model, source, compress_to_fp16=False)
    random = np.random.default_rng(0)
    with SpoolWriter(folder, "inputs") as writer:
        for _ in range(8):
            writer.append({"images": random.random((1, 3, SIZE, SIZE), dtype=np.float32)})
    (folder / "run").mkdir()
    journal = Journal(Run(folder / "run"), "compress")
    samples = Samples(calibration=Spool(folder, "inputs"))
    told = compress(source, target, Quantize(**parameters), samples, Storage(fp16=False), journal)
    return told, ov.Core().read_model(target)


def kinds(model: ov.Model, names: list[str]) -> set[str]:
    own = {node.get_friendly_name(): node.get_type_name() for node in model.get_ops()}
    return {own[name] for name in names}


def test_all_behind_the_last_convolutions_is_found(detector: ov.Model) -> None:
    found = detection_heads(detector)
    assert {"Concat", "Softmax", "Sigmoid", "Convolution", "Multiply"} <= kinds(detector, found)
    convolutions = [
        node.get_friendly_name()
        for node in detector.get_ops()
        if node.get_type_name() == "Convolution"
    ]
    assert len(set(convolutions) & set(found)) == 1, "of the bins' shares alone"


@pytest.mark.parametrize("module", [Classifier, Segmenter])
def test_other_models_have_no_such_part(module: type[nn.Module]) -> None:
    assert detection_heads(converted(module())) == []


def test_nothing_of_it_is_quantized_and_all_before_it_is(
    detector: ov.Model, tmp_path: Path
) -> None:
    told, model = quantized(detector, tmp_path)
    assert told.kept_heads == detection_heads(detector) and not told.warnings
    assert reading_quantized(model, told.kept_heads) == []
    quantizers = [node for node in model.get_ops() if node.get_type_name() == "FakeQuantize"]
    readers = {
        port.get_node().get_type_name()
        for node in quantizers
        for port in node.output(0).get_target_inputs()
    }
    assert readers == {"Convolution"}


def test_a_recipe_may_have_it_quantized(detector: ov.Model, tmp_path: Path) -> None:
    told, model = quantized(detector, tmp_path, keep_heads=False)
    assert told.kept_heads == []
    assert reading_quantized(model, detection_heads(detector)), "else the check could not fail"


class EndToEnd(Detector):
    """The same with the surest boxes alone: nothing suppresses a second box of an object."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = super().forward(images)[0].T
        scores, places = rows[:, 4:].amax(1).topk(10)
        found = rows[places]
        labels = found[:, 4:].argmax(1, keepdim=True).float()
        return torch.cat([found[:, :4], scores[:, None], labels], 1)[None]


def test_the_last_convolutions_stay_where_boxes_are_chosen_one_to_one(tmp_path: Path) -> None:
    model = converted(EndToEnd())
    last = [
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if node.get_type_name() == "Convolution"
        and node.output(0).get_partial_shape()[1].get_length() in (4 * BINS, CLASSES)
    ]
    found = detection_heads(model)
    assert len(last) == 4 and set(last) <= set(found) and "TopK" in kinds(model, found)
    told, made = quantized(model, tmp_path)
    assert not told.warnings and reading_quantized(made, found) == []


def test_a_recipes_own_scope_stays(detector: ov.Model) -> None:
    own = IgnoredScope(names=["own"], types=["Add"], validate=False)
    method, kept = keep(detector, Quantize(ignored_scope=own), stateful=False)
    assert isinstance(method, Quantize)
    names = ["own", *kept.heads]
    assert method.ignored_scope == IgnoredScope(names=names, types=["Add"], validate=False)
