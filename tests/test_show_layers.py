"""`ovtui show --layers`: the operations of a run's variants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovtui.cli import main
from ovtui.core.results import operations
from tests.support.run_folders import write_done
from tests.support.sample_operations import sample_operations


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OVTUI_HOME", str(tmp_path))
    return write_done(tmp_path).folder


def test_tables_by_kind_by_module_and_of_each(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operations.write(run, sample_operations())
    assert main(["show", "--layers", "--variant", "int8"]) == 0
    printed = capsys.readouterr().out
    assert "int8 beside fp32" in printed and "bf16" not in printed
    for words in (
        "kind ",
        "module ",
        "operation ",
        "layers.*.up ×2",
        "f32→i8",
        "outside operations",
    ):
        assert words in printed


def test_json_has_every_operation(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operations.write(run, sample_operations())
    assert main(["show", "last", "--layers", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [it["variant"] for it in shown] == ["bf16", "int8"]
    parts = shown[1]["tables"]["operation"]["parts"]
    assert len(parts) == 4 and parts[0]["gain"] == pytest.approx(1000 / 420)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--layers"], "keeps no operations of two variants"),
        (["--variant", "in8"], "--variant goes with --layers"),
    ],
)
def test_what_is_not_there_is_one_line(
    run: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "last", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_nearest_variant_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operations.write(run, sample_operations())
    assert main(["show", "--layers", "--variant", "in8"]) == 2
    assert "did you mean 'int8'" in capsys.readouterr().err
