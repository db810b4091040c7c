"""One family, from a folder to a compressed graph, beside transformers on the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import openvino as ov
import torch
import transformers

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import PIPELINES, WHOLE_MODEL, components_of
from ovtui.core.runs.run_folder import Run
from ovtui.engine.comparison.nearness import cosine
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.models.sources import auto_class
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import EXACT, F32, graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import PipelineFiles
from ovtui.engine.tasks import Task, open_model, task_class
from tests.families.family import Family
from tests.support.tiny_text import WORDS

if TYPE_CHECKING:  # it needs NNCF, which a conversion does not: 4 s
    from tests.support.beside_nncf import Sizes

NEAR = 1e-3
"""Of the largest value: what f32 arithmetic in another order differs by, and some."""
LABELS = ["dog", "cat", "bird"]
_TOKENS = {"max_new_tokens": 5, "min_new_tokens": 5}
RECIPE = """
schema = 1
title = "family"
task = "{task}"
{components}
[model]
source = "model"
[data]
source = "rows.py:rows"
labels = {labels}
tokens = {{ max_length = 64 }}
calibration = {{ split = "train" }}
evaluation = {{ split = "test" }}
[generation]
max_new_tokens = 5
[[variants]]
name = "int8"
components.{first} = {{ method = "quantize" }}
"""


class Differs(Exception):
    """The converted model says something else than transformers."""


class Trial(NamedTuple):
    """What came of a family."""

    difference: float
    """Largest to transformers, relative to the largest value; 0 where tokens are equal."""
    int8: float | None
    """Mean cosine of the quantized graph's first output to the converted one's."""
    sizes: dict[str, Sizes]
    """Of quantized graphs, by component; empty where none is quantized."""


def try_family(family: Family, folder: Path, *, quantize: bool = True) -> Trial:
    """Convert a tiny model of the family, and compare what it says.

    Args:
        family: which.
        folder: an empty folder.
        quantize: also quantize its graphs.

    Raises:
        Exception: it does not work; the message says why.
    """
    torch.manual_seed(0)
    (folder / "model").mkdir()
    family.write(folder / "model")
    (folder / "rows.py").write_text("")
    parts = "".join(f"{name} = {path!r}, " for name, path in family.components.items())
    first = next(iter(family.components or components_of(family.task)))
    text = RECIPE.format(
        task=family.task,
        components=f"components = {{ {parts[:-2]} }}" if parts else "",
        labels=LABELS if "image" in family.task and family.task not in PIPELINES else "[]",
        first=first,
    )
    (folder / "tiny.toml").write_text(text.replace("labels = []\n", ""))
    recipe = recipes.load(folder / "tiny.toml")
    task = task_class(family.task)(recipe, Labels(recipe.data.labels), folder / "model", None)
    rows = list(rows_of(family.task))
    if family.task in PIPELINES:
        return _pipeline(recipe, task, rows, folder, quantize=quantize)
    return _graph(recipe, task, rows, folder, quantize=quantize)


def rows_of(task: str) -> Iterator[dict[str, Any]]:
    """Rows that differ in length, size and duration, the first in the middle."""
    generator = np.random.default_rng(0)
    for words, height, width, seconds in ((9, 40, 56, 0.5), (2, 64, 32, 0.3), (40, 32, 80, 0.9)):
        text = " ".join(generator.choice(WORDS, words))
        sound = generator.normal(0, 0.2, int(16000 * seconds)).astype(np.float32)
        picture = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        yield {
            "text-classification": {"text": text},
            "sentence-similarity": {"sentence1": text, "sentence2": text},
            "text2text-generation": {"text": text},
            "text-generation": {"text": text},
            "automatic-speech-recognition": {"audio": sound, "sampling_rate": 16000},
            "visual-question-answering": {"image": picture, "question": text[:20]},
        }.get(task, {"image": picture})


def _graph(recipe: Recipe, task: Any, rows: list[Any], folder: Path, *, quantize: bool) -> Trial:
    from ovtui.engine.conversion.convert import convert

    samples = [task.inputs(row) for row in rows]
    processed = [task.processed(row) for row in rows[:2]]
    out = folder / "out"
    out.mkdir()
    journal = Journal(Run(folder), "convert")
    convert(
        open_model(placed(recipe, folder)),
        Examples(samples[:2], processed, task.dynamic),
        "CPU",
        out,
        journal,
        fp16=False,
    )
    compiled = ov.Core().compile_model(graph_of(out, "model"), "CPU", F32)
    model = untouched(recipe, folder)
    difference = 0.0
    for inputs, want in _expected(model, task, rows):
        found = compiled(bind(compiled.inputs, inputs))
        names = {name: port for port in compiled.outputs for name in port.get_names()}
        both = [(found[names[name]], want[name]) for name in want if name in names]
        if not both:
            raise Differs(f"no output in common: {list(names)}, {list(want)}")
        difference = max([difference, *(_difference(*it) for it in both)])
    if difference > NEAR:
        raise Differs(f"differs from transformers by {difference:.2g} of the largest value")
    if not quantize:
        return Trial(difference, None, {})
    return Trial(difference, *_quantized(recipe, compiled, samples, folder))


def untouched(recipe: Recipe, folder: Path) -> Any:
    """The model as transformers loads it."""
    config = transformers.AutoConfig.from_pretrained(folder / "model")
    auto = auto_class(recipe, config)
    return auto.from_pretrained(folder / "model", dtype=torch.float32).eval()


def _expected(model: Any, task: Task, rows: list[Any]) -> Iterator[tuple[Arrays, Arrays]]:
    """The graph's inputs and transformers' outputs: of each row, and of texts padded together."""
    for row in rows:
        given = task.processed(row)
        assert given is not None
        yield task.inputs(row), _ask(model, given)
    if texts := [next(iter(row.values())) for row in rows if "image" not in row]:
        tokenizer = transformers.AutoTokenizer.from_pretrained(task.model_folder)
        batch = dict(tokenizer(texts, padding=True, return_tensors="np"))
        mask, want = batch["attention_mask"], _ask(model, batch)
        if all(array.shape[:2] != mask.shape for array in want.values()):  # else what is padded
            yield batch, want


def _ask(model: Any, given: Arrays) -> Arrays:
    tensors = {name: torch.from_numpy(np.asarray(array)) for name, array in given.items()}
    with torch.no_grad():
        outputs = model(**tensors)
    return {name: it.numpy() for name, it in outputs.items() if isinstance(it, torch.Tensor)}


def _difference(got: np.ndarray, want: np.ndarray) -> float:
    if got.shape != want.shape:
        return math.inf
    return float(np.abs(got - want).max() / max(1e-9, np.abs(want).max()))


def _quantized(
    recipe: Recipe, exact: Any, samples: list[Arrays], folder: Path
) -> tuple[float, dict[str, Sizes]]:
    from tests.support.beside_nncf import sizes

    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    target = folder / "int8"
    target.mkdir()
    method = recipe.variants[0].components[WHOLE_MODEL]
    found = sizes(graph_of(folder / "out", WHOLE_MODEL), method, Spool(folder, "inputs"), target)
    compiled = ov.Core().compile_model(target / "ours.xml", "CPU", F32)
    pairs = [
        [model(bind(model.inputs, sample))[0].ravel() for model in (exact, compiled)]
        for sample in samples
    ]
    nearness = float(np.mean([cosine(one, other) for one, other in pairs]))
    return nearness, {WHOLE_MODEL: found}


def _pipeline(recipe: Recipe, task: Any, rows: list[Any], folder: Path, *, quantize: bool) -> Trial:
    from ovtui.engine.conversion.convert_pipeline import convert_pipeline
    from ovtui.engine.conversion.untouched import said_untouched
    from ovtui.engine.pipelines.pipeline import Pipeline, compile_components, from_components

    examples = Examples([task.inputs(row) for row in rows], [task.processed(row) for row in rows])
    out = folder / "out"
    out.mkdir()
    files = PipelineFiles(recipe=recipe, base=str(folder), conversion="", models={})
    journal = Journal(Run(folder), "convert")
    converted = convert_pipeline(
        files, lambda: examples, "CPU", out, journal, Cache(folder / "cache")
    )
    models = {name: str(out / "baseline" / f"{name}.xml") for name in converted.digests}
    files = PipelineFiles(recipe=recipe, base=str(folder), conversion=str(out), models=models)
    pipeline = from_components(files, compile_components(files, "CPU", EXACT))
    original = Pipeline(untouched(recipe, folder), task, pipeline.paths, threads=1)
    for inputs, given in zip(examples.prepared, examples.processed, strict=True):
        said = said_untouched(original, given, _TOKENS, journal)
        found = pipeline.generate(inputs, **_TOKENS)["tokens"]
        if said is None or said.differs(found):
            want = None if said is None else said.tokens.tolist()
            raise Differs(f"other tokens: {found.tolist()}, in transformers {want}")
    if not quantize:
        return Trial(0.0, None, {})
    from tests.families.sizes import sizes_of_components

    return Trial(
        0.0, None, sizes_of_components(recipe, examples.prepared, folder, converted.stateful)
    )
