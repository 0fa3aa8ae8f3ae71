"""The published views: a gold document, or an annotation, as rows of plain dicts.

Every offset is in code points of the ARTICLE's text, half-open, whatever the row is: with the
row's own `paragraph` or `context`, which starts at `start`, a surface is
`context[s - start : e - start]`. Class labels are strings here; hub.py gives them their ids.

What may not be published never leaves this module: every view first masks the article (`public`),
so that a withheld text that somebody hydrated on their own machine makes no difference.

Tokens. In this order: a word (letters, digits and their combining marks; inner apostrophes and
hyphens, and points and commas between digits, belong to it); a possessive 's; a pair of regional
indicators (a flag); any other code point that is no white space, with the marks, skin tones and
joined pictures that follow it. Where the edge of a tagged span cuts a token, the token is cut
there too, so that tags say exactly what the spans say (`tagged_spans` reads them back).

Sentences. A paragraph is cut after . ! ? or an ellipsis and any closing marks, where white space
and then no lower-case letter follows; not after a single capital or one of ABBREVIATIONS.
"""

# No `from __future__ import annotations`: the name is a view's.
import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec

from onrecord.labels import LAYERS, Labels, load
from onrecord.records import Annotation, Article, Gold, Mention, Quote, Segment
from onrecord.rights import attribution

Row = dict[str, Any]
Pair = tuple[int, int]

SOURCE = ("file", "sha256", "url", "revision", "row", "field")
"""What a row of documents tells of the file that the text came from: enough to restore it."""
NONE_PAIRS = 6
"""At most so many `none` rows a sentence in the stance view: the nearest pairs."""

_MARKS = "".join(
    chr(c)
    for c in (*range(0x300, 0x1E9FF), *range(0xE0100, 0xE01F0))
    if unicodedata.category(chr(c)).startswith("M")
)
_WORD = rf"[^\W_]++(?:[{_MARKS}]++[^\W_]*+)*+"
_POSSESSIVE = rf"['’][sS](?![^\W_]|[{_MARKS}])"
_JOINED = rf"(?!{_POSSESSIVE})['’\-‐‑\u200c](?=[^\W_])|(?<=\d)[.,](?=\d)"
_AFTER = rf"(?:[{_MARKS}\U0001F3FB-\U0001F3FF\U000E0020-\U000E007F]|\u200d\S)*+"
_TOKEN = re.compile(
    rf"{_WORD}(?:(?:{_JOINED}){_WORD})*+"
    rf"|(?<=[^\W_]|[{_MARKS}]){_POSSESSIVE}"
    rf"|[\U0001F1E6-\U0001F1FF]{{2}}|\S{_AFTER}"
)

# fmt: off
ABBREVIATIONS = frozenset({
    "Mr", "Mrs", "Ms", "Dr", "Prof", "Rev", "Hon", "St", "Mt", "Gen", "Col", "Capt",
    "Lt", "Sgt", "Sen", "Rep", "Gov", "Pres", "Jr", "Sr", "Inc", "Ltd", "Co", "Corp",
    "No", "v", "vs", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct",
    "Nov", "Dec",
})
# fmt: on
# The time of day goes on with its zone: "8:30 p.m. EDT", "8:30 p.m. (0030 UTC)".
_ZONED = r"(?<=[ap]\.m)\.\s+(?:\(|[A-Z]{1,3}[TC]\b)"
_STOP = re.compile(rf"(?!{_ZONED})(?:[.!?]+|…)[\"'”’»)\]]*(?=\s+(\S))")
_LAST_WORD = re.compile(r"[^\W_]+\Z")


# --- text to tokens and sentences, spans to tags and back ---------------------------------------


def tokenise(text: str, start: int, end: int, cuts: Iterable[int] = ()) -> list[Pair]:
    """The tokens of `text[start:end]` as offsets in `text`, cut at `cuts` where these lie inside.

    Together they cover every code point of the slice that is no white space.
    """
    tokens = [match.span() for match in _TOKEN.finditer(text, start, end)]
    edges = sorted(set(cuts))
    if not edges:
        return tokens
    pieces: list[Pair] = []
    at = 0
    for first, last in tokens:
        while at < len(edges) and edges[at] <= first:
            at += 1
        while at < len(edges) and edges[at] < last:
            pieces.append((first, edges[at]))
            first = edges[at]
            at += 1
        pieces.append((first, last))
    return pieces


def sentences(text: str, start: int, end: int) -> list[Pair]:
    """The sentences of the paragraph `text[start:end]`, as offsets in `text`."""
    cuts = [start]
    for match in _STOP.finditer(text, start, end):
        word = _LAST_WORD.search(text, max(start, match.start() - 20), match.start())
        short = word and (
            word[0] in ABBREVIATIONS or (len(word[0]) == 1 and word[0].isupper() and word[0] != "I")
        )
        if not match[1].islower() and not (short and match[0] == "."):
            cuts += [match.end(), match.start(1)]
    cuts.append(end)
    return [(first, last) for first, last in zip(cuts[::2], cuts[1::2], strict=True)]


def outermost(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The spans that no earlier or wider one overlaps, in text order."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1], s[2])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def bio_tags(tokens: Sequence[Pair], spans: Sequence[tuple[int, int, str]]) -> list[str]:
    """A BIO tag for each token. `spans` do not overlap and start and end where tokens do."""
    tags: list[str] = []
    at = 0
    for start, _ in tokens:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans) and spans[at][0] <= start:
            tags.append(("B-" if spans[at][0] == start else "I-") + spans[at][2])
        else:
            tags.append("O")
    return tags


def tagged_spans(
    tokens: Sequence[Sequence[int]], tags: Sequence[str]
) -> list[tuple[int, int, str]]:
    """The `(start, end, label)` that a row's `offsets` and tags stand for: `bio_tags` undone."""
    spans: list[tuple[int, int, str]] = []
    for (start, end), tag in zip(tokens, tags, strict=True):
        if tag.startswith("B-"):
            spans.append((start, end, tag[2:]))
        elif tag.startswith("I-"):
            spans[-1] = (spans[-1][0], end, spans[-1][2])
    return spans


def tag_names(labels: Labels) -> dict[str, list[str]]:
    """The labels that each BIO column of the entities view may tag."""

    def of(family: str) -> list[str]:
        return [s.name for s in labels.spans.values() if s.family == family]

    return {"ner_tags": of("name"), "quote_tags": of("quote"), "cue_tags": of("cue")}


# --- what every row carries ---------------------------------------------------------------------


def public(article: Article) -> Article:
    """The article as it may be published: as it is, or without its text and what quotes that."""
    if article.text and article.rights.release in ("ship", "fetch"):
        return article
    return msgspec.structs.replace(article, text="", headline="", credit=[])


def _common(article: Article) -> Row:
    return {
        "article_id": article.id,
        "publisher": article.publisher,
        "date_published": article.date_published,
        "url": article.url,
        "licence": article.rights.licence,
        "attribution": attribution(article),
    }


def _pairs(spans: Iterable[Sequence[int]]) -> list[list[int]]:
    return [list(span) for span in spans]


class _Page:
    """A gold document beside its article: what an id in it stands for, where a span stands."""

    def __init__(self, article: Article, gold: Gold) -> None:
        self.article = public(article)
        self.text = self.article.text
        self.mentions = {m.id: m for m in gold.mentions}
        self.entities = {e.id: e for e in gold.entities}
        self.quotes = {q.id: q for q in gold.quotes}

    @cached_property
    def sentences(self) -> list[Pair]:
        return [
            pair for s in self.article.segments for pair in sentences(self.text, s.start, s.end)
        ]

    def slices(self, spans: Iterable[Sequence[int]]) -> list[str]:
        """The spans' surface strings; `""` each where the text may not be shown."""
        return [self.text[start:end] for start, end in spans]

    def mention(self, mention: Mention) -> Row:
        return {**msgspec.structs.asdict(mention), "text": self.text[mention.start : mention.end]}

    def who(self, ids: Iterable[str]) -> list[Row]:
        return [self.mention(self.mentions[i]) for i in ids]

    def entity(self, ids: Iterable[str]) -> list[Row]:
        return [msgspec.structs.asdict(self.entities[i]) for i in ids]

    def quote(self, quote: Quote) -> Row:
        return {**msgspec.structs.asdict(quote), "text": self.slices(quote.spans)}

    def context(self, start: int, end: int) -> Row:
        """The paragraphs that `[start, end)` touches, from the first's start to the last's end."""
        touched = [s for s in self.article.segments if s.start < end and start < s.end]
        first, last = touched[0], touched[-1]
        return {
            "role": first.role,
            "context": self.text[first.start : last.end],
            "start": first.start,
            "end": last.end,
        }

    def quote_around(self, start: int, end: int) -> Quote | None:
        """The smallest quote with a piece around `[start, end)`."""
        around = [
            quote
            for quote in self.quotes.values()
            if any(first <= start and end <= last for first, last in quote.spans)
        ]
        return min(
            around, key=lambda q: (_extent(q.spans)[1] - _extent(q.spans)[0], q.id), default=None
        )

    def sentence(self, start: int, end: int) -> Pair:
        """The sentence that `[start, end)` stands in; from the first to the last, if several."""
        touched = [s for s in self.sentences if s[0] < end and start < s[1]]
        return touched[0][0], touched[-1][1]

    def in_sentences(self, mentions: Iterable[Mention]) -> Iterator[tuple[Pair, list[Mention]]]:
        """Each sentence with the mentions that stand in it as a whole, in text order."""
        waiting = sorted(mentions, key=lambda m: (m.start, m.end, m.id))
        at = 0
        for sentence in self.sentences:
            first = at
            while at < len(waiting) and waiting[at].start < sentence[1]:
                at += 1
            yield sentence, [m for m in waiting[first:at] if m.end <= sentence[1]]


def _extent(spans: Sequence[Sequence[int]]) -> Pair:
    return min(s[0] for s in spans), max(s[1] for s in spans)


# --- the five views -----------------------------------------------------------------------------


def documents(article: Article, gold: Gold) -> Iterator[Row]:
    """One row: the article with everything that is settled about it, nested."""
    page = _Page(article, gold)
    shown = page.article
    yield {
        **_common(shown),
        "headline": shown.headline,
        "authors": shown.authors,
        "language": shown.language,
        "section": shown.section,
        "credit": shown.credit,
        "dateline": shown.dateline,
        "story": shown.story,
        "release": shown.rights.release,
        "text_available": bool(shown.text),
        "text_sha256": shown.text_sha256,
        "text": shown.text,
        "segments": [msgspec.structs.asdict(s) for s in shown.segments],
        "source": {name: getattr(shown.source, name) for name in SOURCE},
        "layers": gold.layers,
        "n_annotators": gold.n_annotators,
        "annotators": gold.annotators,
        "adjudicator": gold.adjudicator,
        "settled_by": gold.settled_by,
        "label_source": gold.label_source,
        "mentions": [page.mention(m) for m in gold.mentions],
        "entities": [msgspec.structs.asdict(e) for e in gold.entities],
        "quotes": [page.quote(q) for q in gold.quotes],
        "stances": [msgspec.structs.asdict(s) for s in gold.stances],
        "decided": [msgspec.structs.asdict(d) for d in gold.decided],
    }


def entities(article: Article, gold: Gold) -> Iterator[Row]:
    """A row for every paragraph with text: tokens and their BIO tags, negatives included.

    A tag column of a layer that was not labelled is `[]`, never a row of O. Tags are those of the
    outermost names, quotes and cues; a span over several paragraphs is tagged in each.
    """
    labels, shown = load(), public(article)
    if not shown.text or not {"entities", "quotes"} & set(gold.layers):
        return
    names = tag_names(labels)
    spans = {
        "ner_tags": [
            (m.start, m.end, m.type) for m in gold.mentions if m.type in names["ner_tags"]
        ],
        "quote_tags": [(*s, names["quote_tags"][0]) for q in gold.quotes for s in q.spans],
        "cue_tags": [(*s, names["cue_tags"][0]) for q in gold.quotes for s in q.cue],
    }
    layer = {"ner_tags": "entities", "quote_tags": "quotes", "cue_tags": "quotes"}
    tagged = {name: outermost(values) for name, values in spans.items()}
    for number, segment in enumerate(shown.segments):
        clipped = {name: _clip(values, segment) for name, values in tagged.items()}
        cuts = {edge for values in clipped.values() for span in values for edge in span[:2]}
        tokens = tokenise(shown.text, segment.start, segment.end, cuts)
        yield {
            **_common(shown),
            "id": f"{shown.id}-p{number}",
            "label_source": gold.label_source,
            "role": segment.role,
            "paragraph": shown.text[segment.start : segment.end],
            "start": segment.start,
            "end": segment.end,
            "tokens": [shown.text[s:e] for s, e in tokens],
            "offsets": _pairs(tokens),
            "sentences": _pairs(sentences(shown.text, segment.start, segment.end)),
            **{
                name: bio_tags(tokens, values) if layer[name] in gold.layers else []
                for name, values in clipped.items()
            },
        }


def _clip(spans: Iterable[tuple[int, int, str]], segment: Segment) -> list[tuple[int, int, str]]:
    return [
        (max(s, segment.start), min(e, segment.end), label)
        for s, e, label in spans
        if s < segment.end and segment.start < e
    ]


def quotes(article: Article, gold: Gold) -> Iterator[Row]:
    """A row for every quote, with its paragraph (from the first to the last it has a piece in)."""
    page = _Page(article, gold)
    if not page.text:
        return
    for quote in gold.quotes:
        yield {
            **_common(page.article),
            "id": quote.id,
            "label_source": gold.label_source,
            **page.context(*_extent(quote.spans)),
            "quote_type": quote.type,
            "spans": _pairs(quote.spans),
            "text": page.slices(quote.spans),
            "cue": _pairs(quote.cue),
            "cue_text": page.slices(quote.cue),
            "speaker": page.who(quote.speaker),
            "speaker_entities": page.entity(quote.speaker_entities),
            "addressee": page.who(quote.addressee),
            "parent": quote.parent,
        }


def stance(article: Article, gold: Gold) -> Iterator[Row]:
    """A row for every stance, then the `none` pairs of an article that is labelled in all layers.

    A `none` pair is two mentions that stand in one sentence, do not overlap, and belong to two
    different entities, the holder's of a type that can hold a stance, where none of the holder's
    entity to the target's has evidence in the sentence. An ordered pair of entities counts once
    a sentence, by its nearest mentions; a sentence gives its NONE_PAIRS nearest. Its quote is the
    smallest around the target, whoever speaks it, as a stance's is that around the evidence: a
    column that only stances fill would give the answer away.
    """
    page = _Page(article, gold)
    if not page.text:
        return
    for item in gold.stances:
        start, end = _extent(item.evidence)
        yield {
            **_common(page.article),
            "id": item.id,
            "label_source": gold.label_source,
            **page.context(start, end),
            "sentence": list(page.sentence(start, end)),
            "polarity": item.polarity,
            "evidence": _pairs(item.evidence),
            "evidence_text": page.slices(item.evidence),
            "holder_level": item.holder_level,
            "holder": page.who(item.holder),
            "holder_entities": page.entity(item.holder_entities),
            "target": page.who(item.target),
            "target_entities": page.entity(item.target_entities),
            "target_text": item.target_text,
            "quote": item.quote,
            "basis": item.basis,
        }
    if set(gold.layers) >= set(LAYERS):
        yield from _none_rows(page, gold)


def _none_rows(page: _Page, gold: Gold) -> Iterator[Row]:
    spans = load().spans
    able = [m for m in gold.mentions if m.entity and spans[m.type].entity]
    taken = [
        (_extent(s.evidence), {(h, t) for h in s.holder_entities for t in s.target_entities})
        for s in gold.stances
    ]
    for sentence, mentions in page.in_sentences(able):
        stood = set[tuple[str, str]]().union(
            *(pairs for (s, e), pairs in taken if s < sentence[1] and sentence[0] < e)
        )
        holding = {m.entity for m in mentions if spans[page.entities[m.entity].type].holds}
        chosen = _nearest(mentions, holding, stood)
        places = Counter((h.start, h.end, t.start, t.end) for h, t in chosen)
        for holder, target in chosen:
            place = holder.start, holder.end, target.start, target.end
            # The same words can have two labels, of two entities.
            kinds = (holder.type, target.type) if places[place] > 1 else ()
            quote = page.quote_around(target.start, target.end)
            spoken = quote is not None and holder.entity in quote.speaker_entities
            yield {
                **_common(page.article),
                "id": f"{page.article.id}-n{'-'.join(map(str, (*place, *kinds)))}",
                "label_source": gold.label_source,
                **page.context(*sentence),
                "sentence": list(sentence),
                "polarity": "none",
                "evidence": [],
                "evidence_text": [],
                "holder_level": "quoted" if spoken else "reported",
                "holder": [page.mention(holder)],
                "holder_entities": page.entity([holder.entity]),
                "target": [page.mention(target)],
                "target_entities": page.entity([target.entity]),
                "target_text": "",
                "quote": quote.id if quote else "",
                "basis": "",
            }


def _nearest(
    mentions: Sequence[Mention], holding: Set[str], stood: Set[tuple[str, str]]
) -> list[tuple[Mention, Mention]]:
    """The `none` pairs of a sentence, holder and target, nearest first.

    `mentions` are in text order, `holding` are the entities that can hold a stance, `stood` the
    pairs of entities that do. Pairs are met by their distance and no further than needed: a table
    without a stop is one sentence of thousands of mentions.
    """

    def after(at: int) -> Iterator[tuple[int, int, int]]:
        """The pairs of a mention and a later one, either the holder: distance, holder, target."""
        one = mentions[at]
        for beyond in range(at + 1, len(mentions)):
            other = mentions[beyond]
            gap = other.start - one.end
            if gap < 0 or one.entity == other.entity:
                continue
            if one.entity in holding and (one.entity, other.entity) not in stood:
                yield gap, at, beyond
            if other.entity in holding and (other.entity, one.entity) not in stood:
                yield gap, beyond, at

    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    farthest = 0
    for pair in heapq.merge(*map(after, range(len(mentions))), key=itemgetter(0)):
        if len(found) >= NONE_PAIRS and pair[0] > farthest:
            break
        farthest = pair[0]
        entities = mentions[pair[1]].entity, mentions[pair[2]].entity
        found[entities] = min(pair, found.get(entities, pair))
    # In text order, where the distance is the same.
    chosen = sorted(found.values(), key=lambda p: (p[0], *(mentions[i].start for i in p[1:]), p))
    return [(mentions[holder], mentions[target]) for _, holder, target in chosen[:NONE_PAIRS]]


def annotations(article: Article, annotation: Annotation, kind: str) -> Iterator[Row]:
    """One row: what an annotator, a `person` or a `model`, handed in for an article.

    A note may cite the text, so it goes where the text goes.
    """
    shown = public(article)
    yield {
        **_common(shown),
        "batch": annotation.batch,
        "annotator": annotation.annotator,
        "annotator_kind": kind,
        "status": annotation.status,
        "layers": annotation.layers,
        "created_at": annotation.created_at,
        "lead_time": annotation.lead_time,
        "flags": annotation.flags,
        "note": annotation.note if shown.text else "",
        "entities": [msgspec.structs.asdict(e) for e in annotation.entities],
        "spans": [
            {
                "id": s.id,
                "label": s.label,
                "start": s.start,
                "end": s.end,
                "text": shown.text[s.start : s.end],
                "entity": s.entity,
                **msgspec.structs.asdict(s.attributes),
                "origin": s.origin,
                "score": s.score,
            }
            for s in annotation.spans
        ],
        "links": [{"from": k.from_, "to": k.to, "role": k.role} for k in annotation.links],
    }
