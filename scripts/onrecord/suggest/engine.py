"""An article to the annotation that its annotator starts from.

`suggest` is pure and total: any text in any language gives a valid annotation. Every layer is
found on its own; this module makes spans and links of what they found, by the decisions of the
guidelines on who a speaker's mention is (Q19 to Q22) and what `same` joins (E17).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from onrecord import labels
from onrecord.records import Annotation, AnnotationEntity, Article, Attributes, Link, Segment, Span
from onrecord.suggest import english, german_quotes, quotes, reading, stance
from onrecord.suggest.cues import Grammar
from onrecord.suggest.entities import Cluster, Known, clusters, nested
from onrecord.suggest.joined import joined
from onrecord.suggest.names import names
from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Reading
from onrecord.suggest.spans import Name, longest
from onrecord.suggest.stance import Position
from onrecord.suggest.words import words
from onrecord.text import cuts, sha256

RULES = "rules"
VERSION = "1"
LAYERS = ["entities", "quotes", "stance"]

QUOTE_SCORES = {
    "marked before": 0.98,
    "signed": 0.95,
    "inside": 0.95,
    "turn": 0.9,
    "colon": 0.9,
    "according to": 0.87,
    "clause after": 0.86,
    "clause addressee after": 0.92,
    "clause before": 0.85,
    "question after": 0.85,
    "bare start": 0.84,
    "accusation after": 0.8,
    "noun": 0.8,
    "marked after": 0.76,
    "bare": 0.7,
    "order addressee after": 0.66,
    "intention after": 0.6,
    "thing after": 0.59,
    "judgement after": 0.57,
    "order after": 0.57,
    "adjective": 0.5,
    "source": 0.78,
    "so": 0.91,
    "zufolge": 0.86,
    "subjunctive": 0.78,
    "before": 0.6,
    "marked": 0.57,
    "hearsay": 0.6,
    "thing": 0.4,
}
"""By rule: the share that was right by overlap on PolNeAR's development set and the train split of
this corpus's gold; those inside quotes on the latter alone."""


class Model(Protocol):
    """What a parser or a trained model adds to the rules."""

    name: str
    """Name and version: the annotator of what it suggests."""
    known: Mapping[str, Known] | None
    """What it knows of names; None: what the root's gold knows."""

    def grammar(self, read: Reading, /) -> Grammar | None:
        """Subjects and complements by a parse of what was read; None: the surface's."""
        ...

    def names(self, read: Reading, /) -> list[Name] | None:
        """Names of the text, None where the model finds none at all."""
        ...

    def quotations(self, read: Reading, found: list[Quotation], /) -> list[tuple[Quotation, float]]:
        """The quotes worth suggesting, each with its score."""
        ...

    def positions(self, read: Reading, found: list[Position], /) -> list[Position]:
        """The stances worth suggesting."""
        ...


class Knowledge:
    """What is known beside the article: surfaces learnt from gold, but for its own."""

    def __init__(self, surfaces: Mapping[str, Known] | None = None) -> None:
        self._surfaces = surfaces or {}
        self._sources = {id_ for fact in self._surfaces.values() for id_ in fact.articles}

    def about(self, article_id: str) -> Mapping[str, Known]:
        """What the gold of other articles says."""
        if article_id not in self._sources:
            return self._surfaces
        return {s: k for s, k in self._surfaces.items() if k.articles != [article_id]}


def language_of(article: Article) -> str:
    """`de` or `en`, the languages that there are rules for; any other text is read as English.

    Where the article does not say its language, German is told by its small words.
    """
    code = article.language.split("-")[0].lower()
    if code:
        return "de" if code == "de" else "en"
    first = article.text[:3000].lower().split()
    small = sum(word in _GERMAN for word in first)
    return "de" if small > 2 and small / len(first) > 0.12 else "en"


_GERMAN = words(
    """der die das und ist nicht ein eine den dem des von mit für auf im zu sich auch wurde werden
    als"""
)


def suggest(
    article: Article,
    *,
    batch: str = "",
    knowledge: Knowledge | None = None,
    model: Model | None = None,
) -> Annotation:
    """The suggested annotation of an article whose text is at hand.

    Needs its id, language, segments and text; `segments` may be empty. Every span has a score,
    0 to 1: how often a span that was found so was right in development.
    """
    language = language_of(article)
    known = (knowledge or Knowledge()).about(article.id)
    types = {surface: fact.label for surface, fact in known.items()}
    read = reading.read(article.text, article.segments, language)
    # Names first: a parse changes the word classes that they are read by.
    named = names(read, types) if language == "en" else _german_names(read, types)
    grammar = model.grammar(read) if model and language == "en" else None
    found = german_quotes.quotations(read) if language == "de" else quotes.quotations(read, grammar)
    if model and language == "en":
        by_model = model.names(read)
        if by_model is not None:
            named = joined(article.text, named, by_model)
    named = [
        name
        for name in named
        if name.rule != "guess"
        and not (cuts(article.text, name.start) or cuts(article.text, name.end))
    ]
    positions = stance.positions(read, found) if language == "en" else []
    if model:
        positions = model.positions(read, positions)
    graph = _Graph(article.text, read, named, clusters(article.text, named, known))
    scored = (
        model.quotations(read, found)
        if model
        else [(q, QUOTE_SCORES.get(q.rule, 0.5)) for q in found]
    )
    for quote, score in scored:
        graph.quote(quote, score)
    for position in positions:
        graph.position(position)
    entities, spans, links = graph.done()
    return Annotation(
        article_id=article.id,
        text_sha256=article.text_sha256 or sha256(article.text),
        batch=batch,
        annotator=model.name if model else f"{RULES}-{VERSION}",
        status="submitted",
        layers=list(LAYERS),
        entities=entities,
        spans=spans,
        links=links,
    )


def _german_names(read: Reading, types: Mapping[str, str]) -> list[Name]:
    """In German every noun has a capital, so only names that are known are suggested."""
    return longest(
        [
            Name(t.start, t.end, types[t.text], 0.8, "known")
            for p in read.paragraphs
            for t in p.tokens
            if t.text in types
        ]
    )


Offsets = tuple[int, int]
MEMORY = 60
"""How many names back a pronoun or noun phrase is looked up."""
_POSSESSIVE = re.compile(r"(?:['’]s?|\s)+$")


class _Graph:
    """Spans and links in the making; each span once, each link once."""

    def __init__(
        self, text: str, read: Reading, named: Sequence[Name], groups: Sequence[Cluster]
    ) -> None:
        self.text = text
        self.read = read
        self.names = list(named)
        self.entities: list[AnnotationEntity] = [group.entity for group in groups]
        self.entity_of: dict[int, str] = {
            at: group.entity.id for group in groups for at in group.members
        }
        self.spans: dict[str, Span] = {}
        self.links: dict[tuple[str, str, str], Link] = {}
        self.cued: set[str] = set()
        self.starts = [name.start for name in self.names]
        self.called = {entity.id: entity.name for entity in self.entities}
        for at, name in enumerate(self.names):
            self.span(name.label, (name.start, name.end), name.score, self.entity_of.get(at, ""))
        inner = nested(text, self.names)
        known_as = {entity.name: entity for entity in reversed(self.entities)}
        for group in clusters(text, inner, {}):
            known = known_as.get(group.entity.name, group.entity)
            if known is group.entity and known.id not in self.called:
                self.entities.append(known)
            for at in group.members:
                name = inner[at]
                self.span(name.label, (name.start, name.end), name.score, known.id)
        self.titles = _titles(text, self.names)

    def names_in(self, start: int, end: int) -> list[Name]:
        """The names that start in `[start, end)`."""
        return self.names[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    # --- spans and links ----------------------------------------------------------------------

    def span(
        self, label: str, where: Offsets, score: float, entity: str = "",
        attributes: Attributes | None = None,
    ) -> str:  # fmt: skip
        """The id of the span with this label on these words; "" where no span can stand there."""
        start, end = where
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start >= end or cuts(self.text, start) or cuts(self.text, end):
            return ""
        id_ = f"{label}-{start}-{end}"
        if id_ not in self.spans:
            self.spans[id_] = Span(
                id=id_,
                label=label,
                start=start,
                end=end,
                entity=entity,
                attributes=attributes or Attributes(),
                origin="prediction",
                score=round(min(1.0, max(0.0, score)), 2),
            )
        return id_

    def link(self, source: str, target: str, role: str) -> None:
        if source and target and source != target:
            self.links.setdefault((source, target, role), Link(from_=source, to=target, role=role))

    # --- quotes -------------------------------------------------------------------------------

    def quote(self, quote: Quotation, score: float) -> None:
        pieces = [p for p in (self.span("QUOTE", piece, score) for piece in quote.pieces) if p]
        pieces = sorted(dict.fromkeys(pieces), key=lambda p: self.spans[p].start)
        if not pieces:
            return
        for one, other in pairwise(pieces):
            self.link(one, other, "continues")
        first = pieces[0]
        if first in self.cued:
            return
        if quote.cue and not any(s < quote.cue[1] and quote.cue[0] < e for s, e in quote.pieces):
            self.link(first, self.span("CUE", quote.cue, score), "cue")
            self.cued.add(first)
        for phrase in quote.speaker:
            for part in self.parts(phrase):
                named = "" if quote.cue else self.antecedent(self.text[slice(*part)], part[0])
                self.link(named or self.mention(part, quote.whole, score), first, "speaker")
        for phrase in quote.addressee:
            for part in self.parts(phrase):
                self.link(self.mention(part, None, score), first, "addressee")

    def parts(self, phrase: Offsets) -> list[Offsets]:
        """A phrase of several people as one phrase each: "Anna and Piet Holm" (Q21)."""
        start, end = phrase
        people = [n for n in self.names_in(start, end) if n.end <= end and n.label == "PERSON"]
        between = [self.text[a.end : b.start].strip() for a, b in pairwise(people)]
        if (
            between
            and all(word in ("and", ",", ", and", "&") for word in between)
            and (people[0].start == start and people[-1].end == end)
        ):
            return [(n.start, n.end) for n in people]
        return [phrase]

    # --- mentions -----------------------------------------------------------------------------

    def mention(
        self, phrase: Offsets, whole: Offsets | None, score: float, speaks: bool = True
    ) -> str:
        """The span of the mention for a phrase: the name in it or in its apposition, else the
        noun phrase, else the pronoun (Q19), the last two with their `same` link."""
        start, end = phrase
        if match := _POSSESSIVE.search(self.text[start:end]):
            end -= len(match[0])
        words = self.text[start:end]
        head = words.split()[-1].lower() if words.split() else ""
        inside = [n for n in self.names_in(start, end) if n.end <= end and self._holds(n)]
        for name in reversed(inside):
            rest = self.text[name.end : end].strip()
            if not rest or (rest[0] == "(" and rest[-1] == ")"):
                return self._id(name)
        if inside and speaks and head in english.DOCUMENTS:
            # A document speaks for who made it (Q22).
            return self._id(inside[-1])
        crossing = [n for n in self.names_in(start - 80, end) if start < n.end and self._holds(n)]
        if (
            not inside
            and len(crossing) == 1
            and (crossing[0].start < start or end < crossing[0].end)
        ):
            return self._id(crossing[0])
        if whole:
            person = next(
                (
                    n for n in self.names_in(*whole)
                    if n.label == "PERSON" and n.end <= whole[1] and self._names(n, phrase, whole)
                ),
                None,
            )  # fmt: skip
            if person:
                return self._id(person)
        id_ = self.span("MENTION", (start, end), score * 0.9)
        if id_:
            self.same(id_, words)
        return id_

    def _names(self, person: Name, phrase: Offsets, whole: Offsets) -> bool:
        """Whether a person in the whole phrase is whom the phrase means: in an apposition (“the
        chair, Ines Calder”), or at its end (“envoy for Norland Ines Calder”), but not after a
        preposition (“a spokesman for Ines Calder”)."""
        if person.start < phrase[0]:
            return True
        if person.start < phrase[1]:
            return False
        between = self.text[phrase[1] : person.start]
        led = between.rsplit(",", 1)[-1].split()
        after = self.text[person.end : person.end + 1]
        if "," in between or between.strip() in ("", "—", "–", "-"):
            return all(w[0].isupper() or w.isalpha() for w in led) and not any(
                w.lower() in english.PREPOSITIONS | english.AUXILIARIES | {"who", "whose", "and"}
                for w in led
            )
        return (
            person.end >= whole[1] - 1
            and after not in ("'", "’")
            and bool(led)
            and led[-1].isalpha()
            and led[-1].lower() not in english.PREPOSITIONS | english.DETERMINERS | {"and", "or"}
        )

    def _holds(self, name: Name) -> bool:
        return labels.load().spans[name.label].holds or name.label in (
            "WORK",
            "LAW",
            "FAC",
            "PRODUCT",
        )

    def _id(self, name: Name) -> str:
        return f"{name.label}-{name.start}-{name.end}"

    def same(self, id_: str, words: str) -> None:
        """Join a pronoun or noun phrase to the nearest name before it that it can stand for."""
        here = self.spans[id_].start
        self.link(self.antecedent(words, here) or self.described(words, here), id_, "same")

    def before(self, here: int) -> list[tuple[int, Name]]:
        """The last names before an offset, with their places."""
        reach = bisect_left(self.starts, here)
        near = ((at, self.names[at]) for at in range(max(0, reach - MEMORY), reach))
        return [(at, name) for at, name in near if name.end <= here]

    def antecedent(self, words: str, here: int) -> str:
        """The name of the person that a pronoun at `here` stands for, "" for any other words."""
        low = words.lower()
        if low not in ("he", "she", "him", "her", "his", "hers"):
            return ""
        male = low in ("he", "him", "his")
        other = english.FEMALE if male else english.MALE
        people = [(at, n) for at, n in self.before(here) if n.label == "PERSON"][-8:]
        for at, name in reversed(people):
            if self.entity_name(at).split()[0].lower() not in other:
                return self._id(name)
        return ""

    def described(self, words: str, here: int) -> str:
        """The name that a noun phrase at `here` stands for ("the council"), "" for none."""
        low = words.lower()
        if not low.startswith(("the ", "this ", "that ")):
            return ""
        head = low.split()[-1]
        for at, name in reversed(self.before(here)):
            surface = self.text[name.start : name.end]
            if name.label in ("ORG", "FAC", "LAW", "EVENT") and surface.split()[-1].lower() == head:
                return self._id(name)
            if name.label == "PERSON" and head in self.titles.get(self.entity_name(at), ()):
                return self._id(name)
        return ""

    def entity_name(self, at: int) -> str:
        name = self.names[at]
        return self.called.get(self.entity_of.get(at, "")) or self.text[name.start : name.end]

    # --- stance -------------------------------------------------------------------------------

    def position(self, position: Position) -> None:
        attributes = Attributes(
            basis=position.basis,
            target_text="" if position.target else position.target_text,
            holder_unnamed=position.unnamed,
        )
        if not position.target and not position.target_text:
            return
        id_ = self.span(
            f"STANCE_{position.polarity.upper()}",
            position.evidence,
            position.score,
            attributes=attributes,
        )
        if not id_:
            return
        for target in position.target:
            self.link(self.mention(target, None, position.score, speaks=False), id_, "target")
        for holder in position.holder:
            for part in self.parts(holder):
                self.link(self.mention(part, position.whole, position.score), id_, "holder")

    # --- the end ------------------------------------------------------------------------------

    def done(self) -> tuple[list[AnnotationEntity], list[Span], list[Link]]:
        """Entities in use, spans and links in text order."""
        spans = sorted(self.spans.values(), key=lambda s: (s.start, -s.end, s.label))
        used = {span.entity for span in spans}
        entities = [e for e in self.entities if e.id in used]
        links = sorted(
            self.links.values(),
            key=lambda k: (
                self.spans[k.from_].start,
                self.spans[k.to].start,
                k.role,
                k.from_,
                k.to,
            ),
        )
        cued = {k.to for k in links if k.role == "cue"}
        spans = [s for s in spans if s.label != "CUE" or s.id in cued]
        return entities, spans, links


def _titles(text: str, named: Iterable[Name]) -> dict[str, set[str]]:
    """The small or capital title words that stand before a person's name, by the name."""
    out: dict[str, set[str]] = {}
    for name in named:
        if name.label == "PERSON":
            words = text[max(0, name.start - 40) : name.start].split()
            if words and words[-1].lower().rstrip(".") in english.TITLES:
                out.setdefault(text[name.start : name.end], set()).add(words[-1].lower())
    return out


def bare(id_: str, text: str, language: str = "", segments: Sequence[Segment] = ()) -> Article:
    """An article with nothing but what `suggest` needs."""
    from onrecord.records import Converter, Rights, Source

    digest = sha256(text)
    return Article(
        id=id_,
        headline="",
        publisher="",
        language=language,
        rights=Rights(),
        source=Source(file="", media_type="", charset="", bytes=0, sha256=digest),
        converter=Converter(name="", version="", normaliser=""),
        segments=list(segments),
        text_sha256=digest,
        text=text,
    )
