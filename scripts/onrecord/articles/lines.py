"""How many documents of a publisher hold a line: what pages repeat, remembered as hashes.

A line of the page around an article stands in many documents of its publisher, a line of the
article in one. `Lines` counts over the documents of all places that it was ever shown, so that a
single late file can be cleaned. A place (a file, a row of a table) whose content has changed
teaches its new content instead of the former. It keeps hashes only, never text.

The file holds two sorted tables of 16-byte entries, eight bytes of blake2b each: place and
document, line (with its publisher) and document. The last content of every place decides about
the bytes; order, repetitions and the number of sittings do not. Learning holds `BATCH` entries in
memory and sorts the rest on disk; looking up maps the file.
"""

from __future__ import annotations

import heapq
import mmap
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import IO, Self

from onrecord.ledger import replacing
from onrecord.records import UsageError
from onrecord.text import normalise

MAGIC = b"onrecord lines 2"
KEY = 8
ENTRY = 2 * KEY
HEAD = 2 * ENTRY
"""Bytes before the tables: `MAGIC`, and how many places there are."""

BATCH = 1 << 18
"""Entries held in memory while learning (about 20 MB)."""

MOST = 8
"""Documents looked at of one line: those with the least hashes, so that order cannot matter."""

GUESSED = 8
"""Looks at the table that go by the value of a hash; where many are alike, halving finds it."""

COPY = 0.75
"""A document that holds this share of another's prose, in letters, is the same article again."""

PROSE = 80
"""Letters from which on a line counts as prose when two documents are compared."""

_BREAK = re.compile(r"[\n\r\u2028\u2029]+")
_DIGITS = re.compile(r"\d+")


def line_key(publisher: str, line: str) -> bytes:
    """The hash of a line in normal form, blind to case and to the digits of a number."""
    plain = f"{publisher}\n{_DIGITS.sub('0', line.casefold())}"
    return blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=KEY).digest()


def _lines(text: str) -> set[str]:
    return {normalise(line) for line in _BREAK.split(text)} - {""}


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
        self._lines = _Heap(path.parent)
        self._places = _Heap(path.parent)
        self._learnt = 0
        self._table: mmap.mmap | bytes = b""
        self._first = HEAD  # where the table of lines begins
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
        self._lines.clear()
        self._places.clear()
        self._learnt = 0
        if isinstance(self._table, mmap.mmap):
            self._table.close()
        self._table, self._first = b"", HEAD

    def _map(self) -> None:
        if not self.path.exists():
            return
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            head = file.read(HEAD)
            places = int.from_bytes(head[len(MAGIC) : HEAD])
            first = HEAD + places * ENTRY
            if head[: len(MAGIC)] != MAGIC or size % ENTRY or not HEAD <= first <= size:
                message = f"{self.path}: not a table of lines"
                raise UsageError(message, "delete it and convert again: it is made anew")
            self._table = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._first = first

    # --- learning ---------------------------------------------------------------------------

    def learn(self, publisher: str, text: str, place: str = "") -> None:
        """Count the lines of one document, instead of what its place taught before.

        `place` names where it lies: the file, and the row in it. Without one the document is its
        own place, and stays.
        """
        keys = {line_key(publisher, line) for line in _lines(text)}
        document = _document(keys)
        where = blake2b(place.encode("utf-8", "surrogatepass"), digest_size=KEY).digest()
        self._learnt += 1
        # In the order of learning, so that the last content of a place is known.
        order = self._learnt.to_bytes(KEY)
        self._places.add([(where if place else document) + order + document])
        self._lines.add(key + document for key in keys)

    def save(self) -> None:
        """Put what was learnt into the file."""
        if not self._learnt:
            return
        with tempfile.TemporaryFile(dir=_folder(self.path)) as places:
            gone = self._settle(places)
            known = self._entries(self._first, len(self._table))
            merged = heapq.merge(known, self._lines.sorted())
            with replacing(self.path) as file:
                file.write(MAGIC)
                file.write((places.tell() // ENTRY).to_bytes(HEAD - len(MAGIC)))
                file.writelines(_read(places))
                for entry, _ in groupby(merged):
                    if entry[KEY:] not in gone:
                        file.write(entry)
        self.close()
        self._map()

    def _settle(self, places: IO[bytes]) -> set[bytes]:
        """Write the last document of each place; what is no place's document any more."""
        before = (
            entry[:KEY] + bytes(KEY) + entry[KEY:] for entry in self._entries(HEAD, self._first)
        )
        gone: set[bytes] = set()
        for where, entries in groupby(heapq.merge(before, self._places.sorted()), _key_of):
            *former, last = (entry[2 * KEY :] for entry in entries)
            gone.update(document for document in former if document != last)
            places.write(where + last)
        if gone:
            # The same text may lie in another place.
            gone.difference_update(entry[KEY:] for entry in _read(places))
        return gone

    def _entries(self, start: int, end: int) -> Iterator[bytes]:
        for at in range(start, end, ENTRY):
            yield self._table[at : at + ENTRY]

    # --- asking -----------------------------------------------------------------------------

    def documents(self, key: bytes) -> list[bytes]:
        """The hashes of the documents that hold a line, `MOST` of them at most."""
        table, first = self._table, self._first
        low, high = 0, (len(table) - first) // ENTRY
        # Hashes are spread evenly, so the place of one can be guessed; a few guesses find it.
        wanted, floor, ceiling = int.from_bytes(key), 0, 1 << 8 * KEY
        looks = 0
        while low < high:
            looks += 1
            middle = (low + high) // 2
            if looks <= GUESSED:
                middle = low + (wanted - floor) * (high - low) // (ceiling - floor)
            found = int.from_bytes(table[first + middle * ENTRY : first + middle * ENTRY + KEY])
            if found < wanted:
                low, floor = middle + 1, found
            else:
                high, ceiling = middle, found + 1
        near = table[first + low * ENTRY : first + (low + MOST) * ENTRY]
        entries = (near[at : at + ENTRY] for at in range(0, len(near), ENTRY))
        return [entry[KEY:] for entry in entries if entry[:KEY] == key]

    def repeated(self, publisher: str, line: str) -> int:
        """How many documents of the publisher hold a line, counted up to `MOST`."""
        return len(self.documents(line_key(publisher, normalise(line))))

    def beside(self, publisher: str, text: str) -> Callable[[str], int]:
        """How many *other* articles hold a line (in normal form) of this document.

        Left out are the document itself and whatever holds most of its prose: the same article
        pasted twice is no boilerplate.
        """
        keys = {line: line_key(publisher, line) for line in _lines(text)}
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


class _Heap:
    """Entries to be sorted: `BATCH` of them in memory, the rest in sorted files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new: set[bytes] = set()
        self._runs: list[tuple[IO[bytes], int]] = []

    def add(self, entries: Iterable[bytes]) -> None:
        self._new.update(entries)
        if len(self._new) < BATCH:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by `clear`
        run.writelines(sorted(self._new))
        self._runs.append((run, len(next(iter(self._new)))))
        self._new = set()

    def sorted(self) -> Iterator[bytes]:
        return heapq.merge(sorted(self._new), *(_read(run, size) for run, size in self._runs))

    def clear(self) -> None:
        for run, _ in self._runs:
            run.close()
        self._runs, self._new = [], set()


def _folder(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent


def _key_of(entry: bytes) -> bytes:
    return entry[:KEY]


def _read(run: IO[bytes], size: int = ENTRY) -> Iterator[bytes]:
    run.seek(0)
    while entry := run.read(size):
        yield entry
