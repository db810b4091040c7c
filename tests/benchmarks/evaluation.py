"""Evaluation of both models beside the tutorial's own loop, on the same pictures.

The tutorial's: a `DataLoader` with batches of one over pictures of 32×32, `ToTensor` and
`Normalize`, a blocking inference for each, once for the FP32 and once for the INT8 model. Ours: the
stages "evaluation data" and "evaluate" as a run does them, all that they report included.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from ovtui.engine.store.stage_work import Collection
from tests.benchmarks.product import report

T = TypeVar("T")
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261)
PROPERTIES: dict[str, dict[str, Any]] = {"fp32": {"INFERENCE_PRECISION_HINT": "f32"}, "int8": {}}
RECIPE = f"""
schema = 1
title = "evaluation"
task = "image-classification"
[model]
source = "fp32.xml"
[data]
source = "pictures.npz"
columns = {{ image = "images", label = "labels" }}
labels = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
[data.preprocessing]
mean = {list(MEAN)}
std = {list(STD)}
[data.calibration]
split = "all"
[data.evaluation]
split = "all"
[measure]
latency = false
throughput = false
[[variants]]
name = "int8"
components.model = {{ method = "quantize" }}
"""


def main(arguments: Sequence[str]) -> int:
    """Alternate both on as many random pictures as the tutorial's test set has."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args(arguments)
    ratios, of_cpu = [], []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        pictures, labels = write_inputs(folder, options.samples)
        for pair in range(options.pairs + 1):
            with tempfile.TemporaryDirectory(dir=folder) as run:
                theirs, expected = _timed(lambda: tutorial(folder, pictures, labels))
                ours, found = _timed(lambda place=Path(run): product(folder, place))
            if pair:  # the first reads files and libraries that the others find in memory
                ratios.append(theirs.wall / ours.wall)
                of_cpu.append(theirs.cpu / ours.cpu)
                print(f"pair {pair}: tutorial {theirs}, ours {ours}", flush=True)
            # A picture whose two best classes are as good may fall to either with another batch.
            assert all(abs(found[name] - expected[name]) <= 2e-3 for name in PROPERTIES)
    print(f"in processor time: {sorted(of_cpu)[len(of_cpu) // 2]:.3f}")
    return report("tutorial's loop over evaluation", ratios, 1.5, at_most=False)


def write_inputs(folder: Path, samples: int) -> tuple[Any, Any]:
    """Write both models, random pictures and a recipe; the pictures and their labels."""
    import numpy as np

    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (samples, 32, 32, 3), dtype=np.uint8)
    labels = generator.integers(0, 10, samples)
    np.savez(folder / "pictures.npz", images=pictures, labels=labels)
    (folder / "recipe.toml").write_text(RECIPE)
    _models(folder)
    return pictures, labels


def tutorial(folder: Path, pictures: Any, labels: Any) -> dict[str, float]:
    """The accuracy of both models, in the tutorial's way."""
    import numpy as np
    import openvino as ov
    from torch.utils.data import DataLoader

    loader = DataLoader(
        _Pictures(pictures, labels),  # type: ignore[arg-type]
        batch_size=1,
        shuffle=False,
        num_workers=0,
    )
    accuracies = {}
    for name, properties in PROPERTIES.items():
        compiled = ov.Core().compile_model(folder / f"{name}.xml", "CPU", properties)
        correct = total = 0
        for images, wanted in loader:
            result = compiled(images)[0]
            top_label = np.argmax(result)
            correct += int(top_label == wanted.numpy()[0])
            total += 1
        accuracies[name] = correct / total
    return accuracies


def product(folder: Path, place: Path) -> dict[str, float]:
    """The accuracy of both models, by the stages of a run."""
    from ovtui.core.recipes import recipe as recipes
    from ovtui.core.runs.run_folder import Run
    from ovtui.engine.conversion.collect import collect
    from ovtui.engine.evaluation.evaluate import evaluate
    from ovtui.engine.store.progress import Journal
    from ovtui.engine.store.stage_work import Evaluation, Inference

    recipe = recipes.load(folder / "recipe.toml", [])
    inputs = place / "inputs"
    inputs.mkdir()
    journal = Journal(Run(place), "evaluate")
    found = collect(
        Collection(recipe, str(folder), use="evaluation", references=True), inputs, journal
    )
    (inputs / "info.json").write_bytes(msgspec.json.encode(found))
    work = Evaluation(
        recipe=recipe,
        base=str(folder),
        device="CPU",
        evaluation=str(inputs),
        timed=True,
        cache=str(place / "cache"),
        inferences=[
            Inference(
                variant=name,
                models={"model": str(folder / f"{name}.xml")},
                properties=properties,
                key=name,
            )
            for name, properties in PROPERTIES.items()
        ],
    )
    scores = evaluate(work, journal).scores
    return {score.variant: score.accuracy.value for score in scores}


class _Pictures:
    """A data set of pictures as torchvision's CIFAR10 gives them, `ToTensor` and `Normalize`."""

    def __init__(self, pictures: Any, labels: Any) -> None:
        self._pictures, self._labels = pictures, labels

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Any:
        import numpy as np
        import torch
        from PIL import Image

        picture = Image.fromarray(self._pictures[index])
        image = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        image = image.view(picture.size[1], picture.size[0], 3).permute((2, 0, 1)).contiguous()
        image = image.to(dtype=torch.get_default_dtype()).div(255)
        image = image.clone()
        mean = torch.as_tensor(MEAN, dtype=image.dtype).view(-1, 1, 1)
        std = torch.as_tensor(STD, dtype=image.dtype).view(-1, 1, 1)
        return image.sub_(mean).div_(std), int(self._labels[index])


class Took(NamedTuple):
    """Seconds, and those of all threads on a processor: the second is less moved by others."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of processor time)"


def _timed(function: Callable[[], T]) -> tuple[Took, T]:
    began = time.perf_counter(), time.process_time()
    result = function()
    return Took(time.perf_counter() - began[0], time.process_time() - began[1]), result


def _models(folder: Path) -> None:
    """The demo's network as an IR, and quantized."""
    import sys

    import nncf
    import numpy as np
    import openvino as ov
    import torch

    from tests.benchmarks.straight_line import DEMO

    sys.path.insert(0, str(DEMO))
    from mobilenetv2 import mobilenetv2

    torch.manual_seed(0)
    model = ov.convert_model(
        mobilenetv2().eval(), example_input=torch.zeros(1, 3, 32, 32), input=[1, 3, 32, 32]
    )
    model.input(0).get_tensor().set_names({"pixel_values"})
    ov.save_model(model, folder / "fp32.xml")
    generator = np.random.default_rng(0)
    pictures = [generator.standard_normal((1, 3, 32, 32), dtype=np.float32) for _ in range(30)]
    ov.save_model(nncf.quantize(model, nncf.Dataset(pictures)), folder / "int8.xml")
