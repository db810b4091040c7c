"""Patterns are found as networkx finds them, with the cheaper question first."""

from __future__ import annotations

import networkx as nx
from networkx.algorithms import isomorphism

from ovtui.engine.compression.nncf_patches.pattern_matching import types_first


def same_kind(one: dict[str, str], other: dict[str, str]) -> bool:
    return one["kind"] == other["kind"]


def chain(kinds: str) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for number, kind in enumerate(kinds):
        graph.add_node(number, kind=kind)
        if number:
            graph.add_edge(number - 1, number)
    return graph


def found(graph: nx.MultiDiGraph, pattern: nx.MultiDiGraph) -> list[dict[int, int]]:
    matcher = isomorphism.MultiDiGraphMatcher(graph, pattern, node_match=same_kind)
    return list(matcher.subgraph_isomorphisms_iter())


def test_the_same_subgraphs_in_the_same_order() -> None:
    graph = chain("mabcabmabca")
    graph.add_edge(0, 4)
    for kinds in ("ab", "abc", "m", "ca", "mab"):
        pattern = chain(kinds)
        plain = found(graph, pattern)
        with types_first():
            assert found(graph, pattern) == plain
    assert found(graph, chain("abc"))


def test_edges_are_asked_of_fitting_types_only() -> None:
    graph, pattern = chain("a" * 5 + "b" * 50), chain("ab")
    asked: list[object] = []

    class Counting(nx.MultiDiGraph):
        def number_of_edges(self, *nodes: object) -> int:
            asked.append(nodes)
            return int(super().number_of_edges(*nodes))

    counted = Counting(graph)
    plain = found(counted, pattern)
    before = len(asked)
    asked.clear()
    with types_first():
        assert found(counted, pattern) == plain
    assert len(asked) < before / 2
    assert isomorphism.MultiDiGraphMatcher.__name__ == "MultiDiGraphMatcher"
