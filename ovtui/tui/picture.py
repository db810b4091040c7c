"""A picture as half blocks: two pixels in each cell."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from ovtui.tui.text import BAD, line, wrapped

_MOST_PIXELS = 4_000_000
_WIDEST, _HIGHEST = 40, 16
_HALF = "▀"


def thumbnail(path: Path, width: int) -> list[Text]:
    """The picture in at most 40 × 16 cells; what is wrong with it where it cannot be shown."""
    from PIL import Image, UnidentifiedImageError  # 30 ms that only a picture costs

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return wrapped("the picture is too large to be shown here", width, BAD)
            cells = min(width, _WIDEST)
            scale = min(cells / opened.width, 2 * _HIGHEST / opened.height)
            size = max(1, round(opened.width * scale)), max(2, round(opened.height * scale))
            pixels = opened.convert("RGB").resize((size[0], size[1] + size[1] % 2))
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        return wrapped(f"the picture cannot be read: {error}", width, BAD)
    colours = pixels.tobytes()

    def hexed(x: int, y: int) -> str:
        start = 3 * (y * pixels.width + x)
        return f"#{colours[start : start + 3].hex()}"

    return [
        line(*((_HALF, f"{hexed(x, y)} on {hexed(x, y + 1)}") for x in range(pixels.width)))
        for y in range(0, pixels.height, 2)
    ]
