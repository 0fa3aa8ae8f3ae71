"""Leaks between splits: what is one, what is none, and how much of the entities overlap."""

from __future__ import annotations

import msgspec
import pytest

import synthetic
from onrecord.quality import leaks as leaks_stage
from onrecord.quality.leaks import Entities, Leaks, page_of, quoted_sentences, traits
from onrecord.records import Article

LONG = " ".join(f"word{n}" for n in range(60))


def found(*articles: tuple[Article, str]) -> list[str]:
    leaks = Leaks(lambda number: articles[number][0])
    for number, (article, split) in enumerate(articles):
        leaks.add(number, traits(article), split)
    return [rule for _, rule, _ in leaks.faults()]


def article(*paragraphs: str, url: str = "") -> Article:
    made = synthetic.article([("headline", "A headline"), *(("body", p) for p in paragraphs)])
    return msgspec.structs.replace(made, url=url)


def test_nothing_leaks_within_a_split() -> None:
    one = article(LONG, url="https://a.example/1")
    copy = article(f"{LONG} more", url="https://a.example/1")
    assert found((one, "train"), (copy, "train")) == []
    assert found((one, "train"), (copy, "test")) == ["split.leak-near"]


def test_one_leak_is_told_once_and_another_article_s_too() -> None:
    one, two = article(LONG), article(f"{LONG} again and again")
    cut = article(" ".join(LONG.split()[:20]))
    told = found((one, "train"), (two, "train"), (cut, "test"))
    assert told == ["split.leak-near", "split.leak-near"]


@pytest.mark.parametrize("marks", ["“{}”", "„{}“", "«{}»", '"{}"'])
def test_a_quoted_sentence_leaks_in_any_marks(marks: str) -> None:
    said = "We have waited nine winters for that road."
    one = article(LONG, marks.format(f"No! {said}"))
    other = article(f"Nobody came. “{said.upper()}” he said, and went home by the other way.")
    assert found((one, "train"), (other, "validation")) == ["split.leak-quote"]


def test_what_many_say_is_no_leak() -> None:
    assert quoted_sentences("“We will appeal.” “It is what it is,” she said.") == []
    unquoted = "We have waited nine winters for that road."
    assert quoted_sentences(unquoted) == []


@pytest.mark.parametrize(
    "url", ["http://a.example/x", "https://www.a.example/x/", "https://A.example/x#top"]
)
def test_a_page_has_several_addresses(url: str) -> None:
    assert page_of(url) == "a.example/x"


def test_a_query_is_another_page_and_no_url_is_none() -> None:
    assert page_of("https://a.example/x?id=1") != page_of("https://a.example/x?id=2")
    assert page_of("") == ""


def test_what_is_no_url_is_a_page_of_its_own() -> None:
    """Scraped tables have such; `check` ended in a traceback."""
    article = msgspec.structs.replace(synthetic.trams().article, url="http://[a.example/x")
    assert traits(article).page == traits(article).page != 0
    assert page_of("http://[a.example/x") != page_of("http://[a.example/y")


def test_leaks_are_the_same_however_little_is_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "We have waited nine winters for that road."
    articles = [
        (article(LONG, f"“{said}”", url="https://a.example/1"), "train"),
        (article(f"{LONG} again"), "test"),
        (article("Nobody came.", url="https://a.example/1"), "validation"),
        (article(f"He went home. “{said}”"), "test"),
        (article("Nobody came.", url="https://a.example/2"), "train"),
    ]
    whole = found(*articles)
    assert whole == ["split.leak-near", "split.leak-url", "split.leak-quote", "split.leak"]
    monkeypatch.setattr(leaks_stage, "_HELD", 2)
    monkeypatch.setattr(leaks_stage, "_PART", 1)
    assert found(*articles) == whole


def test_entities_overlap_by_wikidata_id_else_by_type_and_name() -> None:
    trams, harbour = synthetic.trams().gold(), synthetic.harbour().gold()
    entities = Entities()
    entities.add(trams, "train")
    entities.add(harbour, "test")
    (told,) = entities.overlaps()
    assert (told.split, told.in_train) == ("test", 0)
    assert told.entities == len({(e.type, e.name) for e in harbour.entities})
    next(e for e in harbour.entities if e.name == "Skerrow").kb_id = "Q1"
    trams.entities[0].kb_id = "Q1"
    entities = Entities()
    entities.add(trams, "train")
    entities.add(harbour, "test")
    (told,) = entities.overlaps()
    assert told.in_train == 1
