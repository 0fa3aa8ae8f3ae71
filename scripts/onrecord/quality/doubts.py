"""Likely label errors in gold, the likeliest first, for a human to look at. Pure.

`doubts` yields places: a span of an article with what speaks against its labels. A place is never
an error by itself (`check` has rules for those). Its score is a guess at how often such a place
is one; what several doubts meet at ranks higher. docs/quality.md says how many known errors the
first places hold.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import chain, islice

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
"""Gives the pages anew each time it is called: they are read four times and never held."""


_ERRORS = 10
"""So many errors of each kind are expected in gold; half or twice as many order places alike."""
_AT_ONCE = 50
"""Pages held at a time: the models are asked about their names together."""


def doubts(pages: Pages, *, first: int | None = None, model: bool) -> tuple[list[Doubt], int]:
    """The `first` places of all pages (None: all), the likeliest error first, and how many there
    are. Same input, same order.

    `model` adds out-of-fold confidence; raises ModuleNotFoundError where scikit-learn is missing.
    Holds counts of surfaces and what orders the hints, never pages. What hints say is found again
    for the places that are shown.
    """
    looks = _Looks(Known(pages()), confidence.Models(pages()) if model else None)
    scores = _Scores(looks.known)
    for article_id, hints in looks.at(pages()):
        scores.add(article_id, hints)
    scores.settle()
    places = scores.places()
    chosen: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for _, article_id, start, end in places if first is None else nsmallest(first, places):
        chosen[article_id].add((start, end))
    found: list[Doubt] = []
    for article_id, hints in looks.at(page for page in pages() if page.article.id in chosen):
        at: dict[tuple[int, int], list[Hint]] = defaultdict(list)
        for hint, surface in hints:
            if (hint.start, hint.end) in chosen[article_id]:
                score = scores.score(hint, surface)
                at[hint.start, hint.end].append(hint._replace(score=score))
        found += [_doubt(article_id, *place, of_place) for place, of_place in at.items()]
    found.sort(key=lambda d: (-d.score, d.article_id, d.start, d.end))
    return found, scores.number


class _Looks:
    """What speaks against the labels of pages, by what is usual in the corpus they are of."""

    def __init__(self, known: Known, models: confidence.Models | None) -> None:
        self.known = known
        self._models = models

    def at(self, pages: Iterable[Page]) -> Iterator[tuple[str, list[tuple[Hint, str]]]]:
        """The id of each article with its hints, and of those that find a surface unmarked the
        surface ("": of others)."""
        pages = iter(pages)
        while some := list(islice(pages, _AT_ONCE)):
            unlikely: dict[str, list[Hint]] = defaultdict(list)
            for told in self._models.unlikely(some) if self._models else ():
                hint = Hint("confidence", told.start, told.end, told.item, told.score, told.why)
                unlikely[told.article_id].append(hint)
            for page in some:
                look = Look(page, self.known)
                plain = chain(look.hints(), unlikely[page.article.id])
                yield page.article.id, [*((hint, "") for hint in plain), *look.unmarked()]


_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


class _Scores:
    """What orders the hints of a corpus, in 25 bytes each."""

    def __init__(self, known: Known) -> None:
        self.number = 0
        """How many places there are."""
        self._known = known
        self._articles: list[str] = []
        self._until = array("I")
        """The end of each article's hints."""
        self._start, self._end, self._surface = array("I"), array("I"), array("I")
        self._kind = array("B")
        self._score = array("d")
        self._surfaces: dict[str, int] = {"": 0}
        self._unmarked = array("I", [0])
        """How often each surface is unmarked."""
        self._loud: list[array[float]] = []
        """The scores of each kind, the lowest first."""

    def add(self, article_id: str, hints: Iterable[tuple[Hint, str]]) -> None:
        """Take up the hints of an article."""
        places: set[tuple[int, int]] = set()
        for hint, surface in hints:
            places.add((hint.start, hint.end))
            self._start.append(hint.start)
            self._end.append(hint.end)
            self._kind.append(_NUMBERS[hint.kind])
            self._score.append(hint.score)
            number = self._surfaces.setdefault(surface, len(self._unmarked))
            if number == len(self._unmarked):
                self._unmarked.append(0)
            self._unmarked[number] += 1
            self._surface.append(number)
        self.number += len(places)
        self._articles.append(article_id)
        self._until.append(len(self._kind))

    def settle(self) -> None:
        """All hints are there: each is scored by its kind and surface."""
        surfaces = list(self._surfaces)
        for n, number in enumerate(self._surface):
            self._score[n] = self._by_surface(self._score[n], surfaces[number])
        loud = [array("d") for _ in KINDS]
        for kind, score in zip(self._kind, self._score, strict=True):
            loud[kind].append(score)
        self._loud = [array("d", sorted(scores)) for scores in loud]

    def _by_surface(self, score: float, surface: str) -> float:
        if not surface:
            return score
        # A surface that is marked as often as not is no name: May, Will.
        marked = self._known.types.of(surface).total()
        return score * marked / (marked + self._unmarked[self._surfaces[surface]])

    def _tempered(self, kind: int, score: float) -> float:
        """A score by the share of errors to expect among the hints of its kind that speak at least
        as loudly: every kind is taken to find `_ERRORS` of them.

        Without it the kind that speaks loudest fills the first places, and most of it is no error.
        A hint more or less changes no score by much, however many a kind has.
        """
        loud = self._loud[kind]
        return score * _ERRORS / (_ERRORS + len(loud) - bisect_left(loud, score))

    def score(self, hint: Hint, surface: str) -> float:
        """How likely a hint is an error, among all."""
        return self._tempered(_NUMBERS[hint.kind], self._by_surface(hint.score, surface))

    def places(self) -> Iterator[tuple[float, str, int, int]]:
        """All places as they are ordered: score (negative), article, start and end."""
        begin = 0
        for article_id, until in zip(self._articles, self._until, strict=True):
            best: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
            for n in range(begin, until):
                kind = self._kind[n]
                kinds = best[self._start[n], self._end[n]]
                kinds[kind] = max(kinds.get(kind, 0.0), self._tempered(kind, self._score[n]))
            for (start, end), kinds in best.items():
                yield -_together(kinds.values()), article_id, start, end
            begin = until


def _together(scores: Iterable[float]) -> float:
    """The score of a place by the score of each kind that speaks against it."""
    fine = 1.0
    for score in sorted(scores, reverse=True):
        fine *= 1 - score
    return round(1 - fine, 4)


def _doubt(article_id: str, start: int, end: int, hints: Sequence[Hint]) -> Doubt:
    best: dict[str, Hint] = {}
    for hint in sorted(hints, key=lambda h: (-h.score, h.why)):
        best.setdefault(hint.kind, hint)
    return Doubt(
        article_id=article_id,
        start=start,
        end=end,
        item=next((hint.item for hint in best.values() if hint.item), ""),
        kinds=list(best),
        why=[hint.why for hint in best.values()],
        score=_together(hint.score for hint in best.values()),
    )
