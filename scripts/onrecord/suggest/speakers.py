"""A paragraph in work: what was found in it, offsets of it, and whom a phrase names as speaker.

The base of `attribution` (reporting verbs) and `phrases` (everything else that introduces a quote).
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.suggest import english, noun_phrases
from onrecord.suggest.cues import Grammar
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Offsets, Quotation, content
from onrecord.suggest.reading import Paragraph, Reading
from onrecord.suggest.stretches import Stretch


class Work:
    """The tokens of a paragraph, and the quotes found in it so far."""

    def __init__(self, reading: Reading, paragraph: Paragraph, grammar: Grammar) -> None:
        self.reading = reading
        self.text = reading.text
        self.paragraph = paragraph
        self.tokens = paragraph.tokens
        self.grammar = grammar
        self.stretch_starts = [s.start for s in paragraph.stretches]
        self.used: dict[int, Quotation] = {}
        """Stretch -> the quote that took it."""
        self.quotes: list[Quotation] = []
        self.inner = False
        """Whether these are words between marks, where "I" is the speaker and not the author."""

    # --- offsets ------------------------------------------------------------------------------

    def offsets(self, span: Range) -> Offsets:
        """The offsets of a range of tokens, without closing marks that it does not open."""
        return self.tokens[span[0]].start, self.tokens[span[1] - 1].end

    def content(self, span: Range) -> Offsets | None:
        """A range as content: no full stop, comma or joining mark at its edges (Q9)."""
        return content(self.paragraph, *span)

    def stretches_in(self, start: int, end: int) -> list[Stretch]:
        """The stretches that start in `[start, end)`."""
        first = bisect_left(self.stretch_starts, start)
        return self.paragraph.stretches[first : bisect_left(self.stretch_starts, end)]

    def add(self, quote: Quotation | None) -> None:
        if quote is None or not quote.pieces:
            return
        for start, end in quote.pieces:
            for stretch in self.stretches_in(start, end):
                if stretch.end <= end:
                    number = bisect_left(self.stretch_starts, stretch.start)
                    self.used.setdefault(number, quote)
        self.quotes.append(quote)

    # --- who speaks ---------------------------------------------------------------------------

    def maker(self, speaker: Range, last: int) -> Range:
        """Who made a document that speaks: "a statement from the ministry", "a fire service
        statement" (Q22); any other speaker as it is."""
        tokens = self.tokens
        a, b = speaker
        if (
            b - a == 1
            and tokens[a].low in noun_phrases.PART
            and b + 1 < last
            and tokens[b].low == "of"
        ):
            return a, max(noun_phrases.base_phrase(tokens, b + 1, last), b)
        if b - a > 1 and tokens[b - 1].low in _NEAR and b < last and tokens[b].tag == "I":
            return a, b - 1  # "a person familiar with the plan"
        if tokens[b - 1].low not in english.DOCUMENTS:
            return speaker
        owned = next((k for k in range(a, b) if tokens[k].tag == "G"), 0)
        if owned > a:
            return a, owned  # "the union's statement"
        if b - a == 2 and tokens[a].low in ("his", "her", "their", "its"):
            return a, a + 1
        k = b
        if k < last and tokens[k].tag == ",":
            k += 1
        if k < last and noun_phrases.participle(tokens[k].low) and tokens[k].stretch < 0:
            k += 1
            while k < min(last, b + 6) and tokens[k].tag in "TMIR" and tokens[k].low != "by":
                k += 1
        if k + 1 < last and tokens[k].low in ("from", "by") and tokens[k].stretch < 0:
            end = noun_phrases.base_phrase(tokens, k + 1, last)
            if end > k + 1:
                return k + 1, end
        if b - a > 2 and tokens[b - 2].tag == "N" and tokens[b - 2].low in english.BODIES:
            return (a + 1 if tokens[a].tag == "D" else a), b - 1
        if b - a == 2 and tokens[a].tag == "N" and tokens[a].low in english.BODIES:
            return a, a + 1
        return speaker

    def speakers(self, speaker: Range, last: int) -> list[Offsets]:
        """The speaker as offsets, and a second one that "and" joins before the verb (Q21)."""
        tokens = self.tokens
        _, b = speaker
        found = [self.offsets(speaker)]
        if b + 1 < last and tokens[b].low == "and" and tokens[b].stretch < 0:
            end = noun_phrases.base_phrase(tokens, b + 1, last)
            if b + 1 < end < last and tokens[end].tag in "XVER":
                found.append(self.offsets((b + 1, end)))
        return found

    def described(self, end: int, last: int) -> int:
        """The end of an apposition that starts with a name after the phrase that ends at `end`."""
        tokens = self.tokens
        if end + 1 < last and tokens[end].tag == "," and tokens[end + 1].tag == "W":
            stop = noun_phrases.base_phrase(tokens, end + 1, last)
            if stop >= last or tokens[stop].tag in ",.":
                return stop
        return end


_NEAR = {"familiar", "close", "present", "involved"}
