"""Bytes to text: which encoding they are in, and text that somebody decoded wrongly before."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from html import unescape

from onrecord.text import beyond_ascii, later, take_in_hand

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),  # begins as UTF-16 does
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
MOST_NULS = 10_000
"""Bytes of a page for each NUL that is dropped as browsers drop it; more of them are no slip."""
WIDE = 0.5
"""The share of NULs among every other byte of a text in UTF-16 without a byte order mark."""

_NO_CHARSETS = frozenset(
    {"charmap", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
)
"""Codecs of Python, by their names, that take text and are no charset of the web."""
_UNNAMED = {"x-sjis": "cp932", "windows-31j": "cp932", "windows-874": "cp874", "x-gbk": "gbk"}
"""Charsets of the web that Python has by another name."""
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""Codec -> the one that browsers mean by it, with all of its letters and more."""
_SHIFT = b"\x1b$B"
"""What shifts ISO-2022-JP to its two-byte letters (an older one is `ESC $ @`)."""
_KOREAN = b"\x1b$)C"
"""What stands at the head of ISO-2022-KR."""
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
"""Letters of GB 2312 in HZ, whose bytes are all ASCII."""
LEAST_IN_HZ = 0.3
"""The share of a text in HZ that is such letters: programs hold their braces, too."""

_META = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,200}?encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.I,
)


def decode(
    data: bytes, *, html: bool = False, stated: str = ""
) -> tuple[str, str, tuple[str, ...]] | str:
    """`(text, charset, notes)`, or a sentence that says what is wrong.

    A byte order mark, then the escapes of ISO-2022 and HZ, then UTF-8, then what the page declares
    (or its server `stated`), then a guess; where the words are of no Latin script, one of their
    scripts or none. Bytes that are mostly UTF-8 and damaged are refused: a
    guess would turn them into other letters. A stray NUL in a page is dropped. Text that somebody
    decoded wrongly before (mojibake) is repaired, marks left as they are; the charset then ends in
    "+ftfy".
    """
    decoded = _decode(data, html, stated)
    if isinstance(decoded, str):
        return decoded
    text, charset, guessed = decoded
    if charset == "utf-8" and not html:
        take_in_hand(text, data)
    notes = ("charset-guessed",) if guessed else ()
    repaired = repair(text)
    if repaired != text:
        return repaired, f"{charset}+ftfy", (*notes, "mojibake-repaired")
    return text, charset, notes


# ftfy.badness has no pattern without a code point that is neither of ASCII nor one of these marks.
_SUSPECT = re.compile("[^\x00-\x7f\xa0\xad·´–—―…’‘“”‚„‹›«»¡¿©®™•]+")
# Nor has it one without two code points beyond ASCII side by side, or one of these.
_SUSPICIOUS = re.compile("[^\x00-\x7f]{2}|[\x80-\x9fÂÃŒœ]")
_REACH = 5  # no pattern is longer
_FEW = 16  # so many are looked for one by one, in a third of the time


def repair(text: str) -> str:
    """The text with mojibake undone, line by line; nothing else of it is touched."""
    suspects = set().union(*_SUSPECT.findall(beyond_ascii(text)))
    if not suspects:
        return text
    near = {
        text[max(0, start - _REACH) : end + _REACH] for start, end in _stretches(text, suspects)
    }
    if not any(map(_SUSPICIOUS.search, near)):
        return text
    import ftfy  # a tenth of a second, and few texts get here
    import ftfy.badness

    if not ftfy.badness.is_bad("\n".join(sorted(near))):
        return text
    return "".join(ftfy.fix_encoding(line) for line in text.splitlines(keepends=True))


def _stretches(text: str, suspects: set[str]) -> Iterator[tuple[int, int]]:
    """Where suspects stand; next to one another they are one stretch where there are many."""
    if len(suspects) > _FEW:
        yield from (match.span() for match in _SUSPECT.finditer(text))
        return
    for suspect in suspects:
        at = text.find(suspect)
        while at >= 0:
            yield at, at + 1
            at = text.find(suspect, at + 1)


_ESCAPE = r"&(?:amp;)*(?:#\d{2,6}|#x[\da-f]{2,5}|[a-z]{2,8}\d?);"
_ANY_ESCAPE = re.compile(r"&[#\w]{2,9};")
_AND = r"&amp;(?:amp;)*(?![a-z]+;|#)"
_ESCAPED = later(
    rf"^{_ESCAPE}$|\w(?!{_AND}){_ESCAPE}|(?!{_AND}){_ESCAPE}\w|\w{_AND}\w"
    rf"|(?-i:\b[A-Z]\w* {_AND} [A-Z])",
    re.I,
)
"""What nobody writes who means the signs themselves: an escape that touches a word, or an "and"
between two names."""
_ABOUT_IT = re.compile(rf"[<`]|(?!{_ESCAPE})&|\b(?:html|xml|ampersand)", re.I)
"""What a line has that was not escaped, or is about that: markup, or an "and" that stands bare."""


def unescaped(text: str) -> str:
    """A text without markup whose lines are plainly escaped as in HTML (`don&#8217;t`), also twice.

    Each line is decided by itself and comes out the same a second time.
    """
    if "&" not in text or ";" not in text or not _ANY_ESCAPE.search(text):
        return text
    return "\n".join(map(_unescaped, text.split("\n")))


def _unescaped(line: str) -> str:
    for _ in range(MOST_ESCAPES):
        if "&" not in line or not _ESCAPED().search(line) or _ABOUT_IT.search(line):
            break
        line = unescape(line)
    return line


MOST_ESCAPES = 8
"""How often a line may have been escaped."""


def _decode(data: bytes, html: bool, stated: str) -> tuple[str, str, bool] | str:
    for mark, charset in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(charset), charset, False
            except UnicodeDecodeError as error:
                return f"not {charset} at byte {error.start}, though it begins so"
    if html and data.count(b"\0") <= len(data) // MOST_NULS:
        data = data.replace(b"\0", b"")
    if (at := data.find(b"\0")) >= 0:
        if wide := _wide(data):
            return *wide, True
        return f"a NUL byte at {at}: a binary file, or text in UTF-16 or UTF-32; save it as UTF-8"
    if (b"\x1b$" in data or b"~{" in data) and (shifted := _shifted(data)):
        return *shifted, False
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        broken = error.start
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:65536]) > 0.02 * min(
        len(data), 65536
    ):
        return "a binary file"
    try:
        data.decode("utf-8", "surrogatepass")
        return f"a lone surrogate at byte {broken}: text cut in the middle of a character"
    except UnicodeDecodeError:
        pass
    if _is_damaged(data):
        return f"not valid UTF-8 at byte {broken}: truncated or mixed; fetch it again"
    declared = _META.search(data[:4096]) if html else None
    for label in (stated, declared[1].decode("ascii") if declared else ""):
        for charset in _charsets(label.lower()):
            try:
                # A page whose tags are read as ASCII is in no UTF-16, whatever it declares.
                if "<meta>".encode(charset) == b"<meta>":
                    return data.decode(charset), charset, False
            except (LookupError, UnicodeError):  # codecs of bytes, and "undefined"
                pass
    if _is_far(data):
        if far := _far(data):
            return *far, True
        return "in an encoding that is not known; save it as UTF-8 (`iconv -f ITS -t UTF-8 FILE`)"
    import charset_normalizer

    best = charset_normalizer.from_bytes(data, cp_isolation=["cp1252", "latin_1"]).best()
    charset = best.encoding if best else "latin_1"
    if _is_mac(data):
        charset = "mac_roman"
    return data.decode(charset), {"latin_1": "iso-8859-1"}.get(charset, charset), True


KNOWN = ("utf-8", "utf-16")
"""The charsets of `charset_of` that are no guesses."""

SAMPLE = 1 << 16
"""Bytes by which a charset is guessed: lines that are not all ASCII."""


def charset_of(blocks: Iterable[bytes]) -> str:
    """The charset of a text that comes in blocks of whole lines, of which one is held at a time.

    As `decode` finds it, but for what is declared and what shifts. Where the text is damaged, or a
    guess gives no words of its script, it is UTF-8, and whoever reads its lines finds the broken.
    """
    letters = others = 0
    marked, sample = False, b""
    block = cut = b""  # a letter may be cut where a block ends

    def look_into(block: bytes) -> None:
        nonlocal letters, others, sample
        rest, found = _LETTER.subn(b"", block)
        letters, others = letters + found, others + len(rest.translate(None, _ASCII))
        own = (line for line in block.splitlines() if not line.isascii())
        sample = sample if len(sample) >= SAMPLE else (sample + b"\n".join(own))[:SAMPLE]

    for number, block in enumerate(blocks):
        if number == 0 and block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if number == 0 and (wide := _wide(block[: min(SAMPLE, len(block) & ~1)])):
            return wide[1]
        block = cut + block
        marked = marked or _HALF_A_MARK in block
        cut = b""
        if block.isascii():
            continue
        try:
            text, read = codecs.utf_8_decode(block, "strict", False)
        except UnicodeDecodeError:
            look_into(block)
        else:
            letters, cut = letters + len(beyond_ascii(text)), block[read:]
    if cut:
        look_into(block)
    if not others or marked or letters >= others:
        return "utf-8"
    if _is_far(sample):
        far = _far(sample[: sample.rfind(b"\n") + 1] or sample)
        return far[1] if far else "utf-8"
    charset = "mac_roman" if _is_mac(sample) else "cp1252"
    return charset if _is_latin(sample.decode(charset, "replace")) else "utf-8"


LEAST_LATIN = 0.9
"""The share of what stands between small letters of ASCII, and is not of it, that are letters."""
MOST_ACCENTS = 0.25
"""The share of the letters of a Latin script that are not of ASCII."""


def _is_latin(text: str) -> bool:
    """Whether text whose charset was guessed has words of Latin script, as western Europe has."""
    within = re.findall(r"(?<=[a-z])[^\x00-\x7f](?=[a-z])", text)
    right = sum(letter.islower() or letter in _MARKS for letter in within)
    letters = sum(map(str.isalpha, text))
    accents = sum(letter.isalpha() and not letter.isascii() for letter in text)
    return right >= LEAST_LATIN * len(within) and accents <= MOST_ACCENTS * letters


LEAST_FAR = 64
"""Bytes beyond ASCII of a text in another script by which its charset is guessed, no fewer.

Of 482 texts in 21 charsets of ten other scripts, cut at 100 such bytes, 416 are guessed as they
were, at 40 bytes 349.
"""
_WORD = re.compile(rb"[\x80-\xff]{4,}")
"""Bytes beyond ASCII that stand together; in a charset of western Europe hardly ever so many."""


def _is_far(data: bytes) -> bool:
    """Whether most of the bytes beyond ASCII are words of a script that is not Latin."""
    beyond = len(data.translate(None, _ASCII))
    found = _WORD.findall(data)
    words = sum(len(word) for word in found if len(set(word)) > 2)  # a rule of dashes is none
    return beyond >= LEAST_FAR and 2 * words > beyond


def _far(data: bytes) -> tuple[str, str] | None:
    """The text and charset of words of another script, by a guess; None where it gives no such."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(data).best()
    text = data.decode(best.encoding) if best else ""
    letters = [letter for letter in beyond_ascii(text) if letter.isalpha()]
    far = sum(letter > "\u0250" for letter in letters)
    private = any("\ue000" <= letter < "\uf900" or "\x80" <= letter < "\xa0" for letter in text)
    return (text, best.encoding) if best and 2 * far > len(letters) and not private else None


def _charsets(label: str) -> Iterator[str]:
    """What is meant by the label of a charset, the likelier first; nothing by any other label."""
    label = _UNNAMED.get(label, label)
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return
    if name not in _NO_CHARSETS:
        yield label
        if name in _WIDER:
            yield _WIDER[name]


def _shifted(data: bytes) -> tuple[str, str] | None:
    """The text and charset of ISO-2022-JP, ISO-2022-KR or HZ, None for anything else.

    Signs of the first beyond JIS X 0208 (①) are those of JIS X 0213, at the same places.
    """
    if not data.isascii():
        return None
    if b"\x1b" not in data:
        held = sum(map(len, _HZ.findall(data)))
        declared = b"hz-gb-2312" in data[:4096].lower()
        is_hz = declared or held >= LEAST_IN_HZ * len(data)
        tried = [("hz", data, "hz-gb-2312")] if is_hz else []
    elif _KOREAN in data:
        tried = [("iso2022_kr", data, "iso-2022-kr")]
    else:
        data = data.replace(b"\x1b$@", _SHIFT)
        wider = data.replace(_SHIFT, b"\x1b$(Q")
        tried = [
            (name, each, "iso-2022-jp")
            for name, each in (("iso2022_jp", data), ("iso2022_jp_2004", wider))
        ]
    for codec, each, charset in tried:
        try:
            return each.decode(codec), charset
        except UnicodeDecodeError:
            pass
    return None


_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A letter or mark beyond ASCII in UTF-8."""
_HALF_A_MARK = b"\xe2\x80"
"""Two of the three bytes of a mark of print in UTF-8; in Windows-1252 â€, which no word holds."""
_ASCII = bytes(range(128))


def _is_damaged(data: bytes) -> bool:
    """Whether text that is no UTF-8 was UTF-8, and is cut or mixed with something else.

    Then its letters of UTF-8 are no fewer than its other bytes beyond ASCII. In Windows-1252 an
    accent before a mark (é’) begins such a letter, and hardly ever is one.
    """
    rest, letters = _LETTER.subn(b"", data)
    return _HALF_A_MARK in data or letters >= len(rest.translate(None, _ASCII))


def _wide(data: bytes) -> tuple[str, str] | None:
    """The text and charset of UTF-16 without a byte order mark, None for anything else.

    Every other byte of most of its letters is a NUL where they are of a Latin script.
    """
    big, little = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or min(big, little) or max(big, little) < WIDE * len(data) / 2:
        return None
    charset = "utf-16-be" if big else "utf-16-le"
    try:
        return data.decode(charset), charset
    except UnicodeDecodeError:
        return None


# What stands behind a small letter or a sign, and before a small letter or the end of a word.
_INNER = re.compile(rb"[a-z.,!?]([\x80-\xff])(?=[a-z\s.,])")
_MARKS = frozenset("’‘“”«»–—…•®©™\xa0")


def _is_mac(data: bytes) -> bool:
    """Whether text that is no UTF-8 is in Mac Roman and not in Windows-1252.

    Letters and marks of print stand elsewhere in the two: behind small letters the one has
    capitals, or nothing, where the other has a small letter or a mark.
    """
    found = b"".join(sorted(set(_INNER.findall(data))))
    in_windows, in_mac = (found.decode(name, "replace") for name in ("cp1252", "mac_roman"))
    capitals = any(letter.isupper() or letter == "\ufffd" for letter in in_windows)
    return capitals and all(letter.islower() or letter in _MARKS for letter in in_mac)
