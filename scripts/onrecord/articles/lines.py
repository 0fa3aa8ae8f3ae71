"""How many documents of a publisher hold a line: what pages repeat, remembered as hashes.

A line of the page around an article stands in many documents of its publisher, a line of the
article in one. `Lines` counts over the documents of all places that it was ever shown, so that a
single late file can be cleaned. A place (a file, a row of a table) whose content has changed
teaches its new content instead of the former. It keeps hashes only, never text.

The file holds two sorted tables of 16-byte entries, eight bytes of hash each: place and document
(blake2b), then line (XXH3, seeded by the publisher: a tenth of the time, and whoever wants a line
counted need only repeat it) and document. The last content of every place decides about the bytes;
order, repetitions and the number of sittings do not. Learning holds `BATCH` entries in memory and
sorts the rest on disk; looking up holds every `STEP`th key and reads the stretch behind it.
"""

from __future__ import annotations

import heapq
import os
import re
import tempfile
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import chain, groupby, repeat
from pathlib import Path
from struct import unpack
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_digest

from onrecord.atomic import naming, replacing
from onrecord.records import UsageError
from onrecord.text import beyond_ascii, blanks, normal_lines, normalise, take_in_hand, utf8

MAGIC = b"onrecord lines 3"
KEY = 8
ENTRY = 2 * KEY
HEAD = 2 * ENTRY
"""Bytes before the tables: `MAGIC`, and how many places there are."""

BATCH = 1 << 17
"""Entries held in memory while learning (about 15 MB)."""

STEP = 128
"""Entries between two keys held in memory while looking up."""

BLOCK = 1024 * STEP * ENTRY
"""Bytes of the table read at once while the keys are taken in."""

SIEVE = 20
SIEVE_SHIFT = 8 * KEY - SIEVE
"""Bits at the head of a key by which it is remembered that several documents hold a line (1 MB)."""

MOST = 8
"""Documents looked at of one line: those with the least hashes, so that order cannot matter."""

OFTEN = 1 << 13
"""Lines of several documents that are remembered while looking up: those of the publishers asked
for last (about 5 MB)."""

COPY = 0.75
"""A document that holds this share of another's prose, in letters, is the same article again."""

PROSE = 80
"""Letters from which on a line counts as prose when two documents are compared."""

_DIGITS = re.compile(r"\d+")

_Run = Callable[[int], Iterator[bytes]]
"""Sorted entries, so many at a time."""

_Keys = NDArray[np.uint64]
_Entries = NDArray[np.uint64]
"""Rows of a line's key and a document's, as numbers."""


def keys_of(publisher: str, text: str) -> bytes:
    """The hash of a document, which is that of the set of its `line_keys`, and behind it these."""
    take_in_hand(text)
    keys = line_keys(publisher, text)
    return b"".join([blake2b(b"".join(sorted(set(keys))), digest_size=KEY).digest(), *keys])


def line_keys(publisher: str, text: str) -> list[bytes]:
    """The hashes of the `normal_lines` of a text that are not empty.

    They are blind to case and to the digits of a number, so that two lines may share one.
    """
    return list(map(xxh3_64_digest, _bare_lines(text), repeat(_seed(publisher))))


@lru_cache(1 << 8)
def _seed(publisher: str) -> int:
    name = publisher.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(name, digest_size=KEY).digest())


_CAPITALS = bytes(range(ord("A"), ord("Z") + 1))
_BARE = bytes.maketrans(_CAPITALS + b"123456789\t\r", _CAPITALS.lower() + b"0" * 9 + b" \n")
_MARKS = (("\u00a0", b" "), ("\u2028", b"\n"), ("\u2029", b"\n"))
_ZEROS = re.compile(b"00+")


def _bare_lines(text: str) -> list[bytes]:
    """The `normal_lines` that are not empty in UTF-8, blind to case, a zero for every number.

    Where normal form only sets blanks, the bytes of the text are gone through as one.
    """
    if (spaced := blanks(text)) is None:
        text, spaced = "\n".join(normal_lines(text)), ()
    beyond = beyond_ascii(text)
    if beyond.casefold() != beyond or _DIGITS.search(beyond):
        text = _DIGITS.sub("0", text.casefold())
    data = _ZEROS.sub(b"0", utf8(text).translate(_BARE))
    for mark, plain in _MARKS:
        if mark in beyond:
            data = data.replace(mark.encode(), plain)
    while spaced and b"  " in data:
        data = data.replace(b"  ", b" ")
    return list(filter(None, map(bytes.strip, data.split(b"\n"))))


def _placed(document: bytes, place: str, order: int) -> bytes:
    """The entry of a document's place.

    `order` grows in the order of learning, so that the last content of a place is known.
    """
    where = blake2b(place.encode("utf-8", "surrogatepass"), digest_size=KEY).digest()
    return (where if place else document) + order.to_bytes(KEY) + document


def teach(documents: Iterable[tuple[bytes, str]], first: int) -> bytes:
    """What `Lines.take` learns from: the entries of documents `(keys_of, place)`.

    `first` is the order of the first; two calls must not share an order. Holds its documents'
    entries in memory.
    """
    places, lines, holders = [], [], []
    for order, (keys, place) in enumerate(documents, first):
        document, keys = keys[:KEY], keys[KEY:]
        places.append(_placed(document, place, order))
        lines.append(keys)
        holders.append(document * (len(keys) // KEY))
    entries = np.column_stack([_numbers(b"".join(lines)), _numbers(b"".join(holders))])
    return b"".join([len(places).to_bytes(KEY), *sorted(places), _bytes_of(_in_order(entries))])


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
        self._table = -1
        self._first = HEAD  # where the lines begin, behind the places
        self._keys = array("Q")
        self._several = _sieve()
        self._often: dict[int, set[int]] = {}
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
        if self._table >= 0:
            os.close(self._table)
        self._table, self._keys, self._often = -1, array("Q"), {}
        self._several = _sieve()

    def _map(self) -> None:
        """Open the table and take its keys in."""
        try:
            self._table = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        size = os.fstat(self._table).st_size
        head = os.pread(self._table, HEAD, 0)
        self._first = HEAD + int.from_bytes(head[len(MAGIC) :]) * ENTRY
        if head[: len(MAGIC)] != MAGIC or size % ENTRY or not HEAD <= self._first <= size:
            self.close()
            message = f"{self.path}: not a table of lines, or one of an older version"
            raise UsageError(message, "delete it and convert again: it is made anew")
        last = np.zeros(0, "u8")
        several = np.frombuffer(self._several, "?")  # the same bytes, to be marked together
        for at in range(self._first, size, BLOCK):
            block = os.pread(self._table, min(BLOCK, size - at), at)
            keys = np.frombuffer(block, ">u8")[::2].astype("u8")
            self._keys.frombytes(keys[::STEP].tobytes())
            last = np.concatenate([last, keys])
            again = last[1:][last[1:] == last[:-1]]
            several[again >> SIEVE_SHIFT] = True
            last = keys[-1:]

    # --- learning ---------------------------------------------------------------------------

    def learn(self, publisher: str, text: str, place: str = "") -> None:
        """Count the lines of one document, instead of what its place taught before.

        `place` says where it lies: the file, and the row in it. Without one the document is its
        own place, and stays. The same document counts once, in however many places it lies.
        """
        self._learnt += 1
        document, *keys = _split(keys_of(publisher, text), KEY)
        self._places.add([_placed(document, place, self._learnt)])
        self._lines.add(key + document for key in keys)

    def take(self, taught: Path) -> None:
        """Learn what `teach` wrote. The file is read by and by until `save` is through."""
        self._learnt += 1
        size = taught.stat().st_size
        with taught.open("rb") as file:
            behind = KEY + int.from_bytes(file.read(KEY)) * (ENTRY + KEY)
        self._places.take(taught, KEY, behind, ENTRY + KEY)
        self._lines.take(taught, behind, size, ENTRY)

    def save(self) -> None:
        """Put what was learnt into the file."""
        if not self._learnt:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.path.parent) as places:
            gone = np.frombuffer(b"".join(sorted(self._settle(places))), ">u8").astype("u8")
            with replacing(self.path) as file:
                file.write(MAGIC)
                file.write((places.tell() // ENTRY).to_bytes(HEAD - len(MAGIC)))
                file.writelines(_read(places, ENTRY))
                for entries in _merged([self._known_lines, *self._lines.runs()]):
                    stay = entries[~np.isin(entries[:, 1], gone)] if len(gone) else entries
                    file.write(_bytes_of(stay))
        self.close()
        self._map()

    def _settle(self, places: IO[bytes]) -> set[bytes]:
        """Write the last document of each place; the documents that lie nowhere any more."""
        gone: set[bytes] = set()
        merged = heapq.merge(self._known_places(), self._places.sorted(ENTRY + KEY))
        for where, entries in groupby(merged, lambda entry: entry[:KEY]):
            *former, last = (entry[2 * KEY :] for entry in entries)
            gone.update(document for document in former if document != last)
            places.write(where + last)
        if gone:
            # The same text may lie in another place.
            gone.difference_update(entry[KEY:] for entry in _read(places, ENTRY))
        return gone

    def _known_places(self) -> Iterator[bytes]:
        """The places of the file as entries that were learnt before all others."""
        for at in range(HEAD, self._first, STEP * ENTRY):
            count = min(STEP * ENTRY, self._first - at)
            for entry in _split(os.pread(self._table, count, at), ENTRY):
                yield entry[:KEY] + bytes(KEY) + entry[KEY:]

    def _known_lines(self, count: int) -> Iterator[bytes]:
        """The lines' entries of the file, so many at a time."""
        step = count * ENTRY
        at = self._first
        while self._table >= 0 and (block := os.pread(self._table, step, at)):
            yield block
            at += step

    def _stretch(self, number: int, count: int) -> bytes:
        """`count` entries from the `number`th key held in memory on."""
        return os.pread(self._table, count * ENTRY, self._first + number * STEP * ENTRY)

    # --- asking -----------------------------------------------------------------------------

    def documents(self, key: int) -> set[int]:
        """The hashes of the documents that hold a line, `MOST` of them at most."""
        if not self._keys:
            return set()
        if (known := self._often.get(key)) is not None:
            return known
        # The first entry of the line stands before the first key that is not less; the others
        # may reach into the next stretch.
        number = max(0, bisect_left(self._keys, key) - 1)
        stretch = self._stretch(number, STEP + MOST)
        line = key.to_bytes(KEY)
        at = stretch.find(line)
        while at % ENTRY and at >= 0:
            at = stretch.find(line, at + 1)
        found: set[int] = set()
        while len(found) < MOST and at >= 0 and stretch[at : at + KEY] == line:
            found.add(int.from_bytes(stretch[at + KEY : at + ENTRY]))
            at += ENTRY
        # What every page of a publisher says is asked for with every page.
        if len(found) > 1:
            if len(self._often) >= OFTEN:
                self._often.clear()
            self._often[key] = found
        return found

    def repeated(self, publisher: str, line: str) -> int:
        """How many documents of the publisher hold a line, counted up to `MOST`."""
        keys = line_keys(publisher, normalise(line))
        return len(self.documents(int.from_bytes(keys[0]))) if keys else 0

    def beside(self, publisher: str, text: str, learnt: bytes = b"") -> Callable[[str], int]:
        """How many *other* articles hold a line (in normal form) of this document.

        Left out are the document itself and whatever holds most of its prose: the same article
        pasted twice is no boilerplate. `learnt` are its `keys_of` where it was learnt with them.
        """
        keys = learnt or keys_of(publisher, text)
        own, *numbers = unpack(f">{len(keys) // KEY}Q", keys)
        lines = list(filter(None, normal_lines(text)))
        often, several = self._often, self._several
        alone = next((key for key in numbers if not several[key >> SIEVE_SHIFT]), 0)
        # What one document holds at most, this one does if it was learnt.
        every = not (learnt or self.documents(alone) == {own})
        held = {
            line: found
            for line, key in zip(lines, numbers, strict=True)
            if (found := often.get(key))
            or ((every or several[key >> SIEVE_SHIFT]) and (found := self.documents(key)))
        }
        same = {own, *_copies(lines, held)}
        counts = {line: len(found) - len(found & same) for line, found in held.items()}
        return defaultdict(int, counts).__getitem__  # asked for every line: no call of Python's


def _copies(lines: list[str], held: dict[str, set[int]]) -> list[int]:
    """The documents that hold most of the prose of these lines; `held` says which hold a line."""
    shared: Counter[int] = Counter()
    for line, documents in held.items():
        if (length := len(line)) >= PROSE:
            for document in documents:
                shared[document] += length
    prose = sum(map(len, {line for line in lines if len(line) >= PROSE})) if shared else 0
    return [document for document, length in shared.items() if length > COPY * prose]


def _sieve() -> bytearray:
    return bytearray(1 << SIEVE)


class _Heap:
    """Entries of one length to be sorted: `BATCH` of them in memory, the rest in sorted files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new: set[bytes] = set()
        self._runs: list[tuple[IO[bytes], int]] = []
        self._taken: list[tuple[Path, int, int, int]] = []

    def add(self, entries: Iterable[bytes]) -> None:
        self._new.update(entries)
        if len(self._new) < BATCH:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by `clear`
        with naming(self._folder):
            run.writelines(sorted(self._new))
        self._runs.append((run, len(next(iter(self._new)))))
        self._new = set()

    def take(self, path: Path, start: int, stop: int, length: int) -> None:
        """Entries that lie sorted in a stretch of a file."""
        self._taken.append((path, start, stop, length))

    def runs(self) -> list[_Run]:
        """What it holds, in stretches that are sorted."""
        return [
            lambda _: iter([b"".join(sorted(self._new))] if self._new else []),
            *(partial(_blocks, run, length) for run, length in self._runs),
            *(partial(_blocks_closed, *taken) for taken in self._taken),
        ]

    def sorted(self, length: int) -> Iterator[bytes]:
        """Its entries, in order."""
        return heapq.merge(*(_entries_in(run(STEP), length) for run in self.runs()))

    def clear(self) -> None:
        for run, _ in self._runs:
            run.close()
        self._runs, self._taken, self._new = [], [], set()


def _entries_in(blocks: Iterator[bytes], length: int) -> Iterator[bytes]:
    return chain.from_iterable(_split(block, length) for block in blocks)


def _split(entries: bytes, length: int) -> Iterator[bytes]:
    return (entries[at : at + length] for at in range(0, len(entries), length))


def _blocks(run: IO[bytes], length: int, count: int) -> Iterator[bytes]:
    run.seek(0)
    while block := run.read(count * length):
        yield block


def _read(run: IO[bytes], length: int) -> Iterator[bytes]:
    return _entries_in(_blocks(run, length, STEP), length)


def _blocks_closed(path: Path, start: int, stop: int, length: int, count: int) -> Iterator[bytes]:
    """Blocks of a stretch of a file that is only open while one is read: there may be more files
    than a process can hold open."""
    for at in range(start, stop, count * length):
        with path.open("rb") as file:
            file.seek(at)
            yield file.read(min(count * length, stop - at))


def _merged(runs: list[_Run]) -> Iterator[_Entries]:
    """The entries of sorted runs in order and each once; about `BATCH` of them are in memory."""
    size = max(STEP, BATCH // len(runs))
    unread = {number: run(size) for number, run in enumerate(runs)}
    held = [_entries_of(b"")] * len(runs)
    while True:
        # Every run, not only one that is used up: all that is held is merged at once, as far as
        # the run goes that reaches least far, and one that is nearly through reaches nowhere.
        for number, blocks in list(unread.items()):
            if 2 * len(held[number]) <= size:
                if block := next(blocks, b""):
                    held[number] = np.concatenate([held[number], _entries_of(block)])
                else:
                    del unread[number]
        if not any(map(len, held)):
            return
        # Up to here nothing can come any more.
        line, document = min((tuple(held[number][-1]) for number in unread), default=(_END, _END))
        taken = []
        for number, entries in enumerate(held):
            first = entries[:, 0].searchsorted(line)
            behind = entries[:, 0].searchsorted(line, "right")
            count = first + entries[first:behind, 1].searchsorted(document, "right")
            taken.append(entries[:count])
            held[number] = entries[count:]
        yield _in_order(np.concatenate(taken))


_END = np.uint64(2**64 - 1)


def _in_order(entries: _Entries) -> _Entries:
    """Entries sorted, each once."""
    entries = entries[np.lexsort((entries[:, 1], entries[:, 0]))]
    fresh = np.ones(len(entries), bool)
    fresh[1:] = (entries[1:] != entries[:-1]).any(axis=1)
    return entries[fresh]


def _entries_of(block: bytes) -> _Entries:
    return _numbers(block).reshape(-1, 2)


def _numbers(keys: bytes) -> _Keys:
    return np.frombuffer(keys, ">u8").astype("u8")


def _bytes_of(keys: _Keys) -> bytes:
    return keys.astype(">u8").tobytes()
