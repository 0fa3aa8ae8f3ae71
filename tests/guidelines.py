"""The examples of schema/guidelines as small articles with their labels.

    for example in examples("quotes"): example.text, example.spans, example.links

Notation (entities.md, "How to read the examples"): `[words]{LABEL id}`, brackets may nest; after a
long dash links and fields, with semicolons between; `¶` is a paragraph break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from parts import HOME

LINK = re.compile(r"(\w+) (speaker|cue|continues|addressee|target|holder|same) (\w+)$")


class Example(NamedTuple):
    """`spans` are `(id, label, start, end)`; an unnamed span has the id "". `links` are `(from,
    role, to)` by id."""

    line: int
    text: str
    spans: list[tuple[str, str, int, int]]
    links: list[tuple[str, str, str]]


def examples(name: str) -> Iterator[Example]:
    """The examples of a guideline file that carry a label, in order."""
    path = HOME / "schema" / "guidelines" / f"{name}.md"
    section = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            section = line.strip("# ")
        if line.startswith("- ") and "]{" in line and section in SECTIONS:
            marked, _, notes = line[2:].partition(" — ")
            text, spans = _parse(marked.strip())
            found = (LINK.match(part.strip()) for part in notes.split(";"))
            links = [(m[1], m[2], m[3]) for m in found if m]
            yield Example(number, text, spans, links)


SECTIONS = {"Examples", "Hard cases", "A worked article", "Not"}


def _parse(marked: str) -> tuple[str, list[tuple[str, str, int, int]]]:
    text = ""
    spans = []
    open_: list[int] = []
    at = 0
    while at < len(marked):
        if marked[at] == "[":
            open_.append(len(text))
        elif marked[at] == "]" and (label := re.match(r"\]\{(\w+)(?: (\w+))?\}", marked[at:])):
            spans.append((label[2] or "", label[1], open_.pop(), len(text)))
            at += len(label[0])
            continue
        elif marked.startswith(" ¶ ", at):
            text += "\n\n"
            at += 3
            continue
        else:
            text += marked[at]
        at += 1
    return text, spans
