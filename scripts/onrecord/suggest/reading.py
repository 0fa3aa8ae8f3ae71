"""A text as the rules read it: paragraphs, tokens with coarse tags, host sentences, marks.

A host sentence is a sentence of the article in which a stretch between quotation marks counts as
one word: what is said inside it has sentences of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from onrecord.marks import CLOSERS, opens
from onrecord.records import Segment
from onrecord.suggest import english, german
from onrecord.suggest.words import words

# Letters and digits, with the accents that no letter of its own has ("Ṣẹ́gun").
_RUN = r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*"
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"
    r"|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|s|m|bn|tn|k|km|kg)?(?![^\W_])"
    rf"|{_RUN}(?:[-‑]{_RUN})*(?:[’'](?!(?:s|re|ve|d|ll|m)\b)(?!\d){_RUN}(?:[-‑]{_RUN})*)*"
    r"|[’'](?:s|re|ve|d|ll|m)\b"
    r"|''|``|,,|\.{2,}|--+|[^\w\s]|_+",
    re.I,
)
_APOSTROPHES = "'’"
DEEPEST = 8
"""Quotes in quotes that are told apart; marks that open more are taken for no marks."""
LONGEST = 500
"""Tokens that a host sentence may have, a stretch between marks counted as one. What runs on
without a stop is cut there, so that time is linear in its length."""


class Token:
    """A word or mark. `tag` is coarse (see `reading.TAGS`), `stretch` the index of the outermost
    stretch between marks that it stands in, -1 for none."""

    __slots__ = ("end", "low", "start", "stretch", "tag", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.low = text.lower()
        self.start = start
        self.end = end
        self.tag = ""
        self.stretch = -1


TAGS = {
    "D": "determiner",
    "P": "pronoun",
    "I": "preposition",
    "C": "conjunction",
    "S": "subordinator, relative or question word",
    "X": "auxiliary",
    "V": "reporting verb",
    "E": "another verb",
    "R": "adverb",
    "T": "word of time",
    "W": "capitalised word",
    "M": "number",
    "N": "any other word",
    "G": "possessive 's",
    ",": "comma",
    ".": "end of sentence",
    '"': "quotation mark",
    ":": "colon",
    ";": "semicolon",
    "-": "dash",
    "(": "bracket",
    "?": "rest",
}


@dataclass(slots=True)
class Stretch:
    """What stands between two marks, the marks included. `depth` 0 is outermost.

    `goes_on`: the mark was not closed and the next paragraph opens again; `mended`: one of the
    marks is missing and its place was inferred.
    """

    start: int
    end: int
    depth: int = 0
    goes_on: bool = False
    mended: bool = False


@dataclass
class Paragraph:
    """A paragraph: `sentences` are half-open ranges of `tokens`; all offsets are the article's."""

    role: str
    start: int
    end: int
    tokens: list[Token] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    inner: list[Stretch] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each token starts."""
        return [token.start for token in self.tokens]

    def within(self, start: int, end: int) -> range:
        """The indices of the tokens that start in `[start, end)`."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def sentence(self, k: int) -> int:
        """The number of the host sentence of the token `k`; how many there are for one past all."""
        return bisect_left(self.sentences, k + 1, key=lambda sentence: sentence[1])


@dataclass(slots=True)
class Reading:
    """An article as the rules read it: its text, and the paragraphs with their tokens."""

    text: str
    language: str
    paragraphs: list[Paragraph]


# --- marks ------------------------------------------------------------------------------------


def masked(text: str) -> str:
    """The text with '' and `` as marks that stand where one can be, offsets unchanged."""
    return text.replace("''", ' "').replace("``", " “").replace(",,", " „")


def stretches(text: str, next_mark: str = "") -> list[Stretch]:
    """The stretches between marks of one paragraph, in text order, inner ones after outer ones.

    Every convention of `marks.CLOSERS`. An opening mark without an end holds to the paragraph's
    end where it opens the paragraph or a sentence, or where the next paragraph opens with the same
    mark (`next_mark`), else to the end of its sentence; a closing mark without a beginning holds
    from its sentence's start.
    """
    marked = masked(text)
    found: list[Stretch] = []
    open_: list[tuple[int, str]] = []
    floor = 0  # before it begins nothing that a mark without a beginning closes

    def close(at: int, end: int, **how: bool) -> None:
        nonlocal floor
        start, _ = open_[at]
        if start and text[start - 1 : start + 1] in ("''", "``", ",,"):
            start -= 1
        del open_[at:]
        if end - start > 1:
            found.append(Stretch(start, end, len(open_), **how))
            floor = max(floor, end)

    for at, mark in enumerate(marked):
        if mark not in CLOSERS and mark not in "”’›":
            continue
        before = marked[at - 1] if at else " "
        after = marked[at + 1] if at + 1 < len(marked) else " "
        if mark in _APOSTROPHES or mark == "‘":
            if before.isalnum() and after.isalnum():
                continue
            if mark in _APOSTROPHES and not any(m in "'‘‚" for _, m in open_):
                if mark == "'" and opens(marked, at) and _single_closes(marked, at):
                    open_.append((at, mark))
                continue
            if (
                mark in _APOSTROPHES
                and before in "sS"
                and after == " "
                and (marked[at + 2 : at + 3].islower() and _later_single(marked, at))
            ):
                continue
        top = next((i for i in range(len(open_) - 1, -1, -1) if mark in CLOSERS[open_[i][1]]), -1)
        starts = opens(marked, at)
        if top >= 0 and (
            not starts or (mark == '"' and not before.isspace() and before not in "([—–-")
        ):
            close(top, at + 1)
        elif starts and mark in CLOSERS:
            if len(open_) == DEEPEST:
                continue
            goes_on = not at and mark == next_mark
            if mark == "‘" and not goes_on and (after.isdigit() or not _single_closes(marked, at)):
                continue
            if open_ and open_[-1][1] == mark:
                # The one before was never closed.
                close(len(open_) - 1, _sentence_end(marked, open_[-1][0], at), mended=True)
            open_.append((at, mark))
        elif mark in '"”»“' and not starts and not open_:
            floor = start = _sentence_start(marked, at, floor)
            if at - start > 2:
                found.append(Stretch(start, at + 1, 0, mended=True))
                floor = at + 1
    while open_:
        start, mark = open_[-1]
        goes_on = len(open_) == 1 and mark == next_mark
        if start == 0 or goes_on:
            close(len(open_) - 1, len(text.rstrip()), goes_on=goes_on, mended=not goes_on)
        elif mark in "'‘‹›»":
            open_.pop()
        elif len(open_) == 1 and _starts_sentence(text, start) and not _marked_after(marked, start):
            close(0, len(text.rstrip()), mended=True)
        else:
            close(len(open_) - 1, _sentence_end(marked, start, len(text)), mended=True)
    return _nested(found)


def _nested(found: list[Stretch]) -> list[Stretch]:
    """The stretches in text order, each with its depth, without those that overlap one kept.

    Depth is by containment: a mended stretch may have come to lie around another.
    """
    kept: list[Stretch] = []
    reach = outer = 0  # where what is kept ends, and what of it is outermost
    for stretch in sorted(found, key=lambda s: (s.start, -s.end)):
        if stretch.end <= reach:
            stretch.depth = max(stretch.depth, 1)
        elif stretch.start < outer:
            continue
        else:
            stretch.depth = 0
            outer = stretch.end
        reach = max(reach, stretch.end)
        kept.append(stretch)
    return kept


def _starts_sentence(text: str, at: int) -> bool:
    """Whether nothing of its sentence stands before the mark at `at`."""
    return text[:at].rstrip()[-1:] in ".!?…"


def _marked_after(text: str, at: int) -> bool:
    """Whether more double marks follow, so that the one at `at` cannot hold to the end."""
    return any(mark in text[at + 1 :] for mark in '"“”„«»')


def _single_closes(text: str, at: int) -> bool:
    """Whether a single mark at `at` has an end that is no apostrophe, in the same paragraph."""
    for match in re.finditer(r"[’']", text[at + 1 : at + 600]):
        here = at + 1 + match.start()
        after = text[here + 1 : here + 2]
        if not after.isalnum() and not text[here - 1].isspace():
            return True
    return False


def _later_single(text: str, at: int) -> bool:
    return bool(re.search(r"[.,!?…][’'](?!\w)|\w[’'](?:\s|[.,;:!?]|$)", text[at + 1 : at + 400]))


_SENTENCE_END = re.compile(r"[.!?…]+(?=\s)")


def _sentence_end(text: str, start: int, limit: int) -> int:
    match = _SENTENCE_END.search(text, start, limit)
    end = match.end() if match else limit
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end


def _sentence_start(text: str, at: int, floor: int) -> int:
    start = floor
    for match in _SENTENCE_END.finditer(text, floor, at):
        if match.end() < at - 1:
            start = match.end()
    while start < at and not text[start].isalnum():
        start += 1
    return start


# --- tokens and sentences ---------------------------------------------------------------------


def tokens_of(text: str, base: int) -> list[Token]:
    """The tokens of a paragraph; an abbreviation keeps its full stop."""
    out: list[Token] = []
    for match in _TOKEN.finditer(text):
        token = Token(match[0], base + match.start(), base + match.end())
        if (
            token.text == "."
            and out
            and out[-1].end == token.start
            and _is_abbreviation(out[-1], text[match.end() : match.end() + 2])
        ):
            out[-1].text += "."
            out[-1].low += "."
            out[-1].end = token.end
            continue
        out.append(token)
    return out


def _is_abbreviation(token: Token, after: str) -> bool:
    """Whether a full stop between a word and what comes after belongs to the word."""
    if token.low == "no":
        return after.strip().isdigit()
    if token.low in english.ABBREVIATIONS:
        return token.text[0].isupper() or token.low not in english.CAPITAL_ABBREVIATIONS
    return len(token.text) == 1 and token.text.isupper()


def _ends_sentence(tokens: Sequence[Token], i: int) -> bool:
    """Whether the sentence ends after the marks that follow the stop at `i`."""
    if i + 1 >= len(tokens):
        return True
    after = tokens[i + 1]
    if after.start == tokens[i].end:
        return False
    first = after.text[0]
    if first.islower():
        return False
    word = tokens[i - 1] if i else None
    if tokens[i].tag == '"' and word is not None and word.text in "?!…":
        # “Who needs it?” Calder asked: the attribution belongs to the sentence.
        k = i + 1
        while k < min(len(tokens), i + 7) and tokens[k].tag in "WNDPMG":
            k += 1
        if i + 1 < k < len(tokens) and tokens[k].tag == "V" and tokens[k].low in _ATTRIBUTES:
            return False
    if word is not None and word.tag == "M" and after.low in german.MONTHS:
        return False  # "am 3. Oktober"
    return (
        not (tokens[i].text == "." and word and re.fullmatch(r"\d{1,2}", word.text))
        or after.tag == '"'
        or (first.isupper() and word is not None and word.text != ".")
    )


_ATTRIBUTES = words(
    """said says asked asks wrote writes told tells added shouted yelled wondered replied answered
    joked cried demanded tweeted exclaimed inquired"""
)


def sentence_ranges(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """The host sentences: a stop inside a stretch that goes on ends none."""
    out = []
    first = 0
    i = 0
    n = len(tokens)
    length = 0
    while i < n:
        token = tokens[i]
        if i == first:
            length = 1
        elif token.stretch < 0 or token.stretch != tokens[i - 1].stretch:
            length += 1
            if length > LONGEST:
                out.append((first, i))
                first, length = i, 1
        stop = token.tag == "." or (token.low[-1] == "." and len(token.low) > 1)
        if stop:
            j = i
            while j + 1 < n and tokens[j + 1].tag in '"(' and tokens[j + 1].start == tokens[j].end:
                if tokens[j + 1].text in "([{":
                    break
                j += 1
            within = token.stretch >= 0 and j + 1 < n and tokens[j + 1].stretch == token.stretch
            if not within and (token.tag == "." or _abbreviation_ends(tokens, j)):
                if _ends_sentence(tokens, j):
                    out.append((first, j + 1))
                    first = j + 1
                i = j
        i += 1
    if first < n:
        out.append((first, n))
    return out


def _abbreviation_ends(tokens: Sequence[Token], i: int) -> bool:
    """An abbreviation ends a sentence before a capitalised closed-class word."""
    if i + 1 >= len(tokens):
        return True
    after = tokens[i + 1]
    return (
        after.text[0].isupper()
        and tokens[i].low.rstrip(".") not in english.HONORIFICS
        and (
            after.low in english.DETERMINERS
            or after.low in english.PRONOUNS
            or after.low in english.PREPOSITIONS
            or after.low in english.CONJUNCTIONS
        )
    )


_MARKS = set(CLOSERS) | {"”", "’", "›"}


def tag(tokens: Sequence[Token], language: str) -> None:
    """Give every token its coarse tag, from closed classes and its form."""
    words = german.TAGS if language == "de" else _english_tags()
    ed = language != "de"
    previous = None
    for token in tokens:
        low, text = token.low, token.text
        first = text[0]
        if first.isalpha():
            known = words.get(low) if text != "US" else None
            sentence_start = previous is None or previous.tag in '.":' or previous.text in "—–"
            if (
                known
                and known != "V"
                and (known in "XPDSC" or not first.isupper() or sentence_start or known in "TI")
            ):
                token.tag = "T" if text == "May" and not sentence_start else known
            elif known == "V" and (not first.isupper() or sentence_start):
                owned = previous is not None and (previous.tag == "G" or previous.low in _OWNERS)
                token.tag = "N" if ed and owned and not low.endswith(("ed", "ing")) else "V"
            elif first.isupper():
                token.tag = "W"
            elif ed and low.endswith("ly") and low not in english.LY_NOUNS:
                token.tag = "R"
            elif ed and (
                low in english.COMMON_VERBS or (low.endswith("ed") and low not in english.ED_NOUNS)
            ):
                token.tag = "E"
            else:
                token.tag = "N"
        elif first.isdigit():
            token.tag = "W" if "-" in text and text[-1].isalpha() and not ed else "M"
        elif first in _APOSTROPHES and len(text) > 1 and text != "''":
            verb = previous is not None and (previous.low in _IS_AFTER or low[1:] != "s")
            token.tag = "X" if verb else "G"
        elif text == ",":
            token.tag = ","
        elif text in ".!?…" or (first == "." and len(text) > 1):
            token.tag = "."
        elif first in _MARKS or first == "`" or text == ",,":
            token.tag = '"'
        elif text in ":;":
            token.tag = text
        elif first in "-–—―":
            token.tag = "-"
        elif first in "()[]":
            token.tag = "("
        else:
            token.tag = "?"
        previous = token


def headline_tags(tokens: Sequence[Token]) -> None:
    """Tag an English headline again: in Title Case small words and verbs have capitals too, and
    in any headline a noun-like form after a noun is a verb ("Judge rules road is closed")."""
    words = _english_tags()
    longer = [t for t in tokens if t.low.isalpha() and len(t.low) > 3]
    titled = len(longer) > 3 and sum(t.text[0].isupper() for t in longer) > 0.8 * len(longer)
    for before, token, after in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
        known = words.get(token.low)
        if titled and token.tag == "W" and known and not token.text.isupper():
            token.tag = known
        elif (
            token.low.endswith("s")
            and token.low in english.NOT_VERBS
            and before.tag in "NW"
            and not before.low.endswith("s")
            and after is not None
            and after.tag in "WDN"
        ):
            token.tag = "V"


_OWNERS = words("the a an his her its their my our your no any every")
_IS_AFTER = words("he she it that there what who here where how they we you i")
_ENGLISH: dict[str, str] = {}


def _english_tags() -> dict[str, str]:
    if not _ENGLISH:
        for form in english.forms():
            if form not in english.NOT_VERBS:
                _ENGLISH[form] = "V"
        for letter, words in (
            ("R", english.ADVERBS), ("I", english.PREPOSITIONS), ("D", english.DETERMINERS),
            ("P", english.PRONOUNS), ("C", english.CONJUNCTIONS), ("S", english.SUBORDINATORS),
            ("X", english.AUXILIARIES), ("R", {"not", "n't"}),
        ):  # fmt: skip
            for word in words:
                _ENGLISH[word] = letter
        for word in english.TIMES:
            if word not in english.ADVERBS and word not in english.DETERMINERS and word != "may":
                _ENGLISH[word] = "T"
        for word in ("that", "who", "whom", "which"):
            _ENGLISH[word] = "S"
        _ENGLISH["her"] = "D"
    return _ENGLISH


# --- the whole --------------------------------------------------------------------------------


def paragraphs_of(text: str) -> list[Segment]:
    """Segments of a text that comes without: its lines."""
    out = []
    for match in re.finditer(r"[^\n]*\S[^\n]*", text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        out.append(Segment(role="body", start=start, end=match.start() + len(match[0].rstrip())))
    return out


def read(text: str, segments: Iterable[Segment], language: str) -> Reading:
    """Read a text. `segments` may be empty: then its lines are the paragraphs."""
    parts = [s for s in segments if s.start < s.end <= len(text)] or paragraphs_of(text)
    paragraphs = []
    for number, part in enumerate(parts):
        piece = text[part.start : part.end]
        following = text[parts[number + 1].start :][:2] if number + 1 < len(parts) else ""
        opener = masked(following).strip()[:1]
        paragraph = Paragraph(part.role, part.start, part.end, tokens_of(piece, part.start))
        all_ = stretches(piece, opener if opener in tuple('"“„«‘') else "")
        all_ = [s for s in all_ if not _nickname(piece, s)]
        for stretch in all_:
            stretch.start += part.start
            stretch.end += part.start
        paragraph.stretches = [s for s in all_ if not s.depth]
        paragraph.inner = [s for s in all_ if s.depth]
        _place(paragraph)
        tag(paragraph.tokens, language)
        _mark_tags(paragraph)
        paragraph.sentences = sentence_ranges(paragraph.tokens)
        paragraphs.append(paragraph)
    return Reading(text, language, paragraphs)


_NICKNAME = re.compile(r"[“\"‘'„«][A-Z][\w.’'-]*[”\"’'“»]")


def _nickname(text: str, stretch: Stretch) -> bool:
    """Whether a stretch is one word inside a name (Anna “Nan” Holm), so that nobody says it."""
    return (
        bool(_NICKNAME.fullmatch(text, stretch.start, stretch.end))
        and bool(re.search(r"\b[A-Z][\w.’'-]* $", text[max(0, stretch.start - 20) : stretch.start]))
        and bool(re.match(r" [A-Z][a-z]", text[stretch.end : stretch.end + 3]))
    )


def _place(paragraph: Paragraph) -> None:
    number = 0
    spans = paragraph.stretches
    for token in paragraph.tokens:
        while number < len(spans) and spans[number].end <= token.start:
            number += 1
        if number < len(spans) and spans[number].start <= token.start:
            token.stretch = number


def _mark_tags(paragraph: Paragraph) -> None:
    """A mark that bounds no stretch is an apostrophe; one that bounds one has the tag '"'."""
    edges = {s.start for s in paragraph.stretches} | {s.end - 1 for s in paragraph.stretches}
    edges |= {s.start for s in paragraph.inner} | {s.end - 1 for s in paragraph.inner}
    for token in paragraph.tokens:
        if token.tag == '"' and token.start not in edges and token.end - 1 not in edges:
            token.tag = "?" if token.text not in "'’" else "G"
