"""A pipeline's components as OpenVINO IRs, checked by the pipeline that they are swapped into."""

from __future__ import annotations

import gc
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import openvino as ov
import torch

from ovtui.core.text.errors import RecipeError, SourceError, nearest
from ovtui.engine.components.graph import signature_of
from ovtui.engine.components.observe import Call, observed
from ovtui.engine.components.weights import free_weights, used_outside
from ovtui.engine.conversion.component_answers import (
    Answers,
    answers_of,
    check,
    largest_differences,
)
from ovtui.engine.conversion.component_graphs import ComponentGraphs
from ovtui.engine.conversion.convert import (
    TOLERANCE,
    chosen_device,
    default_precision,
    fails_on,
    warn_of_difference,
)
from ovtui.engine.conversion.untouched import said_untouched
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.pipelines.pipeline import (
    Pipeline,
    compile_components,
    from_components,
    from_source,
    write_rest,
)
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import EXACT, baseline_of, graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted
from ovtui.engine.store.stage_work import PipelineFiles

_TOKENS = 4
"""Calls of a decoder that show what its cache looks like, and prove that it works."""
_LIMITS = {"max_new_tokens": _TOKENS, "min_new_tokens": _TOKENS}


def convert_pipeline(
    files: PipelineFiles,
    examples: Callable[[], Examples],
    device: str,
    folder: Path,
    journal: Journal,
    cache: Cache,
) -> Converted:
    """Writes each component's FP32 graph, and the baseline's files, into the folder.

    A component with a cache has it as inputs and outputs in `<component>/model.xml`, and as its
    state in the baseline.

    Args:
        files: where the pipeline comes from.
        examples: gives samples that show what varies from one to the next, when the model is there;
            what PyTorch says of the last one is compared.
        device: where it will run, for its default precision.
        folder: an empty folder.
        journal: where progress and warnings go.
        cache: where graphs are found that another task's conversion left.

    Raises:
        RecipeError: the model has no such component, or its generation does not call it.
        SourceError: a component cannot be converted, its graph does not compile, fails or is
            another model than its module.
    """
    pipeline, (samples, processed, _) = from_source(files), examples()
    taken = pipeline.task.taken(pipeline.model, samples[0])
    if others := [name for name in samples[0] if name not in taken]:
        journal.warn(f"the model has no use for {', '.join(others)}: left out")
    said = None
    if processed:
        shown, _ = pipeline.task.shown(processed[-1])
        said = said_untouched(pipeline, shown, _LIMITS, journal)
    watched = _watch(pipeline, samples, journal)
    step = journal.step("trace and convert", len(watched.modules) + 1)
    fp16 = files.recipe.baseline.storage == "fp16"
    graphs = ComponentGraphs(cache, journal.run, fp16=fp16)
    written, stateful = {}, []
    for name, module in watched.modules.items():
        calls = watched.calls.pop(name)
        signature = signature_of(pipeline.paths[name], calls, pipeline.task.lengths)
        written[name] = graphs.write(name, module, signature, folder)
        if signature.component.own:
            stateful.append(name)
        step.advance()
    models = {name: str(baseline_of(folder, name)) for name in written}
    stays = free_weights(pipeline.model, pipeline.paths, watched.outside)
    write_rest(folder, pipeline.model, stays)
    expected = watched.expected
    del pipeline, watched, module, calls
    gc.collect()  # modules and their traces hold each other
    converted = msgspec.structs.replace(files, conversion=str(folder), models=models)
    # Of the last sample: what was traced is a call of the first's.
    differences, tokens = _compared(converted, samples[-1], expected, traced=not graphs.found)
    difference = max(differences.values(), default=0.0)
    if difference > TOLERANCE and graphs.found:
        graphs.forget()  # another task's trace is not this one's after all
        for path in (folder / "baseline", *(graph_of(folder, name).parent for name in models)):
            shutil.rmtree(path)
        return convert_pipeline(files, examples, device, folder, journal, cache)
    check(differences)
    warn_of_difference(difference, journal)
    if said is not None and tokens is not None and said.differs(tokens):
        journal.warn(
            "the converted pipeline writes other tokens of a sample than transformers does by "
            f"model.generate(**inputs): {tokens[0].tolist()}, not {said.tokens[0].tolist()}"
        )
    step.advance()
    core = ov.Core()
    chosen = chosen_device(core, core.read_model(next(iter(models.values()))), device)
    return Converted(
        device=chosen,
        default_precision=default_precision(core, chosen),
        parameters=sum(graph.parameters for graph in written.values()),
        difference=difference,
        stateful=stateful,
        digests={name: graph.digest for name, graph in written.items()},
    )


class _Watched(NamedTuple):
    """What a pipeline did with its samples."""

    modules: dict[str, torch.nn.Module]
    """By the component's name, as all that follows."""
    calls: dict[str, list[Call]]
    expected: Answers
    """Of the last sample."""
    outside: set[torch.nn.Module]
    """Modules that are used outside of the components."""


def _watch(pipeline: Pipeline, samples: Sequence[Arrays], journal: Journal) -> _Watched:
    """Go through the samples, and see what the components are called with.

    Raises:
        RecipeError: the model has no such component, or its generation does not call it.
    """
    step = journal.step("observe", len(samples))
    modules = {name: _module(pipeline, name, path) for name, path in pipeline.paths.items()}
    earlier: dict[str, int] = {}
    with observed(modules) as calls, used_outside(pipeline.model, pipeline.paths) as used:
        for sample in samples:
            earlier = {name: len(calls[name]) for name in modules}
            _answer(pipeline, sample)
            step.advance()
    for name, module in modules.items():
        if not calls[name]:
            raise RecipeError(f"components.{name}: generation never calls it; leave it out")
        if module in used.nested:
            raise RecipeError(f"components.{name}: is called within another one; leave it out")
    expected = answers_of({name: calls[name][count:] for name, count in earlier.items()})
    return _Watched(modules, calls, expected, used.outside)


def _answer(pipeline: Pipeline, sample: Arrays) -> np.ndarray:
    """The tokens of an answer that shows all ways in which components are called."""
    shown, limits = pipeline.task.shown(sample)
    return pipeline.generate(shown, **_LIMITS, **limits)["tokens"]


def _compared(
    files: PipelineFiles, sample: Arrays, expected: Answers, *, traced: bool
) -> tuple[dict[str, float], np.ndarray | None]:
    """How far each component's graph is from its module, and the tokens that they write.

    Graphs that another task's conversion left may fail here, which is then an infinite difference.

    Args:
        files: of the converted pipeline.
        sample: its inputs.
        expected: what the modules answered.
        traced: all graphs are this conversion's own.

    Raises:
        SourceError: one of these fails.
    """
    try:
        return _differences(files, sample, expected)
    except (RuntimeError, SourceError) as error:
        if not traced:
            return dict.fromkeys(files.models, math.inf), None
        if isinstance(error, SourceError):
            raise
        raise fails_on(sample, error, "pipeline") from error


def _module(pipeline: Pipeline, name: str, path: str) -> torch.nn.Module:
    try:
        module: torch.nn.Module = pipeline.model.get_submodule(path)
    except AttributeError as error:
        known = [path for path, _ in pipeline.model.named_modules() if path and path.count(".") < 2]
        raise RecipeError(
            f"components.{name}: the model has no module {path!r}, {nearest(path, known)}"
        ) from error
    return module


def _differences(
    files: PipelineFiles, sample: Arrays, expected: Answers
) -> tuple[dict[str, float], np.ndarray]:
    """Largest relative difference of each component's outputs when the compiled ones take over.

    Returns:
        They, and the tokens that are written, int64 [1, tokens].
    """
    try:
        compiled = compile_components(files, "CPU", EXACT)
    except RuntimeError as error:
        raise SourceError(
            f"OpenVINO cannot compile the converted components: {telling_line(error)}"
        ) from error
    pipeline = from_components(files, compiled)
    for component in pipeline.compiled:
        component.steps = False  # which no module sees
    modules = {name: pipeline.model.get_submodule(path) for name, path in pipeline.paths.items()}
    with observed(modules) as calls:
        tokens = _answer(pipeline, sample)
    return largest_differences(answers_of(calls), expected), tokens
