"""Exports of a dataset folder for other tools: CoNLL columns and spaCy's DocBin.

What a format can hold can be read back exactly (`read_conll`, `read_spacy`); `losses` counts what
it cannot. Only articles with text are exported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from onrecord import atomic, labels, ledger
from onrecord.dataset import fields, folder, views
from onrecord.labels import Labels
from onrecord.records import Article, DataError, Gold, UsageError, many

if TYPE_CHECKING:
    from spacy.tokens import Doc

TAGS = ("quote_tags", "cue_tags", "ner_tags")
"""The tag columns of a CoNLL line, after number, token, start and end."""
HEADER = "# global.columns = ID FORM START END ONRECORD:QUOTE ONRECORD:CUE ONRECORD:NER"
"""The first line of a CoNLL file: its columns, as CoNLL-U Plus names them. A token's number in its
paragraph comes first: readers take a line that begins with "#", which may be a token, for a
comment."""
DOCS = 500
"""Documents per DocBin file, which is written and read as a whole."""


class Exported(NamedTuple):
    """What was written. `lost` has a line for everything that the format cannot hold."""

    folder: Path
    files: list[tuple[str, int]]
    """(file, paragraphs or documents)"""
    lost: list[str]


def export(dataset: Path, form: str, out: Path) -> Exported:
    """Write a dataset folder in another format, "conll" or "spacy", to `out`.

    The files replace earlier ones on success. Raises UsageError for another format, if `out` has
    other files, if another command writes it, and if the package for the format is not installed.
    """
    if form not in FORMS:
        raise UsageError(f"--format {form}: {' or '.join(FORMS)}")
    folder.whole(dataset)
    write, cannot = FORMS[form]
    known = labels.load()
    others = [path.name for path in ledger.files(out) if path.suffix != f".{form}"]
    if others:
        raise UsageError(f"{out} holds something else ({others[0]})", "give --out a new folder")
    with atomic.replacing_folder(out) as part:
        files = [
            line
            for split in folder.splits(dataset, "documents", known)
            for line in write(dataset, split, part)
        ]
    documents = ((article, gold) for _, article, gold in folder.documents(dataset, known))
    return Exported(out, files, losses(documents, known, cannot))


def losses(
    documents: Iterable[tuple[Article, Gold]], known: Labels, cannot: Iterable[str]
) -> list[str]:
    """What a format that cannot hold these things loses of the documents, a line each."""
    count: Counter[str] = Counter()
    for article, gold in documents:
        if not article.text:
            count["articles without their text"] += 1
            continue
        names = [m for m in gold.mentions if known.spans[m.type].family == "name"]
        shown = views.outermost((m.start, m.end, m.type) for m in names)
        pieces = [(s[0], s[1], "") for quote in gold.quotes for s in quote.spans]
        count.update(
            {
                "names inside other names": len(names) - len(shown),
                "pronouns and noun phrases": len(gold.mentions) - len(names),
                "entities (which mentions are the same)": len(gold.entities),
                "quotes inside other quotes": len(pieces) - len(views.outermost(pieces)),
                "links of a quote to speaker, addressee and cue": sum(
                    len(q.speaker) + len(q.addressee) + len(q.cue) for q in gold.quotes
                ),
                "stances": len(gold.stances),
            }
        )
    return [
        many(count[what], _ONE[what], what)
        for what in ("articles without their text", *cannot)
        if count[what]
    ]


_ONE = {
    "articles without their text": "article without its text",
    "names inside other names": "name inside another name",
    "pronouns and noun phrases": "pronoun or noun phrase",
    "entities (which mentions are the same)": "entity (which mentions are the same)",
    "quotes inside other quotes": "quote inside another quote",
    "links of a quote to speaker, addressee and cue": (
        "link of a quote to speaker, addressee or cue"
    ),
    "stances": "stance",
}


# --- CoNLL --------------------------------------------------------------------------------------


def _conll(dataset: Path, split: str, out: Path) -> Iterator[tuple[str, int]]:
    if split not in folder.splits(dataset, "entities", labels.load()):
        return
    names = tag_classes()
    count = 0
    with (out / f"{split}.conll").open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{HEADER}\n")
        for row in folder.rows(dataset, "entities", split):
            file.write(
                f"# article_id = {row['article_id']}\n# id = {row['id']}\n"
                f"# start = {row['start']}\n"
            )
            columns = [
                [names[c][i] for i in row[c]] if row[c] else ["_"] * len(row["tokens"])
                for c in TAGS
            ]
            for number, (token, (start, end), *tags) in enumerate(
                zip(row["tokens"], row["offsets"], *columns, strict=True), 1
            ):
                file.write("\t".join([str(number), token, str(start), str(end), *tags]) + "\n")
            file.write("\n")
            count += 1
    yield f"{split}.conll", count


def tag_classes() -> dict[str, tuple[str, ...]]:
    """The class names of each tag column, in the order of their ids."""
    columns = {field.name: field for field in fields.configs(labels.load())["entities"]}
    return {name: fields.classes(columns[name]) for name in TAGS}


def read_conll(path: Path) -> Iterator[dict[str, Any]]:
    """The paragraphs of a CoNLL file: the columns of the `entities` config that it holds.

    `article_id`, `id`, `start`, `tokens`, `offsets` and the tags as words; [] for a layer that was
    not labelled. Raises DataError naming the line.
    """
    row: dict[str, Any] = {}

    def done(row: dict[str, Any]) -> dict[str, Any]:
        unlabelled = {c: [] for c in TAGS if row[c] and set(row[c]) == {"_"}}
        return row | unlabelled

    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if number == 1 and line == HEADER:
                continue
            if line.startswith("#"):
                key, _, value = line[2:].partition(" = ")
                if not row:
                    row = {"tokens": [], "offsets": [], **{c: [] for c in TAGS}}
                row[key] = int(value) if key == "start" else value
            elif line:
                cells = line.split("\t")
                if len(cells) != 4 + len(TAGS) or not row:
                    raise DataError(f"{path}:{number}: not a line of {4 + len(TAGS)} columns")
                row["tokens"].append(cells[1])
                row["offsets"].append([int(cells[2]), int(cells[3])])
                for column, tag in zip(TAGS, cells[4:], strict=True):
                    row[column].append(tag)
            elif row:
                yield done(row)
                row = {}
    if row:
        raise DataError(f"{path}: the last paragraph is cut short")


# --- spaCy --------------------------------------------------------------------------------------


def _spacy(dataset: Path, split: str, out: Path) -> Iterator[tuple[str, int]]:
    try:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    except ImportError:
        raise UsageError("spaCy is not installed", 'pip install "onrecord[models]"') from None
    known, vocab = labels.load(), Vocab()
    docs = DocBin(store_user_data=True)
    number = 0

    def flush() -> Iterator[tuple[str, int]]:
        nonlocal docs, number
        name = f"{split}/{number:05}.spacy"
        atomic.write_bytes(out / name, docs.to_bytes())
        yield name, len(docs)
        docs, number = DocBin(store_user_data=True), number + 1

    for row in folder.rows(dataset, "documents", split):
        article, gold = folder.article_of(row), folder.gold_of(row)
        if article.text:
            docs.add(doc_of(article, gold, known, vocab))
        if len(docs) == DOCS:
            yield from flush()
    if len(docs):
        yield from flush()


def doc_of(article: Article, gold: Gold, known: Labels, vocab: Any) -> Doc:
    """A document with text as a spaCy Doc.

    `doc.text` is the article's text and every span starts and ends with a token. `doc.ents` are
    the outermost names; `doc.spans` has "mentions", "quotes", "cues" and "stances", each span with
    the gold item's id as its id (`span.id_`), a mention with its entity's Wikidata id as `kb_id_`.
    `doc.user_data["onrecord"]` is the whole gold document as JSON, links included.
    """
    from spacy.tokens import Doc, Span

    groups = {
        "mentions": [(m.id, m.type, m.start, m.end) for m in gold.mentions],
        "quotes": [(q.id, q.type, s, e) for q in gold.quotes for s, e in q.spans],
        "cues": [(q.id, "cue", s, e) for q in gold.quotes for s, e in q.cue],
        "stances": [(x.id, x.polarity, s, e) for x in gold.stances for s, e in x.evidence],
    }
    cuts = {edge for spans in groups.values() for span in spans for edge in span[2:]}
    places: list[tuple[int, int]] = []
    for segment in article.segments:
        if places:  # the blank line between two paragraphs is a token of its own
            places.append((places[-1][1], segment.start))
        places += views.tokenise(article.text, segment.start, segment.end, cuts)
    words = [article.text[s:e] for s, e in places]
    spaces = [article.text[e : e + 1] == " " for _, e in places]
    doc = Doc(vocab, words=words, spaces=spaces)
    starts = {start: at for at, (start, _) in enumerate(places)}
    ends = {end: at + 1 for at, (_, end) in enumerate(places)}
    kb_ids = {e.id: e.kb_id for e in gold.entities}
    wikidata = {m.id: kb_ids.get(m.entity, "") for m in gold.mentions}

    def span(id_: str, label: str, start: int, end: int) -> Span:
        kb_id = wikidata.get(id_, "")
        return Span(doc, starts[start], ends[end], label=label, kb_id=kb_id, span_id=id_)

    for name, found in groups.items():
        doc.spans[name] = [span(*item) for item in found]
    names = [item for item in groups["mentions"] if known.spans[item[1]].family == "name"]
    outer = set(views.outermost((s, e, label) for _, label, s, e in names))
    chosen = {(s, e, label): id_ for id_, label, s, e in names if (s, e, label) in outer}
    doc.ents = [span(id_, label, s, e) for (s, e, label), id_ in chosen.items()]
    doc.user_data["onrecord"] = msgspec.json.encode(gold).decode()
    return doc


def read_spacy(path: Path) -> Iterator[tuple[Doc, Gold]]:
    """The documents of the DocBin files under a folder, each with its gold."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    vocab = Vocab()
    for file in sorted(path.rglob("*.spacy")):
        for doc in DocBin().from_disk(file).get_docs(vocab):
            yield doc, msgspec.json.decode(doc.user_data["onrecord"], type=Gold)


Write = Callable[[Path, str, Path], Iterator[tuple[str, int]]]
FORMS: dict[str, tuple[Write, tuple[str, ...]]] = {
    "conll": (
        _conll,
        (
            "names inside other names",
            "pronouns and noun phrases",
            "entities (which mentions are the same)",
            "quotes inside other quotes",
            "links of a quote to speaker, addressee and cue",
            "stances",
        ),
    ),
    "spacy": (_spacy, ()),
}
"""Format -> what writes a split, and what it cannot hold of an article with text."""
