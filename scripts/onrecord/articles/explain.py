"""A converted source as a person reads it: every stretch kept or removed, each with its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from onrecord.articles.documents import Document
from onrecord.records import Article
from onrecord.text import normalise


class Line(NamedTuple):
    """A stretch of the source. `label` is a role where it was kept, else the rule that cut it."""

    kept: bool
    label: str
    reason: str
    text: str


def explain(document: Document, article: Article) -> Iterator[Line]:
    """The stretches of the source in its own order, kept ones in normal form.

    Where a page's paragraphs have no place in its markup, they come first, in page order.
    """
    placed: list[tuple[int, Line]] = []
    for segment in article.segments:
        text = article.text[segment.start : segment.end]
        at = segment.source[0] if segment.source else -1
        placed.append((at, Line(True, segment.role, "", text)))
    for cut in article.removed:
        text = normalise(document.text[cut.start : cut.end])
        if text:
            placed.append((cut.start, Line(False, cut.rule, cut.reason, text)))
    placed.sort(key=lambda pair: pair[0])
    yield from (line for _, line in placed)
