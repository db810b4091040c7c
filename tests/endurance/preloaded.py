"""The product's processes, forked with their imports done: a tiny run costs 2 s of work, not 15."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ovtui.engine.libraries.hidden import hidden
from ovtui.engine.processes.lifeline import leave

_MAINS = {
    "ovtui.engine": "ovtui.engine.__main__",
    "ovtui.engine.run.stage_process": "ovtui.engine.run.stage_process",
}
_MODULES = (
    *_MAINS.values(),
    "ovtui.engine.conversion.collect",
    "ovtui.engine.compression.compress",
    "ovtui.engine.conversion.convert",
    "ovtui.engine.evaluation.evaluate",
    "ovtui.engine.evaluation.trial",
    "ovtui.engine.run.queue",
    "ovtui.engine.models.sources",
    "ovtui.engine.tasks.tensors",
    "ovtui.engine.run.workflow",
)


@contextlib.contextmanager
def preloaded() -> Iterator[None]:
    """While open, `python -m` of the product is forked from this process, or one forked from it.

    Parents, groups, descriptors, signals and environment are what they are without.
    """
    with hidden("torch"):  # as the product does for NNCF; these runs need none
        for module in _MODULES:
            importlib.import_module(module)
    original = subprocess.Popen
    subprocess.Popen = _Forked  # type: ignore[misc]
    try:
        yield
    finally:
        subprocess.Popen = original  # type: ignore[misc]


class _Forked(subprocess.Popen):  # type: ignore[type-arg]
    """As `Popen`, but a process of the product's is this one's copy and not a new interpreter."""

    def _execute_child(self, args: Sequence[str], *rest: Any) -> None:
        named = [number for number, word in enumerate(args) if word in _MAINS]
        if args[0] != sys.executable or not named:
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        _, _, _, passed, folder, environment, _, _, _, *more = rest
        stdin, to_stdin, from_stdout, stdout, from_stderr, stderr, *_, session, group = more
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _become(
                [_MAINS[args[named[0]]], *args[named[0] + 1 :]],
                [stdin, stdout, stderr],
                passed,
                folder,
                environment,
                session,
                group,
            )
        self._child_created = True
        devnull = getattr(self, "_devnull", None)
        for ours, theirs in ((to_stdin, stdin), (from_stdout, stdout), (from_stderr, stderr)):
            if theirs >= 0 and (ours >= 0 or theirs == devnull):
                with contextlib.suppress(OSError):  # two that are the same
                    os.close(theirs)


def _become(
    argv: list[str],
    standard: list[int],
    passed: Sequence[int],
    folder: Any,
    environment: Mapping[str, str] | None,
    session: bool,
    group: int | None,
) -> NoReturn:
    """Go on as `python -m` of a module, in the process that was forked for it."""
    status = 1
    atexit._clear()  # what this process was to do at its end, such as removing the home
    try:
        if session:
            os.setsid()
        if group == 0:
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, descriptor in enumerate(standard):
            if descriptor >= 0:
                os.dup2(descriptor, number)
        kept = sorted(passed)
        for start, end in zip([2, *kept], [*kept, os.sysconf("SC_OPEN_MAX")], strict=True):
            os.closerange(start + 1, end)
        if folder is not None:
            os.chdir(folder)
        if environment is not None:
            os.environ.clear()
            os.environ.update(environment)
        sys.argv = argv
        status = importlib.import_module(argv[0]).main() or 0
    except BaseException:
        traceback.print_exc()
    finally:
        leave(status)
