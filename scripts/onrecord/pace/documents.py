"""Synthetic corpora of any size, for measuring: reworded copies of the articles that ship.

A copy keeps the shape of its article (paragraphs, marks, spans and links at the same offsets) and
changes its words: every name and every word of four or more letters becomes another of the same
length from the articles, by a rotation that depends on the copy's number. So copies are no
near-duplicates of one another, and nothing is random: the same root and number give the same bytes.
Copies are written one at a time and never held in memory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec

from onrecord import atomic, ledger
from onrecord.articles import sources
from onrecord.articles.convert import ENGLISH
from onrecord.articles.documents import Document, Origin
from onrecord.gold.documents import PRONOUNS
from onrecord.ledger import House
from onrecord.records import Annotation, Article, UsageError
from onrecord.shelf import Shelf
from onrecord.splits import split_of
from onrecord.text import sha256

ANNOTATOR = "a"
BATCH_ARTICLES = 100
"""What a batch holds: as many as a team labels before it looks at them together."""

_WORD = re.compile(r"[a-zà-ÿ]{4,}|[A-ZÀ-Þ][a-zà-ÿ]{2,}")
# Markup, scripts and style sheets, and the words between: only these are reworded.
_MARKUP = re.compile(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>|&\w+;")


class Shape(NamedTuple):
    """An article that is copied: its record, one annotator's graph, its raw source if at hand."""

    article: Article
    annotation: Annotation
    raw: Document | None


class Page(msgspec.Struct):
    """A raw source as a line of `raw.jsonl`."""

    publisher: str
    text: str
    html: bool


def shapes(house: House) -> list[Shape]:
    """The articles of a root that ship and that an annotator submitted, by id.

    Raises UsageError where there is none.
    """
    shelf = Shelf(house)
    work: dict[str, Annotation] = {}
    for row in ledger.all_annotations(house):
        if row.status == "submitted":
            work[row.article_id] = row
    found = []
    for key in sorted(work.keys() & set(shelf)):
        article = shelf.record(key)
        if article.text and article.text_sha256 == work[key].text_sha256:
            found.append(Shape(article, work[key], _raw(house, article)))
    if not found:
        raise UsageError(f"{house.root} has no labelled article that ships", "--root a checkout")
    return found


def _raw(house: House, article: Article) -> Document | None:
    path = house.root / article.source.file
    if not path.is_file():
        return None
    read = sources.read(path, Origin(publisher=article.publisher))
    return next((d for d in read if isinstance(d, Document)), None)


class Rewording:
    """Words for words of the same length and case, and which stay: cues, pronouns, and `kept`."""

    def __init__(self, shaped: Iterable[Shape], kept: Iterable[str] = ()) -> None:
        self._kept = {word for phrase in PRONOUNS for word in phrase.split()}.union(kept)
        words: set[str] = set()
        for article, annotation, _ in shaped:
            words.update(_WORD.findall(article.text))
            for span in annotation.spans:
                if span.label == "CUE":
                    cue = article.text[span.start : span.end].lower()
                    self._kept.update(_WORD.findall(cue))
        self._alike: dict[tuple[int, bool], list[str]] = defaultdict(list)
        for word in sorted(words):
            if word.lower() not in self._kept:
                self._alike[len(word), word[0].isupper()].append(word)
        self._place = {w: (kind, at) for kind, ws in self._alike.items() for at, w in enumerate(ws)}

    def __call__(self, text: str, number: int) -> str:
        """The text in the words of a copy; copy 0 is the text itself."""

        def other(match: re.Match[str]) -> str:
            if not (place := self._place.get(match[0])):
                return match[0]
            kind, at = place
            words = self._alike[kind]
            # A stride of its own for each length: the words of a sentence part ways.
            return words[(at + number * (2 * kind[0] + 1)) % len(words)]

        return _WORD.sub(other, text)

    def page(self, markup: str, number: int) -> str:
        """A page in the words of a copy, its markup as it was."""
        out, end = [], 0
        for match in _MARKUP.finditer(markup):
            out += [self(markup[end : match.start()], number), match[0]]
            end = match.end()
        return "".join([*out, self(markup[end:], number)])


def copy(shape: Shape, number: int, reword: Rewording, split: str) -> tuple[Article, Annotation]:
    """A copy of an article and its graph, in a story of its own that falls into `split`."""
    article, annotation, _ = shape
    key = f"{article.id.rpartition('-')[0]}-{number:012x}"
    text = reword(article.text, number)
    digest = sha256(text)
    story = next(name for n in count() if split_of(name := f"{key}{f'-{n}' if n else ''}") == split)
    made = msgspec.structs.replace(
        article,
        id=key,
        headline=reword(article.headline, number),
        story=story,
        text=text,
        text_sha256=digest,
        url=f"{article.url}?{number}" if article.url else "",
    )
    drawn = msgspec.structs.replace(
        annotation,
        article_id=key,
        text_sha256=digest,
        batch=f"b{number // BATCH_ARTICLES:06}",
        annotator=ANNOTATOR,
        entities=[
            msgspec.structs.replace(e, name=reword(e.name, number)) for e in annotation.entities
        ],
    )
    return made, drawn


def write(house: House, into: House, documents: int) -> None:
    """Write a corpus of so many copies: articles, splits, batches and annotations, no gold.

    The copies of an article are in one split, so that no two of them can leak. Raises UsageError
    where `house` has nothing to copy.
    """
    shaped = shapes(house)
    reword = Rewording(shaped)
    with ExitStack() as stack:
        for path in (into.splits, into.articles / "copies.jsonl"):
            path.parent.mkdir(parents=True, exist_ok=True)
        splits = stack.enter_context(into.splits.open("wb"))
        articles = stack.enter_context((into.articles / "copies.jsonl").open("wb"))
        splits.write(ledger.csv_line(ledger.SPLITS))
        for first in range(0, documents, BATCH_ARTICLES):
            lines, rows = [], [ledger.csv_line(ledger.BATCH)]
            for number in range(first, min(first + BATCH_ARTICLES, documents)):
                shape = shaped[number % len(shaped)]
                split = split_of(shape.article.story)
                article, annotation = copy(shape, number, reword, split)
                splits.write(ledger.csv_line((article.story, split)))
                articles.write(ledger.encode(article))
                lines.append(ledger.encode(annotation))
                rows.append(ledger.csv_line((article.id, ANNOTATOR)))
            name = f"b{first // BATCH_ARTICLES:06}"
            atomic.write_bytes(into.batches / f"{name}.csv", b"".join(rows))
            atomic.write_bytes(into.annotations / name / f"{ANNOTATOR}.jsonl", b"".join(lines))
    atomic.write_bytes(into.rights, house.rights.read_bytes() if house.rights.exists() else b"")
    who = [ledger.ANNOTATORS, (ANNOTATOR, "model", "copies", "1", "")]
    atomic.write_bytes(into.annotators, b"".join(map(ledger.csv_line, who)))


def pages(house: House, documents: int, *, html: bool) -> Iterator[Page]:
    """So many raw sources, pages or pasted text: copies of those of the root, if it has any.

    Each page has an address of its own, so that `admit` tells them apart. The words by which
    English is told stay, or a copy would need the language model where its article does not.
    """
    shaped = shapes(house)
    reword = Rewording(shaped, ENGLISH)
    raw = [(s.raw, s.article.url) for s in shaped if s.raw and s.raw.html == html]
    for number in range(documents if raw else 0):
        document, url = raw[number % len(raw)]
        text = (reword.page if html else reword)(document.text, number)
        if url:
            text = text.replace(url, f"{url}/{number}")
        yield Page(document.publisher, text, html)


def raw_file(root: Path, *, html: bool) -> Path:
    """Where a root of copies has its raw sources."""
    return root / "raw" / ("pages.jsonl" if html else "pasted.jsonl")
