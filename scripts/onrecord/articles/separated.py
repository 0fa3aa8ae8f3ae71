"""The rows of a CSV, each by itself: one that is broken costs itself and takes no other along.

Rows are read as RFC 4180 has them, so that a quote that was never closed, or never doubled, is
found at once and does not swallow what follows. Behind it reading goes on where a row begins
beyond doubt (`Rows._begins`); what lies between is never taken for rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

MAX_SKIP = 256 * 1024 * 1024
"""Bytes of a line that are passed over to reach the next one."""

_UNREAD = {False: re.compile("[\udc80-\udcff]"), True: re.compile("\ufffd")}
"""What stands in a line for bytes that are not of its charset, by whether that is UTF-16."""
_MARKS = ",;\t|"
"""What may part the fields of a row, the usual mark first."""
_TELLS = re.compile(r'"?sep=(?P<mark>[^"\r\n])"?[\r\n]*')
"""The line before the first one that Excel goes by."""
_LINE = 64
"""Bytes that a line that is held takes besides its characters."""
_AGAIN, _ROOM = 4, 64 << 20
"""How often the characters of a CSV are read again, all in all and so many besides, to find what is
behind broken rows."""


@cache
def _opens_quoted(mark: str) -> re.Pattern[str]:
    """A quoted field that opens in a line, and holds something."""
    return re.compile(f'(?:^|{re.escape(mark)})"(?:[^"]|"")')


@cache
def _plain(mark: str) -> re.Pattern[str]:
    """A row with no quote out of place (RFC 4180)."""
    mark = re.escape(mark)
    field = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{mark}\r\n]*+)'
    return re.compile(rf"{field}(?:{mark}{field})*+[\r\n]*")


def _why(error: csv.Error) -> str:
    """What Python's reader says of a row that is no CSV, as a person would."""
    said = str(error)
    if said.endswith("expected after '\"'"):
        return "a quote inside a quoted field that is not doubled"
    return "a quoted field that is closed nowhere" if said == "unexpected end of data" else said


def _mark_of(line: str) -> str:
    """What parts the fields of a line: the mark that stands most often outside quotes."""
    bare = re.sub('"[^"]*"', "", line)
    return max(_MARKS, key=bare.count)


class Row(NamedTuple):
    """A row: its fields, the line that it begins on, and what is wrong with it.

    `behind` is the line at which reading goes on where the row could not be read to its end, 0
    where nothing behind it could be read.
    """

    line: int
    fields: list[str]
    fault: str = ""
    behind: int = -1


def text(file: Any, charset: str) -> io.TextIOWrapper:
    """A file of bytes as the lines of a CSV."""
    # Bytes of another charset are found line by line below, not wherever a buffer happens to end.
    errors = "replace" if _is_wide(charset) else "surrogateescape"
    own = "utf-8-sig" if charset == "utf-8" else charset
    return io.TextIOWrapper(file, own, errors, newline="")


def _is_wide(charset: str) -> bool:
    return charset.startswith("utf-16")


class Endless(csv.Error):
    """What is behind a row cannot be reached: a line is too long to be passed over, or too much
    would have to be read again."""


class _Gap(str):
    """What stands for a line that would fill the memory."""


class _Lines:
    """The lines of a CSV one by one. Those of the row in hand can be read again.

    A line of more than `most` is passed over, whether it leaves a quoted field open or not as it
    would have done. Raises csv.Error at a row of more, Endless at a line of more than `MAX_SKIP`.
    """

    def __init__(self, file: io.TextIOWrapper, most: int) -> None:
        self._file, self.most = file, most
        self._again = deque[str]()
        self.row: list[str] = []
        self.number = 0
        self._held = 0
        self._left = _ROOM

    def begin(self) -> None:
        """The next row begins."""
        self.row, self._held = [], 0

    def back(self, keep: int = 0) -> None:
        """Read the row's lines again, but for the first `keep`."""
        lines = self.row[keep:]
        self._left -= sum(map(len, lines))
        if self._left < 0:
            raise Endless("a broken row, behind which none is found in a reasonable time")
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)
        self.begin()

    @property
    def clear(self) -> bool:
        """Whether the file stands where the next row begins."""
        return not self._again

    def fault(self) -> str:
        """What is wrong with the lines of the row."""
        if any(isinstance(line, _Gap) for line in self.row):
            return f"a line of more than {self.most >> 20} MiB"
        charset = self._file.encoding
        unread = _UNREAD[_is_wide(charset)]
        if any(not line.isascii() and unread.search(line) for line in self.row):
            return f"not {charset.removesuffix('-sig').upper()}"
        return ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.row.append(line)
        self._held += len(line) + (_LINE if len(self.row) > 1 else 0)
        if self._held > self.most:
            raise csv.Error(f"a row of more than {self.most >> 20} MiB")
        return line

    def _read(self) -> str:
        line = self._file.readline(self.most)
        self._left += _AGAIN * len(line)
        if len(line) < self.most:
            return line
        quotes, skipped = line.count('"'), 0
        while skipped < MAX_SKIP:
            rest = self._file.readline(1 << 20)
            quotes += rest.count('"')
            skipped += len(rest)
            if not rest or rest.endswith(("\n", "\r")):
                return _Gap('"\n' if quotes % 2 else "-\n")
        raise Endless(f"a line of more than {MAX_SKIP >> 20} MiB")


class Rows:
    """The rows of a CSV behind its first line, whose fields are `columns`.

    That line says what parts the fields, or one before it (`sep=;`). No field, no line and no row
    of more than `most` characters is taken. Raises csv.Error where the first line cannot be read;
    iterating and `go_on` raise Endless.
    """

    def __init__(self, file: io.TextIOWrapper, most: int) -> None:
        csv.field_size_limit(most)
        self._lines = _Lines(file, most)
        self._mark = ""
        while line := next(self._lines, ""):
            if told := _TELLS.fullmatch(line):
                self._mark = told["mark"]
            elif not line.isspace():
                self._mark = self._mark or _mark_of(line)
                self._lines.back(len(self._lines.row) - 1)
                break
        self.columns = next(self._reader(), [])
        if fault := self._lines.fault():
            raise csv.Error(fault)

    def _reader(self) -> Any:
        return csv.reader(self._lines, strict=True, delimiter=self._mark or _MARKS[0])

    def at(self, line: int) -> None:
        """The file was moved to where another row begins, behind so many lines."""
        self._lines.number = line

    def go_on(self, file: io.TextIOWrapper) -> None:
        """Go on in another file, with what may be the rest of a row in its first line."""
        number = self._lines.number
        self._lines = _Lines(file, self._lines.most)
        self._lines.number = number
        next(self._lines, "")
        self._next()

    @property
    def line(self) -> int:
        """Lines before the next row."""
        return self._lines.number

    @property
    def clear(self) -> bool:
        """Whether the file stands where the next row begins."""
        return self._lines.clear

    def __iter__(self) -> Iterator[Row]:
        lines = self._lines
        while True:
            lines.begin()
            line = lines.number + 1
            try:
                fields = next(self._reader(), None)
            except Endless:
                raise
            except csv.Error as error:
                fault = lines.fault() or _why(error)
                lines.back(1)
                yield Row(line, [], fault, self._next())
                continue
            if fields is None:
                return
            if fields:  # not an empty line
                yield Row(line, fields, lines.fault())

    def _next(self) -> int:
        """Go to the next line where a row begins beyond doubt: its number, 0 for none."""
        while not self._begins():
            if not next(self._lines, ""):
                return 0
        return self._lines.number + 1

    def _begins(self) -> bool:
        """Whether a row begins here beyond doubt.

        It has the right number of fields and no quote out of place, one of its fields is in quotes,
        and no prose follows: a row, or a broken one. What is left of a broken row is never that
        where quotes in quoted fields are doubled, for then none stands alone behind a comma.
        """
        lines, wide = self._lines, len(self.columns)
        lines.begin()
        if not _opens_quoted(self._mark).search(next(lines, "")):
            lines.back()
            return False
        lines.back()
        row = self._tried()
        plain = "".join(lines.row)
        whole = row and len(row) == wide > 1 and _plain(self._mark).fullmatch(plain)
        follows = self._tried() if whole else []
        lines.back()
        return follows is None or len(follows) == wide

    def _tried(self) -> list[str] | None:
        """The next row, read to see what it is; None for none, and for one that is broken."""
        try:
            return next(filter(None, self._reader()), None)
        except Endless:
            raise
        except csv.Error:
            return None
