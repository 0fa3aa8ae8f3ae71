"""Signatures of admitted articles, kept in a file, so that admission makes each of them once.

The file holds hashes only, never text: a row per body, by the hash of the body, sorted. It can be
deleted at any time; what it lacks is made again.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from onrecord.articles.stories import PERMUTATIONS, Signature
from onrecord.atomic import naming, replacing
from onrecord.compact import hash64

_ROW = np.dtype([("key", "<u8"), ("grams", "<u4"), ("hashes", "<u4", (PERMUTATIONS,))])
_MAGIC = b"onrecord signatures 1".ljust(_ROW.itemsize, b"\0")
"""The first row, with the version of `stories.sketch`."""
_CHUNK = 4096


class Signatures:
    """Signatures by body: those of a file, and those that are added.

    9 bytes of memory a signature; what is added is in a temporary file next to `path`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._old = _opened(path)
        self._keys = _keys(self._old)
        self._used = np.zeros(len(self._keys), bool)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._new = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        self._added = array("Q")

    def get(self, body: str) -> Signature | None:
        """The signature of a body, None if it is not known."""
        key = hash64(body)
        at = int(np.searchsorted(self._keys, np.uint64(key)))
        if self._old is None or at == len(self._keys) or self._keys[at] != key:
            return None
        self._used[at] = True
        (row,) = np.frombuffer(_row(self._old, at + 1), _ROW)
        return Signature(int(row["grams"]), row["hashes"].tobytes())

    def add(self, body: str, signature: Signature) -> None:
        """Keep the signature of a body."""
        row = np.zeros((), _ROW)
        row["key"], row["grams"] = hash64(body), signature.grams
        row["hashes"] = np.frombuffer(signature.hashes, np.uint32)
        self._added.append(int(row["key"]))
        with naming(self._path):
            self._new.write(row.tobytes())

    def write(self) -> None:
        """Write what was asked for or added; what was neither belongs to no article any more."""
        if not self._added and self._used.all():
            return
        with naming(self._path):
            self._new.flush()
        with replacing(self._path) as file:
            file.write(_MAGIC)
            for row in self._rows():
                file.write(row)

    def _rows(self) -> Iterator[bytes]:
        used, added = np.flatnonzero(self._used), np.frombuffer(self._added, np.uint64)
        keys, first = np.unique(np.concatenate([self._keys[used], added]), return_index=True)
        del keys
        for at in first.tolist():
            if at >= len(used):
                yield _row(self._new, at - len(used))
            elif self._old:
                yield _row(self._old, int(used[at]) + 1)


def _opened(path: Path) -> IO[bytes] | None:
    """The file, if it is whole and of this version."""
    if not path.is_file() or path.stat().st_size % _ROW.itemsize:
        return None
    file = path.open("rb")
    return file if file.read(_ROW.itemsize) == _MAGIC else None


def _keys(file: IO[bytes] | None) -> Any:
    found: list[Any] = [np.empty(0, np.uint64)]
    while file and (data := file.read(_CHUNK * _ROW.itemsize)):
        found.append(np.frombuffer(data, _ROW)["key"].copy())
    return np.concatenate(found)


def _row(file: IO[bytes], at: int) -> bytes:
    return os.pread(file.fileno(), _ROW.itemsize, at * _ROW.itemsize)
