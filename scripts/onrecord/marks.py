"""Quotation marks: which letters of a quote are inside marks, and thus its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# What closes a stretch, by the mark that opens it.
CLOSERS = {
    "“": '”“"',
    "„": '“”"',
    "«": "»",
    "‘": "’",
    "‚": "‘’",
    "‹": "›",
    # These can also close, or be apostrophes: their neighbours tell whether they open.
    '"': '"”',
    "”": "”",
    "»": "«»",
    "›": "‹›",
    "'": "'",
}
_DIRECTED = "“„«‘‚‹"
_APOSTROPHES = "'’"
_BEFORE_OPENING = "([{/—–-" + "".join(CLOSERS)


def quote_type(pieces: Sequence[str]) -> str:
    """direct, indirect or mixed: whether all, none or some of the letters are inside marks.

    Only marks within the pieces count: straight, curly, British single (except apostrophes inside a
    word or of a plural's possessive), guillemets in either direction, low-high, '' and ``. A mark
    that is not closed extends to the end of the piece; one that is repeated at the start of a
    paragraph continues; one that only closes extends back to the end of the previous quotation.
    Quotes without letters are judged by all characters that are not blank.

    Every text has a type.
    """
    within = outside = within_other = 0
    for piece in pieces:
        text = piece.replace("''", '"').replace("``", "“")
        covered = _inside_marks(text)
        for character, inside in zip(text, covered, strict=True):
            if character.isalpha():
                within += inside
                outside += not inside
            elif not character.isspace() and character not in CLOSERS:
                within_other += inside
    if not within:
        return "direct" if not outside and within_other else "indirect"
    return "mixed" if outside else "direct"


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """What is in quotation marks, marks included, as (start, end) from left to right.

    A mark that is not closed extends to the end of the text, so pass one paragraph at a time.
    """
    at = 0
    while at < len(text):
        if opens(text, at) and (end := _closing(text, at)):
            yield at, end
            at = end
        else:
            at += 1


def _inside_marks(text: str) -> bytearray:
    """For each code point, 1 if it is inside quotation marks."""
    covered = bytearray(len(text))
    done = 0
    for start, end in (*stretches(text), (len(text), len(text))):
        for at in range(done, start):
            if _closes_unopened(text, at):
                covered[done : at + 1] = b"\1" * (at + 1 - done)
                done = at + 1
        covered[start:end] = b"\1" * (end - start)
        done = end
    return covered


def _around(text: str, at: int) -> tuple[str, str]:
    return text[at - 1] if at else " ", text[at + 1] if at + 1 < len(text) else " "


def opens(text: str, at: int) -> bool:
    """Whether the mark at `at` (an index) opens a quotation, by its own form or its neighbours."""
    mark = text[at]
    if mark not in CLOSERS:
        return False
    before, after = _around(text, at)
    if mark in _DIRECTED:
        return before.isspace() or before in _BEFORE_OPENING or after.isalnum()
    if after.isspace() or (after in ".,;:!?)]}" and not text.startswith("...", at + 1)):
        return False
    return before.isspace() or before in _BEFORE_OPENING


def _closing(text: str, start: int) -> int:
    """The end of the quotation that the mark at `start` opens; 0 if it opens none."""
    mark = text[start]
    closers = CLOSERS[mark]
    depth, doubtful = 1, 0
    for at in range(start + 1, len(text)):
        character = text[at]
        if character != mark and character not in closers:
            continue
        before, after = _around(text, at)
        if before == "\n" or (before.isalnum() and after.isalnum()):
            continue  # opened again in a new paragraph, or an apostrophe
        if character == mark and opens(text, at):
            depth += 1
        elif character in closers and not opens(text, at):
            if character in _APOSTROPHES and before in "sS" and after == " ":
                # “the drivers’ union”: a possessive, unless nothing else closes.
                doubtful = doubtful or (at + 1 if depth == 1 else 0)
                continue
            depth -= 1
            if not depth:
                return at + 1
    if doubtful:
        return doubtful
    # An apostrophe that opens a word ('em, ‘90s) looks like a mark that never closes.
    before, after = _around(text, start)
    if (mark == "'" and start and before != "\n") or (mark == "‘" and after.isdigit()):
        return 0
    return len(text)


def _closes_unopened(text: str, at: int) -> bool:
    mark = text[at]
    if mark in _APOSTROPHES:
        before, after = _around(text, at)
        return before in ".,!?…;:" and not after.isalnum()
    return mark in '"”»“«‘›‹' and not opens(text, at)
