"""Models with what was made from them: one entry for each variant, whatever its files are."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.recipes.catalog import ModelEntry
from ovtui.core.runs.lineage import lineage


def _file(run: str, variant: str, stem: str, size: int) -> ModelEntry:
    path = f"/home/runs/{run}/models/{variant}/{stem}.xml"
    return ModelEntry(
        name=f"{run}/{variant}", path=path, format="openvino", size_bytes=size, origin=run
    )


def test_a_variant_of_several_files_is_one_entry_of_their_size(tmp_path: Path) -> None:
    entries = [
        _file("r1", "int8", "openvino_tokenizer", 10),
        _file("r1", "int8", "openvino_encoder_model", 200),
        _file("r1", "fp32", "model", 1000),
    ]
    source, several, single = lineage(entries, [], tmp_path)
    assert source.origin == "earlier runs"
    assert (several.name, several.size_bytes) == ("int8", 210)
    assert several.path == "/home/runs/r1/models/int8"
    assert [Path(it.path).stem for it in several.parts] == [
        "openvino_encoder_model", "openvino_tokenizer"
    ]  # fmt: skip
    assert single.parts == () and single.path == "/home/runs/r1/models/fp32/model.xml"
