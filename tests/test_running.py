"""Passes over shards: the same bytes whatever runs them, and nothing lost with who is killed."""

from __future__ import annotations

import fcntl
import gzip
import importlib.util
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli import onrecord
from onrecord import atomic, ledger, places
from onrecord.articles import lines, sources
from onrecord.articles.documents import Origin
from onrecord.pieces import CRASHED, Piece, Size, stretches
from onrecord.records import Article, Problem, UsageError
from onrecord.running import convert, passes, pool, run, stories, suggest
from onrecord.running.passes import Gather, Stage
from onrecord.running.shards import Plan, cut, make
from onrecord.shelf import Shelf
from parts import HOME, missing
from passes import acting
from test_sources import warc

WORDS = re.findall(
    r"\w+",
    "harbour council bridge ferry budget river fence school ward lantern gravel museum orchard "
    "tram pier quarry clinic library festival signal depot market meadow tunnel granary window",
)


def page(number: int) -> str:
    """An invented page as somebody pasted it, with what its paper repeats around it."""
    r = random.Random(number)
    paragraphs = [
        " ".join(
            f"The {r.choice(WORDS)} near the {r.choice(WORDS)} of {r.choice(WORDS)} {number} "
            f"will {r.choice(['open', 'close', 'move'])} in {r.randint(1990, 2030)}."
            for _ in range(4)
        )
        for _ in range(5)
    ]
    head = f"{r.choice(WORDS).title()} plan {number} divides the {r.choice(WORDS)}"
    paper = f"Puzzles of paper {number % 3}"
    return "\n".join(["Home", "News from the quay", head, *paragraphs, paper, "Log in"])


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `raw` of pasted pages, tables and two documents that cannot be read."""
    base = tmp_path_factory.mktemp("crawl")
    for number in range(300):
        path = base / f"raw/paper-{number % 3}/{number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(number), "utf-8")
    rows = [json.dumps({"title": f"Row {n}", "text": page(1000 + n)}) for n in range(300)]
    rows[150] = '{"title": "cut off'
    (base / "raw/dump").mkdir()
    (base / "raw/dump/rows.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    (base / "raw/paper-0/poison.txt").write_bytes(b"\xff\x00 no text")
    for name in ("out", "house"):
        (base / name).mkdir()
    onrecord(*LINE, "--jobs", "1", cwd=base, code=1)
    return base


LINE = ("convert", "raw", "--out", "out/articles.jsonl", "--root", "house")
MADE = ("out/articles.jsonl", "out/articles.jsonl.problems.jsonl", "house/build/lines")


@pytest.fixture
def again(crawl: Path, tmp_path: Path) -> Path:
    """A folder to convert the same pages in, once more."""
    for name in ("out", "house"):
        (tmp_path / name).mkdir()
    (tmp_path / "raw").symlink_to(crawl / "raw")
    return tmp_path


def same(crawl: Path, again: Path) -> None:
    for name in MADE:
        assert (again / name).read_bytes() == (crawl / name).read_bytes(), name
    assert {path.name for path in (again / "out").iterdir()} == {Path(m).name for m in MADE[:2]}
    assert {path.name for path in (again / "house/build").iterdir()} == {"lines"}


# --- plans ----------------------------------------------------------------------------------------


def tables(folder: Path) -> Iterator[Path]:
    lines = [json.dumps({"title": f"t{i}", "text": f"text {i} é"}) for i in range(60)]
    lines[7], lines[21] = "", "{bad"
    (folder / "a.jsonl").write_text("\n".join(lines), "utf-8")
    rows = ["title,text", *(f'"t{i}","two\nlines “{i}” é"' for i in range(60))]
    rows[9], rows[12] = "", "a,b,c"
    (folder / "a.csv").write_text("\ufeff" + "\n".join(rows) + "\n", "utf-8", newline="")
    (folder / "old.csv").write_text("\r".join(r.replace("\n", " ") for r in rows), newline="")
    (folder / "cut.csv").write_bytes("\n".join(rows).encode() * 9 + b"\n\xff,x\n1,2\n")
    (folder / "b.csv.gz").write_bytes(gzip.compress((folder / "a.csv").read_bytes()))
    (folder / "head.csv").write_text("title,text\n")
    (folder / "none.jsonl").write_text("")
    pages = [(f"https://x.example/{i}", b"<p>Hello %d</p>" % i) for i in range(30)]
    (folder / "a.warc.gz").write_bytes(warc(*pages))
    (folder / "a.warc").write_bytes(gzip.decompress(warc(*pages)))
    (folder / "cut.warc.gz").write_bytes(warc(*pages)[:2000])
    (folder / "c.txt").write_text("A page.")
    yield from sorted(folder.iterdir())


@pytest.mark.parametrize("size", [Size(1, 1 << 30), Size(7, 1 << 30), Size(1000, 300)])
def test_the_pieces_of_a_file_give_what_the_whole_gives(tmp_path: Path, size: Size) -> None:
    for path in tables(tmp_path):
        whole = list(sources.read(path, Origin()))
        pieces = [piece for piece, _ in sources.pieces(path, size)]
        assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == whole, path
        if path.name in ("a.jsonl", "a.csv", "a.warc", "a.warc.gz"):
            assert len(pieces) > 1, path


def test_a_shard_is_closed_at_its_bytes(tmp_path: Path) -> None:
    pieces = [(Piece(file=name, documents=1), weight) for name, weight in (
        ("a", 100), ("b", 150), ("c", 100), ("whole", 900), ("d", 100),
    )]  # fmt: skip
    shards = ["".join(piece.file for piece in shard) for shard in cut(pieces, Size(1000, 250))]
    assert shards == ["ab", "c", "whole", "d"]
    path = tmp_path / "articles.jsonl"
    path.write_bytes((b"x" * 99 + b"\n") * 7)
    found = stretches(path, Size(1000, 300))
    assert [(piece.documents, weight) for piece, weight in found] == [(3, 300), (3, 300), (1, 100)]


def test_pasted_text_is_cleaned_as_it_was_when_it_taught(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in tables(raw):
        path.with_name(f"{path.name}.txt").write_text(page(len(path.name)), "utf-8")
    size = Size(7, 1 << 30)
    house = ledger.House(tmp_path)
    (learn, know, _), last = convert.stages(tmp_path / "work", [raw], Origin(), house, size)
    shards = [last.shard(task) for task in range(last.tasks)]
    plain = [
        [d for d in convert.documents(shard.pieces, Origin()) if d is not None] for shard in shards
    ]
    for task in range(last.tasks):
        learn.do(task, passes.Watch())
    know.do(0, passes.Watch())
    for path in raw.iterdir():
        if ".warc" not in path.suffixes:
            path.unlink()  # nobody looks into it again
    for shard, documents in zip(shards, plain, strict=True):
        read = [d for d in last.work.read(shard) if d is not None]
        bare = [d if isinstance(d, Problem) else d._replace(keys=b"") for d in read]
        assert bare == documents
        for given in read:
            if not isinstance(given, Problem):
                assert bool(given.keys) != given.html


def test_a_plan_follows_from_the_input_and_the_settings(tmp_path: Path) -> None:
    source = tmp_path / "rows"
    source.write_text("".join(f"{n}\n" for n in range(10)))
    size = Size(3, 1 << 20)

    def planned(settings: object) -> Plan:
        return make(tmp_path / "work", stretches(source, size), size, settings)

    one = planned("a")
    assert (len(one), one.documents) == (4, 10)
    assert planned("a").folder == one.folder
    other = planned("b")
    assert other.folder != one.folder
    assert not one.folder.exists(), "what another plan began is gone"
    source.write_text("".join(f"{n}\n" for n in range(11)))
    assert planned("b").folder != other.folder


def test_what_a_killed_run_left_of_a_file_is_written_over(tmp_path: Path) -> None:
    target = tmp_path / "a"
    dead = "import os, pathlib, signal; from onrecord import atomic\n"
    dead += f"with atomic.replacing(pathlib.Path({str(target)!r})) as file:\n"
    dead += "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    env = os.environ | {"PYTHONPATH": str(HOME / "scripts")}
    subprocess.run([sys.executable, "-c", dead], env=env, check=False)
    assert len(list(tmp_path.iterdir())) == 1
    # Two writers at a time do not meet; the later one stays.
    with atomic.replacing(target) as first, atomic.replacing(target) as second:
        first.write(b"first")
        second.write(b"second")
    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_writer_that_begins_while_another_ends_does_not_get_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, real = tmp_path / "a", os.replace

    def beside(source: Path, to: Path) -> None:
        monkeypatch.setattr(os, "replace", real)
        with atomic.replacing(target) as other:
            other.write(b"second")
        real(source, to)

    monkeypatch.setattr(os, "replace", beside)
    with atomic.replacing(target, mode=0o600) as file:
        file.write(b"first")
    assert target.read_bytes() == b"first"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_ctrl_c_at_the_last_step_of_a_file_is_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def stopped(source: Path, to: Path) -> None:
        real(source, to)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt), atomic.replacing(tmp_path / "a") as file:
        file.write(b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_ctrl_c_between_the_steps_of_a_folder_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, real = tmp_path / "out", Path.rename
    with atomic.replacing_folder(out) as part:
        (part / "a").write_text("old")

    def stopped(source: Path, to: Path) -> Path:
        if source.name == ".out.part":
            raise KeyboardInterrupt
        return real(source, to)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt), atomic.replacing_folder(out) as part:
        (part / "a").write_text("new")
    assert (out / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


# --- the built-in runner --------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_that_fails_is_a_row(tmp_path: Path, jobs: int) -> None:
    stage = acting(tmp_path, ["go", "fail", "go", "go"], 2)
    gather = Gather(stage, str(tmp_path / "made"))
    pool.run([stage, gather], jobs, pool.quiet)
    assert (tmp_path / "made").read_text() == "1 go\n3 go\n4 go\n"
    (problem,) = ledger_problems(tmp_path / "made.problems.jsonl")
    assert (problem.rule, problem.line) == ("acting.failed", 2)
    assert problem.message == "RecursionError: too deep"


def test_a_document_that_kills_its_process_is_a_row_and_a_killed_process_is_replaced(
    tmp_path: Path,
) -> None:
    stage = acting(tmp_path, ["go", "die once", "go", "go", "die", "go", "go", "go"], 3)
    gather = Gather(stage, str(tmp_path / "made"))
    pool.run([stage, gather], 2, pool.quiet)
    assert (tmp_path / "made").read_text() == "".join(
        f"{n} {'die once' if n == 2 else 'go'}\n" for n in (1, 2, 3, 4, 6, 7, 8)
    )
    (problem,) = ledger_problems(tmp_path / "made.problems.jsonl")
    assert (problem.line, problem.message) == (5, CRASHED)


def test_a_document_that_kills_the_only_process_is_a_row_when_it_is_typed_again(
    tmp_path: Path,
) -> None:
    stage = acting(tmp_path, ["go", "die once", "go", "go", "die", "go"], 3)
    gather = Gather(stage, str(tmp_path / "made"))
    assert killed(pool.run, [stage, gather], 1, pool.quiet) == -signal.SIGKILL
    pool.run([stage, gather], 1, pool.quiet)
    assert (tmp_path / "made").read_text() == "1 go\n2 die once\n3 go\n4 go\n6 go\n"
    (problem,) = ledger_problems(tmp_path / "made.problems.jsonl")
    assert (problem.line, problem.message) == (5, CRASHED)


@pytest.fixture(params=["", "file://"], ids=["disk", "address"])
def tried(tmp_path: Path, request: pytest.FixtureRequest) -> passes.Documents[Any]:
    """A stage in a folder of the disk, and by an address, with documents that end processes."""
    if request.param and importlib.util.find_spec("upath") is None:
        missing("upath", 'pip install "onrecord[scale]"')
    acts = ["go", "die", "", "die in reading", "die", "go"]
    return acting(tmp_path, acts, 9, f"{request.param}{tmp_path}")


def killed(target: Callable[..., None], *given: Any) -> int | None:
    """The exit code of a process of its own that does this, forked: with everything imported."""
    process = multiprocessing.get_context("fork").Process(target=target, args=given)
    process.start()
    process.join()
    return process.exitcode


def test_a_rank_dies_once_however_many_documents_end_it(tried: passes.Documents[Any]) -> None:
    assert killed(pool.attempt, tried, 0) == -signal.SIGKILL
    pool.attempt(tried, 0)
    rows = tried.path(0).read_bytes().splitlines()
    assert [row[:1] for row in rows] == [b"+", b"-", b"-", b"-", b"+"]
    assert all(CRASHED.encode() in row for row in rows[1:4])
    assert not list((places.place(tried.folder) / "tries/act").iterdir())


def test_a_command_that_is_killed_by_hand_sets_nothing_aside(tmp_path: Path) -> None:
    stage = acting(tmp_path, ["go", "die once", "go"], 9)
    gather = Gather(stage, str(tmp_path / "made"))
    assert killed(pool.run, [stage, gather], 1, pool.quiet) == -signal.SIGKILL
    pool.run([stage, gather], 1, pool.quiet)
    assert (tmp_path / "made").read_text() == "1 go\n2 die once\n3 go\n"


def dying_at(moment: int, out: Path, raw: Path, root: Path) -> None:
    """Convert `raw` and die at the moment by number of those when what lies on the disk changes,
    counted from when the rows of all shards stand."""
    passed = 0

    def counting(name: str) -> None:
        whole = getattr(os, name)

        def touch(*given: Any, **more: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed > moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(*given, **more)

        setattr(os, name, touch)

    gather = Gather.do

    def gathering(self: Gather, task: int, watch: passes.Watch) -> None:
        for name in ("open", "fsync", "replace", "rename", "unlink", "rmdir"):
            counting(name)
        gather(self, task, watch)

    Gather.do = gathering
    converted(out, raw, root)


def converted(out: Path, raw: Path, root: Path) -> passes.Told | None:
    def stages(work: Path, size: Size) -> tuple[list[Stage], passes.Documents[Any]]:
        return convert.stages(work, [raw], Origin(), ledger.House(root), size)

    return run.run(str(out), "convert", stages, 1, None)


@pytest.mark.parametrize("broken", [False, True])
def test_killed_at_any_moment_of_the_end_and_typed_again_it_gives_the_same_bytes(
    tmp_path: Path, broken: bool
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(3):
        (raw / f"{number}.txt").write_text(page(number), "utf-8")
    if broken:
        (raw / "poison.txt").write_bytes(b"\xff\x00 no text")
    made = tmp_path / "made"
    whole = converted(made / "a.jsonl", raw, tmp_path)
    files = {path.name: path.read_bytes() for path in made.iterdir()}
    assert len(files) == 1 + broken
    moment = 0
    for moment in range(1000):
        code = killed(dying_at, moment, tmp_path / f"{moment}/a.jsonl", raw, tmp_path)
        assert converted(tmp_path / f"{moment}/a.jsonl", raw, tmp_path) == whole
        again = {path.name: path.read_bytes() for path in (tmp_path / str(moment)).iterdir()}
        assert again == files, moment
        if code == 0:
            break
    assert moment > 15


def test_a_try_that_ends_in_order_leaves_no_mark(tmp_path: Path) -> None:
    stage = acting(tmp_path, ["go", "full", "go"], 9)
    with pytest.raises(OSError, match="full"):
        pool.run([stage], 1, pool.quiet)
    assert not list((places.place(stage.folder) / "tries/act").iterdir())


# --- documents that end the process that touches them ---------------------------------------------

POISON = """
import os, signal
from onrecord.articles import archives, convert, lines, sources, stories, tables
from onrecord.running import convert as running

def ends(module, name, mark):
    whole = getattr(module, name)
    def touch(*given, **more):
        if any(mark in (g if isinstance(g, str) else repr(g)) for g in given):
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*given, **more)
    setattr(module, name, touch)

for module in (sources, archives):
    ends(module, "decode", "ends the decoder")
ends(tables, "marks", "ends-the-plan")
ends(tables, "parsed", "ends the reader of rows")
ends(tables, "_row", "ends the row of a table")
ends(lines, "keys_of", "ends what learns")
ends(running, "convert", "ends what converts")
ends(stories, "sketch", "ends what signs")
"""
"""Makes processes of the real command end at marked documents, wherever they are started."""


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sources, some of which end the process that reads or converts them."""
    base = tmp_path_factory.mktemp("poisoned")
    (base / "site").mkdir()
    (base / "site/sitecustomize.py").write_text(POISON)
    raw = base / "raw"
    raw.mkdir()

    def html(number: int, mark: str) -> str:
        text = "".join(f"<p>{line}</p>" for line in page(number).split("\n"))
        head = f"<html><head><title>{mark}</title></head>"
        return f"{head}<body><article>{text}</article></body></html>"

    marks = ["", "ends the decoder", "ends what learns", "", "ends what converts"]
    for number, mark in enumerate(marks):
        (raw / f"{number}.txt").write_text(f"{page(number)} {mark}", "utf-8")
    for number, mark in enumerate(["", "ends the decoder", "ends what converts"]):
        (raw / f"{number}.html").write_text(html(50 + number, mark), "utf-8")
    pages = [html(60, "ends the decoder" * (number == 1)).encode() for number in range(3)]
    (raw / "a.warc.gz").write_bytes(
        warc(*((f"https://e.example/{number}", page) for number, page in enumerate(pages)))
    )
    marks = ["", "ends the reader of rows", "", "ends what learns", "ends what converts", ""]
    rows = [{"title": f"Row {n}", "text": page(90 + n) + mark} for n, mark in enumerate(marks)]
    (raw / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    marks = ["", "ends the row of a table", ""]
    table = [f'Line {n},"{page(70 + n)} {m}"' for n, m in enumerate(marks)]
    for name in ("table.csv", "ends-the-plan.csv"):
        (raw / name).write_text("\n".join(["title,text", *table]) + "\n", "utf-8")
    return base


def test_a_document_costs_itself_wherever_it_ends_the_process(poisoned: Path) -> None:
    env = {"PYTHONPATH": os.pathsep.join([str(poisoned / "site"), str(HOME / "scripts")])}
    line = ("convert", "raw", "--out", "a.jsonl")
    for _ in ("planned", "converted"):
        onrecord(*line, cwd=poisoned, env=env, code=-signal.SIGKILL)  # nobody sees it end
    onrecord(*line, cwd=poisoned, env=env, code=1)
    assert not (poisoned / ".a.jsonl.shards").exists()
    problems = ledger_problems(poisoned / "a.jsonl.problems.jsonl")
    assert {(p.rule, p.message) for p in problems} == {("convert.failed", CRASHED)}
    assert [(p.file, p.line) for p in problems] == [
        ("raw/1.html", 0),
        ("raw/1.txt", 0),
        ("raw/2.html", 0),
        ("raw/2.txt", 0),
        ("raw/4.txt", 0),
        ("raw/a.warc.gz", 2),
        ("raw/ends-the-plan.csv", 0),
        ("raw/rows.jsonl", 2),
        ("raw/rows.jsonl", 4),
        ("raw/rows.jsonl", 5),
        ("raw/table.csv", 2),
    ]
    made = [json.loads(row) for row in (poisoned / "a.jsonl").read_bytes().splitlines()]
    assert [(row["source"]["file"], row["source"]["row"]) for row in made] == [
        ("raw/0.html", 0),
        ("raw/0.txt", 0),
        ("raw/3.txt", 0),
        ("raw/a.warc.gz", 1),
        ("raw/a.warc.gz", 3),
        ("raw/rows.jsonl", 1),
        ("raw/rows.jsonl", 3),
        ("raw/rows.jsonl", 6),
        ("raw/table.csv", 1),
        ("raw/table.csv", 3),
    ]


def test_an_article_that_ends_what_signs_it_is_set_aside_and_said(
    poisoned: Path, crawl: Path, tmp_path: Path
) -> None:
    lines = (crawl / "out/articles.jsonl").read_bytes().splitlines(keepends=True)[:4]
    row = json.loads(lines[1])
    row["text"] = row["text"].replace("will", "ends what signs", 1)
    lines[1] = json.dumps(row).encode() + b"\n"
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    env = {"PYTHONPATH": os.pathsep.join([str(poisoned / "site"), str(HOME / "scripts")])}
    line = ("stories", "in.jsonl", "--out", "s.jsonl")
    onrecord(*line, cwd=tmp_path, env=env, code=-signal.SIGKILL)
    onrecord(*line, cwd=tmp_path, env=env, code=1)
    (problem,) = ledger_problems(tmp_path / "s.jsonl.problems.jsonl")
    assert (problem.rule, problem.line, problem.message) == ("stories.failed", 2, CRASHED)
    assert (tmp_path / "s.jsonl").read_bytes().count(b"\n") == 3


def test_what_cannot_even_be_passed_over_costs_what_is_behind_it_in_its_piece(crawl: Path) -> None:
    path = crawl / "raw/dump/rows.jsonl"
    pieces = [piece for piece, _ in sources.pieces(path, Size(50, 1 << 30))]
    watch = passes.Watch()
    watch.skip = watch.ends = frozenset([60])
    whole = list(convert.documents(pieces, Origin()))
    found = list(convert.documents(pieces, Origin(), watch))
    assert found[:60] == whole[:60]
    assert isinstance(found[60], Problem)
    assert (found[60].line, found[60].message) == (61, passes.ENDED)
    assert found[61:] == whole[100:]


def ledger_problems(path: Path) -> list[Problem]:
    return [Problem(**row) for _, row in ledger.rows(path)]


@pytest.mark.parametrize("jobs", ["2", "5"])
def test_convert_gives_the_same_bytes_on_any_number_of_processes(
    crawl: Path, again: Path, jobs: str
) -> None:
    told = onrecord(*LINE, "--jobs", jobs, cwd=again, code=1)
    assert "rows.jsonl: headline from title, text from text; not used: none" in told.stderr
    same(crawl, again)
    problems = ledger_problems(again / MADE[1])
    assert [(Path(p.file).name, p.line, p.rule) for p in problems] == [
        ("rows.jsonl", 151, "json.malformed"),
        ("poison.txt", 0, "source.encoding"),
    ]
    assert "599 articles" in told.stderr
    assert "2 sources set aside" in told.stderr
    assert len((again / MADE[0]).read_bytes().splitlines()) == 599


def started(cwd: Path, *args: str, path: Path | None = None) -> subprocess.Popen[str]:
    """The command in a session of its own, so that what it leaves can be found; `path` is a folder
    of modules for it."""
    paths = [*([str(path)] if path else []), str(HOME / "scripts")]
    return subprocess.Popen(
        [sys.executable, "-m", "onrecord", *args],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def members(session: int) -> list[int]:
    """The processes of a session that are at work."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, own = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(own) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def until(what: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something to be so, or for the process to end."""
    end = time.monotonic() + 60
    while not what():
        if process is not None and process.poll() is not None:
            return
        assert time.monotonic() < end
        time.sleep(0.001)  # not a core of the two for looking on


def test_a_small_folder_starts_no_workers(tmp_path: Path) -> None:
    """They would import for longer than the command works, and hold its streams open."""
    for number in range(3):
        path = tmp_path / f"raw/quay-times/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(number), "utf-8")
    process = started(tmp_path, "convert", "raw", "--out", "a.jsonl", "--jobs", "2")
    assert process.wait(60) == 0
    left = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in members(process.pid)]
    process.communicate(timeout=60)
    assert not [line for line in left if b"forkserver" in line]


@pytest.mark.parametrize("moment", ["learn", "convert"])
@pytest.mark.parametrize("who", ["parent", "worker"])
def test_killed_and_typed_again_it_loses_and_doubles_nothing(
    crawl: Path, again: Path, moment: str, who: str
) -> None:
    process = started(again, *LINE, "--jobs", "2")
    until(lambda: any((again / "out").rglob(f"{moment}/*[0-9].*")), process)
    workers = [pid for pid in members(process.pid) if pid != process.pid]
    if who == "worker" and workers:
        os.kill(max(workers), signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode in (1, -9)
    else:
        process.kill()
        process.communicate(timeout=60)
        until(lambda: not members(process.pid))
        assert any((again / "out").iterdir()), "it was killed in the middle"
        onrecord(*LINE, "--jobs", "2", cwd=again, code=1)
    same(crawl, again)


WAITS = """
import signal
from onrecord.running import convert as running

whole = running.convert

def convert(document, *given):
    if document.source.row == 299:
        signal.pause()
    return whole(document, *given)

running.convert = convert
"""
"""Makes the worker that converts the last row but one of the table wait for good."""


def test_ctrl_c_ends_all_and_the_same_line_goes_on(crawl: Path, again: Path) -> None:
    (again / "site").mkdir()
    (again / "site/sitecustomize.py").write_text(WAITS)
    process = started(again, *LINE, "--jobs", "2", path=again / "site")
    until(lambda: any((again / "out").rglob("convert/*.rows")))
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    until(lambda: not members(process.pid))
    kept = list((again / "out").rglob("convert/*.rows"))
    assert kept
    onrecord(*LINE, "--jobs", "1", cwd=again, code=1)
    same(crawl, again)


STARTS = """
import sys, time
from pathlib import Path

if any("STARTED" in each for each in sys.orig_argv):
    Path("starts").touch()
    while not Path("go").exists():
        time.sleep(0.001)
"""
"""Makes the process that workers are forked from, or each that is spawned, wait while it starts."""


@pytest.mark.parametrize(
    ("what", "line"),
    [("forkserver", (*LINE, "--jobs", "2")), ("spawn_main", ("agree", "--root", HOME.as_posix()))],
)
def test_ctrl_c_while_workers_are_started_is_no_trace(
    crawl: Path, again: Path, what: str, line: tuple[str, ...]
) -> None:
    (again / "site").mkdir()
    (again / "site/sitecustomize.py").write_text(STARTS.replace("STARTED", what))
    process = started(again, *line, path=again / "site")
    until((again / "starts").exists, process)
    os.killpg(process.pid, signal.SIGINT)
    (again / "go").touch()
    _, told = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT), told
    assert "Traceback" not in told
    until(lambda: not members(process.pid))


DROPPED = """
import signal, weakref
from onrecord.running import pool, stopping

class Held:
    pass

class Endless:
    name, tasks = "endless", 1
    def done(self, task):
        return False

stopping.listen()
held = Held()
reference = weakref.ref(held, lambda _: signal.raise_signal(signal.SIGINT))
del held
pool.run([Endless()], 1, print)
"""


def test_ctrl_c_that_python_drops_still_stops_the_command() -> None:
    process = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, check=False, text=True
    )
    assert process.returncode == -signal.SIGINT, process.stderr


TAKEN_ELSEWHERE = """
import signal, threading
from onrecord.running.stopping import undisturbed

begun = threading.Event()

def take():
    begun.wait()
    signal.raise_signal(signal.SIGINT)

other = threading.Thread(target=take)
other.start()
try:
    with undisturbed():
        begun.set()
        other.join()
        print("whole")
except KeyboardInterrupt:
    print("then stopped")
"""


def test_ctrl_c_that_another_thread_takes_waits_as_well() -> None:
    line = [sys.executable, "-c", TAKEN_ELSEWHERE]
    process = subprocess.run(line, capture_output=True, text=True, check=True)
    assert process.stdout == "whole\nthen stopped\n"


class Idle:
    """A stage with nothing to do."""

    def do(self, task: int, watch: object) -> None:
        pass


def test_a_worker_whose_answer_nobody_takes_ends_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    context = multiprocessing.get_context("spawn")
    line, theirs = context.Pipe()
    counts = context.RawArray("q", 1)
    worker = context.Process(target=pool._work, args=(theirs, counts, 0))
    worker.start()
    theirs.close()
    line.send(pool._Task(Idle(), 0))  # type: ignore[arg-type]
    assert line.poll(60)
    line.close()  # as Ctrl-C does, with the answer in it
    worker.join()
    assert worker.exitcode == 0
    assert not capfd.readouterr().err


@pytest.mark.parametrize("beside", [False, True])
def test_a_temporary_folder_of_a_dead_process_goes_with_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: bool
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("system" if beside else "")))
    home = tmp_path if beside else None
    program = (
        "import os, pathlib, signal, sys\nfrom onrecord import places\n"
        "with places.scratch(*map(pathlib.Path, sys.argv[1:])) as folder:\n"
        "    (folder / 'held').touch()\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    env = os.environ | {"PYTHONPATH": str(HOME / "scripts"), "TMPDIR": str(tmp_path)}
    line = [sys.executable, "-c", program, *([str(home)] if home else [])]
    subprocess.run(line, env=env, check=False)
    assert len(list(tmp_path.rglob("held"))) == 1
    (tmp_path / f"{places.SCRATCH}early").mkdir()  # of one that was killed before it had a lock
    with places.scratch(home) as one, places.scratch(home) as other:
        assert not list(tmp_path.rglob("held"))
        assert one.is_dir()
        assert other.is_dir()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("moment", ["without a lock", "locking"])
def test_a_temporary_folder_that_another_process_removes_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """It looks like one of a dead process until its lock is held."""
    made = list[Path]()
    locking = places.locks.holding

    @contextmanager
    def beaten(path: Path, told: str, **how: bool) -> Iterator[None]:
        made.append(path.parent)
        if len(made) == 1 and moment == "without a lock":
            path.parent.rmdir()
        with locking(path, told, **how):
            if len(made) == 1:
                shutil.rmtree(path.parent)
            yield

    monkeypatch.setattr(places.locks, "holding", beaten)
    with places.scratch(tmp_path) as folder:
        assert folder.is_dir()
        assert [folder.parent] == list(tmp_path.iterdir()) == made[1:]


def test_two_commands_do_not_write_the_same_file(crawl: Path, again: Path) -> None:
    with run.workshop(str(again / MADE[0])):
        told = onrecord(*LINE, cwd=again, code=2)
    assert "another command is writing out/articles.jsonl" in told.stderr


# --- suggest and stories --------------------------------------------------------------------------


def test_a_run_learns_alone_so_that_none_undoes_what_another_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_text(page(1), "utf-8")
    house = ledger.House(tmp_path)
    stages, _ = convert.stages(tmp_path / "work", [tmp_path / "raw"], Origin(), house, Size())
    save, saved = lines.Lines.save, []

    def looked_at(table: lines.Lines) -> None:
        handle = os.open(tmp_path / "build", os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        save(table)
        saved.append(table)

    monkeypatch.setattr(lines.Lines, "save", looked_at)
    for stage in stages[:2]:
        stage.do(0, passes.Watch())
    assert saved
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["lines"]


def test_suggest_gives_the_same_bytes_on_any_number_of_processes(
    crawl: Path, tmp_path: Path
) -> None:
    articles = ledger.read(crawl / MADE[0], Article)
    rows = [{"id": article.id, "text": article.text[:200]} for article in articles]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    for jobs in ("1", "3"):
        args = ("suggest", "in.jsonl", "--out", f"out{jobs}.jsonl", "--jobs", jobs)
        onrecord(*args, cwd=tmp_path)
    made = (tmp_path / "out1.jsonl").read_bytes()
    assert made == (tmp_path / "out3.jsonl").read_bytes()
    assert made.count(b"\n") == len(rows)


def test_a_blank_line_is_no_row_to_whoever_reads(crawl: Path, tmp_path: Path) -> None:
    lines = (crawl / MADE[0]).read_bytes().splitlines(keepends=True)[:3]
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n" + lines[0] + b" \r\n\n" + lines[1] + lines[2] + b"\n")
    house = ledger.House(tmp_path)
    assert [number for number, _ in ledger.rows(path)] == [2, 5, 6]
    assert [number for number, _ in ledger.read_each(path, Article)] == [2, 5, 6]
    ids = [article.id for article in ledger.read(path, Article)]
    for fresh in (False, True):
        shelf = Shelf(house, [path], fresh=fresh)
        assert [shelf.record(key).id for key in shelf] == ids
    suggested = suggest.Suggest(str(tmp_path), "rules", "", True, "")
    name = suggest.stage(tmp_path / "suggesting", str(path), suggested, Size())
    made = tmp_path / "made"
    for planned, last in (
        ([name], name),
        stories.stages(tmp_path / "telling", str(path), house, Size()),
    ):
        pool.run([*planned, Gather(last, str(made))], 1, pool.quiet)
        assert [row["id"] for _, row in ledger.rows(made)] == ids
        assert not made.with_name("made.problems.jsonl").exists()


def copies(crawl: Path, path: Path) -> dict[str, str]:
    """Articles and edited copies of some, in a file; copy -> what it was made from."""
    articles = list(ledger.read(crawl / MADE[0], Article))[:80]
    r = random.Random(7)
    made: dict[str, str] = {}
    rows = [*articles]
    for number, article in enumerate(articles[::4]):
        words = article.text.split(" ")
        cut = words[: len(words) // 2] if number % 2 else [w for w in words if r.random() > 0.04]
        text = " ".join(cut)
        copy = {**json.loads(ledger.encode(article)), "text": text, "id": f"copy-{number:012x}"}
        copy["segments"] = [{"role": "body", "start": 0, "end": len(text), "source": []}]
        made[copy["id"]] = article.id
        rows.append(msgspec.convert(copy, Article))
    r.shuffle(rows)
    lines = [ledger.encode(article) for article in rows]
    lines.insert(5, b'{"id": 1}\n')
    path.write_bytes(b"".join(lines))
    return made


def test_stories_are_found_and_the_same_on_any_number_of_processes(
    crawl: Path, tmp_path: Path
) -> None:
    made = copies(crawl, tmp_path / "in.jsonl")
    for jobs in ("1", "2"):
        args = ("stories", "in.jsonl", "--out", f"out{jobs}.jsonl", "--jobs", jobs)
        told = onrecord(*args, cwd=tmp_path, code=1)
        assert "in.jsonl:6: schema" in told.stderr
        assert "80 stories: 20 tell the story of an earlier one" in told.stderr
    assert (tmp_path / "out1.jsonl").read_bytes() == (tmp_path / "out2.jsonl").read_bytes()
    story = {row["id"]: row["story"] for _, row in ledger.rows(tmp_path / "out1.jsonl")}
    assert len(story) == 100
    for copy, original in made.items():
        assert story[copy] == story[original] in (copy, original)
    assert len(set(story.values())) == 80


def test_a_temporary_folder_may_have_a_path_too_long_for_sockets(
    crawl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("temporary" * 9)
    folder.mkdir()
    raw = str(crawl / "raw/paper-1")
    options = ("--out", "a.jsonl", "--jobs", "2")
    onrecord("convert", raw, *options, cwd=tmp_path, env={"TMPDIR": str(folder)})
    assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") == 100
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(UsageError, match="too long a path for sockets"):
        places.for_sockets(places.SOCKET)
