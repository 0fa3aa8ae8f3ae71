"""What is the same in two readings of a text: mentions, entities, contents.

Three notions of the same, used throughout:

* Spans are paired one to one: equal spans first, then the larger share of the union first.
* The content of a quote and of evidence are its letters and digits, so that marks, blanks and
  closing punctuation decide nothing. Quotes are the same where the intersection of their
  contents is at least half of the union (directional measures such as PolNeAR's agr reward a
  reading that quotes everything); evidence, whose ends are looser, where they meet at all.
* Mentions are the same where the pairing of all mentions joins them; entities where the one to
  one alignment through shared mentions does. Holder, target, speaker and addressee are the same
  by either. Names of entities never decide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from onrecord.records import Gold, Mention

Pair = tuple[int, int]


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=_Ordered)

SAME_QUOTE = 0.5
"""The least intersection over union of two quotes' contents that makes them one quote."""


class Content(NamedTuple):
    """What a list of spans covers: its letters and digits, as intervals of their running number.

    `spans` are the offsets themselves, for what has neither letter nor digit; `hull` is from the
    first to the last of them.
    """

    spans: tuple[Pair, ...]
    hull: Pair
    parts: tuple[Pair, ...]
    size: int

    def shared(self, other: Content) -> int:
        """How many letters and digits both have."""
        return sum(max(0, min(b, d) - max(a, c)) for a, b in self.parts for c, d in other.parts)

    def iou(self, other: Content) -> float:
        """Intersection over union, 0 to 1; 1 for equal spans without any letter."""
        if self.spans == other.spans:
            return 1.0
        shared = self.shared(other)
        return shared / (self.size + other.size - shared) if shared else 0.0


class Thing(NamedTuple):
    """Somebody or something that a quote or a stance points at: an entity, or a lone mention.

    `mentions` are those linked, `entity` "" for what has none (a date).
    """

    mentions: frozenset[str]
    entity: str


class View:
    """A reading with what is asked of it more than once."""

    def __init__(self, gold: Gold, letters: Sequence[int]) -> None:
        self.gold = gold
        self._letters = letters
        self.mentions = gold.mentions
        self.entity_of = {mention.id: mention.entity for mention in gold.mentions}
        self.quotes = [self.content(quote.spans) for quote in gold.quotes]
        self.evidence = [self.content(stance.evidence) for stance in gold.stances]

    def content(self, spans: Iterable[Sequence[int]]) -> Content:
        parts: list[Pair] = []
        pairs = sorted((start, end) for start, end in spans)
        for start, end in pairs:
            first, last = self._letters[start], self._letters[end]
            if parts and first <= parts[-1][1]:
                parts[-1] = (parts[-1][0], max(last, parts[-1][1]))
            elif first < last:
                parts.append((first, last))
        hull = (pairs[0][0], max(end for _, end in pairs)) if pairs else (0, 0)
        return Content(tuple(pairs), hull, tuple(parts), sum(b - a for a, b in parts))

    def things(self, mentions: Iterable[str]) -> list[Thing]:
        """The mentions by their entity; one without an entity stands alone."""
        found: dict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            found[self.entity_of.get(mention) or f" {mention}"].add(mention)
        return [
            Thing(frozenset(ids), "" if key.startswith(" ") else key) for key, ids in found.items()
        ]


def pair_up(ranked: Iterable[tuple[Any, int, int]]) -> list[Pair]:
    """One to one: the best (least) first, each thing of either side once."""
    first: set[int] = set()
    second: set[int] = set()
    pairs = []
    for _, i, j in sorted(ranked):
        if i not in first and j not in second:
            first.add(i)
            second.add(j)
            pairs.append((i, j))
    return pairs


def both_ways(one: T, other: T) -> list[T]:
    """A tie-break that is the same whichever reading comes first."""
    return sorted((one, other))


def pair_mentions(first: Sequence[Mention], second: Sequence[Mention]) -> list[Pair]:
    """The one-to-one pairing of mentions that share a character, as pairs of places in the lists.

    Equal offsets first, then the larger intersection over union, then the same type.
    """
    if not first or not second:
        return []
    order = sorted(range(len(second)), key=lambda j: second[j].start)
    starts = [second[j].start for j in order]
    longest = max(m.end - m.start for m in second)
    ranked = []
    for i, a in enumerate(first):
        for at in range(bisect_left(starts, a.start - longest), bisect_left(starts, a.end)):
            b = second[order[at]]
            shared = min(a.end, b.end) - max(a.start, b.start)
            if shared > 0:
                iou = shared / (a.end - a.start + b.end - b.start - shared)
                tie = both_ways((a.start, a.end, a.type), (b.start, b.end, b.type))
                ranked.append(((-iou, a.type != b.type, tie), i, order[at]))
    return pair_up(ranked)


def pair_contents(
    first: Sequence[Content],
    second: Sequence[Content],
    least: float,
    tie: Callable[[int, int], Any] | None = None,
) -> list[Pair]:
    """The one-to-one pairing of contents with at least this intersection over union (0: any)."""
    ranked = []
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            # Hulls that do not meet are the rule, and cheap to see.
            if a.hull[0] < b.hull[1] and b.hull[0] < a.hull[1]:
                iou = a.iou(b)
                if iou > 0 and iou >= least:
                    rank = -iou, tie(i, j) if tie else 0, both_ways(a.spans, b.spans)
                    ranked.append((rank, i, j))
    return pair_up(ranked)


class Aligned:
    """Which mentions and entities of two readings are the same."""

    def __init__(self, first: View, second: View) -> None:
        self._ids = (
            {m.id: (m.start, m.end) for m in first.mentions},
            {m.id: (m.start, m.end) for m in second.mentions},
        )
        self.pairs = pair_mentions(first.mentions, second.mentions)
        self._mentions = {(first.mentions[i].id, second.mentions[j].id) for i, j in self.pairs}
        shared: Counter[tuple[str, str]] = Counter()
        for i, j in self.pairs:
            a, b = first.mentions[i].entity, second.mentions[j].entity
            if a and b:
                shared[a, b] += 1
        sizes = (
            Counter(m.entity for m in first.mentions),
            Counter(m.entity for m in second.mentions),
        )
        begins: tuple[dict[str, Pair], dict[str, Pair]] = ({}, {})
        for view, begin in zip((first, second), begins, strict=True):
            for m in view.mentions:
                begin[m.entity] = min(begin.get(m.entity, (m.start, m.end)), (m.start, m.end))
        ones = list(dict.fromkeys(a for a, _ in shared))
        others = list(dict.fromkeys(b for _, b in shared))
        place = {key: at for at, key in enumerate(ones)}, {key: at for at, key in enumerate(others)}
        ranked = [
            (
                (-count, sizes[0][a] + sizes[1][b], both_ways(begins[0][a], begins[1][b])),
                place[0][a],
                place[1][b],
            )
            for (a, b), count in shared.items()
        ]
        self._entities = {(ones[i], others[j]) for i, j in pair_up(ranked)}

    def same(self, one: Thing, other: Thing) -> bool:
        if (one.entity, other.entity) in self._entities:
            return True
        return any((a, b) in self._mentions for a in one.mentions for b in other.mentions)

    def same_all(self, ones: Sequence[Thing], others: Sequence[Thing]) -> bool:
        """Whether each of either side has its like on the other; so have none and none."""
        return all(any(self.same(a, b) for b in others) for a in ones) and all(
            any(self.same(a, b) for a in ones) for b in others
        )
