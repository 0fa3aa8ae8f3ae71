"""Running text, told by the looks of a line: words, sentences, capitals, in any script."""

from __future__ import annotations

import re

from onrecord.text import later

ENDS = ".!?…。！？｡।॥۔؟։።။។"
"""What ends a sentence, in any script."""

FULL_STOPS = tuple(".。｡।॥۔።။។")
"""What ends a sentence that neither asks nor cries."""

UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
"""A letter of a script that sets no blanks between words."""
_unspaced = later(UNSPACED)

CLOSES = "\"'”’»“‘)\\]」』）"
"""What may close behind the end of a sentence, as in a set of a pattern; „…“ closes with “."""

STOPS = frozenset(ENDS + ":")
_LAST = STOPS | frozenset(f",{CLOSES}") - {"\\"}
PROSE_WORDS = 8
LONG_LINE = 40
"""Words from which on a line is prose even if it does not end like a sentence."""

TITLE_WORDS = 30
CAPITALS = 0.65
"""A short line with a greater share of capital letters is set like a title, and no prose."""

_CLOSING = "\"'”’"
_SAYS = re.compile(r"""[a-z][.!?]["”]? (?:And|But|So|The|It|He|She|We|They) [a-z].*[.!?]$""")

_SENTENCE_END = re.compile(rf"""[{ENDS}:][{CLOSES}]*$|[.!?,]["'”’»]$|["”»]$""")

QUOTED = re.compile(r"“[^”]*”?|‘[^’]*’|\"[^\"]*\"?")


def is_prose(text: str) -> bool:
    """Whether a paragraph in normal form reads like running text: 8 words or more, and an end."""
    return ends_sentence(text) and words(text) >= PROSE_WORDS


def words(text: str) -> int:
    """How many words a text has; without blanks between them, three letters count as one."""
    return len(text.split()) + (0 if text.isascii() else unspaced(text))


def unspaced_letters(text: str) -> int:
    """How many letters are of a script that sets no blanks between words."""
    return len(_unspaced().findall(text))


def unspaced(text: str) -> int:
    """How many words the letters make that have no blanks between them: three are one."""
    return unspaced_letters(text) // 3


def ends_sentence(text: str) -> bool:
    last = text[-1:]
    return last in STOPS or (last in _LAST and bool(_SENTENCE_END.search(text[-8:])))


def says(text: str) -> bool:
    """Whether it ends in a full stop or holds one sentence behind another: no headline does."""
    return text.rstrip(_CLOSING).endswith(FULL_STOPS) or bool(_SAYS.search(text))


def capitals(words: list[str]) -> float:
    """The share of words that do not begin with a small letter, or one that has no capital."""
    first = "".join([word[0] for word in words])
    small = sum(map(str.islower, first))
    if not first.isascii():
        small += sum([letter.isalpha() and letter.lower() == letter.upper() for letter in first])
    return 1 - small / max(len(words), 1)
