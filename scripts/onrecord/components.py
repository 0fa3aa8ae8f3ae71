"""Connected components of a graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def connected(nodes: Iterable[Node], pairs: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """The components that `pairs` make of `nodes`, each and all in the order of `nodes`.

    Raises KeyError for a pair with an end that is not among the nodes.
    """
    root = {node: node for node in nodes}

    def find(node: Node) -> Node:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for one, other in pairs:
        root[find(one)] = find(other)
    found: dict[Node, list[Node]] = defaultdict(list)
    for node in root:
        found[find(node)].append(node)
    return list(found.values())
