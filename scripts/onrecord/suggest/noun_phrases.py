"""Grammar without a parser: where noun phrases begin and end, read off the surface.

Everything works on the tokens of one host sentence, `[first, last)` of a paragraph's tokens, and
gives token indices or ranges of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest import english
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words

Range = tuple[int, int]
_VERBAL = set("VEX")


def base_phrase(tokens: Sequence[Token], at: int, last: int) -> int:
    """The end of the base noun phrase that starts at `at` (`at` itself where none does)."""
    if at < last and _stands_alone(tokens, at, last):
        return at + 1
    i, head = at, False
    while i < last:
        token = tokens[i]
        if token.stretch >= 0 and token.tag == '"':
            break
        if head and (token.tag in "D" or _verb_of_plural(tokens, i, last)):
            break
        if token.tag in "NWM":
            head = True
        elif token.tag == "(" and head and (end := _bracket(tokens, i, last)):
            i = end
            continue
        elif not _goes_on(tokens, at, i, last, head):
            if head or token.tag not in "VE" or i == at or tokens[i - 1].tag not in "DG":
                break
            head = True  # a noun that looks like a verb: "the report"
        i += 1
    while i > at and tokens[i - 1].tag in "G-C?" and tokens[i - 1].low not in "%'’":
        i -= 1
    if not head and i > at + 1 and tokens[i - 1].low in PART:
        return i  # "the two"
    return i if head else (at + 1 if i > at and tokens[at].tag == "D" else at)


def _follows(tokens: Sequence[Token], i: int, last: int, tags: str) -> bool:
    return i + 1 < last and tokens[i + 1].tag in tags


def _stands_alone(tokens: Sequence[Token], i: int, last: int) -> bool:
    """Whether a token is a pronoun, the whole of its phrase."""
    token = tokens[i]
    if token.tag == "P":
        return not (token.low in _QUANTIFIERS and _follows(tokens, i, last, "NW"))
    return token.low in english.OBJECT_PRONOUNS | {"her"} and not _follows(tokens, i, last, "NWM")


def _verb_of_plural(tokens: Sequence[Token], i: int, last: int) -> bool:
    """Whether a token that may be a noun is the verb of the plural before it: "some doctors support
    it"."""
    return (
        tokens[i].low in english.NOT_VERBS
        and tokens[i].tag == "N"
        and tokens[i - 1].low.endswith("s")
        and _follows(tokens, i, last, "PD")
    )


def _goes_on(tokens: Sequence[Token], at: int, i: int, last: int, head: bool) -> bool:
    """Whether a phrase from `at`, with its head before `i` or still to come, goes on over a token
    that is no noun."""
    token = tokens[i]
    match token.tag:
        case "G":
            return head and _follows(tokens, i, last, "NWMVE")
        case "T" if not head or token.text[0].islower():
            return token.low in _ADJECTIVAL and _follows(tokens, i, last, "NW")
        case "R":  # "the first debate"
            return (
                i > at
                and token.low in _ADJECTIVAL
                and tokens[i - 1].tag == "D"
                and _follows(tokens, i, last, "NWM")
            )
        case "-":
            return head and i + 1 < last and tokens[i + 1].start == token.end
        case "?":  # a sign, or the marks of Anna “Nan” Holm
            return token.text in "&$£€%#@/'’" or (
                head and token.text in '“”"' and tokens[i - 1].tag == "W"
            )
        case "V" | "E":
            return _adjective_or_noun(tokens, at, i, last, head)
        case "C":
            return (
                token.low in ("and", "&")
                and head
                and tokens[i - 1].tag == "W"
                and _follows(tokens, i, last, "W")
            )
        case _:
            return token.tag in "D" or (i == at and token.low in _QUANTIFIERS)


def _adjective_or_noun(tokens: Sequence[Token], at: int, i: int, last: int, head: bool) -> bool:
    """Whether a token that looks like a verb is part of the phrase."""
    if not head:  # a participle before its noun: "the proposed law"
        return i > at and _follows(tokens, i, last, "NWV")
    before = tokens[i - 1]
    if before.tag == "G" and _follows(tokens, i, last, "NW"):
        return True  # "the county's planning staff"
    return (  # "a conference call"
        tokens[i].tag == "V"
        and tokens[i].low in english.ALSO_NOUNS
        and before.tag == "N"
        and not before.low.endswith("s")
        and (i + 1 >= last or _follows(tokens, i, last, ",.I"))
    )


_QUANTIFIERS = words("some many most both all others")
_ADJECTIVAL = words("""first only long late early previous last next then""")


def _bracket(tokens: Sequence[Token], at: int, last: int) -> int:
    """The index after a short bracket that opens at `at`, 0 where none closes."""
    if tokens[at].text not in "([":
        return 0
    for i in range(at + 1, min(at + 9, last)):
        if tokens[i].text in ")]":
            return i + 1
    return 0


def noun_phrase(tokens: Sequence[Token], at: int, last: int, told: bool = False) -> int:
    """The end of a noun phrase with its of-, for-, in-phrases, and what "and" adds.

    `told`: it is who is told, so that no "to" belongs to it."""
    end = base_phrase(tokens, at, last)
    while at < end < last:
        token = tokens[end]
        if told and token.low in ("to", "about"):
            break
        if token.tag == "I" and token.low in _JOINING:
            more = base_phrase(tokens, end + 1, last)
            if more == end + 1:
                break
            end = more
        elif token.tag == "C" and token.low in ("and", "or"):
            more = base_phrase(tokens, end + 1, last)
            if more == end + 1 or (
                more < last and tokens[more].tag in _VERBAL and tokens[end - 1].tag != "W"
            ):
                break
            end = more
        else:
            break
    return end


_JOINING = words(
    """of for from in at with on to about between against by into over under within without among
    toward towards"""
)
PART = words("one two three four five some many most several all both none few each")


def left_phrase(tokens: Sequence[Token], j: int, first: int) -> Range | None:
    """The noun phrase that ends at `j`: its base phrase, for "a spokesman for the council" the
    first one."""
    if j < first or (tokens[j].stretch >= 0 and tokens[j].tag == '"'):
        return None
    if tokens[j].tag == "P" and tokens[j].low != "who":
        return (j, j + 1)
    a = _run_start(tokens, j, first)
    if a > j:
        return None
    phrases = _phrases(tokens, a, j)
    free = [(s, e) for s, e, bound in phrases if not bound]
    if phrases and not free and tokens[a].tag == "I":
        # "In a speech Otto Reeve": the name after the noun stands free.
        s, e, _ = phrases[-1]
        split = next(
            (m for m in range(s + 1, e) if tokens[m].tag == "W" and tokens[m - 1].tag == "N"), 0
        )
        if split and tokens[s].tag == "D" and all(tokens[m].tag == "W" for m in range(split, e)):
            return split, e
    if not free or tokens[a - 1].tag in "VE" or tokens[a - 1].low == "that":
        around = _modified(tokens, a, first)
        if around:
            return around
    if not free:
        return None
    if tokens[a].tag == "I":
        return free[-1]
    if (
        len(free) > 1
        and tokens[free[0][1]].tag != "C"
        and tokens[free[1][0]].tag in "DW"
        and (tokens[free[1][0] - 1].tag not in "CI")
    ):
        # Two noun phrases with nothing between: an adverbial and the subject ("This week Calder").
        return free[-1]
    return free[0]


def _run_start(tokens: Sequence[Token], j: int, first: int) -> int:
    """Where the noun phrases and prepositions that end at `j` start; beyond `j`: there are none."""
    a = j
    while a >= first:
        token = tokens[a]
        if (
            (token.tag in "NWMDGT" and token.low != "according")
            or (token.low in ("about", "around", "nearly") and a < j and tokens[a + 1].tag == "M")
            or (token.low in _QUANTIFIERS and a < j)
            or (token.tag == "?" and token.text in "&$£€%#@/")
            or (token.tag == "(" and a > first)
            or (
                token.tag == "I"
                and token.low in _JOINING | {"near", "inside", "outside", "behind"}
                and a < j
            )
            or (
                token.tag == "C"
                and token.low in ("and", "or", "&")
                and first < a < j
                and (
                    tokens[a - 1].tag in "NW"
                    and tokens[a + 1].tag in "NWDM"
                    and not _clause_before(tokens, a, first)
                )
            )
            or (token.tag == "-" and a > first and tokens[a - 1].end == token.start)
        ):
            pass
        elif (
            token.tag in "EV"
            and first < a < j
            and tokens[a - 1].tag == "D"
            and tokens[a + 1].tag in "NW"
        ):
            pass  # "the proposed bridge"
        elif not (
            token.tag == "V"
            and first < a == j
            and tokens[a - 1].tag in "DNWG"
            and token.low in _NOUNISH
        ):
            break
        a -= 1
    a += 1
    while a <= j and tokens[a].tag in "C(-?G":
        a += 1
    return a


def _phrases(tokens: Sequence[Token], a: int, j: int) -> list[tuple[int, int, bool]]:
    """The base phrases from `a` to `j`: `(start, end, whether a preposition binds it)`."""
    phrases: list[tuple[int, int, bool]] = []
    k = a
    after_preposition = False
    while k <= j:
        if tokens[k].low in ("about", "around") and k < j and tokens[k + 1].tag == "M":
            after_preposition = False  # "about 90 members"
            k += 1
            continue
        if tokens[k].tag == "I":
            after_preposition = True
            k += 1
            continue
        if tokens[k].tag in "TC(-?":
            after_preposition = False
            k += 1
            continue
        end = max(base_phrase(tokens, k, j + 1), k + 1)
        phrases.append((k, end, after_preposition))
        after_preposition = False
        k = end
    return phrases


def _modified(tokens: Sequence[Token], a: int, first: int) -> Range | None:
    """The noun that a participle or a relative clause whose end stands at `a` describes: "notices
    taped to the gate", "the people who ordered it"."""
    verb = a - 1
    if verb > first and tokens[verb].low == "that":
        verb -= 1
    if verb <= first or tokens[verb].tag not in "VE" or tokens[verb].stretch >= 0:
        return None
    before = tokens[verb - 1]
    if before.low in ("who", "which") and verb - 2 >= first:
        return left_phrase(tokens, verb - 2, first)
    if tokens[a].tag in "IT" and before.tag in "NW" and participle(tokens[verb].low):
        return left_phrase(tokens, verb - 1, first)
    return None


def participle(low: str) -> bool:
    """Whether a word in lower case can be a past participle, by its ending or by the list."""
    return low.endswith(("ed", "wn", "en")) or low in _PARTICIPLES


_PARTICIPLES = words("held sent made put led seen read told now born")
_NOUNISH = {"report", "reports", "claims", "estimates", "surveys", "study", "findings", "finding"}


def _clause_before(tokens: Sequence[Token], at: int, first: int) -> bool:
    """Whether a verb stands before the conjunction at `at`: then it may join clauses."""
    return any(tokens[k].tag in "VEX" for k in range(first, at))
