"""The links between a text and its footnotes: they stand in its sentences and are none of them.

The notes are what the author says, and stay.
"""

from __future__ import annotations

import re
from typing import Any

from lxml.etree import XPath

from onrecord.articles import elements

MAX_MARK = 8
"""Code points: a longer link to a note is part of the sentence."""

MAX_BACK = 24
"""Code points: no longer link leads from a note back to the text."""

_LINKS = XPath(".//body//a[contains(@href, '#')]")
_PLACES = XPath(".//body//*[@id or (self::a and @name)]")
_NOTES = ("li", "p", "div", "dd", "aside", "section")
_NOTE_ID = re.compile(r"[\W_]*(?:fn|ftn|foot-?note|end-?note|note|cite[-_]note)[\W_]*\d", re.I)
_BRACKETS = "[]() \u00a0"


def unmark(tree: Any, url: str) -> None:
    """Take out the marks that lead from a text to its notes, and the links back.

    A mark and a link in the note, further down, lead to each other; where the mark is missing, a
    note says so by its id and ends with a link back.
    """
    links = [(link, target) for link in _LINKS(tree) if (target := _within(link, url))]
    if not links:
        return
    places = {name: place for place in _PLACES(tree) for name in _names(place)}
    marks: dict[Any, None] = {}
    for i, (link, target) in enumerate(links, start=1):
        if (note := _block(places.get(target))) is None:
            if _closes_note(link):
                marks[link] = None
        elif len(elements.text(link)) <= MAX_MARK:
            for back, there in links[i:]:
                if note in back.iterancestors() and _leads_back(places.get(there), link):
                    marks |= dict.fromkeys((link, back))
    for mark in marks:
        _drop(mark)


def _within(link: Any, url: str) -> str:
    """The name of the place in this page that a link leads to, "" where it leads elsewhere."""
    page, _, name = link.get("href").partition("#")
    return name if not page or page.rstrip("/") == url.rstrip("/") else ""


def _names(place: Any) -> list[str]:
    return [name for name in (place.get("id"), place.get("name")) if name]


def _block(place: Any) -> Any:
    """The block in which a place stands, None for none."""
    if place is None:
        return None
    return next((node for node in (place, *place.iterancestors()) if node.tag in _NOTES), None)


def _leads_back(place: Any, mark: Any) -> bool:
    """Whether a place is a mark, or what stands around it in the line."""
    if place is None:
        return False
    return place is mark or (
        place in mark.iterancestors() and len(elements.text(place)) <= MAX_MARK
    )


def _closes_note(link: Any) -> bool:
    """Whether a link that leads nowhere in the page is the last thing in a note."""
    note = _block(link)
    if note is None or not _NOTE_ID.match(note.get("id", "")):
        return False
    said = elements.text(link)
    return len(said) <= MAX_BACK and elements.text(note).endswith(said)


def _drop(mark: Any) -> None:
    """Take out a mark with the brackets and the superscript around it."""
    around = mark.getparent()
    alone = around.text_content().strip(_BRACKETS) == mark.text_content().strip(_BRACKETS)
    (around if around.tag in elements.INLINE and alone else mark).drop_tree()
