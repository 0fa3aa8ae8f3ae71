"""A document as it arrives: decoded, with what its source says of it, before it is an article."""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from onrecord.pieces import CRASHED
from onrecord.places import local, reading
from onrecord.records import Problem, Source

FAILED = "convert.failed"
"""The rule of a document that a library trips over, or on which processes end."""

MAX_PAGE = 64 * 1024 * 1024
"""Bytes of one unpacked text or page; more is no article (and may be a gzip bomb)."""

MAX_TEXT = 8 * 1024 * 1024
"""Bytes of one text without markup."""

MHTML = "multipart/related"
"""The media type of a page that was saved in one file with its pictures."""

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".mhtml": MHTML,
    ".mht": MHTML,
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".jl": "application/jsonl",
    ".json": "application/json",
    ".warc": "application/warc",
}
TABLES = ("text/csv", "application/jsonl", "application/json")
ARCHIVES = ("application/warc",)
PAGES = ("text/html", MHTML)
MARKUP = (*PAGES, *ARCHIVES)
"""Media types that hold pages and never pasted text."""


class Document(NamedTuple):
    """One decoded source: a file, a row of a table, a page of an archive.

    `fields` are the article fields a row states by itself (strings); `notes` are what a person
    should look at: "charset-guessed", "mojibake-repaired"; `keys` are the `lines.keys_of` of a text
    where they are known; `escaped` is the text of a file before its escapes were undone, "" where
    it has none.
    """

    source: Source
    publisher: str
    text: str
    fields: dict[str, str]
    notes: tuple[str, ...] = ()
    html: bool = False
    keys: bytes = b""
    escaped: str = ""


# As browsers read it: a name may stand before the last @, and \ parts as / does.
_HOST = re.compile(
    r"https?://(?:[^/?#\\]*@)?(?:www\.)?(\[[^]\s/?#\\]+\]|[^\s/?#\\:@]+)(?=[/?#\\:]|\Z)", re.I
)


class Origin(NamedTuple):
    """What the caller knows about the sources: publisher, pinned address, column map."""

    publisher: str = ""
    url: str = ""
    revision: str = ""
    columns: dict[str, str] = {}  # noqa: RUF012 - never written to

    def named(self, path: Path, url: str) -> str:
        """The publisher of a page at this address: as given, `{host}` filled in, else the folder's.

        Without an address to fill in it is the folder's, too.
        """
        if "{host}" not in self.publisher:
            return self.publisher or publisher_of(path)
        found = _HOST.match(url)
        host = found[1].lower().rstrip(".") if found else ""
        return self.publisher.replace("{host}", host) if host else publisher_of(path)

    def address(self, name: str) -> str:
        """The pinned URL of a file: `{file}` and `{revision}` filled in."""
        return self.url.replace("{file}", name).replace("{revision}", self.revision)


def media_type(file: Path | str) -> str:
    """By the file's name, "" for what is none of ours; `.gz` on top is allowed."""
    name = (file if isinstance(file, str) else file.name).lower().removesuffix(".gz")
    kind = MEDIA_TYPES.get(os.path.splitext(name)[1], "")
    return kind or ("text/html" if _ASKED.search(name) else "")


_ASKED = re.compile(r"\.x?html?[?@]")
"""In the name of a page that wget saved with what it asked for (`page.html?id=3`)."""


class Mark(NamedTuple):
    """A place between two rows: where a reader goes, bytes, rows and lines before it."""

    place: str
    at: int
    row: int
    line: int


def packed(path: Path) -> bool:
    """Whether the file is compressed as a whole."""
    return path.name.lower().endswith(".gz")


def digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with reading(path) as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def publisher_of(path: Path) -> str:
    """Without a name from the caller, the folder's name is the publisher."""
    if not local(path):
        return path.parent.name
    if os.path.islink(path):
        path = Path(os.path.realpath(path))
    return _folder_name(os.path.abspath(os.path.dirname(path)))


@lru_cache(1 << 10)
def _folder_name(folder: str) -> str:
    return os.path.basename(os.path.realpath(folder))


def crashed(path: Path, row: int = 0) -> Problem:
    """A source, or a row of one, on which processes ended."""
    return problem(path, FAILED, CRASHED, row)


def unforeseen(path: Path, error: Exception, row: int = 0) -> Problem:
    """A source, or a row of one, that a library tripped over while it was read."""
    return problem(path, "source.failed", f"{type(error).__name__}: {error}"[:500], row)


def problem(path: Path, rule: str, message: str, line: int = 0) -> Problem:
    """What is wrong with a file; its name may hold bytes that are not UTF-8."""
    name = path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    said = message.encode("utf-8", "backslashreplace").decode()
    return Problem(file=name, line=line, rule=rule, id="", message=said)
