"""`python -m ovtui.engine.run.stage_process KIND SPECIFICATIONS [MODULE …]`: a stage's process.

Its memory ends with it, its peak belongs to it alone, and its death is told by the workflow that
started it. It imports what its kind of work needs, and the modules, then waits for a line on
standard input: the specifications are there now. So the imports of one stage (4 s for NNCF) hide
behind another's work. Stages whose imports are most of their work (collecting data) follow each
other in one.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ovtui.core.files.writing import MAKE_ROOM
from ovtui.core.results.variant import FirstAgreement
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import UserError, causes
from ovtui.engine.libraries.hidden import hidden
from ovtui.engine.models.openvino_errors import kind_and_line
from ovtui.engine.processes.lifeline import die_with_parent, leave, peak_rss_bytes
from ovtui.engine.processes.process import done_file
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import (
    Chosen,
    Collected,
    Compressed,
    Converted,
    Evaluated,
    Fetched,
    Recorded,
    Tried,
    leave_info,
)
from ovtui.engine.store.stage_work import (
    Choosing,
    Collection,
    Compression,
    Conversion,
    Evaluation,
    Fetching,
    FirstAnswers,
    Problem,
    Recording,
    Specification,
    Trial,
)

DISK_FULL, OUT_OF_MEMORY, FAILED = 75, 76, 1
_Specifications = list[Specification]


def fetch_stage(work: Fetching, _: Path, journal: Journal) -> Fetched:
    """Fetches what a recipe needs."""
    from ovtui.engine.run.fetch import fetch

    return fetch(work, journal)


def convert_stage(work: Conversion, out: Path, journal: Journal) -> Converted:
    """Converts the model, and leaves it in `out` with what a runtime needs beside it."""
    from ovtui.engine.models.companions import copy_companions

    for name in copy_companions(work, out / "companions"):
        journal.warn(f"{name}: is a link that leads out of the model's folder; it is not delivered")
    return kind_of(work.recipe).convert(work, out, journal)


def collect_stage(work: Collection, out: Path, journal: Journal) -> Collected:
    """Collects samples, and leaves them in `out`."""
    from ovtui.engine.conversion.collect import collect

    return collect(work, out, journal)


def record_stage(work: Recording, out: Path, journal: Journal) -> Recorded:
    """Records what components are called with, and leaves it in `out`."""
    from ovtui.engine.pipelines.recording import record

    return record(work, out, journal)


def try_stage(work: Trial, _: Path, journal: Journal) -> Tried:
    """Tries the metrics on the baseline's first answers."""
    from ovtui.engine.evaluation.trial import try_metrics

    return try_metrics(work)


def compress_stage(work: Compression, out: Path, journal: Journal) -> Compressed:
    """Compresses one graph, and leaves it in `out`."""
    from ovtui.engine.compression.compress import Samples, Storage, compress
    from ovtui.engine.data.spool import Spool

    samples = Samples(Spool(Path(work.calibration), "inputs") if work.calibration else None)
    if work.method.needs_validation and work.validation:
        from ovtui.engine.compression.validation import Labelled, validator

        labelled = Labelled(Path(work.validation))
        samples = Samples(samples.calibration, labelled, validator(work, labelled, journal))
    baseline = Path(work.baseline) if work.baseline else None
    target = out / "model" / "model.xml"
    target.parent.mkdir()
    storage = Storage(work.fp16, baseline, work.stateful)
    return compress(Path(work.source), target, work.method, samples, storage, journal)


def agree_stage(work: FirstAnswers, out: Path, journal: Journal) -> FirstAgreement:
    """Asks a variant and the baseline the first few samples."""
    from ovtui.engine.evaluation.first_agreement import first_agreement

    return first_agreement(work, kind_of(work.recipe).first_outputs, out, journal)


def choose_stage(work: Choosing, _: Path, journal: Journal) -> Chosen:
    """Chooses what a variant is executed with."""
    from ovtui.engine.measuring.choose_execution import choose_execution

    return choose_execution(work, kind_of(work.recipe).calls, journal)


def evaluate_stage(work: Evaluation, _: Path, journal: Journal) -> Evaluated:
    """Evaluates every variant."""
    from ovtui.engine.evaluation.evaluate import evaluate

    return evaluate(work, journal)


def main() -> int:
    """Does one stage; the exit status tells disk full and out of memory even when no file can."""
    kind, path, also = StageKind(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    _prefer_to_be_killed()
    die_with_parent()
    begins = _begins_by_standard_input()
    try:
        doing = _DOING[kind]
        with hidden(*doing.without):
            for module in (*doing.imports, *also):
                importlib.import_module(module)
        begins.wait()
        for number, item in enumerate(msgspec.json.decode(path.read_bytes(), type=_Specifications)):
            do(item)
            done_file(path, number).write_text(str(peak_rss_bytes()))
        return 0
    except Exception as error:
        problem, status = explain(error)
        # Neither file nor log can be written when the disk is full: then the status tells it.
        with contextlib.suppress(OSError):
            path.with_suffix(".problem").write_bytes(msgspec.json.encode(problem))
        with contextlib.suppress(OSError):
            traceback.print_exc()
        return status


def do(item: Specification) -> None:
    """Does a stage, and leaves what it found and what it warned of beside its output."""
    out, journal = Path(item.out), Journal(Run(Path(item.run)), item.stage)
    info = _DOING[item.work.kind].function(item.work, out, journal)
    leave_info(out, info)
    journal.leave_warnings(out)


class Doing(NamedTuple):
    """How a kind of stage is done, the modules that it needs, and libraries that it does not.

    These the modules would import for naught. NNCF imports PyTorch if it is there: 277 MB and
    2.9 s, which are 98 MB and 1 s without. Where a process was forked with PyTorch, nothing is
    saved: it shares the server's.
    """

    function: Callable[[Any, Path, Journal], msgspec.Struct]
    """From the work, an empty folder and a journal to what is left beside the output."""
    imports: tuple[str, ...]
    without: tuple[str, ...] = ()


_DOING = {
    StageKind.DOWNLOAD: Doing(fetch_stage, ("ovtui.engine.run.fetch",)),
    StageKind.CONVERT: Doing(
        convert_stage, ("ovtui.engine.conversion.convert", "ovtui.engine.models.sources")
    ),
    StageKind.COLLECT: Doing(collect_stage, ("ovtui.engine.conversion.collect",)),
    StageKind.RECORD: Doing(record_stage, ("ovtui.engine.pipelines.recording",)),
    StageKind.TRY: Doing(try_stage, ("ovtui.engine.evaluation.trial",)),
    StageKind.COMPRESS: Doing(
        compress_stage, ("ovtui.engine.compression.compress",), without=("torch",)
    ),
    StageKind.AGREE: Doing(agree_stage, ("ovtui.engine.evaluation.first_agreement",)),
    StageKind.CHOOSE: Doing(choose_stage, ("ovtui.engine.measuring.choose_execution",)),
    StageKind.EVALUATE: Doing(evaluate_stage, ("ovtui.engine.evaluation.evaluate",)),
}


def explain(error: BaseException) -> tuple[Problem, int]:
    """Returns an error in a person's words, and the exit status that tells its kind."""
    chain = list(causes(error))
    # Whatever was being read then is not to blame.
    if any(map(_no_memory, chain)):
        message = "not enough memory; close other programs, or use fewer or smaller samples"
        return Problem(kind="memory", message=message), OUT_OF_MEMORY
    if any(map(_no_space, chain)):
        message = f"the disk is full{_file(chain)}; {MAKE_ROOM}"
        return Problem(kind="disk", message=message), DISK_FULL
    if any(isinstance(cause, OSError) and cause.errno == errno.EFBIG for cause in chain):
        message = f"a file may not grow any more{_file(chain)}; raise the limit (ulimit -f)"
        return Problem(kind="disk", message=message), DISK_FULL
    if isinstance(error, UserError):
        return Problem(kind="input", message=str(error)), FAILED
    return Problem(kind="error", message=kind_and_line(error)), FAILED


def _no_memory(error: BaseException) -> bool:
    text = str(error)
    words = (
        "bad_alloc",
        "can't alloc",
        "Cannot allocate memory",
        "out of memory",
        "failed to map segment",  # of a shared library
    )
    return isinstance(error, MemoryError) or any(word in text for word in words)


def _no_space(error: BaseException) -> bool:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or "No space left on device" in str(error)


def _file(chain: list[BaseException]) -> str:
    """Which file did not fit, where an error knows it."""
    names = [error.filename for error in chain if isinstance(error, OSError) and error.filename]
    return f" ({names[0]})" if names else ""


def _prefer_to_be_killed() -> None:
    """When memory runs out, let the kernel end this process and not the one that can tell why."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _begins_by_standard_input() -> threading.Event:
    """Set by the line that says to begin; the end of the input, a dead workflow, ends this."""
    # A library that asks a question (may remote code run?) finds nobody who would answer.
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    begins = threading.Event()

    def watch() -> None:
        while os.read(0, 1):
            begins.set()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    return begins


if __name__ == "__main__":
    leave(main())
