"""Calibration of a pipeline: it works on the samples, and what its components are called with is
kept on disk.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from ovtui.core.text.errors import RecipeError
from ovtui.engine.components.record import Recorder
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.pipelines.pipeline import REMEMBERED, WhenCalled, from_components, read_component
from ovtui.engine.store.layout import EXACT, baseline_of, components_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Recorded
from ovtui.engine.store.stage_work import PipelineFiles, Recording

_MOST_BYTES = 4 * 2**30
"""On disk, for each component."""


class _Enough(Exception):
    """No component wants more of this sample."""


class _Watch:
    """Ends a sample's generation when no component wants more of it: a decoder takes long."""

    def __init__(self, recorder: Recorder, *, stateful: bool) -> None:
        self.recorder = recorder
        self.stateful = stateful
        self.others: list[_Watch] = []
        self.called = False

    def wants_more(self) -> bool:
        """Whether a later call of this sample is to be kept."""
        return not self.recorder.is_full and (self.stateful or not self.called)

    def before(self, feed: Arrays, begins: bool) -> None:
        self.recorder.before(feed, begins)
        self.called = True
        if not self.stateful and not any(other.wants_more() for other in self.others):
            raise _Enough

    def after(self, begins: bool, milliseconds: float) -> None:
        """Time is no matter here."""


def record(work: Recording, folder: Path, journal: Journal) -> Recorded:
    """Writes each wanted component's calls as the spool `<component>/inputs` into the folder.

    The pipeline runs in f32 on its own answers, as it will when it is used.

    Args:
        work: recipe, samples and components.
        folder: where spools are written.
        journal: where progress goes.

    Raises:
        RecipeError: a component is never called.
    """
    conversion = Path(work.conversion)
    files = PipelineFiles(
        recipe=work.recipe,
        base=work.base,
        conversion=work.conversion,
        models={name: str(baseline_of(conversion, name)) for name in components_of(conversion)},
    )
    samples = Spool(Path(work.calibration), "inputs")
    step = journal.step("samples", len(samples))
    how = EXACT | {"PERFORMANCE_HINT": "LATENCY"}
    compiled = {name: WhenCalled(path, "CPU", how) for name, path in files.models.items()}
    with ExitStack() as stack:
        recorders, watches = {}, {}
        for name, wanted in work.wanted.items():
            (folder / name).mkdir()
            writer = stack.enter_context(SpoolWriter(folder / name, "inputs"))
            component = read_component(conversion, name)
            recorder = Recorder(component, writer, _MOST_BYTES, wanted)
            recorders[name] = stack.enter_context(recorder)
            watches[name] = _Watch(recorder, stateful=bool(component.own))
        for watch in watches.values():
            watch.others = [other for other in watches.values() if other is not watch]
        pipeline = from_components(files, compiled, watches)
        pipeline.remember(REMEMBERED)
        for sample in samples:
            if all(recorder.is_full for recorder in recorders.values()):
                break
            for watch in watches.values():
                watch.called = False
            with suppress(_Enough):
                pipeline.generate(sample)
            for recorder in recorders.values():
                recorder.end_sequence()
            step.advance()
    step.finish()
    counts = {name: len(Spool(folder / name, "inputs")) for name in recorders}
    for name, count in counts.items():
        if not count:
            raise RecipeError(f"components.{name}: was never called with calibration samples")
        if left_out := recorders[name].left_out:
            journal.warn(
                f"calibration: {left_out} samples of {name} were left out, {_MOST_BYTES >> 30} GiB "
                "are full; use fewer"
            )
    return Recorded(
        samples=counts,
        repeated={name: recorder.repeated for name, recorder in recorders.items()},
        left_out={name: recorder.left_out for name, recorder in recorders.items()},
        digests={name: recorder.digest for name, recorder in recorders.items()},
    )
