"""Coreference of two readings: MUC, B³ and CEAFe over entities as sets of spans.

Fractions are added by `fsum`: from Python 3.12 on, `sum` rounds them otherwise than before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import fsum

from onrecord.components import connected
from onrecord.quality.measures import Counts
from onrecord.quality.pairing import Pair
from onrecord.records import Mention

Clusters = Sequence[set[Pair]]


def clusters(mentions: Iterable[Mention]) -> list[set[Pair]]:
    """The entities as sets of spans; a span with two labels belongs to its first entity."""
    found: dict[str, set[Pair]] = defaultdict(set)
    seen: set[Pair] = set()
    for m in mentions:
        if m.entity and (m.start, m.end) not in seen:
            seen.add((m.start, m.end))
            found[m.entity].add((m.start, m.end))
    return list(found.values())


def _overlaps(first: Clusters, second: Clusters) -> Counter[Pair]:
    """How many spans the i-th entity of the first and the j-th of the second share, if any."""
    where = {span: j for j, cluster in enumerate(second) for span in cluster}
    return Counter(
        (i, where[span]) for i, cluster in enumerate(first) for span in cluster if span in where
    )


def muc(first: Clusters, second: Clusters) -> Counts:
    """Links kept (Vilain et al. 1995): an entity of n mentions has n - 1, an intersection too."""
    shared = sum(size - 1 for size in _overlaps(first, second).values())
    return Counts(shared, sum(len(c) - 1 for c in first), sum(len(c) - 1 for c in second))


def b_cubed(first: Clusters, second: Clusters) -> tuple[Counts, Counts]:
    """B³ (Bagga and Baldwin 1998) over exact spans: recall and precision, with first as truth.

    A mention that the other reading has not counts as 0.
    """
    shared = _overlaps(first, second)
    n, m = sum(map(len, first)), sum(map(len, second))
    recall = fsum(size * size / len(first[i]) for (i, _), size in shared.items())
    precision = fsum(size * size / len(second[j]) for (_, j), size in shared.items())
    return Counts(recall, n, m), Counts(precision, n, m)


def ceaf_e(first: Clusters, second: Clusters) -> Counts:
    """CEAFe (Luo 2005): the best one-to-one alignment of entities under phi4."""
    shared = _overlaps(first, second)
    phi = {(i, j): 2 * size / (len(first[i]) + len(second[j])) for (i, j), size in shared.items()}
    return Counts(_best_alignment(phi), len(first), len(second))


def _best_alignment(weights: Mapping[Pair, float]) -> float:
    """The greatest sum of weights of a one-to-one alignment.

    What shares no mention cannot be aligned, so each connected part is settled on its own; most
    are a single pair.
    """
    nodes = [((0, i), (1, j)) for i, j in weights]
    part_of = {
        node: number
        for number, part in enumerate(connected(chain.from_iterable(nodes), nodes))
        for node in part
    }
    parts: dict[int, dict[Pair, float]] = defaultdict(dict)
    for (i, j), weight in weights.items():
        parts[part_of[0, i]][i, j] = weight
    return fsum(
        max(part.values())
        if len({i for i, _ in part}) == 1 or len({j for _, j in part}) == 1
        else _hungarian(part)
        for part in parts.values()
    )


def _hungarian(weights: Mapping[Pair, float]) -> float:
    """The assignment problem by successive shortest paths with potentials (Kuhn 1955)."""
    rows = sorted({i for i, _ in weights})
    columns = sorted({j for _, j in weights})
    if len(rows) > len(columns):
        return _hungarian({(j, i): weight for (i, j), weight in weights.items()})
    n, m = len(rows), len(columns)
    u, v = [0.0] * (n + 1), [0.0] * (m + 1)
    row_of = [0] * (m + 1)
    for i in range(1, n + 1):
        row_of[0] = i
        at = 0
        least, came = [float("inf")] * (m + 1), [0] * (m + 1)
        done = [False] * (m + 1)
        while row_of[at]:
            done[at] = True
            row, step, after = row_of[at], float("inf"), 0
            for j in range(1, m + 1):
                if done[j]:
                    continue
                cost = -weights.get((rows[row - 1], columns[j - 1]), 0.0) - u[row] - v[j]
                if cost < least[j]:
                    least[j], came[j] = cost, at
                if least[j] < step:
                    step, after = least[j], j
            for j in range(m + 1):
                if done[j]:
                    u[row_of[j]] += step
                    v[j] -= step
                else:
                    least[j] -= step
            at = after
        while at:
            row_of[at] = row_of[came[at]]
            at = came[at]
    return fsum(
        weights.get((rows[row_of[j] - 1], columns[j - 1]), 0.0)
        for j in range(1, m + 1)
        if row_of[j]
    )
