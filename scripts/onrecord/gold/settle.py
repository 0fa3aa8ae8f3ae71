"""Settling: what several annotators agree on, and what an adjudication decided.

An item is a span or a link. Its key is the same for all annotators.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.gold.entities import reconciled
from onrecord.labels import LAYERS
from onrecord.records import (
    Adjudication,
    Annotation,
    AnnotationEntity,
    Decision,
    Link,
    Span,
    span_order,
)

# --- items: what annotators can differ about --------------------------------------------------


def span_key(span: Span) -> str:
    """The key of a span, "12-20 PERSON", which does not depend on ids given by a tool."""
    return f"{span.start}-{span.end} {span.label}"


def item_key(*spans: Span, role: str = "") -> str:
    """The key of a span, or of the link `role` from the first span to the second.

    "span 12-20 PERSON", "link speaker 3-8 PERSON 10-44 QUOTE": offsets and labels only, so it is
    the same for every annotator and in every run. Adjudications name what they decide by it.
    """
    return item_of(*map(span_key, spans), role=role)


def item_of(*keys: str, role: str = "") -> str:
    """As `item_key`, from the keys of the spans."""
    return " ".join(["link", role, *keys] if role else ["span", *keys])


def role_of(item: str) -> str:
    """The role of the link that an item is; "" for a span."""
    return item.split(" ", 2)[1] if item.startswith("link ") else ""


def _by_place(item: str) -> tuple[list[int], str]:
    return [int(number) for number in re.findall(r"\d+", item)], item


class Graph(NamedTuple):
    """An annotation as items: ids are span keys, entities are keys shared by annotators."""

    items: dict[str, Span | Link]
    odd: set[str]
    """Items that cannot be used as they are: links with a missing end or between spans that no link
    joins, and spans drawn twice with different attributes."""


def graph_of(annotation: Annotation, layers: list[str]) -> Graph:
    """The annotation's spans and links in these layers, as comparable items."""
    known = labels.load()
    entities = entities_of(annotation)
    spans = {span.id: _canonical(span, entities) for span in annotation.spans}
    items: dict[str, Span | Link] = {}
    odd = set()
    linked = set()
    for link in annotation.links:
        ends = spans.get(link.from_), spans.get(link.to)
        if ends[0] is None or ends[1] is None:
            odd.add(item_of(link.from_, link.to, role=link.role))
            continue
        # Mentions can be ends of links even if the entities layer was not labelled.
        if all(_in_layers(end, layers) or known.spans[end.label].is_mention for end in ends if end):
            item, canonical = _canonical_link(link.role, ends[0], ends[1])
            if canonical is None:
                odd.add(item)
            else:
                items[item] = canonical
            linked |= {ends[0].id, ends[1].id}
    for span in spans.values():
        # Drawn twice with different attributes: neither is used without a decision.
        if (_in_layers(span, layers) or span.id in linked) and (
            items.setdefault(item_of(span.id), span) != span
        ):
            odd.add(item_of(span.id))
    return Graph(items, odd)


def _in_layers(span: Span, layers: list[str]) -> bool:
    return labels.load().spans[span.label].layer in layers


def _canonical(span: Span, entities: Mapping[str, tuple[str, AnnotationEntity]]) -> Span:
    """The span without properties of the tool, so that equal spans are the same label."""
    attributes = span.attributes
    if labels.load().spans[span.label].polarity and not attributes.basis:
        attributes = msgspec.structs.replace(attributes, basis="explicit")
    return Span(
        id=span_key(span),
        label=span.label,
        start=span.start,
        end=span.end,
        entity=entities[span.entity][0] if span.entity in entities else "",
        attributes=attributes,
    )


def _canonical_link(role: str, first: Span, second: Span) -> tuple[str, Link | None]:
    """The link's item, and the link in its role's direction; None if the role is impossible."""
    known = labels.load()
    joins = known.links[role]
    ends = [first, second]
    if joins.source == joins.target:
        ends.sort(key=span_order)
    elif known.family(first.label) == joins.target:
        ends.reverse()
    item = item_key(*ends, role=role)
    fits = [known.family(end.label) for end in ends] == [joins.source, joins.target]
    link = Link(from_=span_key(ends[0]), to=span_key(ends[1]), role=role)
    return item, link if fits and link.from_ != link.to else None


def entities_of(annotation: Annotation | Adjudication) -> dict[str, tuple[str, AnnotationEntity]]:
    """Entity id -> (key, entity). Annotators who mean the same entity have the same key.

    The key is the Wikidata id, else the name if it is unique in the annotation.
    """
    names = Counter(e.name.casefold() for e in annotation.entities if not e.kb_id)
    return {
        e.id: (
            e.kb_id
            or (f"name {e.name.casefold()}" if e.name and names[e.name.casefold()] == 1 else "")
            or f"id {e.id}",
            e,
        )
        for e in annotation.entities
    }


# --- settling ---------------------------------------------------------------------------------


class Settled(NamedTuple):
    """The settled graph of an article.

    A span's `id` is its key, its `entity` a key of `entities` (or ""); a link's ends are span keys.
    `disputed` are the undecided items: as long as there are any, the article is not gold.
    `annotators` includes the adjudicator. `decided` maps items to the items of the decisions that
    they rest on; all other items were drawn by every annotator.
    """

    spans: list[Span]
    links: list[Link]
    entities: dict[str, AnnotationEntity]
    layers: list[str]
    disputed: list[str]
    annotators: list[str]
    n_annotators: int
    settled_by: str
    decided: dict[str, list[str]]


def settle(
    annotations: Iterable[Annotation],
    adjudication: Adjudication | None = None,
    *,
    text: str | None = None,
) -> Settled:
    """Settle the submitted annotations of one article, with the decisions about them.

    An item is settled where every annotator has it: a span with the same offsets, label,
    attributes and entity; a link of the same role between the same spans. Only the layers that
    all of them labelled count. A decision replaces its item, whatever the annotators had; a link
    that differs needs none once a decision took one of its ends away. What a decision puts into
    another layer stays disputed, since that layer is not in gold.

    With the article's `text`, what annotators called an entity is no difference where they mean
    the same mentions by it (see `entities.reconciled`); without it names, ids and chains of `same`
    links must agree as they stand.

    In a decision a link's end is the id of a span of the same adjudication, or a span key; the
    entity of a span is that of the annotator in `chosen`, else of the first who has that id, else
    one that the adjudicator added.

    The order of the annotations does not matter. Raises ValueError where nothing is submitted.
    """
    submitted = sorted(
        (a for a in annotations if a.status == "submitted"), key=lambda a: a.annotator
    )
    if not submitted:
        raise ValueError("nothing is submitted, so there is nothing to settle")
    layers = [layer for layer in LAYERS if all(layer in a.layers for a in submitted)]
    graphs = [graph_of(annotation, layers) for annotation in submitted]
    decisions = adjudication.decisions if adjudication else []
    decided = {decision.item for decision in decisions}

    all_items = [graph.items for graph in graphs]
    if text is not None and len(all_items) > 1:
        known = {key: e for a in reversed(submitted) for key, e in entities_of(a).values()}
        all_items = reconciled(all_items, known, text)
    first, *others = all_items
    stands: dict[str, Span | Link] = {
        item: value
        for item, value in first.items()
        if item not in decided and all(other.get(item) == value for other in others)
    }
    sources = [*submitted, adjudication] if adjudication else submitted
    chosen, rests, unclear = _chosen(decisions, submitted, sources, layers)
    stands.update(chosen)
    rejected = decided - stands.keys()

    everything = {item: value for items in all_items for item, value in items.items()} | stands
    odd = unclear.union(*(graph.odd - decided for graph in graphs))
    disputed = _disputed(everything, stands.keys(), rejected, odd)
    spans = [value for value in stands.values() if isinstance(value, Span)]
    links = [value for _, value in sorted(stands.items()) if isinstance(value, Link)]
    return Settled(
        spans=sorted(spans, key=span_order),
        links=[link for link in links if {item_of(link.from_), item_of(link.to)} <= stands.keys()],
        entities={key: e for a in reversed(sources) for key, e in entities_of(a).values()},
        layers=layers,
        disputed=sorted(disputed, key=_by_place),
        annotators=[a.annotator for a in submitted]
        + ([adjudication.adjudicator] if adjudication and decisions else []),
        n_annotators=len(submitted),
        settled_by="adjudication" if decisions else "agreement" if others else "single",
        decided=rests,
    )


def _disputed(
    everything: Mapping[str, Span | Link], stands: Set[str], rejected: Set[str], odd: Set[str]
) -> set[str]:
    """The items that neither stand nor were rejected, and `odd`, as the ends of links have it."""
    disputed = (everything.keys() - stands - rejected) | odd
    for item, value in everything.items():
        if not isinstance(value, Link):
            continue
        ends = {item_of(value.from_), item_of(value.to)}
        if item in stands and ends - stands - disputed:
            # An end of this link was decided away, and nobody decided about the link.
            disputed.add(item)
        elif item not in stands and ends & rejected:
            disputed.discard(item)
    return disputed


def _chosen(
    decisions: Sequence[Decision],
    submitted: Sequence[Annotation],
    sources: Sequence[Annotation | Adjudication],
    layers: list[str],
) -> tuple[dict[str, Span | Link], dict[str, list[str]], set[str]]:
    """What the decisions put into gold, item -> the items of the decisions it rests on, and the
    items that cannot be used: with dangling references, or in a layer that not all labelled."""
    items: dict[str, Span | Link] = {}
    rests: dict[str, list[str]] = {}
    unclear = set()
    known = labels.load()
    everywhere = decision_ends(decisions, submitted)
    named = [(a.annotator if isinstance(a, Annotation) else None, entities_of(a)) for a in sources]
    for decision in decisions:
        chosen_first = sorted(named, key=lambda pair: pair[0] != decision.chosen)
        put: set[str] = set()
        for span in decision.spans:
            entities = next((found for _, found in chosen_first if span.entity in found), {})
            items[item_key(span)] = _canonical(span, entities)
            put.add(item_key(span))
            if (span.entity and not entities) or not (
                _in_layers(span, layers) or known.spans[span.label].is_mention
            ):
                unclear.add(item_key(span))
        ends = everywhere | {span.id: span for span in decision.spans}
        for link in decision.links:
            one, other = ends.get(link.from_), ends.get(link.to)
            if one is None or other is None:
                unclear.add(item_of(link.from_, link.to, role=link.role))
                continue
            item, canonical = _canonical_link(link.role, one, other)
            if canonical is None:
                unclear.add(item)
            else:
                items[item] = canonical
                put.add(item)
        for item in sorted(put):
            rests.setdefault(item, []).append(decision.item)
    return items, rests, unclear


def decision_ends(
    decisions: Iterable[Decision], submitted: Iterable[Annotation]
) -> dict[str, Span]:
    """The possible ends of a decision's link: the key of any span, the id of a decided one."""
    decided = [span for decision in decisions for span in decision.spans]
    spans = chain(*(annotation.spans for annotation in submitted), decided)
    return {span_key(span): span for span in spans} | {span.id: span for span in decided}
