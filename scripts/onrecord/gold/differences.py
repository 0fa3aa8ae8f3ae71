"""Where annotators of one article differ, as questions that a third reader answers, and back.

A difference is as much as one answer decides: the spans over the same words, what is linked to a
quote in one role, an entity that is called two ways wherever it stands. What follows is not asked:
a link comes and goes with its ends, and where both drew it to their own version of a span it is
drawn to the version that was chosen. Pure.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.gold.entities import Items, reconciled
from onrecord.gold.settle import Graph, Settled, entities_of, graph_of, item_key, settle, span_key
from onrecord.records import (
    Adjudication,
    Annotation,
    AnnotationEntity,
    Decision,
    Link,
    Span,
)
from onrecord.text import sha256

BOTH, NEITHER, NEW = "both", "neither", "new"
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


class Answer(NamedTuple):
    """What the third reader chose: the number of a version, "both" or "neither", and why."""

    chosen: int | str
    why: str = ""


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


def _item(key: str) -> str:
    return f"span {key}"


def _clusters(spans: Mapping[str, Mapping[str, Span]]) -> dict[str, str]:
    """Span item -> the first item of its cluster: spans of one kind that annotators drew over the
    same words, each annotator's at most once, those that share most of their words first."""
    root = {item: item for items in spans.values() for item in items}

    def find(item: str) -> str:
        while root[item] != item:
            item = root[item]
        return item

    for one, other in itertools.combinations(spans, 2):
        mine, theirs = spans[one], spans[other]
        pairs = sorted(
            (-share, x, y)
            for x in mine.keys() - theirs.keys()
            for y in theirs.keys() - mine.keys()
            if _kind(mine[x]) == _kind(theirs[y]) and (share := _shared(mine[x], theirs[y]))
        )
        met: set[str] = set()
        for _, x, y in pairs:
            if not {x, y} & met:
                met |= {x, y}
                root[find(y)] = find(x)
    return {item: find(item) for item in root}


def _shared(a: Span, b: Span) -> float:
    """The share of their characters that two spans have in common (Dice's coefficient)."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(0, 2 * common) / (a.end - a.start + b.end - b.start)


def _triple(link: Link, clusters: Mapping[str, str]) -> Triple:
    start, end = _item(link.from_), _item(link.to)
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
                mine[_triple(value, clusters)][item] = value
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
        others = {clusters.get(_item(e), _item(e)) for e in ends} - {anchor}
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
    return isinstance(value, Span) and labels.load().spans[value.label].family in (
        "cue",
        "mention",
    )


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
        elif "" in entities:  # left open here: nothing is said about other places
            asked.append(Difference("entity", "", _merged(versions)))
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


# --- back -------------------------------------------------------------------------------------


class Decided(NamedTuple):
    """The decisions, and in words what of the answers could not be carried out."""

    decisions: list[Decision]
    entities: list[AnnotationEntity]
    left: list[str]


def decide(
    found: Differences,
    answers: Mapping[int, Answer],
    drawn: Annotation,
    added: Iterable[Link] = (),
) -> Decided:
    """The decisions that answers and the reader's own drawing amount to.

    `answers` by the number of the difference, from 0; a difference without one stays open.
    `drawn` is what stood in the text when it was handed in, without the versions shown: what is
    settled and was deleted or changed, and what was added, is decided too. Its entities' ids are
    the keys of `found.settled.entities` where they are any annotator's. `added` are links whose
    ends are span keys, for what the reader linked to a version that was shown.
    """
    made: dict[str, Decision] = {}
    left: list[str] = []
    picked: dict[Triple, tuple[str, str]] = {}
    refused: dict[Triple, tuple[str, str]] = {}
    open_items: set[str] = set()
    graph = graph_of(drawn, found.settled.layers)
    shown = {_link_item(link, found) for link in found.settled.links}
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
                triple = _triple(value, found.clusters)
                (picked if kept else refused)[triple] = (chosen, answer.why)
            else:
                spans = [_own_entity(found, kept, chosen)] if isinstance(kept, Span) else []
                made[item] = Decision(item=item, chosen=chosen, spans=spans, why=answer.why)

    # What no role can join stands in nobody's graph: it can only be left out.
    for item in found.settled.disputed:
        if not any(item in items for items in found.graphs.values()):
            made[item] = Decision(item=item, chosen=NEITHER)
    _redrawn(found, graph, drawn, made)
    standing = {span_key(s): s for s in found.settled.spans if _item(span_key(s)) not in made}
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


def _link_item(link: Link, found: Differences) -> str:
    return next(
        item
        for graph in found.graphs.values()
        for item, value in graph.items()
        if isinstance(value, Link) and value == link
    )


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
    settled = {_item(span_key(span)): span for span in found.settled.spans}
    for item, value in graph.items.items():
        if isinstance(value, Span) and settled.get(item) != value:
            span = msgspec.structs.replace(value, entity=ids.get(value.entity, ""))
            made[item] = Decision(item=item, chosen=NEW, spans=[span])
    for item in settled.keys() - graph.items.keys():
        made[item] = Decision(item=item, chosen=NEITHER)
    for link in found.settled.links:
        item = _link_item(link, found)
        if item not in graph.items:
            made[item] = Decision(item=item, chosen=NEITHER)


def _links_decided(
    found: Differences,
    picked: Mapping[Triple, tuple[str, str]],
    refused: Mapping[Triple, tuple[str, str]],
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
                by_triple[_triple(value, found.clusters)].setdefault(item, (name, value))
    disputed = set(found.settled.disputed)
    ends: dict[str, list[Span]] = defaultdict(list)
    for key, span in standing.items():
        ends[found.clusters.get(_item(key), _item(key))].append(span)

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
