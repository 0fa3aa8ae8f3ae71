"""A page that a browser saved in one file (MHTML, RFC 2557): the page among its pictures."""

from __future__ import annotations

import binascii
import re
from email.message import Message
from typing import NamedTuple

_PAGES = ("text/html", "application/xhtml+xml")

LONGEST_HEAD = 1 << 14
"""Bytes of the headers of a part that are looked at; those of a browser are a few hundred."""

MOST_PARTS = 1 << 14
"""Parts of a file; a page has a few hundred pictures, styles and frames."""

# The parser of `email` reads what is behind the headers too, line by line: of a file of 64 MiB it
# makes 3 GB in two minutes.
_HEADER = re.compile(
    rb"^((?:Snapshot-)?Content-(?:Type|ID|Location|Transfer-Encoding)):([^\n]*(?:\n[ \t][^\n]*)*)",
    re.M | re.I,
)
_BLANK = re.compile(rb"^\r?\n", re.M)


class Saved(NamedTuple):
    """The bytes of a page, the charset that is stated for it, and its address; "" for unknown."""

    data: bytes
    charset: str
    url: str


class _Part(NamedTuple):
    """The headers of a part that matter here, and where its content stands in the file."""

    headers: Message
    start: int
    end: int


def page(data: bytes) -> Saved | str:
    """The page of an MHTML file, or a sentence that says what is wrong with it.

    That is the part named as its start, else the first that is a page: frames stand behind it.
    Parts within parts are not looked into, so that none can be nested without end.
    """
    whole = _part(data, 0, len(data))
    if whole.headers.get_content_type() in _PAGES:
        return _saved(data, whole, whole)
    between = (whole.headers.get_boundary() or "").encode("utf-8", "replace")
    if not between:
        return "no page saved in one file (MHTML); save it again, as .html"
    start = whole.headers.get_param("start")
    found = before = None
    line = re.compile(rb"\r?\n--" + re.escape(between) + rb"(--)?[ \t]*\r?(?:\n|\Z)")
    at, number = max(0, whole.start - 1), 0  # the first line may stand right behind the headers
    while mark := line.search(data, at):
        if before is not None:
            part = _part(data, before, mark.start())
            is_start = bool(start) and part.headers["Content-ID"] == start
            if part.headers.get_content_type() in _PAGES and (found is None or is_start):
                found = part
                if is_start or not start:
                    break
        if mark[1]:
            before = None
            break
        if (number := number + 1) > MOST_PARTS:
            return f"more than {MOST_PARTS} parts: no page saved in one file"
        before, at = mark.end(), mark.end() - 1
    else:
        last = before is not None and _part(data, before, len(data))
        if found is None and last and last.headers.get_content_type() in _PAGES:
            return "it is cut short; save it again"
    return "no page in it; save it again, as .html" if found is None else _saved(data, whole, found)


def _part(data: bytes, start: int, end: int) -> _Part:
    head = data[start : min(end, start + LONGEST_HEAD)]
    blank = _BLANK.search(head)
    headers = Message()
    for name, value in _HEADER.findall(head[: blank.start()] if blank else head):
        headers[name.decode()] = " ".join(value.decode("utf-8", "replace").split())
    return _Part(headers, start + blank.end() if blank else end, end)


def _saved(data: bytes, whole: _Part, part: _Part) -> Saved | str:
    content = data[part.start : part.end]
    coding = str(part.headers["Content-Transfer-Encoding"] or "").lower()
    if coding == "quoted-printable":
        content = binascii.a2b_qp(content)
    elif coding == "base64":
        try:
            content = binascii.a2b_base64(content + b"==")
        except binascii.Error:
            return "its base64 is cut short or damaged; save it again"
    url = part.headers["Content-Location"] or whole.headers["Snapshot-Content-Location"] or ""
    return Saved(content, part.headers.get_content_charset() or "", "".join(str(url).split()))
