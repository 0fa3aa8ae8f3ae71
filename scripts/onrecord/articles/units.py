"""The lines of a pasted source as units of one paragraph each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

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
    blocks: list[list[tuple[int, int, str, str]]] = []
    behind, end = 0, -1
    for raw, text in zip(split_lines(source), normal_lines(source), strict=True):
        start = end + 1
        end = start + len(raw)
        if not text and (not raw or raw.isspace()):
            continue
        # A blank line is an empty stretch between two ends of line, or a line of blanks.
        apart = not blocks
        if start - behind > 1:
            gap = source[behind:start]
            apart = apart or gap == "\n\n" or len(_BREAK.findall(gap)) > 1
        if apart:
            blocks.append([])
        blocks[-1].append((start, end, raw, text))
        behind = end
    found = []
    width = _width([[raw for _, _, raw, _ in block] for block in blocks])
    for number, block in enumerate(blocks):
        raws = [raw for _, _, raw, _ in block]
        many = len(block) > 1
        if width and many:
            ends = [i for i in range(1, len(raws)) if not _full(raws[i - 1], raws[i], width)]
            starts = [0, *ends]
        else:
            starts = [0] if many and _wrapped(raws) else range(len(raws))
        alone = len(starts) == 1
        for i, behind in zip(starts, [*starts[1:], len(raws)], strict=True):
            start, end, raw, text = block[i]
            wrapped = behind - i > 1
            if wrapped:
                end = block[behind - 1][1]
                raw = source[start:end]
                text = normalise(raw)
            same = raw == text
            if len(text) != len(raw):
                start += len(raw) - len(raw.lstrip())
                end -= len(raw) - len(raw.rstrip())
            unit = _unit(look(text), start, end, number, alone, same)
            unit.wrapped = wrapped
            if not text:
                unit.fate = "empty"
            found.append(unit)
    return found


def fed_back(kept: list[Unit], texts: list[str]) -> tuple[str, list[Unit]]:
    """The text of kept units as one source, and what `units` would find in it."""
    found, start = [], 0
    for number, (unit, text) in enumerate(zip(kept, texts, strict=True)):
        end = start + len(text)
        line = unit.line if text == unit.text else look(text)
        found.append(_unit(line, start, end, number, True, True))
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(texts), found


def _width(blocks: list[list[str]]) -> int:
    """The width at which a whole text was wrapped, 0 where it was not.

    Its lines end where the next word would not have fitted, or where a sentence does.
    """
    lengths = sorted(len(line) for block in blocks for line in block)
    width = lengths[-1 - int(OVER * len(lengths))] if lengths else 0
    if not NARROWEST <= width <= WIDEST:
        return 0
    told = [
        _full(line, below, width)
        for block in blocks
        for line, below in pairwise(block)
        if FULL * width <= len(line) <= width and not ends_sentence(line.rstrip())
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
