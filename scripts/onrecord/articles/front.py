"""What stands between the top of a pasted page and its text: headline, deck, byline, date."""

from __future__ import annotations

import re
from itertools import islice

from onrecord.articles.bylines import (
    BYLINE,
    BYLINE_END,
    BYLINE_LABEL,
    NAMES,
    NO_NAME,
    PROFILE,
    WRITER_WORD,
    is_post,
    names,
    without_post,
)
from onrecord.articles.dates import DATE, DATE_LINE, MAY_BE_DAY, WEEKDAY, iso_date
from onrecord.articles.lexicon import BULLET, LONGEST_LINE
from onrecord.articles.segment import LONG_PROSE, Segment
from onrecord.articles.sentences import capitals
from onrecord.articles.units import Unit

_DIGIT = re.compile(r"\d")
LETTERED = re.compile(r"(?<!\S)[^\d\s]\S*")

BYLINE_NAMES = 12
"""Words at most of a line of names."""

BYLINE_BLOCK = 5
"""Lines at most of a block that is all byline: names, posts, papers."""

KEPT_LINE = 4
"""Words at least of a line between headline and text that stays where nothing is of the page."""

LONGEST_DECK = 80
FRONT_LINES = 20
"""Lines at most between a deck and the date or byline behind it."""

HEADLINE = 1.25
"""The least score of a headline."""

FRONT_REACH = 6
"""Lines behind a headline among which its byline or date is looked for."""

FRONT = 60
"""Units before the first paragraph among which the headline is looked for."""

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
    "widget",
    "byline",
    "date",
}


class Front(Segment):
    """The steps that find what stands above the text."""

    def find_headline(self) -> None:
        if self.known:
            self.head = next((i for i, u in enumerate(self.units) if u.text == self.known), -1)
        else:
            self.head = self.likely_headline()
        # What stands under most of the text says its headline again.
        above = self.prose_words(self.first, self.head) if self.head > self.first else 0
        if above > self.prose_words(max(self.head, 0), self.last + 1):
            self.head = -1
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
        text = self.units.index(prose[0]) if prose else len(self.units)
        scores: dict[int, float] = {}
        first = max(0, min(self.first, text) - FRONT)
        near = self.fronts_behind(first, min(text + 6, len(self.units)))
        for i in range(first, first + len(near)):
            unit = self.units[i]
            if not 2 <= unit.words <= 35 or unit.fate in _NO_HEADLINE or unit.role == "caption":
                continue
            if i > text and near[i - first] > 2:
                continue
            if unit.fate == "block" and self.blocks[unit.block][0].fate == "links":
                continue
            if not unit.line.is_untitled():
                scores[i] = self.headline_score(i, text, vocabulary, near[i - first])
        at = max(scores, key=scores.__getitem__, default=-1)
        if at < 0 or scores[at] < HEADLINE:
            return -1
        # A deck shares the text's words too, and stands under the headline; but above no points.
        behind = self.units[at + 1].text if at + 1 < len(self.units) else ""
        if not _is_deck(self.units[at]) or BULLET.match(behind):
            return at
        above = [i for i in range(at - 3, at) if scores.get(i, 0.0) > max(HEADLINE, scores[at] - 2)]
        above = [i for i in above if 4 <= self.units[i].words <= 25 and not self.units[i].is_prose]
        return max(above, key=scores.__getitem__, default=at)

    def headline_score(self, i: int, text: int, vocabulary: set[str], near: int) -> float:
        """`near` is how far below the next byline or date stands."""
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
        score -= 1.0 if unit in self.held else 0.0
        score -= 0.08 * max(0, text - i)
        score += 0.5 if unit.alone else 0.0
        return score + (1.5 if near <= 2 else 0.75 if near < FRONT_REACH else 0.0)

    def fronts_behind(self, first: int, behind: int) -> list[int]:
        """How many units stand between each and the next byline or date: `FRONT_REACH` at most."""
        near = FRONT_REACH
        found = [near] if behind == len(self.units) else []  # that of the last of all
        for unit in reversed(self.units[first + 1 : behind + FRONT_REACH]):
            near = 0 if unit.line.is_front() else min(near + 1, FRONT_REACH)
            found.append(near)
        return found[::-1][: behind - first]

    def find_front(self) -> None:
        """Deck, byline, date and captions between headline and text."""
        self.text = self.find_text()
        self.find_byline()
        front = self.units[self.head + 1 : self.text]
        if not self.authors and self.head >= 0:
            self.find_names(front)
        first = self.head >= 0
        for unit in front:
            if unit.role == "caption" or unit.fate:
                continue
            if unit.role:
                first = False
            elif self.is_author(unit):
                unit.fate = "author"
            elif self.head >= 0 and unit.text == self.units[self.head].text:
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

    def find_text(self) -> int:
        """Where the text begins, behind a deck that is as long as a paragraph."""
        units, text = self.units, self.first
        start = self.head + 1 if self.head >= 0 else self.first
        likely = (i for i in range(start, self.last + 1) if self.is_text(units[i]))
        likely = (i for i in likely if i >= self.first or units[i].words >= LONG_PROSE)
        prose = list(islice(likely, 2))
        if not prose:
            rest = range(text, self.last + 1)
            return next((i for i in rest if not units[i].line.is_front()), self.last + 1)
        # The first paragraph is the deck where byline or date still follow.
        text = prose[0]
        reach = prose[1] if len(prose) > 1 else self.last + 1
        behind = range(text + 1, min(reach, text + FRONT_LINES))
        front = [i for i in behind if units[i].line.is_front()]
        # Behind a notice of one paragraph stand who gives it and the day.
        if len(prose) == 1 and front and not self.goes_on(front[-1] + 1):
            for i in front:
                self.take_date(units[i])
        elif (
            front
            and units[text].words <= LONGEST_DECK
            and not any(u.line.is_front() for u in units[start:text])
        ):
            units[text].role = "deck"
            text = prose[1] if len(prose) > 1 else front[-1] + 1
        return text

    def find_byline(self) -> None:
        """Authors and date as the lines above the text state them."""
        units, text = self.units, self.text
        i = self.head + 1 if self.head >= 0 else max(0, text - 6)
        byline = False
        while i < text:
            unit = units[i]
            front = unit.line.is_front()  # known from looking for the headline
            if unit.role and unit.role != "caption":
                pass
            elif front and BYLINE_LABEL.match(unit.text) and i + 1 < text and not self.authors:
                behind = units[i + 1 : min(i + 4, text)]
                i = next((n for n, u in enumerate(behind, i + 1) if not NO_NAME.search(u.text)), i)
                for other in units[units.index(unit) : i + 1]:
                    other.fate = "byline"
                self.authors = _people(units[i].text) if units[i] is not unit else []
                byline = True
            elif front and not unit.is_prose and (match := BYLINE.match(unit.text)):
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

    def goes_on(self, at: int) -> bool:
        """Whether anything of the article stands from a unit on."""
        return any(not unit.fate for unit in self.units[at : self.last + 1])

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
        if unit.line.presents():
            return True
        name, _, rest = unit.text[:LONGEST_LINE].partition(" ")
        return bool(
            rest.startswith(("is ", "was ", "has ", "covers ", "writes ", "edits "))
            and WRITER_WORD.search(rest)
            and any(name in author.split() for author in self.authors)
        )

    def is_text(self, unit: Unit) -> bool:
        return (
            unit.is_prose
            and not unit.fate
            and not unit.role
            and not unit.line.presents()
            and not unit.line.is_front()
        )

    def take_date(self, unit: Unit) -> bool:
        """Whether a unit is a date line; a day of publication in it is kept."""
        if unit.words > 25:
            return False
        if MAY_BE_DAY.search(unit.text) and (match := DATE_LINE.match(unit.text)):
            if (match["label"] or "").lower() not in ("updated", "last updated"):
                self.date = self.date or iso_date(match)
                # A line of day and date alone stands for a dateline where nobody signs.
                self.day = self.day or (unit.text if WEEKDAY.match(unit.text) else "")
            return True
        kind, day = unit.line.date()
        if kind == "first" or (kind == "day" and not self.date):
            self.date = day
        return bool(kind)


def _is_deck(unit: Unit) -> bool:
    """Whether a line can be a deck: some words long, and not a title in capitals."""
    return unit.words >= 5 and capitals(unit.text.split()) <= 0.5


def _people(byline: str) -> list[str]:
    """The people of a byline, without their address, paper or the day."""
    match = DATE.search(byline)
    byline = PROFILE.sub("", byline[: match.start()] if match else byline)
    byline = BYLINE_END.sub("", byline, count=1)
    if is_post(byline):  # nobody is named
        return [byline]
    return [without_post(name) for name in names(without_post(byline))]
