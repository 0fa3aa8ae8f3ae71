"""The rules for a graph of spans and links, of an annotation or an adjudication.

Faults are `(rule, message)`; the rules are those of `rules.RULES`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from onrecord import labels
from onrecord.gold.decisions import BOTH, NEITHER, NEW
from onrecord.gold.settle import decision_ends, span_key
from onrecord.records import Adjudication, Annotation, Article, Link, Span
from onrecord.text import TABLED, code_points, cuts

Fault = tuple[str, str]


@cache
def _kinds() -> Any:
    """Code point -> 1: letter or digit, 2: white space, 4: needs a closer look."""
    import numpy as np

    kinds = np.full(TABLED + 1, 4, np.uint8)
    for code in range(TABLED):
        char = chr(code)
        if char != "\u200d" and unicodedata.category(char)[0] != "M":
            kinds[code] = char.isalnum() + 2 * char.isspace()
    return kinds


def _barred(text: str) -> tuple[bytes, bytes]:
    """For each boundary of a text, including the last, whether a span may not start, and may not
    end, there, or whether that needs a closer look."""
    import numpy as np

    kinds = np.zeros(len(text) + 2, np.uint8)
    kinds[1:-1] = _kinds()[np.minimum(code_points(text), TABLED)]
    before, after = kinds[:-1], kinds[1:]
    cut = before & after & 1 | (before | after) & 4
    return (cut | after & 2).tobytes(), (cut | before & 2).tobytes()


class _Facts(NamedTuple):
    """The facts about a label that the rules need."""

    family: str
    layer: str
    entity: bool
    stance: bool


@cache
def _facts() -> dict[str, _Facts]:
    known = labels.load()
    return {
        name: _Facts(known.family(name), label.layer, label.entity, bool(label.polarity))
        for name, label in known.spans.items()
    }


def span_faults(
    spans: Sequence[Span], entities: set[str], article: Article, text: str
) -> Iterator[Fault]:
    """The faults of spans on their own. `text` is "" if it is not available."""
    length = article.segments[-1].end
    facts = _facts()
    seen: set[str] = set()
    for span in spans:
        id_, start, end = span.id, span.start, span.end
        _, _, entity, stance = facts[span.label]
        if id_ in seen:
            yield "span.id-duplicate", f"{id_}, the second at {span_key(span)}"
        seen.add(id_)
        if span.entity and (span.entity not in entities or not entity):
            yield "span.entity", f"{span_key(span)} has the entity {span.entity}"
        told = span.attributes
        if not stance and (told.basis or told.target_text or told.holder_unnamed):
            yield "span.attributes", span_key(span)
        if not start < end <= length:
            yield "span.outside", f"{span_key(span)}, and the text ends at {length}"
        elif not text:
            continue
        elif text[start].isspace() or text[end - 1].isspace():
            yield "span.blank", span_key(span)
        elif cuts(text, start):
            yield "span.cuts-word", _cut(span, start, article)
        elif cuts(text, end):
            yield "span.cuts-word", _cut(span, end, article)


def _cut(span: Span, at: int, article: Article) -> str:
    # The words are shown only if the text is public.
    text = article.text
    shown = f": {text[max(0, at - 9) : at]}|{text[at : at + 9]}" if text else ""
    return f"{span_key(span)} at {at}{shown}".replace("\n", " ")


@cache
def _joins() -> dict[str, tuple[str, str]]:
    """Role -> the families that it joins, in order."""
    return {role: (link.source, link.target) for role, link in labels.load().links.items()}


def link_faults(links: Iterable[Link], spans: dict[str, Span]) -> Iterator[Fault]:
    """What is wrong with links between `spans` (by id)."""
    facts, joins = _facts(), _joins()
    for link in links:
        one, other = spans.get(link.from_), spans.get(link.to)
        if one is None or other is None:
            yield "link.end", f"{link.role}: no span {link.from_ if one is None else link.to}"
            continue
        # A quote continues in text order.
        backwards = link.role == "continues" and one.start > other.start
        ends = (facts[one.label].family, facts[other.label].family)
        if ends != joins[link.role] or one is other or backwards:
            yield "link.roles", f"{link.role} from {span_key(one)} to {span_key(other)}"


def sound(annotation: Annotation, article: Article, text: str) -> bool:
    """Whether an annotation certainly has no fault: a fast check of all spans and links at once.

    False only means that `annotation_faults` has to look closer.
    """
    spans, links, entities = annotation.spans, annotation.links, annotation.entities
    labels = {span.id: span.label for span in spans}
    drawn = {(span.start, span.end, span.label) for span in spans}
    known = {entity.id for entity in entities}
    if (
        annotation.text_sha256 != article.text_sha256
        or not text
        or not len(labels) == len(drawn) == len(spans)
        or len(known) < len(entities)
    ):
        return False
    family, entity, stance, joins = _sets()
    used, bare = set(labels.values()), type(spans[0].attributes)() if spans else None
    of_layers = {layer for name in used if (layer := family[name][1]) is not None}
    cues = {id_ for id_, name in labels.items() if family[name][0] == "cue"}
    length = min(article.segments[-1].end, len(text))
    starts, ends = _barred(text)
    return (
        not any([not start < end <= length for start, end, _ in drawn])  # noqa: C419
        and not any([starts[start] or ends[end] for start, end, _ in drawn])  # noqa: C419
        and known.issuperset(own := {span.entity for span in spans if span.entity})
        and (not own or entity.issuperset({span.label for span in spans if span.entity}))
        and stance.issuperset({span.label for span in spans if span.attributes != bare})
        and of_layers.issubset(annotation.layers)
        and (not cues or cues <= {e for k in links if k.role == "cue" for e in (k.from_, k.to)})
        and joins.issuperset({(k.role, labels.get(k.from_), labels.get(k.to)) for k in links})
        and not any([k.from_ == k.to for k in links])  # noqa: C419
        and not _backwards(spans, links)
    )


def _backwards(spans: Iterable[Span], links: Iterable[Link]) -> bool:
    """Whether some quote continues before it begins."""
    onward = [link for link in links if link.role == "continues"]
    starts = {span.id: span.start for span in spans} if onward else {}
    return any(starts[link.from_] > starts[link.to] for link in onward)


@cache
def _sets() -> tuple[
    dict[str, tuple[str, str | None]], set[str], set[str], set[tuple[str, str | None, str | None]]
]:
    """Label -> its family and the layer that must be labelled, if any; the labels that may have an
    entity; those that may have attributes; what links may join, as (role, label, label)."""
    facts = _facts()
    return (
        {n: (f.family, None if f.family == "mention" else f.layer) for n, f in facts.items()},
        {n for n, f in facts.items() if f.entity},
        {n for n, f in facts.items() if f.stance},
        {
            (role, one, other)
            for role, (source, target) in _joins().items()
            for one, other in product(facts, facts)
            if (facts[one].family, facts[other].family) == (source, target)
        },
    )


def annotation_faults(annotation: Annotation, article: Article, text: str) -> Iterable[Fault]:
    """What is wrong with a submitted annotation of an article."""
    return () if sound(annotation, article, text) else _annotation_faults(annotation, article, text)


def _annotation_faults(annotation: Annotation, article: Article, text: str) -> Iterator[Fault]:
    if annotation.text_sha256 != article.text_sha256:
        yield "text.other", "its text_sha256 is not the article's"
        return
    entities: set[str] = set()
    for entity in annotation.entities:
        if entity.id in entities:
            yield "entity.duplicate", entity.id
        entities.add(entity.id)
    yield from span_faults(annotation.spans, entities, article, text)
    drawn: set[tuple[int, int, str]] = set()
    cued = {end for k in annotation.links if k.role == "cue" for end in (k.from_, k.to)}
    facts, layers = _facts(), annotation.layers
    for span in annotation.spans:
        at = (span.start, span.end, span.label)
        if at in drawn:
            yield "span.duplicate", span_key(span)
        drawn.add(at)
        family, layer, _, _ = facts[span.label]
        # Links need mentions, even if the layer was not labelled.
        if layer not in layers and family != "mention":
            yield "annotation.layer", f"{span_key(span)} is of the layer {layer}"
        if family == "cue" and span.id not in cued:
            yield "span.loose", span_key(span)
    yield from link_faults(annotation.links, {span.id: span for span in annotation.spans})


_UNREAD = {
    *("text.other", "annotation.layer", "span.outside", "span.id-duplicate"),
    *("link.end", "link.roles"),
}


def unread(annotation: Annotation, article: Article, text: str) -> list[Fault]:
    """The faults of a system's output that scoring would ignore or misread.

    Other faults do not matter: a span that cuts a word is still something that the system found.
    """
    known = labels.load()
    values = [
        ("status", annotation.status, ["submitted"]),
        *(("layer", layer, labels.LAYERS) for layer in annotation.layers),
        *(("label", span.label, known.spans) for span in annotation.spans),
        *(("role", link.role, known.links) for link in annotation.links),
    ]
    odd = {
        f"{what} {value}: one of {', '.join(allowed)} is measured": None
        for what, value, allowed in values
        if value not in allowed
    }
    if odd:
        return [("schema", message) for message in odd]
    faults = annotation_faults(annotation, article, text)
    return [(rule, message) for rule, message in faults if rule in _UNREAD]


def misplaced(annotation: Annotation, text: str) -> int:
    """How many spans begin or end inside a word, or with white space: few, unless the offsets
    count something else than the code points of this text."""
    return sum(
        cuts(text, span.start)
        or cuts(text, span.end)
        or text[span.start : span.end] != text[span.start : span.end].strip()
        for span in annotation.spans
    )


def adjudication_faults(
    record: Adjudication, submitted: Sequence[Annotation], article: Article, text: str
) -> Iterator[Fault]:
    """The faults of an adjudication of these submissions."""
    if record.text_sha256 != article.text_sha256:
        yield "text.other", "its text_sha256 is not the article's"
        return
    entities = {e.id for work in (*submitted, record) for e in work.entities}
    choices = {BOTH, NEITHER, NEW, *(annotation.annotator for annotation in submitted)}
    layers = {x for x in labels.LAYERS if all(x in work.layers for work in submitted)}
    ends = decision_ends(record.decisions, submitted)
    items: set[str] = set()
    for decision in record.decisions:
        if decision.item in items:
            yield "decision.duplicate", decision.item
        items.add(decision.item)
        if decision.chosen not in choices:
            yield "decision.chosen", f"{decision.item}: {decision.chosen}"
        yield from span_faults(decision.spans, entities, article, text)
        for span in decision.spans:
            family, layer, _, _ = _facts()[span.label]
            if layer not in layers and family != "mention":  # as `settle` has it
                yield "decision.layer", f"{span_key(span)} is of the layer {layer}"
        own = {span.id: span for span in decision.spans}
        yield from link_faults(decision.links, ends | own)
