"""What a whole run concludes of variants that change nothing, and of how its baseline is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovtui.cli import main

pytestmark = pytest.mark.usefixtures("forked_engines")

SAME = """
[[variants]]
name = "same"
components.model = { method = "none" }
[[variants]]
name = "again"
components.model = { method = "quantize" }
"""


@pytest.mark.usefixtures("home")
def test_what_changes_nothing_passes_and_what_fp16_does_is_told(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.write_text(tiny.read_text() + SAME)
    assert main(["run", str(tiny), "--json", "--fail-on", "no verdict"]) == 0
    found = json.loads(capsys.readouterr().out)
    variants = {it["name"]: it for it in found["variants"]}
    comparisons = {it["variant"]: it for it in found["comparisons"]}

    same = comparisons["same"]
    assert same["same_outputs"] and same["verdict"] == "pass"
    assert (same["accuracy_delta"], same["accuracy_delta_ci95"]) == (0, [0, 0])
    assert not comparisons["int8"]["same_outputs"]

    assert variants["again"]["same_files_as"] == "int8"
    effect = variants["fp32"]["storage_effect"]
    assert (effect["samples"], effect["metric"]) == (8, "accuracy")
    assert 0 < effect["max_abs_difference"] < 0.01
    assert effect["value"] + effect["delta"] == variants["fp32"]["accuracy"]["value"]

    assert main(["show", "last"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "title tiny" in shown and "fp32 (baseline, stored as fp16)" in shown
    assert "PASS: every output is that of fp32, number by number, on all samples" in shown

    words = ["--set", "baseline.storage=fp32", "--json"]
    assert main(["run", str(tiny), *words]) == 0
    exact = json.loads(capsys.readouterr().out)["variants"][0]
    assert exact["storage"] == "fp32" and exact["storage_effect"] is None
