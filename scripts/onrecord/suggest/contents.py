"""What follows a reporting verb on the surface: its content, and the frame that it was read by."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest import complements, english, noun_phrases, subjects
from onrecord.suggest.cues import Content, Cue, Grammar
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.reading import Paragraph, Token
from onrecord.suggest.subjects import Subject
from onrecord.suggest.words import words


def complement(paragraph: Paragraph, cue: Cue, last: int) -> Content | None:
    """The content that follows a reporting verb before the token `last`, None where there is none.

    The frames that `english.VERBS` allows the verb are asked in turn, the surest first.
    """
    return _Frames(paragraph.tokens, cue, last).content() if cue.end < last else None


class _Frames:
    """The frames of one verb in its place; `k` is the first token behind it."""

    def __init__(self, tokens: Sequence[Token], cue: Cue, last: int) -> None:
        self.tokens, self.cue, self.last = tokens, cue, last
        self.kinds, self.k, self.low = cue.kinds, cue.end, tokens[cue.at].low
        self.passive = cue.at > 0 and tokens[cue.at - 1].low in subjects.BE

    def takes(self, kinds: str) -> bool:
        """Whether the verb takes one of some kinds of content."""
        return any(kind in self.kinds for kind in kinds)

    def to_end(self, a: int) -> Range:
        return a, complements.clause_end(self.tokens, a, self.last, self.low)

    def content(self) -> Content | None:
        tokens, cue, k, last = self.tokens, self.cue, self.k, self.last
        here = tokens[k]
        if here.tag == ":" and k + 1 < last:
            return self.after_colon(k) if self.takes("cdk") else None
        if here.tag == '"' and here.stretch >= 0:
            return self.after_mark()
        if here.tag == "," and k + 1 < last:
            return self.after_comma()
        if here.tag in ".;-":
            return None
        if cue.verb == "plead" and pleads(tokens, k, last):
            # "agreed to plead guilty": a plea that is only expected (Q2)
            return None if tokens[cue.at - 1].low == "to" else (self.to_end(k), "clause")
        if self.takes("ao") and (addressed := self.addressed()):
            return addressed
        if self.passive and (order := self.passive_order()):
            return order
        if self.takes("o") and cue.verb == "ask" and here.low == "not":
            return None  # "asked not to be named"
        if self.takes("v") and (amount := _valued(tokens, k, last, self.low)):
            return amount
        if self.takes("j") and (judged := _judgement(tokens, cue, k, last)):
            return judged
        if self.takes("x") and (accusation := self.accusation()):
            return accusation
        skip = complements.skip_adverbials(tokens, k, last)
        return self.behind_adverbials(skip) if skip < last else None

    # -- a mark right behind the verb --------------------------------------------------------------

    def after_colon(self, colon: int, frame: str = "clause") -> Content:
        start = colon + 1
        return (start, stretch_end(self.tokens, start, self.last)), frame

    def after_mark(self) -> Content | None:
        tokens, cue, k, last = self.tokens, self.cue, self.k, self.last
        if cue.verb in _MANNER and not tokens[k + 1 if k + 1 < last else k].text[0].isupper():
            return None  # "to go “to the museum”"
        if not self.takes("cjkswgino"):
            return (k, stretch_end(tokens, k, last)), "clause"
        return _marked(tokens, cue, k, last)

    def after_comma(self) -> Content | None:
        tokens, k, last = self.tokens, self.k, self.last
        after = tokens[k + 1]
        if after.tag == '"' and after.stretch >= 0 and self.takes("cdi"):
            return _marked(tokens, self.cue, k + 1, last)
        if not complements.that_within(tokens, k + 1, last) and self.takes("c"):
            # "said, according to the ministry, that"
            for m in range(k + 1, min(last, k + 14)):
                if tokens[m].tag == "," and m + 1 < last and tokens[m + 1].low == "that":
                    return self.to_end(m + 2), "clause"
        return None

    # -- who is told or asked stands between -------------------------------------------------------

    def addressed(self) -> Content | None:
        """ "told the council that …", "urged drivers to …"."""
        tokens, k, last = self.tokens, self.k, self.last
        end = _receiver(tokens, k, last)
        if end == k:
            return None
        if self.takes("o") and _not_to(tokens, end, last):
            return self.to_end(end), "order addressee"
        if self.takes("o") and end < last and tokens[end].low == "who":
            later = range(end, min(last, end + 10))
            if far := next((x for x in later if infinitive(tokens, x, last)), 0):
                return self.to_end(far), "order addressee"  # "urged anyone who saw it to call"
        clause = self.takes("a") and self.takes("c")
        if clause and (far := complements.that_within(tokens, end, last, 12, "XV.:;,")):
            return self.to_end(far + 1), "clause addressee"
        skip = complements.skip_adverbials(tokens, end, last)
        return self.behind_addressee(skip) if skip < last else None

    def behind_addressee(self, skip: int) -> Content | None:
        tokens, last = self.tokens, self.last
        nxt = tokens[skip]
        if self.takes("o") and (infinitive(tokens, skip, last) or _not_to(tokens, skip, last)):
            return self.to_end(skip), "order addressee"
        if nxt.low == "that" and self.takes("c"):
            return self.to_end(skip + 1), "clause addressee"
        if self.cue.verb == "ask" and nxt.low == "for" and skip + 1 < last:
            stop = complements.clause_end(tokens, skip + 1, last, self.low)
            thing = _extended(tokens, noun_phrases.noun_phrase(tokens, skip + 1, stop), stop)
            if thing > skip + 1 and tokens[skip + 1].tag in "DNWM":
                return (skip + 1, thing), "thing addressee"
        if not self.takes("a"):
            return None
        if nxt.tag == ",":
            if skip + 1 < last and tokens[skip + 1].tag == '"':
                return _marked(tokens, self.cue, skip + 1, last, "clause addressee")
            for q in range(skip + 1, min(last, skip + 10)):
                if tokens[q].low == "that" and tokens[q - 1].tag == ",":
                    return self.to_end(q + 1), "clause addressee"
        elif nxt.tag == '"' and nxt.stretch >= 0:
            return _marked(tokens, self.cue, skip, last, "clause addressee")
        elif nxt.tag == ":" and skip + 1 < last:
            return self.after_colon(skip, "clause addressee")
        elif self.takes("s") and nxt.tag in "DPWN" and complements.finite_after(tokens, skip, last):
            return self.to_end(skip), "clause addressee"
        elif nxt.low in _QUESTION and self.takes("w"):
            return self.to_end(skip), "question addressee"
        return None

    # -- orders and accusations --------------------------------------------------------------------

    def passive_order(self) -> Content | None:
        """ "was asked by the council to …", "is said to …"."""
        tokens, k, last = self.tokens, self.k, self.last
        if self.cue.verb in _SAID_TO and infinitive(tokens, k, last):
            return self.to_end(k), "order"
        if not self.takes("o"):
            return None
        m = noun_phrases.base_phrase(tokens, k + 1, last) if tokens[k].low == "by" else k
        return (self.to_end(m), "order") if m < last and infinitive(tokens, m, last) else None

    def accusation(self) -> Content | None:
        """ "accused the council of …": the "of" before a deed, else the first."""
        tokens, last = self.tokens, self.last
        end = noun_phrases.noun_phrase(tokens, self.k, last)
        ofs = [
            m
            for m in range(self.k + 1, min(last, self.k + 12))
            if tokens[m].low == "of" and m + 1 < last
        ]
        for m in ofs:
            after = tokens[m + 1]
            deed = after.tag in 'NVERD"W' and (after.low.endswith("ing") or m >= end - 1)
            if tokens[m].stretch < 0 and deed:
                return self.to_end(m + 1), "accusation"
        return (self.to_end(ofs[0] + 1), "accusation") if ofs else None

    # -- content behind adverbials -----------------------------------------------------------------

    def behind_adverbials(self, skip: int) -> Content | None:
        """The content that starts at `skip`, past the words of time and place behind the verb.

        The rules are in the order in which they count.
        """
        tokens, cue, k, last = self.tokens, self.cue, self.k, self.last
        nxt = tokens[skip]
        after = tokens[skip + 1] if skip + 1 < last else None
        if nxt.tag in "MD" and self.takes("c"):
            far = complements.that_within(tokens, skip, last, 6, "XVEWP.:;,")
            if far and any(t.low in _WHEN for t in tokens[skip:far]):
                return self.to_end(far + 1), "clause"  # "replied three days later that"
        if nxt.low == "that" and nxt.tag == "S" and self.takes("c"):
            if skip + 2 < last and tokens[skip + 1].tag == ",":
                return self.to_end(skip + 2), "clause"  # "reported that, before it closed, …"
            if after is not None and after.tag in ".,":
                return None
            return self.to_end(skip + 1), "clause"
        if nxt.tag == ":" and after is not None and after.stretch >= 0 and self.takes("cdk"):
            return self.after_colon(skip)
        if nxt.tag == '"' and nxt.stretch >= 0 and skip > k:
            return _marked(tokens, cue, skip, last)
        if (
            nxt.tag == ","
            and after is not None
            and after.tag == '"'
            and skip > k
            and self.takes("cd")
        ):
            return _marked(tokens, cue, skip + 1, last)
        if self.takes("no") and nxt.tag in "DNWP":
            thing = noun_phrases.noun_phrase(tokens, skip, last)
            if skip < thing < last and tokens[thing].low == "be":
                return self.to_end(skip), "clause"  # "urged that the fee be waived", without "that"
        if self.takes("i") and infinitive(tokens, skip, last):
            return self.to_end(skip), "intention"
        if self.takes("w") and nxt.low in _QUESTION:
            return self.to_end(skip), "question"
        if nxt.low == "in" and any(
            t.low in english.EXPRESSION
            for t in tokens[skip : noun_phrases.noun_phrase(tokens, skip + 1, last)]
        ):
            return None  # "she said in a statement"
        if self.takes("c") and nxt.low in _NOMINATIVE and _finite_next(tokens, skip, last):
            return self.to_end(skip), "clause"  # "replied they would go", whatever the verb
        if (
            self.takes("s")
            and self.clause_starts(skip)
            and complements.finite_after(tokens, skip, last)
        ):
            if nxt.low in _POINTING and after is not None and after.tag in ".,SI":
                return None
            return self.to_end(skip), "clause"
        if nxt.low.endswith("ing") and self.takes("g") and nxt.tag in "VNE":
            return self.to_end(skip), "clause"
        asked = self.takes("n") and nxt.tag == "P" and after is not None and after.low == "to"
        if asked and cue.end > cue.at + 1:
            return self.to_end(skip), "thing"  # "asked for it to be withdrawn"
        if cue.verb in ("cite", "quote") and any(
            tokens[m].low == "as" and tokens[m + 1].low == "saying"
            for m in range(k, min(last - 1, k + 24))
        ):
            return None  # the quote is what is "saying" introduces
        if self.takes("n") and (nxt.tag in "DWNM" or (nxt.tag == "V" and nxt.low.endswith("ing"))):
            return self.thing(skip)
        return self.act()

    def clause_starts(self, skip: int) -> bool:
        """Whether a clause without "that" may begin at a token."""
        tokens, cue = self.tokens, self.cue
        nxt = tokens[skip]
        if cue.verb == "tell" and nxt.tag != "P" and tokens[cue.at - 1].low not in subjects.BE:
            return False
        starts = (
            (nxt.tag in "DPWNMT" and nxt.low != "so")
            or nxt.low in _CLAUSE_STARTS
            or (nxt.tag == "V" and nxt.low.endswith("ing") and skip == self.k)
        )
        return starts and (cue.verb not in _STRICT or _finite_next(tokens, skip, self.last))

    def thing(self, a: int) -> Content | None:
        """A noun phrase that names what is said: "announced the closure of two libraries"."""
        tokens, verb = self.tokens, self.cue.verb
        b = complements.clause_end(tokens, a, self.last, self.low)
        end = noun_phrases.noun_phrase(tokens, a, b)
        if end < b and tokens[end].low in ("to", "that", "if") and verb != "cite":
            end = b
        if (
            complements.finite_after(tokens, end, b)
            and self.takes("c")
            and not (end < b and tokens[end].tag in ",S")
        ):
            return (a, b), "clause"
        if verb == "claim" and tokens[a].low in _WON:
            return None
        if verb in ("deny", "confirm") and end - a < 4 and tokens[end - 1].low in _POINTERS:
            return None
        if _points(tokens, a, end) or (verb == "cite" and tokens[end - 1].low in _CITED):
            return None
        end = _extended(tokens, end, b)
        if end + 1 < b and tokens[end].low == "as" and verb in ("announce", "confirm"):
            end = noun_phrases.noun_phrase(tokens, end + 1, b)
        if end - a >= 2 or verb in ("deny", "cite"):
            return (a, max(end, a + 1)), "thing"
        return self.act()

    def act(self) -> Content | None:
        """The marked words in the clause of a verb that is an act, not a saying."""
        if not self.takes("k"):
            return None
        stop = complements.clause_end(self.tokens, self.k, self.last, self.low)
        marks = _marks(self.tokens, self.k, stop)
        return ((marks[0], marks[-1] + 1), "judgement") if marks else None


def _marks(tokens: Sequence[Token], a: int, b: int) -> list[int]:
    """The quotation marks among some tokens that open or close a stretch."""
    return [m for m in range(a, b) if tokens[m].tag == '"' and tokens[m].stretch >= 0]


def _not_to(tokens: Sequence[Token], k: int, last: int) -> bool:
    return k + 1 < last and tokens[k].low == "not" and tokens[k + 1].low == "to"


_QUESTION = words("whether if why how what who where when which")
_POINTING = {"it", "this", "so", "something", "nothing"}
_CLAUSE_STARTS = {"at", "if", "when", "while", "although", "because", "in", "not", "how", "what"}
_WHEN = words("later earlier ago before")
_NAMING = words("call label brand dub deem pronounce term")
"""These take a name or judgement without "as"."""


def pleads(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a plea stands at `k`: "guilty", "not guilty", "no contest" (Q26)."""
    if tokens[k].low in ("not", "no") and tokens[k].stretch < 0:
        k += 1
    return k < last and tokens[k].low in _PLEAS and tokens[k].stretch < 0


def infinitive(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a "to" at `k` opens an infinitive rather than a place or a person."""
    return (
        tokens[k].low == "to"
        and k + 1 < last
        and tokens[k + 1].tag not in "DPWMG,."
        and not (tokens[k + 1].low.endswith("ing") and len(tokens[k + 1].low) > 5)
    )


_PLEAS = words("guilty innocent contest")
_STRICT = words("add show find decide request indicate determine maintain demonstrate reveal")
"""These take a clause without "that" only where its subject and verb stand side by side."""


def _finite_next(tokens: Sequence[Token], k: int, last: int) -> bool:
    end = noun_phrases.noun_phrase(tokens, k, last)
    while end < last and tokens[end].tag == "R":
        end += 1
    return k < end < last and tokens[end].tag in "XEV" and tokens[end].stretch < 0


_NOMINATIVE = {"he", "she", "they", "we", "i"}
_MANNER = words("go sigh smile shrug nod snap bark begin close finish conclude offer continue")
_SAID_TO = {"say", "declare", "allege", "claim", "estimate"}
_WON = words("responsibility victory credit title prize power lives")
"""What is claimed by an act and not in words."""
_CITED = words("data figures statistics source sources report reports records documents")
_DEMONSTRATIVE = words("this that these those it so")
_POINTERS = words(
    """claim claims allegation allegations question questions news result results detail details
    reason reasons conclusion conclusions report reports matter issue story decision change move
    measure accusation accusations suggestion suggestions"""
)


def _points(tokens: Sequence[Token], a: int, end: int) -> bool:
    """Whether a noun phrase only points at what is said elsewhere (Q4)."""
    if end - a == 1:
        return tokens[a].low in _DEMONSTRATIVE
    return (
        end - a == 2
        and tokens[a].low in _DEMONSTRATIVE | {"the", "their", "his", "her", "any", "no"}
        and tokens[a + 1].low in _POINTERS
    )


def _extended(tokens: Sequence[Token], end: int, stop: int) -> int:
    """A noun phrase with the phrases of time and place after it (Q10), up to a comma or verb."""
    start = end
    while end < stop and tokens[end].stretch < 0:
        token = tokens[end]
        if token.tag in "TM":
            end += 1
            if end < stop and tokens[end].tag == "G":
                return start
        elif token.tag == "I" and token.low not in ("as", "including", "following", "like"):
            more = noun_phrases.noun_phrase(tokens, end + 1, stop)
            if more == end + 1 and not (more < stop and tokens[more].tag in "TM"):
                return end
            if any(tokens[k].low in english.EXPRESSION for k in range(end, more)):
                return end  # "in a statement" is about the saying
            end = more
        elif token.low == "or" and end + 1 < stop and tokens[end + 1].tag in "DNW":
            end = noun_phrases.noun_phrase(tokens, end + 1, stop)
        else:
            return end
    return end


def stretch_end(tokens: Sequence[Token], at: int, last: int) -> int:
    """Where the stretch between marks that token `at` stands in ends, `last` outside of marks."""
    if tokens[at].stretch < 0:
        return last
    k = at
    while k < last and tokens[k].stretch == tokens[at].stretch:
        k += 1
    return k


def _marked(tokens: Sequence[Token], cue: Cue, k: int, last: int, frame: str = "clause") -> Content:
    """Content that starts with marks: the stretch, or the clause that it begins (Q12)."""
    end = stretch_end(tokens, k, last)
    inner_stop = tokens[end - 2].tag if end - 2 > k else ""
    if inner_stop in (".", ",") or ("j" in cue.kinds and "s" not in cue.kinds):
        return (k, end), frame
    if end < last and tokens[end].tag in ",.:;-":
        return (k, end), frame
    stop = complements.clause_end(tokens, k, last, tokens[cue.at].low)
    return (k, max(stop, end)), frame


def _receiver(tokens: Sequence[Token], k: int, last: int) -> int:
    """The end of the phrase of who is told, from `k`; `k` where none stands there."""
    if (
        k >= last
        or tokens[k].stretch >= 0
        or tokens[k].tag not in "DPWN"
        or tokens[k].low == "that"
    ):
        return k
    if tokens[k].tag == "W" and tokens[k].text.isupper() and len(tokens[k].text) > 1:
        after = tokens[k + 1] if k + 1 < last else None
        if after is not None and after.tag == "W" and not after.text.isupper():
            return k + 1  # "told BRN Ines Calder would resign"
    return noun_phrases.noun_phrase(tokens, k, last, told=True)


def _valued(tokens: Sequence[Token], k: int, last: int, low: str) -> Content | None:
    """ "put its price at £4 million": the amount."""
    for m in range(k, min(last, k + 16)):
        token = tokens[m]
        if token.stretch >= 0 or token.tag in "XV.:;":
            return None
        amount = tokens[m + 1] if m + 1 < last else None
        if token.low == "at" and amount is not None and (amount.tag == "M" or amount.text in "£$€"):
            stop = complements.clause_end(tokens, m + 1, last, low)
            end = next((x for x in range(m + 1, stop) if tokens[x].tag in ",S"), stop)
            return (m + 1, end), "thing"
    return None


def _adjective(word: str) -> bool:
    """Whether a word has the form of an adjective that judges."""
    return word.endswith(("able", "ible", "ful", "less", "ous", "ive", "fair", "wrong", "absurd"))


def _judgement(tokens: Sequence[Token], cue: Cue, k: int, last: int) -> Content | None:
    """ "called it a betrayal", "described the offer as unfair": the name or judgement."""
    stop = complements.clause_end(tokens, k, last, tokens[cue.at].low)
    needs_as = cue.verb not in _NAMING
    if needs_as and tokens[k].low.endswith(("self", "selves")):
        return (k + 1, stop), "judgement"
    if needs_as:
        for m in range(k, min(stop, k + 25)):
            if tokens[m].stretch >= 0:
                if tokens[m].tag == '"':
                    break
                continue
            if tokens[m].low == "as" and m + 1 < stop and tokens[m + 1].low == "of":
                break  # "as of Monday"
            if tokens[m].low in ("as", "being") and m + 1 < stop:
                marks = _marks(tokens, m, stop)
                return ((marks[0], marks[-1] + 1) if marks else (m + 1, stop)), "judgement"
        marks = _marks(tokens, k, stop)
        if marks and "c" not in cue.kinds:
            return (marks[0], marks[-1] + 1), "judgement"
        return None
    if tokens[k].low in ("for", "on", "off", "in", "up", "back", "out"):
        return None
    marks = _marks(tokens, k, stop)
    if marks:
        return (marks[0], marks[-1] + 1), "judgement"
    end = noun_phrases.base_phrase(tokens, k, stop)
    if end == stop and end - k > 1 and _adjective(tokens[end - 1].low):
        end -= 1
    if k < end < stop and tokens[end].tag in "DNWE":
        stop = next(
            (x for x in range(end, stop) if tokens[x].tag == "," and _aside(tokens, x)), stop
        )
        return (end, stop), "judgement"
    return None


def _aside(tokens: Sequence[Token], comma: int) -> bool:
    """Whether what a comma opens is no part of a name or judgement before it."""
    after = tokens[comma + 1] if comma + 1 < len(tokens) else None
    return after is None or after.tag in "SCD" or after.low in ("after", "before", "with")


def _surface_subject(paragraph: Paragraph, i: int, first: int) -> Subject:
    return subjects.subject(paragraph.tokens, i, first)


def _surface_is_verb(paragraph: Paragraph, i: int) -> bool:
    return (
        paragraph.tokens[i].tag == "V"
        or paragraph.tokens[i].low in english.NOT_VERBS
        or (paragraph.tokens[i].tag == "E")
    )


SURFACE = Grammar(_surface_subject, complement, _surface_is_verb)
