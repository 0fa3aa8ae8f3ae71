"""The record types: what a line of every file in `corpus/` and `build/` is.

These types, with `schema/labels.toml`, are the contract. The JSON Schemas in `schema/` are made
from them (`labels.json_schemas`). Three conventions hold throughout:

* an offset counts Unicode code points of `text`, half-open: `text[start:end]`;
* unknown is `""` or `[]`, never null and never a guess; numbers are never nullable;
* a list of spans is `[[start, end], ...]` in text order.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta


def _values(name: str) -> Meta:
    """Mark a string field as one of the values that labels.toml lists under `name`."""
    return Meta(extra_json_schema={"x-values": name})


Offset = Annotated[int, Meta(ge=0, description="Unicode code points from the start of the text")]
Count = Annotated[int, Meta(ge=0)]
# What Python and a JSON Schema (ECMA) read alike: a $ of Python's also stands before a line feed at
# the end, and its \d is a digit of any script.
_END = r"$(?!\n)"
Sha256 = Annotated[str, Meta(pattern=f"^[0-9a-f]{{64}}{_END}")]
ArticleId = Annotated[str, Meta(pattern=f"^[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{{12}}{_END}")]
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
Date = Annotated[str, Meta(pattern=f"^({_DAY})?{_END}")]
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
Timestamp = Annotated[str, Meta(pattern=f"^({_DAY}T{_TIME}Z)?{_END}")]
SpanPair = Annotated[list[Offset], Meta(min_length=2, max_length=2)]
SourcePair = Annotated[list[Offset], Meta(max_length=2)]

SpanLabel = Annotated[str, _values("spans")]
LinkRole = Annotated[str, _values("links")]
NameType = Annotated[str, _values("mention_types")]
SegmentRole = Annotated[str, _values("role")]
Layer = Annotated[str, _values("layers")]
Polarity = Annotated[str, _values("stance_polarity")]


class Record(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Base of every record: unknown fields are refused, fields keep their order.

    A record is a tree and never part of a cycle, so Python's cyclic collector passes it over.
    """


# --- article ----------------------------------------------------------------------------------


class Segment(Record, kw_only=True):
    """A paragraph: `text[start:end]`, and where it stands in the decoded source.

    `source` is `[s, e]` in code points for text sources, `[]` where the source is markup.
    """

    role: SegmentRole
    start: Offset
    end: Offset
    source: SourcePair = []


class Removed(Record, kw_only=True):
    """A stretch of the decoded source that is no part of the text, and why."""

    start: Offset
    end: Offset
    reason: str
    rule: str


class Rights(Record, kw_only=True):
    """What may be done with the text; all `""` until `admit` joined corpus/rights.csv."""

    licence: str = ""
    release: Annotated[str, _values("release?")] = ""
    basis: str = ""
    attribution: str = ""


class Source(Record, kw_only=True):
    """Where the text came from: `sha256` and `bytes` are of the file as received.

    `row` counts table rows from 1 (0: not a table); `field` names the columns whose contents,
    joined by a blank line, are the decoded source of a row.
    """

    file: str
    media_type: str
    charset: str
    bytes: Count
    sha256: Sha256
    url: str = ""
    revision: str = ""
    row: Count = 0
    field: str = ""


class Converter(Record, kw_only=True):
    """What made the text: a converter and its version, and the version of the normaliser."""

    name: str
    version: str
    normaliser: str


class Article(Record, kw_only=True):
    """An article: corpus/articles/<publisher>.jsonl, and what `convert` writes."""

    id: ArticleId
    headline: str
    publisher: str
    url: str = ""
    authors: list[str] = []
    date_published: Date = ""
    language: str = ""
    section: str = ""
    credit: list[str] = []
    dateline: str = ""
    rights: Rights
    source: Source
    removed: list[Removed] = []
    converter: Converter
    story: str = ""
    review: list[str] = []
    segments: list[Segment]
    text_sha256: Sha256
    text: str


# --- annotation -------------------------------------------------------------------------------


class AnnotationEntity(Record, kw_only=True):
    """Somebody or something that spans refer to; `kb_id` is a Wikidata id, `""` if unknown."""

    id: str
    name: str
    kb_id: Annotated[str, Meta(pattern=f"^(Q[1-9][0-9]*)?{_END}")] = ""


class Attributes(Record, kw_only=True, omit_defaults=True):
    """Attributes of a stance span; `{}` for every other span."""

    basis: Annotated[str, _values("basis?")] = ""
    target_text: str = ""
    holder_unnamed: bool = False


class Span(Record, kw_only=True):
    """A stretch `text[start:end]` under a label; offsets are code points, half-open.

    `entity` is the id of an `AnnotationEntity`, `""` for a label without entities. `score` is the
    confidence of a suggestion, 1 for spans drawn by hand.
    """

    id: Annotated[str, Meta(min_length=1)]
    label: SpanLabel
    start: Offset
    end: Offset
    entity: str = ""
    attributes: Attributes = msgspec.field(default_factory=Attributes)
    origin: Annotated[str, _values("origin")] = "manual"
    score: Annotated[float, Meta(ge=0, le=1)] = 1.0


def span_order(span: Span) -> tuple[int, int, str]:
    """Sorts spans as a reader meets them, an outer one before those within it."""
    return span.start, -span.end, span.label


class Link(Record, kw_only=True):
    """`from_` is `from` in JSON. The direction is that of the role, however it was drawn."""

    from_: str = msgspec.field(name="from")
    to: str
    role: LinkRole


class Annotation(Record, kw_only=True):
    """One annotator's graph over one article: corpus/annotations/<batch>/<annotator>.jsonl.

    `lead_time` is in seconds, `created_at` UTC.
    """

    article_id: ArticleId
    text_sha256: Sha256
    batch: str
    annotator: str
    status: Annotated[str, _values("status")] = "submitted"
    layers: list[Layer]
    created_at: Timestamp = ""
    lead_time: Annotated[float, Meta(ge=0)] = 0.0
    flags: list[Annotated[str, _values("flag")]] = []
    note: str = ""
    entities: list[AnnotationEntity] = []
    spans: list[Span] = []
    links: list[Link] = []


# --- adjudication -----------------------------------------------------------------------------


class Decision(Record, kw_only=True):
    """`item` is the key of a disputed item (see `gold.settle.item_key`); `chosen` is an annotator,
    "both", "neither" or "new"; `spans` and `links` are what gold has for it."""

    item: str
    chosen: str
    spans: list[Span] = []
    links: list[Link] = []
    why: str = ""


class Adjudication(Record, kw_only=True):
    """What a third reading decided for an article: corpus/adjudications/<batch>.jsonl.

    `entities` are those that the adjudicator added.
    """

    article_id: ArticleId
    text_sha256: Sha256
    batch: str
    adjudicator: str
    created_at: Timestamp
    entities: list[AnnotationEntity] = []
    decisions: list[Decision]


# --- gold -------------------------------------------------------------------------------------


class Mention(Record, kw_only=True):
    """A name, or a pronoun or noun phrase that a link needs: `text[start:end]`.

    `text` is `""` if the article's text may not be stored here; `entity` is the id of an `Entity`,
    `""` for dates, money and quantities.
    """

    id: str
    start: Offset
    end: Offset
    text: str
    type: NameType
    form: Annotated[str, _values("form")]
    entity: str


class Entity(Record, kw_only=True):
    """A document entity; `name` is `""` if the article does not name it."""

    id: str
    name: str
    type: NameType
    kb_id: str


class Quote(Record, kw_only=True):
    """What somebody says, in one piece or several, in text order.

    `spans` and `text` are parallel (`text` is empty if the words may not be stored here); `cue` is
    the words that introduce the speech. `speaker` and `addressee` are ids of mentions,
    `speaker_entities` of entities; `parent` is the id of the quote that contains it, or `""`.
    """

    id: str
    type: Annotated[str, _values("quote_type")]
    spans: list[SpanPair]
    text: list[str]
    cue: list[SpanPair]
    speaker: list[str]
    speaker_entities: list[str]
    addressee: list[str]
    parent: str


class Stance(Record, kw_only=True):
    """Who is for or against what, and on which words (`evidence`, in text order).

    `holder` and `target` are ids of mentions, their `_entities` of entities. Without a holder
    `holder_level` says whose it is; `target_text` is set only if no mention names the target.
    `quote` is the id of the smallest quote around the evidence, or `""`.
    """

    id: str
    polarity: Polarity
    evidence: list[SpanPair]
    holder_level: Annotated[str, _values("holder_level")]
    holder: list[str]
    holder_entities: list[str]
    target: list[str]
    target_entities: list[str]
    target_text: str
    quote: str
    basis: Annotated[str, _values("basis")]


class Decided(Record, kw_only=True):
    """A gold item (by its id) that rests on decisions: their `item` in the adjudication."""

    id: str
    items: list[str]


class Gold(Record, kw_only=True):
    """The gold annotation of an article: corpus/gold/<batch>.jsonl.

    A layer that is not in `layers` was not labelled; its list is empty and means nothing. An item
    in `decided` was decided by the `adjudicator` of the same batch ("": there was none); any other
    item was drawn by all `annotators`.
    """

    article_id: ArticleId
    layers: list[Layer]
    n_annotators: Count
    annotators: list[str] = []
    adjudicator: str = ""
    settled_by: Annotated[str, _values("settled_by")]
    label_source: Annotated[str, _values("label_source")]
    mentions: list[Mention]
    entities: list[Entity]
    quotes: list[Quote]
    stances: list[Stance]
    decided: list[Decided] = []


TOP_LEVEL: dict[str, type[Record]] = {
    "article": Article,
    "annotation": Annotation,
    "adjudication": Adjudication,
    "gold": Gold,
}
"""The records that have a JSON Schema of their own, by the schema's name."""


def instant(timestamp: str) -> str:
    """A `Timestamp` as a string that sorts by time.

    The Z has to go: it sorts after the point of a fraction, which makes a full second later than
    the half second after it. "" is before all.
    """
    return timestamp.removesuffix("Z")


# --- what went wrong --------------------------------------------------------------------------


class Problem(msgspec.Struct, kw_only=True, frozen=True, order=True):
    """Something wrong with the data: a rule by its stable id, and where."""

    file: str
    line: int
    rule: str
    id: str
    message: str

    def __str__(self) -> str:
        file, key = on_one_line(self.file), on_one_line(self.id)
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.rule}: {key + ': ' if key else ''}{self.message}"


def on_one_line(name: str) -> str:
    """A name for a message: that of a file can hold a line feed, and so can an id."""
    return name.replace("\n", "\\n")


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What steers a terminal: control characters, and those that turn the direction of a line."""


def shown(line: str) -> str:
    """Lines, safe to look at: names of files and of publishers may contain control characters.

    They become escapes of JSON, since the line may be some.
    """
    line = line.encode("utf-8", "backslashreplace").decode()
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def many(count: int, what: str, several: str = "") -> str:
    """A number with its noun, for a message: 1 article, 2 articles; 1 entity, 2 entities."""
    return f"{count:,} {what if count == 1 else several or what + 's'}"


def some(ids: list[str]) -> str:
    """The first ten ids and the number of the others, for a message."""
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10:,} more" if len(ids) > 10 else "")


class OnrecordError(Exception):
    """An error that the user can fix: reported as a sentence, without a traceback.

    `hint` is what to type; `exit_code` is that of the command.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(OnrecordError):
    """Wrong usage (exit 2)."""


class DataError(OnrecordError):
    """The data is wrong (exit 1). Carries the problems; the message says what to do."""

    exit_code = 1

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


def refused(problem: Problem) -> DataError:
    """The error for a problem that stops the work."""
    return DataError(str(problem), [problem])
