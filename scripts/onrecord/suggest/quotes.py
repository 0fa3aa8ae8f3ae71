"""Quotes by rules: who says what, read off marks, reporting verbs and word order.

`quotations(reading)` is pure. It knows English; `german.quotations` is its sister. With a parse
(`syntax`) subjects and complements come from the dependencies, and the rest stays as it is.

The rules follow schema/guidelines/quotes.md; the numbers in comments (Q13) are its decisions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

from onrecord.suggest import english, surface
from onrecord.suggest.cues import (
    SURFACE,
    Cue,
    Grammar,
    addressee_of,
    by_phrase,
    cue_at,
    receiver,
)
from onrecord.suggest.reading import (
    Paragraph,
    Reading,
    Stretch,
    Token,
    headline_tags,
    sentence_ranges,
)
from onrecord.suggest.surface import Range, Subject
from onrecord.suggest.words import words

Offsets = tuple[int, int]


@dataclass(slots=True)
class Quotation:
    """A quote as offsets of the text; `rule` names what found it."""

    pieces: list[Offsets]
    cue: Offsets | None = None
    speaker: list[Offsets] = field(default_factory=list)
    addressee: list[Offsets] = field(default_factory=list)
    whole: Offsets | None = None
    """The speaker's phrase with its apposition: where a name of the speaker may stand."""
    rule: str = ""
    verb: str = ""
    """The base form of the cue, "" where it is no verb."""

    @property
    def start(self) -> int:
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        return self.pieces[-1][1]


def quotations(reading: Reading, grammar: Grammar | None = None) -> list[Quotation]:
    """The quotes of an English text, in text order. Total: any text has some list of quotes."""
    grammar = grammar or SURFACE
    found, rest = _transcript(reading)
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


_TURN = re.compile(r"[“\"‘'«„]?(?P<who>[A-Z][A-Z.’'-]+(?: [A-Z][A-Z.’'-]*){0,4}):\s+(?=\S)")
_ASIDE = re.compile(r"[“\"]?[(\[].*[)\]][.”\"]*")


_LABELS = words("PHOTO PHOTOS VIDEO WATCH READ RELATED UPDATE UPDATED NOTE CORRECTION MORE ALSO")


def _transcript(reading: Reading) -> tuple[list[Quotation], list[Paragraph]]:
    """The turns of a transcript ("CALDER: We will appeal."), and the paragraphs outside it.

    A name in capitals and a colon open a turn where one speaks twice or three speak; marked
    paragraphs without a name go on with it. A turn is a quote without marks of its own.
    """
    turns = [_TURN.match(reading.text, p.start, p.end) for p in reading.paragraphs]
    names = [turn["who"] for turn in turns if turn and turn["who"] not in _LABELS]
    if len(names) < 2 or len(names) == len(set(names)) == 2:
        return [], reading.paragraphs
    found: list[Quotation] = []
    rest: list[Paragraph] = []
    going_on = False
    for paragraph, turn in zip(reading.paragraphs, turns, strict=True):
        opened = bool(paragraph.stretches) and paragraph.stretches[0].start == paragraph.start
        if turn is None and _ASIDE.fullmatch(reading.text, paragraph.start, paragraph.end):
            going_on = False
        elif turn is not None and turn["who"] not in _LABELS:
            found.append(
                Quotation([(turn.end(), paragraph.end)], speaker=[turn.span("who")], rule="turn")
            )
            going_on = opened
        elif going_on and opened and paragraph.stretches[0].mended:
            found[-1].pieces.append((paragraph.start + 1, paragraph.end))
        else:
            going_on = False
            rest.append(paragraph)
    return found, rest


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


class _Finder:
    """The quotes of one paragraph."""

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

    # --- offsets ------------------------------------------------------------------------------

    def offsets(self, span: Range) -> Offsets:
        """The offsets of a range of tokens, without closing marks that it does not open."""
        return self.tokens[span[0]].start, self.tokens[span[1] - 1].end

    def content(self, span: Range) -> Offsets | None:
        """A range as content: no full stop, comma or joining mark at its edges (Q9)."""
        a, b = span
        tokens = self.tokens
        while a < b and tokens[a].stretch < 0 and tokens[a].tag in ",.:;-":
            a += 1
        while b > a and tokens[b - 1].stretch < 0 and tokens[b - 1].tag in ",.:;-":
            b -= 1
        if a >= b:
            return None
        # Never half a stretch.
        start, end = tokens[a].start, tokens[b - 1].end
        for token, is_start in ((tokens[a], True), (tokens[b - 1], False)):
            if token.stretch >= 0:
                stretch = self.paragraph.stretches[token.stretch]
                if is_start:
                    start = min(start, stretch.start)
                else:
                    end = max(end, stretch.end)
        return start, end

    # --- the run ------------------------------------------------------------------------------

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
        for first, last in self.paragraph.sentences:
            self.colon(first, last)
        return self.quotes

    def lead(self) -> Quotation | None:
        """The attribution of what the next paragraph says: "Calder wrote:" at the end of this."""
        if not self.tokens or self.tokens[-1].text != ":" or not self.paragraph.sentences:
            return None
        first, last = self.paragraph.sentences[-1]
        for cue in reversed(self.cues(first, last)):
            subject = self.grammar.subject(self.paragraph, cue.at, first)
            if subject.phrase and not subject.denied and set(cue.kinds) & set("cd"):
                speaker = self.maker(subject.phrase, last)
                whole = self.offsets(subject.whole) if subject.whole else None
                shown = self.offsets((cue.at, cue.shown))
                return Quotation([], shown, self.speakers(speaker, last), whole=whole)
        return None

    def cues(self, first: int, last: int) -> list[Cue]:
        """The reporting verbs of a host sentence that stand outside marks, in order."""
        forms = english.forms()
        out = []
        for i in range(first, last):
            token = self.tokens[i]
            if token.stretch >= 0:
                continue
            cue = cue_at(self.tokens, i, last, forms)
            if cue and self.grammar.is_verb(self.paragraph, i):
                out.append(cue)
        return out

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

    def take(self, cue: Cue, first: int, last: int) -> None:
        tokens = self.tokens
        subject = self.grammar.subject(self.paragraph, cue.at, first)
        group = min(subject.start, cue.at)
        before = group - 1
        while (
            before >= first
            and tokens[before].tag in "RC"
            and tokens[before].stretch < 0
            and not subject.phrase
        ):
            before -= 1
        comma = before >= first and (
            (tokens[before].tag in ",-" and tokens[before].stretch < 0)
            or tokens[before].stretch >= 0
        )
        closed = before >= first and (
            tokens[before].stretch >= 0
            or (tokens[before].tag == "," and before > first and tokens[before - 1].stretch >= 0)
        )
        spoken = any(k in cue.kinds for k in "cd")
        inverted = None
        if (
            spoken
            and not subject.denied
            and (subject.phrase is None)
            and comma
            and not (tokens[cue.at].low.endswith("ing"))
        ):
            inverted = self.inverted(cue, last)
        if cue.at == first and spoken and subject.phrase is None:
            leads = self.inverted(cue, last)
            if leads and leads[1] < last and tokens[leads[1]].tag in ":,":
                subject = subject._replace(phrase=leads, whole=leads)
                cue = cue._replace(end=leads[1])
        # Content after the verb.
        after = None if inverted else self.grammar.complement(self.paragraph, cue, last)
        if after and subject.denied:
            has_marks = any(tokens[k].tag == '"' for k in range(*after[0]))
            modal = not _negated(tokens, subject.start, cue.at)
            if not (has_marks and modal):
                after = None
                subject = subject._replace(phrase=None)
                return
        if after and not (comma and closed and self._postposed(cue, last)):
            self.after(cue, subject, after, first, last)
            return
        if not spoken or subject.denied:
            return
        speaker = inverted or subject.phrase
        if not comma or speaker is None:
            return
        if not (inverted or self._postposed(cue, last)):
            return
        if subject.passive and not inverted and tokens[speaker[0]].low != "it":
            return  # "the presence was confirmed": nobody speaks
        self.before(cue, subject, speaker, bool(inverted), first, before, last)

    def _postposed(self, cue: Cue, last: int) -> bool:
        """Whether nothing after the verb could be the content: "…, Calder said on Friday"."""
        k = cue.end
        tokens = self.tokens
        if k < last and "a" in cue.kinds and tokens[k].tag in "DPNW":
            k = max(surface.noun_phrase(tokens, k, last), k + 1)
        while k < last and tokens[k].stretch < 0:
            token = tokens[k]
            if token.tag in ",.:;-":
                return True
            if token.tag in "RTG" or (
                token.tag == "D" and k + 1 < last and tokens[k + 1].tag == "T"
            ):
                k += 1
            elif (
                token.tag in "VE" and tokens[k - 1].tag in "NWTM" and surface.participle(token.low)
            ):
                k += 1  # "in a letter sent on Monday"
            elif token.low in ("when", "while", "as", "after", "before", "since", "until"):
                return True
            elif token.tag in "DM" and k + 2 < last and tokens[k + 2].low in _WHEN:
                k += 2  # "three days later", "several months after"
            elif token.tag == "I" or token.low in ("to", "as"):
                end = surface.noun_phrase(tokens, k + 1, last)
                k = max(end, k + 2)
            elif token.low in ("when", "while", "as", "after", "before", "if", "because") or (
                token.tag in "EV" and token.low.endswith("ing")
            ):
                return True
            elif token.tag in "M(":
                k += 1
            else:
                return False
        return True

    def inverted(self, cue: Cue, last: int) -> Range | None:
        """The subject right of the verb: "…, said Calder, the leader."."""
        k = cue.end
        tokens = self.tokens
        if (
            k >= last
            or tokens[k].stretch >= 0
            or tokens[k].tag not in "DWNPM"
            or tokens[k].low in (english.OBJECT_PRONOUNS - {"it", "you"})
        ):
            return None
        end = surface.base_phrase(tokens, k, last)
        if end <= k:
            return None
        if end < last and tokens[end].tag in "XE" and tokens[end].stretch < 0:
            return None
        return k, end

    def after(
        self, cue: Cue, subject: Subject, found: tuple[Range, str], first: int, last: int
    ) -> None:
        """The content follows the verb."""
        tokens = self.tokens
        (a, b), frame = found
        speaker = subject.phrase
        addressee: list[Offsets] = []
        if "addressee" in frame:
            span = addressee_of(tokens, cue, last, a)
            if span:
                addressee = [self.offsets(span)]
        elif span := receiver(tokens, cue, first, last):
            addressee = [self.offsets(span)]
        if subject.passive:
            # "Residents were told by police to leave"; "It was claimed that".
            if (
                speaker
                and any(k in cue.kinds for k in "ao")
                and tokens[speaker[0]].low not in ("it", "they")
            ):
                addressee = [self.offsets(speaker)]
            speaker = by_phrase(tokens, cue.end, last)
            if speaker and speaker[1] > a and speaker[0] < b:
                if speaker[0] - 1 <= a:
                    a = speaker[1]
                else:
                    b = speaker[0] - 1
        if speaker is None and not subject.passive and tokens[subject.start - 1].tag == ",":
            # The next of several verbs: "It closed the road, said that …".
            shared = surface.main_subject(tokens, first, subject.start)
            if shared and any(t.tag in "XVE" for t in tokens[shared[1] : subject.start]):
                speaker = shared
        if (
            speaker is None
            and not subject.passive
            and not any(tokens[k].tag == '"' for k in range(a, b))
        ):
            return
        if speaker and tokens[speaker[0]].low in _AUTHOR:
            return
        if subject.passive and speaker is None and frame == "judgement":
            return  # "is called a miracle": nobody says it (Q1)
        inner = cue.verb in english.INNER
        if inner and (subject.passive or not self.expressed(cue, first, last)):
            return
        if subject.passive and cue.verb in ("think", "believe") and frame == "intention":
            return  # "is thought to", a rumour (Q3)
        content = self.content((a, b))
        if content is None:
            return
        whole = subject.whole if not subject.passive else None
        if speaker:
            made = self.maker(speaker, last)
            if made[0] > speaker[1]:
                whole = (made[0], self.described(made[1], last))
            speaker = made
        marked = [s for s in self.stretches_in(*content) if s.end <= content[1]]
        if frame == "judgement" and marked:
            # After the verbs of naming the marked words only (Q12).
            content = (marked[0].start, marked[-1].end)
        if (
            marked
            and marked[0].start == content[0]
            and frame == "clause"
            and cue.verb in _PERFORMING
        ):
            first_words = self.text[marked[0].start : marked[0].end]
            if _title_like(first_words):
                return
        direct = bool(marked) and marked[0].start == content[0] and marked[-1].end == content[1]
        rule = f"{'marked' if direct else frame} after"
        self.add(
            Quotation(
                [content],
                self.offsets((cue.at, cue.shown)),
                self.speakers(speaker, last) if speaker else [],
                addressee,
                self.offsets(whole) if whole else None,
                rule,
                cue.verb,
            )
        )

    def expressed(self, cue: Cue, first: int, last: int) -> bool:
        """Whether the sentence has a sign that inner life was expressed: marks, an occasion or
        channel, another saying word."""
        forms = english.forms()
        breaks = [k for k in range(first, last) if self.tokens[k].tag == ";"]
        first = max([first, *(k for k in breaks if k < cue.at)])
        last = min([last, *(k for k in breaks if k > cue.at)])
        for k in range(first, last):
            token = self.tokens[k]
            if token.stretch >= 0 or token.low in english.EXPRESSION:
                return True
            if token.tag == "V" and not cue.at <= k < cue.end:
                verb = forms.get(token.low, "")
                if verb not in english.INNER and "c" in english.VERBS.get(verb, ""):
                    return True
        return cue.verb in ("fear", "hope", "expect", "believe", "think") and (
            cue.at + 1 < last and self.tokens[cue.at + 1].low == "that"
        )

    def maker(self, speaker: Range, last: int) -> Range:
        """Who made a document that speaks: "a statement from the ministry", "a fire service
        statement" (Q22); any other speaker as it is."""
        tokens = self.tokens
        a, b = speaker
        if b - a == 1 and tokens[a].low in surface.PART and b + 1 < last and tokens[b].low == "of":
            return a, max(surface.base_phrase(tokens, b + 1, last), b)
        if b - a > 1 and tokens[b - 1].low in _NEAR and b < last and tokens[b].tag == "I":
            return a, b - 1  # "a person familiar with the plan"
        if tokens[b - 1].low not in english.DOCUMENTS:
            return speaker
        k = b
        if k < last and tokens[k].tag == ",":
            k += 1
        if k < last and surface.participle(tokens[k].low) and tokens[k].stretch < 0:
            k += 1
            while k < min(last, b + 6) and tokens[k].tag in "TMIR" and tokens[k].low != "by":
                k += 1
        if k + 1 < last and tokens[k].low in ("from", "by") and tokens[k].stretch < 0:
            end = surface.base_phrase(tokens, k + 1, last)
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
            end = surface.base_phrase(tokens, b + 1, last)
            if b + 1 < end < last and tokens[end].tag in "XVER":
                found.append(self.offsets((b + 1, end)))
        return found

    def described(self, end: int, last: int) -> int:
        """The end of an apposition that starts with a name after the phrase that ends at `end`."""
        tokens = self.tokens
        if end + 1 < last and tokens[end].tag == "," and tokens[end + 1].tag == "W":
            stop = surface.base_phrase(tokens, end + 1, last)
            if stop >= last or tokens[stop].tag in ",.":
                return stop
        return end

    def before(
        self,
        cue: Cue,
        subject: Subject,
        speaker: Range,
        inverted: bool,
        first: int,
        before: int,
        last: int,
    ) -> None:
        """The content stands before the attribution, and perhaps goes on after it (Q13)."""
        tokens = self.tokens
        start = first
        self.quotes = [
            q
            for q in self.quotes
            if not (
                q.verb in english.INNER
                and q.cue
                and tokens[first].start <= q.cue[0]
                and q.end <= tokens[before].end
                and not any(tokens[k].stretch >= 0 for k in range(first, before + 1))
            )
        ]  # "She knows the cost, she says": the whole is said (Q7)
        # An earlier quote of this sentence ends where this content starts.
        for quote in reversed(self.quotes):
            if quote.end <= tokens[first].start:
                break
            for s, e in quote.pieces:
                if (
                    tokens[first].start <= s
                    and e <= tokens[before].end
                    and quote.cue
                    and (quote.cue[0] < tokens[before].start)
                ):
                    if tokens[before].stretch >= 0 and e >= tokens[before].end:
                        return
                    while start < before and tokens[start].start < e:
                        start += 1
        for k in range(start, before):
            if tokens[k].tag == ";" and tokens[k].stretch < 0:
                start = k + 1
        while start < before and tokens[start].tag == "C" and tokens[start].stretch < 0:
            start += 1
        if tokens[before].stretch >= 0 and tokens[start].stretch < 0:
            # Marks before the verb: the stretch alone if it is a sentence of its own.
            stretch = self.paragraph.stretches[tokens[before].stretch]
            words = [t for t in tokens[start:before] if t.stretch < 0]
            lead = words[-1] if words else None
            if (
                lead is not None
                and (lead.tag in ":,.")
                and _speech_like(self.text[stretch.start : stretch.end])
            ):
                while tokens[start].stretch != tokens[before].stretch:
                    start += 1
        content = self.content((start, before + 1))
        if content is None or not any(c.isalpha() for c in self.text[content[0] : content[1]]):
            return
        pieces = [content]
        whole = subject.whole
        if inverted:
            end = speaker[1]
            whole = (speaker[0], self._apposition(end, last))
            end = whole[1]
        else:
            end = cue.end
        rest = self.rest(end, last, inverted)
        direct = tokens[start].stretch >= 0 and tokens[before].stretch >= 0
        if not direct and ("c" not in cue.kinds or tokens[start].low in _ASKED):
            return
        if rest and not direct and tokens[rest[0]].stretch < 0:
            tail = self.content(rest)
            if tail and tokens[rest[0] - 1].tag == ",":
                pieces.append(tail)
        elif rest and direct and tokens[rest[0]].stretch >= 0:
            tail = self.content(rest)
            if tail:
                pieces.append(tail)
        if tokens[speaker[0]].low in _AUTHOR:
            return
        if (
            not direct
            and self.paragraph.role != "headline"
            and not any(t.tag in "XVE" for t in tokens[start:before])
            and (
                len(pieces) == 1
                or rest is None
                or not any(t.tag in "XVE" for t in tokens[rest[0] : rest[1]])
            )
        ):
            return  # "In London, Calder said": no clause before the attribution
        if len(pieces) == 2 and not direct and tokens[before - 1].tag == "S":
            del pieces[0]  # "a pit where, they said, nothing grew"
        addressee: list[Offsets] = []
        if not inverted and "a" in cue.kinds:
            k = cue.end
            stop = surface.base_phrase(tokens, k, last)
            if stop > k and tokens[k].tag in "DPNW":
                addressee = [self.offsets((k, stop))]
        elif span := receiver(tokens, cue, first, last):
            addressee = [self.offsets(span)]
        speaker = self.maker(speaker, last)
        self.add(
            Quotation(
                pieces,
                self.offsets((cue.at, cue.shown)),
                self.speakers(speaker, last),
                addressee,
                self.offsets(whole) if whole else None,
                "marked before" if direct else "clause before",
                cue.verb,
            )
        )

    def _apposition(self, end: int, last: int) -> int:
        """The end of what describes the inverted subject: up to the next mark, or the stop."""
        tokens = self.tokens
        k = end
        while k < last and tokens[k].stretch < 0 and tokens[k].tag not in ".":
            if tokens[k].tag in ",:" and k + 1 < last and tokens[k + 1].stretch >= 0:
                break
            if tokens[k].tag == "V" and tokens[k].low.endswith("ing") and tokens[k - 1].tag == ",":
                k -= 1
                break
            k += 1
        return max(end, k)

    def rest(self, end: int, last: int, inverted: bool) -> Range | None:
        """What follows an attribution in its sentence, if it can be content."""
        tokens = self.tokens
        k = end
        while k < last and tokens[k].stretch < 0:
            if tokens[k].tag == "X" or (tokens[k].tag == "V" and not tokens[k].low.endswith("ing")):
                break
            k += 1
        taken = any(t.tag == "V" for t in tokens[max(end, k - 3) : k])
        if k < last and tokens[k].stretch >= 0 and tokens[k - 1].tag in "GID":
            return None  # a title: "on “Morning Talk”"
        if taken or not (k < last and tokens[k].stretch >= 0 and tokens[k - 1].tag in ",:"):
            k = end
            while k < last and tokens[k].stretch < 0 and tokens[k].tag not in ",:":
                if tokens[k].tag == ".":
                    return None
                k += 1
        if k + 1 >= last:
            return None
        k += 1 if tokens[k].tag in ",:" else 0
        if tokens[k].stretch < 0:
            if (
                k != end + 1
                or (tokens[k].tag in "C" and not self.goes_on(k, last))
                or tokens[k].low.endswith("ing")
                or (tokens[k].low in _NO_REST or (inverted and tokens[k].tag in "DI"))
            ):
                return None
            return k, surface.clause_end(tokens, k, last, "said")
        stop = k
        while stop < last and tokens[stop].stretch == tokens[k].stretch:
            stop += 1
        return k, stop

    def goes_on(self, k: int, last: int) -> bool:
        """Whether what a conjunction after an attribution adds is still said: "…, she said, and the
        road would close" rather than "…, she said, and left"."""
        tokens = self.tokens
        if k + 2 >= last:
            return False
        first = tokens[k + 1]
        if first.stretch >= 0 or first.low in ("will", "would", "had", "has", "was", "is"):
            return True
        end = surface.noun_phrase(tokens, k + 1, last)
        while end < last and tokens[end].tag == "R":
            end += 1
        if not k + 1 < end < last or tokens[end].tag not in "XE":
            return False
        return tokens[end].low not in ("has", "have", "is", "are")  # the author's own tense

    # --- according to, nouns, adjectives, colons --------------------------------------------------

    def asked(self, first: int, last: int) -> None:
        """ "Asked whether it would close, Calder laughed": nobody asks, the subject is asked."""
        tokens = self.tokens
        k = first + 1
        by = None
        if tokens[first].low not in _ASKED or tokens[first].stretch >= 0 or k >= last:
            return
        if tokens[k].low == "by":
            end = surface.base_phrase(tokens, k + 1, last)
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
        told = surface.base_phrase(tokens, comma + 1, last)
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
        end = surface.base_phrase(tokens, i + 1, last)
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

    def phrases(self, first: int, last: int) -> None:
        """ "according to X", and nouns and adjectives that introduce a clause with "that"."""
        tokens = self.tokens
        self.asked(first, last)
        for i in range(first, last - 1):
            token = tokens[i]
            if token.stretch >= 0:
                continue
            if token.low == "according" and tokens[i + 1].low == "to":
                self.according(i, first, last)
            elif token.low == "as" and tokens[i + 1].tag in "DPWN":
                self.put_it(i, first, last)
            elif token.low in _VIEWS and i - 2 >= first and token.tag == "N":
                self.view(i, first, last)
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

    def according(self, i: int, first: int, last: int) -> None:
        """ "according to the coastguard", before its content, after it or inside it."""
        tokens = self.tokens
        end = surface.base_phrase(tokens, i + 2, last)
        if end == i + 2:
            return
        whole = surface.noun_phrase(tokens, i + 2, last)
        k = whole
        while k < last and tokens[k].stretch < 0 and tokens[k].tag not in ",.":
            k += 1
        pieces: list[Offsets | None]
        if all(t.tag in "CR" for t in tokens[first:i]):
            if whole < last and tokens[whole].tag == "P" and tokens[whole].stretch < 0:
                start = whole  # "According to Calder she left"
            elif k + 1 >= last:
                return
            else:
                start = self.past_apposition(k, last) + 1
            stop = surface.clause_end(tokens, min(start, last), last, "said")
            pieces = [self.content((start, stop))]
        else:
            if any(
                q.cue and tokens[first].start <= q.cue[0] and q.end <= tokens[i].start
                and q.cue[0] < tokens[i].start
                for q in self.quotes
            ):  # fmt: skip
                return
            start = first
            while start < i and tokens[start].tag in "C" and tokens[start].stretch < 0:
                start += 1
            pieces = [self.content((start, i))]
            inside = k + 2 < last and tokens[k].tag == "," and tokens[i - 1].tag == ","
            if (
                inside
                and any(t.tag in "XVE" for t in tokens[k + 1 : last])
                and not any(t.tag in "XVE" for t in tokens[start:i])
            ):
                stop = surface.clause_end(tokens, k + 1, last, "said")
                pieces.append(self.content((k + 1, stop)))
        if not pieces[0]:
            return
        speaker = self.maker((i + 2, end), last)
        self.add(
            Quotation(
                [piece for piece in pieces if piece],
                self.offsets((i, i + 2)),
                [self.offsets(speaker)],
                [],
                self.offsets((speaker[0], max(self.described(whole, last), speaker[1]))),
                "according to",
            )
        )

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
            content = self.content((start, surface.clause_end(tokens, start, last, "said")))
        elif tokens[k - 2].tag == "," and i + 1 < last and tokens[i + 1].tag in ",.":
            content = self.content((first, k - 2))
        else:
            return
        if content:
            owner = (k, i - 1) if tokens[i - 1].tag == "G" else (k, k + 1)
            self.add(
                Quotation([content], self.offsets((i, i + 1)), [self.offsets(owner)], rule="noun")
            )

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
            speaker = surface.left_phrase(tokens, k - 1, first)
        elif k >= first and tokens[k].low in ("his", "her", "their", "my", "our"):
            speaker = (k, k + 1)
        if speaker is None and tokens[i].tag != "N":
            return
        end = surface.clause_end(tokens, i + 2, last, "said")
        content = self.content((i + 2, end))
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
        if k < first or tokens[k].tag != "X" or tokens[k].low not in surface.BE:
            return
        subject = self.grammar.subject(self.paragraph, i, first)
        if (
            subject.phrase is None
            or subject.denied
            or tokens[subject.phrase[0]].low in ("it", "that")
        ):
            return
        a = i + 2 if tokens[i + 1].low == "that" else i + 1
        content = self.content((a, surface.clause_end(tokens, a, last, "said")))
        if content:
            self.add(
                Quotation(
                    [content],
                    self.offsets((i, i + 1)),
                    [self.offsets(subject.phrase)],
                    rule="adjective",
                )
            )

    def colon(self, first: int, last: int) -> None:
        """ "Calder: ‘We will appeal’": a speaker, a colon, marks."""
        tokens = self.tokens
        for i in range(first + 1, last - 1):
            if tokens[i].text != ":" or tokens[i].stretch >= 0 or tokens[i + 1].stretch < 0:
                continue
            number = tokens[i + 1].stretch
            if number in self.used:
                continue
            stretch = self.paragraph.stretches[number]
            speaker = main_phrase(tokens, first, i)
            cue = None
            for k in range(first, i):
                if tokens[k].low in english.DOCUMENTS and tokens[k].tag in "NV":
                    cue = (k, k + 1)
            self.add(
                Quotation(
                    [(stretch.start, stretch.end)],
                    self.offsets(cue) if cue else None,
                    [self.offsets(speaker)] if speaker else [],
                    rule="colon",
                )
            )

    # --- marks that nothing introduces --------------------------------------------------------

    def left_over(self) -> None:
        """Stretches that no cue took: the next piece, a quote of the last speaker, or none."""
        tokens = self.tokens
        for number, stretch in enumerate(self.paragraph.stretches):
            if number in self.used:
                continue
            words = self.text[stretch.start : stretch.end]
            if not any(c.isalpha() for c in words):
                continue
            around = self.paragraph.within(stretch.start, stretch.end)
            if not around:
                continue
            a, b = around[0], around[-1] + 1
            sentence = next(((f, z) for f, z in self.paragraph.sentences if f <= a < z), (a, b))
            alone = a == sentence[0] and all(t.tag in '.,"' for t in tokens[b : sentence[1]])
            before = self.used.get(number - 1)
            gap_start = self.paragraph.stretches[number - 1].end if number else self.paragraph.start
            if alone and before is not None and before.cue and before.cue[0] >= gap_start:
                ends = [z for f, z in self.paragraph.sentences if gap_start < tokens[z - 1].end]
                if stretch.start >= before.cue[1] and ends and a <= ends[0]:
                    # Only the attribution stands between: one quote in two pieces (Q24).
                    before.pieces.append((stretch.start, stretch.end))
                    self.used[number] = before
                    continue
            headline = self.paragraph.role == "headline"
            if before is not None and before.cue and sentence[0] <= a and not _speech_like(words):
                at = bisect_left(self.paragraph.starts, before.cue[0])
                if sentence[0] <= at < a and tokens[a - 1].tag in "GID":
                    self.used[number] = before  # a title in the attribution
                    continue
            if b - a == len(tokens) and _capitalised(words):
                continue  # a heading in marks
            if not headline and not _speech_like(words) and not (alone and _exclaimed(words)):
                continue
            if alone and (beside := self.beside(sentence)):
                verb, speaker = beside
                self.add(
                    Quotation(
                        [(stretch.start, stretch.end)],
                        self.offsets((verb, verb + 1)),
                        [self.offsets(speaker)],
                        rule="marked before",
                    )
                )
                continue
            if headline and not _speech_like(words):
                # Kept only if the text gives these words to somebody (`_headlines`).
                self.add(Quotation([(stretch.start, stretch.end)], rule="bare"))
                continue
            signed = self.signed(b)
            if signed and a == sentence[0]:
                quote = Quotation(
                    [(stretch.start, stretch.end)], speaker=[self.offsets(signed)], rule="signed"
                )
                self.used[number] = quote
                self.quotes.append(quote)
                continue
            if alone or (a == sentence[0] and _speech_like(words)):
                first = a == 0
                quote = Quotation(
                    [(stretch.start, stretch.end)], rule="bare start" if first or before else "bare"
                )
                if before is not None and before.speaker:
                    quote.speaker = list(before.speaker)
                self.used[number] = quote
                self.quotes.append(quote)
            elif len(words.split()) >= 4:
                quote = Quotation([(stretch.start, stretch.end)], rule="bare")
                subject = surface.main_subject(tokens, sentence[0], a)
                if subject:
                    quote.speaker = [self.offsets(subject)]
                self.used[number] = quote
                self.quotes.append(quote)

    def beside(self, sentence: Range) -> tuple[int, Range] | None:
        """Verb and speaker of "“It is theft.” Quill laughed.": any verb that stands for "said"."""
        following = [s for s in self.paragraph.sentences if s[0] == sentence[1]]
        if not following:
            return None
        first, last = following[0]
        end = surface.base_phrase(self.tokens, first, last)
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
        last = next((z for f, z in self.paragraph.sentences if f <= k < z), last)
        if k + 1 < last and tokens[k].tag == "-" and tokens[k + 1].tag == "W":
            end = surface.base_phrase(tokens, k + 1, last)
            rest = {t.tag for t in tokens[end:last]}
            if end > k + 1 and not rest & set("XVE"):
                return k + 1, end
        return None

    def speaker_before(self, at: int) -> list[Offsets]:
        """Who speaks in the sentence before an offset, or its subject (Q20)."""
        for first, last in reversed(self.paragraph.sentences):
            if self.tokens[first].start >= at:
                continue
            start, end = self.tokens[first].start, self.tokens[last - 1].end
            for quote in reversed(self.quotes):
                if quote.cue and start <= quote.cue[0] < end <= at and quote.speaker:
                    return quote.speaker
            found = surface.main_subject(self.tokens, first, last)
            if found and self.tokens[found[0]].tag != "P":
                return [self.offsets(found)]
        return []

    def inside(self) -> None:
        """Quotes inside marks: in marks of their own, or told by a verb of saying whose speaker is
        another or whose occasion is (Q7, Q15)."""
        for stretch in self.paragraph.stretches:
            own = self.paragraph.within(stretch.start + 1, stretch.end)
            marked = [s for s in self.paragraph.inner if stretch.start <= s.start < stretch.end]
            if len(own) < 6 or not (marked or any(self.tokens[k].tag == "V" for k in own)):
                continue
            finder = _Finder(self.reading, _inner_paragraph(self.paragraph, own, marked), SURFACE)
            for quote in finder.attributed():
                if quote.cue and (_has_marks(quote, marked) or self.told_inside(quote)):
                    quote.rule = "inside"
                    self.quotes.append(quote)

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


def _has_marks(quote: Quotation, marked: Sequence[Stretch]) -> bool:
    return any(s.start == quote.start for s in marked)


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


_ASKED = {"asked", "pressed", "questioned", "quizzed"}
_ASKED_FOR = words("whether if why how what who when where which to")
_VIEWS = {"opinion", "view", "words", "judgment", "judgement", "estimation"}
_WHEN = {"after", "before", "later", "earlier", "ago", "on"}
_NEAR = {"familiar", "close", "present", "involved"}
_AUTHOR = {"i", "we", "you"}
"""Outside marks these are the author or the reader, and no source (Q23)."""
_NO_REST = {"who", "which", "while", "after", "before", "according", "when", "as", "with", "whose"}
_THOUGHT = words("think believe consider estimate explain suggest show find indicate reckon")
"""Inside a quote these make no quote of their own (Q7)."""
_ASKING = {"ask", "promise", "order", "urge", "demand", "vow", "pledge"}
_SAYING = _ASKING | words("say tell write announce claim warn accuse argue call admit deny swear")


def _negated(tokens: Sequence[Token], start: int, at: int) -> bool:
    return any(tokens[k].low in english.NEGATIONS for k in range(max(0, start), at))


_PERFORMING = {"sing", "read", "write", "publish", "recite", "quote", "announce", "finish", "begin"}


def _title_like(words: str) -> bool:
    """Whether marked words are a title: capitals throughout, no stop inside the marks."""
    inner = words.strip("“”\"'‘’«»„‚ ")
    parts = [p for p in inner.split() if p[0].isalpha()]
    big = sum(p[0].isupper() for p in parts)
    return (
        bool(parts)
        and inner[-1] not in ".!?,…"
        and big / len(parts) > 0.6
        and parts[0][0].isupper()
    )


def _capitalised(words: str) -> bool:
    """Whether all words of a stretch but the small ones have a capital: a heading, a title."""
    parts = [p for p in words.strip("“”\"'‘’«»„‚ ").split() if p[0].isalpha() and p not in _SMALL]
    return len(parts) > 1 and all(p[0].isupper() for p in parts)


_SMALL = {"a", "an", "the", "of", "in", "on", "and", "or", "for", "to", "at", "by", "with", "from"}


def _exclaimed(words: str) -> bool:
    """Whether marked words that are a sentence of their own are one in form: “Never.”"""
    inner = words.strip("“”\"'‘’«»„‚ ")
    return len(inner) > 1 and inner[0].isupper() and inner[-1] in ".!?…"


def _speech_like(words: str) -> bool:
    """Whether marked words are speech rather than a name, a title or a word in marks.

    A stop or comma inside the marks, or four words with a verb or pronoun among them and not all
    of them capitalised.
    """
    inner = words.strip("“”\"'‘’«»„‚ ")
    parts = inner.split()
    if not parts:
        return False
    capitals = sum(p[0].isupper() for p in parts if p[0].isalpha())
    letters = sum(p[0].isalpha() for p in parts) or 1
    if _capitalised(words) and len(parts) > 2 and inner[-1] not in "!?":
        return False
    if len(parts) >= 2 and capitals / letters > 0.6 and inner[-1] not in "!?":
        return len(parts) >= 2 and inner[-1] == "." and capitals / letters < 0.9
    if inner[-1] in ".!?,…" and len(parts) >= 2:
        return True
    if len(parts) < 4:
        return False
    lows = {p.lower().strip(".,!?") for p in parts}
    return bool(
        lows & (english.AUXILIARIES | english.SUBJECT_PRONOUNS | english.OBJECT_PRONOUNS)
    ) or (len(parts) >= 6)


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
            end = surface.base_phrase(tokens, k, before)
            if end > k:
                if not bound:
                    found = found or (k, end)
                bound = False
                k = end
                continue
        k += 1
    return found
