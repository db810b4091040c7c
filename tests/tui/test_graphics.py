"""Pictures as graphics of the terminal: what is sent holds the very pixels."""

from __future__ import annotations

import re
import zlib
from base64 import standard_b64decode
from pathlib import Path

import pytest
from PIL import Image

from ovtui.commands.dashboard import shown_by
from ovtui.core.home.settings import Graphics
from ovtui.core.text.errors import UserError
from ovtui.tui import graphics
from ovtui.tui.picture import drawn

WIDTH, HEIGHT = 9, 8
PALETTE = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
INDICES = bytes((x // 5 + y // 3) % 3 for y in range(HEIGHT) for x in range(WIDTH))


def test_kitty_messages_hold_every_pixel() -> None:
    rgb = bytes(range(256)) * 3 * 40
    sent = graphics.kitty(rgb, 128, 80)
    messages = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", sent)
    assert "".join(f"\x1b_G{keys};{text}\x1b\\" for keys, text in messages) == sent
    assert "s=128,v=80," in messages[0][0] and "f=24,o=z" in messages[0][0]
    assert [keys[-1] for keys, _ in messages] == ["1"] * (len(messages) - 1) + ["0"]
    assert all(len(text) <= 4096 for _, text in messages)
    assert zlib.decompress(standard_b64decode("".join(text for _, text in messages))) == rgb


def test_sixels_hold_every_pixel() -> None:
    sent = graphics.sixel(INDICES, PALETTE, WIDTH, HEIGHT)
    assert sent.startswith(f'\x1bP0;1q"1;1;{WIDTH};{HEIGHT}#0;2;100;0;0#1;2;0;100;0#2;2;0;0;100')
    assert sent.endswith("\x1b\\")
    assert _decoded(sent) == INDICES


def _decoded(sent: str) -> bytes:
    """The colour of each pixel, as a terminal would paint it."""
    painted = [[255] * WIDTH for _ in range(HEIGHT)]
    body = re.sub(r"#\d+;2;\d+;\d+;\d+", "", sent.split(f";{HEIGHT}", 1)[1].removesuffix("\x1b\\"))
    for band, line in enumerate(body.split("-")):
        for pass_ in line.split("$"):
            colour, signs = re.match(r"#(\d+)(.*)", pass_).groups()  # type: ignore[union-attr]
            column = 0
            for length, sign in re.findall(r"(?:!(\d+))?([?-~])", signs):
                for _ in range(int(length or 1)):
                    for row in range(6):
                        if (ord(sign) - 63) >> row & 1:
                            painted[6 * band + row][column] = int(colour)
                    column += 1
    return bytes(pixel for row in painted for pixel in row)


@pytest.mark.parametrize("how", ["sixel", "kitty"])
def test_a_picture_is_drawn_or_refused(tmp_path: Path, how: Graphics) -> None:
    path = tmp_path / "picture.png"
    Image.effect_mandelbrot((20, 10), (-2, -1, 1, 1), 20).save(path)
    sent = drawn(path, how)
    assert "480" in sent[:60] and "240" in sent[:60]
    path.write_bytes(b"no picture")
    with pytest.raises(UserError, match="cannot be read"):
        drawn(path, how)


def test_inside_tmux_pictures_stay_half_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-kitty")
    assert shown_by("kitty") == "kitty"
    monkeypatch.setenv("TERM", "tmux-256color")
    assert shown_by("kitty") == "half-block"
    monkeypatch.setenv("TERM", "xterm-kitty")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    assert shown_by("sixel") == "half-block"
