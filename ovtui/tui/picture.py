"""A picture as half blocks, two pixels in each cell, or as graphics of terminals that can."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from ovtui.core.files.reading import open_regular
from ovtui.core.home.settings import Graphics
from ovtui.core.text.errors import UserError
from ovtui.tui import graphics
from ovtui.tui.text import BAD, line, wrapped

if TYPE_CHECKING:
    from PIL import Image

    from ovtui.tui.boxes import Overlay
    from ovtui.tui.masks import MaskOverlay

_MOST_PIXELS = 4_000_000
_LONGEST = 480
"""Pixels of the longer side when drawn as graphics: about half of a usual window."""
_WIDEST, _HIGHEST = 40, 16
_HALF = "▀"


def thumbnail(
    path: Path, width: int, height: int = _HIGHEST, over: Overlay | MaskOverlay | None = None
) -> list[Text]:
    """Returns the picture in at most 40 × 16 cells; what is wrong with it where it cannot be
    shown.

    Args:
        path: of the file.
        width: cells of a line at most.
        height: lines at most.
        over: what is drawn over it.
    """
    try:
        opened = _open(path)
    except UserError as error:
        return wrapped(str(error), width, BAD)
    cells = min(width, _WIDEST)
    scale = min(cells / opened.width, 2 * min(height, _HIGHEST) / opened.height)
    size = max(1, round(opened.width * scale)), max(2, round(opened.height * scale))
    pixels = opened.resize((size[0], size[1] + size[1] % 2))
    if over is not None:
        frame(pixels, over)
    colours = pixels.tobytes()

    def hexed(x: int, y: int) -> str:
        start = 3 * (y * pixels.width + x)
        return f"#{colours[start : start + 3].hex()}"

    return [
        line(*((_HALF, f"{hexed(x, y)} on {hexed(x, y + 1)}") for x in range(pixels.width)))
        for y in range(0, pixels.height, 2)
    ]


def drawn(path: Path, how: Graphics, over: Overlay | MaskOverlay | None = None) -> str:
    """Returns the picture as what a terminal with sixel or kitty graphics draws.

    Args:
        path: of the file.
        how: the terminal takes graphics.
        over: what is drawn over it.

    Raises:
        UserError: it cannot be shown.
    """
    opened = _open(path)
    scale = _LONGEST / max(opened.size)
    width, height = (max(1, round(side * scale)) for side in opened.size)
    pixels = opened.resize((width, height))
    if over is not None:
        frame(pixels, over)
    if how == "kitty":
        return graphics.kitty(pixels.tobytes(), width, height)
    few = pixels.quantize(256)
    colours = bytes(few.getpalette() or b"")
    palette = [(*colours[at : at + 3],) for at in range(0, len(colours), 3)]
    return graphics.sixel(few.tobytes(), palette, width, height)


def frame(pixels: Image.Image, over: Overlay | MaskOverlay) -> None:
    """Draws frames or masks, with the letters of their variants, over a picture.

    Args:
        pixels: RGB.
        over: whose frames or masks.
    """
    from PIL import Image, ImageDraw

    from ovtui.tui.masks import MaskOverlay

    pen = ImageDraw.Draw(pixels)
    if isinstance(over, MaskOverlay):
        for stain in over.stains(*pixels.size):
            pixels.paste(stain.rgb, mask=Image.frombytes("L", pixels.size, stain.pixels))
            pen.text(stain.letter_at, stain.letter, fill=stain.rgb, stroke_width=1, stroke_fill=0)
        return
    for it in over.rectangles(*pixels.size):
        pen.rectangle(it.place, outline=it.rgb)
        pen.text(it.letter_at, it.letter, fill=it.rgb)


def _open(path: Path) -> Image.Image:
    from PIL import Image, UnidentifiedImageError  # 30 ms that only a picture costs

    try:
        with open_regular(path) as file, Image.open(file) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                size = f"{opened.width}×{opened.height} pixels"
                raise UserError(f"the picture is too large to be shown here: {size}")
            return opened.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise UserError(f"the picture cannot be read: {error}") from error
