"""Work spread over the machine's cores, in order, holding only what is under way."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

CHUNK = 32
"""Items that go to a process at once."""


def spread(function: Callable[[A], B], items: Iterable[A], *, workers: int = 0) -> Iterator[B]:
    """The function of each item, in the order of the items, like `map`.

    `function` stands at the top of a module. Up to CHUNK items are done here, more by `workers`
    processes (0: as many as there are cores), two chunks for each under way at most. What the
    function raises is raised here.
    """
    stream = iter(items)
    head = list(islice(stream, CHUNK + 1))
    workers = workers or os.cpu_count() or 1
    if len(head) <= CHUNK or workers == 1:
        yield from map(function, head)
        yield from map(function, stream)
        return
    # Not forked: the caller may have threads (arrow, BLAS).
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        under_way: deque[Future[list[B]]] = deque()
        chunk = head
        while chunk or under_way:
            if chunk:
                under_way.append(pool.submit(_all, function, chunk))
                chunk = list(islice(stream, CHUNK))
            if under_way and (not chunk or len(under_way) >= 2 * workers):
                yield from under_way.popleft().result()


def _all(function: Callable[[A], B], items: list[A]) -> list[B]:
    return [function(item) for item in items]
