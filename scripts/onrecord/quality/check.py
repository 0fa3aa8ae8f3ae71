"""The rules: what must hold in corpus/, and that what is made from it is what would be made now.

Three rings. Each line against its schema; rules across files; everything after the ledgers made
again and compared. The last is run where the others found nothing: what wrong data would give is
no measure. A fault in one line never hides another line's, and never shows up as a second fault.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import jsonschema_rs
import msgspec
import orjson

from onrecord import labels, ledger, rights
from onrecord.gold import graph
from onrecord.gold.newest import newest_by_place
from onrecord.ledger import House
from onrecord.quality import rules, stale, trace
from onrecord.quality.leaks import Entities, Leaks, Overlap
from onrecord.quality.rules import RULES
from onrecord.records import (
    TOP_LEVEL,
    Adjudication,
    Annotation,
    Article,
    DataError,
    Problem,
    Record,
)
from onrecord.splits import SHARES, split_of
from onrecord.text import PARAGRAPH_BREAK, faults, sha256, tiles

__all__ = ["RULES", "Tally", "check"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Tally(msgspec.Struct):
    """What was checked, and what could not be."""

    articles: int = 0
    without_text: int = 0
    """Articles whose text is not at hand: rules about its characters were not applied."""
    annotations: int = 0
    gold: int = 0
    gold_kept: int = 0
    """Gold rows that could not be made again, for want of text."""
    overlaps: list[Overlap] = []
    """How many named entities of the other splits' gold are in train's too."""
    rebuilt: bool = False
    """Whether the third ring was run; it is not where the others found something."""

    def lines(self) -> list[str]:
        """For people to read."""
        told = [
            f"checked: {self.articles} articles, {self.annotations} annotations, {self.gold} gold"
        ]
        if self.without_text:
            told.append(
                f"{self.without_text} articles without their text here (hydrate): rules about"
                " words and spaces not applied"
            )
        if self.gold_kept:
            told.append(f"{self.gold_kept} gold documents not made again, for want of their text")
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
) -> Iterator[Problem]:
    """Everything that is wrong in a root, as it is found; `tally` is filled in on the way.

    `rebuild_hub(folder)` makes the dataset in a new folder (hub.build); without it, or without
    build/hub, that comparison is left out. Holds a line's place for each article and for each row
    of one batch, never the rows. Wrong data raises nothing.
    """
    tally = tally or Tally()
    clean = True
    for problem in chain(stale.schema_stale(house), ledgers(house, tally)):
        clean = False
        yield problem
    if not clean:
        return
    tally.rebuilt = True
    yield from stale.gold_stale(house)
    if rebuild_hub and house.hub.is_dir():
        yield from stale.hub_stale(house, rebuild_hub)


def ledgers(house: House, tally: Tally) -> Iterator[Problem]:
    """The first two rings over the tables, articles and batches of a root."""
    with closing(_Reader(house)) as reader:
        corpus = _Corpus(house, tally, reader)
        yield from chain(corpus.tables(), corpus.articles(), corpus.batches())


def lines(house: House) -> Iterator[Problem]:
    """The first ring alone: every line of the ledgers against its schema."""
    with closing(_Reader(house)) as reader:
        corpus = _Corpus(house, Tally(), reader)
        for kind, paths in (
            ("article", ledger.article_files(house)),
            ("annotation", sorted(house.annotations.glob("*/*.jsonl"))),
            ("adjudication", sorted(house.adjudications.glob("*.jsonl"))),
            ("gold", sorted(house.gold.glob("*.jsonl"))),
        ):
            for path in paths:
                for row in corpus.rows(path, kind):
                    yield from row.problems


class _Line(NamedTuple):
    path: Path
    number: int
    offset: int = 0


class _Row(NamedTuple):
    """A line as read: `record` is None where `problems` say why."""

    line: _Line
    key: str
    record: Any
    problems: list[Problem]


class _Batch(NamedTuple):
    """Where the rows of a batch are, by article."""

    annotations: dict[str, list[_Line]]
    adjudications: dict[str, _Line]
    unsure: set[str]
    """Articles with a fault in these rows ("": a row that says no article): what was submitted
    about them is not known, so nothing is held against it."""


class _Known:
    """The articles by their numbers, in the order in which they were first met: what must be
    remembered of their last lines, in about 90 bytes an article."""

    def __init__(self) -> None:
        self._numbers = ledger.Places()
        self._paths: list[Path] = []
        self._path = array("I")
        self._line = array("Q")
        self._offset = array("Q")
        self._text = array("Q")
        self._story = array("Q")
        self._granted = array("q")
        self.unseen = bytearray()
        """1: the last line and build/text/ have no text."""

    def number(self, article_id: str) -> int | None:
        """The number of an article, None where there is none of this id."""
        return self._numbers.get(article_id)

    def place(self, number: int) -> _Line:
        path = self._paths[self._path[number]]
        return _Line(path, self._line[number], self._offset[number])

    def put(self, article_id: str, line: _Line) -> int:
        """The number of an article whose last line is now this one."""
        if not self._paths or self._paths[-1] != line.path:
            self._paths.append(line.path)
        at = self._numbers.get(article_id)
        if at is None:
            at = self._numbers[article_id] = len(self._numbers)
            for values in (self._path, self._line, self._offset, self._granted):
                values.append(0)
            self._text.append(0)
            self._story.append(0)
            self.unseen.append(0)
        self._path[at] = len(self._paths) - 1
        self._line[at], self._offset[at] = line.number, line.offset
        return at

    def admit(self, number: int, article: Article) -> None:
        """Remember what a sound line says of an article."""
        self._text[number], self._story[number], self._granted[number] = _admitted(article)

    def readmits(self, number: int, article: Article) -> bool:
        """Whether another line of an article is a re-admission: of the same story, another text
        or other rights."""
        text, story, granted = _admitted(article)
        if not self._story[number]:
            return True
        same = (text, granted) == (self._text[number], self._granted[number])
        return story == self._story[number] and not same


def _admitted(article: Article) -> tuple[int, int, int]:
    return (
        int(article.text_sha256[:16], 16),
        ledger.hash64(article.story) or 1,
        hash(msgspec.structs.astuple(article.rights)),
    )


class _Corpus:
    """The first two rings, and what they must remember of one file for the next."""

    def __init__(self, house: House, tally: Tally, reader: _Reader) -> None:
        self.house = house
        self.tally = tally
        self.reader = reader
        known = labels.load()
        self.releases = known.enum("release")
        self.decoders = {
            name: msgspec.json.Decoder(kind) for name, kind in labels.strict_types(known).items()
        }
        self.schemas = labels.json_schemas(known)
        # None: the table could not be read, so nothing can be missing from it.
        self.annotators: set[str] | None = None
        self.splits: ledger.Few | None = None
        self.rights: list[rights.Rule] | None = None
        self.gone: dict[str, str] = {}
        """Withdrawn articles; the lines of batches, which people write, may still name them."""
        self.known = _Known()
        self.unusable: set[str] = set()
        """Articles with a fault that would show up in everything about them."""
        self.unread = False
        """Whether some article's line gives no id, so that no id is surely unknown."""

    def problem(self, rule: str, line: _Line, id_: str, message: str) -> Problem:
        return rules.problem(rule, self.house.name(line.path), line.number, id_, message)

    # --- lines --------------------------------------------------------------------------------

    def rows(self, path: Path, kind: str) -> Iterator[_Row]:
        """Each line of a JSON lines file against its schema, whatever is wrong with the others.

        A line is parsed once, into the type that holds what its schema allows; only one that is
        refused is held to the JSON Schema itself, which tells everything that is wrong with it.
        """
        if not path.exists():
            return
        key_field = "id" if kind == "article" else "article_id"
        decode = self.decoders[kind].decode
        offset = 0
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = _Line(path, number, offset)
                offset += len(raw)
                if raw.endswith(b"\n"):
                    try:
                        record = decode(raw)
                    except (msgspec.DecodeError, UnicodeDecodeError):
                        pass
                    else:
                        yield _Row(line, getattr(record, key_field), record, [])
                        continue
                try:
                    value = orjson.loads(raw)
                    # `append` takes a line without an end for half-written and cuts it off.
                    fault = "" if raw.endswith(b"\n") else "the line end is missing"
                except orjson.JSONDecodeError as error:
                    value, fault = None, str(error) if raw.strip() else "a blank line"
                if fault:
                    yield _Row(line, "", None, [self.problem("json.malformed", line, "", fault)])
                    continue
                key = value.get(key_field) if isinstance(value, dict) else ""
                yield self.typed(line, key if isinstance(key, str) else "", value, kind)

    def typed(self, line: _Line, key: str, value: object, kind: str) -> _Row:
        problems = []
        for error in jsonschema_rs.validator_for(self.schemas[kind]).iter_errors(value):
            where = "/".join(str(part) for part in error.instance_path)
            message = f"{where}: {error.message}" if where else error.message
            problems.append(self.problem("schema", line, key, message))
        if not problems:
            try:
                return _Row(line, key, msgspec.convert(value, TOP_LEVEL[kind]), [])
            except msgspec.ValidationError as error:
                problems.append(self.problem("schema", line, key, str(error)))
        return _Row(line, key, None, problems)

    # --- tables -------------------------------------------------------------------------------

    def tables(self) -> Iterator[Problem]:
        """rights.csv, annotators.csv, splits.csv, withdrawn.csv, releases.csv."""
        people: dict[str, str] = {}
        whole = yield from self.table(self.house.annotators, ledger.ANNOTATORS, 1, people)
        for line, row in whole or []:
            yield from self.one_of(line, row[0], row[1], ["person", "model"])
        self.annotators = None if whole is None else set(people)

        patterns: dict[str, str] = {}
        whole = yield from self.table(self.house.rights, ledger.RIGHTS, 1, patterns)
        granted = list(whole or [])
        for line, row in granted:
            yield from self.one_of(line, row[0], row[2], self.releases)
        self.rights = None if whole is None else rights.rules(row for _, row in granted)

        stories = ledger.Few()
        whole = yield from self.table(
            self.house.splits, ledger.SPLITS, 1, stories, "split.straddle"
        )
        for line, (story, split) in whole or []:
            bad = list(self.one_of(line, story, split, [name for name, _ in SHARES]))
            yield from bad
            if not bad and stories.get(story) == split != split_of(story):
                message = f"in {split}, but its hash says {split_of(story)}"
                yield self.problem("split.moved", line, story, message)
        self.splits = None if whole is None else stories

        yield from self.table(self.house.withdrawn, ledger.WITHDRAWN, 1, self.gone)
        yield from self.table(self.house.releases, ledger.RELEASES, 1, {})

    def table(
        self,
        path: Path,
        columns: list[str],
        keys: int,
        found: dict[str, str] | ledger.Few,
        differs: str = "",
    ) -> Generator[Problem, None, Iterator[tuple[_Line, list[str]]] | None]:
        """The rows of a CSV, None if it cannot be read; `found` gets key -> second column.

        The first `keys` columns are the key: it may not stand twice (rule csv.repeat, or
        `differs` where the second column is another).
        """

        def rows() -> Iterator[tuple[_Line, list[str]]]:
            for number, row in ledger.read_csv(path, columns, name=self.house.name(path)):
                yield _Line(path, number), row

        try:
            for line, row in rows():
                key = ",".join(row[:keys])
                if key in found:
                    other = differs if differs and found.get(key) != row[1] else "csv.repeat"
                    message = f"{','.join(row[:2])}: {key} is on an earlier line"
                    yield self.problem(other, line, row[0], message)
                else:
                    found[key] = row[1]
        except DataError as error:
            yield from error.problems
            return None
        return rows()  # read again: a table has a line for each story

    def one_of(self, line: _Line, id_: str, value: str, allowed: list[str]) -> Iterator[Problem]:
        if value not in allowed:
            message = f"{value!r} is none of {', '.join(allowed)}"
            yield self.problem("csv.value", line, id_, message)

    # --- articles -----------------------------------------------------------------------------

    def articles(self) -> Iterator[Problem]:
        """Every line of corpus/articles."""
        # Rights that hold now and a hydrated copy belong to an article's last line, which may be
        # a re-admission.
        copies: dict[str, Problem] = {}
        stale: dict[str, Problem] = {}
        known, seen = self.known, Leaks(self.whole)
        for path in ledger.article_files(self.house):
            for row in self.rows(path, "article"):
                yield from row.problems
                if not row.key:
                    self.unread = True
                    continue
                if row.key in self.gone:
                    message = "corpus/withdrawn.csv names it"
                    yield self.problem("article.withdrawn", row.line, row.key, message)
                    continue
                first = known.number(row.key)
                if first is not None and not (row.record and known.readmits(first, row.record)):
                    place = known.place(first)
                    message = f"already at {self.house.name(place.path)}:{place.number}"
                    yield self.problem("article.id-duplicate", row.line, row.key, message)
                    continue
                number = known.put(row.key, row.line)
                if row.record is None:
                    self.unusable.add(row.key)
                    seen.drop(number)
                    continue
                known.admit(number, row.record)
                stale.pop(row.key, None)
                if problem := self.stale(row.line, row.record):
                    stale[row.key] = problem
                self.tally.articles += first is None
                yield from self.rights_rules(row.line, row.record)
                copies.pop(row.key, None)
                text = row.record.text
                if not text and (whole := ledger.hydrated(self.house, row.record)):
                    text = whole.text
                known.unseen[number] = not text and row.record.rights.release != "ship"
                for problem in self.text_rules(row.line, row.record, text):
                    self.unusable.add(row.key)
                    if problem.line:
                        yield problem
                    else:
                        copies[row.key] = problem
                yield from self.split_rules(row.line, row.record)
                split = self.splits.get(row.record.story) if self.splits else ""
                if row.key in self.unusable:
                    seen.drop(number)
                elif split:
                    seen.add(number, msgspec.structs.replace(row.record, text=text), split)
        self.tally.without_text = sum(known.unseen)
        yield from stale.values()
        yield from copies.values()
        for number, rule, message in seen.faults():
            line = known.place(number)
            yield self.problem(rule, line, self.whole(number).id, message)

    def whole(self, number: int) -> Article:
        """A sound article with its text, "" where that is not at hand."""
        article, text = self.reader.article(self.known.place(number))
        return msgspec.structs.replace(article, text=text)

    def stale(self, line: _Line, article: Article) -> Problem | None:
        held = article.rights
        now = held if self.rights is None else rights.rights_of(article, self.rights)
        # As tuples: what was read is of the stricter type, which is equal to no other.
        if msgspec.structs.astuple(now) != msgspec.structs.astuple(held):
            message = (
                f"admitted as {held.release or 'nothing'} ({held.licence}), and rights.csv says"
                f" {now.release} ({now.licence}; {now.basis})"
            )
            return self.problem("rights.stale", line, article.id, message)
        return None

    def rights_rules(self, line: _Line, article: Article) -> Iterator[Problem]:
        held = article.rights
        for name in ("text", "headline", "credit") if held.release != "ship" else ():
            if getattr(article, name):
                message = f"{name} is filled in, and the release is {held.release or 'unknown'}"
                yield self.problem("rights.text-present", line, article.id, message)

    def text_rules(self, line: _Line, article: Article, text: str) -> Iterator[Problem]:
        """What is wrong with an article's text; `text` may be that of the hydrated copy."""

        def fault(rule: str, message: str, at: _Line = line) -> Problem:
            return self.problem(rule, at, article.id, message)

        if not article.text and article.rights.release == "ship":
            yield fault("rights.text-missing", "the release is ship, and the text is empty")
            return
        if text:
            if sha256(text) != article.text_sha256:
                yield fault("text.hash", "text_sha256 is another text's")
                return
            if found := faults(text):
                yield fault("text.normal", "; ".join(found))
        else:
            copy = self.house.text / f"{article.id}.json"
            if copy.exists():
                message = "this copy is not the admitted text; hydrate the article again"
                yield fault("text.hash", message, _Line(copy, 0))
        length = len(text) if text else article.segments[-1].end if article.segments else 0
        slices = PARAGRAPH_BREAK.join(text[s.start : s.end] for s in article.segments)
        if not tiles(article.segments, length) or (text and slices != text):
            message = "joined by blank lines, the segments are not the text"
            yield fault("segments.tile", message)

    def split_rules(self, line: _Line, article: Article) -> Iterator[Problem]:
        if self.splits is not None and article.story not in self.splits:
            message = f"the story {article.story!r} is not in corpus/splits.csv"
            yield self.problem("split.unknown", line, article.id, message)

    def find(self, article_id: str) -> tuple[Article, str] | None:
        """A sound article as the ledger has it, and its text ("" where it is not at hand)."""
        number = self.known.number(article_id)
        if number is None or article_id in self.unusable:
            return None
        return self.reader.article(self.known.place(number))

    # --- batches ------------------------------------------------------------------------------

    def batches(self) -> Iterator[Problem]:
        """Every batch: its CSV, annotations, adjudications and gold."""
        house = self.house
        names = {path.name for path in house.annotations.glob("*/") if path.is_dir()}
        names.update(ledger.batch_names(house.batches, ".csv"))
        for folder in (house.adjudications, house.gold):
            names.update(ledger.batch_names(folder, ".jsonl"))
        entities, newest = Entities(), _newest(house)
        for name in sorted(names):
            assigned: dict[str, str] = {}
            path = house.batches / f"{name}.csv"
            rows = yield from self.table(path, ledger.BATCH, 2, assigned)
            for line, (article_id, annotator) in rows or []:
                yield from self.names(line, article_id, annotator)
            batch = _Batch(defaultdict(list), {}, set())
            for problem in chain(
                self.annotations(name, None if rows is None else set(assigned), batch),
                self.adjudications(name, batch),
            ):
                batch.unsure.add(problem.id)
                yield problem
            yield from self.gold(name, batch, newest, entities)
        self.tally.overlaps = entities.overlaps()

    def names(self, line: _Line, article_id: str, annotator: str = "") -> Iterator[Problem]:
        if article_id in self.gone:
            if line.path.suffix != ".csv":
                message = "corpus/withdrawn.csv names it"
                yield self.problem("article.withdrawn", line, article_id, message)
        elif self.known.number(article_id) is None and not self.unread:
            message = "no article of corpus/articles has this id"
            yield self.problem("article.unknown", line, article_id, message)
        if annotator and self.annotators is not None and annotator not in self.annotators:
            message = f"{annotator} is not in corpus/annotators.csv"
            yield self.problem("annotator.unknown", line, article_id, message)

    def annotations(self, name: str, assigned: set[str] | None, batch: _Batch) -> Iterator[Problem]:
        for path in sorted((self.house.annotations / name).glob("*.jsonl")):
            seen: set[str] = set()
            for row in self.rows(path, "annotation"):
                yield from row.problems
                if row.record is None:
                    continue
                annotation: Annotation = row.record
                self.tally.annotations += 1
                if (annotation.batch, annotation.annotator) != (name, path.stem):
                    message = (
                        f"its batch is {annotation.batch}, its annotator {annotation.annotator}"
                    )
                    yield self.problem("record.place", row.line, row.key, message)
                if row.key in seen:
                    message = "the annotator has this article on an earlier line"
                    yield self.problem("annotation.duplicate", row.line, row.key, message)
                    continue
                seen.add(row.key)
                batch.annotations[row.key].append(row.line)
                self.reader.keep(row.line, annotation)
                yield from self.names(row.line, row.key, path.stem)
                if assigned is not None and f"{row.key},{path.stem}" not in assigned:
                    message = f"corpus/batches/{name}.csv has no line {row.key},{path.stem}"
                    yield self.problem("annotation.unassigned", row.line, row.key, message)
                if annotation.status == "submitted" and (found := self.find(row.key)):
                    for rule, message in graph.annotation_faults(annotation, *found):
                        yield self.problem(rule, row.line, row.key, message)
                    yield from self.repeated(row, [annotation.note], *found)

    def adjudications(self, name: str, batch: _Batch) -> Iterator[Problem]:
        for row in self.rows(self.house.adjudications / f"{name}.jsonl", "adjudication"):
            yield from row.problems
            if row.record is None:
                continue
            record: Adjudication = row.record
            if record.batch != name:
                message = f"its batch is {record.batch}"
                yield self.problem("record.place", row.line, row.key, message)
            if first := batch.adjudications.get(row.key):
                message = f"already on line {first.number}"
                yield self.problem("adjudication.duplicate", row.line, row.key, message)
                continue
            batch.adjudications[row.key] = row.line
            self.reader.keep(row.line, record)
            yield from self.names(row.line, row.key, record.adjudicator)
            if batch.unsure & {row.key, ""} or not (found := self.find(row.key)):
                continue
            work = self.submitted(batch, found[0])
            for rule, message in graph.adjudication_faults(record, work, *found):
                yield self.problem(rule, row.line, row.key, message)
            yield from self.repeated(row, [d.why for d in record.decisions], *found)

    def repeated(
        self, row: _Row, said: list[str], article: Article, text: str
    ) -> Iterator[Problem]:
        """Notes and reasons that carry words of a text which may not ship."""
        if article.rights.release != "ship" and any(rights.repeats(words, text) for words in said):
            message = "a note or a reason repeats words of the text, and the text may not ship"
            yield self.problem("rights.text-present", row.line, row.key, message)

    def gold(
        self, name: str, batch: _Batch, newest: ledger.Few, entities: Entities
    ) -> Iterator[Problem]:
        seen: set[str] = set()
        for row in self.rows(self.house.gold / f"{name}.jsonl", "gold"):
            yield from row.problems
            if row.record is None:
                continue
            self.tally.gold += 1
            if row.key in seen:
                message = "the article has an earlier line"
                yield self.problem("gold.duplicate", row.line, row.key, message)
                continue
            seen.add(row.key)
            yield from self.names(row.line, row.key)
            if not (found := self.find(row.key)):
                continue
            article, text = found
            self.tally.gold_kept += not text
            counts = newest.get(row.key) == name
            if counts and self.splits and (split := self.splits.get(article.story)):
                entities.add(row.record, split)
            told = trace.row_faults(row.record, article)
            if not batch.unsure & {row.key, ""}:
                line = batch.adjudications.get(row.key)
                decided = self.reader.read(line, Adjudication) if line else None
                put = trace.Trace(self.submitted(batch, article), decided)
                told = chain(told, put.faults(row.record))
            for rule, message in told:
                yield self.problem(rule, row.line, row.key, message)

    def submitted(self, batch: _Batch, article: Article) -> list[Annotation]:
        """The rows that gold is made of: submitted, and made on the admitted text."""
        lines = batch.annotations.get(article.id, [])
        work = (self.reader.read(line, Annotation) for line in lines)
        return [a for a in work if a.status == "submitted" and a.text_sha256 == article.text_sha256]


def _newest(house: House) -> ledger.Few:
    """Whose gold is an article's; none where a row cannot be read, which is told as a problem."""
    try:
        return newest_by_place(house)
    except DataError:
        return ledger.Few()


KEPT = 256
"""Rows kept as read: what a batch's rows refer to is mostly in the same batch."""


class _Reader:
    """Reads lines again by their place; the last few are not read again."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._files: dict[Path, BinaryIO] = {}
        self._rows: OrderedDict[_Line, Any] = OrderedDict()
        self._articles: OrderedDict[_Line, tuple[Article, str]] = OrderedDict()

    def close(self) -> None:
        """Close the files that were read."""
        for file in self._files.values():
            file.close()

    def keep(self, line: _Line, record: Record) -> None:
        """Hold a row as it was read."""
        _put(self._rows, line, record)

    def read(self, line: _Line, kind: type[R]) -> R:
        """The row at a place, which `rows` has found sound."""
        if line not in self._rows:
            return _put(self._rows, line, self._decoded(line, kind))
        return self._rows[line]

    def article(self, line: _Line) -> tuple[Article, str]:
        """The article at a place as the ledger has it, and its text ("": not at hand)."""
        if line not in self._articles:
            article = self._decoded(line, Article)
            whole = article if article.text else ledger.hydrated(self._house, article)
            return _put(self._articles, line, (article, whole.text if whole else ""))
        return self._articles[line]

    def _decoded(self, line: _Line, kind: type[R]) -> R:
        file = self._files.get(line.path)
        if file is None:
            while len(self._files) >= OPEN:
                self._files.pop(next(iter(self._files))).close()
            file = self._files[line.path] = line.path.open("rb")
        file.seek(line.offset)
        return msgspec.json.decode(file.readline(), type=kind)


OPEN = 32
"""Files held open at once."""


def _put(kept: OrderedDict[_Line, T], line: _Line, value: T) -> T:
    kept[line] = value
    if len(kept) > KEPT:
        kept.popitem(last=False)
    return value
