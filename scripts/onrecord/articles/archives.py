"""Web archives (WARC): their pages, and where they can be cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from onrecord.articles.documents import (
    MAX_PAGE,
    Document,
    Mark,
    Origin,
    digest,
    problem,
    publisher_of,
)
from onrecord.articles.encodings import decode
from onrecord.records import Problem, Source
from onrecord.running.places import reading
from onrecord.running.shards import Piece, Size

RECORDS = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion")
RECORDS += ("continuation",)
"""The types of records that a WARC may hold (ISO 28500)."""


def pages(path: Path, origin: Origin, piece: Piece | None = None) -> Iterator[Document | Problem]:
    """The pages of a WARC; `row` is the record's number. What cannot be read ends the file."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    piece = piece or Piece(bytes=path.stat().st_size, sha256=digest(path))
    with reading(path) as file:
        file.seek(int(piece.place or 0))
        number, pages = piece.row, 0
        try:
            records = ArchiveIterator(file)
            each = islice(records, piece.rows or None)
            for number, record in enumerate(each, piece.row + 1):
                if record.rec_type not in RECORDS:
                    message = f"record {number}: it does not say what it is"
                    yield problem(path, "source.unreadable", message, number)
                if not _is_page(record):
                    continue
                pages += 1
                yield _record(path, origin, record, number, piece.sha256, piece.bytes)
            if not piece.rows and records.offset < piece.bytes:
                message = f"record {number + 1}: the file ends inside it; fetch it again"
                yield problem(path, "source.unreadable", message, number + 1)
            elif not pages and not piece.row:
                yield problem(path, "source.empty", "no page in it")
        except (ArchiveLoadFailed, ValueError, AttributeError) as error:
            # warcio quotes what it found, which is anything; headers without an end make it look
            # for a line that is not there (AttributeError).
            said = " ".join(str(error).split()).removeprefix("ERROR: ").partition(":")[0]
            why = "broken" if isinstance(error, AttributeError) or not said else said[:120]
            message = f"record {number + 1}: {why}; the records behind it were not read"
            yield problem(path, "source.unreadable", message, number + 1)


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or not record.http_headers:
        return False
    return "html" in (record.http_headers.get_header("Content-Type") or "")


def marks(path: Path, size: Size) -> Iterator[Mark]:
    """Where an archive can be cut: behind its first page, for one without any says so."""
    from warcio.archiveiterator import ArchiveIterator

    with reading(path) as file:
        last = Mark("0", 0, 0, 0)
        yield last
        records = ArchiveIterator(file)
        number = pages = 0
        try:
            for number, record in enumerate(records):
                at = records.get_record_offset()
                full = number - last.row >= size.documents or at - last.at >= size.bytes
                if full and pages:
                    last = Mark(str(at), at, number, 0)
                    yield last
                pages += _is_page(record)
        except Exception:
            number += 1  # `read` stumbles over it too, and says so
        yield Mark("", file.tell(), number + 1, 0)


def _record(
    path: Path, origin: Origin, record: Any, number: int, digest: str, size: int
) -> Document | Problem:
    data = record.content_stream().read(MAX_PAGE + 1)
    if len(data) > MAX_PAGE:
        return problem(path, "source.too-large", f"more than {MAX_PAGE >> 20} MiB", number)
    if getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1):
        message = f"record {number}: it is cut short; fetch it again"
        return problem(path, "source.unreadable", message, number)
    kind = record.http_headers.get_header("Content-Type") or ""
    stated = re.search(r"charset=[\"']?([\w.:-]+)", kind, re.I)
    decoded = decode(data, html=True, stated=stated[1] if stated else "")
    if isinstance(decoded, str):
        return problem(path, "source.encoding", decoded, number)
    text, charset, notes = decoded
    source = Source(
        file=path.as_posix(),
        media_type="application/warc",
        charset=charset,
        bytes=size,
        sha256=digest,
        url=origin.address(path.name),
        revision=origin.revision,
        row=number,
    )
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    publisher = origin.publisher or publisher_of(path)
    return Document(source, publisher, text, {"url": url}, notes, html=True)
