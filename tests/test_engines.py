"""The passes on datatrove's executors: the bytes of the built-in runner, whoever is killed.

All of them run for real, Slurm as one node on loopback.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import slurm
from cli import onrecord
from onrecord import places
from onrecord.articles.documents import Origin
from onrecord.ledger import House
from onrecord.pieces import CRASHED, Size
from onrecord.records import DataError, UsageError
from onrecord.running import convert as converting
from onrecord.running import engines, run
from onrecord.running import stories as telling
from onrecord.running.engines import Engine
from onrecord.running.passes import Gather
from parts import HOME, missing
from passes import acting
from test_running import (
    LINE,
    MADE,
    again,
    copies,
    crawl,
    ledger_problems,
    members,
    page,
    same,
    started,
    until,
)

__all__ = ["again", "crawl"]

PARTS = [name for name in ("datatrove", "ray", "upath") if importlib.util.find_spec(name) is None]


@pytest.fixture(autouse=True)
def _extra(monkeypatch: pytest.MonkeyPatch) -> None:
    if PARTS:
        missing(", ".join(PARTS), 'pip install "onrecord[scale]"')
    # Ray's workers and datatrove's find the tests' passes.
    paths = [str(HOME / "scripts"), str(HOME / "tests")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def engine_file(folder: Path, name: str, **more: Any) -> str:
    """An engine's file with small tasks, so that there are several."""
    lines = [f'engine = "{name}"', "documents = 300", "workers = 2"]
    for table, values in more.items():
        lines += [f"[{table}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    (folder / f"{name}.toml").write_text("\n".join(lines), "utf-8")
    return f"{name}.toml"


def listening(processes: list[int]) -> set[str]:
    """The addresses on which these processes wait for others, as /proc/net/tcp has them."""
    own = set()
    for process in processes:
        for handle in Path(f"/proc/{process}/fd").glob("*"):
            with suppress(OSError):
                own.add(os.readlink(handle))
    tables = (Path("/proc/net", name).read_text() for name in ("tcp", "tcp6"))
    rows = [line.split() for table in tables for line in table.splitlines()]
    ears = (row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own)
    return {row[1].partition(":")[0] for row in ears}


@pytest.mark.parametrize("name", ["local", "ray"])
def test_killed_on_an_engine_and_typed_again_it_gives_the_same_bytes(
    crawl: Path, again: Path, name: str
) -> None:
    args = (*LINE, "--engine", engine_file(again, name))
    process = started(again, *args)
    until(lambda: any((again / "out").rglob("convert/*.rows")), process)
    assert process.poll() is None
    assert listening(members(process.pid)) <= {"0100007F", "0000000000000000FFFF00000100007F"}
    process.kill()
    process.communicate(timeout=60)
    until(lambda: not members(process.pid))
    kept = {p: p.stat().st_mtime_ns for p in (again / "out").rglob("logs/learn/completions/*")}
    assert len(kept) > 1
    onrecord(*args, cwd=again, code=1)
    (again / args[-1]).unlink()
    same(crawl, again)
    assert [p.rule for p in ledger_problems(again / MADE[1])] == [
        "json.malformed",
        "source.encoding",
    ]


def test_a_document_that_fails_or_ends_its_rank_on_an_engine_is_a_row(tmp_path: Path) -> None:
    from onrecord.running import trove

    stage = acting(tmp_path, ["go", "fail", "go", "go", "die", "die once"], 2)
    gather = Gather(stage, str(tmp_path / "made"))
    parts = [part for one in (stage, gather) for part in trove.parts(one)]
    assert trove.run(parts, Engine(engine="local", workers=2), "acting")
    assert (tmp_path / "made").read_text() == "1 go\n3 go\n4 go\n6 die once\n"
    problems = ledger_problems(tmp_path / "made.problems.jsonl")
    assert [(p.rule, p.line) for p in problems] == [("acting.failed", 2), ("acting.failed", 5)]
    # The figures of a step are where datatrove's users look for them.
    (stats,) = (tmp_path / "work").rglob("logs/act/stats.json")
    steps = [f"onrecord: {name}" for name in ("read", "act", "write")]
    assert [step["name"] for step in json.loads(stats.read_text())] == steps


def test_a_document_that_ends_its_rank_on_ray_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onrecord.running import trove

    # Where datatrove puts a rank's log first is in the way: another user's folder, say.
    # And the path is too long for a socket, Ray's or one between a rank and its workers.
    elsewhere = tmp_path / ("temporary" * 9)
    elsewhere.mkdir()
    (elsewhere / "ray_logs").touch()
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    acts = ["die", "die in reading", "die", "die once", "go"]
    stage = acting(tmp_path, acts, 3, f"file://{tmp_path}")
    gather = Gather(stage, f"file://{tmp_path}/made")
    parts = [part for one in (stage, gather) for part in trove.parts(one)]
    assert trove.run(parts, Engine(engine="ray", workers=2), "acting")
    assert (tmp_path / "made").read_text() == "4 die once\n5 go\n"
    problems = ledger_problems(tmp_path / "made.problems.jsonl")
    assert [(p.line, p.message) for p in problems] == [(n, CRASHED) for n in (1, 2, 3)]
    assert not list(tmp_path.rglob("tries/act/*"))
    assert len(list(tmp_path.rglob("logs/act/logs/task_*.log"))) == 2


@pytest.mark.parametrize("name", ["local", "ray"])
@pytest.mark.parametrize("verb", ["stories", "suggest"])
def test_on_an_engine_a_verb_gives_the_same_bytes_and_a_poisoned_document_one_row(
    crawl: Path, tmp_path: Path, name: str, verb: str
) -> None:
    if verb == "stories":
        copies(crawl, tmp_path / "in.jsonl")  # its sixth line is no article
        args, poison = ("stories", "in.jsonl"), (6, "schema")
    else:
        rows = [{"id": f"a{n}", "text": page(n)[:300], "target_span": [0, 4]} for n in range(101)]
        rows[5] = {"id": "a5", "text_sha256": "0" * 64}  # whose hydrated copy is cut short
        (tmp_path / "build/text").mkdir(parents=True)
        (tmp_path / "build/text/a5.json").write_text("{", "utf-8")
        (tmp_path / "in.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
        args, poison = ("suggest", "in.jsonl", "--plain"), (6, "suggest.failed")
    (tmp_path / "e.toml").write_text(f'engine = "{name}"\ndocuments = 60\nworkers = 2\n')
    onrecord(*args, "--out", "a.jsonl", cwd=tmp_path, code=1)
    onrecord(*args, "--out", "b.jsonl", "--engine", "e.toml", cwd=tmp_path, code=1)
    for made in ("{}.jsonl", "{}.jsonl.problems.jsonl"):
        one, other = (tmp_path / made.format(n) for n in "ab")
        assert one.read_bytes() == other.read_bytes()
    (problem,) = ledger_problems(tmp_path / "b.jsonl.problems.jsonl")
    assert (problem.line, problem.rule) == poison
    assert (tmp_path / "b.jsonl").read_bytes().count(b"\n") == 100
    assert not list(tmp_path.glob(".*.shards"))


def test_addresses_of_fsspec_are_read_and_written(crawl: Path, tmp_path: Path) -> None:
    raw, out = places.place("memory://crawl/raw"), "memory://made/articles.jsonl"
    for path in sorted((crawl / "raw").rglob("*.*")):
        target = raw / path.relative_to(crawl / "raw").as_posix()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    told = run.run(
        out,
        "convert",
        lambda work, size: converting.stages(work, [raw], Origin(), House(tmp_path), size),
        1,
        None,
    )
    assert told is not None
    assert (told.records, told.failed) == (599, 2)
    made = places.place(out).read_bytes().replace(b"memory://crawl/", b"")
    assert made == (crawl / MADE[0]).read_bytes()
    assert [path.name for path in places.place("memory://made").iterdir()] == [
        "articles.jsonl",
        "articles.jsonl.problems.jsonl",
    ]


def test_at_an_address_an_engine_finds_the_stories_of_the_built_in_runner(
    crawl: Path, tmp_path: Path
) -> None:
    copies(crawl, tmp_path / "in.jsonl")
    far = places.place("memory://told/in.jsonl")
    far.parent.mkdir(parents=True, exist_ok=True)
    far.write_bytes((tmp_path / "in.jsonl").read_bytes())
    # One worker: these addresses are of this process alone.
    one = Engine(engine="local", workers=1, documents=40)
    for out, file, engine in (
        (str(tmp_path / "s.jsonl"), str(tmp_path / "in.jsonl"), None),
        ("memory://told/s.jsonl", str(far), one),
    ):

        def stages(work: Path, size: Size, file: str = file) -> Any:
            return telling.stages(work, file, House(tmp_path), size)

        told = run.run(out, "stories", stages, 1, engine)
        assert told is not None
        assert (told.records, told.failed) == (100, 1)
    made = places.place("memory://told")
    assert (made / "s.jsonl").read_bytes() == (tmp_path / "s.jsonl").read_bytes()
    assert {path.name for path in made.iterdir()} == {
        "in.jsonl",
        "s.jsonl",
        "s.jsonl.problems.jsonl",
    }


# --- Slurm ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[slurm.Cluster]:
    """A Slurm of one node, with two processors, for this file's tests."""
    if slurm.programs() is None:
        missing("Slurm", "apt-get install slurm-wlm munge")
    with slurm.running() as cluster:
        yield cluster


def pages(base: Path) -> None:
    for number in range(3):
        path = base / f"raw/quay-times/{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = "".join(
            f"<p>The tram to pier {number} will not run in week {n}, the board said "
            "in a letter to all wards of the town.</p>"
            for n in range(6)
        )
        path.write_text(f"<html><body><h1>Tram {number}</h1>{body}</body></html>", "utf-8")


def test_slurm_gets_a_job_a_stage_and_the_same_line_goes_on_until_it_gathers(
    tmp_path: Path, cluster: slurm.Cluster
) -> None:
    pages(tmp_path)
    (tmp_path / "raw/quay-times/3.html").write_text("<html><body></body></html>")
    (tmp_path / "e.toml").write_text(
        'engine = "slurm"\nworkers = 8\ndocuments = 2\n[slurm]\npartition = "cpu"\n'
        'time = "01:00:00"\nmemory = 1\narguments = {account = "news"}\n'
        f'setup = "export PATH={Path(sys.executable).parent}:$PATH"\n'
    )
    line = ("convert", "raw", "--out", "made.jsonl", "--engine", "e.toml")
    # What is submitted is right, and is not submitted twice.
    cluster("scontrol", "update", "PartitionName=cpu", "State=DOWN")
    told = onrecord(*line, cwd=tmp_path, env=cluster.env)
    (ids,) = re.findall("3 tasks submitted to Slurm as (.+), (.+)", told.stderr)
    jobs = cluster("squeue", "--noheader", "--sort=i", "--format=%F %j %P %l %m %a %K %E")
    convert, _, gather = jobs.splitlines()  # between them, datatrove sums its figures up
    assert convert == f"{ids[0]} onrecord-convert cpu 1:00:00 1G news 0-1%8 (null)"
    assert gather.startswith(f"{ids[1]} onrecord-gather cpu 1:00:00 1G news 0%8 afterok:{ids[0]}")
    told = onrecord(*line, cwd=tmp_path, env=cluster.env)
    assert "2 jobs are in Slurm's queue" in told.stderr
    # A task that is cancelled takes with it what waits for it, and nothing else; one whose process
    # ends is done again.
    cluster("scancel", f"{ids[0]}_1")
    cluster("scontrol", "update", "PartitionName=cpu", "State=UP")
    cluster.kill_a_rank()
    cluster.drained()
    told = onrecord(*line, cwd=tmp_path, env=cluster.env)
    assert "1 of 2 tasks of convert failed" in told.stderr
    assert "2 tasks submitted to Slurm" in told.stderr
    cluster.drained()
    told = onrecord(*line, cwd=tmp_path, env=cluster.env, code=1)
    assert "3 articles in made.jsonl" in told.stderr
    onrecord("convert", "raw", "--out", "own.jsonl", cwd=tmp_path, code=1)
    for made in ("{}.jsonl", "{}.jsonl.problems.jsonl"):
        one, other = (tmp_path / made.format(name) for name in ("made", "own"))
        assert one.read_bytes() == other.read_bytes()
    assert not list(tmp_path.glob(".*.shards"))


def test_a_document_that_ends_its_rank_on_slurm_is_a_row(
    tmp_path: Path, cluster: slurm.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onrecord.running import trove

    for name, value in cluster.env.items():
        monkeypatch.setenv(name, value)
    stage = acting(tmp_path, ["go", "die", "die in reading", "die", "go"], 5)
    settings = engines.Slurm(partition="cpu", memory=1)
    assert not trove.run(trove.parts(stage), Engine(engine="slurm", slurm=settings), "acting")
    cluster.drained()
    rows = stage.path(0).read_bytes().splitlines()
    assert (rows[0], rows[4]) == (b"+1 go", b"+5 go")
    assert all(CRASHED.encode() in row for row in rows[1:4])
    assert not list(tmp_path.rglob("tries/act/*"))


def test_slurm_finds_the_stories_of_the_built_in_runner(
    crawl: Path, tmp_path: Path, cluster: slurm.Cluster
) -> None:
    copies(crawl, tmp_path / "in.jsonl")
    (tmp_path / "e.toml").write_text('engine = "slurm"\n[slurm]\npartition = "cpu"\nmemory = 1\n')
    args = ("stories", "in.jsonl", "--out")
    onrecord(*args, "own.jsonl", cwd=tmp_path, code=1)
    for code in (0, 1):
        onrecord(
            *args, "made.jsonl", "--engine", "e.toml", cwd=tmp_path, env=cluster.env, code=code
        )
        cluster.drained()
    assert (tmp_path / "made.jsonl").read_bytes() == (tmp_path / "own.jsonl").read_bytes()


def test_a_slurm_that_does_not_answer_is_said_and_gets_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onrecord.running import trove

    # The one double: a real Slurm whose controller is down takes a minute to say so.
    (tmp_path / "squeue").write_text("#!/bin/sh\necho no controller >&2\nexit 1\n")
    (tmp_path / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    stage = acting(tmp_path, ["go"], 1)
    (Path(stage.folder) / "slurm.json").write_text('["7"]')
    with pytest.raises(DataError, match="squeue failed: no controller"):
        trove.run(trove.parts(stage), Engine(engine="slurm"), "acting")


# --- wrong use ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('engine = "dask"', "local, ray, slurm"),
        ('engine = "slurm"', "names the partition"),
        ('engine = "local"\ncolour = 1', "colour"),
        ("engine = ", "Invalid value"),
        ('engine = "local"\ndocuments = -1', "must be counts"),
    ],
)
def test_a_wrong_file_of_an_engine_is_said(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "e.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=why):
        engines.engine(str(path))


@pytest.mark.parametrize("part", ["datatrove", "ray"])
def test_without_the_extra_its_line_is_said(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == part else find(name)
    )
    with pytest.raises(UsageError) as told:
        engines.engine("ray")
    assert "scale" in str(told.value)
    assert told.value.hint == 'pip install "onrecord[scale]"'


def test_an_address_without_the_extra_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(UsageError) as told:
        places.place("s3://bucket/raw")
    assert told.value.hint == 'pip install "onrecord[scale]"'
