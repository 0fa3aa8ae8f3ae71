"""What a corpus does with its surfaces, counted in one pass: types, ids, cues, what stands beside.

`hints` holds each article against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from onrecord.compact import Numbers
from onrecord.quality.confidence import WORD
from onrecord.records import Article, Entity, Gold, Mention


class Page(NamedTuple):
    """An article with its text, and its gold."""

    article: Article
    gold: Gold


BESIDE = 3
"""Characters between a cue and whoever stands beside it."""


def names_of(gold: Gold) -> list[Mention]:
    """The mentions that are names."""
    return [m for m in gold.mentions if m.form == "name"]


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after a span, casefolded; "" at a text's ends."""
    before = WORD.findall(text[max(0, start - 30) : start])
    after = WORD.findall(text[end : end + 30])
    return (before[-1].casefold() if before else ""), (after[0].casefold() if after else "")


class Types:
    """How often each surface is a name of each type.

    Most surfaces are rare: those that have the same few counts share them, for a `Counter` of its
    own takes twice the memory of all else about a surface.
    """

    _FEW = 8

    def __init__(self) -> None:
        self._of: dict[str, Counter[str]] = {}
        self._shared: dict[frozenset[tuple[str, int]], Counter[str]] = {}

    def add(self, surface: str, type_: str) -> None:
        """Count a name."""
        counts = self.of(surface)
        if counts.total() <= self._FEW:  # others may have it, too
            counts = counts.copy()
        counts[type_] += 1
        if counts.total() <= self._FEW:
            counts = self._shared.setdefault(frozenset(counts.items()), counts)
        self._of[surface] = counts

    def of(self, surface: str) -> Counter[str]:
        """The counts of a surface, to be read only; none of one that is no name."""
        return self._of.get(surface, _NONE)


_NONE: Counter[str] = Counter()


class Known:
    """The counts of a corpus, read in one pass over its pages."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.types = Types()
        self._contexts = Numbers()
        """The words beside a surface of a type."""
        self.ids: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        """How many articles give an entity of this type and name each Wikidata id."""
        self.aliases: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        """The same by the other names by which the articles call those entities."""
        self.cues: Counter[str] = Counter()
        self.led: Counter[str] = Counter()
        """Cue words right behind which the speaker stands (“said Vik”, not “accused Vik”)."""
        self.inside: dict[str, set[str]] = defaultdict(set)
        """Names within names: the inner surfaces by the outer one."""
        self.parts: Counter[str] = Counter()
        """How often a capitalised word is one of several words of a name."""
        self.apart: Counter[str] = Counter()
        """How often it stands right beside a name and in none: a title, mostly."""
        self.longest: dict[str, int] = {}
        """How many words the longest name has that begins with this one."""
        for page in pages:
            article, gold = page
            self._beside_names(page)
            for inner, outer in _inside(article.text, names_of(gold)):
                if inner != outer:
                    self.inside[outer].add(inner)
            for m in names_of(gold):
                surface = article.text[m.start : m.end]
                self.types.add(surface, m.type)
                if words := WORD.findall(surface):
                    self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))
                for word in around(article.text, m.start, m.end):
                    self._contexts[f"{surface}\0{word}\0{m.type}"] = 1
            aliases: dict[str, set[str]] = defaultdict(set)
            for m in names_of(gold):
                aliases[m.entity].add(article.text[m.start : m.end].casefold())
            for entity in gold.entities:
                if entity.name and entity.kb_id:
                    self.ids[called(entity)][entity.kb_id] += 1
                    for alias in aliases[entity.id] - {entity.name.casefold()}:
                        self.aliases[entity.type, alias][entity.kb_id] += 1
            for quote in gold.quotes:
                self.cues.update(
                    word.casefold()
                    for start, end in quote.cue
                    for word in WORD.findall(article.text[start:end])
                )
                ends = {m.start for m in gold.mentions if m.id in quote.speaker}
                self.led.update(
                    article.text[start:end].casefold()
                    for start, end in quote.cue
                    if any(0 <= at - end <= BESIDE for at in ends)
                )

    def _beside_names(self, page: Page) -> None:
        names = names_of(page.gold)
        held = held_by(names)
        words = Words(page.article.text)
        for m in names:
            if len(found := WORD.findall(page.article.text[m.start : m.end])) > 1:
                self.parts.update(map(bare, found))
            for side in SIDES:
                if word := words.capital(m, side, held):
                    self.apart[bare(word)] += 1

    def stands_beside(self, surface: str, word: str, type_: str) -> bool:
        """Whether a surface is of this type somewhere, with this word before or after it."""
        return self._contexts.get(f"{surface}\0{word}\0{type_}") is not None

    def part(self, word: str) -> float:
        """How likely a capitalised word beside a name belongs to it, by what it does elsewhere.

        One half where the place itself is all there is to go by.
        """
        within, apart = self.parts[bare(word)], self.apart[bare(word)]
        return (within + 1) / (within + apart + 1)


SIDES = ("before", "after")
"""Of a name, where a capital may stand."""


def held_by(names: Iterable[Mention]) -> set[int]:
    """The offsets that are in a name."""
    return {at for m in names for at in range(m.start, m.end)}


def bare(word: str) -> str:
    """A word without its possessive."""
    return word[:-2] if word.endswith(("’s", "'s")) else word


class Words:
    """The words of a text by their places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [match.span() for match in WORD.finditer(text)]
        self.starts = [start for start, _ in self.spans]
        self.ends = [end for _, end in self.spans]

    def capital(self, m: Mention, side: str, held: set[int]) -> str:
        """The word one blank before or after a name, "" unless a capital of it starts no sentence
        and it is in no name (`held`: the offsets that are)."""
        at, edge = (m.start - 2, m.start - 1) if side == "before" else (m.end + 1, m.end)
        if not 0 <= at < len(self.text) or self.text[edge] != " ":
            return ""
        number = bisect_right(self.starts, at) - 1
        if number < 0 or at >= self.ends[number]:
            return ""
        start, end = self.spans[number]
        word = self.text[start:end]
        if len(word) < 2 or not word[0].isupper() or not held.isdisjoint(range(start, end)):
            return ""
        starts = start == 0 or self.text[:start].rstrip(" “‘\"'")[-1:] in ".!?:\n”"
        return "" if starts else word


def _inside(text: str, names: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    """Each name within another, by their surfaces."""
    outer: list[Mention] = []
    for m in sorted(names, key=lambda m: (m.start, -m.end)):
        outer = [o for o in outer if o.end > m.start]
        for o in outer:
            if m.end <= o.end and (m.start, m.end) != (o.start, o.end):
                yield text[m.start : m.end], text[o.start : o.end]
        outer.append(m)


def called(entity: Entity) -> tuple[str, str]:
    """An entity by type and name, whatever its case: what is taken for the same elsewhere."""
    return entity.type, entity.name.casefold()
