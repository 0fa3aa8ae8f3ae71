"""The verb of a position and what the position is about (stance.md, S8 to S11, S13, S14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onrecord.suggest import attitudes, english, noun_phrases, subjects
from onrecord.suggest.attitudes import Verb
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Offsets
from onrecord.suggest.reading import Token
from onrecord.suggest.words import words


class Aim(NamedTuple):
    """What a position is about: a phrase (and more, joined by "and" or "or"), else an act as
    `text`. `sign` is 1 where the position is about it as it stands, -1 where its verb turns it
    ("to scrap the fee")."""

    phrase: Range | None
    text: str = ""
    sign: int = 1
    more: Range | None = None

    def spans(self, tokens: Sequence[Token]) -> list[Offsets]:
        return [span_of(tokens, part) for part in (self.phrase, self.more) if part]


def verb_at(tokens: Sequence[Token], i: int, last: int) -> tuple[Verb, int] | None:
    """The position verb at a token and the end of its group."""
    if tokens[i].low in BE and tokens[i].tag == "X":
        k = i + 1
        while k < last and tokens[k].tag == "R" and tokens[k].low not in english.NEGATIONS:
            k += 1
        for phrase, found in attitudes.PHRASES.items():
            if tuple(t.low for t in tokens[k : min(last, k + len(phrase))]) == phrase:
                return found, k + len(phrase)
        return None
    verb = attitudes.forms().get(tokens[i].low)
    if verb is None or tokens[i].tag not in "VEN":
        return None
    before = tokens[i - 1] if i else None
    if (
        before is not None
        and before.tag in "DG"
        and before.low not in ("this", "that", "these", "those", "some", "many", "both", "all")
    ):
        return None  # a noun, or a participle before one
    for k in range(i + 1, min(last, i + (9 if verb == "vote" else 3))):
        found = attitudes.PARTICLES.get((verb, tokens[k].low))
        if found and verb in ("lash", "hit"):
            aimed = k + 1 < last and tokens[k + 1].low in ("at", "against")
            return (found, k + 2) if aimed else None
        if found and (k == i + 1 or verb == "vote") and not _noun(tokens, i, verb):
            return found, k + 1
        dated = k + 1 < last and tokens[k + 1].tag in "TM"
        if verb == "vote" and tokens[k].low == "on" and not dated:
            break  # "voted on a resolution to leave"
        if verb == "vote" and _infinitive(tokens, k, last):
            return attitudes.VERBS["vote"], k
        if tokens[k].tag not in ("RNMDI,T" if verb == "vote" else "RN"):
            break
    for k in range(i + 1, min(last - 1, i + 8)):
        deed = attitudes.DEEDS.get((verb, tokens[k].low, tokens[k + 1].low))
        if deed and (verb != "take" or tokens[i + 1].low == "no"):
            return deed, k + 2
        if tokens[k].tag in "XVE,.;":
            break
    found = attitudes.VERBS.get(verb)
    if found is None or verb == "vote":
        return None
    if tokens[i].low == verb or tokens[i].low.endswith("s"):
        # "the ban", "his support", "blocks": a noun unless a subject or "to" stands before it.
        if before is None or (before.tag not in "PNWXRS" and before.low != "to"):
            return None
        follows = tokens[i + 1] if i + 1 < last else None
        if (
            tokens[i].low == verb
            and before.tag in "NW"
            and not before.low.endswith("s")
            and not (follows is not None and follows.tag == "P")
        ):
            return None
        if follows is None or (follows.tag not in 'DWNPM"' and follows.low != "to"):
            return None
    return found, i + 1


def _noun(tokens: Sequence[Token], i: int, verb: str) -> bool:
    """Whether a form that is a noun too is one: "six college votes for"."""
    before = tokens[i - 1] if i else None
    low = tokens[i].low
    return (
        low in (verb, f"{verb}s")
        and before is not None
        and (before.tag == "M" or (before.tag == "N" and not before.low.endswith("s")))
        and low.endswith("s")
    )


BE = {"is", "was", "are", "were", "'s", "’s", "be", "been"}


def _infinitive(tokens: Sequence[Token], k: int, last: int) -> bool:
    return tokens[k].low == "to" and k + 1 < last and tokens[k + 1].tag not in "MDPWG,."


def _object(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    """The noun phrase or pronoun that starts at `k`; a part with its whole ("two of the nine")."""
    if k >= last or tokens[k].tag not in "DWNPM" or tokens[k].stretch >= 0:
        return None
    if tokens[k].low in _NO_TARGETS:
        return None
    if k + 2 < last and tokens[k].tag == "D" and tokens[k + 1].tag == '"':
        # "the “Care Reform Bill”": the words in marks.
        close = next((m for m in range(k + 2, last) if tokens[m].tag == '"'), k + 2)
        return (k + 2, close) if close > k + 2 else None
    end = noun_phrases.base_phrase(tokens, k, last)
    if end <= k:
        return None
    for m in range(k + 1, end):
        after = tokens[m + 1] if m + 1 < last else None
        if tokens[m].low in ("worth", "due") or (
            tokens[m].low.endswith("ing")
            and tokens[m - 1].tag in "NW"
            and after is not None
            and after.tag in "DPWN"
        ):
            end = m  # "a budget authorizing funds": the participle is out
            break
    head = end - 1
    if tokens[head].tag == "D" and tokens[head].low not in noun_phrases.PART:
        return None
    if (
        tokens[head].low in noun_phrases.PART | {"third", "half"}
        and end < last
        and tokens[end].low == "of"
    ):
        end = max(noun_phrases.base_phrase(tokens, end + 1, last), end)
    return k, end


_NO_TARGETS = words(
    "themselves himself herself itself that there what who which nothing something everything"
)


def _act(tokens: Sequence[Token], k: int, last: int) -> Aim | None:
    """What an infinitive after "to" at `k` is about (S9 b, c): "to scrap the fee"."""
    if k >= last or not _infinitive(tokens, k, last) or tokens[k + 1].stretch >= 0:
        return None
    low = tokens[k + 1].low
    m = k + 2
    if low in attitudes.SPEAKING or not low.isalpha():
        return None
    particle = ""
    if m < last and tokens[m].low in _PARTICLES:
        particle = f" {tokens[m].low}"
        m += 1
    found = _object(tokens, m, last)
    if m < last and tokens[m].low.endswith("ing") and tokens[m].tag in "NVE":
        what = _object(tokens, m + 1, last)
        rest = f" of {_head(tokens, what)}" if what else ""
        return Aim(None, f"{tokens[m].low}{rest}", -1 if low in attitudes.ENDS else 1)
    if found and (low in attitudes.ENDS or (low + particle) in attitudes.ENDS_WITH):
        return Aim(found, sign=-1)
    if found and low in attitudes.KEEPS:
        return Aim(found)
    if found:
        return Aim(None, f"{_gerund(low)}{particle} of {_head(tokens, found)}")
    if m + 1 < last and tokens[m].tag == "I" and (other := _object(tokens, m + 1, last)):
        return Aim(None, f"{_gerund(low)}{particle} {tokens[m].low} {_head(tokens, other)}")
    return Aim(None, f"{_gerund(low)}{particle}")


_PARTICLES = {"up", "out", "off", "down", "away", "back"}


def _gerund(verb: str) -> str:
    return english.inflected(verb)[-1]


def _head(tokens: Sequence[Token], phrase: Range) -> str:
    """The head noun or the name of a phrase."""
    a, b = phrase
    k = b - 1
    while k > a and tokens[k].tag == "W" and tokens[k - 1].tag == "W":
        k -= 1
    return " ".join(t.text for t in tokens[k:b])


def done(tokens: Sequence[Token], found: Range, k: int, last: int) -> Aim | None:
    """What is asked for where a participle at `k` says what is to be done with a thing."""
    done = tokens[k].low
    if not noun_phrases.participle(done) or tokens[k].stretch >= 0 or tokens[k].tag not in "VEN":
        return None
    base = attitudes.done().get(done, "")
    off = k + 1 < last and tokens[k + 1].low in ("off", "down", "out")
    if base in attitudes.ENDS or off:
        return Aim(found, sign=-1)
    if base in attitudes.KEEPS:
        return Aim(found)
    stem = done[:-1] if done.endswith("eed") else done[:-2]
    acting = attitudes.ACTING.get(done) or (f"{stem}ing" if done.endswith("ed") else "")
    return Aim(None, f"{acting} of {_head(tokens, found)}") if acting else None


def _asked(tokens: Sequence[Token], found: Range, last: int, wanted: bool) -> Aim:
    """What is asked for or wanted, with what is to be done with it: "the fee to be scrapped"."""
    k = max(found[1], noun_phrases.noun_phrase(tokens, found[0], last, told=True))
    if k >= last or tokens[found[1] - 1].low in attitudes.MEANS:
        return Aim(found, more=_joined(tokens, found[1], last))
    act = None
    if k + 2 < last and tokens[k].low == "to" and tokens[k + 1].low == "be":
        act = done(tokens, found, k + 2, last)
    elif k + 1 < last and tokens[k].low == "be":
        act = done(tokens, found, k + 1, last)
    elif tokens[k].low == "to":
        act = _act(tokens, k, last)  # "wants the council to scrap the fee"
    elif wanted:
        act = done(tokens, found, k, last)
    if act and act.phrase is None and " " not in act.text:
        return act._replace(text=f"{act.text} of {_head(tokens, found)}")
    return act or Aim(found, more=_joined(tokens, found[1], last))


def _joined(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    """A second object that "and" or "or" adds and nothing follows (S11)."""
    if k + 1 >= last or tokens[k].low not in ("and", "or") or tokens[k + 1].tag not in "DWM":
        return None
    found = _object(tokens, k + 1, last)
    if found and (found[1] >= last or tokens[found[1]].tag in ",.;I"):
        return found
    return None


def aim_of(tokens: Sequence[Token], verb: Verb, k: int, last: int) -> Aim | None:
    """What a position verb whose group ends at `k` is about."""
    while k < last and tokens[k].tag == "R":
        k += 1
    if k >= last:
        return None
    if verb.takes == "act":
        found = _object(tokens, k, last) if tokens[k].low != "to" else None
        return Aim(found) if found and verb.polarity == "against" else _act(tokens, k, last)
    if verb.takes == "receiver":
        end = noun_phrases.noun_phrase(tokens, k, last, told=True) if tokens[k].tag in "DWNP" else k
        act = _act(tokens, end, last) if end > k else None
        return act if act and act.phrase else None  # else perhaps practical advice (S2)
    if verb.takes == "asked" and tokens[k].low.endswith("ing") and tokens[k].tag in "NVE":
        what = _object(tokens, k + 1, last)
        return Aim(None, f"{tokens[k].low} of {_head(tokens, what)}") if what else None
    found = _object(tokens, k, last)
    if found is None:
        if verb.takes == "thing" and tokens[k].low.endswith("ing"):
            inner = attitudes.done().get(tokens[k].low)
            thing = _object(tokens, k + 1, last)
            if thing and inner in attitudes.ENDS:
                return Aim(thing, sign=-1)
        return None
    if verb.truth and tokens[found[1] - 1].low in attitudes.CLAIMS:
        return None  # what is true is no position (S2)
    if verb.heads and not any(
        t.low.rstrip("s") in verb.heads or t.low in verb.heads for t in tokens[found[0] : found[1]]
    ):
        return None
    if verb.takes == "asked":
        if found[1] - found[0] == 1 and tokens[found[0]].tag == "P":
            aim = _asked(tokens, found, last, verb.basis == "explicit")
            return aim if aim.phrase is None or aim.sign < 0 else None
        return _asked(tokens, found, last, verb.basis == "explicit")
    if verb.takes == "thing" and verb.polarity == "against" and verb.basis == "explicit":
        # "criticised Reeve for the closure": the act rather than the person (S8).
        why = next(
            (
                m
                for m in range(found[1], min(last, found[1] + 6))
                if tokens[m].low in ("for", "over")
            ),
            0,
        )
        if why and why + 1 < last:
            if tokens[why + 1].low.endswith("ing") and tokens[why].low == "for":
                thing = _object(tokens, why + 2, last)
                rest = f" of {_head(tokens, thing)}" if thing else ""
                return Aim(None, f"{tokens[why + 1].low}{rest}")
            act = _object(tokens, why + 1, last)
            if act and tokens[act[0]].tag == "D":
                return Aim(act)
    return Aim(found, more=_joined(tokens, found[1], last))


_FLIP = {"favor": "against", "against": "favor"}


def sided(verb: Verb, aim: Aim, denied: bool) -> str:
    """The polarity of a position, "" for none: "does not oppose" is no stance (S13)."""
    polarity = verb.polarity if aim.sign > 0 else _FLIP.get(verb.polarity, verb.polarity)
    if not denied:
        return polarity
    return "against" if verb.denied else ""


def conditional(tokens: Sequence[Token], start: int, k: int, last: int) -> bool:
    """Whether support is given under a condition (S14): "only if the price falls"."""
    only = any(t.low == "only" for t in tokens[start:k])
    for m in range(k, last):
        if tokens[m].tag in ".;":
            return False
        if tokens[m].low == "provided" or (
            tokens[m].low in ("if", "when") and (only or tokens[m - 1].low == "only")
        ):
            return True
    return False


def group(tokens: Sequence[Token], i: int, first: int) -> tuple[int, bool, bool, bool]:
    """`(start, denied, passive, open)` of the verb group that ends at `i`; open: only expected."""
    j = i - 1
    denied = passive = expected = False
    while j >= first and tokens[j].stretch == tokens[i].stretch and tokens[j].tag in "XR":
        low = tokens[j].low
        denied |= low in english.NEGATIONS
        passive |= low in subjects.BE and not tokens[i].low.endswith("ing")
        expected |= low in _EXPECTED
        j -= 1
    if j >= first and tokens[j].low in ("if", "whether", "unless"):
        expected = True
    return j + 1, denied, passive, expected


_EXPECTED = {"may", "might", "could", "can", "should", "must", "if", "shall"}


def span_of(tokens: Sequence[Token], span: Range) -> Offsets:
    """The offsets in the text of a range of tokens that is not empty."""
    return tokens[span[0]].start, tokens[span[1] - 1].end
