"""Files packed with gzip, member by member: one that is broken does not take the next along.

Whoever appends to a packed file, and is killed once, leaves a member that is cut short before one
that is whole. Python's reader takes the next header for content and gives up.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import IO, Any

MEMBER = re.compile(b"\x1f\x8b\x08[\x00-\x1f]")
"""How a member of gzip begins; `opening` says whether one does."""

TRIED = 1 << 12
"""Bytes that are read to see whether a member begins."""

_BLOCK = 1 << 16
_AGAIN, _ROOM = 4, 64 << 20
"""How often the bytes of a file are tried, all in all and so many besides, to see whether a member
begins there."""


def opening(data: bytes, most: int = 64) -> bytes:
    """The first bytes that a member holds whose first `TRIED` are these; none where it is none."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, most)
    except zlib.error:
        return b""


def parts(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """What a packed file holds: one file to read, and another behind each member that is broken.

    Reading a part to its end raises EOFError or zlib.error where it ends at a broken member.
    """
    packed = _Packed(file)
    while packed.any():
        yield io.BufferedReader(_Part(packed), _BLOCK)


class _Packed:
    """The packed bytes, and what unpacks the member in hand."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._held = b""
        self._ended = False
        self._unpack: Any = None
        self._begun = False
        self._left = _ROOM

    def any(self) -> bool:
        """Whether a member begins here, or further on where what is here is none."""
        self._fill()
        return bool(self._held)

    def _fill(self) -> None:
        while not self._ended and len(self._held) < _BLOCK + TRIED:
            block = self._file.read(_BLOCK)
            self._held += block
            self._left += _AGAIN * len(block)
            self._ended = not block

    def _next(self, start: int) -> int:
        """Where in the held bytes the next member begins, from `start` on; -1 where none does."""
        for match in MEMBER.finditer(self._held, start):
            at = match.start()
            self._left -= TRIED
            if self._left < 0:
                return -1
            head = opening(self._held[at : at + TRIED])
            if head and b"\0" not in head:
                return at
        return -1

    def read(self, size: int) -> bytes:
        """Up to `size` unpacked bytes, none at the end."""
        while True:
            self._fill()
            if self._unpack is None:
                self._held = self._held.lstrip(b"\0")  # members may be padded
                if not self._held and self._ended:
                    return b""
                if not self._held:
                    continue
                if not MEMBER.match(self._held):
                    self._skip()
                    raise zlib.error("it is not packed with gzip")
                self._unpack, self._begun = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            # Where another begins before this one has ended, this one is cut short.
            cut = self._next(0 if self._begun else 1)
            upto = cut if cut >= 0 else len(self._held) - (0 if self._ended else TRIED)
            given = self._held[: max(0, upto)]
            try:
                found = self._unpack.decompress(given, size)
            except zlib.error:
                self._skip()
                raise
            self._begun = True
            rest = self._unpack.unused_data or self._unpack.unconsumed_tail
            self._held = rest + self._held[len(given) :]
            if self._unpack.eof:
                self._unpack = None
            elif not found and not rest and (cut >= 0 or self._ended):
                self._unpack = None
                raise EOFError("a part of it is cut short")
            if found:
                return found

    def _skip(self) -> None:
        """Drop what is before the next member that begins."""
        self._unpack = None
        start = 1
        while (at := self._next(start)) < 0:
            if self._ended:
                self._held = b""
                return
            self._held = self._held[-TRIED:]
            start = 0
            self._fill()
        self._held = self._held[at:]


class _Part(io.RawIOBase):
    """What is unpacked up to the first fault; nothing of the packed file closes with it."""

    def __init__(self, packed: _Packed) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._packed.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
