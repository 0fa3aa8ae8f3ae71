"""Likely label errors in gold, the likeliest first, for a human to look at. Pure.

`doubts` yields places: a span of an article with what speaks against its labels. A place is never
an error by itself (`check` has rules for those). Its score is a guess at how often such a place
is one; what several doubts meet at ranks higher. docs/quality.md says how many known errors the
first places hold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from onrecord.quality import confidence
from onrecord.quality.hints import Hint, Look
from onrecord.quality.usual import Known, Page

KINDS = {
    "surface-type": "the same words have another type elsewhere, in like contexts",
    "unmarked-name": "words that are a name elsewhere are not marked here",
    "cut-name": "a longer name stands around this one, or a capital beside it",
    "two-ids": "an entity of this name has another Wikidata id elsewhere",
    "never-linked": "an entity of this name has a Wikidata id elsewhere",
    "no-speaker": "the quote has no speaker, and one stands beside it",
    "speaker-beside": "somebody else stands beside the cue",
    "no-cue": "the quote has no cue, and one stands beside it",
    "marks": "quotation marks contradict the quote's ends or type",
    "unmarked-quote": "words in quotation marks are in no quote and no name",
    "loose-mention": "no quote, no stance and no other mention needs this noun phrase",
    "lone-pronoun": "somebody speaks or holds who is only ever called he, she or they",
    "holder-not-speaker": "the stance stands in a quote, and its holder is not the speaker",
    "opposite": "the article has the opposite stance of the same holder and target",
    "confidence": "a model trained on the other articles would label it otherwise",
}
"""The kinds of doubt."""


class Doubt(msgspec.Struct, kw_only=True):
    """A place to look at: `text[start:end]`, the gold item there ("": nothing is marked).

    `kinds` are keys of KINDS, `why` says it in words, one for each; `score` is from 0 to 1.
    `link` opens the article in Label Studio, "" where no server is known.
    """

    article_id: str
    start: int
    end: int
    item: str
    kinds: list[str]
    why: list[str]
    score: float
    link: str = ""


Pages = Callable[[], Iterable[Page]]
"""Gives the pages anew each time it is called: they are read twice and never held."""


_ERRORS = 10
"""So many errors of each kind are expected in gold; half or twice as many order places alike."""


def doubts(pages: Pages, *, model: bool = True) -> list[Doubt]:
    """The places of all pages, the likeliest error first. Same input, same order.

    `model` adds out-of-fold confidence; raises ModuleNotFoundError where scikit-learn is missing.
    Holds counts of surfaces and the places, never pages.
    """
    known = Known(pages())
    places: dict[tuple[str, int, int], list[Hint]] = defaultdict(list)
    unmarked: list[tuple[str, Hint, str]] = []
    seen: Counter[str] = Counter()
    for page in pages():
        looks = Look(page, known)
        for hint in looks.hints():
            places[page.article.id, hint.start, hint.end].append(hint)
        for hint, surface in looks.unmarked():
            seen[surface] += 1
            unmarked.append((page.article.id, hint, surface))
    for article_id, hint, surface in unmarked:
        marked = known.types[surface].total()
        # A surface that is marked as often as not is no name: May, Will.
        score = hint.score * marked / (marked + seen[surface])
        places[article_id, hint.start, hint.end].append(hint._replace(score=score))
    if model:
        for told in confidence.unlikely(pages()):
            hint = Hint("confidence", told.start, told.end, told.item, told.score, told.why)
            places[told.article_id, told.start, told.end].append(hint)
    _temper(places.values())
    found = [_doubt(*place, hints) for place, hints in places.items()]
    return sorted(found, key=lambda d: (-d.score, d.article_id, d.start, d.end))


def _temper(places: Iterable[list[Hint]]) -> None:
    """Score each hint by the share of errors to expect among the hints of its kind that speak at
    least as loudly: every kind is taken to find `_ERRORS` of them.

    Without it the kind that speaks loudest fills the first places, and most of it is no error. A
    hint more or less changes no score by much, however many a kind has.
    """
    places = list(places)
    scores: dict[str, list[float]] = defaultdict(list)
    for hint in (hint for hints in places for hint in hints):
        scores[hint.kind].append(hint.score)
    for kind in scores.values():
        kind.sort()
    for hints in places:
        for n, hint in enumerate(hints):
            kind = scores[hint.kind]
            as_loud = len(kind) - bisect_left(kind, hint.score)
            hints[n] = hint._replace(score=hint.score * _ERRORS / (_ERRORS + as_loud))


def _doubt(article_id: str, start: int, end: int, hints: Sequence[Hint]) -> Doubt:
    best: dict[str, Hint] = {}
    for hint in sorted(hints, key=lambda h: (-h.score, h.why)):
        best.setdefault(hint.kind, hint)
    fine = 1.0
    for hint in best.values():
        fine *= 1 - hint.score
    return Doubt(
        article_id=article_id,
        start=start,
        end=end,
        item=next((hint.item for hint in best.values() if hint.item), ""),
        kinds=list(best),
        why=[hint.why for hint in best.values()],
        score=round(1 - fine, 4),
    )
