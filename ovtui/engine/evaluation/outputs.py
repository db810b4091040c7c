"""A variant's outputs for the evaluation's samples: found in the cache, or inferred and kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.operations import GraphProfile
from ovtui.core.results.variant import SelfCheck
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Spool
from ovtui.engine.evaluation.end_to_end import Timed, end_to_end
from ovtui.engine.evaluation.infer import Written, infer
from ovtui.engine.evaluation.with_pytorch import infer_with_pytorch
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import CHECK, EXECUTED, OPERATIONS
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Evaluation, Inference
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.text import padding_of

if TYPE_CHECKING:
    import openvino as ov

# Rows that the whole way from data to answer is timed on, in turn.
_ROWS = 16


class Seen(NamedTuple):
    """What a variant's inference left."""

    folder: Path
    """With the spool `outputs`."""
    timed: Timed | None

    @property
    def check(self) -> SelfCheck | None:
        """Returns whether fresh requests give the same; nothing of PyTorch."""
        path = self.folder / CHECK
        return msgspec.json.decode(path.read_bytes(), type=SelfCheck) if path.exists() else None

    @property
    def names(self) -> list[str]:
        """What the model calls its outputs, by their index; nothing of PyTorch."""
        return self.check.outputs if self.check else []

    @property
    def executed(self) -> dict[str, float]:
        """Share of the kernels' time by precision, where the inference told."""
        if self.timed:
            return self.timed.executed_precision
        path = self.folder / EXECUTED
        if not path.exists():
            return {}
        return msgspec.json.decode(path.read_bytes(), type=dict[str, float])

    @property
    def profiles(self) -> list[GraphProfile]:
        """The operations of its components, where the inference told."""
        if self.timed:
            return [self.timed.profile] if self.timed.profile else []
        path = self.folder / OPERATIONS
        if not path.exists():
            return []
        return msgspec.json.decode(path.read_bytes(), type=list[GraphProfile])


def see(inference: Inference, work: Evaluation, task: Task, rows: Rows, journal: Journal) -> Seen:
    """Infers and times a variant, whose model is then let go of.

    The outputs of a pipeline were kept by the processes that then measure it.

    Args:
        inference: of the variant.
        work: of the evaluation.
        task: reads outputs.
        rows: are timed from.
        journal: where progress goes.
    """
    folder, compiled = _outputs(inference, work, task, journal)
    shown = [rows[position] for position in range(min(_ROWS, len(rows)))]
    return Seen(folder, end_to_end(inference, work, shown, task, compiled))


def outputs_of(inference: Inference, work: Evaluation, task: Task, journal: Journal) -> Path:
    """Returns the folder of the outputs of a model that is no variant: nothing is timed.

    Args:
        inference: of the model.
        work: of the evaluation.
        task: pads texts.
        journal: where progress goes.
    """
    return _outputs(inference, work, task, journal)[0]


def _inputs(inference: Inference, work: Evaluation) -> Spool:
    return Spool(Path(work.evaluation), "inputs", inference.most)


def _outputs(
    inference: Inference, work: Evaluation, task: Task, journal: Journal
) -> tuple[Path, ov.CompiledModel | None]:
    """The folder of a variant's outputs, and the model where `infer` leaves it."""
    cache, inputs = Cache(Path(work.cache), journal.warn), _inputs(inference, work)
    if cached := cache.find("outputs", inference.key):
        return cached, None
    folder, compiled = cache.begin(journal.run, "outputs", inference.key), None
    if not inference.models:
        step = journal.step(inference.variant, len(inputs))
        infer_with_pytorch(work, inputs, folder, step)
    else:
        path, padding = Path(inference.models[WHOLE_MODEL]), padding_of(task, inference.bucket)
        model = Written(path, work.device, inference.properties, padding)
        new_step = partial(journal.step, inference.variant, len(inputs))
        check, compiled = infer(
            model, inputs, folder, new_step, shared=task.shared, evaluated=task.evaluated
        )
        (folder / CHECK).write_bytes(msgspec.json.encode(check))
    return cache.commit(folder, "outputs", inference.key), compiled
