"""Documents per second and peak memory of each stage, next to a yardstick.

Every measurement runs in a process of its own, so that its memory is its own; seconds are CPU time
without imports. A stage that runs on several processes is the exception: its seconds are wall-clock
time, and its memory is the sum over its processes. A yardstick does, in the same run and over the
same documents, the least that any such stage must do: parse the bytes, extract the page, write the
tables, load the files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec
import orjson

from onrecord import ledger
from onrecord.alone import alone
from onrecord.console import Say
from onrecord.ledger import House
from onrecord.pace import documents
from onrecord.places import scratch
from onrecord.records import Article, DataError, Source, UsageError
from onrecord.shelf import Shelf
from onrecord.text import slug


class Pace(msgspec.Struct, kw_only=True):
    """One stage over so many documents: seconds of CPU (of the clock where it took several
    `jobs`), memory in MB at its peak.

    `yardstick` is what was done beside it in `beside` seconds, "" where there is nothing to name.
    `fault` is why there are no figures.
    """

    stage: str
    documents: int
    seconds: float
    memory: float
    jobs: int = 1
    yardstick: str = ""
    beside: float = 0.0
    fault: str = ""

    @property
    def rate(self) -> float:
        """Documents per second."""
        return self.documents / max(self.seconds, 1e-9)

    @property
    def share(self) -> float:
        """The share of the yardstick's rate, 0 where there is none."""
        return self.beside / max(self.seconds, 1e-9)


Work = Callable[[Path], tuple[int, float]]
"""A root of copies to the documents that were worked on and the CPU seconds that took."""


class Stage(NamedTuple):
    """What is timed, and what it is told beside: `yardstick` names `beside`, another's work."""

    work: Work
    yardstick: str = ""
    beside: Work | None = None
    jobs: int = 1
    """The processes that it takes; with several, seconds are of the clock."""


# --- the stages -------------------------------------------------------------------------------


def _convert_pages(root: Path) -> tuple[int, float]:
    from onrecord.articles.convert import convert
    from onrecord.articles.documents import Document
    from onrecord.running.passes import seldom

    path = documents.raw_file(root, html=True)

    def made(number: int, line: bytes) -> bytes:
        page = msgspec.json.decode(line, type=documents.Page)
        source = Source(
            file=path.name,
            media_type="text/html",
            charset="utf-8",
            bytes=len(line),
            sha256="0" * 64,
            row=number,
        )
        document = Document(source, page.publisher, page.text, {}, (), html=True)
        return ledger.encode(convert(document))

    with path.open("rb") as file, scratch() as folder, (folder / "out.jsonl").open("wb") as out:
        made(1, file.readline())  # what is loaded at the first document
        file.seek(0)
        began, done = time.process_time(), 0
        with seldom():  # as the verb does
            for done, line in enumerate(file, 1):
                out.write(made(done, line))
        return done, time.process_time() - began


def _convert_texts(root: Path) -> tuple[int, float]:
    """All that `onrecord convert` does with the texts as files, in this process."""
    from onrecord.articles.convert import convert, identifier
    from onrecord.articles.documents import Document, Origin
    from onrecord.articles.sources import read
    from onrecord.pieces import Size
    from onrecord.running import convert as converting
    from onrecord.running import pool
    from onrecord.running.passes import Gather

    folder = _files(root, html=False)
    # What is loaded at the first document, or at the first that is not plainly English.
    for document in read(next(folder.rglob("*.txt")), Origin()):
        assert isinstance(document, Document)
        convert(document)
    identifier()
    with scratch(root) as made:
        began = time.process_time()
        work = made / "work"
        stages, rows = converting.stages(work, [folder], Origin(), House(made), Size())
        gather = Gather(rows, (made / "articles.jsonl").as_posix())
        pool.run([*stages, gather], 1, lambda _: nullcontext(lambda _: None))
        spent = time.process_time() - began
        told = gather.told()
    return (told.records if told else 0), spent


def _trafilatura(root: Path) -> tuple[int, float]:
    import trafilatura

    def extract(line: bytes) -> object:
        page = msgspec.json.decode(line, type=documents.Page)
        return trafilatura.bare_extraction(
            page.text, fast=True, with_metadata=True, include_comments=False, include_tables=False
        )

    return _each([documents.raw_file(root, html=True)], extract, warm=True)


def _suggest(root: Path) -> tuple[int, float]:
    from onrecord.suggest import engine

    def made(line: bytes) -> object:
        article = msgspec.json.decode(line, type=Article)
        bare = engine.bare(article.id, article.text, article.language, article.segments)
        return ledger.encode(engine.suggest(bare))

    return _each(ledger.article_files(House(root)), made, warm=True)


def _gold(root: Path) -> tuple[int, float]:
    from onrecord.gold import documents as gold

    house = House(root)
    began = time.process_time()
    shelf = Shelf(house)
    batches = ledger.batch_names(house.annotations, "")
    made = sum(gold.make(house, batch, shelf=shelf).rows for batch in batches)
    return made, time.process_time() - began


def _check(root: Path, *, jobs: int = 0) -> tuple[int, float]:
    """The rules on so many processes; 0: the schemas alone."""
    from onrecord.quality import check

    house, tally = House(root), check.Tally()
    clock = time.monotonic if jobs > 1 else time.process_time
    began = clock()
    problems = list(check.ledgers(house, tally, jobs) if jobs else check.lines(house))
    spent = clock() - began
    if problems:
        raise UsageError(f"the copies break a rule: {problems[0]}")
    return sum(1 for _ in Shelf(house)), spent


def _build(root: Path) -> tuple[int, float]:
    from onrecord.dataset import building

    began = time.process_time()
    report = building.build(House(root))
    documents = sum(rows for config, _, rows in report.rows if config == "documents")
    return documents, time.process_time() - began


def _tables(root: Path) -> tuple[int, float]:
    """pyarrow writing the build's files again from Arrow in memory."""
    import pyarrow.parquet as pq

    spent = 0.0
    with scratch() as folder:
        for path in sorted(House(root).hub.rglob("*.parquet")):
            with pq.ParquetFile(path) as file:
                groups = (file.read_row_group(n) for n in range(file.num_row_groups))
                began = time.process_time()
                writer = pq.ParquetWriter(
                    folder / "again.parquet", file.schema_arrow, compression="zstd"
                )
                spent += time.process_time() - began
                for table in groups:
                    began = time.process_time()
                    writer.write_table(table)
                    spent += time.process_time() - began
                began = time.process_time()
                writer.close()
                spent += time.process_time() - began
    return 0, spent


def _load(root: Path, *, plain: bool) -> tuple[int, float]:
    from onrecord import labels
    from onrecord.dataset import folder, hub

    known, where, found = labels.load(), House(root).hub, 0
    began = time.process_time()
    with scratch() as near:
        for config in hub.features(known):
            splits = folder.splits(where, config, known)
            files = {split: folder.parts(where, config, split) for split in splits}
            rows = hub.load_files(files, near) if plain else hub.load(where, config, near)
            if config == "documents":
                found = sum(rows.values())
    return found, time.process_time() - began


def _command(root: Path, option: str, value: str) -> tuple[int, float]:
    """`onrecord convert` of the pages as files, as it is typed: seconds of the clock."""
    with scratch(root) as made:
        out = made / "articles.jsonl"
        line = [
            "convert",
            str(_files(root, html=True)),
            "--out",
            str(out),
            "--root",
            str(made),
            option,
            value,
        ]
        path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
        began = time.monotonic()
        told = subprocess.run(
            [sys.executable, "-m", "onrecord", *line],
            env=os.environ | {"PYTHONPATH": path.strip(os.pathsep)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        spent = time.monotonic() - began
        if told.returncode:
            raise DataError(f"onrecord {' '.join(line)}: {told.stderr.strip()[-300:]}")
        with out.open("rb") as file:
            return sum(1 for _ in file), spent


def _files(root: Path, *, html: bool) -> Path:
    """The folder in which each source of the raw file is a file in its publisher's folder."""
    raw = documents.raw_file(root, html=html)
    folder, ending = raw.with_suffix(""), ".html" if html else ".txt"
    if not folder.exists():
        with raw.open("rb") as file:
            for number, line in enumerate(file):
                page = msgspec.json.decode(line, type=documents.Page)
                path = folder / slug(page.publisher) / f"{number:07}{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(page.text, "utf-8")
    return folder


def _local(root: Path) -> tuple[int, float]:
    engine = root / "engine.toml"
    engine.write_text('engine = "local"\nworkers = 2\n', "utf-8")
    return _command(root, "--engine", str(engine))


# --- yardsticks -------------------------------------------------------------------------------


def _each(
    paths: Iterable[Path], work: Callable[[bytes], object], *, warm: bool = False
) -> tuple[int, float]:
    """The lines of files through `work`; with `warm` the first once before, unmeasured."""
    files = list(paths)
    if warm:
        with files[0].open("rb") as file:
            work(file.readline())
    began, done = time.process_time(), 0
    for path in files:
        with path.open("rb") as file:
            for line in file:
                work(line)
                done += 1
    return done, time.process_time() - began


def _parse_handed_in(root: Path) -> tuple[int, float]:
    house = House(root)
    paths = chain(ledger.article_files(house), ledger.annotation_files(house))
    return _each(paths, orjson.loads)


def _parse(root: Path) -> tuple[int, float]:
    house = House(root)
    gold = sorted(house.gold.glob("*.jsonl"))
    files = chain(ledger.article_files(house), ledger.annotation_files(house), gold)
    return _each(files, orjson.loads)


def _parse_by_the_clock(root: Path) -> tuple[int, float]:
    began = time.monotonic()
    done, _ = _parse(root)
    return done, time.monotonic() - began


_one_job, _two_jobs = (partial(_command, option="--jobs", value=jobs) for jobs in "12")

STAGES: dict[str, Stage] = {
    "convert-html": Stage(_convert_pages, "trafilatura, fast", _trafilatura),
    "convert-text": Stage(_convert_texts),
    "convert-two-jobs": Stage(_two_jobs, "--jobs 1", _one_job, jobs=2),
    "convert-local": Stage(_local, "--jobs 2", _two_jobs, jobs=2),
    "suggest": Stage(_suggest),
    "gold": Stage(_gold, "orjson", _parse_handed_in),
    "check-schema": Stage(_check, "orjson", _parse),
    "check-one-job": Stage(partial(_check, jobs=1), "orjson", _parse),
    "check": Stage(partial(_check, jobs=2), "orjson", _parse_by_the_clock, jobs=2),
    "build": Stage(_build, "pyarrow", _tables),
    "load": Stage(partial(_load, plain=False), "load_dataset", partial(_load, plain=True)),
}
"""In flow order; each takes what those before it made."""

_MAKES = ("gold", "build")
"""Stages whose output the later ones read."""


# --- the targets ------------------------------------------------------------------------------


class Target(NamedTuple):
    """What a run was to reach, and what it did: `most` tells a bound above from one below."""

    what: str
    value: float
    bound: float
    most: bool = False

    @property
    def met(self) -> bool:
        return self.value <= self.bound if self.most else self.value >= self.bound


SHARES = {
    "convert-html": 1 / 1.15,
    "convert-two-jobs": 1.8,
    "convert-local": 1 / 1.15,
    "check-schema": 0.45,
    "check": 0.25,
}
"""The least share of the yardstick's rate."""

RATES = {"convert-text": 1000.0}
"""The least documents per second on one core, where no yardstick does the same."""

GROWTH = dict.fromkeys(("gold", "check-one-job", "check", "build"), (1.2, 1.3))
"""The most that a document's time may grow from the least size to the largest, and the peak
memory from the size before the largest to that."""


def targets(told: Sequence[Pace]) -> Iterator[Target]:
    """The targets that these measurements answer, by the largest size of each stage."""
    for stage in STAGES:
        rows = sorted((p for p in told if p.stage == stage), key=lambda pace: pace.documents)
        rows = [pace for pace in rows if not pace.fault]
        if not rows:
            continue
        last = rows[-1]
        if stage in SHARES and last.yardstick:
            what = f"{stage}, {last.documents:,}: share of {last.yardstick}"
            yield Target(what, last.share, SHARES[stage])
        if stage in RATES:
            what = f"{stage}, {last.documents:,}: documents per second of one core"
            yield Target(what, last.rate, RATES[stage])
        if stage in GROWTH and len(rows) > 1:
            first, before, (time_, memory) = rows[0], rows[-2], GROWTH[stage]
            what = f"{stage}: time of a document, {last.documents:,} over {first.documents:,}"
            yield Target(what, first.rate / last.rate, time_, most=True)
            what = f"{stage}: memory, {last.documents:,} over {before.documents:,}"
            yield Target(what, last.memory / before.memory, memory, most=True)


# --- the run ----------------------------------------------------------------------------------


def measure(house: House, sizes: Sequence[int], stages: Sequence[str], say: Say) -> Iterator[Pace]:
    """Each stage over copies of the root's articles, size after size, as it is measured.

    A stage that fails is a row with its `fault`, and the others are measured all the same.
    Raises UsageError where the root has nothing to copy or a stage is unknown.
    """
    for name in stages:
        if name not in STAGES:
            raise UsageError(f"no stage {name}", f"one of {', '.join(STAGES)}")
    last = max(map(list(STAGES).index, stages))
    needed = [n for at, n in enumerate(STAGES) if n in stages or (n in _MAKES and at < last)]
    for size in sizes:
        with scratch() as root:
            say(f"{size:,} documents: writing the copies")
            documents.write(house, House(root), size)
            for name in needed:
                if name.startswith("convert"):
                    html = name != "convert-text"
                    raw = documents.raw_file(root, html=html)
                    if not raw.exists() and not _write_raw(house, root, size, html):
                        say(f"{name}: left out, the root holds no such raw source")
                        continue
                try:
                    pace = _paced(name, root, beside=name in stages)
                except Exception as error:
                    fault = f"{type(error).__name__}: {error}"[:500]
                    pace = Pace(stage=name, documents=size, seconds=0, memory=0, fault=fault)
                if pace.fault:
                    say(f"  {name}: failed, {pace.fault}")
                elif name in stages:
                    beside = f", {pace.share:.2f} of {pace.yardstick}" if pace.yardstick else ""
                    say(f"  {name}: {pace.rate:.1f} documents/s, {pace.memory:.0f} MB{beside}")
                if name in stages or pace.fault:
                    yield pace


def _paced(name: str, root: Path, *, beside: bool) -> Pace:
    stage = STAGES[name]
    (done, seconds), memory = alone(partial(stage.work, root), together=stage.jobs > 1)
    pace = Pace(stage=name, documents=done, seconds=seconds, memory=memory, jobs=stage.jobs)
    if stage.beside and beside:
        (_, pace.beside), _ = alone(partial(stage.beside, root))
        pace.yardstick = stage.yardstick
    return pace


def _write_raw(house: House, root: Path, size: int, html: bool) -> int:
    path = documents.raw_file(root, html=html)
    return ledger.write(path, documents.pages(house, size, html=html))
