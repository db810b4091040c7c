from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import RecipeError
from ovtui.engine.run import artefacts, plan, preparation, workflow
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.stage_keys import Stage
from ovtui.engine.run.variants import Output, Prepared
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, Compressed, Converted
from ovtui.engine.store.stage_work import job_of


def prepared(folder: Path, precision: str) -> Prepared:
    """A conversion as a stage leaves it, for a device with this default precision."""
    (folder / "baseline").mkdir(parents=True)
    for suffix in (".xml", ".bin"):
        (folder / "baseline" / f"model{suffix}").write_bytes(b"model")
    converted = Converted(device="CPU", default_precision=precision, parameters=1)
    (folder / "info.json").write_bytes(msgspec.json.encode(converted))
    output = Output(folder, "key")
    return Prepared(conversion=output, evaluation=output, calibration=None, validation=None)


def collected(folder: Path, indices: list[int], digests: list[str]) -> Output:
    """Collected samples as a stage leaves them."""
    folder.mkdir()
    info = Collected(
        dataset="digits",
        split="all",
        labels=None,
        data_labels=None,
        folder=None,
        indices=indices,
        digests=digests,
        duplicates=0,
        skipped=0,
        skipped_first=[],
    )
    (folder / "info.json").write_bytes(msgspec.json.encode(info))
    return Output(folder, "key")


@pytest.mark.parametrize(
    ("precision", "names"),
    [("f32", ["fp32"]), ("bf16", ["fp32", "bf16"]), ("f16", ["fp32", "f16"])],
)
def test_default_precision_is_a_variant_of_its_own(
    tiny: Path, tmp_path: Path, precision: str, names: list[str]
) -> None:
    run, recipe = Run(tmp_path / "run"), recipes.load(tiny)
    found = artefacts.baselines(run, recipe, prepared(tmp_path / "convert", precision))
    assert [artefact.name for artefact in found] == names
    hints = [artefact.properties["INFERENCE_PRECISION_HINT"] for artefact in found]
    assert hints == ["f32", precision][: len(names)]
    assert len({artefact.model for artefact in found}) == 1, "the same files, executed otherwise"


def test_default_precision_can_be_left_out(tiny: Path, tmp_path: Path) -> None:
    recipe = recipes.load(tiny, ["baseline.default_precision=false"])
    found = artefacts.baselines(Run(tmp_path), recipe, prepared(tmp_path / "convert", "bf16"))
    assert [artefact.name for artefact in found] == ["fp32"]


def test_overlap_is_refused_unless_asked_for(tiny: Path, tmp_path: Path) -> None:
    found = {
        "calibration": collected(tmp_path / "calibration", [1, 2, 3], ["a", "b", "c"]),
        "evaluation": collected(tmp_path / "evaluation", [3, 4], ["c", "d"]),
    }
    journal = Journal(Run(tmp_path))
    with pytest.raises(RecipeError, match="1 samples are in calibration and in evaluation"):
        preparation.check_overlap(recipes.load(tiny), found, journal)
    allowed = recipes.load(tiny, ["data.allow_overlap=true"])
    preparation.check_overlap(allowed, found, journal)
    assert "overlaps evaluation by 1" in (tmp_path / "events.jsonl").read_text()


def test_equal_samples_of_other_indices_are_told(tiny: Path, tmp_path: Path) -> None:
    found = {
        "calibration": collected(tmp_path / "calibration", [1, 2], ["a", "b"]),
        "evaluation": collected(tmp_path / "evaluation", [3, 4], ["b", "d"]),
    }
    preparation.check_overlap(recipes.load(tiny), found, Journal(Run(tmp_path)))
    assert "1 samples of calibration are equal" in (tmp_path / "events.jsonl").read_text()


def test_plan_follows_the_methods(tiny: Path) -> None:
    names = plan.stage_names(recipes.load(tiny, ["measure.latency=true"]))
    assert names[0] == "convert" and names[-2:] == ["evaluate", "measure"]
    assert "calibration data" in names and "validation data" not in names
    assert plan.stage_names(recipes.load(tiny))[-1] == "evaluate"


class StartingNothing(Runner):
    """A runner whose stages are all done, or none is, and all have the same output."""

    def __init__(self, run: Run, output: Path, done: bool) -> None:
        super().__init__(run, Journal(run), 2)
        self.output, self.done = output, done
        self.early: list[str] = []

    def is_done(self, stage: Stage) -> bool:
        return self.done

    def together(self, todo: Sequence[Stage]) -> list[Path]:
        return [self.output for _ in todo]

    def warm(self, stage: str, kind: str, also: Sequence[str] = ()) -> None:
        self.early.append(stage)


@pytest.mark.parametrize(("done", "early"), [(True, []), (False, ["evaluate"])])
def test_nothing_is_started_early_beside_a_stage_that_is_done(
    tiny: Path, tmp_path: Path, done: bool, early: list[str]
) -> None:
    recipe, run = recipes.load(tiny), Run(tmp_path / "run")
    request = Request(name="tiny", created="", device="CPU", base=str(tiny.parent), recipe=recipe)
    (run.folder / "models").mkdir(parents=True)
    output = tmp_path / "compressed"
    (output / "model").mkdir(parents=True)
    for suffix in (".xml", ".bin"):
        (output / "model" / f"model{suffix}").write_bytes(b"model")
    (output / "info.json").write_bytes(msgspec.json.encode(Compressed(nncf_seconds=1.0)))
    converted = prepared(tmp_path / "convert", "f32")
    calibration = {"model": Output(tmp_path, "key")}
    with StartingNothing(run, output, done) as runner:
        workflow.compress(job_of(request), recipe.variants[0], converted, calibration, runner)
    assert runner.early == early
