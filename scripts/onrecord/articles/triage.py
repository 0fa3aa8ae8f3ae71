"""Which of many flagged articles a person reads first, and why.

`review` says what a guess touched, which is nearly every pasted page. These are measures of the
record alone (lengths, places, rules): shares that are great where text was lost or lines of the
page are left. docs/conversion.md says how often.
"""

from __future__ import annotations

from math import fsum
from typing import NamedTuple

from onrecord.articles.lexicon import GUESSES
from onrecord.articles.sentences import STOPS
from onrecord.records import Article

BRIEF = 900
"""Code points of text below which an article may be what is left of one."""

SENTENCE = 40
"""Code points of the shortest paragraph that counts as running text, if it ends like a sentence."""

LONG_LINE = 180
"""Code points from which on a paragraph counts as running text in any case."""

PARAGRAPH = 100
"""Code points of the shortest stretch that may have been a paragraph of the article."""

DOUBTFUL = 0.45
"""The least doubt about an article that is to be read first: a fifth of real pages have more."""

_BY_LOOKS = GUESSES - {"repeated"}
_ENDS = STOPS | frozenset("\"'”’»“‘」』）)")

TOLD = 0.1
"""The least weight of a concern that is worth a line."""

KINDS = {
    "short-lines": "much of what is kept is no running text",
    "cut-inside": "between paragraphs that are kept, one was cut by its looks",
    "cut-around": "above or below what is kept, much running text was cut by its looks",
    "mixed": "many lines of the page stand between the paragraphs",
    "brief": f"fewer than {BRIEF} letters of text are kept",
    "no-headline": "no headline was found",
    "listing": "it seems to be a front page, a section, a search: a list of stories",
}
"""Kind of concern -> what it says of an article."""

_WEIGHTS = {
    "short-lines": 2.0,
    "cut-inside": 2.0,
    "cut-around": 0.5,
    "mixed": 0.5,
    "brief": 1.0,
    "no-headline": 0.25,
    "listing": 3.0,
}


class Concern(NamedTuple):
    """Something that makes an article doubtful: a kind of `KINDS`, and how much of it there is.

    `share` is between 0 and 1: of the text, what is short lines; of text and cuts that are as long
    as paragraphs, the cuts; of the lines between the first paragraph and the last, the page's; of
    `BRIEF`, what is missing.
    """

    kind: str
    share: float

    @property
    def weight(self) -> float:
        """What it says for reading the article first."""
        return _WEIGHTS[self.kind] * self.share


def concerns(article: Article) -> list[Concern]:
    """What makes an article with its text doubtful, the heaviest first. It has a body."""
    text, kept, short = article.text, 0, 0
    places: list[int] = []
    for segment in article.segments:
        if segment.role in ("headline", "caption"):
            continue
        length = segment.end - segment.start
        kept += length
        if length < SENTENCE or (length < LONG_LINE and text[segment.end - 1] not in _ENDS):
            short += length
        if segment.source:
            places.append(segment.source[0])
    found = {
        "short-lines": short / kept,
        "brief": max(0.0, 1 - kept / BRIEF),
        "no-headline": float(not article.headline),
        "listing": float("listing" in article.review),
    }
    if places:  # the paragraphs of a web page have none
        lines = inside = around = 0
        for cut in article.removed:
            if cut.rule in _BY_LOOKS:
                among = places[0] < cut.start < places[-1]
                lines += among
                if (length := cut.end - cut.start) >= PARAGRAPH:
                    inside += length * among
                    around += length * (not among)
        found["cut-inside"] = inside / (inside + kept)
        found["cut-around"] = around / (around + kept)
        found["mixed"] = lines / (lines + len(places))
    each = [Concern(kind, share) for kind, share in found.items() if share]
    return sorted(each, key=lambda concern: concern.weight, reverse=True)


def doubt(found: list[Concern]) -> float:
    """How doubtful an article with these concerns is, from 0 to a few."""
    return fsum(concern.weight for concern in found)


def told(concern: Concern) -> str:
    """A concern as a curator reads it."""
    share = "" if concern.kind in ("brief", "no-headline", "listing") else f" ({concern.share:.0%})"
    return KINDS[concern.kind] + share
