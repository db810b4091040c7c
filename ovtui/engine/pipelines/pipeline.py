"""A live model that generates, run by PyTorch or with compiled components in place of its own."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import openvino as ov
import torch

from ovtui.core.recipes.recipe import Property
from ovtui.engine.components.graph import Component
from ovtui.engine.components.swap import Compiled, Watch, swap
from ovtui.engine.components.weights import skeleton
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.sources import auto_class, folder_of_model, read_config
from ovtui.engine.pipelines.decoding import take_over
from ovtui.engine.pipelines.modes import check_mode
from ovtui.engine.store.layout import GENERATION, REST, component_of
from ovtui.engine.store.stage_work import PipelineFiles
from ovtui.engine.tasks import open_model, open_task
from ovtui.engine.tasks.generation import Generation

if TYPE_CHECKING:
    from transformers import PreTrainedModel

REMEMBERED = 32
"""Answers of a component: questions about the same picture follow each other."""
_THREADS = torch.get_num_threads()
"""For PyTorch. Where OpenVINO has the cores, PyTorch's threads only wait beside it: choosing
Whisper's 64 tokens then took 130 ms instead of 20."""


class Pipeline:
    """A live model and its task: from a sample's inputs to the tokens of an answer."""

    def __init__(
        self, model: PreTrainedModel, task: Generation, paths: Mapping[str, str], threads: int
    ) -> None:
        self.model = model.eval()
        self.compiled: list[Compiled] = []
        """What answers in place of its components."""
        self._threads = threads
        self.task = task
        self.paths = paths
        self._logits: Any = None
        # The last component is the one that says the next token.
        last = model.get_submodule(list(paths.values())[-1])
        last.register_forward_hook(self._see)

    def generate(self, inputs: Arrays, **limits: Any) -> Arrays:
        """Returns one answer.

        Args:
            inputs: of one sample, as the task prepares it.
            limits: arguments of `generate` that come before the recipe's.

        Returns:
            `tokens`, int64 [1, tokens], and `logits`, float16: the task's `scores`, by default
            [vocabulary], those of the first token, which no earlier choice has changed.
        """
        self._logits = None
        torch.set_num_threads(self._threads)
        tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokens = self.task.generate(self.model, tensors, **limits)
        outputs = {"tokens": tokens.numpy().reshape(1, -1)}
        if self._logits is not None:
            # Beyond its range only NaN stays what it is: a masked token's least float is no fault.
            largest = torch.finfo(torch.float16).max
            logits = self._logits.clamp(-largest, largest)
            outputs["logits"] = logits.to(torch.float16).numpy()
        return outputs

    def remember(self, answers: int) -> None:
        """Makes each component keep so many of its latest answers; 0 forgets them."""
        for component in self.compiled:
            component.remember(answers)

    def renew(self) -> None:
        """Makes each component go on with a request that has seen nothing."""
        for component in self.compiled:
            component.renew()

    def _see(self, module: torch.nn.Module, arguments: Any, result: Any) -> None:
        logits = getattr(result, "logits", None)
        if self._logits is None and logits is not None:
            self._logits = self.task.scores(logits).clone()


def open_generation(files: PipelineFiles) -> Generation:
    """Returns the task of a pipeline.

    Raises:
        SourceError: its model's processor cannot be had.
    """
    place = Path(files.folder) if files.folder else None
    task = open_task(files.recipe, Labels(files.labels), folder_of_model(files), place)
    assert isinstance(task, Generation)
    return task


def from_source(files: PipelineFiles) -> Pipeline:
    """Returns the pipeline as PyTorch runs it.

    Raises:
        SourceError: the model cannot be loaded, or asks for tokens to be chosen in a way that
            transformers has no code for.
    """
    task = open_generation(files)
    model = open_model(files)
    settings = task.settings(model)
    own = getattr(model, "generation_config", None)  # none where nothing is generated
    check_mode(settings.get("generation_config", own), settings.get("num_beams"), task.model_folder)
    return Pipeline(model, task, task.paths(model), _THREADS)


def from_components(
    files: PipelineFiles,
    compiled: Mapping[str, ov.CompiledModel],
    watches: Mapping[str, Watch] | None = None,
) -> Pipeline:
    """Returns the pipeline with its components compiled; only what no component holds is in
    PyTorch.

    Args:
        files: where it is.
        compiled: an `ov.CompiledModel`, or a `WhenCalled`, for each component.
        watches: told of each call of a component.
    """
    task = open_generation(files)
    conversion = Path(files.conversion)
    model = _bare(files, conversion)
    components = {name: read_component(conversion, name) for name in compiled}
    paths = {name: component.path for name, component in components.items()}
    pipeline = Pipeline(model, task, paths, threads=1)
    for name, component in components.items():
        watch = (watches or {}).get(name)
        answer = swap(model, component, compiled[name], watch)
        take_over(model.get_submodule(component.path), answer)
        pipeline.compiled.append(answer)
    return pipeline


def compile_components(
    files: PipelineFiles, device: str, properties: Mapping[str, Property], **fixed: Property
) -> dict[str, ov.CompiledModel]:
    """Compiles each component's IR to an `ov.CompiledModel`.

    Args:
        files: where they are, and what a component alone is executed with.
        device: OpenVINO device.
        properties: what the variant is executed with.
        fixed: further properties, such as a performance hint.
    """
    core = ov.Core()
    return {
        name: core.compile_model(
            path, device, {**fixed, **properties, **files.chosen.get(name, {})}
        )
        for name, path in files.models.items()
    }


class WhenCalled:
    """An IR that is compiled as soon as it is to infer: a component may never be.

    Args:
        path: of the IR.
        device: OpenVINO device.
        properties: to compile it with.
    """

    def __init__(self, path: str, device: str, properties: Mapping[str, Property]) -> None:
        self._core = ov.Core()
        self._model = self._core.read_model(path)
        self._how = device, properties
        self.inputs = self._model.inputs

    def create_infer_request(self) -> ov.InferRequest:
        """Returns a request, as an `ov.CompiledModel` does."""
        return self._core.compile_model(self._model, *self._how).create_infer_request()


def read_component(conversion: Path, name: str) -> Component:
    """Returns how a converted component is called."""
    return msgspec.json.decode(component_of(conversion, name).read_bytes(), type=Component)


def write_rest(folder: Path, model: PreTrainedModel, stays: Mapping[str, torch.Tensor]) -> None:
    """Leaves what `from_components` builds a pipeline from, but for its graphs.

    Args:
        folder: of the conversion.
        model: the pipeline in PyTorch, without its components' weights.
        stays: weights by dotted name that no component holds.
    """
    from safetensors.torch import save_file

    # Tied tensors share memory, which safetensors refuses.
    save_file({name: tensor.contiguous().clone() for name, tensor in stays.items()}, folder / REST)
    how = getattr(model, "generation_config", None)  # none where nothing is generated
    settings = "{}" if how is None else how.to_json_string(use_diff=False)
    (folder / GENERATION).write_text(settings, encoding="utf-8")


def _bare(files: PipelineFiles, conversion: Path) -> PreTrainedModel:
    """The model built without weights, then given those that no component holds."""
    from safetensors.torch import load_file
    from transformers import GenerationConfig

    recipe = files.recipe
    folder = folder_of_model(files)
    assert folder is not None
    config = read_config(folder, trust=recipe.trust, **recipe.model.arguments)
    with torch.device("meta"):
        model = auto_class(recipe, config).from_config(
            config, trust_remote_code=recipe.trust, dtype=torch.float32
        )
    settings = json.loads((conversion / GENERATION).read_bytes())
    model.generation_config = GenerationConfig.from_dict(settings)
    return skeleton(model, load_file(conversion / REST))
