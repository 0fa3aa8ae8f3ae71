"""German grammar without a parser: noun phrases, and the subject of a finite verb.

The sister of `noun_phrases` and `subjects` (English): everything works on the tokens of one host
sentence, `[first, last)` of a paragraph's tokens, and gives token indices or ranges of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.suggest.german import DETERMINERS
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words


def noun_phrase(tokens: Sequence[Token], at: int, last: int) -> tuple[int, int] | None:
    """The noun phrase that starts at `at`: determiner, adjectives, nouns."""
    k = at
    if (
        k < last
        and tokens[k].tag == "P"
        and tokens[k].low not in ("sich", "es")
        and not (k + 1 < last and tokens[k + 1].tag == "W" and tokens[k].low in ("diese", "dieser"))
    ):
        return k, k + 1
    head = False
    while k < last and (
        tokens[k].stretch < 0 or (head and tokens[k].stretch == tokens[k - 1].stretch)
    ):
        token = tokens[k]
        if token.tag == "W" or token.tag == "M":
            head = head or token.tag == "W"
        elif (
            (token.tag == "D" and not head)
            or (token.tag == "N" and not head and k + 1 < last and tokens[k + 1].tag in "WN")
            or (token.tag == "P" and token.low in DETERMINERS and not head)
            or (token.tag == "-" and k > at and tokens[k - 1].end == token.start)
        ):
            pass
        else:
            break
        k += 1
    return (at, k) if head else None


def past_phrase(tokens: Sequence[Token], k: int, last: int) -> int:
    """Past the genitives and prepositional phrases that hang on a noun phrase, and brackets."""
    while k < last:
        token = tokens[k]
        if token.low in _HANGING:
            more = noun_phrase(tokens, k if token.tag == "D" else k + 1, last)
            if not more:
                return k
            k = more[1]
        elif token.text == "(":
            close = next((m for m in range(k, min(last, k + 8)) if tokens[m].text == ")"), 0)
            if not close:
                return k
            k = close + 1
        else:
            return k
    return k


_HANGING = words("des der von vom für aus beim bei im in am und")
"""These hang a noun phrase on the one before."""


def subject(
    tokens: Sequence[Token], finite: int, clause: int, first: int, last: int
) -> tuple[int, int] | None:
    """What stands before the finite verb if a noun phrase, else the first one after it.

    `clause` is where the clause of the verb begins.
    """
    after = tokens[finite + 1] if finite + 1 < last else None
    if after is not None and after.low == "er":
        return finite + 1, finite + 2  # nominative, whatever stands before the verb
    if tokens[finite].low in ("heißt", "hieß") and after is not None and after.low == "es":
        # "In dem Schreiben heißt es": the document.
        at = next((m for m in range(first, finite) if tokens[m].low in ("in", "im")), -1)
        at = at if at >= 0 else finite + 2
        held = at < last and tokens[at].low in ("in", "im")
        return noun_phrase(tokens, at + 1, last) if held else None
    if finite > first and tokens[finite - 1].low == "und":
        # The second verb of one subject.
        k = first
        while k < finite and tokens[k].tag in "CR":
            k += 1
        if tokens[k].tag in "DWPM" and tokens[k].low not in ("den", "dem"):
            return noun_phrase(tokens, k, finite)
    if (
        finite > clause + 1
        and tokens[clause].tag in "SDI"
        and (finite + 1 >= last or tokens[finite + 1].tag in ",.:;X")
        and (found := _subordinate(tokens, clause, finite))
    ):
        return found
    k = clause
    while k < finite and tokens[k].tag in "CR":
        k += 1
    if k < finite and tokens[k].tag in "DWPNM" and tokens[k].low not in ("den", "dem", "ihm"):
        found = noun_phrase(tokens, k, finite)
        if found and past_phrase(tokens, found[1], finite) == finite:
            return found
        if (
            found
            and tokens[k].tag in "DP"
            and not any(t.tag in "X" for t in tokens[found[1] : finite])
        ):
            return found
    if clause > first and clause < k == finite and tokens[clause - 1].tag == ",":
        # "Brand, Sprecher der Polizei, sagte": before the apposition.
        back = clause - 2
        while back > first and tokens[back].tag != ",":
            back -= 1
        if found := noun_phrase(tokens, first, back):
            return found
    if found := _behind(tokens, finite, last):
        return found
    # "Brand, der Sprecher, sagte, …": the verb after an apposition.
    if finite == clause and clause > first:
        return noun_phrase(tokens, first, clause)
    return None


def _subordinate(tokens: Sequence[Token], clause: int, finite: int) -> tuple[int, int] | None:
    """The subject of a subordinate clause, early in it, its verb at its end."""
    for m in range(clause + 1, finite):
        if tokens[m].tag == "P" and tokens[m].low in ("er", "sie", "man", "wir"):
            return m, m + 1
    for m in range(clause + 1, finite):
        if tokens[m].tag in "D" and (found := noun_phrase(tokens, m, finite)):
            return found
    return None


def _behind(tokens: Sequence[Token], finite: int, last: int) -> tuple[int, int] | None:
    """The first noun phrase after a finite verb that no preposition binds."""
    k = finite + 1
    while k < last and (tokens[k].tag == "R" or tokens[k].low == "sich"):
        k += 1
    while k < last and tokens[k].stretch < 0 and tokens[k].tag not in ",:.;":
        if tokens[k].tag == "I":
            more = noun_phrase(tokens, k + 1, last)
            k = more[1] if more else k + 1
            continue
        if tokens[k].tag in "DWPNM" and (found := noun_phrase(tokens, k, last)):
            return found
        k += 1
    return None


def before_apposition(tokens: Sequence[Token], first: int, clause: int) -> tuple[int, int] | None:
    """The noun phrase of "Brand, der Sprecher, sagte", where it opens the sentence."""
    at = first
    while at < clause and tokens[at].tag == "C":
        at += 1
    found = noun_phrase(tokens, at, clause) if tokens[at].tag in "DWM" else None
    if not found:
        return None
    end = past_phrase(tokens, found[1], clause)
    if end < clause - 1 and tokens[end].tag == "," and tokens[clause - 1].tag == ",":
        return found
    return None


def after_von(tokens: Sequence[Token], i: int, first: int, last: int) -> tuple[int, int] | None:
    """Who says it in the passive: the noun phrase after "von", ten tokens past `i` at most."""
    for k in range(first, min(last, i + 10)):
        if tokens[k].low in ("von", "vom") and tokens[k].stretch < 0:
            return noun_phrase(tokens, k + 1, last)
    return None
