"""A page that a browser saved in one file (MHTML, RFC 2557): the page among its pictures."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

_PAGES = ("text/html", "application/xhtml+xml")


class Saved(NamedTuple):
    """The bytes of a page, the charset that is stated for it, and its address; "" for unknown."""

    data: bytes
    charset: str
    url: str


def page(data: bytes) -> Saved | str:
    """The page of an MHTML file, or a sentence that says what is wrong with it.

    That is the part named as its start, else the first that is a page: frames stand behind it.
    Parts within parts are not looked into, so that none can be nested without end.
    """
    whole = BytesHeaderParser().parsebytes(data)
    if whole.get_content_type() in _PAGES:
        return _saved(whole, whole)
    between = whole.get_boundary()
    if not between:
        return "no page saved in one file (MHTML); save it again, as .html"
    start = whole.get_param("start")
    found = None
    _, *parts = data.split(b"\n--" + between.encode("utf-8", "surrogateescape"))
    for number, raw in enumerate(parts, 1):
        if raw.startswith(b"--"):
            break
        part = BytesHeaderParser().parsebytes(raw.partition(b"\n")[2])
        is_start = bool(start) and part["Content-ID"] == start
        if part.get_content_type() in _PAGES and (found is None or is_start):
            if number == len(parts):
                return "it is cut short; save it again"
            found = part
    return "no page in it; save it again, as .html" if found is None else _saved(whole, found)


def _saved(whole: Message, part: Message) -> Saved:
    url = str(part["Content-Location"] or whole["Snapshot-Content-Location"] or "")
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    return Saved(data, part.get_content_charset() or "", "".join(url.split()))
