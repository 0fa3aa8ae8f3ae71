"""Stretches of files, so that a file of any size can be read in parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from onrecord import places
from onrecord.records import Problem

CRASHED = "this document killed its process twice and was set aside"
"""The problem of a document that the reader of a piece is told to skip."""


class Size(NamedTuple):
    """When a shard is full: at this many documents, or bytes of their files."""

    documents: int = 64
    bytes: int = 1 << 20


class Piece(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of one file: all of it, or `rows` rows that begin at `place`.

    `file` is its name in records. `row` and `line` are how many precede it; `place` is where its
    reader has to seek (in the reader's own format). `bytes` is the file's size, `sha256` its hash
    if one was needed, `charset` that of a table, `stamp` identifies the state of the file.
    `problem` is set if something was found instead of a document.
    """

    file: str = ""
    documents: int = 1
    bytes: int = 0
    sha256: str = ""
    charset: str = ""
    stamp: str = ""
    place: str = ""
    row: int = 0
    line: int = 0
    rows: int = 0
    problem: Problem | None = None


def stretches(path: Path, size: Size) -> Iterator[tuple[Piece, int]]:
    """The pieces of a file of lines, one per shard, and their bytes; `lines` reads a piece."""
    stat = path.stat()
    stamp = str(getattr(stat, "st_mtime_ns", "") or stat.st_mtime)
    whole = Piece(file=path.as_posix(), bytes=stat.st_size, stamp=stamp)
    before = start = at = number = 0

    def piece() -> Piece:
        count = number - before
        return msgspec.structs.replace(
            whole, documents=count, place=str(start), row=before, line=before, rows=count
        )

    with places.reading(path) as file:
        for number, line in enumerate(file, 1):
            at += len(line)
            if number - before >= size.documents or at - start >= size.bytes:
                yield piece(), at - start
                before, start = number, at
    if number > before:
        yield piece(), at - start


def lines(piece: Piece) -> Iterator[tuple[int, bytes]]:
    """`(line number, line)` of a piece made by `stretches`."""
    with places.reading(places.place(piece.file)) as file:
        file.seek(int(piece.place))
        yield from enumerate(islice(file, piece.rows), piece.row + 1)
