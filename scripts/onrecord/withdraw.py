"""Take-downs: remove an article from the corpus and from everything derived from it.

corpus/withdrawn.csv is the tombstone: it keeps the id, so that no other article gets it, and the
text's hash, so that the same text does not come back under another address. It is written first:
running an interrupted command again finishes it, and `check` reports what is left until then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

from onrecord import atomic, ledger, locks
from onrecord.ledger import House
from onrecord.records import Source, UsageError
from onrecord.shelf import Shelf


class Withdrawn(NamedTuple):
    """What was removed: `rows` by file, and `removed` files of build/.

    `sources` are what people have to delete themselves, as far as it is there: a file, or a row of
    a file with several articles, and files of corpus/raw with the same bytes. `batches` still name
    the article; `made` are other files of build/ that still contain it; `copies` are articles of
    the same story, which stay.
    """

    rows: dict[str, int]
    removed: list[str]
    sources: list[str]
    batches: list[str]
    made: list[str]
    copies: list[str]


def withdraw(house: House, article_id: str, reason: str) -> Withdrawn:
    """Take an article out of texts, annotations, adjudications, gold and build/.

    This is the one operation that rewrites these ledgers. Raises UsageError for an unknown id or a
    missing reason, and where a link in build/ leads to a folder of something else, DataError if a
    ledger cannot be read.
    """
    if not reason.strip():
        raise UsageError(
            "a take-down needs a reason, which is published", "--reason 'at … request'"
        )
    shelf = Shelf(house)
    gone = {row[0] for row in ledger.withdrawn(house)}
    if (article_id not in shelf and article_id not in gone) or "/" in article_id:
        raise UsageError(
            f"there is no article {article_id}", "the ids are in corpus/articles/PUBLISHER.jsonl"
        )
    ours = {house.hub: "checksums.txt", house.build / "report": "report.json"}
    for folder, mark in ours.items():
        if folder.is_symlink() and folder.is_dir() and not (folder / mark).exists():
            raise UsageError(
                f"{house.name(folder)} leads to {folder.resolve()}, which no command made, or which"
                " is partly removed",
                "remove the link, and what is there if it has the article",
            )
    sources, copies = list[str](), list[str]()
    me = "withdraw"
    with locks.held(house, "admit", me), locks.held(house, "build", me), locks.answers(house):
        if article_id in shelf:
            article = shelf.record(article_id)
            others = (shelf.record(key) for key in shelf if key != article_id)
            copies = [other.id for other in others if other.story == article.story]
            sources = list(_sources(house, article.source))
            if article_id not in gone:
                now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                row = (article_id, article.text_sha256, now, reason.strip())
                ledger.append_rows(house.withdrawn, ledger.WITHDRAWN, [row])
            shutil.rmtree(house.build / "fetch" / article.source.sha256, ignore_errors=True)
        removed = []
        for path in (house.text / f"{article_id}.json", *ours):
            if path.exists():
                removed.append(house.name(path))
                path.unlink() if path.is_file() else shutil.rmtree(path.resolve())
        named = [
            house.name(path)
            for path in (
                house.batches / f"{n}.csv" for n in ledger.batch_names(house.batches, ".csv")
            )
            if any(row[0] == article_id for _, row in ledger.read_csv(path, ledger.BATCH))
        ]
        made = list(_made(house, article_id))
        rows = {
            house.name(path): count
            for path, key in _files(house)
            if (count := _without(house, path, key, article_id))
        }
    return Withdrawn(rows, removed, sources, named, made, copies)


def _made(house: House, article_id: str) -> Iterator[str]:
    """The files of build/ that contain an article's id, except a studio's database."""
    mark = article_id.encode()
    for path in sorted(house.build.rglob("*")):
        servers = path.relative_to(house.build).parts[0] in ("studio", "isolated")
        if servers or not path.is_file() or not path.stat().st_size:
            continue
        try:
            with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                if data.find(mark) >= 0:
                    yield house.name(path)
        except PermissionError:
            yield f"{house.name(path)} (perhaps: it cannot be read)"


def _sources(house: House, source: Source) -> Iterator[str]:
    """The places of a source that are there: its own, and the files of corpus/raw that equal it."""
    own = house.root / source.file
    equal = (
        path
        for path in sorted((house.corpus / "raw").rglob("*"))
        if path != own
        and path.is_file()
        and path.stat().st_size == source.bytes
        and ledger.digest(path) == source.sha256
    )
    for path in chain([own] if own.is_file() else [], equal):
        name = house.name(path)
        yield f"row {source.row} of {name}, not the others" if source.row else name


def _files(house: House) -> Iterator[tuple[Path, str]]:
    """Every ledger that may have rows of an article, with the field for its id.

    The article's own line comes last, and after all else: as long as it is there, its source and
    its copies are known, so that a command that was cut short names them when it is run again.
    """
    for folder, pattern in (
        (house.gold, "*.jsonl"),
        (house.adjudications, "*.jsonl"),
        (house.annotations, "*/*.jsonl"),
    ):
        yield from ((path, "article_id") for path in ledger.rows_files(folder, pattern))
    yield from ((path, "id") for path in ledger.article_files(house))


def _without(house: House, path: Path, key: str, article_id: str) -> int:
    """Rewrite a file without the article's lines, or delete an empty one. Returns how many.

    The other lines keep their bytes.
    """
    mark = article_id.encode()

    def is_of_it(number: int, line: bytes) -> bool:
        try:
            return mark in line and ledger.parsed(line).get(key) == article_id
        except ValueError as error:
            raise ledger.malformed(house.name(path), number, str(error)) from None

    with path.open("rb") as file:
        count = sum(is_of_it(number, line) for number, line in enumerate(file, 1))
    if not count:
        return 0
    with path.open("rb") as file, atomic.replacing(path) as new:
        new.writelines(line for number, line in enumerate(file, 1) if not is_of_it(number, line))
    if not path.stat().st_size:
        path.unlink()
    return count
