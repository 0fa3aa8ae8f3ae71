"""Leaks between splits: what a model could learn from one and be tested on in another. Pure.

A story never straddles splits (`split.straddle`), so a leak is between articles that admission
took for two stories: a text or a page that came in twice, a copy that was edited or cut, a quoted
sentence that both carry.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np

from onrecord.articles.stories import (
    CONTAINMENT,
    Batch,
    Sketch,
    body,
    containment,
    shingles,
    sketch,
)
from onrecord.ledger import hash64
from onrecord.records import Article, Gold

QUOTED_WORDS = 8
"""The least words of a quoted sentence that two articles do not share by chance."""

# A stretch in marks that tell their two ends apart, or in straight ones; never over a paragraph.
_QUOTED = re.compile(r"“([^“”\n]+)”|„([^„“\n]+)“|«([^«»\n]+)»|\"([^\"\n]+)\"")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"\w+")


def quoted_sentences(text: str) -> list[str]:
    """The quoted sentences of a text as their words, casefolded, those of QUOTED_WORDS and more."""
    found = []
    for match in _QUOTED.finditer(text):
        for sentence in _SENTENCE.split(next(filter(None, match.groups()))):
            words = _WORD.findall(sentence.casefold())
            if len(words) >= QUOTED_WORDS:
                found.append(" ".join(words))
    return found


def page_of(url: str) -> str:
    """What a URL names, "" for none: host and path, without www., fragment and a last slash."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"


class Leaks:
    """The articles of a corpus, as leaks are looked for when all are known.

    An article goes by a number of the caller's; `article_of` gives it by that, with its text
    where this is at hand. Holds about 30 bytes an article and 12 a quoted sentence; signatures
    lie in a temporary file.
    """

    def __init__(self, article_of: Callable[[int], Article]) -> None:
        self._article_of = article_of
        self._splits = [""]
        self._at = array("I")
        self._split = array("B")
        self._text = array("Q")
        self._page = array("Q")
        self._said = array("Q")
        self._by = array("I")
        self._near = Batch()

    def add(self, at: int, article: Article, split: str) -> None:
        """Take an article, in the place of an earlier one of its number."""
        if split not in self._splits:
            self._splits.append(split)
        near = None
        if article.text:
            near = sketch(body(article))
            said = dict.fromkeys(quoted_sentences(article.text))
            self._said.extend(map(hash64, said))
            self._by.extend([len(self._at)] * len(said))
        page = page_of(article.url)
        self._row(at, split, int(article.text_sha256[:16], 16), hash64(page) if page else 0, near)

    def drop(self, at: int) -> None:
        """Leave an article out, if it was taken."""
        self._row(at, "", 0, 0, None)

    def _row(self, at: int, split: str, text: int, page: int, near: Sketch | None) -> None:
        self._at.append(at)
        self._split.append(self._splits.index(split))
        self._text.append(text)
        self._page.append(page)
        self._near.add(near)

    def faults(self) -> Iterator[tuple[int, str, str]]:
        """What an article shares with those before it in other splits, by their numbers, as
        `(number, rule, message)`. Of one other article the first that is found is told: same
        text, near text, same page, same quoted sentence. Without its text, text hash and URL are
        compared."""
        grams = lru_cache(maxsize=256)(lambda at: shingles(body(self._article_of(at))))
        last, told = -1, set[int]()
        for at, split, kind, other, beside, said in self._met():
            if at != last:
                last, told = at, set()
            if other in told:
                continue
            if kind == _NEAR and containment(grams(at), grams(other)) < CONTAINMENT:
                continue
            told.add(other)
            rule, what = self._told(kind, self._article_of(at), said)
            id_ = self._article_of(other).id
            yield at, rule, f"in {split} by its story, and {id_} in {beside} {what}"

    def _told(self, kind: int, article: Article, said: int) -> tuple[str, str]:
        if kind == _TEXT:
            return "split.leak", "has the same text"
        if kind == _NEAR:
            return "split.leak-near", "is a near copy, or cut from it"
        if kind == _PAGE:
            return "split.leak-url", f"is of the same page, {page_of(article.url)}"
        # The words are shown only where the text is public.
        shown = ""
        if article.rights.release == "ship":
            shown = next(s for s in quoted_sentences(article.text) if hash64(s) == said)
            shown = f": {shown}"
        return "split.leak-quote", f"quotes the same sentence{shown}"

    def _met(self) -> Iterator[tuple[int, str, int, int, str, int]]:
        """Articles of different splits that have something in common, or may have: number, split
        and kind, the earlier one's number and split, the hash of what was said; by number, then
        as they are told."""
        every = np.frombuffer(self._at, np.uint32)
        order = np.argsort(every, kind="stable")
        last = np.append(np.diff(every[order]) != 0, True)[: len(order)]
        rows = order[last]
        every_split = np.frombuffer(self._split, np.uint8)
        rows = rows[every_split[rows] > 0]
        splits = every_split[rows]
        del order, last

        # Kind by kind: beside what few leaks there are, one sorted table at a time is in memory.
        found: list[tuple[int, int, int, int, int]] = []
        texts = np.frombuffer(self._text, np.uint64)[rows]
        found += _shared(_TEXT, texts, np.arange(len(rows), dtype=np.uint32), splits)
        del texts
        pages = np.frombuffer(self._page, np.uint64)[rows]
        there = np.flatnonzero(pages).astype(np.uint32)
        found += _shared(_PAGE, pages[there], there, splits)
        del pages, there
        found += _shared(_QUOTE, *self._quoted(rows), splits)
        for n, (a, b) in enumerate(zip(*self._near.pairs(rows, splits), strict=True)):
            found.append((int(b), _NEAR, n, int(a), 0))
        for a, kind, _, b, what in sorted(found):
            yield (
                int(every[rows[a]]),
                self._splits[splits[a]],
                kind,
                int(every[rows[b]]),
                self._splits[splits[b]],
                what,
            )

    def _quoted(self, rows: Any) -> tuple[Any, Any]:
        """The hashes of what the articles of `rows` quote, and their places there, sorted."""
        place = np.full(len(self._at), _GONE, np.uint32)
        place[rows] = np.arange(len(rows), dtype=np.uint32)
        by = place[np.frombuffer(self._by, np.uint32)]
        said = np.frombuffer(self._said, np.uint64)
        if len(by) and (np.any(by[1:] < by[:-1]) or by[-1] == _GONE):
            order = np.argsort(by, kind="stable")
            order = order[by[order] != _GONE]
            by, said = by[order], said[order]
        return said, by


_TEXT, _NEAR, _PAGE, _QUOTE = range(4)
_GONE = 2**32 - 1


def _shared(
    kind: int, values: Any, places: Any, splits: Any
) -> Iterator[tuple[int, int, int, int, int]]:
    """Those of `places` (sorted, a value beside each) that share a value with the first that has
    it, and are of another split: place, kind, which value, the first's place, the value."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(order)]
    first = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    leaks = np.flatnonzero(splits[places[order]] != splits[places[first]])
    for at, other in zip(order[leaks].tolist(), first[leaks].tolist(), strict=True):
        yield int(places[at]), kind, at, int(places[other]), int(values[at])


# --- what may overlap, and by how much --------------------------------------------------------


class Overlap(msgspec.Struct, kw_only=True):
    """How many named entities of a split's gold are also in train's.

    News names the same people again, so this is told and no fault: it says how much of a figure
    on this split is about names a model has seen. An entity is its Wikidata id, else its type
    and name.
    """

    split: str
    entities: int
    in_train: int


class Entities:
    """The named entities of each split, as gold is read: 8 to 16 bytes for each that differs."""

    def __init__(self) -> None:
        self._found: dict[str, _Hashes] = {}

    def add(self, gold: Gold, split: str) -> None:
        """Remember the entities of a row that have a name."""
        self._found.setdefault(split, _Hashes()).update(
            [
                hash(entity.kb_id or f"{entity.type} {entity.name.casefold()}")
                for entity in gold.entities
                if entity.name
            ]
        )

    def overlaps(self) -> list[Overlap]:
        """The overlap of each other split with train."""
        train = self._found.get("train", _Hashes()).distinct()
        told = []
        for split, found in sorted(self._found.items()):
            if split != "train":
                each = found.distinct()
                shared = np.intersect1d(each, train, assume_unique=True)
                told.append(Overlap(split=split, entities=len(each), in_train=len(shared)))
        return told


class _Hashes:
    """A set of 64-bit hashes in an array, which is sorted out whenever it has doubled."""

    def __init__(self) -> None:
        self._kept = array("q")
        self._sorted = 1024

    def update(self, hashes: list[int]) -> None:
        self._kept.extend(hashes)
        if len(self._kept) > 2 * self._sorted:
            self._kept = array("q", self.distinct().tobytes())
            self._sorted = max(len(self._kept), self._sorted)

    def distinct(self) -> Any:
        """Each hash once, in order."""
        return np.unique(np.array(self._kept, np.int64))
