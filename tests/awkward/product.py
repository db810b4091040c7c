"""A recipe through the whole product, all of its stages in this one process.

Five processes import NNCF and OpenVINO for 4 s each; the work on a model of 1 kB takes 0.1 s.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ovtui.core.results import result
from ovtui.core.runs import run_folder
from ovtui.core.runs.request import recipe_request
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import UserError
from ovtui.engine.processes.process import Finished, StageFailed
from ovtui.engine.run import runner, stage_process, workflow
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Specification, job_of


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run, as its folder tells it."""

    folder: Path
    result: dict[str, Any]
    rows: list[dict[str, Any]]
    """Of `predictions.jsonl`."""

    def file(self, variant: str) -> Path:
        """The model that the run wrote for a variant."""
        (path,) = (self.folder / self.variant(variant)["path"]).glob("*model.xml")
        return path

    def variant(self, name: str) -> dict[str, Any]:
        """What the result says of a variant."""
        return next(item for item in self.result["variants"] if item["name"] == name)

    def comparison(self, name: str) -> dict[str, Any]:
        """What the result says of a variant beside the baseline."""
        return next(item for item in self.result["comparisons"] if item["variant"] == name)

    @property
    def told(self) -> str:
        """Everything that the run warned of."""
        return "\n".join(self.result["warnings"])


class Refused(Exception):
    """The run ended without a result; its text is the line that a person reads."""

    def __init__(self, message: str, kind: str, stage: str) -> None:
        super().__init__(message)
        self.kind = kind
        """`input` where the product says that what it was given is wrong."""
        self.stage = stage
        """Empty where nothing was started."""


class OneProcess:
    """Does runs in a home of its own, each stage right here."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OVTUI_HOME", str(home))
        monkeypatch.setattr(runner.Runner, "warm", lambda *_: None)
        monkeypatch.setattr(runner, "StageProcess", _Named)
        monkeypatch.setattr(runner, "run_together", _in_turn)
        monkeypatch.setattr(workflow, "transformers_of", lambda job: None)

    def run(self, recipe: Path, *settings: str) -> Ran:
        """Run a recipe to its end.

        Raises:
            Refused: it ended without a result.
        """
        try:
            request = recipe_request(str(recipe), model=None, device="CPU", overrides=settings)
        except UserError as error:
            raise Refused(str(error), "input", "") from error
        run = run_folder.create(request)
        log = os.open(run.log_path, os.O_WRONLY | os.O_CREAT)
        try:
            found = workflow.work(run, job_of(request), Journal(run), log)
        except StageFailed as error:
            raise Refused(str(error), error.kind, error.stage) from error
        except Exception as error:
            problem, _ = stage_process.explain(error)
            raise Refused(problem.message, problem.kind, "") from error
        finally:
            os.close(log)
        run.result_path.write_bytes(result.encode(found))
        return read(run)

    def refusal(self, recipe: Path, *settings: str) -> Refused:
        """What a person reads of a run that must not end with a result."""
        with pytest.raises(Refused) as raised:
            self.run(recipe, *settings)
        return raised.value


def read(run: Run) -> Ran:
    """A finished run's folder."""
    lines = (run.folder / "predictions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return Ran(run.folder, json.loads(run.result_path.read_bytes()), rows)


class _Named:
    """Stands where a stage's process does."""

    def __init__(self, stage: str, *_: Any) -> None:
        self.stage = stage


def _in_turn(
    work: Sequence[tuple[_Named, Sequence[Specification]]],
    journal: Journal,
    on_finish: Callable[[Finished], None],
) -> None:
    """Every stage of the processes, the data first: conversion waits for a sample."""
    told = [item for _, specifications in work for item in specifications]
    for item in sorted(told, key=lambda item: item.work.kind is not StageKind.COLLECT):
        began = time.monotonic()
        try:
            stage_process.do(item)
        except Exception as error:
            problem, _ = stage_process.explain(error)
            raise StageFailed(item.stage, problem.kind, problem.message) from error
        on_finish(Finished(item.stage, time.monotonic() - began, 0))
