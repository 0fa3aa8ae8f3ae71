"""The passes on datatrove's executors: the bytes of the built-in runner, whoever is killed.

Local and Ray run for real. There is no Slurm here: `sbatch` and its like are doubles that keep
what they are given and do, in this test's process group, what Slurm would.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cli import onrecord
from onrecord.articles.sources import Origin
from onrecord.ledger import House
from onrecord.records import UsageError
from onrecord.running import convert as converting
from onrecord.running import engines, places, run
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


def test_a_document_that_fails_on_an_engine_is_a_row(tmp_path: Path) -> None:
    from onrecord.running import trove

    stage = acting(tmp_path, ["go", "fail", "go", "go"], 2)
    gather = Gather(stage, str(tmp_path / "made"))
    parts = [part for one in (stage, gather) for part in trove.parts(one)]
    assert trove.run(parts, Engine(engine="local", workers=2), "acting")
    assert (tmp_path / "made").read_text() == "1 go\n3 go\n4 go\n"
    (problem,) = ledger_problems(tmp_path / "made.problems.jsonl")
    assert (problem.rule, problem.line) == ("acting.failed", 2)
    # The figures of a step are where datatrove's users look for them.
    (stats,) = (tmp_path / "work").rglob("logs/act/stats.json")
    steps = [f"onrecord: {name}" for name in ("read", "act", "write")]
    assert [step["name"] for step in json.loads(stats.read_text())] == steps


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
        rows[5]["target_span"] = [4]
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


# --- Slurm ----------------------------------------------------------------------------------------

SBATCH = """#!/usr/bin/env python3
# Keeps script and arguments, then does the tasks of the array.
import json, os, re, subprocess, sys
kept = os.environ["SLURM_KEPT"]
number = len(os.listdir(kept)) + 1
script = open(sys.argv[-1]).read()
with open(os.path.join(kept, f"{number:02}.json"), "w") as file:
    json.dump({"args": sys.argv[1:-1], "script": script}, file)
if "launch_pickled_pipeline" in script and not os.environ.get("SLURM_REFUSE"):
    last = int(re.search(r"--array=0-(\\d+)", script)[1])
    export = dict(re.findall(r"(RUN_OFFSET)=(\\d+)", " ".join(sys.argv)))
    for task in range(last + 1):
        env = os.environ | export | {"SLURM_ARRAY_TASK_ID": str(task), "SLURM_JOB_ID": "1",
                                     "SLURM_NODELIST": "here"}
        subprocess.run(["bash", sys.argv[-1]], env=env, check=True, capture_output=True)
print("Submitted batch job", 1000 + number)
"""
SRUN = """#!/bin/bash
while [[ $1 == -* ]]; do [[ $1 == -n ]] && shift; shift; done
exec "$@"
"""
SCONTROL = "#!/bin/bash\necho localhost\n"
SQUEUE = "#!/bin/bash\n[[ -e $SLURM_KEPT/../queue ]] && cat $SLURM_KEPT/../queue\nexit 0\n"


@pytest.fixture
def slurm(tmp_path: Path) -> dict[str, str]:
    """An environment with doubles of Slurm's commands on its PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "kept").mkdir()
    doubles = {"sbatch": SBATCH, "srun": SRUN, "scontrol": SCONTROL, "squeue": SQUEUE}
    for name, text in doubles.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    path = [str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {"PATH": os.pathsep.join(path), "SLURM_KEPT": str(tmp_path / "kept")}


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
    tmp_path: Path, slurm: dict[str, str]
) -> None:
    pages(tmp_path)
    (tmp_path / "e.toml").write_text(
        'engine = "slurm"\nworkers = 8\ndocuments = 2\n[slurm]\npartition = "cpu"\n'
        'time = "01:00:00"\nmemory = 3\nsetup = "export BEFORE=1"\narguments = {account = "news"}\n'
    )
    line = ("convert", "raw", "--out", "made.jsonl", "--engine", "e.toml")
    kept = tmp_path / "kept"
    # A queue that does nothing yet: what was submitted is right, and is not submitted twice.
    told = onrecord(*line, cwd=tmp_path, env=slurm | {"SLURM_REFUSE": "1"})
    assert "3 tasks submitted to Slurm as 1001, 1003" in told.stderr
    jobs = [json.loads(path.read_text()) for path in sorted(kept.iterdir())]
    convert, _, gather, _ = jobs  # each with datatrove's job that sums its figures up
    for directive in (
        "--partition=cpu",
        "--time=01:00:00",
        "--mem-per-cpu=3G",
        "--cpus-per-task=1",
        "--array=0-1%8",
        "--job-name=onrecord-convert",
        "--account=news",
        "--requeue",
    ):
        assert f"#SBATCH {directive}\n" in convert["script"], directive
    assert "export BEFORE=1\n" in convert["script"]
    assert "launch_pickled_pipeline " in convert["script"]
    assert convert["args"] == ["--export=ALL,RUN_OFFSET=0"]
    assert "#SBATCH --array=0-0%8\n" in gather["script"]
    assert gather["args"] == ["--export=ALL,RUN_OFFSET=0", "--dependency=afterok:1001"]
    (tmp_path / "queue").write_text("1001\n1003\n")
    told = onrecord(*line, cwd=tmp_path, env=slurm)
    assert "2 jobs are in Slurm's queue" in told.stderr
    assert len(list(kept.iterdir())) == 4
    # They ended without a result: submitted again, and this time done.
    (tmp_path / "queue").unlink()
    onrecord(*line, cwd=tmp_path, env=slurm)
    assert len(list(kept.iterdir())) == 8
    told = onrecord(*line, cwd=tmp_path, env=slurm)
    assert "3 articles in made.jsonl" in told.stderr
    assert len(list(kept.iterdir())) == 8
    onrecord("convert", "raw", "--out", "own.jsonl", cwd=tmp_path)
    assert (tmp_path / "made.jsonl").read_bytes() == (tmp_path / "own.jsonl").read_bytes()
    assert not list(tmp_path.glob(".*.shards"))


# --- wrong use ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('engine = "dask"', "local, ray, slurm"),
        ('engine = "slurm"', "names the partition"),
        ('engine = "local"\ncolour = 1', "colour"),
        ("engine = ", "Invalid value"),
        ('engine = "local"\ndocuments = -1', "are counts"),
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
