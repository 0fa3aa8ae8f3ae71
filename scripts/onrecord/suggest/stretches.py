"""What stands between quotation marks, in every convention of `marks.CLOSERS`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from onrecord.marks import CLOSERS, opens

_APOSTROPHES = "'’"
DEEPEST = 8
"""Quotes in quotes that are told apart; marks that open more are taken for no marks."""


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
    return _Marks(text, next_mark).stretches()


class _Marks:
    """The marks of a paragraph, one after the other: which are open, and what they held."""

    def __init__(self, text: str, next_mark: str) -> None:
        self.text = text
        self.marked = masked(text)
        self.next_mark = next_mark
        self.found: list[Stretch] = []
        self.open: list[tuple[int, str]] = []
        """Offsets and marks, from the outermost in."""
        self.floor = 0
        """Before it begins nothing that a mark without a beginning closes."""

    def stretches(self) -> list[Stretch]:
        for at, mark in enumerate(self.marked):
            if (mark in CLOSERS or mark in "”’›") and not self.apostrophe(at, mark):
                self.take(at, mark)
        while self.open:
            self.unclosed()
        return _nested(self.found)

    def beside(self, at: int) -> tuple[str, str]:
        """The characters before and after an offset; a blank at the edges."""
        marked = self.marked
        before = marked[at - 1] if at else " "
        return before, marked[at + 1] if at + 1 < len(marked) else " "

    def close(self, number: int, end: int, **how: bool) -> None:
        """End the open mark of this number, and with it those inside it."""
        start, _ = self.open[number]
        if start and self.text[start - 1 : start + 1] in ("''", "``", ",,"):
            start -= 1
        del self.open[number:]
        if end - start > 1:
            self.found.append(Stretch(start, end, len(self.open), **how))
            self.floor = max(self.floor, end)

    def apostrophe(self, at: int, mark: str) -> bool:
        """Whether a mark is none, or a straight one that opens, which is then taken."""
        if mark not in _APOSTROPHES and mark != "‘":
            return False
        marked = self.marked
        before, after = self.beside(at)
        if before.isalnum() and after.isalnum():
            return True
        if mark == "‘":
            return False
        if not any(m in "'‘‚" for _, m in self.open):
            if mark == "'" and opens(marked, at) and _single_closes(marked, at):
                self.open.append((at, mark))
            return True
        owned = before in "sS" and after == " " and marked[at + 2 : at + 3].islower()
        return owned and _later_single(marked, at)

    def take(self, at: int, mark: str) -> None:
        """Close what a mark closes, else open it."""
        marked, open_ = self.marked, self.open
        before, after = self.beside(at)
        top = next((i for i in range(len(open_) - 1, -1, -1) if mark in CLOSERS[open_[i][1]]), -1)
        starts = opens(marked, at)
        if top >= 0 and (
            not starts or (mark == '"' and not before.isspace() and before not in "([—–-")
        ):
            self.close(top, at + 1)
        elif starts and mark in CLOSERS:
            if len(open_) == DEEPEST:
                return
            goes_on = not at and mark == self.next_mark
            if mark == "‘" and not goes_on and (after.isdigit() or not _single_closes(marked, at)):
                return
            if open_ and open_[-1][1] == mark:
                # The one before was never closed.
                self.close(len(open_) - 1, _sentence_end(marked, open_[-1][0], at), mended=True)
            open_.append((at, mark))
        elif mark in '"”»“' and not starts and not open_:
            self.floor = start = _sentence_start(marked, at, self.floor)
            if at - start > 2:
                self.found.append(Stretch(start, at + 1, 0, mended=True))
                self.floor = at + 1

    def unclosed(self) -> None:
        """End the innermost mark that nothing closes."""
        text, marked, last = self.text, self.marked, len(self.open) - 1
        start, mark = self.open[last]
        goes_on = last == 0 and mark == self.next_mark
        if start == 0 or goes_on:
            self.close(last, len(text.rstrip()), goes_on=goes_on, mended=not goes_on)
        elif mark in "'‘‹›»":
            self.open.pop()
        elif last == 0 and _starts_sentence(text, start) and not _marked_after(marked, start):
            self.close(0, len(text.rstrip()), mended=True)
        else:
            self.close(last, _sentence_end(marked, start, len(text)), mended=True)


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


_NICKNAME = re.compile(r"[“\"‘'„«][A-Z][\w.’'-]*[”\"’'“»]")


def nickname(text: str, stretch: Stretch) -> bool:
    """Whether a stretch is one word inside a name (Anna “Nan” Holm), so that nobody says it."""
    return (
        bool(_NICKNAME.fullmatch(text, stretch.start, stretch.end))
        and bool(re.search(r"\b[A-Z][\w.’'-]* $", text[max(0, stretch.start - 20) : stretch.start]))
        and bool(re.match(r" [A-Z][a-z]", text[stretch.end : stretch.end + 3]))
    )
