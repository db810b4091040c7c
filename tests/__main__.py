"""`python -m tests`: every check that a change must pass, the quick ones first."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("import contracts", ["lint-imports"]),
    # Two at a time, a file's tests in one process: what they share is made once. Each test has a
    # home and machine locks of its own. One after the other they take 50 minutes on two cores. By
    # their names: files of few tests would come last, which are those of runs that take a minute.
    (
        "pytest",
        ["pytest", "--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", *sys.argv[1:]],
    ),
)


def main() -> int:
    """Run the checks; the exit status of the first that fails."""
    scripts = Path(sysconfig.get_path("scripts"))
    for name, (program, *arguments) in CHECKS:
        print(f"== {name}", flush=True)
        command = [str(scripts / program), *arguments]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        if status:
            print(f"{name} failed with status {status}", file=sys.stderr)
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
