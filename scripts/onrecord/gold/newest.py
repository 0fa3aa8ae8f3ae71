"""Which batch's gold is an article's, where several have one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from onrecord import ledger
from onrecord.ledger import House
from onrecord.records import Gold, Record


class _Head(Record, forbid_unknown_fields=False, kw_only=True):
    """What of a row of gold, and of an adjudication, says whose gold counts."""

    article_id: str
    adjudicator: str = ""
    created_at: str = ""


def newest_batches(house: House) -> dict[str, str]:
    """Article id -> the batch whose gold it is: the newest adjudicated, else the last by name.

    Raises DataError (json.malformed, schema).
    """
    return {article_id: batch for article_id, batch, counts in _settled(house) if counts}


def newest_by_place(house: House) -> ledger.Few:
    """As `newest_batches`, in 30 bytes an article instead of 170, for whoever only asks by id."""
    newest = ledger.Few()
    for article_id, batch, counts in _settled(house):
        if counts:
            newest[article_id] = batch
    return newest


def newest_of_several(house: House) -> dict[str, str]:
    """As `newest_batches`, of the articles only that more than one batch has gold of."""
    first = ledger.Few()
    several: dict[str, str] = {}
    for article_id, batch, counts in _settled(house):
        if not (earlier := first.get(article_id)):
            first[article_id] = batch
        elif earlier != batch:
            several.setdefault(article_id, earlier)
            if counts:
                several[article_id] = batch
    return several


def _settled(house: House) -> Iterator[tuple[str, str, bool]]:
    """(article id, batch, whether it counts so far) for every row: the last that counts, counts."""
    when: dict[str, str] = {}
    for batch in ledger.batch_names(house.gold, ".jsonl"):
        path = house.adjudications / f"{batch}.jsonl"
        rows = ledger.read(path, _Head, name=house.name(path))
        decided = {row.article_id: row.created_at for row in rows}
        path = house.gold / f"{batch}.jsonl"
        for gold in ledger.read(path, _Head, name=house.name(path)):
            now = decided.get(gold.article_id, "") if gold.adjudicator else ""
            counts = now >= when.get(gold.article_id, "")
            if counts and now:
                when[gold.article_id] = now
            yield gold.article_id, batch, counts


def newest_gold(house: House, newest: ledger.Few | None = None) -> Iterator[Gold]:
    """The gold of every article, in the order of batches and rows. Holds ids, not gold.

    `newest` is what `newest_by_place` gives; an article that was given has "" there.
    """
    newest = newest_by_place(house) if newest is None else newest
    for batch in ledger.batch_names(house.gold, ".jsonl"):
        for gold in _gold(house, batch):
            if newest.get(gold.article_id) == batch:
                newest[gold.article_id] = ""
                yield gold


def digest(house: House) -> str:
    """The sha256 of the newest gold, so that a figure can say which gold it was taken on."""
    whole = hashlib.sha256()
    for gold in newest_gold(house):
        whole.update(ledger.encode(gold))
    return whole.hexdigest()


def _gold(house: House, batch: str) -> Iterator[Gold]:
    path = house.gold / f"{batch}.jsonl"
    return ledger.read(path, Gold, name=house.name(path))
