"""`python -m tests.precisions [DEMO …]`: demos in every precision that this processor executes.

The device's default hides the others: on most processors it is f32, and a fault that only bf16 has
is not seen there. So each precision is forced, for the baseline's files and for every variant's.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import structs

from ovtui.core.recipes.compression import Unchanged
from ovtui.core.recipes.recipe import Recipe, Variant
from ovtui.core.results.result import Result
from ovtui.core.results.variant import Variant as Found
from ovtui.core.runs.request import recipe_request, start

TWINS = (
    "mobilenetv2-digits",
    "bert-paraphrase",
    "clip-digits",
    "blip-vqa-digits",
    "blip-captioning-digits",
    "whisper-digits",
)
PRECISIONS = ("f32", "bf16", "f16")
SAMPLES = 24
HINT = "INFERENCE_PRECISION_HINT"
FORCED = "baseline in "


class Bound(NamedTuple):
    """How near a baseline in some precision is to the one in f32, at least."""

    same: float
    """Share of the samples with the same answer."""
    cosine: float
    """Mean cosine of the raw outputs."""


BOUNDS = {"f32": Bound(1.0, 0.99999), "bf16": Bound(0.9, 0.99), "f16": Bound(0.95, 0.999)}
"""A value has 24, 8 or 11 bits. Of 24 samples two may stand at the edge between two answers."""
OF_TRANSFORMERS = Bound(1.0, 0.9999)
"""The original model in PyTorch, in f32 too."""


def main() -> int:
    """Run the demos; 0 when every precision holds for every one of them."""
    found = executed_precisions()
    for name in PRECISIONS:
        if name not in found:
            print(f"{name}: not checked, this processor does not execute it", flush=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["OVTUI_HOME"] = home
        for twin in sys.argv[1:] or TWINS:
            began = time.monotonic()
            faults = list(faults_of(twin, found))
            told = "holds" if not faults else "; ".join(faults)
            print(f"{twin} in {', '.join(found)}: {told} ({time.monotonic() - began:.0f} s)")
            sys.stdout.flush()
            wrong += faults
    return 1 if wrong else 0


def executed_precisions() -> list[str]:
    """Precisions of floating point that a compiled model reports back when it is asked for them."""
    import openvino as ov
    from openvino import opset13 as ops

    core = ov.Core()
    one = ops.parameter([1], ov.Type.f32)
    smallest = ov.Model([ops.relu(one)], [one])
    capable = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    names = {"f32": "FP32", "bf16": "BF16", "f16": "FP16"}
    return [
        name
        for name in PRECISIONS
        if names[name] in capable
        and core.compile_model(smallest, "CPU", {HINT: name}).get_property(HINT).to_string() == name
    ]


def faults_of(twin: str, precisions: Sequence[str]) -> Iterator[str]:
    """What is wrong with a demo's answers, one line each."""
    request = recipe_request(twin, model=None, device="CPU", overrides=[])
    assert request.recipe is not None
    run = start(structs.replace(request, recipe=in_each(request.recipe, precisions)))
    while run.state().alive:
        time.sleep(0.2)
    if not run.result_path.exists():
        yield f"{twin}: no result: {run.outcome()}"
        return
    result = run.result()
    yield from _far(result, "pytorch", OF_TRANSFORMERS)
    for name in precisions:
        yield from _far(result, FORCED + name, BOUNDS[name])
    for comparison in result.comparisons:
        if comparison.verdict == "fail":
            yield f"{twin}: {comparison.variant} fails, {comparison.accuracy_delta:+.4f}"


def in_each(recipe: Recipe, precisions: Sequence[str]) -> Recipe:
    """The recipe on few samples without speed, its variants and its baseline in each precision."""
    same = {name: Unchanged() for name in recipe.component_names}
    variants = []
    for name in precisions:
        properties = {HINT: name}
        variants.append(Variant(name=FORCED + name, components=same, execution=properties))
        for variant in recipe.variants:
            execution = variant.execution | properties
            forced = structs.replace(variant, name=f"{variant.name} in {name}", execution=execution)
            variants.append(forced)
    evaluation = structs.replace(recipe.data.evaluation, samples=SAMPLES)
    return structs.replace(
        recipe,
        variants=variants,
        baseline=structs.replace(recipe.baseline, pytorch=True, default_precision=False),
        data=structs.replace(recipe.data, evaluation=evaluation),
        measure=structs.replace(recipe.measure, latency=False, throughput=False),
    )


def _far(result: Result, name: str, bound: Bound) -> Iterator[str]:
    """What of a variant is further from the f32 baseline than it may be."""
    variant: Found = next(item for item in result.variants if item.name == name)
    near = variant.agreement
    assert near is not None
    if near.value is None or near.value < bound.same:
        yield f"{result.recipe}: {name} gives the same answer to {near.value} of the samples"
    if near.cosine is None or near.cosine < bound.cosine:
        yield f"{result.recipe}: {name} has a cosine of {near.cosine}"


if __name__ == "__main__":
    sys.exit(main())
