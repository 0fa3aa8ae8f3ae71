"""The card: every column and label explained, every figure the build's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from datasets import Features, List

import synthetic
from onrecord.dataset import card, hub
from onrecord.labels import load
from onrecord.records import DataError

TEMPLATE = (Path(__file__).parents[1] / "DATASET_CARD.md").read_text(encoding="utf-8")


def tally(*sheets: synthetic.Sheet) -> card.Tally:
    counted = card.Tally()
    for sheet in sheets:
        counted.add(sheet.article, sheet.gold(), "train", load())
    return counted


def filled(counted: card.Tally, template: str = TEMPLATE) -> str:
    rows = [("documents", "train", 2)]
    annotators = [["ann", "model", "m|1", "1", ""]]
    gone = [["coast-paper-0123456789ab", "2024-03-01T10:00:00Z", "asked for"]]
    values = card.fills(counted, rows, annotators, gone, load(), "1.2.3")
    return card.fill(template, values)


def section(title: str) -> str:
    match = re.search(rf"(?ms)^### {title}$(.*?)(?=^##|\Z)", TEMPLATE)
    assert match, title
    return match[1]


def names(features: Features) -> set[str]:
    """Every column, and every field inside one."""
    found = set(features)
    for kind in features.values():
        inner = kind.feature if isinstance(kind, List) else kind
        if isinstance(inner, dict):
            found |= set(inner)
    return found


@pytest.mark.parametrize("config", hub.features(load()))
def test_every_field_is_explained_where_its_config_is(config: str) -> None:
    told = set(re.findall(r"`(\w+)`", section("Every row") + section(config)))
    assert names(hub.features(load())[config]) - told == set()


def test_every_label_and_value_is_in_the_card() -> None:
    text = filled(tally(synthetic.trams()))
    labels = load()
    for name in [*labels.spans, *labels.links, *(v for vs in labels.values.values() for v in vs)]:
        assert f"| `{name}` |" in text


def test_figures_are_counted_from_gold() -> None:
    text = filled(tally(synthetic.trams(), synthetic.harbour("fetch", "Example News")))
    assert re.search(r"\| `QUOTE` \|.*\| 6 \|", text)
    assert re.search(r"\| `STANCE_AGAINST` \|.*\| 3 \|", text)
    assert "| Example News | CC-BY-2.5 | fetch | 1 | 1 |" in text
    assert "| stance | 2 | machine-generated | single | 1 |" in text
    assert "| `documents` | 2 | 0 | 0 |" in text
    assert "| ann | model | m\\|1 | 1 |  |" in text
    assert "version 1.2.3: 2 articles, 0 of them" in text
    assert "| coast-paper-0123456789ab | 2024-03-01T10:00:00Z | asked for |" in text


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["machine-generated"], "made by a language model"),
        (["human"], "made by persons"),
        (["human", "machine-generated"], "some by language models"),
    ],
)
def test_who_labelled_is_told_as_it_is(sources: list[str], says: str) -> None:
    counted = card.Tally()
    for source in sources:
        gold = synthetic.weather().gold()
        gold.label_source = source
        counted.add(synthetic.weather().article, gold, "train", load())
    assert says in filled(counted, "{{labelled_by}}")


@pytest.mark.parametrize("hole", ["{{figures}}", "{{ version }}", "{{}}"])
def test_an_unknown_placeholder_is_an_error(hole: str) -> None:
    with pytest.raises(DataError, match="unknown placeholder"):
        filled(tally(), f"a {hole} b")
