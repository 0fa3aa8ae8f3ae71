"""The steps of a pipeline: a task of any stage as one, a pass over documents as three."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from onrecord import places
from onrecord.running import passes
from onrecord.running.passes import Documents, Row, Stage, Watch

Data = Any
"""The documents that go from step to step, or None."""

GIVEN, ROW = "given", "row"
LOOK = 0.5
"""Seconds between two checks that the process that wants the result is alive."""


class Step(PipelineStep):
    """A step that runs in the command's directory and dies with the process that started it."""

    type = "onrecord"

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.home = os.getcwd()
        self.driver = (socket.gethostname(), os.getpid())

    def here(self) -> None:
        """Enter the command's directory, since file names are relative to it."""
        if os.getcwd() != self.home:
            os.chdir(self.home)
        host, driver = self.driver
        # Slurm tasks are independent: the process that submitted them may be gone.
        if (
            "SLURM_ARRAY_TASK_ID" not in os.environ
            and os.getpid() != driver
            and all(thread.name != WATCH for thread in threading.enumerate())
        ):
            _watch(driver if host == socket.gethostname() else 0)


class Do(Step):
    """A task of any stage, as a whole."""

    def __init__(self, stage: Stage) -> None:
        self.name = stage.name
        super().__init__(stage)

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        with self.track_time(), passes.seldom():
            self.stage.do(rank, _watches[-1])
        return data


class Read(Step):
    """The documents of a shard, including empty ones and those that cannot be read."""

    name = "read"

    def __init__(self, stage: Documents[Any]) -> None:
        super().__init__(stage)
        self.stage: Documents[Any] = stage

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        work, shard = self.stage.work, self.stage.shard(rank)
        for number, given in enumerate(work.read(shard, _watches[-1])):
            if given is not None:
                self.stat_update("documents")
            yield Document(text="", id=f"{rank}/{number}", metadata={GIVEN: given})


class Each(Step):
    """The row of each document, by the pass."""

    def __init__(self, stage: Documents[Any]) -> None:
        self.name = stage.name
        super().__init__(stage)
        self.stage: Documents[Any] = stage

    def run(self, data: Data, rank: int = 0, world_size: int = 1) -> Data:
        documents = list[Document]()

        def given() -> Iterator[Any]:
            for document in data or ():
                documents.append(document)
                yield document.metadata[GIVEN]

        found = passes.rows(self.stage.work, given(), _watches[-1])
        while True:
            with self.track_time():
                row = next(found, None)
            if row is None:
                return
            self.stat_update("failed" if row.mark == passes.FAILED else "done")
            document = documents[-1]
            documents.clear()
            document.metadata[ROW] = row
            yield document


class Write(Step):
    """Writes the rows of a shard to one file, atomically."""

    name = "write"

    def __init__(self, stage: Documents[Any]) -> None:
        super().__init__(stage)
        self.stage: Documents[Any] = stage

    def run(self, data: Data, rank: int = 0, world_size: int = 1) -> Data:
        def rows() -> Iterator[Row]:
            for document in data or ():
                yield document.metadata[ROW]

        if not self.stage.stand(
            rank
        ):  # else a rank died after writing and before it was marked complete
            passes.write(self.stage.path(rank), rows())
        self.stage.wrote(rank)


class Part(NamedTuple):
    """A stage for an executor; `done` says whether an earlier run finished it."""

    name: str
    tasks: int
    folder: str
    steps: list[Any]
    done: Callable[[], bool] = lambda: False

    @property
    def logs(self) -> str:
        """Where datatrove keeps logs, statistics and the markers of completed ranks."""
        return places.place(self.folder).joinpath("logs", self.name).as_posix()


# --- what a step knows of its process ---------------------------------------------------------

_watches = [passes.UNWATCHED]
"""The last one is told which document is current: the pool's, if it does the rank."""


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.pop()


def _watch(driver: int) -> None:
    """End this process when its parent or the driver has ended."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent and (not driver or _alive(driver)):
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=look, daemon=True, name=WATCH).start()


WATCH = "onrecord-watch"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
