"""The command `ovtui`: reads the verb, imports its module, and turns errors into one line."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

VERBS = {
    "demo": "run the offline demo from nothing to a finished comparison",
    "new": "write a recipe for your own model and data",
    "run": "run a recipe",
    "watch": "follow a run",
    "cancel": "end a run",
    "show": "show one run",
    "runs": "list runs",
    "status": "tell what goes on in one line",
    "rm": "delete a run",
    "compare": "put runs side by side, also from other machines",
    "diff": "tell what differs between two runs",
    "predict": "ask the models of a run",
    "report": "write a run as Markdown, HTML, CSV or JSON",
    "bench": "measure IR or ONNX files side by side",
    "recipes": "list recipes, or print their JSON Schema",
    "models": "list models: files, folders, outputs of runs",
    "devices": "list OpenVINO's devices",
    "doctor": "tell what this terminal and machine can do",
    "completion": "print what a shell completes commands with",
}
DONE, FAILED, USAGE, CANCELLED = 0, 1, 2, 130
OLDEST = (3, 11)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        The exit status: 0 done, 1 the run failed, 2 wrong usage, 130 cancelled.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.version_info < OLDEST:
        return _complain(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from ovtui.core.text.errors import UserError, reason

    try:
        status = _command(arguments)
        sys.stdout.flush()
        return status
    except UserError as error:
        from ovtui.core.text.foreign import plain

        return _complain(plain(str(error)))
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        # The reader of a pipe has gone; leave nothing for the interpreter to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _complain(f"{place}{reason(error)}")


def _open_what_is_closed() -> None:
    """Have every standard stream go somewhere: a closed one is None, and its number is given away.

    As Python documents for `sys.__stdout__`; `ovtui runs >&-` does it.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _command(arguments: list[str]) -> int:
    verb, *rest = arguments or [""]
    if verb in ("-h", "--help", "help"):
        print(_help())
        return DONE
    if verb in ("-V", "--version"):
        from ovtui import __version__

        print(f"ovtui {__version__}")
        return DONE
    if not verb or verb.startswith("-"):
        verb, rest = "dashboard", arguments
    elif verb not in VERBS:
        from ovtui.core.text.errors import nearest

        return _complain(f"unknown command {verb!r}, {nearest(verb, VERBS)}")
    try:
        return int(_module(verb).main(rest))
    except SystemExit as leaving:  # argparse, after --help
        return int(leaving.code or DONE)


def _module(name: str) -> Any:
    """The module of a command."""
    return importlib.import_module(f"ovtui.commands.{name}")


def _complain(message: str) -> int:
    print(f"ovtui: {message}", file=sys.stderr)
    return USAGE


def _help() -> str:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {verb:<{width}}  {what}" for verb, what in VERBS.items())
    return (
        "usage: ovtui [--ascii] [--calm] [--no-mouse] [--readonly] [--theme NAME]   the dashboard\n"
        "       ovtui COMMAND [...]\n\n"
        "Post-training quantization with OpenVINO and NNCF: size, speed and accuracy, measured.\n\n"
        f"{verbs}\n\n"
        "ovtui COMMAND --help tells more. Runs are kept in $OVTUI_HOME."
    )


if __name__ == "__main__":
    sys.exit(main())
