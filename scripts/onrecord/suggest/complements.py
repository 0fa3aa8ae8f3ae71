"""Grammar without a parser: where what a reporting verb takes begins and ends.

As in `noun_phrases`, everything works on the tokens of one host sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest import english
from onrecord.suggest.noun_phrases import base_phrase, noun_phrase
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words


def finite_after(tokens: Sequence[Token], at: int, last: int) -> bool:
    """Whether a finite verb stands in the rest of the sentence, in or out of marks."""
    return any(tokens[k].tag in "XVE" for k in range(at, last))


def skip_adverbials(tokens: Sequence[Token], k: int, last: int) -> int:
    """Past adverbs, words of time and prepositional phrases that "that", a comma before marks, a
    colon or a mark closes."""
    while k < last:
        token = tokens[k]
        if token.stretch >= 0 or token.low in english.NEGATIONS:
            return k
        if token.low == "at" and k + 1 < last and tokens[k + 1].low in ("least", "most"):
            return k
        if token.tag in "RT":
            k += 1
            continue
        if token.low == "to":
            end = base_phrase(tokens, k + 1, last)
            if k + 1 < end < last and (
                tokens[end].tag in ':"'
                or tokens[end].low == "that"
                or (tokens[end].tag == "," and end + 1 < last and tokens[end + 1].tag == '"')
            ):
                return end  # "said to me: “…”"
            return k
        if token.tag == "I" and token.low not in ("of", "to", "about"):
            end = noun_phrase(tokens, k + 1, last)
            while k + 1 < end < last and tokens[end].tag in "TM":
                end += 1
            if end == k + 1 and end < last and tokens[end].tag in "TM":
                while end < last and tokens[end].tag in "TM":
                    end += 1
            elif end == k + 1:
                return k
            if end < last and (
                tokens[end].low == "that" or tokens[end].tag in '":R' or tokens[end].tag == "I"
            ):
                k = end
                continue
            if (
                end + 1 < last
                and tokens[end].tag == ","
                and (tokens[end + 1].tag in '"' or tokens[end + 1].low == "that")
            ):
                return end
            far = that_within(tokens, end, last)
            if far:
                return far
            # "said on Friday the road was shut": a new phrase with a determiner, pronoun or name
            if end < last and (tokens[end].tag in "DPW") and finite_after(tokens, end, last):
                k = end
                continue
            inner = base_phrase(tokens, k + 1, last)
            if k + 1 < inner < end and tokens[k + 1].tag in "T":
                k = inner
                continue
            return k
        return k
    return k


def that_within(
    tokens: Sequence[Token], k: int, last: int, reach: int = 9, stops: str = "XVE.:;"
) -> int:
    """The index of a "that" that opens the complement, up to `reach` tokens on, 0 for none."""
    for m in range(k, min(last, k + reach)):
        token = tokens[m]
        if token.stretch >= 0 or token.tag in stops:
            return 0
        if token.low == "that" and m + 1 < last and tokens[m + 1].tag in 'DPWNMSIRTE"':
            return m
    return 0


def clause_end(tokens: Sequence[Token], at: int, last: int, cue: str) -> int:
    """The end of a complement that starts at `at`: the sentence's, or where the author goes on."""
    past = cue.endswith("ed") or cue in _PAST
    infinitive = at < last and tokens[at].low == "to"
    for k in range(at, last):
        token = tokens[k]
        if token.stretch >= 0:
            continue
        if (
            token.tag == ";"
            or (token.tag == "," and attributed(tokens, k + 1, last))
            or (token.tag in ",-" and _author_after_comma(tokens, k + 1, last, past))
        ):
            return k
        if k == at:
            continue
        if token.tag == ":" and _sentence_in_marks(tokens, k, last):
            return k  # a quote by itself
        if token.low in _ANOTHER and another_says(tokens, k + 1, last):
            return k
        if token.low in _ANOTHER and without_verb(tokens, k + 1, last):
            return k
        if token.tag == "C" and token.low in ("and", "but"):
            if infinitive and _past_after_infinitive(tokens, k + 1, last):
                return k
            if _author_after_and(tokens, k, last, cue, past):
                return k
    end = last
    while end > at and tokens[end - 1].stretch < 0 and tokens[end - 1].tag in ".,;:-":
        end -= 1
    return end


def _author_after_comma(tokens: Sequence[Token], k: int, last: int, past: bool) -> bool:
    """Whether the author goes on at `k`, behind a comma or dash; `past`: so the cue is."""
    m = _skip(tokens, k, last, "RC")
    if m >= last:
        return False
    first, word = tokens[k], tokens[m]
    if word.low in _REPORTING_ING and word.stretch < 0:
        return True
    if first.low == "which" and any(
        tokens[x].low.startswith(("den", "reject", "disput", "surpris"))
        for x in range(m + 1, min(last, m + 4))
    ):
        return True  # somebody's answer to it (Q11)
    if first.low == "but" and past and word.tag in "XVE" and (_past(word.low) or word.low in _TOLD):
        return True
    if word.low == "according" or (word.low == "as" and m + 1 < last and tokens[m + 1].tag in "V"):
        return True
    if first.low in _CONTRASTS or (first.tag == "C" and first.low in ("but", "and", "so")):
        # A new clause of the author's, if it has a reporting verb of its own.
        subject = noun_phrase(tokens, m, last)
        v = _skip(tokens, subject, last, "RX")
        if subject > m and v < last and tokens[v].tag == "V" and tokens[v].stretch < 0:
            return True
        return past and word.tag == "V" and _past(word.low)
    return False


def _past_after_infinitive(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a finite verb stands at `k`, with a subject or told in the past: "urged him to think
    and left"."""
    m = _skip(tokens, k, last, "R")
    if m >= last or tokens[m].stretch >= 0:
        return False
    end = noun_phrase(tokens, m, last) if tokens[m].tag in "DWPN" else m
    if end == m and tokens[m].tag in "VE" and _told_past(tokens[m].low):
        return True
    return m < end < last and tokens[end].tag in "XE"


def _author_after_and(tokens: Sequence[Token], k: int, last: int, cue: str, past: bool) -> bool:
    """Whether the author goes on behind the "and" or "but" at `k`: a verb goes with the cue."""
    m = _skip(tokens, k + 1, last, "R")
    if past and tokens[k].low == "but" and m < last and tokens[m].low in _TOLD:
        return True
    if refuses(tokens, k + 1, last):
        return True
    if m >= last or tokens[m].tag != "V" or tokens[m].stretch >= 0:
        return False
    verb = tokens[m].low
    if past:
        return _past(verb) and verb not in _BELIEVED
    return verb.endswith("s") or (not cue.endswith("s") and verb in _BARE)


def _skip(tokens: Sequence[Token], k: int, last: int, tags: str) -> int:
    """The first token from `k` whose tag is not one of `tags`."""
    while k < last and tokens[k].tag in tags:
        k += 1
    return k


def attributed(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether an attribution and nothing else of weight stands from `k`: ", it said."."""
    end = base_phrase(tokens, k, last)
    return (
        k < end < last
        and tokens[end].low in _ATTRIBUTES
        and (end + 1 >= last or tokens[end + 1].tag in ",.")
        and tokens[end].stretch < 0
    )


def another_says(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether from `k` on somebody else is said to say something: "and the union said it would"."""
    if k >= last or tokens[k].tag not in "DWNP" or tokens[k].stretch >= 0:
        return False
    end = noun_phrase(tokens, k, last)
    while end < last and tokens[end].low in ("has", "have", "had", "also", "later"):
        end += 1
    if not k < end < last or tokens[end].low not in _ATTRIBUTES or tokens[end].stretch >= 0:
        return False
    after = tokens[end + 1] if end + 1 < last else None
    return after is not None and (after.tag in "DPWN" or after.low == "that" or after.tag == '"')


def _sentence_in_marks(tokens: Sequence[Token], colon: int, last: int) -> bool:
    """Whether all behind a colon stands between marks, opens with a capital and has no cue."""
    mark = colon + 1
    if mark + 1 >= last or tokens[mark].tag != '"' or not tokens[mark + 1].text[0].isupper():
        return False
    if any(t.low in _ATTRIBUTES for t in tokens[colon - 2 : colon]):
        return False  # "he told her: “…”"
    return all(t.stretch == tokens[mark].stretch or t.tag == "." for t in tokens[mark:last])


def without_verb(tokens: Sequence[Token], k: int, last: int) -> int:
    """The "that" behind a name at `k` whose verb is left out ("and Quill that it fell"), or 0."""
    if k >= last or tokens[k].tag != "W" or tokens[k].stretch >= 0:
        return 0
    that = base_phrase(tokens, k, last)
    return that if k < that < last and that_within(tokens, that, last, 1) else 0


_ANOTHER = {"and", "but", "while", "whereas"}
_CONTRASTS = {"while", "whereas", "although", "though"}
_ATTRIBUTES = words("""said says wrote writes added told warned claimed argued stated announced""")
_BELIEVED = words("thought felt knew believed hoped feared wanted expected")
_BARE = words("say want call ask urge tell warn claim demand argue")
_TOLD = words("""did gave declined refused offered added didn't didn’t acknowledged""")
_PAST = {"said", "told", "wrote", "thought", "felt", "knew", "found"}
_REPORTING_ING = words(
    """saying adding citing calling noting arguing claiming warning describing accusing telling
    insisting suggesting asking urging pointing explaining stating declaring vowing
    promising demanding writing tweeting alleging asserting announcing blaming quoting"""
)


def _told_past(low: str) -> bool:
    return (
        low.endswith("ed")
        or (low in english.COMMON_VERBS and not low.endswith("s"))
        or (low in ("said", "told", "spoke", "wrote"))
    )


def _past(low: str) -> bool:
    return low.endswith("ed") or low in _PAST


def refuses(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether from `k` on something is not said: "and would not say more"."""
    m = k
    if m < last and tokens[m].tag == "X" and tokens[m].low not in english.NEGATIONS:
        m += 1
    if m >= last or tokens[m].low not in english.NEGATIONS:
        return False
    return m + 1 < last and tokens[m + 1].low in _SPEAKS


_SPEAKS = words("say comment elaborate give name identify explain specify answer disclose")
