"""Bylines and notes on authors: who wrote it, by the looks of a line."""

from __future__ import annotations

import re

from onrecord.text import normalise

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĄĆČĐĘĞİŁŃŚŞŠŹŻŽΆ-ΏΑ-ΩЁА-ЯІЇЄҐ]"
_NAMED = (
    rf"{_CAPITAL}[\w.’'-]+(?: (?:(?:de|del|da|di|van|von|der|den) )?{_CAPITAL}[\w.’'-]+){{1,3}}"
)
BYLINE = re.compile(
    r"^(?:(?:(?:words|written|story|photos? and story|reporting)\s+)?by(?:\s+|:\s*|line:\s*)"
    # `Words Ada Bell Photography Cy Dow 3 May 2025`
    r"|(?-i:Words:? (?=(?:[A-Z][\w.'’-]+ ){2,4}(?:and |& |Photo|Pict|Image|Illus|\d|$)))"
    # The same in other languages, where all behind it are names.
    rf"|(?-i:(?:[Vv]on|[Pp](?:ar|or)|[Dd](?:i|oor)|[Aa][vf]|Oleh"
    rf"|(?:Autor(?:in|a|e)?|Auteur|Автор|Penulis|Yaza[nr]|Haber|Συντάκτης|Γράφει) ?:)"
    rf" (?={_NAMED}(?:(?:, | und | et | y | e | en | och | og | и ){_NAMED}){{0,2}}$)))"
    r"(?P<who>\S.{2,120})$",
    re.I,
)
BYLINE_OPENS = "abdprsvwABDHOPRSVWYАΓΣ"
"""The letters with which a byline and its label can begin."""

BYLINE_LABEL = re.compile(r"^(?:(?:written )?by|authors?)\s*:?$", re.I)
BYLINE_END = re.compile(
    r"\s*(?:(?-i:\b(?:Photo(?:graph)?(?:s|y)?|Pictures?|Images?|Illustrations?)\b)|[|•·–—]|\(|\S+@\S+|@\w|\bpublished\b|\bupdated\b|\bposted\b|\d|\bfor\b"
    r"|\bin\b(?= [A-Z])).*$",
    re.I,
)
PROFILE = re.compile(r"^.{0,30}\b(?:links?|profile|posts?|articles?) (?:for|of|by) ", re.I)
_WRITER = (
    r"\b(?:reporters?|writers?|editors?|authors?|journalists?|correspondents?|columnists?|contribut\w+"
    r"|fellow|analyst|critic|blogger|producer|specialist|expert|covers|covering|writes|writing)\b"
)
WRITER_WORD = re.compile(_WRITER)
AUTHOR = re.compile(
    r"^(?!(?:The|A|An|In|But|And|It|This) )"
    r"(?:[A-Z][\w.’'-]+,? (?:(?:de|di|da|del|van|von|der|den|la|le|al|bin) ){0,2}){2,5}"
    rf"(?:(?:is|was|has been|works|joined|holds)\b[^.]{{0,160}}{_WRITER}|writes|covers|edits)\b"
    r"|^[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]+ )?specializes in\b"
    rf"|^(?:He|She|They) (?:is|was|has|covers|writes|previously)\b[^.]{{0,100}}{_WRITER}"
)
# A biography: somebody by name, in the present, and what they do.
NOBODY = re.compile(
    r"^(?!(?:What|Th\w+|It|He|She|We|Here|An?|One|Wh\w+|How|If|And|But|So|My|Our|His|Her|Its|All"
    r"|Another|Every\w*|No\w*|Some\w*|Today|Now|Then|Also|In|On|At|For|To|Of|Not)\b)"
    r"(?P<name>[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,3}),? is (?:an?|the|(?![a-z]+ing )[a-z]+) "
    r"[^.]{0,160}?"
    r"\b(?:founders?|professor|lecturer|researcher|scientist|student|teacher|coach|consultant"
    r"|lawyer|attorney|physician|therapist|entrepreneur|director|president|chief|officer|manager"
    r"|partner|owner|host|member|fellow|based in|lives in|graduate|reporters?|writer|editor|author"
    r"|journalist|correspondent|columnist|contribut\w+|analyst|critic|blogger|producer|expert"
    r"|specialist|designer|artist|photographer|strategist|advis[eo]r|leader|company|firm|agency)\b"
)
_POST = r"(?:editor|writer|reporter|correspondent|columnist|critic)"
POST = re.compile(
    r",? (?:(?:senior|staff|managing|deputy|chief|political|features?|news|associate) )*"
    rf"{_POST}(?: in chief)?$",
    re.I,
)
# A name and what its bearer writes about: `Ada Bell Council reporter`, `Ada Bell, Arts Editor`.
_BEAT = re.compile(
    rf"^(?P<who>\S+ \S.*?)(?: [A-Z][\w-]*(?: [a-z][a-z-]*)* {_POST}"
    rf"|, [A-Z][\w-]*(?: [\w-]+)* (?i:{_POST}))$"
)
# What somebody does, and no name before it: `Crime reporter`, `Health and care correspondent`.
_POST_ALONE = re.compile(rf"(?i:the )?[^\s,]+(?: [a-z][a-z-]*)* (?i:{_POST})(?: (?i:in chief))?$")
_PART = r"(?:[A-ZÀ-Þ]\.?|[A-ZÀ-Þ][\w’'-]*[a-zß-ÿ]\.?|de|del|van|von|der|den|al|bin|la|le|da|di|du)"
_NAME = rf"[A-ZÀ-Þ](?:\.|[\w.’'-]*[a-zß-ÿ.]|[A-Z])(?: {_PART}){{0,2}} [A-ZÀ-Þ][\w’'-]*[a-zß-ÿ]"
# A line that is all names: a byline that does not say so.
NAMES = re.compile(
    rf"(?:By)?(?P<who>{_NAME}(?:(?:, | and | & |, and ){_NAME}){{0,3}}?)"
    r"(?: in [A-Z][\w ]+)?$"
)
NO_NAME = re.compile(
    r"\b(?:news|sports?|staff|world|politics|business|opinion|editorial|team|desk|press|media"
    r"|photos?|video|culture|lifestyle|health|science|travel|tech|money|life|style|local|national"
    r"|daily|times|post|city|county|university|read|more|latest|updated?|published|shares?|the"
    r"|your|our|copy|links?|leave|comments?|shop|look|buy|view|show|sign|log|subscribe|follow|save"
    r"|home|menu|search|top|best|new|guide|reviews?|getty|images|associated"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|(?-i:[a-z]{3}[A-Z])",
    re.I,
)


_PARTICLE = re.compile(
    r"(?:a[flv]|bin|d[aeiou]?|das|dell?a?|de[nr]|dos|el?|ibn|l[ae]?|te[nr]|van|von|y|zu)(?:['’-]\w+)?"
)
_NO_PERSON = re.compile(
    r"\b(?:about|archive|author|bio(?:graphy)?|contributor|editorial|feed|follow(?:ing)?|full|get"
    r"|getty|guidelines|images|learn|loading|more|name|policy|process|profile|published|read|rss|see"
    r"|share|sign|subscribe|view)\b|\.\w\w|[^\w\s.'’&()-]",
    re.I,
)
MAX_NAMES = 6
"""Words: a longer line is no name."""


def is_name(line: str) -> bool:
    """Whether a line may be somebody's name, or an agency's, and is not what a reader presses."""
    words = line.split()
    if len(words) < 2:
        return not line.islower() and (line.isupper() or line.lower() == line.upper())
    cased = all(not word[0].islower() or _PARTICLE.fullmatch(word) for word in words)
    return cased and len(words) <= MAX_NAMES and not _NO_PERSON.search(line)


def is_alone(line: str) -> bool:
    """Whether a line is one whole name and nothing else."""
    match = NAMES.match(line)
    named = bool(match) and match["who"] == line and line[:3] != "By "
    return named and not NO_NAME.search(line) and not WRITER_WORD.search(line.lower())


def without_post(byline: str) -> str:
    """The line without what the person it names does for the paper."""
    match = _BEAT.match(byline)
    return match["who"] if match else POST.sub("", byline)


def is_post(line: str) -> bool:
    """Whether a line says what somebody does for the paper, and not who."""
    return bool(_POST_ALONE.match(line))


def names(byline: str) -> list[str]:
    """The people of a byline: `A and B`, `A, B and C`; what follows a lone comma is their paper."""
    byline = re.sub(r" (?:und|et|och|og|и) (?=[^\W\d_a-z])", " and ", normalise(byline))
    if re.search(r",.*\b(?:and|&)\b", byline):
        parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", byline)
    else:
        parts = [part.split(",")[0] for part in re.split(r"\s+(?:and|&)\s+", byline)]
    return [part.strip() for part in parts if part.strip()]
