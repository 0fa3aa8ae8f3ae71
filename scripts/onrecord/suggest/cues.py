"""Reporting verbs in their places, and who is spoken to beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from onrecord.suggest import english, noun_phrases
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.reading import Paragraph, Token
from onrecord.suggest.subjects import Subject
from onrecord.suggest.words import words


class Cue(NamedTuple):
    """A reporting verb in its place: token range, base form, what it takes."""

    at: int
    end: int
    verb: str
    kinds: str
    shown: int
    """The end of the words that are the cue: "pointed out", "called for", but "spoke" of (Q16)."""


Content = tuple[Range, str]
"""A stretch of tokens, and the frame by which it was read."""


class Grammar(NamedTuple):
    """Where subjects and complements come from: the surface, or a parse."""

    subject: Callable[[Paragraph, int, int], Subject]
    complement: Callable[[Paragraph, Cue, int], Content | None]
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
    if not kinds or token.low == "known":  # "known as", "known for"
        return None
    if token.low in english.NOT_VERBS and token.tag != "V" and not _surely_verb(tokens, i, last):
        return None
    before = tokens[i - 1] if i else None
    if before is not None:
        if token.stretch == before.stretch and _no_saying(tokens, i, last, verb):
            return None
        named = before.tag == "D" or (before.tag in "DG" and token.low.endswith("s"))
        theirs = token.low.endswith("ing") and before.low in _STANDING
        if named and token.low != "said" and not theirs:
            return None
    return Cue(i, end, verb, kinds, end)


def _surely_verb(tokens: Sequence[Token], i: int, last: int) -> bool:
    """Whether what stands around a word that is a noun more often makes it a verb."""
    if not i:
        return False
    before = tokens[i - 1]
    follows = tokens[i + 1] if i + 1 < last else None
    that = follows is not None and follows.low == "that"
    return (
        before.low in english.SUBJECT_PRONOUNS
        or before.tag == '"'
        or before.tag in "RX"
        or (before.tag == "W" and follows is not None and (that or follows.tag == '"'))
        or (before.low.endswith("s") and before.tag == "N" and that)
    )


def _no_saying(tokens: Sequence[Token], i: int, last: int, verb: str) -> bool:
    """Whether the word before shows a form of a verb to be a noun or a participle here."""
    token, before = tokens[i], tokens[i - 1]
    after = tokens[i + 1] if i + 1 < last else None
    if token.low in english.ALSO_NOUNS and (
        before.tag == "M"
        or (before.tag == "I" and before.low != "to")
        or (
            before.tag in "NW"
            and not before.low.endswith("s")
            and before.low not in _PLURALS
            and not (after is not None and after.low in _OBJECTS)
        )
    ):
        return True  # a bare form after a preposition or a singular noun is a noun
    if token.low.endswith("ed") and after is not None:
        if after.tag == "N" and (before.tag in "MI" or before.low.endswith("ing")):
            return True  # "21 confirmed cases", "amid reported attacks"
        marked = after.tag == '"' or (
            after.tag == "D" and i + 2 < last and tokens[i + 2].tag == '"'
        )
        if marked and before.tag == "N" and verb in _CALLING:
            given = any(t.low in ("what", "which", "that") for t in tokens[max(0, i - 7) : i])
            if not given:
                return True  # "a song called “Rain”"
    if token.low == verb + "s" and before.tag in "MXEV" and verb not in ("say", "tell"):
        return True  # "22 points", "have plans", "taking calls"
    if token.low.endswith("ing") and (
        (before.tag == "V" and before.low in ("said", "says", "wrote", "writes"))
        or (verb in english.INNER and before.tag not in "XR")
        or before.low in _GERUND_BEFORE
        or (before.low == "of" and tokens[i - 2].low == "short")
    ):
        return True  # "fined for reporting it"
    return token.tag == "V" and before.tag == "I" and token.low.endswith("s") and before.low != "to"


_CALLING = {"call", "dub", "brand", "label", "name", "term"}
_OBJECTS = words("them him it her us me you")
_GERUND_BEFORE = words("for from stopped stop avoid without instead keep kept")
_STANDING = words("those some many most all both several few others her his")
"""After these an -ing form is a participle of theirs; after "a" or "the" it is a noun."""


_PLURALS = words("""people police men women children media data majority and staff""")


def addressee_of(tokens: Sequence[Token], cue: Cue, last: int, before: int) -> Range | None:
    """The noun phrase right behind the cue, up to `before`: "told [the council] that …"."""
    end = noun_phrases.base_phrase(tokens, cue.end, min(last, before))
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
            end = noun_phrases.base_phrase(tokens, end + 1, last)
        if end + 1 < last and tokens[end].low in ("to", "with") and tokens[end].stretch < 0:
            return _told(tokens, end + 1, last)
    return None


def _told(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    if tokens[k].stretch >= 0 or tokens[k].tag not in "DWNP" or tokens[k].low in ("it", "that"):
        return None
    end = noun_phrases.base_phrase(tokens, k, last)
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
            end = noun_phrases.base_phrase(tokens, m + 1, last)
            if end > m + 1 and not tokens[m + 1].low.endswith("ing"):
                return m + 1, end
    return None
