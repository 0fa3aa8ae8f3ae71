"""Two readings of one article: what they share, as counts by measure.

A reading is a `Gold`: gold itself, a model's predictions, or what one annotator submitted
(`reading`). `pairing` says what is the same in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

from onrecord import labels
from onrecord.gold.documents import gold_document
from onrecord.gold.settle import settle
from onrecord.quality.coreference import b_cubed, ceaf_e, clusters, muc
from onrecord.quality.measures import UNMARKED, Counts
from onrecord.quality.pairing import (
    SAME_QUOTE,
    Aligned,
    Content,
    Pair,
    Thing,
    View,
    both_ways,
    pair_contents,
    pair_mentions,
    pair_up,
)
from onrecord.records import Annotation, Article, Gold, Mention, Quote, Stance


def reading(article: Article, annotation: Annotation) -> Gold:
    """What one annotator says about an article whose text is at hand, as gold would have it.

    Raises ValueError where the annotation was made on another text than the article's, or is not
    submitted.
    """
    if annotation.text_sha256 != article.text_sha256:
        raise ValueError(f"{annotation.annotator} labelled another text of {article.id}")
    return gold_document(article, settle([annotation]), {annotation.annotator: "model"})


class Comparison(NamedTuple):
    """Two readings of one article: counts by measure, and confusions: "entities" (types of paired
    mentions), "quotes" (types of shared quotes) and "stance" (polarity of shared pairs), each
    `(first's, second's)` -> how often, `UNMARKED` where a reading has nothing."""

    article_id: str
    counts: dict[str, Counts]
    confusions: dict[str, Counter[tuple[str, str]]]


def compare(text: str, first: Gold, second: Gold) -> Comparison:
    """Count what two readings of a text share, in the layers that both labelled.

    Raises ValueError for readings of different articles, IndexError for a span beyond the text.
    """
    if first.article_id != second.article_id:
        raise ValueError(f"{first.article_id} and {second.article_id} are two articles")
    letters = list(accumulate(map(str.isalnum, text), initial=0))
    one, other = View(first, letters), View(second, letters)
    aligned = Aligned(one, other)
    found = Comparison(first.article_id, {}, {})
    both = set(first.layers) & set(second.layers)
    if "entities" in both:
        _names(found, one, other, aligned)
        _coreference(found, one, other)
    if "quotes" in both:
        _quotes(found, one, other, aligned)
    if "stance" in both:
        _stances(found, one, other, aligned)
    return found


def _names(found: Comparison, one: View, other: View, aligned: Aligned) -> None:
    known = labels.load()
    names = set(known.name_types)
    sides = (
        [m for m in one.mentions if m.type in names],
        [m for m in other.mentions if m.type in names],
    )
    counts = found.counts
    size = len(sides[0]), len(sides[1])

    pairs = pair_mentions(*sides)
    equal = [(a, b) for a, b in _at(pairs, *sides) if (a.start, a.end) == (b.start, b.end)]
    counts["entities.spans"] = Counts(len(equal), *size)
    counts["entities.spans_overlap"] = Counts(len(pairs), *size)
    counts["entities.type"] = _share(a.type == b.type for a, b in equal)

    total = [0, 0]
    for kind in known.name_types:
        own = [m for m in sides[0] if m.type == kind], [m for m in sides[1] if m.type == kind]
        if not own[0] and not own[1]:
            continue
        typed = pair_mentions(*own)
        exact = sum((a.start, a.end) == (b.start, b.end) for a, b in _at(typed, *own))
        for at, (name, shared) in enumerate((("exact", exact), ("overlap", len(typed)))):
            counts[f"entities.{name}.{kind}"] = Counts(shared, len(own[0]), len(own[1]))
            total[at] += shared
    counts["entities.exact"] = Counts(total[0], *size)
    counts["entities.overlap"] = Counts(total[1], *size)

    confusion = found.confusions["entities"] = Counter()
    left = {i for i, _ in aligned.pairs}, {j for _, j in aligned.pairs}
    for a, b in _at(aligned.pairs, one.mentions, other.mentions):
        confusion[a.type, b.type] += 1
    for i, m in enumerate(one.mentions):
        if i not in left[0]:
            confusion[m.type, UNMARKED] += 1
    for j, m in enumerate(other.mentions):
        if j not in left[1]:
            confusion[UNMARKED, m.type] += 1


def _at(
    pairs: Iterable[Pair], first: Sequence[Mention], second: Sequence[Mention]
) -> list[tuple[Mention, Mention]]:
    return [(first[i], second[j]) for i, j in pairs]


def _share(agreeing: Iterable[bool]) -> Counts:
    answers = list(agreeing)
    return Counts(sum(answers), len(answers), len(answers))


def _quotes(found: Comparison, one: View, other: View, aligned: Aligned) -> None:
    counts = found.counts
    quotes = one.gold.quotes, other.gold.quotes
    size = len(quotes[0]), len(quotes[1])
    pairs = pair_contents(one.quotes, other.quotes, SAME_QUOTE)
    shared = [(quotes[0][i], quotes[1][j]) for i, j in pairs]

    counts["quotes.content"] = Counts(len(pairs), *size)
    exact = sum(one.quotes[i].iou(other.quotes[j]) == 1 for i, j in pairs)
    counts["quotes.exact"] = Counts(exact, *size)
    for kind in labels.load().enum("quote_type"):
        own = [sum(q.type == kind for q in side) for side in quotes]
        if any(own):
            alike = sum(a.type == b.type == kind for a, b in shared)
            counts[f"quotes.content.{kind}"] = Counts(alike, *own)

    def agree(pick: Callable[[Quote], list[str]], a: Quote, b: Quote) -> bool:
        return aligned.same_all(one.things(pick(a)), other.things(pick(b)))

    speakers = [agree(lambda q: q.speaker, a, b) for a, b in shared]
    addressees = [agree(lambda q: q.addressee, a, b) for a, b in shared]
    marked = [bool(a.addressee or b.addressee) for a, b in shared]
    counts["quotes.type"] = _share(a.type == b.type for a, b in shared)
    counts["quotes.speaker"] = _share(speakers)
    counts["quotes.cue"] = _share(_cues_agree(a.cue, b.cue) for a, b in shared)
    counts["quotes.addressee"] = _share(addressees)
    counts["quotes.addressee_marked"] = _share(
        same for same, there in zip(addressees, marked, strict=True) if there
    )
    counts["quotes.attributed"] = Counts(sum(speakers), *size)
    found.confusions["quotes"] = Counter((a.type, b.type) for a, b in shared)


def _cues_agree(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> bool:
    if not first or not second:
        return not first and not second
    return any(a < d and c < b for a, b in first for c, d in second)


class _Triple(NamedTuple):
    """One holder, one target, one polarity, with all its evidence.

    A holder that is no mention is "author" or "nobody"; a target that is none is None.
    """

    holder: Thing | str
    target: Thing | None
    polarity: str
    evidence: Content


def _holders(view: View, stance: Stance) -> list[Thing] | list[str]:
    if stance.holder:
        return view.things(stance.holder)
    return ["author" if stance.holder_level == "author" else "nobody"]


def _triples(view: View) -> list[_Triple]:
    """The triples of a reading, each once whatever number of times it is expressed.

    A target that no mention stands for has only its place, so its triple is its evidence's own.
    """
    found: dict[tuple[str, str, str], tuple[list[Any], list[Sequence[int]]]] = {}
    for number, stance in enumerate(view.gold.stances):
        for holder in _holders(view, stance):
            for target in view.things(stance.target) or [None]:
                key = (_key(holder), _key(target) if target else f" {number}", stance.polarity)
                ends, evidence = found.setdefault(key, ([], []))
                ends.append((holder, target))
                evidence += stance.evidence
    triples = []
    for (_, _, polarity), (ends, evidence) in found.items():
        holders, targets = zip(*ends, strict=True)
        triples.append(_Triple(_union(holders), _union(targets), polarity, view.content(evidence)))
    return triples


def _key(thing: Thing | str) -> str:
    if isinstance(thing, str):
        return thing
    return thing.entity or min(thing.mentions)


def _union(things: Sequence[Any]) -> Any:
    first = things[0]
    if not isinstance(first, Thing):
        return first
    return Thing(frozenset(chain.from_iterable(t.mentions for t in things)), first.entity)


def _stances(found: Comparison, one: View, other: View, aligned: Aligned) -> None:
    counts = found.counts
    stances = one.gold.stances, other.gold.stances

    def holders_agree(a: Stance, b: Stance) -> bool:
        ones, others = _holders(one, a), _holders(other, b)
        return all(any(_same_holder(x, y, aligned) for y in others) for x in ones) and all(
            any(_same_holder(x, y, aligned) for x in ones) for y in others
        )

    def targets_agree(a: Stance, b: Stance) -> bool:
        return aligned.same_all(one.things(a.target), other.things(b.target))

    @cache
    def judged(i: int, j: int) -> tuple[bool, bool, bool]:
        a, b = stances[0][i], stances[1][j]
        return holders_agree(a, b), targets_agree(a, b), a.polarity == b.polarity

    def differs(i: int, j: int) -> tuple[bool, bool, bool]:
        # Of two spans in one place, those about the same thing are the pair; the polarity, which
        # is what is to be measured, decides last.
        holder, target, polarity = judged(i, j)
        return not target, not holder, not polarity

    pairs = pair_contents(one.evidence, other.evidence, 0, differs)
    counts["stance.evidence"] = Counts(len(pairs), len(stances[0]), len(stances[1]))
    for at, name in enumerate(("holder", "target", "evidence_polarity")):
        counts[f"stance.{name}"] = _share(judged(i, j)[at] for i, j in pairs)

    triples = _triples(one), _triples(other)
    pairs = pair_up(_about_the_same(*triples, aligned))
    shared = [(triples[0][i].polarity, triples[1][j].polarity) for i, j in pairs]
    size = len(triples[0]), len(triples[1])
    counts["stance.pairs"] = Counts(len(shared), *size)
    counts["stance.polarity"] = _share(a == b for a, b in shared)
    counts["stance.triples"] = Counts(sum(a == b for a, b in shared), *size)
    found.confusions["stance"] = Counter(shared)


def _same_holder(a: Thing | str, b: Thing | str, aligned: Aligned) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return aligned.same(a, b)


def _about_the_same(
    ones: Sequence[_Triple], others: Sequence[_Triple], aligned: Aligned
) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """Triples of one holder and one target: how unlike they are, and their places."""
    for i, a in enumerate(ones):
        for j, b in enumerate(others):
            if not _same_holder(a.holder, b.holder, aligned):
                continue
            if a.target is None or b.target is None:
                # What no mention stands for is the same where the evidence meets.
                if a.target is not b.target or not a.evidence.iou(b.evidence):
                    continue
            elif not aligned.same(a.target, b.target):
                continue
            tie = both_ways(a.evidence.spans, b.evidence.spans)
            yield (a.polarity != b.polarity, -a.evidence.iou(b.evidence), tie), i, j


def _coreference(found: Comparison, one: View, other: View) -> None:
    sides = clusters(one.mentions), clusters(other.mentions)
    counts = found.counts
    counts["coreference.muc"] = muc(*sides)
    counts["coreference.b_cubed"], counts["_b_cubed.precision"] = b_cubed(*sides)
    counts["coreference.ceaf_e"] = ceaf_e(*sides)
