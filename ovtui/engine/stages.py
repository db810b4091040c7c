"""The stages of a run: what each depends on, and what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ovtui.core import config, events
from ovtui.core.compression import Method, method_name, parameters
from ovtui.core.recipe import Recipe, Subset
from ovtui.core.result import StageTime
from ovtui.core.runs import Request, Run
from ovtui.core.source import Folder, HubId, model_source
from ovtui.engine import fingerprint
from ovtui.engine.cache import Cache, content_key
from ovtui.engine.process import run_together
from ovtui.engine.progress import Journal
from ovtui.engine.specification import (
    Collection,
    Compression,
    Conversion,
    Specification,
    Use,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to do, or to find in the cache by its key."""

    name: str
    kind: str
    key: str
    work: dict[str, Any]


def conversion(request: Request, recipe: Recipe) -> Stage:
    """Model to IR; traced with the first calibration sample."""
    base = Path(request.base)
    depends = content_key(
        model=fingerprint.of_model(recipe.model, base),
        sample=_rows(recipe, recipe.data.calibration, base),
        preprocessing=recipe.data.preprocessing,
        task=recipe.task,
        trust=recipe.trust,
        storage=recipe.baseline.storage,
        device=request.device,
        machine=fingerprint.of_machine(),
        versions=fingerprint.versions("openvino", "torch", "transformers"),
    )
    work = Conversion(recipe=recipe, base=request.base, device=request.device)
    return Stage("convert", "convert", depends, {"conversion": work})


def collection(request: Request, recipe: Recipe, use: Use, *, references: bool) -> Stage:
    """Samples of one use as model inputs."""
    base, data = Path(request.base), recipe.data
    subset = {
        "calibration": data.calibration,
        "evaluation": data.evaluation,
        "validation": data.validation or data.calibration,
    }[use]
    own_processor = isinstance(model_source(recipe.model.source, base), Folder | HubId)
    depends = content_key(
        use=use,
        rows=_rows(recipe, subset, base),
        subset=subset,
        labels=data.labels,
        preprocessing=data.preprocessing,
        processor=fingerprint.of_model(recipe.model, base) if own_processor else None,
        task=recipe.task,
        references=references,
        versions=fingerprint.versions("datasets", "numpy", "pillow", "transformers"),
    )
    work = Collection(recipe=recipe, base=request.base, use=use, references=references)
    return Stage(f"{use} data", use, depends, {"collection": work})


def compression(
    request: Request,
    recipe: Recipe,
    variant: str,
    method: Method,
    source: tuple[Path, str],
    calibration: tuple[Path, str] | None,
    validation: tuple[Path, str] | None,
) -> Stage:
    """One variant's component; inputs come as folder and key."""
    depends = content_key(
        source=source[1],
        method=method_name(method),
        parameters=parameters(method),
        storage=recipe.baseline.storage,
        calibration=calibration[1] if calibration else None,
        validation=[validation[1], recipe.metric] if validation else None,
        machine=fingerprint.of_machine(),
        versions=fingerprint.versions("openvino", "nncf"),
    )
    work = Compression(
        recipe=recipe,
        base=request.base,
        source=str(source[0] / "model.xml"),
        method=method,
        fp16=recipe.baseline.storage == "fp16",
        calibration=str(calibration[0]) if calibration else None,
        validation=str(validation[0]) if validation else None,
    )
    return Stage(f"compress {variant}", "compress", depends, {"compression": work})


def _rows(recipe: Recipe, subset: Subset, base: Path) -> Any:
    """Everything that decides which rows a subset has."""
    data = recipe.data
    revision = subset.revision or (None if subset.source else data.revision)
    return {
        "source": fingerprint.of_data(subset.source or data.source, base, revision),
        "config": subset.config or data.config,
        "columns": data.columns | (subset.columns or {}),
        "split": subset.split,
    }


class Runner:
    """Does the stages of one run, or finds them done."""

    def __init__(self, run: Run, journal: Journal, log: int) -> None:
        self._run = run
        self._journal = journal
        self._log = log
        self._cache = Cache(config.home() / "cache")
        self._specifications = run.folder / ".stages"
        self._specifications.mkdir(exist_ok=True)
        self._cache.remove_leftovers(run.folder.parent)
        self.times: list[StageTime] = []
        self.used: list[Path] = []

    def prune(self, limit_bytes: int) -> None:
        """Bring the cache down to a size; what this run used stays."""
        self._cache.prune(limit_bytes, keep=self.used)

    @property
    def cache_folder(self) -> Path:
        return self._cache.folder

    def together(self, stages: Sequence[Stage]) -> list[Path]:
        """The outputs of stages that do not depend on each other, done at the same time.

        Raises:
            StageFailed: one ended without its output.
        """
        found = [self._cache.find(stage.kind, stage.key) for stage in stages]
        missing = [stage for stage, place in zip(stages, found, strict=True) if place is None]
        for stage, place in zip(stages, found, strict=True):
            self._journal.write(events.StageStarted(time=time.time(), stage=stage.name))
            if place is not None:
                self._finish(StageTime(name=stage.name, seconds=0, cached=True, peak_rss_bytes=0))
        done = dict(zip([stage.name for stage in missing], self._do(missing), strict=True))
        outputs = [place or done[stage.name] for stage, place in zip(stages, found, strict=True)]
        self.used += outputs
        return outputs

    def alone(self, name: str, work: dict[str, Any], out: Path) -> Path:
        """Do a stage whose output belongs to this run and is not kept beyond it."""
        self._journal.write(events.StageStarted(time=time.time(), stage=name))
        out.mkdir(parents=True, exist_ok=True)
        specification = Specification(run=str(self._run.folder), stage=name, out=str(out), **work)
        (took,) = run_together([specification], self._specifications, self._log, self._journal)
        self._finish(_time(name, took.seconds, took.peak_rss_bytes))
        return out

    def here(self, name: str, function: Callable[[Journal], T]) -> T:
        """Do a stage in this process."""
        self._journal.write(events.StageStarted(time=time.time(), stage=name))
        began = time.monotonic()
        value = function(Journal(self._run, name))
        self._finish(_time(name, time.monotonic() - began, 0))
        return value

    def _do(self, stages: Sequence[Stage]) -> list[Path]:
        if not stages:
            return []
        written = [self._cache.begin(self._run, stage.kind, stage.key) for stage in stages]
        specifications = [
            Specification(run=str(self._run.folder), stage=stage.name, out=str(out), **stage.work)
            for stage, out in zip(stages, written, strict=True)
        ]
        took = run_together(specifications, self._specifications, self._log, self._journal)
        places = []
        for stage, out, spent in zip(stages, written, took, strict=True):
            places.append(self._cache.commit(out, stage.kind, stage.key))
            self._finish(_time(stage.name, spent.seconds, spent.peak_rss_bytes, places[-1]))
        return places

    def _finish(self, took: StageTime) -> None:
        self.times.append(took)
        self._journal.write(
            events.StageFinished(
                time=time.time(),
                stage=took.name,
                seconds=took.seconds,
                cached=took.cached,
                peak_rss_bytes=took.peak_rss_bytes,
            )
        )


def read_info(folder: Path, kind: type[T]) -> T:
    """What a stage left beside its output."""
    return msgspec.json.decode((folder / "info.json").read_bytes(), type=kind)


def _time(name: str, seconds: float, peak: int, output: Path | None = None) -> StageTime:
    nncf_seconds = None
    if output is not None:
        info = msgspec.json.decode((output / "info.json").read_bytes())
        nncf_seconds = info.get("nncf_seconds")
    return StageTime(
        name=name,
        seconds=round(seconds, 3),
        cached=False,
        peak_rss_bytes=peak,
        nncf_seconds=nncf_seconds,
    )
