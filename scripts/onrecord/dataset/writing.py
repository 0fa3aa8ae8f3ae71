"""Rows to files: the Parquet and JSON lines of every split, written as rows come.

Knows Arrow alone. Memory is bounded by the row groups that are being filled, not by the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

BATCH_BYTES = 1 << 17
"""Bytes of JSON that wait as Python objects, several times as large, before they become Arrow."""
GROUP_BYTES = 2 << 20
"""Arrow bytes that wait before they become a row group."""
PART_GROUPS = 64
"""Row groups of a file (some 15 MB on disk); then comes the next. A Parquet writer remembers a
kilobyte for each column of each group until its file is closed."""


class Columns(NamedTuple):
    """The columns of a config. `ids` turns the strings of a column of class labels into their ids;
    it raises KeyError for a string that is no class."""

    schema: pa.Schema
    ids: dict[str, Callable[[Any], Any]]


class Split:
    """One split of one config: the Parquet files and the JSON lines beside them, row by row.

    `rows` counts what was added, `bytes` its size as Arrow.
    """

    def __init__(self, folder: Path, config: str, split: str, columns: Columns) -> None:
        self.parts: list[Path] = []
        """The Parquet files; their names are settled when all are closed."""
        self._folder, self._split = folder / config, split
        self.jsonl = folder / "jsonl" / f"{config}-{split}.jsonl"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.rows = self.bytes = self._pending = self._held = 0
        self._schema, self._classes = columns
        self._waiting: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._writer: pq.ParquetWriter | None = None
        self._groups = 0
        self.jsonl.parent.mkdir(exist_ok=True)
        self._lines = self.jsonl.open("wb")

    def add(self, row: dict[str, Any]) -> None:
        """Take a row, class labels as strings. KeyError for a string that is no class."""
        self._held += self._lines.write(orjson.dumps(row) + b"\n")
        self._waiting.append(row | {name: ids(row[name]) for name, ids in self._classes.items()})
        self.rows += 1
        if self._held >= BATCH_BYTES:
            self._convert()

    def _convert(self) -> None:
        batch = pa.RecordBatch.from_pylist(self._waiting, schema=self._schema)
        self._waiting = []
        self._held = 0
        self.bytes += batch.nbytes
        self._batches.append(batch)
        self._pending += batch.nbytes
        if self._pending >= GROUP_BYTES:
            self._write()

    def _write(self) -> None:
        if self._writer is None:
            self.parts.append(self._folder / f".{self._split}-{len(self.parts)}")
            # Statistics and dictionaries as pyarrow has them; nothing in the file tells the time.
            self._writer = pq.ParquetWriter(self.parts[-1], self._schema, compression="zstd")
        self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches = []
        self._pending = 0
        self._groups += 1
        if self._groups % PART_GROUPS == 0:
            self._writer.close()
            self._writer = None

    def close(self) -> None:
        """Write what waits, and give the files the names that they are published under."""
        if self._waiting:
            self._convert()
        if self._batches:
            self._write()
        if self._writer is not None:
            self._writer.close()
        self._lines.close()
        many = len(self.parts)
        for number, path in enumerate(self.parts):
            part = f"-{number:05}-of-{many:05}" if many > 1 else ""
            self.parts[number] = path.rename(self._folder / f"{self._split}{part}.parquet")


class Writer:
    """Every config's splits, opened when their first row comes: a split without rows has no file.

    (load_dataset refuses a whole config in which one split has no rows.)
    """

    def __init__(self, folder: Path, columns: dict[str, Columns], stack: ExitStack) -> None:
        self._folder, self._columns, self._stack = folder, columns, stack
        self.splits: dict[tuple[str, str], Split] = {}

    def add(self, config: str, split: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows to a split, class labels as strings."""
        for row in rows:
            if (config, split) not in self.splits:
                made = Split(self._folder, config, split, self._columns[config])
                self._stack.callback(made.close)
                self.splits[config, split] = made
            self.splits[config, split].add(row)
