"""The stretch of a pasted page where the article stands.

Credits, lines that the lexicon knows, appeals and lines of other articles are cut first; what is
left is weighed, and the stretch with the greatest sum is the article.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from itertools import chain, compress, islice, zip_longest
from operator import attrgetter

from onrecord.articles.appeals import APPEAL_OPENS, APPEAL_REACH, READER, asks, speaks
from onrecord.articles.credits import (
    BEFORE_CREDIT,
    CAPTION_MOST,
    CAPTION_WORDS,
    COUNTED,
    COUNTER,
    CREDIT_LINE,
    CREDIT_REACH,
    CREDIT_TAIL,
    CREDITED_TO,
    split_credit,
    split_name,
)
from onrecord.articles.lexicon import BOX, BOX_LINES, BUTTONS, GUESSES, LONGEST_PHRASE, RATE, ROW
from onrecord.articles.looks import FEW, SHORT
from onrecord.articles.sentences import CAPITALS, PROSE_WORDS, QUOTED, capitals, ends_sentence
from onrecord.articles.units import Unit
from onrecord.text import normalise, split_lines

_WEIGHT = {
    "links": -10.0,
    "comments": -10.0,
    "imprint": -25.0,
    "newsletter": -10.0,
    "offer": -5.0,
    "account": -10.0,
    "appeal": -10.0,
    "cookies": -10.0,
    "repeated": -1.0,
    "block": -5.0,
    "control": -3.0,
    "again": -3.0,
    "credit": -1.0,
    "byline": -2.0,
    "date": -2.0,
    "empty": 0.0,
}
"""What a removed line says against the stretch that it stands in."""

LONG_TEASER = 25
"""Words from which on a sentence below links is the article going on, not one more teaser."""

OFFER_LINES = 4
"""Lines at most of a box that ends with its button."""

ROWS = 4
"""Rows of figures that make a table."""

MANY_ROWS = 6
MOSTLY_ROWS = 0.6
"""A list of so many labelled or numbered rows, which are this share of its lines, is a table."""

BETWEEN_ROWS = 6

CAPTION_LINES = 3
"""Lines at most of a block that ends with a credit, and holds its caption."""

TWICE_REACH = 3
"""Lines from one showing of a paragraph within which the next is one of a page."""

TWICE_SHARE = 0.5
"""The share of a text's prose that a page can show twice."""

SEVERAL = 30
"""Words from which on several paragraphs behind a list belong to the article in front of it."""

LONG_PROSE = 20
"""Words from which on a paragraph under the headline belongs to the article in any case."""

STAMP = re.compile(
    r"\d(?:\d{3}\b.{0,12}\b\d{1,2}[:.]\d\d\b|[:.]\d\d\b.{0,20}\b\d{4}\b| ?[a-z]+ ago\b"
    r"|\d?(?:st|nd|rd|th)?,? at \d{1,2}[:.]\d\d\b)",
    re.I,
)
"""What a reader's comment bears: its day and hour, or how long ago it was written."""

SAYS = re.compile(
    r"(?:says|sagt|schreibt|dit|dice|diz|disse|detto|scrive|zegt|schreef|säger|skriver|sier|siger"
    r"|pisze|mówi|пишет|говорит|пише|каже|dedi ki|diyor ki|λέει) ?:$"
)
"""How a line ends that says who comments, with the stamp under it."""

STAMP_WORDS = 25
"""Words at most of a line with a stamp."""

STAMPS = 2
"""Stamps with something said under each, that make a label of comments the head of them."""

STAMP_REACH = 30
"""Lines among which the next stamp stands."""

STORY = 60.0
"""The least sum of weights of the story above what readers say."""

GAP = 40.0
"""What lists, tables and code between two parts of an article weigh at most, as much as a long
paragraph: with less, one that a page has under a menu would be part of the article.
"""

MENU = 1.5 * GAP
"""What a menu weighs at least between a notice and the signed article below it."""

FIRST_SHARE = 0.5
SIGNED_SHARE = 0.33
"""The least share of the greatest sum that a stretch has which is taken instead: of two that a
byline or a date opens the first, and the only one.
"""

RARE = 7
"""Letters from which on a word can say what a story is about."""

SAME_WORDS = 2
SAME_SHARE = 0.125
"""Such words that two stretches of one story share at least: so many, and this share of those of
the one that has fewer.
"""

PART_WORDS = 20
PART_LINES = 60
PART_SHARE = 0.5
"""A second stretch of a story: its words at least, the lines at most that part it from the first,
and the share of the first's words from which on lines of the page may be among these.
"""

PAGE_PROSE = 400
"""Words of running text that one rule may take however little is left."""

_LABELS = {"links", "newsletter", "account", "appeal", "cookies", "offer", "feedback"}
# Rule -> what the units since the last part of the article weigh at most where it is among them.
_LIMITS = dict.fromkeys(_LABELS, 2 * GAP) | {"imprint": 3 * GAP, "comments": math.inf}

REPEATED_SHARE = 0.5
"""The share of a text's prose that can be repeated; beyond it is the same article again."""


_APART = re.compile(r"\s\s|[:©]")
_STROKE = re.compile(r"/[^\W\d_a-z]|\([\w\s]+/")
"""One of these stands in every end of a caption that is a credit."""


class Segment:
    """A source's units, and what became of each; the steps up to the article's stretch.

    `first` and `last` are the units between which it stands, `head` is the headline's, `text` that
    of the first paragraph. `held` are those that other articles hold too. `twice` are paragraphs
    that the page shows twice. `clean` says that nothing of a page was found.
    """

    def __init__(
        self, source: str, blocks: list[list[Unit]], headline: str, repeated: Callable[[str], int]
    ) -> None:
        self.source = source
        self.blocks = blocks
        self.units = list(chain.from_iterable(blocks))
        self.repeated = repeated
        self.credit: list[str] = []
        self.authors: list[str] = []
        self.date = self.dateline = self.day = ""
        self.review: set[str] = set()
        self.known = normalise(headline)
        self.held: set[Unit] = set()
        self.copies = Counter([unit.text for unit in self.units])
        self.head = self.first = self.last = -1
        self.text = 0
        self.rows: set[Unit] = set()
        self.twice: set[Unit] = set()
        self.named: list[Unit] = []
        self.clean = False

    def find_credits(self) -> None:
        # What stands apart from its caption stands behind several blanks, or has a sign.
        likely = [
            i
            for i, unit in enumerate(self.units)
            if unit.line.credit or unit.line.credited or not unit.same
        ]
        for i in likely:
            unit = self.units[i]
            kind, sign = unit.line.credit, unit.line.credited
            if unit.fate or unit.words > CAPTION_WORDS:
                continue
            if (sign or kind) and (match := COUNTED.match(unit.text)) and unit.same:
                unit.role, unit.first = "caption", unit.start + match.end()
                unit.cuts += ((unit.start, unit.first, "control"),)
            if kind == "opens":
                unit.role = "caption"
            elif kind == "line" and (match := CREDIT_LINE.match(unit.text)):
                unit.fate = "credit"
                self.credit.append(normalise(match["who"]))
                self.take_caption(i)
            elif kind == "only":
                unit.fate = "credit"
                # A subhead may stand above a credit without a label, or a paragraph.
                last = self.units[i - 1]
                if last.is_sentence and last.words <= CAPTION_MOST:
                    self.take_caption(i)
            elif (unit.alone or self.is_counted(unit)) and self.split_credit(unit, sign):
                continue
            elif kind == "tail":
                unit.role = "caption"
                self.named.append(unit)

    def take_caption(self, at: int) -> None:
        """Take the line above a credit for its caption, where both stand in a small block."""
        unit, last = self.units[at], self.units[at - 1]
        block = self.blocks[unit.block]
        if unit is not block[0] and len(block) <= CAPTION_LINES and last.words >= 3:
            last.role = "" if last.fate else "caption"

    def split_credit(self, unit: Unit, sign: bool) -> bool:
        """Cut the credit off the end of a caption."""
        raw = self.source[unit.first : unit.end]
        spaced = "  " in raw
        if not 5 <= unit.words <= 70 or not (sign or spaced or "\u00a0" in raw):
            return False
        # With no blanks to make it longer, the label of a credit stands near its end.
        tail = raw[-CREDIT_REACH:] if unit.same else raw
        apart = spaced or _APART.search(tail) or ("/" in raw and _STROKE.search(raw))
        match = CREDIT_TAIL().match(raw) if apart else None
        if not match:
            return False
        caption, credit = (
            normalise(match["caption"]),
            normalise(match["plain"] or match["labelled"]),
        )
        plain = bool(match["plain"])
        if len(caption.split()) < 4 or (
            plain
            and (
                len(credit.split()) > 6
                or "@" in credit
                or re.search(r"[.!?]$", credit)
                or not ends_sentence(caption)
            )
        ):
            return False
        self.credit.append(split_credit(credit) or credit)
        end = len(match["caption"].rstrip(BEFORE_CREDIT))
        at = unit.first + end + len(raw[end:]) - len(raw[end:].lstrip())
        unit.cuts += ((at, unit.end, "credit"),)
        unit.role, unit.last = "caption", unit.first + end
        return True

    def find_names_behind(self) -> None:
        """Cut the name off the end of a caption: a single word may be one more label."""
        for unit in self.named:
            if unit.role != "caption" or unit.fate:
                continue
            text = self.source[unit.first : unit.last]
            named = split_name(text)
            if not named or not (named["who"].isupper() or " " in named["who"].strip()):
                continue
            # A headline may be set in capitals and hold several sentences.
            if capitals(text[: named.start("credit")].split()) <= CAPITALS:
                self.credit.append(normalise(named["who"]))
                unit.last = unit.first + named.start("credit")
                unit.cuts += ((unit.last, unit.end, "credit"),)

    def take_counted(self, at: int) -> None:
        """Take the sentence below the place of a picture for its caption, and names for its credit.

        That is where whom to credit stands on a line of its own, under the sentence.
        """
        behind = [u for u in self.units[at + 1 : at + 4] if u.fate != "empty"][:2]
        if len(behind) == 2 and self.is_credited(*behind):
            caption, credit = behind
            caption.role, credit.fate = "caption", "credit"
            self.credit.append(credit.text)

    def is_credited(self, caption: Unit, credit: Unit) -> bool:
        """Whether two lines are a sentence and, at the end of its block, names alone."""
        return (
            caption.block == credit.block
            and credit is self.blocks[credit.block][-1]
            and caption.is_sentence
            and caption.words <= CAPTION_WORDS
            and not credit.ends
            and CREDITED_TO().match(credit.text) is not None
        )

    def is_counted(self, unit: Unit) -> bool:
        """Whether a block holds nothing beside a unit but its place among other pictures."""
        block = self.blocks[unit.block]
        return all(other is unit or COUNTER.match(other.text) for other in block)

    def find_page_lines(self) -> None:
        for at, unit in enumerate(self.units):
            rule = unit.line.rule
            if rule == "control" and COUNTER.match(unit.text):
                self.take_counted(at)
            # A story may thank its readers in one sentence of a paragraph.
            if rule == "appeal" and unit.is_prose and not speaks(unit.text):
                continue
            if rule and not unit.fate and not unit.role:
                unit.fate = rule
        opens = next((u.block for u in self.units if u.words >= LONG_PROSE), len(self.blocks))
        for number, block in enumerate(self.blocks):
            if not 2 <= len(block) <= BOX_LINES:
                continue
            page = sum([unit.fate in GUESSES for unit in block])
            inside = number > opens
            if block[0].fate in BOX or page * 2 > len(block) or (inside and self.is_offer(block)):
                for unit in block:
                    story = unit.is_prose and unit.ends and unit.words >= LONG_TEASER
                    if not unit.fate and not unit.role and not story:
                        unit.fate = "block"

    @staticmethod
    def is_offer(block: list[Unit]) -> bool:
        """Whether it is a small box: a title, a line or two, and at the end what to press."""
        return (
            block[-1].fate in BUTTONS
            and len(block) <= OFFER_LINES
            and not block[0].ends
            and not any(unit.ends and unit.words >= LONG_PROSE for unit in block)
        )

    def find_appeals(self) -> None:
        """From a salutation to the reader through the last line that still speaks to them.

        A button or label that asks for support takes what stands between it and the next one.
        """
        last = -1
        for i in [i for i, unit in enumerate(self.units) if unit.fate == "appeal"]:
            if i <= last:
                continue
            letter, last = bool(APPEAL_OPENS.match(self.units[i].text)), i
            said = spoken = 0
            for j, other in enumerate(self.units[i + 1 : i + APPEAL_REACH], i + 1):
                own = QUOTED.sub(" ", other.text[:LONGEST_PHRASE]) if letter else ""
                spoke = READER.search(own) if letter else asks(other.text)
                words = other.words if other.is_prose else 0
                said += words
                spoken += words if spoke or other.fate == "appeal" else 0
                if (other.fate == "appeal" or (letter and spoke)) and 2 * spoken >= said:
                    last = j
                elif not letter and other.is_prose and not other.fate and not spoke:
                    break
            for other in self.units[i : last + 1]:
                if not other.fate:
                    other.role, other.fate = "", "appeal"

    def spare_prose(self) -> None:
        """Give back the prose of a rule that took more of it than a page has of its own, and than
        all of them left.
        """
        taken = [unit for unit in self.units if unit.is_prose and unit.fate in GUESSES]
        if not taken:
            return
        # A page may say what it says of itself several times.
        left = self.prose_words(0, len(self.units))
        words: Counter[str] = Counter()
        for unit in {unit.text: unit for unit in taken}.values():
            words[unit.fate] += unit.words
        most = max(left, PAGE_PROSE) if left else 0
        for unit in taken:
            if words[unit.fate] > most:
                unit.fate = ""

    def find_comments(self) -> None:
        """What readers say: from a label of comments through the last of their stamps."""
        for i, unit in enumerate(self.units):
            label = unit.fate == "comments" or (
                unit.ends
                and unit.text[-1] == ":"
                and SAYS.search(unit.text)
                and self.is_stamp(i + 1)
            )
            if label and (end := self.stamped(i)) and self.stretch(0, i)[0] >= STORY:
                for other in self.units[i:end]:
                    if other.fate != "empty":
                        other.role, other.fate = "", "comments"
                return

    def is_stamp(self, at: int) -> bool:
        unit = self.units[at] if at < len(self.units) else None
        return bool(unit and unit.words <= STAMP_WORDS and STAMP.search(unit.text))

    def stamped(self, label: int) -> int:
        """The unit behind the comments under a label; 0 where too few with stamps follow."""
        stamps, at, said = 0, label, True
        for i, unit in enumerate(self.units[label + 1 :], label + 1):
            if i - at > STAMP_REACH:
                break
            if self.is_stamp(i):
                stamps, at, said = stamps + said, i, False
            elif unit.is_sentence:
                said = True
        if stamps < STAMPS:
            return 0
        behind = (i for i in range(at + 1, len(self.units)) if self.units[i].fate)
        return next(behind, len(self.units))

    def find_repeated(self) -> None:
        """Lines of other articles; of prose, no more than an article can spare."""
        repeated = self.repeated
        counts = [self.others(unit) if unit.wrapped else repeated(unit.text) for unit in self.units]
        if not any(counts):
            return
        held = [unit for unit in compress(self.units, counts) if unit.fate != "empty"]
        self.held = set(held)
        prose = [unit for unit in held if unit.is_prose]
        for unit in held:
            if not unit.fate and not unit.is_prose:
                unit.role, unit.fate = "", "repeated"
        words = sum([unit.words for unit in self.units if unit.is_prose]) if prose else 0
        spared = sum([unit.words for unit in prose])
        # More than that, and it is the article that was pasted again, with other surroundings.
        for unit in prose if spared <= REPEATED_SHARE * words else []:
            if not unit.fate:
                unit.role, unit.fate = "", "repeated"

    def others(self, unit: Unit) -> int:
        """How many other articles of the publisher hold a wrapped paragraph: each of its lines."""
        lines = split_lines(self.source[unit.start : unit.end])
        return min(map(self.repeated, map(normalise, filter(None, lines))))

    def stretch(self, begin: int, end: int) -> tuple[float, int, int]:
        """The stretch among units with the greatest sum: that, and its first and last unit.

        What stands between two parts of it takes no more from the sum than `GAP`, or than
        `_LIMITS` where a label of the page is there.
        """
        best = total = peak = spared = 0.0
        limit = GAP
        start, first, last = begin, -1, -1
        for i, unit in enumerate(islice(self.units, begin, end), begin):
            if total <= 0:
                total = peak = spared = 0.0
                limit, start = GAP, i
                if unit.fate:  # nothing weighs for it: no stretch begins with one
                    continue
            if fate := unit.fate:
                total += _WEIGHT.get(fate, SHORT)
                if _LIMITS.get(fate, limit) > limit:
                    limit = _LIMITS[fate]
                    total, spared = total - spared, 0.0
            else:
                total += -1.0 if unit.role else unit.line.weight()
            if total >= peak:
                peak, spared, limit = total, 0.0, GAP
                if total >= best and total > 0:
                    best, first, last = total, start, i
            elif total < peak - limit:
                spared += peak - limit - total
                total = peak - limit
        return best, first, last

    def find_segment(self) -> None:
        """The stretch of units with the greatest sum of weights: where the article stands."""
        most, self.first, self.last = self.stretch(0, len(self.units))
        self.twice = self.shown_twice()
        self.clean = not self.shows_twice() and GUESSES.isdisjoint(
            map(attrgetter("fate"), self.units)
        )
        if self.first < 0 or self.clean:
            self.first, self.last = max(self.first, 0), len(self.units) - 1
        else:
            self.prefer_signed(most)
            self.take_parts()
        # Behind a long list may stand more paragraphs, with nothing of the page in between: one
        # that blank lines part from what is around it, or several.
        alone, prose, words = True, 0, 0
        for i in range(self.last + 1, len(self.units)):
            unit = self.units[i]
            if unit.fate or unit.role:
                break
            alone = alone and unit.alone
            prose, words = prose + unit.is_prose, words + unit.words * unit.is_prose
            several = unit.is_prose and prose > 1 and words >= SEVERAL
            one = unit.is_prose and unit.words >= LONG_PROSE
            if several or (alone and (one or RATE.match(unit.text))):
                self.last = i
        # A table or a list of figures may end an article, under lines that name it.
        rows: list[Unit] = []
        for unit, below in zip_longest(self.units[self.last + 1 :], self.units[self.last + 2 :]):
            names_rows = unit.words <= PROSE_WORDS and below and below.line.is_figures()
            if unit.fate or not (unit.line.is_figures() or names_rows):
                break
            rows.append(unit)
        if len(rows) < ROWS:
            rows = self.list_behind()
        if rows:
            self.rows = set(rows)
            self.last = self.units.index(rows[-1], self.last)

    def shown_twice(self) -> set[Unit]:
        """The paragraphs that a page shows twice, one or two lines apart: captions and teasers.

        The first may stand there as a deck too. None where that is most of the text: somebody
        pasted all of it so.
        """
        units = self.units
        prose = [unit.text for unit in units if unit.is_prose]
        if len(set(prose)) == len(prose):
            return set()
        first = next((unit.text for unit in units[max(self.first, 0) :] if unit.is_prose), "")
        found: set[Unit] = set()
        last: dict[str, int] = {}
        for at, unit in enumerate(units):
            if unit.is_prose and unit.text != first:
                before = last.get(unit.text, -TWICE_REACH)
                if at - before < TWICE_REACH:
                    found |= {units[before], unit}
                last[unit.text] = at
        if not found:
            return found
        words = {unit.text: unit.words for unit in units if unit.is_prose and not unit.fate}
        twice = sum([words.get(text, 0) for text in {unit.text for unit in found}])
        return found if twice <= TWICE_SHARE * sum(words.values()) else set()

    def shows_twice(self) -> bool:
        """Whether several paragraphs are shown twice, as on pages; one may be a caption's words."""
        return len(self.twice) > 2 and len({unit.text for unit in self.twice}) > 1

    def prefer_signed(self, most: float) -> None:
        """Take a lesser stretch that a byline or a date opens for the greatest below it.

        Where the greatest has neither, an even lesser one will do, and one behind it.
        """
        signed = self.has_front(self.first, self.last)
        least = most * (FIRST_SHARE if signed else SIGNED_SHARE)
        above, behind = (0, self.first), (self.last + 1, len(self.units))
        for begin, end in (above,) if signed else (above, behind):
            if self.prose_words(begin, end) < least:
                continue
            found, first, last = self.stretch(begin, end)
            if found < least or not self.has_front(first, last):
                continue
            if first < self.first:
                # What nobody else signs goes on with the story above it.
                between = islice(self.units, last + 1, self.first + 2)
                other = signed and any(unit.line.is_front() for unit in between)
                over = other or self.is_over(last + 1, self.first)
                self.first, self.last = first, last if over else self.last
                return
            # Comments bear their days too.
            if not self.is_over(self.last + 1, first):
                self.first, self.last = first, last
                return
        if not signed:
            self.leave_notice()

    def take_parts(self) -> None:
        """Take the stretch above or behind that tells the same story: a list or a table parts them.

        Lines of the page may part them where it is no small one beside the article's.
        """
        for behind in (False, True):
            begin, end = (self.last + 1, len(self.units)) if behind else (0, self.first)
            if self.prose_words(begin, end) < PART_WORDS:
                continue
            _, first, last = self.stretch(begin, end)
            between = slice(self.last + 1, first) if behind else slice(last + 1, self.first)
            if first < 0 or not self.is_part(first, last, self.units[between]):
                continue
            if behind:
                self.last = last
            else:
                self.first = first

    def is_part(self, first: int, last: int, between: list[Unit]) -> bool:
        """Whether a stretch goes on with the story of the article's, with lines between the two."""
        words = self.prose_words(first, last + 1)
        if words < PART_WORDS or len(between) > PART_LINES:
            return False
        if any(unit.fate == "comments" for unit in between):
            return False
        if words < PART_SHARE * self.prose_words(self.first, self.last + 1) and any(
            unit.fate in _LIMITS or unit.line.is_front() for unit in between
        ):
            return False
        story, part = self.rare_words(self.first, self.last + 1), self.rare_words(first, last + 1)
        shared = len(story & part)
        return shared >= max(SAME_WORDS, SAME_SHARE * min(len(story), len(part)))

    def rare_words(self, begin: int, end: int) -> set[str]:
        """The words of running text among units, from `RARE` letters on, in small letters."""
        among = (u for u in islice(self.units, begin, end) if u.is_prose and not u.fate)
        return {word for unit in among for word in unit.line.word_set() if len(word) >= RARE}

    def leave_notice(self) -> None:
        """Leave what stands above a menu, where nobody signs it, and somebody the text below.

        That is a notice or a story in brief; with the menu's weight bounded, it would belong to
        the article.
        """
        weight = 0.0
        above, behind = 0, self.prose_words(self.first, self.last + 1)
        for i in range(self.first, self.last + 1):
            unit = self.units[i]
            if not unit.is_prose or unit.fate:
                weight += self.weight(unit)
                continue
            if weight < -MENU and 2 * above < behind and self.has_front(i, self.last):
                self.first = i
            weight = 0.0
            above, behind = above + unit.words, behind - unit.words

    @staticmethod
    def weight(unit: Unit) -> float:
        if unit.fate:
            return _WEIGHT.get(unit.fate, SHORT)
        return -1.0 if unit.role else unit.line.weight()

    def has_front(self, first: int, last: int) -> bool:
        """Whether a byline or a date stands a few lines above the first running text or below."""
        prose = (i for i in range(first, last + 1) if self.units[i].is_prose)
        text = next(prose, first)
        return any(u.line.is_front() for u in islice(self.units, max(0, text - 8), text + 2))

    def is_over(self, begin: int, end: int) -> bool:
        """Whether a label of comments stands among units: no article goes on behind it."""
        return any(unit.fate == "comments" for unit in islice(self.units, begin, end))

    def prose_words(self, begin: int, end: int) -> int:
        """The words of running text among units that no rule took."""
        among = islice(self.units, begin, end)
        return sum([unit.words for unit in among if unit.is_prose and not unit.fate])

    def list_behind(self) -> list[Unit]:
        """The lines of a list with numbers or labels that stands right behind the segment."""
        lines: list[Unit] = []
        rows = end = 0
        for unit in self.units[self.last + 1 :]:
            if unit.fate in ("control", "empty") and not lines:
                continue
            # What stands above a column may stand in the menu of other pages too.
            if unit.fate == "repeated" and unit.words <= FEW:
                continue
            if unit.fate or unit.role or len(lines) - end > BETWEEN_ROWS or unit.line.is_front():
                break
            lines.append(unit)
            if not unit.is_prose and ROW.match(unit.text):
                rows, end = rows + 1, len(lines)
        return lines[:end] if rows >= MANY_ROWS and rows >= MOSTLY_ROWS * end else []

    def kept(self) -> list[Unit]:
        return [unit for unit in self.units if unit.role and not unit.fate]

    def text_of(self, unit: Unit) -> str:
        if not unit.cuts:
            return unit.text
        return normalise(self.source[unit.first : unit.last])
