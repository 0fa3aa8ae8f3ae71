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

from onrecord.marks import CLOSERS
from onrecord.records import Segment
from onrecord.suggest import english, german
from onrecord.suggest.stretches import Stretch, masked, nickname, stretches
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
        all_ = [s for s in all_ if not nickname(piece, s)]
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
