"""The stages on datatrove's executors: this machine, a Ray cluster, Slurm. The one module that
imports datatrove.

A stage is a pipeline, a task of it a rank. A pass over documents is three steps, so that its log
and its figures are datatrove's own: read the shard, do the document, write the rows. A rank is
complete by datatrove's marker, in the work folder's `logs/STAGE/completions`; what a killed rank
wrote is written again. The page docs/scale.md says how to run it.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shlex
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from copy import copy, deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor
from datatrove.executor import ray as on_ray
from datatrove.executor.ray import RankWorker
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.utils.binaryio import read_tuples_from_file
from datatrove.utils.hashing import HashConfig
from datatrove.utils.stats import PipelineStats
from datatrove.utils.word_tokenizers import WordTokenizer
from loguru import logger

from onrecord.articles import stories
from onrecord.console import say
from onrecord.records import DataError, UsageError, many
from onrecord.running import guard, passes, places, pool
from onrecord.running import stories as running
from onrecord.running.engines import Engine
from onrecord.running.passes import Documents, Row, Stage, Watch

Data = Any
"""Documents as they pass from step to step, or None."""

GIVEN, ROW = "given", "row"
LOOK = 0.5
"""Seconds between two looks at whether the process that wants the result is there."""


class _Step(PipelineStep):
    """A step that works where the command was typed, and ends with the process that started it."""

    type = "onrecord"

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.home = os.getcwd()
        self.driver = (socket.gethostname(), os.getpid())

    def here(self) -> None:
        """Names of files are relative to where the command was typed."""
        if os.getcwd() != self.home:
            os.chdir(self.home)
        host, driver = self.driver
        # Slurm's tasks are on their own: whoever submitted them may go.
        if (
            "SLURM_ARRAY_TASK_ID" not in os.environ
            and os.getpid() != driver
            and all(thread.name != WATCH for thread in threading.enumerate())
        ):
            _watch(driver if host == socket.gethostname() else 0)


class Do(_Step):
    """A task of any stage, as a whole."""

    def __init__(self, stage: Stage) -> None:
        self.name = stage.name
        super().__init__(stage)

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        with self.track_time():
            self.stage.do(rank, _watches[-1])
        return data


class Read(_Step):
    """The documents of a shard, the empty ones and those that cannot be read among them."""

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


class Each(_Step):
    """What the pass makes of each document."""

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


class Write(_Step):
    """The rows of a shard, in one file that is there whole or not at all."""

    name = "write"

    def __init__(self, stage: Documents[Any]) -> None:
        super().__init__(stage)
        self.stage: Documents[Any] = stage

    def run(self, data: Data, rank: int = 0, world_size: int = 1) -> Data:
        def rows() -> Iterator[Row]:
            for document in data or ():
                yield document.metadata[ROW]

        if not self.stage.stand(rank):  # by a rank that ended before it was marked as complete
            passes.write(self.stage.path(rank), rows())
        self.stage.wrote(rank)


# --- parts --------------------------------------------------------------------------------------


class Part(NamedTuple):
    """A stage as an executor takes it: `done` says whether a former run finished it."""

    name: str
    tasks: int
    folder: str
    steps: list[Any]
    done: Callable[[], bool] = lambda: False

    @property
    def logs(self) -> str:
        """Where datatrove keeps logs, figures and the markers of completed ranks."""
        return places.place(self.folder).joinpath("logs", self.name).as_posix()


def parts(stage: Stage) -> list[Part]:
    """A stage of the built-in runner; what that does in memory is done on disk."""
    if isinstance(stage, running.Sign):
        return []  # with the clusters
    if isinstance(stage, running.Cluster):
        return clustering(stage.sign)
    steps = (
        [Read(stage), Each(stage), Write(stage)] if isinstance(stage, Documents) else [Do(stage)]
    )

    def done() -> bool:
        return all(map(stage.done, range(stage.tasks)))

    return [Part(stage.name, stage.tasks, stage.folder, steps, done)]


# --- near-duplicates beyond memory --------------------------------------------------------------


class _Words(WordTokenizer):
    """The words of `articles.stories`; datatrove would load spaCy for them."""

    def word_tokenize(self, text: str) -> list[str]:
        return stories.WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


CONFIG = MinhashConfig(
    n_grams=stories.N,
    num_buckets=stories.BANDS,
    hashes_per_bucket=stories.PERMUTATIONS // stories.BANDS,
    hash_config=HashConfig(precision=32),
)
ONE = MinhashConfig(num_buckets=1)
"""For the clusters, whose files are of several bands each."""


class Signatures(_Step):
    """The signatures of a shard, as documents whose text is theirs in hexadecimal."""

    name = "signatures"

    def __init__(self, stage: running.Sign) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        for number, record in enumerate(running.records(self.stage, rank)):
            text = record["hashes"].tobytes().hex() if record["grams"] else ""
            yield Document(text=text, id=f"{rank}/{number}")


class _Bands(MinhashDedupSignature):
    """datatrove's files of sorted bands, from signatures that are there already."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder, config=CONFIG, language=_Words())  # pyright: ignore[reportArgumentType]

    def get_shingles(self, text: str) -> np.ndarray:
        return np.frombuffer(bytes.fromhex(text), "<u4").reshape(-1, 1)

    def get_signature(self, shingles: np.ndarray) -> list[list[int]]:
        return shingles.reshape(stories.BANDS, -1).tolist()


class Bands(_Step):
    """The bands of a shard: a file each, in the folder of the band."""

    name = "bands"

    def __init__(self, stage: running.Sign, out: Path) -> None:
        super().__init__(stage)
        self.out = out

    def run(self, data: Data, rank: int = 0, world_size: int = 1) -> Data:
        with self.track_time(), places.here(self.out, bring=True) as near:
            _Bands(near.as_posix()).run(data, rank, world_size)


class Near(_Step):
    """The near-duplicates of so many bands, in datatrove's form.

    datatrove's second step finds the candidates of a band; it reads its files 60 bytes at a time.
    """

    name = "near"

    def __init__(self, stage: running.Sign, bands: Path, pairs: Path, out: Path, each: int) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage
        self.bands, self.pairs, self.out, self.each = bands, pairs, out, each

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        _many_files()
        groups = running.Groups()
        signatures = running.Signatures(self.stage)
        first = rank * self.each
        with self.track_time():
            for band in range(first, min(first + self.each, stories.BANDS)):
                with self._pairs(band) as file:
                    for group in _chains(file):
                        running.joined(groups, group, signatures, band)
        with places.writing(self.out / f"{rank:05d}.dups") as file:
            for key, first in groups.stories():
                file.write(struct.pack("<4I", *first, *key))
                self.stat_update("pairs")

    @contextmanager
    def _pairs(self, band: int) -> Iterator[Any]:
        """The file of a band's pairs."""
        with (
            places.here(self.bands, fetch=f"bucket_{band:03d}") as bands,
            places.here(self.pairs) as pairs,
        ):
            step = MinhashDedupBuckets(bands.as_posix(), pairs.as_posix(), config=CONFIG)
            step.run(None, band, stories.BANDS)
            with (pairs / f"{band:05d}_00.dups").open("rb") as file:
                yield file


def _many_files() -> None:
    """Let this process open as many files as it may: datatrove opens a band of every task."""
    import resource  # not on every system

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _chains(file: Any) -> Iterator[list[running.Key]]:
    """The articles of each band value: datatrove pairs each with the one before it."""
    group: list[running.Key] = []
    for one, first, other, second in read_tuples_from_file(file, "4I"):
        if group and group[-1] != (one, first):
            yield group
            group = []
        group = [*(group or [(one, first)]), (other, second)]
    if group:
        yield group


class Clusters(_Step):
    """The names of the stories, from datatrove's clusters: nothing is removed."""

    name = "clusters"

    def __init__(self, stage: running.Sign, near: Path, out: Path) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage
        self.near, self.out = near, out

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        with (
            self.track_time(),
            places.here(self.near, fetch="") as near,
            places.here(self.out) as out,
        ):
            step = MinhashDedupCluster(
                near.as_posix(), out.as_posix(), config=ONE, save_cluster_id=True
            )
            with redirect_stderr(io.StringIO()):  # it draws a bar, terminal or not
                step.run(None, 0, 1)
            running.write(self.stage, self._members(out), running.Signatures(self.stage))

    def _members(self, clusters: Path) -> Iterator[tuple[running.Key, running.Key]]:
        first: dict[int, running.Key] = {}
        for number in range(self.stage.tasks):
            path = clusters / f"{number:06d}.clusters"
            if not path.exists():
                continue
            with path.open("rb") as file:
                for document, cluster in read_tuples_from_file(file, "2I"):
                    key = (number, document)
                    if first.setdefault(cluster, key) != key:
                        yield key, first[cluster]


def clustering(sign: running.Sign) -> list[Part]:
    """The parts that take the place of `Sign` and `Cluster`, with datatrove's MinHash on disk.

    What goes on from a task's own result is done in the same task, for starting one takes longer
    than many of them do.
    """
    folder, tasks, bands = places.place(sign.folder), sign.tasks, stories.BANDS
    each = max(1, bands // max(1, tasks))
    near = Near(sign, folder / "bands", folder / "pairs", folder / "near", each)
    clusters = Clusters(sign, folder / "near", folder / "clusters")
    return [
        Part("sign", tasks, sign.folder, [Do(sign), Signatures(sign), Bands(sign, near.bands)]),
        Part("near", -(-bands // each), sign.folder, [near]),
        Part("clusters", 1, sign.folder, [clusters]),
    ]


# --- executors ----------------------------------------------------------------------------------


_watches = [passes.UNWATCHED]
"""Who is told last which document is in hand: the pool, where it does the rank."""


@contextmanager
def _watched(watch: Watch) -> Iterator[None]:
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.pop()


class _Local(LocalPipelineExecutor):
    """datatrove's executor on the pool of the built-in runner.

    datatrove's own pool waits for ever for a rank that was killed; this one does it again, and sets
    a document aside on which two died. Says on the terminal what went wrong, and leaves the rest to
    the log files.
    """

    def run(self) -> None:
        self.save_executor_as_json()
        pool.run([_Ranks(self)], self.workers, _untold, _PRELOAD)
        if not self.get_incomplete_ranks(skip_completed=True):
            whole = PipelineStats()
            for rank in range(self.tasks):
                with self.logging_dir.open(f"stats/{rank:05d}.json") as file:
                    whole += PipelineStats.from_json(json.load(file))
            with self.logging_dir.open("stats.json", "wt") as file:
                whole.save_to_disk(file)


_PRELOAD = "onrecord.running.ranks"


class _Ranks:
    """The ranks of an executor as a stage of the built-in runner."""

    def __init__(self, executor: Any) -> None:
        stage: Stage = executor.pipeline[0].stage
        self.name, self.folder = stage.name, stage.folder
        self.executor, self.tasks = executor, executor.tasks

    def done(self, task: int) -> bool:
        return self.executor.is_rank_completed(task)

    def do(self, task: int, watch: Watch) -> None:
        executor = copy(self.executor)
        executor.pipeline = deepcopy(executor.pipeline)  # its figures are of one rank
        with _watched(watch):
            try:
                executor._run_for_rank(task, _UNHEARD)
            finally:
                _quiet()  # datatrove speaks again after each rank


_UNHEARD = 1
"""The number of a rank on its machine at which datatrove keeps its log to the file."""


@contextmanager
def _untold(stage: Stage) -> Iterator[pool.Done]:
    yield lambda done: None


class _Rank(RankWorker):
    """Does a rank in Ray's own process: what dies is done again by datatrove, and then watched.

    In the pool that datatrove starts there nobody would notice, and all would wait for ever.
    """

    def run_for_rank(
        self, executor_ref: Any, ranks: list[int], node_ips: list[str], node_idx: int
    ) -> PipelineStats:
        for rank in ranks:
            pool.attempt(_Ranks(executor_ref), rank, _PRELOAD)
        return PipelineStats()


def _quiet() -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")


def run(parts: list[Part], engine: Engine, what: str) -> bool:
    """Run the parts, one after another. False where they were only submitted (Slurm).

    Raises DataError where tasks failed: the logs say why, and the same call goes on from there.
    """
    _quiet()
    if engine.engine == "slurm":
        return _submit(parts, engine, what)
    with _ray(engine) if engine.engine == "ray" else nullcontext():
        for one in parts:
            if one.done():
                continue
            start = time.monotonic()
            executor = _executor(one, engine)
            executor.run()
            if missing := len(executor.get_incomplete_ranks(skip_completed=True)):
                raise DataError(
                    f"{missing} of {one.tasks} tasks of {one.name} failed; {one.logs}/logs says "
                    "why, and the same line again goes on from here"
                )
            say(f"{what}, {one.name}: {many(one.tasks, 'task')}, {time.monotonic() - start:.1f} s")
    return True


def _executor(one: Part, engine: Engine) -> Any:
    workers = min(engine.at_once, one.tasks)
    if engine.engine == "ray" and one.tasks > 1:  # what is one task is done here
        on_ray.RankWorker = _Rank
        return RayPipelineExecutor(
            pipeline=one.steps,
            tasks=one.tasks,
            workers=workers,
            logging_dir=one.logs,
            mem_per_cpu_gb=engine.ray.memory,
        )
    if engine.engine == "slurm":
        settings = engine.slurm
        # Without a line that makes the environment it is the one that this command runs in.
        own = f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
        return _Slurm(
            pipeline=one.steps,
            tasks=one.tasks,
            workers=engine.at_once,
            logging_dir=one.logs,
            job_name=f"onrecord-{one.name}",
            partition=settings.partition,
            time=settings.time,
            mem_per_cpu_gb=settings.memory,
            qos=settings.qos,
            env_command=settings.setup or own,
            # Or what comes after a task that failed would wait for ever.
            sbatch_args={"kill-on-invalid-dep": "yes", **settings.arguments},
        )
    return _Local(pipeline=one.steps, tasks=one.tasks, workers=workers, logging_dir=one.logs)


@contextmanager
def _ray(engine: Engine) -> Iterator[None]:
    """The cluster of `ray.address`, or a Ray of this run's own that only this machine can reach."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not engine.ray.address:
        # One machine: Ray then listens on the loopback interface and no other. Read at import.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    import ray

    if engine.ray.address:
        ray.init(address=engine.ray.address, logging_level=logging.ERROR, log_to_driver=False)
        try:
            yield
        finally:
            ray.shutdown()
        return
    with _guarded():
        ray.init(
            address="local",
            num_cpus=engine.at_once,
            object_store_memory=OBJECTS,
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
        try:
            yield
        finally:
            ray.shutdown()


OBJECTS = 128 << 20
"""Bytes of Ray's shared memory: the steps pass nothing but settings through it."""


class _Slurm(SlurmPipelineExecutor):
    """A rank whose process ends is done again in its task, and then watched.

    Sums up the figures of several tasks only: one task has them already.
    """

    def get_launch_file_contents(self, sbatch_args: dict[str, Any], run_script: str) -> str:
        # An error (1, 2) is the same again, and SIGTERM (143) is somebody's wish.
        again = (
            f"for try in 1 2 3 4; do {run_script} && exit 0; code=$?; "
            "[ $code -gt 2 ] && [ $code -ne 143 ] || exit $code; done; exit $code"
        )
        return super().get_launch_file_contents(sbatch_args, again)

    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> Any:
        if local_rank == _UNHEARD:
            return super()._run_for_rank(rank, local_rank, node_rank)
        pool.attempt(_Ranks(self), rank, _PRELOAD)
        return PipelineStats()

    def launch_merge_stats(self) -> None:
        if self.tasks > 1:
            super().launch_merge_stats()


def _submit(parts: list[Part], engine: Engine, what: str) -> bool:
    """Hand the parts to Slurm, each after the one before it. True where all are done."""
    if parts[-1].done():
        return True
    note = places.place(parts[-1].folder) / "slurm.json"
    if note.exists() and (left := _queued(json.loads(note.read_bytes()))):
        say(f"{what}: {left} jobs are in Slurm's queue; the same line again says what became of it")
        return False
    again = note.exists()
    ids: list[str] = []
    tasks = 0
    before: Any = None
    for one in parts:
        executor = _executor(one, engine)
        if again and (missing := len(executor.get_incomplete_ranks())):
            again = False  # what comes after it had no chance
            say(
                f"{what}: {missing} of {many(one.tasks, 'task')} of {one.name} did not end well; "
                f"{one.logs}/slurm_logs says why"
            )
        executor.depends = before
        try:
            executor.launch_job()
        except FileNotFoundError as error:
            raise UsageError(f"--engine slurm: {error}", "is this a machine with sbatch?") from None
        except subprocess.CalledProcessError:
            raise UsageError("--engine slurm: sbatch took no job, and says why above") from None
        if executor.job_id != -1:  # else its tasks are complete
            ids.append(str(executor.job_id))
            tasks += len(executor.get_incomplete_ranks())
            with places.writing(note) as file:  # now, in case this command is killed
                file.write(json.dumps(ids).encode())
        before = executor
    say(f"{what}: {many(tasks, 'task')} submitted to Slurm as {', '.join(ids)}")
    say("  type the same line again when they have ended: it gathers, or submits what failed")
    return False


def _queued(ids: list[str]) -> int:
    """How many of the jobs are waiting or running. Raises DataError where Slurm does not say."""
    command = ["squeue", "--me", "--noheader", "--format=%F"]  # the job's id, its array's if any
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise UsageError(f"--engine slurm: {error}", "is this a machine with squeue?") from None
    except subprocess.CalledProcessError as error:
        raise DataError(f"Slurm does not say which jobs it has: {error.stderr.strip()}") from None
    return len(set(told.stdout.split()) & set(ids))


# --- no worker outlives the run -----------------------------------------------------------------


def _watch(driver: int) -> None:
    """End this process when its parent or the driver is gone."""
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


@contextmanager
def _guarded() -> Iterator[None]:
    """What is started meanwhile is ended by another process if this one is killed."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-S", guard.__file__, str(os.getpid()), mark]
    watcher = subprocess.Popen(command, start_new_session=True)
    os.environ[guard.VARIABLE] = mark
    os.environ["SPT_NOENV"] = "1"  # or Ray's processes write their titles over it
    try:
        yield
    finally:
        del os.environ[guard.VARIABLE]
        watcher.kill()
        watcher.wait()
