"""Tables (CSV, JSON lines, JSON): their rows as documents, and where they can be cut."""

from __future__ import annotations

import csv
import html
import json
import re
import sys
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from onrecord.articles import encodings, members, separated
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
    unforeseen,
)
from onrecord.articles.encodings import repair, unescaped
from onrecord.articles.separated import MAX_SKIP
from onrecord.ledger import blank, parsed
from onrecord.pieces import Piece, Size
from onrecord.places import reading
from onrecord.records import Problem, Source, UsageError, some
from onrecord.text import PARAGRAPH_BREAK, normalise

WHOLE = Piece()
"""A file from its start to its end."""

COLUMNS = {
    "headline": ("headline", "title"),
    "text": ("text", "body", "content", "articleBody", "maintext", "html"),
    "url": ("url", "link"),
    "date_published": (
        *("date_published", "datePublished", "date", "published", "publish_date", "date_publish"),
        *("published_at", "publishedAt", "publication_date", "pubDate"),
    ),
    "authors": ("authors", "author", "byline"),
    "section": ("section", "category"),
    "language": ("language", "lang"),
    "publisher": (),  # columns so called hold agencies, sites and owners, too
}
"""Article field -> the column names that are taken for it without a column map."""

_CUT = re.compile(r"\[\+\d+ chars\]\s*$")
"""How interfaces to news end a text of which they give the beginning only."""


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
    if why := unfit(path):
        yield problem(path, "source.encoding", why)
        return
    piece = piece or Piece(bytes=path.stat().st_size, sha256=digest(path))
    base = Source(
        file=path.as_posix(),
        media_type=kind,
        charset=piece.charset or charset(path),
        bytes=piece.bytes,
        sha256=piece.sha256,
        url=origin.address(path.name),
        revision=origin.revision,
    )
    with _opened(path) as parts:
        lines = kind != "text/csv"
        each = _rows(path, parts, base.charset, piece, skip)
        columns: dict[str, str] | str = ""
        any_row = False
        for at, (number, row) in enumerate(each):
            any_row = any_row or row is not None or at in skip
            if at in skip:
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
            names = "" if lines else " below its first line, which has to name its columns"
            yield problem(path, "source.empty", f"no row in it{names}")


def unfit(path: Path) -> str:
    """Why no row of a table can be read, by how it begins; "" for any other."""
    utf16 = media_type(path) != "text/csv" and _begins(path).startswith((b"\xff\xfe", b"\xfe\xff"))
    return "it is in UTF-16; save it as UTF-8" if utf16 else ""


def is_whole(path: Path) -> bool:
    """Whether a table can only be read as one: JSON that is no JSON lines, or packed."""
    return packed(path) or (media_type(path) != "text/csv" and _is_json(path))


def _is_json(path: Path) -> bool:
    """Whether a table is JSON and no JSON lines."""
    if _JSON.match(_begins(path)):
        return True
    if media_type(path) != "application/json":
        return False
    with suppress(*FAULTS), _opened(path) as parts:
        file = next(iter(parts))
        line = file.readline(MAX_PAGE + 1)
        # An object in one line and nothing behind it, or one that goes on in the next.
        goes_on = line.rstrip().endswith((b"[", b"{", b",", b":"))
        return len(line) <= MAX_PAGE and (goes_on or not file.read(LINE).strip())
    return False


def _begins(path: Path) -> bytes:
    with suppress(*FAULTS), _opened(path) as parts:
        return next(iter(parts)).read(LINE).lstrip(b" \r\n\t\xef\xbb\xbf")
    return b""


def charset(path: Path, most: int = sys.maxsize) -> str:
    """The charset of a table, of which so many bytes are read; JSON lines are in UTF-8."""
    if media_type(path) != "text/csv":
        return "utf-8"
    with _opened(path) as parts:
        return encodings.charset_of(_blocks(parts, most))


def _blocks(parts: Parts, most: int) -> Iterator[bytes]:
    """What a table holds, in blocks that end where a line does; without what cannot be read."""
    for file in parts:
        try:
            while parts.tell() < most and (block := file.read(LOOKED)):
                yield block + file.readline(LOOKED)
        except FAULTS:
            if not parts.more():
                return


LINE = 1 << 10
"""Bytes of a table that say what it is."""

_JSON = re.compile(rb"\[\s*\{|[\[{]\s*\n")
"""A list of objects, or an object over several lines."""


def known_columns(given: dict[str, str]) -> None:
    """Raises UsageError for a column map that names another field than those of `COLUMNS`."""
    for field in given:
        if field not in COLUMNS:
            raise UsageError(f"--column {field}=…: the fields are {', '.join(COLUMNS)}")


class Columns(msgspec.Struct, frozen=True):
    """What the columns of a table are taken for: pairs of a field and a column, and the others.

    `charset` is the one of the table.
    """

    taken: tuple[tuple[str, str], ...]
    left: tuple[str, ...]
    charset: str = "utf-8"


LOOKED = 1 << 20
"""Bytes of a table that are read to say what its columns are taken for: the rows of JSON lines may
each have others."""


def columns_of(path: Path, origin: Origin) -> Columns | None:
    """What the columns of a table are taken for, by its first row, of JSON lines by the first MiB.

    None where there is no row, or none has a text: `documents` says so of the table.
    """
    pairs = dict[tuple[str, str], None]()  # each once, in their order
    names = dict[str, None]()
    with _opened(path) as parts:
        own = charset(path, LOOKED)
        for _, row in _rows(path, parts, own):
            if isinstance(row, dict):
                names.update(dict.fromkeys(row))
                found = _columns(row, origin.columns)
                pairs.update(dict.fromkeys(found.items() if isinstance(found, dict) else ()))
                if media_type(path) == "text/csv":  # every row has the same
                    break
            if parts.tell() > LOOKED:
                break
    known = {name for _, name in pairs}
    left = tuple(name for name in names if name not in known)
    order = list(COLUMNS)
    taken = sorted(pairs, key=lambda pair: order.index(pair[0]))
    return Columns(tuple(taken), left, own) if taken else None


def _columns(row: dict[str, Any], given: dict[str, str]) -> dict[str, str] | str:
    """Article field -> column, or why these are not the columns.

    The usual names are found in any case, with blanks around them, too. A column of the caller's
    map goes first, where it is there: the tables of a run differ. One without a value goes last.
    """
    alike = {name.strip().casefold(): name for name in reversed(row)}
    alike |= {name: name for name in row}
    columns = dict[str, str]()
    for field, names in COLUMNS.items():
        found = [alike[name] for name in names if name in alike]
        if (named := given.get(field)) and _has(row, alike.get(named, named)):
            found.insert(0, alike.get(named, named))
        there = (name for name in found if _value(row, name) is not None)
        columns[field] = next(there, "".join(found[:1]))
    # As trafilatura calls it; a source may as well be the name of one.
    source = alike.get("source", "")
    if not columns["url"] and str(row.get(source)).startswith(("http://", "https://")):
        columns["url"] = source
    if not columns["text"]:
        there, named = some(_names(row)), given.get("text")
        if named:
            return f"no column {named!r} for the text; there are {there}"
        if any(name.startswith(("http://", "https://")) for name in row):
            return "its first line is an article; put a line that names its columns before it"
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
    line = number if base.media_type == "application/jsonl" else 0  # others have many lines a row
    if not _is_text(_value(row, columns["text"])):
        message = f"row {number}: its {columns['text']} is no text"
        return problem(path, "source.row", message, line)
    stated = {field: name for field, name in columns.items() if field != "text"}
    fields = {field: repair(_string(_value(row, name))) for field, name in stated.items()}
    text = _whole(row, columns["text"])
    if not text.strip():
        return problem(path, "source.empty", f"row {number} has no text", line)
    if cut := _CUT.search(text):
        message = f"row {number}: {cut[0].strip()} ends its {columns['text']}: only its beginning"
        return problem(path, "source.row", f"{message} is there; fetch the page", line)
    if len(text) > MAX_TEXT:
        message = f"row {number}: more than {MAX_TEXT >> 20} Mi characters: no article"
        return problem(path, "source.too-large", message, line)
    if "\0" in text or "\0" in fields.get("headline", ""):
        return problem(path, "source.encoding", f"row {number}: a NUL in the text", line)
    fields |= {"headline": unescaped(fields["headline"])} if "headline" in fields else {}
    # The decoded source of a row: its headline and its text, as somebody would paste them.
    names = [columns[f] for f in ("headline", "text") if f in columns]
    text, is_page = _decoded([fields["headline"]] if "headline" in columns else [], text)
    source = Source(**{f: getattr(base, f) for f in base.__struct_fields__})
    source.row, source.field = number, ",".join(names)
    publisher = normalise(fields.pop("publisher", "")) or origin.named(path, fields.get("url", ""))
    guessed = (
        base.charset not in encodings.KNOWN and not "".join((text, *fields.values())).isascii()
    )
    notes = ("charset-guessed",) if guessed else ()
    return Document(source, publisher, text, fields, notes, is_page)


_BLOCK = re.compile(r"</(?:p|div|li|ul|section|article|body|html)\s*>|<br\s*/?>|<p[\s>]", re.I)
_INLINE = re.compile(
    r"</(?:a|b|i|em|strong|span|h[1-6]|blockquote|figure|iframe|script)\s*>|<img\s", re.I
)
_WHOLE_PAGE = re.compile(r"<(?:html|body)\b", re.I)


def _decoded(headline: list[str], text: str, *, as_is: bool = False) -> tuple[str, bool]:
    """The source of a row, as somebody would paste it, or the page that its markup is of.

    What is escaped in a text without markup stays so with `as_is`.
    """
    if "<" not in text and "&lt;/p&gt;" in text:
        text = html.unescape(text)
    # A text may be about tags: it has fewer of them than paragraphs.
    blocks = len(_BLOCK.findall(text)) if "<" in text else 0
    is_block = blocks and (text.lstrip()[0] == "<" or blocks > text.count(PARAGRAPH_BREAK))
    if not is_block and (blocks or "<" not in text or not _INLINE.search(text)):
        joined = PARAGRAPH_BREAK.join([*headline, text])
        return joined if as_is else unescaped(joined), False
    if _WHOLE_PAGE.search(text):
        return text, True
    if not is_block:
        text = "".join(f"<p>{line}</p>\n" for line in text.splitlines() if line.strip())
    title = html.escape(html.unescape("".join(headline)))
    head = f"<head><title>{title}</title></head>" if title else ""
    shown = f"<h1>{title}</h1>\n" if title else ""
    return f"<html>{head}<body><article>{shown}{text}</article></body></html>", True


def marks(path: Path, size: Size, charset: str) -> Iterator[Mark]:
    """Where a table can be cut; one that is packed cannot."""
    is_csv = media_type(path) == "text/csv"
    return _csv_marks(path, size, charset) if is_csv else _jsonl_marks(path, size)


_WITHIN = ("name", "rendered", "$date")
"""Where the value is in a map: of schema.org, of WordPress, of MongoDB."""


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.get("rendered", value)
    if isinstance(value, list):
        return all(isinstance(part, str) for part in value)
    return isinstance(value, str | None)


def _string(value: Any, between: str = "; ") -> str:
    """A value of a row as a string; the items of a list stand in it with `between` them."""
    if isinstance(value, list):
        return between.join(filter(None, map(_string, value)))
    if isinstance(value, dict):
        value = next((value[key] for key in _WITHIN if key in value), None)
    return "" if value is None else str(value)


def row_source(row: dict[str, Any], field: str, *, as_is: bool = False) -> str:
    """The decoded source of a row again, from the column names that `Source.field` keeps.

    With `as_is` what was escaped stays so, as it did before version 17 of the converter.
    """
    # A comma parts the two names, and may stand in one of them.
    commas = [at for at, letter in enumerate(field) if letter == ","]
    pairs = ((field[:at], field[at + 1 :]) for at in commas)
    names = next((pair for pair in pairs if all(_has(row, name) for name in pair)), (field,))
    *headline, text = names
    parts = [repair(_string(_value(row, name))) for name in headline]
    return _decoded(parts, _whole(row, text), as_is=as_is)[0]


def _whole(row: dict[str, Any], name: str) -> str:
    """The text of a row; a list is one of paragraphs."""
    return repair(_string(_value(row, name), PARAGRAPH_BREAK))


def _value(row: dict[str, Any], name: str) -> Any:
    """The value of a column; `a.b` is the column b of the map in column a. None where none is."""
    if name in row:
        return row[name]
    outer, dot, inner = name.partition(".")
    within = row.get(outer)
    return _value(within, inner) if dot and isinstance(within, dict) else None


def _has(row: dict[str, Any], name: str) -> bool:
    return name in row or _value(row, name) is not None


def _names(row: dict[str, Any]) -> list[str]:
    """The names of columns as they are shown, those of maps in them as `--column` takes them."""
    each = ([f"{k}.{n}" for n in v] if isinstance(v, dict) and v else [k] for k, v in row.items())
    return [" ".join(name.split())[:40] for names in each for name in names]


class Parts:
    """What a table's file holds: one file to read, and of a packed one another behind each member
    that is broken."""

    def __init__(self, file: IO[bytes], packed: bool) -> None:
        self._file = file
        self._each = members.parts(file) if packed else iter([file])
        self._next = next(self._each, None)

    def __iter__(self) -> Iterator[IO[bytes]]:
        while file := self._next:
            self._next = None
            yield file

    def tell(self) -> int:
        """Bytes of the file that were read."""
        return self._file.tell()

    def more(self) -> bool:
        """Whether there is another behind the one that has just failed."""
        self._next = next(self._each, None)
        return self._next is not None


@contextmanager
def _opened(path: Path) -> Iterator[Parts]:
    with reading(path) as file:
        yield Parts(file, packed(path))


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """`(row number from 1, row)` of a table, unreadable rows left out."""
    with suppress(*FAULTS), _opened(path) as parts:
        for number, row in _rows(path, parts, charset(path)):
            if isinstance(row, dict):
                yield number, row


Rows = Iterator[tuple[int, dict[str, Any] | Problem | None]]
"""Rows with their numbers, None where one is passed over."""


def _rows(
    path: Path, parts: Parts, charset: str, piece: Piece = WHOLE, skip: frozenset[int] = frozenset()
) -> Rows:
    """The rows of a table, or of a piece of it."""
    if media_type(path) == "text/csv":
        return _csv_rows(path, parts, charset, piece)
    if _is_json(path):
        return _json_rows(path, parts)
    return _jsonl_rows(path, parts, piece, skip)


FAULTS = (EOFError, zlib.error)
"""What reading a packed table raises where a member of it is broken."""


def _csv_rows(path: Path, parts: Parts, charset: str, piece: Piece = WHOLE) -> Rows:
    number, rows, columns = piece.row, None, list[str]()
    for file in parts:
        text = separated.text(file, charset)
        try:
            if rows is None:
                rows = separated.Rows(text, MAX_PAGE)
                columns = _told_apart(rows.columns)
                if piece.place:
                    text.seek(int(piece.place))
                    rows.at(piece.line)
            else:
                rows.go_on(text)
            for row in islice(rows, piece.rows or None):
                number += 1
                yield number, _csv_row(path, number, row, columns)
        except csv.Error as error:
            message = f"after row {number}: {error}; {UNREAD}"
            yield number, problem(path, "source.row", message)
            return
        except FAULTS as error:
            number += 1
            yield number, _broken(path, number, parts, error)


def _told_apart(columns: list[str]) -> list[str]:
    """The names of columns; one that several have is taken for no field, but named as such."""
    counts = Counter(columns)
    return [f"{name} (more than once)" if name and counts[name] > 1 else name for name in columns]


UNREAD = "the rows behind it were not read"


def _csv_row(
    path: Path, number: int, row: separated.Row, columns: list[str]
) -> dict[str, Any] | Problem:
    if row.fault:
        then = {-1: "mend it", 0: UNREAD}.get(row.behind, f"reading went on at line {row.behind}")
        return problem(path, "source.row", f"row {number}: {row.fault}; {then}", row.line)
    if len(row.fields) != len(columns):
        message = f"row {number} has more or fewer fields than the first line"
        return problem(path, "source.row", message, row.line)
    return dict(zip(columns, row.fields, strict=True))


def _broken(path: Path, number: int, parts: Parts, error: Exception) -> Problem:
    """A member of a packed table that is broken. Raises the error where none is behind it."""
    if not parts.more():
        raise error
    message = f"{error}: what that held from row {number} on is lost"
    if isinstance(error, zlib.error):  # found behind what it broke
        message = f"a part of it is damaged: what that holds from row {number} on is lost, and rows"
        message += " before may be damaged"
    return problem(path, "source.unreadable", f"{message}; reading went on behind it", number)


def _csv_marks(path: Path, size: Size, charset: str) -> Iterator[Mark]:
    """Where a CSV can be cut. Up to a fault, behind which nothing is read."""
    with reading(path) as file:
        text = separated.text(file, charset)
        number, last = 0, Mark("", 0, 0, 0)
        rows = None
        try:
            rows = separated.Rows(text, MAX_PAGE)
            last = Mark(str(text.tell()), 0, 0, rows.line)
            yield last
            for number, _ in enumerate(rows, 1):
                full = number - last.row >= size.documents or file.tell() - last.at >= size.bytes
                if full and rows.clear:
                    last = Mark(str(text.tell()), file.tell(), number, rows.line)
                    yield last
        except csv.Error:
            number += 1
        if rows and number > last.row:
            yield Mark("", file.tell(), number, rows.line)


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
    path: Path, parts: Parts, piece: Piece = WHOLE, skip: frozenset[int] = frozenset()
) -> Rows:
    number, again = piece.row, False
    for file in parts:
        try:
            if piece.place:
                file.seek(int(piece.place))
            for line in islice(_lines(file), piece.rows or None):
                number += 1
                if number - piece.row - 1 in skip or blank(line):
                    row = None
                else:
                    row = _json_row(path, number, line)
                if again and not isinstance(row, dict):  # the rest of a line
                    number -= 1
                else:
                    yield number, row
                again = False
        except FAULTS as error:
            number, again = number + 1, True
            yield number, _broken(path, number, parts, error)


def _json_row(path: Path, number: int, line: bytes) -> dict[str, Any] | Problem:
    if len(line) > MAX_PAGE:
        message = f"a line of more than {MAX_PAGE >> 20} MiB"  # and read on behind it
        return problem(path, "source.too-large", message, number)
    try:
        row, why = _json(line), _NO_ROW
    except ValueError as error:
        row, why = None, str(error)
    if isinstance(row, dict):
        return row
    return problem(path, "json.malformed", f"{why}; mend the line", number)


_NO_ROW = "not a JSON object with its fields"


def _json_rows(path: Path, parts: Parts) -> Rows:
    """The rows of JSON that is no JSON lines: the items of a list, or one object."""
    data = next(iter(parts)).read(MAX_PAGE + 1)
    if len(data) > MAX_PAGE:
        way = "`jq -c '.[]'` makes JSON lines of it, for a .jsonl"
        message = f"more than {MAX_PAGE >> 20} MiB and no JSON lines; {way}"
        yield 1, problem(path, "source.too-large", message)
        return
    try:
        value = _json(data)
    except ValueError as error:
        yield 1, problem(path, "json.malformed", f"{error}; mend it")
        return
    for number, row in enumerate(_items(value), 1):
        fault = problem(path, "json.malformed", f"row {number}: {_NO_ROW}")
        yield number, row if isinstance(row, dict) else fault


def _items(value: Any) -> list[Any]:
    """The rows of a value: of a list its items, so too of one in an answer of an interface.

    Such an answer is a map without a text whose one list of maps, or whose one map, holds them.
    """
    for _ in range(_LEVELS):
        if not isinstance(value, dict) or isinstance(_columns(value, {}), dict):
            break
        each = [part for part in value.values() if part]
        lists = [part for part in each if isinstance(part, list) and isinstance(part[0], dict)]
        inner = lists or [part for part in each if isinstance(part, dict)]
        if len(inner) != 1 or any(isinstance(part, str) and len(part) >= _TEXT for part in each):
            break
        value = inner[0]
    return value if isinstance(value, list) else [value]


_LEVELS = 3
_TEXT = 200
"""Characters of a string that may be an article."""


def _json(data: bytes) -> Any:
    """A value of JSON, in which NaN and Infinity are no value. Raises ValueError for none."""
    data = data.removeprefix(BOM_UTF8)
    try:
        return parsed(data)
    except ValueError:
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        try:
            value = json.loads(data, parse_constant=lambda _: None)
            json.dumps(value, ensure_ascii=False).encode()  # no half of a surrogate pair is in it
            return value
        except (ValueError, RecursionError):
            pass
        raise
