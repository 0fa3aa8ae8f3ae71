"""Stances by rules: who is for or against what, and which words show it. Better none than wrong.

`positions(reading, quotes)` finds stances, pure and precision first: verbs of position with a
subject and an object, what is asked for, wanted, voted and refused, and in speech predicates that
are an opinion. The letters and numbers in comments (S9) are decisions of
schema/guidelines/stance.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from onrecord.suggest import attitudes, english, noun_phrases, subjects
from onrecord.suggest.aims import BE, aim_of, conditional, done, group, sided, span_of, verb_at
from onrecord.suggest.attitudes import Verb
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Offsets, Quotation
from onrecord.suggest.reading import Paragraph, Reading, Token
from onrecord.suggest.words import words


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


SCORES = {
    "told person": 0.8,
    "told thing": 0.8,
    "told asked": 0.75,
    "judged": 0.73,
    "said thing": 0.65,
    "predicate": 0.55,
    "told receiver": 0.5,
    "told act": 0.5,
    "must": 0.5,
    "said asked": 0.4,
    "said act": 0.4,
}
"""By rule: the share whose holder, target and polarity were right on this corpus's gold."""


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
            position.score = SCORES.get(position.rule, 0.5)
            unique.setdefault((position.evidence, position.polarity), position)
    return sorted(unique.values(), key=lambda p: p.evidence)


# --- what the author tells ------------------------------------------------------------------------


def _told(paragraph: Paragraph, said: bytearray, first: int, last: int) -> list[Position]:
    """Stances that the author tells: "Residents condemned the plan on Monday"."""
    tokens = paragraph.tokens
    out = []
    for i in range(first, last):
        token = tokens[i]
        if token.stretch >= 0 or said[token.start - paragraph.start]:
            continue  # inside indirect speech the speaker holds it
        hit = verb_at(tokens, i, last)
        if hit is None:
            continue
        verb, end = hit
        start, denied, passive, expected = group(tokens, i, first)
        if expected or (token.low.endswith("ing") and start == i):
            continue
        if start - 1 >= first and tokens[start - 1].low == "to":
            continue
        subject = subjects.subject(tokens, i, first)
        if subject.phrase is None or tokens[subject.phrase[0]].low in _NO_HOLDERS:
            continue
        if tokens[subject.phrase[1] - 1].low in attitudes.NO_HOLDERS | {"cent", "percent", "%"}:
            continue  # a poll holds no position
        if any(t.low in _IF for t in tokens[max(first, subject.phrase[0] - 2) : subject.phrase[0]]):
            continue  # "until the House votes to"
        if passive:
            position = _suffered(tokens, verb, subject.phrase, end, last)
            if position is None:
                continue
        else:
            aim = aim_of(tokens, verb, end, last)
            polarity = sided(verb, aim, denied) if aim else ""
            if aim is None or not polarity:
                continue
            mixed = polarity == "favor" and conditional(tokens, start, end, last)
            position = Position("mixed" if mixed else polarity, (0, 0), basis=verb.basis)
            position.target, position.target_text = aim.spans(tokens), aim.text
            position.holder = _holders(tokens, subject.phrase, last)
            if subject.whole:
                position.whole = span_of(tokens, subject.whole)
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
    target = [span_of(tokens, phrase)]
    if not by:
        if verb.crowd:
            return Position(verb.polarity, (0, 0), [], target, basis=verb.basis, unnamed=True)
        return None
    stop = noun_phrases.base_phrase(tokens, by + 1, last)
    if (
        stop <= by + 1
        or tokens[by + 1].low.endswith("ing")
        or verb.takes not in ("thing", "person", "act")
    ):
        return None
    if tokens[by + 1].tag == "M":
        return None
    return Position(
        verb.polarity, (0, 0), _holders(tokens, (by + 1, stop), last), target, basis=verb.basis
    )


def _holders(tokens: Sequence[Token], phrase: Range, last: int) -> list[Offsets]:
    """A holder's phrase, whole where it is a part ("two of the nine"), and the one that "and"
    adds."""
    a, b = phrase
    if (
        tokens[b - 1].low in noun_phrases.PART | {"number", "majority", "handful"}
        and b + 1 < last
        and tokens[b].low == "of"
    ):
        b = max(noun_phrases.base_phrase(tokens, b + 1, last), b)
    found = [span_of(tokens, (a, b))]
    if b + 1 < last and tokens[b].low == "and" and tokens[b].stretch < 0:
        end = noun_phrases.base_phrase(tokens, b + 1, last)
        if b + 1 < end < last and tokens[end].tag in "XVER":
            found.append(span_of(tokens, (b + 1, end)))
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
    end = noun_phrases.noun_phrase(tokens, k, last) if tokens[k].tag in "DWNPM" else k
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
    stop = noun_phrases.base_phrase(tokens, at, own[0])
    if stop <= at:
        return None
    return Position(polarity, quote.pieces[0], [], [span_of(tokens, (at, stop))], rule="judged")


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


def _must(tokens: Sequence[Token], i: int, first: int, last: int) -> tuple[Position, int] | None:
    """ "The line must stay", "the fee should be dropped" (S9 b), at the "must"."""
    if tokens[i].low not in ("must", "should") or i <= first:
        return None
    if any(tokens[m].tag == "S" for m in range(first, i)):
        return None  # "if it should", "who must"
    subject = noun_phrases.left_phrase(tokens, i - 1, first)
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
        act = done(tokens, subject, k + 1, last)
        if act is None or act.phrase is None:
            return None
        against = act.sign < 0
    else:
        return None
    polarity = "against" if against != denied else "favor"
    target = [span_of(tokens, subject)]
    return Position(polarity, (0, 0), [], target, rule="must"), subject[0]


def _predicate(
    tokens: Sequence[Token], i: int, first: int, last: int
) -> tuple[Position, int] | None:
    """ "This is a betrayal" at its "is": the position and where its clause begins."""
    if tokens[i].low not in BE or tokens[i].tag != "X" or i <= first:
        return None
    if any(tokens[m].low in ("if", "whether") for m in range(first, i)):
        return None
    start, denied, _, expected = group(tokens, i, first)
    if expected:
        return None
    subject = noun_phrases.left_phrase(tokens, start - 1, first)
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
    target = [span_of(tokens, subject)]
    return Position(polarity, (0, 0), [], target, "", "explicit", 0.55, rule="predicate"), subject[
        0
    ]


_NO_SUBJECTS = {"there", "i", "we", "you", "who", "what", "which"}


def _position(
    tokens: Sequence[Token], i: int, first: int, last: int, speakers: set[str], vows: bool
) -> tuple[Position, int] | None:
    """ "I oppose the fee" at its verb: the position and where its clause begins."""
    hit = verb_at(tokens, i, last)
    if hit is None:
        return None
    verb, end = hit
    start, denied, passive, expected = group(tokens, i, first)
    vowed = vows and start == i and i == first + 1 and tokens[first].low == "to"
    if (expected and not denied) or passive or (start <= first and not vowed):
        return None
    if tokens[i].low.endswith("ing") and start == i:
        return None
    before = tokens[start - 1]
    holder: list[Offsets] = []
    begin = start - 1
    if not vowed and before.low not in speakers:
        subject = noun_phrases.left_phrase(tokens, start - 1, first)
        if subject is None or before.low in _NO_HOLDERS - {"i", "we"}:
            return None
        if before.tag == "G" or before.low in attitudes.NO_HOLDERS | {"to", "cent", "nobody"}:
            return None
        if any(t.low in _IF for t in tokens[max(first, subject[0] - 2) : subject[0]]):
            return None
        holder = [span_of(tokens, subject)]
        begin = subject[0]
    aim = aim_of(tokens, verb, end, last)
    polarity = sided(verb, aim, denied) if aim else ""
    if aim is None or not polarity:
        return None
    if polarity == "favor" and conditional(tokens, start, end, last):
        polarity = "mixed"
    position = Position(polarity, (0, 0), holder, aim.spans(tokens), aim.text, verb.basis, 0.6)
    position.rule = f"said {verb.takes}"
    return position, begin


_IF = {"if", "until", "unless", "once", "whether", "should"}
_FIRST = {"i", "we"}
_SPEAKERS = {"i", "we", "he", "she", "they", "it"}
_VOWS = words("vow promise pledge threaten swear")


def _even(text: str, span: Offsets) -> bool:
    """Whether no pair of marks is cut in two by a stretch."""
    part = text[span[0] : span[1]]
    return part.count("“") == part.count("”") and part.count('"') % 2 == 0
