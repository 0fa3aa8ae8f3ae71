"""Gold documents: what is settled about an article, with everything that follows from it.

`gold_document` is pure. `make` is the edge: it reads a batch and writes corpus/gold/<batch>.jsonl.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from onrecord import labels, ledger
from onrecord.gold.settle import Settled, item_key, settle
from onrecord.labels import LAYERS
from onrecord.ledger import House
from onrecord.marks import quote_type
from onrecord.records import (
    Adjudication,
    Annotation,
    Article,
    DataError,
    Decision,
    Entity,
    Gold,
    Link,
    Mention,
    Problem,
    Quote,
    Span,
    Stance,
)

__all__ = ["GoldReport", "Settled", "gold_document", "item_key", "make", "mention_form", "settle"]

T = TypeVar("T")

# --- the gold document ------------------------------------------------------------------------


def gold_document(article: Article, settled: Settled, annotators: Mapping[str, str]) -> Gold:
    """The gold document of an article whose text is at hand, from what is settled about it.

    `annotators` gives each annotator's kind, person or model. Ids hold the article's id and
    offsets, so a correction elsewhere leaves them alone. A mention that no layer in `layers`
    covers is there only where a link needs it. Strings of the text are filled in where the
    rights let the text ship; entity names always are.

    Raises KeyError for an annotator without a kind.
    """
    known = labels.load()
    family = {span.id: known.family(span.label) for span in settled.spans}
    links = _Links(settled.links)
    shown = article.text if article.rights.release == "ship" else ""
    prefix = f"{article.id}-"

    mention_spans = [span for span in settled.spans if family[span.id] == "mention"]
    mention_ids = _ids(mention_spans, lambda m: _labelled(f"{prefix}m{m.start}-{m.end}", m))
    mention_id = {m.id: id_ for m, id_ in zip(mention_spans, mention_ids, strict=True)}
    entities, entity_id = _document_entities(article, settled, mention_spans)

    def mentions_of(keys: Iterable[str]) -> list[str]:
        wanted = set(keys)
        return [mention_id[m.id] for m in mention_spans if m.id in wanted]

    def entities_of(keys: Iterable[str]) -> list[str]:
        wanted = set(keys)
        found = (entity_id.get(m.id, "") for m in mention_spans if m.id in wanted)
        return list(dict.fromkeys(e for e in found if e))

    by_key = {span.id: span for span in settled.spans}
    quotes = []
    speakers: dict[str, list[str]] = {}
    extents: list[_Quoted] = []
    for pieces in _pieces([s for s in settled.spans if family[s.id] == "quote"], settled.links):
        id_ = f"{prefix}q{pieces[0].start}-{pieces[0].end}"
        extents.append(_Quoted(id_, [(p.start, p.end) for p in pieces]))
        speakers[id_] = [key for p in pieces for key in links.to("speaker", p.id)]
        cues = {key for p in pieces for key in links.from_("cue", p.id)}
        quotes.append(
            Quote(
                id=id_,
                type=quote_type([article.text[p.start : p.end] for p in pieces]),
                spans=[[p.start, p.end] for p in pieces],
                text=[shown[p.start : p.end] for p in pieces],
                cue=sorted([by_key[key].start, by_key[key].end] for key in cues),
                speaker=mentions_of(speakers[id_]),
                speaker_entities=entities_of(speakers[id_]),
                addressee=mentions_of(k for p in pieces for k in links.to("addressee", p.id)),
                parent="",
            )
        )
    for quote, extent in zip(quotes, extents, strict=True):
        quote.parent = _smallest(extents, extent)

    stance_spans = [span for span in settled.spans if family[span.id] == "stance"]
    stance_ids = _ids(stance_spans, lambda s: _labelled(f"{prefix}s{s.start}-{s.end}", s))
    stances = []
    for id_, span in zip(stance_ids, stance_spans, strict=True):
        quote_id = _smallest(extents, _Quoted("", [(span.start, span.end)]))
        speaker = speakers.get(quote_id, [])
        holder = links.to("holder", span.id)
        targets = links.to("target", span.id)
        if span.attributes.holder_unnamed:
            level = "unnamed"
        elif holder:
            same = set(holder) <= set(speaker) or (
                set(entities_of(holder)) <= set(entities_of(speaker))
                and all(entity_id.get(key) for key in holder)
            )
            level = "quoted" if quote_id and same else "reported"
        else:
            level = "quoted" if quote_id else "author"
            holder = speaker
        stances.append(
            Stance(
                id=id_,
                polarity=known.spans[span.label].polarity,
                evidence=[[span.start, span.end]],
                holder_level=level,
                holder=mentions_of(holder),
                holder_entities=entities_of(holder),
                target=mentions_of(targets),
                target_entities=entities_of(targets),
                target_text=span.attributes.target_text,
                quote=quote_id,
                basis=span.attributes.basis,
            )
        )

    kinds = {annotators[annotator] for annotator in settled.annotators}
    return Gold(
        article_id=article.id,
        layers=settled.layers,
        n_annotators=settled.n_annotators,
        settled_by=settled.settled_by,
        label_source=LABEL_SOURCES[kinds.pop()] if len(kinds) == 1 else "mixed",
        mentions=[
            Mention(
                id=mention_id[m.id],
                start=m.start,
                end=m.end,
                text=shown[m.start : m.end],
                type=m.label,
                form=mention_form(m.label, article.text[m.start : m.end]),
                entity=entity_id.get(m.id, ""),
            )
            for m in mention_spans
        ],
        entities=entities,
        quotes=quotes,
        stances=stances,
    )


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
    """For each thing the first of its candidates (short to long) that no other thing has."""
    all_candidates = [candidates(thing) for thing in things]
    counts = Counter(c for own in all_candidates for c in own)
    return [next(c for c in own if counts[c] == 1) for own in all_candidates]


def _groups(keys: Sequence[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The connected components of `keys`, each and all in the order of `keys`."""
    root = {key: key for key in keys}

    def find(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for one, other in pairs:
        root[find(one)] = find(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[find(key)].append(key)
    return list(groups.values())


# --- quotes -----------------------------------------------------------------------------------


class _Quoted(NamedTuple):
    id: str
    pieces: list[tuple[int, int]]

    @property
    def start(self) -> int:
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        return max(end for _, end in self.pieces)


def _pieces(spans: Sequence[Span], links: Iterable[Link]) -> list[list[Span]]:
    """Quotes as their pieces in text order: spans that `continues` links join."""
    by_key = {span.id: span for span in spans}
    joins = [(link.from_, link.to) for link in links if link.role == "continues"]
    return [[by_key[key] for key in group] for group in _groups(list(by_key), joins)]


def _smallest(quotes: Iterable[_Quoted], inner: _Quoted) -> str:
    """The id of the smallest quote around `inner`, "" for none.

    Around a quote is strictly around; evidence may coincide with its quote. What stands in the
    gap of a quote in two pieces is not inside it.
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

# English pronouns that stand for somebody or something on their own (a closed class): personal,
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
    """The entities of a document, and mention key -> entity id ("" for what stands for none).

    Two mentions are one entity by a `same` link, by the entity that the annotator chose for
    both, or, names only, by the same surface and label, unless different choices keep them apart.
    """
    known = labels.load()
    bearing = [m for m in mentions if known.spans[m.label].entity]
    surface = {m.id: article.text[m.start : m.end].strip() for m in bearing}
    names = {m.id for m in bearing if known.spans[m.label].family == "name"}

    pairs = [
        (link.from_, link.to)
        for link in settled.links
        if link.role == "same" and link.from_ in surface and link.to in surface
    ]
    chosen: dict[str, str] = {}
    alike: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for m in bearing:
        if m.entity:
            pairs.append((chosen.setdefault(m.entity, m.id), m.id))
        if m.id in names:
            alike[surface[m.id].casefold(), m.label].append(m)
    for group in alike.values():
        # Two people of one name: those whom nobody told apart stay apart from both.
        choices = {m.entity for m in group if m.entity}
        one = [m for m in group if not m.entity] if len(choices) > 1 else group
        pairs += [(one[0].id, m.id) for m in one[1:]]

    by_key = {m.id: m for m in bearing}
    groups = [[by_key[key] for key in group] for group in _groups(list(by_key), pairs)]

    def candidates(group: list[Span]) -> list[str]:
        id_ = f"{article.id}-e{group[0].start}"
        return [id_, *_labelled(f"{id_}-{group[0].end}", group[0])]

    entities = []
    entity_id: dict[str, str] = {}
    for id_, group in zip(_ids(groups, candidates), groups, strict=True):
        picked = [settled.entities[m.entity] for m in group if m.entity in settled.entities]
        named = [m for m in group if m.id in names]
        longest = max((surface[m.id] for m in named), key=len, default="")
        entities.append(
            Entity(
                id=id_,
                name=next((e.name for e in picked if e.name), longest),
                # most_common counts ties in the order they were met: the first in the text.
                type=Counter(m.label for m in named or group).most_common(1)[0][0],
                kb_id=next((e.kb_id for e in picked if e.kb_id), ""),
            )
        )
        entity_id.update(dict.fromkeys((m.id for m in group), id_))
    return entities, entity_id


# --- reading and writing ----------------------------------------------------------------------

LABEL_SOURCES = {"person": "human", "model": "machine-generated"}
"""label_source by the kind that all annotators share; "mixed" where they do not."""


class GoldReport(msgspec.Struct, kw_only=True):
    """What `make` did with a batch.

    `undecided`: article id -> disputed items; these articles are not gold. `partial`: article id
    -> layers that some annotators labelled and others did not, left out. `kept`: articles whose
    text is not at hand and whose row stayed as it was; `missing`: those that had no row to keep.
    `problems`: what could not be used (text.other, article.unknown, annotator.unknown).
    """

    batch: str
    rows: int = 0
    undecided: dict[str, list[str]] = {}
    partial: dict[str, list[str]] = {}
    kept: list[str] = []
    missing: list[str] = []
    problems: list[Problem] = []


def make(house: House, batch: str, out: Path | None = None) -> GoldReport:
    """Write the gold of a batch, sorted by article id, to `out` (corpus/gold/<batch>.jsonl).

    The file is replaced when all went well; a batch without gold has none. Holds a line's place
    for each row it reads, never the rows. Raises DataError (json.malformed, schema, csv.*,
    annotation.duplicate, adjudication.duplicate, gold.duplicate) and then writes nothing.
    """
    path = out or house.gold / f"{batch}.jsonl"
    report = GoldReport(batch=batch)
    with ledger.replacing(path) as file:
        for line in _rows(house, batch, report):
            file.write(line)
            report.rows += 1
    if not report.rows:
        path.unlink()
    return report


class Works:
    """What was submitted and adjudicated in a batch, by article; holds places, not rows.

    Raises DataError (json.malformed, annotation.duplicate, adjudication.duplicate, schema).
    """

    def __init__(self, house: House, batch: str) -> None:
        self._house = house
        self._annotations = _annotations(house, batch)
        path = house.adjudications / f"{batch}.jsonl"
        self._adjudications = _places(house, path, "adjudication.duplicate")

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._annotations))

    def submitted(self, article: Article) -> list[Annotation]:
        """The submitted annotations of the article's admitted text."""
        places = self._annotations.get(article.id, [])
        works = (_read(self._house, place, Annotation) for place in places)
        return [
            work
            for work in works
            if work.status == "submitted" and work.text_sha256 == article.text_sha256
        ]

    def adjudication(self, article: Article) -> Adjudication | None:
        """The adjudication of the article's admitted text, None where there is none."""
        place = self._adjudications.get(article.id)
        row = _read(self._house, place, Adjudication) if place else None
        return row if row and row.text_sha256 == article.text_sha256 else None


def _annotations(house: House, batch: str) -> dict[str, list[_Place]]:
    annotations: dict[str, list[_Place]] = defaultdict(list)
    for path in sorted((house.annotations / batch).glob("*.jsonl")):
        for article_id, place in _places(house, path, "annotation.duplicate").items():
            annotations[article_id].append(place)
    return annotations


def _rows(house: House, batch: str, report: GoldReport) -> Iterator[bytes]:
    kinds = _kinds(house)
    shelf = ledger.Shelf(house)
    annotations = _annotations(house, batch)
    adjudications = _places(house, house.adjudications / f"{batch}.jsonl", "adjudication.duplicate")
    existing = _places(house, house.gold / f"{batch}.jsonl", "gold.duplicate")

    for article_id in sorted(annotations):
        if article_id not in shelf:
            message = "this article is not admitted; admit it or remove the row"
            for place in annotations[article_id]:
                report.problems.append(
                    _problem(house, place, "article.unknown", article_id, message)
                )
            continue
        try:
            article = shelf.article(article_id)
        except msgspec.ValidationError as error:
            message = f"the article's own line is wrong ({error}); run onrecord check"
            problem = _problem(house, annotations[article_id][0], "schema", article_id, message)
            raise DataError(str(problem), [problem]) from None

        def usable(place: _Place, work: Annotation | Adjudication) -> bool:
            who = work.annotator if isinstance(work, Annotation) else work.adjudicator
            if work.text_sha256 != article.text_sha256:  # noqa: B023 - called in this round only
                rule, message = "text.other", "made on another text than the admitted one"
            elif who not in kinds:
                rule, message = "annotator.unknown", f"{who} is not in corpus/annotators.csv"
            else:
                return True
            message += "; it is not used"
            report.problems.append(_problem(house, place, rule, work.article_id, message))
            return False

        works = [(place, _read(house, place, Annotation)) for place in annotations[article_id]]
        submitted = [(place, work) for place, work in works if work.status == "submitted"]
        used = [work for place, work in submitted if usable(place, work)]
        if not used:
            continue
        adjudication = None
        if place := adjudications.get(article_id):
            decided = _read(house, place, Adjudication)
            adjudication = decided if usable(place, decided) else None
        settled = settle(used, adjudication)
        some = {layer for work in used for layer in work.layers}
        if left_out := [x for x in LAYERS if x in some and x not in settled.layers]:
            report.partial[article_id] = left_out
        if settled.disputed:
            report.undecided[article_id] = settled.disputed
        elif not settled.layers:
            continue
        elif article.text:
            yield ledger.encode(gold_document(article, settled, kinds))
        elif row := existing.get(article_id):
            report.kept.append(article_id)
            yield _line(row)
        else:
            report.missing.append(article_id)


def _kinds(house: House) -> dict[str, str]:
    """Annotator -> person or model."""
    kinds = {}
    name = house.name(house.annotators)
    for number, row in ledger.read_csv(house.annotators, ledger.ANNOTATORS, name=name):
        if row[1] not in LABEL_SOURCES:
            message = f"the kind is {row[1]!r}; write person or model"
            place = _Place(house.annotators, number, 0)
            problem = _problem(house, place, "csv.value", row[0], message)
            raise DataError(str(problem), [problem])
        kinds[row[0]] = row[1]
    return kinds


class _Place(NamedTuple):
    path: Path
    line: int
    offset: int


class _Key(msgspec.Struct):
    article_id: str


def _places(house: House, path: Path, twice: str) -> dict[str, _Place]:
    """Article id -> where its row is; raises DataError (rule `twice`) where it has two."""
    places: dict[str, _Place] = {}
    if not path.exists():
        return places
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            place = _Place(path, number, offset)
            offset += len(line)
            key = _decode(house, place, line, _Key).article_id
            if key in places:
                message = f"already on line {places[key].line}; keep one of them"
                problem = _problem(house, place, twice, key, message)
                raise DataError(str(problem), [problem])
            places[key] = place
    return places


def _line(place: _Place) -> bytes:
    with place.path.open("rb") as file:
        file.seek(place.offset)
        return file.readline()


def _read(house: House, place: _Place, kind: type[T]) -> T:
    """An annotation or adjudication; raises DataError for a label that labels.toml has not."""
    record = _decode(house, place, _line(place), kind)
    known = labels.load()
    parts = record.decisions if isinstance(record, Adjudication) else [record]
    for part in parts:
        if not isinstance(part, Annotation | Decision):
            continue
        strange = [span.label for span in part.spans if span.label not in known.spans]
        strange += [link.role for link in part.links if link.role not in known.links]
        if strange:
            message = f"labels.toml has no {strange[0]}; correct it or run onrecord check"
            problem = _problem(house, place, "schema", "", message)
            raise DataError(str(problem), [problem])
    return record


def _decode(house: House, place: _Place, line: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        rule = "schema" if isinstance(error, msgspec.ValidationError) else "json.malformed"
        problem = _problem(house, place, rule, "", f"{error}; mend or remove the line")
        raise DataError(str(problem), [problem]) from None


def _problem(house: House, place: _Place, rule: str, id_: str, message: str) -> Problem:
    return Problem(file=house.name(place.path), line=place.line, rule=rule, id=id_, message=message)
