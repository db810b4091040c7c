"""Layers that AWQ scales, which NNCF tells nobody: the others stay as they would without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ovtui.core.recipes.compression import CompressWeights
from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target


class AwqMatches:
    """While this context is open, takes down which layers AWQ finds its patterns at."""

    def __init__(self) -> None:
        self.layers: int | None = None
        """How many; None where AWQ was not asked for."""
        self._original: Callable[..., Mapping[str, object]]

    def __enter__(self) -> AwqMatches:
        from nncf.quantization.algorithms.weight_compression.awq import AWQ

        matches, self._original = self, AWQ._get_awq_data

        def noted(self: AWQ, graph: object, all_weight_params: object) -> Mapping[str, object]:
            matched = matches._original(self, graph, all_weight_params)
            matches.layers = len(matched)
            return matched

        AWQ._get_awq_data = noted
        return self

    def __exit__(self, *_: object) -> None:
        from nncf.quantization.algorithms.weight_compression.awq import AWQ

        AWQ._get_awq_data = self._original


PATCH = Patch(
    name="layers that AWQ scales",
    targets=(
        Target(
            "nncf.quantization.algorithms.weight_compression.awq.AWQ._get_awq_data",
            "self, graph, all_weight_params",
        ),
    ),
    why="AWQ scales layers that follow others in ways that it knows; NNCF does not say how many",
    how="a method counts them and calls NNCF's own",
    needed=True,
    methods=(CompressWeights,),
    apply=lambda work: work.awq,
)
