"""Quotes in German by rules: attributions, and the subjunctive of reported speech.

The sister of `quotes` (English), on the same reading. German puts the finite verb second, so the
subject is what stands before it, else the first noun phrase after it; and it marks reported speech
in the verb (Konjunktiv I), so a sentence that follows a quote in that mood is one too.
"""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest.german import (
    ASKING,
    FINITE,
    HOLDS,
    NAMING,
    REPORTED,
    SOURCE_ENDS,
    SOURCES,
    VERBS,
    VIEWS,
)
from onrecord.suggest.german_phrases import (
    after_von,
    before_apposition,
    noun_phrase,
    past_phrase,
    subject,
)
from onrecord.suggest.quotation import Quotation, content
from onrecord.suggest.reading import Paragraph, Reading, Token
from onrecord.suggest.words import words


def quotations(reading: Reading) -> list[Quotation]:
    """The quotes of a German text, in text order. Total."""
    found: list[Quotation] = []
    speaker: list[tuple[int, int]] = []
    for paragraph in reading.paragraphs:
        finder = _Finder(reading.text, paragraph, speaker)
        found += finder.run()
        speaker = finder.speaker
    found.sort(key=lambda q: (q.start, -q.end))
    return found


class _Finder:
    """The quotes of a paragraph. `speaker` is who spoke last, also in a paragraph before."""

    def __init__(self, text: str, paragraph: Paragraph, speaker: list[tuple[int, int]]) -> None:
        self.text = text
        self.paragraph = paragraph
        self.tokens = paragraph.tokens
        self.speaker = speaker
        self.quotes: list[Quotation] = []
        self.reported = False
        """Whether the last sentence of this paragraph held a quote."""

    def run(self) -> list[Quotation]:
        for first, last in self.paragraph.sentences:
            before = len(self.quotes)
            self.sentence(first, last)
            self.reported = len(self.quotes) > before
            if self.reported and self.quotes[-1].speaker:
                self.speaker = self.quotes[-1].speaker
        return self.quotes

    def add(self, rule: str, spans: Sequence[tuple[int, int]], cue: tuple[int, int] | None,
            speaker: tuple[int, int] | None) -> bool:  # fmt: skip
        """Add a quote of these spans, ranges of tokens; False where nothing of them is content."""
        pieces = []
        for a, b in spans:
            span = content(self.paragraph, a, b)
            if span and any(c.isalpha() for c in self.text[span[0] : span[1]]):
                pieces.append(span)
        if not pieces:
            return False
        tokens = self.tokens
        where = [(tokens[speaker[0]].start, tokens[speaker[1] - 1].end)] if speaker else []
        self.quotes.append(
            Quotation(
                pieces,
                (tokens[cue[0]].start, tokens[cue[1] - 1].end) if cue else None,
                where,
                rule=rule,
            )
        )
        return True

    # --- a sentence ---------------------------------------------------------------------------

    def sentence(self, first: int, last: int) -> None:
        """Add the quotes of a sentence: what is attributed, else marked, else in reported mood."""
        tokens = self.tokens
        if self.as_told(first, last) or self.by_source(first, last) or self.so(first, last):
            return
        before = len(self.quotes)
        i = first
        taken = first
        while i < last:
            token = tokens[i]
            if token.stretch < 0 and token.low in VERBS and token.text[0].islower() and i >= taken:
                end = self.verb(i, first, last)
                if end:
                    taken = end
                    i = max(i + 1, end)
                    continue
            i += 1
        if self.judged(first, last, self.quotes[before:]) or taken > first:
            return
        if self.view(first, last) or self.colon(first, last):
            return
        if self.whole_stretch(first, last):
            return
        if (self.reported or self.speaker) and self.in_reported_mood(first, last):
            self.add("subjunctive", [(first, last)], None, None)
            if self.quotes and self.speaker:
                self.quotes[-1].speaker = list(self.speaker)
        elif self.hearsay(first, last):
            held = len(self.quotes)
            if self.add("hearsay", [(first, last)], None, None) and self.reported:
                self.quotes[held].speaker = list(self.speaker)

    def view(self, first: int, last: int) -> bool:
        """ "Brand ist der Meinung, dass …": a noun whose content a clause gives."""
        tokens = self.tokens
        for i in range(first, last - 3):
            if tokens[i].low not in VIEWS or tokens[i].stretch >= 0 or tokens[i + 1].tag != ",":
                continue
            clause = self.clause_start(i, first)
            finite = next((k for k in range(clause, i) if tokens[k].low in FINITE | HOLDS), 0)
            if not finite or any(t.low in ("nicht", "keine") for t in tokens[clause:i]):
                continue
            start = i + 3 if tokens[i + 2].low in ("dass", "daß") else i + 2
            speaker = subject(tokens, finite, clause, first, last)
            if speaker and speaker[0] <= i < speaker[1]:
                speaker = noun_phrase(tokens, first, finite)
            return self.add(
                "clause after", [(start, self.end_of(start, last))], (i, i + 1), speaker
            )
        return False

    def colon(self, first: int, last: int) -> bool:
        """ "In dem Brief steht: „…“": marked speech behind a colon, whatever introduces it."""
        tokens = self.tokens
        colon = next(
            (
                k
                for k in range(first + 1, last - 1)
                if tokens[k].text == ":" and tokens[k].stretch < 0 <= tokens[k + 1].stretch
            ),
            0,
        )
        if not colon:
            return False
        end = self.stretch_end(colon + 1, last)
        if end - colon < 6:
            return False
        # Any verb behind the subject stands for "sagte": "Er fuhr fort: „…“".
        speaker, verb = self.predicate(first, colon)
        held = len(self.quotes)
        if not self.add(
            "colon", [(colon + 1, end)], (verb, verb + 1) if speaker else None, speaker
        ):
            return False
        if not speaker:
            self.quotes[held].speaker = list(self.speaker)
        return True

    def predicate(self, first: int, last: int) -> tuple[tuple[int, int] | None, int]:
        """The subject that opens a clause, and the verb behind it, known or not."""
        tokens = self.tokens
        found = noun_phrase(tokens, first, last)
        verb = past_phrase(tokens, found[1], last) if found else last
        if verb < last and tokens[verb].tag in "NVX" and tokens[verb].text[0].islower():
            return found, verb
        return None, 0

    def judged(self, first: int, last: int, others: Sequence[Quotation]) -> bool:
        """ "Brand wertete das als „Verschwendung“": marked words after "als", whatever the verb.
        `others` are the quotes that the sentence already has."""
        tokens = self.tokens
        found = False
        for i in range(first + 2, last - 2):
            k = i + 1 + (tokens[i + 1].tag == "D")
            if tokens[i].low != "als" or tokens[i].stretch >= 0 or tokens[k].stretch < 0:
                continue
            if any(s <= tokens[k].start < e for quote in others for s, e in quote.pieces):
                continue
            clause = self.clause_start(i, first)
            verb = next((m for m in range(clause, i) if tokens[m].tag in "VX"), 0)
            speaker = subject(tokens, verb, clause, first, i) if verb else None
            if not verb:
                speaker, verb = self.predicate(clause, i)
            if not speaker or tokens[verb].tag == "X" or tokens[verb].low in _COUNTS:
                continue
            words = (k, self.stretch_end(k, last))
            found |= self.add("marked", [words], (verb, verb + 1), speaker)
        return found

    def in_reported_mood(self, first: int, last: int) -> bool:
        """Whether the main verb is in Konjunktiv I (or, in a row of reports, its substitute)."""
        verbs = [t.low for t in self.tokens[first:last] if t.stretch < 0 and t.low in FINITE]
        if not verbs:
            return False
        if verbs[0] in _SUBJUNCTIVE:
            return True
        return self.reported and verbs[0] in REPORTED

    def hearsay(self, first: int, last: int) -> bool:
        """ "Der Mann soll geflohen sein": what somebody is said to have done."""
        words = [t for t in self.tokens[first:last] if t.stretch < 0 and t.text[0].isalpha()]
        verb = next((t.low for t in words if t.low in FINITE), "")
        return verb in ("soll", "sollen") and words[-1].low in ("haben", "sein")

    def by_source(self, first: int, last: int) -> bool:
        """ "Nach Angaben der Polizei sind …", "Laut Polizei …", "Der Polizei zufolge …"."""
        tokens = self.tokens
        for i in range(first, last - 1):
            token = tokens[i]
            if token.stretch >= 0:
                continue
            speaker = None
            if token.low in ("laut", "gemäß") and token.tag in "IN" and tokens[i + 1].tag in "DWNM":
                cue = (i, i + 1)
                speaker = noun_phrase(tokens, i + 1, last)
                end = past_phrase(tokens, speaker[1], last) if speaker else i + 1
            elif token.low in ("nach", "laut") and _source(tokens, i + 1, last):
                at = _source(tokens, i + 1, last)
                cue = (i, i + 1)
                end = at + 1
                if end < last and tokens[end].low in ("von", "vom", "aus", "seitens"):
                    speaker = noun_phrase(tokens, end + 1, last)
                elif end < last and tokens[end].tag in "DW":
                    speaker = noun_phrase(tokens, end, last)
                if speaker:
                    speaker = (i + 1, speaker[1])
                    end = past_phrase(tokens, speaker[1], last)
                else:
                    speaker = (i + 1, end)
            elif token.low == "zufolge":
                k = i
                while k > first and tokens[k - 1].tag in "DWNMI" and tokens[k - 1].stretch < 0:
                    k -= 1
                if k == i:
                    continue
                speaker, cue, end = (k, i), (i, i + 1), i + 1
                if k == first or all(t.tag in "CR," for t in tokens[first:k]):
                    return self.add("zufolge", [(end, last)], cue, speaker)
                return self.add("zufolge", [(first, k), (end, last)], cue, speaker)
            else:
                continue
            if speaker is None:
                continue
            if clause := self.subordinate(i, first):
                stop = next((k for k in range(end, last) if tokens[k].tag in ",-"), last)
                pieces = [(clause, i), (end, stop)]  # without a pronoun that stands alone
                return self.add("source", pieces[i == clause + 1 :], cue, speaker)
            if i == first or all(t.tag in "CR" for t in tokens[first:i]):
                return self.add("source", [(end, last)], cue, speaker)
            return self.add("source", [(first, i), (end, last)], cue, speaker)
        if last - first > 2 and tokens[first].low == "demnach":
            held = len(self.quotes)
            if self.add("source", [(first + 1, last)], (first, first + 1), None):
                self.quotes[held].speaker = list(self.speaker)
                return True
        return False

    def subordinate(self, i: int, first: int) -> int:
        """Where the clause of the token `i` starts if it hangs on what stands before its comma
        ("ein Haus, das laut Brand leer steht"), else 0."""
        comma = next((k for k in range(i - 1, first, -1) if self.tokens[k].tag == ","), 0)
        low = self.tokens[comma + 1].low if comma else ""
        opens = low in _NO_CONTENT - {"und", "sondern"} or low in ("der", "die", "das")
        return comma + 1 if opens else 0

    def as_told(self, first: int, last: int) -> bool:
        """ "Wie die Polizei mitteilte, …" and "…, wie die Polizei mitteilte."."""
        tokens = self.tokens
        for i in range(first, last - 2):
            if tokens[i].low != "wie" or tokens[i].stretch >= 0:
                continue
            if i > first and tokens[i - 1].tag != "," and tokens[i - 1].stretch < 0:
                continue
            end = self.first_of(",.", i + 1, last) or last
            while end < last and tokens[end].tag == "," and tokens[end - 1].low not in VERBS:
                # An apposition: "Wie Brand, die Sprecherin, mitteilte".
                end = self.first_of(",.", end + 1, last) or last
            verb = end - 1
            if verb <= i + 1 or tokens[verb].low not in VERBS or tokens[verb].stretch >= 0:
                continue
            speaker = noun_phrase(tokens, i + 1, verb)
            if speaker is None and tokens[i + 1].low in ("aus", "von"):
                speaker = noun_phrase(tokens, i + 2, verb)
            cue = (verb, verb + 1)
            if i == first and end + 1 < last:
                return self.add("source", [(end + 1, last)], cue, speaker)
            if i > first + 2:
                return self.add("source", [(first, i)], cue, speaker)
        return False

    def so(self, first: int, last: int) -> bool:
        """ "…, so der Sprecher.": the content before, and what follows the attribution."""
        tokens = self.tokens
        for i in range(first + 2, last - 1):
            if tokens[i].low != "so" or tokens[i].stretch >= 0:
                continue
            if not (
                tokens[i - 1].tag == "," or tokens[i - 1].stretch >= 0 or tokens[i - 1].tag == "."
            ):
                continue
            if tokens[i + 1].tag not in "DWP" or tokens[i + 1].low in ("dass", "daß"):
                continue
            speaker = noun_phrase(tokens, i + 1, last)
            if not speaker:
                continue
            end = past_phrase(tokens, speaker[1], last)
            marked = any(t.stretch >= 0 for t in tokens[max(first, i - 2) : i])
            if (
                end < last
                and tokens[end].tag not in ',.:"'
                and tokens[end].low not in ("weiter", "gegenüber")
                and not marked
            ):
                continue
            spans = [(first, i)]
            if (
                end < last - 2
                and tokens[end].tag == ","
                and tokens[end + 1].low not in _RELATIVE | {"der", "die", "wie"}
            ):
                spans.append((end + 1, last))
            return self.add("so", spans, (i, i + 1), speaker)
        return False

    def verb(self, i: int, first: int, last: int) -> int:
        """The quote of the reporting verb at `i`; the index after it, 0 for none."""
        tokens = self.tokens
        if not self._whole(i, last):
            return 0
        if any(t.low in ("nicht", "keine", "kein") for t in tokens[i + 1 : i + 3]):
            return 0
        finite = self._finite(i, first)
        passive = finite != i and tokens[finite].low in ("wird", "wurde", "werden", "wurden")
        clause = finite
        while clause > first and not (
            tokens[clause - 1].tag in ",;:" and tokens[clause - 1].stretch < 0
        ):
            clause -= 1
        speaker = None if passive else subject(tokens, finite, clause, first, last)
        by = after_von(tokens, i, clause, last) if passive else None
        return self.said(i, finite, clause, speaker or by, first, last)

    def said(
        self,
        i: int,
        finite: int,
        clause: int,
        speaker: tuple[int, int] | None,
        first: int,
        last: int,
    ) -> int:
        """Add what the verb at `i` reports: after a colon or a comma, before the verb, in marks.

        `finite` is its finite verb, `clause` where the clause of that begins. Returns the index
        after the quote, 0 for none.
        """
        tokens = self.tokens
        low = tokens[i].low
        cue = (i, i + 1)
        colon = self.first_of(":", i + 1, last)
        comma = self.content_comma(i, last)
        if low in _THINKING and not (comma and tokens[comma + 1].low in ("dass", "daß")):
            return 0
        if colon and (not comma or colon < comma):
            marked = colon + 1 < last and tokens[colon + 1].stretch >= 0
            end = self.stretch_end(colon + 1, last) if marked else last
            return end if self.add("colon", [(colon + 1, end)], cue, speaker) else 0
        leads = (
            clause > first
            and finite == clause
            and (tokens[clause - 1].tag == "," or tokens[clause - 1].stretch >= 0)
        )
        named = before_apposition(tokens, first, clause) if leads else None
        if named:
            leads, speaker = False, named
        if leads or (
            not named and finite > first and tokens[finite - 1].stretch >= 0 and finite == i
        ):
            # "„…“, sagte Brand." and "…, sagte Brand."
            if comma and tokens[comma + 1].low in ("dass", "daß", "ob"):
                return last if self.add("clause after", [(comma + 2, last)], cue, speaker) else 0
            spans = [(first, finite)]
            tail = self.first_of(",:", speaker[1] if speaker else i + 1, last)
            if tail and tail + 1 < last and tokens[tail + 1].stretch >= 0:
                spans.append((tail + 1, last))
            return last if self.add("before", spans, cue, speaker) else 0
        if comma:
            start = comma + 1
            if tokens[start].low in ("dass", "daß"):
                start += 1
            end = self.end_of(start, last)
            return end if self.add("clause after", [(start, end)], cue, speaker) else 0
        marks = [k for k in range(i + 1, last) if tokens[k].tag == '"' and tokens[k].stretch >= 0]
        if marks:
            stretch = self.paragraph.stretches[tokens[marks[0]].stretch]
            words = self.text[stretch.start : stretch.end].split()
            if len(words) > 1 or low in NAMING:
                end = self.stretch_end(marks[0], last)
                return end if self.add("marked", [(marks[0], end)], cue, speaker) else 0
        if low in ASKING and speaker and speaker[1] <= i and i + 2 < last:
            return last if self.add("thing", [(i + 1, last)], cue, speaker) else 0
        if low in ASKING and speaker and speaker[0] > i and speaker[1] + 1 < last:
            return last if self.add("thing", [(speaker[1], last)], cue, speaker) else 0
        return 0

    def _whole(self, i: int, last: int) -> bool:
        """Whether a verb that is split ("teilte … mit") has its prefix behind it."""
        tokens = self.tokens
        prefixes = VERBS[tokens[i].low].split()
        if not prefixes:
            return True
        free = [k for k in range(i + 1, last) if tokens[k].stretch < 0]
        stop = next((k for k in free if tokens[k].tag in ",:;"), last)
        far = [k for k in free if tokens[k].low in prefixes]
        return any(k + 1 == last or tokens[k + 1].tag in ',.:;"' or k < stop for k in far) and any(
            k <= stop or tokens[k + 1 if k + 1 < last else k].tag in ",.:" for k in far
        )

    def _finite(self, i: int, first: int) -> int:
        """The finite verb that an infinitive or participle at `i` belongs to, else `i`."""
        low = self.tokens[i].low
        if not (
            low.startswith("ge")
            or low in PARTICIPLES
            or (low.endswith("en") and not low.endswith("ten"))
            or low.endswith(("geben", "wiesen", "kündigt", "geteilt", "räumt", "fügt", "stellt"))
        ):
            return i
        for k in range(i - 1, first - 1, -1):
            if self.tokens[k].tag in ",;:" and self.tokens[k].stretch < 0:
                break
            if self.tokens[k].low in FINITE:
                return k
        return i

    def end_of(self, start: int, last: int) -> int:
        """Where a complement ends: at a semicolon, or where the author's own clause goes on."""
        tokens = self.tokens
        for k in range(start, last):
            if tokens[k].stretch >= 0:
                continue
            if tokens[k].tag == ";":
                return k
            after = tokens[k + 1].low if k + 1 < last else ""
            if tokens[k].tag == "," and tokens[k - 1].low in FINITE and after in FINITE - REPORTED:
                return k
            if tokens[k].low == "und" and after in VERBS and after not in ("sagen", "gesagt"):
                return k
        return last

    def content_comma(self, i: int, last: int) -> int:
        """The comma before the content: one before "dass" or "ob", else the first with a clause."""
        tokens = self.tokens
        commas = [
            k for k in range(i + 1, last - 1) if tokens[k].tag == "," and tokens[k].stretch < 0
        ]
        for k in commas:
            if tokens[k + 1].low in ("dass", "daß", "ob"):
                return k
        for k in commas:
            after = tokens[k + 1]
            if (
                after.low in ("der", "die", "das", "den", "dem")
                and k + 2 < last
                and (tokens[k + 2].tag not in "WNMX")
            ):
                continue  # perhaps a relative clause
            if after.low in _NO_CONTENT or (after.tag == "I" and self.bound(k + 2, last)):
                continue
            if after.stretch >= 0:
                return k
            segment = tokens[k + 1 : last]
            if any(
                t.low in FINITE or t.low == "zu" or (t.tag == "N" and t.low.endswith(("te", "ten")))
                for t in segment
            ):
                return k
        return 0

    def bound(self, k: int, last: int) -> bool:
        """Whether a relative pronoun stands at `k`, behind a preposition: "in dem er wohnt"."""
        if k + 1 >= last:
            return False
        low = self.tokens[k].low
        article = low in ("dem", "den", "der", "die", "das")
        return low in _RELATIVE or (article and self.tokens[k + 1].tag not in "WN")

    def whole_stretch(self, first: int, last: int) -> bool:
        """A sentence that is one stretch of speech between marks."""
        tokens = self.tokens
        number = tokens[first].stretch
        if number < 0:
            return False
        end = self.stretch_end(first, last)
        stretch = self.paragraph.stretches[number]
        words = self.text[stretch.start : stretch.end]
        inner = words.strip('„“”"«»‚‘’ ')
        if len(inner.split()) < 3 or (inner and inner[-1] not in ".!?…,") or end < last - 1:
            return False
        previous = self.quotes[-1] if self.quotes else None
        if previous is not None and previous.rule in ("before", "so") and self.reported:
            previous.pieces.append((stretch.start, stretch.end))
            return True
        added = self.add("bare", [(first, end)], None, None)
        if added:
            self.quotes[-1].speaker = list(self.speaker)
        return added

    # --- places -------------------------------------------------------------------------------

    def stretch_end(self, at: int, last: int) -> int:
        """Past the stretch between marks that the token `at` stands in."""
        end = at
        while end < last and self.tokens[end].stretch == self.tokens[at].stretch:
            end += 1
        return end

    def clause_start(self, at: int, first: int) -> int:
        """Past the mark before the token `at`, inside a stretch or not."""
        while at > first and self.tokens[at - 1].tag not in ",;:":
            at -= 1
        return at

    def first_of(self, tags: str, start: int, last: int) -> int:
        """The first token with one of these tags outside marks, 0 for none."""
        tokens = self.tokens
        places = range(start, last)
        return next((k for k in places if tokens[k].tag in tags and tokens[k].stretch < 0), 0)


PARTICIPLES = words(
    """erklärt bestätigt berichtet betont behauptet kritisiert gefordert mitgeteilt
    angekündigt"""
)
"""Participles of saying that do not begin with ge-."""


_SUBJUNCTIVE = words("sei seien habe werde könne müsse solle wolle dürfe möge")
_THINKING = words("findet fand fanden denkt dachte dachten")
"""These report with "dass" alone: "findet statt", "fand sich", "dachte nach"."""
_COUNTS = words("gilt gelten galt galten")
"""What something counts as, nobody says."""
_NO_CONTENT = words(
    """und sondern nachdem weil da indem während obwohl bevor deren dessen wobei als wo wodurch
    womit sodass um"""
)
"""What a clause that is no content opens with: one of time or reason, a relative clause."""
_RELATIVE = words("denen deren dessen welcher welche welches welchem welchen")


def _source(tokens: Sequence[Token], at: int, last: int) -> int:
    """The index of a word for "statement" within three words, 0 for none."""
    for k in range(at, min(last, at + 3)):
        if tokens[k].low in SOURCES or tokens[k].low.endswith(SOURCE_ENDS):
            return k
        if tokens[k].tag not in "DNW":
            return 0
    return 0
