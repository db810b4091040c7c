"""What `python -m tests.endurance` starts an hour with is there, and answers of whole files."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.endurance.__main__ import ATTACKS
from tests.endurance.readers import EXPECTED, readers


def test_every_reader_answers_of_a_whole_file_or_tells_what_it_lacks(
    home: Path, tmp_path: Path
) -> None:
    """A reader that was renamed would be tried an hour later, and by nobody."""
    folder = tmp_path / "whole"
    folder.mkdir()
    known = readers(folder)
    for number, reader in enumerate(known):
        path = tmp_path / str(number)
        path.mkdir()
        (path / "file").write_bytes(reader.whole)
        with contextlib.suppress(*EXPECTED):
            reader.read(path / "file")
    assert len(known) > 20


def test_every_attack_can_be_started() -> None:
    assert all(callable(attack) and count for attack, count, _ in ATTACKS.values())
