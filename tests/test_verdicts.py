"""What scripts get of verdicts: the exit status of a gate, the chosen variant in lists."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from ovtui.cli import main
from ovtui.core.results.result import Result
from tests.support.run_folders import started, write_run
from tests.support.sample_result import sample_result

RUN = "20260131-101500-digits-ab12"
replace = msgspec.structs.replace


def judged(*verdicts: str | None) -> Result:
    """The sample result with these verdicts of `bf16` and `int8`."""
    result = sample_result()
    comparisons = [
        replace(it, verdict=verdict, no_verdict="" if verdict else "the metric is constant")
        for it, verdict in zip(result.comparisons, verdicts, strict=True)
    ]
    return replace(result, comparisons=comparisons)


@pytest.mark.parametrize("command", [["show", RUN], ["show", RUN, "--json"], ["compare", RUN]])
@pytest.mark.parametrize(
    ("verdicts", "fail_on", "status"),
    [
        (("pass", "fail"), [], 0),
        (("pass", "fail"), ["fail"], 1),
        (("pass", "not enough samples"), ["fail"], 0),
        (("pass", "not enough samples"), ["fail", "not enough samples"], 1),
        (("pass", None), ["fail"], 0),
        (("pass", None), ["no verdict"], 1),
    ],
)
def test_a_verdict_can_be_an_exit_status(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    verdicts: tuple[str | None, ...],
    fail_on: list[str],
    status: int,
) -> None:
    write_run(home, RUN, told=started(), found=judged(*verdicts))
    words = [word for verdict in fail_on for word in ("--fail-on", verdict)]
    assert main([*command, *words]) == status
    told = capsys.readouterr()
    assert told.out
    if status:
        assert "--fail-on: int8" in told.err and "bf16" not in told.err


def test_a_gate_is_closed_for_a_run_without_a_result_and_for_unknown_verdicts(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(home, RUN, told=started())
    assert main(["show", RUN]) == 0
    assert main(["show", RUN, "--fail-on", "fail"]) == 1
    assert main(["show", RUN, "--fail-on", "bad"]) == 2
    assert main(["run", "mobilenetv2-digits", "--detach", "--fail-on", "fail"]) == 2
    assert "--detach does not" in capsys.readouterr().err


def test_the_list_of_runs_shows_the_variant_that_was_chosen(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = judged("pass", "pass")
    weights = replace(result.comparisons[1], variant="int8 weights", verdict="fail")
    more = replace(result.variants[2], name="int8 weights")
    result = replace(
        result,
        variants=[*result.variants, more],
        comparisons=[*result.comparisons, weights],
        chosen="int8",
    )
    write_run(home, RUN, told=started(), found=result)
    assert main(["runs", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["variant"], row["verdict"]) == ("int8", "pass")


def test_variants_of_compare_keep_names_of_their_own(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    result = sample_result()
    names = ["fp32", "int8 accurate bias correction", "int8 accurate bias correction, mixed"]
    variants = [replace(it, name=name) for it, name in zip(result.variants, names, strict=True)]
    write_run(home, RUN, told=started(), found=replace(result, variants=variants, comparisons=[]))
    assert main(["compare", RUN]) == 0
    shown = capsys.readouterr().out.split("\n\n")[1].split("\n")
    first = [row[:14].strip() for row in shown if row.startswith("1 ")]
    assert len(first) == len(set(first)) == 3
