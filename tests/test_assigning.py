"""Who labels what: shares, balance, and that a plan only grows."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from cases.check.make import make_base
from cli import onrecord
from onrecord.labelling.assigning import assign
from onrecord.records import UsageError

PEOPLE = ["ann", "bob", "cyd", "dee"]
ARTICLES = [f"harbour-post-{number:012x}" for number in range(200)]


def by_article(rows: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for article, name in rows:
        assert name not in found.get(article, set()), "nobody labels an article twice"
        found.setdefault(article, set()).add(name)
    return found


def test_shares_are_met_and_everybody_has_the_same_to_do() -> None:
    rows = assign("first", ARTICLES, PEOPLE, twice=0.2, thrice=0.05)
    found = by_article(rows)
    assert set(found) == set(ARTICLES)
    assert Counter(map(len, found.values())) == {1: 150, 2: 40, 3: 10}
    loads = Counter(name for _, name in rows)
    assert max(loads.values()) - min(loads.values()) <= 1
    pairs = Counter(p for names in found.values() for p in combinations(sorted(names), 2))
    assert len(pairs) == 6, "everybody is compared with everybody"
    assert max(pairs.values()) - min(pairs.values()) <= 4


def test_the_same_input_in_any_order_gives_the_same_plan() -> None:
    plan = assign("first", ARTICLES, PEOPLE, twice=0.2)
    assert assign("first", reversed(ARTICLES), PEOPLE, twice=0.2) == plan
    assert assign("second", ARTICLES, PEOPLE, twice=0.2) != plan


def test_what_was_assigned_stays_and_newcomers_catch_up() -> None:
    first = assign("first", ARTICLES[:100], PEOPLE[:2])
    more = assign("first", ARTICLES, PEOPLE, given=first)
    assert {article for article, _ in more} == set(ARTICLES[100:])
    loads = Counter(name for _, name in [*first, *more])
    assert set(loads.values()) == {50}
    assert assign("first", ARTICLES, PEOPLE, given=[*first, *more]) == []


def test_the_order_does_not_tell_which_are_labelled_several_times() -> None:
    rows = assign("first", ARTICLES, PEOPLE, twice=0.5)
    counts = Counter(article for article, _ in rows)
    order = list(dict.fromkeys(article for article, _ in rows))
    first_half = [counts[article] for article in order[:100]]
    assert 30 < first_half.count(2) < 70


@pytest.mark.parametrize(
    ("people", "shares", "words"),
    [
        ([], {}, "nobody"),
        (["ann", "ann"], {}, "named twice"),
        (["ann"], {"twice": 0.1}, "cannot label an article 2 times"),
        (["ann", "bob"], {"thrice": 0.1}, "cannot label an article 3 times"),
        (PEOPLE, {"twice": 0.7, "thrice": 0.7}, "at most 1"),
        (PEOPLE, {"twice": -0.1}, "shares"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    people: list[str], shares: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        assign("first", ARTICLES, people, **shares)


def test_a_limit_is_the_batchs_so_that_the_same_line_again_adds_nothing(tmp_path: Path) -> None:
    make_base(tmp_path)
    (tmp_path / "corpus/batches/b1.csv").unlink()
    line = ("assign", "--batch", "two", "--annotator", "ann", "--limit")
    onrecord(*line, "2", cwd=tmp_path)
    file = tmp_path / "corpus/batches/two.csv"
    before = file.read_text("utf-8")
    assert before.count(",ann\n") == 2
    assert "nothing new" in onrecord(*line, "2", cwd=tmp_path).stderr
    assert file.read_text("utf-8") == before
    onrecord(*line, "3", cwd=tmp_path)
    assert file.read_text("utf-8").startswith(before)
    assert file.read_text("utf-8").count(",ann\n") == 3


def test_names_that_are_too_long_together_are_refused_before_anything_is_written_or_sent(
    tmp_path: Path,
) -> None:
    make_base(tmp_path)
    batch, long = "b" * 20, "a" * 19  # each of them can be a name
    people = tmp_path / "corpus/annotators.csv"
    people.write_text(people.read_text("utf-8") + f"{long},person,,,\n", "utf-8")
    file = tmp_path / f"corpus/batches/{batch}.csv"
    (tmp_path / "corpus/batches/b1.csv").rename(file)
    before = file.read_bytes()
    line = ("assign", "--batch", batch, "--annotator", "ann", "--annotator")
    told = onrecord(*line, long, cwd=tmp_path, code=2)
    assert "by 1 character" in told.stderr
    assert file.read_bytes() == before
    first = before.decode().splitlines()[1].split(",")[0]
    file.write_text(f"article,annotator\n{first},ann\n{first},{long}\n", "utf-8")
    told = onrecord("push", "--batch", batch, "--isolated", cwd=tmp_path, code=2)
    assert "by 1 character" in told.stderr
    assert not (tmp_path / "build/isolated").exists(), "ann would have come first"
