"""How long a build takes and what memory it needs, beside pyarrow writing the same tables."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from onrecord import ledger
from onrecord.dataset import hub
from onrecord.ledger import House
from onrecord.records import Annotation, Gold, UsageError
from onrecord.splits import split_of


class Timed(NamedTuple):
    """A build of so many documents. Seconds are of CPU, memory in MB at its peak.

    `tables` is pyarrow writing the build's Parquet files again from Arrow in memory: what no build
    of them can do without.
    """

    documents: int
    rows: int
    megabytes: float
    seconds: float
    tables: float
    memory: float


def build(house: House, documents: int) -> Timed:
    """Time a build of `documents` documents: those of `house` whose text ships, over and over.

    Raises UsageError where the house has none.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = House(Path(scratch))
        copies(house, root, documents)
        (rows, seconds), memory = _alone(_built, root.root)
        tables, _ = _alone(_tables, root.hub)
        size = sum(path.stat().st_size for path in root.hub.rglob("*.parquet")) / 1e6
    return Timed(documents, rows, size, seconds, tables, memory)


def copies(house: House, into: House, documents: int) -> None:
    """Write a corpus of `documents` articles, each a copy under an id and a story of its own."""
    shelf = ledger.Shelf(house)
    gold: dict[str, Gold] = {}
    for path in sorted(house.gold.glob("*.jsonl")):
        for row in ledger.read(path, Gold, name=house.name(path)):
            if row.article_id in shelf and shelf.record(row.article_id).text:
                gold[row.article_id] = row
    work: dict[str, Annotation] = {}
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        for row in ledger.read(path, Annotation, name=house.name(path)):
            work[row.article_id] = row
    if not gold:
        raise UsageError(f"{house.root} has no gold of an article that ships", "onrecord gold")
    lines = [
        (
            key,
            *(
                ledger.encode(record) if record else b""
                for record in (shelf.record(key), gold[key], work.get(key))
            ),
        )
        for key in gold
    ]

    def renamed() -> Iterator[tuple[str, bytes, bytes, bytes]]:
        for number in range(documents):
            key, article, settled, handed = lines[number % len(lines)]
            new = f"{key.rpartition('-')[0]}-{number:012x}"
            story = f'"story":"{new}"'.encode()
            was = f'"story":"{shelf.record(key).story}"'.encode()
            old, name = key.encode(), new.encode()
            yield (
                new,
                article.replace(was, story).replace(old, name),
                settled.replace(old, name),
                handed.replace(old, name),
            )

    targets = (
        into.splits,
        into.articles / "copies.jsonl",
        into.gold / "b.jsonl",
        into.annotations / "b" / "a.jsonl",
    )
    with ExitStack() as stack:
        for path in targets:
            path.parent.mkdir(parents=True, exist_ok=True)
        splits, articles, settled, handed = (stack.enter_context(p.open("wb")) for p in targets)
        splits.write(ledger.csv_line(ledger.SPLITS))
        for key, *row in renamed():
            splits.write(ledger.csv_line((key, split_of(key))))
            for file, line in zip((articles, settled, handed), row, strict=True):
                file.write(line)
    ledger.write_bytes(into.annotators, house.annotators.read_bytes())


def _built(root: Path) -> tuple[int, float]:
    began = time.process_time()
    report = hub.build(House(root))
    return sum(rows for *_, rows in report.rows), time.process_time() - began


def _tables(folder: Path) -> float:
    spent = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for number, path in zip(count(), sorted(folder.rglob("*.parquet")), strict=False):
            with pq.ParquetFile(path) as file:
                target = Path(scratch, f"{number}.parquet")
                began = time.process_time()
                writer = pq.ParquetWriter(target, file.schema_arrow, compression="zstd")
                spent += time.process_time() - began
                for group in range(file.num_row_groups):
                    table: pa.Table = file.read_row_group(group)
                    began = time.process_time()
                    writer.write_table(table)
                    spent += time.process_time() - began
                began = time.process_time()
                writer.close()
                spent += time.process_time() - began
    return spent


def _alone(work: Callable[[Path], Any], path: Path) -> tuple[Any, float]:
    """Run in a new process, whose memory is its own: what it returned, and its peak in MB."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, path).result()


def _measured(work: Callable[[Path], Any], path: Path) -> tuple[Any, float]:
    told = work(path)
    return told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
