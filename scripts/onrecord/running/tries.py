"""What a try of a task leaves behind where nobody sees its process end: which document was in hand.

The pool sees a worker die and knows at which document. A rank of Ray or Slurm is tried again by
another process, maybe on another machine, and a command that works in its own process by whoever
types it again. For them a small file in the plan's folder, `tries/STAGE/TASK`, says what was in
hand; a try that ends in order, by an error or by SIGTERM, leaves none of it.

On a disk the number of the document is written before each one (2 µs). At an address, where that
would be a request, a stretch of documents is written, so seldom that it takes `SHARE` of the time;
where a try ended in a stretch the next one writes each document of it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onrecord.running import places
from onrecord.running.passes import DEATHS, Stage, Watch

SHARE = 0.005
"""The most of a task's time that what it leaves at an address may take, while none has died."""

Stretch = tuple[int, int]
"""Documents from a number up to another one, which is out of it."""


@contextmanager
def trying(stage: Stage, task: int, told: Watch) -> Iterator[Watch]:
    """Try a task: what watches it in the place of `told`, which is told as well.

    Documents on which `DEATHS` tries ended are in `skip`.
    """
    path = places.place(stage.folder) / "tries" / stage.name / f"{task:06}"
    one = _Try(path, told)
    with _ended_in_order():
        try:
            yield one
        except BaseException:
            one.leave(one.former)
            raise
        one.leave([])


class _Try(Watch):
    def __init__(self, path: Path, told: Watch) -> None:
        self._path, self._told = path, told
        self._near = places.local(path)
        self.former = [pair for pair in _pairs(path) if pair != _NONE]
        self._there = bool(self.former)
        single = Counter(first for first, end in self.former if end == first + 1)
        self.skip = told.skip | {number for number, died in single.items() if died >= DEATHS}
        self._wide = [stretch for stretch in self.former if stretch[1] > stretch[0] + 1]
        self._end = -1
        self._handle = -1
        self._begun, self._spent, self._writes = time.monotonic(), 0.0, 0

    def at(self, number: int) -> None:
        self._told.at(number)
        if number >= self._end:
            self._end = self._until(number)
            self._write([(number, self._end), *self.former])

    def _until(self, number: int) -> int:
        if self._near or any(first <= number < end for first, end in self._wide):
            return number + 1
        # Until there is time for what has been written, and once more.
        gone = time.monotonic() - self._begun
        wanted = self._spent * (1 + 1 / max(1, self._writes)) / SHARE
        more = number / gone * max(0.0, wanted - gone) if number else 0
        return min([number + 1 + int(more), *(at for at, _ in self._wide if at > number)])

    def _write(self, stretches: list[Stretch]) -> None:
        data = _bytes(stretches)
        if not self._near:
            begun = time.monotonic()
            with places.writing(self._path) as file:
                file.write(data)
            self._spent += time.monotonic() - begun
            self._writes += 1
        elif self._handle < 0:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.pwrite(self._handle, data, 0)  # never shorter than what is there
        else:
            os.pwrite(self._handle, data[:_PAIR], 0)
        self._there = True

    def leave(self, former: list[Stretch]) -> None:
        """Leave nothing in hand, and `former` as what earlier tries ended on."""
        if self._there and former:
            self._write([_NONE, *former])
        if self._handle >= 0:
            os.close(self._handle)
        if self._there and not former:
            self._path.unlink(missing_ok=True)


_PAIR = 16
_NONE = (0, 0)


def _pairs(path: Path) -> list[Stretch]:
    """What a trace says: what was in hand, and before that; nothing where there is none."""
    data = b""
    with suppress(FileNotFoundError):
        data = path.read_bytes()
    numbers = array("Q", data[: len(data) // _PAIR * _PAIR])
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _bytes(pairs: list[Stretch]) -> bytes:
    return array("Q", [number for pair in pairs for number in pair]).tobytes()


def settle(folder: str, name: str, *, died: bool) -> None:
    """Settle what the tries of a stage had in hand, none of which is at work.

    They ended there by themselves (`died`), or with the command that had started them.
    """
    home = places.place(folder) / "tries" / name
    for path in home.iterdir() if home.exists() else ():
        hand, *former = _pairs(path) or [_NONE]
        if hand == _NONE:
            continue
        if kept := [hand, *former] if died else former:
            with places.writing(path) as file:
                file.write(_bytes([_NONE, *kept]))
        else:
            path.unlink()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM is an exception meanwhile: a job that is cancelled is no document's fault."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
