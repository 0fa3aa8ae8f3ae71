"""Likely label errors in gold, the likeliest first, for a human to look at. Pure.

`doubts` yields places: a span of an article with what speaks against its labels. A place is never
an error by itself (`check` has rules for those). Its score is a guess at how often such a place
is one; what several doubts meet at ranks higher. docs/quality.md says how many known errors the
first places hold.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.quality import confidence
from onrecord.quality.confidence import WORD
from onrecord.records import Article, Entity, Gold, Mention, Quote, many

KINDS = {
    "surface-type": "the same words have another type elsewhere, in like contexts",
    "unmarked-name": "words that are a name elsewhere are not marked here",
    "cut-name": "a longer name stands around this one, or a capital beside it",
    "two-ids": "an entity of this name has another Wikidata id elsewhere",
    "never-linked": "an entity of this name has a Wikidata id elsewhere",
    "no-speaker": "the quote has no speaker, and one stands beside it",
    "speaker-beside": "somebody else stands beside the cue",
    "no-cue": "the quote has no cue, and one stands beside it",
    "marks": "quotation marks contradict the quote's ends or type",
    "holder-not-speaker": "the stance stands in a quote, and its holder is not the speaker",
    "opposite": "the article has the opposite stance of the same holder and target",
    "confidence": "a model trained on the other articles would label it otherwise",
}
"""The kinds of doubt."""


class Doubt(msgspec.Struct, kw_only=True):
    """A place to look at: `text[start:end]`, the gold item there ("": nothing is marked).

    `kinds` are keys of KINDS, `why` says it in words, one for each; `score` is from 0 to 1.
    `link` opens the article in Label Studio, "" where no server is known.
    """

    article_id: str
    start: int
    end: int
    item: str
    kinds: list[str]
    why: list[str]
    score: float
    link: str = ""


class Page(NamedTuple):
    """An article with its text, and its gold."""

    article: Article
    gold: Gold


Pages = Callable[[], Iterable[Page]]
"""Gives the pages anew each time it is called: they are read twice and never held."""


class _Hint(NamedTuple):
    kind: str
    start: int
    end: int
    item: str
    score: float
    why: str


_OPEN, _CLOSE = "“„«", "”»"
_HOLDERS = ("PERSON", "ORG", "GPE", "NORP", "MENTION")
_BESIDE = 3
"""Characters between a cue and whoever stands beside it."""
_NEAR = 60
"""Characters between a quote and a speaker or cue that is near it."""
_WRONG = 0.03
"""The share of a layer's items that are taken to be wrong at most, in one way."""
_LEAST = 10
"""So many errors of a kind are possible in the smallest gold."""
_LAYER_OF = {
    **dict.fromkeys(("no-speaker", "speaker-beside", "no-cue", "marks"), "quotes"),
    **dict.fromkeys(("holder-not-speaker", "opposite"), "stance"),
}
"""Whose items the kinds of doubt are about, where not names."""
_WORTH = 0.1
"""The score under which a capital beside a name is not shown."""


def doubts(pages: Pages, *, model: bool = True) -> list[Doubt]:
    """The places of all pages, the likeliest error first. Same input, same order.

    `model` adds out-of-fold confidence; raises ModuleNotFoundError where scikit-learn is missing.
    Holds counts of surfaces and the places, never pages.
    """
    known = _Known(pages())
    places: dict[tuple[str, int, int], list[_Hint]] = defaultdict(list)
    unmarked: list[tuple[str, _Hint, str]] = []
    seen: Counter[str] = Counter()
    for page in pages():
        looks = _Look(page, known)
        for hint in looks.hints():
            places[page.article.id, hint.start, hint.end].append(hint)
        for hint, surface in looks.unmarked():
            seen[surface] += 1
            unmarked.append((page.article.id, hint, surface))
    for article_id, hint, surface in unmarked:
        marked = known.types[surface].total()
        # A surface that is marked as often as not is no name: May, Will.
        score = hint.score * marked / (marked + seen[surface])
        places[article_id, hint.start, hint.end].append(hint._replace(score=score))
    if model:
        for told in confidence.unlikely(pages()):
            hint = _Hint("confidence", told.start, told.end, told.item, told.score, told.why)
            places[told.article_id, told.start, told.end].append(hint)
    _temper(places.values(), known.items)
    found = [_doubt(*place, hints) for place, hints in places.items()]
    return sorted(found, key=lambda d: (-d.score, d.article_id, d.start, d.end))


def _temper(places: Iterable[list[_Hint]], items: Mapping[str, int]) -> None:
    """Score a kind lower where it has more places than gold can have errors.

    Without it the kind that speaks loudest fills the first places, and most of it is no error.
    """
    places = list(places)
    times = Counter(hint.kind for hints in places for hint in hints)
    share = {
        kind: min(1.0, max(_LEAST, _WRONG * items[_LAYER_OF.get(kind, "entities")]) / number)
        for kind, number in times.items()
    }
    for hints in places:
        hints[:] = (hint._replace(score=hint.score * share[hint.kind]) for hint in hints)


def _doubt(article_id: str, start: int, end: int, hints: Sequence[_Hint]) -> Doubt:
    best: dict[str, _Hint] = {}
    for hint in sorted(hints, key=lambda h: (-h.score, h.why)):
        best.setdefault(hint.kind, hint)
    fine = 1.0
    for hint in best.values():
        fine *= 1 - hint.score
    return Doubt(
        article_id=article_id,
        start=start,
        end=end,
        item=next((hint.item for hint in best.values() if hint.item), ""),
        kinds=list(best),
        why=[hint.why for hint in best.values()],
        score=round(1 - fine, 4),
    )


# --- what is usual ----------------------------------------------------------------------------


def _names(gold: Gold) -> list[Mention]:
    return [m for m in gold.mentions if m.form == "name"]


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after a span, casefolded; "" at a text's ends."""
    before = WORD.findall(text[max(0, start - 30) : start])
    after = WORD.findall(text[end : end + 30])
    return (before[-1].casefold() if before else ""), (after[0].casefold() if after else "")


class _Known:
    """What the corpus does with its surfaces: counts, read in one pass."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.types: dict[str, Counter[str]] = defaultdict(Counter)
        self.contexts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.ids: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.cues: Counter[str] = Counter()
        self.led: Counter[str] = Counter()
        """Cue words right behind which the speaker stands (“said Vik”, not “accused Vik”)."""
        self.inside: dict[str, set[str]] = defaultdict(set)
        """Names within names: the inner surfaces by the outer one."""
        self.parts: Counter[str] = Counter()
        """How often a capitalised word is one of several words of a name."""
        self.apart: Counter[str] = Counter()
        """How often it stands right beside a name and in none: a title, mostly."""
        self.items: Counter[str] = Counter()
        """Names, quotes and stances, by their layers."""
        self.longest = 1
        for page in pages:
            article, gold = page
            self.items["entities"] += len(_names(gold))
            self.items["quotes"] += len(gold.quotes)
            self.items["stance"] += len(gold.stances)
            self._beside_names(page)
            for inner, outer in _inside(article.text, _names(gold)):
                if inner != outer:
                    self.inside[outer].add(inner)
            for m in _names(gold):
                surface = article.text[m.start : m.end]
                self.types[surface][m.type] += 1
                self.longest = max(self.longest, len(WORD.findall(surface)))
                for word in _around(article.text, m.start, m.end):
                    self.contexts[surface, word][m.type] += 1
            for entity in gold.entities:
                if entity.name and entity.kb_id:
                    self.ids[_called(entity)][entity.kb_id] += 1
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
                    if any(0 <= at - end <= _BESIDE for at in ends)
                )

    def _beside_names(self, page: Page) -> None:
        names = _names(page.gold)
        held = _held(names)
        words = _Words(page.article.text)
        for m in names:
            if len(found := WORD.findall(page.article.text[m.start : m.end])) > 1:
                self.parts.update(map(_bare, found))
            for side in _SIDES:
                if word := words.capital(m, side, held):
                    self.apart[_bare(word)] += 1

    def part(self, word: str) -> float:
        """How likely a capitalised word beside a name belongs to it, by what it does elsewhere.

        One half where the place itself is all there is to go by.
        """
        within, apart = self.parts[_bare(word)], self.apart[_bare(word)]
        return (within + 1) / (within + apart + 1)


_SIDES = ("before", "after")


def _held(names: Iterable[Mention]) -> set[int]:
    """The offsets that are in a name."""
    return {at for m in names for at in range(m.start, m.end)}


def _bare(word: str) -> str:
    """A word without its possessive."""
    return word[:-2] if word.endswith(("’s", "'s")) else word


class _Words:
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


def _called(entity: Entity) -> tuple[str, str]:
    return entity.type, entity.name.casefold()


# --- one article ------------------------------------------------------------------------------


class _Look:
    """A page under suspicion."""

    def __init__(self, page: Page, known: _Known) -> None:
        self.article, self.gold = page
        self.text = page.article.text
        self.known = known
        self.names = _names(self.gold)
        self.mentions = {m.id: m for m in self.gold.mentions}
        self.placed = _Words(self.text)
        self.words = self.placed.spans

    def hints(self) -> Iterator[_Hint]:
        layers = set(self.gold.layers)
        if "entities" in layers:
            yield from self.surface_types()
            yield from self.cut_names()
            yield from self.wikidata()
        if "quotes" in layers:
            yield from self.quotes()
        if "stance" in layers:
            yield from self.stances()

    # -- names -------------------------------------------------------------------------------

    def surface_types(self) -> Iterator[_Hint]:
        here: dict[str, Counter[str]] = defaultdict(Counter)
        for m in self.names:
            here[self.text[m.start : m.end]][m.type] += 1
        for m in self.names:
            surface = self.text[m.start : m.end]
            others = self.known.types[surface] - Counter([m.type])
            if not others:
                continue
            usual, times = max(others.items(), key=lambda pair: (pair[1], pair[0]))
            if usual == m.type or times < others[m.type]:
                continue
            like = here[surface][usual] or any(
                self.known.contexts[surface, word][usual] > 0
                for word in _around(self.text, m.start, m.end)
                if word
            )
            score = (0.9 if like else 0.5) * times / (others.total() + 0.2)
            yield _Hint(
                "surface-type",
                m.start,
                m.end,
                m.id,
                score,
                f"{m.type} here, {usual} in {times} of {others.total()} other places",
            )

    def cut_names(self) -> Iterator[_Hint]:
        held = _held(self.names)
        for m in self.names:
            if not labels.load().spans[m.type].entity:
                continue
            for start, end in self._longer(m):
                if not (types := self.known.types.get(self.text[start:end])):
                    continue
                if not any(n.start <= start and n.end >= end for n in self.names):
                    why = f"“{self.text[start:end]}” is a name in {many(types.total(), 'place')}"
                    yield _Hint("cut-name", m.start, m.end, m.id, 0.8, why)
                    break
            else:
                for side in _SIDES:
                    if not (word := self.placed.capital(m, side, held)):
                        continue
                    # Titles stand before, and after a country: "US President".
                    score = (0.6 if side == "before" else 1.0) * self.known.part(word)
                    if score >= _WORTH:
                        why = f"“{word}” stands {side} it and is no part of a name"
                        yield _Hint("cut-name", m.start, m.end, m.id, score, why)

    def _longer(self, m: Mention) -> Iterator[tuple[int, int]]:
        """The stretches of words around a mention, a word to three more on either side."""
        first = bisect_right(self.placed.ends, m.start)
        last = bisect_left(self.placed.starts, m.end) - 1
        if last < first:
            return
        for before in range(4):
            for after in range(4):
                if (before or after) and first >= before and last + after < len(self.words):
                    start, end = self.words[first - before][0], self.words[last + after][1]
                    if "\n" not in self.text[start:end]:
                        yield start, end

    def unmarked(self) -> Iterator[tuple[_Hint, str]]:
        """Surfaces that are names elsewhere and nothing here, and the surface of each."""
        if "entities" not in self.gold.layers:
            return
        held = _held(self.names)
        yield from self._unmarked_inside()
        here = {self.text[m.start : m.end] for m in self.names}
        last_names = {surface.split()[-1]: surface for surface in here if len(surface.split()) > 1}
        at = 0
        while at < len(self.words):
            for size in range(self.known.longest, 0, -1):
                if at + size > len(self.words):
                    continue
                start, end = self.words[at][0], self.words[at + size - 1][1]
                end -= 2 if self.text[end - 2 : end] in ("’s", "'s") else 0
                surface = self.text[start:end]
                if surface in self.known.types and not held & set(range(start, end)):
                    score = 0.9 if surface in here else 0.7
                    why = f"“{surface}” is a name elsewhere"
                    yield _Hint("unmarked-name", start, end, "", score, why), surface
                    at += size - 1
                    break
                if size == 1 and surface in last_names and not held & set(range(start, end)):
                    why = f"“{last_names[surface]}” is a name in this article"
                    yield _Hint("unmarked-name", start, end, "", 0.6, why), last_names[surface]
            at += 1

    def _unmarked_inside(self) -> Iterator[tuple[_Hint, str]]:
        """Surfaces that are a name within this one elsewhere."""
        marked = {(m.start, m.end) for m in self.names}
        for m in self.names:
            outer = self.text[m.start : m.end]
            for inner in sorted(self.known.inside.get(outer, ())):
                start = m.start + outer.index(inner)
                if (start, start + len(inner)) not in marked:
                    why = f"“{inner}” is marked in “{outer}” elsewhere"
                    yield _Hint("unmarked-name", start, start + len(inner), "", 0.9, why), inner

    def wikidata(self) -> Iterator[_Hint]:
        first: dict[str, Mention] = {}
        for m in self.names:
            first.setdefault(m.entity, m)
        own: dict[tuple[str, str], set[str]] = defaultdict(set)
        for entity in self.gold.entities:
            own[_called(entity)].add(entity.kb_id)
        for entity in self.gold.entities:
            m = first.get(entity.id)
            if not m or not entity.name:
                continue
            others = self.known.ids[_called(entity)] - Counter([entity.kb_id])
            if not others:
                continue
            usual, times = max(others.items(), key=lambda pair: (pair[1], pair[0]))
            told = f"{usual} in {times} other articles"
            if entity.kb_id and usual != entity.kb_id and times >= others[entity.kb_id]:
                score = 0.95 * times / (others.total() + 0.3)
                why = f"{entity.name} is {entity.kb_id} here, {told}"
                yield _Hint("two-ids", m.start, m.end, entity.id, score, why)
            elif not entity.kb_id:
                score = 0.7 * times / (others.total() + 0.3)
                yield _Hint(
                    "never-linked", m.start, m.end, entity.id, score, f"{entity.name} is {told}"
                )

    # -- quotes ------------------------------------------------------------------------------

    def quotes(self) -> Iterator[_Hint]:
        for quote in self.gold.quotes:
            start, end = quote.spans[0]
            for kind, score, why in self._of_quote(quote):
                yield _Hint(kind, start, end, quote.id, score, why)

    def _of_quote(self, quote: Quote) -> Iterator[tuple[str, float, str]]:
        """What speaks against a quote: kind of doubt, score, why."""
        if found := self._marks(quote):
            yield "marks", 0.85, found
        beside = [m for pair in quote.cue for m in self._beside(pair)]
        name = self.text[beside[0].start : beside[0].end] if beside else ""
        if not quote.speaker:
            if beside:
                yield "no-speaker", 0.85, f"“{name}” stands beside its cue"
            elif quote.cue or (quote.type != "indirect" and self._somebody_near(quote)):
                yield "no-speaker", 0.55, "somebody stands near it"
        elif beside and not self._among(quote.speaker, beside):
            yield "speaker-beside", 0.7, f"“{name}” stands beside its cue"
        if not quote.cue and (word := self._cue_near(quote)):
            yield "no-cue", 0.5, f"“{word}” stands beside it"

    def _marks(self, quote: Quote) -> str:
        for start, end in quote.spans:
            piece = self.text[start:end]
            before, after = self.text[start - 1 : start], self.text[end : end + 1]
            opened = sum(piece.count(mark) for mark in _OPEN)
            closed = sum(piece.count(mark) for mark in _CLOSE)
            if piece.count('"') % 2 and '"' in (before, after):
                return "a mark is left outside"
            if opened > closed and after and after in _CLOSE:
                return "its closing mark is left outside"
            if closed > opened and before and before in _OPEN:
                return "its opening mark is left outside"
            if before and after and before in _OPEN + '"' and after in _CLOSE + '"':
                return "it stands in marks that are no part of it"
            if opened > closed and "\n" not in self.text[end : end + 2] and not self._goes_on(end):
                return "its marks open and do not close"
            if closed > opened and self.text[:start].rstrip(" ")[-1:] not in ("\n", ""):
                return "its marks close and do not open"
            if any(s >= start and e <= end for s, e in quote.cue):
                return "its cue stands inside it"
        return ""

    def _goes_on(self, end: int) -> bool:
        """Whether a paragraph ends here: a quotation that goes on opens its marks again."""
        return not self.text[end : end + 2].strip()

    def _beside(self, pair: Sequence[int]) -> list[Mention]:
        """Who stands right before or after a cue, nearest first, a name before a pronoun."""
        start, end = pair
        leads = self.known.led[self.text[start:end].casefold()] > 0
        near = []
        for m in self.gold.mentions:
            if m.start >= end and not leads:
                continue
            gap = start - m.end if m.end <= start else m.start - end
            between = self.text[min(m.end, end) : max(m.start, start)]
            if m.type in _HOLDERS and 0 <= gap <= _BESIDE and not between.strip(" ,"):
                near.append((gap, m.form != "name", m.start, m))
        return [m for *_, m in sorted(near, key=lambda found: found[:3])]

    def _among(self, speakers: Iterable[str], beside: Sequence[Mention]) -> bool:
        """Whether one of the speakers is, or overlaps, somebody of these."""
        said = [self.mentions[id_] for id_ in speakers if id_ in self.mentions]
        return any(
            (m.entity and m.entity == b.entity) or (m.start < b.end and b.start < m.end)
            for m in said
            for b in beside
        )

    def _somebody_near(self, quote: Quote) -> bool:
        return any(
            m.type in ("PERSON", "ORG")
            and self._near(quote, m.start, m.end)
            and self._cue_near(quote)
            for m in self.gold.mentions
        )

    def _near(self, quote: Quote, start: int, end: int) -> bool:
        if any(s < end and start < e for s, e in quote.spans):
            return False
        for s, e in quote.spans:
            between = self.text[end:s] if end <= s else self.text[e:start]
            if len(between) <= _NEAR and not re.search(r"[.!?]\s|\n", between):
                return True
        return False

    def _cue_near(self, quote: Quote) -> str:
        taken = [pair for other in self.gold.quotes for pair in other.cue]
        for start, end in self.words:
            word = self.text[start:end]
            if self.known.cues[word.casefold()] < 2 or not self._near(quote, start, end):
                continue
            if not any(s < end and start < e for s, e in taken):
                return word
        return ""

    # -- stance ------------------------------------------------------------------------------

    def stances(self) -> Iterator[_Hint]:
        quotes = {quote.id: quote for quote in self.gold.quotes}
        sides: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        pairs = {}
        for stance in self.gold.stances:
            holders = stance.holder_entities or [stance.holder_level]
            pairs[stance.id] = [(h, t) for h in holders for t in stance.target_entities]
            for pair in pairs[stance.id]:
                sides[pair][stance.polarity] += 1
        for stance in self.gold.stances:
            start, end = stance.evidence[0]
            quote = quotes.get(stance.quote)
            if quote and stance.holder_level == "reported" and quote.speaker:
                why = "it stands in a quote of somebody else"
                yield _Hint("holder-not-speaker", start, end, stance.id, 0.6, why)
            against = {"favor": "against", "against": "favor"}.get(stance.polarity, "")
            for pair in pairs[stance.id]:
                own, other = sides[pair][stance.polarity], sides[pair][against]
                if against and other:
                    score = 0.6 if own < other else 0.5 if own == other else 0.2
                    where = f"{many(other, 'place')} of the article"
                    why = f"{against} in {where}, {stance.polarity} in {own}"
                    yield _Hint("opposite", start, end, stance.id, score, why)
