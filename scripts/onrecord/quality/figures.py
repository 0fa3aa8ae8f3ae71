"""The measures over many articles: micro-averages with intervals from whole documents."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from onrecord import labels
from onrecord.quality.comparing import Comparison
from onrecord.quality.measures import MEASURES, Counts, measure

RESAMPLES = 1000
SEED = 20240229
LEVEL = 0.95
"""The intervals: percentiles of figures over this many resamples of whole documents."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure over articles.

    `value` with its interval `low` to `high` (95 %, documents resampled). `n` is how many things
    it is about: for an F1 those that either reading has, for a share those compared, for
    coreference the mentions, links or entities of the reading that has more. `documents` is in
    how many articles there are any. `precision` and `recall` take the first reading as truth (0
    where there is nothing to divide by); a share has its value there.
    """

    value: float
    low: float
    high: float
    n: int
    documents: int
    precision: float
    recall: float


def figures(comparisons: Iterable[Comparison], *, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """The measures over many articles; see `Counted.figures`."""
    counted = Counted()
    which = [counted.add(comparison) for comparison in comparisons]
    return counted.figures(which, resamples=resamples)


_Column = tuple[str, Hashable]
_ALPHAS = ("stance.alpha", "stance.alpha_ordinal")


class Counted:
    """The counts of many comparisons as numbers, in .4 kB each; a `Comparison` takes 12 kB."""

    def __init__(self) -> None:
        self.articles: list[str] = []
        """The article of each comparison."""
        self._columns: dict[_Column, int] = {}
        self._packed: list[bytes] = []
        """Of each comparison the numbers of its columns and its counts, which are mostly small."""

    def add(self, comparison: Comparison) -> int:
        """Take the counts of a comparison. Returns its number."""
        found: dict[_Column, float] = {
            (name, side): count
            for name, counts in comparison.counts.items()
            for side, count in zip(Counts._fields, counts, strict=True)
        }
        for pair, count in comparison.confusions.get("stance", {}).items():
            found["polarity", pair] = count
        at = [self._columns.setdefault(key, len(self._columns)) for key in found]
        numbers = array("H", at).tobytes(), array("d", found.values()).tobytes()
        self._packed.append(zlib.compress(b"".join(numbers), 1))
        self.articles.append(comparison.article_id)
        return len(self.articles) - 1

    def _counts(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The columns of a comparison, and their counts."""
        told = zlib.decompress(self._packed[number])
        many = len(told) // (np.uint16().nbytes + np.float64().nbytes)
        return np.frombuffer(told, np.uint16, many), np.frombuffer(told[2 * many :])

    def figures(self, which: Sequence[int], *, resamples: int = RESAMPLES) -> dict[str, Figure]:
        """The measures over comparisons by their numbers, in the order of MEASURES, those of one
        type behind.

        Counts are summed over the articles (micro-averages). The interval is the percentile
        bootstrap over whole articles, all comparisons of one together: labels within one, and pairs
        of its annotators, hang together. An interval from a single article is all that the measure
        can be. A measure without anything to measure is left out, and so is alpha where both
        readings know but one polarity. Same input in any order, same output.
        """
        if not which:
            return {}
        table = self._table(which)
        sums = table.sums(resamples)
        told: dict[str, Figure] = {}
        for name in sorted(table.names(), key=_in_order):
            values, precision, recall = _value(name, sums)
            if not np.isfinite(values[0]):
                continue
            documents = table.documents(name)
            least = -1.0 if "alpha" in name else 0.0
            low, high = least, 1.0
            if documents > 1:
                spread = values[1:][np.isfinite(values[1:])]
                if len(spread):
                    edge = (1 - LEVEL) / 2
                    low, high = (float(x) for x in np.quantile(spread, [edge, 1 - edge]))
            told[name] = Figure(
                value=float(values[0]),
                low=low,
                high=high,
                n=round(float(sums.n(name))),
                documents=documents,
                precision=float(np.nan_to_num(precision[0])),
                recall=float(np.nan_to_num(recall[0])),
            )
        return told

    def _table(self, which: Sequence[int]) -> _Table:
        """A row for each article, by id, as draws depend on the order; a column for each count."""
        column, columns = np.full(len(self._columns), -1), 0
        whole = np.ones(len(self._columns), bool)
        names = sorted({self.articles[number] for number in which})
        rows = {name: at for at, name in enumerate(names)}
        for number in which:
            at, counts = self._counts(number)
            whole[at] &= counts == counts.astype(np.uint16)
            new = at[column[at] < 0]
            column[new] = range(columns, columns + len(new))
            columns += len(new)
        # Nearly all counts are whole, and those take a quarter of the others.
        parts = np.flatnonzero((column >= 0) & ~whole)
        matrix = np.zeros((len(rows), columns), np.uint32)
        fractions = np.zeros((len(rows), len(parts)))
        for number in which:
            row = rows[self.articles[number]]
            at, counts = self._counts(number)
            matrix[row, column[at]] += counts.astype(np.uint32)
            own = np.zeros(len(self._columns))
            own[at] = counts
            fractions[row] += own[parts]
        found = {key: int(column[at]) for key, at in self._columns.items() if column[at] >= 0}
        return _Table(found, matrix, column[parts], fractions)


def _in_order(name: str) -> tuple[int, int, str]:
    order = list(MEASURES)
    if name in MEASURES:
        return order.index(name), 0, ""
    base, _, kind = name.rpartition(".")
    kinds = [*labels.load().name_types, *labels.load().enum("quote_type")]
    return order.index(base), 1 + kinds.index(kind), ""


class _Table(NamedTuple):
    """Articles by counts: as whole numbers, and those in `parts` as they are."""

    columns: dict[_Column, int]
    matrix: np.ndarray
    parts: np.ndarray
    fractions: np.ndarray

    def names(self) -> set[str]:
        found = {name for name, _ in self.columns if not name.startswith("_")} - {"polarity"}
        if "coreference.muc" in found:
            found.add("coreference.conll")
        if "stance.polarity" in found:
            found.update(_ALPHAS)
        return found

    def documents(self, name: str) -> int:
        name = "stance.polarity" if name in _ALPHAS else name
        name = "coreference.b_cubed" if name == "coreference.conll" else name
        there = np.zeros(len(self.matrix), bool)
        for side in ("first", "second"):
            column = self.columns[name, side]
            (own,) = np.nonzero(self.parts == column)
            counts = self.fractions[:, own[0]] if len(own) else self.matrix[:, column]
            there |= counts > 0
        return int(there.sum())

    def sums(self, resamples: int) -> _Sums:
        """The sums of the counts: of all articles first, then of each resample."""
        rows = len(self.matrix)
        drawn = np.zeros((resamples + 1, len(self.columns)))
        random = np.random.default_rng(SEED)
        for first in range(0, resamples + 1, _DRAWN):
            # How often each article is in each of some resamples.
            times = np.array(
                [
                    np.bincount(random.integers(0, rows, rows), minlength=rows)
                    if at
                    else np.ones(rows, int)
                    for at in range(first, min(first + _DRAWN, resamples + 1))
                ],
                np.uint16,
            )
            told = drawn[first : first + _DRAWN]
            fractions = np.zeros((len(told), len(self.parts)))
            for row in range(0, rows, _ROWS):
                some = slice(row, row + _ROWS)
                own = times[:, some].astype(float)
                told += own @ self.matrix[some].astype(float)
                fractions += own @ self.fractions[some]
            told[:, self.parts] = fractions
        return _Sums(self.columns, drawn)


_DRAWN, _ROWS = 16, 4096
"""Resamples, and articles in them, that are summed at a time."""


class _Sums:
    def __init__(self, columns: Mapping[_Column, int], drawn: np.ndarray) -> None:
        self._columns = columns
        self._drawn = drawn

    def of(self, name: str, side: Hashable) -> np.ndarray:
        """A count's sums; where nothing was counted, zeros."""
        at = self._columns.get((name, side))
        return self._drawn[:, at] if at is not None else np.zeros(len(self._drawn))

    def n(self, name: str) -> float:
        """How many things the measure is about, in all articles."""
        name = "stance.polarity" if name in _ALPHAS else name
        name = "coreference.b_cubed" if name == "coreference.conll" else name
        shared, first, second = (self.of(name, side)[0] for side in Counts._fields)
        if name.startswith("coreference") or measure(name).side == "judging":
            return max(first, second)
        return first + second - shared


Triplet = tuple[np.ndarray, np.ndarray, np.ndarray]


def _value(name: str, sums: _Sums) -> Triplet:
    """Value, precision and recall of a measure, for all resamples at once; NaN for undefined."""
    if name == "coreference.conll":
        parts = [_value(f"coreference.{part}", sums) for part in ("muc", "b_cubed", "ceaf_e")]
        # Without any link to find, MUC says nothing.
        stacked = [np.stack([part[at] for part in parts]) for at in range(3)]
        with np.errstate(invalid="ignore"):
            value, precision, recall = (
                np.where(
                    np.isfinite(s).any(axis=0),
                    np.nansum(s, axis=0) / np.maximum(1, np.isfinite(s).sum(axis=0)),
                    np.nan,
                )
                for s in stacked
            )
        return value, precision, recall
    if name in _ALPHAS:
        value = _alpha(sums, ordinal=name == "stance.alpha_ordinal")
        return value, value, value
    if name == "coreference.b_cubed":
        recall = _ratio(sums.of(name, "shared"), sums.of(name, "first"))
        precision = _ratio(sums.of("_b_cubed.precision", "shared"), sums.of(name, "second"))
        # A side without mentions found nothing; two such sides have nothing to find.
        both = np.nan_to_num(precision), np.nan_to_num(recall)
        value = _ratio(2 * both[0] * both[1], both[0] + both[1], 0.0)
        there = np.isfinite(precision) | np.isfinite(recall)
        return np.where(there, value, np.nan), precision, recall
    shared, first, second = (sums.of(name, side) for side in Counts._fields)
    return _ratio(2 * shared, first + second), _ratio(shared, second), _ratio(shared, first)


def _ratio(above: np.ndarray, below: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """The quotient; `otherwise` where there is nothing to divide by."""
    return np.where(below > 0, above / np.where(below > 0, below, 1), otherwise)


RANKS = {"against": 0, "neutral": 1, "mixed": 1, "favor": 2}
"""Polarities as ordinal alpha orders them; to take no side and both sides are one rank."""


def _alpha(sums: _Sums, *, ordinal: bool) -> np.ndarray:
    """Krippendorff's alpha (2011, no data missing) of polarity on shared pairs.

    Each pair gives the coincidences (a, b) and (b, a); alpha is 1 - observed / expected
    disagreement.
    """
    kinds = sorted(RANKS, key=lambda kind: (RANKS[kind], kind))
    # The ordinal alpha works on the ranks themselves.
    values = sorted(set(RANKS.values())) if ordinal else list(range(len(kinds)))
    place = {kind: RANKS[kind] if ordinal else at for at, kind in enumerate(kinds)}
    size = len(values)
    pairs = sums.of("polarity", None)
    coincidences = np.zeros((len(pairs), size, size))
    for a in kinds:
        for b in kinds:
            count = sums.of("polarity", (a, b))
            coincidences[:, place[a], place[b]] += count
            coincidences[:, place[b], place[a]] += count
    totals = coincidences.sum(axis=2)
    n = totals.sum(axis=1)
    expected = totals[:, :, None] * totals[:, None, :]
    if ordinal:
        running = np.cumsum(totals, axis=1)
        between = np.abs(running[:, :, None] - running[:, None, :])
        # From c to k: all between, and half of each end.
        upper = np.maximum.outer(np.arange(size), np.arange(size))
        lower = np.minimum.outer(np.arange(size), np.arange(size))
        distance = (between + totals[:, lower] / 2 - totals[:, upper] / 2) ** 2
    else:
        distance = np.broadcast_to(1 - np.eye(size), coincidences.shape)
    observed = (coincidences * distance).sum(axis=(1, 2))
    chance = (expected * distance).sum(axis=(1, 2))
    return 1 - _ratio((n - 1) * observed, chance)
