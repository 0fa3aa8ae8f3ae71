"""Pasted text: which lines are the article, and which are the page around it.

Three kinds of evidence, the strongest first: lines that stand in other articles of the same
publisher (`lines`), the place of a line (the article is the stretch where prose
outweighs the short lines of a page; its headline shares its words), and a small lexicon of what
pages say about themselves. Everything cut is recorded with its offsets, rule and reason. Every
rule in `GUESSES` goes by the looks of the words, so an article it touched is flagged for review.

What comes out is stable: read again, it is kept as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise, zip_longest
from typing import NamedTuple

from onrecord.articles.bylines import (
    CREDIT_LINE,
    CREDIT_TAIL,
    DATE,
    DATE_LINE,
    iso_date,
    names,
    split_credit,
    split_dateline,
)
from onrecord.articles.lexicon import (
    APPEAL_OPENS,
    APPEAL_REACH,
    AUTHOR,
    BOX,
    BOX_LINES,
    BULLET,
    BUTTONS,
    BYLINE,
    BYLINE_END,
    BYLINE_LABEL,
    BYLINE_OPENS,
    CAPITALS,
    CAPTION_WORDS,
    CLOCK,
    EDITORS_NOTE,
    GUESSES,
    LONGEST_LINE,
    LONGEST_PHRASE,
    NAMES,
    NO_NAME,
    NOBODY,
    POSTED_BY,
    PROFILE,
    PROSE_WORDS,
    QUOTED,
    RATE,
    READER,
    REASONS,
    ROW,
    SPEAKS,
    TITLE_WORDS,
    WEEKDAY,
    WRITER_WORD,
    asks,
    capitals,
    ends_sentence,
    is_note,
    says,
    without_post,
)
from onrecord.articles.looks import FEW, LONGEST, SHORT, date_of
from onrecord.articles.units import Unit, fed_back, units
from onrecord.records import Removed
from onrecord.text import normalise, split_lines


class Parts(NamedTuple):
    """What a text source holds. Paragraphs are `(role, text in normal form, [s, e] in source)`."""

    paragraphs: list[tuple[str, str, list[int]]]
    removed: list[Removed]
    credit: list[str]
    dateline: str
    authors: list[str]
    date_published: str
    review: list[str]


_YEAR = re.compile(r"\d{4}")
_DIGIT = re.compile(r"\d")
_LETTERED = re.compile(r"(?<!\S)[^\d\s]\S*")


# --- the article among the lines --------------------------------------------------------------

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

SUBHEAD = 12
"""Words at most of a line above a paragraph that is its subhead."""

BYLINE_NAMES = 12
"""Words at most of a line of names."""

RUN_LINES = 2
RUN_SHARE = 0.25
"""A run of lines that are no sentences is the page's if so many of them, and this share, are."""

BIO_LINES = 4
"""Paragraphs at most that present the author behind the article."""

BYLINE_WORDS = 6
"""Words at most of a byline between the paragraphs, which is that of a teaser."""

BYLINE_BLOCK = 5
"""Lines at most of a block that is all byline: names, posts, papers."""

LONG_TEASER = 25
"""Words from which on a sentence below links is the article going on, not one more teaser."""

OFFER_LINES = 4
"""Lines at most of a box that ends with its button."""

KEPT_LINE = 4
"""Words at least of a line between headline and text that stays where nothing is of the page."""

ROWS = 4
"""Rows of figures that make a table."""

MANY_ROWS = 6
MOSTLY_ROWS = 0.6
"""A list of so many labelled or numbered rows, which are this share of its lines, is a table."""

BETWEEN_ROWS = 6

LONG_PROSE = 20
"""Words from which on a paragraph under the headline belongs to the article in any case."""

LONGEST_DECK = 80
FRONT_LINES = 20
"""Lines at most between a deck and the date or byline behind it."""

HEADLINE = 1.25
"""The least score of a headline."""

FRONT_REACH = 6
"""Lines behind a headline among which its byline or date is looked for."""

FRONT = 60
"""Units before the first paragraph among which the headline is looked for."""

REPEATED_SHARE = 0.5
"""The share of a text's prose that can be repeated; beyond it is the same article again."""

MOST_LINES = 100_000
"""A source with more lines is a list, or made to do harm."""

MOST_READINGS = 20
MOST_DATELINES = 5
_NO_HEADLINE = {
    "links",
    "comments",
    "imprint",
    "newsletter",
    "cookies",
    "account",
    "appeal",
    "credit",
    "empty",
    "control",
    "byline",
    "date",
}


class _Reading:
    """One pass over a source: the units, and what became of each."""

    def __init__(
        self,
        source: str,
        lines: list[Unit],
        headline: str,
        repeated: Callable[[str], int],
    ) -> None:
        self.source = source
        self.units = lines
        self.blocks: list[list[Unit]] = []
        for unit in self.units:
            if unit.block == len(self.blocks):
                self.blocks.append([])
            self.blocks[-1].append(unit)
        self.repeated = repeated
        self.credit: list[str] = []
        self.authors: list[str] = []
        self.date = self.dateline = self.day = ""
        self.review: set[str] = set()
        self.known = normalise(headline)
        self.held: dict[int, int] = {}
        self.copies = Counter(unit.text for unit in self.units)
        self.head = self.first = self.last = -1
        self.text = 0
        self.rows: set[Unit] = set()
        self.clean = False

    def run(self) -> None:
        """Each step decides about units and leaves the rest to the next."""
        self.find_credits()
        self.find_page_lines()
        self.find_appeals()
        self.find_repeated()
        self.find_segment()
        self.find_headline()
        self.find_front()
        self.find_body()
        self.find_dateline()

    def find_credits(self) -> None:
        before = None
        for unit in self.units:
            last, before = before, unit
            line = unit.line
            kind, sign = line.credit, line.credited
            # What stands apart from its caption stands behind several blanks, or has a sign.
            if not kind and not sign and unit.same:
                continue
            if unit.fate or unit.words > CAPTION_WORDS:
                continue
            if kind == "opens":
                unit.role = "caption"
            elif kind == "line" and (match := CREDIT_LINE.match(unit.text)):
                unit.fate = "credit"
                self.credit.append(normalise(match["who"]))
                block = self.blocks[unit.block]
                if last and len(block) <= 3 and last.block == unit.block and last.words >= 3:
                    last.role = "" if last.fate else "caption"
            elif kind == "only":
                unit.fate = "credit"
            elif unit.alone and self.split_credit(unit, sign):
                continue
            elif kind == "tail":
                unit.role = "caption"

    def split_credit(self, unit: Unit, sign: bool) -> bool:
        """Cut the credit off the end of a caption."""
        raw = self.source[unit.start : unit.end]
        if not 5 <= unit.words <= 70 or not (sign or "  " in raw or "\u00a0" in raw):
            return False
        match = CREDIT_TAIL.match(raw)
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
                or re.search(r"[.!?]$", credit)
                or not ends_sentence(caption)
            )
        ):
            return False
        self.credit.append(split_credit(credit) or credit)
        at = unit.start + (match.start("plain") if plain else match.start("labelled"))
        unit.cuts += ((at, unit.end, "credit"),)
        unit.role, unit.last = "caption", unit.start + match.end("caption")
        return True

    def find_page_lines(self) -> None:
        for unit in self.units:
            if not unit.fate and not unit.role:
                unit.fate = unit.line.rule
        told = False
        for block in self.blocks:
            inside, told = told, told or any(unit.words >= LONG_PROSE for unit in block)
            if not 2 <= len(block) <= BOX_LINES:
                continue
            page = sum(unit.fate in GUESSES for unit in block)
            if block[0].fate in BOX or page * 2 > len(block) or (inside and self.is_offer(block)):
                for unit in block:
                    teaser = block[0].fate == "links" or page * 2 > len(block)
                    story = teaser and unit.is_prose and unit.ends and unit.words >= LONG_TEASER
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
        i = 0
        while i < len(self.units):
            unit, last = self.units[i], i
            if unit.fate == "appeal":
                letter = bool(APPEAL_OPENS.match(unit.text))
                for j, other in enumerate(self.units[i + 1 : i + APPEAL_REACH], i + 1):
                    own = QUOTED.sub(" ", other.text[:LONGEST_PHRASE]) if letter else ""
                    speaks = READER.search(own) if letter else asks(other.text)
                    if other.fate == "appeal" or (letter and speaks):
                        last = j
                    elif not letter and other.is_prose and not other.fate and not speaks:
                        break
                for other in self.units[i : last + 1]:
                    if not other.fate:
                        other.role, other.fate = "", "appeal"
            i = last + 1

    def find_repeated(self) -> None:
        """Lines of other articles; of prose, no more than an article can spare."""
        words = spared = 0
        prose = []
        for unit in self.units:
            words += unit.words if unit.is_prose else 0
            if unit.fate == "empty" or not (held := self.others(unit)):
                continue
            self.held[id(unit)] = held
            if unit.is_prose:
                prose.append(unit)
                spared += unit.words
            elif not unit.fate:
                unit.role, unit.fate = "", "repeated"
        # More than that, and it is the article that was pasted again, with other surroundings.
        for unit in prose if spared <= REPEATED_SHARE * words else []:
            if not unit.fate:
                unit.role, unit.fate = "", "repeated"

    def others(self, unit: Unit) -> int:
        """How many other articles of the publisher hold a unit: each of its lines."""
        if not unit.wrapped:
            return self.repeated(unit.text)
        lines = split_lines(self.source[unit.start : unit.end])
        return min(map(self.repeated, map(normalise, filter(None, lines))))

    def find_segment(self) -> None:
        """The stretch of units with the greatest sum of weights: where the article stands."""
        best = total = 0.0
        start = 0
        for i, unit in enumerate(self.units):
            if total <= 0:
                total, start = 0.0, i
            if unit.fate:
                total += _WEIGHT.get(unit.fate, SHORT)
            else:
                total += -1.0 if unit.role else unit.line.weight()
            if total >= best and total > 0:
                best, self.first, self.last = total, start, i
        self.clean = not any(unit.fate in GUESSES for unit in self.units)
        if self.first < 0 or self.clean:
            self.first, self.last = max(self.first, 0), len(self.units) - 1
        # Behind a long list may stand one more paragraph, with nothing of the page in between.
        for i in range(self.last + 1, len(self.units)):
            unit = self.units[i]
            if unit.fate or unit.role or not unit.alone:
                break
            if RATE.match(unit.text) or (unit.is_prose and unit.words >= LONG_PROSE):
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

    def find_headline(self) -> None:
        if self.known:
            self.head = next((i for i, u in enumerate(self.units) if u.text == self.known), -1)
        else:
            self.head = self.likely_headline()
        if self.head < 0:
            self.review.add("no-headline")
            return
        head = self.units[self.head]
        head.role, head.fate, head.first, head.last = "headline", "", head.start, head.end
        head.cuts = ()
        for unit in self.units[: self.head]:
            if not unit.fate:
                unit.role, unit.fate = "", "before-headline"
        self.first = max(self.first, self.head + 1)

    def likely_headline(self) -> int:
        """The line before the text that shares its words and is followed by byline or date."""
        vocabulary: set[str] = set()
        inside = self.units[self.first : self.last + 1]
        prose = list(islice((unit for unit in inside if self.is_text(unit)), 5))
        for unit in prose:
            vocabulary.update(unit.line.opening())
        if not prose:
            prose = self.units[self.last + 1 :]
        text = next(
            (i for i, u in enumerate(self.units) if prose and u is prose[0]), len(self.units)
        )
        scores: dict[int, float] = {}
        for i in range(max(0, min(self.first, text) - FRONT), min(text + 6, len(self.units))):
            unit = self.units[i]
            if not 2 <= unit.words <= 35 or unit.fate in _NO_HEADLINE or unit.role == "caption":
                continue
            if i > text and self.front_behind(i) > 2:
                continue
            if unit.fate == "block" and self.blocks[unit.block][0].fate == "links":
                continue
            if unit.text[0] in BYLINE_OPENS and BYLINE.match(unit.text):
                continue
            if _YEAR.search(unit.text) and DATE_LINE.match(unit.text):
                continue
            if BULLET.match(unit.text):
                continue
            if unit.is_prose and says(unit.text):
                continue
            scores[i] = self.headline_score(i, text, vocabulary)
        at = max(scores, key=lambda i: scores[i], default=-1)
        if at < 0 or scores[at] < HEADLINE:
            return -1
        # A deck shares the text's words too, and stands under the headline.
        if not _is_deck(self.units[at]):
            return at
        above = [i for i in range(at - 3, at) if scores.get(i, 0.0) > max(HEADLINE, scores[at] - 2)]
        above = [i for i in above if 4 <= self.units[i].words <= 25 and not self.units[i].is_prose]
        return max(above, key=lambda i: scores[i], default=at)

    def headline_score(self, i: int, text: int, vocabulary: set[str]) -> float:
        unit, units = self.units[i], self.units
        own = unit.line.word_set()
        shared = len(own & vocabulary)
        score = 3.0 * shared / max(len(own), 3) + min(shared, 3) * 0.5
        score += 1.0 if 4 <= unit.words <= 22 else 0.0
        if self.copies[unit.text] > 1:
            beside = units[max(0, i - 2) : i] + units[i + 1 : i + 3]
            score += 0.5 if any(other.text == unit.text for other in beside) else 0.0
        score -= 2.5 if unit.text.endswith((".", ":", "...", "…")) and unit.words >= 3 else 0.0
        # Nothing but it before the text; or text before it.
        reach = FRONT_LINES if self.clean else 3
        score += 2.0 if unit.alone and i == 0 < text <= reach else 0.0
        score -= 3.0 if i >= text else 0.0
        score -= 1.0 if id(unit) in self.held else 0.0
        score -= 0.08 * max(0, text - i)
        score += 0.5 if unit.alone else 0.0
        near = self.front_behind(i)
        return score + (1.5 if near <= 2 else 0.75 if near < FRONT_REACH else 0.0)

    def front_behind(self, i: int) -> int:
        """How many units stand between one and the next byline or date: `FRONT_REACH` at most."""
        for n, unit in enumerate(self.units[i + 1 : i + 1 + FRONT_REACH]):
            if unit.line.is_front():
                return n
        return FRONT_REACH

    def find_front(self) -> None:
        """Deck, byline, date and captions between headline and text."""
        units, text = self.units, self.first
        start = self.head + 1 if self.head >= 0 else self.first
        likely = (i for i in range(start, self.last + 1) if self.is_text(units[i]))
        likely = (i for i in likely if i >= self.first or units[i].words >= LONG_PROSE)
        prose = list(islice(likely, 2))
        # The first paragraph is the deck where byline or date still follow.
        if prose:
            text = prose[0]
            reach = prose[1] if len(prose) > 1 else self.last + 1
            behind = range(text + 1, min(reach, text + FRONT_LINES))
            front = [i for i in behind if units[i].line.is_front()]
            if (
                front
                and units[text].words <= LONGEST_DECK
                and not any(u.line.is_front() for u in units[start:text])
            ):
                units[text].role = "deck"
                text = prose[1] if len(prose) > 1 else front[-1] + 1
        else:
            rest = range(text, self.last + 1)
            text = next((i for i in rest if not units[i].line.is_front()), self.last + 1)
        self.text = text
        i = self.head + 1 if self.head >= 0 else max(0, text - 6)
        byline = False
        while i < text:
            unit = units[i]
            if unit.role and unit.role != "caption":
                pass
            elif BYLINE_LABEL.match(unit.text) and i + 1 < text and not self.authors:
                behind = units[i + 1 : min(i + 4, text)]
                i = next((n for n, u in enumerate(behind, i + 1) if not NO_NAME.search(u.text)), i)
                for other in units[units.index(unit) : i + 1]:
                    other.fate = "byline"
                self.authors = _people(units[i].text) if units[i] is not unit else []
                byline = True
            elif (match := BYLINE.match(unit.text)) and unit.words <= 25 and not unit.is_prose:
                self.authors = self.authors or _people(match["who"])
                unit.role, unit.fate = "", "byline"
                self.take_date(unit)
                byline = True
            elif self.take_date(unit):
                unit.role, unit.fate = "", "date"
            elif (
                byline
                and not unit.fate
                and not unit.role
                and units[i - 1].fate == "byline"
                and units[i - 1].block == unit.block
                and len(self.blocks[unit.block]) <= BYLINE_BLOCK
            ):
                unit.fate = "byline"
            i += 1
        if not self.authors and self.head >= 0:
            self.find_names(units[self.head + 1 : text])
        first = self.head >= 0
        for unit in units[self.head + 1 : text]:
            if unit.role == "caption" or unit.fate:
                continue
            if unit.role:
                first = False
            elif self.is_author(unit):
                unit.fate = "author"
            elif self.head >= 0 and unit.text == units[self.head].text:
                unit.fate = "again"
            elif BULLET.match(unit.text):
                self.take_point(unit)
                first = False
            elif first and _is_deck(unit):
                unit.role, first = "deck", False
            elif self.clean and (unit.words >= KEPT_LINE or unit.ends):
                unit.role = "caption"
            else:
                unit.fate = "before-body"

    def take_point(self, unit: Unit) -> None:
        """Keep a point of a list that sums the text up, without its bullet."""
        match = BULLET.match(self.source[unit.first : unit.last])
        if match:
            unit.first += match.end()
            unit.cuts += ((unit.start, unit.first, "bullet"),)
        unit.role = "deck"

    def find_names(self, front: list[Unit]) -> None:
        """A line of names that a date stands beside, or that the page says twice or speaks of."""
        for i, unit in enumerate(front):
            if unit.words > BYLINE_NAMES or unit.ends or unit.role:
                continue
            line = without_post(unit.text)
            match = NAMES.match(line)
            if not match or NO_NAME.search(line):
                continue
            beside = front[max(0, i - 1) : i] + front[i + 1 : i + 3]
            if (
                any(other.fate == "date" for other in beside)
                or self.copies[unit.text] > 1
                or any(self.is_author(other) for other in front[i + 1 : i + 3])
            ):
                self.authors = names(match["who"])
                unit.fate = "byline"
                return

    def is_author(self, unit: Unit) -> bool:
        """Whether it says who the author is, by name or by the first name alone."""
        if AUTHOR.match(unit.text):
            return True
        name, _, rest = unit.text[:LONGEST_LINE].partition(" ")
        return bool(
            rest.startswith(("is ", "was ", "has ", "covers ", "writes ", "edits "))
            and WRITER_WORD.search(rest)
            and any(name in author.split() for author in self.authors)
        )

    def is_told_of(self, unit: Unit, story: list[Unit]) -> bool:
        """Whether a paragraph presents somebody whom the story names: no author of it."""
        match = NOBODY.match(unit.text)
        return bool(
            match
            and match["name"] not in self.authors
            and any(match["name"] in other.text for other in story)
        )

    def is_text(self, unit: Unit) -> bool:
        return (
            unit.is_prose
            and not unit.fate
            and not unit.role
            and not AUTHOR.match(unit.text)
            and not unit.line.is_front()
        )

    def take_date(self, unit: Unit) -> bool:
        """Whether a unit is a date line; a day of publication in it is kept."""
        if unit.words > 25:
            return False
        if match := DATE_LINE.match(unit.text):
            if (match["label"] or "").lower() not in ("updated", "last updated"):
                self.date = self.date or iso_date(match)
                # A line of day and date alone stands for a dateline where nobody signs.
                self.day = self.day or (unit.text if WEEKDAY.match(unit.text) else "")
            return True
        kind, day = date_of(unit.text) or ("", "")
        if kind == "first" or (kind == "day" and not self.date):
            self.date = day
        return bool(kind)

    def find_body(self) -> None:
        units = self.units
        inside = units[self.text : self.last + 1]
        for unit in units[self.last + 1 :]:
            if not unit.fate:
                unit.role, unit.fate = "", "behind-text"
        head = units[self.head].text if self.head >= 0 else ""
        told: set[str] = set()
        label = False
        for unit in inside:
            if unit.fate:
                label = unit.fate == "links" or (label and unit.fate != "control")
                continue
            if unit.role:
                continue
            link = unit.words >= 4 and not unit.is_sentence
            # Where nothing is of a page, a list may say its lines again.
            again = not self.clean and (
                (unit.text in told and (unit.is_prose or link))
                or (self.copies[unit.text] > 2 and not unit.ends)
            )
            if again or unit.text == head:
                unit.fate = "again"
            elif not unit.ends and unit.words >= 4 and label and not unit.alone:
                unit.fate = "links"
            else:
                label = False
                told.add(unit.text)
                unit.role = "body"
            if unit.text[0] in "EePp" and EDITORS_NOTE.match(unit.text):
                unit.role, unit.fate = "", "control"
        for above, unit in pairwise(inside):
            if above.role == "body" and unit.fate and POSTED_BY.match(unit.text):
                above.role, above.fate = "", "post"
        self.drop_runs(inside)
        kept = [unit for unit in inside if unit.role == "body"]
        kept = self.drop_teasers(kept)
        for unit, below in pairwise(kept):
            if not unit.is_sentence and unit.words <= SUBHEAD and below.is_sentence:
                unit.role = "subhead"
        self.drop_bio(kept)
        # Behind the last sentence of the article come notes, authors and what is no sentence.
        while len(kept) > 1 and not self.clean:
            unit = kept[-1]
            if unit.is_sentence and self.is_author(unit) and not self.is_told_of(unit, kept[:-1]):
                unit.fate = "author"
            elif unit.words <= LONGEST and is_note(unit.text):
                unit.fate = "control"
            elif unit in self.rows or RATE.match(unit.text):
                break
            elif (not unit.is_sentence and unit.words < 25) or (
                unit.words > 4 and capitals(_LETTERED.findall(unit.text)) > CAPITALS
            ):
                unit.fate = "behind-text"
            else:
                break
            unit.role = ""
            kept.pop()
        behind = inside.index(kept[-1]) + 1 if kept else 0
        for unit in inside[behind:]:
            if unit.role == "caption":
                unit.role, unit.fate = "", "behind-text"

    @staticmethod
    def drop_runs(inside: list[Unit]) -> None:
        """What stands among the lines of a player, a box or a menu between two paragraphs."""
        run: list[Unit] = []
        for unit in (*inside, None):
            if unit and (unit.fate or not unit.is_sentence):
                run.append(unit)
                continue
            if len(run) <= RUN_LINES:
                run = []
                continue
            page = sum(unit.fate in GUESSES for unit in run)
            rest = [u for u in run if u.role == "body" and u.words <= TITLE_WORDS]
            if rest and rest[-1] is run[-1] and not CLOCK.search(rest[-1].text):
                rest.pop()  # a subhead
            if len(rest) > RUN_LINES <= page and page >= RUN_SHARE * len(run):
                for other in rest:
                    other.role, other.fate = "", "block"
            run = []

    @staticmethod
    def drop_bio(kept: list[Unit]) -> None:
        """Let go of the last paragraphs, from one that presents somebody whom no other names."""
        for at in range(max(FEW, len(kept) - BIO_LINES), len(kept)):
            match = NOBODY.match(kept[at].text)
            if not match or any(match["name"] in unit.text for unit in kept[:at]):
                continue
            # Who speaks belongs to the story, and so does what others say behind them.
            if not any(SPEAKS.search(unit.text) for unit in kept[at:]):
                for unit in kept[at:]:
                    unit.role, unit.fate = "", "author"
                del kept[at:]
                return

    @staticmethod
    def drop_teasers(kept: list[Unit]) -> list[Unit]:
        """Titles of other articles, told by the byline that stands under each; in page order."""
        for above, unit in pairwise(kept):
            if unit.words <= BYLINE_WORDS and not unit.ends and BYLINE.match(unit.text):
                unit.role, unit.fate = "", "links"
                if not above.is_prose:
                    above.role, above.fate = "", "links"
        return [unit for unit in kept if unit.role]

    def find_dateline(self) -> None:
        unit = next((u for u in self.units if u.role == "body" and not u.fate), None)
        if unit is None:
            return
        self.dateline = "" if self.authors else self.day
        for _ in range(MOST_DATELINES):
            place, rest = split_dateline(self.source[unit.first : unit.last])
            if not place:
                return
            self.dateline = place
            unit.cuts += ((unit.first, unit.last - len(rest), "dateline"),)
            unit.first = unit.last - len(rest)

    def kept(self) -> list[Unit]:
        return [unit for unit in self.units if unit.role and not unit.fate]

    def text_of(self, unit: Unit) -> str:
        if (unit.first, unit.last) == (unit.start, unit.end):
            return unit.text
        return normalise(self.source[unit.first : unit.last])

    def settle(self) -> None:
        """Read what was kept again, and let go of what a second reading would not keep."""
        for _ in range(MOST_READINGS):
            kept = self.kept()
            changed, head = self.let_go(kept, "")
            stated = next((i for i, unit in enumerate(kept) if unit.role == "headline"), head)
            # Somebody may feed the headline back too, and it may not be what is found without.
            if not changed and stated != head:
                changed, _ = self.let_go(kept, self.text_of(kept[stated]))
            if not changed:
                return

    def let_go(self, kept: list[Unit], headline: str) -> tuple[bool, int]:
        """Read kept units again: whether something had to go, and where the headline was found."""
        texts = [self.text_of(unit) for unit in kept]
        source, lines = fed_back(kept, texts)
        again = _Reading(source, lines, headline, self.repeated)
        again.run()
        self.date, self.authors = self.date or again.date, self.authors or again.authors
        changed = False
        for unit, text, other in zip(kept, texts, again.units, strict=True):
            if other.fate or not other.role:
                unit.fate = other.fate or "behind-text"
            elif (left := again.text_of(other)) != text:
                self.narrow(unit, left)
            else:
                continue
            changed = True
        return changed, again.head

    def narrow(self, unit: Unit, text: str) -> None:
        """Keep of a unit only `text`, its beginning or its end."""
        start, end = unit.first, unit.last
        # Most paragraphs are as long in normal form as in the source.
        guess = len(self.text_of(unit)) - len(text)
        for at in (guess, *range(1, min(end - start, LONGEST_LINE))):
            if normalise(self.source[start + at : end]) == text:
                unit.first = start + at
                unit.cuts += ((start, unit.first, "dateline"),)
                return
            if normalise(self.source[start : end - at]) == text:
                unit.last = end - at
                unit.cuts += ((unit.last, end, "credit"),)
                return

    def parts(self) -> Parts:
        paragraphs = []
        cuts = []
        for unit in self.units:
            if unit.role and not unit.fate:
                paragraphs.append((unit.role, self.text_of(unit), [unit.first, unit.last]))
                cuts += unit.cuts
            else:
                cuts.append((unit.start, unit.end, unit.fate))
        self.review |= {rule for _, _, rule in cuts} & GUESSES
        if not any(role == "body" for role, _, _ in paragraphs):
            self.review.add("no-body")
        return Parts(
            paragraphs,
            [Removed(start=s, end=e, reason=REASONS[rule], rule=rule) for s, e, rule in cuts],
            self.credit,
            self.dateline,
            self.authors,
            self.date,
            sorted(self.review),
        )


def _is_deck(unit: Unit) -> bool:
    """Whether a line can be a deck: some words long, and not a title in capitals."""
    return unit.words >= 5 and capitals(unit.text.split()) <= 0.5


def _people(byline: str) -> list[str]:
    """The people of a byline, without their address, paper or the day."""
    match = DATE.search(byline)
    byline = PROFILE.sub("", byline[: match.start()] if match else byline)
    return names(BYLINE_END.sub("", byline, count=1))


def read(source: str, headline: str = "", repeated: Callable[[str], int] = lambda _: 0) -> Parts:
    """The article in a decoded text source; `headline` where somebody states it (a table's row).

    `repeated` says how many other articles of the publisher hold a line in normal form. Total:
    any text yields parts, in the worst case without a body and flagged for review.
    """
    if sum(map(source.count, "\n\r\u2028\u2029")) > MOST_LINES:
        cut = Removed(start=0, end=len(source), reason=REASONS["lines"], rule="lines")
        return Parts([], [cut], [], "", [], "", ["no-body"])
    reading = _Reading(source, units(source), headline, repeated)
    reading.run()
    reading.settle()
    return reading.parts()
