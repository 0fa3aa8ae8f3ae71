"""Batches: corpus/batches/<name>.csv says who labels what, written by hand or by `assign`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from onrecord import atomic, ledger
from onrecord.gold.works import annotators as annotators_of
from onrecord.labelling import assigning
from onrecord.ledger import House
from onrecord.records import Problem, UsageError, refused
from onrecord.shelf import Shelf
from onrecord.text import sha256

ADD_ANNOTATOR = "write a line for each: id,kind,model,version,given (of a person: ann,person,,,)"
"""What is to be done where corpus/annotators.csv does not know somebody."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Batch(NamedTuple):
    """A batch: its articles by annotator; the annotator "" is whoever logs in."""

    name: str
    assigned: dict[str, list[str]]

    @property
    def articles(self) -> list[str]:
        return list(dict.fromkeys(a for ids in self.assigned.values() for a in ids))


def batch_name(name: str) -> str:
    """The name if it can be a batch's. Raises UsageError otherwise."""
    return _fit(name, "name for a batch")


def annotator_name(name: str) -> str:
    """The name if it can be an annotator's. Raises UsageError otherwise."""
    return _fit(name, "id for an annotator")


def is_name(name: str) -> bool:
    """Whether a batch or an annotator can have this name."""
    return bool(_NAME.fullmatch(name)) and len(name) <= 24


def _fit(name: str, what: str) -> str:
    if not is_name(name):
        raise UsageError(
            f"{name!r} is no {what}", "lower case letters, digits and single hyphens, at most 24"
        )
    return name


def known_annotators(house: House, names: Iterable[str]) -> None:
    """Raises UsageError where corpus/annotators.csv does not know one of `names`."""
    known = annotators_of(house)
    if strange := [name for name in names if name not in known]:
        raise UsageError(f"not in corpus/annotators.csv: {', '.join(strange)}", ADD_ANNOTATOR)


def read_batch(house: House, name: str) -> Batch | None:
    """The batch as corpus/batches/<name>.csv assigns it, None where there is no such file.

    An article that was withdrawn is in no batch, whoever still names it.
    """
    path = house.batches / f"{batch_name(name)}.csv"
    if not path.exists():
        return None
    gone = {row[0] for row in ledger.withdrawn(house)}
    assigned: dict[str, dict[str, None]] = {}  # each once, in order
    for line, (article, annotator) in ledger.read_csv(path, ledger.BATCH, name=house.name(path)):
        if article in gone:
            continue
        if article in (mine := assigned.setdefault(annotator, {})):
            problem = Problem(
                file=house.name(path),
                line=line,
                rule="csv.repeat",
                id=article,
                message=f"{annotator} has it already; remove the line",
            )
            raise refused(problem)
        mine[article] = None
    return Batch(name, {annotator: list(mine) for annotator, mine in assigned.items()})


def assign(
    house: House,
    name: str,
    annotators: list[str],
    *,
    twice: float,
    thrice: float,
    match: str,
    limit: int,
) -> list[assigning.Row]:
    """Add to corpus/batches/<name>.csv the admitted articles that no batch has yet.

    `match` is a pattern over their ids; the batch comes to have at most `limit` that fit it (0:
    all), drawn by a hash. Returns the rows that were added; what stood in the file stays.

    Raises UsageError: somebody who is not in corpus/annotators.csv, and what `assigning.assign`
    refuses.
    """
    known_annotators(house, annotators)
    batches = {n: read_batch(house, n) for n in ledger.batch_names(house.batches, ".csv")}
    taken = {a for batch in batches.values() if batch for a in batch.articles}
    own = batches.get(batch_name(name))
    given = [(a, who) for who, ids in own.assigned.items() for a in ids] if own else []
    fits = match or "*"
    free = sorted(
        (a for a in Shelf(house) if a not in taken and fnmatchcase(a, fits)),
        key=lambda article: sha256(f"{name} {article}"),
    )
    had = sum(fnmatchcase(a, fits) for a in own.articles) if own else 0
    new = assigning.assign(
        name,
        free[: max(0, limit - had)] if limit else free,
        annotators,
        twice=twice,
        thrice=thrice,
        given=given,
    )
    path = house.batches / f"{name}.csv"
    before = path.read_bytes() if path.exists() else ledger.csv_line(ledger.BATCH)
    if not before.endswith(b"\n"):
        before += b"\n"
    atomic.write_bytes(path, before + b"".join(map(ledger.csv_line, new)))
    return new
