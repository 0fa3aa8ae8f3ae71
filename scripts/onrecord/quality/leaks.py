"""Leaks between splits: content that a model could see in training and be tested on. Pure.

A story is never in two splits (`split.straddle`), so leaks are between articles that admission took
for different stories: a text or a page that was delivered twice, an edited or cut copy, a quoted
sentence that is in both.
"""

from __future__ import annotations

import os
import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np

from onrecord.articles.stories import CONTAINMENT, Batch, body, containment, shingles, sketch
from onrecord.compact import hash64
from onrecord.records import Article, Gold

QUOTED_WORDS = 8
"""Minimum length, in words, of a quoted sentence that two articles do not share by chance."""

# Text in directed or straight quotation marks, within a paragraph.
_QUOTED = re.compile(r"“([^“”\n]+)”|„([^„“\n]+)“|«([^«»\n]+)»|\"([^\"\n]+)\"")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"\w+")


def quoted_sentences(text: str) -> list[str]:
    """The quoted sentences of a text, as casefolded words, of at least QUOTED_WORDS words."""
    found = []
    for match in _QUOTED.finditer(text):
        for sentence in _SENTENCE.split(next(filter(None, match.groups()))):
            words = _WORD.findall(sentence.casefold())
            if len(words) >= QUOTED_WORDS:
                found.append(" ".join(words))
    return found


def page_of(url: str) -> str:
    """The page of a URL, "" for none: host, path and query without www. and trailing slash.

    What is no URL is a page of its own, as it stands.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket in the host, as of half an IPv6 address
        return url
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"


class Traits(msgspec.Struct, array_like=True, gc=False):
    """What is compared between articles: 64-bit hashes, and the sketch of the body."""

    text: int
    page: int
    """0: it has no URL."""
    said: list[int]
    """Hashes of its quoted sentences, without repetitions."""
    grams: int
    """0: no text, so nothing to compare."""
    hashes: bytes


def traits(article: Article) -> Traits:
    """The traits of an article, with its text if available."""
    page = page_of(article.url)
    near = sketch(body(article)) if article.text else None
    return Traits(
        int(article.text_sha256[:16], 16),
        hash64(page) if page else 0,
        list(map(hash64, dict.fromkeys(quoted_sentences(article.text)))),
        len(near.grams) if near else 0,
        near.hashes if near else b"",
    )


_DROPPED = Traits(0, 0, [], 0, b"")


class Leaks:
    """Collects the articles of a corpus and then finds the leaks between them.

    The caller numbers the articles; `article_of` returns one by number, with its text if available.
    Takes 9 bytes of memory per article, and about 60 more while searching; hashes and signatures
    are in temporary files.
    """

    def __init__(self, article_of: Callable[[int], Article]) -> None:
        self._article_of = article_of
        self._splits = [""]
        self._at = array("I")
        self._split = array("B")
        self._shared = {kind: Values() for kind in (_TEXT, _PAGE, _QUOTE)}
        self._near = Batch()

    def add(self, at: int, found: Traits, split: str) -> None:
        """Add an article, replacing an earlier one with its number."""
        if split not in self._splits:
            self._splits.append(split)
        row = len(self._at)
        self._at.append(at)
        self._split.append(self._splits.index(split))
        if split:
            self._shared[_TEXT].add([found.text], row)
            self._shared[_PAGE].add([found.page] if found.page else [], row)
            self._shared[_QUOTE].add(found.said, row)
        self._near.add(found.grams, found.hashes)

    def drop(self, at: int) -> None:
        """Remove an article, if it was added."""
        self.add(at, _DROPPED, "")

    def faults(self) -> Iterator[tuple[int, str, str]]:
        """What articles share with earlier ones in other splits, as `(number, rule, message)`.

        For each pair only the first of: same text, near text, same page, same quoted sentence. For
        articles without text, text hash and URL are compared.
        """
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
        rows = order[last].astype(np.uint32)
        del order, last
        every_split = np.frombuffer(self._split, np.uint8)
        rows = rows[every_split[rows] > 0]
        splits = every_split[rows]
        place = np.full(len(every), _GONE, np.uint32)
        place[rows] = np.arange(len(rows), dtype=np.uint32)

        found: list[tuple[int, int, int, int, int]] = []
        for kind, values in self._shared.items():
            found += (met for part in values.parts() for met in _shared(kind, part, place, splits))
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


_TEXT, _NEAR, _PAGE, _QUOTE = range(4)
_GONE = 2**32 - 1


class Values:
    """Pairs of a 64-bit value and a number, in a temporary file, 12 bytes each."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._values = array("Q")
        self._numbers = array("I")

    def add(self, values: Sequence[int], number: int) -> None:
        """Add values with this number."""
        self._values.extend(values)
        self._numbers.extend([number] * len(values))
        if len(self._values) >= _HELD:
            self._write()

    def _write(self) -> None:
        held = np.empty(len(self._values), _VALUE)
        held["value"], held["number"] = self._values, self._numbers
        self._file.write(held.tobytes())
        self._values, self._numbers = array("Q"), array("I")

    def parts(self) -> Iterator[Any]:
        """All values in arrays of about `_PART`, with the fields `value`, `number` and `at` (the
        position in which it was added, ascending). Equal values are in the same array."""
        self._write()
        count = self._file.seek(0, os.SEEK_END) // _VALUE.itemsize
        parts = max(1, count // _PART)
        for part in range(parts):
            found = [_NO_PART]
            self._file.seek(0)
            for start in range(0, count, _HELD):
                held = np.frombuffer(self._file.read(_HELD * _VALUE.itemsize), _VALUE)
                own = np.flatnonzero(held["value"] % np.uint64(parts) == part)
                taken = np.empty(len(own), _TAKEN)
                taken["value"], taken["number"] = held["value"][own], held["number"][own]
                taken["at"] = own + start
                found.append(taken)
            yield np.concatenate(found)


_VALUE = np.dtype([("value", "<u8"), ("number", "<u4")])
_TAKEN = np.dtype([*_VALUE.descr, ("at", "<i8")])
_NO_PART = np.empty(0, _TAKEN)
_HELD = 1 << 14
_PART = 1 << 17


def _shared(
    kind: int, part: Any, place: Any, splits: Any
) -> Iterator[tuple[int, int, int, int, int]]:
    """Those rows whose value is also that of another split's, of the first row that has it.

    `place` is a row's place among those that count, `_GONE` for another, `splits` are by place.
    Told are the place, the kind, which value, the first's place, the value.
    """
    at = place[part["number"]]
    part, at = part[at != _GONE], at[at != _GONE]
    order = np.lexsort((part["at"], at, part["value"]))
    part, at = part[order], at[order]
    new = np.append(True, part["value"][1:] != part["value"][:-1])[: len(at)]
    first = at[np.maximum.accumulate(np.where(new, np.arange(len(at)), 0))]
    for leak in np.flatnonzero(splits[at] != splits[first]).tolist():
        yield int(at[leak]), kind, int(part["at"][leak]), int(first[leak]), int(part["value"][leak])


def quoted_across(articles: Iterable[tuple[Article, str]]) -> int:
    """How many articles have a quoted sentence that an earlier one in another split has, too.

    `articles` are given with their splits. `Leaks` reports these, and other leaks, one by one.
    """
    said, splits = Values(), list[str]()
    for number, (article, split) in enumerate(articles):
        splits.append(split)
        said.add(list(map(hash64, dict.fromkeys(quoted_sentences(article.text)))), number)
    names = sorted(set(splits))
    place = np.arange(len(splits))
    own = np.array([names.index(split) for split in splits], np.uint8)
    parts = said.parts()
    return len({met[0] for part in parts for met in _shared(_QUOTE, part, place, own)})


# --- what may overlap, and by how much --------------------------------------------------------


class Overlap(msgspec.Struct, kw_only=True):
    """How many named entities of a split's gold are also in train's.

    News mentions the same people again and again, so this is not a fault: it shows how much of a
    figure on this split is about names that a model has seen. An entity is identified by its
    Wikidata id, else by type and name.
    """

    split: str
    entities: int
    in_train: int


def named(gold: Gold) -> Iterator[str]:
    """The identities of the named entities of a row, possibly repeated."""
    for entity in gold.entities:
        if entity.name:
            yield entity.kb_id or f"{entity.type} {entity.name.casefold()}"


class Entities:
    """Collects the named entities of each split, as hashes in a temporary file."""

    def __init__(self) -> None:
        self._splits: list[str] = []
        self._found = Values()

    def add(self, gold: Gold, split: str) -> None:
        """Add the named entities of a row."""
        self.put(list(map(hash64, set(named(gold)))), split)

    def put(self, hashes: Sequence[int], split: str) -> None:
        """Add entities by `hash64` of what `named` gives."""
        if split not in self._splits:
            self._splits.append(split)
        self._found.add(hashes, self._splits.index(split))

    def overlaps(self) -> list[Overlap]:
        """The overlap of every other split with train."""
        told = {s: Overlap(split=s, entities=0, in_train=0) for s in self._splits if s != "train"}
        for part in self._found.parts():
            each = {
                split: np.unique(part["value"][part["number"] == number])
                for number, split in enumerate(self._splits)
            }
            train = each.get("train", np.empty(0, np.uint64))
            for split, overlap in told.items():
                overlap.entities += len(each[split])
                shared = np.intersect1d(each[split], train, assume_unique=True)
                overlap.in_train += len(shared)
        return [overlap for _, overlap in sorted(told.items())]
