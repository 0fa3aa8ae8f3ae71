"""Locks between commands: of a root, of its annotations, of a file, of a folder."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from onrecord.ledger import House
from onrecord.records import UsageError


@contextmanager
def held(house: House, what: str, by: str = "") -> Generator[None]:
    """Hold the root's lock for `what`; a second command at the same time is refused.

    `by` is the verb that holds it, where that is another. Raises UsageError, naming the verb, when
    another process holds it.
    """
    path = house.build / f".{what}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        _hold(file, lambda: f"{_holder(file)} is at work in {house.root}")
        with suppress(OSError):  # a full disk; the name is for messages
            file.truncate(0)
            file.write((by or what).encode())
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)  # the next holder is not this verb, before it writes its own


def _holder(file: io.FileIO) -> str:
    """The command that the holder of a lock wrote there, "another" until it has."""
    file.seek(0)
    name = file.read().decode(errors="replace")
    return f"`onrecord {name}`" if name else "another command"


@contextmanager
def answers(house: House) -> Generator[None]:
    """Hold annotations and adjudications for a command that reads and rewrites them.

    Without it a pull that began before a take-down would put back what that removed. Raises
    UsageError when another process holds them.
    """
    path = house.build / ".answers.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with holding(path, f"another command is rewriting the annotations of {house.root}"):
        yield


@contextmanager
def holding(path: Path, told: str, *, make: bool = True) -> Generator[None]:
    """Hold the lock of a file. Raises UsageError(told) if another process holds it.

    Creates the file; without `make`, raises FileNotFoundError if there is none.
    """
    with path.open("w" if make else "r+") as file:
        _hold(file, lambda: told)
        yield


def _hold(file: IO[Any], told: Callable[[], str]) -> None:
    """Lock an open file. Raises UsageError with what `told` gives if another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(told(), "wait until it has ended") from None


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Lock a folder, waiting for another process that holds it.

    Does nothing where folders cannot be locked (some network disks).
    """
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
