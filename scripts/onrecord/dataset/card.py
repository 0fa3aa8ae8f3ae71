"""The dataset card: DATASET_CARD.md, written by people, with the build's figures filled in.

The card has placeholders, {{name}}; `fills` gives their values. Nothing that can be counted is
written by hand, so nothing in the card can be out of date.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from onrecord.dataset.fields import COMMON, Classes, Field, classes, configs, inside, shown
from onrecord.labels import Labels
from onrecord.records import Article, DataError, Gold, many

if TYPE_CHECKING:
    from onrecord.quality.agree import Agreement
    from onrecord.quality.measures import Measure

LABELLED_BY = {
    "human": "Every label was made by persons who followed the guidelines in `guidelines/`.",
    "machine-generated": "Every label was made by a language model that followed the guidelines in"
    " `guidelines/`; no person has labelled any of these articles.",
    "mixed": "Some labels were made by persons and some by language models; `label_source` says"
    " which, article by article.",
}
"""The card's sentence for each label source."""

CREATORS = {
    "human": "[other]",  # the Hub's other words for persons say where they came from
    "machine-generated": "[machine-generated]",
    "mixed": "[machine-generated, other]",
}
"""The Hub's `annotations_creators` (YAML) for each label source."""

NOT_MEASURED = (
    "No agreement was measured for this version: no figure here says how far two annotators would"
    " have made the same labels. Agreement between two runs of one language model would be"
    " self-consistency, which is higher and says less."
)
"""What the card says under Agreement if nothing was measured."""

EXAMPLE_LENGTH = 60
"""Characters of an example in a table of fields."""

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")


@dataclass
class Tally:
    """The counts for the card, one document at a time."""

    articles: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By publisher, licence and release."""
    with_text: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    dates: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    """The earliest and the latest date of these articles."""
    splits: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Spans in gold, by split and span label; a quote in two pieces is two spans, a cue of two
    quotes is one."""
    found: Counter[str] = field(default_factory=Counter)
    """Mentions, quotes and stances in gold, named entities, and those with a Wikidata id."""
    layers: dict[tuple[str, str, str, int], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """Articles of each split by layer, label source, settled_by and number of annotators."""

    def add(self, article: Article, gold: Gold, split: str, labels: Labels) -> None:
        """Count a gold document; `article` is as it is published."""
        key = (article.publisher, article.rights.licence, article.rights.release)
        self.articles[key] += 1
        self.with_text[key] += bool(article.text)
        self.splits[split] += 1
        if day := article.date_published[:10]:
            first, last = self.dates.get(key, (day, day))
            self.dates[key] = min(first, day), max(last, day)
        for layer in gold.layers:
            self.layers[layer, gold.label_source, gold.settled_by, gold.n_annotators][split] += 1
        counted = self.labels[split]
        counted.update(mention.type for mention in gold.mentions)
        self.found["named"] += sum(bool(entity.name) for entity in gold.entities)
        self.found["linked"] += sum(bool(e.name and e.kb_id) for e in gold.entities)
        for name in ("mentions", "quotes", "stances"):
            self.found[name] += len(getattr(gold, name))
        polarity = {s.polarity: s.name for s in labels.spans.values() if s.polarity}
        for stance in gold.stances:
            counted[polarity[stance.polarity]] += len(stance.evidence)
        quoted = [tuple(span) for quote in gold.quotes for span in quote.spans]
        cues = {tuple(span) for quote in gold.quotes for span in quote.cue}  # quotes can share one
        for family, spans in (("quote", quoted), ("cue", cues)):
            name = next(s.name for s in labels.spans.values() if s.family == family)
            counted[name] += len(spans)


def fills(
    tally: Tally,
    labels: Labels,
    *,
    rows: Iterable[tuple[str, str, int]],
    annotators: Iterable[Sequence[str]],
    withdrawn: Iterable[Sequence[str]],
    agreement: str,
    baselines: str,
    version: str,
    newest: str,
) -> dict[str, str]:
    """The value of each placeholder.

    `rows` is (config, split, number of rows); `annotators` (id, kind, model, version, given);
    `withdrawn` (article, when, why); `agreement` what `agreement` gives, `baselines` what
    `measured.markdown` does; `newest` the day of the newest annotation (YYYY-MM-DD), "" if unknown.
    """
    total, shown = tally.articles.total(), tally.with_text.total()
    split_values = labels.values["split"]
    sizes: dict[str, dict[str, int]] = {}
    for config, split, count in rows:
        sizes.setdefault(config, {})[split] = count
    sources = {source for _, source, _, _ in tally.layers}
    source = sources.pop() if len(sources) == 1 else "mixed"
    return {
        "version": version,
        "year": newest[:4],  # a build has no clock: the same inputs give the same bytes
        **{
            name: f"{tally.found[name]:,}"
            for name in ("mentions", "quotes", "stances", "named", "linked")
        },
        "labelled_by": LABELLED_BY[source],
        "annotations_creators": CREATORS[source],
        "articles": f"{total:,}",
        "without_text": f"{total - shown:,}",
        "counts": table(
            ["config", *split_values],
            ([f"`{c}`", *(f"{n.get(s, 0):,}" for s in split_values)] for c, n in sizes.items()),
        ),
        "splits": table(
            ["split", "articles", "use"],
            ([f"`{s}`", f"{tally.splits[s]:,}", means] for s, means in split_values.items()),
        ),
        **_label_tables(labels, tally),
        **_field_tables(labels),
        "layers": table(
            ["layer", "labels by", "settled by", "annotators an article", *split_values],
            (
                [*key, *(f"{articles[split]:,}" for split in split_values)]
                for key, articles in sorted(tally.layers.items())
            ),
        ),
        "agreement": agreement,
        "baselines": baselines,
        "annotators": table(
            ["annotator", "kind", "model", "version", "was given"],
            ([*map(_said, row)] for row in annotators),
        ),
        "withdrawn": table(
            ["article", "taken out", "why"],
            ([*map(_said, row)] for row in withdrawn),
            none="No article so far.",
        ),
        "rights": table(
            ["publisher", "licence of the text", "release", "articles", "with text here", "dated"],
            (
                [
                    *map(_said, key),
                    f"{n:,}",
                    f"{tally.with_text[key]:,}",
                    _span(tally.dates.get(key)),
                ]
                for key, n in sorted(tally.articles.items())
            ),
        ),
    }


def _label_tables(labels: Labels, tally: Tally) -> dict[str, str]:
    """What the labels mean and how many there are; the links; the values of fields."""
    split_values = labels.values["split"]
    return {
        "labels": table(
            ["label", "layer", "means", "example", *split_values],
            (
                [
                    *(f"`{s.name}`", s.layer, s.means, s.example),
                    *(f"{tally.labels[split][s.name]:,}" for split in split_values),
                ]
                for s in labels.spans.values()
            ),
        ),
        "links": table(
            ["role", "from", "to", "means"],
            ([f"`{k.role}`", k.source, k.target, k.means] for k in labels.links.values()),
        ),
        "values": table(
            ["field", "value", "means"],
            (
                [f"`{name}`", f"`{value}`", means]
                for name, values in labels.values.items()
                for value, means in values.items()
            ),
        ),
    }


def _field_tables(labels: Labels) -> dict[str, str]:
    """The fields of all configs together, of each config, and of what is inside its columns."""
    own = {name: columns[len(COMMON) :] for name, columns in configs(labels).items()}
    return {
        "fields of every row": _fields((field.name, field) for field in COMMON),
        **{f"fields of {name}": _fields((f.name, f) for f in own[name]) for name in own},
        **{f"fields inside {name}": _fields(inside(own[name])) for name in own},
    }


def _fields(named: Iterable[tuple[str, Field]]) -> str:
    """A table of fields, each with what the table calls it."""
    return table(
        ["field", "type", "what it is", "empty if", "example"],
        (
            [f"`{name}`", shown(field.kind), field.means, field.empty, _example(field)]
            for name, field in named
        ),
    )


def _example(field: Field) -> str:
    """A field's example in JSON, cut short; of a class label the id with its name."""
    example = field.example
    if example is None:
        return ""
    if names := classes(field):
        if isinstance(field.kind, Classes):
            return f"`{names.index(example)}` ({example})"
        example = [names.index(name) for name in example]
    told = msgspec.json.encode(example).decode()
    return f"`{told if len(told) <= EXAMPLE_LENGTH else told[: EXAMPLE_LENGTH - 1] + '…'}`"


def _span(days: tuple[str, str] | None) -> str:
    """From the first to the last day, "" if no article has a date."""
    return " to ".join(dict.fromkeys(days or ()))


def agreement(told: Agreement, measures: Mapping[str, Measure]) -> str:
    """Agreement as Markdown: a table for each kind of pair, people and models apart.

    `measures` are those to report, by name. NOT_MEASURED if nothing was labelled twice.
    """
    parts = []
    for group in told.groups:
        rows = (
            [
                *(measures[name][:3]),
                f"{figure.value:.3f}",
                f"{figure.low:.3f} to {figure.high:.3f}",
                f"{figure.n:,}",
            ]
            for name, figure in group.figures.items()
            if name in measures
        )
        header = ["layer", "finding or judging", "measure", "value", "95 %", "n"]
        parts += [f"**{group.heading}**, {many(group.articles, 'article')}. {group.about}"]
        parts += [table(header, rows)]
    if parts and told.without_text:
        parts.append(f"{len(told.without_text):,} more could not be compared without their text.")
    if parts and told.group("people") is None:
        parts.append("How far two people agree was not measured.")
    return "\n\n".join(parts) or NOT_MEASURED


def _said(words: str) -> str:
    """What somebody wrote, as a Markdown table can show it: no markup, no control characters."""
    return "".join(c if c.isprintable() else " " for c in words).replace("<", "&lt;")


def table(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, none: str = "none yet"
) -> str:
    """A Markdown table, a row a line; `none` if there are no rows."""

    def shown(cell: object) -> str:
        return str(cell).replace("|", "\\|").replace("\n", " ")

    lines = ["| " + " | ".join(map(shown, row)) + " |" for row in rows]
    if not lines:
        return none
    return "\n".join(["| " + " | ".join(header) + " |", "|---" * len(header) + "|", *lines])


def check(template: str, labels: Labels) -> None:
    """Raise DataError where the template holds a placeholder that no build fills."""
    of_nothing = fills(
        Tally(),
        labels,
        rows=(),
        annotators=(),
        withdrawn=(),
        agreement="",
        baselines="",
        version="",
        newest="",
    )
    _check(template, of_nothing)


def _check(template: str, known: Iterable[str]) -> None:
    if unknown := set(_PLACEHOLDER.findall(template)).difference(known):
        raise DataError(
            f"DATASET_CARD.md: unknown placeholder {', '.join(sorted(unknown))};"
            f" known are {', '.join(known)}"
        )


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every placeholder filled.

    Raises DataError where it holds a placeholder that `values` lacks.
    """
    _check(template, values)
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


# --- the card read again: what croissant.json says of it ----------------------------------------


def sections(text: str) -> dict[str, str]:
    """Heading -> its text, up to the next heading of whatever level."""
    parts = re.split(r"(?m)^#{2,3} (.+)$", text)
    return {
        title.strip(): body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def abstract(text: str) -> str:
    """The card's first paragraph, on one line."""
    found = re.search(r"(?m)^(?![#<|\s-])(?:.+\n?)+", text)
    return " ".join(found[0].split()) if found else ""


def citation(text: str) -> str:
    """The card's BibTeX entry; empty where it has none."""
    found = re.search(r"(?ms)^```bibtex\n(.*?)^```", text)
    return found[1].strip() if found else ""
