"""Validation: what must hold in corpus/, and that everything made from it is up to date.

Three rings. Each line against its schema; rules across files; everything after the ledgers made
again and compared. The last is run where the others found nothing: what wrong data would give is
no measure. A fault in one line never hides another line's, and never shows up as a second fault.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from onrecord import compact, ledger, rights
from onrecord.gold.newest import newest_of_several
from onrecord.ledger import House
from onrecord.pieces import Piece, Size, stretches
from onrecord.places import scratch
from onrecord.quality import labelled, stale
from onrecord.quality.admitted import Articles, Seen, ledgers_of, version
from onrecord.quality.labelled import Batches, Known
from onrecord.quality.leaks import Entities, Leaks, Overlap
from onrecord.quality.lines import Ledgers, Line, Reader
from onrecord.records import Article, ArticleId, DataError, Problem, Sha256, Timestamp, many
from onrecord.running.engines import processors
from onrecord.running.passes import Stage
from onrecord.running.run import do
from onrecord.running.shards import Plan, make
from onrecord.splits import SHARES, split_of


class Tally(msgspec.Struct):
    """What was checked, and what could not be."""

    articles: int = 0
    without_text: int = 0
    """Articles without text here: rules about its characters were not applied."""
    annotations: int = 0
    gold: int = 0
    gold_kept: int = 0
    """Gold rows that could not be rebuilt without the text."""
    overlaps: list[Overlap] = []
    """How many named entities in the gold of other splits are also in train."""
    rebuilt: bool = False
    """Whether the third group of rules ran; it does not if the others found something."""

    def lines(self) -> list[str]:
        """A summary for people."""
        told = [
            f"checked: {many(self.articles, 'article')}, {many(self.annotations, 'annotation')},"
            f" {many(self.gold, 'gold document')}"
        ]
        if self.without_text:
            told.append(
                f"{many(self.without_text, 'article')} without text here (hydrate): rules about"
                " words and spaces not applied"
            )
        if self.gold_kept:
            told.append(
                f"{many(self.gold_kept, 'gold document')} not made again, for want of their text"
            )
        told += [
            f"{o.in_train} of {o.entities} named entities in {o.split} are in train too"
            for o in self.overlaps
            if o.entities
        ]
        if not self.rebuilt:
            told.append("gold and dataset not made again and compared, because of the problems")
        return told


def check(
    house: House,
    *,
    rebuild_hub: Callable[[Path], object] | None = None,
    tally: Tally | None = None,
    jobs: int = 0,
) -> Iterator[Problem]:
    """All problems of a root; `tally` is filled in along the way.

    `rebuild_hub(folder)` makes the dataset in a new folder (building.build); without it, or without
    build/hub, that comparison is left out. The second ring runs on `jobs` processes (0: as many
    as there are processors where the ledgers are large enough, `WORTH`), and what it finds never
    depends on how many. Holds about 60 bytes for each article and the rows of one batch a process;
    about 2 kB an article lie in a temporary folder. Wrong data raises nothing; a labels.toml that
    cannot be read raises DataError.
    """
    tally = tally or Tally()
    clean = True
    for problem in chain(stale.schema_stale(house), ledgers(house, tally, jobs)):
        clean = False
        yield problem
    if not clean:
        return
    tally.rebuilt = True
    yield from stale.gold_stale(house)
    if rebuild_hub and house.hub.is_dir():
        yield from stale.hub_stale(house, rebuild_hub)


WORTH = 64 << 20
"""Size of the ledgers, in bytes, above which workers save time."""


def ledgers(
    house: House, tally: Tally, jobs: int = 1, size: Size | None = None
) -> Iterator[Problem]:
    """The first two rings over the tables, articles and batches of a root.

    Every shard of articles (then of batches) is looked at by itself, in whatever process; what
    must be known across them is put together here, in their order.
    """
    with closing(Reader(house)) as reader, scratch() as work:
        usual = jobs_for(house)  # and whether all ledgers are files
        corpus = _Corpus(house, tally, reader, work, jobs or usual, size or Size())
        yield from chain(corpus.tables(), corpus.articles(), corpus.batches())


def jobs_for(house: House) -> int:
    """The number of processes for the ledgers of a root: one if they are small."""
    held = 0
    for path in chain(
        ledger.article_files(house),
        ledger.annotation_files(house),
        *map(ledger.rows_files, (house.adjudications, house.gold)),
    ):
        held += path.stat().st_size
        if held > WORTH:
            return processors()
    return 1


def lines(house: House) -> Iterator[Problem]:
    """The first ring alone: every line of the ledgers against its schema."""
    files = Ledgers(house)
    for kind, paths in (
        ("article", ledger.article_files(house)),
        ("annotation", ledger.annotation_files(house)),
        ("adjudication", ledger.rows_files(house.adjudications)),
        ("gold", ledger.rows_files(house.gold)),
    ):
        for path in paths:
            for row in files.rows(path, kind):
                yield from row.problems


class _Articles:
    """The articles by their numbers, in the order in which they were first met: what must be
    remembered of their last lines, in about 50 bytes an article."""

    def __init__(self) -> None:
        self._numbers = compact.Numbers()
        self.paths: list[Path] = []
        self._path = array("I")
        self._line = array("I")
        self._offset = array("Q")
        self._split = array("B")
        self.sound = bytearray()
        """1: the schema allows the last line."""
        self.unseen = bytearray()
        """1: the last line and build/text/ have no text."""

    def number(self, article_id: str) -> int | None:
        """The number of an article, None where there is none of this id."""
        return self._numbers.get(article_id)

    def place(self, number: int) -> Line:
        path = self.paths[self._path[number]]
        return Line(path, self._line[number], self._offset[number])

    def put(self, article_id: str, number: int | None, path: Path, seen: Seen, split: int) -> int:
        """Take the last line of an article for now, and return its number: a new one for None."""
        if not self.paths or self.paths[-1] != path:
            self.paths.append(path)
        if number is None:
            number = self._numbers[article_id] = len(self._numbers)
            for values in (self._path, self._line, self._offset, self._split):
                values.append(0)
            self.sound.append(0)
            self.unseen.append(0)
        self._path[number] = len(self.paths) - 1
        self._line[number], self._offset[number] = seen.number, seen.offset
        self._split[number] = split
        self.sound[number] = not seen.problems
        self.unseen[number] = seen.unseen
        return number

    def table(self, unusable: Iterable[str]) -> Any:
        """All of them as `labelled.PLACED`."""
        made = np.empty(len(self._numbers), labelled.PLACED)
        made["key"], made["offset"] = self._numbers.hashes, self._offset
        made["file"], made["split"] = self._path, self._split
        for article_id in unusable:
            made["file"][self.number(article_id)] = len(self.paths)
        return made


class _Corpus:
    """The first two rings, and what they must remember of one file for the next."""

    def __init__(
        self, house: House, tally: Tally, reader: Reader, work: Path, jobs: int, size: Size
    ) -> None:
        self.house = house
        self.tally = tally
        self.reader = reader
        self.work = work
        self.jobs = jobs
        self.size = size
        self.files = ledgers_of(house.root.as_posix())
        # None: the table could not be read, so nothing can be missing from it.
        self.annotators: set[str] | None = None
        self.splits: compact.Choices | None = None
        self.rights: list[rights.Rule] | None = None
        self.gone: dict[str, str] = {}
        self.known = _Articles()
        self.unusable: set[str] = set()
        """Articles with a fault that would recur in everything about them."""
        self.unread = False
        """Whether the id of some line is unreadable, so that no id is certainly unknown."""

    def problem(self, rule: str, line: Line, id_: str, message: str) -> Problem:
        return self.files.problem(rule, line, id_, message)

    # --- tables -------------------------------------------------------------------------------

    def tables(self) -> Iterator[Problem]:
        """rights.csv, annotators.csv, splits.csv, withdrawn.csv, releases.csv."""
        people: dict[str, str] = {}
        whole = yield from self.files.table(self.house.annotators, ledger.ANNOTATORS, 1, people)
        for line, row in whole or []:
            yield from self.one_of(line, row[0], row[1], ["person", "model"])
        self.annotators = None if whole is None else set(people)

        patterns: dict[str, str] = {}
        whole = yield from self.files.table(self.house.rights, ledger.RIGHTS, 1, patterns)
        granted = list(whole or [])
        for line, row in granted:
            if wrong := rights.fault(row):
                yield self.problem("csv.value", line, row[0], wrong)
        self.rights = None if whole is None else rights.rules(row for _, row in granted)

        stories = compact.Choices()
        whole = yield from self.files.table(
            self.house.splits, ledger.SPLITS, 1, stories, "split.straddle"
        )
        for line, (story, split) in whole or []:
            bad = list(self.one_of(line, story, split, [name for name, _ in SHARES]))
            yield from bad
            if not bad and stories.get(story) == split != split_of(story):
                message = f"in {split}, but its hash says {split_of(story)}"
                yield self.problem("split.moved", line, story, message)
        self.splits = None if whole is None else stories

        whole = yield from self.files.table(self.house.withdrawn, ledger.WITHDRAWN, 1, self.gone)
        for line, row in whole or []:
            for column, value, kind in zip(ledger.WITHDRAWN, row, _WITHDRAWN, strict=False):
                try:
                    msgspec.convert(value, kind)
                except msgspec.ValidationError:
                    message = f"{value!r} is no {column}; restore what `withdraw` wrote"
                    yield self.problem("csv.value", line, row[0], message)
        yield from self.files.table(self.house.releases, ledger.RELEASES, 1, {})

    def one_of(self, line: Line, id_: str, value: str, allowed: list[str]) -> Iterator[Problem]:
        if value not in allowed:
            message = f"{value!r} is none of {', '.join(allowed)}"
            yield self.problem("csv.value", line, id_, message)

    # --- articles -----------------------------------------------------------------------------

    def articles(self) -> Iterator[Problem]:
        """Every line of corpus/articles."""
        pieces = chain.from_iterable(
            stretches(path, self.size) for path in ledger.article_files(self.house)
        )
        plan = self.plan("articles", pieces)
        folder, root = plan.folder.as_posix(), self.house.root.as_posix()
        stage = Articles(folder, root, len(plan), self.rights)
        self.run(stage, plan.documents)
        # Rights that hold now and a hydrated copy belong to an article's last line, which may be
        # a re-admission.
        copies: dict[str, Problem] = {}
        stale: dict[str, Problem] = {}
        known, leaks = self.known, Leaks(self.whole)
        for path, seen in stage.told():
            key, line = seen.key, Line(path, seen.number, seen.offset)
            yield from seen.problems
            if not key:
                self.unread = True
                continue
            if key in self.gone:
                message = "corpus/withdrawn.csv names it"
                yield self.problem("article.withdrawn", line, key, message)
                continue
            first = known.number(key)
            if first is not None and not self.readmits(first, seen):
                place = known.place(first)
                message = f"already at {self.house.name(place.path)}:{place.number}"
                yield self.problem("article.id-duplicate", line, key, message)
                continue
            split = self.splits.get(seen.story) if self.splits and not seen.problems else ""
            split = split if split in _SPLITS else ""
            number = known.put(key, first, path, seen, _SPLITS.index(split))
            if seen.problems:
                self.unusable.add(key)
                leaks.drop(number)
                continue
            self.tally.articles += first is None
            for held, problem in ((stale, seen.stale), (copies, seen.copy)):
                held.pop(key, None)
                if problem:
                    held[key] = problem
            yield from seen.wrong
            if not seen.usable:
                self.unusable.add(key)
            if self.splits is not None and seen.story not in self.splits:
                message = f"the story {seen.story!r} is not in corpus/splits.csv"
                yield self.problem("split.unknown", line, key, message)
            if key in self.unusable:
                leaks.drop(number)
            elif split and seen.traits:
                leaks.add(number, seen.traits, split)
        self.tally.without_text = sum(known.unseen)
        yield from stale.values()
        yield from copies.values()
        for number, rule, message in leaks.faults():
            line = known.place(number)
            yield self.problem(rule, line, self.whole(number).id, message)

    def readmits(self, number: int, seen: Seen) -> bool:
        """Whether another line of an article is a re-admission: of the same story, another text
        or other rights."""
        if seen.problems:
            return False
        if not self.known.sound[number]:
            return True
        before, _ = self.reader.article(self.known.place(number))
        return seen.story == before.story and seen.version != version(before)

    def whole(self, number: int) -> Article:
        """A sound article with its text, "" where that is not at hand."""
        article, text = self.reader.article(self.known.place(number))
        return msgspec.structs.replace(article, text=text)

    # --- batches ------------------------------------------------------------------------------

    def batches(self) -> Iterator[Problem]:
        """Every batch: its CSV, annotations, adjudications and gold."""
        articles = self.known.table(self.unusable)
        known = Known(
            annotators=self.annotators,
            gone=set(self.gone),
            unread=self.unread,
            files=[path.as_posix() for path in self.known.paths],
            splits=_SPLITS,
            several=_several(self.house),
        )
        self.known, self.splits = _Articles(), None  # no longer needed: what is written is read
        folder = self.work / "known"
        labelled.write(folder, known, articles)
        del articles
        plan = self.plan("batches", map(self.batch, self.names()))
        stage = Batches(
            plan.folder.as_posix(), self.house.root.as_posix(), len(plan), folder.as_posix()
        )
        self.run(stage, plan.documents)
        entities = Entities()
        for found in stage.told():
            yield from found.problems
            self.tally.annotations += found.annotations
            self.tally.gold += found.gold
            self.tally.gold_kept += found.gold_kept
            for split, hashes in found.entities.items():
                entities.put(hashes, split)
        self.tally.overlaps = entities.overlaps()

    def names(self) -> list[str]:
        """All batches that occur in the root, sorted."""
        house = self.house
        names = {path.name for path in house.annotations.glob("*/") if path.is_dir()}
        names.update(ledger.batch_names(house.batches, ".csv"))
        for folder in (house.adjudications, house.gold):
            names.update(ledger.batch_names(folder, ".jsonl"))
        return sorted(names)

    def batch(self, name: str) -> tuple[Piece, int]:
        """A batch as a piece of work, and the bytes of its rows."""
        house, file = self.house, f"{name}.jsonl"
        rows = [*ledger.rows_files(house.annotations / name), house.gold / file]
        return Piece(file=name), sum(path.stat().st_size for path in rows if path.exists())

    # --- work ---------------------------------------------------------------------------------

    def plan(self, what: str, pieces: Iterable[tuple[Piece, int]]) -> Plan:
        return make(self.work / what, pieces, self.size, what)

    def run(self, stage: Stage, total: int) -> None:
        do([stage], f"check, {stage.name}", total, self.jobs, _PRELOAD, stage.name)


_WITHDRAWN = (ArticleId, Sha256, Timestamp)
_SPLITS = ["", *(name for name, _ in SHARES)]
_PRELOAD = "onrecord.quality.preload"


def _several(house: House) -> dict[str, str]:
    """Whose gold counts; nobody's where a row cannot be read, which is told as a problem."""
    try:
        return newest_of_several(house)
    except DataError:
        return {}
