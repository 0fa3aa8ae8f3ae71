"""Reporting verbs in their places, and the content that follows them on the surface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from onrecord.suggest import complements, english, surface
from onrecord.suggest.reading import Paragraph, Token
from onrecord.suggest.surface import Range, Subject
from onrecord.suggest.words import words


class Cue(NamedTuple):
    """A reporting verb in its place: token range, base form, what it takes."""

    at: int
    end: int
    verb: str
    kinds: str
    shown: int
    """The end of the words that are the cue: "pointed out", "called for", but "spoke" of (Q16)."""


class Grammar(NamedTuple):
    """Where subjects and complements come from: the surface, or a parse."""

    subject: Callable[[Paragraph, int, int], Subject]
    complement: Callable[[Paragraph, Cue, int], tuple[Range, str] | None]
    is_verb: Callable[[Paragraph, int], bool]


def cue_at(tokens: Sequence[Token], i: int, last: int, forms: dict[str, str]) -> Cue | None:
    """The reporting verb at a token, with its particle; None where there is none."""
    token = tokens[i]
    verb = forms.get(token.low)
    if verb is None or not token.text[0].isalpha():
        return None
    if token.tag not in "VEN" and not (token.tag == "W" and token.text[0].isupper()):
        return None
    kinds = english.VERBS.get(verb, "")
    end = i + 1
    if end < last:
        particle = english.PARTICLES.get((verb, tokens[end].low))
        if particle:
            whole = (
                tokens[end].low in english.WHOLE or (verb, tokens[end].low) in english.WHOLE_CUES
            )
            return Cue(i, end + 1, verb, particle, end + 1 if whole else end)
    if not kinds:
        return None
    if token.low == "known":
        return None  # "known as", "known for"
    if token.low in english.NOT_VERBS and token.tag != "V":
        before = tokens[i - 1] if i else None
        follows = tokens[i + 1] if i + 1 < last else None
        strong = before is not None and (
            before.low in english.SUBJECT_PRONOUNS
            or (before.tag == '"')
            or before.tag in "RX"
            or (
                before.tag == "W"
                and follows is not None
                and (follows.low == "that" or follows.tag == '"')
            )
            or (
                before.low.endswith("s")
                and before.tag == "N"
                and follows is not None
                and follows.low == "that"
            )
        )
        if not strong:
            return None
    before = tokens[i - 1] if i else None
    if before is not None and token.stretch == before.stretch:
        if token.low in english.ALSO_NOUNS and (
            before.tag == "M"
            or (before.tag == "I" and before.low != "to")
            or (
                before.tag in "NW"
                and not before.low.endswith("s")
                and before.low not in _PLURALS
                and not (end < last and tokens[end].low in _OBJECTS)
            )
        ):
            return None  # a bare form after a preposition or a singular noun is a noun
        after = tokens[end] if end < last else None
        if token.low.endswith("ed") and after is not None:
            if after.tag == "N" and (before.tag in "MI" or before.low.endswith("ing")):
                return None  # "21 confirmed cases", "amid reported attacks"
            marked = after.tag == '"' or (
                after.tag == "D" and end + 1 < last and tokens[end + 1].tag == '"'
            )
            if marked and before.tag == "N" and verb in _CALLING:
                given = any(t.low in ("what", "which", "that") for t in tokens[max(0, i - 7) : i])
                if not given:
                    return None  # "a song called “Rain”"
        if token.low == verb + "s" and before.tag in "MXEV" and verb not in ("say", "tell"):
            return None  # "22 points", "have plans", "taking calls"
        if token.low.endswith("ing") and (
            (before.tag == "V" and before.low in ("said", "says", "wrote", "writes"))
            or (verb in english.INNER and before.tag not in "XR")
            or before.low in _GERUND_BEFORE
            or (before.low == "of" and tokens[i - 2].low == "short")
        ):
            return None  # "fined for reporting it"
        if (
            token.tag == "V"
            and before.tag == "I"
            and token.low.endswith("s")
            and before.low != "to"
        ):
            return None
    if (
        i
        and tokens[i - 1].tag in "DG"
        and token.low not in ("said",)
        and not (token.low.endswith("ing") and tokens[i - 1].low in _STANDING)
    ):
        return (
            None
            if tokens[i - 1].tag == "D" or token.low.endswith("s")
            else Cue(i, end, verb, kinds, end)
        )
    return Cue(i, end, verb, kinds, end)


_CALLING = {"call", "dub", "brand", "label", "name", "term"}
_OBJECTS = words("them him it her us me you")
_GERUND_BEFORE = words("for from stopped stop avoid without instead keep kept")
_STANDING = words("those some many most all both several few others her his")
"""After these an -ing form is a participle of theirs; after "a" or "the" it is a noun."""


def _infinitive(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a "to" at `k` opens an infinitive rather than a place or a person."""
    return (
        tokens[k].low == "to"
        and k + 1 < last
        and tokens[k + 1].tag not in "DPWMG,."
        and not (tokens[k + 1].low.endswith("ing") and len(tokens[k + 1].low) > 5)
    )


_POINTING = {"it", "this", "so", "something", "nothing"}
_QUESTION = words("whether if why how what who where when which")
_CLAUSE_STARTS = {"at", "if", "when", "while", "although", "because", "in", "not", "how", "what"}
_PLURALS = words("""people police men women children media data majority and staff""")


_STRICT = words("add show find decide request indicate determine maintain demonstrate reveal")
"""These take a clause without "that" only where its subject and verb stand side by side."""


def _finite_next(tokens: Sequence[Token], k: int, last: int) -> bool:
    end = surface.noun_phrase(tokens, k, last)
    while end < last and tokens[end].tag == "R":
        end += 1
    return k < end < last and tokens[end].tag in "XEV" and tokens[end].stretch < 0


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
            more = surface.noun_phrase(tokens, end + 1, stop)
            if more == end + 1 and not (more < stop and tokens[more].tag in "TM"):
                return end
            if any(tokens[k].low in english.EXPRESSION for k in range(end, more)):
                return end  # "in a statement" is about the saying
            end = more
        elif token.low == "or" and end + 1 < stop and tokens[end + 1].tag in "DNW":
            end = surface.noun_phrase(tokens, end + 1, stop)
        else:
            return end
    return end


# --- complements on the surface -------------------------------------------------------------------


def complement(paragraph: Paragraph, cue: Cue, last: int) -> tuple[Range, str] | None:
    """The content that follows a reporting verb, and by which frame it was read."""
    tokens = paragraph.tokens
    k = cue.end
    if k >= last:
        return None
    kinds = cue.kinds
    here = tokens[k]
    low = tokens[cue.at].low

    def to_end(a: int) -> Range:
        return a, complements.clause_end(tokens, a, last, low)

    if here.tag == ":" and k + 1 < last:
        if any(x in kinds for x in "cdk"):
            stop = last
            if tokens[k + 1].stretch >= 0:
                stop = stretch_end(tokens, k + 1, last)
            return (k + 1, stop), "clause"
        return None
    if here.tag == '"' and here.stretch >= 0:
        if cue.verb in _MANNER and not tokens[k + 1 if k + 1 < last else k].text[0].isupper():
            return None  # "to go “to the museum”"
        if not any(x in kinds for x in "cjkswgino"):
            return (k, stretch_end(tokens, k, last)), "clause"
        return _marked(tokens, cue, k, last)
    if here.tag == "," and k + 1 < last:
        after = tokens[k + 1]
        if after.tag == '"' and after.stretch >= 0 and any(x in kinds for x in "cdi"):
            return _marked(tokens, cue, k + 1, last)
        skip = complements.that_within(tokens, k + 1, last)
        if not skip and "c" in kinds:
            # "said, according to the ministry, that"
            for m in range(k + 1, min(last, k + 14)):
                if tokens[m].tag == "," and m + 1 < last and tokens[m + 1].low == "that":
                    return to_end(m + 2), "clause"
        return None
    if here.tag in ".;-":
        return None

    if "a" in kinds or ("o" in kinds):
        end = _receiver(tokens, k, last)
        if end > k:
            m = end
            if (
                "o" in kinds
                and end + 1 < last
                and tokens[end].low == "not"
                and tokens[end + 1].low == "to"
            ):
                return to_end(end), "order addressee"
            if "o" in kinds and m < last and tokens[m].low == "who":
                far = next(
                    (x for x in range(m, min(last, m + 10)) if _infinitive(tokens, x, last)), 0
                )
                if far:
                    return to_end(far), "order addressee"  # "urged anyone who saw it to call"
            skip = complements.skip_adverbials(tokens, m, last)
            nxt = tokens[skip] if skip < last else None
            far = complements.that_within(tokens, end, last, 12, "XV.:;,") if "a" in kinds else 0
            if far and "c" in kinds:
                return to_end(far + 1), "clause addressee"
            if nxt is not None:
                if ("o" in kinds and _infinitive(tokens, skip, last)) or (
                    "o" in kinds
                    and nxt.low == "not"
                    and skip + 1 < last
                    and tokens[skip + 1].low == "to"
                ):
                    return to_end(skip), "order addressee"
                if nxt.low == "that" and "c" in kinds:
                    return to_end(skip + 1), "clause addressee"
                if cue.verb == "ask" and nxt.low == "for" and skip + 1 < last:
                    stop = complements.clause_end(tokens, skip + 1, last, low)
                    thing = _extended(tokens, surface.noun_phrase(tokens, skip + 1, stop), stop)
                    if thing > skip + 1 and tokens[skip + 1].tag in "DNWM":
                        return (skip + 1, thing), "thing addressee"
                if "a" in kinds:
                    if nxt.tag in '":,' and nxt.tag == ",":
                        if skip + 1 < last and tokens[skip + 1].tag == '"':
                            return _marked(tokens, cue, skip + 1, last, "clause addressee")
                        for q in range(skip + 1, min(last, skip + 10)):
                            if tokens[q].low == "that" and tokens[q - 1].tag == ",":
                                return to_end(q + 1), "clause addressee"
                    elif nxt.tag == '"' and nxt.stretch >= 0:
                        return _marked(tokens, cue, skip, last, "clause addressee")
                    elif nxt.tag == ":" and skip + 1 < last:
                        return (skip + 1, stretch_end(tokens, skip + 1, last)), "clause addressee"
                    elif (
                        "s" in kinds
                        and nxt.tag in "DPWN"
                        and complements.finite_after(tokens, skip, last)
                    ):
                        return to_end(skip), "clause addressee"
                    elif nxt.low in _QUESTION and "w" in kinds:
                        return to_end(skip), "question addressee"
    passive = cue.at > 0 and tokens[cue.at - 1].low in surface.BE
    if cue.verb in _SAID_TO and passive and _infinitive(tokens, k, last):
        return to_end(k), "order"
    if "o" in kinds and passive:
        m = k
        if tokens[k].low == "by":
            m = surface.base_phrase(tokens, k + 1, last)
        if m < last and _infinitive(tokens, m, last):
            return to_end(m), "order"
    if "o" in kinds and cue.verb == "ask" and here.low == "not":
        return None  # "asked not to be named"
    if cue.verb == "plead" and here.low == "guilty":
        return to_end(k), "clause"
    if "v" in kinds and (amount := _valued(tokens, k, last, low)):
        return amount
    if "j" in kinds:
        judged = _judgement(tokens, cue, k, last)
        if judged:
            return judged
    if "x" in kinds:
        end = surface.noun_phrase(tokens, k, last)
        for m in range(k, min(last, k + 12)):
            if (
                tokens[m].low == "of"
                and tokens[m].stretch < 0
                and m > k
                and m + 1 < last
                and (
                    tokens[m + 1].tag in 'NVERD"W'
                    and (tokens[m + 1].low.endswith("ing") or m >= end - 1)
                )
            ):
                return to_end(m + 1), "accusation"
        for m in range(k, min(last, k + 12)):
            if tokens[m].low == "of" and m > k and m + 1 < last:
                return to_end(m + 1), "accusation"
    skip = complements.skip_adverbials(tokens, k, last)
    nxt = tokens[skip] if skip < last else None
    if nxt is None:
        return None
    if nxt.tag in "MD" and "c" in kinds:
        far = complements.that_within(tokens, skip, last, 6, "XVEWP.:;,")
        if far and any(
            tokens[x].low in ("later", "earlier", "ago", "before") for x in range(skip, far)
        ):
            return to_end(far + 1), "clause"  # "replied three days later that"
    if nxt.low == "that" and nxt.tag == "S" and any(x in kinds for x in "c"):
        if skip + 2 < last and tokens[skip + 1].tag == ",":
            return to_end(skip + 2), "clause"  # "reported that, before it closed, …"
        if skip + 1 < last and tokens[skip + 1].tag in ".,":
            return None
        return to_end(skip + 1), "clause"
    if (
        nxt.tag == ":"
        and skip + 1 < last
        and tokens[skip + 1].stretch >= 0
        and (any(x in kinds for x in "cdk"))
    ):
        return (skip + 1, stretch_end(tokens, skip + 1, last)), "clause"
    if nxt.tag == '"' and nxt.stretch >= 0 and skip > k:
        return _marked(tokens, cue, skip, last)
    if (
        nxt.tag == ","
        and skip + 1 < last
        and tokens[skip + 1].tag == '"'
        and skip > k
        and (any(x in kinds for x in "cd"))
    ):
        return _marked(tokens, cue, skip + 1, last)
    if set(kinds) & set("no") and nxt.tag in "DNWP":
        thing = surface.noun_phrase(tokens, skip, last)
        if skip < thing < last and tokens[thing].low == "be":
            return to_end(skip), "clause"  # "urged that the fee be waived", without "that"
    if "i" in kinds and _infinitive(tokens, skip, last):
        return to_end(skip), "intention"
    if "w" in kinds and nxt.low in _QUESTION:
        return to_end(skip), "question"
    told_nobody = cue.verb == "tell" and nxt.tag != "P" and tokens[cue.at - 1].low not in surface.BE
    clause_starts = not told_nobody and (
        (nxt.tag in "DPWNMT" and nxt.low != "so")
        or nxt.low in _CLAUSE_STARTS
        or (nxt.tag == "V" and nxt.low.endswith("ing") and skip == k)
    )

    if cue.verb in _STRICT and clause_starts and not _finite_next(tokens, skip, last):
        clause_starts = False
    if nxt.low == "in" and any(
        t.low in english.EXPRESSION
        for t in tokens[skip : surface.noun_phrase(tokens, skip + 1, last)]
    ):
        return None  # "she said in a statement"
    if "s" in kinds and clause_starts and complements.finite_after(tokens, skip, last):
        if nxt.low in _POINTING and skip + 1 < last and tokens[skip + 1].tag in ".,SI":
            return None
        return to_end(skip), "clause"
    if nxt.low.endswith("ing") and "g" in kinds and nxt.tag in "VNE":
        return to_end(skip), "clause"
    asked = "n" in kinds and nxt.tag == "P" and skip + 1 < last and tokens[skip + 1].low == "to"
    if asked and cue.end > cue.at + 1:
        return to_end(skip), "thing"  # "asked for it to be withdrawn"
    if cue.verb in ("cite", "quote") and any(
        tokens[m].low == "as" and tokens[m + 1].low == "saying"
        for m in range(k, min(last - 1, k + 24))
    ):
        return None  # the quote is what is "saying" introduces
    if "n" in kinds and (nxt.tag in "DWNM" or (nxt.tag == "V" and nxt.low.endswith("ing"))):
        a = skip
        b = complements.clause_end(tokens, a, last, low)
        end = surface.noun_phrase(tokens, a, b)
        if end < b and tokens[end].low in ("to", "that", "if") and cue.verb != "cite":
            end = b
        if (
            complements.finite_after(tokens, end, b)
            and "c" in kinds
            and not (end < b and tokens[end].tag in ",S")
        ):
            return (a, b), "clause"
        if cue.verb == "claim" and tokens[a].low in _WON:
            return None
        if cue.verb in ("deny", "confirm") and end - a < 4 and tokens[end - 1].low in _POINTERS:
            return None
        if _points(tokens, a, end) or (cue.verb == "cite" and tokens[end - 1].low in _CITED):
            return None
        end = _extended(tokens, end, b)
        if end + 1 < b and tokens[end].low == "as" and cue.verb in ("announce", "confirm"):
            end = surface.noun_phrase(tokens, end + 1, b)
        if end - a >= 2 or cue.verb in ("deny", "cite"):
            return (a, max(end, a + 1)), "thing"
    if "k" in kinds:
        stop = complements.clause_end(tokens, k, last, low)
        marks = [m for m in range(k, stop) if tokens[m].tag == '"' and tokens[m].stretch >= 0]
        if marks:
            return (marks[0], marks[-1] + 1), "judgement"
        return None
    return None


def stretch_end(tokens: Sequence[Token], at: int, last: int) -> int:
    """Where the stretch between marks that token `at` stands in ends, `last` outside of marks."""
    if tokens[at].stretch < 0:
        return last
    k = at
    while k < last and tokens[k].stretch == tokens[at].stretch:
        k += 1
    return k


def _marked(
    tokens: Sequence[Token], cue: Cue, k: int, last: int, frame: str = "clause"
) -> tuple[Range, str]:
    """Content that starts with marks: the stretch, or the clause that it begins (Q12)."""
    end = stretch_end(tokens, k, last)
    inner_stop = tokens[end - 2].tag if end - 2 > k else ""
    if inner_stop == "." or inner_stop == "," or ("j" in cue.kinds and "s" not in cue.kinds):
        return (k, end), frame
    if end < last and tokens[end].tag in ",.:;-":
        if end < last and tokens[end].tag == ",":
            return (k, end), frame
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
    return surface.noun_phrase(tokens, k, last, told=True)


def addressee_of(tokens: Sequence[Token], cue: Cue, last: int, before: int) -> Range | None:
    """The noun phrase right behind the cue, up to `before`: "told [the council] that …"."""
    end = surface.base_phrase(tokens, cue.end, min(last, before))
    return (cue.end, end) if end > cue.end else None


def receiver(tokens: Sequence[Token], cue: Cue, first: int, last: int) -> Range | None:
    """Who is spoken to beside a verb of saying: "wrote to the council", "in a letter to the
    council", "speaking to the Post", "in an interview with the Post" (Q25)."""
    if not set(cue.kinds) & set("cj"):
        return None
    k = cue.end
    if (
        "c" in cue.kinds
        and k + 1 < last
        and tokens[k].low in ("to", "of", "from")
        and tokens[k].stretch < 0
    ) and (tokens[k].low == "to" or cue.verb == "demand"):
        return _told(tokens, k + 1, last)
    for m in [*range(k, min(last, k + 8)), *range(max(first, cue.at - 16), cue.at)]:
        token = tokens[m]
        if token.stretch >= 0:
            continue
        spoken = token.low in ("speaking", "talking", "replying", "responding")
        if not spoken and token.low not in _CHANNELS:
            continue
        end = m + 1
        while end < last and (tokens[end].low in ("sent", "addressed") or tokens[end].tag in "T"):
            end += 1
        if end + 1 < last and tokens[end].low == "from":
            end = surface.base_phrase(tokens, end + 1, last)
        if end + 1 < last and tokens[end].low in ("to", "with") and tokens[end].stretch < 0:
            return _told(tokens, end + 1, last)
    return None


def _told(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    if tokens[k].stretch >= 0 or tokens[k].tag not in "DWNP" or tokens[k].low in ("it", "that"):
        return None
    end = surface.base_phrase(tokens, k, last)
    if end - k == 1 and tokens[k].tag == "N" and not tokens[k].low.endswith("s"):
        return None  # an infinitive
    known = tokens[end - 1].tag in "WNP" or tokens[end - 1].low in english.OBJECT_PRONOUNS | {"her"}
    return (k, end) if end > k and known else None


_CHANNELS = words(
    """letter statement video speech email message interview note memo address testimony remarks
    interviews letters messages"""
)


def by_phrase(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    """The noun phrase of a passive's "by" in the twelve tokens from `k`, no other verb between."""
    for m in range(k, min(last, k + 12)):
        if tokens[m].tag in "XVE" and tokens[m].stretch < 0:
            return None
        if tokens[m].low == "by" and tokens[m].stretch < 0:
            end = surface.base_phrase(tokens, m + 1, last)
            if end > m + 1 and not tokens[m + 1].low.endswith("ing"):
                return m + 1, end
    return None


def _valued(tokens: Sequence[Token], k: int, last: int, low: str) -> tuple[Range, str] | None:
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


def _judgement(tokens: Sequence[Token], cue: Cue, k: int, last: int) -> tuple[Range, str] | None:
    """ "called it a betrayal", "described the offer as unfair": the name or judgement."""
    stop = complements.clause_end(tokens, k, last, tokens[cue.at].low)
    needs_as = cue.verb not in (
        "call",
        "label",
        "brand",
        "dub",
        "deem",
        "declare",
        "pronounce",
        "term",
        "consider",
    )
    if cue.verb in ("consider", "declare"):
        needs_as = True
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
                marks = [
                    x for x in range(m, stop) if tokens[x].tag == '"' and tokens[x].stretch >= 0
                ]
                return ((marks[0], marks[-1] + 1) if marks else (m + 1, stop)), "judgement"
        marks = [x for x in range(k, stop) if tokens[x].tag == '"' and tokens[x].stretch >= 0]
        if marks and "c" not in cue.kinds:
            return (marks[0], marks[-1] + 1), "judgement"
        return None
    if tokens[k].low in ("for", "on", "off", "in", "up", "back", "out"):
        return None
    marks = [x for x in range(k, stop) if tokens[x].tag == '"' and tokens[x].stretch >= 0]
    if marks:
        return (marks[0], marks[-1] + 1), "judgement"
    end = surface.base_phrase(tokens, k, stop)
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
    return surface.subject(paragraph.tokens, i, first)


def _surface_is_verb(paragraph: Paragraph, i: int) -> bool:
    return (
        paragraph.tokens[i].tag == "V"
        or paragraph.tokens[i].low in english.NOT_VERBS
        or (paragraph.tokens[i].tag == "E")
    )


SURFACE = Grammar(_surface_subject, complement, _surface_is_verb)
