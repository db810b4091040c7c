"""Which operations an ignored scope keeps in floating point, and which of its rules find none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import nncf
from nncf import build_graph
from nncf.scopes import get_ignored_node_names_from_subgraph

from ovtui.core.asking.scope_preview import Rule
from ovtui.core.recipes.method_parameters import IgnoredScope
from ovtui.core.text.errors import RecipeError, nearest

if TYPE_CHECKING:
    import openvino as ov


def rules(model: ov.Model, scope: IgnoredScope) -> list[Rule]:
    """Returns each rule of an ignored scope with the operations that it finds.

    Args:
        model: an `openvino.Model`.
        scope: the recipe's.

    Raises:
        RecipeError: a pattern is no regular expression.
    """
    graph = build_graph(model)
    nodes = {node.node_name: node.node_type for node in graph.get_all_nodes()}
    matched = [Rule("name", name, [name] * (name in nodes)) for name in scope.names or []]
    for pattern in scope.patterns or []:
        try:
            expression = re.compile(pattern)
        except re.error as error:
            raise RecipeError(
                f"ignored_scope.patterns: {pattern!r} is no regular expression: {error}"
            ) from error
        hits = sorted(filter(expression.match, nodes))
        operations = [name for name in hits if nodes[name] != "Constant"]
        matched.append(Rule("pattern", pattern, operations or hits))
    for kind in scope.types or []:
        matched.append(Rule("type", kind, sorted(n for n, type_ in nodes.items() if type_ == kind)))
    for part in scope.subgraphs or []:
        wanted = nncf.Subgraph(inputs=part.inputs, outputs=part.outputs)
        unknown = [name for name in (*part.inputs, *part.outputs) if name not in nodes]
        matches = [] if unknown else get_ignored_node_names_from_subgraph(graph, wanted)
        text = f"{', '.join(part.inputs)} → {', '.join(part.outputs)}"
        matched.append(Rule("subgraph", text, sorted(matches)))
    return [rule if rule.matches else _with_nearest(rule, nodes) for rule in matched]


def check_ignored(model: ov.Model, scope: IgnoredScope | None) -> None:
    """Refuses a scope with a rule that finds nothing: it would go unnoticed.

    Args:
        model: the FP32 graph, an `ov.Model`.
        scope: as the recipe has it; None leaves nothing out.

    Raises:
        RecipeError: there is one, and `validate` is not false.
    """
    if scope is None or scope.validate is False:
        return
    for rule in rules(model, scope):
        if not rule.matches:
            raise RecipeError(
                f"ignored_scope: the {rule.kind} {rule.text!r} matches no operation, {rule.hint}"
            )


def _with_nearest(rule: Rule, nodes: dict[str, str]) -> Rule:
    """A rule that finds nothing, with the names that it may have meant."""
    known: Sequence[str] = sorted(set(nodes.values())) if rule.kind == "type" else list(nodes)
    plain = re.sub(r"\\.|[.*+?^$()\[\]{}|]+", "", rule.text) if rule.kind == "pattern" else None
    words = plain or rule.text.split(",")[0].split(" → ")[0]
    containing = [name for name in known if words.lower() in name.lower()][:3]
    hint = f"nearest: {', '.join(containing)}" if containing else nearest(words, known)
    return Rule(rule.kind, rule.text, [], hint)
