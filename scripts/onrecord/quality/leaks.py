"""Leaks between splits: what a model could learn from one and be tested on in another. Pure.

A story never straddles splits (`split.straddle`), so a leak is between articles that admission
took for two stories: a text or a page that came in twice, a copy that was edited or cut, a quoted
sentence that both carry.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
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
        self._at = array("Q")
        self._split = array("B")
        self._text = array("Q")
        self._page = array("Q")
        self._said = array("Q")
        self._by = array("Q")
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
        every = np.array(self._at, np.uint64)
        order = np.argsort(every, kind="stable")
        rows = order[np.append(np.diff(every[order]) != 0, True)] if len(order) else order
        splits = np.array(self._split, np.uint8)
        rows = rows[splits[rows] > 0]
        numbers, splits = every[rows], splits[rows]

        # Of those that share a value the first alone is told.
        texts, pages = (np.array(kept, np.uint64)[rows] for kept in (self._text, self._page))
        each = np.arange(len(rows))
        first = _first(pages)
        place = np.full(len(every), -1)
        place[rows] = each
        by = place[np.array(self._by, np.intp)]
        order = np.argsort(by, kind="stable")
        order = order[by[order] >= 0]
        by, said = by[order], np.array(self._said, np.uint64)[order]
        near, later = self._near.pairs(rows, splits)

        found = []
        for kind, one, other, what in (
            (_TEXT, each, _first(texts), texts),
            (_NEAR, later, near, texts[later]),
            (_PAGE, each[pages > 0], first[pages > 0], pages[pages > 0]),
            (_QUOTE, by, by[_first(said)], said),
        ):
            leak = np.flatnonzero(splits[one] != splits[other])
            found += zip(
                one[leak].tolist(),
                [kind] * len(leak),
                leak.tolist(),
                other[leak].tolist(),
                what[leak].tolist(),
                strict=True,
            )
        names = [self._splits[at] for at in splits.tolist()] if found else []
        for a, kind, _, b, what in sorted(found):
            yield int(numbers[a]), names[a], kind, int(numbers[b]), names[b], what


_TEXT, _NEAR, _PAGE, _QUOTE = range(4)


def _first(values: Any) -> Any:
    """The place where each value occurs first."""
    _, first, back = np.unique(values, return_index=True, return_inverse=True)
    return first[back]


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
    """The named entities of each split, as gold is read."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}

    def add(self, gold: Gold, split: str) -> None:
        """Remember the entities of a row that have a name."""
        self._found.setdefault(split, set()).update(
            entity.kb_id or f"{entity.type} {entity.name.casefold()}"
            for entity in gold.entities
            if entity.name
        )

    def overlaps(self) -> list[Overlap]:
        """The overlap of each other split with train."""
        train = self._found.get("train", set())
        return [
            Overlap(split=split, entities=len(found), in_train=len(found & train))
            for split, found in sorted(self._found.items())
            if split != "train"
        ]


def overlap_of(golds: Iterable[Gold], split_of: Mapping[str, str]) -> list[Overlap]:
    """The overlap of rows whose articles are in `split_of` (article id -> split)."""
    entities = Entities()
    for gold in golds:
        if split := split_of.get(gold.article_id):
            entities.add(gold, split)
    return entities.overlaps()
