"""Ledger lines for `check`: validated against their schema, and read again by place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import jsonschema_rs
import msgspec

from onrecord import compact, labels, ledger, rules
from onrecord.ledger import House
from onrecord.records import TOP_LEVEL, Article, DataError, Problem, Record
from onrecord.shelf import hydrated

R = TypeVar("R", bound=Record)
T = TypeVar("T")


_TIMES = ("created_at", "date_published")


def _there_is(time: str) -> bool:
    """Whether a day or time that has the form of one exists (2026-02-30 does not)."""
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True


class Line(NamedTuple):
    """Where a line stands: its number from 1, its first byte in the file."""

    path: Path
    number: int
    offset: int = 0


class Row(NamedTuple):
    """A line as read: `record` is None if there are `problems`."""

    line: Line
    key: str
    record: Any
    problems: list[Problem]


class Ledgers:
    """Reads the lines of a root's files and validates them."""

    def __init__(self, house: House) -> None:
        self.house = house
        known = labels.load()
        self._decoders = {
            name: msgspec.json.Decoder(kind) for name, kind in labels.strict_types(known).items()
        }
        self._known = known

    @cached_property
    def _schemas(self) -> dict[str, dict[str, Any]]:
        return labels.json_schemas(self._known)

    def problem(self, rule: str, line: Line, id_: str, message: str) -> Problem:
        return rules.problem(rule, self.house.name(line.path), line.number, id_, message)

    def rows(
        self, path: Path, kind: str, after: Line | None = None, count: int | None = None
    ) -> Iterator[Row]:
        """Validate each line of a JSON lines file, whatever is wrong with the others.

        With `after`, only the `count` lines from its offset; its number is that of the line before.
        A line is parsed once, into a strict type equivalent to its schema. Only a refused line is
        validated against the JSON Schema itself, which reports everything that is wrong with it.
        """
        if not path.exists():
            return
        key_field = "id" if kind == "article" else "article_id"
        decode = self._decoders[kind].decode
        _, before, offset = after or Line(path, 0)
        with path.open("rb") as file:
            file.seek(offset)
            for number, raw in enumerate(islice(file, count), before + 1):
                line = Line(path, number, offset)
                offset += len(raw)
                if raw.endswith(b"\n"):
                    try:
                        record = decode(raw)
                    except (msgspec.DecodeError, UnicodeDecodeError):
                        pass
                    else:
                        key = getattr(record, key_field)
                        wrong = [
                            self.problem(
                                "schema", line, key, f"{name}: {value!r} is no day or time"
                            )
                            for name in _TIMES
                            if (value := getattr(record, name, "")) and not _there_is(value)
                        ]
                        yield Row(line, key, None if wrong else record, wrong)
                        continue
                try:
                    value = ledger.parsed(raw)
                    # `append` treats a line without line end as partial and cuts it off.
                    fault = "" if raw.endswith(b"\n") else "the line end is missing"
                except ValueError as error:
                    value, fault = None, str(error) if raw.strip() else "a blank line"
                if fault:
                    yield Row(line, "", None, [self.problem("json.malformed", line, "", fault)])
                    continue
                key = value.get(key_field) if isinstance(value, dict) else ""
                yield self._typed(line, key if isinstance(key, str) else "", value, kind)

    def _typed(self, line: Line, key: str, value: object, kind: str) -> Row:
        problems = []
        for error in jsonschema_rs.validator_for(self._schemas[kind]).iter_errors(value):
            where = "/".join(str(part) for part in error.instance_path)
            message = f"{where}: {error.message}" if where else error.message
            problems.append(self.problem("schema", line, key, message))
        if not problems:
            try:
                return Row(line, key, msgspec.convert(value, TOP_LEVEL[kind]), [])
            except msgspec.ValidationError as error:
                problems.append(self.problem("schema", line, key, str(error)))
        return Row(line, key, None, problems)

    def table(
        self,
        path: Path,
        columns: list[str],
        keys: int,
        found: dict[str, str] | compact.Choices,
        differs: str = "",
    ) -> Generator[Problem, None, Iterator[tuple[Line, list[str]]] | None]:
        """The rows of a CSV, None if it cannot be read; fills `found` with key -> second column.

        The first `keys` columns are the key and must be unique (rule csv.repeat, or `differs` if
        the second column differs).
        """

        def rows() -> Iterator[tuple[Line, list[str]]]:
            for number, row in ledger.read_csv(path, columns, name=self.house.name(path)):
                yield Line(path, number), row

        try:
            for line, row in rows():
                key = ",".join(row[:keys])
                if key in found:
                    other = differs if differs and found.get(key) != row[1] else "csv.repeat"
                    message = f"{','.join(row[:2])}: {key} is on an earlier line"
                    yield self.problem(other, line, row[0], message)
                else:
                    found[key] = row[1]
        except DataError as error:
            yield from error.problems
            return None
        return rows()  # read again rather than kept: a table may have a line per story


KEPT = 256
"""Rows to cache: the rows of a batch mostly refer to rows of the same batch."""


class Reader:
    """Reads lines by their place, with a small cache."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._files: dict[Path, BinaryIO] = {}
        self._rows: OrderedDict[Line, Any] = OrderedDict()
        self._articles: OrderedDict[Line, tuple[Article, str]] = OrderedDict()

    def close(self) -> None:
        """Close the files that were read."""
        for file in self._files.values():
            file.close()

    def keep(self, line: Line, record: Record) -> None:
        """Add a row to the cache."""
        _put(self._rows, line, record)

    def read(self, line: Line, kind: type[R]) -> R:
        """The row at a place, which `rows` found valid."""
        if line not in self._rows:
            return _put(self._rows, line, self._decoded(line, kind))
        return self._rows[line]

    def article(self, line: Line) -> tuple[Article, str]:
        """The article at a place as in the ledger, and its text ("" if it is not available)."""
        if line not in self._articles:
            article = self._decoded(line, Article)
            whole = article if article.text else hydrated(self._house, article)
            return _put(self._articles, line, (article, whole.text if whole else ""))
        return self._articles[line]

    def _decoded(self, line: Line, kind: type[R]) -> R:
        file = self._files.get(line.path)
        if file is None:
            while len(self._files) >= OPEN:
                self._files.pop(next(iter(self._files))).close()
            file = self._files[line.path] = line.path.open("rb")
        file.seek(line.offset)
        return msgspec.json.decode(file.readline(), type=kind)


OPEN = 32
"""How many files are kept open."""


def _put(kept: OrderedDict[Line, T], line: Line, value: T) -> T:
    kept[line] = value
    if len(kept) > KEPT:
        kept.popitem(last=False)
    return value
