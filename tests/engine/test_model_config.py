"""JSON files of a model's folder: whole, missing, or damaged in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.labels import model_labels
from ovtui.engine.hub.model_config import modules_of, read_object
from ovtui.engine.tasks.sentence_similarity import pooling_of

DAMAGES: dict[str, bytes] = {
    "deep": b"[" * 50_000,
    "cut short": b'{"a": ',
    "a list": b"[1]",
    "no UTF-8": b'{"a": "\xff"}',
    "endless number": b'{"a": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_in_one_line_with_the_file_s_name(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "generation_config.json"
    path.write_bytes(DAMAGES[damage])
    with pytest.raises(SourceError) as raised:
        read_object(path)
    assert str(path) in str(raised.value) and "\n" not in str(raised.value)


def test_a_missing_file_holds_nothing_and_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    assert read_object(tmp_path / "config.json") == {}
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(SourceError, match="not a regular file"):
        read_object(tmp_path / "config.json")


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["config.json", "modules.json"])
def test_what_a_damaged_file_would_only_add_is_left_out(
    tmp_path: Path, name: str, damage: str
) -> None:
    (tmp_path / name).write_bytes(DAMAGES[damage])
    assert model_labels(tmp_path) is None
    assert modules_of(tmp_path) == []
    assert pooling_of(tmp_path) == "mean"


@pytest.mark.parametrize("name", ["", "..", "/etc", "a/b", "missing"])
def test_modules_are_folders_of_the_model_s_own(tmp_path: Path, name: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    listed = [{"path": it, "type": "x.Pooling"} for it in (name, "1_Pooling")]
    (tmp_path / "modules.json").write_text(json.dumps(listed))
    assert modules_of(tmp_path) == [("1_Pooling", "x.Pooling")]


@pytest.mark.parametrize("change", [lambda it: it.update(path=[]), lambda it: it.pop("type")])
def test_modules_of_another_shape_are_none(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    module: dict[str, object] = {"path": "1_Pooling", "type": "x.Pooling"}
    change(module)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "modules.json").write_text(json.dumps([module]))
    assert modules_of(tmp_path) == []
