"""`python -m ovtui.engine.processes.fork_server PIPELINE`: imports, then forks for each request.

It has one thread, compiles nothing and runs no tensor: what it is forked with is modules.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
import warnings
from pathlib import Path
from typing import NoReturn

import msgspec

from ovtui.core.recipes.source import Folder, HubId
from ovtui.engine.processes.forking import PACKET, Began, Died, Fork, Kill
from ovtui.engine.processes.lifeline import die_with_parent, leave
from ovtui.engine.store.stage_work import PipelineFiles

_MODULES = (
    "ovtui.engine.conversion.convert_pipeline",
    "ovtui.engine.measuring.pipeline_worker",
    "ovtui.engine.pipelines.recording",
    "ovtui.engine.run.stage_process",
)
_M_MMAP_THRESHOLD = -3


def main() -> int:
    """Serves until the engine closes its end."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    channel = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    prepare(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=PipelineFiles))
    gc.collect()
    gc.freeze()  # collections in a forked process would write to, and so copy, every page
    return Server(channel).serve()


def prepare(files: PipelineFiles) -> None:
    """Imports what a model's processes need, its family's classes too: those come when asked."""
    for module in _MODULES:
        importlib.import_module(module)
    import torch

    from ovtui.engine.hub.model_config import check_config
    from ovtui.engine.models.processors import load_processor
    from ovtui.engine.models.sources import auto_class, read_config

    folder = _folder_here(files)
    if folder is None:
        return  # yet to be downloaded
    # What is wrong with it is told by the stage that needs it.
    with contextlib.suppress(Exception), warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        check_config(folder)
        auto_class(files.recipe, config := read_config(folder)).from_config(
            config, trust_remote_code=False
        )
        load_processor(folder)


def _folder_here(files: PipelineFiles) -> Path | None:
    """The model's folder, without a look at the network."""
    match files.model_source():
        case Folder(path):
            return path
        case HubId(name):
            from huggingface_hub import try_to_load_from_cache

            cached = try_to_load_from_cache(
                name, "config.json", revision=files.recipe.model.revision
            )
            return Path(cached).parent if isinstance(cached, str) else None
    return None


class Server:
    """Forks, ends and buries processes, in the order of requests."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._awake, wake = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(wake, False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake)
        self._children: dict[int, Fork] = {}

    def serve(self) -> int:
        """Serves until the engine closes its end."""
        while True:
            ready, _, _ = select.select([self._channel.fileno(), self._awake], [], [])
            if self._awake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._awake, PACKET)
                self._bury()
            if self._channel.fileno() in ready:
                packet, descriptors, _, _ = socket.recv_fds(self._channel, PACKET, 3)
                if not packet:
                    return 0
                self._answer(packet, descriptors)

    def _answer(self, packet: bytes, descriptors: list[int]) -> None:
        match msgspec.json.decode(packet, type=Fork | Kill):
            case Fork() as asked:
                pid = os.fork()
                if not pid:
                    self._become(asked, descriptors)
                if asked.group:  # by both: whichever is first, it can be killed from now on
                    with contextlib.suppress(OSError):
                        os.setpgid(pid, pid)
                self._children[pid] = asked
                for descriptor in descriptors:
                    os.close(descriptor)
                self._tell(Began(asked.number, pid))
            case Kill(number):
                for pid, child in self._children.items():
                    if child.number == number:
                        with contextlib.suppress(ProcessLookupError):
                            (os.killpg if child.group else os.kill)(pid, signal.SIGKILL)

    def _bury(self) -> None:
        """Returns of all that ended."""
        while self._children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            number = self._children.pop(pid).number
            self._tell(Died(number, code, usage.ru_maxrss * 1024))

    def _tell(self, message: Began | Died) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._channel.send(msgspec.json.encode(message))

    def _become(self, asked: Fork, descriptors: list[int]) -> NoReturn:
        """Go on as what was asked for, in the process that was forked for it."""
        status = 1
        try:
            die_with_parent()
            if asked.group:
                os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._channel.close()
            for standard, descriptor in enumerate(descriptors):
                os.dup2(descriptor, standard)
            for descriptor in (*descriptors, self._awake, self._wake):
                os.close(descriptor)
            if asked.mmap_threshold is not None:
                ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, asked.mmap_threshold)
            sys.argv = [asked.module, *asked.arguments]
            status = importlib.import_module(asked.module).main() or 0
        except BaseException:
            traceback.print_exc()
        finally:
            leave(status)


if __name__ == "__main__":
    sys.exit(main())
