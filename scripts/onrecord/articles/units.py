"""The lines of a pasted source as units of one paragraph each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from itertools import accumulate, chain, compress, count, islice, pairwise
from operator import add, not_

import msgspec

from onrecord.articles.looks import Line, look
from onrecord.articles.sentences import ends_sentence
from onrecord.text import PARAGRAPH_BREAK, blanks, lines_of, normalise

_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


_ITEM = re.compile(r"\s*(?:[*•▪◦‣+-]|\d{1,3}[.)])\s")

WIDEST = 120
"""Code points: no text is wrapped at a greater width."""

LEAST = 45
"""Code points of every line but the last of a paragraph that is told by itself to be wrapped."""

NARROWEST = 40
FULL = 0.6
"""The share of the width from which on a line says whether the next word would have fitted."""

MOSTLY_FULL = 0.75
"""The share of such lines behind which it would not, in a text that is wrapped."""

ENOUGH_FULL = 6


class Unit(msgspec.Struct, eq=False, gc=False):
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
    return Unit(
        start,
        end,
        line,
        line.text,
        line.words,
        line.ends,
        line.is_sentence,
        line.is_prose,
        block,
        alone,
        same,
        start,
        end,
    )


def units(source: str) -> list[list[Unit]]:
    """The blocks of a decoded source, between blank lines: lines, wrapped paragraphs joined."""
    lines = _Lines(source)
    wrapped = _join(lines, source)
    blocks: list[list[Unit]] = []
    places = zip(look(lines.texts), lines.raws, lines.starts, strict=True)
    for number, (first, behind) in enumerate(pairwise([*lines.blocks, len(lines.raws)])):
        alone = behind - first == 1
        block: list[Unit] = []
        for line, raw, start in islice(places, behind - first):
            text, end = line.text, start + len(raw)
            if raw == text:
                block.append(_unit(line, start, end, number, alone, True))
                continue
            if len(text) != len(raw):
                start += len(raw) - len(raw.lstrip())
                end -= len(raw) - len(raw.rstrip())
            unit = _unit(line, start, end, number, alone, False)
            if not text:
                unit.fate = "empty"
            block.append(unit)
        blocks.append(block)
    if wrapped:
        found = list(chain.from_iterable(blocks))
        for at in wrapped:
            found[at].wrapped = True
    return blocks


def _join(lines: _Lines, source: str) -> list[int]:
    """Join the lines of wrapped paragraphs; which of the lines are such paragraphs then."""
    width = _width(lines)
    whole = [
        _paragraphs(lines, first, behind, width)
        for first, behind in pairwise([*lines.blocks, len(lines.raws)])
        if behind - first > 1
    ]
    joined = [(first, behind) for block in whole for first, behind in block if behind - first > 1]
    if not joined:
        return []
    starts, raws, texts, blocks = lines.starts, lines.raws, lines.texts, lines.blocks
    lines.starts, lines.raws, lines.texts, lines.blocks = [], [], [], []
    ends, opens, wrapped = dict(joined), set(blocks), []
    at = 0
    while at < len(raws):
        if at in opens:
            lines.blocks.append(len(lines.raws))
        raw, text, behind = raws[at], texts[at], ends.get(at, at + 1)
        if behind - at > 1:
            wrapped.append(len(lines.raws))
            raw = source[starts[at] : starts[behind - 1] + len(raws[behind - 1])]
            text = normalise(raw)
        lines.starts.append(starts[at])
        lines.raws.append(raw)
        lines.texts.append(text)
        at = behind
    return wrapped


class _Lines:
    """The lines that are not blank: where each stands in the source, as it is there, and in
    normal form. `blocks` are the numbers of those that stand behind blank lines; `indented` says
    whether any may be.
    """

    def __init__(self, source: str) -> None:
        raws, texts = lines_of(source)
        self.indented = "\n " in source or "\n\t" in source
        starts = map(add, accumulate(map(len, raws), initial=0), count())
        # What holds nothing that is seen is no blank line.
        held = texts if blanks(source) is not None else list(map(str.strip, raws))
        opens = compress(map(not_, chain([""], held)), held)
        self.starts = list(compress(starts, held))
        self.raws = list(compress(raws, held))
        self.texts = list(compress(texts, held))
        self.blocks = list(compress(count(), opens))
        if "\r" in source:  # a carriage return and a line feed are one break
            self.blocks = [n for n in self.blocks if not n or self._is_apart(n, source)]

    def _is_apart(self, number: int, source: str) -> bool:
        """Whether a line is behind more than one break."""
        behind = self.starts[number - 1] + len(self.raws[number - 1])
        return len(_BREAK.findall(source, behind, self.starts[number])) > 1


def apart(blocks: list[list[Unit]]) -> list[list[Unit]]:
    """The units of several blocks, each in one of its own."""
    found = list(chain.from_iterable(blocks))
    for number, unit in enumerate(found):
        unit.block, unit.alone = number, True
    return [[unit] for unit in found]


def fed_back(kept: list[Unit], texts: list[str]) -> tuple[str, list[list[Unit]]]:
    """The text of kept units as one source, and what `units` would find in it."""
    blocks, start = [], 0
    for number, (unit, text) in enumerate(zip(kept, texts, strict=True)):
        end = start + len(text)
        line = unit.line if text == unit.text else look([text])[0]
        blocks.append([_unit(line, start, end, number, True, True)])
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(texts), blocks


def _paragraphs(lines: _Lines, first: int, behind: int, width: int) -> list[tuple[int, int]]:
    """The paragraphs of several lines in a block of several (from `first` to `behind`), and others.

    `width` is that of a wrapped text.
    """
    if lines.indented and (opens := _indented(lines.raws[first:behind])):
        return list(pairwise([*(first + at for at in opens), behind]))
    if not width:
        if len(lines.raws[first]) < LEAST:  # most blocks are lists of a page
            return []
        return [(first, behind)] if _wrapped(lines.raws[first:behind]) else []
    bounds = [first]
    for number, (line, below) in enumerate(pairwise(lines.raws[first:behind]), first + 1):
        if not _full(line, below, width):
            bounds.append(number)
    return list(pairwise([*bounds, behind]))


def _indented(lines: list[str]) -> list[int]:
    """Which lines of a block open a paragraph where that is told by their indent; none elsewhere.

    Two paragraphs of several lines at least, of a width, that end as sentences do, as print and
    what is made from a PDF has them.
    """
    opens = [number for number, line in enumerate(lines) if _INDENTED(line)]
    paragraphs = [lines[at:behind] for at, behind in pairwise([*opens, len(lines)])]
    inner = [len(line.rstrip()) for lines in paragraphs for line in lines[:-1]]
    several = sum(len(lines) > 1 for lines in paragraphs)
    if several < 2 or 2 * several < len(paragraphs) or max(map(len, lines)) > WIDEST:
        return []
    if min(inner) < FULL * max(inner) or any(map(_ITEM.match, lines)):
        return []
    ended = sum(ends_sentence(lines[-1].rstrip()) for lines in paragraphs)
    return opens if ended > FULL * len(paragraphs) else []


_INDENTED = re.compile(r"[ \t]{2,8}\S|\t\S").match


def _width(lines: _Lines) -> int:
    """The width at which a text was wrapped, 0 where none was; a page around it may not be.

    Its lines end where the next word would not have fitted, or where a sentence does.
    """
    raws, texts = lines.raws, lines.texts
    # Below a line that ends no sentence, a small letter goes on with it; a title opens with none.
    # What a page says below each of its titles counts once, and a word alone not at all.
    broken = {
        raws[number + 1]: len(raws[number].rstrip())
        for first, behind in pairwise([*lines.blocks, len(raws)])
        for number in range(first, behind - 1)
        if len(raws[number]) >= FULL * NARROWEST
        and (letter := texts[number + 1][:1]).isalpha()
        and not letter.isupper()
        and not ends_sentence(texts[number])
        and (" " in texts[number] or not texts[number].isascii())
    }
    full: Counter[int] = Counter()
    for below, length in broken.items():
        widest = min(length + len(_first_word(below)), WIDEST)
        full.update(range(max(length, NARROWEST), widest + 1))
    lengths = sorted(broken.values())
    best = width = 0
    for wide, found in full.items():
        told = len(lengths) - bisect_left(lengths, FULL * wide)
        if found >= max(ENOUGH_FULL, MOSTLY_FULL * told) and (found, wide) > (best, width):
            best, width = found, wide
    return width


def _full(line: str, below: str, width: int) -> bool:
    """Whether a line ends because the first word of the one below would not have fitted."""
    length = len(line.rstrip())
    return length <= width < length + 1 + len(_first_word(below)) and not _ITEM.match(below)


def _first_word(line: str) -> str:
    return line.lstrip().partition(" ")[0]  # no line breaks at a no-break space


def _wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a line length."""
    *widths, last = map(len, lines)
    least = min(widths)
    if least < LEAST:
        return False
    most = max(widths)
    if max(most, last) > WIDEST or most - least > 20:
        return False
    # A headline over its deck is no paragraph.
    if len(lines) == 2 and last > FULL * most and lines[1].lstrip()[:1].isupper():
        return False
    if not all(_full(line, below, max(most, last)) for line, below in pairwise(lines)):
        return False
    inner = [line.rstrip() for line in lines[:-1]]
    return sum(map(ends_sentence, inner)) <= len(inner) / 2 and ends_sentence(lines[-1].rstrip())
