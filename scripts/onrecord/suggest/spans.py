"""A name as a typed span of the text, and which of several that overlap stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Name(NamedTuple):
    """A typed span of the text.

    `rule` says what found it: list, head, title, first, number, shape, model; a "guess" is a
    capital and nothing else, of use only where a model agrees.
    """

    start: int
    end: int
    label: str
    score: float
    rule: str


def longest(names: Sequence[Name]) -> list[Name]:
    """Without what overlaps a longer (then higher-scored, then earlier) name."""
    kept: list[Name] = []
    taken: set[int] = set()
    for name in sorted(names, key=lambda n: (n.start - n.end, -n.score, n.start)):
        span = range(name.start, name.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(name)
    return sorted(kept)
