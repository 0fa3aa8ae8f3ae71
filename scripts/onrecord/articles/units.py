"""The lines of a pasted source as units of one paragraph each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from onrecord.articles.lexicon import ends_sentence
from onrecord.articles.looks import Line, look
from onrecord.text import PARAGRAPH_BREAK, normal_lines, normalise, split_lines

_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


_ITEM = re.compile(r"\s*(?:[*•▪◦‣+-]|\d{1,3}[.)])\s")

WIDEST = 120
"""Code points: no text is wrapped at a greater width."""

NARROWEST = 40
OVER = 0.02
"""The share of lines that may be longer than the width: what cannot be broken."""

FULL = 0.6
"""The share of the width from which on a line says whether the next word would have fitted."""

MOSTLY_FULL = 0.75
"""The share of such lines behind which it would not, in a text that is wrapped."""

ENOUGH_FULL = 6


@dataclass(slots=True, eq=False)
class Unit:
    """A line, or a paragraph that was wrapped over several, and what became of it.

    `start` and `end` are those of the source, `first` and `last` of the part that is kept; `same`
    says that the source holds the text as it is in normal form. A unit with a `fate` (a rule) is
    removed, one with a `role` and no fate is kept.
    """

    start: int
    end: int
    line: Line
    text: str
    words: int
    ends: bool
    is_sentence: bool
    is_prose: bool
    block: int
    alone: bool
    same: bool
    first: int
    last: int
    wrapped: bool = False
    fate: str = ""
    role: str = ""
    cuts: tuple[tuple[int, int, str], ...] = ()


def _unit(line: Line, start: int, end: int, block: int, alone: bool, same: bool) -> Unit:
    text, words, ends = line.text, line.words, line.ends
    shape = line.is_sentence, line.is_prose
    return Unit(start, end, line, text, words, ends, *shape, block, alone, same, start, end)


def units(source: str) -> list[Unit]:
    """The lines of a decoded source, wrapped paragraphs joined, each with its block's number."""
    lines: list[_Raw] = []
    places: list[tuple[int, bool, bool]] = []
    blocks = _blocks(source)
    width = _width(blocks)
    for number, block in enumerate(blocks):
        paragraphs = _paragraphs(block, width)
        alone = len(paragraphs) == 1
        for first, *more in paragraphs:
            if more:
                raw = source[first.start : more[-1].start + len(more[-1].raw)]
                first = _Raw(first.start, raw, normalise(raw))
            lines.append(first)
            places.append((number, alone, bool(more)))
    found = []
    looks = look([line.text for line in lines])
    for line, (start, raw, text), (number, alone, wrapped) in zip(
        looks, lines, places, strict=True
    ):
        end = start + len(raw)
        same = raw == text
        if len(text) != len(raw):
            start += len(raw) - len(raw.lstrip())
            end -= len(raw) - len(raw.rstrip())
        unit = _unit(line, start, end, number, alone, same)
        unit.wrapped = wrapped
        if not text:
            unit.fate = "empty"
        found.append(unit)
    return found


class _Raw(NamedTuple):
    """A line where it stands in the source, as it is there and in normal form."""

    start: int
    raw: str
    text: str


def _blocks(source: str) -> list[list[_Raw]]:
    """The lines that are not blank, in blocks with blank lines between."""
    blocks: list[list[_Raw]] = []
    returns = "\r" in source  # a carriage return and a line feed are one break
    behind, start = -2, 0
    for raw, text in zip(split_lines(source), normal_lines(source), strict=True):
        if text or (raw and not raw.isspace()):
            apart = start - behind > 1
            if apart and returns and blocks:
                apart = len(_BREAK.findall(source[behind:start])) > 1
            if apart:
                blocks.append([])
            blocks[-1].append(_Raw(start, raw, text))
            behind = start + len(raw)
        start += len(raw) + 1
    return blocks


def fed_back(kept: list[Unit], texts: list[str]) -> tuple[str, list[Unit]]:
    """The text of kept units as one source, and what `units` would find in it."""
    found, start = [], 0
    for number, (unit, text) in enumerate(zip(kept, texts, strict=True)):
        end = start + len(text)
        line = unit.line if text == unit.text else look([text])[0]
        found.append(_unit(line, start, end, number, True, True))
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(texts), found


def _paragraphs(block: list[_Raw], width: int) -> list[list[_Raw]]:
    """The lines of a block, those of one paragraph together; `width` is that of a wrapped text."""
    if not width:
        whole = len(block) > 1 and _wrapped([line.raw for line in block])
        return [block] if whole else [[line] for line in block]
    found = [block[:1]]
    for line, below in pairwise(block):
        if _full(line.raw, below.raw, width):
            found[-1].append(below)
        else:
            found.append([below])
    return found


def _width(blocks: list[list[_Raw]]) -> int:
    """The width at which a whole text was wrapped, 0 where it was not.

    Its lines end where the next word would not have fitted, or where a sentence does.
    """
    lengths = sorted(len(line.raw) for block in blocks for line in block)
    width = lengths[-1 - int(OVER * len(lengths))] if lengths else 0
    if not NARROWEST <= width <= WIDEST:
        return 0
    told = [
        _full(line.raw, below.raw, width)
        for block in blocks
        for line, below in pairwise(block)
        if FULL * width <= len(line.raw) <= width and not ends_sentence(line.text)
    ]
    return width if len(told) >= ENOUGH_FULL and sum(told) >= MOSTLY_FULL * len(told) else 0


def _full(line: str, below: str, width: int) -> bool:
    """Whether a line ends because the first word of the one below would not have fitted."""
    length = len(line.rstrip())
    word = below.split(maxsplit=1)[0]
    return length <= width < length + 1 + len(word) and not _ITEM.match(below)


def _wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a line length."""
    *widths, last = map(len, lines)
    least, most = min(widths), max(widths)
    if least < 45 or max(most, last) > 120 or most - least > 20:
        return False
    inner = [line.rstrip() for line in lines[:-1]]
    return sum(map(ends_sentence, inner)) <= len(inner) / 2 and ends_sentence(lines[-1].rstrip())
