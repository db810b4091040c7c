"""The two kinds of models that a run is about; which of them it is, is asked here alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import PIPELINES
from ovtui.core.runs.run_folder import Run
from ovtui.engine.measuring.benchmark import Mode, Subject
from ovtui.engine.run.graph_model import GraphModel
from ovtui.engine.run.pipeline_model import PipelineModel
from ovtui.engine.run.variants import Artefact, Prepared
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted
from ovtui.engine.store.stage_work import Choosing, Conversion, FirstAnswers, Inference, Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovtui.engine.data.spool import Arrays, Spool
    from ovtui.engine.measuring.replay import Sequences
    from ovtui.engine.tasks import Task


class ModelKind(Protocol):
    """What differs between a model that is one graph and a pipeline of components."""

    answers_first: bool
    """Processes that answer the evaluation's samples are the ones that are then measured."""
    keeps_state: bool
    """A component may keep what it was called with before."""
    modes: tuple[Mode, ...]
    """The ways in which its speed can be measured."""

    def compresses(self, method: Method) -> bool:
        """Returns whether a component with this method has a stage, and a file, of its own."""

    def recorded(self, recipe: Recipe) -> dict[str, int]:
        """Returns how many calibration samples are recorded of each component."""

    def graph(self, conversion: Path) -> Path | None:
        """Returns the FP32 graph of the whole model in a conversion's folder, if it is one."""

    def convert(self, work: Conversion, out: Path, journal: Journal) -> Converted:
        """Converts the model into the folder.

        Args:
            work: the model, and where its samples are or will be.
            out: the folder.
            journal: where progress and warnings go.

        Raises:
            SourceError: it cannot be loaded, or cannot be converted.
        """

    def calls(self, work: Choosing, component: str) -> Sequences:
        """Returns what a component of a variant is called with for the first samples.

        Args:
            work: of the choice of its execution.
            component: its name.
        """

    def first_outputs(
        self, work: FirstAnswers, inference: Inference, task: Task, samples: Spool
    ) -> Iterator[Arrays]:
        """Yields what a variant answers to the first samples, before all are evaluated.

        Args:
            work: whose device and files.
            inference: of the variant.
            task: of the run.
            samples: the first ones.
        """

    def original_files(self, described: Path) -> dict[str, Path]:
        """Returns the files of the original, by component.

        Args:
            described: a file that says where PyTorch finds it.
        """

    def subject(self, job: Job, artefact: Artefact, prepared: Prepared, run: Run) -> Subject:
        """Returns a variant as the process that measures it is told.

        Args:
            job: for the device.
            artefact: the variant's files and properties.
            prepared: with the evaluation samples, which speed is measured on.
            run: whose folder gets what a process has to read.
        """


def kind_of(recipe: Recipe) -> ModelKind:
    """Returns what kind of model a recipe is about."""
    return PipelineModel() if recipe.task in PIPELINES else GraphModel()
