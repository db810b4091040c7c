"""Data of every kind of source, good and bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from ovtui.core.text.errors import SourceError
from tests.support.collected_images import (
    COLUMNS,
    NO_LABELS,
    SPLITS,
    answers,
    collected,
    image_folder,
    png,
)
from tests.support.tiny import CLASSES, cut


def test_npz(tiny: Path) -> None:
    found = collected(tiny)
    assert len(found.indices) == 8
    assert set(found.indices) <= set(range(16, 32))
    assert answers(tiny) == [index % 4 for index in found.indices]


def test_a_function(tiny: Path) -> None:
    found = collected(tiny, "data.source=code.py:rows", "data.evaluation.split=test")
    assert len(found.indices) == 8


def test_folders_by_split_and_label(tiny: Path) -> None:
    image_folder(tiny.parent / "pictures" / "train")
    image_folder(tiny.parent / "pictures" / "test", CLASSES[1:])
    found = collected(tiny, *SPLITS, NO_LABELS, "data.evaluation.samples=100")
    assert len(found.indices) == 9
    assert found.labels == list(CLASSES)
    assert answers(tiny) == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_a_folder_without_splits(tiny: Path) -> None:
    image_folder(tiny.parent / "pictures")
    assert len(collected(tiny, "data.source=pictures", "data.evaluation.split=all").indices) == 8


def _csv(folder: Path, separator: str = ",") -> str:
    rows = [
        f"pictures/{label}/{index}.png{separator}{label}" for label in CLASSES for index in "01"
    ]
    return "\n".join([f"file{separator}class", *rows])


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl"])
def test_tables_with_paths(tiny: Path, kind: str) -> None:
    folder = tiny.parent
    image_folder(folder / "pictures")
    lines = [line.split(",") for line in _csv(folder).split("\n")[1:]]
    objects = [{"file": file, "class": label} for file, label in lines]
    text = {
        "csv": _csv(folder),
        "tsv": _csv(folder, "\t"),
        "json": json.dumps(objects),
        "jsonl": "\n".join(map(json.dumps, objects)),
    }[kind]
    (folder / f"table.{kind}").write_text(text)
    found = collected(tiny, f"data.source=table.{kind}", *COLUMNS)
    assert len(found.indices) == 8
    assert found.skipped == 0
    assert answers(tiny) == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("stored", ["bytes", "struct"])
def test_parquet_with_pictures(tiny: Path, stored: str) -> None:
    pictures: list[Any] = [png(seed) for seed in range(8)]
    if stored == "struct":
        pictures = [{"bytes": picture, "path": None} for picture in pictures]
    table = pyarrow.table({"image": pictures, "label": [seed % 4 for seed in range(8)]})
    pyarrow.parquet.write_table(table, tiny.parent / "data.parquet")
    found = collected(tiny, "data.source=data.parquet", "data.evaluation.split=all")
    assert len(found.indices) == 8


def test_rows_without_a_picture_or_a_label(tiny: Path) -> None:
    pictures = [{"bytes": png(seed), "path": None} for seed in range(8)]
    table = pyarrow.table(
        {
            "image": [None, {"bytes": None, "path": None}, *pictures[2:]],
            "label": [*range(4), None, 1, 2, 3],
        }
    )
    pyarrow.parquet.write_table(table, tiny.parent / "data.parquet")
    found = collected(tiny, "data.source=data.parquet", "data.evaluation.split=all")
    assert found.skipped_first == [
        "row 0: image: is missing",
        "row 1: image: is missing",
        "row 4: label: is missing",
    ]
    assert answers(tiny) == [2, 3, 1, 2, 3]


def test_pictures_that_do_not_decode_are_counted(tiny: Path) -> None:
    place = tiny.parent / "pictures" / "test"
    image_folder(place)
    (place / "a" / "0.png").write_bytes(b"no picture")
    cut(place / "b" / "1.png")
    (place / "c" / "\x1b[31m[bold]\n.png").write_bytes(b"")
    found = collected(tiny, *SPLITS, "data.evaluation.samples=100")
    assert found.skipped == 3
    assert len(found.indices) == 10
    assert len(answers(tiny)) == 10
    assert "0.png: not a picture" in found.skipped_first[0]


def test_a_small_slice_of_everything(tiny: Path) -> None:
    found = collected(tiny, "data.evaluation.split=all[25%:50%]")
    assert sorted(found.indices) == list(range(8, 16))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["data.evaluation.split=all[100:]"], "'all[100:]' holds no samples"),
        (["data.evaluation.split=test"], "one split, 'all', found 'test'"),
        (["data.columns.image=pictures"], "no column 'pictures' for 'image'"),
        (['data.labels=["a", "b"]'], "unknown, the labels are 0 to 1"),
        (["data.source=code.py:nosuch"], "no function 'nosuch'"),
        (["data.source=code.py:no_rows"], "no rows"),
        (["data.source=code.py:lists"], "expected a list of rows"),
        (["data.source=code.py:nothing"], "found NoneType"),
        (
            ["data.source=code.py:gaps", "data.evaluation.split=all[3:4]"],
            "row 3: expected the columns",
        ),
        (["data.source=code.py:raises"], "it raised RuntimeError: boom"),
        (["data.source=code.py:leaves"], "it raised SystemExit: 3"),
        (["data.source=broken.py:f"], "importing broken.py failed: SyntaxError"),
        (["data.source=empty"], "no split 'all'"),
        (["data.source=empty", "data.evaluation.split=**"], "no split '**'"),
        (["data.source=empty", "data.evaluation.split=../tiny"], "expected a folder in it"),
        (["data.source=empty", "data.evaluation.split=/etc"], "expected a folder in it"),
    ],
)
def test_wrong_settings(tiny: Path, settings: list[str], expected: str) -> None:
    (tiny.parent / "empty").mkdir()
    (tiny.parent / "broken.py").write_text("def f(:")
    _refused(tiny, expected, *settings)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.npz", b"", "no .npz file"),
        ("x.npz", b"noise" * 100, "no .npz file"),
        ("x.csv", b"", "holds no rows|No columns"),
        ("x.csv", b"image,label\n", "holds no rows"),
        ("x.csv", b"image,label\na,b\nc,d,e,f\n", "cannot be read as csv"),
        ("x.csv", b"\x93\xff\x00", "line 1: byte 0x93 is not utf-8"),
        ("x.json", b"", "holds no rows"),
        ("x.json", b'[{"image": ', "cannot be read as json"),
        ("x.jsonl", b'{"image": "a"}\n{"image":', "cannot be read as json"),
        ("x.parquet", b"noise" * 100, "cannot be read as parquet"),
        ("x.csv", b"image,label\nnosuch.png,a\n", "no usable sample for evaluation"),
    ],
)
def test_damaged_files(tiny: Path, name: str, content: bytes, expected: str) -> None:
    (tiny.parent / name).write_bytes(content)
    message = _refused(tiny, "", f"data.source={name}", "data.evaluation.split=all")
    assert any(part in message for part in expected.split("|")), message


@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_a_truncated_npz(tiny: Path, keep: float) -> None:
    cut(tiny.parent / "data.npz", keep)
    _refused(tiny, "cut short")


def test_an_npz_with_a_flipped_bit(tiny: Path) -> None:
    path = tiny.parent / "data.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    _refused(tiny, "damaged .npz")


def test_an_npz_that_is_huge_in_memory(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tiny.parent / "data.npz", image=np.zeros((64, 64, 64, 3)), label=[0] * 64)
    monkeypatch.setattr("ovtui.engine.data.npz_files._MOST_UNPACKED", 2**20)
    _refused(tiny, "KiB that unpack to 6.00 MiB; write it without compression")


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"image": np.zeros((5, 4, 4, 3)), "label": np.zeros(4)}, "arrays of one length"),
        ({"image": np.array([{}, 2]), "label": np.zeros(2)}, "pickled Python objects"),
        ({"image": np.zeros((0, 4, 4, 3)), "label": np.zeros(0)}, "holds no samples"),
        ({"image": np.zeros((5, 7, 4, 4, 3)), "label": np.zeros(5)}, "is no picture"),
        ({"image": np.zeros((5, 4, 4, 3)), "label": np.full(5, 9)}, "label 9: unknown"),
        ({"image": np.zeros((5, 4, 4, 3)), "label": np.full(5, -1)}, "label -1: unknown"),
        ({"image": np.zeros((5, 4, 4, 3)), "label": np.full(5, np.nan)}, "label: is missing"),
        ({"image": np.zeros((5, 4, 4, 3)), "label": ["x[/]\x1b"] * 5}, "unknown, valid are a, b"),
    ],
)
def test_arrays_that_do_not_fit(tiny: Path, arrays: dict[str, Any], expected: str) -> None:
    np.savez(tiny.parent / "data.npz", **arrays)
    _refused(tiny, expected, "data.evaluation.split=all")


def test_names_of_labels_need_an_order(tiny: Path) -> None:
    np.savez(tiny.parent / "data.npz", image=np.zeros((5, 4, 4, 3)), label=["x"] * 5)
    _refused(
        tiny, "list the classes in order as data.labels", "data.evaluation.split=all", NO_LABELS
    )


def test_accuracy_control_needs_samples_of_its_own(tiny: Path) -> None:
    settings = ["data.calibration.split=all[:8]"]
    with pytest.raises(SourceError, match="none is left for accuracy control"):
        collected(tiny, *settings, use="validation")


def _refused(recipe: Path, expected: str, *settings: str) -> str:
    with pytest.raises(SourceError) as caught:
        collected(recipe, *settings)
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    return message


ROWS = """
import pandas
import torch


def frame(split):
    return pandas.DataFrame({"image": list(torch.zeros(8, 4, 4, 3).numpy()), "label": [0, 1] * 4})


def tensors(split):
    rows = torch.zeros(8, 4, 4, 3, dtype=torch.bfloat16, requires_grad=True)
    return [{"image": row, "label": torch.tensor(at % 2)} for at, row in enumerate(rows)]


def one_dict(split):
    row = {}
    for at in range(8):
        row.update(image=torch.full((4, 4, 3), at / 8).numpy(), label=at % 2)
        yield row
"""


@pytest.mark.parametrize("name", ["frame", "tensors", "one_dict"])
def test_rows_as_libraries_hold_them(tiny: Path, name: str) -> None:
    (tiny.parent / "rows.py").write_text(ROWS)
    collected(tiny, f"data.source=rows.py:{name}", "data.evaluation.split=all")
    assert answers(tiny) == [0, 1] * 4
