"""What correcting suggestions costs compared with labelling from scratch, on articles with gold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from onrecord import ledger
from onrecord.gold.documents import settled_of
from onrecord.gold.newest import newest_batches
from onrecord.gold.works import Works
from onrecord.labelling import effort
from onrecord.ledger import House
from onrecord.quality import comparing
from onrecord.records import Annotation, Article


class Plan(NamedTuple):
    """An article, what is suggested for it, and its gold as an annotation."""

    article: Article
    have: Annotation
    want: Annotation


def plans(
    house: House,
    suggest: Callable[[Article], Annotation],
    *,
    match: str = "wikinews-*",
    limit: int = 10,
) -> list[Plan]:
    """The first test articles, by id, that match, have gold, and whose text is at hand."""
    split_of = ledger.splits(house)
    newest = newest_batches(house)
    rooms: dict[str, Works] = {}
    made: list[Plan] = []
    for article_id in sorted(newest):
        if len(made) == limit:
            break
        if not fnmatchcase(article_id, match):
            continue
        batch = newest[article_id]
        work = rooms.setdefault(batch, Works(house, batch)).of(article_id)
        if work is None or not work.article.text or split_of.get(work.article.story) != "test":
            continue
        have = suggest(work.article)
        made.append(Plan(work.article, have, effort.graph(settled_of(work), have)))
    return made


class Bill(msgspec.Struct, kw_only=True):
    """The actions of articles: by layer, from nothing and from suggestions; and by edit, from
    suggestions."""

    counted: str
    nothing: dict[str, int]
    suggested: dict[str, int]
    edits: dict[str, int]


COUNTED = {
    "keys": "every letter that is written is a key",
    "pasted": "what is written counts as one",
    "frugal": "the same, and an entity only where gold would be another without it",
}


def bills(made: Iterable[Plan]) -> list[Bill]:
    """What the plans cost, counted in the three ways of COUNTED.

    Each plan is carried out on paper, and must give the gold. Raises ValueError where one does not.
    """
    told = {way: Bill(counted=way, nothing={}, suggested={}, edits={}) for way in COUNTED}
    for plan in made:
        text, goal = plan.article.text, comparing.reading(plan.article, plan.want)
        for have in (effort.empty(plan.want), plan.have):
            for way, bill in told.items():
                todo = effort.edits(text, have, plan.want, frugal=way == "frugal")
                done = comparing.reading(plan.article, effort.applied(have, todo))
                wrong = effort.unlike(goal, done)
                if wrong:
                    raise ValueError(f"{plan.article.id}: the edits miss {', '.join(wrong)}")
                side = bill.suggested if have is plan.have else bill.nothing
                for edit in todo:
                    cost = edit.keys if way == "keys" else edit.actions
                    side[edit.layer] = side.get(edit.layer, 0) + cost
                    if have is plan.have:
                        bill.edits[edit.what] = bill.edits.get(edit.what, 0) + cost
    return list(told.values())
