"""Hydration: the texts that the corpus may not carry, put back from a copy of their source.

Fails closed: a text is written only if it is, byte for byte, the one that was admitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from onrecord.articles.credits import split_credit
from onrecord.articles.documents import TABLES, Document, Origin, digest, media_type
from onrecord.articles.sources import read
from onrecord.articles.tables import row_source, table_rows
from onrecord.records import Article, Problem
from onrecord.text import JOINER, NON_JOINER, PARAGRAPH_BREAK, normalise, sha256

Convert = Callable[[Document], Article | Problem]


class Wanted:
    """The articles that wait for their text, by how a copy of their source is recognised."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles: dict[str, Article] = {}
        self._by_source: dict[str, dict[int, list[Article]]] = {}
        """By name and by content, and within that by row: an archive may hold thousands."""
        self._by_text: dict[str, list[Article]] = {}
        for article in articles:
            self.articles[article.id] = article
            # The name and the content: a copy may have kept either.
            for key in {Path(article.source.file).name, article.source.sha256}:
                rows = self._by_source.setdefault(key, {})
                rows.setdefault(article.source.row, []).append(article)
            self._by_text.setdefault(article.text_sha256, []).append(article)

    def rows(self, name: str, digest: str) -> list[int]:
        """The rows of a source from which articles were made (0: all of it)."""
        return list({row: 0 for key in (digest, name) for row in self._by_source.get(key, {})})

    def from_source(self, name: str, digest: str, row: int) -> list[Article]:
        """Waiting articles from that row of a source with that content (hex sha256); where there
        never were any, of one with that file name: thousands of pages may be an index.html."""
        for key in (digest, name):
            if found := self._by_source.get(key, {}).get(row):
                return [a for a in found if a.id in self.articles]
        return []

    def with_text(self, digest: str) -> list[Article]:
        """Waiting articles whose text has that hex sha256."""
        return [a for a in self._by_text.get(digest, []) if a.id in self.articles]


class Restored(NamedTuple):
    """The article as it was before it was masked."""

    article: Article


def hydrate(
    wanted: Wanted, paths: Iterable[Path], convert: Convert
) -> Iterator[Restored | Problem]:
    """Look for the wanted texts in the files; each is taken off `wanted` when found.

    A text is the normal form of its segments' slices of the decoded source, whatever the
    converter has learnt since. A copy of another shape (a page, a reader's own paste) is
    converted, and counts if that gives the very text; so does a file that holds nothing else.

    Problems: `hydrate.other-text` where a source is there by name, or a file is named after the
    article's id, and holds another text.
    """
    # A file of the same name may be another publisher's: only who is still without a text when
    # all files were seen has been given another one.
    others: dict[str, Problem] = {}
    for path in paths:
        table = media_type(path) in TABLES
        for outcome in (_from_table if table else _from_file)(wanted, path, convert):
            if isinstance(outcome, Problem):
                others[outcome.id] = outcome
            else:
                yield outcome
    yield from (problem for key, problem in others.items() if key in wanted.articles)


def _from_table(wanted: Wanted, path: Path, convert: Convert) -> Iterator[Restored | Problem]:
    try:
        content = digest(path)
    except OSError:  # what cannot be read is no copy, of a table as of anything else
        return
    rows = {
        row: found
        for row in wanted.rows(path.name, content)
        if (found := wanted.from_source(path.name, content, row))
    }
    if not rows:
        return
    for number, row in table_rows(path):
        for article in rows.pop(number, []):
            source = row_source(row, article.source.field)
            outcome = _from_row(wanted, path, article, source, convert)
            if isinstance(outcome, Problem):  # a converter before version 17 left what is escaped
                source = row_source(row, article.source.field, as_is=True)
                outcome = _from_row(wanted, path, article, source, convert)
            yield outcome
    for left in rows.values():
        yield from (_other(path, article) for article in left)


def _from_row(
    wanted: Wanted, path: Path, article: Article, source: str, convert: Convert
) -> Restored | Problem:
    if all(segment.source for segment in article.segments):
        said = convert(Document(article.source, "unknown", source, {}))
        return _settle(wanted, path, article, source, said)
    page = convert(Document(article.source, "unknown", source, {}, html=True))
    if isinstance(page, Article) and (text := _forms(page.text).get(article.text_sha256)):
        return _done(wanted, article, text, page.credit)
    return _other(path, article)


def _from_file(wanted: Wanted, path: Path, convert: Convert) -> Iterator[Restored | Problem]:
    for document in read(path, Origin(publisher="unknown")):
        if isinstance(document, Problem):
            continue
        outcomes = _from_document(wanted, path, document, convert)
        used = [outcome for outcome in outcomes if isinstance(outcome, Restored)]
        if document.escaped and not used:  # a converter before version 18 left what is escaped
            document = document._replace(text=document.escaped)
            outcomes = _from_document(wanted, path, document, convert)
            used = [outcome for outcome in outcomes if isinstance(outcome, Restored)]
        # A file that was somebody's source is no damaged copy of somebody else's.
        yield from used or outcomes


def _from_document(
    wanted: Wanted, path: Path, document: Document, convert: Convert
) -> list[Restored | Problem]:
    # Of an archive, its own record.
    named = wanted.from_source(path.name, document.source.sha256, document.source.row)
    meant = wanted.articles.get(path.stem)
    bare = document.text.strip()
    converted = convert(document)
    outcomes: list[Restored | Problem] = [
        _done(wanted, article, bare, []) for article in wanted.with_text(sha256(bare))
    ]
    if isinstance(converted, Article):
        # A paste of the same words may have no credit line; what the source said is gone.
        outcomes += [
            _done(wanted, article, text, converted.credit)
            for digest, text in _forms(converted.text).items()
            for article in wanted.with_text(digest)
        ]
    outcomes += [
        _settle(wanted, path, article, document.text, converted)
        for article in named
        if article.id in wanted.articles
    ]
    if meant and meant.id in wanted.articles and meant not in named:
        outcomes.append(_other(path, meant))
    return outcomes


def _settle(
    wanted: Wanted, path: Path, article: Article, source: str, converted: Article | Problem
) -> Restored | Problem:
    """Cut the text out of its source. `converted` is what the source gives today: its credits
    count where the article does not tell which lines of the source were credits."""
    if any(not segment.source for segment in article.segments):  # a page, whose markup is gone
        return _other(path, article)
    paragraphs = [normalise(source[slice(*segment.source)]) for segment in article.segments]
    forms = _forms(PARAGRAPH_BREAK.join(paragraphs))
    if (text := forms.get(article.text_sha256)) is None:
        return _other(path, article)
    credits = [normalise(source[r.start : r.end]) for r in article.removed if r.rule == "credit"]
    credits = [split_credit(line) or line for line in credits]
    if not article.removed and isinstance(converted, Article):  # a dataset has not what was removed
        credits = converted.credit
    return _done(wanted, article, text, credits)


def _forms(text: str) -> dict[str, str]:
    """A text as each of the normalisers makes it, by its hex sha256."""
    first = text.replace(JOINER, "").replace(NON_JOINER, "")
    return {sha256(form): form for form in (text, first)}


def _done(wanted: Wanted, article: Article, text: str, credit: list[str]) -> Restored:
    del wanted.articles[article.id]
    headline = next((text[s.start : s.end] for s in article.segments if s.role == "headline"), "")
    return Restored(msgspec.structs.replace(article, text=text, headline=headline, credit=credit))


def _other(path: Path, article: Article) -> Problem:
    return Problem(
        file=path.as_posix(),
        line=article.source.row,
        rule="hydrate.other-text",
        id=article.id,
        message="holds another text than the one that was labelled; it was left out",
    )
