"""What a pull keeps until all is there: on disk, as a batch may have thousands of tasks."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Generic, TypeVar
from weakref import finalize

import msgspec

T = TypeVar("T")


class Spool(Generic[T]):
    """Values of a kind as JSON, by number, in a temporary file that goes with this object."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        with ExitStack() as stack:
            self._file = stack.enter_context(TemporaryFile())
            finalize(self, stack.pop_all().close)
        self._ends = array("Q", [0])

    def add(self, value: T) -> int:
        """Keep a value. Returns its number."""
        self._file.seek(self._ends[-1])
        self._ends.append(self._ends[-1] + self._file.write(msgspec.json.encode(value)))
        return len(self) - 1

    def __getitem__(self, number: int) -> T:
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return msgspec.json.decode(self._file.read(end - begin), type=self._kind)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[T]:
        return map(self.__getitem__, range(len(self)))
