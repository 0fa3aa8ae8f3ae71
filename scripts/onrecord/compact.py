"""Compact maps with string keys, for up to a hundred million of them.

A key is stored as a 64-bit hash.
"""

from __future__ import annotations

from array import array
from hashlib import blake2b


class Numbers:
    """Key -> a number below 2^64, in 24 to 36 bytes per key.

    An open-addressing hash table. Two keys with the same 64-bit hash would be taken for one: with
    a hundred million keys that happens in one of 3,700 corpora.
    """

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._values = array("Q")
        self._slots = array("I", bytes(4 * 64))

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def hashes(self) -> array[int]:
        """`hash64` of each key, in insertion order."""
        return self._hashes

    def _slot(self, hashed: int) -> int:
        """The slot of a hash, or the empty slot for it."""
        slots, mask = self._slots, len(self._slots) - 1
        at = hashed & mask
        while slots[at] and self._hashes[slots[at] - 1] != hashed:
            at = (at + 1) & mask
        return at

    def get(self, key: str) -> int | None:
        entry = self._slots[self._slot(hash64(key))]
        return self._values[entry - 1] if entry else None

    def __setitem__(self, key: str, value: int) -> None:
        hashed = hash64(key)
        at = self._slot(hashed)
        if entry := self._slots[at]:
            self._values[entry - 1] = value
            return
        self._hashes.append(hashed)
        self._values.append(value)
        self._slots[at] = len(self._hashes)
        if 3 * len(self._hashes) > 2 * len(self._slots):
            self._slots = array("I", bytes(8 * len(self._slots)))
            for number, known in enumerate(self._hashes, 1):
                self._slots[self._slot(known)] = number


def hash64(key: str) -> int:
    """64 bits of a string, the same in every process."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())


class Choices:
    """Key -> one of a few strings, in 24 to 36 bytes per key; a dict takes 170."""

    def __init__(self) -> None:
        self._places = Numbers()
        self._numbers: dict[str, int] = {}
        self._values: list[str] = []

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return self._places.get(key) is not None

    def __setitem__(self, key: str, value: str) -> None:
        number = self._numbers.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        self._places[key] = number

    def get(self, key: str) -> str:
        """The string of a key, "" if the key is unknown."""
        number = self._places.get(key)
        return "" if number is None else self._values[number]
