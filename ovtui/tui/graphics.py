"""Pictures as terminals with graphics take them: the kitty protocol and sixel."""

from __future__ import annotations

import zlib
from base64 import standard_b64encode
from collections.abc import Sequence
from itertools import groupby

_CHUNK = 4096
"""Characters of a kitty message at most."""
_BAND = 6
"""Rows of pixels that one line of sixels holds."""


def kitty(rgb: bytes, width: int, height: int) -> str:
    """Returns a picture in the kitty graphics protocol:
    https://sw.kovidgoyal.net/kitty/graphics-protocol/.

    Args:
        rgb: three bytes for each pixel, row by row.
        width: pixels.
        height: pixels.
    """
    text = standard_b64encode(zlib.compress(rgb)).decode()
    chunks = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks):
        begins = f"a=T,q=2,f=24,o=z,s={width},v={height}," if number == 0 else ""
        parts.append(f"\x1b_G{begins}m={int(number + 1 < len(chunks))};{chunk}\x1b\\")
    return "".join(parts)


def sixel(indices: bytes, palette: Sequence[tuple[int, int, int]], width: int, height: int) -> str:
    """Returns a picture as sixels: DEC STD 070, chapter 4 (VT330/VT340 programmer reference,
    chapter 14).

    Args:
        indices: one byte for each pixel, row by row: which colour of the palette.
        palette: at most 256 colours, red, green and blue from 0 to 255.
        width: pixels.
        height: pixels.
    """
    colours = "".join(
        f"#{number};2;{';'.join(str(round(part * 100 / 255)) for part in colour)}"
        for number, colour in enumerate(palette)
    )
    bands = (_sixel_band(indices, width, top, height) for top in range(0, height, _BAND))
    return f'\x1bP0;1q"1;1;{width};{height}{colours}{"-".join(bands)}\x1b\\'


def _sixel_band(indices: bytes, width: int, top: int, height: int) -> str:
    """Six rows of pixels: the columns of each colour that occurs, one colour over the other."""
    masks: dict[int, list[int]] = {}
    for row in range(min(_BAND, height - top)):
        start = (top + row) * width
        for column, colour in enumerate(indices[start : start + width]):
            masks.setdefault(colour, [0] * width)[column] |= 1 << row
    return "$".join(
        f"#{colour}" + "".join(_run(mask, len(list(same))) for mask, same in groupby(columns))
        for colour, columns in sorted(masks.items())
    )


def _run(mask: int, length: int) -> str:
    sign = chr(63 + mask)
    return f"!{length}{sign}" if length > 3 else sign * length
