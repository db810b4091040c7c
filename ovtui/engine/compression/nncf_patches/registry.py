"""All changes to NNCF, in the order in which they are entered.

Two of them meet: `weight_extremes` and `weight_pages` change the constructor of NNCF's engine. The
later one is called first, so that pages are let go of before constants are folded. No other order
matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ovtui.core.recipes.compression import Method
from ovtui.engine.compression.nncf_patches import (
    accuracy_control,
    awq_matches,
    bias_shift,
    bit_widths,
    one_pass,
    pattern_matching,
    streaming_statistics,
    weight_extremes,
    weight_pages,
)
from ovtui.engine.compression.nncf_patches.patch import Patch, Work
from ovtui.engine.libraries.library_use import missing, require

PATCHES: tuple[Patch, ...] = (
    streaming_statistics.PATCH,
    weight_extremes.PATCH,
    pattern_matching.PATCH,
    one_pass.PATCH,
    bias_shift.PATCH,
    weight_pages.PATCH,
    accuracy_control.PATCH,
    bit_widths.PATCH,
    awq_matches.PATCH,
)


@contextmanager
def applied(
    work: Work, method: Method, warn: Callable[[str], None], patches: Sequence[Patch] = PATCHES
) -> Iterator[None]:
    """Changes NNCF as long as the context is open.

    Args:
        work: the compression that it is for.
        method: what is done; changes for other methods are left out.
        warn: told of what is left out, since this NNCF is another than it was written for.
        patches: in the order in which they are entered.

    Raises:
        SourceError: a change that the result needs does not fit the installed NNCF.
    """
    fitting = []
    for patch in patches:  # all are looked at before any is entered: two change the same method
        if patch.methods and not isinstance(method, patch.methods):
            continue
        why = missing(patch)
        if why is None:
            fitting.append(patch)
        elif patch.needed:
            require(patch)
        else:
            warn(f"{patch.name} is left out, which costs time or memory only: {why}")
    with ExitStack() as stack:
        for patch in fitting:
            stack.enter_context(patch.apply(work))
        yield
