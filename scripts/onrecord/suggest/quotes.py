"""Quotes by rules: who says what, read off marks, reporting verbs and word order.

`quotations(reading)` is pure. It knows English; `german_quotes.quotations` is its sister. With
a parse (`syntax`) subjects and complements come from the dependencies, and the rest stays as it is.

`attribution` has the reporting verbs, `phrases` what else introduces a quote, `transcripts` turns;
here is what stands between marks with no attribution, and what all paragraphs make together. The
rules follow schema/guidelines/quotes.md; the numbers in comments (Q13) are its decisions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from copy import copy
from functools import cached_property

from onrecord.suggest import english, noun_phrases, subjects
from onrecord.suggest.attribution import Attribution
from onrecord.suggest.contents import SURFACE
from onrecord.suggest.cues import Grammar
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.phrases import Phrases
from onrecord.suggest.quotation import Offsets, Quotation
from onrecord.suggest.reading import Paragraph, Reading, headline_tags, sentence_ranges
from onrecord.suggest.speech import capitalised, exclaimed, speech_like
from onrecord.suggest.stretches import Stretch
from onrecord.suggest.transcripts import transcript
from onrecord.suggest.words import words


def quotations(reading: Reading, grammar: Grammar | None = None) -> list[Quotation]:
    """The quotes of an English text, in text order. Total: any text has some list of quotes."""
    grammar = grammar or SURFACE
    found, rest = transcript(reading)
    last_speaker: list[Offsets] = []
    open_quote: Quotation | None = None
    lead: Quotation | None = None
    for paragraph in rest:
        if paragraph.role == "headline":
            headline_tags(paragraph.tokens)
        finder = _Finder(reading, paragraph, grammar)
        own = finder.run()
        if (
            open_quote
            and paragraph.stretches
            and paragraph.stretches[0].start <= paragraph.start + 1
        ):
            # The paragraph before opened marks and did not close them (Q13).
            first = paragraph.stretches[0]
            mine = next((q for q in own if q.pieces[0][0] <= first.start < q.pieces[0][1]), None)
            if mine is not None and mine.cue and not open_quote.cue:
                # The attribution stands only in the last paragraph.
                mine.pieces = [*open_quote.pieces, *mine.pieces]
                found.remove(open_quote)
            elif mine is None or not mine.cue:
                open_quote.pieces.append((first.start, first.end))
                if mine:
                    own.remove(mine)
                mine = open_quote
            open_quote = mine if first.goes_on else None
        else:
            open_quote = None
        own.sort(key=lambda q: (q.start, -q.end))
        if lead and own and not own[0].cue and own[0].start == paragraph.start:
            own[0].cue, own[0].speaker, own[0].whole = lead.cue, lead.speaker, lead.whole
        lead = finder.lead()
        for quote in own:
            if not quote.speaker and not quote.cue and quote.rule in ("bare", "bare start"):
                quote.speaker = finder.speaker_before(quote.start) or (
                    last_speaker if quote.rule == "bare start" else []
                )
            if quote.speaker and quote.rule != "inside":
                last_speaker = quote.speaker
        found += own
        if paragraph.stretches and paragraph.stretches[-1].goes_on and open_quote is None:
            end = paragraph.stretches[-1]
            open_quote = next((q for q in own if q.pieces[-1][1] >= end.end - 1), None)
    found.sort(key=lambda q: (q.start, -q.end))
    return _headlines(reading, _within(_dropped(found)))


def _within(found: list[Quotation]) -> list[Quotation]:
    """Without what stands inside another quote and is none of its own: inner life (Q7), and marked
    words that an outer cue already took."""
    out = []
    open_: list[Quotation] = []
    for quote in found:  # in text order, the longer first
        open_ = [q for q in open_ if q.end > quote.start]
        around = [
            q
            for q in open_
            if any(s <= quote.start and quote.end <= e for s, e in q.pieces)
            and (q.start, q.end) != (quote.start, quote.end)
        ]
        open_.append(quote)
        cue_inside = quote.cue is not None and any(
            s <= quote.cue[0] and quote.cue[1] <= e for q in around for s, e in q.pieces
        )
        if (
            cue_inside
            and quote.rule != "inside"
            and (
                quote.verb in english.INNER | _THOUGHT
                or quote.rule == "adjective"
                or (quote.rule == "marked after" and _acts(quote.verb))
            )
        ):
            continue
        if around and not cue_inside and quote.rule in ("judgement after", "marked after"):
            continue
        out.append(quote)
    return out


def _acts(verb: str) -> bool:
    """Whether a verb tells an act or a feeling and only with marked words a quote."""
    return not set(english.VERBS.get(verb, "")) & set("cjdxao")


def _headlines(reading: Reading, found: list[Quotation]) -> list[Quotation]:
    """Marked words in a headline without a speaker take the text's, or are scare quotes (Q20)."""
    head = [p for p in reading.paragraphs if p.role == "headline"]
    out = []
    for quote in found:
        if quote.speaker or quote.cue or not any(p.start <= quote.start < p.end for p in head):
            out.append(quote)
            continue
        words = _plain(reading.text[quote.start : quote.end])
        later = next(
            (
                q for q in found
                if q.start > quote.end and q.speaker
                and any(words in _plain(reading.text[s:e]) for s, e in q.pieces)
            ),
            None,
        )  # fmt: skip
        if later:
            quote.speaker = list(later.speaker)
            quote.whole = later.whole
            out.append(quote)
    return out


def _plain(words: str) -> str:
    return "".join(c for c in words.casefold() if c.isalnum())


def _dropped(found: list[Quotation]) -> list[Quotation]:
    """Without the quotes that hold nothing said, and without a second quote of the same words."""
    out: list[Quotation] = []
    seen: set[tuple[Offsets, ...]] = set()
    for quote in found:
        quote.pieces = [(s, e) for s, e in quote.pieces if e > s]
        key = tuple(quote.pieces)
        if quote.pieces and key not in seen:
            seen.add(key)
            out.append(quote)
    return out


class _Finder(Attribution, Phrases):
    """The quotes of one paragraph."""

    def run(self) -> list[Quotation]:
        self.attributed()
        self.left_over()
        self.inside()
        return self.quotes

    def attributed(self) -> list[Quotation]:
        """The quotes that a word introduces."""
        for first, last in self.paragraph.sentences:
            for cue in self.cues(first, last):
                self.take(cue, first, last)
            self.phrases(first, last)
        cued = {quote.end: quote for quote in reversed(self.quotes) if quote.cue}
        for first, last in self.paragraph.sentences:
            self.colon(first, last, cued)
        return self.quotes

    # --- marks that nothing introduces --------------------------------------------------------

    def left_over(self) -> None:
        """Stretches that no cue took: the next piece, a quote of the last speaker, or none."""
        for number, stretch in enumerate(self.paragraph.stretches):
            words = self.text[stretch.start : stretch.end]
            around = self.paragraph.within(stretch.start, stretch.end)
            if number in self.used or not around or not any(c.isalpha() for c in words):
                continue
            a, b = around[0], around[-1] + 1
            at = self.paragraph.sentence(a)
            first, last = self.paragraph.sentences[at]
            alone = a == first and all(t.tag in '.,"' for t in self.tokens[b:last])
            if self.of_the_one_before(number, a, first, alone=alone):
                continue
            if b - a == len(self.tokens) and capitalised(words):
                continue  # a heading in marks
            headline = self.paragraph.role == "headline"
            if not headline and not speech_like(words) and not (alone and exclaimed(words)):
                continue
            if quote := self.unintroduced(number, range(a, b), at, alone=alone):
                self.used[number] = quote
                self.quotes.append(quote)

    def of_the_one_before(self, number: int, a: int, first: int, *, alone: bool) -> bool:
        """Whether a stretch is a piece of the quote that took the one before, or a title in the
        attribution of that. It starts with the token `a`, its sentence with `first`."""
        stretch, before = self.paragraph.stretches[number], self.used.get(number - 1)
        if before is None or not before.cue:
            return False
        if alone and before.cue[0] >= before.end:
            gap = self.paragraph.within(0, before.end).stop
            end = self.paragraph.sentences[self.paragraph.sentence(gap)][1]
            if stretch.start >= before.cue[1] and a <= end:
                # Only the attribution stands between: one quote in two pieces (Q24).
                before.pieces.append((stretch.start, stretch.end))
                self.used[number] = before
                return True
        if not speech_like(self.text[stretch.start : stretch.end]):
            cue = bisect_left(self.paragraph.starts, before.cue[0])
            if first <= cue < a and self.tokens[a - 1].tag in "GID":
                self.used[number] = before
                return True
        return False

    def unintroduced(self, number: int, own: range, at: int, *, alone: bool) -> Quotation | None:
        """The quote that a stretch is by itself: the tokens `own` of the sentence number `at`."""
        stretch, before = self.paragraph.stretches[number], self.used.get(number - 1)
        pieces = [(stretch.start, stretch.end)]
        words = self.text[stretch.start : stretch.end]
        first = self.paragraph.sentences[at][0]
        speech = speech_like(words)
        if alone and (beside := self.beside(at + 1)):
            verb, speaker = beside
            cue = self.offsets((verb, verb + 1))
            return Quotation(pieces, cue, [self.offsets(speaker)], rule="marked before")
        if self.paragraph.role == "headline" and not speech:
            # Kept only if the text gives these words to somebody (`_headlines`).
            return Quotation(pieces, rule="bare")
        if own.start == first and (signed := self.signed(own.stop)):
            return Quotation(pieces, speaker=[self.offsets(signed)], rule="signed")
        if alone or (own.start == first and speech):
            rule = "bare start" if not own.start or before else "bare"
            told = list(before.speaker) if before else []
            return Quotation(pieces, speaker=told, rule=rule)
        if len(words.split()) >= 4:
            subject = subjects.main_subject(self.tokens, first, own.start)
            told = [self.offsets(subject)] if subject else []
            return Quotation(pieces, speaker=told, rule="bare")
        return None

    def beside(self, number: int) -> tuple[int, Range] | None:
        """Verb and speaker of "“It is theft.” Quill laughed.": any verb that stands for "said", in
        the sentence with this number."""
        if number == len(self.paragraph.sentences):
            return None
        first, last = self.paragraph.sentences[number]
        end = noun_phrases.base_phrase(self.tokens, first, last)
        if not first < end < last or self.tokens[end].tag not in "VE":
            return None
        rest = self.tokens[end + 1 : last]
        if len(rest) <= 2 and all(t.tag in "R." for t in rest):
            return end, (first, end)
        return None

    def signed(self, b: int) -> Range | None:
        """The name after a dash that signs a quote: “…” — Ines Calder."""
        tokens = self.tokens
        k, last = b, len(tokens)
        while k < last and tokens[k].tag in ".":
            k += 1
        if k == last:
            return None
        last = self.paragraph.sentences[self.paragraph.sentence(k)][1]
        if k + 1 < last and tokens[k].tag == "-" and tokens[k + 1].tag == "W":
            end = noun_phrases.base_phrase(tokens, k + 1, last)
            rest = {t.tag for t in tokens[end:last]}
            if end > k + 1 and not rest & set("XVE"):
                return k + 1, end
        return None

    def speaker_before(self, at: int) -> list[Offsets]:
        """Who speaks in the last sentence before an offset that has a speaker or subject (Q20)."""
        reach = bisect_left(
            self.paragraph.sentences, at, key=lambda sentence: self.tokens[sentence[0]].start
        )
        for number in range(reach - 1, max(-1, reach - 1 - _MEMORY), -1):
            first, last = self.paragraph.sentences[number]
            if number in self.told and self.tokens[last - 1].end <= at:
                return self.told[number]
            found = subjects.main_subject(self.tokens, first, last)
            if found and self.tokens[found[0]].tag != "P":
                return [self.offsets(found)]
        return []

    @cached_property
    def told(self) -> dict[int, list[Offsets]]:
        """Number of a sentence -> who speaks by its last cue, once all quotes are found."""
        return {
            self.paragraph.sentence(self.paragraph.within(0, quote.cue[0]).stop): quote.speaker
            for quote in self.quotes
            if quote.cue and quote.speaker
        }

    # --- quotes in quotes ---------------------------------------------------------------------

    def inside(self) -> None:
        """Quotes inside marks: in marks of their own, or told by a verb of saying whose speaker is
        another or whose occasion is (Q7, Q15)."""
        for stretch in self.paragraph.stretches:
            own = self.paragraph.within(stretch.start + 1, stretch.end)
            marked = [s for s in self.paragraph.inner if stretch.start <= s.start < stretch.end]
            if len(own) < 6 or not (marked or any(self.tokens[k].tag == "V" for k in own)):
                continue
            finder = _Finder(self.reading, _inner_paragraph(self.paragraph, own, marked), SURFACE)
            finder.inner = True
            for quote in finder.attributed():
                if quote.cue and (self.marked_inside(quote, marked) or self.told_inside(quote)):
                    quote.rule = "inside"
                    self.quotes.append(quote)

    def marked_inside(self, quote: Quotation, marked: Sequence[Stretch]) -> bool:
        """Whether a quote inside another stands in marks of its own, and is no thought (Q7)."""
        thought = quote.verb == "think" or quote.verb in english.INNER
        return not thought and any(s.start == quote.start for s in marked)

    def told_inside(self, quote: Quotation) -> bool:
        """Whether a quote without marks inside another is one of its own."""
        if quote.verb not in _SAYING or not quote.speaker or quote.cue is None:
            return False
        start, end = quote.speaker[0]
        who = self.text[start:end].lower()
        if who in ("it", "that", "you") or who.split()[0] in ("nobody", "nothing"):
            return False
        low = self.text[quote.cue[0] : quote.cue[1]].lower()
        if who in ("i", "we"):
            return (quote.verb in _ASKING and low.endswith("ed")) or low.startswith("told")
        return quote.end - quote.start > 8


def _inner_paragraph(paragraph: Paragraph, own: range, marked: Sequence[Stretch]) -> Paragraph:
    """What stands between two marks as a paragraph of its own, with the marks inside it."""
    end = paragraph.tokens[own[-1]].start
    inner = Paragraph(paragraph.role, paragraph.tokens[own[0]].start, end)
    for k in own[:-1]:
        token = copy(paragraph.tokens[k])
        token.stretch = next(
            (n for n, s in enumerate(marked) if s.start <= token.start < s.end), -1
        )
        inner.tokens.append(token)
    inner.stretches = list(marked)
    inner.sentences = sentence_ranges(inner.tokens)
    return inner


_MEMORY = 10
"""Sentences back in which the speaker of marked words is looked for."""
_THOUGHT = words("think believe consider estimate explain suggest show find indicate reckon")
"""Inside a quote these make no quote of their own (Q7)."""
_ASKING = {"ask", "promise", "order", "urge", "demand", "vow", "pledge"}
_SAYING = _ASKING | words("say tell write announce claim warn accuse argue call admit deny swear")
