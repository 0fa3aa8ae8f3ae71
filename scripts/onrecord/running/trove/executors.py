"""datatrove's executors, changed so that the death of a process is noticed, and their runs."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy, deepcopy
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor
from datatrove.executor import ray as on_ray
from datatrove.executor.ray import RankWorker
from datatrove.utils.stats import PipelineStats
from loguru import logger

from onrecord import places
from onrecord.console import say
from onrecord.records import DataError, UsageError, many
from onrecord.running import guard, pool
from onrecord.running.engines import Engine
from onrecord.running.passes import Stage, Watch
from onrecord.running.trove.steps import Part, watched


class _Local(LocalPipelineExecutor):
    """datatrove's executor on the pool of the built-in runner.

    datatrove's own pool waits forever for a rank that was killed; this one does it again, and sets
    aside a document that killed two processes. Prints errors only; the rest goes to the log files.
    """

    def run(self) -> None:
        self.save_executor_as_json()
        pool.run([_Ranks(self)], self.workers, pool.quiet, _PRELOAD)
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
        executor.pipeline = deepcopy(executor.pipeline)  # statistics are per rank
        with watched(watch):
            try:
                executor._run_for_rank(task, _UNHEARD)
            finally:
                _quiet()  # datatrove resets its logger after each rank


_UNHEARD = 1
"""The local rank at which datatrove logs to the file only."""


class _Rank(RankWorker):
    """Does a rank in Ray's own process: if it dies, datatrove retries it, under supervision.

    In the pool that datatrove starts there, a death would go unnoticed and all would wait forever.
    """

    def run_for_rank(
        self, executor_ref: Any, ranks: list[int], node_ips: list[str], node_idx: int
    ) -> PipelineStats:
        for rank in ranks:
            pool.attempt(_Ranks(executor_ref), rank, _PRELOAD)
        return PipelineStats()


class _OnRay(RayPipelineExecutor):
    """Gives each rank a temporary folder of its own.

    datatrove first writes its logs to one folder of the machine, which may be another user's or
    hold another run's.
    """

    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> PipelineStats:
        before = tempfile.tempdir
        with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
            tempfile.tempdir = folder
            try:
                return super()._run_for_rank(rank, local_rank, node_rank)
            finally:
                tempfile.tempdir = before


def _quiet() -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")


def run(parts: list[Part], engine: Engine, what: str) -> bool:
    """Run the parts, one after another. False if they were only submitted (Slurm).

    Raises DataError if tasks failed: the logs say why, and the same call resumes from there.
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
                    "why, and running the same command again resumes from here"
                )
            say(f"{what}, {one.name}: {many(one.tasks, 'task')}, {time.monotonic() - start:.1f} s")
    return True


def _executor(one: Part, engine: Engine) -> Any:
    workers = min(engine.at_once, one.tasks)
    if engine.engine == "ray" and one.tasks > 1:  # a single task is done here
        on_ray.RankWorker = _Rank
        return _OnRay(
            pipeline=one.steps,
            tasks=one.tasks,
            workers=workers,
            logging_dir=one.logs,
            mem_per_cpu_gb=engine.ray.memory,
        )
    if engine.engine == "slurm":
        settings = engine.slurm
        # Without a line that sets up the environment, use the one of this command.
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
            # Otherwise jobs that depend on a failed task would wait forever.
            sbatch_args={"kill-on-invalid-dep": "yes", **settings.arguments},
        )
    return _Local(pipeline=one.steps, tasks=one.tasks, workers=workers, logging_dir=one.logs)


@contextmanager
def _ray(engine: Engine) -> Iterator[None]:
    """The cluster of `ray.address`, or a private Ray that only this machine can reach."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not engine.ray.address:
        # One machine: Ray then listens on the loopback interface only. It is read at import.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        if "RAY_TMPDIR" not in os.environ:
            os.environ["RAY_TMPDIR"] = places.for_sockets(SOCKET)
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


SOCKET = len("/ray/session_2000-01-01_00-00-00_000000_1234567/sockets/plasma_store")
"""What Ray appends to its temporary folder."""

OBJECTS = 128 << 20
"""Bytes of Ray's shared memory, which is used for settings only."""


class _Slurm(SlurmPipelineExecutor):
    """A rank whose process dies is retried in its task, under supervision.

    Merges statistics only if there are several tasks.
    """

    def get_launch_file_contents(self, sbatch_args: dict[str, Any], run_script: str) -> str:
        # An error (1, 2) would repeat itself, and SIGTERM (143) is somebody's intention.
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
    """Submit the parts to Slurm, each depending on the one before. True if all are done."""
    if parts[-1].done():
        return True
    note = places.place(parts[-1].folder) / "slurm.json"
    if note.exists() and (left := _queued(json.loads(note.read_bytes()))):
        say(f"{what}: {left} jobs are in Slurm's queue; run the same command later for the result")
        return False
    again = note.exists()
    ids: list[str] = []
    tasks = 0
    before: Any = None
    for one in parts:
        executor = _executor(one, engine)
        if again and (missing := len(executor.get_incomplete_ranks())):
            again = False  # the parts after it could not run
            say(
                f"{what}: {missing} of {many(one.tasks, 'task')} of {one.name} failed; "
                f"{one.logs}/slurm_logs says why"
            )
        executor.depends = before
        try:
            executor.launch_job()
        except FileNotFoundError as error:
            raise UsageError(f"--engine slurm: {error}", "is this a machine with sbatch?") from None
        except subprocess.CalledProcessError:
            raise UsageError("--engine slurm: sbatch refused the job, see above") from None
        if executor.job_id != -1:  # else its tasks are complete
            ids.append(str(executor.job_id))
            tasks += len(executor.get_incomplete_ranks())
            with places.writing(note) as file:  # now, in case this command is killed
                file.write(json.dumps(ids).encode())
        before = executor
    say(f"{what}: {many(tasks, 'task')} submitted to Slurm as {', '.join(ids)}")
    say("  run the same command when they have ended: it gathers, or resubmits what failed")
    return False


def _queued(ids: list[str]) -> int:
    """How many of the jobs are waiting or running. Raises DataError if squeue fails."""
    command = ["squeue", "--me", "--noheader", "--format=%F"]  # the job's id, its array's if any
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise UsageError(f"--engine slurm: {error}", "is this a machine with squeue?") from None
    except subprocess.CalledProcessError as error:
        raise DataError(f"squeue failed: {error.stderr.strip()}") from None
    return len(set(told.stdout.split()) & set(ids))


@contextmanager
def _guarded() -> Iterator[None]:
    """Have another process kill what is started meanwhile, should this one be killed."""
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
