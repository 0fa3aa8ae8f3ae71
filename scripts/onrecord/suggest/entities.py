"""Names to document entities: who is the same, what the fullest name is, what is known of it.

`clusters` is pure. `Known` is what the corpus's own gold taught: surfaces with their type, the
entity's name and its Wikidata id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.records import AnnotationEntity, Gold
from onrecord.suggest import gazetteer
from onrecord.suggest.spans import Name


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A surface that gold always gives one type: its type, its entity's name and Wikidata id."""

    label: str
    name: str
    kb_id: str = ""
    articles: list[str] = []
    """Whose gold says so, so that an article is not told what its own gold says."""


def learn(gold: Iterable[Gold]) -> dict[str, Known]:
    """What gold says of each surface, sorted; surfaces of two types or entities are left out.

    Names are in the gold of every article, the words of mentions only where the rights let the
    text ship.
    """
    seen: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    sources: dict[str, set[str]] = defaultdict(set)
    bearing = {s.name for s in labels.load().spans.values() if s.family == "name" and s.entity}
    for document in gold:
        entities = {entity.id: entity for entity in document.entities}
        for entity in document.entities:
            # The entity of a nationality is its country, whose name has another type.
            borrowed = entity.type == "NORP" and entity.name not in gazetteer.NORPS
            if entity.name and entity.type in bearing and not borrowed:
                seen[entity.name].add((entity.type, entity.name, entity.kb_id))
                sources[entity.name].add(document.article_id)
        for mention in document.mentions:
            entity = entities.get(mention.entity)
            if mention.form == "name" and mention.text and entity and mention.type in bearing:
                name = entity.name or mention.text
                seen[mention.text].add((mention.type, name, entity.kb_id))
                sources[mention.text].add(document.article_id)
    known = {}
    for surface, facts in sorted(seen.items()):
        types = {fact[0] for fact in facts}
        names = {fact[1:] for fact in facts}
        if len(types) == 1 and len(names) == 1 and surface[0].isupper():
            ((name, kb_id),) = names
            known[surface] = Known(
                label=types.pop(), name=name, kb_id=kb_id, articles=sorted(sources[surface])
            )
    return known


class Cluster(NamedTuple):
    """An entity of a document and the places of its names in the list that was given."""

    entity: AnnotationEntity
    members: list[int]


def clusters(text: str, names: Sequence[Name], known: Mapping[str, Known]) -> list[Cluster]:
    """The entities of the names that stand for somebody or something, in text order.

    What has one Wikidata id is one. A person's last (or first) name joins the last full name before
    it, an acronym the name that it abbreviates, a nationality its country. Everything else joins
    its like, letter for letter.
    """
    definitions = labels.load().spans
    group_of: dict[str, int] = {}
    groups: list[list[int]] = []
    titles: list[tuple[str, str, str]] = []
    """Of each group: its fullest name, its type, its Wikidata id."""
    alike: dict[str, list[int]] = defaultdict(list)
    """What names that are alike share (`_keys`) -> the groups that have it."""
    for at, name in enumerate(names):
        if not definitions[name.label].entity:
            continue
        surface = text[name.start : name.end]
        fact = known.get(surface)
        full, kb_id = gazetteer.entity_of(surface)
        if fact:
            full, kb_id = fact.name, fact.kb_id or gazetteer.entity_of(fact.name)[1]
        kind = "GPE" if name.label == "NORP" and full != surface else name.label
        key = kb_id or f"{'PLACE' if kind in ('GPE', 'NORP') else kind}:{full.casefold()}"
        group = group_of.get(key, -1)
        if group < 0 and not fact:
            near = {group for key in _keys(full) for group in alike[key]}
            group = _like(full, name.label, titles, sorted(near, reverse=True))
        if group < 0:
            group = len(groups)
            groups.append([])
            titles.append((full, name.label, kb_id))
        elif len(full.split()) > len(titles[group][0].split()) and not titles[group][2]:
            titles[group] = (full, titles[group][1], kb_id)
        if titles[group][0] == full:
            for shared in _keys(full):
                alike[shared].append(group)
        group_of[key] = group
        groups[group].append(at)
    ids: Counter[str] = Counter()
    out = []
    for members, (full, label, kb_id) in zip(groups, titles, strict=True):
        id_ = kb_id or full
        ids[id_] += 1
        if ids[id_] > 1:
            id_ = f"{full} ({label})" if ids[id_] == 2 else f"{full} ({label} {ids[id_]})"
        out.append(Cluster(AnnotationEntity(id=id_, name=full, kb_id=kb_id), members))
    return out


def _keys(full: str) -> set[str]:
    """The first and last word of a name, the whole, and its first letters: two names of which one
    shortens the other have one in common."""
    words = full.split()
    return {words[0], words[-1], full.replace(".", ""), *_initials(full)}


def _like(
    full: str, label: str, titles: Sequence[tuple[str, str, str]], groups: Iterable[int]
) -> int:
    """The first of some groups whose name a name shortens or spells out, -1 for none."""
    words = full.split()
    for at in groups:
        other, kind, _ = titles[at]
        theirs = other.split()
        if kind != label:
            continue
        if label == "PERSON":
            if words[-1] == theirs[-1] and (len(words) == 1 or len(theirs) == 1):
                return at
            if len(words) == 1 and len(theirs) > 1 and words[0] == theirs[0]:
                return at
            if (
                len(words) > 1
                and len(theirs) > 1
                and words[-1] == theirs[-1]
                and words[0] == theirs[0]
            ):
                return at
        elif label in ("ORG", "EVENT", "LAW"):
            if abbreviates(full, other) or abbreviates(other, full):
                return at
            if len(words) >= 2 and len(theirs) > len(words) and theirs[-len(words) :] == words:
                return at
    return -1


def abbreviates(short: str, long: str) -> bool:
    """Whether an acronym is made of the first letters of a name, small words in or out."""
    letters = short.replace(".", "")
    return 2 <= len(letters) <= 8 and letters.isupper() and letters in _initials(long)


def _initials(name: str) -> set[str]:
    """The first letters of all words of a name and of those with a capital; none of one word."""
    words = name.replace("-", " ").split()
    if len(words) < 2:
        return set()
    return {"".join(w[0] for w in words).upper(), "".join(w[0] for w in words if w[0].isupper())}


def nested(text: str, names: Sequence[Name]) -> list[Name]:
    """Places and peoples inside longer names that are really there (E8): the Bank of [England],
    the [Norwegian] army; never inside a place or a person."""
    inner = []
    places = {text[n.start : n.end]: n.label for n in names if n.label in ("GPE", "NORP")}
    for name in names:
        if name.label not in ("ORG", "LAW", "EVENT", "FAC"):
            continue
        words = text[name.start : name.end]
        parts = words.split(" ")
        if len(parts) < 2:
            continue
        for size in range(min(3, len(parts) - 1), 0, -1):
            lead = " ".join(parts[:size])
            bare = lead.removesuffix("'s").removesuffix("’s")
            label = gazetteer.NAMES.get(bare) or places.get(bare)
            if not label and size == len(parts) - 1 and parts[-1].islower() and size < 3:
                label = "GPE"  # a place and a small noun: "Brackwater council" (E10)
            if label in ("GPE", "NORP") and not (
                name.label in ("ORG", "EVENT")
                and parts[size] in ("United", "City", "Rovers", "Wanderers", "FC")
            ):
                inner.append(
                    Name(name.start, name.start + len(bare), label, name.score * 0.9, "inside")
                )
                break
        for size in range(min(3, len(parts) - 2), 0, -1):
            tail = " ".join(parts[-size:])
            label = gazetteer.NAMES.get(tail) or places.get(tail)
            if label == "GPE" and parts[-size - 1] == "of":
                inner.append(
                    Name(name.end - len(tail), name.end, label, name.score * 0.9, "inside")
                )
                break
    return inner
