"""The lines of a pasted source as units of one paragraph, and what is looked up of a line once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from onrecord.articles.lexicon import (
    CAPITALS,
    CAPTION_OPENS,
    CREDIT_REACH,
    CREDIT_SIGNS,
    LONG_LINE,
    NEEDLES,
    PROSE_WORDS,
    TITLE_WORDS,
    Needles,
    capitals,
    ends_sentence,
    is_description,
    may_be_credited,
)
from onrecord.text import PARAGRAPH_BREAK, normal_lines, normalise, split_lines

_LONG_WORD = re.compile(r"\w{4,}")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


@dataclass(slots=True, eq=False)
class Unit:
    """A line, or a paragraph that was wrapped over several, and what became of it.

    `start` and `end` are those of the source, `first` and `last` of the part that is kept. A unit
    with a `fate` (a rule) is removed, one with a `role` and no fate is kept.
    """

    start: int
    end: int
    text: str
    block: int
    alone: bool
    words: int
    ends: bool
    is_sentence: bool
    is_prose: bool
    first: int
    last: int
    wrapped: bool = False
    fate: str = ""
    role: str = ""
    front: bool | None = None
    cuts: tuple[tuple[int, int, str], ...] = ()


def units(source: str) -> list[Unit]:
    """The lines of a decoded source, wrapped paragraphs joined, each with its block's number."""
    lines = split_lines(source)
    blocks: list[list[tuple[int, int, str, str]]] = []
    behind, end = 0, -1
    for line, normal in zip(lines, normal_lines(source), strict=True):
        start = end + 1
        end = start + len(line)
        if not line or line.isspace():
            continue
        # A blank line is an empty stretch between two ends of line, or a line of blanks.
        apart = not blocks
        if start - behind > 1:
            gap = source[behind:start]
            apart = apart or gap == "\n\n" or len(_BREAK.findall(gap)) > 1
        if apart:
            blocks.append([])
        blocks[-1].append((start, end, line, normal))
        behind = end
    found = []
    for number, block in enumerate(blocks):
        wrapped = len(block) > 1 and _wrapped([line for _, _, line, _ in block])
        if wrapped:
            first, last = block[0][0], block[-1][1]
            raw = source[first:last]
            block = [(first, last, raw, normalise(raw))]
        alone = len(block) == 1
        for start, end, raw, text in block:
            if len(text) != end - start:
                start += len(raw) - len(raw.lstrip())
                end -= len(raw) - len(raw.rstrip())
            unit = Unit(start, end, text, number, alone, *_shape(text), start, end, wrapped)
            unit.fate = "" if text else "empty"
            found.append(unit)
    return found


def fed_back(kept: list[Unit], texts: list[str]) -> tuple[str, list[Unit]]:
    """The text of kept units as one source, and what `units` would find in it."""
    found, start = [], 0
    for number, (unit, text) in enumerate(zip(kept, texts, strict=True)):
        end = start + len(text)
        same = (unit.words, unit.ends, unit.is_sentence, unit.is_prose)
        shape = same if text == unit.text else _shape(text)
        copy = Unit(start, end, text, number, True, *shape, start, end)
        copy.front = unit.front if text == unit.text else None
        found.append(copy)
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(texts), found


def _shape(text: str) -> tuple[int, bool, bool, bool]:
    """How many words a line has; whether it ends like a sentence, is one, is running text."""
    words, ends = text.count(" ") + 1 if text else 0, ends_sentence(text)
    prose = words >= (PROSE_WORDS if ends else LONG_LINE) and (
        words > TITLE_WORDS or capitals(text.split()) <= CAPITALS
    )
    return words, ends, ends and words >= 3, prose


def _wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a line length."""
    *widths, last = map(len, lines)
    least, most = min(widths), max(widths)
    if least < 45 or max(most, last) > 120 or most - least > 20:
        return False
    inner = [line.rstrip() for line in lines[:-1]]
    return sum(map(ends_sentence, inner)) <= len(inner) / 2 and ends_sentence(lines[-1].rstrip())


class Hints(NamedTuple):
    """What a source holds of the strings without which no phrase and no credit is.

    `rules` remembers what the lexicon said of a line, `words` the words of one and `credits` what
    speaks for a credit in it: a source is read at least twice.
    """

    needles: Needles
    signs: list[str]
    rules: dict[str, str]
    words: dict[str, set[str]]
    credits: dict[str, tuple[bool, bool]]

    def words_of(self, text: str) -> set[str]:
        if (found := self.words.get(text)) is None:
            found = self.words[text] = _words(text)
        return found

    def credits_of(self, text: str, words: int) -> tuple[bool, bool]:
        """Whether a line opens like a caption; whether it holds a sign of a credit at its end."""
        if (found := self.credits.get(text)) is None:
            sign = False
            # A caption does not end in a full stop behind its credit, prose does.
            if may_be_credited(text, words):
                sign = any(map(text[-CREDIT_REACH:].lower().__contains__, self.signs))
            opens = bool(CAPTION_OPENS.match(text)) or is_description(text)
            found = self.credits[text] = opens, sign
        return found


def hints(source: str) -> Hints:
    """What the source holds, nothing looked up yet."""
    lower = source.lower()
    return Hints(
        [pair for pair in NEEDLES if pair[0] in lower],
        [sign for sign in CREDIT_SIGNS if sign in lower],
        {},
        {},
        {},
    )


def _words(text: str) -> set[str]:
    return set(_LONG_WORD.findall(text.lower()))
