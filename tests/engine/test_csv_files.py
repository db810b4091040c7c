"""CSV files as spreadsheets of every country write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.csv_files import dialect_of
from tests.support.collected_images import COLUMNS, SPLITS, answers, collected, image_folder

TEXT = 'text;label\n"good; very, very good";1\nb\u00e9b\u00e9, caf\u00e9;0\n'


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_that_show(tmp_path: Path, encoding: str, found: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert dialect_of(path, "x.csv")[:2] == (found, ";")


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT.encode("latin-1"))
    with pytest.raises(SourceError, match="x.csv: line 3: byte 0xe9 is not utf-8; .* encoding"):
        dialect_of(path, "x.csv")
    assert dialect_of(path, "x.csv", "latin-1")[:2] == ("latin-1", ";")
    with pytest.raises(SourceError, match="unknown encoding 'latin-x'"):
        dialect_of(path, "x.csv", "latin-x")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a\tb\nx, y\tz\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a,b;c\n1,2;3;4\n5,6\n", ","),
        ('a,b\n"x;y",1\n', ","),
        ("text\nhello; you\n", ","),
        ("", ","),
    ],
)
def test_separators(tmp_path: Path, text: str, separator: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert dialect_of(tmp_path / "x.csv", "x.csv").separator == separator


def _write(folder: Path, head: str, encoding: str = "utf-8", label: str = "d") -> None:
    image_folder(folder / "pictures")
    rows = [f"pictures/{name}/{index}.png;{name}" for name in "abcd" for index in "01"]
    rows[-1] = f"pictures/d/1.png;{label}"
    (folder / "x.csv").write_bytes("\n".join([head, *rows]).encode(encoding))


def test_rows_and_columns_are_what_they_are_in_the_file(tiny: Path) -> None:
    _write(tiny.parent, " file ;class", "utf-16")
    assert len(collected(tiny, "data.source=x.csv", *COLUMNS).indices) == 8


def test_a_row_without_a_label_is_skipped(tiny: Path) -> None:
    _write(tiny.parent, "file;class", label="")
    found = collected(tiny, "data.source=x.csv", *COLUMNS)
    assert (len(found.indices), found.skipped) == (7, 1)
    assert found.skipped_first == ["row 7: label: is missing"]


def test_a_file_without_a_header_says_so(tiny: Path) -> None:
    _write(tiny.parent, "pictures/a/0.png;a")
    with pytest.raises(SourceError, match="no column 'file'.* first line has to hold its columns'"):
        collected(tiny, "data.source=x.csv", *COLUMNS)


def test_files_of_one_split_are_written_alike(tiny: Path) -> None:
    folder = tiny.parent / "pictures"
    folder.mkdir()
    (folder / "test-0.csv").write_text("image,label\na,b\n")
    (folder / "test-1.csv").write_text("image;label\na;b\n")
    with pytest.raises(SourceError, match="differ in encoding or separator"):
        collected(tiny, *SPLITS)


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("sep=;\nfile;class", "{file};{name}"),
        ("file;class;", "{file};{name};"),
        ("file;class", "{file};{name};"),  # the names alone do not end with a separator
        ("file;class", "{number};{file};{name}"),  # R's names of rows
    ],
)
def test_what_stands_around_the_columns(tiny: Path, head: str, row: str) -> None:
    image_folder(tiny.parent / "pictures")
    places = [(name, index) for name in "abcd" for index in "01"]
    rows = [
        row.format(number=number, name=name, file=f"pictures/{name}/{index}.png")
        for number, (name, index) in enumerate(places)
    ]
    (tiny.parent / "x.csv").write_text("\n".join([head, *rows]))
    assert len(collected(tiny, "data.source=x.csv", *COLUMNS).indices) == 8
    assert answers(tiny) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("text,label\ngood,1,ann\ngood,0,bob\n")
    with pytest.raises(SourceError, match=r"have 3 columns, its first line names 2 \(text, label"):
        dialect_of(tmp_path / "x.csv", "x.csv")
