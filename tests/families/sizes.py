"""What a family's graphs take when they are quantized, beside what plain NNCF leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ovtui.core.recipes.recipe import Recipe
from ovtui.core.runs.run_folder import Run
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.pipelines.recording import record
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Recording
from tests.support.beside_nncf import Sizes, sizes


def sizes_of_components(
    recipe: Recipe, samples: Sequence[Arrays], folder: Path, stateful: Sequence[str]
) -> dict[str, Sizes]:
    """The sizes of a pipeline's components, calibrated as a run calibrates them.

    Args:
        recipe: names the components.
        samples: inputs of the pipeline.
        folder: holds the conversion, `out`.
        stateful: components with a cache.
    """
    places = {name: folder / name for name in ("calibration", "recorded")}
    for place in places.values():
        place.mkdir()
    with SpoolWriter(places["calibration"], "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    work = Recording(
        recipe=recipe,
        base=str(folder),
        conversion=str(folder / "out"),
        calibration=str(places["calibration"]),
        device="CPU",
        wanted=dict.fromkeys(recipe.component_names, len(samples)),
    )
    record(work, places["recorded"], Journal(Run(folder), "record"))
    (method,) = recipe.variants[0].components.values()  # of the first; the others take it too
    found = {}
    for name in recipe.component_names:
        (folder / "int8" / name).mkdir(parents=True)
        found[name] = sizes(
            graph_of(folder / "out", name),
            method,
            Spool(places["recorded"] / name, "inputs"),
            folder / "int8" / name,
            stateful=name in stateful,
        )
    return found
