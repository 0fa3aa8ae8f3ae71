"""Web archives (WARC): their pages, and where they can be cut."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from onrecord.articles import members
from onrecord.articles.documents import (
    MAX_PAGE,
    Document,
    Mark,
    Origin,
    crashed,
    digest,
    problem,
    unforeseen,
)
from onrecord.articles.encodings import decode
from onrecord.pieces import Piece, Size
from onrecord.places import reading
from onrecord.records import Problem, Source

RECORDS = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion")
RECORDS += ("continuation",)
"""The types of records that a WARC may hold (ISO 28500)."""

ANSWERED = ("200", "203")
"""The statuses of HTTP with which a server gives the page asked for (203: changed on its way)."""

AGAIN, ROOM = 4, 64 << 20
"""How often the bytes of an archive are read again, all in all and so many besides, to find what is
behind broken records: one that claims to be longer than it is takes what follows it."""

MAX_HEADERS = 1 << 20
"""Bytes of a record's lines: more are no headers (and may be a gzip bomb)."""

MAX_OVER = 256 << 20
RATIO = 100
"""Bytes of a record that are unpacked to pass it over, where they are this many times what they
take packed; what is behind a gzip bomb is looked for in the file as it lies."""


class _Found(NamedTuple):
    """A record that begins at `at`, and what a page of it holds; or what is wrong with it.

    `broken` says so of the record itself, `cut` and `error` of the page in it. One that is `lost`
    does not say where the next one begins.
    """

    at: int
    record: Any = None
    data: bytes = b""
    error: Exception | None = None
    cut: str = ""
    broken: str = ""
    lost: bool = False


def pages(
    path: Path, origin: Origin, piece: Piece | None = None, skip: frozenset[int] = frozenset()
) -> Iterator[Document | Problem | None]:
    """The pages of a WARC; `row` is the record's number. None is a record without a page.

    A record that is broken costs itself: reading goes on at the next that begins. Of those in
    `skip`, numbered from the first of the piece, the content is not unpacked.
    """
    piece = piece or Piece(bytes=path.stat().st_size, sha256=digest(path))
    with reading(path) as file:
        any_page = False
        found = _records(file, int(piece.place or 0), piece.bytes, skip)
        for number, each in enumerate(islice(found, piece.rows or None), piece.row + 1):
            made = _made(path, origin, each, number, piece, number - piece.row - 1 in skip)
            any_page = any_page or made is not None
            yield made
        if not any_page and not piece.row:
            yield problem(path, "source.empty", "no page in it")


def _made(
    path: Path, origin: Origin, found: _Found, number: int, piece: Piece, skipped: bool
) -> Document | Problem | None:
    """What becomes of a record."""
    if skipped:
        return crashed(path, number)
    if found.broken:
        message = f"record {number}: {found.broken}"
        return problem(path, "source.unreadable", message, number)
    if found.record.rec_type not in RECORDS:
        message = f"record {number}: it does not say what it is"
        return problem(path, "source.unreadable", message, number)
    if not _is_page(found.record):
        return None
    if cut := found.cut or _incomplete(found.record):
        return problem(path, "source.unreadable", f"record {number}: {cut}", number)
    try:
        if found.error:
            raise found.error
        return _page(path, origin, found, number, piece)
    except Exception as error:
        return unforeseen(path, error, number)


def _is_page(record: Any) -> bool:
    """Whether a record is a page: fetched, or a `resource`, which has no answer of HTTP."""
    if record.rec_type == "resource":
        return "html" in _header(record, "Content-Type")
    if record.rec_type != "response" or not record.http_headers:
        return False
    return "html" in _header(record, "Content-Type") and not _other_status(record)


def _incomplete(record: Any) -> str:
    """Why a record holds only the beginning of its page, "" where it does not say so."""
    if why := record.rec_headers.get_header("WARC-Truncated"):
        return f"it was cut short when it was fetched (WARC-Truncated: {why[:40]}); fetch it again"
    if record.rec_headers.get_header("WARC-Segment-Number"):
        return "its page goes on in other records, and these are not put together"
    return ""


def _other_status(record: Any) -> str:
    """The status of an answer that is not the page asked for, "" for that and where none is said.

    What comes with another is a notice of the server (404), or a part of the page (206).
    """
    stated = re.match(r"\s*(\d{3})\b", record.http_headers.statusline or "")
    return stated[1] if stated and stated[1] not in ANSWERED else ""


def _passed(record: Any) -> str:
    """As what a record is counted that is of a page and holds none, "" for any other.

    A `revisit` says that another record, maybe of another archive, holds the same page, and a
    `conversion` holds what somebody made of one.
    """
    if record.rec_type == "conversion":
        return "conversion"
    heads = record.http_headers
    if record.rec_type == "response" and heads and not _header(record, "Content-Type"):
        return "without Content-Type"
    if heads and "html" not in _header(record, "Content-Type"):
        return ""
    if record.rec_type == "revisit":
        return "revisit"
    status = _other_status(record) if record.rec_type == "response" and heads else ""
    return f"status {status}" if status else ""


def _header(record: Any, name: str) -> str:
    """A header of HTTP in small letters, "" where there is none; a `resource` has its own."""
    heads = record.http_headers or record.rec_headers
    return (heads.get_header(name) or "").lower()


def marks(path: Path, size: Size, passed: Counter[str]) -> Iterator[Mark]:
    """Where an archive can be cut: behind its first page, for one without any says so.

    What is passed over though it is of a page is counted in `passed`: "status 404", "revisit".
    """
    whole = path.stat().st_size
    with reading(path) as file:
        last = Mark("0", 0, 0, 0)
        yield last
        number = pages = 0
        for number, found in enumerate(_records(file, 0, whole, None)):
            full = number - last.row >= size.documents or found.at - last.at >= size.bytes
            if full and pages:
                last = Mark(str(found.at), found.at, number, 0)
                yield last
            if found.broken or _is_page(found.record):
                pages += 1
            elif kind := _passed(found.record):
                passed[kind] += 1
        yield Mark("", whole, number + 1, 0)


def _page(
    path: Path, origin: Origin, found: _Found, number: int, piece: Piece
) -> Document | Problem:
    record, data = found.record, found.data
    if len(data) > MAX_PAGE:
        return problem(path, "source.too-large", f"more than {MAX_PAGE >> 20} MiB", number)
    stated = re.search(r"charset=[\"']?([\w.:-]+)", _header(record, "Content-Type"))
    decoded = decode(data, html=True, stated=stated[1] if stated else "")
    if isinstance(decoded, str):
        return problem(path, "source.encoding", _unpackable(record) or decoded, number)
    text, charset, notes = decoded
    source = Source(
        file=path.as_posix(),
        media_type="application/warc",
        charset=charset,
        bytes=piece.bytes,
        sha256=piece.sha256,
        url=origin.address(path.name),
        revision=origin.revision,
        row=number,
    )
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    publisher = origin.named(path, url)
    return Document(source, publisher, text, {"url": url}, notes, html=True)


def _unpackable(record: Any) -> str:
    """How a page is packed that warcio gives as it is, and what to do; "" where it is not."""
    from warcio.bufferedreaders import BufferedReader

    packing = _header(record, "Content-Encoding")
    if packing in ("", "identity", *BufferedReader.get_supported_decompressors()):
        return ""
    hint = "install the package brotli" if packing == "br" else "fetch it without that"
    return f"packed as {packing[:40]}, which is not unpacked here; {hint}"


# --- records, and what is between them ------------------------------------------------------------


def _records(file: IO[bytes], at: int, size: int, skip: frozenset[int] | None) -> Iterator[_Found]:
    """The records from `at` on, the broken ones among them, each up to the next one that begins.

    The content of pages is taken along, but for those in `skip` (None: of none).
    """
    from warcio.archiveiterator import WARCIterator

    search = _Search(file, size)
    number = 0
    while 0 <= at < size:
        file.seek(at)
        records = WARCIterator(file)
        records.reader = _bounded()(file)
        while found := _next(records, file, size, skip is not None and number not in skip):
            number += 1
            if found.lost:
                break
            yield found
        else:
            return
        at = search.behind(found.at)
        if search.left < 0:
            why = found.broken or "it is longer than can be passed over"
            found = found._replace(broken=f"{why}; what is behind it was not read")
        yield found


def _next(records: Any, file: IO[bytes], size: int, content: bool) -> _Found | None:
    """The next record, passed over; None at the end of the file."""
    # Of an archive that is packed as a whole warcio counts the bytes that it unpacked.
    at, data, error, cut = max(0, records.offset), b"", None, ""
    sent = None
    records.reader.lines = 0
    with redirect_stderr(io.StringIO()):  # warcio writes there what it makes of a fault
        try:
            record = next(records, None)
            if record is None:
                ends = "the file ends inside it; fetch it again"
                return _Found(at, broken=ends, lost=True) if at < size else None
            heads = [name.lower() for name, _ in record.rec_headers.headers]
            if heads.count("warc-type") > 1:
                return _Found(at, record, broken="the headers of two records in one", lost=True)
            limit = getattr(record.raw_stream, "limit", None)
            if limit is None and not records.reader.decompressor:
                return _Found(at, record, broken="it does not say how long it is", lost=True)
            if content and _is_page(record):
                _as_warcio_has_it(record)
                record.raw_stream = sent = _Sent(record.raw_stream)
                try:
                    stream = record.content_stream()
                    data = stream.read(MAX_PAGE + 1)
                    packing = getattr(stream, "decompressor", None)
                    if len(data) <= MAX_PAGE and not getattr(packing, "eof", True):
                        cut = "its page is packed, and damaged or cut short; fetch it again"
                except OSError:
                    raise
                except Exception as caught:
                    error = caught
            over = 0
            while block := record.raw_stream.read(1 << 16):
                over += len(block)
                if over > MAX_OVER and over > RATIO * (file.tell() - at):
                    return _Found(at, record, data, error, lost=True)
            if sent and not cut and _is_cut(record, sent):
                cut = "its page is cut short; fetch it again"
            records.read_to_end()
        except OSError:
            raise
        except Exception as caught:
            return _Found(at, broken=_why(caught), lost=True)
    if limit and record.raw_stream.limit > 0:
        return _Found(at, record, broken="it is cut short; fetch it again", lost=True)
    if records.err_count:
        return _Found(at, record, broken="it is longer than it says", lost=True)
    return _Found(at, record, data, error, cut)


class _Sent:
    """The content of a record as it was sent, with its first bytes and its last."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.first = self.last = b""

    @property
    def limit(self) -> Any:
        """Bytes that are still to be read."""
        return self._stream.limit

    def read(self, size: int) -> bytes:
        return self._kept(self._stream.read(size))

    def readline(self, size: int) -> bytes:
        return self._kept(self._stream.readline(size))

    def _kept(self, data: bytes) -> bytes:
        self.first = self.first or data[:_CHUNK]
        self.last = (self.last + data[-_LAST:])[-_LAST:]
        return data


_LAST = 1 << 10
_CHUNKED = re.compile(rb"[0-9a-f]+ *[;\r]", re.I)
"""How content begins that comes in chunks; who put an archive together may have joined them."""
_LAST_CHUNK = re.compile(rb"(?:^|\r\n)0+ *(?:;[^\r\n]*)?\r\n(?:[\w-]+:[^\r\n]*\r\n)*(?:\r\n)?\Z")


def _is_cut(record: Any, sent: _Sent) -> bool:
    """Whether the answer of a server, read to its end, ends before it should by its own headers."""
    if _header(record, "Transfer-Encoding") == "chunked":
        return bool(_CHUNKED.match(sent.first)) and not _LAST_CHUNK.search(sent.last)
    stated = re.fullmatch(r"\d{1,15}", _header(record, "Content-Length").strip())
    return bool(stated) and 0 <= record.payload_length < int(stated[0])


def _as_warcio_has_it(record: Any) -> None:
    """Name how a page is packed as warcio does, which compares exactly."""
    if not (heads := record.http_headers):
        return
    *packed, last = (part.strip() for part in _header(record, "Transfer-Encoding").split(","))
    if last == "chunked":
        heads.replace_header("Transfer-Encoding", last)
    elif last != "identity":
        packed.append(last)
    content = _header(record, "Content-Encoding").strip()
    # What is packed for the way is packed once more.
    content = ", ".join(part for part in (content, *packed) if part not in ("", "identity"))
    if content:
        heads.replace_header("Content-Encoding", _ALIKE.get(content, content))


_ALIKE = {"x-gzip": "gzip"}
"""Names of packings by which warcio does not know them (RFC 9110)."""


def _why(error: Exception) -> str:
    """What warcio says, without what it quotes: that is anything. Headers without an end make it
    look for a line that is not there (AttributeError)."""
    said = " ".join(str(error).split()).removeprefix("ERROR: ").partition(":")[0]
    if said.startswith("non-chunked"):
        return "all records are packed as one; `warcio recompress` mends that"
    return "it is broken" if isinstance(error, AttributeError) or not said else said[:120]


@cache
def _bounded() -> Any:
    """warcio's reader, whose lines of one record cannot fill the memory."""
    from warcio.bufferedreaders import DecompressingBufferedReader

    class Bounded(DecompressingBufferedReader):
        lines = 0

        def readline(self, length: int | None = None) -> bytes:
            if length is not None and length <= _CHUNK:
                return super().readline(length)
            line = super().readline(min(length or MAX_HEADERS, MAX_HEADERS))
            self.lines += len(line)
            if self.lines >= MAX_HEADERS:
                raise ValueError(f"headers of more than {MAX_HEADERS >> 20} MiB")
            return line

    return Bounded


_CHUNK = 64
"""Bytes that are asked for where a line says how long a chunk of content is."""


class _Search:
    """Looks for the next record behind a broken one; it has given up when `left` is below 0."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self.left = AGAIN * size + ROOM
        file.seek(0)
        self._packed = file.read(2) == b"\x1f\x8b"

    def behind(self, at: int) -> int:
        """Where the first record behind `at` begins, -1 where there is none."""
        self.left -= self._file.tell() - at
        self._file.seek(at + 1)
        base, held = at + 1, b""
        while self.left > 0 and (block := self._file.read(1 << 20)):
            held += block
            for match in (members.MEMBER if self._packed else _RECORD).finditer(held):
                found = base + match.start()
                if not self._packed or self._begins(found):
                    return found
                self.left -= members.TRIED
                if self.left < 0:
                    return -1
            base, held = base + len(held) - min(len(held), _OVERLAP), held[-_OVERLAP:]
            self._file.seek(base + len(held))
        return -1

    def _begins(self, at: int) -> bool:
        """Whether a member of gzip begins here that holds a record."""
        self._file.seek(at)
        return members.opening(self._file.read(members.TRIED)).startswith(b"WARC/")


_RECORD = re.compile(rb"WARC/[01]\.\d+\r?\n(?:WARC|Content)-[\w-]+:")
_OVERLAP = 64
