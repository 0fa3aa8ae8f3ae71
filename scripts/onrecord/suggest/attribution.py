"""Quotes of reporting verbs: their content before the verb, after it and on both sides."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest import complements, english, noun_phrases, subjects
from onrecord.suggest.cues import Cue, addressee_of, by_phrase, cue_at, receiver
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Offsets, Quotation
from onrecord.suggest.reading import Token
from onrecord.suggest.speakers import Work
from onrecord.suggest.speech import speech_like, title_like
from onrecord.suggest.subjects import Subject
from onrecord.suggest.words import words


class Attribution(Work):
    """The reporting verbs of a paragraph."""

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

    def take(self, cue: Cue, first: int, last: int) -> None:
        """Add what a reporting verb reports: behind it, else before its attribution."""
        tokens = self.tokens
        subject = self.grammar.subject(self.paragraph, cue.at, first)
        before = min(subject.start, cue.at) - 1
        while (
            before >= first
            and tokens[before].tag in "RC"
            and tokens[before].stretch < 0
            and not subject.phrase
        ):
            before -= 1
        marked = before >= first and tokens[before].stretch >= 0
        comma = marked or (before >= first and tokens[before].tag in ",-")
        closed = marked or (
            before > first and tokens[before].tag == "," and tokens[before - 1].stretch >= 0
        )
        spoken = any(k in cue.kinds for k in "cd")
        inverted = None
        if (
            spoken
            and not subject.denied
            and subject.phrase is None
            and comma
            and not tokens[cue.at].low.endswith("ing")
        ):
            inverted = self.inverted(cue, last)
        if cue.at == first and spoken and subject.phrase is None:
            leads = self.inverted(cue, last)
            if leads and leads[1] < last and tokens[leads[1]].tag in ":,":
                subject = subject._replace(phrase=leads, whole=leads)
                cue = cue._replace(end=leads[1])
        after = None if inverted else self.grammar.complement(self.paragraph, cue, last)
        if after is None and not comma and spoken and subject.phrase and not inverted:
            after = self.past_comma(cue, last)
        after = after or self.relative(cue, subject, first, last)
        if after and subject.denied:
            has_marks = any(tokens[k].tag == '"' for k in range(*after[0]))
            if not has_marks or _negated(tokens, subject.start, cue.at):
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

    def relative(
        self, cue: Cue, subject: Subject, first: int, last: int
    ) -> tuple[Range, str] | None:
        """Content in a relative clause: "a plan which Reeve says failed", without its pronoun
        (Q8)."""
        tokens = self.tokens
        gap = min(subject.start, cue.at) - 1
        if (
            "c" in cue.kinds
            and subject.phrase
            and gap >= first
            and tokens[gap].low in ("which", "who", "that", "what")
            and cue.end < last
            and tokens[cue.end].tag in "XVE"
            and not tokens[cue.end].low.endswith("ing")
        ):
            return (cue.end, complements.clause_end(tokens, cue.end, last, "said")), "clause"
        return None

    def past_comma(self, cue: Cue, last: int) -> tuple[Range, str] | None:
        """Content after a comma that closes words of time or source: "said on Sunday, the road was
        shut", "reported, citing police, it was shut"."""
        tokens = self.tokens
        if not set(cue.kinds) & set("s") or cue.end >= last:
            return None
        k = cue.end
        opened = tokens[k].tag == ","
        k += opened
        start = k
        while k < min(last, start + 9) and tokens[k].stretch < 0 and tokens[k].tag != ",":
            if tokens[k].tag in "X.:;S" or (tokens[k].tag in "VE" and k > start):
                return None
            k += 1
        if not start < k < last - 2 or tokens[k].tag != "," or tokens[k + 1].stretch >= 0:
            return None
        if tokens[start].tag not in "IRTVDM" or (tokens[start].tag in "DM" and opened):
            return None
        end = noun_phrases.noun_phrase(tokens, k + 1, last)
        if not k + 1 < end < last or tokens[end].tag not in "XE":
            return None
        return (k + 1, complements.clause_end(tokens, k + 1, last, tokens[cue.at].low)), "clause"

    def _postposed(self, cue: Cue, last: int) -> bool:
        """Whether nothing after the verb could be the content: "…, Calder said on Friday"."""
        k = cue.end
        tokens = self.tokens
        if k < last and "a" in cue.kinds and tokens[k].tag in "DPNW":
            k = max(noun_phrases.noun_phrase(tokens, k, last), k + 1)
        while k < last and tokens[k].stretch < 0:
            token = tokens[k]
            if token.tag in ",.:;-":
                return True
            if token.tag in "RTG" or (
                token.tag == "D" and k + 1 < last and tokens[k + 1].tag == "T"
            ):
                k += 1
            elif (
                token.tag in "VE"
                and tokens[k - 1].tag in "NWTM"
                and noun_phrases.participle(token.low)
            ):
                k += 1  # "in a letter sent on Monday"
            elif token.low in ("when", "while", "as", "after", "before", "since", "until"):
                return True
            elif token.tag in "DM" and k + 2 < last and tokens[k + 2].low in _WHEN:
                k += 2  # "three days later", "several months after"
            elif token.low == "to" and k + 2 < last and tokens[k + 2].tag in "DP":
                k = max(
                    noun_phrases.noun_phrase(tokens, k + 2, last), k + 3
                )  # "to watch the release"
            elif token.tag == "I" or token.low in ("to", "as"):
                end = noun_phrases.noun_phrase(tokens, k + 1, last)
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
        end = noun_phrases.base_phrase(tokens, k, last)
        if end <= k:
            return None
        if end < last and tokens[end].tag in "XE" and tokens[end].stretch < 0:
            return None
        return k, end

    # --- content after the verb ---------------------------------------------------------------

    def parties(
        self, cue: Cue, subject: Subject, found: tuple[Range, str], first: int, last: int
    ) -> tuple[Range | None, list[Offsets], Range]:
        """Who says the content that follows the verb, to whom, and the content without "by …"."""
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
            shared = subjects.main_subject(tokens, first, subject.start)
            if shared and any(t.tag in "XVE" for t in tokens[shared[1] : subject.start]):
                speaker = shared
        return speaker, addressee, (a, b)

    def after(
        self, cue: Cue, subject: Subject, found: tuple[Range, str], first: int, last: int
    ) -> None:
        """The content follows the verb."""
        tokens = self.tokens
        frame = found[1]
        speaker, addressee, (a, b) = self.parties(cue, subject, found, first, last)
        if speaker is None:
            marked_words = any(tokens[k].tag == '"' for k in range(a, b))
            names = frame == "judgement" or ("j" in cue.kinds and "s" not in cue.kinds)
            # "is called a miracle": nobody says it (Q1)
            if names if subject.passive else not marked_words:
                return
        elif not self.a_source(speaker):
            return
        if cue.verb in english.INNER and (subject.passive or not self.expressed(cue, first, last)):
            return
        if subject.passive and cue.verb in ("think", "believe") and frame == "intention":
            return  # "is thought to", a rumour (Q3)
        lead = min(subject.start, cue.at)
        relative = lead - 2 >= first and tokens[lead - 1].low in ("who", "which")
        if relative and tokens[lead - 2].tag in ",-":
            # "…, who said it was shut, left": the relative clause ends at its comma.
            b = next(
                (
                    k
                    for k in range(a, b - 1)
                    if tokens[k].tag == "," and tokens[k].stretch < 0 and tokens[k + 1].tag in "XVE"
                ),
                b,
            )
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
        opens = bool(marked) and marked[0].start == content[0]
        performed = opens and frame == "clause" and cue.verb in _PERFORMING
        if performed and title_like(self.text[marked[0].start : marked[0].end]):
            return
        direct = opens and marked[-1].end == content[1]
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
        if b + 1 < last and (that := complements.without_verb(tokens, b + 1, last)):
            self.gapped(cue, (b + 1, that), last)

    def a_source(self, speaker: Range) -> bool:
        """Whether a phrase can say something: no figures, and outside marks not the author."""
        tokens = self.tokens
        author = not self.inner and tokens[speaker[0]].low in _AUTHOR
        return not author and tokens[speaker[1] - 1].low not in FIGURES

    def gapped(self, cue: Cue, speaker: Range, last: int) -> None:
        """What another says by the same verb, which is left out: "…, and Quill that it fell"."""
        start = speaker[1] + 1
        end = complements.clause_end(self.tokens, start, last, self.tokens[cue.at].low)
        if content := self.content((start, end)):
            self.add(
                Quotation(
                    [content],
                    self.offsets((cue.at, cue.shown)),
                    self.speakers(speaker, last),
                    rule="clause after",
                    verb=cue.verb,
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

    # --- content before the verb --------------------------------------------------------------

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
        self._take_back_inner(first, before)
        start = self._content_start(first, before)
        content = None if start is None else self.content((start, before + 1))
        if start is None or content is None:
            return
        if not any(c.isalpha() for c in self.text[content[0] : content[1]]):
            return
        if inverted:
            end = self._apposition(speaker[1], last)
            whole: Range | None = (speaker[0], end)
        else:
            end, whole = cue.end, subject.whole
        rest = self.rest(end, last, inverted)
        if (
            start + 2 <= before
            and tokens[start].tag == "R"
            and tokens[start + 1].tag == ","
            and tokens[start + 2].stretch >= 0
        ):
            start += 2  # "however, “…”"
            content = self.content((start, before + 1)) or content
        direct = tokens[start].stretch >= 0 and tokens[before].stretch >= 0
        if not direct and ("c" not in cue.kinds or tokens[start].low in ASKED):
            return
        pieces = [content, *self._tail(rest, direct)]
        if not self.a_source(speaker):
            return
        if not direct and self.paragraph.role != "headline":
            clauses = [(start, before), *([rest] if rest and len(pieces) > 1 else [])]
            if not any(t.tag in "XVE" for s, e in clauses for t in tokens[s:e]):
                return  # "In London, Calder said": no clause before the attribution
        if len(pieces) == 2 and not direct and tokens[before - 1].tag == "S":
            del pieces[0]  # "a pit where, they said, nothing grew"
        self.add(
            Quotation(
                pieces,
                self.offsets((cue.at, cue.shown)),
                self.speakers(self.maker(speaker, last), last),
                self._told(cue, inverted, first, last),
                self.offsets(whole) if whole else None,
                "marked before" if direct else "clause before",
                cue.verb,
            )
        )

    def _take_back_inner(self, first: int, before: int) -> None:
        """Quotes of verbs of thought within the content: "She knows the cost, she says" is said as
        a whole (Q7)."""
        tokens = self.tokens
        if any(tokens[k].stretch >= 0 for k in range(first, before + 1)):
            return
        self.quotes = [
            q
            for q in self.quotes
            if not (
                q.verb in english.INNER
                and q.cue
                and tokens[first].start <= q.cue[0]
                and q.end <= tokens[before].end
            )
        ]

    def _content_start(self, first: int, before: int) -> int | None:
        """Where the content before an attribution starts; None where an earlier quote has it."""
        tokens = self.tokens
        start = first
        # An earlier quote of this sentence ends where this content starts.
        for quote in reversed(self.quotes):
            if quote.end <= tokens[first].start:
                break
            if not quote.cue or quote.cue[0] >= tokens[before].start:
                continue
            for s, e in quote.pieces:
                if tokens[first].start <= s and e <= tokens[before].end:
                    if tokens[before].stretch >= 0 and e >= tokens[before].end:
                        return None
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
            lead = next((t for t in reversed(tokens[start:before]) if t.stretch < 0), None)
            said = self.text[stretch.start : stretch.end]
            if lead is not None and lead.tag in ":,." and speech_like(said):
                while tokens[start].stretch != tokens[before].stretch:
                    start += 1
        return start

    def _tail(self, rest: Range | None, direct: bool) -> list[Offsets]:
        """What of the content stands after its attribution: marked as the rest, or not as it."""
        tokens = self.tokens
        if rest is None or direct != (tokens[rest[0]].stretch >= 0):
            return []
        tail = self.content(rest)
        if not tail or not (direct or tokens[rest[0] - 1].tag == ","):
            return []
        return [tail]

    def _told(self, cue: Cue, inverted: bool, first: int, last: int) -> list[Offsets]:
        """Who is told it, in an attribution behind its content."""
        tokens = self.tokens
        if inverted or "a" not in cue.kinds:
            span = receiver(tokens, cue, first, last)
            return [self.offsets(span)] if span else []
        stop = noun_phrases.base_phrase(tokens, cue.end, last)
        if stop > cue.end and tokens[cue.end].tag in "DPNW":
            return [self.offsets((cue.end, stop))]
        return []

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
            return k, complements.clause_end(tokens, k, last, "said")
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
        end = noun_phrases.noun_phrase(tokens, k + 1, last)
        while end < last and tokens[end].tag == "R":
            end += 1
        if not k + 1 < end < last or tokens[end].tag not in "XE":
            return False
        return tokens[end].low not in ("has", "have", "is", "are")  # the author's own tense


_WHEN = {"after", "before", "later", "earlier", "ago", "on"}
FIGURES = words(
    "data figures footage recordings results statistics numbers video videos images imaging photos"
)
"""These are no documents and say nothing (guidelines, table of verbs)."""
_AUTHOR = {"i", "we", "you"}
"""Outside marks these are the author or the reader, and no source (Q23)."""
_NO_REST = {"who", "which", "while", "after", "before", "according", "when", "as", "with", "whose"}
_PERFORMING = {"sing", "read", "write", "publish", "recite", "quote", "announce", "finish", "begin"}
ASKED = {"asked", "pressed", "questioned", "quizzed"}


def _negated(tokens: Sequence[Token], start: int, at: int) -> bool:
    return any(tokens[k].low in english.NEGATIONS for k in range(max(0, start), at))
