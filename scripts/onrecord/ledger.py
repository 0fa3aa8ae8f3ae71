"""Ledgers: the paths of a root; its records as JSON lines, its tables as CSV.

Stages are pure functions over records; this module reads and writes the records.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import msgspec
import orjson

from onrecord import atomic
from onrecord.records import Annotation, DataError, Problem, Record, refused

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class House(NamedTuple):
    """The paths of a root."""

    root: Path

    @property
    def corpus(self) -> Path:
        return self.root / "corpus"

    @property
    def articles(self) -> Path:
        return self.corpus / "articles"

    @property
    def splits(self) -> Path:
        return self.corpus / "splits.csv"

    @property
    def rights(self) -> Path:
        return self.corpus / "rights.csv"

    @property
    def annotators(self) -> Path:
        return self.corpus / "annotators.csv"

    @property
    def batches(self) -> Path:
        return self.corpus / "batches"

    @property
    def annotations(self) -> Path:
        return self.corpus / "annotations"

    @property
    def adjudications(self) -> Path:
        return self.corpus / "adjudications"

    @property
    def gold(self) -> Path:
        return self.corpus / "gold"

    @property
    def baselines(self) -> Path:
        return self.corpus / "baselines.json"

    @property
    def releases(self) -> Path:
        return self.corpus / "releases.csv"

    @property
    def withdrawn(self) -> Path:
        return self.corpus / "withdrawn.csv"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def text(self) -> Path:
        return self.build / "text"

    @property
    def signatures(self) -> Path:
        return self.build / "signatures"

    @property
    def hub(self) -> Path:
        return self.build / "hub"

    def name(self, path: Path) -> str:
        """The path for messages: relative to the root if it is inside."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def article_files(house: House) -> list[Path]:
    """The ledgers of corpus/articles, in a fixed order."""
    return _listed(house.articles, "*.jsonl")


def rows_files(folder: Path, pattern: str = "*.jsonl") -> list[Path]:
    """The JSON lines files of a folder, in a fixed order; none if there is no folder.

    Raises DataError as `no_pipe` does.
    """
    found = _listed(folder, pattern)
    for path in found:
        no_pipe(path)
    return found


def no_pipe(path: Path) -> None:
    """Raises DataError for what is there and is no file: who opens a pipe waits for ever."""
    if path.exists() and not path.is_file():
        raise malformed(path.as_posix(), 0, "not a file", "remove it")


def _listed(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if not of_desktop(path))


def files(folder: Path) -> list[Path]:
    """Every file below a folder, by path, except those of a file manager."""
    found = (path for path in folder.rglob("*") if path.is_file() and not of_desktop(path))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def of_desktop(path: Path) -> bool:
    """Whether a file manager left this: macOS puts "._NAME" beside each file of a USB stick."""
    return path.name.startswith("._") or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")


def annotation_files(house: House) -> list[Path]:
    """The files of corpus/annotations, in a fixed order."""
    return rows_files(house.annotations, "*/*.jsonl")


def batch_names(folder: Path, suffix: str) -> list[str]:
    """The batches with a file (or with suffix "", a folder) in `folder`, sorted."""
    return sorted(
        path.name.removesuffix(suffix)
        for path in folder.glob(f"*{suffix}")
        if not path.name.startswith(".") and (suffix or path.is_dir())
    )


def digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- JSON lines -------------------------------------------------------------------------------


def rows(path: Path, *, name: str = "") -> Iterator[tuple[int, Any]]:
    """`(line number, JSON value)` of each line that is not blank, lazily.

    Raises DataError (`json.malformed`) naming file and line: no other line is skipped.
    """
    name = name or path.as_posix()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if blank(line):
                continue
            try:
                yield number, parsed(line.removeprefix(BOM_UTF8))
            except ValueError as error:
                raise malformed(name, number, str(error)) from None


def blank(line: bytes) -> bool:
    """Whether a line of a JSON lines file is blank. Readers count it but skip it.

    So do jq, pandas and `datasets`. Only `check` reports blank lines, in ledgers.
    """
    return line.isspace()


def parsed(line: bytes) -> Any:
    """The JSON value of a line. Raises ValueError, saying what is wrong at which place in the line.

    NaN, lone surrogates and a byte order mark are refused, too.
    """
    import jsonlines

    kind: Any = jsonlines.Reader  # its stubs do not know `loads`
    try:
        # The reader drops one mark at the start: with this one it drops none of the line's.
        return kind([f"\ufeff{line.decode()}"], loads=orjson.loads).read(allow_none=True)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except jsonlines.InvalidLineError as error:
        raise ValueError(_no_json(error.__cause__ or error)) from None


def decoded(line: bytes, kind: type[T]) -> T:
    """The record of a line. Raises msgspec.DecodeError, of which ValidationError is one.

    msgspec has other errors for what is not UTF-8 and for what is nested too deeply.
    """
    try:
        return msgspec.json.decode(line, type=kind)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("not UTF-8") from None
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None


def _no_json(error: BaseException) -> str:
    """What is wrong with a line that is not JSON; the position is that in the line."""
    if isinstance(error, orjson.JSONDecodeError):
        return f"no JSON, {error.msg} at character {error.pos + 1}"
    return str(error)


def malformed(name: str, line: int, why: str, advice: str = "fix or remove the line") -> DataError:
    """The error for a line that is not a record (`json.malformed`); line 0 if unknown."""
    message = f"{why}; {advice}"
    problem = Problem(file=name, line=line, rule="json.malformed", id="", message=message)
    return refused(problem)


def read(path: Path, kind: type[R], *, name: str = "") -> Iterator[R]:
    """The records of a JSON lines file, lazily; none if there is no file.

    Raises DataError (`json.malformed`, `schema`) naming file and line.
    """
    for _, record in read_numbered(path, kind, name=name):
        yield record


def all_annotations(house: House) -> Iterator[Annotation]:
    """Every annotation of a root, file by file. Raises DataError as `read` does."""
    for path in annotation_files(house):
        yield from read(path, Annotation, name=house.name(path))


OTHER_VERSION = "is this file made by another version of onrecord?"


def read_numbered(
    path: Path, kind: type[R], *, name: str = "", advice: str = OTHER_VERSION
) -> Iterator[tuple[int, R]]:
    """Like `read`, with line numbers; `advice` is added to the message about an invalid row."""
    if not path.exists():
        return
    name = name or path.as_posix()
    for line, row in rows(path, name=name):
        record = _record(row, kind, name, line, advice)
        if isinstance(record, Problem):
            raise refused(record)
        yield line, record


def read_placed(path: Path, kind: type[R], *, name: str = "") -> Iterator[tuple[int, R]]:
    """Like `read`, with the offset of each line, for `read_at`."""
    if not path.exists():
        return
    with path.open("rb") as file:
        starts = enumerate(accumulate(map(len, file), initial=0), 1)
        for number, record in read_numbered(path, kind, name=name):  # blank lines left out
            yield next(start for line, start in starts if line == number), record


def read_at(file: BinaryIO, offset: int, kind: type[R]) -> R:
    """The record of the line at an offset, which `read_placed` gave."""
    file.seek(offset)
    return msgspec.json.decode(file.readline().removeprefix(BOM_UTF8), type=kind)


def read_each(path: Path, kind: type[R]) -> Iterator[tuple[int, R | Problem]]:
    """Like `read_numbered`, but yields a problem for an invalid line instead of raising."""
    name = path.as_posix()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if blank(line):
                continue
            try:
                row = parsed(line)
            except ValueError as error:
                yield number, malformed(name, number, str(error)).problems[0]
            else:
                yield number, _record(row, kind, name, number, OTHER_VERSION)


def _record(row: Any, kind: type[R], name: str, line: int, advice: str) -> R | Problem:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        key = (row.get("id") or row.get("article_id") or "") if isinstance(row, dict) else ""
        message = f"{error}; {advice}"
        return Problem(file=name, line=line, rule="schema", id=str(key), message=message)


def encode(record: msgspec.Struct) -> bytes:
    """A record as a line, newline included: UTF-8, fields in order."""
    return msgspec.json.encode(record) + b"\n"


def indented(value: object) -> str:
    """Records, or values that contain records, as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


# --- writing ----------------------------------------------------------------------------------


def write(path: Path, records: Iterable[msgspec.Struct]) -> int:
    """Write the records as JSON lines, atomically. Returns how many."""
    count = 0
    with atomic.replacing(path) as file:
        for record in records:
            file.write(encode(record))
            count += 1
    return count


def append(path: Path, lines: Iterable[bytes]) -> None:
    """Append whole lines to a ledger, as `append_each` does."""
    append_each((path, line) for line in lines)


def append_rows(path: Path, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Append rows to a CSV, after its first line where it is new; nothing for no rows."""
    lines = [csv_line(row) for row in rows]
    if lines:
        append(path, lines if path.exists() else [csv_line(columns), *lines])


def append_each(lines: Iterable[tuple[Path, bytes]]) -> None:
    """Append whole lines, each to its ledger, in this order.

    They are written after the last whole line: what a killed run left half-written is cut off
    first, so a rerun gives the same bytes as one undisturbed run. A run that is killed leaves the
    first of the lines, whichever ledgers they are in. On a full disk none of them stays, nor a
    ledger that is new. One file is open at a time, however many ledgers there are.
    """
    before: dict[Path, int] = {}
    try:
        for path, run in groupby(lines, itemgetter(0)):
            if path not in before:
                before[path] = _whole(path)
            # Unbuffered: a full disk would refuse what a buffer holds once more.
            with path.open("ab", buffering=0) as file:
                for _, line in run:
                    left = memoryview(line)
                    with atomic.naming(path):
                        while left:
                            left = left[file.write(left) :]
        for path in before:
            with atomic.naming(path), path.open("rb") as file:
                os.fsync(file.fileno())
    except BaseException:
        for path, size in before.items():
            os.truncate(path, size) if size else path.unlink(missing_ok=True)
        raise


def _whole(path: Path) -> int:
    """Where the last whole line of a ledger ends, once what follows it is cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        mend(path)
        return path.stat().st_size
    return 0


def mend(path: Path) -> None:
    """Cut off a partial last line that a killed run left in a ledger."""
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            if at := file.read(end - start).rfind(b"\n") + 1:
                file.truncate(start + at)
                return
            end = start
        file.truncate(0)


# --- CSV --------------------------------------------------------------------------------------

RIGHTS = ["pattern", "licence", "release", "basis", "attribution"]
ANNOTATORS = ["id", "kind", "model", "version", "given"]
BATCH = ["article", "annotator"]
SPLITS = ["story", "split"]
RELEASES = ["version", "content"]
WITHDRAWN = ["article", "text_sha256", "withdrawn_at", "reason"]
"""The first line of each CSV of corpus/."""


def read_csv(path: Path, columns: list[str], *, name: str = "") -> Iterator[tuple[int, list[str]]]:
    """`(line number, values)` of a CSV with exactly these columns; none if there is no file.

    Raises DataError (`csv.columns`, `csv.row`) for another header or a malformed row.
    """
    if not path.exists():
        return
    name = name or path.as_posix()

    def fault(line: int, rule: str, message: str) -> DataError:
        problem = Problem(file=name, line=line, rule=rule, id="", message=message)
        return refused(problem)

    if not path.is_file():  # who opens a pipe waits for ever
        raise fault(0, "csv.row", "not a file; remove it")
    done = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, None)
            if header != columns:
                want = ",".join(columns)
                raise fault(1, "csv.columns", f"the first line must be {want}")
            for row in reader:
                done = reader.line_num
                if len(row) != len(columns):
                    raise fault(
                        done,
                        "csv.row",
                        f"{len(row)} fields instead of {len(columns)}; quote a value with a comma",
                    )
                yield done, [value.strip() for value in row]
    except UnicodeDecodeError:
        raise fault(_not_utf8(path), "csv.row", "not UTF-8; save the file as UTF-8 CSV") from None
    except csv.Error as error:  # of a quotation mark that is not closed it is the end of the file
        message = f"{error}; close its quotation marks, and double those inside"
        raise fault(done + 1, "csv.row", message) from None


def _not_utf8(path: Path) -> int:
    """The first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0


def csv_line(values: Iterable[object]) -> bytes:
    """One CSV line, LF at its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue().encode()


def splits(house: House) -> dict[str, str]:
    """Story -> split, as corpus/splits.csv fixes it."""
    rows = read_csv(house.splits, SPLITS, name=house.name(house.splits))
    return {story: split for _, (story, split) in rows}


def withdrawn(house: House) -> list[list[str]]:
    """The rows of corpus/withdrawn.csv (`WITHDRAWN`): articles that were taken out."""
    name = house.name(house.withdrawn)
    return [row for _, row in read_csv(house.withdrawn, WITHDRAWN, name=name)]
