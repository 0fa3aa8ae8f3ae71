"""Work in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

Work = Callable[[Path], tuple[int, float]]
"""A root of copies to the documents that were worked on and the CPU seconds that took."""


def alone(work: Work, root: Path, *, together: bool = False) -> tuple[tuple[int, float], float]:
    """Run in a new process: what it returned, and its peak memory in MB.

    With `together` that of it and all processes that it starts, looked at every `LOOK` seconds.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, root, together).result()


def _measured(work: Work, root: Path, together: bool) -> tuple[tuple[int, float], float]:
    most, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(LOOK):
            most = max(most, sum(map(_held, _family(os.getpid()))))

    watcher = threading.Thread(target=watch)
    if together:
        watcher.start()
    try:
        told = work(root)
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
