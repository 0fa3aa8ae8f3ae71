"""Stances by rules: who is for or against what, and which words show it. Better none than wrong.

`positions(reading, quotes)` finds stances, pure and precision first: verbs of position with a
subject and an object, and in speech predicates that are an opinion. `toward` judges the polarity
of a sentence toward a given target, which is the easier task (annotators agree on polarity .999, on
which triples exist .53: SEESAW, Zhang et al. 2024).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from onrecord.suggest import attitudes, english, surface
from onrecord.suggest.quotes import Quotation
from onrecord.suggest.reading import Paragraph, Reading, Token, read

Offsets = tuple[int, int]


@dataclass(slots=True)
class Position:
    """A stance as offsets of the text; `holder` is empty where the default holds (S15)."""

    polarity: str
    evidence: Offsets
    holder: list[Offsets] = field(default_factory=list)
    target: list[Offsets] = field(default_factory=list)
    target_text: str = ""
    basis: str = "explicit"
    score: float = 0.5
    unnamed: bool = False


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
            found += _told(reading, paragraph, said, first, last)
        for quote in own:
            found += _spoken(paragraph, quote)
    unique: dict[tuple[Offsets, str], Position] = {}
    for position in found:
        unique.setdefault((position.evidence, position.polarity), position)
    return sorted(unique.values(), key=lambda p: p.evidence)


def _verb_at(tokens: Sequence[Token], i: int, last: int) -> tuple[attitudes.Verb, int] | None:
    """The position verb at a token and the end of its group."""
    verb = attitudes.forms().get(tokens[i].low)
    if verb is None or tokens[i].tag not in "VEN":
        return None
    for k in range(i + 1, min(last, i + 3)):
        found = attitudes.PARTICLES.get((verb, tokens[k].low))
        if found and (k == i + 1 or verb == "vote"):
            return found, k + 1
        if tokens[k].tag not in "RN":
            break
    found = attitudes.VERBS.get(verb)
    if found is None:
        return None
    before = tokens[i - 1] if i else None
    if tokens[i].low == verb or tokens[i].low.endswith("s"):
        # "the ban", "his support", "blocks": a noun unless a subject or "to" stands before it.
        if before is None or (before.tag not in "PNWXRS" and before.low != "to"):
            return None
        if tokens[i].low == verb and before.tag in "NW" and not before.low.endswith("s"):
            return None
        follows = tokens[i + 1] if i + 1 < last else None
        if follows is None or follows.tag not in 'DWNPM"':
            return None
    return found, i + 1


def _told(
    reading: Reading, paragraph: Paragraph, said: bytearray, first: int, last: int
) -> list[Position]:
    """Stances that the author tells: "Residents condemned the plan on Monday"."""
    tokens = paragraph.tokens
    out = []
    for i in range(first, last):
        token = tokens[i]
        if token.stretch >= 0:
            continue
        hit = _verb_at(tokens, i, last)
        if hit is None:
            continue
        verb, end = hit
        if said[token.start - paragraph.start]:
            continue  # inside indirect speech the speaker holds it, if it is his: left to people
        subject = surface.subject(tokens, i, first)
        start, denied, passive, infinitive = surface.verb_group(tokens, i, first)
        if subject.denied or denied or infinitive or subject.phrase is None:
            continue
        head = tokens[subject.phrase[0]]
        if head.low in ("it", "that", "this", "who", "which", "i", "you", "there", "what"):
            continue
        if passive:
            by = next((k for k in range(end, min(last, end + 8)) if tokens[k].low == "by"), 0)
            stop = surface.base_phrase(tokens, by + 1, last) if by else 0
            target, holder = [_span(tokens, subject.phrase)], []
            if by and stop > by + 1 and not tokens[by + 1].low.endswith("ing"):
                holder = [_span(tokens, (by + 1, stop))]
            else:
                continue
        else:
            if token.low.endswith("ing") and start == i:
                continue
            k = end
            while k < last and tokens[k].tag == "R":
                k += 1
            if k >= last or tokens[k].stretch >= 0 or tokens[k].tag not in "DWNPM":
                continue
            stop = surface.base_phrase(tokens, k, last)
            if stop <= k or tokens[k].low in ("themselves", "himself", "herself", "that", "it"):
                continue
            if tokens[k].tag == "T":
                continue
            target, holder = [_span(tokens, (k, stop))], [_span(tokens, subject.phrase)]
            if verb.polarity == "against" and verb.basis == "explicit":
                # "criticised Reeve for the closure": the act rather than the person (S8).
                why = next(
                    (
                        m
                        for m in range(stop, min(last, stop + 6))
                        if tokens[m].low in ("for", "over")
                    ),
                    0,
                )
                if why and tokens[i].low[:5] not in ("accus", "blame"):
                    act = surface.base_phrase(tokens, why + 1, last)
                    if (
                        act > why + 1
                        and not tokens[why + 1].low.endswith("ing")
                        and tokens[why + 1].tag == "D"
                    ):
                        target = [_span(tokens, (why + 1, act))]
        begin = subject.phrase[0] if subject.phrase[0] < i else start
        if subject.phrase[1] < start and any(
            tokens[m].tag in "VEX" and tokens[m].stretch < 0
            for m in range(subject.phrase[1], start)
        ):
            begin = start  # a second verb of the same subject: the clause starts at it (S7)
        close = _clause_close(tokens, i, last)
        evidence = (tokens[begin].start, tokens[close - 1].end)
        if not _even(reading.text, evidence):
            continue
        out.append(Position(verb.polarity, evidence, holder, target, "", verb.basis, 0.55))
    return out


def _clause_close(tokens: Sequence[Token], i: int, last: int) -> int:
    """The end of the finite clause of the verb at `i` (S7)."""
    k = i + 1
    while k < last:
        token = tokens[k]
        if token.stretch < 0:
            if token.tag in ".;:-":
                break
            if (
                token.tag == ","
                and k + 1 < last
                and (
                    tokens[k + 1].tag in "SCVE"
                    or tokens[k + 1].low.endswith("ing")
                    or tokens[k + 1].low
                    in (
                        "who",
                        "which",
                        "while",
                        "after",
                        "as",
                        "with",
                        "according",
                        "a",
                        "an",
                        "the",
                    )
                )
            ):
                break
            if token.low in ("because", "since", "while", "although", "though", "when", "whereas"):
                break
            if (
                token.tag == "C"
                and token.low in ("and", "but")
                and k + 1 < last
                and tokens[k + 1].tag in "VE"
            ):
                break
        k += 1
    while k > i + 1 and tokens[k - 1].stretch < 0 and tokens[k - 1].tag in ",.;:-":
        k -= 1
    return k


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
            out += _clauses(tokens, own[0], own[-1] + 1, piece)
        finally:
            for k, stretch in zip(own, saved, strict=True):
                tokens[k].stretch = stretch
    return out


def _judged(paragraph: Paragraph, quote: Quotation, own: Sequence[int]) -> Position | None:
    """ "called it “a betrayal”": the quote is the evidence, what is called so the target."""
    tokens = paragraph.tokens
    polarity = _opinion(tokens[k].low for k in own)
    if not polarity or quote.cue is None:
        return None
    cue = quote.cue
    at = paragraph.within(0, cue[1]).stop
    if at >= len(tokens) or tokens[at].start >= quote.start:
        return None
    stop = surface.base_phrase(tokens, at, own[0])
    if stop <= at:
        return None
    return Position(polarity, quote.pieces[0], [], [_span(tokens, (at, stop))], "", "explicit", 0.6)


def _opinion(words: object) -> str:
    held = {str(word) for word in words}  # type: ignore[attr-defined]
    if held & english.NEGATIONS:
        return ""
    bad, good = held & attitudes.BAD_PREDICATES, held & attitudes.GOOD_PREDICATES
    if bad and not good:
        return "against"
    return "favor" if good and not bad else ""


_NAMING = {verb for verb, kinds in english.VERBS.items() if "j" in kinds}
_BE = {"is", "was", "are", "were", "'s", "’s", "be"}


def _clauses(tokens: Sequence[Token], a: int, b: int, piece: Offsets) -> list[Position]:
    """ "I oppose the fee" and "this is a betrayal", inside speech."""
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
        position = None
        begin = i = first
        for i in range(first, last):
            token = tokens[i]
            if token.low in _BE and i > first:
                if any(
                    tokens[m].low in english.NEGATIONS | {"if", "whether"}
                    for m in range(first, min(last, i + 4))
                ):
                    continue
                subject = surface.left_phrase(tokens, i - 1, first)
                if subject is None or tokens[subject[0]].low in (
                    "there",
                    "i",
                    "we",
                    "you",
                    "who",
                    "what",
                    "which",
                ):
                    continue
                words = []
                for k in range(i + 1, min(last, i + 7)):
                    if tokens[k].tag in ",S.IC":
                        break
                    words.append(tokens[k].low)
                polarity = _opinion(words)
                if polarity:
                    position = Position(
                        polarity, piece, [], [_span(tokens, subject)], "", "explicit", 0.55
                    )
                    begin = subject[0]
                    break
            hit = _verb_at(tokens, i, last)
            if hit and i > first:
                verb, end = hit
                start, denied, passive, infinitive = surface.verb_group(tokens, i, first)
                if denied or passive or infinitive or start - 1 < first:
                    continue
                if tokens[start - 1].low not in ("i", "we", "he", "she", "they"):
                    continue
                k = end
                stop = surface.base_phrase(tokens, k, last) if k < last else k
                if stop > k and tokens[k].tag in "DWNP":
                    position = Position(
                        verb.polarity, piece, [], [_span(tokens, (k, stop))], "", "explicit", 0.6
                    )
                    begin = start - 1
                    break
        if position is None:
            continue
        if finite > 1:
            close = _clause_close(tokens, i, last)
            while close > begin + 1 and tokens[close - 1].tag in '".,':
                close -= 1
            evidence = (tokens[begin].start, tokens[close - 1].end)
            position.evidence = evidence
        out.append(position)
    return out


def _span(tokens: Sequence[Token], span: tuple[int, int]) -> Offsets:
    return tokens[span[0]].start, tokens[span[1] - 1].end


def _even(text: str, span: Offsets) -> bool:
    """Whether no pair of marks is cut in two by a stretch."""
    words = text[span[0] : span[1]]
    return words.count("“") == words.count("”") and words.count('"') % 2 == 0


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
