"""Sources that hold no article: what is left of them is what the house says to its reader.

An appeal, a paywall, a cookie notice, a page that is gone, a gate against robots. Such a source is
set aside. So that no short article is lost, every sentence must be of that kind, outside quotation
marks.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from onrecord.articles import appeals, lexicon, page_lines, sentences
from onrecord.text import later

MOST_WORDS = 400
"""Words: what says more than this is looked at by a person, whatever it says."""

SHORTEST = sentences.PROSE_WORDS
"""Words from which on a line without an end says something."""

NOTICE_WORDS = 60
"""Words at most of a notice: a story may stand in one paragraph with what is around it."""

COURTESY = 25
"""Words at most of a thank-you to the reader."""

MANY = 3
"""Lines that ask, kept or cut, of an appeal of which something else is left."""

PLAINLY = 2
"""So many different words for what a house lives on make a paragraph an appeal."""

_RULES = {"account", "appeal", "cookies", "newsletter", "imprint"}
_YOU = re.compile(r"\b(?:you|your|yours)\b", re.I)
_LIVES_ON = re.compile(
    r"\b(support|donat|contribut|subscri|journalis|independen|paywall|newsroom|reader|member|fund"
    r"|rely|depend|reporter|our (?:work|staff|team))",
    re.I,
)
_NOTICES = [
    (tuple(needles.split("|")), later(pattern, re.I))
    for needles, pattern in (
        # A paywall, a login.
        ("r only|rs only", r"\b(?:for|to) (?:our )?(?:subscribers?|members?) only\b"),
        ("keep reading|continue reading", r"\bto (?:continue|keep) reading\b"),
        ("password", r"\bforg(?:ot|otten|et) (?:your )?password\b"),
        # A page that is gone.
        (
            "page you|article you|page that you|article that you",
            r"\bthe (?:page|article) (?:that )?you\b.{0,80}\b(?:found|available|exists?|moved)\b",
        ),
        (
            "find th|find your |locate th|locate your ",
            r"\b(?:can(?:['’]t|not)|could(?:n['’]t| not)|unable to) (?:find|locate)"
            r" (?:the|that|this|your) (?:page|article)\b",
        ),
        ("nothing ", r"\bnothing (?:was|could be) found (?:here|at this)\b"),
        ("search", r"\b(?:try|use) (?:a|the|our) search\b|\btry searching\b"),
        ("back to the home|back to our home", r"\bback to (?:the|our) home ?page\b"),
        # A gate against robots, or countries.
        ("you are ", r"\byou are (?:a )?human\b"),
        ("not a bot|not a robot", r"\bnot a (?:ro)?bot\b"),
        ("automation tools", r"\bautomation tools\b"),
        (
            "javascript",
            r"\b(?:enable|disabled?) javascript\b"
            r"|\bjavascript is (?:disabled|required|blocked)\b",
        ),
        ("permission to access", r"\bpermission to access\b.{0,120}\bon this server\b"),
        ("of your connection", r"\bthe security of your connection\b"),
        ("connection is secure", r"\bif (?:your|the site) connection is secure\b"),
        ("your browser ", r"\byour browser (?:supports|does not support)\b"),
        ("from a country", r"\baccess this (?:web)?site from a country\b"),
        ("access cannot be", r"\baccess cannot be granted\b"),
        # A cookie notice.
        ("partners", r"\bwe and our (?:\d+ )?(?:\w+ )?partners\b"),
        (
            "your choice|your preferences|your consent",
            r"\b(?:manage|change) your (?:choices?|preferences|consent)\b"
            r"|\byour (?:choices?|preferences|consent) will (?:only )?apply\b",
        ),
        # Whom to ask.
        (
            "for any issue|is an error|is a mistake",
            r"^(?:for any issues?"
            r"|if you (?:think|believe) (?:this|that) is (?:an error|a mistake)),",
        ),
    )
]
"""Words without which a text is no such notice, and what then says so: to search for all takes
long."""

_GONE = later(
    r"(?:(?:oops|whoops|sorry|uh[ -]?oh)\W+)?"
    r"(?:(?:error\W*404|404\W+(?:error|(?:page )?not found))(?:\W+(?:page )?not found)?"
    r"|page not found"
    r"|(?:that|this|the) page (?:can(?:['’]t|not) be|could not be|was not|is not) found"
    r"|403 forbidden|50[0234] (?:service (?:temporarily )?unavailable|bad gateway"
    r"|gateway time-?out|internal server error)|451\W+unavailable (?:due to|for) legal reasons)\W*",
    re.I,
)
"""The headline of what a server shows instead of a page, whatever it offers below."""

_GATE = re.compile(
    r"(?:404|access denied|just a moment|are you (?:a robot|human)|attention required)\W*", re.I
)
"""The headline of a gate, or of a short story: with more words below it is taken for the story."""


def is_notice(body: list[str], removed: Collection[str], signed: bool, headline: str = "") -> bool:
    """Whether the paragraphs of a body are all notices of the house, or the headline says so.

    `removed` are the rules of what was cut. Where most of an appeal was cut and nobody signs, what
    is left of it is one too: what has befallen the house, or its thanks.
    """
    words = 0
    for text in body:
        words += text.count(" ") + 1
        if words > MOST_WORDS:
            return False
    if not signed and (
        _GONE().fullmatch(headline) or (words <= NOTICE_WORDS and _GATE.fullmatch(headline))
    ):
        return True
    said = [text for text in body if sentences.ends_sentence(text) or text.count(" ") >= SHORTEST]
    if not said:
        # A word of the menu may be all that is left.
        return words < sentences.PROSE_WORDS and not lexicon.GUESSES.isdisjoint(removed)
    other = 0
    for text in said:
        if not _is_plain(text):
            if signed or not _is_rest(text):
                return False
            other += 1
    asked = len(said) - other + sum(rule == "appeal" for rule in removed)
    return not other or asked >= max(MANY, other + 1)


def _is_rest(text: str) -> bool:
    own = sentences.QUOTED.sub(" ", text)
    short = len(text.split()) <= COURTESY and _YOU.search(own)
    return bool(short or (appeals.WE.search(own) and _LIVES_ON.search(own)))


def _is_plain(text: str) -> bool:
    own = sentences.QUOTED.sub(" ", text[: lexicon.LONGEST_PHRASE])
    if text.count(" ") < NOTICE_WORDS and _says_notice(own):
        return True
    if page_lines.rule_of(own.strip()) in _RULES:
        return True
    if not (_YOU.search(own) and appeals.WE.search(own)):
        return False
    return len({stem.lower() for stem in _LIVES_ON.findall(own)}) >= PLAINLY


def _says_notice(text: str) -> bool:
    lower = text.lower()
    return any(
        any(map(lower.__contains__, needles)) and pattern().search(text)
        for needles, pattern in _NOTICES
    )
