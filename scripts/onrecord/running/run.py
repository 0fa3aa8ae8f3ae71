"""A run, from the first stage to the resulting file, resumed if there is a work folder.

The work folder is `.NAME.shards` next to the file NAME. It has the plan and one file per shard, and
is removed when the result is complete. Running the same command again resumes from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from onrecord import locks, places
from onrecord.console import documents as counted
from onrecord.console import show_problems
from onrecord.ledger import House
from onrecord.pieces import Size
from onrecord.records import DataError, Problem, UsageError, many
from onrecord.running import pool
from onrecord.running.engines import Engine, processors
from onrecord.running.passes import PROBLEMS, Documents, Gather, Stage, Told, plan

Stages = Callable[[Path, Size], tuple[list[Stage], Documents[Any]]]
"""Makes the plan in a work folder; gives the stages, and the one whose rows are the result."""


def run(
    out: str,
    what: str,
    stages: Stages,
    jobs: int,
    engine: Engine | None,
    preload: str = pool.PRELOAD,
) -> Told | None:
    """Run the stages and gather their rows in the file `out`, and the problems in another file.

    `jobs` 0 means one per processor. Returns None if an engine only accepted the work; a later call
    then gives the result. `preload` is the module that workers import before they start.
    """
    with workshop(out) as work:
        size = engine.size if engine else Size()
        each, rows = stages(work, size)
        gather = Gather(rows, out)
        if engine is None:
            do(each, what, plan(rows.folder).documents, jobs, preload)
            pool.run([gather], 1, pool.quiet)
        else:
            from onrecord.running import trove

            parts = [part for stage in (*each, gather) for part in trove.parts(stage)]
            if not trove.run(parts, engine, what):
                return None
        told = gather.told()
    assert told
    places.remove(work)
    return told


def ahead(source: Iterable[Path], jobs: int, engine: Engine | None) -> None:
    """Start preparing workers (0.7 s) while sources that fill more than a shard are scanned."""
    if engine or (jobs or processors()) < 2:
        return
    files, size, full = 0, 0, Size()
    for each in chain.from_iterable(map(_sizes, filter(places.local, source))):
        files, size = files + 1, size + each
        if files > full.documents or size > full.bytes:
            pool.prepare()
            return


def _sizes(path: Path) -> Iterator[int]:
    """Bytes of the file `path`, or of each in that folder and below it, where it can be seen."""
    waiting = [os.fspath(path)]
    while waiting:
        with suppress(OSError):
            if not os.path.isdir(at := waiting.pop()):
                yield os.stat(at).st_size
                continue
            with os.scandir(at) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file():
                        yield entry.stat().st_size


def refuse_place(out: str, given: Iterable[Path], house: House) -> None:
    """Raises UsageError where a result may not go: a folder, what it is made from, the corpus."""
    made = places.place(out)
    if made.is_dir():
        raise UsageError(f"--out {out} is a folder", "name a file")
    if places.local(made) and made.resolve().is_relative_to(house.corpus.resolve()):
        raise UsageError(
            f"--out {out} lies in {house.name(house.corpus)}",
            f"name a file outside of it, such as {house.name(house.build / made.name)}",
        )
    for source in given:
        for written in (made, places.place(out + PROBLEMS)):
            if _same(source, written):
                raise UsageError(
                    f"--out {out} would replace {source}, which it is made from",
                    "name another file",
                )


def _same(one: Path, other: Path) -> bool:
    if not (places.local(one) and places.local(other)):
        return one == other
    return one.exists() and other.exists() and one.samefile(other)


def report(told: Told, out: str, what: str, nothing: str) -> None:
    """Show the problems of a run over `what` ("article").

    Raises DataError if there are any, and with `nothing` if there is no record.
    """
    said: list[str] = []
    if told.failed:
        aside = places.place(out + PROBLEMS)
        with places.reading(aside) as file:
            show_problems(msgspec.json.decode(line, type=Problem) for line in file)
        said.append(f"{many(told.failed, what)} set aside, listed in {out}{PROBLEMS}")
    if not told.records:
        there = places.place(out).exists()
        said.append(f"{nothing}; {out} {'stays as it was' if there else 'was not written'}")
    if said:
        raise DataError("; ".join(said))


def do(
    stages: Sequence[Stage],
    what: str,
    total: int,
    jobs: int,
    preload: str = pool.PRELOAD,
    per: str = "documents",
) -> None:
    """Do stages with the built-in runner, with a progress bar that counts `per` for each."""

    def bar(stage: Stage) -> object:
        name = what if stage is stages[-1] else f"{what}, {stage.name}"
        told = stage.tasks > 1 or stage is stages[-1]
        return counted(name, total, per) if told else pool.quiet(stage)

    pool.run(stages, jobs or processors(), bar, preload)


@contextmanager
def workshop(out: str) -> Iterator[Path]:
    """The work folder of a result. Raises UsageError while another command uses it."""
    path = places.place(out)
    work = path.with_name(f".{path.name}.shards")
    if not places.local(work):
        yield work
        return
    work.mkdir(parents=True, exist_ok=True)
    with locks.holding(work / "lock", f"another command is writing {out}"):
        try:
            yield work
        except UsageError:
            places.remove(work)  # the user has to change the command
            raise
        except BaseException:
            if all(path.is_dir() or path.name == "lock" for path in work.rglob("*")):
                places.remove(work)  # there was no plan yet
            raise
