"""Grammar without a parser: phrases and subjects of verbs, read off the surface.

Everything works on the tokens of one host sentence, `[first, last)` of a paragraph's tokens, and
gives ranges of token indices. `complements` says what a verb takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onrecord.suggest import english
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words

Range = tuple[int, int]

_VERBAL = set("VEX")


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


def base_phrase(tokens: Sequence[Token], at: int, last: int) -> int:
    """The end of the base noun phrase that starts at `at` (`at` itself where none does)."""
    i = at
    if (
        i < last
        and tokens[i].tag == "P"
        and not (tokens[i].low in _QUANTIFIERS and i + 1 < last and tokens[i + 1].tag in "NW")
    ):
        return i + 1
    head = False
    if (
        i < last
        and tokens[i].low in english.OBJECT_PRONOUNS | {"her"}
        and (i + 1 >= last or tokens[i + 1].tag not in "NWM")
    ):
        return i + 1
    while i < last:
        token = tokens[i]
        if token.stretch >= 0 and token.tag == '"':
            break
        if token.tag in "D" and head:
            break
        if (
            head
            and token.low in english.NOT_VERBS
            and token.tag == "N"
            and tokens[i - 1].low.endswith("s")
            and i + 1 < last
            and tokens[i + 1].tag in "PD"
        ):
            break  # "some doctors support it"
        if token.tag in "NWM":
            head = True
        elif token.tag == "G" and head and i + 1 < last and tokens[i + 1].tag in "NWMVE":
            pass
        elif token.tag == "T" and (not head or token.text[0].islower()):
            if not (token.low in _ADJECTIVAL and i + 1 < last and tokens[i + 1].tag in "NW"):
                break
        elif (
            token.tag == "R"
            and i > at
            and token.low in _ADJECTIVAL
            and tokens[i - 1].tag == "D"
            and i + 1 < last
            and tokens[i + 1].tag in "NWM"
        ):
            pass  # "the first debate"
        elif (token.tag == "-" and head and i + 1 < last and tokens[i + 1].start == token.end) or (
            token.tag == "?" and token.text in "&$£€%#@/'’"
        ):
            pass
        elif token.tag == "?" and head and token.text in '“”"' and tokens[i - 1].tag == "W":
            pass  # Anna “Nan” Holm
        elif token.tag == "(" and head and _bracket(tokens, i, last):
            i = _bracket(tokens, i, last)
            continue
        elif (
            token.tag in "VE"
            and not head
            and i + 1 < last
            and tokens[i + 1].tag in "NWV"
            and i > at
        ):
            pass  # a participle before its noun: "the proposed law"
        elif (
            token.tag in "VE"
            and head
            and tokens[i - 1].tag == "G"
            and i + 1 < last
            and tokens[i + 1].tag in "NW"
        ):
            pass  # "the county's planning staff"
        elif (
            token.tag == "V"
            and head
            and token.low in english.ALSO_NOUNS
            and tokens[i - 1].tag == "N"
            and not tokens[i - 1].low.endswith("s")
            and (i + 1 >= last or tokens[i + 1].tag in ",.I")
        ):
            pass  # "a conference call"
        elif token.tag in "VE" and not head and i > at and tokens[i - 1].tag in "DG":
            head = True  # a noun that looks like a verb: "the report"
        elif (
            token.tag == "C"
            and token.low in ("and", "&")
            and head
            and i + 1 < last
            and (tokens[i + 1].tag == "W" and tokens[i - 1].tag == "W")
        ):
            pass
        elif token.tag not in "D" and not (i == at and token.low in _QUANTIFIERS):
            break
        i += 1
    while i > at and tokens[i - 1].tag in "G-C?" and tokens[i - 1].low not in "%'’":
        i -= 1
    if not head and i > at + 1 and tokens[i - 1].low in PART:
        return i  # "the two"
    return i if head else (at + 1 if i > at and tokens[at].tag == "D" else at)


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
PART = words("one two three four five some many most several all both none few each")


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


_PARTICIPLES = words("held sent made put led seen read told now born")
_RELATIVE = {"who", "which", "whose", "whom", "where", "when", "speaking", "asked", "in", "after"}
_NOUNISH = {"report", "reports", "claims", "estimates", "surveys", "study", "findings", "finding"}


def _clause_before(tokens: Sequence[Token], at: int, first: int) -> bool:
    """Whether a verb stands before the conjunction at `at`: then it may join clauses."""
    return any(tokens[k].tag in "VEX" for k in range(first, at))


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


def refuses(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether from `k` on something is not said: "and would not say more"."""
    m = k
    if m < last and tokens[m].tag == "X" and tokens[m].low not in english.NEGATIONS:
        m += 1
    if m >= last or tokens[m].low not in english.NEGATIONS:
        return False
    return m + 1 < last and tokens[m + 1].low in _SPEAKS


_SPEAKS = words("say comment elaborate give name identify explain specify answer disclose")
