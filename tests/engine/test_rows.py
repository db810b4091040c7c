from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ovtui.engine.data.rows import Rows, RowWriter

PIXELS = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    written = [
        {"image": PIXELS, "label": np.int64(3), "a:b": "x", "none": None, "list": [1, "two"]},
        {"image": b"\x89PNG", "label": 1.5, "a:b": "é", "none": True, "list": []},
    ]
    with RowWriter(tmp_path) as writer:
        for row in written:
            writer.append(row)
    rows = Rows(tmp_path)
    assert len(rows) == 2
    assert rows[1] == written[1]
    np.testing.assert_array_equal(rows[0].pop("image"), PIXELS)
    assert rows[0] | {"image": 0} == written[0] | {"image": 0, "label": 3}


def test_pictures_of_data_sets(tmp_path: Path) -> None:
    with RowWriter(tmp_path) as writer:
        writer.append({"image": {"bytes": b"jpeg", "path": None}})
        writer.append({"image": {"bytes": None, "path": "a.png"}})
        writer.append({"image": Image.fromarray(PIXELS)})
    rows = Rows(tmp_path)
    assert rows[0]["image"] == b"jpeg"
    assert rows[1]["image"] == {"bytes": None, "path": "a.png"}
    np.testing.assert_array_equal(rows[2]["image"], PIXELS)
