"""Pasted text: which lines are the article, and which are the page around it.

Three kinds of evidence, the strongest first: lines that stand in other articles of the same
publisher (`onrecord.lines`), the place of a line (the article is the stretch where prose
outweighs the short lines of a page; its headline shares its words), and a small lexicon of what
pages say about themselves. Everything cut is recorded with its offsets, rule and reason. Every
rule in `GUESSES` goes by the looks of the words, so an article it touched is flagged for review.

What comes out is stable: read again, it is kept as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, zip_longest
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
from onrecord.text import PARAGRAPH_BREAK, normalise


class Parts(NamedTuple):
    """What a text source holds. Paragraphs are `(role, text in normal form, [s, e] in source)`."""

    paragraphs: list[tuple[str, str, list[int]]]
    removed: list[Removed]
    credit: list[str]
    dateline: str
    authors: list[str]
    date_published: str
    review: list[str]


@dataclass(slots=True, eq=False)
class Unit:
    """A line, or a paragraph that was wrapped over several, and what became of it.

    `start` and `end` are those of the source, `first` and `last` of the part that is kept. A unit
    with a `fate` (a rule) is removed, one with a `role` and no fate is kept.
    """

    start: int
    end: int
    text: str
    block: int
    alone: bool
    words: int
    ends: bool
    is_sentence: bool
    is_prose: bool
    first: int
    last: int
    fate: str = ""
    role: str = ""
    front: bool | None = None
    cuts: tuple[tuple[int, int, str], ...] = ()


_LAST = frozenset(".!?…:,])\"'”’»“‘")
PROSE_WORDS = 8
LONG_LINE = 40
"""Words from which on a line is prose even if it does not end like a sentence."""

TITLE_WORDS = 30
CAPITALS = 0.65
"""A short line with a greater share of capital letters is set like a title, and no prose."""

_SENTENCE_END = re.compile(r"""[.!?…:][\])"'”’»“‘]*$|[.!?,]["'”’»]$|["”»]$""")

# --- what pages say about themselves ----------------------------------------------------------

REASONS = {
    "repeated": "it stands in other articles of the publisher",
    "again": "it stands in the page more than once",
    "control": "a button, a menu entry or a notice of the page",
    "cookies": "a cookie notice",
    "account": "an invitation to subscribe, sign in or read on",
    "newsletter": "a newsletter box",
    "appeal": "an appeal for support",
    "links": "links to other pages",
    "comments": "a prompt to comment",
    "imprint": "the page's imprint",
    "author": "it says who the author is",
    "byline": "the byline, kept in authors",
    "date": "the date line, kept in date_published or dateline",
    "dateline": "the dateline, kept in dateline",
    "credit": "a credit, kept in credit",
    "block": "it stands in one block with lines of the page",
    "before-headline": "it stands before the headline",
    "before-body": "it stands between headline and text and is neither deck nor caption",
    "behind-text": "it stands behind the last sentence",
    "lines": "it has more lines than an article",
    "empty": "nothing is left of it in normal form",
}
"""Rule -> reason, as `removed` carries them."""

GUESSES = set(REASONS) - {"byline", "date", "dateline", "credit", "empty"}

# Rule -> whole lines, in the order in which they are tried.
_WHOLE: dict[str, list[str]] = {
    "control": [
        r"×|x|✕|☰|\W+",
        r"(menu|search|home|share|save|print|e-?mail|copy link|facebook|twitter|whatsapp|x"
        r"|linkedin|reddit|telegram|close|skip|listen|advertisement|advert|ad|sponsored"
        r"|continue|next|previous|back to top|loading.*|follow us.*|share (this|on|via)\b.*)",
        r"skip to (main )?content",
        r"(\w[\w ]*[/>›»|·]\s*){2,}\w[\w ]*",
    ],
    "cookies": [
        r"(accept|reject|allow|manage)( all| my)?( cookies| choices| preferences| settings)?",
    ],
    "newsletter": [
        r"(enter )?your e-?mail( address)?",
        r"(sign (me )?up|subscribe)( now| here| today| free)?[.!]?",
        r".{0,40}\bnewsletters?",
    ],
    "account": [
        r"(log|sign) ?(in|out|on)\b.{0,60}",
        r"register( now| for free)?",
        r"subscribe\b.{0,50}",
    ],
    "appeal": [
        r"(please )?(support|donate|contribute|give)( now| today| us| here| once)?[.!]?",
        r"(once|one[- ]time|one[- ]off|monthly|annual|annually|yearly|every month)",
        r"pai?y?ments? methods?",
        r"(not ready to support|no thanks|remind me later|maybe later).{0,30}",
        r"dear (readers?|neighbou?rs?|friends?|supporters?|members?),?",
        r"(a|an) (message|note|appeal|letter) from\b.{0,60}:?",
        r"why (we are|we're|we’re) asking\b.{0,20}",
    ],
    "links": [
        r"(read|see|watch|listen|find out) (more|next|also|on)\b.{0,80}",
        r"(most|more) (read|popular|viewed|shared|stories|news|headlines|from|in|on|like)\b.{0,40}",
        r"(related|trending|recommended|popular|latest|top)( \w+){0,2}:?",
        r"(you (may|might) also like|don[’']t miss|in this story|editor[’']s? picks?"
        r"|what to read next|up next)\b.{0,30}",
        r"(tags?|topics?|filed (under|in)|keywords?|categor(y|ies)):?(\s.{0,120})?",
        r"\W?(related|also read|read (also|more|next))( \w+)?:.{2,200}",
    ],
    "comments": [
        r"(\d+ )?(comments?|leave a comment|have your say|join the (conversation|discussion))"
        r"\b.{0,90}",
        r"comments are (closed|off)\b.{0,60}",
        r"(show|view|post|read|write)( a| all| the)? comments?( \(\d+\))?",
    ],
    "imprint": [r"(contact|about) (us|the newsdesk|the newsroom)"],
}

# The same, but only for lines that do not end like a sentence.
_LABELS: dict[str, list[str]] = {
    "control": [
        r"(view|buy|shop|get|check price|order)( it| now)? (on|at|from) \S.{0,120}",
        r"(view|show|see|load|expand|hide|open)( \w+){0,2} (all|more|less|full|here|gallery)\b"
        r".{0,40}",
        r"(click|tap|swipe|scroll) \w+ (to|for)\b.{0,60}",
        r"(click|tap) to\b.{0,100}",
        r"\d{1,2}(:\d\d){1,2}",
        r"(install|download|get) (the|our) .{0,40}\bapps?\b.{0,40}|be the first to\b.{0,60}",
        r"(copied|submit|reply|report|expand|collapse|pause|play|mute|subtitles|tweet|comment|post"
        r"|pin|pinterest|instagram|youtube|sms|close\W*|by|author|advertising|ads?\W+.{0,20})\W*",
        r"\d+[ -]*min(ute)?s?\b( read| watch| listen)?",
        r"\d[\d,.]*k? (shares?|views?|likes?|votes?|retweets?|following|followers?)\b.{0,20}",
        r"(about )?(\d+|an?) ?(s|secs?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y"
        r"|years?) ago\b.{0,30}",
        r"\d+ ?(of|/) ?\d+\W*",
        r"skip (to|past|ahead)\b.{0,40}|jump to\b.{0,40}|after .{0,30} promotion",
        r"(view (this|more) )?(post|content)s? (on|shared by) .{1,60}",
        r"an? (post|video) shared by .{1,60}",
        r".*\b(pic\.twitter\.com|https://t\.co)/\S*|[—–-] .{2,60}\(@\w{1,30}\).{0,40}|@\w{1,30}",
        r"story continues\b.{0,40}|continue reading\b.{0,40}|this story has been shared\b.{0,40}",
    ],
    "links": [
        r"(also |please )?(read|see|watch|related|more|recommended|listen|don[’']t miss)"
        r"( more| also| next| here| story| stories| article| coverage)?\s*[-:–—]\s*\S.{2,200}",
        r"(more|most|our|other|explore|discover|recent|latest|related|top|featured|similar"
        r"|recommended|suggested)\b.{0,30}"
        r"\b(stories|posts?|articles?|news|reads?|reading|must[- ]reads?|headlines|topics?|links"
        r"|guides|videos?|content|picks|issue|for you)\b.{0,20}",
        r"(you (may|might|will|could)( also)? (like|enjoy|love)|recently in|in this article"
        r"|see also|also read|read (also|next)|up next|trending now|labels|related topics?"
        r"|sections?)\b.{0,60}",
    ],
    "newsletter": [
        r"sign ?up (to|for|now|here)\b.{0,80}",
        r"get .{2,60} (in|to|alerts?|updates?)\b.{0,60}inbox.*",
    ],
    "appeal": [r"support \w+( \w+)?"],
    "account": [r"(subscriber|member)s?[- ]only.{0,20}", r"(subscribe|log in|sign in)\b.{0,80}"],
    "comments": [
        r"(show|view|see|hide|post|read|write|click here to|leave)\b.{0,20}\bcomments?\b.{0,20}"
    ],
    "imprint": [r"copyright\b.{0,80}", r".{0,60}\bprivacy (policy|notice)\b.{0,60}"],
}


class Phrase(NamedTuple):
    """A phrase anywhere in a line. No line without one of the `needles` need be searched."""

    rule: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _phrase(rule: str, needles: str, pattern: str) -> Phrase:
    return Phrase(rule, tuple(needles.split("|")), re.compile(pattern, re.I))


_PHRASES = [
    _phrase(
        "cookies",
        "cookie",
        r"\b(we|site|website|page)s? (and our partners )?uses? cookies\b"
        r"|\bcookie (policy|settings|preferences|notice)\b|\b(using|enable|allow) cookies\b",
    ),
    _phrase("newsletter", "inbox|unsubscribe", r"\b(in|to|into) your inbox\b|\bunsubscribe\b"),
    _phrase(
        "newsletter",
        "sign up|subscribe",
        r"\b(sign up|subscribe)\b.{0,60}\b(newsletter|briefing|e-?mails?|alerts?)\b",
    ),
    _phrase("account", "article", r"\b(free|remaining) articles? (left|remaining)\b"),
    _phrase("account", "already a", r"\balready a (subscriber|member)\b"),
    _phrase("account", "subscribe", r"\bsubscribe (from|for|to (continue|read))\b"),
    _phrase("account", "account", r"\bcreate (a free|an) account\b"),
    _phrase(
        "appeal",
        "ad-free|all ads|pop-up ads|our journalism|independent journalism",
        r"\bad-free\b|\bdisabled all ads\b|\bpop-up ads\b"
        r"|\bour journalism\b|\bindependent journalism\b",
    ),
    _phrase(
        "appeal",
        "your support|your donation|your contribution|your gift",
        r"\byour (support|donation|contribution|gift)s?\b",
    ),
    _phrase(
        "appeal",
        "support |fund |donate |back |need your",
        r"\b(support|fund|donate to|back) (us|our (work|journalism|reporting|newsroom))\b"
        r"|\bwe need your (help|support)\b",
    ),
    _phrase("appeal", "become a", r"\bbecome a (member|supporter|patron|friend)\b"),
    _phrase(
        "links",
        "tags|topics|filed|labels|categories",
        r"^(tags|topics|filed (under|in)|labels|categories)\s*:",
    ),
    _phrase(
        "links",
        "earn|receive",
        r"\b(earn|receive) (an? )?((affiliate|small) )?(commissions?|revenue|compensation)\b",
    ),
    _phrase("comments", "comment", r"\b(log|sign) in\b.{0,40}\bcomments?\b"),
    _phrase(
        "imprint",
        "©|copyright|all rights|privacy",
        r"©|\bcopyright (\(c\) )?\d{4}\b|\ball rights reserved\b"
        r"|\bterms\b.{0,40}\bprivacy\b|\bprivacy\b.{0,40}\b(terms|policy|cookies)\b",
    ),
]


def _table(rules: dict[str, list[str]]) -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?P<{rule}>(?:{'|'.join(each)})$)" for rule, each in rules.items()), re.I
    )


_WHOLE_LINE, _LABEL_LINE = _table(_WHOLE), _table(_LABELS)
_LONGEST_LINE = 240
_LONGEST_PHRASE = 3000
"""Code points: no line of a page is longer, so that none costs more to judge."""

# The first line of a box takes the rest of its block with it.
_BOX = {"links", "comments", "newsletter"}
_BOX_LINES = 12
# Addressing the reader, outside quotation marks.
_READER = re.compile(r"\b(we|us|our|ours|you|your|yours)\b", re.I)
_WE = re.compile(r"\b(we|us|our|ours)\b", re.I)
_QUOTED = re.compile(r"“[^”]*”?|‘[^’]*’|\"[^\"]*\"?")
_APPEAL_OPENS = re.compile(
    r"^(dear \w+,?|(a|an) (message|note|appeal|letter) from\b.*"
    r"|why (we are|we're|we’re) asking.*)$",
    re.I,
)
_APPEAL_REACH = 14

_CREDIT_TAIL = re.compile(
    rf"^(?P<caption>.*\S)(?:[\s\u00a0]{{2,}}(?P<plain>\S.{{1,70}})"
    rf"|\s*(?P<labelled>\({CREDIT_LABEL}\s*[:/][^)]{{2,80}}\)|(?<!\()\b{CREDIT_LABEL}:\s*[^.]{{2,70}}))\s*$",
    re.I | re.S,
)
_AGENCY = (
    r"(?:getty|images?|photos?|pictures?|shutterstock|istock|unsplash|pexels|pixabay|handout|pool)"
)
# A line that only credits somebody, and one that ends by it.
_CREDIT_ONLY = re.compile(
    rf"^\W?(?:photo(?:graph)?|picture|image|video|illustration|screenshot|graphic)s?"
    rf"(?: (?:credits?|illustration|by|via|courtesy))*\s*(?:[:/]|by|via)\s*\S.{{0,80}}\W?$"
    rf"|^(?:credits?|courtesy(?: of)?)\b\s*:?\s*\S.{{0,60}}$"
    rf"|^[^.]{{2,50}}(?:/|\bvia\b|\||\bby\b) ?(?:[A-Z]\w+ )?{_AGENCY}\b.{{0,30}}$"
    rf"|^\(c\) .{{2,40}}$",
    re.I,
)
_CAPTION_OPENS = re.compile(
    r"FILE [-–—] |(?i:(?:submitted |file )?photo(?:graph)?s? by (?:\S+ ){5})"
)
_CREDIT_SIGNS = (
    "file",
    "photo",
    "picture",
    "image",
    "credit",
    "illustration",
    "graphic",
    "/",
    "(",
    "via ",
)
_CREDIT_SIGNS += ("courtesy", "getty", "stock", "unsplash", "pexels", "pixabay", "handout", "video")
_CREDIT_SIGNS += ("pool", "screenshot")
_CREDIT_REACH = 140
"""Code points at the end of a caption in which its credit stands."""

CAPTION_WORDS = 120
_CAPTION = re.compile(
    rf"\((?:[^()]{{2,60}}/[^()]{{2,60}}|[^()]{{0,50}}\b(?:via|courtesy|{_AGENCY})\b[^()]{{0,50}})\)$"
    rf"|[.!?)\]\"”’ ](?i:{CREDIT_LABEL}|photo illustration)(?: by|:) ?[^.:]{{2,60}}$"
    rf"|(?:/|\bvia |\bby )(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY})\b.{{0,40}}$"
    rf"|[.!?] ?(?:[A-Z][\w. ]{{1,30}} ?/ ?[A-Z][\w ]{{2,30}}|(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY}))$",
)
_BYLINE = re.compile(
    r"^(?:(?:words|written|story|photos? and story|reporting)\s+)?by(?:\s+|:\s*)"
    r"(?P<who>\S.{2,120})$",
    re.I,
)
_BYLINE_LABEL = re.compile(r"^(?:(?:written )?by|authors?)\s*:?$", re.I)
_BYLINE_END = re.compile(
    r"\s*(?:[|•·–—]|\(|\S+@\S+|@\w|\bpublished\b|\bupdated\b|\bposted\b|\d|\bfor\b"
    r"|\bin\b(?= [A-Z])).*$",
    re.I,
)
_PROFILE = re.compile(r"^.{0,30}\b(?:links?|profile|posts?|articles?) (?:for|of|by) ", re.I)
_PUBLISHED = re.compile(r"(?:publish|post|creat|releas)ed\b|\bdate\b", re.I)
_UPDATED = re.compile(r"(?:updat|modifi|correct|revis)ed\b|\blast\b", re.I)
_DATE_WORDS = re.compile(
    r"(?i:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|\b(?:at|on|first|last|published|posted|updated|modified|date|a\.?m|p\.?m|min(?:ute)?s?"
    r"|read|source|by|hours?)\b)|\b[A-Z]{2,4}\b"
)
_WRITER = (
    r"\b(?:reporters?|writers?|editors?|authors?|journalists?|correspondents?|columnists?|contribut\w+"
    r"|fellow|analyst|critic|blogger|producer|specialist|expert|covers|covering|writes|writing)\b"
)
_WRITER_WORD = re.compile(_WRITER)
_AUTHOR = re.compile(
    r"^(?!(?:The|A|An|In|But|And|It|This) )(?:[A-Z][\w.’'-]+,? ){2,5}"
    rf"(?:(?:is|was|has been|works|joined|holds)\b[^.]{{0,160}}{_WRITER}|writes|covers)\b"
    r"|^[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]+ )?specializes in\b"
    rf"|^(?:He|She|They) (?:is|was|has|covers|writes|previously)\b[^.]{{0,100}}{_WRITER}",
)
_NOTE = re.compile(
    r"^(?:this|a version of this) (?:article|story|piece|post|column|report|essay)\b.{0,60}"
    r"\b(?:appeared|published|updated|corrected|produced|posted|republished)\b"
    r"|^(?:updated|correction|clarification|comments (?:on|are))\b"
    r"|^(?:contact|follow|e-?mail|write to|reach|send|submit|got a|have a|do you have"
    r"|for more (?:information|stories|news))\b.{0,200}(?:@|\bhere\b|\b(?:us|our|your)\b)"
    r"|^(?:follow|like|find|join|subscribe to|download|check out|listen to|watch|click)\b.{0,160}"
    r"\b(?:twitter|facebook|instagram|youtube|app|podcast|here|website|us|our)\b"
    r"|\b\S+@\S+\.\w+|\b(?:sign|signing) up\b|\bnewsletter\b|\bavailable here\b"
    r"|\bdelivered (?:every|to|straight|daily|weekly)\b",
    re.I,
)


@lru_cache(1 << 15)
def _short_rule(text: str) -> str:
    match = _WHOLE_LINE.match(text) or (None if _ends(text) else _LABEL_LINE.match(text))
    return (match.lastgroup or "") if match else ""


Needles = list[tuple[str, Phrase]]
_NEEDLES: Needles = [(needle, phrase) for phrase in _PHRASES for needle in phrase.needles]


def lexicon(text: str, needles: Needles = _NEEDLES) -> str:
    """The lexicon rule that a line falls under, "" for none.

    `needles` are those that a whole text holds, where the line is one of many.
    """
    if len(text) <= _LONGEST_LINE and (rule := _short_rule(text)):
        return rule
    if not needles or len(text) > _LONGEST_PHRASE:
        return ""
    lower = text.lower()
    for needle, phrase in needles:
        if needle in lower and phrase.pattern.search(text):
            return phrase.rule
    return ""


def is_prose(text: str) -> bool:
    """Whether a paragraph in normal form reads like running text: 8 words or more, and an end."""
    return _ends(text) and len(text.split()) >= PROSE_WORDS


def _ends(text: str) -> bool:
    return text[-1:] in _LAST and bool(_SENTENCE_END.search(text[-8:]))


def is_page_line(text: str, needles: Needles = _NEEDLES) -> str:
    """The lexicon rule under which a paragraph goes, "" where it stays.

    A sentence of the article may hold such words between its quotation marks.
    """
    rule = lexicon(text, needles)
    if rule and is_prose(text) and not lexicon(_QUOTED.sub(" ", text), needles):
        return ""
    return rule


# --- units ------------------------------------------------------------------------------------

_YEAR = re.compile(r"\d{4}")
_DIGIT = re.compile(r"\d")
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


def units(source: str) -> list[Unit]:
    """The lines of a decoded source, wrapped paragraphs joined, each with its block's number."""
    blocks: list[list[tuple[int, int, str]]] = []
    behind = 0
    for match in _LINE.finditer(source):
        start, end = match.span()
        line = match[0]
        if line.isspace():
            continue
        # A blank line is an empty stretch between two ends of line, or a line of blanks.
        apart = start - behind > 1 and len(_BREAK.findall(source, behind, start)) > 1
        if apart or not blocks:
            blocks.append([])
        blocks[-1].append((start, end, line))
        behind = end
    found = []
    for number, block in enumerate(blocks):
        wrapped = len(block) > 1 and _wrapped([line for _, _, line in block])
        pieces = [(block[0][0], block[-1][1], "")] if wrapped else block
        alone = len(pieces) == 1
        for start, end, raw in pieces:
            raw = raw or source[start:end]
            text = _plain(raw)
            if len(text) != end - start:
                start += len(raw) - len(raw.lstrip())
                end -= len(raw) - len(raw.rstrip())
            unit = Unit(start, end, text, number, alone, *_shape(text), start, end)
            unit.fate = "" if text else "empty"
            found.append(unit)
    return found


def _fed_back(kept: list[Unit], texts: list[str]) -> tuple[str, list[Unit]]:
    """The text of kept units as one source, and what `units` would find in it."""
    found, start = [], 0
    for number, (unit, text) in enumerate(zip(kept, texts, strict=True)):
        end = start + len(text)
        same = (unit.words, unit.ends, unit.is_sentence, unit.is_prose)
        shape = same if text == unit.text else _shape(text)
        found.append(Unit(start, end, text, number, True, *shape, start, end))
        start = end + len(PARAGRAPH_BREAK)
    return PARAGRAPH_BREAK.join(texts), found


def _shape(text: str) -> tuple[int, bool, bool, bool]:
    """How many words a line has; whether it ends like a sentence, is one, is running text."""
    words, ends = text.count(" ") + 1 if text else 0, _ends(text)
    title = words <= TITLE_WORDS and _capitals(text.split()) > CAPITALS
    prose = words >= (PROSE_WORDS if ends else LONG_LINE) and not title
    return words, ends, ends and words >= 3, prose


def _plain(raw: str) -> str:
    # Most lines hold nothing that normal form would drop or compose.
    if raw.isprintable() and "\u2800" not in raw and unicodedata.is_normalized("NFC", raw):
        raw = raw.strip()
        return " ".join(raw.split()) if "  " in raw else raw
    return normalise(raw)


def _capitals(words: list[str]) -> float:
    """The share of words that do not begin with a small letter."""
    small = len([word for word in words if word[0].islower()])
    return 1 - small / max(len(words), 1)


def _wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a line length."""
    if len(lines) < 2:
        return False
    widths = [len(line) for line in lines]
    inner = [line.rstrip() for line in lines[:-1]]
    return (
        min(widths[:-1]) >= 45
        and max(widths) <= 120
        and max(widths[:-1]) - min(widths[:-1]) <= 20
        and sum(map(_ends, inner)) <= len(inner) / 2
        and _ends(lines[-1].rstrip())
    )


class Hints(NamedTuple):
    """What a source holds of the strings without which no phrase and no credit is.

    `rules` remembers what the lexicon said of a line: a source is read at least twice.
    """

    needles: Needles
    signs: list[str]
    rules: dict[str, str]


def _hints(source: str) -> Hints:
    lower = source.lower()
    return Hints(
        [pair for pair in _NEEDLES if pair[0] in lower],
        [sign for sign in _CREDIT_SIGNS if sign in lower],
        {},
    )


# --- the article among the lines --------------------------------------------------------------

_WEIGHT = {
    "links": -10.0,
    "comments": -10.0,
    "imprint": -25.0,
    "newsletter": -10.0,
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

FEW = 4
"""Words of a paragraph that say nothing yet; each more weighs 1, up to `LONGEST`."""

SHORT = -5.0
SUBHEAD = 12
"""Words at most of a line above a paragraph that is its subhead."""

FIGURES = -1.0
BYLINE_BLOCK = 5
"""Lines at most of a block that is all byline: names, posts, papers."""

ROWS = 4
"""Rows of figures that make a table."""

LONG_PROSE = 20
"""Words from which on a paragraph under the headline belongs to the article in any case."""

LONGEST = 60
"""Words beyond which a paragraph counts no more."""

HEADLINE = 1.25
"""The least score of a headline."""

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
        hints: Hints,
    ) -> None:
        self.source = source
        self.units = lines
        self.hints = hints
        self.blocks: list[list[Unit]] = []
        for unit in self.units:
            if unit.block == len(self.blocks):
                self.blocks.append([])
            self.blocks[-1].append(unit)
        self.repeated = repeated
        self.credit: list[str] = []
        self.authors: list[str] = []
        self.date = self.dateline = ""
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
            if unit.fate or unit.words > CAPTION_WORDS:
                continue
            if _CAPTION_OPENS.match(unit.text):
                unit.role = "caption"
                continue
            # A caption does not end in a full stop behind its credit, prose does.
            hint = unit.words <= 14 or unit.text[-1:] != "." or unit.text[:4].isupper()
            if hint:
                lower = unit.text[-_CREDIT_REACH:].lower()
                hint = any(sign in lower for sign in self.hints.signs)
            if hint and len(unit.text) < 120 and (match := CREDIT_LINE.match(unit.text)):
                unit.fate = "credit"
                self.credit.append(normalise(match["who"]))
                block = self.blocks[unit.block]
                if last and len(block) <= 3 and last.block == unit.block and last.words >= 3:
                    last.role = "" if last.fate else "caption"
            elif hint and unit.words <= 14 and not unit.is_prose and _CREDIT_ONLY.match(unit.text):
                unit.fate = "credit"
            elif (unit.alone and self.split_credit(unit, hint)) or not hint or unit.words < 4:
                continue
            elif _CAPTION.search(unit.text[-_CREDIT_REACH:]):
                unit.role = "caption"

    def split_credit(self, unit: Unit, hint: bool) -> bool:
        """Cut the credit off the end of a caption."""
        raw = self.source[unit.start : unit.end]
        if not 5 <= unit.words <= 70 or not (hint or "  " in raw or "\u00a0" in raw):
            return False
        match = _CREDIT_TAIL.match(raw)
        if not match:
            return False
        caption, credit = (
            normalise(match["caption"]),
            normalise(match["plain"] or match["labelled"]),
        )
        plain = bool(match["plain"])
        if len(caption.split()) < 4 or (
            plain
            and (len(credit.split()) > 6 or re.search(r"[.!?]$", credit) or not _ends(caption))
        ):
            return False
        self.credit.append(split_credit(credit) or credit)
        at = unit.start + (match.start("plain") if plain else match.start("labelled"))
        unit.cuts += ((at, unit.end, "credit"),)
        unit.role, unit.last = "caption", unit.start + match.end("caption")
        return True

    def find_page_lines(self) -> None:
        rules = self.hints.rules
        for unit in self.units:
            if not unit.fate and not unit.role:
                if (rule := rules.get(unit.text)) is None:
                    rule = rules[unit.text] = is_page_line(unit.text, self.hints.needles)
                unit.fate = rule
        for block in self.blocks:
            if not 2 <= len(block) <= _BOX_LINES:
                continue
            page = sum(unit.fate in GUESSES for unit in block)
            if block[0].fate in _BOX or page * 2 > len(block):
                for unit in block:
                    if not unit.fate and not unit.role:
                        unit.fate = "block"

    def find_appeals(self) -> None:
        """From a salutation to the reader through the last line that still speaks to them.

        A button or label that asks for support takes what stands between it and the next one.
        """
        i = 0
        while i < len(self.units):
            unit, last = self.units[i], i
            if unit.fate == "appeal":
                letter = bool(_APPEAL_OPENS.match(unit.text))
                for j, other in enumerate(self.units[i + 1 : i + _APPEAL_REACH], i + 1):
                    speaker = _READER if letter else _WE
                    speaks = speaker.search(_QUOTED.sub(" ", other.text[:_LONGEST_PHRASE]))
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
        raw = self.source[unit.start : unit.end]
        lines = _LINE.findall(raw) if "\n" in raw or "\r" in raw else []
        return (
            min(map(self.repeated, map(normalise, lines)), default=0)
            if len(lines) > 1
            else (self.repeated(unit.text))
        )

    def weight(self, unit: Unit) -> float:
        if unit.fate:
            return _WEIGHT.get(unit.fate, SHORT)
        if unit.role:
            return -1.0
        if unit.text.endswith(("...", "…")) and unit.words < 30:
            return SHORT
        if unit.is_prose:
            return min(unit.words, LONGEST) - FEW
        if unit.is_sentence:
            return 0.5
        if unit.words >= 25:
            return (unit.words - FEW) / 2
        return FIGURES if self.is_figures(unit) else SHORT

    def is_figures(self, unit: Unit) -> bool:
        """Whether it is a row of a table or an item of a list with a number in it."""
        return 3 <= unit.words <= TITLE_WORDS and bool(
            _DIGIT.search(unit.text) and not self.is_front(unit)
        )

    def find_segment(self) -> None:
        """The stretch of units with the greatest sum of weights: where the article stands."""
        best = total = 0.0
        start = 0
        for i, unit in enumerate(self.units):
            if total <= 0:
                total, start = 0.0, i
            total += self.weight(unit)
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
            if unit.is_prose and unit.words >= LONG_PROSE:
                self.last = i
        # A table or a list of figures may end an article, under lines that name it.
        rows: list[Unit] = []
        for unit, below in zip_longest(self.units[self.last + 1 :], self.units[self.last + 2 :]):
            names_rows = unit.words <= PROSE_WORDS and below and self.is_figures(below)
            if unit.fate or not (self.is_figures(unit) or names_rows):
                break
            rows.append(unit)
        if len(rows) >= ROWS:
            self.rows = set(rows)
            self.last += len(rows)

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
            vocabulary.update(_words(unit.text[:400]))
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
            if DATE_LINE.match(unit.text) or _BYLINE.match(unit.text):
                continue
            if unit.is_prose and unit.text.endswith("."):
                continue
            if i > text and not any(map(self.is_front, self.units[i + 1 : i + 4])):
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
        unit = self.units[i]
        own = _words(unit.text)
        shared = len(own & vocabulary)
        score = 3.0 * shared / max(len(own), 3) + min(shared, 3) * 0.5
        score += 1.0 if 4 <= unit.words <= 22 else 0.0
        beside = self.units[max(0, i - 2) : i] + self.units[i + 1 : i + 3]
        score += 0.5 if any(other.text == unit.text for other in beside) else 0.0
        score -= 2.5 if unit.text.endswith((".", ":", "...", "…")) and unit.words >= 3 else 0.0
        # Nothing but it before the text; or text before it.
        score += 2.0 if unit.alone and i == 0 < text <= 3 else 0.0
        score -= 3.0 if i >= text else 0.0
        score -= 1.0 if id(unit) in self.held else 0.0
        score -= 0.08 * max(0, text - i)
        score += 0.5 if unit.alone else 0.0
        behind = self.units[i + 1 : i + 7]
        near = next((n for n, u in enumerate(behind) if self.is_front(u)), 9)
        return score + (1.5 if near <= 2 else 0.75 if near < 9 else 0.0)

    @staticmethod
    def is_front(unit: Unit) -> bool:
        """Whether it is a byline or a line that gives a date."""
        if unit.front is None:
            unit.front = unit.words <= 25 and bool(
                _BYLINE_LABEL.match(unit.text)
                or (_BYLINE.match(unit.text) and not unit.is_prose)
                or _date_of(unit.text)
            )
        return unit.front

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
            front = [i for i in range(text + 1, min(reach, text + 8)) if self.is_front(units[i])]
            if (
                front
                and units[text].words <= LONGEST
                and not any(self.is_front(u) for u in units[start:text])
            ):
                units[text].role = "deck"
                text = prose[1] if len(prose) > 1 else front[-1] + 1
        else:
            rest = range(text, self.last + 1)
            text = next((i for i in rest if not self.is_front(units[i])), self.last + 1)
        self.text = text
        i = self.head + 1 if self.head >= 0 else max(0, text - 6)
        byline = False
        while i < text:
            unit = units[i]
            if unit.role and unit.role != "caption":
                pass
            elif _BYLINE_LABEL.match(unit.text) and i + 1 < text and not self.authors:
                unit.fate = units[i + 1].fate = "byline"
                self.authors = _people(units[i + 1].text)
                byline = True
                i += 1
            elif (match := _BYLINE.match(unit.text)) and unit.words <= 25 and not unit.is_prose:
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
            elif first and _is_deck(unit):
                unit.role, first = "deck", False
            else:
                unit.fate = "before-body"

    def is_author(self, unit: Unit) -> bool:
        """Whether it says who the author is, by name or by the first name alone."""
        if _AUTHOR.match(unit.text):
            return True
        name, _, rest = unit.text[:_LONGEST_LINE].partition(" ")
        return bool(
            rest.startswith(("is ", "was ", "has ", "covers ", "writes "))
            and _WRITER_WORD.search(rest)
            and any(name in author.split() for author in self.authors)
        )

    def is_text(self, unit: Unit) -> bool:
        return (
            unit.is_prose
            and not unit.fate
            and not unit.role
            and not _AUTHOR.match(unit.text)
            and not self.is_front(unit)
        )

    def take_date(self, unit: Unit) -> bool:
        """Whether a unit is a date line; a day of publication in it is kept."""
        if unit.words > 25:
            return False
        if match := DATE_LINE.match(unit.text):
            if (match["label"] or "").lower() not in ("updated", "last updated"):
                self.date = self.date or iso_date(match)
                self.dateline = self.dateline or ("" if match["label"] else unit.text)
            return True
        kind, day = _date_of(unit.text) or ("", "")
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
            if (
                unit.text == head
                or (unit.text in told and (unit.is_prose or link))
                or (self.copies[unit.text] > 2 and not unit.ends)
            ):
                unit.fate = "again"
            elif not unit.ends and unit.words >= 4 and label and not unit.alone:
                unit.fate = "links"
            else:
                label = False
                told.add(unit.text)
                unit.role = "body"
        kept = [unit for unit in inside if unit.role == "body"]
        for unit, below in pairwise(kept):
            if not unit.is_sentence and unit.words <= SUBHEAD and below.is_sentence:
                unit.role = "subhead"
        # Behind the last sentence of the article come notes, authors and what is no sentence.
        while len(kept) > 1 and not self.clean:
            unit = kept[-1]
            if unit.is_sentence and self.is_author(unit):
                unit.fate = "author"
            elif _NOTE.search(unit.text[:400]) and unit.words <= 60:
                unit.fate = "control"
            elif not unit.is_sentence and unit.words < 25 and unit not in self.rows:
                unit.fate = "behind-text"
            else:
                break
            unit.role = ""
            kept.pop()
        behind = inside.index(kept[-1]) + 1 if kept else 0
        for unit in inside[behind:]:
            if unit.role == "caption":
                unit.role, unit.fate = "", "behind-text"

    def find_dateline(self) -> None:
        unit = next((u for u in self.units if u.role == "body" and not u.fate), None)
        if unit is None:
            return
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
        source, lines = _fed_back(kept, texts)
        again = _Reading(source, lines, headline, self.repeated, self.hints)
        again.run()
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
        for at in (guess, *range(1, min(end - start, _LONGEST_LINE))):
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
    return unit.words >= 5 and _capitals(unit.text.split()) <= 0.5


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def _people(byline: str) -> list[str]:
    """The people of a byline, without their address, paper or the day."""
    match = DATE.search(byline)
    byline = _PROFILE.sub("", byline[: match.start()] if match else byline)
    return names(_BYLINE_END.sub("", byline, count=1))


def _date_of(text: str) -> tuple[str, str] | None:
    """`(first, day or updated; YYYY-MM-DD)` of a line that gives a date and little else."""
    if len(text) > 200 or not _YEAR.search(text) or not DATE.search(text):
        return None
    rest = _DATE_WORDS.sub(" ", DATE.sub(" ", text))
    if len(re.findall(r"[^\W\d_]{3,}", rest)) > 3 and not _BYLINE.match(text):
        return None
    found = ""
    for match in DATE.finditer(text):
        before = text[: match.start()][-30:]
        day = iso_date(match)
        if not day:
            continue
        labels = [
            (m.start(), kind)
            for kind, p in (("updated", _UPDATED), ("first", _PUBLISHED))
            for m in p.finditer(before)
        ]
        kind = max(labels)[1] if labels else "day"
        if kind != "updated":
            return kind, day
        found = day
    return ("updated", found) if found else None


def read(source: str, headline: str = "", repeated: Callable[[str], int] = lambda _: 0) -> Parts:
    """The article in a decoded text source; `headline` where somebody states it (a table's row).

    `repeated` says how many other articles of the publisher hold a line in normal form. Total:
    any text yields parts, in the worst case without a body and flagged for review.
    """
    if sum(map(source.count, "\n\r\u2028\u2029")) > MOST_LINES:
        cut = Removed(start=0, end=len(source), reason=REASONS["lines"], rule="lines")
        return Parts([], [cut], [], "", [], "", ["no-body"])
    reading = _Reading(source, units(source), headline, repeated, _hints(source))
    reading.run()
    reading.settle()
    return reading.parts()
