"""Gold documents: what is settled about an article, with everything that follows from it.

`gold_document` is pure; `make` reads a batch and writes corpus/gold/<batch>.jsonl.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from onrecord import atomic, labels, ledger
from onrecord.components import connected
from onrecord.gold import works
from onrecord.gold.entities import groups
from onrecord.gold.settle import Settled, item_of, role_of, settle
from onrecord.labels import LAYERS
from onrecord.ledger import House
from onrecord.marks import quote_type
from onrecord.records import (
    Article,
    Decided,
    Entity,
    Gold,
    Link,
    Mention,
    Problem,
    Quote,
    Span,
    Stance,
    UsageError,
    many,
    some,
)
from onrecord.shelf import Shelf

T = TypeVar("T")

# --- the gold document ------------------------------------------------------------------------


def gold_document(article: Article, settled: Settled, annotators: Mapping[str, str]) -> Gold:
    """The gold document of an article with text, from what is settled about it.

    `annotators` gives each annotator's kind, person or model. Ids consist of the article's id and
    offsets, so corrections elsewhere do not change them. If entities were not labelled, mentions
    are included only where a link needs them. Strings of the text are filled in if the rights let
    the text ship; entity names always are.

    Raises KeyError for an annotator without a kind.
    """
    made = _Document(article, settled)
    kinds = {annotators[annotator] for annotator in settled.annotators}
    return Gold(
        article_id=article.id,
        layers=settled.layers,
        n_annotators=settled.n_annotators,
        annotators=settled.annotators[: settled.n_annotators],
        adjudicator="".join(settled.annotators[settled.n_annotators :]),
        settled_by=settled.settled_by,
        label_source=LABEL_SOURCES[kinds.pop()] if len(kinds) == 1 else "mixed",
        mentions=made.mentions(),
        entities=made.entities,
        quotes=made.quotes,
        stances=made.stances(),
        decided=_decided(settled, made.owners, made.entity_id),
    )


class _Document:
    """Builds the items of a gold document, which depend on each other, by the keys of spans."""

    def __init__(self, article: Article, settled: Settled) -> None:
        self.article = article
        self.shown = article.text if article.rights.release == "ship" else ""
        self.links = _Links(settled.links)
        self.by_key = {span.id: span for span in settled.spans}
        known = labels.load()
        self.spans: dict[str, list[Span]] = defaultdict(list)
        """By family, in text order."""
        for span in settled.spans:
            self.spans[known.family(span.label)].append(span)
        self.entities, self.entity_id = _document_entities(article, settled, self.spans["mention"])
        self.mention_id = self._span_ids("mention", "m")
        self.stance_id = self._span_ids("stance", "s")
        self.owners = dict(self.mention_id)
        """Span key -> the id of the gold item that it belongs to."""
        self.place = {span.id: at for at, span in enumerate(self.spans["mention"])}
        self.speakers: dict[str, list[str]] = {}
        """Quote id -> its speakers."""
        self.extents: list[_Quoted] = []
        self.quotes = [self._quote(p) for p in _pieces(self.spans["quote"], settled.links)]
        for quote, extent in zip(self.quotes, self.extents, strict=True):
            quote.parent = _smallest(self.extents, extent)
        self.owners |= self.stance_id

    def _span_ids(self, family: str, letter: str) -> dict[str, str]:
        spans, prefix = self.spans[family], f"{self.article.id}-{letter}"
        ids = _ids(spans, lambda span: _labelled(f"{prefix}{span.start}-{span.end}", span))
        return {span.id: id_ for span, id_ in zip(spans, ids, strict=True)}

    def _in_text_order(self, keys: Iterable[str]) -> list[str]:
        return sorted(self.place.keys() & set(keys), key=self.place.__getitem__)

    def _mentions_of(self, keys: Iterable[str]) -> list[str]:
        return [self.mention_id[key] for key in self._in_text_order(keys)]

    def _entities_of(self, keys: Iterable[str]) -> list[str]:
        found = (self.entity_id.get(key, "") for key in self._in_text_order(keys))
        return list(dict.fromkeys(e for e in found if e))

    def mentions(self) -> list[Mention]:
        """The mentions in text order."""
        text = self.article.text
        return [
            Mention(
                id=self.mention_id[m.id],
                start=m.start,
                end=m.end,
                text=self.shown[m.start : m.end],
                type=m.label,
                form=mention_form(m.label, text[m.start : m.end]),
                entity=self.entity_id.get(m.id, ""),
            )
            for m in self.spans["mention"]
        ]

    def _quote(self, pieces: list[Span]) -> Quote:
        """A quote without its parent, which may come later."""
        id_ = f"{self.article.id}-q{pieces[0].start}-{pieces[0].end}"
        self.extents.append(_quoted(id_, pieces))
        self.owners.update((piece.id, id_) for piece in pieces)
        speaker = [key for p in pieces for key in self.links.to("speaker", p.id)]
        self.speakers[id_] = speaker
        cues = {key for p in pieces for key in self.links.from_("cue", p.id)}
        return Quote(
            id=id_,
            type=quote_type([self.article.text[p.start : p.end] for p in pieces]),
            spans=[[p.start, p.end] for p in pieces],
            text=[self.shown[p.start : p.end] for p in pieces],
            cue=sorted([self.by_key[key].start, self.by_key[key].end] for key in cues),
            speaker=self._mentions_of(speaker),
            speaker_entities=self._entities_of(speaker),
            addressee=self._mentions_of(
                key for p in pieces for key in self.links.to("addressee", p.id)
            ),
            parent="",
        )

    def stances(self) -> list[Stance]:
        """The stances in text order."""
        return [self._stance(span) for span in self.spans["stance"]]

    def _stance(self, span: Span) -> Stance:
        quote = _smallest(self.extents, _quoted("", [span]))
        level, holder = self._holder(span, quote)
        targets = self.links.to("target", span.id)
        return Stance(
            id=self.stance_id[span.id],
            polarity=labels.load().spans[span.label].polarity,
            evidence=[[span.start, span.end]],
            holder_level=level,
            holder=self._mentions_of(holder),
            holder_entities=self._entities_of(holder),
            target=self._mentions_of(targets),
            target_entities=self._entities_of(targets),
            target_text=span.attributes.target_text,
            quote=quote,
            basis=span.attributes.basis,
        )

    def _holder(self, span: Span, quote: str) -> tuple[str, list[str]]:
        """The holder level of a stance, and its holder: by default the quote's speaker."""
        holder, speaker = self.links.to("holder", span.id), self.speakers.get(quote, [])
        if span.attributes.holder_unnamed:
            return "unnamed", holder
        if not holder:
            return ("quoted", speaker) if quote else ("author", [])
        same = set(holder) <= set(speaker) or (
            set(self._entities_of(holder)) <= set(self._entities_of(speaker))
            and all(self.entity_id.get(key) for key in holder)
        )
        return ("quoted" if quote and same else "reported"), holder


def _decided(
    settled: Settled, owners: Mapping[str, str], entity_id: Mapping[str, str]
) -> list[Decided]:
    """The gold items that rest, in whole or in part, on a decision.

    `owners`: span key -> the mention, quote or stance that it belongs to. A link belongs to its
    quote or stance, one between mentions to their entity, a cue to its quotes.
    """
    by: dict[str, set[str]] = defaultdict(set)
    for key, owner in owners.items():
        by[owner].update(settled.decided.get(item_of(key), ()))
    for link in settled.links:
        item = item_of(link.from_, link.to, role=link.role)
        decisions = {*settled.decided.get(item, ())}
        if link.role == "cue":
            decisions.update(settled.decided.get(item_of(link.to), ()))
        if link.role == "same":
            owner = entity_id.get(link.from_, "")
        else:
            owner = owners[link.from_ if link.role in ("cue", "continues") else link.to]
        by[owner] |= decisions
    return [Decided(id=id_, items=sorted(items)) for id_, items in by.items() if id_ and items]


class _Links:
    """The links of a graph by role and end."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._to: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._from: dict[tuple[str, str], list[str]] = defaultdict(list)
        for link in links:
            self._to[link.role, link.to].append(link.from_)
            self._from[link.role, link.from_].append(link.to)

    def to(self, role: str, end: str) -> list[str]:
        return self._to.get((role, end), [])

    def from_(self, role: str, end: str) -> list[str]:
        return self._from.get((role, end), [])


def _labelled(id_: str, span: Span) -> list[str]:
    return [id_, f"{id_}-{span.label}"]


def _ids(things: Sequence[T], candidates: Callable[[T], list[str]]) -> list[str]:
    """For each thing its first candidate, from short to long, that no other thing has."""
    all_candidates = [candidates(thing) for thing in things]
    counts = Counter(c for own in all_candidates for c in own)
    return [next(c for c in own if counts[c] == 1) for own in all_candidates]


# --- quotes -----------------------------------------------------------------------------------


class _Quoted(NamedTuple):
    """A quote, or evidence (id ""), from the `start` of its first piece to the last `end`."""

    id: str
    pieces: list[tuple[int, int]]
    start: int
    end: int


def _quoted(id_: str, pieces: Sequence[Span]) -> _Quoted:
    places = [(p.start, p.end) for p in pieces]
    return _Quoted(id_, places, places[0][0], max(end for _, end in places))


def _pieces(spans: Sequence[Span], links: Iterable[Link]) -> list[list[Span]]:
    """The pieces of each quote, in text order: spans joined by `continues` links."""
    by_key = {span.id: span for span in spans}
    joins = [(link.from_, link.to) for link in links if link.role == "continues"]
    return [[by_key[key] for key in group] for group in connected(list(by_key), joins)]


def _smallest(quotes: Iterable[_Quoted], inner: _Quoted) -> str:
    """The id of the smallest quote around `inner`, "" for none.

    A quote must be strictly smaller than its parent; evidence may coincide with its quote. What is
    in the gap between the pieces of a quote is not inside it.
    """

    def around(quote: _Quoted) -> bool:
        size, inner_size = quote.end - quote.start, inner.end - inner.start
        return (
            quote.start <= inner.start
            and inner.end <= quote.end
            and (not inner.id or size > inner_size)
            and any(a < d and c < b for a, b in quote.pieces for c, d in inner.pieces)
        )

    found = [(q.end - q.start, q.start, q.id) for q in quotes if q.id != inner.id and around(q)]
    return min(found)[2] if found else ""


# --- mentions and entities --------------------------------------------------------------------

# English pronouns that can refer on their own (a closed class): personal,
# possessive, reflexive, demonstrative, relative and interrogative, indefinite, reciprocal.
_ONE_WORD = """
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself
    they them their theirs themselves themself one oneself
    this that these those such who whom whose which what whoever whomever
    all another any anybody anyone anything both each either enough everybody everyone everything
    few fewer less little many more most much neither nobody none nothing other others several
    some somebody someone something
"""
PRONOUNS = {*_ONE_WORD.split(), "no one", "each other", "one another"}


def mention_form(label: str, surface: str) -> str:
    """name, pronoun or nominal; `surface` is the mention's text."""
    if labels.load().spans[label].family == "name":
        return "name"
    return "pronoun" if surface.strip().casefold() in PRONOUNS else "nominal"


def _document_entities(
    article: Article, settled: Settled, mentions: Sequence[Span]
) -> tuple[list[Entity], dict[str, str]]:
    """The entities of a document, and mention key -> entity id ("" for mentions without one)."""
    known = labels.load()
    found = groups(mentions, settled.links, article.text)

    def candidates(group: list[Span]) -> list[str]:
        id_ = f"{article.id}-e{group[0].start}"
        return [id_, *_labelled(f"{id_}-{group[0].end}", group[0])]

    entities = []
    entity_id: dict[str, str] = {}
    for id_, group in zip(_ids(found, candidates), found, strict=True):
        picked = [settled.entities[m.entity] for m in group if m.entity in settled.entities]
        named = [m for m in group if known.spans[m.label].family == "name"]
        own = [m for m in named if not known.spans[m.label].derived]
        surfaces = [article.text[m.start : m.end].strip() for m in named]
        entities.append(
            Entity(
                id=id_,
                name=next((e.name for e in picked if e.name), max(surfaces, key=len, default="")),
                # most_common breaks ties by first occurrence.
                type=Counter(m.label for m in own or named or group).most_common(1)[0][0],
                kb_id=next((e.kb_id for e in picked if e.kb_id), ""),
            )
        )
        entity_id.update(dict.fromkeys((m.id for m in group), id_))
    return entities, entity_id


# --- reading and writing ----------------------------------------------------------------------

LABEL_SOURCES = {"person": "human", "model": "machine-generated"}
"""label_source by the kind of all annotators; "mixed" if they are of both kinds."""


class GoldReport(msgspec.Struct, kw_only=True):
    """The result of `make` for a batch.

    `undecided`: article id -> disputed items; these articles are not gold. `partial`: article id ->
    layers that only some annotators labelled, which are left out. `kept`: articles without text
    here whose row was kept; `missing`: those without a row to keep. `problems`: what could not be
    used (text.other, article.unknown, annotator.unknown).
    """

    batch: str
    rows: int = 0
    undecided: dict[str, list[str]] = {}
    partial: dict[str, list[str]] = {}
    kept: list[str] = []
    missing: list[str] = []
    problems: list[Problem] = []


def make(
    house: House, batch: str, out: Path | None = None, *, shelf: Shelf | None = None
) -> GoldReport:
    """Write the gold of a batch, sorted by article id, to `out` (corpus/gold/<batch>.jsonl).

    The file is replaced on success; a batch without gold has none. Keeps the place of each row in
    memory, not the row. Raises DataError (json.malformed, schema, csv.*, annotation.duplicate,
    adjudication.duplicate, gold.duplicate) and then writes nothing.
    """
    path = out or house.gold / f"{batch}.jsonl"
    report = GoldReport(batch=batch)
    with atomic.replacing(path) as file:
        for line in _rows(house, batch, report, shelf):
            file.write(line)
            report.rows += 1
    if not report.rows:
        path.unlink()
    return report


class _Named(msgspec.Struct):
    """Who a row of gold, annotations or adjudications names."""

    article_id: str
    annotator: str = ""
    annotators: list[str] = []
    adjudicator: str = ""


def _named(path: Path) -> Iterator[_Named]:
    """The rows of a file; none if there is no file. A line that cannot be read is left out."""
    ledger.no_pipe(path)
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                with suppress(msgspec.DecodeError):
                    yield ledger.decoded(line, _Named)


def refuse_loss(house: House, batches: Iterable[str], shelf: Shelf) -> None:
    """Raise UsageError if `make` would drop or change rows of these batches for want of what they
    were made from: the article, its annotators in annotators.csv, their annotations of it or the
    decisions about it.

    An article is taken out by `withdraw`, which takes its rows too. A line that cannot be read is
    left to `make`.
    """
    known = works.annotators(house)
    articles: list[str] = []
    people: set[str] = set()
    rows: dict[Path, list[str]] = {}
    for batch in batches:
        path = house.gold / f"{batch}.jsonl"
        annotations, decisions = house.annotations / batch, house.adjudications / path.name
        files = ledger.rows_files(annotations)
        there = {(row.article_id, row.annotator) for each in files for row in _named(each)}
        decided = {row.article_id for row in _named(decisions)}
        for row in _named(path):
            if row.article_id not in shelf:
                articles.append(row.article_id)
            people.update({*row.annotators, row.adjudicator} - known.keys() - {""})
            for name in row.annotators:
                if (row.article_id, name) not in there:
                    place = annotations / f"{name}.jsonl" if there else annotations
                    rows.setdefault(place, []).append(row.article_id)
            if row.adjudicator and row.article_id not in decided:
                rows.setdefault(decisions, []).append(row.article_id)
    gone = [
        f"{many(len(set(ids)), what)} of {house.name(place)} ({some(sorted(set(ids)))})"
        for what, place, ids in (
            ("article", house.articles, articles),
            ("line", house.annotators, people),
            *(("row", place, ids) for place, ids in sorted(rows.items())),
        )
        if ids
    ]
    if gone:
        raise UsageError(
            f"gold would be lost, since what it was made from is missing: {', '.join(gone)}",
            f"put that back; or delete the gold from {house.name(house.gold)} yourself",
        )


def settled_of(work: works.Work) -> Settled:
    """Settle the work on an article.

    Whether annotators mean the same entity depends on the text. Without it, entities and `same`
    links are not compared: the existing row, made with the text, has settled them.
    """
    if work.article.text:
        return settle(work.submitted, work.adjudication, text=work.article.text)
    bare = [
        msgspec.structs.replace(
            row, spans=[msgspec.structs.replace(span, entity="") for span in row.spans]
        )
        for row in work.submitted
    ]
    settled = settle(bare, work.adjudication)
    return settled._replace(disputed=[item for item in settled.disputed if role_of(item) != "same"])


def _rows(house: House, batch: str, report: GoldReport, shelf: Shelf | None) -> Iterator[bytes]:
    batch_works = works.Works(house, batch, shelf)
    kinds = {who.id: who.kind for who in batch_works.annotators.values()}
    existing = works.places(house, house.gold / f"{batch}.jsonl", "gold.duplicate")
    report.problems = batch_works.problems
    for work in batch_works:
        article = work.article
        if not work.submitted:
            continue
        settled = settled_of(work)
        labelled = {layer for row in work.submitted for layer in row.layers}
        if left_out := [x for x in LAYERS if x in labelled and x not in settled.layers]:
            report.partial[article.id] = left_out
        if settled.disputed:
            report.undecided[article.id] = settled.disputed
        elif not settled.layers:
            continue
        elif article.text:
            yield ledger.encode(gold_document(article, settled, kinds))
        elif row := existing.get(article.id):
            report.kept.append(article.id)
            yield works.line_at(row)
        else:
            report.missing.append(article.id)
