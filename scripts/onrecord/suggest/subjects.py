"""Grammar without a parser: the subjects of verbs, and whether what they say is denied.

As in `noun_phrases`, everything works on the tokens of one host sentence. `complements` says what a
verb takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onrecord.suggest import english
from onrecord.suggest.noun_phrases import PART, Range, base_phrase, left_phrase, participle
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words


class Subject(NamedTuple):
    """Who says it. `phrase` is the noun phrase, `whole` what else describes it (an apposition).

    `denied`: the saying is negated, expected or a condition. `passive`: the phrase is spoken to
    or about.
    """

    phrase: Range | None
    whole: Range | None = None
    denied: bool = False
    passive: bool = False
    side: str = "left"
    start: int = 0
    """The first token of subject and verb group together."""


def verb_group(tokens: Sequence[Token], i: int, first: int) -> tuple[int, bool, bool, bool]:
    """`(start, denied, passive, infinitive)` of the verb group that ends with the verb at `i`."""
    j = i - 1
    denied = passive = infinitive = False
    be = False
    while j >= first and tokens[j].stretch == tokens[i].stretch:
        token = tokens[j]
        if token.tag == "R":
            if token.low in english.NEGATIONS:
                denied = True
        elif token.tag == "X" or token.low in english.AUXILIARIES:
            denied |= token.low in english.NEGATIONS or token.low in english.EXPECTED
            be |= token.low in BE
        elif (token.tag == "T" and token.low in _BETWEEN) or token.low == "since":
            pass  # "was later accused", "has since said"
        elif token.low == "to" and not infinitive and j > first:
            infinitive = True
            break
        else:
            break
        j -= 1
    low = tokens[i].low
    if be and not low.endswith("ing"):
        passive = True
    return j + 1, denied, passive, infinitive


_BETWEEN = words("later earlier previously recently once also then")
_TIME_TO = words("days weeks months time right chance power opportunity duty")
BE = words(
    """is are was were be been being am 's ’s isn't isn’t wasn't wasn’t 're ’re get got gets
    weren’t weren't"""
)
_GOES_ON = words(
    """went go goes continued continues began begin used came come proceeded took happened rushed
    moved sought tried dared managed"""
)
_NOT_YET = words(
    """declined refused failed declines refuses fails expected likely about able unable reluctant
    asked set going wants want wanted ready supposed willing unwilling hesitant need needs
    needed forced"""
)


def subject(tokens: Sequence[Token], i: int, first: int) -> Subject:
    """The subject of the verb at `i`: left of its group, across an apposition or relative clause,
    or of the main clause for a participle."""
    found = _subject(tokens, i, first)
    if found.phrase is None:
        return found
    a, b = found.phrase
    if tokens[a].low in _NOBODY or (tokens[a].low == "no" and b - a > 1):
        return found._replace(denied=True)
    climbed = _described(tokens, found.phrase, first)
    if climbed != found.phrase:
        whole = (climbed[0], found.whole[1] if found.whole else b)
        return found._replace(phrase=climbed, whole=whole, start=min(found.start, climbed[0]))
    return found


_NOBODY = words("nobody nothing none neither")


def _described(tokens: Sequence[Token], phrase: Range, first: int) -> Range:
    """The phrase that a phrase describes: who is 79, whose manager is meant; "one of them"."""
    a, b = phrase
    if (
        b - a == 1
        and tokens[a].low in english.OBJECT_PRONOUNS
        and a - 2 >= first
        and tokens[a - 1].low == "of"
        and tokens[a - 2].low in PART
    ):
        return a - 2, b
    if a - 2 >= first and tokens[a - 1].low == "and" and tokens[a - 1].stretch < 0:
        before = left_phrase(tokens, a - 2, first)
        if before and before[1] == a - 1 and before[0] <= first + 1:
            return before  # "both the council and the union"
    if a - 2 < first or tokens[a - 1].tag != "," or tokens[a - 1].stretch >= 0:
        return phrase
    number = all(tokens[k].tag == "M" for k in range(a, b))
    plain = tokens[a].tag == "N" and tokens[a].text[0].islower()
    if number or plain:
        before = left_phrase(tokens, a - 2, first)
        if before and tokens[before[1] - 1].tag == "W" and before[1] == a - 1:
            return before
    return phrase


def _subject(tokens: Sequence[Token], i: int, first: int) -> Subject:
    """`subject` before who describes whom is asked."""
    start, denied, passive, infinitive = verb_group(tokens, i, first)
    j = start - 1
    if infinitive:
        return _of_infinitive(tokens, j - 1, first, start, denied)
    if tokens[i].low.endswith("ing") and not (start < i and _has_be(tokens, start, i)):
        phrase = _followed(tokens, j, first) or main_subject(tokens, first, i)
        return Subject(phrase, phrase, denied, start=start)
    j = _before_the_time(tokens, j, first)
    nobody = Subject(None, None, denied, passive, start=start)
    if j < first or (tokens[j].stretch >= 0 and tokens[j].stretch != tokens[i].stretch):
        return nobody
    token = tokens[j]
    if token.tag == "C":
        # A second verb of the same subject: "said X and urged Y".
        phrase = main_subject(tokens, first, j)
        return nobody._replace(phrase=phrase, whole=phrase)
    if token.tag in ",(-":
        return _across_marks(tokens, j, first, nobody)
    if token.low in ("who", "which", "that") and token.tag == "S":
        back = j - 1
        if back >= first and tokens[back].tag == "C":
            # "which stopped in May and which said": what the first pronoun stands for.
            back = (
                next((m for m in range(back, first, -1) if tokens[m].low == token.low), first) - 1
            )
        if back >= first and tokens[back].tag in ",-":
            back -= 1
        phrase = left_phrase(tokens, back, first)
        return nobody._replace(phrase=phrase, whole=phrase)
    phrase = left_phrase(tokens, j, first)
    if phrase is None:
        return nobody
    return nobody._replace(phrase=phrase, whole=(phrase[0], j + 1), start=phrase[0])


def _of_infinitive(
    tokens: Sequence[Token], j: int, first: int, start: int, denied: bool
) -> Subject:
    """The subject of an infinitive whose "to" stands behind `j`: "went on to say"."""
    while j >= first and tokens[j].tag in "R":
        j -= 1
    word = tokens[j].low if j >= first else ""
    if j >= first and (tokens[j].tag in "TM" or word in _TIME_TO):
        return Subject(None, denied=True, start=j)  # "has 30 days to ask"
    if word in _NOT_YET:
        return Subject(None, denied=True, start=j)
    if word in _GOES_ON or word == "on":
        while j >= first and (
            tokens[j].low in _GOES_ON or tokens[j].tag in "RX" or tokens[j].low == "on"
        ):
            j -= 1
        phrase = left_phrase(tokens, j, first)
        return Subject(phrase, phrase, denied, start=phrase[0] if phrase else j + 1)
    phrase = main_subject(tokens, first, j)
    return Subject(phrase, phrase, denied, start=start)


def _followed(tokens: Sequence[Token], j: int, first: int) -> Range | None:
    """Whom a participle behind `j` follows: "footage of Calder asking"."""
    if j <= first or not (tokens[j].tag == "W" or tokens[j].low in ("her", "him", "them")):
        return None
    if phrase := left_phrase(tokens, j, max(j - 3, first)):
        return phrase
    a = j
    if tokens[j].tag == "W":
        while a > first and tokens[a - 1].tag == "W" and tokens[a - 1].stretch < 0:
            a -= 1
    return a, j + 1


def _before_the_time(tokens: Sequence[Token], j: int, first: int) -> int:
    """The last token of a subject, past a time between it and its verb: "…, on Monday said"."""
    if j < first or tokens[j].tag != "T" or tokens[j].stretch >= 0:
        return j
    m = j
    while m > first and (tokens[m].tag in "TMR" or tokens[m].low in ("this", "last")):
        m -= 1
    if m > first and tokens[m].tag == "I" and tokens[m - 1].tag == ",":
        return m - 1
    return m if tokens[m].tag in "WNP" and tokens[m].stretch < 0 else j


def _across_marks(tokens: Sequence[Token], j: int, first: int, nobody: Subject) -> Subject:
    """The subject before what stands between two commas, dashes or brackets, of which the second
    is at `j`; `nobody` where it is none."""
    token = tokens[j]
    opener = j - 1
    while opener >= first and not (
        tokens[opener].tag == token.tag
        and tokens[opener].stretch < 0
        and (token.tag != "(" or tokens[opener].text in "([")
    ):
        opener -= 1
    if opener <= first or all(tokens[m].tag == "R" for m in range(opener + 1, j)):
        return nobody
    if (
        token.tag == ","
        and not _describes(tokens, opener + 1, j)
        and any(
            tokens[m].tag in "XVE" and not tokens[m].low.endswith("ed") and tokens[m].stretch < 0
            for m in range(opener + 1, j)
        )
    ):
        return nobody  # a clause stands between the commas, so it is no apposition
    phrase = left_phrase(tokens, opener - 1, first)
    if tokens[opener + 1].tag in "I" and token.tag == ",":
        return nobody._replace(
            phrase=phrase, whole=phrase, start=phrase[0] if phrase else nobody.start
        )
    while phrase is None and tokens[opener - 1].tag in "W" and opener - 2 > first:
        # "Anna Holm, of Alder, Norland, said": past the places.
        opener = next((m for m in range(opener - 2, first, -1) if tokens[m].tag == ","), first)
        if opener == first or tokens[opener + 1].low not in ("of", "from", "in"):
            break
        phrase = left_phrase(tokens, opener - 1, first)
    if phrase is None:
        return nobody
    return nobody._replace(phrase=phrase, whole=(phrase[0], j), start=phrase[0])


def _has_be(tokens: Sequence[Token], start: int, i: int) -> bool:
    return any(tokens[k].low in BE or tokens[k].low in ("'m", "’m", "am") for k in range(start, i))


def _describes(tokens: Sequence[Token], a: int, j: int) -> bool:
    """Whether what stands between two commas describes a noun although it holds a verb: a
    relative clause, a participle, an apposition with a relative clause in it."""
    if tokens[a].low in _RELATIVE or (
        tokens[a].tag == "C" and a + 1 < j and tokens[a + 1].low in _RELATIVE
    ):
        return True
    if participle(tokens[a].low):
        return True
    verb = next((m for m in range(a, j) if tokens[m].tag in "XVE"), j)
    return any(tokens[m].low in _RELATIVE - {"in", "after"} for m in range(a, verb))


_RELATIVE = {"who", "which", "whose", "whom", "where", "when", "speaking", "asked", "in", "after"}


def main_subject(tokens: Sequence[Token], first: int, before: int) -> Range | None:
    """The subject of the sentence's first clause: the first noun phrase that no preposition
    binds, before its first finite verb."""
    k = first
    bound = False
    best: Range | None = None
    while k < before:
        token = tokens[k]
        if token.stretch >= 0:
            k += 1
            continue
        if token.tag == "I":
            bound = True
        elif token.tag in "XVE":
            if best:
                return best
        elif token.tag in "NWMDP":
            end = base_phrase(tokens, k, before)
            if end > k:
                if (not bound and best is None and token.low not in ("who", "it", "there")) or (
                    token.tag == "P" and token.low in english.SUBJECT_PRONOUNS and best is None
                ):
                    best = (k, end)
                bound = False
                k = end
                continue
        elif token.tag in ",":
            bound = False
        k += 1
    return best
