"""A pass: a total function over documents, run shard by shard, and the rows it writes.

Every document gives one row: a record or a problem. The rows of a shard are one file, the unit that
a run loses, repeats or resumes from. What runs the shards (the pool of this machine, an engine)
does not affect the rows.

A run is a list of stages, done one after another. The tasks of a stage can be done in any order,
anywhere, and repeatedly.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from onrecord import places
from onrecord.ledger import blank
from onrecord.pieces import CRASHED, lines
from onrecord.records import DataError, Problem, UsageError
from onrecord.running.shards import Plan, Shard

T = TypeVar("T")

DONE, REVIEW, FAILED, LEFT = b"+", b"?", b"-", b"0"
"""The first byte of a row in a shard's file: a record, a record for review, a problem, the id of a
document that was left out. A row with any other mark is a record for review, of a kind of its own.
"""


class Row(NamedTuple):
    """The outcome for a document: a mark (`DONE` … `LEFT`), and a line with its line feed."""

    mark: bytes
    line: bytes


def failed(problem: Problem) -> Row:
    """The row of a document that failed."""
    return Row(FAILED, msgspec.json.encode(problem) + b"\n")


class Where(NamedTuple):
    """The place of a document for a problem: its file, its line there, its id."""

    file: str
    line: int = 0
    id: str = ""


class Watch:
    """How a task and its runner communicate; this one does nothing.

    The task reports the number of its current document with `at`. `skip` are documents that killed
    processes before: they are neither read nor decoded. If even skipping one killed a process, it
    is in `ends`, and the rest of its piece is skipped with it.
    """

    skip: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()

    def at(self, number: int) -> None:
        """Report the number of the current document."""


UNWATCHED = Watch()


def watched(found: Iterable[T], watch: Watch) -> Iterator[T]:
    """The items, in order; `watch` is told the number of each before it is read.

    So if a process dies, in reading an item or in processing it, the number is known.
    """
    watch.at(0)
    for number, each in enumerate(found, 1):
        yield each
        watch.at(number)


class Stage(Protocol):
    """Tasks by number. Has settings only, no open files, since it is sent to other processes."""

    @property
    def name(self) -> str: ...

    @property
    def tasks(self) -> int: ...

    @property
    def folder(self) -> str:
        """The folder of the plan, which also has the results."""
        ...

    def done(self, task: int) -> bool:
        """Whether the result of this task exists already."""
        ...

    def do(self, task: int, watch: Watch) -> None:
        """Write the result of a task: the same bytes wherever and however often it is done."""
        ...


class Pass(Protocol[T]):
    """What is done with every document."""

    @property
    def rule(self) -> str:
        """The rule for a document that failed, such as `convert.failed`."""
        ...

    def read(self, shard: Shard, watch: Watch = UNWATCHED) -> Iterator[T | Problem | None]:
        """The documents of a shard; a problem in place of one that cannot be read.

        None stands for an empty line. Documents in `watch.skip` become `crashed` problems and are
        not touched.
        """
        ...

    def where(self, given: T) -> Where: ...

    def row(self, given: T) -> Row:
        """The row of a document. Pure, except for what the settings refer to."""
        ...


def row(work: Pass[T], given: T | Problem) -> Row:
    """`work.row`, made total: any error caused by a document becomes a row.

    Errors of the machine or of usage (a full disk, a missing model) are raised.
    """
    if isinstance(given, Problem):
        return failed(given)
    try:
        return work.row(given)
    except (OSError, UsageError, DataError):
        raise
    except Exception as error:
        message = f"{type(error).__name__}: {error}"[:500]
        return failed(problem(work.rule, work.where(given), message))


def problem(rule: str, where: Where, message: str) -> Problem:
    """A problem whose message is valid UTF-8, even if the name of a file is not."""
    said = message.encode("utf-8", "backslashreplace").decode()
    return Problem(file=where.file, line=where.line, rule=rule, id=where.id, message=said)


DEATHS = 2
"""How many processes a document may kill before it is set aside."""

ENDED = "even skipping this document killed a process; what follows it was not read"


def crashed(rule: str, where: Where, message: str = CRASHED) -> Problem:
    """The problem of a document that killed processes."""
    return problem(rule, where, message)


def placed(shard: Shard, rule: str, watch: Watch) -> Iterator[tuple[Where, bytes] | Problem | None]:
    """The lines of a shard made by `stretches`, with their places, as for `Pass.read`."""
    number = 0
    for piece in shard.pieces:
        for line_number, line in lines(piece):
            where = Where(piece.file, line_number)
            if number in watch.skip:
                yield crashed(rule, where)
            else:
                yield None if blank(line) else (where, line)
            number += 1


def rows(work: Pass[T], documents: Iterable[T | Problem | None], watch: Watch) -> Iterator[Row]:
    """The rows of a shard's documents, in order."""
    for given in watched(documents, watch):
        if given is not None:
            yield row(work, given)


SELDOM = 50_000
"""The threshold of the cyclic garbage collector while tasks are done."""


@contextmanager
def seldom() -> Iterator[None]:
    """Collect cycles less often: a document makes thousands of objects and hardly any cycle.

    With Python's default threshold, collection took a fifth of the time on pasted text; with that
    in force between two tasks, a fiftieth.
    """
    former = gc.get_threshold()
    gc.set_threshold(SELDOM, *former[1:])
    try:
        yield
    finally:
        gc.set_threshold(*former)


def write(path: Path, found: Iterable[Row]) -> None:
    """Write a shard's rows, all or none of them."""
    with places.writing(path) as file:
        for mark, line in found:
            file.write(mark + line)


class Shards:
    """A stage with a task for every shard of a plan, each of which writes a file."""

    folder: str
    name: str
    tasks: int
    ending: ClassVar[str]
    """The suffix of its files."""

    def path(self, task: int) -> Path:
        """The file that a task writes."""
        return places.place(self.folder) / self.name / f"{task:06}{self.ending}"

    def done(self, task: int) -> bool:
        return self.path(task).exists()

    def shard(self, task: int) -> Shard:
        return plan(self.folder)[task]


W = TypeVar("W", bound=Pass[Any])


@dataclass(frozen=True)
class Documents(Shards, Generic[W]):
    """The stage that runs a pass over every shard of a plan, with one file of rows per shard."""

    work: W
    folder: str
    name: str
    tasks: int
    ending = ".rows"

    def do(self, task: int, watch: Watch) -> None:
        found = self.work.read(self.shard(task), watch)
        write(self.path(task), rows(self.work, found, watch))
        self.wrote(task)

    def wrote(self, task: int) -> None:
        """Called when the rows of a task are written, to remove what was kept for them."""

    def stand(self, task: int) -> bool:
        """Whether the rows of a task are final, because what they were made from was removed.

        That their file exists is not enough: a remote file may be incomplete.
        """
        return False


def plan(folder: str) -> Plan:
    """The plan of a folder, opened once per process."""
    if folder not in _plans:
        _plans.clear()
        _plans[folder] = Plan(places.place(folder))
    return _plans[folder]


_plans: dict[str, Plan] = {}


class Told(msgspec.Struct, kw_only=True):
    """The result of a run: the number of rows of each kind, and the ids that were left out.

    `kinds` are those of records for review that have a mark of their own: mark -> number.
    """

    records: int = 0
    review: int = 0
    kinds: dict[str, int] = {}
    failed: int = 0
    left: list[str] = []


@dataclass(frozen=True)
class Gather:
    """The last stage: all records in one file, in order, and the problems in another.

    Both are written in the work folder first and then renamed into place. Without a record, the
    file of records stays as it is: it may be the result of a run that had some.
    """

    stage: Documents[Any]
    out: str
    name: str = "gather"
    tasks: int = 1

    def done(self, task: int) -> bool:
        told = self.told()
        return told is not None and (not told.records or places.place(self.out).exists())

    def told(self) -> Told | None:
        """The result, None if it is not done."""
        try:
            return msgspec.json.decode(self._folder().joinpath("told.json").read_bytes(), type=Told)
        except FileNotFoundError:
            return None

    @property
    def folder(self) -> str:
        return self.stage.folder

    def _folder(self) -> Path:
        return places.place(self.folder)

    def do(self, task: int, watch: Watch) -> None:
        out = places.place(self.out)
        aside = out.with_name(out.name + PROBLEMS)
        counts: Counter[bytes] = Counter()
        left: list[str] = []
        held = self._folder() if places.local(out) else None
        with ExitStack() as files:
            opened: dict[Path, IO[bytes]] = {}
            for number in range(self.stage.tasks):
                with places.reading(self.stage.path(number)) as file:
                    for line in file:
                        mark = line[:1]
                        counts[mark] += 1
                        if mark == LEFT:
                            left.append(line[1:-1].decode())
                            continue
                        path = aside if mark == FAILED else out
                        if path not in opened:
                            opened[path] = files.enter_context(places.writing(path, held))
                        opened[path].write(line[1:])
        if out in opened and aside not in opened:
            aside.unlink(missing_ok=True)
        known = (DONE, REVIEW, FAILED, LEFT)
        kinds = {mark.decode(): number for mark, number in counts.items() if mark not in known}
        review = counts[REVIEW] + sum(kinds.values())
        told = Told(
            records=counts[DONE] + review,
            review=review,
            kinds=kinds,
            failed=counts[FAILED],
            left=left,
        )
        with places.writing(self._folder() / "told.json") as file:
            file.write(msgspec.json.encode(told))


PROBLEMS = ".problems.jsonl"
"""The suffix of the file of problems, after the name of the records' file."""
