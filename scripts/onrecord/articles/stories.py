"""Stories: clusters of near-duplicate articles, so that no copy of one straddles two splits.

Word 3-grams of the body, MinHash in 64 bands of 2 rows to find candidates, then containment of
the smaller in the larger to decide. On 20,000 documents with 3,202 edited copies (words changed,
cut to 30-60 %, paragraphs moved) the usual 5-grams in 14 bands of 8 found .27 of the edited and
.05 of the cut ones; these parameters found all, at 7,100 documents a second on one core.

Bands that find cut copies find strangers, too, and the more the more articles there are. Before a
candidate's text is read its signature must leave containment possible.
"""

from __future__ import annotations

import os
import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue]

from onrecord.records import Article
from onrecord.text import TABLED, code_points

N = 3
PERMUTATIONS = 128
BANDS = 64
ROWS = PERMUTATIONS // BANDS
CONTAINMENT = 0.5
"""The least share of the smaller article's 3-grams that a near-duplicate holds."""

_SEED = 1
WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of a text, casefolded: what `WORD` finds, by a table of code points."""
    folded = _folds()[np.minimum(code_points(text.replace("ß", "ss")), TABLED)]
    if folded.all():
        return folded.tobytes().decode("utf-32-le").split()
    text = text.casefold()
    for mark in set(text):
        if not mark.isalnum() and mark not in "_ ":
            text = text.replace(mark, " ")
    return text.split()


@cache
def _folds() -> Any:
    """Code point -> what it is casefolded, a blank for what is in no word, 0: look closer."""
    folds = [chr(code).casefold() for code in range(TABLED)]
    return np.array(
        [
            0 if len(fold) != 1 else ord(fold) if fold.isalnum() or fold == "_" else 32
            for fold in folds
        ]
        + [0],
        "<u4",
    )


def shingles(text: str) -> set[str]:
    """The word 3-grams of a text, casefolded; a shorter text is one shingle."""
    words = words_of(text)
    if len(words) < N:
        return {" ".join(words)}
    return set(map(" ".join, zip(*(words[i:] for i in range(N)), strict=False)))


class Signature(NamedTuple):
    """What is remembered of a `Sketch`: how many 3-grams, and the hashes, 4 bytes each."""

    grams: int
    hashes: bytes


class Sketch(NamedTuple):
    """A body as near-duplicate search sees it: its 3-grams and their MinHash."""

    grams: set[str]
    signature: RMinHash

    @property
    def hashes(self) -> bytes:
        """The hashes of the signature, 4 bytes each."""
        return array("I", self.signature.digest()).tobytes()

    @property
    def signed(self) -> Signature:
        """What is remembered of it."""
        return Signature(len(self.grams), self.hashes)


def sketch(text: str) -> Sketch:
    """The sketch of a body. The same text gives the same one in every process."""
    grams = shingles(text)
    signature = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    signature.update(grams)  # the least hash of each permutation, whatever the order
    return Sketch(grams, signature)


def body(article: Article) -> str:
    """The body paragraphs; headline and captions are short and shared by different articles."""
    return "\n".join(article.text[s.start : s.end] for s in article.segments if s.role == "body")


def containment(first: set[str], second: set[str]) -> float:
    """Share of the smaller set that the other holds, 0 to 1."""
    return len(first & second) / max(1, min(len(first), len(second)))


def slots(grams: Iterable[str]) -> Any:
    """A 16-bit hash of each 3-gram, in any order; another one in another process."""
    return np.array(list(map(hash, grams)), np.int64).astype(np.uint16)


class Bound:
    """An upper bound of `containment`: 3-grams with the same 16-bit hash count as one.

    2 µs per comparison, instead of 30 for the 3-grams and 150 for those of a text to be read.
    """

    def __init__(self) -> None:
        self._marks = np.zeros(1 << 16, bool)

    def most(self, own: Any, others: Iterable[Any]) -> Any:
        """The bound for an article and each of the others, one or more, all as `slots`."""
        theirs = list(others)
        self._marks[own] = True
        long = np.array(list(map(len, theirs)))
        held = np.add.reduceat(
            self._marks.take(np.concatenate(theirs)), np.cumsum(long) - long, dtype=np.intp
        )
        self._marks[own] = False
        return held / np.minimum(long, len(own))


def possible(alike: Any, first: Any, second: Any) -> Any:
    """Whether containment may reach the bound, three standard errors allowed; numbers or arrays.

    `alike` is the share of their hashes that two signatures have in common, `first` and `second`
    are the numbers of 3-grams.
    """
    error = np.sqrt(np.maximum(alike, 1 / PERMUTATIONS) * (1 - alike) / PERMUTATIONS)
    most = np.minimum(alike + 3 * error, 1)
    shared = most * (first + second) / (1 + most)
    return shared >= CONTAINMENT * np.minimum(first, second)


def _runs(values: Any) -> tuple[Any, Any, Any]:
    """The places of values, sorted by them, and where runs of two and more begin and end."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    starts, ends = np.append(0, edges), np.append(edges, len(values))
    many = ends - starts > 1
    return order, starts[many], ends[many]


class Batch:
    """Signatures of many articles, numbered as they are added, to find all pairs in one go.

    They lie in temporary files, a kilobyte an article: by article and by band. 4 bytes an article
    stay in memory, and about 40 more for the band that is being sorted.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._banded = tempfile.TemporaryFile()  # noqa: SIM115
        self._held: list[bytes] = []
        self._sizes = array("I")

    def add(self, grams: int, hashes: bytes) -> None:
        """Take the next article: how many 3-grams its body has (0: nothing to compare), and
        `Sketch.hashes`."""
        self._sizes.append(grams)
        self._held.append(hashes if grams else bytes(_BYTES))
        if len(self._held) == _CHUNK:
            self._write()

    def _write(self) -> None:
        """Write what is held; a chunk lies in the file of bands as a table of bands, filled up."""
        data = b"".join(self._held)
        self._held.clear()
        self._file.write(data)
        rows = np.frombuffer(data.ljust(_CHUNK * _BYTES, b"\0"), np.uint64).reshape(-1, BANDS)
        self._banded.write(np.ascontiguousarray(rows.T).data)

    def pairs(self, numbers: Any, groups: Any) -> tuple[Any, Any]:
        """The pairs of `likely` as two arrays, sorted by the later article."""
        found = [(_NONE, _NONE), *self.likely(numbers, groups)]
        earlier, later = (np.concatenate(each) for each in zip(*found, strict=True))
        order = np.lexsort((earlier, later))
        return earlier[order], later[order]

    def likely(self, numbers: Any, groups: Any) -> Iterator[tuple[Any, Any]]:
        """The pairs of articles that agree in a band and whose containment may reach the bound,
        of those `numbers` that are of different `groups` (an array beside it).

        As arrays of places in `numbers`, the earlier and the later, each pair once. `groups` may
        change meanwhile: what it says then holds for the pairs that are still to come. To be asked
        when all articles are there.
        """
        if self._held:
            self._write()
        self._file.flush()
        self._banded.flush()
        sizes = np.array(self._sizes, np.uint32)[numbers]
        places = np.flatnonzero(sizes).astype(np.uint32)
        compared = numbers[places]

        def hashes(found: Any) -> Any:
            return self._hashes(numbers[found])

        for band in range(BANDS):
            order, starts, ends = _runs(self._band(band)[compared])
            order = places[order]
            short = ends - starts < _LONG
            for start, end in zip(starts[~short].tolist(), ends[~short].tolist(), strict=True):
                yield from meeting(order[start:end], groups, sizes, hashes, band)
            for members, left in _packs(order, starts[short], ends[short], groups):
                yield from _neighbours(members, left, groups, sizes, hashes(members), band)

    def _band(self, band: int) -> Any:
        """A band of all articles."""
        values = np.empty(-(-len(self._sizes) // _CHUNK) * _CHUNK, np.uint64)
        for start in range(0, len(values), _CHUNK):
            at = 8 * (start * BANDS + band * _CHUNK)
            data = os.pread(self._banded.fileno(), 8 * _CHUNK, at)
            values[start : start + _CHUNK] = np.frombuffer(data, np.uint64)
        return values

    def _hashes(self, numbers: Any) -> Any:
        file = self._file.fileno()
        data = b"".join([os.pread(file, _BYTES, number * _BYTES) for number in numbers.tolist()])
        return np.frombuffer(data, np.uint32).reshape(-1, PERMUTATIONS)


_NONE = np.empty(0, np.intp)
_BYTES = 4 * PERMUTATIONS
_CHUNK = 2048


_LONG = 64
"""Articles in a run that is gone through by itself; shorter ones are taken many at once."""
_BLOCK = 512
"""Articles of a long run whose signatures are in memory at once, and as many that they meet."""


def _packs(order: Any, starts: Any, ends: Any, groups: Any) -> Iterator[tuple[Any, Any]]:
    """Runs of `order` that hold several groups, about two blocks of articles at a time.

    The articles, and of each how many of its run are left with it.
    """
    if not len(starts):
        return
    long = ends - starts
    members = order[np.arange(long.sum()) + np.repeat(ends - np.cumsum(long), long)]
    first = np.cumsum(long) - long
    own = groups[members]
    mixed = np.minimum.reduceat(own, first) != np.maximum.reduceat(own, first)
    members, long = members[np.repeat(mixed, long)], long[mixed]
    if not len(members):
        return
    upto = np.cumsum(long)
    left = np.repeat(upto, long) - np.arange(len(members))
    cuts = upto[np.flatnonzero(np.diff(upto // (2 * _BLOCK)))]
    yield from zip(np.split(members, cuts), np.split(left, cuts), strict=True)


def _neighbours(
    members: Any, left: Any, groups: Any, sizes: Any, hashes: Any, band: int
) -> Iterator[tuple[Any, Any]]:
    """`meeting` for many short runs: each article with the next of its run, then the one after."""
    at = np.arange(len(members))
    for far in range(1, int(left.max(initial=0))):
        at = at[left[at] > far]
        one, other = at, at + far
        apart = groups[members[one]] != groups[members[other]]
        one, other = one[apart], other[apart]
        likely = _likely(
            hashes[one], hashes[other], sizes[members[one]], sizes[members[other]], band
        )
        if len(likely):
            yield members[one[likely]], members[other[likely]]


def meeting(
    members: Any, groups: Any, sizes: Any, hashes: Callable[[Any], Any], band: int
) -> Iterator[tuple[Any, Any]]:
    """The pairs of one run, articles that agree in a band, that may be near-duplicates.

    Only those of different `groups` that agree in no earlier band. `groups` and `sizes` are arrays
    by article, `hashes` gives the signatures of some. `groups` may change meanwhile: articles that
    have come together are not compared again, and a run that is one group ends at once. Yields
    one article many times, and those beside it.
    """
    for begin in range(0, len(members), _BLOCK):
        if _one(groups[members[begin:]]):
            return
        ones = members[begin : begin + _BLOCK]
        own = hashes(ones)
        for start in range(begin, len(members), _BLOCK):
            others = members[start : start + _BLOCK]
            if _one(groups[np.concatenate([ones, others])]):
                continue
            theirs = own if start == begin else hashes(others)
            for number, one in enumerate(ones):
                at = np.flatnonzero(groups[others] != groups[one])
                if start == begin:
                    at = at[at > number]
                if not len(at):
                    continue
                likely = at[_likely(own[number], theirs[at], sizes[one], sizes[others[at]], band)]
                if len(likely):
                    yield np.repeat(one, len(likely)), others[likely]


def _one(groups: Any) -> bool:
    return bool((groups == groups[0]).all())


def _likely(own: Any, theirs: Any, size: Any, sizes: Any, band: int) -> Any:
    """Of pairs, by their signatures, the places of those that agree in no band before this one
    and whose containment may reach the bound."""
    if band:
        met = (own.view(np.uint64)[..., :band] == theirs.view(np.uint64)[:, :band]).any(axis=1)
        fresh = np.flatnonzero(~met)
    else:
        fresh = np.arange(len(theirs))
    if own.ndim > 1:
        own, size = own[fresh], size[fresh]
    alike = np.count_nonzero(own == theirs[fresh], axis=1) / PERMUTATIONS
    return fresh[possible(alike, size.astype(float), sizes[fresh].astype(float))]


class _Bands:
    """Which signatures agree with another in a band: a hash table for each band, in arrays.

    The articles of a bucket lie side by side (`_members`, cut at `_starts`), so that asking takes
    a few operations on arrays, however many articles a bucket holds. The latest, up to one in
    `_LATEST`, are chained: a bucket holds the last that fell into it, each article the one before.
    512 to 850 bytes an article.
    """

    def __init__(self) -> None:
        self._settled = self._count = 0
        self._members = np.empty((BANDS, 0), np.int32)
        self._starts = np.zeros((BANDS, 2), np.int32)
        self._room(0)

    def _room(self, settled: int) -> None:
        """Empty chains, for the articles that come after so many."""
        room = 1 << max(_LEAST, settled // _LATEST).bit_length()
        self._last = np.full((BANDS, room), -1, np.int32)
        self._before = np.empty((room, BANDS), np.int32)

    def cover(self, bands: Any) -> None:
        """Take in what is new of the bands of all articles, a row each."""
        if len(bands) - self._settled > len(self._before):
            self._settle(bands)
        for at in range(self._count, len(bands)):
            buckets = _buckets(bands[at], self._last.shape[1])
            self._before[at - self._settled] = self._last[_EACH, buckets]
            self._last[_EACH, buckets] = at
        self._count = len(bands)

    def _settle(self, bands: Any) -> None:
        self._settled = self._count = count = len(bands)
        self._room(count)
        size = 1 << (count - 1).bit_length()
        self._members = np.empty((BANDS, count), np.int32)
        self._starts = np.zeros((BANDS, size + 1), np.int32)
        for band in range(BANDS):
            buckets = _buckets(bands[:, band], size)
            self._members[band] = np.argsort(buckets)
            np.cumsum(np.bincount(buckets, minlength=size), out=self._starts[band, 1:])

    def sharing(self, bands: Any) -> Any:
        """The articles in a bucket of these bands, in order: all that agree, and some others."""
        buckets = _buckets(bands, self._starts.shape[1] - 1)
        starts, ends = self._starts[_EACH, buckets], self._starts[_EACH, buckets + 1]
        long = ends - starts
        upto = np.cumsum(long)
        at = np.arange(upto[-1]) + np.repeat(starts - upto + long, long)
        found = [self._members[np.repeat(_EACH, long), at]]
        each = _EACH
        at = self._last[each, _buckets(bands, self._last.shape[1])]
        while len(at):
            there = at >= 0
            at, each = at[there], each[there]
            found.append(at)
            at = self._before[at - self._settled, each]
        return np.unique(np.concatenate(found))


def _buckets(bands: Any, size: int) -> Any:
    """The buckets of values in a table of so many, a power of two."""
    shift = 65 - size.bit_length()
    if shift == 64:
        return np.zeros(len(bands), np.intp)
    return ((bands * _SPREAD) >> np.uint64(shift)).astype(np.intp)


_LEAST = 64
_LATEST = 8
"""One in so many articles is chained, at most one in half as many."""
_EACH = np.arange(BANDS)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: the high bits depend on all


class Stories:
    """The admitted articles as near-duplicate search sees them.

    Keeps 128 hashes an article and the tables to find them by, 1.2 to 2.2 kB; `body_of` gives the
    body of an admitted article by its id, "" where it is not at hand.
    """

    def __init__(self, body_of: Callable[[str], str]) -> None:
        self._body_of = body_of
        self._ids: list[str] = []
        self._story: list[str] = []
        self._hashes = np.empty((_LEAST, PERMUTATIONS), np.uint32)
        self._bytes = np.empty((_LEAST, PERMUTATIONS), np.uint8)
        self._sizes = np.empty(_LEAST, np.float64)
        self._index = _Bands()
        self._bound = Bound()
        self._slots = lru_cache(maxsize=8192)(lambda at: slots(self._grams(at)))

    def add(self, article_id: str, story: str, body: Signature) -> None:
        """Remember an article and its story."""
        at = len(self._ids)
        if at == len(self._sizes):
            self._hashes = np.concatenate([self._hashes, np.empty_like(self._hashes)])
            self._bytes = np.concatenate([self._bytes, np.empty_like(self._bytes)])
            self._sizes = np.concatenate([self._sizes, np.empty_like(self._sizes)])
        self._hashes[at] = np.frombuffer(body.hashes, np.uint32)
        self._bytes[at] = self._hashes[at].astype(np.uint8)
        self._sizes[at] = body.grams
        self._ids.append(article_id)
        self._story.append(story)

    def _grams(self, at: int) -> set[str]:
        return shingles(self._body_of(self._ids[at]))

    def near(self, body: Sketch) -> list[str]:
        """The stories that have a near-duplicate of this body."""
        found: list[str] = []
        likely = self._likely(body)
        for start in range(0, len(likely), _LONG):
            some = [at for at in likely[start : start + _LONG] if self._story[at] not in found]
            if len(some) > 1:
                most = self._bound.most(slots(body.grams), map(self._slots, some))
                some = [at for at, share in zip(some, most, strict=True) if share >= CONTAINMENT]
            for at in some:
                if self._story[at] in found:
                    continue
                if containment(body.grams, self._grams(at)) >= CONTAINMENT:
                    found.append(self._story[at])
        return found

    def _likely(self, body: Sketch) -> list[int]:
        """The articles that agree in a band and whose containment may reach the bound."""
        self._index.cover(self._hashes.view(np.uint64)[: len(self._ids)])
        own = np.frombuffer(body.hashes, np.uint32)
        candidates = self._index.sharing(own.view(np.uint64))
        # The last byte of each hash first: it can only say more than there is, and is read sooner.
        equal = self._bytes.take(candidates, axis=0) == own.astype(np.uint8)
        likely = self._may(candidates, equal, body)
        hashes = self._hashes[likely]
        banded = (hashes.view(np.uint64) == own.view(np.uint64)).any(axis=1)
        return self._may(likely[banded], hashes[banded] == own, body).tolist()

    def _may(self, candidates: Any, equal: Any, body: Sketch) -> Any:
        """The candidates whose containment may reach the bound; `equal` are their equal hashes."""
        lanes = np.add.reduce(equal.view(np.uint64), axis=1)  # eight bytes, of 16 at most
        alike = lanes.view(np.uint8).reshape(-1, 8).sum(axis=1) / PERMUTATIONS
        return candidates[possible(alike, self._sizes[candidates], len(body.grams))]
