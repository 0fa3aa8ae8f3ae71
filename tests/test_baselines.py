"""The baselines: the same gold gives the same figures, and the card tells them while it is that."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import synthetic
from cli import onrecord
from onrecord import cli
from onrecord.dataset import baselines, choosing, measured, views
from onrecord.ledger import House
from onrecord.quality.training import Example
from onrecord.records import DataError
from onrecord.verbs.bench import between
from parts import HOME
from test_suggest import invented, need


def test_baselines_are_measured_and_told_while_they_hold(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    house = synthetic.furnish(tmp_path, invented(20))
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "baselines.md"
    page.write_text("Before.\n<!-- baselines -->\nold\n<!-- /baselines -->\nAfter.\n", "utf-8")
    told = onrecord("bench", "baselines", "--write", cwd=tmp_path)
    figures = json.loads(house.baselines.read_text("utf-8"))
    rows = {(r["task"], r["measure"]): r for r in figures["rows"] if len(r["curve"]) == 4}
    # There is one turn of phrase to learn, and everything can be learnt from it.
    assert rows["names", "names, exact F1"]["curve"][-1] > 0.9
    assert rows["quotes with their speaker", "quotes, content F1"]["curve"][-1] > 0.9
    assert rows["speaker of given quotes", "accuracy, names alone given"]["curve"][-1] == 1
    assert rows["polarity toward a given target", "macro-F1 of favor and against"]["curve"][-1] == 1
    assert rows["triples of given mentions", "triples, F1"]["curve"][-1] > 0.5
    assert told.stdout.strip() in page.read_text("utf-8")
    assert page.read_text("utf-8").startswith("Before.\n")

    again = onrecord("bench", "baselines", "--format", "json", cwd=tmp_path)
    assert json.loads(again.stdout) == figures
    onrecord("build", cwd=tmp_path)
    card = (tmp_path / "build" / "hub" / "README.md").read_text("utf-8")
    assert told.stdout.strip() in card

    gold = next(house.gold.glob("*.jsonl"))
    lines = gold.read_text("utf-8").splitlines(keepends=True)
    gold.write_text("".join(lines[:-1]), "utf-8")
    assert measured.current(house) is None
    assert measured.markdown(None) == measured.NOT_MEASURED


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("corpus/baselines.json", 2, "corpus/baselines.json: Is a directory"),
        ("docs/baselines.md", 2, "docs/.baselines.md.part: Read-only file system"),
        ("docs/baselines.md", 1, "the page has no part <!-- baselines --> to replace"),
    ],
)
def test_what_could_not_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int, says: str
) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample())
    page = tmp_path / "docs" / "baselines.md"
    page.parent.mkdir()
    page.write_text(
        "<!-- baselines -->\n<!-- /baselines -->\n" if code == 2 else "Prose.\n", "utf-8"
    )
    if name == "corpus/baselines.json":
        house.baselines.mkdir()
    elif code == 2:
        opened = os.open

        def read_only(path: str | Path, *more: int, **named: int) -> int:
            if Path(path).parent == page.parent:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fspath(path))
            return opened(path, *more, **named)

        monkeypatch.setattr(os, "open", read_only)
    said: list[str] = []
    monkeypatch.setattr(cli, "say", said.append)
    monkeypatch.setattr(baselines, "measure", Mock(side_effect=AssertionError("minutes of work")))
    assert cli.run(["bench", "baselines", "--write", "--root", str(tmp_path)]) == code
    assert says in said[0]
    assert list(tmp_path.rglob("*.part")) == []


def test_the_cards_code_counts_who_was_chosen_as_the_baselines_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    examples = [Example(sheet.article, sheet.gold()) for sheet in synthetic.sample()]
    rows = [row for article, gold in examples for row in views.documents(article, gold)]
    shown = [e for e in examples if e.article.rights.release != "withhold"]
    blocks = re.findall(
        r"(?ms)^```python\n(.*?)^```", (HOME / "DATASET_CARD.md").read_text("utf-8")
    )
    names: dict[str, Any] = {"documents": {"train": rows, "test": rows}}
    for code in blocks:
        if "def candidates" in code or "def accuracy" in code:
            exec(code, names)
    nearest = dict.fromkeys(baselines.CHOICES, choosing.nearest)
    told = baselines.choice_score(nearest, shown)
    assert told["names"].value < told["all"].value < 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"all mentions given: {told['all'].value:.3f}",
        f"names alone: {told['names'].value:.3f}",
    ]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize("lost", ["stances", "speakers"])
def test_a_split_without_a_stance_or_speaker_is_told(split: str, lost: str) -> None:
    need("pycrfsuite", "sklearn")
    splits: dict[str, list[Example]] = {
        name: [Example(sheet.article, sheet.gold())]
        for name, sheet in zip(("train", "validation", "test"), invented(3), strict=True)
    }
    gold = splits[split][0].gold
    if lost == "stances":
        gold.stances = []
    for quote in gold.quotes if lost == "speakers" else ():
        quote.speaker, quote.speaker_entities = [], []
    with pytest.raises(DataError, match=f"the gold of {split} has no {lost}"):
        baselines.measure(splits, {}, "")


def test_figures_that_are_none_are_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.corpus.mkdir()
    house.baselines.write_text("{}", "utf-8")
    with pytest.raises(DataError, match="onrecord bench baselines --write"):
        measured.current(house)
    with pytest.raises(DataError, match="no part"):
        between("a page", "baselines", "text")


def test_those_of_this_corpus_are_of_its_gold_and_in_the_docs() -> None:
    told = measured.current(House(HOME))
    assert told is not None, "run: onrecord hydrate, then onrecord bench baselines --write"
    assert measured.markdown(told) in (HOME / "docs" / "baselines.md").read_text("utf-8")
