"""Tables (CSV, JSON lines): their rows as documents, and where they can be cut."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from onrecord.articles.documents import (
    MAX_PAGE,
    MAX_TEXT,
    Document,
    Mark,
    Origin,
    crashed,
    digest,
    media_type,
    packed,
    problem,
    publisher_of,
    unforeseen,
)
from onrecord.articles.encodings import repair
from onrecord.ledger import blank, json_reader, no_json
from onrecord.records import Problem, Source, UsageError
from onrecord.running.places import local, reading
from onrecord.running.shards import Piece, Size

MAX_SKIP = 256 * 1024 * 1024
"""Bytes of a line that are passed over to reach the next one."""

WHOLE = Piece()
"""A file from its start to its end."""

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


def documents(
    path: Path,
    kind: str,
    origin: Origin,
    piece: Piece | None = None,
    skip: frozenset[int] = frozenset(),
) -> Iterator[Document | Problem | None]:
    """The rows of a table as documents.

    Those in `skip`, numbered from the first of the piece, are not decoded.
    """
    if path.stat().st_size == 0:
        yield problem(path, "source.empty", "the file is empty")
        return
    piece = piece or Piece(bytes=path.stat().st_size, sha256=digest(path))
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
        lines = kind == "application/jsonl"
        each = _jsonl_rows(path, file, piece, skip) if lines else _csv_rows(path, file, piece)
        columns: dict[str, str] | str = ""
        any_row = False
        for at, (number, row) in enumerate(each):
            any_row = any_row or row is not None
            if at in skip:
                any_row = True
                yield crashed(path, number)
                continue
            if row is None or isinstance(row, Problem):
                yield row
                continue
            if not columns or lines:
                columns = _columns(row, origin.columns)
            if isinstance(columns, dict):
                try:
                    yield _row(path, number, row, columns, base, origin)
                except Exception as error:
                    yield unforeseen(path, error, number)
            elif lines:
                yield problem(path, "source.columns", f"row {number}: {columns}", number)
            else:  # told once, where the table begins
                if not piece.row:
                    yield problem(path, "source.columns", columns, 1)
                return
        if not any_row and not piece.row:
            yield problem(path, "source.empty", "no row in it")


def known_columns(given: dict[str, str]) -> None:
    """Raises UsageError for a column map that names another field than those of `COLUMNS`."""
    for field in given:
        if field not in COLUMNS:
            raise UsageError(f"--column {field}=…: the fields are {', '.join(COLUMNS)}")


class Columns(msgspec.Struct, frozen=True):
    """What the columns of a table are taken for: pairs of a field and a column, and the others."""

    taken: tuple[tuple[str, str], ...]
    left: tuple[str, ...]


LOOKED = 1 << 20
"""Bytes of a table that are read to say what its columns are taken for: the rows of JSON lines may
each have others."""


def columns_of(path: Path, origin: Origin) -> Columns | None:
    """What the columns of a table are taken for, by its first row, of JSON lines by the first MiB.

    None where there is no row, or none has a text: `documents` says so of the table.
    """
    pairs = dict[tuple[str, str], None]()  # each once, in their order
    names = dict[str, None]()
    with _opened(path) as file:
        each = _csv_rows if media_type(path) == "text/csv" else _jsonl_rows
        for _, row in each(path, file):
            if isinstance(row, dict):
                names.update(dict.fromkeys(row))
                found = _columns(row, origin.columns)
                pairs.update(dict.fromkeys(found.items() if isinstance(found, dict) else ()))
                if each is _csv_rows:
                    break
            if file.tell() > LOOKED:
                break
    known = {name for _, name in pairs}
    left = tuple(name for name in names if name not in known)
    order = list(COLUMNS)
    taken = sorted(pairs, key=lambda pair: order.index(pair[0]))
    return Columns(tuple(taken), left) if taken else None


def _columns(row: dict[str, Any], given: dict[str, str]) -> dict[str, str] | str:
    """Article field -> column, the caller's map first, or why these are not the columns."""
    there = ", ".join(map(str, row))
    for field, name in given.items():
        if name not in row:
            return f"no column {name!r} for the {field}; there are {there}"
    columns = {
        field: next((name for name in names if name in row), "") for field, names in COLUMNS.items()
    } | given
    if not columns["text"]:
        return f"no column for the text; there are {there}: --column text=NAME"
    return {field: name for field, name in columns.items() if name}


def _row(
    path: Path,
    number: int,
    row: dict[str, Any],
    columns: dict[str, str],
    base: Source,
    origin: Origin,
) -> Document | Problem:
    line = number if base.media_type == "application/jsonl" else 0  # a CSV's row has many lines
    if not isinstance(row.get(columns["text"]), str | list | None):
        message = f"row {number}: its {columns['text']} is no text"
        return problem(path, "source.row", message, line)
    fields = {field: _string(row.get(name)) for field, name in columns.items()}
    fields = {field: repair(value) for field, value in fields.items()}
    text = fields.pop("text", "")
    if not text.strip():
        return problem(path, "source.empty", f"row {number} has no text", line)
    if len(text) > MAX_TEXT:
        message = f"row {number}: more than {MAX_TEXT >> 20} Mi characters: no article"
        return problem(path, "source.too-large", message, line)
    if "\0" in text:
        return problem(path, "source.encoding", f"row {number}: a NUL in the text", line)
    # The decoded source of a row: its headline and its text, as somebody would paste them.
    names = [columns[f] for f in ("headline", "text") if f in columns]
    parts = [fields["headline"]] if "headline" in columns else []
    source = Source(**{f: getattr(base, f) for f in base.__struct_fields__})
    source.row, source.field = number, ",".join(names)
    return Document(
        source, origin.publisher or publisher_of(path), "\n\n".join([*parts, text]), fields
    )


def marks(path: Path, size: Size) -> Iterator[Mark]:
    """Where a table can be cut; one that is packed cannot."""
    return (_csv_marks if media_type(path) == "text/csv" else _jsonl_marks)(path, size)


def _string(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)


def row_source(row: dict[str, Any], field: str) -> str:
    """The decoded source of a row again, from the column names that `Source.field` keeps."""
    return "\n\n".join(repair(_string(row.get(name))) for name in field.split(","))


def _opened(path: Path) -> Any:
    if not packed(path):
        return reading(path)
    return gzip.open(path if local(path) else reading(path), "rb")


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """`(row number from 1, row)` of a table, unreadable rows left out."""
    with _opened(path) as file:
        each = _csv_rows if media_type(path) == "text/csv" else _jsonl_rows
        for number, row in each(path, file):
            if isinstance(row, dict):
                yield number, row


Rows = Iterator[tuple[int, dict[str, Any] | Problem | None]]
"""Rows with their numbers, None where one is passed over."""


def _csv_rows(path: Path, file: Any, piece: Piece = WHOLE) -> Rows:
    csv.field_size_limit(MAX_PAGE)
    number = piece.row
    try:
        text = _text(file)
        lines = _Lines(text)
        reader = csv.DictReader(lines)
        _ = reader.fieldnames  # the first line, read before any jump
        if fault := lines.fault():
            raise csv.Error(fault)
        before = 0
        if piece.place:
            before = piece.line - reader.line_num
            text.seek(int(piece.place))
        for number, row in enumerate(islice(reader, piece.rows or None), piece.row + 1):
            if fault := lines.fault():
                message = f"row {number}: {fault}; mend it"
                yield number, problem(path, "source.row", message, before + reader.line_num)
            elif None in row or None in row.values():
                message = f"row {number} has more or fewer fields than the first line"
                yield number, problem(path, "source.row", message, before + reader.line_num)
            else:
                yield number, row
    except csv.Error as error:
        message = f"after row {number}: {error}; the rows behind it were not read"
        yield number, problem(path, "source.row", message)


def _csv_marks(path: Path, size: Size) -> Iterator[Mark]:
    """Where a CSV can be cut. Up to a fault, behind which nothing is read."""
    csv.field_size_limit(MAX_PAGE)
    with reading(path) as file:
        text = _text(file)
        lines = _Lines(text)
        reader = csv.DictReader(lines)
        number, last = 0, Mark("", 0, 0, 0)
        try:
            _ = reader.fieldnames
            last = Mark(str(text.tell()), 0, 0, reader.line_num)
            yield last
            for number, _ in enumerate(reader, 1):
                lines.fault()
                if number - last.row >= size.documents or file.tell() - last.at >= size.bytes:
                    last = Mark(str(text.tell()), file.tell(), number, reader.line_num)
                    yield last
        except csv.Error:
            number += 1
        if number > last.row:
            yield Mark("", file.tell(), number, reader.line_num)


def _text(file: Any) -> io.TextIOWrapper:
    # Bytes that are no UTF-8 are found line by line below, not wherever a buffer happens to end.
    return io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")


_NO_UTF8 = re.compile("[\udc80-\udcff]")


class _Lines:
    """The lines of a CSV, and what is wrong with those of the row that was read last.

    A line that would fill the memory is passed over, whether it leaves a quoted field open or not
    as it would have done. Raises csv.Error at a row that would fill the memory.
    """

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file, self._fault, self._taken = file, "", 0

    def fault(self) -> str:
        """What is wrong with the row that was read last, and the next one begins."""
        fault, self._fault, self._taken = self._fault, "", 0
        return fault

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MAX_PAGE):
            if len(line) == MAX_PAGE:
                self._fault = f"a line of more than {MAX_PAGE >> 20} MiB"
                line = self._passed_over(line)
            elif not line.isascii() and _NO_UTF8.search(line):
                self._fault = "not UTF-8"
            self._taken += len(line)
            if self._taken > MAX_PAGE:
                raise csv.Error(f"a row of more than {MAX_PAGE >> 20} MiB")
            yield line
        self._fault = (
            "a quoted field that is opened in it and closed nowhere; it took all behind it"
        )

    def _passed_over(self, line: str) -> str:
        """The end of a line that has begun like this, and what stands for it in its row."""
        quotes, skipped = line.count('"'), 0
        while skipped < MAX_SKIP:
            rest = self._file.readline(1 << 20)
            quotes += rest.count('"')
            skipped += len(rest)
            if not rest or rest.endswith(("\n", "\r")):
                return '"\n' if quotes % 2 else "-\n"
        raise csv.Error(f"a line of more than {MAX_SKIP >> 20} MiB")


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


def _jsonl_marks(path: Path, size: Size) -> Iterator[Mark]:
    with reading(path) as file:
        last = Mark("0", 0, 0, 0)
        yield last
        before, any_row = 0, False
        for before, line in enumerate(_lines(file)):
            at = file.tell() - len(line)  # behind what was passed over
            full = before - last.row >= size.documents or (before and at - last.at >= size.bytes)
            if full and any_row:  # the first piece says so where there is none
                last = Mark(str(at), at, before, before)
                yield last
            any_row = any_row or not blank(line)
        yield Mark("", file.tell(), before + 1, before + 1)


def _jsonl_rows(
    path: Path, file: Any, piece: Piece = WHOLE, skip: frozenset[int] = frozenset()
) -> Rows:
    import jsonlines

    file.seek(int(piece.place or 0))
    for number, line in enumerate(islice(_lines(file), piece.rows or None), piece.row + 1):
        if number - piece.row - 1 in skip or blank(line):
            yield number, None
            continue
        if len(line) > MAX_PAGE:
            message = f"a line of more than {MAX_PAGE >> 20} MiB"  # and read on behind it
            yield number, problem(path, "source.too-large", message, number)
            continue
        try:
            yield number, json_reader([line.decode("utf-8")]).read(type=dict)
        except (UnicodeDecodeError, jsonlines.InvalidLineError) as error:
            why = no_json(error.__cause__ or error)
            if isinstance(error, jsonlines.InvalidLineError) and not error.__cause__:
                why = "not a JSON object with its fields"
            yield number, problem(path, "json.malformed", f"{why}; mend the line", number)
