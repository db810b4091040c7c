"""The door for foreign text."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.segment import Segment
from textual.color import Color
from textual.strip import Strip

from ovtui.tui.text import (
    AsciiOnly,
    cell,
    line,
    model_name,
    plain,
    shorten_middle,
    table,
    wrapped,
)
from tests.support.sample_result import HOSTILE

NASTY = [*HOSTILE, "[@click=app.quit]x[/]", "$x [$primary]", "model[int8].xml", "👩‍👩‍👧 宽 ﷽"]


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_literal_and_loses_control_characters(text: str) -> None:
    for made in (cell(text, "bold"), line(text), line((text, "red")), plain(text)):
        assert "\x1b" not in made.plain and "\u202e" not in made.plain
        visible = [part for part in text if part.isprintable()]
        assert all(part in made.plain for part in visible)
    assert all(part.cell_len <= 20 for part in wrapped(text, 20))


def test_middle_of_long_names_is_left_out() -> None:
    short = shorten_middle("torch.hub:somebody/with-models:cifar10_mobilenetv2", 20)
    assert len(short) == 20 and short.startswith("torch") and short.endswith("lenetv2")


def test_table_aligns_numbers_to_the_right() -> None:
    rows = table([[cell("a"), cell("1.5")], [cell("bcd"), cell("12.5")]], right=[False, True])
    assert [row.plain for row in rows] == ["a     1.5", "bcd  12.5"]


def test_ascii_spelling_keeps_the_width() -> None:
    text = "✓ ▇▇·· ┌─┐ │x│ ⠿⠀ › … × 宽 α é ▀ 🙂"
    segments = list(Console().render(cell(text)))
    spelled = AsciiOnly().apply([s for s in segments if isinstance(s, Segment)], Color(0, 0, 0))
    assert "".join(segment.text for segment in spelled).isascii()
    assert Strip(spelled).cell_length == Strip(segments).cell_length


def test_of_a_path_a_list_has_the_end() -> None:
    assert model_name("/home/ada/models/net/model.xml") == "net/model.xml"
    assert model_name("openai/whisper-base") == "openai/whisper-base"
    assert model_name("mobilenetv2.py:mobilenetv2") == "mobilenetv2.py:mobilenetv2"
