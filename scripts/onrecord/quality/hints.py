"""What speaks against the labels of one article, by what is usual in the corpus."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from onrecord import labels, marks
from onrecord.quality.confidence import WORD
from onrecord.quality.usual import (
    BESIDE,
    SIDES,
    Known,
    Page,
    Words,
    around,
    bare,
    called,
    held_by,
    names_of,
)
from onrecord.records import Mention, Quote, many


class Hint(NamedTuple):
    """One thing that speaks against `text[start:end]`: its kind (a key of `doubts.KINDS`), the gold
    item there ("": nothing is marked), how likely it is an error (0 to 1), and why in words."""

    kind: str
    start: int
    end: int
    item: str
    score: float
    why: str


_OPEN, _CLOSE = "“„«", "”»"
_HOLDERS = ("PERSON", "ORG", "GPE", "NORP", "MENTION")
_NEAR = 60
"""Characters between a quote and a speaker or cue that is near it."""
_PERSONAL = frozenset({"he", "she", "they", "him", "her", "them"})
_SAID = 4
"""Words in marks that are rather said than only named; fewer need a cue beside them."""
_WORTH = 0.1
"""The score under which a capital beside a name is not shown."""


class Look:
    """A page under suspicion."""

    def __init__(self, page: Page, known: Known) -> None:
        self.article, self.gold = page
        self.text = page.article.text
        self.known = known
        self.names = names_of(self.gold)
        self.mentions = {m.id: m for m in self.gold.mentions}
        self.placed = Words(self.text)
        self.words = self.placed.spans

    def hints(self) -> Iterator[Hint]:
        """What speaks against what is marked, in the layers that were labelled."""
        layers = set(self.gold.layers)
        if "entities" in layers:
            yield from self._surface_types()
            yield from self._cut_names()
            yield from self._wikidata()
        if "quotes" in layers:
            yield from self._quotes()
            yield from self._unmarked_quotes()
        if "stance" in layers:
            yield from self._stances()
        if layers >= set(labels.LAYERS):
            yield from self._unneeded()

    # -- names -------------------------------------------------------------------------------

    def _surface_types(self) -> Iterator[Hint]:
        here: dict[str, Counter[str]] = defaultdict(Counter)
        for m in self.names:
            here[self.text[m.start : m.end]][m.type] += 1
        for m in self.names:
            surface = self.text[m.start : m.end]
            others = self.known.types.of(surface) - Counter([m.type])
            if not others:
                continue
            usual, times = max(others.items(), key=lambda pair: (pair[1], pair[0]))
            if usual == m.type or times < others[m.type]:
                continue
            like = here[surface][usual] or any(
                self.known.stands_beside(surface, word, usual)
                for word in around(self.text, m.start, m.end)
                if word
            )
            score = (0.9 if like else 0.5) * times / (others.total() + 0.2)
            yield Hint(
                "surface-type",
                m.start,
                m.end,
                m.id,
                score,
                f"{m.type} here, {usual} in {times} of {others.total()} other places",
            )

    def _cut_names(self) -> Iterator[Hint]:
        held = held_by(self.names)
        for m in self.names:
            if not labels.load().spans[m.type].entity:
                continue
            for start, end in self._longer(m):
                if not (types := self.known.types.of(self.text[start:end])):
                    continue
                if not any(n.start <= start and n.end >= end for n in self.names):
                    why = f"“{self.text[start:end]}” is a name in {many(types.total(), 'place')}"
                    yield Hint("cut-name", m.start, m.end, m.id, 0.8, why)
                    break
            else:
                for side in SIDES:
                    if not (word := self.placed.capital(m, side, held)):
                        continue
                    # Titles stand before, and after a country: "US President".
                    score = (0.6 if side == "before" else 1.0) * self.known.part(word)
                    if score >= _WORTH:
                        why = f"“{word}” stands {side} it and is no part of a name"
                        yield Hint("cut-name", m.start, m.end, m.id, score, why)

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

    def unmarked(self) -> Iterator[tuple[Hint, str]]:
        """Surfaces that are names elsewhere and nothing here, and the surface of each."""
        if "entities" not in self.gold.layers:
            return
        held = held_by(self.names)
        yield from self._unmarked_inside()
        # In the order of the text, not of a set: the last of two with one last name counts.
        here = dict.fromkeys(self.text[m.start : m.end] for m in self.names)
        last_names = {surface.split()[-1]: surface for surface in here if len(surface.split()) > 1}
        at = 0
        while at < len(self.words):
            word = self.text[slice(*self.words[at])]
            longest = max(self.known.longest.get(w, 1) for w in (word, bare(word)))
            for size in range(min(longest, len(self.words) - at), 0, -1):
                start, end = self.words[at][0], self.words[at + size - 1][1]
                end -= 2 if self.text[end - 2 : end] in ("’s", "'s") else 0
                surface = self.text[start:end]
                if self.known.types.of(surface) and not held & set(range(start, end)):
                    score = 0.9 if surface in here else 0.7
                    why = f"“{surface}” is a name elsewhere"
                    yield Hint("unmarked-name", start, end, "", score, why), surface
                    at += size - 1
                    break
                if size == 1 and surface in last_names and not held & set(range(start, end)):
                    why = f"“{last_names[surface]}” is a name in this article"
                    yield Hint("unmarked-name", start, end, "", 0.6, why), last_names[surface]
            at += 1

    def _unmarked_inside(self) -> Iterator[tuple[Hint, str]]:
        """Surfaces that are a name within this one elsewhere."""
        marked = {(m.start, m.end) for m in self.names}
        for m in self.names:
            outer = self.text[m.start : m.end]
            for inner in sorted(self.known.inside.get(outer, ())):
                start = m.start + outer.index(inner)
                if (start, start + len(inner)) not in marked:
                    why = f"“{inner}” is marked in “{outer}” elsewhere"
                    yield Hint("unmarked-name", start, start + len(inner), "", 0.9, why), inner

    def _wikidata(self) -> Iterator[Hint]:
        first: dict[str, Mention] = {}
        for m in self.names:
            first.setdefault(m.entity, m)
        for entity in self.gold.entities:
            m = first.get(entity.id)
            if not m or not entity.name:
                continue
            others = self.known.ids.get(called(entity), Counter()) - Counter([entity.kb_id])
            if not others and not entity.kb_id:
                others = self.known.aliases.get(called(entity), Counter())
            if not others:
                continue
            usual, times = max(others.items(), key=lambda pair: (pair[1], pair[0]))
            told = f"{usual} in {many(times, 'other article')}"
            if entity.kb_id and usual != entity.kb_id and times >= others[entity.kb_id]:
                score = 0.95 * times / (others.total() + 0.3)
                why = f"{entity.name} is {entity.kb_id} here, {told}"
                yield Hint("two-ids", m.start, m.end, entity.id, score, why)
            elif not entity.kb_id:
                score = 0.7 * times / (others.total() + 0.3)
                yield Hint(
                    "never-linked", m.start, m.end, entity.id, score, f"{entity.name} is {told}"
                )

    # -- quotes ------------------------------------------------------------------------------

    def _quotes(self) -> Iterator[Hint]:
        for quote in self.gold.quotes:
            start, end = quote.spans[0]
            for kind, score, why in self._of_quote(quote):
                yield Hint(kind, start, end, quote.id, score, why)

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
        if not quote.cue and (word := self._cue_at(quote.spans)):
            yield "no-cue", 0.5, f"“{word}” stands beside it"

    def _unmarked_quotes(self) -> Iterator[Hint]:
        """Stretches in marks that no quote touches, but for titles and a word or two."""
        taken = [pair for quote in self.gold.quotes for pair in quote.spans]
        taken += [(m.start, m.end) for m in self.names]
        for part in self.article.segments:
            for s, e in marks.stretches(self.text[part.start : part.end]):
                start, end = part.start + s, part.start + e
                words = len(WORD.findall(self.text[start:end]))
                if words < 2 or any(a < end and start < b for a, b in taken):
                    continue
                cue = self._cue_at([[start, end]])
                if cue or words >= _SAID:
                    why = f"“{cue}” stands near it" if cue else f"{words} words stand in marks"
                    score = 0.8 if cue and words >= _SAID else 0.5
                    yield Hint("unmarked-quote", start, end, "", score, why)

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
            if m.type in _HOLDERS and 0 <= gap <= BESIDE and not between.strip(" ,"):
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
            and self._near(quote.spans, m.start, m.end)
            and self._cue_at(quote.spans)
            for m in self.gold.mentions
        )

    def _near(self, spans: Sequence[Sequence[int]], start: int, end: int) -> bool:
        if any(s < end and start < e for s, e in spans):
            return False
        for s, e in spans:
            between = self.text[end:s] if end <= s else self.text[e:start]
            if len(between) <= _NEAR and not re.search(r"[.!?]\s|\n", between):
                return True
        return False

    def _cue_at(self, spans: Sequence[Sequence[int]]) -> str:
        """A word near these pieces that is a cue elsewhere and none here, "" if there is none."""
        taken = [pair for other in self.gold.quotes for pair in other.cue]
        for start, end in self.words:
            word = self.text[start:end]
            if self.known.cues[word.casefold()] < 2 or not self._near(spans, start, end):
                continue
            if not any(s < end and start < e for s, e in taken):
                return word
        return ""

    # -- mentions ----------------------------------------------------------------------------

    def _unneeded(self) -> Iterator[Hint]:
        """Mentions that are no names: those nothing needs, and those that stand for nobody."""
        times = Counter(m.entity for m in self.gold.mentions if m.entity)
        acting = {id_ for q in self.gold.quotes for id_ in (*q.speaker, *q.addressee)}
        acting |= {id_ for s in self.gold.stances for id_ in s.holder}
        needed = acting | {id_ for s in self.gold.stances for id_ in s.target}
        for m in self.gold.mentions:
            if m.form == "name" or times[m.entity] > 1:
                continue
            surface = self.text[m.start : m.end]
            if m.id not in needed:
                why = "no link needs it"
                yield Hint("loose-mention", m.start, m.end, m.id, 0.7, why)
            elif m.id in acting and surface.casefold() in _PERSONAL:
                why = f"nothing says who “{surface}” is"
                yield Hint("lone-pronoun", m.start, m.end, m.id, 0.6, why)

    # -- stance ------------------------------------------------------------------------------

    def _stances(self) -> Iterator[Hint]:
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
                yield Hint("holder-not-speaker", start, end, stance.id, 0.6, why)
            against = {"favor": "against", "against": "favor"}.get(stance.polarity, "")
            for pair in pairs[stance.id]:
                own, other = sides[pair][stance.polarity], sides[pair][against]
                if against and other:
                    score = 0.6 if own < other else 0.5 if own == other else 0.2
                    where = f"{many(other, 'place')} of the article"
                    why = f"{against} in {where}, {stance.polarity} in {own}"
                    yield Hint("opposite", start, end, stance.id, score, why)
