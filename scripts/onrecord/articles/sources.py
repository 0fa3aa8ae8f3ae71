"""Reading what arrives: files and folders of pasted text, pages and dumps, as decoded documents.

`read` is total: what cannot be read becomes a Problem, and the rest goes on. `pieces` says where a
file can be cut, so that several readers share it, each reading its own stretch.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onrecord.ledger import json_reader
from onrecord.records import Problem, Source, UsageError
from onrecord.running.places import local, reading
from onrecord.running.shards import Piece, Size
from onrecord.text import beyond_ascii

MAX_PAGE = 64 * 1024 * 1024
"""Bytes of one unpacked text or page; more is no article (and may be a gzip bomb)."""

MAX_TEXT = 8 * 1024 * 1024
"""Bytes of one text without markup."""

MAX_SKIP = 256 * 1024 * 1024
"""Bytes of a line that are passed over to reach the next one."""

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".warc": "application/warc",
}
TABLES = ("text/csv", "application/jsonl")
ARCHIVES = ("application/warc",)
MARKUP = ("text/html", *ARCHIVES)
"""Media types that hold pages and never pasted text."""

WHOLE = Piece()
"""A file from its start to its end."""

RECORDS = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion")
RECORDS += ("continuation",)
"""The types of records that a WARC may hold (ISO 28500)."""

COLUMNS = {
    "headline": ("headline", "title"),
    "text": ("text", "body", "content", "articleBody", "maintext"),
    "url": ("url", "link"),
    "date_published": ("date_published", "datePublished", "date", "published", "publish_date"),
    "authors": ("authors", "author", "byline"),
    "section": ("section", "category"),
    "language": ("language", "lang"),
}
"""Article field -> the column names that are taken for it without a column map."""


class Document(NamedTuple):
    """One decoded source: a file, a row of a table, a page of an archive.

    `fields` are the article fields a row states by itself (strings); `notes` are what a person
    should look at: "charset-guessed", "mojibake-repaired".
    """

    source: Source
    publisher: str
    text: str
    fields: dict[str, str]
    notes: tuple[str, ...] = ()
    html: bool = False


class Origin(NamedTuple):
    """What the caller knows about the sources: publisher, pinned address, column map."""

    publisher: str = ""
    url: str = ""
    revision: str = ""
    columns: dict[str, str] = {}  # noqa: RUF012 - never written to

    def address(self, name: str) -> str:
        """The pinned URL of a file: `{file}` and `{revision}` filled in."""
        return self.url.replace("{file}", name).replace("{revision}", self.revision)


def media_type(path: Path) -> str:
    """By the file's name, "" for what is none of ours; `.gz` on top is allowed."""
    name = path.name.lower().removesuffix(".gz")
    return MEDIA_TYPES.get(os.path.splitext(name)[1], "")


UP = ".."
"""What no name in a folder may begin with: it looks like a way out, and is not merely hidden."""


def find(sources: list[Path]) -> Iterator[Path | Problem]:
    """The files of the sources in a fixed order, folders searched through.

    What a folder holds besides our types is passed over, and so is what is hidden; what has our
    type or is a folder and cannot be taken is a Problem. A link that leads out of the folder is
    never followed. Raises UsageError for a source that is not there or whose type is unknown.
    """
    for source in sources:
        if source.is_dir():
            inside, empty = source.resolve(), True
            for path in _walk(source) if local(source) else _walk_far(source):
                if problem := _unfit(path, inside):
                    yield problem
                elif not media_type(path):
                    continue
                else:
                    yield path
                empty = False
            if empty:
                yield _problem(source, "source.empty", f"no {', '.join(MEDIA_TYPES)} in here")
        elif not source.exists():
            raise UsageError(f"{source}: no such file or folder")
        elif not media_type(source):
            raise UsageError(
                f"{source}: not one of {', '.join(MEDIA_TYPES)} (.gz of these too)",
                "rename it to say what it is",
            )
        else:
            yield _unfit(source, None) or source


def _unfit(path: Path, inside: Path | None) -> Problem | None:
    """Why a path cannot be taken; `inside` is the folder that it was found in."""
    try:
        path.as_posix().encode()
    except UnicodeEncodeError:
        return _problem(path, "source.name", "its name is not UTF-8; rename it")
    if inside is None:
        return None
    if path.name.startswith(UP):
        return _problem(
            path,
            "source.name",
            f"its name begins with {UP} as a way out of a folder does; rename it",
        )
    if path.is_symlink():
        if not path.exists():
            return _problem(path, "source.unreadable", "a link to nothing")
        if not path.resolve().is_relative_to(inside):
            return _problem(path, "source.outside", "a link out of the folder: not followed")
    elif local(path) and not path.is_file():
        return _problem(path, "source.unreadable", "not a file")
    return None


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and not name.startswith(UP)


def _walk(folder: Path) -> Iterator[Path]:
    """The files of our types and the links to folders below a folder, by name.

    The names of one folder are in memory at a time.
    """
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = folder / entry.name
        if _is_hidden(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(UP):
            yield from _walk(path)
        elif media_type(path) or entry.is_dir():
            yield path


def _walk_far(folder: Path) -> Iterator[Path]:
    """Like `_walk` where fsspec lists the files."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if _is_hidden(entry.name):
            continue
        if entry.is_dir() and not entry.name.startswith(UP):
            yield from _walk_far(entry)
        else:
            yield entry


def pieces(path: Path, size: Size) -> Iterator[tuple[Piece, int]]:
    """The pieces of one file, each with the bytes that are read for it.

    A page is one. A table or an archive is cut where a shard is full; one that is packed as a
    whole (.csv.gz, .jsonl.gz) can only be read from its start and is one. What cannot be read
    here is left for `read` to report.
    """
    kind = media_type(path)
    name = path.as_posix()
    try:
        stat = path.stat()
        stamp = str(getattr(stat, "st_mtime_ns", "") or stat.st_mtime)
        whole = Piece(file=name, bytes=stat.st_size, stamp=stamp)
        if kind in TABLES + ARCHIVES and stat.st_size:
            yield from _cut(path, kind, whole, size)
        else:
            yield whole, stat.st_size
    except (OSError, EOFError, zlib.error) as error:
        yield Piece(file=name, stamp=str(error)), 0


def _cut(path: Path, kind: str, whole: Piece, size: Size) -> Iterator[tuple[Piece, int]]:
    base = msgspec.structs.replace(whole, sha256=_digest(path))
    if kind in TABLES and _packed(path):
        yield base, base.bytes
        return
    marks = {"text/csv": _csv_marks, "application/jsonl": _jsonl_marks}.get(kind, _archive_marks)
    start, any_rows = None, False
    for mark in marks(path, size):
        if start is not None:
            any_rows = True
            rows = mark.row - start.row
            piece = msgspec.structs.replace(
                base,
                documents=rows,
                place=start.place,
                row=start.row,
                line=start.line,
                rows=rows if mark.place else 0,  # the last one goes to the end of the file
            )
            yield piece, mark.at - start.at
        start = mark
    if not any_rows:
        yield base, base.bytes  # nothing to be read: `read` says why


class _Mark(NamedTuple):
    """A place between two rows: where a reader goes, bytes, rows and lines before it."""

    place: str
    at: int
    row: int
    line: int


def read(path: Path, origin: Origin, piece: Piece | None = None) -> Iterator[Document | Problem]:
    """The documents of one file: itself, or its rows; or those of one piece of it."""
    kind = media_type(path)
    try:
        if kind in TABLES:
            yield from _table(path, kind, origin, piece)
        elif kind in ARCHIVES:
            yield from _archive(path, origin, piece)
        else:
            yield _page(path, kind, origin)
    except (OSError, EOFError, zlib.error) as error:
        yield _problem(path, "source.unreadable", f"{error}; fetch it again")


def _packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def _digest(path: Path) -> str:
    with reading(path) as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _page(path: Path, kind: str, origin: Origin) -> Document | Problem:
    most = MAX_PAGE if kind == "text/html" else MAX_TEXT
    with path.open("rb") as file:
        raw = file.read(most + 1)
    data = raw
    if _packed(path) and len(raw) <= most:
        with gzip.open(io.BytesIO(raw)) as unpacked:
            data = unpacked.read(most + 1)
    if len(data) > most:
        return _problem(path, "source.too-large", f"more than {most >> 20} MiB: no article")
    if not data.strip():
        return _problem(path, "source.empty", "the file is empty")
    html = kind == "text/html"
    decoded = decode(data, html=html)
    if isinstance(decoded, str):
        return _problem(path, "source.encoding", decoded)
    text, charset, notes = decoded
    source = Source(
        file=path.as_posix(),
        media_type=kind,
        charset=charset,
        bytes=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        url=origin.address(path.name),
        revision=origin.revision,
    )
    return Document(source, origin.publisher or publisher_of(path), text, {}, notes, html)


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


# --- encodings --------------------------------------------------------------------------------

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
MOST_NULS = 10_000
"""Bytes of a page for each NUL that is dropped as browsers drop it; more of them are no slip."""
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)


def decode(
    data: bytes, *, html: bool = False, stated: str = ""
) -> tuple[str, str, tuple[str, ...]] | str:
    """`(text, charset, notes)`, or a sentence that says what is wrong.

    A byte order mark, then UTF-8, then what the page declares (or its server `stated`), then a
    guess. Bytes that are mostly UTF-8 and damaged are refused: a guess would turn them into other
    letters. A stray NUL in a page is dropped. Text that somebody decoded wrongly before (mojibake)
    is repaired, marks left as they are; the charset then ends in "+ftfy".
    """
    decoded = _decode(data, html, stated)
    if isinstance(decoded, str):
        return decoded
    text, charset, guessed = decoded
    notes = ("charset-guessed",) if guessed else ()
    repaired = repair(text)
    if repaired != text:
        return repaired, f"{charset}+ftfy", (*notes, "mojibake-repaired")
    return text, charset, notes


# ftfy.badness has no pattern without a code point that is neither of ASCII nor one of these marks.
_SUSPECT = re.compile("[^\x00-\x7f\xa0\xad·´–—―…’‘“”‚„‹›«»¡¿©®™•]+")
_REACH = 5


def repair(text: str) -> str:
    """The text with mojibake undone, line by line; nothing else of it is touched."""
    if not _SUSPECT.search(beyond_ascii(text)):
        return text
    import ftfy
    import ftfy.badness

    # No pattern is longer than `_REACH`.
    near = {text[max(0, m.start() - _REACH) : m.end() + _REACH] for m in _SUSPECT.finditer(text)}
    if not ftfy.badness.is_bad("\n".join(sorted(near))):
        return text
    return "".join(ftfy.fix_encoding(line) for line in text.splitlines(keepends=True))


def _decode(data: bytes, html: bool, stated: str) -> tuple[str, str, bool] | str:
    for mark, charset in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(charset), charset, False
            except UnicodeDecodeError as error:
                return f"not {charset} at byte {error.start}, though it begins so"
    if html and data.count(b"\0") <= len(data) // MOST_NULS:
        data = data.replace(b"\0", b"")
    if (at := data.find(b"\0")) >= 0:
        return f"a NUL byte at {at}: a binary file, or UTF-16 without a byte order mark"
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        broken = error.start
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:65536]) > 0.02 * min(
        len(data), 65536
    ):
        return "a binary file"
    try:
        data.decode("utf-8", "surrogatepass")
        return f"a lone surrogate at byte {broken}: text cut in the middle of a character"
    except UnicodeDecodeError:
        pass
    if re.search(rb"[\xc3-\xf4][\x80-\xbf]", data):
        return f"not valid UTF-8 at byte {broken}: truncated or mixed; fetch it again"
    declared = _META.search(data[:4096]) if html else None
    for charset in (stated, declared[1].decode("ascii") if declared else ""):
        try:
            return data.decode(charset.lower()), charset.lower(), False
        except (LookupError, UnicodeError):  # "undefined" and "idna" are codecs too
            pass
    import charset_normalizer

    best = charset_normalizer.from_bytes(data, cp_isolation=["cp1252", "latin_1"]).best()
    charset = best.encoding if best else "latin_1"
    return data.decode(charset), {"latin_1": "iso-8859-1"}.get(charset, charset), True


# --- archives ---------------------------------------------------------------------------------


def _archive(
    path: Path, origin: Origin, piece: Piece | None = None
) -> Iterator[Document | Problem]:
    """The pages of a WARC; `row` is the record's number. What cannot be read ends the file."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    piece = piece or Piece(bytes=path.stat().st_size, sha256=_digest(path))
    with reading(path) as file:
        file.seek(int(piece.place or 0))
        number, pages = piece.row, 0
        try:
            records = ArchiveIterator(file)
            each = islice(records, piece.rows or None)
            for number, record in enumerate(each, piece.row + 1):
                if record.rec_type not in RECORDS:
                    message = f"record {number}: it does not say what it is"
                    yield _problem(path, "source.unreadable", message, number)
                if not _is_page(record):
                    continue
                pages += 1
                yield _record(path, origin, record, number, piece.sha256, piece.bytes)
            if not piece.rows and records.offset < piece.bytes:
                message = f"record {number + 1}: the file ends inside it; fetch it again"
                yield _problem(path, "source.unreadable", message, number + 1)
            elif not pages and not piece.row:
                yield _problem(path, "source.empty", "no page in it")
        except (ArchiveLoadFailed, ValueError, AttributeError) as error:
            # warcio quotes what it found, which is anything; headers without an end make it look
            # for a line that is not there (AttributeError).
            why = "broken" if isinstance(error, AttributeError) else str(error).partition(":")[0]
            message = f"record {number + 1}: {why}; the records behind it were not read"
            yield _problem(path, "source.unreadable", message, number + 1)


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or not record.http_headers:
        return False
    return "html" in (record.http_headers.get_header("Content-Type") or "")


def _archive_marks(path: Path, size: Size) -> Iterator[_Mark]:
    """Where an archive can be cut: behind its first page, for one without any says so."""
    from warcio.archiveiterator import ArchiveIterator

    with reading(path) as file:
        last = _Mark("0", 0, 0, 0)
        yield last
        records = ArchiveIterator(file)
        number = pages = 0
        try:
            for number, record in enumerate(records):
                at = records.get_record_offset()
                full = number - last.row >= size.documents or at - last.at >= size.bytes
                if full and pages:
                    last = _Mark(str(at), at, number, 0)
                    yield last
                pages += _is_page(record)
        except Exception:
            number += 1  # `read` stumbles over it too, and says so
        yield _Mark("", file.tell(), number + 1, 0)


def _record(
    path: Path, origin: Origin, record: Any, number: int, digest: str, size: int
) -> Document | Problem:
    data = record.content_stream().read(MAX_PAGE + 1)
    if len(data) > MAX_PAGE:
        return _problem(path, "source.too-large", f"more than {MAX_PAGE >> 20} MiB", number)
    if getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1):
        message = f"record {number}: it is cut short; fetch it again"
        return _problem(path, "source.unreadable", message, number)
    kind = record.http_headers.get_header("Content-Type") or ""
    stated = re.search(r"charset=[\"']?([\w.:-]+)", kind, re.I)
    decoded = decode(data, html=True, stated=stated[1] if stated else "")
    if isinstance(decoded, str):
        return _problem(path, "source.encoding", decoded, number)
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


# --- tables -----------------------------------------------------------------------------------


def _table(
    path: Path, kind: str, origin: Origin, piece: Piece | None = None
) -> Iterator[Document | Problem]:
    if path.stat().st_size == 0:
        yield _problem(path, "source.empty", "the file is empty")
        return
    piece = piece or Piece(bytes=path.stat().st_size, sha256=_digest(path))
    base = Source(
        file=path.as_posix(),
        media_type=kind,
        charset="utf-8",
        bytes=piece.bytes,
        sha256=piece.sha256,
        url=origin.address(path.name),
        revision=origin.revision,
    )
    with _opened(path) as file:
        each = (_csv_rows if kind == "text/csv" else _jsonl_rows)(path, file, piece)
        columns: dict[str, str] | None = None
        for number, row in each:
            if isinstance(row, Problem):
                yield row
                continue
            if columns is None or kind == "application/jsonl":
                columns = column_map(row, origin.columns)
            yield _row(path, number, row, columns, base, origin)


def column_map(row: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """Article field -> column, the caller's map first.

    Raises UsageError where a mapped column is not there or no column holds the text.
    """
    for field, name in given.items():
        if field not in COLUMNS:
            raise UsageError(f"--column {field}=…: the fields are {', '.join(COLUMNS)}")
        if name not in row:
            raise UsageError(f"no column {name!r}; there are {', '.join(map(str, row))}")
    columns = {
        field: next((name for name in names if name in row), "") for field, names in COLUMNS.items()
    } | given
    if not columns["text"]:
        raise UsageError(
            f"no column for the text among {', '.join(map(str, row))}", "--column text=NAME"
        )
    return {field: name for field, name in columns.items() if name}


def _row(
    path: Path,
    number: int,
    row: dict[str, Any],
    columns: dict[str, str],
    base: Source,
    origin: Origin,
) -> Document | Problem:
    fields = {field: _string(row.get(name)) for field, name in columns.items()}
    fields = {field: repair(value) for field, value in fields.items()}
    text = fields.pop("text", "")
    line = number if base.media_type == "application/jsonl" else 0  # a CSV's row has many lines
    if not text.strip():
        return _problem(path, "source.empty", f"row {number} has no text", line)
    if "\0" in text:
        return _problem(path, "source.encoding", f"row {number}: a NUL in the text", line)
    # The decoded source of a row: its headline and its text, as somebody would paste them.
    names = [columns[f] for f in ("headline", "text") if f in columns]
    parts = [fields["headline"]] if "headline" in columns else []
    source = Source(**{f: getattr(base, f) for f in base.__struct_fields__})
    source.row, source.field = number, ",".join(names)
    return Document(
        source, origin.publisher or publisher_of(path), "\n\n".join([*parts, text]), fields
    )


def _string(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)


def row_source(row: dict[str, Any], field: str) -> str:
    """The decoded source of a row again, from the column names that `Source.field` keeps."""
    return "\n\n".join(repair(_string(row.get(name))) for name in field.split(","))


def _opened(path: Path) -> Any:
    if not _packed(path):
        return reading(path)
    return gzip.open(path if local(path) else reading(path), "rb")


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """`(row number from 1, row)` of a table, unreadable rows left out."""
    with _opened(path) as file:
        each = _csv_rows if media_type(path) == "text/csv" else _jsonl_rows
        for number, row in each(path, file):
            if not isinstance(row, Problem):
                yield number, row


Rows = Iterator[tuple[int, dict[str, Any] | Problem]]


def _csv_rows(path: Path, file: Any, piece: Piece = WHOLE) -> Rows:
    csv.field_size_limit(MAX_PAGE)
    number = piece.row
    try:
        text = _text(file)
        reader = csv.DictReader(_short_lines(text))
        before = 0
        if piece.place:
            _ = reader.fieldnames  # the first line, read before the jump
            before = piece.line - reader.line_num
            text.seek(int(piece.place))
        for number, row in enumerate(islice(reader, piece.rows or None), piece.row + 1):
            if None in row or None in row.values():
                message = f"row {number} has more or fewer fields than the first line"
                yield number, _problem(path, "source.row", message, before + reader.line_num)
            else:
                yield number, row
    except csv.Error as error:
        message = f"after row {number}: {error}; the rows behind it were not read"
        yield number, _problem(path, "source.row", message)


def _csv_marks(path: Path, size: Size) -> Iterator[_Mark]:
    """Where a CSV can be cut. Up to a fault, behind which nothing is read."""
    csv.field_size_limit(MAX_PAGE)
    with reading(path) as file:
        text = _text(file)
        reader = csv.DictReader(_short_lines(text))
        number, last = 0, _Mark("", 0, 0, 0)
        try:
            _ = reader.fieldnames
            last = _Mark(str(text.tell()), 0, 0, reader.line_num)
            yield last
            for number, _ in enumerate(reader, 1):
                if number - last.row >= size.documents or file.tell() - last.at >= size.bytes:
                    last = _Mark(str(text.tell()), file.tell(), number, reader.line_num)
                    yield last
        except csv.Error:
            number += 1
        if number > last.row:
            yield _Mark("", file.tell(), number, reader.line_num)


def _text(file: Any) -> io.TextIOWrapper:
    # Bytes that are no UTF-8 are found line by line below, not wherever a buffer happens to end.
    return io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")


_NO_UTF8 = re.compile("[\udc80-\udcff]")


def _short_lines(file: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a file. Raises csv.Error at one that would fill the memory or is not UTF-8."""
    while line := file.readline(MAX_PAGE):
        if len(line) == MAX_PAGE:
            raise csv.Error(f"a line of more than {MAX_PAGE >> 20} MiB")
        if not line.isascii() and _NO_UTF8.search(line):
            raise csv.Error("a line that is not UTF-8")
        yield line


def _lines(file: Any) -> Iterator[bytes]:
    """The lines of a file, each cut at `MAX_PAGE` bytes: a longer one cannot fill the memory."""
    while line := file.readline(MAX_PAGE + 1):
        yield line
        whole = len(line) <= MAX_PAGE or line.endswith(b"\n")
        skipped = 0
        while not whole and skipped < MAX_SKIP:
            rest = file.readline(1 << 20)
            skipped += len(rest)
            whole = not rest or rest.endswith(b"\n")
        if not whole:
            return


def _jsonl_marks(path: Path, size: Size) -> Iterator[_Mark]:
    with reading(path) as file:
        last = _Mark("0", 0, 0, 0)
        yield last
        before = 0
        for before, line in enumerate(_lines(file)):
            at = file.tell() - len(line)  # behind what was passed over
            if before - last.row >= size.documents or (before and at - last.at >= size.bytes):
                last = _Mark(str(at), at, before, before)
                yield last
        yield _Mark("", file.tell(), before + 1, before + 1)


def _jsonl_rows(path: Path, file: Any, piece: Piece = WHOLE) -> Rows:
    import jsonlines

    file.seek(int(piece.place or 0))
    for number, line in enumerate(islice(_lines(file), piece.rows or None), piece.row + 1):
        if len(line) > MAX_PAGE:
            message = f"a line of more than {MAX_PAGE >> 20} MiB"  # and read on behind it
            yield number, _problem(path, "source.too-large", message, number)
            continue
        try:
            yield number, json_reader([line.decode("utf-8")]).read(type=dict)
        except EOFError:
            continue
        except (UnicodeDecodeError, jsonlines.InvalidLineError) as error:
            why = str(error.__cause__ or error)
            yield number, _problem(path, "json.malformed", f"{why}; mend the line", number)


def _problem(path: Path, rule: str, message: str, line: int = 0) -> Problem:
    name = path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Problem(file=name, line=line, rule=rule, id="", message=message)
