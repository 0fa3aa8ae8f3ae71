"""The edits between two annotations of an article, and the actions that each of them takes. Pure.

An action is a key with its modifiers, a click or a drag. `edits` gives what an annotator does in
the labelling interface to turn one annotation into another, `applied` does it. The goal is the gold
document, not one way to draw it: which two mentions a `same` link joins is free where the entity
comes out the same, and a Wikidata id says who it is under whatever name.

What each edit costs was counted in the real interface (`COSTS`); a test counts again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.components import connected
from onrecord.gold.entities import groups
from onrecord.gold.settle import Settled, graph_of, span_key
from onrecord.labelling.tasks import entity_from_line, entity_line
from onrecord.records import (
    Annotation,
    AnnotationEntity,
    Attributes,
    Entity,
    Gold,
    Link,
    Span,
    span_order,
)

COSTS = {
    "draw": 2,
    "delete": 2,
    "relabel": 3,
    "edge": 3,
    "edges": 4,
    "link": 3,
    "named link": 6,
    "unlink": 1,
    "entity": 4,
    "write entity": 4,
    "write target": 4,
    "basis": 3,
    "unnamed": 3,
}
"""The actions of an edit, nothing being selected before and after. What is written counts as one
action more (pasted) or as one a key.

draw: a label's key, a drag. delete: click, Backspace. relabel: click, key, Esc. edge and edges:
click, a drag for each edge, Esc. link: click, Alt+R, click; named link: and its name in the list of
links, which stays open. unlink: there, too. entity: click, open the list, choose, Esc. write:
click, click the field, Enter, Esc. basis, unnamed: click, key, Esc.
"""


class Edit(NamedTuple):
    """One thing that an annotator does.

    `span` is the key of the span that it is done to, as it is before (drawn: as it is after);
    `to` the span as it shall be; `link` its link, by keys of spans as they shall be; `words` what
    is chosen or written.
    """

    kind: str
    layer: str
    span: str = ""
    to: Span | None = None
    link: Link | None = None
    words: str = ""

    @property
    def what(self) -> str:
        """The edit and the label or role that it is about: "draw QUOTE", "link speaker"."""
        about = self.to.label if self.to else self.link.role if self.link else self.span.split()[-1]
        return f"{self.kind} {about}"

    @property
    def actions(self) -> int:
        """Its actions, what is written pasted."""
        return COSTS[self.kind] + self.kind.startswith("write")

    @property
    def keys(self) -> int:
        """Its actions, every letter a key."""
        return COSTS[self.kind] + (len(self.words) if self.kind.startswith("write") else 0)


def empty(annotation: Annotation) -> Annotation:
    """The annotation before anything was done."""
    return msgspec.structs.replace(annotation, entities=[], spans=[], links=[], flags=[], note="")


def graph(settled: Settled, like: Annotation) -> Annotation:
    """What is settled about an article as an annotation: span ids are keys."""
    return msgspec.structs.replace(
        like,
        layers=settled.layers,
        entities=[
            msgspec.structs.replace(entity, id=key) for key, entity in settled.entities.items()
        ],
        spans=settled.spans,
        links=settled.links,
    )


def edits(text: str, have: Annotation, want: Annotation, *, frugal: bool = False) -> list[Edit]:
    """What turns `have` into the gold of `want`, in the order in which it is done.

    Every name gets its entity. `frugal`: only where gold would be another without it, which is all
    that the guidelines ask (E15), for names alike are one entity by themselves.

    Each span of `have` serves at most one of `want`: the same one, else one with the same edges and
    another label, else one of the same label that it overlaps most; what serves none is deleted.
    """
    return _Correction(text, have, want, frugal).edits()


class _Correction:
    def __init__(self, text: str, have: Annotation, want: Annotation, frugal: bool) -> None:
        self.text = text
        self.frugal = frugal
        self.known = labels.load()
        self.have, self.entities_have = _keyed(have)
        self.want, self.entities_want = _keyed(want)
        self.have_spans = {s.id: s for s in self.have.spans}
        self.want_spans = {s.id: s for s in self.want.spans}
        self.served = self._serving()
        """Key of a span of `want` -> of the one of `have` that becomes it."""
        self.becomes = {one: other for other, one in self.served.items()}

    def edits(self) -> list[Edit]:
        return [*self._spans(), *self._answers(), *self._links(), *self._entities()]

    # --- spans ------------------------------------------------------------------------------

    def _serving(self) -> dict[str, str]:
        served = {key: key for key in self.want_spans if key in self.have_spans}
        free = [s for s in self.have.spans if s.id not in served]
        open_ = [s for s in self.want.spans if s.id not in served]
        ranked = []
        for one in free:
            for other in open_:
                shared = min(one.end, other.end) - max(one.start, other.start)
                if shared <= 0:
                    continue
                if (one.start, one.end) == (other.start, other.end):
                    if self._changeable(one, other):
                        ranked.append((0, 0.0, one.id, other.id))
                elif one.label == other.label:
                    union = max(one.end, other.end) - min(one.start, other.start)
                    ranked.append((1, -shared / union, one.id, other.id))
        used: set[str] = set()
        for _, _, one, other in sorted(ranked):
            if one not in used and other not in served:
                served[other] = one
                used.add(one)
        return served

    def _changeable(self, one: Span, other: Span) -> bool:
        """Whether a label can become the other and the span's links stay what they are."""
        return self.known.spans[one.label].family == self.known.spans[other.label].family

    def _layer(self, span: Span) -> str:
        return self.known.spans[span.label].layer

    def _spans(self) -> Iterable[Edit]:
        """What is there is put right before anything is drawn over it: in the interface the
        edges of a span that lies under a later one are out of reach."""
        for key, span in self.have_spans.items():
            if key not in self.becomes:
                yield Edit("delete", self._layer(span), key)
        drawn = []
        for key, span in self.want_spans.items():
            one = self.have_spans.get(self.served.get(key, ""))
            if one is None:
                drawn.append(Edit("draw", self._layer(span), key, span))
            elif one.label != span.label:
                yield Edit("relabel", self._layer(span), one.id, span)
            elif one.id != span.id:
                moved = (one.start != span.start) + (one.end != span.end)
                yield Edit("edge" if moved == 1 else "edges", self._layer(span), one.id, span)
        yield from drawn

    def _answers(self) -> Iterable[Edit]:
        """Basis, unnamed holder and free target of stances."""
        for key, span in self.want_spans.items():
            one = self.have_spans.get(self.served.get(key, ""))
            before = one.attributes if one else Attributes()
            after = span.attributes
            if (before.basis or "explicit") != (after.basis or "explicit"):
                yield Edit("basis", "stance", key, span, words=after.basis or "explicit")
            if before.holder_unnamed != after.holder_unnamed:
                yield Edit("unnamed", "stance", key, span)
            if before.target_text != after.target_text:
                yield Edit("write target", "stance", key, span, words=after.target_text)

    # --- links ------------------------------------------------------------------------------

    def _links(self) -> Iterable[Edit]:
        wanted = {(k.from_, k.to, k.role) for k in self.want.links if k.role != "same"}
        there = set()
        for link in self.have.links:
            ends = (self.becomes.get(link.from_), self.becomes.get(link.to))
            if ends[0] is None or ends[1] is None:
                continue  # it went with its span
            kept = (ends[0], ends[1], link.role)
            if link.role == "same":
                continue
            if kept in wanted:
                there.add(kept)
            else:
                yield self._edit_of("unlink", Link(from_=kept[0], to=kept[1], role=link.role))
        for from_, to, role in sorted(wanted - there, key=self._place):
            named = role in ("addressee", "holder")
            yield self._edit_of(
                "named link" if named else "link", Link(from_=from_, to=to, role=role)
            )

    def _edit_of(self, kind: str, link: Link) -> Edit:
        layer = {"same": "entities", "target": "stance", "holder": "stance"}.get(
            link.role, "quotes"
        )
        return Edit(kind, layer, link=link, words=link.role if kind == "named link" else "")

    def _place(self, link: tuple[str, str, str]) -> tuple[int, int, str]:
        return self.want_spans[link[0]].start, self.want_spans[link[1]].start, link[2]

    # --- entities ---------------------------------------------------------------------------

    def _entities(self) -> Iterable[Edit]:
        """Who is who: entities of names from the list or written, mentions joined by `same`."""
        bearing = [s for s in self.want.spans if self.known.spans[s.label].entity]
        goal = _groups(bearing, self.want.links, self.text)
        group_of = {key: at for at, group in enumerate(goal) for key in group}
        surfaces: dict[tuple[str, str], set[int]] = defaultdict(set)
        for key, at in group_of.items():
            surfaces[self._surface(key)].add(at)
        joined: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for link in self.have.links:
            ends = (self.becomes.get(link.from_, ""), self.becomes.get(link.to, ""))
            if link.role != "same" or not all(ends):
                continue
            groups = {group_of.get(end, -1) for end in ends}
            if len(groups) == 1 and -1 not in groups:
                joined[groups.pop()].append(ends)
            else:
                yield self._edit_of("unlink", Link(from_=ends[0], to=ends[1], role="same"))
        taken: set[str] = set()
        for at, group in enumerate(goal):
            # A mention has its entity by `same`; one that was given an entity keeps to that, and
            # so does one that alone can say what the entity is called.
            names = [key for key in group if self._is_name(key) or self._chosen(key)]
            if not names and any(self.want_spans[key].entity for key in group):
                names = [next(key for key in group if self.want_spans[key].entity)]
            yield from self._named(names, group, surfaces, taken)
            yield from self._same(group, names, joined[at])

    def _is_name(self, key: str) -> bool:
        return self.known.spans[self.want_spans[key].label].family == "name"

    def _surface(self, key: str) -> tuple[str, str]:
        """What names must share to be one entity by themselves; a mention shares it with none."""
        span = self.want_spans[key]
        if not self._is_name(key):
            return key, span.label
        return self.text[span.start : span.end].strip().casefold(), span.label

    def _chosen(self, key: str) -> str:
        """The entity that a name of `want` has from `have`, "" for none."""
        one = self.have_spans.get(self.served.get(key, ""))
        return one.entity if one else ""

    def _named(
        self,
        names: Sequence[str],
        group: Sequence[str],
        surfaces: Mapping[tuple[str, str], set[int]],
        taken: set[str],
    ) -> Iterable[Edit]:
        """The entity of an entity's names, where what is there or their surface does not do."""
        if not names:
            return
        # As gold has it: the first that is named, the first that has a Wikidata id.
        picked = [self.entities_want[e] for k in group if (e := self.want_spans[k].entity)]
        called = [
            self.text[self.want_spans[k].start : self.want_spans[k].end].strip()
            for k in names
            if self._is_name(k)
        ]
        longest = max(called, key=len, default="")
        name = next((e.name for e in picked if e.name), longest)
        kb_id = next((e.kb_id for e in picked if e.kb_id), "")
        fits = {
            id_ for id_, e in self.entities_have.items()
            if id_ not in taken and e.kb_id == kb_id and (kb_id or e.name == name)
        }  # fmt: skip
        votes = Counter(c for key in names if (c := self._chosen(key)) in fits)
        chosen = max(sorted(fits), key=lambda id_: votes[id_], default="")
        taken.add(chosen)
        parts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key in names:
            parts[self._surface(key)].append(key)
        shared = any(len(surfaces[part]) > 1 for part in parts)
        alone = len(parts) == 1 and not shared and (name, kb_id) == (longest, "")
        if self.frugal and alone and not any(self._chosen(key) for key in names):
            return
        kind = "entity" if chosen else "write entity"
        line = entity_line(AnnotationEntity(id="", name=name, kb_id=kb_id))
        for part, keys in parts.items():
            wrong = [k for k in keys if self._chosen(k) and self._chosen(k) != chosen]
            right = [k for k in keys if chosen and self._chosen(k) == chosen]
            unset = [k for k in keys if not self._chosen(k)]
            if not self.frugal:
                needed = [k for k in unset if self.want_spans[k].entity]
            elif len(surfaces[part]) > 1:
                needed = unset
            else:  # those of one surface follow the one that is set
                needed = [] if right or wrong else unset[:1]
            for key in sorted([*wrong, *needed], key=lambda k: self.want_spans[k].start):
                yield Edit(kind, "entities", key, self.want_spans[key], words=line)

    def _same(
        self, group: Sequence[str], names: Sequence[str], there: Sequence[tuple[str, str]]
    ) -> Iterable[Edit]:
        """The `same` links that a group lacks to be one entity."""
        name_set = set(names)
        pairs = [*there, *((names[0], other) for other in names[1:])]
        parts = connected(list(group), pairs)
        if len(parts) < 2:
            return
        # The part with the names is the anchor, else the first.
        anchor = next((p for p in parts if name_set & set(p)), parts[0])
        targets = sorted(name_set & set(anchor) or anchor, key=lambda k: self.want_spans[k].start)
        for part in parts:
            if part is anchor:
                continue
            key = part[0]
            start = self.want_spans[key].start
            before = [t for t in targets if self.want_spans[t].start < start]
            other = before[-1] if before else targets[0]
            ends = sorted((key, other), key=lambda k: span_order(self.want_spans[k]))
            yield self._edit_of("link", Link(from_=ends[0], to=ends[1], role="same"))


def _groups(spans: Sequence[Span], links: Iterable[Link], text: str) -> list[list[str]]:
    return [[m.id for m in group] for group in groups(spans, links, text)]


def _keyed(annotation: Annotation) -> tuple[Annotation, dict[str, AnnotationEntity]]:
    """The annotation with keys for ids (doubles and odd links gone), and its entities by id."""
    items = list(graph_of(annotation, list(labels.LAYERS)).items.values())
    chosen = {span_key(span): span.entity for span in annotation.spans}
    spans = [
        msgspec.structs.replace(item, entity=chosen[item.id])
        for item in items
        if isinstance(item, Span)
    ]
    links = [item for item in items if isinstance(item, Link)]
    return (
        msgspec.structs.replace(annotation, spans=sorted(spans, key=span_order), links=links),
        {entity.id: entity for entity in annotation.entities},
    )


def unlike(one: Gold, other: Gold) -> list[str]:
    """What two gold documents of an article differ in: ids of mentions, entities, quotes, stances.

    Who labelled it is no difference, nor is the name of an entity with one Wikidata id in both.
    """
    found = []
    for kind in ("mentions", "entities", "quotes", "stances"):
        first = {item.id: item for item in getattr(one, kind)}
        second = {item.id: item for item in getattr(other, kind)}
        for id_ in sorted(first.keys() | second.keys()):
            a, b = first.get(id_), second.get(id_)
            if isinstance(a, Entity) and isinstance(b, Entity) and a.kb_id and a.kb_id == b.kb_id:
                b = msgspec.structs.replace(b, name=a.name)
            if a != b:
                found.append(id_)
    return found


# --- doing it -----------------------------------------------------------------------------------


def applied(have: Annotation, todo: Iterable[Edit]) -> Annotation:
    """The annotation after the edits, as the labelling interface would leave it."""
    have, entities = _keyed(have)
    spans = {s.id: s for s in have.spans}
    links = [(k.from_, k.to, k.role) for k in have.links]

    def renamed(old: str, new: Span) -> None:
        nonlocal links
        before = spans.pop(old)
        spans[new.id] = msgspec.structs.replace(
            before, id=new.id, label=new.label, start=new.start, end=new.end
        )
        links = [
            (new.id if a == old else a, new.id if b == old else b, role) for a, b, role in links
        ]

    moved: dict[str, Span] = {}
    for edit in todo:
        if edit.kind == "delete":
            del spans[edit.span]
            links = [link for link in links if edit.span not in link[:2]]
        elif edit.kind == "draw" and edit.to:
            spans[edit.to.id] = Span(
                id=edit.to.id, label=edit.to.label, start=edit.to.start, end=edit.to.end
            )
        elif edit.kind in ("relabel", "edge", "edges") and edit.to:
            moved[edit.span] = edit.to
            renamed(edit.span, edit.to)
        elif edit.link:
            link = (edit.link.from_, edit.link.to, edit.link.role)
            if edit.kind == "unlink":
                links = [k for k in links if k != link]
            else:
                links.append(link)
        else:
            spans[edit.span] = _answered(spans[edit.span], edit, entities)
    return msgspec.structs.replace(
        have,
        entities=list(entities.values()),
        spans=sorted(spans.values(), key=span_order),
        links=[Link(from_=a, to=b, role=role) for a, b, role in links],
    )


def _answered(span: Span, edit: Edit, entities: dict[str, AnnotationEntity]) -> Span:
    replace = msgspec.structs.replace
    if edit.kind == "basis":
        return replace(span, attributes=replace(span.attributes, basis=edit.words))
    if edit.kind == "unnamed":
        unnamed = not span.attributes.holder_unnamed
        return replace(span, attributes=replace(span.attributes, holder_unnamed=unnamed))
    if edit.kind == "write target":
        return replace(span, attributes=replace(span.attributes, target_text=edit.words))
    entity = entity_from_line(edit.words)
    listed = next((e for e in entities.values() if entity_line(e) == edit.words), None)
    entity = listed if edit.kind == "entity" and listed else entity
    entities.setdefault(entity.id, entity)
    return replace(span, entity=entity.id)
