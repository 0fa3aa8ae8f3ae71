"""The normal form of a text, and words and marks in it.

A text is frozen on admission; `NORMALISER` names the rules it was frozen under.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any

from onrecord.records import Segment

NORMALISER = "2"


def later(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """What gives a pattern that few texts need: it is compiled when it is first asked for."""
    return cache(lambda: re.compile(pattern, flags))


JOINER = "\u200d"
"""Makes one emoji of two. Normaliser 1 dropped it."""
NON_JOINER = "\u200c"
"""Parts two letters of Arabic script within a word (Persian). Normaliser 1 dropped it."""

# Zero-width and bidirectional format characters, and the soft hyphen. Variation selectors, the
# tags that spell regional flags, a joiner of emoji and a non-joiner of Arabic script are visible
# in what they make, and stay.
_ZERO_WIDTH = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_ARABIC = "\u0620-\u065f\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff"
_PICTURES = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
JOINED = later(f"(?<=[{_PICTURES}\ufe0f]){JOINER}(?=[{_PICTURES}])")
"""A joiner within an emoji."""

_DROPPED = re.compile(
    f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_ZERO_WIDTH}]"
    f"|(?<![{_PICTURES}\ufe0f]){JOINER}|{JOINER}(?![{_PICTURES}])"
    f"|(?<![{_ARABIC}]){NON_JOINER}|{NON_JOINER}(?!{NON_JOINER}*+[{_ARABIC}])"
)
_BLANKS = re.compile(r"[\s\u0085\u2800]+")
PARAGRAPH_BREAK = "\n\n"


def normalise(text: str) -> str:
    """One paragraph in normal form: NFC, single spaces, no control or zero-width characters
    but those in an emoji and in words of Arabic script.

    Quotation marks, dashes and the source's own typos stay. Idempotent.
    """
    # Most lines hold nothing that normal form would drop or compose.
    if text.isprintable() and (
        text.isascii() or ("\u2800" not in text and unicodedata.is_normalized("NFC", text))
    ):
        text = text.strip()
        return " ".join(text.split()) if "  " in text else text
    # Dropping a character may bring a letter and its accent together, so NFC comes last.
    return unicodedata.normalize(
        "NFC", _BLANKS.sub(" ", _DROPPED.sub("", unicodedata.normalize("NFC", text))).strip()
    )


BLANKS = ("  ", "\t", "\u00a0")
"""Blanks that are common in pages; `normalise` turns them into one space."""

Blanks = tuple[str, ...] | None


class _InHand:
    """A text, and the facts about it that several steps need, each computed once."""

    def __init__(self, text: str, utf8: bytes = b"") -> None:
        self.text = text
        self.utf8 = utf8 or text.encode("utf-8", "surrogatepass")

    @cached_property
    def special(self) -> bytes:
        """Everything but printable ASCII, tabs and line breaks, in order, in UTF-8.

        These few code points decide what has to be done with a text.
        """
        # No byte of a multi-byte sequence in UTF-8 is an ASCII byte.
        return self.utf8.translate(None, _COMMON)

    @cached_property
    def blanks(self) -> Blanks:
        if self.special.translate(None, _CONTROLS) != self.special:
            return None
        letters = set(self.special.decode("utf-8", "surrogatepass"))
        plain = letters <= _PLAIN or all(map(_is_plain_letter, letters))
        return tuple(blank for blank in BLANKS if blank in self.text) if plain else None

    @cached_property
    def lines(self) -> tuple[list[str], list[str]]:
        raws = split_lines(self.text)
        if self.blanks is None:
            return raws, list(map(normalise, raws))
        lines = list(map(str.strip, raws))
        for blank in self.blanks:
            lines = [" ".join(line.split()) if blank in line else line for line in lines]
        return raws, lines


def take_in_hand(text: str, utf8: bytes = b"") -> None:
    """Cache facts about this text until another one is taken in hand.

    `utf8` is the text in UTF-8, if that is known.
    """
    if _hand[0].text is not text:
        _hand[0] = _InHand(text, utf8)


def take_again(text: str, utf8: bytes, known: Blanks) -> None:
    """Like `take_in_hand`, for a text whose `blanks` are known, too."""
    take_in_hand(text, utf8)
    _hand[0].blanks = known


_hand = [_InHand("")]


def _in_hand(text: str) -> _InHand:
    hand = _hand[0]
    return hand if hand.text is text else _InHand(text)


def utf8(text: str) -> bytes:
    """A text in UTF-8, including lone surrogates."""
    return _in_hand(text).utf8


def lines_of(text: str) -> tuple[list[str], list[str]]:
    """The `split_lines` of a text and its `normal_lines`. Do not modify either list."""
    take_in_hand(text)
    return _hand[0].lines


def normal_lines(text: str) -> list[str]:
    """`normalise` of each of the `split_lines`, decided once for all lines rather than per line."""
    return lines_of(text)[1]


def blanks(text: str) -> Blanks:
    """The `BLANKS` in a text whose lines need nothing else from `normalise` but stripping.

    None for any other text, and in doubt.
    """
    return _in_hand(text).blanks


_PLAIN: set[str] = set()
"""Code points that `_is_plain_letter` has accepted before."""


def _is_plain_letter(letter: str) -> bool:
    """Whether a code point is printable, in NFC and never composes with the one before it.

    Marks can compose, and letters of scripts without case.
    """
    if letter in "\u00a0\u2028\u2029":
        return True  # `normal_lines` turns it into a blank or a line break
    kind = unicodedata.category(letter)
    plain = (
        (kind[0] in "PSN" or kind in ("Lu", "Ll", "Lt"))
        and letter != "\u2800"
        and letter.isprintable()
        and unicodedata.is_normalized("NFC", letter)
    )
    if plain and len(_PLAIN) < 1 << 12:
        _PLAIN.add(letter)
    return plain


_ASCII = bytes(range(128))
_COMMON = bytes(range(0x20, 0x7F)) + b"\n\r\t"
_CONTROLS = bytes([*range(0x20), 0x7F])


def beyond_ascii(text: str) -> str:
    """The non-ASCII code points of a text, in order: those that need a closer look."""
    if text.isascii():
        return ""
    return _in_hand(text).special.translate(None, _ASCII).decode("utf-8", "surrogatepass")


TABLED = 0x3000
"""Code points below this cover most texts in Latin script and are few enough for a table."""


def code_points(text: str) -> Any:
    """The code points of a text as an array."""
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


# Characters that are drawn with the one before them: joiner, skin tones, the tags of a flag.
_JOINED = later("[\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_LETTERS = later("[\U0001f1e6-\U0001f1ff]*")


def cuts(text: str, at: int) -> bool:
    """Whether a boundary at `at` is inside a word, an accented letter, an emoji or a flag.

    A word is a run of letters and digits: "Calder" may be cut out of "Calder’s", and "Kelso" out of
    "anti-Kelso".
    """
    return 0 < at < len(text) and _PAIRS[text[at - 1 : at + 1]](text, at)


class _Pairs(dict[str, Callable[[str, int], bool]]):
    """Two adjacent characters -> whether a boundary between them cuts; computed once per pair."""

    def __missing__(self, pair: str) -> Callable[[str, int], bool]:
        before, after = pair
        joined = before == "\u200d" or _JOINED().match(after)
        if joined or unicodedata.category(after)[0] == "M":
            told = _always
        elif "\U0001f1e6" <= after <= "\U0001f1ff":
            told = _in_flag
        elif _accent(before) and after.isalnum():
            told = _in_accented_word
        else:
            told = _always if before.isalnum() and after.isalnum() else _never
        self[pair] = told
        return told


def _always(_text: str, _at: int) -> bool:
    return True


def _never(_text: str, _at: int) -> bool:
    return False


def _in_flag(text: str, at: int) -> bool:
    # Two letters make a flag, so a boundary after an odd number of them is inside one.
    flags = _FLAG_LETTERS().match(text[:at][::-1])
    return bool(flags and len(flags[0]) % 2)


def _accent(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc")


def _in_accented_word(text: str, at: int) -> bool:
    # The accents belong to a letter, unless they are an emoji's selector or stand on nothing.
    while at and _accent(text[at - 1]):
        at -= 1
    return at > 0 and text[at - 1].isalnum()


_PAIRS = _Pairs()


def split_lines(text: str) -> list[str]:
    """The lines of a text, empty ones included.

    A break is a single code point (line feed, carriage return, Unicode's two separators), so that
    offsets can be counted along.
    """
    for mark in "\r\u2028\u2029":
        text = text.replace(mark, "\n")
    return text.split("\n")


def faults(text: str) -> list[str]:
    """The reasons why a whole text is not in normal form; empty if it is."""
    # Fast path: printable characters include no blank but the space and U+2800, no line break and
    # nothing that is dropped.
    if (
        "  " not in text
        and "\u2800" not in text
        and all(
            paragraph.isprintable() and paragraph and " " not in (paragraph[0], paragraph[-1])
            for paragraph in text.split(PARAGRAPH_BREAK)
        )
    ):
        return [] if unicodedata.is_normalized("NFC", text) else ["not NFC"]
    found = []
    if text != unicodedata.normalize("NFC", text):
        found.append("not NFC")
    if match := _DROPPED.search(text):
        found.append(f"a control or zero-width character U+{ord(match[0]):04X} at {match.start()}")
    if match := re.search("[^\\S\n ]|\u2800", text):
        found.append(f"a blank other than a space, U+{ord(match[0]):04X}, at {match.start()}")
    if match := re.search(r"  ", text):
        found.append(f"a run of spaces at {match.start()}")
    if match := re.search(r"(?m)^ | $", text):
        found.append(f"a blank at a line's end at {match.start()}")
    if match := re.search(r"(?<!\n)\n(?!\n)|\n{3,}|\A\n|\n\Z", text):
        found.append(f"paragraphs not separated by one blank line at {match.start()}")
    return found


def sha256(text: str) -> str:
    """Hex sha256 of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def assemble(paragraphs: list[tuple[str, str, list[int]]]) -> tuple[str, list[Segment]]:
    """Join `(role, normalised paragraph, source [s, e] or [])` to a text and its segments."""
    segments = []
    start = 0
    for role, paragraph, source in paragraphs:
        end = start + len(paragraph)
        segments.append(Segment(role=role, start=start, end=end, source=source))
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(paragraph for _, paragraph, _ in paragraphs), segments


def tiles(segments: list[Segment], length: int) -> bool:
    """Whether the segments cover a text of that length, paragraph by paragraph, without gaps."""
    if not segments or segments[0].start != 0 or segments[-1].end != length:
        return False
    gap = len(PARAGRAPH_BREAK)
    return all(a.end + gap == b.start for a, b in pairwise(segments)) and all(
        segment.start < segment.end for segment in segments
    )


@lru_cache(1 << 10)
def slug(name: str) -> str:
    """A name for use in ids and file names: lower-case ASCII letters, digits, hyphens.

    A name with letters of another script than Latin, or without any letter, ends in a hash of it,
    after what it has in Latin script or the name of that script. Other names can share a slug.
    An empty name gives "unnamed".
    """
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "-".join(
        re.findall(r"[a-z0-9]+", decomposed.encode("ascii", "ignore").decode().lower())
    )
    scripts = (_script(letter) for letter in decomposed if not letter.isascii())
    script = next(filter(None, scripts), "")
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    if (plain and not script) or not folded:
        return plain or "unnamed"
    return f"{plain or script or 'unnamed'}-{sha256(folded)[:SLUG_DIGITS]}"


SLUG_DIGITS = 8
"""Hex digits of the hash in a slug."""


def _script(letter: str) -> str:
    """The script of a letter or digit as Unicode names it, "" for Latin and for anything else."""
    if unicodedata.category(letter) not in ("Lu", "Ll", "Lt", "Lo", "Nd"):
        return ""
    script = re.split("[^a-z]", unicodedata.name(letter, "").lower(), maxsplit=1)[0]
    return "" if script == "latin" else script
