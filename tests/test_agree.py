"""Agreement: who is compared with whom, under which heading, and what the command tells."""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

import synthetic
from cli import onrecord
from onrecord import console, ledger
from onrecord.dataset import building
from onrecord.gold.works import Annotator, Work
from onrecord.quality import figures
from onrecord.quality.agree import (
    HEADINGS,
    PEERS,
    Agreement,
    Confused,
    agreement,
    kind_of,
    kinds_of,
    of_batches,
)
from onrecord.quality.comparing import Comparison, compare, reading
from onrecord.quality.measures import MEASURES, measure
from onrecord.quality.spread import CHUNK, spread
from onrecord.quality.stale import gold_stale
from onrecord.records import Annotation, DataError
from onrecord.verbs import quality

PEOPLE = {
    "ann": Annotator("ann", "person"),
    "bob": Annotator("bob", "person"),
    "lm-a": Annotator("lm-a", "model", "Model One", "1"),
    "lm-b": Annotator("lm-b", "model", "Model One", "2"),
    "other": Annotator("other", "model", "Model Two", "1"),
}
SHEETS = [synthetic.trams(), synthetic.harbour(), synthetic.weather()]


def work(sheet: synthetic.Sheet, names: Sequence[str], rng: random.Random | None = None) -> Work:
    rows = [sheet.annotation("b1", name) for name in names]
    if rng:
        for row in rows:
            row.spans = [s for s in row.spans if rng.random() < 0.9]
            kept = {span.id for span in row.spans}
            row.links = [k for k in row.links if {k.from_, k.to} <= kept]
    return Work(sheet.article, rows, None, rows)


def test_every_pair_of_kinds_has_its_own_heading() -> None:
    assert kind_of(PEOPLE["ann"], PEOPLE["bob"]) == "people"
    assert kind_of(PEOPLE["ann"], PEOPLE["lm-a"]) == "person-model"
    assert kind_of(PEOPLE["lm-a"], PEOPLE["lm-b"]) == "self-consistency"
    assert kind_of(PEOPLE["lm-a"], PEOPLE["other"]) == "models"
    told = agreement([work(sheet, list(PEOPLE)) for sheet in SHEETS], PEOPLE, resamples=20)
    assert [group.kind for group in told.groups] == [k for k in HEADINGS if k != "itself"]
    pairs = {group.kind: [(p.first, p.second) for p in group.pairs] for group in told.groups}
    assert pairs["people"] == [("ann", "bob")]
    assert pairs["self-consistency"] == [("lm-a", "lm-b")]
    assert len(pairs["person-model"]) == 6
    consistent = told.group("self-consistency")
    assert consistent
    assert consistent.heading == "Model self-consistency: Model One"


def test_an_annotator_against_itself_is_1_everywhere() -> None:
    rng = random.Random(2)
    told = agreement([work(s, ["ann", "bob"], rng) for s in SHEETS], PEOPLE, itself=True)
    (group,) = told.groups
    assert [(p.first, p.second) for p in group.pairs] == [("ann", "ann"), ("bob", "bob")]
    assert {name for name, figure in group.figures.items() if figure.value != 1} == set()
    assert set(MEASURES) - set(group.figures) <= {"stance.alpha", "stance.alpha_ordinal"}


def test_neither_the_order_of_annotators_nor_that_of_articles_matters() -> None:
    rng = random.Random(4)
    works = [work(sheet, ["ann", "bob", "lm-a"], rng) for sheet in SHEETS]
    turned = [w._replace(submitted=w.submitted[::-1]) for w in reversed(works)]
    one, other = agreement(works, PEOPLE), agreement(turned, PEOPLE)
    assert any(figure.value < 1 for figure in one.groups[0].figures.values())
    assert msgspec.json.encode(one) == msgspec.json.encode(other)


def test_many_articles_are_compared_by_several_processes_and_give_the_same() -> None:
    rng = random.Random(6)
    many = [
        w._replace(
            article=msgspec.structs.replace(w.article, id=f"house-desk-{n:012x}"),
            submitted=[
                msgspec.structs.replace(row, article_id=f"house-desk-{n:012x}")
                for row in w.submitted
            ],
        )
        for n in range(70)
        for w in [work(SHEETS[n % 3], ["ann", "bob"], rng)]
    ]
    one, two = (agreement(many, PEOPLE, resamples=20, workers=n) for n in (1, 2))
    assert one.groups[0].articles == 70
    assert msgspec.json.encode(one) == msgspec.json.encode(two)


def test_what_was_compared_is_counted_and_not_kept() -> None:
    """So that thousands of articles that two people labelled fit in memory."""
    alive: list[int] = []

    def works() -> Iterator[Work]:
        for n in range(2 * CHUNK):
            if n % CHUNK == CHUNK - 1:
                alive.append(sum(type(each) is Comparison for each in gc.get_objects()))
            yield work(SHEETS[0], ["ann", "bob"])

    told = agreement(works(), PEOPLE, resamples=2)
    assert told.groups[0].articles == 1
    assert max(alive) <= 2


def test_the_counts_of_an_article_more_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while intervals are drawn, which are of all articles."""
    monkeypatch.setattr(figures, "_ROWS", 16)
    ann, bob = (work(SHEETS[0], ["ann", "bob"]).submitted[n] for n in (0, 1))
    article = SHEETS[0].article
    compared = compare(article.text, reading(article, ann), reading(article, bob))
    size = 3 * len(compared.counts)

    def most(number: int) -> int:
        tracemalloc.start()
        try:
            named = (compared._replace(article_id=f"house-desk-{n:012x}") for n in range(number))
            assert figures.figures(named, resamples=2)["entities.exact"].documents == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(50)
    assert (most(450) - most(50)) / 400 < 13 * size, "bytes"


def test_articles_with_one_annotator_are_counted_and_not_compared() -> None:
    told = agreement([work(SHEETS[0], ["ann"]), work(SHEETS[1], ["ann", "bob"])], PEOPLE)
    assert told.single == 1
    assert [group.articles for group in told.groups] == [1]


def test_an_article_without_its_text_is_named() -> None:
    done = work(SHEETS[0], ["ann", "bob"])
    told = agreement([done._replace(article=synthetic.masked(done.article))], PEOPLE)
    assert told.groups == []
    assert told.without_text == [done.article.id]


def test_a_disagreement_is_counted_once_whoever_said_which() -> None:
    done = [work(sheet, ["ann", "bob"]) for sheet in (synthetic.weather(), synthetic.harbour())]
    for w, who in zip(done, (0, 1), strict=True):  # each of the two says LOC once
        place = next(s for s in w.submitted[who].spans if s.label == "GPE")
        place.label = "LOC"
    (group,) = agreement(done, PEOPLE).groups
    confused = {(c.one, c.other): c.count for c in group.confusions["entities"]}
    assert confused["GPE", "LOC"] == 2
    assert ("LOC", "GPE") not in confused


def test_a_pair_that_meets_twice_over_an_article_has_one_article() -> None:
    """An article that the same two label again, in a later batch."""
    (group,) = agreement([work(SHEETS[0], ["ann", "bob"]) for _ in range(2)], PEOPLE).groups
    assert [pair.articles for pair in group.pairs] == [group.articles] == [1]


@pytest.mark.parametrize(
    "kinds", [["direct", "indirect", "mixed"], ["favor", "against", "neutral", "mixed", ""]]
)
def test_kinds_stand_in_the_order_of_the_labels(kinds: list[str]) -> None:
    """Quotes and polarities can both be mixed."""
    confused = [Confused(one=kind, other=kind, count=1) for kind in reversed(kinds)]
    assert kinds_of(confused) == kinds


def test_published_figures_stand_beside_measures_that_there_are() -> None:
    assert all(measure(peer.measure) for peer in PEERS)
    # Two figures of one corpus beside one measure are told apart.
    assert len(set(map(str, PEERS))) == len(PEERS)
    told = [str(peer) for peer in PEERS if peer.corpus == "PolNeAR"]
    assert told == ["PolNeAR agr 0.923", "PolNeAR alpha 0.754"]


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three articles that two runs of one model submitted, who differ in one label."""
    house = synthetic.furnish(tmp_path, SHEETS)
    rows = [sheet.annotation("b1", "bob") for sheet in SHEETS]
    next(span for span in rows[1].spans if span.label == "GPE").label = "LOC"
    ledger.write(house.annotations / "b1" / "bob.jsonl", rows)
    kinds = "id,kind,model,version,given\nann,model,A Model,1,\nbob,model,A Model,1,\n"
    house.annotators.write_text(kinds, encoding="utf-8")
    return tmp_path


def test_the_command_tells_the_same_in_both_forms(root: Path) -> None:
    told = onrecord("agree", cwd=root).stdout
    assert "Model self-consistency: A Model (ann, bob; 3 articles)" in told
    assert "no agreement between people" in told
    form = json.loads(onrecord("agree", "--batch", "b1", "--format", "json", cwd=root).stdout)
    (group,) = form["groups"]
    for name, figure in group["figures"].items():
        assert f"{measure(name).title}  " in told
        assert f"{figure['value']:.3f}" in told
    again = msgspec.convert({k: v for k, v in form.items() if k != "peers"}, Agreement)
    assert again == of_batches(ledger.House(root), ["b1"])[0]


def test_long_work_is_told_batch_by_batch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(console, "err", console.Screen(shown))
    monkeypatch.setattr(console, "QUIET", 0.0)
    quality.agree(root=root)
    building.build(ledger.House(root))
    list(gold_stale(ledger.House(root)))
    assert "agree: 1 of 1 batches" in shown.getvalue()
    assert "check, gold: 1 of 1 batches" in shown.getvalue()
    assert "build, articles: 3 of 3 articles" in shown.getvalue()
    assert "build, annotations: 2 of 2 files" in shown.getvalue()
    assert "build, agreement: 1 of 1 batches" in shown.getvalue()


def test_the_rate_of_slow_work_is_never_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    clock = itertools.count(0.0, 40.0)
    monkeypatch.setattr(console, "err", console.Screen(shown))
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    list(console.in_turn(["b1", "b2", "b3"], "agree", "batches"))
    assert "agree: 1 of 3 batches, 0.4 a minute" in shown.getvalue()


@pytest.mark.parametrize("there", [False, True])
def test_of_many_articles_that_are_left_out_ten_are_named(root: Path, *, there: bool) -> None:
    """One line for each would be tens of thousands, with the figures somewhere among them."""
    house = ledger.House(root)
    article = SHEETS[0].article if there else synthetic.masked(SHEETS[0].article)
    ids = [f"kelm-post-{n:012x}" for n in range(12)]
    copies = [msgspec.structs.replace(article, id=key) for key in ids]
    ledger.write(house.articles / "more.jsonl", copies)
    for who in ("ann", "bob"):
        row = SHEETS[0].annotation("b2", who)
        if who == "bob" and there:
            next(span for span in row.spans if span.label == "GPE").label = "LOC"
        rows = [msgspec.structs.replace(row, article_id=key) for key in ids]
        ledger.write(house.annotations / "b2" / f"{who}.jsonl", rows)
    told = onrecord("gold", "--batch", "b2", cwd=root).stderr
    if there:
        assert f"  undecided, left out: 12 articles: {ids[0]} (2 items), {ids[1]}" in told
        assert f"{ids[9]} (2 items) and 2 more\n" in told
    else:
        assert f"  no text here, left out (hydrate): 12 articles: {ids[0]}, {ids[1]}, " in told
        told = onrecord("agree", "--batch", "b2", "--format", "json", cwd=root)
        assert (
            f"no text here, not compared (hydrate): 12 articles: {ids[0]}, {ids[1]}, "
            in told.stderr
        )
        assert f"{ids[9]} and 2 more\n" in told.stderr
        assert json.loads(told.stdout)["without_text"] == ids


def test_people_s_figures_never_stand_in_a_column_with_a_model_s(root: Path) -> None:
    told = onrecord("agree", cwd=root).stdout
    (head,) = [line for line in told.splitlines() if line.startswith("layer")]
    assert "published elsewhere" not in head
    assert "Agreement between people that other corpora published" in told.split("SEESAW")[0]
    people = "id,kind,model,version,given\nann,person,,,\nbob,person,,,\n"
    (root / "corpus" / "annotators.csv").write_text(people, encoding="utf-8")
    told = onrecord("agree", cwd=root).stdout
    (head,) = [line for line in told.splitlines() if line.startswith("layer")]
    assert "published elsewhere" in head
    assert "SEESAW F1 0.534" in told


def test_against_itself_every_line_says_1(root: Path) -> None:
    form = json.loads(onrecord("agree", "--self", "--format", "json", cwd=root).stdout)
    assert {f["value"] for g in form["groups"] for f in g["figures"].values()} == {1.0}


def test_an_article_edited_after_labelling_is_refused(root: Path) -> None:
    path = root / "corpus" / "annotations" / "b1" / "bob.jsonl"
    rows = list(ledger.read(path, Annotation))
    rows[0].text_sha256 = "0" * 64
    ledger.write(path, rows)
    told = onrecord("agree", cwd=root, code=1)
    assert "text.other" in told.stderr
    assert "2 articles" in told.stdout


def test_a_batch_without_annotations_is_a_wrong_use(root: Path) -> None:
    told = onrecord("agree", "--batch", "second", cwd=root, code=2)
    assert "onrecord pull --batch second" in told.stderr


def test_a_worker_that_is_killed_is_told() -> None:
    with pytest.raises(DataError, match="a worker was killed; is there enough memory"):
        list(spread(os._exit, [9] * 40, workers=2))


def test_no_process_outlives_a_command_that_was_killed() -> None:
    code = """
from itertools import repeat
from onrecord.quality.spread import spread
list(spread(print, repeat("at work"), workers=2))
"""
    command = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    command.stdout.readline()
    command.kill()
    _, said = command.communicate(timeout=60)  # ends when nobody has the pipes any more
    assert said == b"", "what it left is removed without a word"
