"""The classes of a picture's pixels as a person sees them: their shares, and a small map."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

import msgspec

NONE = 255
"""A pixel of the map that is of no region: of no class, or of one beyond the 255 largest."""
_MOST_PIXELS = 2**20
"""Of a map that is unpacked: text from outside may say anything."""


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """All pixels of a class."""

    label: str
    share: float
    """Of the picture's pixels, 0 to 1."""


class SmallMap(msgspec.Struct, frozen=True, kw_only=True):
    """Which region each pixel is of, in a picture made small."""

    width: int
    height: int
    packed: bytes
    """One byte for each pixel, row by row, compressed by zlib: the region's position, or `NONE`."""

    @classmethod
    def of(cls, width: int, height: int, regions: bytes) -> SmallMap:
        """Returns a map of so many pixels.

        Args:
            width: in pixels.
            height: in pixels.
            regions: one byte for each pixel.
        """
        return cls(width=width, height=height, packed=zlib.compress(regions, 9))

    @property
    def regions(self) -> bytes:
        """One byte for each pixel; empty where the map is damaged."""
        count = self.width * self.height
        if min(self.width, self.height) < 1 or count > _MOST_PIXELS:
            return b""
        try:
            pixels = zlib.decompressobj().decompress(self.packed, count + 1)
        except zlib.error:
            return b""
        return pixels if len(pixels) == count else b""

    def scaled(self, width: int, height: int) -> bytes:
        """Returns the map in another size, each pixel that of the nearest; empty where damaged.

        Args:
            width: in pixels.
            height: in pixels.
        """
        pixels = self.regions
        if not pixels:
            return b""
        across = [int((x + 0.5) * self.width / width) for x in range(width)]
        down = [int((y + 0.5) * self.height / height) for y in range(height)]
        return bytes(pixels[y * self.width + x] for y in down for x in across)


def mean_iou(
    one: tuple[Sequence[Region], bytes], other: tuple[Sequence[Region], bytes]
) -> float | None:
    """Returns the mean over classes of what two maps share of their union.

    Pixels count that are of a class in both.

    Args:
        one: regions, and which of them each pixel is of.
        other: the same of another map.

    Returns:
        None where the maps have no pixels, or not as many.
    """
    if not one[1] or len(one[1]) != len(other[1]):
        return None
    shared: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for (mine, theirs), count in Counter(zip(one[1], other[1], strict=True)).items():
        if mine >= len(one[0]) or theirs >= len(other[0]):
            continue
        labels = {one[0][mine].label, other[0][theirs].label}
        there.update(dict.fromkeys(labels, count))
        if len(labels) == 1:
            shared[labels.pop()] += count
    return sum(shared[label] / count for label, count in there.items()) / (len(there) or 1)


def outline(regions: bytes, width: int) -> bytes:
    """Returns where regions end: 255 for a pixel whose right or lower neighbour is of another.

    Args:
        regions: one byte for each pixel, row by row.
        width: in pixels.
    """
    right = regions[1:] + regions[-1:]
    below = regions[width:] + regions[-width:]
    last = width - 1
    return bytes(
        255 * (here != under or (here != beside and at % width != last))
        for at, (here, beside, under) in enumerate(zip(regions, right, below, strict=True))
    )


def differing(one: tuple[Sequence[Region], bytes], other: tuple[Sequence[Region], bytes]) -> bytes:
    """Returns where two maps are of another class: 255 for such a pixel; nothing of other sizes.

    Args:
        one: regions, and which of them each pixel is of.
        other: the same of another map.
    """
    if len(one[1]) != len(other[1]):
        return b""
    names = {it.label: at for at, it in enumerate(one[0][:NONE])}
    table = bytearray([NONE] * 256)
    for at, it in enumerate(other[0][:NONE]):
        table[at] = names.get(it.label, NONE - 1 if len(names) < NONE else NONE)
    theirs = other[1].translate(bytes(table))
    return bytes(255 * (mine != their) for mine, their in zip(one[1], theirs, strict=True))
