"""A parallel, ordered `map` over processes, with bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from onrecord.records import DataError
from onrecord.running.stopping import end_with_parent, undisturbed

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 32
"""Items per task."""


def spread(function: Callable[[A], B], items: Iterable[A], *, workers: int) -> Iterator[B]:
    """The function of each item, in the order of the items, like `map`.

    `function` must be at the top level of a module. Up to CHUNK items are done in this process,
    more by `workers` processes (0: one per core), with at most two chunks each in progress.
    Exceptions of the function are raised here; DataError if a process is killed.
    """
    stream = iter(items)
    head = list(islice(stream, CHUNK + 1))
    workers = workers or os.cpu_count() or 1
    if len(head) <= CHUNK or workers == 1:
        yield from map(function, head)
        yield from map(function, stream)
        return
    # Not forked: the caller may have threads (arrow, BLAS).
    with undisturbed():  # it starts the process that removes what is left
        pool = ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent)
    try:
        under_way: deque[Future[list[B]]] = deque()
        chunk = head
        while chunk or under_way:
            if chunk:
                with undisturbed():  # the first starts the processes
                    under_way.append(pool.submit(_all, function, chunk))
                chunk = list(islice(stream, CHUNK))
            if under_way and (not chunk or len(under_way) >= 2 * workers):
                yield from under_way.popleft().result()
    except BrokenProcessPool:
        raise DataError("a worker was killed; is there enough memory?") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _all(function: Callable[[A], B], items: list[A]) -> list[B]:
    return [function(item) for item in items]
