"""How many documents of a publisher hold a line: what pages repeat, remembered as hashes.

A line of the page around an article stands in many documents of its publisher, a line of the
article in one. `Lines` counts over all documents that it was ever shown, so that a single late
file can be cleaned. It keeps hashes only, never text.

The file is a sorted table of 16-byte entries: eight bytes of blake2b over publisher and line,
eight over the document. The same documents give the same bytes in whatever order, however often
and in however many sittings they were learnt. Learning holds `BATCH` entries in memory and sorts
the rest on disk; looking up holds every `STEP`th key and reads the stretch behind it.
"""

from __future__ import annotations

import heapq
import os
import re
import tempfile
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Self

from onrecord.ledger import replacing
from onrecord.records import UsageError
from onrecord.text import normalise

MAGIC = b"onrecord lines 1"
KEY = 8
ENTRY = 2 * KEY
BATCH = 1 << 17
"""Entries held in memory while learning (about 15 MB)."""

STEP = 128
"""Entries between two keys held in memory while looking up."""

MOST = 8
"""Documents remembered of one line: those with the least hashes, so that order cannot matter."""

COPY = 0.75
"""A document that holds this share of another's prose, in letters, is the same article again."""

PROSE = 80
"""Letters from which on a line counts as prose when two documents are compared."""

_BREAK = re.compile(r"[\n\r\u2028\u2029]+")
_DIGITS = re.compile(r"\d+")


def line_key(publisher: str, line: str) -> bytes:
    """The hash of a line in normal form, blind to case and to the digits of a number."""
    return line_keys(publisher, line)[line]


def line_keys(publisher: str, text: str) -> dict[str, bytes]:
    """The lines of a text in normal form, each once and none empty, and their hashes."""
    lines = {normalise(line) for line in _BREAK.split(text)}
    lines.discard("")
    # All lines at once: a line in normal form holds no line feed.
    plain = _DIGITS.sub("0", "\n".join(lines).casefold()).split("\n")
    start = blake2b(f"{publisher}\n".encode("utf-8", "surrogatepass"), digest_size=KEY)
    keys = {}
    for line, bare in zip(lines, plain, strict=True):
        digest = start.copy()
        digest.update(bare.encode("utf-8", "surrogatepass"))
        keys[line] = digest.digest()
    return keys


def _document(keys: Iterable[bytes]) -> bytes:
    return blake2b(b"".join(sorted(keys)), digest_size=KEY).digest()


class Lines:
    """The lines of all publishers' documents, kept in one file.

    What was learnt is in the file, and in the answers, from `save` on (leaving a `with` block
    saves). The file is replaced in one step, so that a death in between leaves the former one,
    and learning a document again changes nothing.
    """

    def __init__(self, path: Path) -> None:
        """Raises UsageError for a file that is no such table."""
        self.path = path
        self._new: set[bytes] = set()
        self._runs: list[IO[bytes]] = []
        self._table = -1
        self._keys = array("Q")
        self._map()

    @classmethod
    def open(cls, path: Path) -> Self:
        return cls(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.save()
        self.close()

    def close(self) -> None:
        """Let go of the file; what was not saved is gone."""
        for run in self._runs:
            run.close()
        self._runs, self._new = [], set()
        if self._table >= 0:
            os.close(self._table)
        self._table, self._keys = -1, array("Q")

    def _map(self) -> None:
        """Open the table and take its keys in."""
        try:
            self._table = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        size = os.fstat(self._table).st_size
        if os.pread(self._table, len(MAGIC), 0) != MAGIC or (size - len(MAGIC)) % ENTRY:
            self.close()
            message = f"{self.path}: not a table of lines"
            raise UsageError(message, "delete it and convert again: it is made anew")
        for at in range(len(MAGIC), size, STEP * ENTRY):
            self._keys.append(int.from_bytes(os.pread(self._table, KEY, at)))

    # --- learning ---------------------------------------------------------------------------

    def learn(self, publisher: str, text: str) -> None:
        """Count the lines of one document; the same document counts once."""
        keys = set(line_keys(publisher, text).values())
        document = _document(keys)
        self._new.update(key + document for key in keys)
        if len(self._new) >= BATCH:
            self._spill()

    def _spill(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        run = tempfile.TemporaryFile(dir=self.path.parent)  # noqa: SIM115 - closed by `close`
        run.writelines(sorted(self._new))
        self._runs.append(run)
        self._new = set()

    def save(self) -> None:
        """Put what was learnt into the file."""
        if not self._new and not self._runs:
            return
        runs = [_read(run) for run in self._runs]
        merged = heapq.merge(self._entries(), sorted(self._new), *runs)
        with replacing(self.path) as file:
            file.write(MAGIC)
            for _, entries in groupby((entry for entry, _ in groupby(merged)), _line_of):
                file.writelines(islice(entries, MOST))
        self.close()
        self._map()

    def _entries(self) -> Iterator[bytes]:
        for number in range(len(self._keys)):
            yield from _split(self._stretch(number, STEP))

    def _stretch(self, number: int, count: int) -> bytes:
        """`count` entries from the `number`th key held in memory on."""
        return os.pread(self._table, count * ENTRY, len(MAGIC) + number * STEP * ENTRY)

    # --- asking -----------------------------------------------------------------------------

    def documents(self, key: bytes) -> list[bytes]:
        """The hashes of the documents that hold a line, `MOST` of them at most."""
        if not self._keys:
            return []
        # The first entry of the line stands before the first key that is not less; the others
        # may reach into the next stretch.
        number = max(0, bisect_left(self._keys, int.from_bytes(key)) - 1)
        stretch = self._stretch(number, STEP + MOST)
        at = stretch.find(key)
        while at % ENTRY and at >= 0:
            at = stretch.find(key, at + 1)
        found = []
        while at >= 0 and stretch[at : at + KEY] == key:
            found.append(stretch[at + KEY : at + ENTRY])
            at += ENTRY
        return found

    def repeated(self, publisher: str, line: str) -> int:
        """How many documents of the publisher hold a line, counted up to `MOST`."""
        line = normalise(line)
        return len(self.documents(line_key(publisher, line))) if line else 0

    def beside(self, publisher: str, text: str) -> Callable[[str], int]:
        """How many *other* articles hold a line (in normal form) of this document.

        Left out are the document itself and whatever holds most of its prose: the same article
        pasted twice is no boilerplate.
        """
        keys = line_keys(publisher, text)
        held = {line: self.documents(key) for line, key in keys.items()}
        shared: Counter[bytes] = Counter()
        for line, documents in held.items():
            if len(line) >= PROSE:
                shared.update(dict.fromkeys(documents, len(line)))
        prose = sum(len(line) for line in held if len(line) >= PROSE)
        same = {document for document, length in shared.items() if length > COPY * prose}
        same.add(_document(set(keys.values())))
        counts = {line: sum(d not in same for d in documents) for line, documents in held.items()}
        return lambda line: counts.get(line, 0)


def _line_of(entry: bytes) -> bytes:
    return entry[:KEY]


def _split(entries: bytes) -> Iterator[bytes]:
    return (entries[at : at + ENTRY] for at in range(0, len(entries), ENTRY))


def _read(run: IO[bytes]) -> Iterator[bytes]:
    run.seek(0)
    while entries := run.read(STEP * ENTRY):
        yield from _split(entries)
