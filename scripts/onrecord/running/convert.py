"""The pass of `convert`: sources to articles, once it is known what a publisher's pages repeat.

First, one task scans the sources and writes the plan. For pasted text, three stages follow: each
shard is read and its lines are learnt, one task merges them into the table, and each shard is
cleaned with that state of the table. Pages need only the last stage.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from struct import Struct
from typing import IO

import msgspec

from onrecord import locks, places
from onrecord.articles import lines, sources, tables, triage
from onrecord.articles.convert import convert
from onrecord.articles.documents import (
    FAILED,
    MARKUP,
    TABLES,
    Document,
    Origin,
    media_type,
    publisher_of,
    unforeseen,
)
from onrecord.articles.documents import crashed as of_source
from onrecord.ledger import House, encode
from onrecord.pieces import Piece, Size
from onrecord.records import Article, Problem
from onrecord.running import pool
from onrecord.running.passes import (
    DONE,
    ENDED,
    REVIEW,
    UNWATCHED,
    Documents,
    Row,
    Shards,
    Stage,
    Watch,
    Where,
    crashed,
    failed,
    plan,
    watched,
)
from onrecord.running.shards import Shard, make
from onrecord.text import Blanks, blanks, take_again, utf8

KNOWN = "lines"
"""The file of `known` in the plan's folder."""

KIND_MARKS = {kind: bytes([mark]) for mark, kind in enumerate(triage.KINDS, ord("a"))}
"""Kind of concern -> the mark of the rows to be read first for it."""

MOST = 20
"""How many kinds of tables, by their columns, are reported."""


MOST_FOLDERS = 10_000
"""How many folders are told apart by their names."""


class Alike(msgspec.Struct):
    """Tables with the same columns: the first one, and their number."""

    first: str
    columns: tables.Columns
    count: int = 1


class Ended(msgspec.Struct):
    """A file whose rows killed a process when scanned; `alone`: cutting it into pieces did, too."""

    stamp: str
    alone: bool


class Seen(msgspec.Struct):
    """What was seen of the sources while they were looked through, besides the plan.

    `others` counts what was passed over (`sources.find`), `passed` the records of archives that
    were (`sources.pieces`), `any_table` says whether a file is a
    table, `tables` are those whose columns could be read, told by these, `taken` are the fields
    with the columns that any table has for them, `ended` are the files on which processes ended.
    `folders` are the names of the folders that hold files, in their order, up to `MOST_FOLDERS`.
    """

    folder: str = ""
    texts: bool = False
    others: dict[str, int] = {}
    passed: dict[str, int] = {}
    any_table: bool = False
    tables: list[Alike] = []
    taken: set[tuple[str, str]] = set()
    ended: dict[str, Ended] = {}
    folders: dict[str, None] = {}

    def table(self, path: Path, columns: tables.Columns | None) -> None:
        """Count a table, if it has columns to report."""
        if columns is None:
            return
        self.taken.update(columns.taken)
        for alike in self.tables:
            if alike.columns == columns:
                alike.count += 1
                return
        if len(self.tables) < MOST:
            self.tables.append(Alike(path.as_posix(), columns))


@dataclass(frozen=True)
class Look:
    """Scans the sources and writes the plan and `Seen`.

    It is a single task and its documents are the files found. It is done on every run, because a
    source may have changed.
    """

    folder: str
    source: tuple[str, ...]
    origin: Origin
    root: str
    size: Size
    name: str = "look"
    tasks: int = 1

    def path(self) -> Path:
        return places.place(self.folder) / f"{self.name}.json"

    def done(self, task: int) -> bool:
        return False

    def do(self, task: int, watch: Watch) -> None:
        # A resumed run must not die again on what killed it before.
        before = self.seen().ended if self.path().exists() else {}
        seen, others, passed = Seen(), Counter[str](), Counter[str]()
        settings = ["convert", self.origin, self.root]
        found = self._pieces(watch, before, seen, others, passed)
        seen.folder = make(places.place(self.folder), found, self.size, settings).folder.as_posix()
        seen.others, seen.passed = dict(others), dict(passed)
        with places.writing(self.path()) as file:
            file.write(msgspec.json.encode(seen))

    def seen(self) -> Seen:
        return msgspec.json.decode(self.path().read_bytes(), type=Seen)

    def _pieces(
        self,
        watch: Watch,
        before: dict[str, Ended],
        seen: Seen,
        others: Counter[str],
        passed: Counter[str],
    ) -> Iterator[tuple[Piece, int]]:
        """The pieces of all sources, in order, including the problems that `find` reports."""
        found = sources.find([places.place(name) for name in self.source], others)
        for number, path in enumerate(watched(found, watch)):
            if isinstance(path, Problem):
                yield Piece(problem=path), 0
                continue
            seen.any_table = seen.any_table or media_type(path) in TABLES
            if len(seen.folders) < MOST_FOLDERS:
                seen.folders[publisher_of(path)] = None
            ended = before.get(path.as_posix())
            if number in watch.skip | watch.ends or ended:
                stamp = sources.whole(path).stamp
                alone = bool(ended and ended.stamp == stamp and ended.alone)
                ended = Ended(stamp, alone or number in watch.ends)
                seen.ended[path.as_posix()] = ended
            if ended and ended.alone:
                yield Piece(problem=of_source(path)), 0
                continue
            for piece, weight in sources.pieces(path, self.size, passed):
                seen.texts = seen.texts or pasted(piece)
                yield piece, weight
            if not ended:
                seen.table(path, sources.columns_of(path, self.origin))


def documents(
    pieces: Iterable[Piece], origin: Origin, watch: Watch = UNWATCHED, first: int = 0
) -> Iterator[Document | Problem | None]:
    """The documents of pieces, as for `Pass.read`; `first` is the number of the first document.

    An unforeseen error affects only the file that caused it.
    """
    number = first
    for piece in pieces:
        skip = frozenset(at - number for at in watch.skip if at >= number)
        end = next((at - number for at in watch.ends if 0 <= at - number < piece.documents), None)
        for found in islice(_inside(piece, origin, skip), end):
            yield found
            number += 1
        if end is not None:
            yield crashed(FAILED, Where(piece.file, piece.row + end + 1), ENDED)
            number += 1


def _inside(
    piece: Piece, origin: Origin, skip: frozenset[int]
) -> Iterator[Document | Problem | None]:
    if piece.problem:
        yield piece.problem
        return
    try:
        yield from sources.rows(places.place(piece.file), origin, piece, skip)
    except Exception as error:
        yield unforeseen(places.place(piece.file), error)


def pasted(piece: Piece) -> bool:
    """Whether a piece is pasted text, from which repeated lines are learnt."""
    return not piece.problem and media_type(piece.file) not in MARKUP


@dataclass(frozen=True)
class Convert:
    """The pass. `learn` is the stage that read the pasted text, None if there is none."""

    origin: Origin
    learn: Learn | None
    rule: str = FAILED

    def read(self, shard: Shard, watch: Watch = UNWATCHED) -> Iterator[Document | Problem | None]:
        if not self.learn:
            yield from documents(shard.pieces, self.origin, watch)
            return
        number = 0
        with places.reading(self.learn.texts(shard.number)) as kept:
            for piece in shard.pieces:
                found = (
                    _kept(kept, piece.file, frozenset(at - number for at in watch.skip))
                    if pasted(piece)
                    else documents([piece], self.origin, watch, number)
                )
                for each in found:
                    yield each
                    number += 1

    def where(self, given: Document) -> Where:
        return Where(given.source.file, given.source.row)

    def article(self, given: Document) -> Article | Problem:
        if given.html or not self.learn:
            return convert(given)
        table = _table(self.learn.folder)
        return convert(given, table.beside(given.publisher, given.text, given.keys))

    def row(self, given: Document) -> Row:
        article = self.article(given)
        if isinstance(article, Problem):
            return failed(article)
        if not article.review:
            return Row(DONE, encode(article))
        found = triage.concerns(article)
        first = triage.doubt(found) >= triage.DOUBTFUL
        return Row(KIND_MARKS[found[0].kind] if first else REVIEW, encode(article))


class Articles(Documents[Convert]):
    """The stage that writes the articles, and then removes the kept texts of the shard."""

    def wrote(self, task: int) -> None:
        if self.work.learn:
            self.work.learn.texts(task).unlink(missing_ok=True)

    def stand(self, task: int) -> bool:
        return self.work.learn is not None and not self.work.learn.texts(task).exists()


def _table(folder: str) -> lines.Lines:
    """The run's table of lines, opened once per process; downloaded if it is remote."""
    name = f"{folder}/{KNOWN}"
    stat = None if places.far(name) else os.stat(name)
    key = (name, stat and (stat.st_ino, stat.st_mtime_ns))
    if key not in _tables:
        while _tables:
            _tables.popitem()[1].close()
        path = places.place(name)
        _tables[key] = lines.Lines(path) if stat else _fetched(path)
    return _tables[key]


_tables: dict[object, lines.Lines] = {}


def _fetched(path: Path) -> lines.Lines:
    with places.scratch() as folder:
        near = folder / "lines"
        with path.open("rb") as source, near.open("wb") as target:
            copyfileobj(source, target)
        return lines.Lines(near)  # the open file outlives its name


@dataclass(frozen=True)
class Learn(Shards):
    """Learns the lines of each shard's pasted text, as hashes, and keeps the documents it read."""

    folder: str
    origin: Origin
    root: str
    tasks: int
    name: str = "learn"
    ending = ".lines"

    def texts(self, task: int) -> Path:
        """The file of a shard's pasted documents, as `_kept` reads it."""
        return self.path(task).with_suffix(".texts")

    def do(self, task: int, watch: Watch) -> None:
        with places.writing(self.texts(task)) as kept:
            taught = lines.teach(self._keys(task, watch, kept), (task + 1) << 32)
        with places.writing(self.path(task)) as file:
            file.write(taught)

    def _keys(self, task: int, watch: Watch, kept: IO[bytes]) -> Iterator[tuple[bytes, str]]:
        # A file has the same key, however and from wherever it is named.
        here = House(Path(self.root))
        folder, near = None, ""
        number = 0
        for piece in self.shard(task).pieces:
            watch.at(number)
            if not pasted(piece):
                number += piece.documents
                continue
            file = piece.file
            if not places.far(file):
                real = os.path.realpath(file) if os.path.islink(file) else file
                parent, name = os.path.split(real)
                if parent != folder:
                    folder, near = parent, here.name(Path(parent).resolve())
                file = os.path.join(near, name)
            for found in documents([piece], self.origin, watch, number):
                row = found.line if isinstance(found, Problem) else 0
                if isinstance(found, Document):
                    row = found.source.row
                if isinstance(found, Document) and not found.html:
                    keys = lines.keys_of(found.publisher, found.text)
                    yield keys, f"{file}:{row}"
                    found = found._replace(keys=keys)
                if found is not None:
                    _keep(kept, found, row)
                number += 1
                watch.at(number)
            kept.write(_HEAD.pack(0, 0, 0))
        watch.at(number)


_HEAD = Struct("<III")
"""Precedes each kept document: its length (0: end of a piece), the length of its text, and its row.
The text follows the document, in UTF-8."""


def _keep(kept: IO[bytes], found: Document | Problem, row: int) -> None:
    text, spaced = b"", None
    try:
        if isinstance(found, Document):
            text, spaced = utf8(found.text), blanks(found.text)
            found = found._replace(text="", escaped="")
        packed = msgspec.msgpack.encode((found, spaced))
    except UnicodeEncodeError as error:  # the name of a folder behind a link
        assert isinstance(found, Document)
        failed, text = unforeseen(places.place(found.source.file), error), b""
        packed = msgspec.msgpack.encode((failed, None))
    kept.writelines((_HEAD.pack(len(packed), len(text), row), packed, text))


def _kept(kept: IO[bytes], file: str, skip: frozenset[int]) -> Iterator[Document | Problem]:
    """The kept documents of the next piece, a piece of this file."""
    number = 0
    while (head := _HEAD.unpack(kept.read(_HEAD.size)))[0]:
        length, behind, row = head
        packed, text = kept.read(length), kept.read(behind)
        try:
            yield crashed(FAILED, Where(file, row)) if number in skip else _unpacked(packed, text)
        except msgspec.ValidationError as error:  # of a table whose hash nobody could take
            yield unforeseen(places.place(file), error, row)
        number += 1


def _unpacked(packed: bytes, utf8: bytes) -> Document | Problem:
    found, spaced = _found.decode(packed)
    if isinstance(found, Document):
        found = found._replace(text=utf8.decode("utf-8", "surrogatepass"))
        take_again(found.text, utf8, spaced)
    return found


_found = msgspec.msgpack.Decoder(tuple[Document | Problem, Blanks])


def known(folder: str) -> Path:
    """The table of lines for this run: what was known before and its own documents."""
    return places.place(folder) / KNOWN


@dataclass(frozen=True)
class Know:
    """Merges the lines of all shards into the root's table and keeps a copy for this run."""

    learn: Learn
    table: str
    name: str = "know"
    tasks: int = 1

    @property
    def folder(self) -> str:
        return self.learn.folder

    def done(self, task: int) -> bool:
        return known(self.folder).exists()

    def do(self, task: int, watch: Watch) -> None:
        table = Path(self.table)
        table.parent.mkdir(parents=True, exist_ok=True)
        # Another run that learns into this root has to wait, or it would overwrite this one.
        with locks.alone(table.parent), places.scratch() as folder, lines.Lines.open(table) as held:
            for number in range(self.learn.tasks):
                path = self.learn.path(number)
                if not places.local(path):
                    near = folder / path.name
                    near.write_bytes(path.read_bytes())
                    path = near
                held.take(path)
            held.save()
        target = known(self.folder)
        if places.local(target):
            try:
                # The table is never changed in place, so a hard link keeps this state.
                os.link(table, target)
            except OSError:
                pass
            else:
                return
        with table.open("rb") as source, places.writing(target) as copy:
            copyfileobj(source, copy)


def stages(
    work: Path,
    source: list[Path],
    origin: Origin,
    house: House,
    size: Size,
    tell: Callable[[Seen], None] = lambda seen: None,
) -> tuple[list[Stage], Documents[Convert]]:
    """The stages for these sources in the work folder, and the one that writes the articles.

    `tell` is called with the result of the scan before anything else is done.
    """
    root = house.root.resolve()
    look = Look(work.as_posix(), tuple(map(str, source)), origin, root.as_posix(), size)
    pool.attempt(look, 0)
    seen = look.seen()
    tell(seen)
    folder, tasks = seen.folder, len(plan(seen.folder))
    learn = Learn(folder, origin, root.as_posix(), tasks) if seen.texts else None
    articles = Articles(Convert(origin, learn), folder, "convert", tasks)
    if not learn:
        return [articles], articles
    return [learn, Know(learn, (root / "build" / "lines").as_posix()), articles], articles
