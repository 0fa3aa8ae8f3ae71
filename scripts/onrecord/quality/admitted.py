"""The rules for a line of corpus/articles, and what `check` needs for rules across lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from onrecord import places, rights
from onrecord.ledger import House
from onrecord.pieces import Piece
from onrecord.quality.leaks import Traits, traits
from onrecord.quality.lines import Ledgers, Line, Row
from onrecord.records import Article, DataError, Problem
from onrecord.running.passes import Watch, plan
from onrecord.shelf import hydrated
from onrecord.text import PARAGRAPH_BREAK, faults, sha256, tiles

T = TypeVar("T")


class Seen(msgspec.Struct, array_like=True, gc=False, kw_only=True):
    """A line of corpus/articles: what is wrong with it, and what is held beside other lines.

    `problems` are those of its schema; where there are some, nothing else is told of it.
    """

    number: int
    offset: int
    key: str
    problems: list[Problem] = []
    story: str = ""
    version: tuple[str, list[str]] = ("", [])
    """The hash of its text, and its rights: another line of the story is a re-admission where one
    of them is another."""
    stale: Problem | None = None
    wrong: list[Problem] = []
    """Other rules that this line breaks."""
    copy: Problem | None = None
    """What is wrong with the hydrated copy."""
    usable: bool = False
    unseen: bool = False
    """Neither the line nor build/text/ has the text."""
    traits: Traits | None = None
    """None: a fault would show up in them."""


def version(article: Article) -> tuple[str, list[str]]:
    """What a re-admission may change."""
    return article.text_sha256, list(msgspec.structs.astuple(article.rights))


class Admitted:
    """The rules of one line; `granted` are those of rights.csv, None where it cannot be read."""

    def __init__(self, ledgers: Ledgers, granted: list[rights.Rule] | None) -> None:
        self._ledgers = ledgers
        self._house = ledgers.house
        self._granted = granted

    def seen(self, row: Row) -> Seen:
        line, key, article, problems = row
        if article is None:
            return Seen(number=line.number, offset=line.offset, key=key, problems=problems)
        text = article.text
        if not text and (whole := hydrated(self._house, article)):
            text = whole.text
        of_text = list(self._text(line, article, text))
        copies = [problem for problem in of_text if not problem.line]
        whole = article if article.text else msgspec.structs.replace(article, text=text)
        return Seen(
            number=line.number,
            offset=line.offset,
            key=key,
            story=article.story,
            version=version(article),
            stale=self._stale(line, article),
            wrong=[*self._rights(line, article), *(p for p in of_text if p.line)],
            copy=copies[-1] if copies else None,
            usable=not of_text,
            unseen=not text and article.rights.release != "ship",
            traits=None if of_text else traits(whole),
        )

    def _stale(self, line: Line, article: Article) -> Problem | None:
        held = article.rights
        now = held if self._granted is None else rights.rights_of(article, self._granted)
        # As tuples: what was read is of the stricter type, which is equal to no other.
        if msgspec.structs.astuple(now) != msgspec.structs.astuple(held):
            message = (
                f"admitted as {held.release or 'nothing'} ({held.licence}), and rights.csv says"
                f" {now.release} ({now.licence}; {now.basis})"
            )
            return self._ledgers.problem("rights.stale", line, article.id, message)
        return None

    def _rights(self, line: Line, article: Article) -> Iterator[Problem]:
        held = article.rights
        for name in ("text", "headline", "credit") if held.release != "ship" else ():
            if getattr(article, name):
                message = f"{name} is filled in, and the release is {held.release or 'unknown'}"
                yield self._ledgers.problem("rights.text-present", line, article.id, message)

    def _text(self, line: Line, article: Article, text: str) -> Iterator[Problem]:
        """What is wrong with an article's text; `text` may be that of the hydrated copy, whose
        own fault has no line."""

        def fault(rule: str, message: str, at: Line = line) -> Problem:
            return self._ledgers.problem(rule, at, article.id, message)

        if not article.text and article.rights.release == "ship":
            yield fault("rights.text-missing", "the release is ship, and the text is empty")
            return
        if text:
            if sha256(text) != article.text_sha256:
                yield fault("text.hash", "text_sha256 is another text's")
                return
            if found := faults(text):
                yield fault("text.normal", "; ".join(found))
        else:
            copy = self._house.text / f"{article.id}.json"
            if copy.exists():
                message = "this copy is not the admitted text; hydrate the article again"
                yield fault("text.hash", message, Line(copy, 0))
        length = len(text) if text else article.segments[-1].end if article.segments else 0
        slices = PARAGRAPH_BREAK.join([text[s.start : s.end] for s in article.segments])
        if not tiles(article.segments, length) or (text and slices != text):
            message = "joined by blank lines, the segments are not the text"
            yield fault("segments.tile", message)


@dataclass(frozen=True)
class Shards:
    """Base of the stages of `check`: one file of findings per shard, read once."""

    folder: str
    root: str
    tasks: int

    def _path(self, task: int) -> Path:
        return places.place(self.folder) / f"{task:06}.found"

    def done(self, task: int) -> bool:
        return self._path(task).exists()

    def pieces(self, task: int) -> list[Piece]:
        return plan(self.folder)[task].pieces

    def leave(self, task: int, found: list[Any]) -> None:
        self._path(task).write_bytes(msgspec.msgpack.encode(found))

    def take(self, task: int, kind: type[T]) -> list[T]:
        """Read the findings of a task and remove their file."""
        path = self._path(task)
        found = msgspec.msgpack.decode(path.read_bytes(), type=list[kind])
        path.unlink()
        return found


@dataclass(frozen=True)
class Articles(Shards):
    """The stage over the lines of corpus/articles, with a `Seen` per line."""

    granted: list[rights.Rule] | None
    name: str = "articles"

    def do(self, task: int, watch: Watch) -> None:
        ledgers = ledgers_of(self.root)
        rule = Admitted(ledgers, self.granted)
        found: list[Seen] = []
        for piece in self.pieces(task):
            after = Line(Path(piece.file), piece.row, int(piece.place))
            file = ledgers.house.name(after.path)
            for row in ledgers.rows(after.path, "article", after, piece.rows):
                mark(watch, len(found), file, row.line.number)
                found.append(rule.seen(row))
        watch.at(len(found))
        self.leave(task, found)

    def told(self) -> Iterator[tuple[Path, Seen]]:
        """The `Seen` of every line, in order, with its file. Can be iterated only once."""
        for task in range(self.tasks):
            each = iter(self.take(task, Seen))
            for piece in self.pieces(task):
                file = Path(piece.file)
                for _ in range(piece.rows):
                    yield file, next(each)


def mark(watch: Watch, at: int, file: str, number: int) -> None:
    """Report the current item. Raises DataError if it killed two processes before."""
    watch.at(at)
    if at in watch.skip:
        where = f"{file}:{number}" if number else file
        raise DataError(
            f"{where}: the process that checked this was killed, twice. Is there memory enough?"
            " Fewer --jobs need less"
        )


@lru_cache(maxsize=1)
def ledgers_of(root: str) -> Ledgers:
    """The files of a root, opened once per process."""
    return Ledgers(House(Path(root)))
