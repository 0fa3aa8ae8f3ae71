"""What must hold within one graph of spans and links, an annotation's or an adjudication's.

Everything here yields `(rule, message)`; the rules are those of `rules.RULES`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from onrecord import labels
from onrecord.gold.settle import span_key
from onrecord.records import Adjudication, Annotation, Article, Link, Span

Fault = tuple[str, str]

# Characters that are drawn with the one before them: joiner, skin tones, the tags of a flag.
_JOINED = re.compile("[\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]*")


def cuts(text: str, at: int) -> bool:
    """Whether a boundary at `at` stands inside a word, an accented letter, an emoji or a flag.

    A word is letters and digits with nothing between them: Calder may be cut out of
    "Calder’s", Kelso out of "anti-Kelso".
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return True
    if before == "\u200d" or _JOINED.match(after) or unicodedata.category(after)[0] == "M":
        return True
    if not "\U0001f1e6" <= after <= "\U0001f1ff":
        return False
    # Two letters make a flag, so a boundary after an odd number of them stands inside one.
    flags = _FLAG_LETTERS.match(text[:at][::-1])
    return bool(flags and len(flags[0]) % 2)


def span_faults(
    spans: Sequence[Span], entities: set[str], article: Article, text: str
) -> Iterator[Fault]:
    """What is wrong with spans on their own. `text` is "" where it is not at hand."""
    length = article.segments[-1].end
    seen: set[str] = set()
    for span in spans:
        label = labels.load().spans[span.label]
        if span.id in seen:
            yield "span.id-duplicate", f"{span.id}, the second at {span_key(span)}"
        seen.add(span.id)
        if span.entity and (span.entity not in entities or not label.entity):
            yield "span.entity", f"{span_key(span)} has the entity {span.entity}"
        if msgspec.to_builtins(span.attributes) and not label.polarity:
            yield "span.attributes", span_key(span)
        if not span.start < span.end <= length:
            yield "span.outside", f"{span_key(span)}, and the text ends at {length}"
        elif not text:
            continue
        elif text[span.start].isspace() or text[span.end - 1].isspace():
            yield "span.blank", span_key(span)
        elif inside := [at for at in (span.start, span.end) if cuts(text, at)]:
            at = inside[0]
            # The words are shown only where the text is public.
            shown = f": {text[max(0, at - 9) : at]}|{text[at : at + 9]}" if article.text else ""
            yield "span.cuts-word", f"{span_key(span)} at {at}{shown}"


def link_faults(links: Iterable[Link], spans: dict[str, Span]) -> Iterator[Fault]:
    """What is wrong with links between `spans` (by id)."""
    known = labels.load()
    for link in links:
        one, other = spans.get(link.from_), spans.get(link.to)
        if one is None or other is None:
            yield "link.end", f"{link.role}: no span {link.from_ if one is None else link.to}"
            continue
        role = known.links[link.role]
        joins = (known.family(one.label), known.family(other.label))
        # A quote goes on in text order.
        backwards = link.role == "continues" and one.start > other.start
        if joins != (role.source, role.target) or one is other or backwards:
            yield "link.roles", f"{link.role} from {span_key(one)} to {span_key(other)}"


def annotation_faults(annotation: Annotation, article: Article, text: str) -> Iterator[Fault]:
    """What is wrong with a submitted annotation of an article."""
    if annotation.text_sha256 != article.text_sha256:
        yield "text.other", "its text_sha256 is not the article's"
        return
    known = labels.load()
    entities: set[str] = set()
    for entity in annotation.entities:
        if entity.id in entities:
            yield "entity.duplicate", entity.id
        entities.add(entity.id)
    yield from span_faults(annotation.spans, entities, article, text)
    drawn: set[str] = set()
    cued = {end for k in annotation.links if k.role == "cue" for end in (k.from_, k.to)}
    for span in annotation.spans:
        if span_key(span) in drawn:
            yield "span.duplicate", span_key(span)
        drawn.add(span_key(span))
        label = known.spans[span.label]
        # Links need mentions, whatever was labelled.
        if label.layer not in annotation.layers and not label.is_mention:
            yield "annotation.layer", f"{span_key(span)} is of the layer {label.layer}"
        if label.family == "cue" and span.id not in cued:
            yield "span.loose", span_key(span)
    yield from link_faults(annotation.links, {span.id: span for span in annotation.spans})


def adjudication_faults(
    record: Adjudication, submitted: Sequence[Annotation], article: Article, text: str
) -> Iterator[Fault]:
    """What is wrong with an adjudication of what was submitted."""
    if record.text_sha256 != article.text_sha256:
        yield "text.other", "its text_sha256 is not the article's"
        return
    entities = {e.id for work in (*submitted, record) for e in work.entities}
    choices = {"both", "neither", "new", *(annotation.annotator for annotation in submitted)}
    ends = decision_ends(record, submitted)
    items: set[str] = set()
    for decision in record.decisions:
        if decision.item in items:
            yield "decision.duplicate", decision.item
        items.add(decision.item)
        if decision.chosen not in choices:
            yield "decision.chosen", f"{decision.item}: {decision.chosen}"
        yield from span_faults(decision.spans, entities, article, text)
        own = {span.id: span for span in decision.spans}
        yield from link_faults(decision.links, ends | own)


def decision_ends(record: Adjudication, submitted: Iterable[Annotation]) -> dict[str, Span]:
    """What a link of a decision may name: the key of any span, the id of a decided one."""
    decided = [span for decision in record.decisions for span in decision.spans]
    spans = chain(*(annotation.spans for annotation in submitted), decided)
    return {span_key(span): span for span in spans} | {span.id: span for span in decided}
