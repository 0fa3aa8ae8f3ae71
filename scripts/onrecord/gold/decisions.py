"""From the third reader's answers to the decisions of an adjudication. Pure.

What follows from an answer is decided with it: a link comes and goes with its ends, and a link that
annotators drew to different versions of a span goes to the version that was chosen.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from onrecord.gold.differences import Difference, Differences, Triple, Version, triple_of
from onrecord.gold.settle import Graph, entities_of, graph_of, item_key, item_of, span_key
from onrecord.records import Adjudication, Annotation, AnnotationEntity, Decision, Link, Span

BOTH, NEITHER, NEW = "both", "neither", "new"

Choices = dict[Triple, tuple[str, str]]
"""Whose version it is, and why, by the triple of a link."""


class Answer(NamedTuple):
    """What the third reader chose: the number of a version, "both" or "neither", and why."""

    chosen: int | str
    why: str = ""


class Decided(NamedTuple):
    """The decisions, and in words what of the answers could not be carried out."""

    decisions: list[Decision]
    entities: list[AnnotationEntity]
    left: list[str]


def decide(
    found: Differences, answers: Mapping[int, Answer], drawn: Annotation, added: Iterable[Link] = ()
) -> Decided:
    """The decisions that answers and the reader's own drawing amount to.

    `answers` by the number of the difference, from 0; a difference without one stays open.
    `drawn` is what stood in the text when it was handed in, without the versions shown: what is
    settled and was deleted or changed, and what was added, is decided too. Its entities' ids are
    the keys of `found.settled.entities` where they are any annotator's. `added` are links whose
    ends are span keys, for what the reader linked to a version that was shown.
    """
    left: list[str] = []
    made, picked, refused, open_items = _answered(found, answers)
    graph = graph_of(drawn, found.settled.layers)
    shown = {item_of(link.from_, link.to, role=link.role) for link in found.settled.links}
    # What no role can join stands in nobody's graph: it can only be left out.
    for item in found.settled.disputed:
        if not any(item in items for items in found.graphs.values()):
            made[item] = Decision(item=item, chosen=NEITHER)
    _redrawn(found, graph, drawn, made)
    standing = {span_key(s): s for s in found.settled.spans if item_of(span_key(s)) not in made}
    standing |= {span_key(s): s for decision in made.values() for s in decision.spans}
    _links_decided(found, picked, refused, standing, made, left, open_items)
    for item, value in graph.items.items():
        if isinstance(value, Link) and item not in shown and item not in made:
            if value.from_ in standing and value.to in standing:
                made[item] = Decision(item=item, chosen=NEW, links=[value])
            else:
                left.append(f"a link that was drawn ({item}) hangs on a span that was not chosen")
    for link in added:
        ends = standing.get(link.from_), standing.get(link.to)
        if ends[0] and ends[1]:
            item = item_key(ends[0], ends[1], role=link.role)
            made.setdefault(item, Decision(item=item, chosen=NEW, links=[link]))
        else:
            left.append(f"a {link.role} link was drawn to a version that was not chosen")
    known = {id_ for ids in found.entities.values() for id_ in ids.values()}
    used = {span.entity for decision in made.values() for span in decision.spans}
    return Decided(
        sorted(made.values(), key=lambda d: d.item),
        [e for e in drawn.entities if e.id in used and e.id not in known],
        left,
    )


def _answered(
    found: Differences, answers: Mapping[int, Answer]
) -> tuple[dict[str, Decision], Choices, Choices, set[str]]:
    """What the answers say: decisions about spans, links that were chosen, and links that were not,
    by their triples; and the items of differences without an answer."""
    made: dict[str, Decision] = {}
    picked: Choices = {}
    refused: Choices = {}
    open_items: set[str] = set()
    for number, difference in enumerate(found.asked):
        answer = answers.get(number)
        if answer is None:
            open_items |= difference.items.keys()
            continue
        stands = {
            item: (version.annotators[0], value)
            for version in reversed(_picked(difference, answer.chosen))
            for item, value in version.items.items()
        }
        instead = next((name for name, _ in stands.values()), _otherwise(difference, answer))
        for item, value in difference.items.items():
            chosen, kept = stands.get(item, (instead, None))
            if isinstance(value, Link):
                triple = triple_of(value, found.clusters)
                (picked if kept else refused)[triple] = (chosen, answer.why)
            else:
                spans = [_own_entity(found, kept, chosen)] if isinstance(kept, Span) else []
                made[item] = Decision(item=item, chosen=chosen, spans=spans, why=answer.why)
    return made, picked, refused, open_items


def _picked(difference: Difference, chosen: int | str) -> list[Version]:
    if isinstance(chosen, int):
        return [difference.versions[chosen]]
    return difference.versions if chosen == BOTH else []


def _otherwise(difference: Difference, answer: Answer) -> str:
    """Whose version it is that nothing stands."""
    if isinstance(answer.chosen, int):
        return difference.versions[answer.chosen].annotators[0]
    return NEITHER


def _own_entity(found: Differences, span: Span, chosen: str) -> Span:
    """The span with the id of its entity instead of the key."""
    order = sorted(found.entities, key=lambda name: name != chosen)
    ids = [found.entities[name].get(span.entity, "") for name in order]
    return msgspec.structs.replace(span, entity=next(filter(None, ids), ""))


def _redrawn(
    found: Differences, graph: Graph, drawn: Annotation, made: dict[str, Decision]
) -> None:
    """Decide what the reader deleted, changed or added with their own hand."""
    ids = {key: entity.id for key, entity in entities_of(drawn).values()}
    settled = {item_of(span_key(span)): span for span in found.settled.spans}
    for item, value in graph.items.items():
        if isinstance(value, Span) and settled.get(item) != value:
            span = msgspec.structs.replace(value, entity=ids.get(value.entity, ""))
            made[item] = Decision(item=item, chosen=NEW, spans=[span])
    for item in settled.keys() - graph.items.keys():
        made[item] = Decision(item=item, chosen=NEITHER)
    for link in found.settled.links:
        item = item_of(link.from_, link.to, role=link.role)
        if item not in graph.items:
            made[item] = Decision(item=item, chosen=NEITHER)


def _links_decided(
    found: Differences,
    picked: Choices,
    refused: Choices,
    standing: Mapping[str, Span],
    made: dict[str, Decision],
    left: list[str],
    open_items: set[str],
) -> None:
    """Decide the links that were asked for, and those that follow from the spans that stand."""
    by_triple: dict[Triple, dict[str, tuple[str, Link]]] = defaultdict(dict)
    settled = {(link.role, link.from_, link.to) for link in found.settled.links}
    for name, graph in found.graphs.items():
        for item, value in graph.items():
            if isinstance(value, Link) and (value.role, value.from_, value.to) not in settled:
                by_triple[triple_of(value, found.clusters)].setdefault(item, (name, value))
    disputed = set(found.settled.disputed)
    ends: dict[str, list[Span]] = defaultdict(list)
    for key, span in standing.items():
        ends[found.clusters.get(item_of(key), item_of(key))].append(span)

    unclear = {found.clusters[item] for item in open_items if item in found.clusters}
    for triple, links in by_triple.items():
        if open_items & links.keys() or unclear & {*triple[1:]}:
            continue
        if triple in refused and triple not in picked:
            chosen, why = refused[triple]
            made.update({i: Decision(item=i, chosen=chosen, why=why) for i in links})
            continue
        chosen, why = picked.get(triple, ("", ""))
        hold = {i: n for i, (n, x) in links.items() if x.from_ in standing and x.to in standing}
        for item, name in hold.items():
            if item not in disputed and triple not in picked:
                continue  # all drew it, and its ends are there
            link = links[item][1]
            made[item] = Decision(item=item, chosen=chosen or name, links=[link], why=why)
        if hold:
            continue
        pairs = list(itertools.product(ends[triple[1]], ends[triple[2]]))
        if not pairs and triple in picked:
            left.append(f"{next(iter(links))} was chosen, but a span at its end was not")
        for first, second in pairs:
            link = Link(from_=span_key(first), to=span_key(second), role=triple[0])
            item = item_key(first, second, role=triple[0])
            made[item] = Decision(item=item, chosen=chosen or NEW, links=[link], why=why)
        if not pairs:
            # An agreed link of which an end was decided away goes with it.
            made.update({i: Decision(item=i, chosen=NEITHER) for i in links if i not in disputed})


def adjudication_of(decided: Decided, drawn: Annotation) -> Adjudication:
    """The row of corpus/adjudications/<batch>.jsonl; the reader is who drew."""
    return Adjudication(
        article_id=drawn.article_id,
        text_sha256=drawn.text_sha256,
        batch=drawn.batch,
        adjudicator=drawn.annotator,
        created_at=drawn.created_at,
        entities=decided.entities,
        decisions=decided.decisions,
    )
