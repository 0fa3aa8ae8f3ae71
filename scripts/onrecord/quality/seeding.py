"""How many known errors `check --quality` finds: errors put into gold, and looked for. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.quality.doubts import Doubt
from onrecord.quality.usual import Page
from onrecord.records import Gold, Mention, Quote, Stance

FIRST = 200
"""The places that a person looks at."""
EACH = 10
"""Errors of each kind, as far as gold has places for them."""


class Seeded(NamedTuple):
    """An error that was put in: where it shows, and the item ("": one that was taken away)."""

    kind: str
    article_id: str
    start: int
    end: int
    item: str


Spoil = Callable[[Page, random.Random, set[str]], Seeded | None]
"""Put one error into a page (in place); None where it has no place for it."""


def _names(page: Page, taken: set[str]) -> list[Mention]:
    known = labels.load()
    return [
        m
        for m in page.gold.mentions
        if m.form == "name" and known.spans[m.type].entity and m.id not in taken
    ]


def _repeated(page: Page, taken: set[str]) -> list[Mention]:
    """Names whose words are a name twice or more in the article."""
    text = page.article.text
    times: dict[str, int] = {}
    for m in page.gold.mentions:
        times[text[m.start : m.end]] = times.get(text[m.start : m.end], 0) + 1
    return [m for m in _names(page, taken) if times[text[m.start : m.end]] > 1]


def _quotes(page: Page, taken: set[str]) -> list[Quote]:
    return [q for q in page.gold.quotes if q.id not in taken]


def _stances(page: Page, taken: set[str]) -> list[Stance]:
    return [s for s in page.gold.stances if s.id not in taken]


def _at(kind: str, page: Page, pair: Sequence[int], item: str) -> Seeded:
    return Seeded(kind, page.article.id, pair[0], pair[1], item)


def _type(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    if not (found := _repeated(page, taken)):
        return None
    m = rng.choice(found)
    known = labels.load()
    m.type = rng.choice([t for t in known.name_types if known.spans[t].entity and t != m.type])
    return _at("type flipped", page, (m.start, m.end), m.id)


def _dropped(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    if not (found := _repeated(page, taken)):
        return None
    m = rng.choice(found)
    page.gold.mentions.remove(m)
    for owner in (*page.gold.quotes, *page.gold.stances):
        for field in ("speaker", "addressee", "holder", "target"):
            if m.id in getattr(owner, field, ()):
                getattr(owner, field).remove(m.id)
    return _at("name dropped", page, (m.start, m.end), "")


def _cut(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    text = page.article.text
    if not (found := [m for m in _names(page, taken) if " " in text[m.start : m.end]]):
        return None
    m = rng.choice(found)
    words = text[m.start : m.end]
    if rng.random() < 0.5:
        m.start += words.index(" ") + 1
    else:
        m.end = m.start + words.rindex(" ")
    return _at("name cut", page, (m.start, m.end), m.id)


def _other_id(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    linked = [e for e in page.gold.entities if e.kb_id and e.name and e.id not in taken]
    if not linked:
        return None
    entity = rng.choice(linked)
    first = next((m for m in _names(page, set()) if m.entity == entity.id), None)
    if first is None:
        return None
    entity.kb_id = f"{entity.kb_id}0"
    return _at("Wikidata id changed", page, (first.start, first.end), entity.id)


def _dropped_quote(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    parents = {quote.parent for quote in page.gold.quotes}
    found = [
        q
        for q in _quotes(page, taken)
        if q.type == "direct" and len(q.spans) == 1 and q.id not in parents
    ]
    if not found:
        return None
    quote = rng.choice(found)
    page.gold.quotes.remove(quote)
    for stance in page.gold.stances:
        if stance.quote == quote.id:
            stance.quote = quote.parent
    return _at("quote dropped", page, quote.spans[0], "")


def _no_speaker(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    if not (found := [q for q in _quotes(page, taken) if q.speaker]):
        return None
    quote = rng.choice(found)
    quote.speaker, quote.speaker_entities = [], []
    return _at("speaker dropped", page, quote.spans[0], quote.id)


def _other_speaker(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    people = [m for m in page.gold.mentions if m.type == "PERSON"]
    found = [
        (q, m)
        for q in _quotes(page, taken)
        for m in people
        if q.speaker and m.entity not in q.speaker_entities
    ]
    if not found:
        return None
    quote, m = rng.choice(found)
    quote.speaker, quote.speaker_entities = [m.id], [m.entity]
    return _at("speaker swapped", page, quote.spans[0], quote.id)


def _no_cue(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    if not (found := [q for q in _quotes(page, taken) if q.cue]):
        return None
    quote = rng.choice(found)
    quote.cue = []
    return _at("cue dropped", page, quote.spans[0], quote.id)


def _mark(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    text = page.article.text
    found = [
        q
        for q in _quotes(page, taken)
        if len(q.spans) == 1
        and q.type == "direct"
        and text[q.spans[0][0]] in '“„"'
        and text[q.spans[0][1] - 1] in '”“"'
    ]
    if not found:
        return None
    quote = rng.choice(found)
    if rng.random() < 0.5:
        quote.spans[0][0] += 1
    else:
        quote.spans[0][1] -= 1
    return _at("mark left outside", page, quote.spans[0], quote.id)


def _polarity(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    sides = {"favor": "against", "against": "favor"}
    if not (found := [s for s in _stances(page, taken) if s.polarity in sides]):
        return None
    stance = rng.choice(found)
    stance.polarity = sides[stance.polarity]
    return _at("polarity flipped", page, stance.evidence[0], stance.id)


def _holder(page: Page, rng: random.Random, taken: set[str]) -> Seeded | None:
    found = [
        (s, m)
        for s in _stances(page, taken)
        for m in page.gold.mentions
        if s.quote
        and s.holder_level == "quoted"
        and m.type == "PERSON"
        and m.entity not in s.holder_entities
    ]
    if not found:
        return None
    stance, m = rng.choice(found)
    stance.holder, stance.holder_entities, stance.holder_level = [m.id], [m.entity], "reported"
    return _at("holder swapped", page, stance.evidence[0], stance.id)


SPOILS: tuple[Spoil, ...] = (
    _type,
    _dropped,
    _cut,
    _other_id,
    _no_speaker,
    _other_speaker,
    _no_cue,
    _mark,
    _polarity,
    _holder,
    _dropped_quote,
)
"""The kinds of errors."""


def seed(
    pages: Sequence[Page], rng: random.Random, each: int = EACH
) -> tuple[list[Page], list[Seeded]]:
    """Copies of the pages with so many errors of each kind, each item spoilt once at most.

    Entities that two articles or more name alike get a Wikidata id first, one for each, where
    gold has none: invented people are in no knowledge base, and the check is about agreement.
    """
    copies = [
        Page(page.article, msgspec.json.decode(msgspec.json.encode(page.gold), type=Gold))
        for page in pages
    ]
    _give_ids(copies)
    seeded: list[Seeded] = []
    taken: set[str] = set()
    for spoil in SPOILS:
        left = each
        # Round and round, so that the errors spread over the articles; an article that has no
        # place for another error of the kind is left out.
        able = list(copies)
        while left and able:
            rng.shuffle(able)
            for page in list(able):
                if not left:
                    break
                if found := spoil(page, rng, taken):
                    seeded.append(found)
                    taken.add(found.item)
                    left -= 1
                else:
                    able.remove(page)
    return copies, seeded


def _give_ids(pages: Sequence[Page]) -> None:
    where: dict[tuple[str, str], set[str]] = {}
    for page in pages:
        for entity in page.gold.entities:
            if entity.name:
                where.setdefault((entity.type, entity.name), set()).add(page.article.id)
    shared = sorted(key for key, articles in where.items() if len(articles) > 1)
    ids = {key: f"Q{number}" for number, key in enumerate(shared, 9_000_001)}
    for page in pages:
        for entity in page.gold.entities:
            entity.kb_id = entity.kb_id or ids.get((entity.type, entity.name), "")


def shown(doubts: Sequence[Doubt], seeded: Sequence[Seeded], first: int = FIRST) -> set[Seeded]:
    """The errors that the first places show: the item itself, or exactly its span."""
    looked = doubts[:first]
    items = {(d.article_id, d.item) for d in looked if d.item}
    spans = {(d.article_id, d.start, d.end) for d in looked}
    return {
        error
        for error in seeded
        if (error.article_id, error.item) in items
        or (error.article_id, error.start, error.end) in spans
    }
