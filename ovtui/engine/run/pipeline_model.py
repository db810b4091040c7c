"""A run about a pipeline: a model that writes token by token, taken apart into components."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ovtui.core.home import directories
from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.runs.run_folder import Run
from ovtui.engine.measuring.benchmark import Mode, Subject
from ovtui.engine.measuring.messages import StoredInputs
from ovtui.engine.run.variants import Artefact, Prepared
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, Converted, read_info
from ovtui.engine.store.stage_work import (
    STAGES,
    Choosing,
    Conversion,
    FirstAnswers,
    Inference,
    Job,
    PipelineFiles,
)

if TYPE_CHECKING:
    from ovtui.engine.data.spool import Arrays, Spool
    from ovtui.engine.measuring.replay import Sequences
    from ovtui.engine.tasks import Task

_WORKER = "ovtui.engine.measuring.pipeline_worker"


class PipelineModel:
    """See `subjects.ModelKind`."""

    answers_first = True
    keeps_state = True
    modes: tuple[Mode, ...] = ("latency",)
    """A generation loop answers one sample at a time."""

    def compresses(self, method: Method) -> bool:
        """Returns whether the component is another than the baseline's."""
        return method.changes

    def recorded(self, recipe: Recipe) -> dict[str, int]:
        """Returns the most samples that a variant's method wants of each component."""
        counts: dict[str, int] = {}
        everything = (recipe.data.calibration and recipe.data.calibration.samples) or sys.maxsize
        for variant in recipe.variants:
            for name, method in variant.components.items():
                if method.needs_calibration:
                    asked = getattr(method, "subset_size", None) or everything
                    counts[name] = max(counts.get(name, 0), asked)
        return counts

    def graph(self, conversion: Path) -> Path | None:
        """Returns nothing: it is several graphs, and to have it answer takes long."""
        return None

    def convert(self, work: Conversion, out: Path, journal: Journal) -> Converted:
        """Converts each component, and leaves them in `out`."""
        from ovtui.engine.conversion.convert_pipeline import convert_pipeline
        from ovtui.engine.data.examples import wait_for_examples
        from ovtui.engine.models.tokenizers import convert_tokenizers

        if why := convert_tokenizers(out / "companions", out / "companions"):
            journal.warn(f"no openvino_tokenizer.xml for runtimes without Python: {why}")
        files = PipelineFiles(work.recipe, work.base, conversion="", models={})
        wait = partial(wait_for_examples, [Path(folder) for folder in work.sample_folders])
        damaged = Journal(journal.run, journal.stage).warn  # tells this run alone
        cache = Cache(directories.home() / "cache", damaged)
        return convert_pipeline(files, wait, work.device, out, journal, cache)

    def calls(self, work: Choosing, component: str) -> Sequences:
        """Returns what a component is called with while the baseline answers."""
        from ovtui.engine.measuring.component_calls import calls_in_pipeline

        return calls_in_pipeline(work, component)

    def first_outputs(
        self, work: FirstAnswers, inference: Inference, task: Task, samples: Spool
    ) -> Iterator[Arrays]:
        """Yields the first words of its answers."""
        from ovtui.engine.pipelines.generate import first_words, open_pipeline

        files = PipelineFiles(
            work.recipe,
            work.base,
            conversion=work.conversion,
            models=inference.models,
            labels=read_info(Path(work.evaluation), Collected).labels,
        )
        yield from first_words(open_pipeline(files, work.device, inference.properties), samples)
        gc.collect()  # a model and its hooks hold each other

    def original_files(self, described: Path) -> dict[str, Path]:
        """Returns nothing: a pipeline without components is what PyTorch runs."""
        return {}

    def subject(self, job: Job, artefact: Artefact, prepared: Prepared, run: Run) -> Subject:
        """Returns a description of the components, in the run's folder, as what is measured."""
        evaluation = prepared.evaluation.folder
        collected = read_info(evaluation, Collected)
        described = PipelineFiles(
            job.recipe,
            job.base,
            conversion=str(prepared.conversion.folder),
            models={name: str(path) for name, path in artefact.files.items()},
            chosen=artefact.chosen,
            labels=collected.labels,
            rows=str(evaluation),
            folder=collected.folder,
        )
        path = run.folder / STAGES / f"measure {artefact.name}.json"
        path.write_bytes(msgspec.json.encode(described))
        return Subject(
            name=artefact.name,
            model=path,
            device=job.device,
            properties=artefact.properties,
            inputs=StoredInputs(str(evaluation / "measured.npz")),
            worker=_WORKER,
        )
