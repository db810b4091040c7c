"""A run about a model that is one graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.runs.run_folder import Run
from ovtui.engine.measuring.benchmark import MODES, Subject
from ovtui.engine.measuring.messages import StoredInputs
from ovtui.engine.measuring.process import OPENVINO
from ovtui.engine.run.variants import PYTORCH, Artefact, Prepared
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted
from ovtui.engine.store.stage_work import Choosing, Conversion, FirstAnswers, Inference, Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovtui.engine.data.spool import Arrays, Spool
    from ovtui.engine.measuring.replay import Sequences
    from ovtui.engine.tasks import Task

_PYTORCH = "ovtui.engine.measuring.pytorch_worker"


class GraphModel:
    """See `subjects.ModelKind`."""

    answers_first = False
    keeps_state = False
    modes = MODES

    def compresses(self, method: Method) -> bool:
        """Returns that every variant has a file of its own, also one that changes nothing."""
        return True

    def recorded(self, recipe: Recipe) -> dict[str, int]:
        """Returns nothing: it is calibrated with the samples themselves."""
        return {}

    def graph(self, conversion: Path) -> Path | None:
        """Returns the graph."""
        return graph_of(conversion, WHOLE_MODEL)

    def convert(self, work: Conversion, out: Path, journal: Journal) -> Converted:
        """Converts the model, and leaves it in `out`."""
        from ovtui.engine.conversion.convert import convert
        from ovtui.engine.data.examples import wait_for_examples
        from ovtui.engine.models.module_inputs import rows_for
        from ovtui.engine.models.sources import folder_of_model
        from ovtui.engine.tasks import open_model, task_class

        originals = [open_model(work)]  # handed over, so that it can be let go of
        examples = wait_for_examples([Path(folder) for folder in work.sample_folders])
        dynamic = task_class(work.recipe.task).free_axes(work, folder_of_model(work))
        rows = examples.prepared
        if work.recipe.task_info.arrays and not isinstance(originals[0], Path):
            rows, dynamic = rows_for(originals[0], rows, work.recipe, journal)
        examples = examples._replace(prepared=rows, dynamic=dynamic or {})
        fp16 = work.recipe.baseline.storage == "fp16"
        return convert(originals.pop(), examples, work.device, out, journal, fp16=fp16)

    def calls(self, work: Choosing, component: str) -> Sequences:
        """Returns what the graph is called with."""
        from ovtui.engine.measuring.component_calls import calls_of_graph

        return calls_of_graph(work, component)

    def first_outputs(
        self, work: FirstAnswers, inference: Inference, task: Task, samples: Spool
    ) -> Iterator[Arrays]:
        """Yields the outputs of its only graph."""
        from ovtui.engine.evaluation.first_agreement import outputs_of_graph

        return outputs_of_graph(work, inference, task, samples)

    def original_files(self, described: Path) -> dict[str, Path]:
        """Returns the description: it is measured as a file would be."""
        return {WHOLE_MODEL: described}

    def subject(self, job: Job, artefact: Artefact, prepared: Prepared, run: Run) -> Subject:
        """Returns the variant's only file as what is measured."""
        return Subject(
            name=artefact.name,
            model=artefact.model,
            device=job.device,
            properties=artefact.properties_of(WHOLE_MODEL),
            busy_properties=artefact.busy_properties,
            inputs=StoredInputs(
                str(prepared.evaluation.folder / "measured.npz"), bucket=artefact.bucket
            ),
            worker=_PYTORCH if artefact.name == PYTORCH else OPENVINO,
        )
