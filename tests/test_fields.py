"""The fields: what the card and Croissant say of them is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from onrecord import ledger
from onrecord.dataset import building, fields, folder, hub, views
from onrecord.dataset.fields import EXAMPLE, Classes, Field, Inside, Many
from onrecord.gold.newest import newest_gold
from onrecord.labels import load
from onrecord.ledger import House
from onrecord.records import Article
from parts import HOME

CONFIGS = fields.configs(load())


def example(field: Field) -> Any:
    """A field's example; of a struct the examples of its fields, of a class label its id."""
    kind = field.kind.of if isinstance(field.kind, Many) else field.kind
    if isinstance(kind, Inside):
        struct = {inner.name: example(inner) for inner in kind.fields}
        return [struct] if isinstance(field.kind, Many) else struct
    if isinstance(kind, Classes) and isinstance(field.kind, Many):
        return [kind.names.index(name) for name in field.example]
    return kind.names.index(field.example) if isinstance(kind, Classes) else field.example


def structs(value: Any) -> Iterator[dict[str, Any]]:
    """The dicts in a value, itself included."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from structs(item)


@pytest.mark.parametrize("config", CONFIGS)
def test_an_example_is_a_value_of_its_field(config: str) -> None:
    row = {field.name: example(field) for field in CONFIGS[config]}
    made = pa.Table.from_pylist([row], schema=hub.features(load())[config].arrow_schema)
    assert made.to_pylist() == [row]


@pytest.mark.parametrize("config", CONFIGS)
def test_the_examples_are_of_one_article(config: str) -> None:
    row = {field.name: example(field) for field in CONFIGS[config]}
    pairs = [("tokens", "offsets"), ("text", "spans"), ("cue_text", "cue")]
    for inner in structs(row):
        for words, spans in [*pairs, ("evidence_text", "evidence")]:
            if isinstance(inner.get(words), list):
                assert inner[words] == [EXAMPLE[start:end] for start, end in inner[spans]]
        for words in {"text", "context", "paragraph"} & inner.keys():
            if "start" in inner and isinstance(inner[words], str):
                assert inner[words] == EXAMPLE[inner["start"] : inner["end"]]
        spans = (
            inner.get("spans") or inner.get("evidence") or [[inner.get("start"), inner.get("end")]]
        )
        if (where := re.search(r"-[mqs](\d+)-(\d+)$", inner.get("id", ""))) and spans[0][0]:
            assert (int(where[1]), int(where[2])) == (spans[0][0], spans[-1][1])


def test_what_is_said_never_to_be_empty_never_is(built: building.BuildReport) -> None:
    def check(said: tuple[Field, ...], values: dict[str, Any]) -> None:
        for field in said:
            value = values[field.name]
            assert value is not None
            if not field.empty and not isinstance(value, bool | int | float):
                assert value not in ("", []) or field.name in ("layers", "annotators"), field
            kind = field.kind.of if isinstance(field.kind, Many) else field.kind
            if isinstance(kind, Inside):
                for inner in structs(value):
                    check(kind.fields, inner)

    rows = 0
    for config, columns in CONFIGS.items():
        for split in folder.splits(built.folder, config, load()):
            for row in folder.rows(built.folder, config, split):
                check(columns, row)
                rows += 1
    assert rows > 20


def test_what_can_be_decided_is_told() -> None:
    """In this corpus entities are, too: those that a decision's `same` link joins."""
    decided = next(field for field in CONFIGS["documents"] if field.name == "decided")
    (means,) = (field.means for path, field in fields.inside((decided,)) if path == "decided.id")
    for gold in newest_gold(House(HOME)):
        kinds = {
            "mention": gold.mentions,
            "entity": gold.entities,
            "quote": gold.quotes,
            "stance": gold.stances,
        }
        of = {item.id: kind for kind, items in kinds.items() for item in items}
        assert all(of[each.id] in means for each in gold.decided)


def test_what_may_stand_in_another_paragraph_is_told() -> None:
    """In this corpus a cue does, and a speaker, an addressee, a holder and a target."""
    golds = {gold.article_id: gold for gold in newest_gold(House(HOME))}
    outside: set[tuple[str, str]] = set()
    for article in (
        article
        for file in ledger.article_files(House(HOME))
        for article in ledger.read(file, Article)
        if article.text and article.id in golds
    ):
        gold = golds[article.id]
        views_of = {"quotes": views.quotes(article, gold), "stance": views.stance(article, gold)}
        for config, row in ((config, row) for config, rows in views_of.items() for row in rows):
            for name in {"cue", "speaker", "addressee", "holder", "target"} & row.keys():
                starts = (at["start"] if isinstance(at, dict) else at[0] for at in row[name])
                if any(not row["start"] <= start < row["end"] for start in starts):
                    outside.add((config, name))
    means = {(config, field.name): field.means for config in CONFIGS for field in CONFIGS[config]}
    assert {at for at in means if "perhaps in another paragraph" in means[at]} == outside


def test_a_struct_of_several_columns_is_told_once() -> None:
    paths = [path for path, _ in fields.inside(CONFIGS["quotes"])]
    assert "speaker.form" in paths
    assert "speaker_entities.kb_id" in paths
    assert not any(path.startswith("addressee.") for path in paths)
