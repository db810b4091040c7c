"""Variants whose files hold the same weights, although their recipes differ."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ovtui.core.result import Variant


def with_twins(folder: Path, variants: Sequence[Variant]) -> list[Variant]:
    """The variants, those marked that have the weights of an earlier one.

    Their `.xml` may differ by a few bytes, since it names the method.

    Args:
        folder: of the run.
        variants: the baseline first.
    """
    known: list[Variant] = []
    for variant in variants:
        alike = (it for it in known if _same_weights(folder, it, variant))
        twin = next(alike, None) if variant.compressed else None
        mark = twin.same_files_as or twin.name if twin else ""
        known.append(msgspec.structs.replace(variant, same_files_as=mark))
    return known


def _same_weights(folder: Path, one: Variant, other: Variant) -> bool:
    """Whether all `.bin` files of two variants are equal, and neither is executed otherwise."""
    requested = [it.execution.get("requested") for it in (one, other)]
    if not one.baseline and requested[0] != requested[1]:
        return False
    sizes = [[(part.name, part.bin_bytes) for part in of.components] for of in (one, other)]
    bits = [[part.weight_bits for part in of.components] for of in (one, other)]
    if sizes[0] != sizes[1] or (one.compressed and bits[0] != bits[1]):
        return False
    names = sorted(path.name for path in (folder / one.path).glob("*.bin")) if one.path else []
    pairs = [(folder / one.path / name, folder / other.path / name) for name in names]
    return bool(pairs) and all(
        after.exists() and filecmp.cmp(before, after, shallow=False) for before, after in pairs
    )
