"""The elements of a page: parsed within bounds, what they say, and where a text stands in markup.

How much of that is running text, and how an element is set, is told here for all that read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml.etree import XPath

from onrecord.articles import sentences
from onrecord.text import normalise

MAX_MARKUP = 16_000_000
"""Code points: a longer page is a data dump."""

MAX_ELEMENTS = 100_000
"""Elements of a page: trafilatura's time grows with their square, ten seconds for as many."""

MAX_ATTRIBUTES = 10_000
"""Attributes of an element: libxml2's time grows with their square."""

LONG_TAG = 2 * MAX_ATTRIBUTES
"""Code points of a tag from which on its attributes are counted."""

MAX_LINE = 400
"""Code points: a longer paragraph is no line of the page around the story."""

MAX_LOOKED = 500_000_000
"""Code points looked through for the places of what was cut; the rest of it has no place."""

MOST_PLACES = 50
"""Places in the markup that are looked at for a text that was cut."""

RUNNING = 80
"""Code points: a longer `p` is running text."""

HEADINGS = ("h2", "h3", "h4")
"""The headings within a story."""

WORD = re.compile(r"\w+")
_COUNT = XPath("count(.//*)")

# A character reference to a control character stands for nothing.
_CONTROL = re.compile(
    r"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[124-9]|2\d|3[01])(?!\d));?"
)


def parse(markup: str) -> Any:
    """The tree of a page, None for one beyond the bounds or with nothing in it."""
    if len(markup) > MAX_MARKUP:
        return None
    if any(len(tag.split()) > MAX_ATTRIBUTES for tag in _long_tags(markup)):
        return None
    # Half a second, which a run over pasted text need not pay.
    from trafilatura.utils import load_html

    # libxml2 itself stops at 256 levels, so no page is too deep for what follows.
    tree = load_html(_CONTROL.sub("", markup))
    return None if tree is None or _COUNT(tree) > MAX_ELEMENTS else tree


def _long_tags(markup: str) -> Iterator[str]:
    """What stands in tags, and before the first, that is long enough to have its words counted."""
    at = -1
    while True:
        # The last of the tags that begin so near that all before it are short.
        following = markup.rfind("<", at + 1, at + LONG_TAG + 2)
        if following < 0:
            following = markup.find("<", at + 1)
            piece = markup[at + 1 :] if following < 0 else markup[at + 1 : following]
            if len(tag := piece.partition(">")[0]) > LONG_TAG:
                yield tag
            if following < 0:
                return
        at = following


def within_body(tree: Any, *tags: str) -> Iterator[Any]:
    """The elements of these names in the body of a page, in page order.

    An XPath that asks each of all elements for its name takes several times as long, and so does a
    search of the whole page for its body.
    """
    for body in [body for child in tree for body in _bodies(child)]:
        yield from body.iter(*tags)


def _bodies(node: Any) -> list[Any]:
    """The bodies in a child of a page's root, which stand in no other: mostly the child itself."""
    if node.tag == "body":
        return [node]
    return [each for each in node.iter("body") if next(each.iterancestors("body"), None) is None]


def text(node: Any) -> str:
    """All that an element says, in normal form."""
    return normalise(node.text_content())


_PIECES = ("span", "div", "p", "li", "time")


def _follows(node: Any) -> bool:
    """Whether an element stands right behind another of its kind, without so much as a blank."""
    before = node.getprevious()
    return before is not None and before.tag in _PIECES and not before.tail


def text_lines(node: Any) -> list[str]:
    """The text of an element, broken where its markup breaks it."""
    lines = [""]
    for part in node.iter():
        if part.tag == "br" or (
            part.tag in _PIECES and lines[-1][-1:].isalnum() and _follows(part)
        ):
            lines.append("")
        if part.text:
            lines[-1] += part.text
        if part is not node:
            lines[-1] += part.tail or ""
    return [text for line in lines if (text := normalise(line))]


def extent(text: str) -> int:
    """The code points of a text; one of a script without blanks says as much as three others."""
    return len(text) if text.isascii() else len(text) + 2 * sentences.unspaced_letters(text)


def linked(node: Any) -> int:
    """How many code points of an element stand in its links."""
    return sum(len(link.text_content().strip()) for link in node.iter("a"))


INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "dfn", "em", "font", "i",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var",
    "wbr"
}  # fmt: skip
_LINE_END = re.compile(rf"""[{sentences.ENDS}:][{sentences.CLOSES}]*\s*$""")
_UNSEEN = re.compile(r"\b(?:visibility\s*:\s*hidden|display\s*:\s*none)", re.I)


def running(node: Any) -> int:
    """The code points of running text in an element."""
    lengths = (extent(p.text_content()) for p in node.iter("p"))
    return sum(length for length in lengths if length > RUNNING)


def is_ended(text: str) -> bool:
    """Whether a text ends as a sentence does, or with the colon before what it announces."""
    return bool(_LINE_END.search(text))


def reads_on(text: str) -> bool:
    """Whether a text is long and ends as a sentence does."""
    return len(text) > RUNNING and is_ended(text)


def is_paragraph(node: Any) -> bool:
    """Whether an element is a paragraph of its own, and no row of labels."""
    return node.tag == "p" and reads_on(node.text_content())


def unquoted(text: str) -> str:
    """A text without the quotation marks and blanks around it."""
    return text.strip(" \"'“”‘’«»„")


def is_unseen(node: Any) -> bool:
    """Whether an element's own style says that no browser shows it."""
    return bool(_UNSEEN.search(node.get("style", "")))


def is_shell(node: Any) -> bool:
    """Whether an element holds another one and nothing else."""
    return len(node) == 1 and not (node.text or "").strip() and not (node[0].tail or "").strip()


def above(node: Any) -> set[Any]:
    """What stands around an element, if there is one."""
    return set() if node is None else set(node.iterancestors())


def unname(node: Any, *names: str) -> None:
    """Take from an element its class and id, and other attributes by which it might go."""
    for name in ("class", "id", *names):
        node.attrib.pop(name, None)


_OPENING = re.compile(r"\w+(?: \w+)*")
_OPENED = re.compile(r">(?:&#?\w+;|[^\w<>&])*$")
_CLOSED = re.compile(r"(?:&#?\w+;|[^\w<>&])*<")
_BETWEEN = re.compile(r"(?:<[^<>]*>|&#?\w+;|[^\w<&])*+")


def located(markup: str, cuts: list[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """`(start, end, rule)` in the markup of what was cut, where it can be told from all else."""
    found = []
    body = max(markup.find("<body"), 0)
    most = MAX_LOOKED // (len(markup) + 1)
    for text, rule in islice(dict(cuts).items(), most):
        start = markup.find(text, body)
        if start >= 0 and markup.find(text, start + 1) < 0:
            found.append((start, start + len(text), rule))
        elif span := _element(markup, text, body):
            found.append((*span, rule))
    return sorted(found)


def _element(markup: str, text: str, start: int) -> tuple[int, int] | None:
    """Where a text is all that an element says, markup and character references between words."""
    words = WORD.findall(text)
    opening = _OPENING.search(text)
    if not opening:
        return None
    at = start - 1
    for _ in range(MOST_PLACES):
        at = markup.find(opening[0], at + 1)
        if at < 0:
            return None
        if _OPENED.search(markup[max(0, at - 40) : at]):
            end = _end_of(words, markup, at)
            if end and _CLOSED.match(markup, end):
                return at, end
    return None


def _end_of(words: list[str], markup: str, at: int) -> int:
    """Where the words end that begin at a place in the markup, 0 where others stand there."""
    for i, word in enumerate(words):
        if i and (gap := _BETWEEN.match(markup, at)):
            at = gap.end()
        if not markup.startswith(word, at):
            return 0
        at += len(word)
    return at
