"""The pass of `suggest`: articles to the annotations that their annotators start from."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from onrecord import ledger, places
from onrecord.ledger import House
from onrecord.pieces import Size, stretches
from onrecord.records import Article, Problem
from onrecord.running.passes import (
    DONE,
    LEFT,
    UNWATCHED,
    Documents,
    Row,
    Watch,
    Where,
    placed,
    problem,
)
from onrecord.running.shards import Shard, make
from onrecord.suggest.given import Given, plain
from onrecord.text import sha256

if TYPE_CHECKING:
    from onrecord.suggest.engine import Knowledge, Model


@dataclass(frozen=True)
class Suggest:
    """The pass. `state` is a fingerprint of gold, model and hydrated texts."""

    root: str
    model: str
    batch: str
    plain: bool
    state: str
    rule: str = "suggest.failed"

    def read(
        self, shard: Shard, watch: Watch = UNWATCHED
    ) -> Iterator[tuple[Where, Given] | Problem | None]:
        for found in placed(shard, self.rule, watch):
            if found is None or isinstance(found, Problem):
                yield found
                continue
            where, line = found
            try:
                given = ledger.decoded(line.removeprefix(BOM_UTF8), Given)
            except msgspec.DecodeError as error:
                yield problem("schema", where, f"{error}; a row needs id and text")
            else:
                yield where._replace(id=given.id), given

    def where(self, given: tuple[Where, Given]) -> Where:
        return given[0]

    def row(self, given: tuple[Where, Given]) -> Row:
        from onrecord.suggest import engine

        article = with_text(House(Path(self.root)), given[1])
        if article is None:
            return Row(LEFT, given[1].id.encode() + b"\n")
        knowledge, model = _loaded(self)
        made = engine.suggest(
            engine.bare(article.id, article.text, article.language, article.segments),
            batch=self.batch,
            knowledge=knowledge,
            model=model,
        )
        line = msgspec.json.encode(plain(article, made)) + b"\n" if self.plain else None
        return Row(DONE, line or ledger.encode(made))


def with_text(house: House, row: Given) -> Given | None:
    """The row with its text, from build/text if it has none; None if that is missing, too."""
    if row.text or not row.text_sha256:
        return row
    copy = house.text / f"{row.id}.json"
    if not copy.exists():
        return None
    article = ledger.decoded(copy.read_bytes(), Article)
    if sha256(article.text) != row.text_sha256:
        return None
    return msgspec.structs.replace(row, text=article.text, segments=article.segments)


@lru_cache(maxsize=1)
def _loaded(work: Suggest) -> tuple[Knowledge, Model | None]:
    """What is known from gold, and the model; loaded once per process."""
    chosen = model(work.model)
    return knowledge(House(Path(work.root)), chosen), chosen


def model(name: str) -> Model | None:
    """The model of `--model NAME`. Raises UsageError if there is none."""
    if name == "rules":
        return None
    folder = Path(name)
    if (folder / "model.json").is_file():
        from onrecord.suggest import trained

        return trained.load(folder)
    from onrecord.suggest import syntax

    return syntax.load(name)


def knowledge(house: House, model: Model | None) -> Knowledge:
    """What is known from the root's gold; a trained model has its own."""
    from onrecord.gold.newest import newest_gold
    from onrecord.suggest.engine import Knowledge
    from onrecord.suggest.entities import learn

    if model is not None and model.known is not None:
        return Knowledge(model.known)
    return Knowledge(learn(newest_gold(house)))


def stage(work: Path, articles: str, made: Suggest, size: Size) -> Documents[Suggest]:
    """The stage for a file of articles."""
    planned = make(work, stretches(places.place(articles), size), size, ["suggest", made])
    return Documents(made, planned.folder.as_posix(), "suggest", len(planned))
