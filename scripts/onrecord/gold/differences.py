"""Where annotators of one article differ, as questions for a third reader. Pure.

A difference is what one answer decides: the spans over the same words, everything that is linked
to a quote in one role, or an entity that goes by two names, or by none for one of the annotators,
wherever it is mentioned. What follows
from an answer is not asked: `decisions` works it out.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.components import connected
from onrecord.gold.entities import Items, reconciled
from onrecord.gold.settle import Settled, entities_of, graph_of, item_of, settle, span_key
from onrecord.records import Annotation, Link, Span
from onrecord.text import sha256

Triple = tuple[str, str, str]
"""A link by its role and what stands at its ends: clusters of spans, not spans."""


class Version(NamedTuple):
    """What some annotators have in a difference; no items: they left it out."""

    annotators: tuple[str, ...]
    items: dict[str, Span | Link]


class Difference(NamedTuple):
    """A question with its possible answers.

    `kind` is a family of spans (mention, quote, cue, stance), "entity", or a link's role; `about`
    is the key of the span that a link belongs to, "" for spans.
    """

    kind: str
    about: str
    versions: list[Version]

    @property
    def items(self) -> dict[str, Span | Link]:
        """Every item of every version, the first version's where several have it."""
        found: dict[str, Span | Link] = {}
        for version in self.versions:
            found = {**version.items, **found}
        return found

    @property
    def spans(self) -> list[Span]:
        return [value for value in self.items.values() if isinstance(value, Span)]

    @property
    def joinable(self) -> bool:
        """Whether all versions can stand side by side: not two labels on the same words."""
        filled = [{_words(x) for x in v.items.values()} for v in self.versions if v.items]
        return len(filled) > 1 and not any(a & b for a, b in itertools.combinations(filled, 2))


def _words(value: Span | Link) -> tuple[object, ...]:
    if isinstance(value, Span):
        return value.start, value.end
    return value.role, value.from_, value.to


class Differences(NamedTuple):
    """All that differs about an article. `annotators` are in the order of the versions' letters,
    which is drawn anew for each article, so that A is not always the same person."""

    annotators: list[str]
    settled: Settled
    asked: list[Difference]
    graphs: dict[str, Items]
    clusters: dict[str, str]
    entities: dict[str, dict[str, str]]
    """For each annotator the ids of the entities by their keys."""

    def digest(self) -> str:
        """Names the state that was asked about: answers to another one are not taken."""
        shown = [
            self.annotators,
            [[v.annotators, sorted(v.items)] for d in self.asked for v in d.versions],
            [v for d in self.asked for v in d.items.values()],
            self.settled.spans,
            self.settled.links,
        ]
        return sha256(msgspec.json.encode(shown, order="deterministic").decode())


def differences(annotations: Iterable[Annotation], *, text: str | None = None) -> Differences:
    """What differs between the submitted annotations of one article, in the order of the text.

    `text` as in `settle`: with it, an entity called two ways is no difference where all mean the
    same mentions. Raises ValueError where nothing is submitted.
    """
    submitted = [a for a in annotations if a.status == "submitted"]
    submitted.sort(key=lambda a: a.annotator)
    settled = settle(submitted, text=text)
    disputed = set(settled.disputed)
    found = [graph_of(a, settled.layers).items for a in submitted]
    if text is not None and len(found) > 1:
        found = reconciled(found, settled.entities, text)
    names = sorted(
        (a.annotator for a in submitted), key=lambda n: sha256(f"{submitted[0].article_id} {n}")
    )
    by_name = dict(zip((a.annotator for a in submitted), found, strict=True))
    graphs = {name: by_name[name] for name in names}
    own = {
        name: {i: v for i, v in items.items() if i in disputed} for name, items in graphs.items()
    }
    spans = {
        name: {item: value for item, value in items.items() if isinstance(value, Span)}
        for name, items in own.items()
    }
    clusters = _clusters(spans)
    asked = _links_asked(own, clusters, {n: set(items) for n, items in graphs.items()})
    _absorb(asked, own, spans, clusters)
    taken = {item for d in asked for item in d.items}
    asked += _spans_asked(spans, clusters, taken)
    return Differences(
        names,
        settled,
        sorted(asked, key=_place),
        graphs,
        clusters,
        {
            a.annotator: {key: entity.id for key, entity in entities_of(a).values()}
            for a in submitted
        },
    )


def _place(difference: Difference) -> tuple[int, bool, str]:
    starts = [span.start for span in difference.spans]
    about = [int(difference.about.split("-")[0])] if difference.about else []
    return min(starts + about, default=0), bool(difference.about), difference.kind


def _kind(span: Span) -> str:
    return labels.load().family(span.label)


def _clusters(spans: Mapping[str, Mapping[str, Span]]) -> dict[str, str]:
    """Span item -> the first item of its cluster: spans of one kind that annotators drew over the
    same words, each annotator's at most once, those that share most of their words first, and of
    these those of one label."""
    same: list[tuple[str, str]] = []
    for one, other in itertools.combinations(spans, 2):
        mine, theirs = spans[one], spans[other]
        pairs = sorted(
            (-share, mine[x].label != theirs[y].label, x, y)
            for x in mine.keys() - theirs.keys()
            for y in theirs.keys() - mine.keys()
            if _kind(mine[x]) == _kind(theirs[y]) and (share := _shared(mine[x], theirs[y]))
        )
        met: set[str] = set()
        for *_, x, y in pairs:
            if not {x, y} & met:
                met |= {x, y}
                same.append((x, y))
    items = (item for drawn in spans.values() for item in drawn)
    return {item: group[0] for group in connected(items, same) for item in group}


def _shared(a: Span, b: Span) -> float:
    """The share of their characters that two spans have in common (Dice's coefficient)."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(0, 2 * common) / (a.end - a.start + b.end - b.start)


def triple_of(link: Link, clusters: Mapping[str, str]) -> Triple:
    """A link by the clusters of its ends; an end that nobody disputes stands for itself."""
    start, end = item_of(link.from_), item_of(link.to)
    return link.role, clusters.get(start, start), clusters.get(end, end)


def _anchor(triple: Triple) -> str:
    """The end that a link belongs to: the quote, the stance, the later mention."""
    return triple[1] if triple[0] in ("cue", "continues") else triple[2]


def _links_asked(
    own: Mapping[str, Mapping[str, Span | Link]],
    clusters: Mapping[str, str],
    there: Mapping[str, set[str]],
) -> list[Difference]:
    """The differences between links whose ends everybody has in some version."""
    triples: dict[str, dict[Triple, dict[str, Link]]] = {}
    for name, items in own.items():
        mine: dict[Triple, dict[str, Link]] = defaultdict(dict)
        for item, value in items.items():
            if isinstance(value, Link):
                mine[triple_of(value, clusters)][item] = value
        triples[name] = mine
    common = set.intersection(*(set(mine) for mine in triples.values()))
    members: dict[str, set[str]] = defaultdict(set)
    for item, cluster in clusters.items():
        members[cluster].add(item)

    def held_by_all(end: str) -> bool:
        return all((members.get(end) or {end}) & items for items in there.values())

    groups: dict[tuple[str, str], dict[str, dict[str, Link]]] = defaultdict(
        lambda: {name: {} for name in own}
    )
    for name, mine in triples.items():
        for triple, links in mine.items():
            anchor = _anchor(triple)
            if triple not in common and held_by_all(anchor):
                groups[triple[0], anchor][name].update(links)
    asked = []
    for (role, anchor), versions in groups.items():
        ends = {e for links in versions.values() for x in links.values() for e in (x.from_, x.to)}
        others = {clusters.get(item_of(e), item_of(e)) for e in ends} - {anchor}
        drew = [name for name, links in versions.items() if links]
        if len(drew) == 1 and not any(map(held_by_all, others)):
            only = [members.get(end, {end}) for end in others]
            if not all(_serves(own[drew[0]].get(item)) for items in only for item in items):
                continue  # it stands if its other end does, and nobody else says otherwise
        about = anchor.removeprefix("span ")
        asked.append(Difference(role, about, _merged({n: dict(x) for n, x in versions.items()})))
    return asked


def _serves(value: Span | Link | None) -> bool:
    """Whether a span is there for the sake of a link: a cue, a mention that is no name."""
    return isinstance(value, Span) and labels.load().spans[value.label].family in ("cue", "mention")


def _absorb(
    asked: list[Difference],
    own: Mapping[str, Mapping[str, Span | Link]],
    spans: Mapping[str, Mapping[str, Span]],
    clusters: Mapping[str, str],
) -> None:
    """Ask for a cue, or a mention that is no name, with the one link it was drawn for."""
    held: dict[str, set[str]] = defaultdict(set)
    for name, items in spans.items():
        for item in items:
            held[clusters[item]].add(name)
    place = {item: n for n, d in enumerate(asked) for item in d.items}
    for name, items in spans.items():
        for item, span in items.items():
            if not _serves(span) or held[clusters[item]] != {name}:
                continue
            links = [
                key
                for key, value in own[name].items()
                if isinstance(value, Link) and span_key(span) in (value.from_, value.to)
            ]
            if links and len({place.get(key) for key in links}) == 1 and links[0] in place:
                for version in asked[place[links[0]]].versions:
                    if links[0] in version.items:
                        version.items[item] = span


def _spans_asked(
    spans: Mapping[str, Mapping[str, Span]], clusters: Mapping[str, str], taken: set[str]
) -> list[Difference]:
    """The differences between spans, those that are only about one pair of entities as one."""
    groups: dict[str, dict[str, dict[str, Span]]] = defaultdict(
        lambda: {name: {} for name in spans}
    )
    for name, items in spans.items():
        for item, span in items.items():
            if item not in taken:
                groups[clusters[item]][name][item] = span
    asked: list[Difference] = []
    called: dict[tuple[str, ...], dict[str, dict[str, Span]]] = {}
    for versions in groups.values():
        entities = _only_entities(versions)
        if entities is None:
            first = next(s for items in versions.values() for s in items.values())
            asked.append(Difference(_kind(first), "", _merged(versions)))
        else:
            together = called.setdefault(entities, {name: {} for name in spans})
            for name, items in versions.items():
                together[name].update(items)
    return asked + [Difference("entity", "", _merged(v)) for v in called.values()]


def _only_entities(versions: Mapping[str, Mapping[str, Span]]) -> tuple[str, ...] | None:
    """The annotators' entities where all have one and the same span but for its entity."""
    if any(len(items) != 1 for items in versions.values()):
        return None
    found = [next(iter(items.values())) for items in versions.values()]
    bare = {msgspec.json.encode(msgspec.structs.replace(span, entity="")) for span in found}
    return tuple(span.entity for span in found) if len(bare) == 1 else None


def _merged(versions: Mapping[str, Mapping[str, Span | Link]]) -> list[Version]:
    """The versions, those who have the same as one, in the order of the annotators."""
    merged: list[Version] = []
    for name, items in versions.items():
        for n, version in enumerate(merged):
            if version.items == items:
                merged[n] = Version((*version.annotators, name), version.items)
                break
        else:
            merged.append(Version((name,), dict(items)))
    return merged
