"""The links between a text and its footnotes: they stand in its sentences and are none of them.

The notes are what the author says, and stay.
"""

from __future__ import annotations

import re
from typing import Any

from lxml.etree import XPath

from onrecord.articles import elements

MAX_MARK = 8
"""Code points: what says more than a mark in its brackets."""

MAX_BACK = 24
"""Code points: no longer link leads from a note back to the text."""

MOST_BACK = 50
"""Links that are looked at in a note: so often may a text refer to it."""

_PLACES = XPath(".//body//*[@id or (self::a and @name)]")
_NOTES = ("li", "p", "div", "dd", "aside", "section")
_NOTE_ID = re.compile(r"[\W_]*(?:fn|ftn|foot-?note|end-?note|note|cite[-_]note)[\W_]*\d", re.I)
_BRACKETS = "[]() \u00a0"
# A figure, a letter or a sign: a longer link to a note is part of the sentence.
_MARK = re.compile(r"[\s\[(]*(?:\d{1,3}|[a-z]|[^\w\s]{1,3})[\s\])]*", re.I)


def unmark(tree: Any, url: str) -> None:
    """Take out the marks that lead from a text to its notes, and the links back.

    A mark and a link in the note, further down, lead to each other; where the mark is missing, a
    note says so by its id and ends with a link back.
    """
    links = [
        (link, target)
        for link in elements.within_body(tree, "a")
        if "#" in link.get("href", "") and (target := _within(link, url))
    ]
    found = {link: None for link, _ in links if _closes_note(link)}
    marks = [i for i, (link, _) in enumerate(links) if _MARK.fullmatch(link.text_content())]
    if marks:
        places = {name: place for place in _PLACES(tree) for name in _names(place)}
        notes = {i: _block(places.get(links[i][1])) for i in marks}
        within = _within_notes(links, {note for note in notes.values() if note is not None})
        for i, note in notes.items():
            link = links[i][0]
            for at in within.get(note, []):
                back, there = links[at]
                if at > i and _leads_back(places.get(there), link):
                    found |= dict.fromkeys((link, back))
    for mark in found:
        _drop(mark)


def _within_notes(links: list[tuple[Any, str]], notes: set[Any]) -> dict[Any, list[int]]:
    """Note -> which of the links stand in it."""
    within: dict[Any, list[int]] = {}
    for i, (link, _) in enumerate(links) if notes else ():
        note = next((node for node in link.iterancestors() if node in notes), None)
        if note is not None and len(held := within.setdefault(note, [])) < MOST_BACK:
            held.append(i)
    return within


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
    """Whether a place is a mark, or the piece of the line that holds it and nothing else."""
    if place is mark:
        return True
    around = place is not None and place.tag in elements.INLINE and place in mark.iterancestors()
    return bool(around) and len(elements.text(place)) <= MAX_MARK


def _closes_note(link: Any) -> bool:
    """Whether a link to another place in the page is the last thing in a note."""
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
