"""Captions and credits: how they look, and a caption parted from its credit."""

from __future__ import annotations

import re

from onrecord.articles.sentences import capitals
from onrecord.text import later, normalise

CREDIT_LABEL = (
    # One of these begins it: the names need not be tried one by one.
    r"(?=[picgfb])(?:photos?|pictures?|pics?|images?|cr[eé]dits?(?: photos?)?|photograph(?:er)?s?"
    r"|illustrations?|graphics?|foto(?:s|grafie|graf[ií]a)?|bild(?:er)?)"
)
LABEL_ALONE = re.compile(rf"{CREDIT_LABEL}\s*:", re.I)
CREDIT_LINE = re.compile(
    rf"^\(?(?:file )?{CREDIT_LABEL}(?: (?:by|courtesy of)|\s*[:/])\s*(?P<who>[^)]{{2,80}})\)?$",
    re.I,
)
# What a page sets behind a caption for those who want the picture.
_PICTURE = r"(?:picture|photo|image)s?"
_BUTTON = (
    rf"(?:(?:licen[cs]e|buy|order|purchase|enlarge|view|download) (?:this|the) {_PICTURE}"
    r"|(?:buy|purchase) licen[cs]ing rights?)"
)
_NAME = r"[^\W\d_a-z][\w.&'’-]*"
_NAMES = rf"{_NAME}(?: {_NAME}){{0,3}}"
CREDIT_TAIL = later(
    # One of these begins it: no other place need be tried.
    r"^(?P<caption>.*\S)(?=[\s(]|(?i:[picgfb]))(?:[\s\u00a0]{2,}(?P<plain>\S.{1,70})"
    rf"|\s*(?P<labelled>\((?i:(?:file )?{CREDIT_LABEL})\s*[:/][^)]{{2,80}}\)"
    rf"|(?<!\()\b(?i:(?:file )?{CREDIT_LABEL}):\s*(?:[^.]|(?<=\b[A-Z])\.){{2,70}}?"
    r"|(?:(?<=[.!?)\]\"”’|–—-]\s)|(?<=\s)(?=© ?[^\W\d_]))©\s*[^.©]{2,60}?"
    rf"|(?<=[.!?)\]\"”’]\s){_NAMES}/{_NAMES}))"
    rf"(?:\s+(?i:{_BUTTON}))?\s*$",
    re.S,
)
"""A caption with its credit behind it: a label, a copyright sign, or `Agency/Name`."""

BEFORE_CREDIT = " /|·∙–—-"
"""What may part a caption from its credit."""

_PLACE = r"\d{1,3} ?(?:of|/) ?\d{1,3}"
_COUNTED = r"(?:item|image|photo|picture|slide)"
COUNTER = re.compile(rf"\W*(?:{_COUNTED} )?{_PLACE}\W*$", re.I)
"""A line that says which picture of how many is shown: `1 of 6`, `[1/3]`, `Image 2 of 9 |`."""

COUNTED = re.compile(
    rf"(?:(?i:{_COUNTED}) {_PLACE}|\[{_PLACE}\]|{_PLACE} ?\|)[\s:.|–—-]*(?=[^\W\d_]|[\"'“‘])"
)
"""The same before a caption, on its line."""

CREDITED_TO = later(rf"{_NAMES}(?:(?:, ?| ?/ ?| ?\| ?){_NAMES}){{0,2}}$")
"""A line of nothing but names: the photographer, and the paper or agency."""

CAPTION_NAMES = re.compile(
    r"[.!?](?:(?<=[a-z]{3}.)|(?<=[\d)].)|(?<=-[A-Z].))[\"”’]?"
    r"(?P<credit> (?:(?:Courtesy|Photo)(?: of| by)? )?"
    r"(?P<who>(?:[A-Z@][\w@.’'-]*(?: ?[/|] ?| |$)){1,4}))$"
)
"""A sentence and, behind it, a name without an end."""

LEAST_SAID = 4
"""Words at least of a caption with a name behind it."""

PICTURE_BUTTON = later(rf"\s*\b{_BUTTON}\W*$", re.I)

_AGENCY = (
    r"(?:getty|images?|photos?|pictures?|shutterstock|istock|unsplash|pexels|pixabay|handout|pool)"
)
# A line that only credits somebody, and one that ends by it.
CREDIT_ONLY = re.compile(
    rf"^\W?(?:photo(?:graph(?:y|ed)?)?|picture|image|video|illustration|screenshot|graphic)s?"
    rf"(?: (?:credits?|illustration|by|via|courtesy))*\s*(?:[:/]|by|via)\s*\S.{{0,80}}\W?$"
    rf"|^(?:credits?|courtesy(?: of)?)\b\s*:?\s*\S.{{0,60}}$"
    rf"|^[^.]{{2,50}}(?:/|\bvia\b|\||\bby\b) ?(?:[A-Z]\w+ )?{_AGENCY}\b.{{0,30}}$"
    rf"|^\(c\) .{{2,40}}$"
    # A photographer and the agency or house: `(Ada Bell/Holm Wire)`, `Ada Bell / HWA`.
    r"|^(?-i:\([A-Z][^()/]{2,40}/ ?[A-Z][^()/]{1,40}\)"
    r"|(?:[A-Z](?:\.|[\w’'-]+) ){1,3}[A-Z][\w’'-]+ ?/ ?[A-Z][\w.&’'-]*(?: [A-Z][\w.&’'-]*){0,3})$",
    re.I,
)
CAPTION_OPENS = re.compile(
    r"FILE [-–—] |(?i:(?:submitted |file )?photo(?:graph)?s? by (?:\S+ ){5})"
    r"|(?:SUBMITTED|FILE|COURTESY|HANDOUT) (?:PHOTO|PICTURE|IMAGE)\b"
    # The photographer and the paper, and on the same line what is to be seen.
    r"|(?:[A-Z][\w.’'-]+ ){1,3}/ (?:[A-Z][\w.’'-]+ ){3}"
)
CREDIT_SIGNS: tuple[str, ...] = (
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
CREDIT_SIGNS += ("courtesy", "getty", "stock", "unsplash", "pexels", "pixabay", "handout", "video")
CREDIT_SIGNS += ("pool", "screenshot", "©", "pic:", "pics:", "photographer")
CREDIT_REACH = 140
"""Code points at the end of a caption in which its credit stands."""

CAPTION_WORDS = 120
CAPTION_LEAST = 5
"""Words at least of a caption that is told by a label or by a name behind it."""

CREDIT_WORDS = 14
"""Words at most of a line that is all credit."""

SMALL_SHARE = 0.5
"""With a lesser share of capital letters, what stands behind a label is no name."""

_LABEL = re.compile(r"\W?(?:photo(?:graph)?|picture|image|caption)s?(?: caption)?: ?", re.I)
LABEL_REACH = 18
"""Code points at the beginning of a caption in which its label ends."""

_CREDITED = re.compile(
    # One of these begins it: no other place need be tried.
    r"(?=[(.!?)\]\"”’ /bv])(?:"
    rf"\((?:(?=[A-Z@])[^()]{{2,60}}/[^()]{{2,60}}|[^()]{{0,50}}\b(?:via|courtesy|{_AGENCY})\b[^()]{{0,50}})\)$"
    rf"|[.!?)\]\"”’ ](?i:{CREDIT_LABEL}|photo illustration)(?: by|:) ?[^.:]{{2,60}}$"
    rf"|(?:/|\bvia |\bby )(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY})\b.{{0,40}}$"
    rf"|[.!?] ?(?:[A-Z][\w. ]{{1,30}} ?/ ?[A-Z][\w ]{{2,30}}|(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY}))$)"
)
_SIGN = r" ?© ?(?!\d|(?i:copyright|all rights))[^\W\d_]"
_NO_FIRM = r"(?<!Ltd)(?<!Limited)(?<!Inc)(?<!LLC)(?<!GmbH)$"
_COPYRIGHT = re.compile(rf"(?:\S+ ){{4}}\S+{_SIGN}[^©.]{{1,50}}{_NO_FIRM}")
_OWNED = re.compile(rf"\S{_SIGN}[^©]{{1,50}}{_NO_FIRM}")
# Who is who in a picture, where nobody is thanked for it.
CAPTION_SIDES = re.compile(
    r"(?:, |\()(?:(?:second|third|far|top|bottom) (?:from )?)?(?:left|right|cent(?:er|re))(?:,|\))"
    r"|\b[Ff]rom (?:the |top |bottom )?(?:left|right)(?: to (?:left|right))?[,:]|\bleft to right\b"
)
CAPTION_MOST = 45
"""Words at most of a caption that says who stands where."""


def may_be_credited(text: str, words: int) -> bool:
    """Whether a paragraph can be a caption with its credit: that does not end in a full stop."""
    return words <= CREDIT_WORDS or text[-1:] != "." or text[:4].isupper()


def has_credit_sign(text: str) -> bool:
    """Whether it holds one of the words and signs without which no credit is."""
    return any(map(text.lower().__contains__, CREDIT_SIGNS))


def is_description(text: str) -> bool:
    """Whether a label is followed by what is to be seen and not by whom to thank.

    A sentence, or words of which most begin with a small letter.
    """
    if ":" not in text[:LABEL_REACH]:
        return False
    match = _LABEL.match(text)
    words = text[match.end() :].split() if match else []
    return len(words) >= CAPTION_LEAST and (
        text.endswith((".", "!", "?")) or capitals(words) <= SMALL_SHARE
    )


def ends_with_credit(tail: str) -> bool:
    """Whether the end of a caption is a credit."""
    return bool(_CREDITED.search(tail) or ("©" in tail and _COPYRIGHT.search(tail)))


def is_copyright(text: str) -> bool:
    """Whether it says at its end whose a picture is: the line of a page opens with the sign."""
    return bool(_OWNED.search(text[-CREDIT_REACH:]))


def is_caption(text: str) -> bool:
    """Whether a paragraph of a page is a caption: by how it opens or the credit at its end."""
    words = text.count(" ") + 1
    if words > CAPTION_WORDS:
        return False
    if CAPTION_OPENS.match(text) or is_description(text):
        return True
    return (
        words >= CAPTION_LEAST
        and may_be_credited(text, words)
        and ends_with_credit(text[-CREDIT_REACH:])
    )


def split_name(caption: str) -> re.Match[str] | None:
    """The `credit` of a caption that has nothing but a name, `who`, behind its last sentence."""
    named = CAPTION_NAMES.search(caption)
    if not named or named["who"][-1] == "." or re.search(r"\.\.|\d", named["who"]):
        return None
    return named if caption.count(" ", 0, named.start("credit")) >= LEAST_SAID - 1 else None


def without_place(caption: str) -> str:
    """A caption without the place of its picture among others."""
    match = COUNTED.match(caption)
    return caption[match.end() :] if match else caption


def split_caption(text: str) -> tuple[str, str]:
    """`(caption, credit)` of a caption in normal form that may end with its credit."""
    text = without_place(text)
    match = CREDIT_TAIL().match(text)
    if not match or not match["labelled"]:
        text = PICTURE_BUTTON().sub("", text)
        named = split_name(text)
        return (text[: named.start("credit")], named["who"]) if named else (text, "")
    # Before the credit may stand a dash or stroke, or a label again and no caption.
    caption = match["caption"].rstrip(BEFORE_CREDIT)
    said = re.search(r"\w{3}", caption) and not re.fullmatch(CREDIT_LABEL, caption, re.I)
    credit = split_credit(match["labelled"]) or match["labelled"]
    return (caption if said else ""), credit


def split_credit(line: str) -> str:
    """Who a line with a label ("Photo: …", "© …") credits, "" where it has none."""
    if line.startswith("©"):
        return line[1:].strip()
    match = CREDIT_LINE.match(line)
    return normalise(match["who"]) if match else ""
