"""The fields of the published dataset: of each its type, what it is, what an empty value means, and
an example.

The one definition of them. `hub` makes the features and the Parquet columns of it, `card` its
tables, `croissant` its descriptions. All examples are of one invented article, EXAMPLE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from onrecord.dataset import views
from onrecord.labels import Labels

EXAMPLE = "Union to fight tram ruling\n\n“No,” Ines Calder said.\n\nHer union opposes the ruling."
"""The text of the article that the examples are from."""


class Classes(NamedTuple):
    """A class label: an integer, the place of its name in `names`."""

    names: tuple[str, ...]


class Many(NamedTuple):
    """A list. `shown` is what the card calls it, by default "list of" what it is of."""

    of: Kind
    shown: str = ""


class Inside(NamedTuple):
    """A struct, with what the card calls it."""

    name: str
    fields: tuple[Field, ...]


Scalar: TypeAlias = Literal["string", "int32", "float64", "bool"]
Kind: TypeAlias = "Scalar | Classes | Many | Inside"


class Field(NamedTuple):
    """A column of a config, or a field inside one.

    `empty` says what "", [] or 0 means; it is "" where the value is never empty. Nothing is null.
    The example of a class label is its name; a struct has those of its fields.
    """

    name: str
    kind: Kind
    means: str
    example: Any = None
    empty: str = ""


def classes(field: Field) -> tuple[str, ...]:
    """The names of the classes of a class label, or of a list of them; () for any other field."""
    kind = field.kind.of if isinstance(field.kind, Many) else field.kind
    return kind.names if isinstance(kind, Classes) else ()


def shown(kind: Kind) -> str:
    """A type in words: what the card's tables say."""
    match kind:
        case Classes():
            return "class label"
        case Many():
            return kind.shown or f"list of {shown(kind.of)}"
        case Inside():
            return kind.name
        case _:
            return kind


def inside(fields: tuple[Field, ...]) -> Iterator[tuple[str, Field]]:
    """`(path, field)` of the fields inside columns; the path of one in `mentions` is mentions.id.

    A struct that several columns have is told once.
    """
    told = set[str]()
    for column in fields:
        kind = column.kind.of if isinstance(column.kind, Many) else column.kind
        if isinstance(kind, Inside) and kind.name not in told:
            told.add(kind.name)
            yield from ((f"{column.name}.{field.name}", field) for field in kind.fields)


# --- what several configs have ------------------------------------------------------------------

_TEXTS = Many("string")
_SPAN = Many("int32", "[start, end]")
_SPANS = Many(_SPAN)
_NOBODY = "nobody is named"
_ELSEWHERE = ", perhaps in another paragraph"
_ARTICLE = "harbour-post-0123456789ab"
_MENTION, _ENTITY = f"{_ARTICLE}-m34-45", f"{_ARTICLE}-e34"
_QUOTE = f"{_ARTICLE}-q28-33"

COMMON = (
    Field("article_id", "string", "the article, in all configs", _ARTICLE),
    Field("publisher", "string", "who published it", "Harbour Post"),
    Field(
        "date_published",
        "string",
        "the day, `YYYY-MM-DD`, as the article says",
        "2025-04-08",
        "it does not say",
    ),
    Field(
        "url",
        "string",
        "where it stands, as its source says; invented for an article written for this corpus",
        "https://harbour-post.example/trams/ruling",
        "its source does not say",
    ),
    Field("licence", "string", "of its text: an SPDX id or `LicenseRef-…`", "CC-BY-4.0"),
    Field(
        "attribution",
        "string",
        "the line to show with its text; `{headline}` in it is its title, if the text is not here",
        "Union to fight tram ruling, Harbour Post, CC BY 4.0",
        "none is asked for",
    ),
)
"""The first columns of every config."""

_LABEL_SOURCE = Field(
    "label_source", "string", "whether persons or models made its labels", "machine-generated"
)


def _extent(start: int, end: int) -> tuple[Field, Field]:
    return (
        Field("start", "int32", "where it begins in the article's text, in code points", start),
        Field("end", "int32", "where it ends, exclusive", end),
    )


MENTION = Inside(
    "mention",
    (
        Field("id", "string", "its id", _MENTION),
        *_extent(34, 45),
        Field("text", "string", "its words", "Ines Calder", "the text is not here"),
        Field("type", "string", "its label", "PERSON"),
        Field("form", "string", "`name`, `nominal` or `pronoun`", "name"),
        Field(
            "entity", "string", "the id of its entity", _ENTITY, "it is a date, money or a quantity"
        ),
    ),
)
ENTITY = Inside(
    "entity",
    (
        Field("id", "string", "its id; mentions with it refer to the same", _ENTITY),
        Field(
            "name",
            "string",
            "its fullest name in the article, or what its annotators call it (Norway where the"
            " article has only “Norwegian”)",
            "Ines Calder",
            "the article never names it",
        ),
        Field(
            "type",
            "string",
            "the label of most of its names, NORP only if all have it; MENTION if it has no name",
            "PERSON",
        ),
        Field("kb_id", "string", "its Wikidata id (`Q…`)", "", "it is not known for certain"),
    ),
)

# --- documents ----------------------------------------------------------------------------------

_SEGMENT = Inside(
    "segment",
    (
        Field("role", "string", "headline, deck, caption, subhead or body", "body"),
        *_extent(28, 51),
        Field(
            "source",
            _SPAN,
            "where it stands in the decoded source, in code points",
            [239, 262],
            "the source is a page",
        ),
    ),
)
_SOURCE = Inside(
    "source",
    (
        Field("file", "string", "the file that the text came from", "harbour-post/ruling.txt"),
        Field("sha256", "string", "of the file as received", "b5bb9d80…"),
        Field("url", "string", "where the file stands", "", "it is the corpus's own"),
        Field(
            "revision",
            "string",
            "the version of the file at that address",
            "",
            "it is the corpus's own",
        ),
        Field("row", "int32", "which row of a table, from 1", 0, "the file is no table"),
        Field("field", "string", "which columns of the row", "", "the file is no table"),
    ),
)
_GOLD_QUOTE = Inside(
    "quote",
    (
        Field("id", "string", "its id, as in the config `quotes`", _QUOTE),
        Field("type", "string", "direct, indirect or mixed, computed from its marks", "direct"),
        Field("spans", _SPANS, "its pieces in the article's text, marks included", [[28, 33]]),
        Field("text", _TEXTS, 'their words; each is `""` if the text is not here', ["“No,”"]),
        Field("cue", _SPANS, "the words that introduce the speech", [[46, 50]], "there are none"),
        Field("speaker", _TEXTS, "ids of mentions: who says it", [_MENTION], _NOBODY),
        Field("speaker_entities", _TEXTS, "ids of their entities", [_ENTITY], _NOBODY),
        Field("addressee", _TEXTS, "ids of mentions: to whom", [], _NOBODY),
        Field("parent", "string", "the id of the quote that contains it", "", "none does"),
    ),
)
_GOLD_STANCE = Inside(
    "stance",
    (
        Field("id", "string", "its id, as in the config `stance`", f"{_ARTICLE}-s63-81"),
        Field("polarity", "string", "favor, against, neutral or mixed", "against"),
        Field("evidence", _SPANS, "the words that show it", [[63, 81]]),
        Field("holder_level", "string", "author, quoted, reported or unnamed", "reported"),
        Field(
            "holder",
            _TEXTS,
            "ids of mentions: who holds it",
            [f"{_ARTICLE}-m53-62"],
            "no mention is the holder",
        ),
        Field(
            "holder_entities",
            _TEXTS,
            "ids of their entities",
            [f"{_ARTICLE}-e53"],
            "no mention is the holder",
        ),
        Field(
            "target",
            _TEXTS,
            "ids of mentions: what it is about",
            [f"{_ARTICLE}-m71-81"],
            "`target_text` says it",
        ),
        Field(
            "target_entities",
            _TEXTS,
            "ids of their entities",
            [f"{_ARTICLE}-e71"],
            "`target_text` says it, or it is a date or an amount",
        ),
        Field("target_text", "string", "what it is about, in words", "", "a mention is the target"),
        Field("quote", "string", "the id of the smallest quote around the evidence", "", "none is"),
        Field("basis", "string", "how it is shown: explicit, implied or action", "explicit"),
    ),
)
_DECIDED = Inside(
    "decided",
    (
        Field("id", "string", "a mention, entity, quote or stance", f"{_ARTICLE}-m53-62"),
        Field("items", _TEXTS, "what was decided about it", ["span 53-62 MENTION"]),
    ),
)
_DOCUMENTS = (
    *COMMON,
    Field("headline", "string", "its title", "Union to fight tram ruling", "the text is not here"),
    Field("authors", _TEXTS, "who wrote it", ["Dermot Ashby-Kane"], "its source does not say"),
    Field("language", "string", "a BCP 47 tag", "en"),
    Field("section", "string", "of the paper", "Transport", "its source does not say"),
    Field(
        "credit",
        _TEXTS,
        "of its pictures",
        ["Harbour Post/Kit Saarela"],
        "there is none, no text here, or the text was put back",
    ),
    Field("dateline", "string", "place and day before the story", "", "there is none"),
    Field("story", "string", "the near-duplicates it belongs to; decides the split", _ARTICLE),
    Field("release", "string", "ship, fetch or withhold, see [Rights](#rights)", "ship"),
    Field(
        "text_available", "bool", "whether its text is here; labels and offsets are, always", True
    ),
    Field("text_sha256", "string", "of the text in UTF-8, also if it is not here", "7f40e2b1…"),
    Field(
        "text",
        "string",
        "its paragraphs, joined by one blank line",
        EXAMPLE,
        "it may not be published",
    ),
    Field("segments", Many(_SEGMENT), "its paragraphs"),
    Field("source", _SOURCE, "the file that its text came from"),
    Field(
        "layers",
        _TEXTS,
        "which layers were labelled; the list of any other is empty and means nothing",
        ["entities", "quotes", "stance"],
    ),
    Field("n_annotators", "int32", "how many labelled it", 2),
    Field("annotators", _TEXTS, "who: ids of the table under [Annotation](#annotation)", ["lm-b"]),
    Field("adjudicator", "string", "who decided their differences", "lm-d", "nobody had to"),
    Field("settled_by", "string", "single, agreement or adjudication", "adjudication"),
    _LABEL_SOURCE,
    Field(
        "mentions",
        Many(MENTION),
        "names, and pronouns and noun phrases that a link needs",
        empty="there are none",
    ),
    Field("entities", Many(ENTITY), "what the mentions refer to", empty="there are none"),
    Field("quotes", Many(_GOLD_QUOTE), "who says what", empty="there are none"),
    Field("stances", Many(_GOLD_STANCE), "who is for or against what", empty="there are none"),
    Field(
        "decided",
        Many(_DECIDED),
        "what rests on a decision; every annotator made all else",
        empty="nothing does",
    ),
)

# --- annotations --------------------------------------------------------------------------------

_DRAWN_ENTITY = Inside(
    "drawn entity",
    (
        Field("id", "string", "its id within the annotation", "Ines Calder"),
        Field("name", "string", "what the annotator calls it", "Ines Calder"),
        Field("kb_id", "string", "its Wikidata id", "", "none was given"),
    ),
)
_DRAWN_SPAN = Inside(
    "span",
    (
        Field("id", "string", "its id within the annotation", "s1"),
        Field("label", "string", "one of [Labels](#labels)", "STANCE_AGAINST"),
        *_extent(63, 81),
        Field("text", "string", "its words", "opposes the ruling", "the text is not here"),
        Field("entity", "string", "the id of its entity", "", "its label has none"),
        Field(
            "basis",
            "string",
            "of a stance: explicit, implied or action",
            "explicit",
            "it is no stance",
        ),
        Field("target_text", "string", "of a stance: its target in words", "", "a link says it"),
        Field("holder_unnamed", "bool", "of a stance: whether nobody names its holder", False),
        Field("origin", "string", "manual, prediction or prediction-changed", "manual"),
        Field("score", "float64", "confidence of a suggestion, 0 to 1; 1 if drawn by hand", 1.0),
    ),
)
_DRAWN_LINK = Inside(
    "link",
    (
        Field("from", "string", "the id of a span", "m3"),
        Field("to", "string", "the id of a span", "s1"),
        Field("role", "string", "what the link says, see the table below", "target"),
    ),
)
_ANNOTATIONS = (
    *COMMON,
    Field("batch", "string", "what was handed out together", "house-1"),
    Field("annotator", "string", "who: an id of the table under [Annotation](#annotation)", "lm-b"),
    Field("annotator_kind", "string", "person or model", "model"),
    Field("status", "string", "submitted or skipped", "submitted"),
    Field("layers", _TEXTS, "which layers were labelled", ["entities", "quotes", "stance"]),
    Field(
        "created_at", "string", "when, ISO 8601 in UTC", "2026-03-01T10:00:00Z", "it is not known"
    ),
    Field("lead_time", "float64", "the work, in seconds", 812.5, "it is not known"),
    Field("flags", _TEXTS, "has_boilerplate, not_news, discuss", [], "none was raised"),
    Field(
        "note",
        "string",
        "what the annotator wrote about it",
        "",
        "nothing was, no text here, or the text was put back",
    ),
    Field(
        "entities", Many(_DRAWN_ENTITY), "who and what its spans refer to", empty="there are none"
    ),
    Field("spans", Many(_DRAWN_SPAN), "what was marked", empty="there is nothing"),
    Field("links", Many(_DRAWN_LINK), "what was linked", empty="there is nothing"),
)


def configs(labels: Labels) -> dict[str, tuple[Field, ...]]:
    """The columns of every config, in the order of publication (the first is the default).

    Prediction targets are class labels with ids in the order of labels.toml; other labels are
    strings.
    """
    return {
        "documents": _DOCUMENTS,
        "entities": _entities(labels),
        "quotes": _quotes(labels),
        "stance": _stance(labels),
        "annotations": _ANNOTATIONS,
    }


def _classes(labels: Labels, value: str) -> Classes:
    return Classes(tuple(labels.values[value]))


def _row(labels: Labels, id_: str, role: str) -> tuple[Field, ...]:
    """What a row of a task has first."""
    return (
        *COMMON,
        Field("id", "string", "of the row, unique in the dataset", id_),
        _LABEL_SOURCE,
        Field("role", _classes(labels, "role"), role, "body"),
    )


def _context(start: int, end: int) -> tuple[Field, ...]:
    means = "the paragraph, or all from the first to the last if it stands in several"
    return (Field("context", "string", means, EXAMPLE[start:end]), *_extent(start, end))


def _entities(labels: Labels) -> tuple[Field, ...]:
    start, end = 28, 51
    tokens = views.tokenise(EXAMPLE, start, end, set())

    def tags(column: str, means: str, example: str) -> Field:
        kind = Many(Classes(tuple(labels.bio(views.tag_names(labels)[column]))))
        return Field(column, kind, means, example.split(), "the layer was not labelled")

    return (
        *_row(labels, f"{_ARTICLE}-p1", "of the paragraph"),
        Field("paragraph", "string", "its text", EXAMPLE[start:end]),
        *_extent(start, end),
        Field("tokens", _TEXTS, "its words and marks", [EXAMPLE[s:e] for s, e in tokens]),
        Field("offsets", _SPANS, "of the tokens, in the article's text", [list(t) for t in tokens]),
        Field("sentences", _SPANS, "its sentences, in the article's text", [[start, end]]),
        tags(
            "ner_tags",
            "BIO: the outermost names; not pronouns and noun phrases, which are labelled only where"
            " a link needs them",
            "O O O O B-PERSON I-PERSON O O",
        ),
        tags(
            "quote_tags",
            "BIO: the outermost quotes; each piece begins with B",
            "B-QUOTE I-QUOTE I-QUOTE I-QUOTE O O O O",
        ),
        tags("cue_tags", "BIO: the cues of all quotes, nested ones too", "O O O O O O B-CUE O"),
    )


def _quotes(labels: Labels) -> tuple[Field, ...]:
    same = {field.name: field for field in _GOLD_QUOTE.fields}
    cue = same["cue"]._replace(means=f"{same['cue'].means}{_ELSEWHERE}")
    return (
        *_row(labels, _QUOTE, "of the paragraph it begins in"),
        *_context(28, 51),
        Field(
            "quote_type",
            _classes(labels, "quote_type"),
            "direct, indirect or mixed, by its marks",
            "direct",
        ),
        *(same["spans"], same["text"]._replace(means="their words"), cue),
        Field("cue_text", _TEXTS, "the words of the cue", ["said"], "there is none"),
        Field("speaker", Many(MENTION), f"who says it{_ELSEWHERE}", None, _NOBODY),
        Field("speaker_entities", Many(ENTITY), "who that is", None, _NOBODY),
        Field("addressee", Many(MENTION), f"to whom it is said{_ELSEWHERE}", None, _NOBODY),
        same["parent"],
    )


def _stance(labels: Labels) -> tuple[Field, ...]:
    none, in_words = "it is a `none` pair", "`target_text` says it"
    same = {field.name: field for field in _GOLD_STANCE.fields}
    return (
        *_row(labels, f"{_ARTICLE}-s63-81", "of the paragraph"),
        *_context(53, 82),
        Field("sentence", _SPAN, "the sentence, or from the first to the last", [53, 82]),
        Field(
            "polarity",
            _classes(labels, "polarity"),
            "which side; `none` is a negative made by rule",
            "against",
        ),
        same["evidence"]._replace(empty=none),
        Field("evidence_text", _TEXTS, "these words", ["opposes the ruling"], none),
        Field(
            "holder_level",
            _classes(labels, "holder_level"),
            "whose it is; of a `none` pair quoted if the holder says the quote, else reported",
            "reported",
        ),
        Field(
            "holder",
            Many(MENTION),
            f"who holds it{_ELSEWHERE}; several are several entries",
            empty="it is the author, or somebody whom nobody names",
        ),
        Field("holder_entities", Many(ENTITY), "who that is", empty="there is no holder"),
        Field("target", Many(MENTION), f"what it is about{_ELSEWHERE}", empty=in_words),
        Field("target_entities", Many(ENTITY), "what that is", None, same["target_entities"].empty),
        same["target_text"],
        same["quote"]._replace(means=f"{same['quote'].means}, of a `none` pair around the target"),
        same["basis"]._replace(empty=none),
    )
