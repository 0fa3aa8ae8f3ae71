"""The corpus of this repository: a few stated facts, and the rules."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ahocorasick_rs import AhoCorasick

from cli import onrecord
from onrecord import ledger
from onrecord.gold.newest import newest_batches, newest_gold
from onrecord.ledger import House
from onrecord.records import Annotation
from onrecord.shelf import Shelf
from parts import HOME, shared

HOUSE = House(HOME)
GOLD = list(newest_gold(HOUSE))
SHELF = Shelf(HOUSE)


def test_the_rules_hold(tmp_path: Path) -> None:
    for name in ("corpus", "schema"):
        shutil.copytree(HOME / name, tmp_path / name)
    told = onrecord("check", "--format", "json", cwd=tmp_path)
    assert json.loads(told.stdout)["problems"] == []


def test_articles_by_their_rights() -> None:
    found = Counter(SHELF.record(i).rights.release for i in SHELF)
    assert found == {"ship": 64, "fetch": 234, "withhold": 1}


def test_gold_is_in_all_three_layers_and_declared() -> None:
    assert len(GOLD) == len({gold.article_id for gold in GOLD}) >= 60
    assert {tuple(gold.layers) for gold in GOLD} == {("entities", "quotes", "stance")}
    assert {gold.label_source for gold in GOLD} == {"machine-generated"}


def test_gold_is_labelled_twice() -> None:
    assert [g.article_id for g in GOLD if g.n_annotators < 2] == []


def test_nothing_of_the_first_guidelines_is_gold() -> None:
    assert not {"foundation", "pilot-1"} & set(newest_batches(HOUSE).values())


def test_what_is_in_the_layers() -> None:
    assert len([m for g in GOLD for m in g.mentions]) >= 450
    quotes = Counter(q.type for g in GOLD for q in g.quotes)
    assert min(quotes["direct"], quotes["indirect"], quotes["mixed"]) >= 10
    assert any(len(q.spans) > 1 for g in GOLD for q in g.quotes), "a quote in two pieces"
    assert any(q.parent for g in GOLD for q in g.quotes), "a quote inside a quote"
    stances = Counter(s.polarity for g in GOLD for s in g.stances)
    assert min(stances["favor"], stances["against"]) >= 20
    assert {s.holder_level for g in GOLD for s in g.stances} >= {"quoted", "reported", "unnamed"}


def test_the_documented_counts_are_golds() -> None:
    """The table "Counts (gold)" of docs/corpus.md; its words are counted where the texts are."""
    splits = dict(row for _, row in ledger.read_csv(HOUSE.splits, ["story", "split"]))
    source = {"ship": "house", "fetch": "wikinews", "withhold": "withheld"}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for gold in GOLD:
        article = SHELF.record(gold.article_id)
        for row in ((source[article.rights.release], splits[article.story]), ("all", "")):
            counts.setdefault(row, Counter()).update(
                articles=1,
                names=sum(m.form == "name" for m in gold.mentions),
                mentions=sum(m.form != "name" for m in gold.mentions),
                quotes=len(gold.quotes),
                stances=len(gold.stances),
            )
    page = (HOME / "docs/corpus.md").read_text("utf-8")
    _, _, table = page.partition("## Counts (gold)")
    told: dict[tuple[str, str], list[str]] = {}
    for line in table.partition("\n\nOf ")[0].splitlines()[4:]:
        kind, split, articles, _, *others = (cell.strip() for cell in line.split("|")[1:-1])
        told[kind, split] = [articles, *others]
    assert told == {row: [f"{n:,}" for n in count.values()] for row, count in counts.items()}


def test_every_split_has_an_article_whose_text_ships() -> None:
    splits = dict(row for _, row in ledger.read_csv(HOUSE.splits, ["story", "split"]))
    shipped = [SHELF.record(i) for i in SHELF if SHELF.record(i).rights.release == "ship"]
    assert {splits[article.story] for article in shipped} == {"train", "validation", "test"}


def test_annotators_are_declared_as_what_they_are() -> None:
    columns = ["id", "kind", "model", "version", "given"]
    known = {row[0]: row for _, row in ledger.read_csv(HOUSE.annotators, columns)}
    for path in HOUSE.annotations.rglob("*.jsonl"):
        assert known[path.stem][1] == "model"
        assert known[path.stem][2], "a model is named"
        for row in ledger.read(path, Annotation):
            assert (row.annotator, row.batch) == (path.stem, path.parent.name)


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything after the ledgers, made again from nothing in a copy of the root."""
    news, seeds = shared("data/open-news"), shared("seeds")
    root = tmp_path_factory.mktemp("rebuilt")
    shutil.copytree(HOME / "corpus", root / "corpus")
    shutil.rmtree(root / "corpus/gold")
    onrecord("hydrate", "--from", str(news), "--from", str(seeds), cwd=root)
    onrecord("gold", cwd=root)
    onrecord("build", cwd=root)
    return root


def test_gold_made_again_is_the_same_bytes(rebuilt: Path) -> None:
    made, kept = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (rebuilt / "corpus/gold", HOUSE.gold)
    )
    assert made.keys() == kept.keys()
    assert [name for name in kept if made[name] != kept[name]] == []


def shown_code() -> Iterator[Any]:
    """The Python of README.md and docs/library.md, with what it is said to print."""
    for page in ("README.md", "docs/library.md"):
        words = (HOME / page).read_text("utf-8")
        found = re.findall(r"(?ms)^```python\n(.*?)^```\n\n```text\n(.*?)^```", words)
        assert words.count("```python") == len(found) > 0
        for number, (snippet, shown) in enumerate(found, start=1):
            yield pytest.param(snippet, shown, id=f"{page}-{number}")


@pytest.mark.parametrize(("snippet", "shown"), list(shown_code()))
def test_code_that_is_shown_prints_what_is_shown(rebuilt: Path, snippet: str, shown: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=rebuilt,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(rebuilt / "hf")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == shown


def test_no_word_of_a_withheld_text_is_in_the_dataset(rebuilt: Path) -> None:
    (article,) = (SHELF.record(i) for i in SHELF if SHELF.record(i).rights.release == "withhold")
    text = json.loads((rebuilt / f"build/text/{article.id}.json").read_text("utf-8"))["text"]
    words = text.split()
    runs = [" ".join(words[i : i + 5]) for i in range(len(words) - 4)]
    assert len(runs) > 100
    search = AhoCorasick(runs)
    for folder in (rebuilt / "build/hub/jsonl", HOME / "corpus"):
        for path in folder.rglob("*.*"):
            assert search.find_matches_as_strings(path.read_text("utf-8")) == [], path
