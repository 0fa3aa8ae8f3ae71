"""Which mentions are one entity, and when annotators mean the same entity by other names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from onrecord import labels
from onrecord.components import connected
from onrecord.records import AnnotationEntity, Link, Span, span_order

Items = dict[str, Span | Link]
"""An annotation as items: a span's `id` is its key, its `entity` a key shared by annotators."""


def groups(mentions: Sequence[Span], links: Iterable[Link], text: str) -> list[list[Span]]:
    """The entities of a graph as their mentions, in the order of `mentions`.

    Two mentions are one entity by a `same` link, by the entity that the annotator chose for
    both, or, names only, by the same surface and label, unless different choices keep them apart.
    What stands for nobody and nothing (a date) is left out.
    """
    known = labels.load()
    bearing = {m.id: m for m in mentions if known.spans[m.label].entity}
    pairs = [
        (link.from_, link.to)
        for link in links
        if link.role == "same" and link.from_ in bearing and link.to in bearing
    ]
    chosen: dict[str, str] = {}
    alike: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for m in bearing.values():
        if m.entity:
            pairs.append((chosen.setdefault(m.entity, m.id), m.id))
        if known.spans[m.label].family == "name":
            alike[text[m.start : m.end].strip().casefold(), m.label].append(m)
    for group in alike.values():
        # Two people with one name: mentions without a choice are kept apart from both.
        choices = {m.entity for m in group if m.entity}
        one = [m for m in group if not m.entity] if len(choices) > 1 else group
        pairs += [(one[0].id, m.id) for m in one[1:]]
    return [[bearing[key] for key in group] for group in connected(list(bearing), pairs)]


def reconciled(
    graphs: Sequence[Items], entities: Mapping[str, AnnotationEntity], text: str
) -> list[Items]:
    """The graphs with one key for each entity that all annotators agree on, whatever its name.

    Annotators mean the same by an entity where, of the mentions that all of them have, the same
    ones are its. Then what they named it, whether they chose it from a list or left it to the
    surfaces, and by which `same` links they joined it is no difference: the entity is the first
    annotator's who chose one, all `same` links within it stand, and a Wikidata id that some give
    and nobody contradicts is its id. Different Wikidata ids stay different.
    """
    shared = set.intersection(*({v.id for v in g.values() if isinstance(v, Span)} for g in graphs))
    clusters = [_clusters(graph, text) for graph in graphs]
    result = [dict(graph) for graph in graphs]
    used: set[str] = set()
    first, *others = clusters
    for key in sorted(shared & first.keys(), key=lambda k: (first[k][0].start, k)):
        own = frozenset(m.id for m in first[key]) & shared
        if key != min(own, key=lambda k: (first[k][0].start, k)):
            continue  # this entity was handled at another of its mentions
        if any(
            frozenset(m.id for m in other.get(k, ())) & shared != own
            for other in others
            for k in own
        ):
            continue
        called = [sorted({m.entity for m in c[key] if m.entity}) for c in clusters]
        ids = {entities[k].kb_id for keys in called for k in keys if k in entities} - {""}
        if len(ids) > 1:
            continue
        chosen = next((k for keys in called for k in keys if k in ids), "")
        chosen = chosen or next((keys[0] for keys in called if keys), "")
        if chosen in used:
            continue
        used.add(chosen or key)
        _join(result, clusters, own, chosen)
    return result


def _clusters(graph: Items, text: str) -> dict[str, list[Span]]:
    """Span key -> the mentions of its entity, itself among them."""
    spans = sorted((v for v in graph.values() if isinstance(v, Span)), key=span_order)
    links = [value for value in graph.values() if isinstance(value, Link)]
    return {m.id: group for group in groups(spans, links, text) for m in group}


def _join(
    graphs: Sequence[Items],
    clusters: Sequence[Mapping[str, list[Span]]],
    own: frozenset[str],
    chosen: str,
) -> None:
    """Give the mentions of an entity the same key and `same` links in all graphs."""
    same: Items = {}
    differ = len({tuple(_entity_of(graph, key) for key in sorted(own)) for graph in graphs}) > 1
    for graph in graphs:
        for item, value in graph.items():
            if isinstance(value, Link) and value.role == "same" and {value.from_, value.to} <= own:
                same[item] = value
    for graph, cluster in zip(graphs, clusters, strict=True):
        graph.update(same)
        for m in cluster[min(own)] if differ else ():
            if m.id in own or m.entity:
                graph[f"span {m.id}"] = msgspec.structs.replace(m, entity=chosen)


def _entity_of(graph: Items, key: str) -> str:
    value = graph[f"span {key}"]
    return value.entity if isinstance(value, Span) else ""
