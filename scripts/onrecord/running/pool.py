"""The runner of one machine: the tasks of a stage, on any number of processes.

A worker that dies (out of memory, a crashed library, killed by somebody) is replaced and its task
done again. A document that killed two workers is set aside as a row. No worker outlives the process
that started it, however that ends.

Where one process is enough (a command with one job, a rank of Ray or Slurm), the task is done in
the calling process, and nothing observes its death. While it runs, a marker in the plan's folder,
`tries/STAGE/TASK`, says so. A later attempt that finds the marker, the same command or the rank's
next try, has a worker do the task and supervises it: this one attempt finds all documents that kill
processes. A marker blames no document, so killing a command by hand does no harm.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from onrecord import places
from onrecord.records import DataError
from onrecord.running import stopping
from onrecord.running.passes import DEATHS, UNWATCHED, Stage, Watch, seldom
from onrecord.running.shards import TRIES

TICK = 0.2
"""Seconds between two progress updates."""

PRELOAD = "onrecord.running.preload"

Done = Callable[[int], None]
"""Called with the number of documents done."""


@contextmanager
def quiet(_: Stage) -> Iterator[Done]:
    """The `done` of `run` for stages whose progress nobody sees."""
    yield lambda done: None


def run(
    stages: Sequence[Stage], jobs: int, done: Callable[[Stage], Any], preload: str = PRELOAD
) -> None:
    """Do the missing tasks of the stages. `done(stage)` is a context manager that gives a `Done`.

    `preload` is a module that imports, before workers are forked, what the stages need.

    Raises what a task raised: OSError, UsageError, DataError, or an error of the code.
    """
    for stage in stages:
        stopping.check()
        waiting = [task for task in range(stage.tasks) if not stage.done(task)]
        if not waiting:
            continue
        with done(stage) as tell:
            workers = min(jobs, len(waiting))
            if workers == 1 and not _was_ended(stage):
                _here(stage, waiting, tell)
            else:
                _there(stage, waiting, workers, tell, preload)


class _Here(Watch):
    def __init__(self, tell: Done) -> None:
        self._tell, self._before, self._number = tell, 0, 0

    def at(self, number: int) -> None:
        if number < self._number:
            self._before += self._number
        self._number = number
        self._tell(self._before + number)


@seldom()
def _here(stage: Stage, waiting: list[int], tell: Done) -> None:
    watch = _Here(tell)
    for task in waiting:
        with _marked(_mark(stage, task)):
            stage.do(task, watch)


def attempt(stage: Stage, task: int, preload: str = PRELOAD) -> None:
    """Do one task in this process; in a supervised worker if an earlier attempt died."""
    mark = _mark(stage, task)
    if not mark.exists():
        with _marked(mark):
            stage.do(task, UNWATCHED)
        return
    _there(stage, [task], 1, lambda done: None, preload)
    mark.unlink(missing_ok=True)


def _mark(stage: Stage, task: int) -> Path:
    return places.place(stage.folder) / TRIES / stage.name / f"{task:06}"


@contextmanager
def _marked(mark: Path) -> Iterator[None]:
    """The marker exists meanwhile, and remains if the process dies."""
    with places.writing(mark):
        pass
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def _was_ended(stage: Stage) -> bool:
    """Whether a process died while working on this plan, at whatever stage: what killed one stage
    may kill the next."""
    tries = places.place(stage.folder) / TRIES
    return tries.exists() and any(path.is_file() for path in tries.rglob("*"))


# --- workers ------------------------------------------------------------------------------------


class _Task(NamedTuple):
    stage: Stage
    task: int
    skip: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()


class _Watched(Watch):
    """In a worker: the number of the current document, in memory shared with the parent."""

    def __init__(self, counts: Any, slot: int) -> None:
        self._counts, self._slot = counts, slot

    def at(self, number: int) -> None:
        self._counts[self._slot] = number


@seldom()
def _work(line: Connection, counts: Any, slot: int) -> None:
    """A worker: does tasks from the pipe, one at a time, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    stopping.end_with_parent()
    watch = _Watched(counts, slot)
    while True:
        try:
            given: _Task = line.recv()
        except (EOFError, ConnectionResetError):  # reset: the parent died without reading an answer
            return
        watch.skip, watch.ends = given.skip, given.ends
        fault = None
        try:
            given.stage.do(given.task, watch)
        except Exception as error:
            fault = _sendable(error)
        try:
            line.send(fault)
        except ConnectionError:
            return


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


class _Worker:
    def __init__(self, context: Any, counts: Any, slot: int) -> None:
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, counts, slot), daemon=True)
        with stopping.undisturbed():
            self.process.start()
        theirs.close()
        self.slot = slot
        self.task: _Task | None = None

    def close(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def prepare(preload: str = PRELOAD) -> None:
    """Start the process that workers are forked from; it imports in the background."""
    forkserver.set_forkserver_preload([preload])
    before, tempfile.tempdir = tempfile.tempdir, places.for_sockets(SOCKET)
    try:
        with stopping.undisturbed():
            forkserver.ensure_running()
    finally:
        tempfile.tempdir = before


SOCKET = len("/pymp-12345678/listener-12345678")
"""What `multiprocessing` appends to the temporary folder."""


class _Workers(NamedTuple):
    each: list[_Worker]
    counts: Any
    start: Callable[[int], _Worker]


@contextmanager
def _pool(jobs: int, preload: str) -> Iterator[_Workers]:
    # A server without threads forks the workers, so that they start fast and inherit no lock that
    # another thread holds.
    context = multiprocessing.get_context("forkserver")
    prepare(preload)
    counts = context.RawArray("q", jobs)

    def start(slot: int) -> _Worker:
        return _Worker(context, counts, slot)

    workers = _Workers([], counts, start)
    try:
        workers.each.extend(map(start, range(jobs)))
        yield workers
    finally:
        for worker in workers.each:
            worker.close()


def _there(stage: Stage, waiting: list[int], jobs: int, tell: Done, preload: str) -> None:
    with _pool(jobs, preload) as workers:
        _Run(stage, waiting, workers, tell).run()


class _Run:
    """One stage on the workers."""

    def __init__(self, stage: Stage, waiting: list[int], workers: _Workers, tell: Done) -> None:
        self._stage, self._workers, self._tell = stage, workers, tell
        self._waiting = deque(waiting)
        self._finished = 0  # documents of finished tasks
        self._deaths: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def run(self) -> None:
        for worker in self._workers.each:
            self._give(worker)
        told = time.monotonic()
        while busy := [w for w in self._workers.each if w.task]:
            ready = wait([worker.line for worker in busy], TICK)
            stopping.check()
            for worker in (worker for worker in busy if worker.line in ready):
                try:
                    fault = worker.line.recv()
                except (EOFError, ConnectionResetError):
                    self._died(worker)
                    continue
                if fault is not None:
                    raise fault
                self._finished += self._workers.counts[worker.slot]
                self._workers.counts[worker.slot] = 0
                self._give(worker)
            if time.monotonic() - told > TICK:
                told = time.monotonic()
                self._tell(self._finished + sum(self._workers.counts))
        self._tell(self._finished)

    def _give(self, worker: _Worker) -> None:
        worker.task = None
        if self._waiting:
            task = self._waiting.popleft()
            died = self._deaths[task].items()
            worker.task = _Task(
                self._stage,
                task,
                frozenset(at for at, deaths in died if deaths >= DEATHS),
                frozenset(at for at, deaths in died if deaths >= 2 * DEATHS),
            )
            try:
                worker.line.send(worker.task)
            except (BrokenPipeError, ConnectionResetError):
                self._died(worker)

    def _died(self, worker: _Worker) -> None:
        """Do the task of a dead worker again; a document that keeps killing workers is skipped."""
        assert worker.task
        task, at = worker.task.task, self._workers.counts[worker.slot]
        code = worker.process.exitcode
        self._deaths[task][at] += 1
        if self._deaths[task][at] > 2 * DEATHS:
            raise DataError(
                f"{self._stage.name}: a worker died at document {at} of shard {task} "
                f"{2 * DEATHS + 1} times (last with {code}); is there enough memory? Fewer --jobs "
                "need less. Running the same command again resumes from here."
            )
        self._waiting.appendleft(task)
        self._workers.counts[worker.slot] = 0
        worker.close()
        fresh = self._workers.start(worker.slot)
        self._workers.each[self._workers.each.index(worker)] = fresh
        self._give(fresh)
