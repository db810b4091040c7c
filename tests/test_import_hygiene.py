"""Which modules a fresh interpreter has loaded: import contracts see only what code says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "torch", "openvino", "nncf", "transformers", "datasets", "evaluate", "pandas"}
SCREEN = {"textual", "rich", "plotext"}


def loaded(code: str, home: Path) -> set[str]:
    """Top-level packages after running code in an interpreter of its own."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('MODULES', *sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OVTUI_HOME": str(home)},
    ).stdout
    names = told.rpartition("MODULES ")[2].split()
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "code",
    [
        "import ovtui",
        "import ovtui.cli",
        "import ovtui.cli; assert ovtui.cli.main(['recipes']) == 0",
        "import ovtui.cli; assert ovtui.cli.main(['runs']) == 0",
        "import ovtui.cli; assert ovtui.cli.main(['models', '--json']) == 0",
        "import ovtui.cli; assert ovtui.cli.main(['show', 'none']) == 2",
        "import ovtui.commands.run, ovtui.commands.watch, ovtui.commands.cancel",
        "import ovtui.core.runs.run_folder, ovtui.core.runs.launch, ovtui.core.recipes.catalog",
        "import ovtui.core.runs.request, ovtui.core.reports.report",
    ],
)
def test_commands_load_nothing_heavy(home: Path, code: str) -> None:
    assert not loaded(code, home) & (HEAVY | SCREEN)


def test_the_engine_s_orchestrating_process_loads_no_library_that_works(home: Path) -> None:
    names = ("__main__", "run.queue", "run.workflow", "run.bench")
    modules = ", ".join(f"ovtui.engine.{name}" for name in names)
    assert not loaded(f"import {modules}", home) & (HEAVY | SCREEN)


def test_the_engine_never_loads_what_sends_usage_data(home: Path) -> None:
    code = "import ovtui.engine, sys\ntry:\n    import openvino_telemetry\nexcept ImportError:\n"
    code += "    pass\nelse:\n    sys.exit(1)\nsys.modules.pop('openvino_telemetry')"
    assert "openvino_telemetry" not in loaded(code, home)
