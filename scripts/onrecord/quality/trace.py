"""What must hold for a row of gold: that it is whole, and that people or models put it there.

Everything here yields `(rule, message)`; the rules are those of `rules.RULES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from onrecord import labels
from onrecord.gold.graph import Fault, decision_ends
from onrecord.records import Adjudication, Annotation, Article, Gold, Link, Span

At = tuple[int, int, str]
"""What a span is to gold: start, end, label."""


def row_faults(gold: Gold, article: Article) -> Iterator[Fault]:
    """Ids, references and words of a row; `article` is as the ledger has it."""
    seen: set[str] = set()
    for item in chain(gold.mentions, gold.entities, gold.quotes, gold.stances):
        # A prefix of its own keeps an id unique among all articles.
        if item.id in seen or not item.id.startswith(f"{article.id}-"):
            yield "gold.id", item.id
        seen.add(item.id)
    for owner, missing in _references(gold):
        yield "gold.reference", f"{owner} points at {missing}"
    words = [(m.id, [m.start, m.end], m.text) for m in gold.mentions]
    for quote in gold.quotes:
        for span, text in zip_longest(quote.spans, quote.text):
            words.append((quote.id, span or [0, 0], text or ""))
    for id_, (start, end), text in words:
        if article.rights.release != "ship":
            if text:
                yield "rights.text-present", f"{id_} carries words of the text"
        elif text != article.text[start:end]:
            yield "gold.text", f"{id_} at {start}-{end}"


def _references(gold: Gold) -> Iterator[tuple[str, str]]:
    """`(item, id)` wherever an item points at an id that the row does not have."""
    mentions = {m.id for m in gold.mentions}
    entities = {e.id for e in gold.entities}
    quotes = {q.id for q in gold.quotes}
    pointers: list[tuple[str, Iterable[str], set[str]]] = []
    for d in gold.decided:
        pointers.append(
            ("decided", [d.id], mentions | entities | quotes | {s.id for s in gold.stances})
        )
    for m in gold.mentions:
        pointers.append((m.id, [m.entity], entities | {""}))
    for q in gold.quotes:
        pointers.append((q.id, q.speaker + q.addressee, mentions))
        pointers.append((q.id, q.speaker_entities, entities))
        pointers.append((q.id, [q.parent], quotes - {q.id} | {""}))
    for s in gold.stances:
        pointers.append((s.id, s.holder + s.target, mentions))
        pointers.append((s.id, s.holder_entities + s.target_entities, entities))
        pointers.append((s.id, [s.quote], quotes | {""}))
    for owner, ids, known in pointers:
        for id_ in ids:
            if id_ not in known:
                yield owner, id_


class Trace:
    """What was put into an article by those who submitted it, and by decisions: all that its
    gold may hold."""

    def __init__(self, submitted: Sequence[Annotation], adjudication: Adjudication | None) -> None:
        self._annotators = sorted(annotation.annotator for annotation in submitted)
        self._decisions = {d.item for d in adjudication.decisions} if adjudication else set()
        self._adjudicator = adjudication.adjudicator if adjudication else ""
        self._spans: set[At] = set()
        self._links: set[tuple[str, frozenset[At]]] = set()
        for annotation in submitted:
            spans = {span.id: span for span in annotation.spans}
            self._add(annotation.spans, annotation.links, spans)
        if adjudication:
            ends = decision_ends(adjudication, submitted)
            for decision in adjudication.decisions:
                own = {span.id: span for span in decision.spans}
                self._add(decision.spans, decision.links, ends | own)

    def _add(self, spans: Iterable[Span], links: Iterable[Link], ends: dict[str, Span]) -> None:
        self._spans |= {_at(span) for span in spans}
        for link in links:
            if link.from_ in ends and link.to in ends:
                self._links.add((link.role, frozenset({_at(ends[link.from_]), _at(ends[link.to])})))

    def _linked(self, role: str, ends: Iterable[At], others: Sequence[At]) -> bool:
        return any((role, frozenset({a, b})) in self._links for a in ends for b in others)

    def _drawn(self, pair: list[int], names: Iterable[str]) -> list[At]:
        return [at for name in names if (at := (pair[0], pair[1], name)) in self._spans]

    def faults(self, gold: Gold) -> Iterator[Fault]:
        """The items of a row that nobody put there, and what they are said to be."""
        return (("gold.untraced", message) for message in self._lost(gold))

    def _lost(self, gold: Gold) -> Iterator[str]:
        if gold.annotators != self._annotators:
            yield f"it names {', '.join(gold.annotators)}, and {self._annotators} submitted"
        if gold.adjudicator not in ("", self._adjudicator):
            yield f"it names the adjudicator {gold.adjudicator}"
        for decided in gold.decided:
            for item in decided.items:
                if item not in self._decisions:
                    yield f"{decided.id}: the decision on {item}"
        known = labels.load()
        mentions = {m.id: (m.start, m.end, m.type) for m in gold.mentions}
        yield from (id_ for id_, at in mentions.items() if at not in self._spans)

        def unlinked(role: str, ids: Iterable[str], ends: Sequence[At]) -> list[str]:
            return [
                id_
                for id_ in ids
                if id_ in mentions and not self._linked(role, ends, [mentions[id_]])
            ]

        quote_labels = [name for name in known.spans if known.family(name) == "quote"]
        cue_labels = [name for name in known.spans if known.family(name) == "cue"]
        for quote in gold.quotes:
            pieces = [at for pair in quote.spans for at in self._drawn(pair, quote_labels)]
            for start, end in quote.spans:
                piece = self._drawn([start, end], quote_labels)
                if not piece:
                    yield f"{quote.id}: its piece {start}-{end}"
                elif len(quote.spans) > 1 and not self._linked("continues", piece, pieces):
                    yield f"{quote.id}: that {start}-{end} is a piece of it"
            for start, end in quote.cue:
                if not self._linked("cue", pieces, self._drawn([start, end], cue_labels)):
                    yield f"{quote.id}: its cue {start}-{end}"
            for role, ids in (("speaker", quote.speaker), ("addressee", quote.addressee)):
                for id_ in unlinked(role, ids, pieces):
                    yield f"{quote.id}: its {role} {id_}"

        speakers = {quote.id: quote.speaker for quote in gold.quotes}
        for stance in gold.stances:
            names = [name for name, s in known.spans.items() if s.polarity == stance.polarity]
            evidence = [at for pair in stance.evidence for at in self._drawn(pair, names)]
            if len(evidence) < len(stance.evidence):
                yield f"{stance.id}: its evidence"
                continue
            for id_ in unlinked("target", stance.target, evidence):
                yield f"{stance.id}: its target {id_}"
            for id_ in unlinked("holder", stance.holder, evidence):
                if id_ not in speakers.get(stance.quote, []):
                    yield f"{stance.id}: its holder {id_}"


def _at(span: Span) -> At:
    return span.start, span.end, span.label
