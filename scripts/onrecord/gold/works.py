"""Reads a batch, article by article: submissions, decisions, and what cannot be used.

Gold, agreement and the report read batches through this module. Annotations made on another text
than the admitted one are refused here, for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from onrecord import labels, ledger
from onrecord.ledger import House
from onrecord.records import Adjudication, Annotation, Article, Decision, Problem, refused
from onrecord.shelf import Shelf

T = TypeVar("T")

KINDS = ("person", "model")


class Annotator(NamedTuple):
    """A row of corpus/annotators.csv. `kind` is person or model."""

    id: str
    kind: str
    model: str = ""
    version: str = ""
    given: str = ""


class Work(NamedTuple):
    """All work on one article.

    `article` has its text if available. `submitted` and `adjudication` are what can be used; `rows`
    is everything, including drafts and skipped ones.
    """

    article: Article
    submitted: list[Annotation]
    adjudication: Adjudication | None
    rows: list[Annotation]


def annotators(house: House) -> dict[str, Annotator]:
    """The annotators by id. Raises DataError (csv.*)."""
    found = {}
    name = house.name(house.annotators)
    for number, row in ledger.read_csv(house.annotators, ledger.ANNOTATORS, name=name):
        if row[1] not in KINDS:
            message = f"the kind is {row[1]!r}; write person or model"
            place = Place(house.annotators, number, 0)
            problem = fault(house, place, "csv.value", row[0], message)
            raise refused(problem)
        found[row[0]] = Annotator(*row)
    return found


class Works:
    """The works of a batch, in the order of the article ids.

    Iterating fills `problems`: what could not be used (text.other, article.unknown,
    annotator.unknown). Keeps the place of each row in memory, not the row. Pass the same `shelf`
    for several batches. Raises DataError (json.malformed, schema, csv.*, annotation.duplicate,
    adjudication.duplicate).
    """

    def __init__(self, house: House, batch: str, shelf: Shelf | None = None) -> None:
        self.house = house
        self.annotators = annotators(house)
        self.problems: list[Problem] = []
        self._shelf = shelf or Shelf(house)
        self._annotations: dict[str, list[Place]] = defaultdict(list)
        for path in ledger.rows_files(house.annotations / batch):
            for article_id, place in places(house, path, "annotation.duplicate").items():
                self._annotations[article_id].append(place)
        self._adjudications = places(
            house, house.adjudications / f"{batch}.jsonl", "adjudication.duplicate"
        )

    def __len__(self) -> int:
        return len(self._annotations)

    def __iter__(self) -> Iterator[Work]:
        return filter(None, map(self.of, sorted(self._annotations)))

    def of(self, article_id: str) -> Work | None:
        """The work on one article, None if there is none or it is not admitted."""
        rows = self._annotations.get(article_id, [])
        if article_id not in self._shelf:
            message = "this article is not admitted; admit it or remove the row"
            for place in rows:
                self._tell(place, "article.unknown", article_id, message)
            return None
        if not rows:
            return None
        try:
            article = self._shelf.article(article_id)
        except msgspec.ValidationError as error:
            message = f"the article's own line is wrong ({error}); run onrecord check"
            problem = fault(self.house, rows[0], "schema", article_id, message)
            raise refused(problem) from None
        works = [(place, read(self.house, place, Annotation)) for place in rows]
        self._refuse_repeated(works)
        submitted = [
            work
            for place, work in works
            if work.status == "submitted" and self._usable(place, work, work.annotator, article)
        ]
        adjudication = None
        if submitted and (place := self._adjudications.get(article_id)):
            decided = read(self.house, place, Adjudication)
            if self._usable(place, decided, decided.adjudicator, article):
                adjudication = decided
        return Work(article, submitted, adjudication, [work for _, work in works])

    def _refuse_repeated(self, works: Iterable[tuple[Place, Annotation]]) -> None:
        """Two files of one annotator, such as a copy, are not two readings."""
        first: dict[str, Place] = {}
        for place, work in works:
            known = first.setdefault(work.annotator, place)
            if known is not place:
                at = f"{self.house.name(known.path)}:{known.line}"
                message = f"{work.annotator} has this article at {at}, too; keep one of them"
                problem = fault(self.house, place, "annotation.duplicate", work.article_id, message)
                raise refused(problem)

    def _usable(
        self, place: Place, work: Annotation | Adjudication, who: str, article: Article
    ) -> bool:
        if work.text_sha256 != article.text_sha256:
            rule, message = "text.other", "made on another text than the admitted one"
        elif who not in self.annotators:
            rule, message = (
                "annotator.unknown",
                f"{who} is not in corpus/annotators.csv, add the line",
            )
        else:
            return True
        self._tell(place, rule, work.article_id, f"{message}; it is not used")
        return False

    def _tell(self, place: Place, rule: str, article_id: str, message: str) -> None:
        self.problems.append(fault(self.house, place, rule, article_id, message))


# --- lines ------------------------------------------------------------------------------------


class Place(NamedTuple):
    """The place of a line: its number, and the offset of its first byte."""

    path: Path
    line: int
    offset: int


class _Key(msgspec.Struct):
    article_id: str


def places(house: House, path: Path, twice: str) -> dict[str, Place]:
    """Article id -> the place of its row; raises DataError (rule `twice`) if it has two."""
    found: dict[str, Place] = {}
    ledger.no_pipe(path)
    if not path.exists():
        return found
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            place = Place(path, number, offset)
            offset += len(line)
            if ledger.blank(line):
                continue
            key = _decode(house, place, line, _Key).article_id
            if key in found:
                message = f"already on line {found[key].line}; keep one of them"
                problem = fault(house, place, twice, key, message)
                raise refused(problem)
            found[key] = place
    return found


def line_at(place: Place) -> bytes:
    """The bytes of a line."""
    with place.path.open("rb") as file:
        file.seek(place.offset)
        return file.readline()


def read(house: House, place: Place, kind: type[T]) -> T:
    """An annotation or adjudication; raises DataError for a label that is not in labels.toml."""
    record = _decode(house, place, line_at(place), kind)
    known = labels.load()
    parts = record.decisions if isinstance(record, Adjudication) else [record]
    for part in parts:
        if not isinstance(part, Annotation | Decision):
            continue
        strange = [span.label for span in part.spans if span.label not in known.spans]
        strange += [link.role for link in part.links if link.role not in known.links]
        if strange:
            message = f"labels.toml has no {strange[0]}; correct it or run onrecord check"
            problem = fault(house, place, "schema", "", message)
            raise refused(problem)
    return record


def _decode(house: House, place: Place, line: bytes, kind: type[T]) -> T:
    try:
        return ledger.decoded(line, kind)
    except msgspec.DecodeError as error:
        rule = "schema" if isinstance(error, msgspec.ValidationError) else "json.malformed"
        problem = fault(house, place, rule, "", f"{error}; fix or remove the line")
        raise refused(problem) from None


def fault(house: House, place: Place, rule: str, id_: str, message: str) -> Problem:
    """A problem at a line."""
    return Problem(file=house.name(place.path), line=place.line, rule=rule, id=id_, message=message)
