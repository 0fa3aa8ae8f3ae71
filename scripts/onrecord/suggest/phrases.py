"""Quotes that no reporting verb introduces: "according to", nouns, adjectives, colons."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest import complements, contents, english, noun_phrases, subjects
from onrecord.suggest.attribution import ASKED, FIGURES
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Offsets, Quotation
from onrecord.suggest.reading import Token
from onrecord.suggest.speakers import Work
from onrecord.suggest.words import words


class Phrases(Work):
    """What introduces the quotes of a paragraph beside reporting verbs."""

    def phrases(self, first: int, last: int) -> None:
        """ "according to X", and nouns and adjectives that introduce a clause with "that"."""
        tokens = self.tokens
        self.asked(first, last)
        for i in range(first, last - 1):
            token = tokens[i]
            if token.stretch >= 0:
                continue
            if token.low == "according" and tokens[i + 1].low == "to":
                self.according(i, i + 2, first, last)
            elif token.low == "per" and (i == first or tokens[i - 1].tag == ","):
                if noun_phrases.base_phrase(tokens, i + 1, last) > i + 2:  # no "per request" (Q3)
                    self.according(i, i + 1, first, last)
            elif token.low == "as" and tokens[i + 1].tag in "DPWN":
                self.put_it(i, first, last)
            elif token.low in _VIEWS and i - 2 >= first and token.tag == "N":
                self.view(i, first, last)
            elif token.low in _CHARGES and tokens[i + 1].low == "of" and i + 2 < last:
                self.charge(i, first, last)
            elif token.low in _PLEAS and tokens[i + 1].low == "of" and i + 2 < last:
                self.plea(i, first, last)
            elif token.low in _REQUESTS and token.tag in "NV":
                self.request(i, first, last)
            elif (
                token.low in english.CUE_NOUNS
                and tokens[i + 1].low == "that"
                and token.tag in "NVW"
            ):
                self.noun(i, first, last)
            elif (
                token.low in english.CUE_ADJECTIVES
                and token.tag in "NE"
                and i > first
                and (tokens[i + 1].low == "that" or tokens[i + 1].tag == "P")
            ):
                self.adjective(i, first, last)

    def asked(self, first: int, last: int) -> None:
        """ "Asked whether it would close, Calder laughed": nobody asks, the subject is asked."""
        tokens = self.tokens
        k = first + 1
        by = None
        if tokens[first].low not in ASKED or tokens[first].stretch >= 0 or k >= last:
            return
        if tokens[k].low == "by":
            end = noun_phrases.base_phrase(tokens, k + 1, last)
            by, k = (k + 1, end), end
        while k < last and tokens[k].tag in "ITMR" and tokens[k].low not in ("about", "to"):
            k += 1
        comma = next(
            (m for m in range(k, last) if tokens[m].tag == "," and tokens[m].stretch < 0), 0
        )
        if not comma or tokens[k].low not in _ASKED_FOR:
            return
        content = self.content((k, comma))
        if not content:
            return
        told = noun_phrases.base_phrase(tokens, comma + 1, last)
        self.add(
            Quotation(
                [content],
                self.offsets((first, first + 1)),
                self.speakers(by, last) if by else [],
                [self.offsets((comma + 1, told))] if told > comma + 1 else [],
                rule="question after",
                verb="ask",
            )
        )

    def put_it(self, i: int, first: int, last: int) -> None:
        """ "…, as Calder put it": who gave marked words beside it."""
        tokens = self.tokens
        end = noun_phrases.base_phrase(tokens, i + 1, last)
        if end + 1 >= last or tokens[end].low not in ("put", "puts") or tokens[end + 1].low != "it":
            return
        before = next((m for m in range(i - 1, first - 1, -1) if tokens[m].tag not in ",-"), -1)
        after = next((m for m in range(end + 2, last) if tokens[m].tag in '"'), -1)
        at = before if before >= 0 and tokens[before].stretch >= 0 else after
        if at < 0 or tokens[at].stretch < 0 or tokens[at].stretch in self.used:
            return
        stretch = self.paragraph.stretches[tokens[at].stretch]
        self.add(
            Quotation(
                [(stretch.start, stretch.end)],
                self.offsets((end, end + 1)),
                [self.offsets((i + 1, end))],
                rule="marked after",
                verb="put",
            )
        )

    def according(self, i: int, source: int, first: int, last: int) -> None:
        """ "according to the coastguard", before its content, after it or inside it. The words that
        introduce who says so stand from `i` up to `source`."""
        tokens = self.tokens
        end = noun_phrases.base_phrase(tokens, source, last)
        if end == source and source < last and tokens[source].low == "reports":
            end += 1
        if end == source or tokens[end - 1].low in FIGURES:
            return
        whole = max(end, noun_phrases.noun_phrase(tokens, source, last))
        first = max([first, *(m + 1 for m in range(first, i) if tokens[m].tag == ";")])
        k = whole
        while k < last and tokens[k].stretch < 0 and tokens[k].tag not in ",.":
            k += 1
        if all(t.tag in "CR" for t in tokens[first:i]):
            pieces = [self.behind_source(source, whole, k, last)]
        else:
            pieces = self.around_source(i, whole, k, first, last)
        if not pieces or not pieces[0]:
            return
        speaker = self.maker((source, end), last)
        self.add(
            Quotation(
                [piece for piece in pieces if piece],
                self.offsets((i, source)),
                self.both(speaker, whole),
                [],
                self.offsets((speaker[0], max(self.described(whole, last), speaker[1]))),
                "according to",
            )
        )

    def behind_source(self, source: int, whole: int, k: int, last: int) -> Offsets | None:
        """The content of "According to …" at the start of a sentence.

        The source starts at `source`, its noun phrase ends at `whole`, the mark after it is at `k`.
        """
        tokens = self.tokens
        if whole < last and tokens[whole].tag == "P" and tokens[whole].stretch < 0:
            start = whole  # "According to Calder she left"
        elif k + 1 >= last:
            return None
        else:
            start = self.past_apposition(k, last) + 1
            if tokens[start - 1].tag == "," and tokens[k - 1].tag == "W":
                # "According to police in Alder, Norland, …": past the place.
                m = start
                while m < last and tokens[m].tag == "W":
                    m += 1
                place = any(t.low == "in" for t in tokens[source:k])
                if place and start < m < last and tokens[m].tag == ",":
                    start = m + 1
        return self.clause(start, last)

    def around_source(
        self, i: int, whole: int, k: int, first: int, last: int
    ) -> list[Offsets | None]:
        """The content around "according to …" at `i`: before it, and perhaps after the mark at `k`.

        Nothing where an earlier quote of the sentence has what stands before.
        """
        tokens = self.tokens
        if any(
            q.cue and tokens[first].start <= q.cue[0] and q.end <= tokens[i].start
            and q.cue[0] < tokens[i].start
            for q in self.quotes
        ):  # fmt: skip
            return []
        start = first
        while start < i and tokens[start].tag in "C" and tokens[start].stretch < 0:
            start += 1
        joint = i - 2 if tokens[i - 1].tag == "," else i - 1
        if joint > start and tokens[joint].low in ("and", "but") and k < last - 1:
            # "… and, according to Calder, it sank": only what follows is hers.
            return [self.clause(whole if tokens[whole].tag in "PD" else k + 1, last)]
        pieces = [self.content((start, i))]
        if (
            k + 2 < last
            and tokens[k].tag == tokens[i - 1].tag == ","
            and any(t.tag in "XVE" for t in tokens[k + 1 : last])
            and not any(t.tag in "XVE" for t in tokens[start:i])
        ):
            pieces.append(self.clause(k + 1, last))
        return pieces

    def clause(self, start: int, last: int) -> Offsets | None:
        """The clause that starts at `start`, as content."""
        stop = complements.clause_end(self.tokens, min(start, last), last, "said")
        return self.content((start, stop))

    def both(self, speaker: Range, whole: int) -> list[Offsets]:
        """A source and the one that "and" adds: "according to police and county officials"."""
        found = [self.offsets(speaker)]
        b = speaker[1]
        if b + 1 < whole and self.tokens[b].low == "and":
            end = noun_phrases.base_phrase(self.tokens, b + 1, whole)
            if end > b + 1:
                found.append(self.offsets((b + 1, end)))
        return found

    def past_apposition(self, k: int, last: int) -> int:
        """The comma after an apposition that the comma at `k` opens; `k` where it opens none."""
        tokens = self.tokens
        if k + 1 < last and tokens[k + 1].low in ("who", "which", "a", "an"):
            m = next((m for m in range(k + 1, last) if tokens[m].tag == ","), last)
            return m if m < last else k
        return k

    def view(self, i: int, first: int, last: int) -> None:
        """ "In her opinion the plan …", "…, in his view, …": the possessor thinks it."""
        tokens = self.tokens
        k = i - 1
        if tokens[k].tag == "G":
            k -= 1
            while k > first and tokens[k].tag in "NWD" and tokens[k - 1].tag != "I":
                k -= 1
        elif tokens[k].low not in ("his", "her", "their", "its"):
            return
        if k - 1 < first or tokens[k - 1].low != "in":
            return
        if all(t.tag in "CR" for t in tokens[first : k - 1]) or tokens[k - 2].tag == "S":
            start = i + 1
            if start < last and tokens[start].tag == "," and tokens[start].stretch < 0:
                start += 1
            content = self.clause(start, last)
        elif tokens[k - 2].tag == "," and i + 1 < last and tokens[i + 1].tag in ",.":
            content = self.content((first, k - 2))
        else:
            return
        if content:
            owner = (k, i - 1) if tokens[i - 1].tag == "G" else (k, k + 1)
            self.add(
                Quotation([content], self.offsets((i, i + 1)), [self.offsets(owner)], rule="noun")
            )

    def charge(self, i: int, first: int, last: int) -> None:
        """ "the union's allegations of fraud", "amid reports of a third theft": what is alleged,
        and whose allegation it is."""
        tokens = self.tokens
        if self.an_occasion(i, first) or tokens[i + 2].text in "£$€":
            return
        end = noun_phrases.noun_phrase(tokens, i + 2, last)
        if end == i + 2:
            return
        happens = end < last and tokens[end].low.endswith("ing") and tokens[end].tag in "VENX"
        if happens:  # "reports of people leaving the town"
            stop = complements.clause_end(tokens, i + 2, last, "said")
            end = next((k for k in range(end, stop) if tokens[k].tag == ","), stop)
        if tokens[i].low == "report" and not happens:
            return  # "the report of the council", a document
        if content := self.content((i + 2, end)):
            speaker = self.owner(i, first)
            self.add(Quotation([content], self.offsets((i, i + 1)), speaker, rule="noun"))

    def noun_start(self, i: int, first: int) -> int:
        """Where the noun phrase starts whose noun is at `i`."""
        tokens = self.tokens
        k = i
        while k > first and tokens[k - 1].tag in "NDMGR" and tokens[k - 1].stretch < 0:
            k -= 1
        return k

    def an_occasion(self, i: int, first: int) -> bool:
        """Whether there are none (Q2), or somebody is called to what the noun at `i` tells, gets
        it or looks into it (Q3): no quote."""
        tokens = self.tokens
        start = self.noun_start(i, first)
        if start > first and tokens[start - 1].low in ("to", "into", "on"):
            return True
        around = [t.low for t in tokens[max(first, start - 1) : i]]
        return any(w in ("no", "any") or w.startswith(_LOOKED_INTO) for w in around)

    def owner(self, i: int, first: int) -> list[Offsets]:
        """The possessor right before the noun at `i`, who says it."""
        tokens = self.tokens
        if i <= first:
            return []
        if tokens[i - 1].tag == "G" and (found := noun_phrases.left_phrase(tokens, i - 2, first)):
            a, b = found
            if b < i - 1 and tokens[i - 2].tag == "W":
                # "nothing to support Ines Calder's claims": the name itself
                a = b = i - 1
                while a > first and tokens[a - 1].tag == "W":
                    a -= 1
            return [self.offsets((a, b))]
        return [self.offsets((i - 1, i))] if tokens[i - 1].low in ("his", "her", "their") else []

    def plea(self, i: int, first: int, last: int) -> None:
        """ "Holm entered a plea of not guilty": the plea, and whose it is (Q26)."""
        tokens = self.tokens
        if not contents.pleads(tokens, i + 2, last):
            return
        content = self.clause(i + 2, last)
        start = self.noun_start(i, first)
        speaker = self.owner(i, first)
        if not speaker and start > first and tokens[start - 1].tag in "VE":
            subject = self.grammar.subject(self.paragraph, start - 1, first)
            speaker = [self.offsets(subject.phrase)] if subject.phrase else []
        if content:
            self.add(Quotation([content], self.offsets((i, i + 1)), speaker, rule="noun"))

    def request(self, i: int, first: int, last: int) -> None:
        """ "the request of Reeve to close the pool", "the council's order to close it": what is
        asked for, and who asks; without content it is none (Q26)."""
        tokens = self.tokens
        k, speaker = i + 1, self.owner(i, first)
        if tokens[k].low == "of" and not speaker:
            k = noun_phrases.base_phrase(tokens, i + 2, last)
            speaker = [self.offsets((i + 2, k))] if k > i + 2 else []
        if not speaker or k >= last or not contents.infinitive(tokens, k, last):
            return
        stop = complements.clause_end(tokens, k, last, "said")
        # "the request of Reeve to close the pool was read out": up to the verb of the request
        end = next((m for m in range(k + 2, stop) if _finite(tokens[m])), stop)
        if content := self.content((k, end)):
            self.add(Quotation([content], self.offsets((i, i + 1)), speaker, rule="noun"))

    def noun(self, i: int, first: int, last: int) -> None:
        """ "the union’s claim that …": the possessor speaks."""
        tokens = self.tokens
        forms = english.forms()
        if any(
            forms.get(tokens[k].low) and tokens[k].tag == "V" and q.cue == self.offsets((k, k + 1))
            for q in self.quotes
            for k in range(first, i + 2)
            if q.start >= tokens[i].start
        ):
            return
        k = i - 1
        while k >= first and tokens[k].tag in "N" and tokens[k].stretch < 0:
            k -= 1
        speaker: Range | None = None
        if k > first and tokens[k].tag == "G":
            speaker = noun_phrases.left_phrase(tokens, k - 1, first)
        elif k >= first and tokens[k].low in ("his", "her", "their", "my", "our"):
            speaker = (k, k + 1)
        if speaker is None and tokens[i].tag != "N":
            return
        content = self.clause(i + 2, last)
        if content and speaker:
            self.add(
                Quotation([content], self.offsets((i, i + 1)), [self.offsets(speaker)], rule="noun")
            )

    def adjective(self, i: int, first: int, last: int) -> None:
        """ "she is adamant that …"."""
        tokens = self.tokens
        k = i - 1
        while k >= first and tokens[k].tag == "R":
            k -= 1
        if k < first or tokens[k].tag != "X" or tokens[k].low not in subjects.BE:
            return
        subject = self.grammar.subject(self.paragraph, i, first)
        if (
            subject.phrase is None
            or subject.denied
            or tokens[subject.phrase[0]].low in ("it", "that")
        ):
            return
        content = self.clause(i + 2 if tokens[i + 1].low == "that" else i + 1, last)
        if content:
            self.add(
                Quotation(
                    [content],
                    self.offsets((i, i + 1)),
                    [self.offsets(subject.phrase)],
                    rule="adjective",
                )
            )

    def colon(self, first: int, last: int, cued: dict[int, Quotation]) -> None:
        """ "Calder: ‘We will appeal’": a speaker, a colon, marks. `cued`: the quotes that have a
        cue, by their end."""
        tokens = self.tokens
        for i in range(first + 1, last - 1):
            if tokens[i].text != ":" or tokens[i].stretch >= 0 or tokens[i + 1].stretch < 0:
                continue
            number = tokens[i + 1].stretch
            if number in self.used:
                continue
            stretch = self.paragraph.stretches[number]
            if told := cued.get(tokens[i - 1].end):
                # "Calder said it was lost: ‘…’": the verb has its content already.
                words = [(stretch.start, stretch.end)]
                speaker = list(told.speaker)
                self.add(Quotation(words, speaker=speaker, whole=told.whole, rule="colon"))
                continue
            speaker = main_phrase(tokens, first, i)
            cue = None
            for k in range(first, i):
                if tokens[k].low in english.DOCUMENTS and tokens[k].tag in "NV":
                    cue = (k, k + 1)
            if tokens[i - 1].tag in "VE" and tokens[i - 1].stretch < 0 and i - 1 > first:
                # Any verb beside marked words stands for "said" (Q18).
                cue = (i - 1, i)
                subject = self.grammar.subject(self.paragraph, i - 1, first)
                speaker = subject.phrase or speaker
            quote = Quotation(
                [(stretch.start, stretch.end)],
                self.offsets(cue) if cue else None,
                [self.offsets(speaker)] if speaker else [],
                rule="colon",
            )
            self.add(quote)
            if quote.cue:
                cued.setdefault(quote.end, quote)


_ASKED_FOR = words("whether if why how what who when where which to")
_CHARGES = words(
    "allegation allegations accusation accusations claims report reports rumours rumors"
)
_LOOKED_INTO = ("investigat", "receiv", "probe", "probing", "answer", "check", "review", "examin")
_PLEAS = {"plea", "pleas"}
_REQUESTS = words("request order demand proposal pledge promise threat vow call appeal")
_VIEWS = {"opinion", "view", "words", "judgment", "judgement", "estimation"}


def _finite(token: Token) -> bool:
    return token.tag in "XV" or token.low in english.COMMON_VERBS


def main_phrase(tokens: Sequence[Token], first: int, before: int) -> Range | None:
    """The first noun phrase that no preposition binds in a verbless lead ("Calder: ‘…’")."""
    bound = False
    k = first
    found = None
    while k < before:
        if tokens[k].stretch >= 0:
            return found
        if tokens[k].tag == "I":
            bound = True
        elif tokens[k].tag in "NWMDP":
            end = noun_phrases.base_phrase(tokens, k, before)
            if end > k:
                if not bound:
                    found = found or (k, end)
                bound = False
                k = end
                continue
        k += 1
    return found
