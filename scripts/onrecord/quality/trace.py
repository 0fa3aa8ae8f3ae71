"""What must hold for a row of gold: that it is whole, and that people or models put it there.

Everything here yields `(rule, message)`; the rules are those of `rules.RULES`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, zip_longest

from onrecord import labels
from onrecord.gold.graph import Fault
from onrecord.gold.settle import decision_ends
from onrecord.records import Adjudication, Annotation, Article, Gold, Link, Span

At = tuple[int, int, str]
"""What a span is to gold: start, end, label."""


def row_faults(gold: Gold, article: Article) -> Iterator[Fault]:
    """Ids, references and words of a row; `article` is as the ledger has it."""
    own = f"{article.id}-"
    ids = [item.id for item in (*gold.mentions, *gold.entities, *gold.quotes, *gold.stances)]
    if len(set(ids)) < len(ids) or "\n".join(["", *ids]).count(f"\n{own}") < len(ids):
        seen: set[str] = set()
        for id_ in ids:
            # A prefix of its own keeps an id unique among all articles.
            if id_ in seen or not id_.startswith(own):
                yield "gold.id", id_
            seen.add(id_)
    for owner, missing in _references(gold):
        yield "gold.reference", f"{owner} points at {missing}"
    ships, text = article.rights.release == "ship", article.text
    words = [text[m.start : m.end] if ships else "" for m in gold.mentions]
    for m in gold.mentions if [m.text for m in gold.mentions] != words else ():
        if m.text != (text[m.start : m.end] if ships else ""):
            yield _words(ships, m.id, m.start, m.end)
    pieces = [span for quote in gold.quotes for span in quote.spans]
    said = [words for quote in gold.quotes for words in quote.text]
    if [len(q.text) for q in gold.quotes] == [len(q.spans) for q in gold.quotes] and said == [
        text[start:end] if ships else "" for start, end in pieces
    ]:
        return
    for quote in gold.quotes:
        for span, words in zip_longest(quote.spans, quote.text):
            start, end = span or (0, 0)
            if (words or "") != (text[start:end] if ships else ""):
                yield _words(ships, quote.id, start, end)


def _words(ships: bool, id_: str, start: int, end: int) -> Fault:
    if ships:
        return "gold.text", f"{id_} at {start}-{end}"
    return "rights.text-present", f"{id_} carries words of the text"


def _references(gold: Gold) -> Iterator[tuple[str, str]]:
    """`(item, id)` wherever an item points at an id that the row does not have."""
    mentions = {m.id for m in gold.mentions}
    entities = {e.id for e in gold.entities}
    quotes = {q.id for q in gold.quotes}
    if gold.decided:
        items = {*mentions, *entities, *quotes, *(s.id for s in gold.stances)}
        yield from (("decided", d.id) for d in gold.decided if d.id not in items)
    for m in gold.mentions:
        if m.entity and m.entity not in entities:
            yield m.id, m.entity

    linked = chain(
        *(chain(q.speaker, q.addressee) for q in gold.quotes),
        *(chain(s.holder, s.target) for s in gold.stances),
    )
    named = chain(
        *(q.speaker_entities for q in gold.quotes),
        *(chain(s.holder_entities, s.target_entities) for s in gold.stances),
    )
    if (
        mentions.issuperset(linked)
        and entities.issuperset(named)
        and all(not q.parent or (q.parent in quotes and q.parent != q.id) for q in gold.quotes)
        and all(not s.quote or s.quote in quotes for s in gold.stances)
    ):
        return

    def missing(owner: str, ids: Iterable[str], known: set[str]) -> Iterator[tuple[str, str]]:
        return ((owner, id_) for id_ in ids if id_ not in known)

    for q in gold.quotes:
        yield from missing(q.id, q.speaker, mentions)
        yield from missing(q.id, q.addressee, mentions)
        yield from missing(q.id, q.speaker_entities, entities)
        if q.parent and (q.parent == q.id or q.parent not in quotes):
            yield q.id, q.parent
    for s in gold.stances:
        yield from missing(s.id, s.holder, mentions)
        yield from missing(s.id, s.target, mentions)
        yield from missing(s.id, s.holder_entities, entities)
        yield from missing(s.id, s.target_entities, entities)
        if s.quote and s.quote not in quotes:
            yield s.id, s.quote


class Trace:
    """What was put into an article by those who submitted it, and by decisions: all that its
    gold may hold."""

    def __init__(self, submitted: Sequence[Annotation], adjudication: Adjudication | None) -> None:
        self._annotators = sorted(annotation.annotator for annotation in submitted)
        self._decisions = {d.item for d in adjudication.decisions} if adjudication else set()
        self._adjudicator = adjudication.adjudicator if adjudication else ""
        self._spans: set[At] = set()
        self._links: set[tuple[str, At, At]] = set()
        for annotation in submitted:
            drawn = [(span.start, span.end, span.label) for span in annotation.spans]
            self._spans.update(drawn)
            places = dict(zip([span.id for span in annotation.spans], drawn, strict=True))
            self._link(annotation.links, places)
        if adjudication:
            decisions = adjudication.decisions
            ends = {key: _at(s) for key, s in decision_ends(decisions, submitted).items()}
            for decision in decisions:
                self._spans.update(map(_at, decision.spans))
                own = {span.id: _at(span) for span in decision.spans}
                self._link(decision.links, ends | own)

    def _link(self, links: Iterable[Link], places: dict[str, At]) -> None:
        self._links.update(
            [
                (link.role, a, b)
                for link in links
                if (a := places.get(link.from_)) and (b := places.get(link.to))
            ]
        )

    def _linked(self, role: str, ends: Sequence[At], others: Sequence[At]) -> bool:
        links = self._links
        for a in ends:
            for b in others:
                if (role, a, b) in links or (role, b, a) in links:
                    return True
        return False

    def _drawn(self, pair: list[int], names: Iterable[str]) -> list[At]:
        (start, end), spans = pair, self._spans
        return [at for name in names if (at := (start, end, name)) in spans]

    def faults(self, gold: Gold) -> Iterator[Fault]:
        """The items of a row that nobody put there, and what they are said to be."""
        if self._found(gold):
            return iter(())
        return (("gold.untraced", message) for message in self._lost(gold))

    def _found(self, gold: Gold) -> bool:
        """Whether all of a row is surely there, told of its spans and links at once.

        False says only that `_lost` must look: at a row with decisions, at links that were drawn
        in another way.
        """
        quote_labels, cue_labels, stance_labels = _labels()
        if (
            gold.annotators != self._annotators
            or gold.adjudicator
            or gold.decided
            or not len(quote_labels) == len(cue_labels) == 1
        ):
            return False
        (quoted,), (cue,) = quote_labels, cue_labels
        mentions: dict[str, At] = {m.id: (m.start, m.end, m.type) for m in gold.mentions}
        spans = set(mentions.values())
        links: list[tuple[str, At | None, At | None]] = []
        speakers: dict[str, Sequence[str]] = {}
        for quote in gold.quotes:
            if not quote.spans:
                return False
            # What is linked hangs on the first piece.
            start, end = quote.spans[0]
            at = last = (start, end, quoted)
            spans.add(at)
            for start, end in quote.spans[1:]:
                spans.add(piece := (start, end, quoted))
                links.append(("continues", last, piece))
                last = piece
            for start, end in quote.cue:
                links.append(("cue", at, (start, end, cue)))
            for id_ in quote.speaker:
                links.append(("speaker", mentions.get(id_), at))
            for id_ in quote.addressee:
                links.append(("addressee", mentions.get(id_), at))
            speakers[quote.id] = quote.speaker
        for stance in gold.stances:
            names = stance_labels[stance.polarity]
            if not len(names) == len(stance.evidence) == 1:
                return False
            start, end = stance.evidence[0]
            spans.add(at := (start, end, names[0]))
            for id_ in stance.target:
                links.append(("target", mentions.get(id_), at))
            known = speakers.get(stance.quote, ())
            for id_ in stance.holder:
                if id_ not in known:
                    links.append(("holder", mentions.get(id_), at))
        return self._spans.issuperset(spans) and self._links.issuperset(links)

    def _lost(self, gold: Gold) -> Iterator[str]:
        """What of a gold document is in no annotation and no decision, in words."""
        if gold.annotators != self._annotators:
            yield f"it names {', '.join(gold.annotators)}, and {self._annotators} submitted"
        if gold.adjudicator not in ("", self._adjudicator):
            yield f"it names the adjudicator {gold.adjudicator}"
        for decided in gold.decided:
            for item in decided.items:
                if item not in self._decisions:
                    yield f"{decided.id}: the decision on {item}"
        mentions = {m.id: (m.start, m.end, m.type) for m in gold.mentions}
        yield from (id_ for id_, at in mentions.items() if at not in self._spans)
        yield from self._lost_of_quotes(gold, mentions)
        yield from self._lost_of_stances(gold, mentions)

    def _lost_of_quotes(self, gold: Gold, mentions: dict[str, At]) -> Iterator[str]:
        quote_labels, cue_labels, _ = _labels()
        for quote in gold.quotes:
            drawn = [self._drawn(pair, quote_labels) for pair in quote.spans]
            pieces = drawn[0] if len(drawn) == 1 else list(chain(*drawn))
            for (start, end), piece in zip(quote.spans, drawn, strict=True):
                if not piece:
                    yield f"{quote.id}: its piece {start}-{end}"
                elif len(quote.spans) > 1 and not self._linked("continues", piece, pieces):
                    yield f"{quote.id}: that {start}-{end} is a piece of it"
            for start, end in quote.cue:
                if not self._linked("cue", pieces, self._drawn([start, end], cue_labels)):
                    yield f"{quote.id}: its cue {start}-{end}"
            for role, ids in (("speaker", quote.speaker), ("addressee", quote.addressee)):
                for id_ in self._unlinked(role, ids, pieces, mentions):
                    yield f"{quote.id}: its {role} {id_}"

    def _lost_of_stances(self, gold: Gold, mentions: dict[str, At]) -> Iterator[str]:
        _, _, stance_labels = _labels()
        speakers = {quote.id: quote.speaker for quote in gold.quotes}
        for stance in gold.stances:
            names = stance_labels[stance.polarity]
            evidence = [at for pair in stance.evidence for at in self._drawn(pair, names)]
            if len(evidence) < len(stance.evidence):
                yield f"{stance.id}: its evidence"
                continue
            for id_ in self._unlinked("target", stance.target, evidence, mentions):
                yield f"{stance.id}: its target {id_}"
            for id_ in self._unlinked("holder", stance.holder, evidence, mentions):
                if id_ not in speakers.get(stance.quote, []):
                    yield f"{stance.id}: its holder {id_}"

    def _unlinked(
        self, role: str, ids: list[str], ends: Sequence[At], mentions: dict[str, At]
    ) -> list[str]:
        """Those of the mentions that nobody linked to one of `ends` in this role."""
        return [
            id_ for id_ in ids if id_ in mentions and not self._linked(role, ends, [mentions[id_]])
        ]


@cache
def _labels() -> tuple[list[str], list[str], dict[str, list[str]]]:
    """The labels of quotes, of cues, and of stances by their polarity."""
    known = labels.load()
    of = {
        family: [name for name in known.spans if known.family(name) == family]
        for family in ("quote", "cue")
    }
    stances: dict[str, list[str]] = defaultdict(list)
    for name, span in known.spans.items():
        stances[span.polarity].append(name)
    return of["quote"], of["cue"], stances


def _at(span: Span) -> At:
    return span.start, span.end, span.label
