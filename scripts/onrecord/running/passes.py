"""A pass: a total function over documents, shard by shard, and the rows it leaves.

Every document gives one row: a record, or what went wrong with it. The rows of a shard are one
file, and one file is the unit that a run loses, repeats or goes on from. What runs the shards (the
pool of this machine, an engine of many) decides nothing about a row.

A run is a list of stages, done one after another; the tasks of a stage can be done in any order,
anywhere, and again.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from onrecord.ledger import blank
from onrecord.records import DataError, Problem, UsageError
from onrecord.running import places
from onrecord.running.shards import Plan, Shard, lines

T = TypeVar("T")

DONE, REVIEW, FAILED, LEFT = b"+", b"?", b"-", b"0"
"""How a row begins in a shard's file: a record, one that a person should look at, a problem, an
id that was left out."""


class Row(NamedTuple):
    """What became of a document: a mark of `DONE` … `LEFT`, and a line with its line feed."""

    mark: bytes
    line: bytes


def failed(problem: Problem) -> Row:
    """The row of a document that could not be done."""
    return Row(FAILED, msgspec.json.encode(problem) + b"\n")


class Where(NamedTuple):
    """What a problem says of a document: its file, its line there, its id."""

    file: str
    line: int = 0
    id: str = ""


class Watch:
    """What a runner is told while a task runs, and tells it: nothing, here.

    `at` is the number of the document in hand. `skip` are those that ended processes before: they
    are not read and not decoded. Where a process ended on passing one over, too, it is in `ends`:
    what lies behind it in its piece is left alone with it.
    """

    skip: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()

    def at(self, number: int) -> None:
        """The document in hand."""


UNWATCHED = Watch()


def watched(found: Iterable[T], watch: Watch) -> Iterator[T]:
    """What is found, in its order; `watch` hears of each before it is looked for.

    So a process that ends, in reading or in what is done then, ended on a document by its number.
    """
    watch.at(0)
    for number, each in enumerate(found, 1):
        yield each
        watch.at(number)


class Stage(Protocol):
    """Tasks by number. Settings only, no open files: it is sent to other processes."""

    @property
    def name(self) -> str: ...

    @property
    def tasks(self) -> int: ...

    @property
    def folder(self) -> str:
        """The folder of the plan, where results lie."""
        ...

    def done(self, task: int) -> bool:
        """Whether a former run left this task's result."""
        ...

    def do(self, task: int, watch: Watch) -> None:
        """Leave the result of a task. Again and elsewhere it leaves the same bytes."""
        ...


class Pass(Protocol[T]):
    """What is done with every document."""

    @property
    def rule(self) -> str:
        """The rule of a document that failed: `convert.failed`."""
        ...

    def read(self, shard: Shard, watch: Watch = UNWATCHED) -> Iterator[T | Problem | None]:
        """The documents of a shard; one that cannot be read is a problem in its place.

        None is what holds no document (an empty line). What is in `watch.skip` by its number is
        `crashed` and not touched.
        """
        ...

    def where(self, given: T) -> Where: ...

    def row(self, given: T) -> Row:
        """The row of a document. Pure but for what the settings name."""
        ...


def row(work: Pass[T], given: T | Problem) -> Row:
    """`work.row`, made total: whatever goes wrong with a document is a row.

    What is wrong with the machine or the call (a full disk, a model that is not there) is raised.
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
    """A problem whose message can be written in UTF-8, whatever the name of a file holds."""
    said = message.encode("utf-8", "backslashreplace").decode()
    return Problem(file=where.file, line=where.line, rule=rule, id=where.id, message=said)


DEATHS = 2
"""Processes that may end on one document before it is set aside."""

CRASHED = "the process ended on this document, twice; it was set aside"
ENDED = "a process ended on passing over this document, too; what is behind it was not read"


def crashed(rule: str, where: Where, message: str = CRASHED) -> Problem:
    """The problem of a document on which processes ended."""
    return problem(rule, where, message)


def placed(shard: Shard, rule: str, watch: Watch) -> Iterator[tuple[Where, bytes] | Problem | None]:
    """The lines of a shard that `stretches` gave, with their places, as `Pass.read` wants them."""
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
    """The rows of a shard's documents, in their order."""
    for given in watched(documents, watch):
        if given is not None:
            yield row(work, given)


SELDOM = 50_000
"""Objects made and not let go between two looks for cycles, while documents are gone through."""


@contextmanager
def seldom() -> Iterator[None]:
    """Look for cycles seldom: a document makes thousands of objects and leaves hardly a cycle.

    Measured on pasted text: looking as often as Python does by itself is a fifth of the time.
    """
    former = gc.get_threshold()
    gc.set_threshold(SELDOM, *former[1:])
    try:
        yield
    finally:
        gc.set_threshold(*former)


def write(path: Path, found: Iterable[Row]) -> None:
    """Write a shard's rows, all or none."""
    with places.writing(path) as file:
        for mark, line in found:
            file.write(mark + line)


class Shards:
    """A stage that has a task for every shard of a plan, and leaves a file of each."""

    folder: str
    name: str
    tasks: int
    ending: ClassVar[str]
    """What the names of its files end in."""

    def path(self, task: int) -> Path:
        """The file that a task leaves."""
        return places.place(self.folder) / self.name / f"{task:06}{self.ending}"

    def done(self, task: int) -> bool:
        return self.path(task).exists()

    def shard(self, task: int) -> Shard:
        return plan(self.folder)[task]


W = TypeVar("W", bound=Pass[Any])


@dataclass(frozen=True)
class Documents(Shards, Generic[W]):
    """The stage that runs a pass over every shard of a plan: a file of rows a shard."""

    work: W
    folder: str
    name: str
    tasks: int
    ending = ".rows"

    def do(self, task: int, watch: Watch) -> None:
        with seldom():
            found = self.work.read(self.shard(task), watch)
            write(self.path(task), rows(self.work, found, watch))
        self.wrote(task)

    def wrote(self, task: int) -> None:
        """The rows of a task stand: what was kept for them may go, and then they `stand`."""

    def stand(self, task: int) -> bool:
        """Whether the rows of a task stand for good, for what they were made from is gone.

        Whether their file is there does not say so: at an address half of it may be.
        """
        return False


def plan(folder: str) -> Plan:
    """The plan of a folder, opened once a process."""
    if folder not in _plans:
        _plans.clear()
        _plans[folder] = Plan(places.place(folder))
    return _plans[folder]


_plans: dict[str, Plan] = {}


class Told(msgspec.Struct, kw_only=True):
    """What a run came to: how many rows of each kind, and the ids that were left out."""

    records: int = 0
    review: int = 0
    failed: int = 0
    left: list[str] = []


@dataclass(frozen=True)
class Gather:
    """The last stage: the records of all shards in one file, in order, and the problems beside it.

    Both are written in the work folder first and take their places by a rename.
    """

    stage: Documents[Any]
    out: str
    name: str = "gather"
    tasks: int = 1

    def done(self, task: int) -> bool:
        return self.told() is not None and places.place(self.out).exists()

    def told(self) -> Told | None:
        """What it came to, once it is done."""
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
        with (
            places.writing(out, held) as records,
            places.writing(aside, held) as problems,
        ):
            for number in range(self.stage.tasks):
                with places.reading(self.stage.path(number)) as file:
                    for line in file:
                        mark = line[:1]
                        counts[mark] += 1
                        if mark == FAILED:
                            problems.write(line[1:])
                        elif mark == LEFT:
                            left.append(line[1:-1].decode())
                        else:
                            records.write(line[1:])
        if not counts[FAILED]:
            aside.unlink(missing_ok=True)
        told = Told(
            records=counts[DONE] + counts[REVIEW],
            review=counts[REVIEW],
            failed=counts[FAILED],
            left=left,
        )
        with places.writing(self._folder() / "told.json") as file:
            file.write(msgspec.json.encode(told))


PROBLEMS = ".problems.jsonl"
"""What the file of problems is called behind the name of the records' file."""
