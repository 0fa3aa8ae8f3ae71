"""corpus/baselines.json: the scores of simple models, and the gold they were measured on.

`onrecord bench baselines --write` writes it; the dataset card reports it as long as the gold is the
same.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from onrecord.dataset.card import table
from onrecord.gold.newest import digest
from onrecord.ledger import House
from onrecord.records import DataError

FORMAT = 1
SHARES = (0.25, 0.5, 0.75, 1.0)
"""The shares of train, by articles, in the learning curve."""
STILL_RISES = 0.01
"""Minimum gain from the last quarter of train for a curve that still rises."""
NOT_MEASURED = "Baselines were not measured on the labels of this version."


class Row(msgspec.Struct, kw_only=True):
    """A figure of a system on the test split.

    `curve` has a value for each of SHARES, or only the last for a system without a curve; `low`
    and `high` are the 95 % interval of the last, over articles. `tuned` is what validation chose.
    """

    layer: str
    task: str
    system: str
    measure: str
    curve: list[float]
    low: float
    high: float
    n: int
    tuned: str = ""


class Baselines(msgspec.Struct, kw_only=True):
    """The measurements, the gold they were made on, the number of articles of each split, and the
    number of draws for parts of train."""

    format: int
    gold_sha256: str
    articles: dict[str, int]
    draws: int
    rows: list[Row]


def current(house: House) -> Baselines | None:
    """The figures of the root, None if there are none for its current gold.

    Raises DataError if the file is invalid.
    """
    if not house.baselines.exists():
        return None
    try:
        told = msgspec.json.decode(house.baselines.read_bytes(), type=Baselines)
    except msgspec.DecodeError as error:
        name = house.name(house.baselines)
        raise DataError(f"{name}: {error}; run onrecord bench baselines --write") from None
    return told if told.format == FORMAT and told.gold_sha256 == digest(house) else None


def markdown(told: Baselines | None) -> str:
    """The figures as Markdown tables, one per task, and what the curves show."""
    if told is None:
        return NOT_MEASURED
    count = told.articles
    parts = [
        f"{count['train']:,} articles of train, {count['validation']:,} of validation,"
        f" {count['test']:,} of test, all that have their text. Parts of train are the mean of"
        f" {told.draws} draws; the interval (95 %, over articles) is of the whole."
    ]
    header = ["system", "measure", *(f"{share:.0%}" for share in SHARES), "95 %", "n"]
    tasks: dict[tuple[str, str], list[Row]] = {}
    for row in told.rows:
        tasks.setdefault((row.layer, row.task), []).append(row)
    for (layer, task), rows in tasks.items():
        parts += [f"**{layer}: {task}**", table(header, map(_cells, rows))]
    return "\n\n".join([*parts, " ".join(_lessons(told.rows))])


def _cells(row: Row) -> list[str]:
    curve = [""] * (len(SHARES) - len(row.curve)) + [f"{v:.3f}" for v in row.curve]
    system = f"{row.system} ({row.tuned})" if row.tuned else row.system
    return [system, row.measure, *curve, f"{row.low:.3f} to {row.high:.3f}", f"{row.n:,}"]


def _lessons(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        if len(row.curve) == len(SHARES):
            last = row.curve[-1] - row.curve[-2]
            says = "still rises" if last >= STILL_RISES else "is level"
            says = "falls" if last <= -STILL_RISES else says
            yield (
                f"{row.task.capitalize()} ({row.measure}): the last quarter of train brings"
                f" {last:+.3f}, the curve {says}."
            )
