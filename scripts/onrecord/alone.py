"""Work in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Died(Exception):
    """The process ended before its work did: killed, or out of memory."""

    def __init__(self, code: int | None) -> None:
        number = -(code or 0)
        known = number in {each.value for each in signal.Signals}
        by = signal.Signals(number).name if known else f"exit code {code}"
        super().__init__(f"its process died: {by}")


def alone(
    work: Callable[[], T], *, forked: bool = False, together: bool = False
) -> tuple[T, float]:
    """Run in a new process: what it returned, and its peak memory in MB.

    With `together` that of it and all processes that it starts, looked at every `LOOK` seconds. A
    `forked` one has in its memory what this one holds, and does work that cannot be pickled.
    Raises what the work raised, and `Died` where the process did.
    """
    get = multiprocessing.get_context
    context = get("fork") if forked else get("spawn")
    there, here = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(here, work, together))
    process.start()
    here.close()
    with there:
        try:
            told = there.recv()
        except EOFError:
            told = None
    process.join()
    if told is None:
        raise Died(process.exitcode)
    if isinstance(told, BaseException):
        raise told
    return told


def _tell(here: Connection, work: Callable[[], T], together: bool) -> None:
    try:
        told = _measured(work, together)
    except Exception as error:
        told = error
    here.send(told)


def _measured(work: Callable[[], T], together: bool) -> tuple[T, float]:
    most, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(LOOK):
            most = max(most, sum(map(_held, _family(os.getpid()))))

    watcher = threading.Thread(target=watch)
    if together:
        watcher.start()
    try:
        told = work()
    finally:
        done.set()
        if together:
            watcher.join()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return told, max(most, children, _peak())


LOOK = 0.2


def _family(process: int) -> Iterator[int]:
    """A process and all below it; only itself where there is no /proc."""
    yield process
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # gone meanwhile
            for child in path.read_text().split():
                yield from _family(int(child))


def _held(process: int) -> float:
    """The memory that a process holds in MB, of what it shares with others its part."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _peak() -> float:
    """The peak of this process in MB: of what it is now, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
