"""Pasted text: which lines are the article, and which are the page around it.

A line is judged by a small lexicon of what pages say about themselves, by the block it stands in
and by where it stands (before the headline, behind the last sentence). Everything cut is recorded
with its offsets, rule and reason. Every rule in `GUESSES` goes by the looks of the words, so an
article it touched is flagged for review.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from onrecord.bylines import (
    CREDIT_LABEL,
    CREDIT_LINE,
    DATE,
    DATE_LINE,
    iso_date,
    names,
    split_credit,
    split_dateline,
)
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


class Unit(NamedTuple):
    """A line, or a paragraph that was wrapped over several: `source[start:end]`."""

    start: int
    end: int
    text: str
    block: int
    alone: bool

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_sentence(self) -> bool:
        return self.words >= 3 and bool(_SENTENCE_END.search(self.text))

    @property
    def is_prose(self) -> bool:
        return is_prose(self.text)


_SENTENCE_END = re.compile(r"""[.!?…:][\])"'”’»“‘]*$|[.!?,]["'”’»]$|["”»]$""")

# --- what pages say about themselves ----------------------------------------------------------


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


REASONS = {
    "control": "a button, a menu entry or a notice of the page",
    "cookies": "a cookie notice",
    "account": "an invitation to subscribe, sign in or read on",
    "newsletter": "a newsletter box",
    "appeal": "an appeal for support",
    "links": "links to other pages",
    "comments": "a prompt to comment",
    "imprint": "the page's imprint",
    "byline": "the byline, kept in authors",
    "date": "the date line, kept in date_published or dateline",
    "dateline": "the dateline, kept in dateline",
    "credit": "a credit, kept in credit",
    "block": "it stands in one block with lines of the page",
    "before-headline": "it stands before the headline",
    "before-body": "it stands between headline and text and is neither deck nor caption",
    "behind-text": "it stands behind the last sentence",
    "empty": "nothing is left of it in normal form",
}
"""Rule -> reason, as `removed` carries them."""

GUESSES = {
    "control",
    "cookies",
    "account",
    "newsletter",
    "appeal",
    "links",
    "comments",
    "imprint",
    "block",
    "before-headline",
    "before-body",
    "behind-text",
}

_LEXICON: list[tuple[str, re.Pattern[str]]] = [
    (
        "control",
        _any(
            r"^(×|x|✕|☰|\W+)$",
            r"^(menu|search|home|share|save|print|e-?mail|copy link|facebook|twitter|whatsapp|x"
            r"|linkedin|reddit|telegram|close|skip|listen|advertisement|advert|ad|sponsored"
            r"|continue|next|previous|back to top|loading.*|follow us.*|share (this|on|via)\b.*)$",
            r"^skip to (main )?content$",
            r"^(\w[\w ]*[/>›»|·]\s*){2,}\w[\w ]*$",
        ),
    ),
    (
        "cookies",
        _any(
            r"\b(we|site|website|page)s? (and our partners )?uses? cookies\b",
            r"^(accept|reject|allow|manage)( all| my)?( cookies| choices| preferences| settings)?$",
            r"\bcookie (policy|settings|preferences|notice)\b",
        ),
    ),
    (
        "newsletter",
        _any(
            r"\b(in|to|into) your inbox\b",
            r"\b(sign up|subscribe)\b.{0,60}\b(newsletter|briefing|e-?mails?|alerts?)\b",
            r"^(enter )?your e-?mail( address)?$",
            r"^(sign (me )?up|subscribe)( now| here| today| free)?[.!]?$",
            r"\bunsubscribe\b",
            r"^.{0,40}\bnewsletters?$",
        ),
    ),
    (
        "account",
        _any(
            r"^(log|sign) ?(in|out|on)\b.{0,60}$",
            r"^register( now| for free)?$",
            r"^subscribe\b.{0,50}$",
            r"\b(free|remaining) articles? (left|remaining)\b",
            r"\balready a (subscriber|member)\b",
            r"\bsubscribe (from|for|to (continue|read))\b",
            r"\bcreate (a free|an) account\b",
        ),
    ),
    (
        "appeal",
        _any(
            r"^(please )?(support|donate|contribute|give)( now| today| us| here| once)?[.!]?$",
            r"\bad-free\b|\bdisabled all ads\b|\bpop-up ads\b",
            r"\byour (support|donation|contribution|gift)s?\b",
            r"\b(support|fund|donate to|back) (us|our (work|journalism|reporting|newsroom))\b",
            r"\bour journalism\b|\bindependent journalism\b",
            r"\bwe need your (help|support)\b",
            r"\bbecome a (member|supporter|patron|friend)\b",
            r"^(once|one[- ]time|one[- ]off|monthly|annual|annually|yearly|every month)$",
            r"^pai?y?ments? methods?$",
            r"^(not ready to support|no thanks|remind me later|maybe later).{0,30}$",
            r"^dear (readers?|neighbou?rs?|friends?|supporters?|members?),?$",
            r"^(a|an) (message|note|appeal|letter) from\b.{0,60}:?$",
            r"^why (we are|we're|we’re) asking\b.{0,20}$",
        ),
    ),
    (
        "links",
        _any(
            r"^(read|see|watch|listen|find out) (more|next|also|on)\b.{0,80}$",
            r"^(most|more) (read|popular|viewed|shared|stories|news|headlines|from|in|on|like)\b"
            r".{0,40}$",
            r"^(related|trending|recommended|popular|latest|top)( \w+){0,2}:?$",
            r"^(you (may|might) also like|don[’']t miss|in this story|editor[’']s? picks?"
            r"|what to read next|up next)\b.{0,30}$",
            r"^(tags?|topics?|filed (under|in)|keywords?|categor(y|ies)):?(\s.{0,120})?$",
        ),
    ),
    (
        "comments",
        _any(
            r"^(\d+ )?(comments?|leave a comment|have your say|join the (conversation|discussion))"
            r"\b.{0,90}$",
            r"\b(log|sign) in\b.{0,40}\bcomments?\b",
            r"^comments are (closed|off)\b.{0,60}$",
            r"^(show|view|post|read|write)( a| all| the)? comments?( \(\d+\))?$",
        ),
    ),
    (
        "imprint",
        _any(
            r"©|\bcopyright (\(c\) )?\d{4}\b|\ball rights reserved\b",
            r"\bterms\b.{0,40}\bprivacy\b|\bprivacy\b.{0,40}\b(terms|policy|cookies)\b",
            r"^(contact|about) (us|the newsdesk|the newsroom)$",
        ),
    ),
]

# The first line of a box takes the rest of its block with it.
_BOX = {"links", "comments", "newsletter"}
# Addressing the reader, outside quotation marks.
_READER = re.compile(r"\b(we|us|our|ours|you|your|yours)\b", re.I)
_QUOTED = re.compile(r"“[^”]*”?|‘[^’]*’|\"[^\"]*\"?")
_APPEAL_OPENS = re.compile(
    r"^(dear \w+,?|(a|an) (message|note|appeal|letter) from\b.*"
    r"|why (we are|we're|we’re) asking.*)$",
    re.I,
)
_APPEAL_REACH = 14

_CREDIT_TAIL = re.compile(
    rf"^(?P<caption>.*\S)(?:[\s\u00a0]{{2,}}(?P<plain>\S.{{1,70}})"
    rf"|\s*(?P<labelled>\({CREDIT_LABEL}\s*[:/][^)]{{2,80}}\)|\b{CREDIT_LABEL}:\s*[^.]{{2,70}}))\s*$",
    re.I | re.S,
)
_BYLINE = re.compile(r"^by\s+(?P<who>\S.{2,90})$", re.I)


def lexicon(text: str) -> str:
    """The lexicon rule that a line falls under, "" for none."""
    return next((rule for rule, pattern in _LEXICON if pattern.search(text)), "")


def is_prose(text: str) -> bool:
    """Whether a paragraph in normal form reads like running text: 8 words or more, and an end."""
    return len(text.split()) >= 8 and bool(_SENTENCE_END.search(text))


def is_page_line(text: str) -> str:
    """The lexicon rule under which a paragraph goes, "" where it stays.

    A sentence of the article may hold such words between its quotation marks.
    """
    rule = lexicon(text)
    return rule if rule and (not is_prose(text) or lexicon(_QUOTED.sub(" ", text))) else ""


# --- units ------------------------------------------------------------------------------------


def units(source: str) -> list[Unit]:
    """The lines of a decoded source, wrapped paragraphs joined, each with its block's number."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n\r\u2028\u2029]+", source)]
    blocks: list[list[tuple[int, int]]] = []
    behind = 0
    for start, end in lines:
        blank = not source[start:end].strip()
        # A blank line is an empty stretch between two ends of line, or a line of blanks.
        apart = len(re.findall(r"\r\n|[\n\r\u2028\u2029]", source[behind:start])) > 1
        if blank:
            continue
        if not blocks or apart:
            blocks.append([])
        blocks[-1].append((start, end))
        behind = end
    found = []
    for number, block in enumerate(blocks):
        pieces = [(block[0][0], block[-1][1])] if _wrapped(source, block) else block
        for first, behind in pieces:
            raw = source[first:behind]
            start = first + len(raw) - len(raw.lstrip())
            end = behind - len(raw) + len(raw.rstrip())
            text = normalise(raw)
            found.append(Unit(start, end, text, number, len(pieces) == 1))
    return found


def _wrapped(source: str, block: list[tuple[int, int]]) -> bool:
    """Whether a block is one paragraph, broken at a line length."""
    if len(block) < 2:
        return False
    widths = [end - start for start, end in block]
    inner = [source[start:end].rstrip() for start, end in block[:-1]]
    return (
        min(widths[:-1]) >= 45
        and max(widths) <= 120
        and max(widths[:-1]) - min(widths[:-1]) <= 20
        and sum(bool(_SENTENCE_END.search(line)) for line in inner) <= len(inner) / 2
    )


# --- the article among the lines --------------------------------------------------------------


class _Reading:
    """One pass over a source: the units, and what became of each (a rule, a role or "")."""

    def __init__(self, source: str, headline: str) -> None:
        self.source = source
        self.units = units(source)
        self.fate = ["" if unit.text else "empty" for unit in self.units]
        self.role = [""] * len(self.units)
        self.spans = [(unit.start, unit.end) for unit in self.units]
        self.cuts: list[Removed] = []
        self.credit: list[str] = []
        self.authors: list[str] = []
        self.date = self.dateline = ""
        self.review: set[str] = set()
        self.known = normalise(headline)

    def open(self) -> Iterator[int]:
        """The units that nothing was decided about."""
        return (i for i, fate in enumerate(self.fate) if not fate and not self.role[i])

    def block(self, number: int) -> list[int]:
        return [i for i, unit in enumerate(self.units) if unit.block == number]

    # Each step decides about units and leaves the rest to the next.

    def find_credits(self) -> None:
        for i, unit in enumerate(self.units):
            before = i - 1 if i and self.units[i - 1].block == unit.block else -1
            if (match := CREDIT_LINE.match(unit.text)) and len(unit.text) < 120:
                self.fate[i] = "credit"
                self.credit.append(normalise(match["who"]))
                if before >= 0 and not self.fate[before] and self.units[before].words >= 3:
                    self.role[before] = "caption"
                continue
            raw = self.source[unit.start : unit.end]
            match = _CREDIT_TAIL.match(raw)
            if not match or not unit.alone or unit.words > 70:
                continue
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
                    or not _SENTENCE_END.search(caption)
                )
            ):
                continue
            self.credit.append(split_credit(credit) or credit)
            at = unit.start + (match.start("plain") if plain else match.start("labelled"))
            self.cut(at, unit.end, "credit")
            self.role[i] = "caption"
            self.spans[i] = (unit.start, unit.start + match.end("caption"))

    def find_bylines(self) -> None:
        for i, unit in enumerate(self.units):
            if self.fate[i] or self.role[i]:
                continue
            if (match := _BYLINE.match(unit.text)) and unit.words <= 14:
                self.authors = self.authors or names(match["who"])
                self.fate[i] = "byline"
                for j in self.block(unit.block):
                    if j > i and not self.fate[j] and not DATE.search(self.units[j].text):
                        self.fate[j] = "byline"
            elif match := DATE_LINE.match(unit.text):
                self.fate[i] = "date"
                if (match["label"] or "").lower() not in ("updated", "last updated"):
                    self.date = self.date or iso_date(match)
                    self.dateline = self.dateline or ("" if match["label"] else unit.text)
            elif unit.is_prose:
                return  # the article has begun: a date further down is no date line

    def find_page_lines(self) -> None:
        for i in list(self.open()):
            self.fate[i] = is_page_line(self.units[i].text)
        numbers = {unit.block for unit in self.units}
        for number in sorted(numbers):
            members = self.block(number)
            if len(members) < 2:
                continue
            page = [i for i in members if self.fate[i] in GUESSES]
            box = self.fate[members[0]] in _BOX
            if box or len(page) * 2 > len(members):
                for i in members:
                    if not self.fate[i] and not self.role[i]:
                        self.fate[i] = "block"

    def find_appeals(self) -> None:
        """From a salutation to the reader through the last line that still speaks to them."""
        i = 0
        while i < len(self.units):
            if self.fate[i] == "appeal" and _APPEAL_OPENS.match(self.units[i].text):
                reach = range(i + 1, min(i + _APPEAL_REACH, len(self.units)))
                last = max(
                    (
                        j
                        for j in reach
                        if self.fate[j] == "appeal"
                        or _READER.search(_QUOTED.sub(" ", self.units[j].text))
                    ),
                    default=i,
                )
                for j in range(i, last + 1):
                    if not self.fate[j]:
                        self.role[j], self.fate[j] = "", "appeal"
                i = last
            i += 1

    def find_headline(self) -> None:
        if self.known:
            at = next((i for i in self.open() if self.units[i].text == self.known), None)
        else:
            first = self.first_prose()
            before = [i for i in self.open() if i < first]
            at = next(
                (
                    i
                    for i in before
                    if self.units[i].alone
                    and 3 <= self.units[i].words <= 30
                    and not self.units[i].text.endswith((".", ":"))
                ),
                None,
            )
            if at is None:
                at = next((i for i in before if 3 <= self.units[i].words <= 30), None)
        if at is None:
            self.review.add("no-headline")
            return
        self.role[at] = "headline"
        for i in range(at):
            if not self.fate[i]:
                self.role[i], self.fate[i] = "", "before-headline"

    def find_body(self) -> None:
        first = self.first_prose()
        head = next((i for i, role in enumerate(self.role) if role == "headline"), -1)
        bylines = [i for i in range(head + 1, first) if self.fate[i] in ("byline", "date")]
        for i in list(self.open()):
            if i >= first:
                break
            deck = i == head + 1 or all(self.fate[j] for j in range(head + 1, i))
            self.role[i] = "deck" if deck and self.units[i].words >= 4 else ""
            self.fate[i] = "" if self.role[i] else "before-body"
        # The first prose unit right under the headline, with the byline below it, is the deck.
        if (
            not bylines
            and first < len(self.units)
            and (after := [j for j in range(first + 1, len(self.units)) if not self.fate[j]])
            and any(self.fate[j] == "byline" for j in range(first, after[0]))
        ):
            self.role[first] = "deck"
        sentences = [i for i in self.open() if self.units[i].is_sentence]
        last = max(sentences, default=-1)
        for i in list(self.open()):
            unit = self.units[i]
            if i > last:
                self.fate[i] = "behind-text"
            elif not unit.is_sentence and unit.alone and unit.words <= 12:
                self.role[i] = "subhead"
            else:
                self.role[i] = "body"

    def find_dateline(self) -> None:
        first = next((i for i, role in enumerate(self.role) if role == "body"), None)
        if first is None:
            return
        start, end = self.spans[first]
        raw = self.source[start:end]
        place, rest = split_dateline(raw)
        if place:
            self.dateline = place
            self.cut(start, end - len(rest), "dateline")
            self.spans[first] = (end - len(rest), end)

    def first_prose(self) -> int:
        return next(
            (i for i in self.open() if self.units[i].is_prose and self.units[i].text != self.known),
            len(self.units),
        )

    def cut(self, start: int, end: int, rule: str) -> None:
        self.cuts.append(Removed(start=start, end=end, reason=REASONS[rule], rule=rule))

    def parts(self) -> Parts:
        paragraphs = []
        for i, (start, end) in enumerate(self.spans):
            if self.role[i] and not self.fate[i]:
                text = normalise(self.source[start:end])
                paragraphs.append((self.role[i], text, [start, end]))
            else:
                unit = self.units[i]
                self.cut(unit.start, unit.end, self.fate[i])
        self.review |= {cut.rule for cut in self.cuts} & GUESSES
        if not any(role == "body" for role, _, _ in paragraphs):
            self.review.add("no-body")
        return Parts(
            paragraphs,
            sorted(self.cuts, key=lambda cut: (cut.start, cut.end)),
            self.credit,
            self.dateline,
            self.authors,
            self.date,
            sorted(self.review),
        )


def read(source: str, headline: str = "") -> Parts:
    """The article in a decoded text source; `headline` where somebody states it (a table's row).

    Total: any text yields parts, in the worst case without a body and flagged for review.
    """
    reading = _Reading(source, headline)
    reading.find_credits()
    reading.find_page_lines()
    reading.find_bylines()
    reading.find_appeals()
    reading.find_headline()
    reading.find_body()
    reading.find_dateline()
    return reading.parts()
