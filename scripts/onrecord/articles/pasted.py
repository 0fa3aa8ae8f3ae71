"""Pasted text: which lines are the article, and which are the page around it.

Three kinds of evidence, the strongest first: lines that stand in other articles of the same
publisher (`lines`), the place of a line (the article is the stretch where prose
outweighs the short lines of a page; its headline shares its words), and a small lexicon of what
pages say about themselves. Everything cut is recorded with its offsets, rule and reason. Every
rule in `GUESSES` goes by the looks of the words, so an article it touched is flagged for review.

What comes out is stable: read again, it is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from onrecord.articles.bylines import NAMES, NO_NAME, NOBODY
from onrecord.articles.credits import is_copyright
from onrecord.articles.dates import split_dateline
from onrecord.articles.front import (
    BYLINE_NAMES,
    KEPT_LINE,
    LETTERED,
    MOST_DATELINES,
    MOST_READINGS,
    Front,
)
from onrecord.articles.lexicon import (
    CLOCK,
    EDITORS_NOTE,
    GUESSES,
    LONGEST_LINE,
    POSTED,
    POSTED_BY,
    RATE,
    REASONS,
    SPEAKS,
    is_note,
)
from onrecord.articles.looks import CODE, FEW, LONGEST, may_be_title
from onrecord.articles.sentences import CAPITALS, TITLE_WORDS, capitals
from onrecord.articles.units import Unit, apart, fed_back, units
from onrecord.records import Removed
from onrecord.text import normalise


class Parts(NamedTuple):
    """What a text source holds. Paragraphs are `(role, text in normal form, [s, e] in source)`."""

    paragraphs: list[tuple[str, str, list[int]]]
    removed: list[Removed]
    credit: list[str]
    dateline: str
    authors: list[str]
    date_published: str
    review: list[str]


SUBHEAD = 12
"""Words at most of a line above a paragraph that is its subhead."""

RUN_LINES = 2
RUN_SHARE = 0.25
"""A run of lines that are no sentences is the page's if so many of them, and this share, are."""

BIO_LINES = 4
"""Paragraphs at most that present the author behind the article."""

LONG_STORY = 300
"""Words of a story that may be followed by more of others, behind who signs it."""

LONGEST_POST = 280
"""Code points of a post of several paragraphs."""

LONG_POST = 600
"""Code points of a post of one paragraph."""

BY_PLACE = {"before-headline", "before-body", "behind-text", "again", "block", "code"}
"""Rules that go by the place of a line among others, and what a story may show too: code."""

NO_SIGNS = {"", "code", "imprint"}
"""Rules of lines that a text may hold in which nothing is of a page."""

MOST_LINES = 100_000
"""A source with more lines is a list, or made to do harm."""


class _Reading(Front):
    """One pass over a source: the units, and what became of each."""

    def run(self) -> None:
        """Each step decides about units and leaves the rest to the next."""
        self.find_credits()
        self.find_page_lines()
        self.find_appeals()
        self.spare_prose()
        self.find_comments()
        self.find_repeated()
        self.find_segment()
        self.find_headline()
        self.find_front()
        self.find_body()
        self.find_dateline()
        self.find_names_behind()

    def find_body(self) -> None:
        units = self.units
        inside = units[self.text : self.last + 1]
        for unit in units[self.last + 1 :]:
            if not unit.fate:
                unit.role, unit.fate = "", "behind-text"
        self.find_paragraphs(inside)
        if any(unit.fate for unit in inside):
            self.drop_posts(inside)
            self.drop_runs(inside)
        kept = [unit for unit in inside if unit.role == "body"]
        for unit, below in pairwise(kept):
            stopped = unit.is_sentence or unit.text[-1] == "."  # "Not yet." is a paragraph
            if not stopped and unit.words <= SUBHEAD and below.is_sentence:
                unit.role = "subhead"
        self.drop_bio(kept)
        self.drop_end(kept)
        behind = inside.index(kept[-1]) + 1 if kept else 0
        for unit in inside[behind:]:
            if unit.role == "caption":
                unit.role, unit.fate = "", "behind-text"

    def find_paragraphs(self, inside: list[Unit]) -> None:
        """Make paragraphs of the units that have no role or fate yet, but for what is said again
        and what stands among links."""
        head = self.units[self.head].text if self.head >= 0 else ""
        told: set[str] = set()
        label = begun = False
        caption = ""
        for unit in inside:
            if unit.fate:
                label = unit.fate == "links" or (label and unit.fate != "control")
                continue
            if unit.role:
                caption = unit.text
                continue
            link = unit.words >= 4 and not unit.is_sentence
            # Where nothing is of a page, a list may say its lines again.
            again = not self.clean and (
                (unit.text in told and (unit.is_prose or link))
                or (self.copies[unit.text] > 2 and not unit.ends and CODE.isdisjoint(unit.text))
            )
            # But for the first, no paragraph of the article is shown twice: a caption is, a teaser.
            if unit.is_prose:
                again = again or (begun and not self.clean and unit in self.twice)
                # Below a caption with its credit it may stand once more without.
                again = again or caption.startswith(unit.text)
                begun = True
            if again or unit.text == head:
                unit.fate = "again"
            elif not unit.ends and unit.words >= 4 and label and not unit.alone:
                unit.fate = "links"
            else:
                label, caption = False, ""
                told.add(unit.text)
                unit.role = "body"
            if unit.text[0] in "EePp" and EDITORS_NOTE.match(unit.text):
                unit.role, unit.fate = "", "control"

    def drop_end(self, kept: list[Unit]) -> None:
        """Drop the notes, authors and what is no sentence behind the last one of the article."""
        while len(kept) > 1 and not self.clean:
            unit = kept[-1]
            if unit.is_sentence and self.is_author(unit) and not self.is_told_of(unit, kept[:-1]):
                unit.fate = "author"
            elif unit.words <= LONGEST and is_note(unit.text):
                unit.fate = "control"
            elif unit in self.rows or RATE.match(unit.text):
                break
            elif (not unit.is_sentence and unit.words < 25) or (
                4 < unit.words <= TITLE_WORDS
                and may_be_title(unit.text, unit.words)
                and capitals(LETTERED.findall(unit.text)) > CAPITALS
            ):
                unit.fate = "behind-text"
            else:
                break
            unit.role = ""
            kept.pop()

    def is_told_of(self, unit: Unit, story: list[Unit]) -> bool:
        """Whether a paragraph presents somebody whom the story names: no author of it."""
        match = NOBODY.match(unit.text)
        return bool(
            match
            and match["name"] not in self.authors
            and any(match["name"] in other.text for other in story)
        )

    @staticmethod
    def drop_posts(inside: list[Unit]) -> None:
        """Posts of a social network, told by who signs: a paragraph, and what belongs to it.

        Above its last paragraph a post goes on where no blank line parts them, or where a line
        holds what is said in posts alone; no further than a post is long.
        """
        for at, unit in enumerate(inside):
            if not (unit.fate and unit.text[:1] in "—–-" and POSTED_BY.match(unit.text)):
                continue
            length = 0
            for below, above in pairwise(inside[at::-1]):
                length += len(above.text)
                if above.role != "body" or length > (LONG_POST if below is unit else LONGEST_POST):
                    break
                apart = above.block != below.block and not POSTED.search(above.text)
                if apart and below is not unit:
                    break
                above.role, above.fate = "", "post"

    @staticmethod
    def drop_runs(inside: list[Unit]) -> None:
        """What stands among the lines of a player, a box or a menu between two paragraphs."""
        run: list[Unit] = []
        for unit in (*inside, None):
            if unit and (unit.fate or not unit.is_sentence):
                run.append(unit)
                continue
            if len(run) <= RUN_LINES:
                run.clear()
                continue
            rest = [u for u in run if u.role == "body" and u.words <= TITLE_WORDS]
            if rest and rest[-1] is run[-1] and not CLOCK.search(rest[-1].text):
                rest.pop()  # a subhead
            page = (
                sum([unit.fate in GUESSES and has_letter(unit.text) for unit in run])
                if len(rest) > RUN_LINES
                else 0
            )
            if page >= max(RUN_LINES, RUN_SHARE * len(run)):
                for other in rest:
                    other.role, other.fate = "", "block"
            run = []

    def drop_bio(self, kept: list[Unit]) -> None:
        """Let go of the last paragraphs, from one that presents an author.

        One who signs the story, or of the last `BIO_LINES` one whom no other names, or whose name
        stands above. What goes is never more than what stays, or twice that where other stories
        stand behind a long one.
        """
        signs = set(" ".join(self.authors).split())
        for at in range(FEW if signs else max(FEW, len(kept) - BIO_LINES), len(kept)):
            unit = kept[at]
            last = at >= len(kept) - BIO_LINES
            headed = last and self.is_headed(kept, at)
            signed = headed or (
                unit.text.partition(" ")[0] in signs
                and (self.is_author(unit) or (last and self.is_signer(unit)))
            )
            if not signed:
                match = NOBODY.match(unit.text) if last and " is " in unit.text else None
                if not match or any(match["name"] in other.text for other in kept[:at]):
                    continue
                # Who speaks belongs to the story, and so does what others say behind them.
                if any(SPEAKS.search(other.text) for other in kept[at:]):
                    continue
            at -= headed
            stays, goes = (sum([u.words for u in part]) for part in (kept[:at], kept[at:]))
            if goes > (2 * stays if signed and stays >= LONG_STORY else stays):
                continue
            for other in kept[at:]:
                other.role, other.fate = "", "author"
            del kept[at:]
            return

    def is_signer(self, unit: Unit) -> bool:
        """Whether a last paragraph tells of who signs, by the whole name, as no story does."""
        return any(
            " " in name
            and unit.text.startswith(f"{name} ")
            and unit.text[len(name) + 1].islower()
            and not SPEAKS.search(unit.text)
            for name in self.authors
        )

    def is_headed(self, kept: list[Unit], at: int) -> bool:
        """Whether the line above a paragraph is the name of whom it presents: an author."""
        unit, above = kept[at], kept[at - 1]
        name = above.text.removeprefix("About ")
        if not unit.is_sentence or above.words > BYLINE_NAMES or not NAMES.match(name):
            return False
        if NO_NAME.search(name) or (name == above.text and not unit.text.startswith(name)):
            return False
        # Somebody else is told of nowhere else, does not speak, and is not one of several.
        return name in self.authors or not (
            any(name in other.text for other in kept[: at - 1])
            or any(SPEAKS.search(other.text) for other in kept[at:])
            or any(
                line is not above and below.text.startswith(line.text)
                for line, below in pairwise(kept)
            )
        )

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

    def is_whole(self) -> bool:
        """Whether a source is the text of an article already, by its form and what it lacks.

        Its paragraphs are in normal form, as `assemble` sets them, with or without blank lines
        between them; it has no byline, day, credit or dateline, which are no text; and no line is
        plainly a page's.
        """
        units = self.units
        if any(unit.cuts for unit in units) or not any(unit.is_prose for unit in units):
            return False
        if self.shows_twice():
            return False
        # A word or two above the headline are its section, which ends in no mark.
        above = units[: max(self.head, 0)]
        if above and (
            self.known or all(unit.words < KEPT_LINE and not unit.ends for unit in above)
        ):
            return False
        # A headline that comes again is that of a page.
        if units[0].fate and self.copies[units[0].text] > 1:
            return False
        head = units[self.head].text if self.head >= 0 else None
        return all(
            unit.text != head and self.is_by_place(i, unit)
            for i, unit in enumerate(units)
            if unit.fate or not unit.role
        )

    def is_by_place(self, at: int, unit: Unit) -> bool:
        """Whether a unit went by its place, or as a caption can: by a name or a sign in it."""
        return (
            (unit.fate in BY_PLACE and not unit.line.is_front())
            or (unit.fate == "author" and self.head < at < self.text)
            or (unit.fate == "imprint" and is_copyright(unit.text))
        )

    def keep_whole(self) -> None:
        """Give back every unit that went; what stands first, and is no prose, is the headline."""
        units = self.units
        if units[0].fate:
            if self.head > 0:
                units[self.head].role = "body"
            title = not units[0].is_prose
            units[0].role, units[0].fate = "headline" if title else "body", ""
            (self.review.discard if title else self.review.add)("no-headline")
        for unit in units:
            if unit.fate or not unit.role:
                caption = unit.fate in ("before-body", "author", "imprint")
                unit.role, unit.fate = "caption" if caption else "body", ""

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
        source, blocks = fed_back(kept, texts)
        again = _Reading(source, blocks, headline, self.repeated)
        again.run()
        self.date, self.authors = self.date or again.date, self.authors or again.authors
        changed = False
        for unit, other in zip(kept, again.units, strict=True):
            if other.fate or not other.role:
                unit.fate = other.fate or "behind-text"
            elif other.cuts:
                self.narrow(unit, again.text_of(other))
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


def read(source: str, headline: str = "", repeated: Callable[[str], int] = lambda _: 0) -> Parts:
    """The article in a decoded text source; `headline` where somebody states it (a table's row).

    `repeated` says how many other articles of the publisher hold a line in normal form. Total:
    any text yields parts, in the worst case without a body and flagged for review.
    """
    if len(source) > MOST_LINES and sum(map(source.count, "\n\r\u2028\u2029")) > MOST_LINES:
        cut = Removed(start=0, end=len(source), reason=REASONS["lines"], rule="lines")
        return Parts([], [cut], [], "", [], "", ["no-body"])
    blocks = units(source)
    reading = _Reading(source, blocks, headline, repeated)
    if may_be_whole(reading.units):
        # Blank lines say nothing of a text in which nothing is of a page, nor does its headline.
        parted = all(len(block) == 1 for block in blocks)
        tries = [reading if parted else _Reading(source, apart(units(source)), headline, repeated)]
        if reading.known and reading.units and reading.units[0].text == reading.known:
            tries.insert(0, _Reading(source, apart(units(source)), "", repeated))
        for whole in tries:
            whole.run()
            if whole.is_whole():
                whole.keep_whole()
                return whole.parts()
        if not parted:
            reading.run()
    else:
        reading.run()
    reading.settle()
    return reading.parts()


def has_letter(text: str) -> bool:
    """Whether a line says something: the number of a line of code and its braces do not."""
    return any(map(str.isalpha, text))


def may_be_whole(units: list[Unit]) -> bool:
    """Whether a source can be the text of an article already, by its lines one by one."""
    return all(unit.line.rule in NO_SIGNS and unit.same for unit in units)
