"""Stances by rules: who is for or against what, and which words show it. Better none than wrong.

`positions(reading, quotes)` finds stances, pure and precision first: verbs of position with a
subject and an object, what is asked for, wanted, voted and refused, and in speech predicates that
are an opinion. The letters and numbers in comments (S9) are decisions of
schema/guidelines/stance.md. `toward` judges the polarity of a sentence toward a given target, which
is the easier task (annotators agree on polarity .999, on which triples exist .53: SEESAW, Zhang et
al. 2024).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from onrecord.suggest import attitudes, english, surface
from onrecord.suggest.attitudes import Verb
from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Paragraph, Reading, Token, read
from onrecord.suggest.surface import Range
from onrecord.suggest.words import words

Offsets = tuple[int, int]


@dataclass(slots=True)
class Position:
    """A stance as offsets of the text; `holder` is empty where the default holds (S15).

    `whole` is the holder's phrase with its apposition. Where no span is the target, `target_text`
    says it in the words of the guidelines.
    """

    polarity: str
    evidence: Offsets
    holder: list[Offsets] = field(default_factory=list)
    target: list[Offsets] = field(default_factory=list)
    target_text: str = ""
    basis: str = "explicit"
    score: float = 0.5
    unnamed: bool = False
    whole: Offsets | None = None
    rule: str = ""
    """What found it: "told" or "said", with what the verb takes; "judged", "predicate"."""


class Aim(NamedTuple):
    """What a position is about: a phrase (and more, joined by "and" or "or"), else an act as
    `text`. `sign` is 1 where the position is about it as it stands, -1 where its verb turns it
    ("to scrap the fee")."""

    phrase: Range | None
    text: str = ""
    sign: int = 1
    more: Range | None = None

    def spans(self, tokens: Sequence[Token]) -> list[Offsets]:
        return [_span(tokens, part) for part in (self.phrase, self.more) if part]


def positions(reading: Reading, quotes: Sequence[Quotation]) -> list[Position]:
    """The stances of an English text, in text order. Total."""
    found: list[Position] = []
    starts = [quote.start for quote in quotes]
    for paragraph in reading.paragraphs:
        own = quotes[bisect_left(starts, paragraph.start) : bisect_left(starts, paragraph.end)]
        said = bytearray(paragraph.end - paragraph.start)
        for quote in own:
            for start, end in quote.pieces:
                if quote.rule != "subjunctive" and end <= paragraph.end:
                    said[start - paragraph.start : end - paragraph.start] = b"\1" * (end - start)
        for first, last in paragraph.sentences:
            found += _told(paragraph, said, first, last)
        for quote in own:
            found += _spoken(paragraph, quote)
    unique: dict[tuple[Offsets, str], Position] = {}
    for position in found:
        if _even(reading.text, position.evidence):
            unique.setdefault((position.evidence, position.polarity), position)
    return sorted(unique.values(), key=lambda p: p.evidence)


# --- the position verb and what it is about -------------------------------------------------------


def _verb_at(tokens: Sequence[Token], i: int, last: int) -> tuple[Verb, int] | None:
    """The position verb at a token and the end of its group."""
    if tokens[i].low in _BE and tokens[i].tag == "X":
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
        if found and (k == i + 1 or verb == "vote"):
            return found, k + 1
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
    end = surface.base_phrase(tokens, k, last)
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
    if tokens[head].tag == "D" and tokens[head].low not in surface.PART:
        return None
    if (
        tokens[head].low in surface.PART | {"third", "half"}
        and end < last
        and tokens[end].low == "of"
    ):
        end = max(surface.base_phrase(tokens, end + 1, last), end)
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


def _done(tokens: Sequence[Token], found: Range, k: int, last: int) -> Aim | None:
    """What is asked for where a participle at `k` says what is to be done with a thing."""
    done = tokens[k].low
    if not surface.participle(done) or tokens[k].stretch >= 0 or tokens[k].tag not in "VEN":
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
    k = found[1]
    if k >= last:
        return Aim(found)
    act = None
    if k + 2 < last and tokens[k].low == "to" and tokens[k + 1].low == "be":
        act = _done(tokens, found, k + 2, last)
    elif k + 1 < last and tokens[k].low == "be":
        act = _done(tokens, found, k + 1, last)
    elif tokens[k].low == "to":
        act = _act(tokens, k, last)  # "wants the council to scrap the fee"
    elif wanted:
        act = _done(tokens, found, k, last)
    return act or Aim(found, more=_joined(tokens, k, last))


def _joined(tokens: Sequence[Token], k: int, last: int) -> Range | None:
    """A second object that "and" or "or" adds and nothing follows (S11)."""
    if k + 1 >= last or tokens[k].low not in ("and", "or") or tokens[k + 1].tag not in "DWM":
        return None
    found = _object(tokens, k + 1, last)
    if found and (found[1] >= last or tokens[found[1]].tag in ",.;I"):
        return found
    return None


def _aim(tokens: Sequence[Token], verb: Verb, k: int, last: int) -> Aim | None:
    """What a position verb whose group ends at `k` is about."""
    while k < last and tokens[k].tag == "R":
        k += 1
    if k >= last:
        return None
    if verb.takes == "act":
        found = _object(tokens, k, last) if tokens[k].low != "to" else None
        return Aim(found) if found and verb.polarity == "against" else _act(tokens, k, last)
    if verb.takes == "receiver":
        end = surface.noun_phrase(tokens, k, last, told=True) if tokens[k].tag in "DWNP" else k
        act = _act(tokens, end, last) if end > k else None
        return act if act and act.phrase else None  # else perhaps practical advice (S2)
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


def _sided(verb: Verb, aim: Aim, denied: bool) -> str:
    """The polarity of a position, "" for none: "does not oppose" is no stance (S13)."""
    polarity = verb.polarity if aim.sign > 0 else _FLIP.get(verb.polarity, verb.polarity)
    if not denied:
        return polarity
    return "against" if verb.denied else ""


def _conditional(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether support is given under a condition (S14): "only if the price falls"."""
    for m in range(k, last):
        if tokens[m].tag in ".;":
            return False
        if tokens[m].low == "provided" or (
            tokens[m].low in ("if", "when") and tokens[m - 1].low == "only"
        ):
            return True
    return False


def _group(tokens: Sequence[Token], i: int, first: int) -> tuple[int, bool, bool, bool]:
    """`(start, denied, passive, open)` of the verb group that ends at `i`; open: only expected."""
    j = i - 1
    denied = passive = expected = False
    while j >= first and tokens[j].stretch == tokens[i].stretch and tokens[j].tag in "XR":
        low = tokens[j].low
        denied |= low in english.NEGATIONS
        passive |= low in surface.BE and not tokens[i].low.endswith("ing")
        expected |= low in _EXPECTED
        j -= 1
    if j >= first and tokens[j].low in ("if", "whether", "unless"):
        expected = True
    return j + 1, denied, passive, expected


_EXPECTED = {"may", "might", "could", "can", "should", "must", "if", "shall"}


# --- what the author tells ------------------------------------------------------------------------


def _told(paragraph: Paragraph, said: bytearray, first: int, last: int) -> list[Position]:
    """Stances that the author tells: "Residents condemned the plan on Monday"."""
    tokens = paragraph.tokens
    out = []
    for i in range(first, last):
        token = tokens[i]
        if token.stretch >= 0 or said[token.start - paragraph.start]:
            continue  # inside indirect speech the speaker holds it
        hit = _verb_at(tokens, i, last)
        if hit is None:
            continue
        verb, end = hit
        start, denied, passive, expected = _group(tokens, i, first)
        if expected or (token.low.endswith("ing") and start == i):
            continue
        if start - 1 >= first and tokens[start - 1].low == "to":
            continue
        subject = surface.subject(tokens, i, first)
        if subject.phrase is None or tokens[subject.phrase[0]].low in _NO_HOLDERS:
            continue
        if tokens[subject.phrase[1] - 1].low in ("cent", "percent", "%"):
            continue  # a poll holds no position
        if passive:
            position = _suffered(tokens, verb, subject.phrase, end, last)
            if position is None:
                continue
        else:
            aim = _aim(tokens, verb, end, last)
            polarity = _sided(verb, aim, denied) if aim else ""
            if aim is None or not polarity:
                continue
            mixed = polarity == "favor" and _conditional(tokens, end, last)
            position = Position("mixed" if mixed else polarity, (0, 0), basis=verb.basis)
            position.target, position.target_text = aim.spans(tokens), aim.text
            position.holder = _holders(tokens, subject.phrase, last)
            if subject.whole:
                position.whole = _span(tokens, subject.whole)
        begin = _begin(tokens, subject.phrase, start, i, first)
        close = _clause_close(tokens, end - 1, last)
        position.evidence = (tokens[begin].start, tokens[close - 1].end)
        position.rule = f"told {verb.takes}"
        out.append(position)
    return out


_NO_HOLDERS = words("that this who which i you we there what nobody none neither")


def _suffered(
    tokens: Sequence[Token], verb: Verb, phrase: Range, end: int, last: int
) -> Position | None:
    """A position in the passive: "the plan was rejected by residents"."""
    by = next((k for k in range(end, min(last, end + 8)) if tokens[k].low == "by"), 0)
    target = [_span(tokens, phrase)]
    if not by:
        if verb.crowd:
            return Position(verb.polarity, (0, 0), [], target, basis=verb.basis, unnamed=True)
        return None
    stop = surface.base_phrase(tokens, by + 1, last)
    if (
        stop <= by + 1
        or tokens[by + 1].low.endswith("ing")
        or verb.takes not in ("thing", "person", "act")
    ):
        return None
    if tokens[by + 1].tag == "M":
        return None
    return Position(
        verb.polarity,
        (0, 0),
        _holders(tokens, (by + 1, stop), last),
        target,
        basis=verb.basis,
    )


def _holders(tokens: Sequence[Token], phrase: Range, last: int) -> list[Offsets]:
    """A holder's phrase, whole where it is a part ("two of the nine"), and the one that "and"
    adds."""
    a, b = phrase
    if tokens[b - 1].low in surface.PART and b + 1 < last and tokens[b].low == "of":
        b = max(surface.base_phrase(tokens, b + 1, last), b)
    found = [_span(tokens, (a, b))]
    if b + 1 < last and tokens[b].low == "and" and tokens[b].stretch < 0:
        end = surface.base_phrase(tokens, b + 1, last)
        if b + 1 < end < last and tokens[end].tag in "XVER":
            found.append(_span(tokens, (b + 1, end)))
    return found


def _begin(tokens: Sequence[Token], phrase: Range, start: int, i: int, first: int) -> int:
    """Where the clause of a verb begins: at its subject, at the words of time and place before it,
    at its relative pronoun, or at the verb where another verb has the subject (S7)."""
    j = start - 1
    if j >= first and tokens[j].low in ("who", "which") and tokens[j].stretch < 0:
        return j
    if phrase[0] > i:
        return start
    if any(
        tokens[m].tag in "VEX" and tokens[m].stretch < 0 for m in range(phrase[1], start)
    ) and any(tokens[m].tag == "C" for m in range(phrase[1], start)):
        return start
    begin = phrase[0]
    k = begin - 1
    while k >= first and tokens[k].stretch < 0 and tokens[k].tag not in "XVS.;:C-":
        k -= 1
    if k < first or tokens[k].tag in ".;:C-":
        lead = tokens[k + 1] if k + 1 < begin else None
        if lead is not None and lead.tag in "IT" and (tokens[begin - 1].tag in ",TMNW"):
            begin = k + 1
    return begin


def _clause_close(tokens: Sequence[Token], i: int, last: int) -> int:
    """The end of the finite clause of the verb at `i` (S7)."""
    k = i + 1
    while k < last:
        token = tokens[k]
        after = tokens[k + 1] if k + 1 < last else None
        if token.stretch < 0:
            if token.tag in ".;:-":
                break
            if (
                token.tag == ","
                and after is not None
                and (
                    after.tag in "SCVED"
                    or after.low.endswith(("ing", "ly"))
                    or after.low in ("after", "as", "with", "according", "including")
                )
            ):
                break
            if token.low in ("because", "while", "although", "though", "when", "whereas", "after"):
                break
            if (
                token.low in ("since", "as")
                and after is not None
                and _clause_from(tokens, k + 1, last)
            ):
                break
            if token.tag == "S" and k > i + 1 and after is not None and token.low != "if":
                break
            if (
                token.tag == "C"
                and after is not None
                and (after.tag in "VEX" or after.tag == "R" or _clause_from(tokens, k + 1, last))
            ):
                break
        k += 1
    while k > i + 1 and tokens[k - 1].stretch < 0 and tokens[k - 1].tag in ",.;:-":
        k -= 1
    return k


def _clause_from(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a subject and a verb stand from `k` on."""
    end = surface.noun_phrase(tokens, k, last) if tokens[k].tag in "DWNPM" else k
    return k < end < last and (tokens[end].tag in "XE" or (tokens[end].tag == "V"))


# --- what is said ---------------------------------------------------------------------------------


def _spoken(paragraph: Paragraph, quote: Quotation) -> list[Position]:
    """Stances of a quote: its speaker is for or against something, or judges it."""
    tokens = paragraph.tokens
    out = []
    for piece in quote.pieces:
        own = list(paragraph.within(*piece))
        if not own:
            continue
        if quote.verb in _NAMING and quote.cue and quote.cue[1] <= piece[0]:
            judged = _judged(paragraph, quote, own)
            if judged:
                out.append(judged)
            continue
        saved = [tokens[k].stretch for k in own]
        for k in own:
            tokens[k].stretch = -1
        try:
            marked = tokens[own[0]].tag == '"'
            out += _clauses(tokens, own[0], own[-1] + 1, piece, marked, quote)
        finally:
            for k, stretch in zip(own, saved, strict=True):
                tokens[k].stretch = stretch
    return out


def _judged(paragraph: Paragraph, quote: Quotation, own: Sequence[int]) -> Position | None:
    """ "called it “a betrayal”": the quote is the evidence, what is called so the target."""
    tokens = paragraph.tokens
    if quote.cue is None:
        return None
    polarity = _opinion(tokens[k].low for k in own)
    if not polarity:
        return None
    at = paragraph.within(0, quote.cue[1]).stop
    if at >= len(tokens) or tokens[at].start >= quote.start:
        return None
    stop = surface.base_phrase(tokens, at, own[0])
    if stop <= at:
        return None
    return Position(polarity, quote.pieces[0], [], [_span(tokens, (at, stop))], rule="judged")


def _opinion(predicate: Iterable[str]) -> str:
    """The side that the words of a predicate take, "" for none or both."""
    held = set(predicate)
    bad, good = held & attitudes.BAD_PREDICATES, held & attitudes.GOOD_PREDICATES
    if held & english.NEGATIONS:
        return "against" if good and not bad else ""
    if bad and not good:
        return "against"
    return "favor" if good and not bad else ""


_NAMING = {verb for verb, kinds in english.VERBS.items() if "j" in kinds}
_BE = {"is", "was", "are", "were", "'s", "’s", "be", "been"}


def _clauses(
    tokens: Sequence[Token], a: int, b: int, piece: Offsets, marked: bool, quote: Quotation
) -> list[Position]:
    """ "I oppose the fee" and "this is a betrayal", inside speech; `marked`: in the speaker's own
    words, so that "he" is somebody else."""
    out = []
    first = a
    sentences = []
    for k in range(a, b):
        if tokens[k].tag == "." or k == b - 1:
            sentences.append((first, k + 1))
            first = k + 1
    finite = sum(tokens[k].tag in "XVE" and tokens[k - 1].tag != "X" for k in range(a, b) if k)
    for first, last in sentences:
        while first < last and tokens[first].tag in '"CR':
            first += 1
        for i in range(first, last):
            found = (
                _must(tokens, i, first, last)
                or _predicate(tokens, i, first, last)
                or _position(
                    tokens, i, first, last, _FIRST if marked else _SPEAKERS, quote.verb in _VOWS
                )
            )
            if found is None:
                continue
            position, begin = found
            position.evidence = piece
            if finite > 1:
                close = _clause_close(tokens, i, last)
                while close > begin + 1 and tokens[close - 1].tag in '".,(':
                    close -= 1
                position.evidence = (tokens[begin].start, tokens[close - 1].end)
            out.append(position)
            break
    return out


def _predicate(
    tokens: Sequence[Token], i: int, first: int, last: int
) -> tuple[Position, int] | None:
    """ "This is a betrayal" at its "is": the position and where its clause begins."""
    if tokens[i].low not in _BE or tokens[i].tag != "X" or i <= first:
        return None
    if any(tokens[m].low in ("if", "whether") for m in range(first, i)):
        return None
    start, denied, _, expected = _group(tokens, i, first)
    if expected:
        return None
    subject = surface.left_phrase(tokens, start - 1, first)
    if subject is None or tokens[subject[0]].low in _NO_SUBJECTS:
        return None
    if i + 1 < last and tokens[i + 1].tag in "VE":
        return None
    predicate = ["not"] if denied else []
    for k in range(i + 1, min(last, i + 8)):
        if tokens[k].tag in ",S.I" or (tokens[k].tag == "C" and tokens[k].low != "and"):
            break
        predicate.append(tokens[k].low)
    polarity = _opinion(w for w in predicate if w not in attitudes.FACTS)
    if not polarity:
        return None
    target = [_span(tokens, subject)]
    return Position(polarity, (0, 0), [], target, "", "explicit", 0.55, rule="predicate"), subject[
        0
    ]


def _must(tokens: Sequence[Token], i: int, first: int, last: int) -> tuple[Position, int] | None:
    """ "The line must stay", "the fee should be dropped" (S9 b), at the "must"."""
    if tokens[i].low not in ("must", "should") or i <= first:
        return None
    if any(tokens[m].tag == "S" for m in range(first, i)):
        return None  # "if it should", "who must"
    subject = surface.left_phrase(tokens, i - 1, first)
    k = i + 1
    denied = False
    while k < last and tokens[k].tag == "R":
        denied |= tokens[k].low in english.NEGATIONS
        k += 1
    if subject is None or k >= last or tokens[subject[0]].low in _NO_SUBJECTS:
        return None
    if tokens[k].low in ("go", "stay"):
        against = tokens[k].low == "go"
    elif tokens[k].low == "be" and k + 1 < last:
        act = _done(tokens, subject, k + 1, last)
        if act is None or act.phrase is None:
            return None
        against = act.sign < 0
    else:
        return None
    polarity = "against" if against != denied else "favor"
    target = [_span(tokens, subject)]
    return Position(polarity, (0, 0), [], target, rule="must"), subject[0]


_NO_SUBJECTS = {"there", "i", "we", "you", "who", "what", "which"}


def _position(
    tokens: Sequence[Token], i: int, first: int, last: int, speakers: set[str], vows: bool
) -> tuple[Position, int] | None:
    """ "I oppose the fee" at its verb: the position and where its clause begins."""
    hit = _verb_at(tokens, i, last)
    if hit is None:
        return None
    verb, end = hit
    start, denied, passive, expected = _group(tokens, i, first)
    vowed = vows and start == i and i == first + 1 and tokens[first].low == "to"
    if (expected and not denied) or passive or (start <= first and not vowed):
        return None
    if tokens[i].low.endswith("ing") and start == i:
        return None
    before = tokens[start - 1]
    holder: list[Offsets] = []
    begin = start - 1
    if not vowed and before.low not in speakers:
        subject = surface.left_phrase(tokens, start - 1, first)
        if subject is None or before.low in _NO_HOLDERS - {"i", "we"}:
            return None
        if before.tag == "G" or before.low in ("to", "cent", "nobody"):
            return None
        holder = [_span(tokens, subject)]
        begin = subject[0]
    aim = _aim(tokens, verb, end, last)
    polarity = _sided(verb, aim, denied) if aim else ""
    if aim is None or not polarity:
        return None
    if polarity == "favor" and _conditional(tokens, end, last):
        polarity = "mixed"
    position = Position(polarity, (0, 0), holder, aim.spans(tokens), aim.text, verb.basis, 0.6)
    position.rule = f"said {verb.takes}"
    return position, begin


_FIRST = {"i", "we"}
_SPEAKERS = {"i", "we", "he", "she", "they", "it"}
_VOWS = words("vow promise pledge threaten swear")


def _span(tokens: Sequence[Token], span: Range) -> Offsets:
    return tokens[span[0]].start, tokens[span[1] - 1].end


def _even(text: str, span: Offsets) -> bool:
    """Whether no pair of marks is cut in two by a stretch."""
    part = text[span[0] : span[1]]
    return part.count("“") == part.count("”") and part.count('"') % 2 == 0


# --- polarity toward a given target ---------------------------------------------------------------

FAVOR, AGAINST = 0.15, -0.1
"""The least sum for a side; found on the half of NewsMTSC's sentences that was seen."""


def toward(text: str, start: int, end: int) -> str:
    """favor, against or neutral: the side that a text takes toward `text[start:end]`."""
    total = tendency(text, start, end)
    return "favor" if total >= FAVOR else "against" if total <= AGAINST else "neutral"


def tendency(text: str, start: int, end: int) -> float:
    """The sum of what is said of a target, done to it and done by it; about -3 to 3."""
    paragraph = next((p for p in read(text, [], "en").paragraphs if p.start <= start < p.end), None)
    if paragraph is None:
        return 0.0
    tokens = paragraph.tokens
    own = [k for k, t in enumerate(tokens) if t.start < end and start < t.end]
    if not own:
        return 0.0
    a, b = own[0], own[-1] + 1
    judging = attitudes.judging_forms()
    total = 0.0
    for k, token in enumerate(tokens):
        sign = attitudes.valence().get(token.low, 0)
        verb = judging.get(token.low)
        if verb and not sign:
            sign = attitudes.valence().get(verb, 0)
        if not sign or a <= k < b:
            continue
        distance = a - k if k < a else k - b + 1
        weight = 1 / (1 + distance / 7)
        between = tokens[k + 1 : a] if k < a else tokens[b:k]
        crossed = sum(t.tag in ",;.S-" for t in between)
        weight *= 0.8**crossed
        if any(
            tokens[m].low in english.NEGATIONS or tokens[m].low in ("no", "without")
            for m in range(max(0, k - 3), k)
        ):
            sign *= -0.5
        if verb and token.tag in "VEN":
            passive = any(tokens[m].low in surface.BE for m in range(max(0, k - 3), k))
            if k < a:
                # The target stands after the verb: its object, unless another name is nearer.
                others = sum(t.tag == "W" for t in between)
                weight *= 1.5 if not others else 0.7
            elif passive:
                weight *= 1.5
            elif distance <= 5:
                weight *= 0.15  # the target judges somebody
        total += sign * weight
    return total
