"""Passes for tests: what a document of theirs does is in its line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onrecord import places
from onrecord.pieces import Size, stretches
from onrecord.records import Problem
from onrecord.running.passes import DONE, UNWATCHED, Documents, Row, Watch, Where, placed
from onrecord.running.shards import Shard, make


@dataclass(frozen=True)
class Acting:
    """`fail` raises, `die` ends the process, `die once` does so where no other did before.
    An empty line is no document."""

    marks: str
    rule: str = "acting.failed"

    def read(
        self, shard: Shard, watch: Watch = UNWATCHED
    ) -> Iterator[tuple[Where, str] | Problem | None]:
        for found in placed(shard, self.rule, watch):
            if found is None or isinstance(found, Problem):
                yield found
                continue
            where, line = found
            if line == b"die in reading\n":
                os.kill(os.getpid(), signal.SIGKILL)
            yield where, line.decode().strip()

    def where(self, given: tuple[Where, str]) -> Where:
        return given[0]

    def row(self, given: tuple[Where, str]) -> Row:
        where, act = given
        if act == "full":
            raise OSError("the disk is full")
        if act == "fail":
            raise RecursionError("too deep")
        if act == "die" or (act == "die once" and self._first(where.line)):
            os.kill(os.getpid(), signal.SIGKILL)
        return Row(DONE, f"{where.line} {act}\n".encode())

    def _first(self, line: int) -> bool:
        try:
            (Path(self.marks) / str(line)).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def acting(folder: Path, acts: list[str], documents: int, address: str = "") -> Documents[Acting]:
    """The stage of a file with these lines, so many a shard; `address` is where it works."""
    (folder / "marks").mkdir()
    source = folder / "acts.txt"
    source.write_text("".join(f"{act}\n" for act in acts), "utf-8")
    size = Size(documents, 1 << 20)
    plan = make(
        places.place(address or str(folder)) / "work", stretches(source, size), size, "acting"
    )
    work = Acting(str(folder / "marks"))
    return Documents(work, plan.folder.as_posix(), "act", len(plan))
