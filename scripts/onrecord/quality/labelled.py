"""The rules for a batch: assignments, annotations, adjudications and gold."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from onrecord import ledger, rights
from onrecord.compact import hash64
from onrecord.gold import graph
from onrecord.quality import trace
from onrecord.quality.admitted import Shards, ledgers_of, mark
from onrecord.quality.leaks import named
from onrecord.quality.lines import Ledgers, Line, Reader, Row
from onrecord.records import Adjudication, Annotation, Article, Problem
from onrecord.running.passes import Watch


class Known(msgspec.Struct, kw_only=True):
    """What batches are checked against: the tables, and the articles (`Shelf`)."""

    annotators: set[str] | None
    """None if the table could not be read, so that nothing is reported as missing from it."""
    gone: set[str]
    """Withdrawn articles; batches, which people write, may still name them."""
    unread: bool
    """Whether the id of some line is unreadable, so that no id is certainly unknown."""
    files: list[str]
    splits: list[str]
    several: dict[str, str]
    """Article id -> the batch whose gold counts, for articles in several batches."""


PLACED = np.dtype([("key", "<u8"), ("offset", "<u8"), ("file", "<u4"), ("split", "u1")])
"""An article by the hash of its id: the place of its last line, and the number of its split. A file
number beyond those of `Known` marks an article with a fault of its own, which is not checked."""


def write(folder: Path, known: Known, articles: Any) -> None:
    """Write a new folder for `Labelled`; `articles` is an array of `PLACED`."""
    folder.mkdir()
    articles = articles[np.argsort(articles["key"], kind="stable")]
    for name in PLACED.names or ():
        (folder / name).write_bytes(articles[name].tobytes())
    (folder / "known").write_bytes(msgspec.msgpack.encode(known))


class Found(msgspec.Struct, array_like=True):
    """The findings of a batch."""

    problems: list[Problem]
    annotations: int = 0
    gold: int = 0
    gold_kept: int = 0
    """Gold rows whose article has no text here."""
    entities: dict[str, list[int]] = {}
    """The named entities of its gold by split, as hashes."""


class _Batch(NamedTuple):
    """A batch, with the places of its rows by article."""

    name: str
    reader: Reader
    found: Found
    annotations: dict[str, list[Line]]
    adjudications: dict[str, Line]
    unsure: set[str]
    """Articles with a fault in these rows ("": a row without article id): their submissions are not
    known, so nothing is checked against them."""


class Labelled:
    """The rules for batches; `folder` was written by `write`."""

    def __init__(self, ledgers: Ledgers, folder: Path) -> None:
        self._ledgers = ledgers
        self._house = ledgers.house
        self._known = msgspec.msgpack.decode((folder / "known").read_bytes(), type=Known)
        self._files = list(map(Path, self._known.files))
        # Mapped from disk: they have a row per article and are shared by all processes.
        self._keys, self._offsets, self._in_file, self._in_split = (
            _mapped(folder / name, kind) for name, (kind, *_) in (PLACED.fields or {}).items()
        )

    def check(self, name: str) -> Found:
        """Check the batch of this name."""
        with closing(Reader(self._house)) as reader:
            found = Found([])
            batch = _Batch(name, reader, found, defaultdict(list), {}, set())
            found.problems += self._batch(batch)
        return found

    def _batch(self, batch: _Batch) -> Iterator[Problem]:
        assigned: dict[str, str] = {}
        path = self._house.batches / f"{batch.name}.csv"
        rows = yield from self._ledgers.table(path, ledger.BATCH, 2, assigned)
        for line, (article_id, annotator) in rows or []:
            yield from self._names(line, article_id, annotator)
        for problem in chain(
            self._annotations(batch, None if rows is None else set(assigned)),
            self._adjudications(batch),
        ):
            batch.unsure.add(problem.id)
            yield problem
        yield from self._gold(batch)

    def _problem(self, rule: str, line: Line, id_: str, message: str) -> Problem:
        return self._ledgers.problem(rule, line, id_, message)

    def _number(self, article_id: str) -> int | None:
        """The row of an article in the tables, None if there is none."""
        keys, key = self._keys, hash64(article_id)
        at = bisect_left(keys, key)
        return at if at < len(keys) and keys[at] == key else None

    def _find(self, number: int | None, reader: Reader) -> tuple[Article, str] | None:
        """A valid article as in the ledger, and its text ("" if it is not available)."""
        if number is None or (file := self._in_file[number]) == len(self._files):
            return None
        return reader.article(Line(self._files[file], 0, self._offsets[number]))

    def _names(self, line: Line, article_id: str, annotator: str = "") -> Iterator[Problem]:
        known = self._known
        if article_id in known.gone:
            if line.path.suffix != ".csv":
                message = "corpus/withdrawn.csv names it"
                yield self._problem("article.withdrawn", line, article_id, message)
        elif self._number(article_id) is None and not known.unread:
            message = "no article of corpus/articles has this id"
            yield self._problem("article.unknown", line, article_id, message)
        if annotator and known.annotators is not None and annotator not in known.annotators:
            message = f"{annotator} is not in corpus/annotators.csv"
            yield self._problem("annotator.unknown", line, article_id, message)

    def _annotations(self, batch: _Batch, assigned: set[str] | None) -> Iterator[Problem]:
        name = batch.name
        for path in ledger.rows_files(self._house.annotations / name):
            seen: set[str] = set()
            for row in self._ledgers.rows(path, "annotation"):
                yield from row.problems
                if row.record is None:
                    continue
                annotation: Annotation = row.record
                batch.found.annotations += 1
                if (annotation.batch, annotation.annotator) != (name, path.stem):
                    message = (
                        f"its batch is {annotation.batch}, its annotator {annotation.annotator}"
                    )
                    yield self._problem("record.place", row.line, row.key, message)
                if row.key in seen:
                    message = "the annotator has this article on an earlier line"
                    yield self._problem("annotation.duplicate", row.line, row.key, message)
                    continue
                seen.add(row.key)
                batch.annotations[row.key].append(row.line)
                batch.reader.keep(row.line, annotation)
                yield from self._names(row.line, row.key, path.stem)
                if assigned is not None and f"{row.key},{path.stem}" not in assigned:
                    message = f"corpus/batches/{name}.csv has no line {row.key},{path.stem}"
                    yield self._problem("annotation.unassigned", row.line, row.key, message)
                if annotation.status == "submitted" and (found := self._found(row, batch)):
                    for rule, message in graph.annotation_faults(annotation, *found):
                        yield self._problem(rule, row.line, row.key, message)
                    yield from self._repeated(row, [annotation.note], *found)

    def _found(self, row: Row, batch: _Batch) -> tuple[Article, str] | None:
        return self._find(self._number(row.key), batch.reader)

    def _adjudications(self, batch: _Batch) -> Iterator[Problem]:
        path = self._house.adjudications / f"{batch.name}.jsonl"
        for row in self._ledgers.rows(path, "adjudication"):
            yield from row.problems
            if row.record is None:
                continue
            record: Adjudication = row.record
            if record.batch != batch.name:
                message = f"its batch is {record.batch}"
                yield self._problem("record.place", row.line, row.key, message)
            if first := batch.adjudications.get(row.key):
                message = f"already on line {first.number}"
                yield self._problem("adjudication.duplicate", row.line, row.key, message)
                continue
            batch.adjudications[row.key] = row.line
            batch.reader.keep(row.line, record)
            yield from self._names(row.line, row.key, record.adjudicator)
            if batch.unsure & {row.key, ""} or not (found := self._found(row, batch)):
                continue
            work = _submitted(batch, found[0])
            for rule, message in graph.adjudication_faults(record, work, *found):
                yield self._problem(rule, row.line, row.key, message)
            yield from self._repeated(row, [d.why for d in record.decisions], *found)

    def _repeated(
        self, row: Row, said: list[str], article: Article, text: str
    ) -> Iterator[Problem]:
        """Notes and reasons that repeat words of a text that may not ship."""
        if article.rights.release != "ship" and any(rights.repeats(words, text) for words in said):
            message = "a note or a reason repeats words of the text, and the text may not ship"
            yield self._problem("rights.text-present", row.line, row.key, message)

    def _gold(self, batch: _Batch) -> Iterator[Problem]:
        seen: set[str] = set()
        entities: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._ledgers.rows(self._house.gold / f"{batch.name}.jsonl", "gold"):
            yield from row.problems
            if row.record is None:
                continue
            batch.found.gold += 1
            if row.key in seen:
                message = "the article has an earlier line"
                yield self._problem("gold.duplicate", row.line, row.key, message)
                continue
            seen.add(row.key)
            yield from self._names(row.line, row.key)
            number = self._number(row.key)
            if number is None or not (found := self._find(number, batch.reader)):
                continue
            article, text = found
            batch.found.gold_kept += not text
            counts = self._known.several.get(row.key, batch.name) == batch.name
            if counts and (split := self._known.splits[self._in_split[number]]):
                entities[split].update(named(row.record))
            told = trace.row_faults(row.record, article)
            if not batch.unsure & {row.key, ""}:
                line = batch.adjudications.get(row.key)
                decided = batch.reader.read(line, Adjudication) if line else None
                put = trace.Trace(_submitted(batch, article), decided)
                told = chain(told, put.faults(row.record))
            for rule, message in told:
                yield self._problem(rule, row.line, row.key, message)
        batch.found.entities = {
            split: sorted(map(hash64, names)) for split, names in entities.items()
        }


def _mapped(path: Path, kind: Any) -> memoryview:
    with path.open("rb") as file:
        data = mmap(file.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""
    return memoryview(data).cast(kind.char)


def _submitted(batch: _Batch, article: Article) -> list[Annotation]:
    """The rows that gold is made of: submitted, and made on the admitted text."""
    lines = batch.annotations.get(article.id, [])
    work = (batch.reader.read(line, Annotation) for line in lines)
    return [a for a in work if a.status == "submitted" and a.text_sha256 == article.text_sha256]


@dataclass(frozen=True)
class Batches(Shards):
    """The stage over batches (one piece each), with a `Found` per batch."""

    known: str
    """The folder that `write` filled."""
    name: str = "batches"

    def do(self, task: int, watch: Watch) -> None:
        rule = _labelled(self.root, self.known)
        found: list[Found] = []
        for piece in self.pieces(task):
            mark(watch, len(found), f"batch {piece.file}", 0)
            found.append(rule.check(piece.file))
        watch.at(len(found))
        self.leave(task, found)

    def told(self) -> Iterator[Found]:
        """The findings of every batch, in order. Can be iterated only once."""
        for task in range(self.tasks):
            yield from self.take(task, Found)


@lru_cache(maxsize=1)
def _labelled(root: str, known: str) -> Labelled:
    """What the batches of a root are checked against, opened once per process."""
    return Labelled(ledgers_of(root), Path(known))
