"""How far two readings of an article agree: the definitions that `agree` and `evaluate` share.

A reading is a `Gold`: gold itself, a model's predictions, or what one annotator submitted
(`reading`). `compare` counts what two readings of one text share, `figures` turns the counts of
many texts into measures with intervals. Everything is symmetric in the two readings but for
precision and recall. docs/agreement.md says how to read the measures; `MEASURES` lists them.

Three notions of the same, used throughout:

* Spans are paired one to one: equal spans first, then the larger share of the union first.
* The content of a quote and of evidence are its letters and digits, so that marks, blanks and
  closing punctuation decide nothing. Quotes are the same where the intersection of their
  contents is at least half of the union (directional measures such as PolNeAR's agr reward a
  reading that quotes everything); evidence, whose ends are looser, where they meet at all.
* Mentions are the same where the pairing of all mentions joins them; entities where the one to
  one alignment through shared mentions does. Holder, target, speaker and addressee are the same
  by either. Names of entities never decide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate, chain
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np

from onrecord import labels
from onrecord.gold.documents import gold_document
from onrecord.gold.settle import settle
from onrecord.records import Annotation, Article, Gold, Mention, Quote, Stance

H = TypeVar("H", bound=Hashable)
Pair = tuple[int, int]

SAME_QUOTE = 0.5
"""The least intersection over union of two quotes' contents that makes them one quote."""

RESAMPLES = 1000
SEED = 20240229
LEVEL = 0.95
"""The intervals: percentiles of figures over this many resamples of whole documents."""

UNMARKED = ""
"""In a confusion: the other reading has nothing there."""


class Measure(NamedTuple):
    """What a figure is. `side`: "finding" (is it marked at all), "judging" (what is said about
    what both marked), "both". Alphas run from -1 to 1, all others from 0 to 1."""

    layer: str
    side: str
    title: str
    means: str


MEASURES: dict[str, Measure] = {
    "entities.spans": Measure(
        "entities", "finding", "name spans, exact", "F1 of names by their offsets alone"
    ),
    "entities.spans_overlap": Measure(
        "entities", "finding", "name spans, overlap", "F1 of names that share a character"
    ),
    "entities.type": Measure(
        "entities", "judging", "type on shared names", "share with one type, of names both marked"
    ),
    "entities.exact": Measure(
        "entities", "both", "names, exact", "F1 of names by offsets and type"
    ),
    "entities.overlap": Measure(
        "entities", "both", "names, overlap", "F1 of names of one type that share a character"
    ),
    "coreference.muc": Measure("entities", "both", "coreference MUC", "F1 of coreference links"),
    "coreference.b_cubed": Measure(
        "entities", "both", "coreference B³", "F1 of each mention's entity"
    ),
    "coreference.ceaf_e": Measure(
        "entities", "both", "coreference CEAFe", "F1 of entities aligned one to one"
    ),
    "coreference.conll": Measure(
        "entities", "both", "coreference CoNLL", "the mean of MUC, B³ and CEAFe"
    ),
    "quotes.content": Measure(
        "quotes", "finding", "quotes, content", "F1 of quotes that share half of their content"
    ),
    "quotes.exact": Measure(
        "quotes", "finding", "quotes, exact", "F1 of quotes with the same content"
    ),
    "quotes.type": Measure(
        "quotes", "judging", "type on shared quotes", "share with one type, of shared quotes"
    ),
    "quotes.speaker": Measure(
        "quotes", "judging", "speaker on shared quotes", "share with the same speakers"
    ),
    "quotes.cue": Measure(
        "quotes", "judging", "cue on shared quotes", "share whose cues meet, or without one in both"
    ),
    "quotes.addressee": Measure(
        "quotes", "judging", "addressee on shared quotes", "share with the same addressees"
    ),
    "quotes.addressee_marked": Measure(
        "quotes", "judging", "addressee where marked", "the same, where a reading has an addressee"
    ),
    "quotes.attributed": Measure(
        "quotes", "both", "attributed quotes", "F1 of quotes shared with the same speakers"
    ),
    "stance.evidence": Measure(
        "stance", "finding", "evidence, overlap", "F1 of evidence that meets"
    ),
    "stance.pairs": Measure(
        "stance", "finding", "holder and target", "F1 of pairs of a holder and a target"
    ),
    "stance.holder": Measure(
        "stance", "judging", "holder on shared evidence", "share with the same holders"
    ),
    "stance.target": Measure(
        "stance", "judging", "target on shared evidence", "share with the same targets"
    ),
    "stance.evidence_polarity": Measure(
        "stance", "judging", "polarity on shared evidence", "share with one polarity"
    ),
    "stance.polarity": Measure(
        "stance", "judging", "polarity on shared pairs", "share with one polarity"
    ),
    "stance.alpha": Measure(
        "stance",
        "judging",
        "polarity, nominal alpha",
        "Krippendorff's alpha of polarity on shared pairs, all differences alike",
    ),
    "stance.alpha_ordinal": Measure(
        "stance",
        "judging",
        "polarity, ordinal alpha",
        "the same, against < neutral and mixed < favor",
    ),
    "stance.triples": Measure(
        "stance", "both", "triples", "F1 of holder, target and polarity, each triple once"
    ),
}
"""Every measure but those of one type: "entities.exact.PERSON", "quotes.content.direct", where a
thing counts as shared only if both readings give it that type."""


def measure(name: str) -> Measure:
    """The measure of a name, those of one type included. Raises KeyError for any other."""
    if name in MEASURES:
        return MEASURES[name]
    base, _, kind = name.rpartition(".")
    found = MEASURES[base]
    return found._replace(side="both", title=kind, means=f"{found.means}; {kind} only")


# --- readings ---------------------------------------------------------------------------------


def reading(article: Article, annotation: Annotation) -> Gold:
    """What one annotator says about an article whose text is at hand, as gold would have it.

    Raises ValueError where the annotation was made on another text than the article's, or is not
    submitted.
    """
    if annotation.text_sha256 != article.text_sha256:
        raise ValueError(f"{annotation.annotator} labelled another text of {article.id}")
    return gold_document(article, settle([annotation]), {annotation.annotator: "model"})


class Content(NamedTuple):
    """What a list of spans covers: its letters and digits, as intervals of their running number.

    `spans` are the offsets themselves, for what has neither letter nor digit; `hull` is from the
    first to the last of them.
    """

    spans: tuple[Pair, ...]
    hull: Pair
    parts: tuple[Pair, ...]
    size: int

    def shared(self, other: Content) -> int:
        """How many letters and digits both have."""
        return sum(max(0, min(b, d) - max(a, c)) for a, b in self.parts for c, d in other.parts)

    def iou(self, other: Content) -> float:
        """Intersection over union, 0 to 1; 1 for equal spans without any letter."""
        if self.spans == other.spans:
            return 1.0
        shared = self.shared(other)
        return shared / (self.size + other.size - shared) if shared else 0.0


class _Thing(NamedTuple):
    """Somebody or something that a quote or a stance points at: an entity, or a lone mention.

    `mentions` are those linked, `entity` "" for what has none (a date).
    """

    mentions: frozenset[str]
    entity: str


class _View:
    """A reading with what is asked of it more than once."""

    def __init__(self, gold: Gold, letters: Sequence[int]) -> None:
        self.gold = gold
        self._letters = letters
        self.mentions = gold.mentions
        self.entity_of = {mention.id: mention.entity for mention in gold.mentions}
        self.quotes = [self.content(quote.spans) for quote in gold.quotes]
        self.evidence = [self.content(stance.evidence) for stance in gold.stances]

    def content(self, spans: Iterable[Sequence[int]]) -> Content:
        parts: list[Pair] = []
        pairs = sorted((start, end) for start, end in spans)
        for start, end in pairs:
            first, last = self._letters[start], self._letters[end]
            if parts and first <= parts[-1][1]:
                parts[-1] = (parts[-1][0], max(last, parts[-1][1]))
            elif first < last:
                parts.append((first, last))
        hull = (pairs[0][0], max(end for _, end in pairs)) if pairs else (0, 0)
        return Content(tuple(pairs), hull, tuple(parts), sum(b - a for a, b in parts))

    def things(self, mentions: Iterable[str]) -> list[_Thing]:
        """The mentions by their entity; one without an entity stands alone."""
        found: dict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            found[self.entity_of.get(mention) or f" {mention}"].add(mention)
        return [
            _Thing(frozenset(ids), "" if key.startswith(" ") else key) for key, ids in found.items()
        ]


# --- pairing ----------------------------------------------------------------------------------


def _pair_up(ranked: Iterable[tuple[Any, int, int]]) -> list[Pair]:
    """One to one: the best (least) first, each thing of either side once."""
    first: set[int] = set()
    second: set[int] = set()
    pairs = []
    for _, i, j in sorted(ranked):
        if i not in first and j not in second:
            first.add(i)
            second.add(j)
            pairs.append((i, j))
    return pairs


def _both_ways(one: H, other: H) -> list[H]:
    """A tie-break that is the same whichever reading comes first."""
    return sorted((one, other))  # type: ignore[type-var]


def pair_mentions(first: Sequence[Mention], second: Sequence[Mention]) -> list[Pair]:
    """The one-to-one pairing of mentions that share a character, as pairs of places in the lists.

    Equal offsets first, then the larger intersection over union, then the same type.
    """
    if not first or not second:
        return []
    order = sorted(range(len(second)), key=lambda j: second[j].start)
    starts = [second[j].start for j in order]
    longest = max(m.end - m.start for m in second)
    ranked = []
    for i, a in enumerate(first):
        for at in range(bisect_left(starts, a.start - longest), bisect_left(starts, a.end)):
            b = second[order[at]]
            shared = min(a.end, b.end) - max(a.start, b.start)
            if shared > 0:
                iou = shared / (a.end - a.start + b.end - b.start - shared)
                tie = _both_ways((a.start, a.end, a.type), (b.start, b.end, b.type))
                ranked.append(((-iou, a.type != b.type, tie), i, order[at]))
    return _pair_up(ranked)


def _pair_contents(
    first: Sequence[Content],
    second: Sequence[Content],
    least: float,
    tie: Callable[[int, int], Any] | None = None,
) -> list[Pair]:
    """The one-to-one pairing of contents with at least this intersection over union (0: any)."""
    ranked = []
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            # Hulls that do not meet are the rule, and cheap to see.
            if a.hull[0] < b.hull[1] and b.hull[0] < a.hull[1]:
                iou = a.iou(b)
                if iou > 0 and iou >= least:
                    rank = -iou, tie(i, j) if tie else 0, _both_ways(a.spans, b.spans)
                    ranked.append((rank, i, j))
    return _pair_up(ranked)


class _Aligned:
    """Which mentions and entities of two readings are the same."""

    def __init__(self, first: _View, second: _View) -> None:
        self._ids = (
            {m.id: (m.start, m.end) for m in first.mentions},
            {m.id: (m.start, m.end) for m in second.mentions},
        )
        self.pairs = pair_mentions(first.mentions, second.mentions)
        self._mentions = {(first.mentions[i].id, second.mentions[j].id) for i, j in self.pairs}
        shared: Counter[tuple[str, str]] = Counter()
        for i, j in self.pairs:
            a, b = first.mentions[i].entity, second.mentions[j].entity
            if a and b:
                shared[a, b] += 1
        sizes = (
            Counter(m.entity for m in first.mentions),
            Counter(m.entity for m in second.mentions),
        )
        begins: tuple[dict[str, Pair], dict[str, Pair]] = ({}, {})
        for view, begin in zip((first, second), begins, strict=True):
            for m in view.mentions:
                begin[m.entity] = min(begin.get(m.entity, (m.start, m.end)), (m.start, m.end))
        ones = list(dict.fromkeys(a for a, _ in shared))
        others = list(dict.fromkeys(b for _, b in shared))
        place = {key: at for at, key in enumerate(ones)}, {key: at for at, key in enumerate(others)}
        ranked = [
            (
                (
                    -count,
                    sizes[0][a] + sizes[1][b],
                    _both_ways(begins[0][a], begins[1][b]),
                ),
                place[0][a],
                place[1][b],
            )
            for (a, b), count in shared.items()
        ]
        self._entities = {(ones[i], others[j]) for i, j in _pair_up(ranked)}

    def same(self, one: _Thing, other: _Thing) -> bool:
        if (one.entity, other.entity) in self._entities:
            return True
        return any((a, b) in self._mentions for a in one.mentions for b in other.mentions)

    def same_all(self, ones: Sequence[_Thing], others: Sequence[_Thing]) -> bool:
        """Whether each of either side has its like on the other; so have none and none."""
        return all(any(self.same(a, b) for b in others) for a in ones) and all(
            any(self.same(a, b) for a in ones) for b in others
        )


# --- comparing one article --------------------------------------------------------------------


class Counts(NamedTuple):
    """What a measure counts in an article: how many things either reading has, and how many are
    shared. F1 is `2 shared / (first + second)`; with first as truth, recall is `shared / first`
    and precision `shared / second`. A share of n things has n on both sides."""

    shared: float
    first: float
    second: float


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
    one, other = _View(first, letters), _View(second, letters)
    aligned = _Aligned(one, other)
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


def _names(found: Comparison, one: _View, other: _View, aligned: _Aligned) -> None:
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


def _quotes(found: Comparison, one: _View, other: _View, aligned: _Aligned) -> None:
    counts = found.counts
    quotes = one.gold.quotes, other.gold.quotes
    size = len(quotes[0]), len(quotes[1])
    pairs = _pair_contents(one.quotes, other.quotes, SAME_QUOTE)
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

    holder: _Thing | str
    target: _Thing | None
    polarity: str
    evidence: Content


def _holders(view: _View, stance: Stance) -> list[_Thing] | list[str]:
    if stance.holder:
        return view.things(stance.holder)
    return ["author" if stance.holder_level == "author" else "nobody"]


def _triples(view: _View) -> list[_Triple]:
    """The triples of a reading, each once whatever number of times it is expressed.

    A target that no mention stands for has only its place, so its triple is its evidence's own.
    """
    found: dict[tuple[str, str, str], tuple[list[Any], list[Sequence[int]]]] = {}
    for number, stance in enumerate(view.gold.stances):
        for holder in _holders(view, stance):
            for target in view.things(stance.target) or [None]:
                key = (
                    _key(holder),
                    _key(target) if target else f" {number}",
                    stance.polarity,
                )
                ends, evidence = found.setdefault(key, ([], []))
                ends.append((holder, target))
                evidence += stance.evidence
    triples = []
    for (_, _, polarity), (ends, evidence) in found.items():
        holders, targets = zip(*ends, strict=True)
        triples.append(_Triple(_union(holders), _union(targets), polarity, view.content(evidence)))
    return triples


def _key(thing: _Thing | str) -> str:
    if isinstance(thing, str):
        return thing
    return thing.entity or min(thing.mentions)


def _union(things: Sequence[Any]) -> Any:
    first = things[0]
    if not isinstance(first, _Thing):
        return first
    return _Thing(frozenset(chain.from_iterable(t.mentions for t in things)), first.entity)


def _stances(found: Comparison, one: _View, other: _View, aligned: _Aligned) -> None:
    counts = found.counts
    stances = one.gold.stances, other.gold.stances

    def same(a: _Thing | str, b: _Thing | str) -> bool:
        if isinstance(a, str) or isinstance(b, str):
            return a == b
        return aligned.same(a, b)

    def holders_agree(a: Stance, b: Stance) -> bool:
        ones, others = _holders(one, a), _holders(other, b)
        return all(any(same(x, y) for y in others) for x in ones) and all(
            any(same(x, y) for x in ones) for y in others
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

    pairs = _pair_contents(one.evidence, other.evidence, 0, differs)
    counts["stance.evidence"] = Counts(len(pairs), len(stances[0]), len(stances[1]))
    for at, name in enumerate(("holder", "target", "evidence_polarity")):
        counts[f"stance.{name}"] = _share(judged(i, j)[at] for i, j in pairs)

    triples = _triples(one), _triples(other)
    ranked = []
    for i, a in enumerate(triples[0]):
        for j, b in enumerate(triples[1]):
            if not same(a.holder, b.holder):
                continue
            if a.target is None or b.target is None:
                # What no mention stands for is the same where the evidence meets.
                if a.target is not b.target or not a.evidence.iou(b.evidence):
                    continue
            elif not aligned.same(a.target, b.target):
                continue
            tie = _both_ways(a.evidence.spans, b.evidence.spans)
            ranked.append(((a.polarity != b.polarity, -a.evidence.iou(b.evidence), tie), i, j))
    shared = [(triples[0][i].polarity, triples[1][j].polarity) for i, j in _pair_up(ranked)]
    size = len(triples[0]), len(triples[1])
    counts["stance.pairs"] = Counts(len(shared), *size)
    counts["stance.polarity"] = _share(a == b for a, b in shared)
    counts["stance.triples"] = Counts(sum(a == b for a, b in shared), *size)
    found.confusions["stance"] = Counter(shared)


# --- coreference ------------------------------------------------------------------------------


def _coreference(found: Comparison, one: _View, other: _View) -> None:
    sides = _clusters(one.mentions), _clusters(other.mentions)
    counts = found.counts
    counts["coreference.muc"] = muc(*sides)
    counts["coreference.b_cubed"], counts["_b_cubed.precision"] = b_cubed(*sides)
    counts["coreference.ceaf_e"] = ceaf_e(*sides)


def _clusters(mentions: Iterable[Mention]) -> list[set[Pair]]:
    """The entities as sets of spans; a span with two labels belongs to its first entity."""
    found: dict[str, set[Pair]] = defaultdict(set)
    seen: set[Pair] = set()
    for m in mentions:
        if m.entity and (m.start, m.end) not in seen:
            seen.add((m.start, m.end))
            found[m.entity].add((m.start, m.end))
    return list(found.values())


Clusters = Sequence[set[Pair]]


def _overlaps(first: Clusters, second: Clusters) -> Counter[Pair]:
    """How many spans the i-th entity of the first and the j-th of the second share, if any."""
    where = {span: j for j, cluster in enumerate(second) for span in cluster}
    return Counter(
        (i, where[span]) for i, cluster in enumerate(first) for span in cluster if span in where
    )


def muc(first: Clusters, second: Clusters) -> Counts:
    """Links kept (Vilain et al. 1995): an entity of n mentions has n - 1, an intersection too."""
    shared = sum(size - 1 for size in _overlaps(first, second).values())
    return Counts(shared, sum(len(c) - 1 for c in first), sum(len(c) - 1 for c in second))


def b_cubed(first: Clusters, second: Clusters) -> tuple[Counts, Counts]:
    """B³ (Bagga and Baldwin 1998) over exact spans: recall and precision, with first as truth.

    A mention that the other reading has not counts as 0.
    """
    shared = _overlaps(first, second)
    n, m = sum(map(len, first)), sum(map(len, second))
    recall = sum(size * size / len(first[i]) for (i, _), size in shared.items())
    precision = sum(size * size / len(second[j]) for (_, j), size in shared.items())
    return Counts(recall, n, m), Counts(precision, n, m)


def ceaf_e(first: Clusters, second: Clusters) -> Counts:
    """CEAFe (Luo 2005): the best one-to-one alignment of entities under phi4."""
    shared = _overlaps(first, second)
    phi = {(i, j): 2 * size / (len(first[i]) + len(second[j])) for (i, j), size in shared.items()}
    return Counts(_best_alignment(phi), len(first), len(second))


def _best_alignment(weights: Mapping[Pair, float]) -> float:
    """The greatest sum of weights of a one-to-one alignment.

    What shares no mention cannot be aligned, so each connected part is settled on its own; most
    are a single pair.
    """
    root: dict[tuple[int, int], tuple[int, int]] = {}

    def find(node: tuple[int, int]) -> tuple[int, int]:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for i, j in weights:
        root[find((0, i))] = find((1, j))
    parts: dict[tuple[int, int], dict[Pair, float]] = defaultdict(dict)
    for (i, j), weight in weights.items():
        parts[find((0, i))][i, j] = weight
    return sum(
        max(part.values())
        if len({i for i, _ in part}) == 1 or len({j for _, j in part}) == 1
        else _hungarian(part)
        for part in parts.values()
    )


def _hungarian(weights: Mapping[Pair, float]) -> float:
    """The assignment problem by successive shortest paths with potentials (Kuhn 1955)."""
    rows = sorted({i for i, _ in weights})
    columns = sorted({j for _, j in weights})
    if len(rows) > len(columns):
        return _hungarian({(j, i): weight for (i, j), weight in weights.items()})
    n, m = len(rows), len(columns)
    u, v = [0.0] * (n + 1), [0.0] * (m + 1)
    row_of = [0] * (m + 1)
    for i in range(1, n + 1):
        row_of[0] = i
        at = 0
        least, came = [float("inf")] * (m + 1), [0] * (m + 1)
        done = [False] * (m + 1)
        while row_of[at]:
            done[at] = True
            row, step, after = row_of[at], float("inf"), 0
            for j in range(1, m + 1):
                if done[j]:
                    continue
                cost = -weights.get((rows[row - 1], columns[j - 1]), 0.0) - u[row] - v[j]
                if cost < least[j]:
                    least[j], came[j] = cost, at
                if least[j] < step:
                    step, after = least[j], j
            for j in range(m + 1):
                if done[j]:
                    u[row_of[j]] += step
                    v[j] -= step
                else:
                    least[j] -= step
            at = after
        while at:
            row_of[at] = row_of[came[at]]
            at = came[at]
    return sum(
        weights.get((rows[row_of[j] - 1], columns[j - 1]), 0.0)
        for j in range(1, m + 1)
        if row_of[j]
    )


# --- figures ----------------------------------------------------------------------------------


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure over articles.

    `value` with its interval `low` to `high` (95 %, documents resampled). `n` is how many things
    it is about: for an F1 those that either reading has, for a share those compared, for
    coreference the mentions, links or entities of the reading that has more. `documents` is in
    how many articles there are any. `precision` and `recall` take the first reading as truth (0
    where there is nothing to divide by); a share has its value there.
    """

    value: float
    low: float
    high: float
    n: int
    documents: int
    precision: float
    recall: float


def figures(
    comparisons: Iterable[Comparison], *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Figure]:
    """The measures over many articles, in the order of MEASURES, those of one type behind.

    Counts are summed over the articles (micro-averages). The interval is the percentile
    bootstrap over whole articles, all comparisons of one together: labels within one, and pairs
    of its annotators, hang together. An interval from a single
    article is all that the measure can be. A measure without anything to measure is left out,
    and so is alpha where both readings know but one polarity. Same input, same output.
    """
    table = _Table(comparisons)
    if not table.rows:
        return {}
    sums = table.sums(resamples, seed)
    told: dict[str, Figure] = {}
    for name in sorted(table.names(), key=_in_order):
        values, precision, recall = _value(name, sums)
        if not np.isfinite(values[0]):
            continue
        documents = table.documents(name)
        least = -1.0 if "alpha" in name else 0.0
        low, high = least, 1.0
        if documents > 1:
            spread = values[1:][np.isfinite(values[1:])]
            if len(spread):
                edge = (1 - LEVEL) / 2
                low, high = (float(x) for x in np.quantile(spread, [edge, 1 - edge]))
        told[name] = Figure(
            value=float(values[0]),
            low=low,
            high=high,
            n=round(float(sums.n(name))),
            documents=documents,
            precision=float(np.nan_to_num(precision[0])),
            recall=float(np.nan_to_num(recall[0])),
        )
    return told


def _in_order(name: str) -> tuple[int, int, str]:
    order = list(MEASURES)
    if name in MEASURES:
        return order.index(name), 0, ""
    base, _, kind = name.rpartition(".")
    kinds = [*labels.load().name_types, *labels.load().enum("quote_type")]
    return order.index(base), 1 + kinds.index(kind), ""


_Column = tuple[str, Hashable]
_ALPHAS = ("stance.alpha", "stance.alpha_ordinal")


class _Table:
    """Articles by counts, as numbers."""

    def __init__(self, comparisons: Iterable[Comparison]) -> None:
        self.columns: dict[_Column, int] = {}
        articles: dict[str, Counter[int]] = defaultdict(Counter)
        for comparison in comparisons:
            row = articles[comparison.article_id]
            for name, counts in comparison.counts.items():
                for side, count in zip(Counts._fields, counts, strict=True):
                    row[self._column((name, side))] += count  # type: ignore[assignment]
            for pair, count in comparison.confusions.get("stance", {}).items():
                row[self._column(("polarity", pair))] += count
        self.rows = list(articles.values())
        self.matrix = np.zeros((len(self.rows), len(self.columns)))
        for at, row in enumerate(self.rows):
            self.matrix[at, list(row)] = list(row.values())

    def _column(self, key: _Column) -> int:
        return self.columns.setdefault(key, len(self.columns))

    def names(self) -> set[str]:
        found = {name for name, _ in self.columns if not name.startswith("_")} - {"polarity"}
        if "coreference.muc" in found:
            found.add("coreference.conll")
        if "stance.polarity" in found:
            found.update(_ALPHAS)
        return found

    def documents(self, name: str) -> int:
        name = "stance.polarity" if name in _ALPHAS else name
        name = "coreference.b_cubed" if name == "coreference.conll" else name
        sides = [self.columns[name, side] for side in ("first", "second")]
        return int((self.matrix[:, sides].sum(axis=1) > 0).sum())

    def sums(self, resamples: int, seed: int) -> _Sums:
        """The sums of the counts: of all articles first, then of each resample."""
        rows = len(self.rows)
        drawn = np.empty((resamples + 1, len(self.columns)))
        drawn[0] = self.matrix.sum(axis=0)
        random = np.random.default_rng(seed)
        for at in range(resamples):
            weights = np.bincount(random.integers(0, rows, rows), minlength=rows)
            drawn[at + 1] = weights @ self.matrix
        return _Sums(self.columns, drawn)


class _Sums:
    def __init__(self, columns: Mapping[_Column, int], drawn: np.ndarray) -> None:
        self._columns = columns
        self._drawn = drawn

    def of(self, name: str, side: Hashable) -> np.ndarray:
        """A count's sums; where nothing was counted, zeros."""
        at = self._columns.get((name, side))
        return self._drawn[:, at] if at is not None else np.zeros(len(self._drawn))

    def n(self, name: str) -> float:
        """How many things the measure is about, in all articles."""
        name = "stance.polarity" if name in _ALPHAS else name
        name = "coreference.b_cubed" if name == "coreference.conll" else name
        shared, first, second = (self.of(name, side)[0] for side in Counts._fields)
        if name.startswith("coreference") or measure(name).side == "judging":
            return max(first, second)
        return first + second - shared


Triplet = tuple[np.ndarray, np.ndarray, np.ndarray]


def _value(name: str, sums: _Sums) -> Triplet:
    """Value, precision and recall of a measure, for all resamples at once; NaN for undefined."""
    if name == "coreference.conll":
        parts = [_value(f"coreference.{part}", sums) for part in ("muc", "b_cubed", "ceaf_e")]
        # Without any link to find, MUC says nothing.
        stacked = [np.stack([part[at] for part in parts]) for at in range(3)]
        with np.errstate(invalid="ignore"):
            value, precision, recall = (
                np.where(
                    np.isfinite(s).any(axis=0),
                    np.nansum(s, axis=0) / np.maximum(1, np.isfinite(s).sum(axis=0)),
                    np.nan,
                )
                for s in stacked
            )
        return value, precision, recall
    if name in _ALPHAS:
        value = _alpha(sums, ordinal=name == "stance.alpha_ordinal")
        return value, value, value
    if name == "coreference.b_cubed":
        recall = _ratio(sums.of(name, "shared"), sums.of(name, "first"))
        precision = _ratio(sums.of("_b_cubed.precision", "shared"), sums.of(name, "second"))
        # A side without mentions found nothing; two such sides have nothing to find.
        both = np.nan_to_num(precision), np.nan_to_num(recall)
        value = _ratio(2 * both[0] * both[1], both[0] + both[1], 0.0)
        there = np.isfinite(precision) | np.isfinite(recall)
        return np.where(there, value, np.nan), precision, recall
    shared, first, second = (sums.of(name, side) for side in Counts._fields)
    return _ratio(2 * shared, first + second), _ratio(shared, second), _ratio(shared, first)


def _ratio(above: np.ndarray, below: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """The quotient; `otherwise` where there is nothing to divide by."""
    return np.where(below > 0, above / np.where(below > 0, below, 1), otherwise)


RANKS = {"against": 0, "neutral": 1, "mixed": 1, "favor": 2}
"""Polarities as ordinal alpha orders them; to take no side and both sides are one rank."""


def _alpha(sums: _Sums, *, ordinal: bool) -> np.ndarray:
    """Krippendorff's alpha (2011, no data missing) of polarity on shared pairs.

    Each pair gives the coincidences (a, b) and (b, a); alpha is 1 - observed / expected
    disagreement.
    """
    kinds = sorted(RANKS, key=lambda kind: (RANKS[kind], kind))
    # The ordinal alpha works on the ranks themselves.
    values = sorted(set(RANKS.values())) if ordinal else list(range(len(kinds)))
    place = {kind: RANKS[kind] if ordinal else at for at, kind in enumerate(kinds)}
    size = len(values)
    pairs = sums.of("polarity", None)
    coincidences = np.zeros((len(pairs), size, size))
    for a in kinds:
        for b in kinds:
            count = sums.of("polarity", (a, b))
            coincidences[:, place[a], place[b]] += count
            coincidences[:, place[b], place[a]] += count
    totals = coincidences.sum(axis=2)
    n = totals.sum(axis=1)
    expected = totals[:, :, None] * totals[:, None, :]
    if ordinal:
        running = np.cumsum(totals, axis=1)
        between = np.abs(running[:, :, None] - running[:, None, :])
        # From c to k: all between, and half of each end.
        upper = np.maximum.outer(np.arange(size), np.arange(size))
        lower = np.minimum.outer(np.arange(size), np.arange(size))
        distance = (between + totals[:, lower] / 2 - totals[:, upper] / 2) ** 2
    else:
        distance = np.broadcast_to(1 - np.eye(size), coincidences.shape)
    observed = (coincidences * distance).sum(axis=(1, 2))
    chance = (expected * distance).sum(axis=(1, 2))
    return 1 - _ratio((n - 1) * observed, chance)
