"""Variants whose files calculate the same, although their recipes differ."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ovtui.core.recipes.recipe import BUCKET
from ovtui.core.results.variant import Variant


def with_twins(variants: Sequence[Variant]) -> list[Variant]:
    """Marks the variants whose files calculate what an earlier one's do, and returns all.

    INT4 weights that all stayed in 8 bits are the INT8 weights; a method that found nothing to
    compress leaves the baseline. Their `.xml` may differ by a few bytes, since it names the method.

    Args:
        variants: the baseline first.
    """
    known: list[Variant] = []
    for variant in variants:
        alike = (it for it in known if _calculate_the_same(it, variant))
        twin = next(alike, None) if variant.compressed else None
        mark = twin.same_files_as or twin.name if twin else ""
        known.append(msgspec.structs.replace(variant, same_files_as=mark))
    return known


def _calculate_the_same(one: Variant, other: Variant) -> bool:
    """Whether all components are equal, and executed with the same properties.

    The baseline is executed in f32 to be compared with; its files are the same in any case.
    """
    ours, theirs = (
        [it.execution.get(key) for key in ("requested", "chosen", BUCKET)] for it in (one, other)
    )
    if not one.baseline and ours != theirs:
        return False
    digests = [[(part.name, part.digest) for part in of.components] for of in (one, other)]
    return digests[0] == digests[1] and all(digest for _, digest in digests[0])
