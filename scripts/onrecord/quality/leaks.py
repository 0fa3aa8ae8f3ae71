"""Leaks between splits: what a model could learn from one and be tested on in another. Pure.

A story never straddles splits (`split.straddle`), so a leak is between articles that admission
took for two stories: a text or a page that came in twice, a copy that was edited or cut, a quoted
sentence that both carry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from onrecord.articles.stories import Sketch, Stories, body, sketch
from onrecord.records import Article, Gold
from onrecord.text import sha256

Fault = tuple[str, str]

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
    """The articles seen so far, as leaks are looked for; `body_of` gives an article's body by its
    id, "" where it is not at hand.

    Holds a signature, a URL and hashes for each article, never texts.
    """

    def __init__(self, body_of: Callable[[str], str]) -> None:
        self._split: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        self._quoted: dict[bytes, str] = {}
        # An article is its own story here: admission's are what is checked.
        self._near = Stories(body_of)

    def add(self, article: Article, split: str) -> Iterator[Fault]:
        """What an article shares with those before it in other splits, as `(rule, message)`, and
        remember it. Of one other article the first that is found is told: same text, near text,
        same page, same quoted sentence. Without its text, text hash and URL are compared."""
        told: set[str] = set()
        sentences = {s: _digest(s) for s in quoted_sentences(article.text)}
        near = sketch(body(article)) if article.text else None
        for rule, other, what in self._found(article, near, sentences):
            if other not in told and self._split[other] != split:
                told.add(other)
                yield rule, f"in {split} by its story, and {other} in {self._split[other]} {what}"
        self._split[article.id] = split
        self._texts.setdefault(article.text_sha256, article.id)
        if page := page_of(article.url):
            self._pages.setdefault(page, article.id)
        for digest in sentences.values():
            self._quoted.setdefault(digest, article.id)
        if near:
            self._near.add(article.id, article.id, near)

    def _found(
        self, article: Article, near: Sketch | None, sentences: Mapping[str, bytes]
    ) -> Iterator[tuple[str, str, str]]:
        if other := self._texts.get(article.text_sha256):
            yield "split.leak", other, "has the same text"
        if near:
            for other in self._near.near(near):
                yield "split.leak-near", other, "is a near copy, or cut from it"
        if other := self._pages.get(page_of(article.url)):
            yield "split.leak-url", other, f"is of the same page, {page_of(article.url)}"
        for sentence, digest in sentences.items():
            if other := self._quoted.get(digest):
                # The words are shown only where the text is public.
                shown = f": {sentence}" if article.rights.release == "ship" else ""
                yield "split.leak-quote", other, f"quotes the same sentence{shown}"


def _digest(sentence: str) -> bytes:
    return bytes.fromhex(sha256(sentence)[:24])


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
