"""The edits between two annotations: they end at the gold. What they cost: test_interface.py."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

import synthetic
from cli import onrecord
from onrecord.gold.documents import settled_of
from onrecord.gold.newest import newest_batches
from onrecord.gold.works import Works
from onrecord.labelling import effort
from onrecord.ledger import House
from onrecord.quality import comparing
from onrecord.records import Annotation, Article
from onrecord.suggest import engine
from parts import HOME


def golds() -> list[tuple[Article, Annotation]]:
    """The articles of this corpus whose text ships, each with its gold as an annotation."""
    house = House(HOME)
    newest = newest_batches(house)
    found = []
    for batch in sorted(set(newest.values())):
        for work in Works(house, batch):
            if newest[work.article.id] == batch and work.article.rights.release == "ship":
                found.append((work.article, effort.graph(settled_of(work), work.submitted[0])))
    return found


@pytest.mark.parametrize("frugal", [False, True])
def test_the_edits_end_at_the_gold(frugal: bool) -> None:
    kinds: Counter[str] = Counter()
    for article, want in golds():
        goal = comparing.reading(article, want)
        for have in (effort.empty(want), engine.suggest(article), want):
            todo = effort.edits(article.text, have, want, frugal=frugal)
            done = effort.applied(have, todo)
            assert effort.unlike(goal, comparing.reading(article, done)) == [], article.id
            assert have is not want or todo == []
            kinds.update(edit.kind for edit in todo)
    assert set(kinds) == set(effort.COSTS)


def test_what_is_there_costs_nothing_and_what_is_wrong_the_least() -> None:
    sheet = synthetic.trams()
    want = sheet.annotation("b", "ann")
    text = sheet.article.text
    assert effort.edits(text, want, want) == []
    quote = next(s for s in want.spans if s.label == "QUOTE")
    longer = msgspec.structs.replace(quote, end=quote.end + 1)
    have = msgspec.structs.replace(want, spans=[longer if s is quote else s for s in want.spans])
    # Its edge is moved, so that speaker and cue stay.
    assert [edit.what for edit in effort.edits(text, have, want)] == ["edge QUOTE"]


def test_who_is_frugal_names_an_entity_once_for_each_of_its_names() -> None:
    text = "Odd Vik left Kelso. Vik is a friend of Kelso Rovers, and Vik came back."
    sheet = synthetic.Sheet(synthetic.article([("body", text)]))
    sheet.mention("Odd Vik", "PERSON")
    for nth in (2, 3):
        sheet.mention("Vik", "PERSON", nth=nth, of="Odd Vik")
    want = sheet.annotation("b", "ann")
    empty = effort.empty(want)
    named = {
        frugal: sum("entity" in e.kind for e in effort.edits(text, empty, want, frugal=frugal))
        for frugal in (False, True)
    }
    assert named == {False: 3, True: 2}


def test_bench_actions(tmp_path: Path) -> None:
    sheets = [synthetic.trams()]
    synthetic.furnish(tmp_path, sheets)
    (tmp_path / "corpus" / "splits.csv").write_text(
        f"story,split\n{sheets[0].article.story},test\n", "utf-8"
    )
    told = onrecord("bench", "actions", "--match", "*", "--format", "json", cwd=tmp_path)
    found = json.loads(told.stdout)
    assert found["articles"] == [sheets[0].article.id]
    for bill in found["bills"]:
        assert 0 < sum(bill["suggested"].values()) < sum(bill["nothing"].values())
    told = onrecord("bench", "actions", "--match", "no-*", cwd=tmp_path, code=1)
    assert "no test article" in told.stderr
