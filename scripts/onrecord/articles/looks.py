"""How a line looks: whatever depends on its words alone, looked up once.

A page's own lines stand in many documents, and every document is read at least twice. So a `Line`
remembers what was found out about it, and a few thousand of them live on from document to document.
What is new in a document is looked at together.
"""

from __future__ import annotations

import re
from string import ascii_letters, ascii_lowercase, digits

from onrecord.articles.bylines import AUTHOR, BYLINE, BYLINE_LABEL, BYLINE_OPENS
from onrecord.articles.credits import (
    CAPTION_LEAST,
    CAPTION_MOST,
    CAPTION_NAMES,
    CAPTION_OPENS,
    CAPTION_SIDES,
    CAPTION_WORDS,
    CREDIT_LINE,
    CREDIT_ONLY,
    CREDIT_REACH,
    CREDIT_WORDS,
    LABEL_REACH,
    ends_with_credit,
    has_credit_sign,
    is_description,
    may_be_credited,
)
from onrecord.articles.dates import (
    DATE,
    DATE_LINE,
    DATE_WORDS,
    MAY_BE_DAY,
    PUBLISHED,
    UPDATED,
    day_elsewhere,
    iso_date,
)
from onrecord.articles.lexicon import BULLET
from onrecord.articles.page_lines import CREDITED, SIDED, is_page_line, signs
from onrecord.articles.sentences import (
    CAPITALS,
    LONG_LINE,
    PROSE_WORDS,
    QUOTED,
    STOPS,
    TITLE_WORDS,
    UNSPACED,
    capitals,
    ends_sentence,
    says,
    unspaced,
)
from onrecord.text import later

REMEMBERED = 1 << 13
"""Lines that live on from document to document: so many, and those seen shortly before."""

FEW = 4
"""Words of a paragraph that say nothing yet; each more weighs 1, up to `LONGEST`."""

LONGEST = 60
"""Words beyond which a paragraph counts no more."""

SPACED = 8
"""Code points a word beyond which a line may hold words with no blanks between them."""

SHORT = -5.0
FIGURES = -1.0

CODE = frozenset("{}=;\\_<>")
"""Signs of code, which no menu holds and a story may show."""

OPENING = 400
"""Code points of a paragraph whose words a headline may share."""

_DIGIT = re.compile(r"\d")
_WORD_LETTERS = frozenset(f"{ascii_letters}{digits}_".encode())
_APART = bytes(byte if byte in _WORD_LETTERS or byte >> 7 else ord(" ") for byte in range(1 << 8))
_SMALL_APART = _APART.lower()
_ASCII = bytes(range(1 << 7))
# Words of Korean are short, and end in what they do in the sentence: two letters are their stem.
_HANGUL = re.compile(r"[가-힣][가-힣]+")
_UNSPACED_RUN = later(f"{UNSPACED}{{3,}}")


class Line:
    """A line in normal form.

    `words` is how many it has, `ends` whether it ends like a sentence, `is_sentence` whether it is
    one, `is_prose` whether it is running text, `rule` under which rule of the lexicon it goes ("":
    it stays). The methods answer at once when asked again.

    `credit` is what it has to do with a picture. `opens`: a caption, by how it opens; `line`: a
    credit with its label; `only`: nothing but a credit; `tail`: a caption, by the credit at its
    end or because it says who stands where; "": nothing. `credited` says whether its end holds a
    sign of a credit.
    """

    __slots__ = (
        "_date",
        "_front",
        "_opening",
        "_presents",
        "_untitled",
        "_weight",
        "_word_set",
        "credit",
        "credited",
        "ends",
        "is_prose",
        "is_sentence",
        "rule",
        "text",
        "words",
    )

    _front: bool | None
    _date: tuple[str, str] | None
    _weight: float | None
    _untitled: bool | None
    _presents: bool | None
    _word_set: set[str] | None
    _opening: set[str] | None

    def __init__(self, text: str, signs: int) -> None:
        """`signs` are those of the lexicon in it."""
        self.text = text
        words = text.count(" ") + 1 if text else 0
        if len(text) > SPACED * words and not text.isascii():
            words += unspaced(text)
        self.words = words
        self.ends = ends = text[-1:] in STOPS or ends_sentence(text)
        self.is_sentence = ends and words >= 3
        self.is_prose = words >= (PROSE_WORDS if ends else LONG_LINE) and (
            words > TITLE_WORDS
            or not may_be_title(text, words)
            or capitals(text.split()) <= CAPITALS
        )
        self.rule = is_page_line(text, signs)
        self.credited = False
        self.credit = self._find_credit(signs) if words <= CAPTION_WORDS else ""
        self._front = self._weight = self._word_set = self._opening = None
        self._untitled = self._presents = self._date = None

    def _find_credit(self, signs: int) -> str:
        text, words, sign = self.text, self.words, signs & CREDITED
        # Whatever opens a caption but its label is a sign of a credit too.
        if (sign and CAPTION_OPENS.match(text)) or (
            ":" in text[:LABEL_REACH] and is_description(text)
        ):
            return "opens"
        sides = (
            CAPTION_LEAST <= words <= CAPTION_MOST
            and signs & SIDED
            and ("left" in text or "right" in text)
            and CAPTION_SIDES.search(QUOTED.sub(" ", text))
        )
        if self.ends and not sign:
            return "tail" if sides else ""
        tail = text[-CREDIT_REACH:]
        # A caption does not end in a full stop behind its credit, prose does.
        if sign and may_be_credited(text, words) and has_credit_sign(tail):
            self.credited = True
            if len(text) < 120 and CREDIT_LINE.match(text):
                return "line"
            if words <= CREDIT_WORDS and not self.is_prose and CREDIT_ONLY.match(text):
                return "only"
            if words >= 4 and ends_with_credit(tail):
                return "tail"
        named = not self.ends and words >= CAPTION_LEAST and CAPTION_NAMES.search(tail)
        return "tail" if named or sides else ""

    def is_front(self) -> bool:
        """Whether it is a byline or a line that gives a date."""
        if (front := self._front) is None:
            front = self._front = self.words <= 25 and bool(self._is_byline() or self.date()[0])
        return front

    def date(self) -> tuple[str, str]:
        """`date_of` it; `("", "")` where it gives none."""
        if (date := self._date) is None:
            date = self._date = date_of(self.text) or ("", "")
        return date

    def _is_byline(self) -> bool:
        text = self.text
        return text[:1] in BYLINE_OPENS and bool(
            BYLINE_LABEL.match(text) or (not self.is_prose and BYLINE.match(text))
        )

    def presents(self) -> bool:
        """Whether it says of somebody that they are an author."""
        if (presents := self._presents) is None:
            presents = self._presents = bool(AUTHOR.match(self.text))
        return presents

    def is_figures(self) -> bool:
        """Whether it is a row of a table or an item of a list with a number in it."""
        return 3 <= self.words <= TITLE_WORDS and bool(
            _DIGIT.search(self.text) and not self.is_front()
        )

    def weight(self) -> float:
        """What it says for (or against) the stretch that it stands in, if no rule takes it."""
        if (weight := self._weight) is None:
            weight = self._weight = self._find_weight()
        return weight

    def _find_weight(self) -> float:
        words = self.words
        if words < 30 and self.text.endswith(("...", "…")):
            return SHORT
        if self.is_prose:
            return min(words, LONGEST) - FEW
        if self.is_sentence:
            return 0.5
        if words >= 25:
            return (words - FEW) / 2
        return FIGURES if self.is_figures() or not CODE.isdisjoint(self.text) else SHORT

    def is_untitled(self) -> bool:
        """Whether it is no headline by its words: a byline, a date, a point of a list, prose."""
        if (untitled := self._untitled) is None:
            text = self.text
            untitled = self._untitled = bool(
                (text[0] in BYLINE_OPENS and BYLINE.match(text))
                or (MAY_BE_DAY.search(text) and DATE_LINE.match(text))
                or BULLET.match(text)
                or (self.is_prose and says(text))
            )
        return untitled

    def word_set(self) -> set[str]:
        """Its words of four letters and more, in small letters; without blanks any three.

        Of Korean words the first two letters.
        """
        if (found := self._word_set) is None:
            found = self._word_set = self._long_words(self.text)
        return found

    def opening(self) -> set[str]:
        """The words of its first `OPENING` code points; shorter ones may be among them."""
        if (found := self._opening) is None:
            text = self.text[:OPENING]
            found = set(_words(text)) if text.isascii() else self._long_words(text)
            self._opening = found
        return found

    def _long_words(self, text: str) -> set[str]:
        found = {word for word in _words(text) if len(word) > 3}
        if text.isascii():
            return found
        found.update(word[:2] for word in _HANGUL.findall(text))
        if self.words > self.text.count(" ") + 1:
            for run in _UNSPACED_RUN().findall(text):
                found.update(map("".join, zip(run, run[1:], run[2:], strict=False)))
        return found


def _words(text: str) -> list[str]:
    r"""What `\w+` finds in a text in small letters: `split` is faster than a pattern."""
    if text.isascii():
        return text.encode().translate(_SMALL_APART).decode("ascii").split()
    data = text.lower().encode("utf-8", "surrogatepass").translate(_APART)
    text = data.decode("utf-8", "surrogatepass")
    for sign in set(data.translate(None, _ASCII).decode("utf-8", "surrogatepass")):
        if not sign.isalnum():
            text = text.replace(sign, " ")
    return text.split()


def may_be_title(text: str, words: int) -> bool:
    """Whether so many words in normal form can be set like a title: in capitals, most of them.

    Of most sentences the small letters of ASCII behind a space are enough to say no. Scripts with
    no blanks between words have no capitals.
    """
    if words > text.count(" ") + 1:
        return False
    small = text.encode("utf-8", "surrogatepass").translate(_SMALL).count(b" a")
    return 1 - small / words > CAPITALS


_SMALL = bytes(ord("a") if chr(byte) in ascii_lowercase else byte for byte in range(1 << 8))

_known: dict[str, Line] = {}
_former: dict[str, Line] = {}


def look(texts: list[str]) -> list[Line]:
    """The lines of texts in normal form."""
    missing = dict.fromkeys([text for text in texts if text not in _known])
    new = [text for text in missing if text not in _former]
    _known.update(zip(new, map(Line, new, signs(new)), strict=True))
    _known.update([(text, _former[text]) for text in missing if text in _former])
    found = [_known[text] for text in texts]
    # What was not seen since the last time goes.
    if len(_known) > REMEMBERED:
        _former.clear()
        _former.update(_known)
        _known.clear()
    return found


def date_of(text: str) -> tuple[str, str] | None:
    """`(first, day or updated; YYYY-MM-DD)` of a line that gives a date and little else."""
    if len(text) > 200 or not MAY_BE_DAY.search(text):
        return None
    if not DATE.search(text):
        day = day_elsewhere(text, "")
        return ("day", day) if day else None
    rest = DATE_WORDS.sub(" ", DATE.sub(" ", text))
    if text.endswith(".") and re.search(r"\b[a-z]{3,}", rest):
        return None  # a caption may end with its day
    if len(re.findall(r"[^\W\d_]{3,}", rest)) > 3 and not BYLINE.match(text):
        return None
    found = ""
    for match in DATE.finditer(text):
        before = text[: match.start()][-30:]
        day = iso_date(match)
        if not day:
            continue
        labels = [
            (m.start(), kind)
            for kind, p in (("updated", UPDATED), ("first", PUBLISHED))
            for m in p.finditer(before)
        ]
        kind = max(labels)[1] if labels else "day"
        if kind != "updated":
            return kind, day
        found = day
    return ("updated", found) if found else None
