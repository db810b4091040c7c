"""Pictures with boxes in COCO JSON, YOLO folders, Pascal VOC and data sets of Hugging Face."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovtui.core.recipes.recipe import Data, Subset
from ovtui.core.recipes.source import data_source
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.first_rows import columns_of_rows
from ovtui.engine.data.selection import Selection, Table, open_split, select
from ovtui.engine.data.splits import place_of_rows, splits_of
from tests.support import detection_data as made

Change = Callable[[Path], Any]


def opened(folder: Path, split: str) -> Table:
    subset = Subset(split=split)
    return open_split(Data(source=str(folder), evaluation=subset), subset, Path("/"))


def changed(place: Path, layout: str, change: Change) -> tuple[Path, str]:
    """A set of some layout with a change in it, and its split."""
    write, split = made.LAYOUTS[layout]
    folder = write(place / "set")
    change(folder)
    return folder, split


def splits(folder: Path) -> list[str]:
    return splits_of(data_source(str(folder), Path("/")))


@pytest.mark.parametrize("layout", made.LAYOUTS)
def test_the_same_boxes_come_of_each_layout(tmp_path: Path, layout: str) -> None:
    write, split = made.LAYOUTS[layout]
    folder = write(tmp_path / "set")
    assert splits(folder) == [split]
    assert place_of_rows(folder) == folder
    table = opened(folder, split)
    assert table.labels == {"objects": made.NAMES}
    assert table.note is None
    found = {Path(row["image"]).stem: row["objects"] for row in map(table.__getitem__, range(3))}
    for name, expected in made.OBJECTS.items():
        assert found[name]["category"] == [it[0] for it in expected]
        boxes = [pytest.approx(it[1:]) for it in expected]
        assert found[name]["bbox"] == boxes
        assert (table.folder / table[0]["image"]).is_file()  # type: ignore[operator]
    (objects,) = [it for it in columns_of_rows(table) if it.name == "objects"]
    assert (objects.kind, objects.values) == ("objects", made.NAMES)


def test_coco_keeps_areas_and_crowds(tmp_path: Path) -> None:
    table = made.coco_table()
    table["annotations"][0] |= {"iscrowd": 1, "segmentation": {"counts": [1, 2], "size": [3, 4]}}
    folder = made.coco(tmp_path / "set")
    made.write_coco(folder / "annotations" / "instances_val2017.json", table)
    objects = opened(folder, "val2017")[0]["objects"]
    assert objects["area"] == [7.5, 7.5]
    assert objects["iscrowd"] == [1, 0]


def test_objects_that_voc_calls_difficult_do_not_count(tmp_path: Path) -> None:
    folder = made.voc(tmp_path / "set")
    file = folder / "Annotations" / "b.xml"
    file.write_text(file.read_text().replace("<bndbox>", "<difficult>1</difficult><bndbox>"))
    assert opened(folder, "val")[1]["objects"]["iscrowd"] == [1]


@pytest.mark.parametrize(
    ("file", "pictures", "split"),
    [
        ("annotations.json", ".", "all"),
        ("annotations.json", "images", "all"),
        ("annotations/annotations.json", "images", "all"),
        ("train/_annotations.coco.json", "train", "train"),
        ("instances_val.json", "val", "val"),
        ("annotations/val.json", "images/val", "val"),
    ],
)
def test_coco_files_lie_in_many_places(
    tmp_path: Path, file: str, pictures: str, split: str
) -> None:
    folder = tmp_path / "set"
    if pictures == ".":
        made.pictures(folder)
    else:
        made.pictures(folder / pictures)
    made.write_coco(folder / file, made.coco_table())
    assert splits(folder) == [split]
    assert len(opened(folder, split)) == 3


def test_a_table_of_rows_is_no_coco_file(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text('[{"x": 1}, {"x": 2}]')
    assert splits(tmp_path) == ["train"]
    assert len(opened(tmp_path, "train")) == 2


def _coco_boxes(*boxes: dict[str, Any]) -> Change:
    def change(folder: Path) -> None:
        table = made.coco_table()
        table["annotations"] += [{"image_id": 2, "category_id": 3, **box} for box in boxes]
        made.write_coco(folder / "annotations" / "instances_val2017.json", table)

    return change


def _yolo_lines(*lines: str) -> Change:
    return lambda folder: (folder / "labels" / "val" / "c.txt").write_text("\n".join(lines))


def _voc_sides(xmin: str, xmax: str) -> Change:
    def change(folder: Path) -> None:
        file = folder / "Annotations" / "c.xml"
        sides = f"<xmin>{xmin}</xmin><ymin>1</ymin><xmax>{xmax}</xmax><ymax>9</ymax>"
        text = f"<object><name>cat</name><bndbox>{sides}</bndbox></object></annotation>"
        file.write_text(file.read_text().replace("</annotation>", text))

    return change


WRONG: dict[str, tuple[str, Change, str]] = {
    "negative width": ("coco", _coco_boxes({"bbox": [1, 1, -3, 4]}), "1 boxes without width"),
    "outside": ("coco", _coco_boxes({"bbox": [20, 1, 3, 4]}), "1 boxes outside of their picture"),
    "three numbers": ("coco", _coco_boxes({"bbox": [1, 2, 3]}), "1 boxes with NaN"),
    "null": ("coco", _coco_boxes({"bbox": [1, 2, None, 3]}), "1 boxes with NaN"),
    "unknown class": (
        "coco",
        _coco_boxes({"bbox": [1, 2, 3, 4], "category_id": 4}),
        "1 boxes of an unknown class, first box 0 of c.jpg",
    ),
    "unknown picture": (
        "coco",
        _coco_boxes({"bbox": [1, 2, 3, 4], "image_id": 9}),
        "1 boxes of an unknown picture, first image_id 9",
    ),
    "NaN": ("yolo", _yolo_lines("0 nan 0.5 0.1 0.1"), "1 boxes with NaN"),
    "class of YOLO": ("yolo", _yolo_lines("2 0.5 0.5 0.1 0.1"), "1 boxes of an unknown class"),
    "pixels in place of shares": ("yolo", _yolo_lines("1 9 9 4 4"), "1 boxes outside"),
    "words": (
        "yolo",
        _yolo_lines("", "cat 0.5 0.5 0.1 0.1", "0 0.5"),
        "2 lines that are no class and box, first labels/val/c.txt, line 2",
    ),
    "right of left": ("voc", _voc_sides("9", "4"), "1 boxes without width"),
    "no number": ("voc", _voc_sides("x", "4"), "1 boxes with NaN"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_boxes_are_left_out_and_told(tmp_path: Path, case: str) -> None:
    layout, change, told = WRONG[case]
    table = opened(*changed(tmp_path, layout, change))
    assert table.note is not None
    assert told in table.note
    assert table[2]["objects"]["bbox"] == []
    assert len(table[0]["objects"]["bbox"]) == 2


def test_an_outline_of_yolo_is_the_box_about_it(tmp_path: Path) -> None:
    folder = made.yolo(tmp_path / "set")
    _yolo_lines("1 0.25 0.5 0.5 0.25 0.75 0.75")(folder)
    objects = opened(folder, "val")[2]["objects"]
    assert objects["bbox"] == [[4, 4, 8, 8]]
    assert objects["category"] == [1]


@pytest.mark.parametrize("layout", made.LAYOUTS)
def test_pictures_that_are_missing_are_told(tmp_path: Path, layout: str) -> None:
    write, split = made.LAYOUTS[layout]
    folder = write(tmp_path / "set")
    (picture,) = folder.rglob("b.jpg")
    picture.unlink()
    if layout == "yolo":  # its pictures are those that are there, unless a list names them
        (folder / "val.txt").write_text("".join(f"./images/val/{name}.jpg\n" for name in "abc"))
        yaml = folder / "data.yaml"
        yaml.write_text(yaml.read_text().replace("images/val", "val.txt"))
    table = opened(folder, split)
    assert len(table) == 2
    assert f"1 pictures that are not there, first {picture}" in (table.note or "")


def _file_name(name: str) -> Change:
    def change(folder: Path) -> None:
        table = made.coco_table()
        table["images"][1]["file_name"] = name
        made.write_coco(folder / "annotations" / "instances_val2017.json", table)

    return change


def _link(folder: Path) -> None:
    (folder / "val2017" / "b.jpg").unlink()
    (folder / "val2017" / "b.jpg").symlink_to("/etc/passwd")


def _list_of_yolo(folder: Path) -> None:
    (folder / "val.txt").write_text("images/val/a.jpg\n../../etc/passwd\n")
    (folder / "data.yaml").write_text("val: val.txt\nnames: [cat, dog]\n")


def _doctype(folder: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><annotation>&b;</annotation>'
    for name in made.SIZES:
        (folder / "Annotations" / f"{name}.xml").write_text(bomb)


REFUSED: dict[str, tuple[str, Change, str]] = {
    "absolute": ("coco", _file_name("/etc/passwd"), "outside of"),
    "above": ("coco", _file_name("../../../etc/passwd"), "outside of"),
    "a link": ("coco", _link, "outside of"),
    "a list of YOLO": ("yolo", _list_of_yolo, "outside of"),
    "entities": ("voc", _doctype, "has a DOCTYPE"),
    "damaged JSON": (
        "coco",
        lambda folder: (folder / "annotations" / "instances_val2017.json").write_text(
            '{"images": [{"id": 1}]}'
        ),
        "no COCO annotations",
    ),
    "Python in YAML": (
        "yolo",
        lambda folder: (folder / "data.yaml").write_text("val: !!python/object/apply:os.abort []"),
        "data.yaml: cannot be read",
    ),
    "no names": (
        "yolo",
        lambda folder: (folder / "data.yaml").write_text("val: images/val"),
        "expected names, train and val",
    ),
    "names from 1": (
        "yolo",
        lambda folder: (folder / "data.yaml").write_text("val: images/val\nnames: {1: cat}"),
        "by number from 0",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_damaged_or_leads_outside_is_refused(tmp_path: Path, case: str) -> None:
    layout, change, told = REFUSED[case]
    folder, split = changed(tmp_path, layout, change)
    with pytest.raises(SourceError) as refused:
        opened(folder, split)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("layout", made.LAYOUTS)
def test_a_split_that_is_not_there_is_told(tmp_path: Path, layout: str) -> None:
    folder = made.LAYOUTS[layout][0](tmp_path / "set")
    with pytest.raises(SourceError, match=r"no split '\.\./x'"):
        opened(folder, "../x")


def test_class_names_of_a_hugging_face_set(tmp_path: Path) -> None:
    import datasets

    names = datasets.ClassLabel(names=made.NAMES)
    features = datasets.Features(
        {
            "image": datasets.Value("string"),
            "objects": {
                "bbox": datasets.List(datasets.List(datasets.Value("float32"))),
                "category": datasets.List(names),
            },
        }
    )
    rows = {"image": ["a.jpg"], "objects": [{"bbox": [[1.0, 2, 3, 4]], "category": [1]}]}
    datasets.Dataset.from_dict(rows, features).to_parquet(tmp_path / "test.parquet")
    table = opened(tmp_path, "test")
    assert table.labels == {"objects": made.NAMES}
    assert table[0]["objects"] == {"bbox": [[1, 2, 3, 4]], "category": [1]}


def _rows(folder: Path, *boxes: list[float]) -> Selection:
    """A table of two pictures of 64x32 and 16x16 pixels, whose first has the boxes."""
    made.pictures(folder / "pictures")
    rows = [
        {"image": "pictures/b.jpg", "objects": {"bbox": boxes, "category": [0] * len(boxes)}},
        {"image": "pictures/c.jpg", "objects": {"bbox": [], "category": []}},
    ]
    made.write_coco(folder / "all.json", rows)
    subset = Subset(split="all")
    data = Data(source=str(folder / "all.json"), evaluation=subset)
    return select(data, subset, ["image", "objects"], Path("/"))


@pytest.mark.parametrize(
    ("boxes", "read"),
    [
        # Corners: the first would end at 110, beyond 64.
        ([[50, 10, 60, 30], [2, 3, 10, 12]], [[50, 10, 10, 20], [2, 3, 8, 9]]),
        # Widths: no box is beyond, though all could be corners.
        ([[5, 5, 20, 20]], [[5, 5, 20, 20]]),
        # Widths, and one that is wrong: the second is none of corners.
        ([[50, 10, 60, 20], [30, 20, 10, 5]], [[50, 10, 60, 20], [30, 20, 10, 5]]),
        # A pixel over the edge is rounding.
        ([[44, 10, 21, 23], [50, 20, 14.5, 12]], [[44, 10, 21, 23], [50, 20, 14.5, 12]]),
    ],
)
def test_what_a_tables_boxes_mean_is_found(
    tmp_path: Path, boxes: list[list[float]], read: list[list[float]]
) -> None:
    selection = _rows(tmp_path, *boxes)
    assert selection.row(0)["objects"]["bbox"] == read
    note = selection.table.note or ""
    assert ("read as [left, top, right, bottom]" in note) == (boxes != read)
