"""`ovtui doctor`: the first question of every bug report."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import print_json
from ovtui.core.home import directories
from ovtui.core.machine import devices
from ovtui.core.machine.machine import all_versions, available_bytes, machine
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import human_bytes


def main(arguments: Sequence[str]) -> int:
    """Tells what this terminal and machine can do."""
    parser = Parser("doctor", "Tell what this terminal and machine can do.")
    parser.add_json()
    options = parser.parse(arguments)
    facts = {
        "terminal": _terminal(),
        "versions": all_versions(),
        "machine": _machine(),
        "folders": _folders(),
        "devices": _devices(),
    }
    if options.json:
        print_json(facts)
        return 0
    for heading, lines in facts.items():
        print(heading)
        width = max(map(len, lines))
        for name, value in lines.items():
            print(f"  {name:<{width}}  {plain(str(value))}")
    return 0


def _terminal() -> dict[str, str]:
    size = shutil.get_terminal_size((0, 0))
    environment = os.environ
    return {
        "TERM": environment.get("TERM", "not set"),
        "COLORTERM": environment.get("COLORTERM", "not set"),
        "colours": _colours(),
        "size": f"{size.columns} × {size.lines}" if sys.stdout.isatty() else "no terminal",
        "encoding": f"{sys.stdout.encoding}, locale {locale.setlocale(locale.LC_CTYPE, None)}",
        "multiplexer": "tmux"
        if "TMUX" in environment
        else "screen"
        if "STY" in environment
        else "no",
        "ssh": "yes" if "SSH_CONNECTION" in environment else "no",
    }


def _colours() -> str:
    """What a terminal of this kind usually shows."""
    term, depth = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    if os.environ.get("NO_COLOR"):
        return "none (NO_COLOR)"
    if depth in ("truecolor", "24bit"):
        return "16 million"
    if "256color" in term:
        return "256"
    return "none" if term in ("", "dumb") else "16"


def _machine() -> dict[str, str]:
    here = machine()
    free = available_bytes()
    return {
        "host": here.host,
        "system": here.os,
        "cpu": here.cpu,
        "isa": ", ".join(here.isa) or "none that matters here",
        "cores": str(here.cores),
        "memory": human_bytes(here.memory_bytes)
        + (f", {human_bytes(free)} free" if free is not None else ""),
    }


def _folders() -> dict[str, str]:
    home = directories.home()
    place = next((folder for folder in (home, *home.parents) if folder.exists()), home)
    try:
        directories.writable_home()
        writable = "writable"
    except UserError as error:
        writable = str(error)
    return {
        "home": f"{home} ({writable})",
        "free disk": human_bytes(shutil.disk_usage(place).free),
        "configuration": str(directories.config_dir()),
        "recipes": str(directories.builtin_recipes()),
    }


def _devices() -> dict[str, str]:
    try:
        return {device.name: device.full_name for device in devices.read()}
    except UserError as error:
        return {"OpenVINO": str(error)}
